//! What a plan advises on the command line: options that exist, and both numbers where one does not
//! fit.

use serde_json::Value;

use super::place::{Place, World, plan};

const PLAN: &[&str] = &[
    "plan",
    "--group",
    "QLIK_ANALYZERS",
    "--license",
    "analyzer",
    "--json",
    "--out",
    "plan.json",
];

fn setting() -> (World, Place) {
    let world = World::scenario("s1");
    let place = Place::new();
    place.with_world(&world, "");
    (world, place)
}

/// Plans with more options; the findings as they are told.
#[track_caller]
fn findings(world: &World, place: &Place, more: &[&str]) -> Vec<Value> {
    let arguments = [PLAN, more].concat();
    let made = place.run_in(world, &arguments);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let said = made.last_json();
    said["findings"].as_array().cloned().expect("findings")
}

fn of<'a>(findings: &'a [Value], code: &str) -> Vec<&'a Value> {
    findings.iter().filter(|one| one["code"] == code).collect()
}

#[test]
fn nothing_advises_a_key_and_each_finding_names_an_option() {
    let (world, place) = setting();
    let all = findings(&world, &place, &[]);
    for (code, option) in [
        ("email-candidate", "--accept-email with that subject"),
        ("email-candidate", "match = [\"subject\", \"email\"]"),
        ("waits-for-seat", "--short fallback --fallback TYPE"),
    ] {
        let found = of(&all, code);
        assert!(!found.is_empty(), "{code}: {all:?}");
        for finding in found {
            let hint = finding["hint"].as_str().expect("a hint");
            assert!(hint.contains(option), "{hint}");
        }
    }
    let shown = place.run(&["show", "plan.json"]).out;
    assert!(
        shown.contains("--accept-email with that subject"),
        "{shown}"
    );
    for finding in &all {
        let hint = finding["hint"].as_str().unwrap_or_default();
        for key in ["with R", " on the row", "mark ", "on Roster"] {
            assert!(!hint.contains(key), "{hint}");
        }
    }
    let wait = of(&all, "waits-for-seat").len();
    let short = ["--short", "leave-out"];
    let left = findings(&world, &place, &short);
    assert_eq!(of(&left, "left-out").len(), wait);
    let hint = of(&left, "left-out")[0]["hint"].as_str().expect("a hint");
    assert!(hint.contains("--short wait"), "{hint}");
}

#[test]
fn one_person_is_accepted_by_the_subject_that_the_finding_names() {
    let (world, place) = setting();
    let before = findings(&world, &place, &[]);
    let candidates = of(&before, "email-candidate");
    let text = candidates[0]["text"].as_str().expect("a text");
    let subject = text
        .split_once("under subject ")
        .and_then(|(_, rest)| rest.split_once(';'))
        .map(|(subject, _)| subject.to_owned())
        .expect("the subject");
    let after = findings(&world, &place, &["--accept-email", &subject]);
    assert_eq!(of(&after, "email-candidate").len() + 1, candidates.len());
    let told = after
        .iter()
        .filter(|one| one["text"] == candidates[0]["text"]);
    assert_eq!(told.count(), 0);
    let wrong = [PLAN, &["--accept-email", "CORP\\nobody"]].concat();
    place.run_in(&world, &wrong).says(
        64,
        &["--accept-email CORP\\nobody", "no user of the tenant"],
    );
    let other = [PLAN, &["--accept-email", "break-glass"]].concat();
    assert_eq!(place.run_in(&world, &other).code, 64);
}

#[test]
fn another_number_of_removals_is_said_with_both() {
    let (world, place) = setting();
    place.with_world(
        &world,
        "[profile.test.identity]\nmatch = [\"subject\", \"email\"]",
    );
    assert_eq!(place.run_in(&world, PLAN).code, 2);
    let applied = place.run_in(&world, &["apply", "plan.json", "--yes"]);
    assert_eq!(applied.code, 0, "{}{}", applied.err, applied.out);

    let revert = ["revert", "last", "--out", "back.json"];
    place.run_in(&world, &revert);
    let removals = plan(&place.path("back.json"))["summary"]["removals"]
        .as_u64()
        .expect("a number");
    assert!(removals > 3, "{removals}");
    let right = removals.to_string();
    let wrong = (removals - 1).to_string();
    let said = place.run_in(
        &world,
        &["apply", "back.json", "--yes", "--allow-removals", &wrong],
    );
    said.says(
        5,
        &[
            &format!("takes {right} things away"),
            &format!("--allow-removals {wrong} is another number"),
            &format!("--allow-removals {right}"),
        ],
    );
    let tight = "[profile.test.guards]\nremovals_stop = \"1%\"";
    place.with_world(&world, tight);
    let stopped = place.run_in(&world, &["revert", "last", "--allow-removals", &wrong]);
    stopped.says(
        5,
        &[
            &format!("{right} removals"),
            &format!("{wrong} were allowed, not {right}"),
            &format!("--allow-removals {right} lets exactly"),
        ],
    );
}
