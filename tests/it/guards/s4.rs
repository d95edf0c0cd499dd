//! S4: the directory goes dark. Removals here are demotions of people named one by one or by a
//! query; what nobody proved takes nothing.

use serde_json::Value;

use crate::cli::place::{Place, World, plan};

/// 500 holders of professional, and enough other people for five pages of Graph.
const WORLD: &str = r#"
title = "S4 The directory goes dark"
seed = 4

[tenant]
allotments = [{ name = "professional", units = 600 }, { name = "analyzer", units = 6000 }]

[[groups]]
name = "QLIK_PRO"
known = true

[[people]]
count = 500
groups = ["QLIK_PRO"]
department = "Finance"
user = { license = "professional" }

[[people]]
count = 20
groups = ["QLIK_PRO"]
department = "Sales"

[[people]]
count = 4000
department = "Plant"
"#;

pub(crate) fn dark(limit: &str, faults: &[&str]) -> (World, Place) {
    let place = Place::new();
    let scenario = place.write("s4.toml", WORLD);
    let scenario = scenario.to_str().expect("a path").to_owned();
    let mut arguments = vec!["--scenario", scenario.as_str()];
    for fault in faults {
        arguments.extend(["--fault", fault]);
    }
    let world = World::start(&arguments);
    let more = format!("[profile.test.guards]\nremovals_stop = \"{limit}\"\n");
    place.with_world(&world, &more);
    (world, place)
}

pub(crate) fn removals(file: &Value) -> u64 {
    file["summary"]["removals"].as_u64().expect("a number")
}

pub(crate) fn codes<'a>(file: &'a Value, code: &str) -> Vec<&'a Value> {
    let findings = file["findings"].as_array().expect("findings").iter();
    findings.filter(|one| one["code"] == code).collect()
}

#[test]
fn s4a_a_read_that_breaks_on_page_three_of_five_takes_nothing() {
    let query = "accountEnabled eq true";
    let arguments = [
        "plan",
        "--query",
        query,
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    let (world, place) = dark("100%", &[]);
    let made = place.run_in(&world, &arguments);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    assert_eq!(
        removals(&plan(&place.path("plan.json"))),
        500,
        "else it demotes"
    );

    let (world, place) = dark("100%", &["403@graph:GET:/users#3+"]);
    let made = place.run_in(&world, &arguments);
    made.says(1, &["directory", "is not proven whole", "403"]);
    let file = plan(&place.path("plan.json"));
    assert_eq!(removals(&file), 0);
    assert!(
        file["sources"][1]["complete"] == false,
        "{}",
        file["sources"]
    );
    assert!(!codes(&file, "incomplete-source").is_empty());
    let shown = place.run(&["show", "plan.json"]).out;
    assert!(
        shown.contains("was not read completely from the directory"),
        "{shown}"
    );
}

#[test]
fn s4b_a_filter_with_a_typing_error_plans_nothing() {
    let (world, place) = dark("20%", &[]);
    let query = "department eq 'Finanse'";
    let made = place.run_in(
        &world,
        &[
            "plan",
            "--query",
            query,
            "--license",
            "analyzer",
            "--out",
            "plan.json",
        ],
    );
    made.says(64, &["finds nobody", "Nothing was planned"]);
    assert!(!place.path("plan.json").exists());
}

/// A table that declares itself whole.
fn table(of_sales: usize) -> String {
    let mut rows = String::from("id,name,mail,enabled,groups\n");
    for number in 0..60 {
        let group = if number < of_sales { "SALES" } else { "PLANT" };
        let row =
            format!("p-{number:02},Person {number:02},p{number:02}@corp.example,true,{group}");
        rows.push_str(&row);
        rows.push('\n');
    }
    rows.push_str("# rows: 60\n");
    rows
}

#[test]
fn a_group_that_was_full_yesterday_and_is_empty_today_switches_removals_off() {
    let world = World::scenario("s16");
    let place = Place::new();
    place.with_file(&world, "people.csv");
    let text = std::fs::read_to_string(place.path("config.toml")).expect("a profile");
    place.write(
        "config.toml",
        &format!("{text}[profile.test.guards]\nremovals_stop = \"100%\"\n"),
    );
    place.write("people.csv", &table(40));
    let give = [
        "plan",
        "--group",
        "SALES",
        "--license",
        "professional",
        "--short",
        "wait",
    ];
    let made = place.run_in(&world, &[&give[..], &["--out", "give.json"]].concat());
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let done = place.run_in(&world, &["apply", "give.json", "--yes"]);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);

    let mut empty = table(0);
    empty = empty.replacen("PLANT", "PLANT;SALES-OLD", 1);
    place.write("people.csv", &empty);
    let take = [
        "plan",
        "--group",
        "PLANT",
        "--person",
        "p00@corp.example",
        "--license",
        "analyzer",
        "--out",
        "take.json",
    ];
    let made = place.run_in(&world, &take);
    made.says(1, &["SALES held 40 people on", "gone from the directory"]);
    assert!(made.out.contains("--accept-size='SALES=0'"), "{}", made.out);
    let file = plan(&place.path("take.json"));
    assert_eq!(removals(&file), 0);
    let doubts = codes(&file, "source-doubt");
    let size = serde_json::json!({"size": {"name": "SALES", "count": 0}});
    assert_eq!(doubts[0]["decision"], size);

    let sure = [&take[..], &["--accept-size", "SALES=0"]].concat();
    let made = place.run_in(&world, &sure);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    assert_eq!(removals(&plan(&place.path("take.json"))), 1);
    let made = place.run_in(&world, &take);
    assert_eq!(made.code, 2, "it was settled: {}{}", made.err, made.out);
}

