//! What a person reviews: names beside subjects, what blocks a plan, and files left alone.

use std::fs;

use serde_json::Value;

use super::place::{Place, World, plan};

const PEOPLE: &str = "id,name,mail,enabled,groups\n\
    9b1c-7f,Ada Test,ada@corp.example,true,QLIK_TEST\n\
    9b1c-80,Ben Test,ben@corp.example,true,QLIK_TEST\n";

const PLAN: &[&str] = &[
    "plan",
    "--group",
    "QLIK_TEST",
    "--license",
    "analyzer",
    "--out",
    "plan.json",
];

fn setting() -> (World, Place) {
    let world = World::scenario("s16");
    let place = Place::new();
    place.with_file(&world, "people.csv");
    place.write("people.csv", PEOPLE);
    (world, place)
}

#[test]
fn people_who_are_users_already_are_shown_by_name() {
    let (world, place) = setting();
    place.run_in(&world, &["plan", "--all", "--out", "first.json"]);
    let first = place.run_in(&world, &["apply", "first.json", "--yes"]);
    assert_eq!(first.code, 0, "{}{}", first.err, first.out);

    let made = place.run_in(&world, PLAN);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    assert!(
        made.out.contains("Ada Test (ada@corp.example)\n"),
        "{}",
        made.out
    );
    let file = plan(&place.path("plan.json"));
    let operation = &file["operations"][0];
    assert_eq!(operation["kind"], "add_license");
    assert_eq!(operation["name"], "Ada Test");
    assert_eq!(operation["mail"], "ada@corp.example");
    let shown = place.run(&["show", "plan.json"]);
    assert!(
        shown.out.contains("Ada Test (ada@corp.example)\n"),
        "{}",
        shown.out
    );

    let done = place.run_in(&world, &["apply", "plan.json", "--yes", "--json"]);
    let who: Vec<String> = done
        .out
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|line| line["who"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(who, ["Ada Test", "Ben Test"], "{}{}", done.out, done.err);
}

#[test]
fn tenant_roles_are_shown_by_name() {
    let (world, place) = setting();
    let arguments = |role| ["plan", "--all", "--role", role, "--out", "plan.json"];
    let first = arguments("AnalyticsAdmin");
    assert_eq!(place.run_in(&world, &first).code, 2);
    let shown = place.run(&["show", "plan.json"]).out;
    assert!(shown.contains(", tenant roles AnalyticsAdmin "), "{shown}");
    let applied = place.run_in(&world, &["apply", "plan.json", "--yes"]);
    assert_eq!(applied.code, 0, "{}{}", applied.err, applied.out);

    let second = arguments("DataAdmin");
    let made = place.run_in(&world, &second);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let shown = place.run(&["show", "plan.json"]).out;
    let change = ": AnalyticsAdmin -> AnalyticsAdmin, DataAdmin\n";
    assert!(shown.contains(change), "{shown}");
    let file = plan(&place.path("plan.json"));
    let roles: Vec<&Value> = file["roles"].as_object().expect("roles").values().collect();
    assert_eq!(roles.len(), 2, "{roles:?}");
    // The changes hold what is sent.
    assert!(!file["operations"].to_string().contains("\"DataAdmin\""));
}

#[test]
fn names_are_under_the_hash() {
    let (world, place) = setting();
    assert_eq!(place.run_in(&world, PLAN).code, 2);
    let text = fs::read_to_string(place.path("plan.json")).unwrap();
    place.write(
        "edited.json",
        &text.replace("\"name\":\"Ada Test\"", "\"name\":\"Eve\""),
    );
    place
        .run(&["show", "edited.json"])
        .says(7, &["was edited or damaged"]);
}

#[test]
fn a_file_that_is_no_plan_is_not_overwritten() {
    let (world, place) = setting();
    place.write("plan.json", "{\"my\": \"notes\"}\n");
    place
        .run_in(&world, PLAN)
        .says(64, &["is no plan of qroll", "not overwritten"]);
    assert_eq!(
        fs::read_to_string(place.path("plan.json")).unwrap(),
        "{\"my\": \"notes\"}\n"
    );
    place.write("plan.json", "");
    assert_eq!(
        place.run_in(&world, PLAN).code,
        2,
        "an empty file holds nothing"
    );
    assert_eq!(
        place.run_in(&world, PLAN).code,
        2,
        "a plan gives way to a plan"
    );
}

#[test]
fn a_plan_for_another_tenant_and_a_link_are_not_overwritten() {
    let (world, place) = setting();
    assert_eq!(place.run_in(&world, PLAN).code, 2);
    let text = fs::read_to_string(place.path("plan.json")).unwrap();
    let own = plan(&place.path("plan.json"))["tenant"]["id"].clone();
    let own = own.as_str().expect("an id");
    let other = place.write("plan.json", &text.replace(own, "tenant-of-others"));
    place.run_in(&world, PLAN).says(
        64,
        &[
            "is a plan for another tenant, http://",
            "it is not overwritten",
            "Give --out another name",
        ],
    );
    assert!(
        fs::read_to_string(&other)
            .unwrap()
            .contains("tenant-of-others")
    );
    fs::rename(&other, place.path("kept.json")).unwrap();
    std::os::unix::fs::symlink(place.path("kept.json"), &other).unwrap();
    place
        .run_in(&world, PLAN)
        .says(64, &["is not a regular file", "it is not overwritten"]);
}

#[test]
fn the_screen_saves_a_plan_over_a_plan_and_over_nothing_else() {
    let (world, place) = setting();
    let mine = place.write("plan.json", "{\"my\": \"notes\"}\n");
    let mut terminal = place.terminal(&world, &[], 120);
    terminal.wait("both sides", |screen| screen.contains("read just now"));
    terminal.keys("*l");
    terminal.wait_for("analyzer");
    terminal.keys("a");
    terminal.keys("p");
    terminal.wait_for("nothing was sent");
    terminal.keys("e");
    terminal.wait_for("plan.json is there already and is no plan of qroll");
    assert_eq!(fs::read_to_string(&mine).unwrap(), "{\"my\": \"notes\"}\n");
    fs::remove_file(&mine).unwrap();
    terminal.keys("e");
    terminal.wait("the file", |_| mine.exists());
}

#[test]
fn an_unknown_space_role_is_answered_with_a_near_one() {
    let (world, place) = setting();
    place
        .run_in(&world, &["plan", "--all", "--space", "Board=consumr"])
        .says(
            64,
            &[
                "no space role called \"consumr\"",
                "Did you mean \"consumer\"",
            ],
        );
}

#[test]
fn a_template_that_nobody_can_fill_is_refused() {
    let (world, place) = setting();
    let config = fs::read_to_string(place.path("config.toml")).unwrap();
    place.write(
        "config.toml",
        &format!("{config}[profile.test.identity]\nsubject = \"{{foo}}\"\n"),
    );
    place.run_in(&world, PLAN).says(
        64,
        &[
            "the attribute \"foo\"",
            "none of the 2 people",
            "id, name, mail",
        ],
    );
    assert!(!place.path("plan.json").exists());
}

#[test]
fn a_plan_that_is_blocked_says_so_and_recommends_nothing() {
    let (world, place) = setting();
    let mut arguments = PLAN.to_vec();
    arguments.extend(["--space", "Board=codeveloper"]);
    let done = place.run_in(&world, &arguments);
    done.says(
        1,
        &["Not to be applied:", "codeveloper", "to be looked at only"],
    );
    assert!(!done.err.contains("Next:"), "{}", done.err);
    place
        .run_in(&world, &["apply", "plan.json", "--yes"])
        .says(5, &["must not be applied"]);
    assert_eq!(world.writes(), 0);
}

#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    let (world, place) = setting();
    let full = || {
        fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    for arguments in [
        &["runs"][..],
        &["man"],
        &["completions", "bash"],
        &["--help"],
    ] {
        let status = place.command(arguments).stdout(full()).status().unwrap();
        assert_eq!(status.code(), Some(1), "{arguments:?}");
    }
    assert_eq!(place.run_in(&world, PLAN).code, 2);
    let output = place
        .command(&["show", "plan.json"])
        .stdout(full())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("the output could not be written"), "{said}");
}
