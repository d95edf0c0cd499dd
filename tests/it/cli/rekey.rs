//! S9: another identity provider sends other subjects. Licenses move to them without a seat; who
//! cannot be told is listed and left alone, and nothing is deleted.

use serde_json::Value;

use super::place::{Place, World, plan};

fn found<'a>(file: &'a Value, code: &str) -> Vec<&'a Value> {
    let findings = file["findings"].as_array().expect("findings").iter();
    findings.filter(|one| one["code"] == code).collect()
}

/// Licenses that still sit on a subject of the old provider.
fn old_seats(world: &World) -> usize {
    let state = world.state();
    let licenses = state["licenses"].as_object().expect("licenses");
    assert_eq!(licenses.len(), 300, "no seat more and none less");
    let old = licenses
        .keys()
        .filter(|subject| subject.starts_with("ACME\\"));
    old.count()
}

#[test]
fn s9_licenses_follow_to_the_new_subjects() {
    let world = World::scenario("s9");
    let place = Place::new();
    place.with_world(&world, "");
    assert_eq!(old_seats(&world), 300);
    let arguments = ["plan", "--all", "--rekey", "--out", "plan.json"];
    let made = place.run_in(&world, &arguments);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let file = plan(&place.path("plan.json"));
    let operations = file["operations"].as_array().expect("operations");
    assert_eq!(operations.len(), 290);
    assert!(operations.iter().all(|one| one["kind"] == "move_license"));
    assert_eq!(
        file["summary"]["waiting"], 0,
        "no seat is needed at any step"
    );
    assert_eq!(found(&file, "same-name").len(), 6, "for a match by hand");
    assert_eq!(
        found(&file, "shared-mailbox").len(),
        4,
        "two mailboxes, four people"
    );
    let said = found(&file, "subject-unproven");
    assert_eq!(said.len(), 1);
    assert_eq!(
        said[0]["severity"], "note",
        "the provider says so: {said:?}"
    );
    assert!(said[0]["text"].as_str().expect("text").contains("0 of 290"));

    let applied = place.run_in(&world, &["apply", "plan.json", "--yes"]);
    assert_eq!(applied.code, 0, "{}{}", applied.err, applied.out);
    assert_eq!(old_seats(&world), 10);

    let again = place.run_in(&world, &["plan", "--all", "--rekey", "--out", "again.json"]);
    assert_eq!(again.code, 0, "{}{}", again.err, again.out);
    let file = plan(&place.path("again.json"));
    assert_eq!(
        found(&file, "same-name").len() + found(&file, "shared-mailbox").len(),
        10
    );
    let shown = place.run(&["show", "again.json"]);
    let named = shown.out.lines().filter(|line| {
        let alike = line.contains("has the name of the user with subject ACME\\");
        let shared = line.contains("share this mailbox") && line.contains("user ACME\\");
        alike || shared
    });
    assert_eq!(
        named.count(),
        10,
        "each with the old subject: {}",
        shown.out
    );
}

#[test]
fn a_license_wish_and_a_move_of_licenses_exclude_each_other() {
    let place = Place::new();
    let made = place.run(&["plan", "--all", "--rekey", "--license", "analyzer"]);
    assert_eq!(made.code, 64, "{}", made.err);
    assert!(made.err.contains("--rekey"), "{}", made.err);
}