/// Names of 120 holders, from the tenant's own state.
fn leavers(place: &Place, world: &World) {
    let query = "department eq 'Finance'";
    let probe = [
        "plan",
        "--query",
        query,
        "--license",
        "analyzer",
        "--allow-removals",
        "500",
    ];
    let made = place.run_in(world, &[&probe[..], &["--out", "probe.json"]].concat());
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let file = plan(&place.path("probe.json"));
    let operations = file["operations"].as_array().expect("operations").iter();
    let names: Vec<&str> = operations
        .filter(|one| one["kind"] == "change_license")
        .filter_map(|one| one["subject"].as_str())
        .collect();
    assert_eq!(names.len(), 500);
    place.write("left.txt", &names[..120].join("\n"));
    place.write("more.txt", &names[120..125].join("\n"));
}

#[test]
fn s4c_people_who_really_left_are_held_apart_and_released_by_their_number() {
    let (world, place) = dark("10%", &[]);
    leavers(&place, &world);
    let wish = [
        "plan",
        "--group",
        "QLIK_PRO",
        "--people",
        "left.txt",
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    place.run_in(&world, &wish).says(
        5,
        &[
            "120 removals take something from 120 of 520 people",
            "the limit (removals_stop, 10 %) is 52: the whole plan stops",
            "--hold-removals",
            "--allow-removals 120",
        ],
    );
    assert_eq!(
        plan(&place.path("plan.json"))["operations"],
        serde_json::json!([])
    );

    let held = [&wish[..], &["--hold-removals"]].concat();
    let made = place.run_in(&world, &held);
    assert_eq!(made.code, 3, "held by a limit: {}{}", made.err, made.out);
    let file = plan(&place.path("plan.json"));
    assert_eq!(
        (removals(&file), codes(&file, "removal-held").len()),
        (0, 120)
    );
    assert_eq!(
        file["summary"]["create_user"], 20,
        "the others may be applied"
    );
    let done = place.run_in(&world, &["apply", "plan.json", "--yes"]);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);

    let released = [&wish[..], &["--allow-removals", "120"]].concat();
    let made = place.run_in(&world, &released);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    place.run_in(&world, &["apply", "plan.json", "--yes"]).says(
        5,
        &["the plan takes 120 things away", "--allow-removals 120"],
    );
    let number = ["apply", "plan.json", "--yes", "--allow-removals", "120"];
    let done = place.run_in(&world, &number);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);

    // Five more would pass by themselves; the week says no.
    let next = [
        "plan",
        "--group",
        "QLIK_PRO",
        "--people",
        "more.txt",
        "--license",
        "analyzer",
    ];
    place.run_in(&world, &next).says(
        5,
        &[
            "from 5 of 520 people, with the last 7 days from 125 of 520",
            "in 7 days) is 52",
        ],
    );
}
