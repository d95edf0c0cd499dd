//! S8 through the real program: a colleague was faster. The plan gives out all 30 analyzer seats
//! left; meanwhile 12 are given out past qroll, two of them to people of the plan.

use serde_json::{Value, json};

use super::check::text;
use super::site::ask;
use crate::cli::place::{Place, World, plan};

const PLAN: &[&str] = &[
    "plan",
    "--group",
    "QLIK_ANALYZERS",
    "--license",
    "analyzer",
    "--short",
    "wait",
    "--out",
];

pub(crate) fn subjects_of(plan: &Value) -> Vec<String> {
    let operations = plan["operations"].as_array().expect("operations");
    let subjects = operations
        .iter()
        .map(|operation| text(operation, "subject").to_owned());
    subjects.collect()
}

/// People with a record and without a license who are not in the plan.
fn others(world: &World, planned: &[String]) -> Vec<String> {
    let state = world.state();
    let users = state["users"].as_object().expect("users");
    let free = |subject: &String| {
        let roles = users[subject]["roles"].as_array();
        state["licenses"].get(subject).is_none()
            && !planned.contains(subject)
            && roles.is_some_and(Vec::is_empty)
    };
    users.keys().filter(|key| free(key)).cloned().collect()
}

/// A colleague gives out 12 seats in the browser, two of them to people of the plan.
pub(crate) fn colleague(world: &World, planned: &[String]) {
    let others = others(world, planned);
    let lucky = planned.iter().take(2).chain(others.iter().take(10));
    let items: Vec<Value> = lucky
        .map(|subject| json!({"subject": subject, "type": "analyzer"}))
        .collect();
    assert_eq!(items.len(), 12);
    let body = json!({ "add": items }).to_string();
    let path = "/api/v1/licenses/assignments/actions/add";
    let (status, said) = ask(world, "POST", path, &body);
    assert_eq!(status, 207, "{said}");
    let data = said["data"].as_array().expect("items");
    assert!(data.iter().all(|item| item["status"] == 201), "{said}");
}

#[test]
fn s8_a_colleague_was_faster() {
    let world = World::scenario("s8");
    let place = Place::new();
    place.with_world(&world, "");
    let made = place.run_in(&world, &[PLAN, &["plan.json"]].concat());
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let old = plan(&place.path("plan.json"));
    assert_eq!(old["summary"]["add_license"], 30);
    colleague(&world, &subjects_of(&old));
    let writes = world.writes();

    let applied = place.run_in(&world, &["apply", "plan.json", "--yes"]);
    applied.says(
        7,
        &[
            "12 rows moved since the plan was made; nothing was sent",
            "12 analyzer seats are gone",
            "2 rows done by somebody else",
            "10 rows no longer fit",
        ],
    );
    assert_eq!(world.writes(), writes, "before the first write");
    let rows = |what: &str| {
        applied
            .out
            .lines()
            .filter(|line| line.contains(what))
            .count()
    };
    assert_eq!(rows("is so already"), 2, "{}", applied.out);
    assert_eq!(rows("finds no seat any more"), 10, "{}", applied.out);

    let again = place.run_in(&world, &[PLAN, &["again.json"]].concat());
    assert_eq!(again.code, 2, "{}{}", again.err, again.out);
    let new = plan(&place.path("again.json"));
    assert_eq!(new["summary"]["add_license"], 18);
    assert_eq!(new["summary"]["waiting"], 10);
    let applied = place.run_in(&world, &["apply", "again.json", "--yes"]);
    assert_eq!(applied.code, 0, "{}{}", applied.err, applied.out);
    let state = world.state();
    let holds = |subject: &String| state["licenses"].get(subject).is_some();
    let holders = subjects_of(&old).iter().filter(|who| holds(who)).count();
    assert_eq!(holders, 20, "2 by the colleague, 18 by the plan");

    let writes = world.writes();
    let refused = place.run_in(&world, &["apply", "plan.json", "--yes"]);
    refused.says(7, &["30 rows moved", "20 rows done by somebody else"]);
    let named = subjects_of(&old);
    let listed = |who: &String| {
        refused
            .out
            .lines()
            .any(|line| line.starts_with(who.as_str()))
    };
    assert!(
        named.iter().all(listed),
        "all rows are listed\n{}",
        refused.out
    );
    assert_eq!(world.writes(), writes);
}
