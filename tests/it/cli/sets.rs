//! Set logic of groups on the command line: in A and in B, in A and not in B.

use serde_json::Value;

use super::by_keys::Desk;
use super::place::{Place, World, plan};

/// 3 in A only, 2 in both, 4 in B only, 1 in A who holds professional; A is larger than B.
const WORLD: &str = r#"
title = "Sets"
seed = 5
[tenant]
allotments = [{ name = "professional", units = 10 }, { name = "analyzer", units = 50 }]
[[groups]]
name = "A"
[[groups]]
name = "B"
[[people]]
count = 3
groups = ["A"]
[[people]]
count = 2
groups = ["A", "B"]
user = { license = "analyzer" }
[[people]]
count = 4
groups = ["B"]
[[people]]
count = 1
groups = ["A"]
user = { license = "professional" }
[[people]]
count = 20
user = { license = "analyzer" }
"#;

fn world(place: &Place) -> World {
    let scenario = place.write("world.toml", WORLD);
    let world = World::start(&["--scenario", &scenario.to_string_lossy()]);
    place.with_world(&world, "[profile.test.guards]\nremovals_stop = \"100%\"\n");
    world
}

fn planned(place: &Place, world: &World, who: &[&str]) -> Value {
    drop(std::fs::remove_file(place.path("plan.json")));
    let made = place.run_in(world, &[&["plan", "--out", "plan.json"], who].concat());
    assert!(matches!(made.code, 0 | 2), "{}{}", made.err, made.out);
    plan(&place.path("plan.json"))
}

fn count(plan: &Value, name: &str) -> u64 {
    plan["summary"][name].as_u64().unwrap_or(0)
}

#[test]
fn in_both_and_in_one_but_not_the_other() {
    let place = Place::new();
    let world = world(&place);
    let analyzer = ["--license", "analyzer"];
    let both = planned(
        &place,
        &world,
        &[&["--group", "A", "--also-in", "B"], &analyzer[..]].concat(),
    );
    assert_eq!(count(&both, "people"), 2);
    assert_eq!(count(&both, "operations"), 0, "they hold it already");

    let only = planned(
        &place,
        &world,
        &[&["--group", "A", "--not-in", "B"], &analyzer[..]].concat(),
    );
    assert_eq!(count(&only, "people"), 4);
    assert_eq!(count(&only, "create_user"), 3);
    assert_eq!(count(&only, "add_license"), 3);
    assert_eq!(
        count(&only, "change_license"),
        0,
        "by groups nobody is demoted"
    );

    let neither = planned(
        &place,
        &world,
        &[
            "--all",
            "--not-in",
            "A",
            "--not-in",
            "B",
            "--license",
            "none",
        ],
    );
    assert_eq!(count(&neither, "remove_license"), 20);
}

#[test]
fn a_group_that_shrank_or_is_not_whole_takes_from_nobody() {
    let place = Place::new();
    let scenario = "title = \"Old\"\nseed = 3\n[tenant]\nallotments = [{ name = \"analyzer\", units = 90 }]\n\
        [[users]]\ncount = 20\nuser = { subject = \"old-{n}\", license = \"analyzer\" }\n";
    let scenario = place.write("world.toml", scenario);
    let world = World::start(&["--scenario", &scenario.to_string_lossy()]);
    place.with_file(&world, "people.csv");
    let table = |staff: &str| {
        let line = |n: u64| {
            let group = if n <= 18 { staff } else { "" };
            format!("old-{n},Old {n},old-{n}@corp.example,true,{group}\n")
        };
        let lines: String = (1..=20).map(line).collect();
        format!("id,name,mail,enabled,groups\n{lines}other,Other,,true,Staff\n# rows: 21\n")
    };
    let who = ["--all", "--not-in", "Staff", "--license", "none"];
    place.write("people.csv", &table("Staff"));
    let first = planned(&place, &world, &who);
    assert_eq!(count(&first, "remove_license"), 2, "{first}");
    place.write("people.csv", &table(""));
    let out = [&["plan", "--out", "later.json"], &who[..]].concat();
    let made = place.run_in(&world, &out);
    made.says(1, &["Staff held 19"]);
    let later = plan(&place.path("later.json"));
    assert_eq!(count(&later, "remove_license"), 0, "{later}");
    let findings = later["findings"].as_array().expect("findings");
    assert!(
        findings.iter().any(|one| one["code"] == "source-doubt"),
        "{later}"
    );
}

/// What a plan does, without what each making of it has of its own.
fn work(plan: &Value) -> &Value {
    &plan["operations"]
}

#[test]
fn by_keys_the_plan_is_that_of_the_command() {
    let place = Place::new();
    let world = world(&place);
    let query = "[profile.test.directory.queries]\nones = \"startsWith(displayName,'Zz')\"\n";
    let guards = "[profile.test.guards]\nremovals_stop = \"100%\"\n";
    place.with_world(&world, &format!("{query}{guards}"));
    let who = ["--group", "A", "--not-in", "B", "--license", "analyzer"];
    let by_command = planned(&place, &world, &who);
    let mut desk = Desk::on(world, place);
    desk.terminal.wait_for("[ ] ones");
    desk.mark_group("A");
    desk.keys("<esc>", "[ ] B");
    desk.keys("<down>", "[ ] B");
    desk.keys("-", "only in A, not in B");
    desk.keys("l", "analyzer");
    desk.keys("a", "license analyzer for the people in A, not in B");
    desk.keys("p", "nothing was sent");
    desk.keys("e", "written:");
    let by_keys = plan(&desk.place.path("plan.json"));
    assert_eq!(work(&by_keys), work(&by_command));
    let operations = work(&by_keys).as_array().expect("operations");
    assert_eq!(operations.len(), 6);
    for operation in operations {
        let why = operation["why"].as_str().unwrap_or_default();
        assert!(why.ends_with("; in A, not in B"), "{why}");
    }
    let shown = desk.place.run(&["show", "plan.json"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(shown.out.contains("in A, not in B"), "{}", shown.out);
}
