//! Taking a run back, through the real binary: S14, what no plan can take back, and looking back.

use serde_json::Value;

use super::place::{Place, World, plan};

const GIVE: &[&str] = &[
    "plan",
    "--group",
    "QLIK_ANALYZERS",
    "--license",
    "professional",
    "--out",
    "given.json",
];

fn count(plan: &Value, name: &str) -> u64 {
    plan["summary"][name].as_u64().unwrap_or(0)
}

fn found<'a>(plan: &'a Value, code: &str) -> Vec<&'a Value> {
    let findings = plan["findings"].as_array().expect("findings");
    findings.iter().filter(|one| one["code"] == code).collect()
}

fn subjects(plan: &Value, kind: &str) -> Vec<String> {
    let operations = plan["operations"].as_array().expect("operations");
    operations
        .iter()
        .filter(|operation| operation["kind"] == kind)
        .filter_map(|operation| operation["subject"].as_str().map(str::to_owned))
        .collect()
}

/// Makes and applies the mistake; gives the run's name and who got a license and had none.
fn mistake(world: &World, place: &Place) -> (String, Vec<String>) {
    place.with_world(world, "");
    let made = place.run_in(world, GIVE);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let given = plan(&place.path("given.json"));
    assert_eq!(count(&given, "add_license"), 30);
    assert_eq!(count(&given, "change_license"), 8);
    let done = place.run_in(world, &["apply", "given.json", "--yes", "--json"]);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);
    let run = done.last_json()["run"].as_str().expect("a run").to_owned();
    (run, subjects(&given, "add_license"))
}

#[test]
fn s14_wrong_group() {
    let world = World::scenario("s14");
    let place = Place::new();
    let before = world.state();
    let (run, given) = mistake(&world, &place);

    let owner = &given[0];
    assert!(world.act(owner, Some("Margins by region")));
    for who in &given[1..5] {
        assert!(world.act(who, None));
    }
    let by_hand = &given[29];
    world.call(
        "POST",
        "/api/v1/licenses/assignments/actions/delete",
        &serde_json::json!({"delete": [{"subject": by_hand, "type": "professional"}]}),
    );

    let made = place.run_in(&world, &["revert", &run, "--out", "back.json"]);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let back = plan(&place.path("back.json"));
    assert_eq!(back["reverts"], run.as_str());
    assert_eq!(count(&back, "people"), 38);
    assert_eq!(count(&back, "remove_license"), 28);
    assert_eq!(count(&back, "change_license"), 8);
    assert_eq!(
        count(&back, "skipped"),
        2,
        "the one put back and the one held"
    );
    assert_eq!(found(&back, "no-longer-ours").len(), 1, "{}", made.out);
    assert_eq!(found(&back, "held-for-decision").len(), 1, "{}", made.out);
    assert_eq!(found(&back, "signed-in-since").len(), 4, "{}", made.out);
    let returned = subjects(&back, "remove_license");
    assert!(!returned.contains(owner) && !returned.contains(by_hand));
    let held = &found(&back, "held-for-decision")[0];
    assert!(held["text"].as_str().unwrap().contains("Margins by region"));
    assert!(made.out.contains("Margins by region"), "{}", made.out);

    applied(&world, &place, &run);
    let after = world.state();
    assert_eq!(
        after["licenses"][owner],
        serde_json::json!(["professional"])
    );
    let mut wished = before.clone();
    wished["licenses"][owner] = serde_json::json!(["professional"]);
    assert_eq!(
        after["licenses"], wished["licenses"],
        "as before, but for the one held"
    );

    decided(&world, &place, &run, owner);
    assert_eq!(world.state()["licenses"], before["licenses"]);
}

/// Applies the reversal: the number of removals is wanted, and both runs point to each other.
fn applied(world: &World, place: &Place, run: &str) {
    place
        .run_in(world, &["apply", "back.json", "--yes"])
        .says(5, &["--allow-removals 36"]);
    let arguments = [
        "apply",
        "back.json",
        "--yes",
        "--allow-removals",
        "36",
        "--json",
    ];
    let done = place.run_in(world, &arguments);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);
    let reversal = done.last_json()["run"].as_str().expect("a run").to_owned();
    assert_eq!(done.last_json()["applied"], 36);
    let runs = place.run(&["runs", "--json"]);
    let lines: Vec<Value> = runs
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 2, "the original record stays");
    assert_eq!(
        (&lines[0]["run"], &lines[0]["reverts"]),
        (&reversal.into(), &run.into())
    );
    assert_eq!(
        (&lines[1]["run"], &lines[1]["reverted_by"]),
        (&run.into(), &lines[0]["run"])
    );
    assert!(place.run(&["runs"]).out.contains("reversal: run"));
}

/// The one that was held, once somebody decided; then nothing is left.
fn decided(world: &World, place: &Place, run: &str, owner: &str) {
    let arguments = ["revert", run, "--include", owner, "--out", "rest.json"];
    let made = place.run_in(world, &arguments);
    made.says(2, &["was taken back before"]);
    let rest = plan(&place.path("rest.json"));
    assert_eq!(subjects(&rest, "remove_license"), [owner]);
    assert_eq!(count(&rest, "operations"), 1);
    // The week counts: the reversal before took something from 36 people.
    place
        .run_in(world, &["apply", "rest.json", "--yes"])
        .says(5, &["in 7 days from 37 of", "--allow-removals 1"]);
    let number = ["apply", "rest.json", "--yes", "--allow-removals", "1"];
    let done = place.run_in(world, &number);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);
    let again = place.run_in(world, &["revert", run, "--json"]);
    assert_eq!(again.code, 0, "{}{}", again.err, again.out);
    assert_eq!(count(&again.last_json(), "operations"), 0);
}

#[test]
fn somebody_who_is_nobody_cannot_be_included() {
    let world = World::scenario("s14");
    let place = Place::new();
    mistake(&world, &place);
    let made = place.run_in(&world, &["revert", "last", "--include", "nobody", "--json"]);
    assert_eq!(made.code, 1, "{}{}", made.err, made.out);
    assert_eq!(found(&made.last_json(), "unknown-person").len(), 1);
    place
        .run_in(&world, &["revert", "none"])
        .says(64, &["there is no run none"]);
}

#[test]
fn looking_back_tells_what_still_stands() {
    let world = World::scenario("s14");
    let place = Place::new();
    let (run, given) = mistake(&world, &place);
    let same = place.run_in(&world, &["runs", "--verify", &run]);
    assert_eq!(same.code, 0, "{}{}", same.err, same.out);
    assert!(same.out.contains("38 as the run left them"), "{}", same.out);
    let writes = world.writes();
    world.call(
        "POST",
        "/api/v1/licenses/assignments/actions/delete",
        &serde_json::json!({"delete": [{"subject": given[3], "type": "professional"}]}),
    );
    let moved = place.run_in(&world, &["runs", "--verify", "last"]);
    assert_eq!(moved.code, 7, "{}{}", moved.err, moved.out);
    assert!(
        moved
            .out
            .contains("37 as the run left them, 1 changed since"),
        "{}",
        moved.out
    );
    assert!(
        moved
            .out
            .contains("left license professional, now no license"),
        "{}",
        moved.out
    );
    assert_eq!(world.writes(), writes + 1, "looking writes nothing");
    assert_eq!(place.run(&["runs", "--verify"]).code, 0);
    place
        .run(&["--demo", "runs", "--verify", &run])
        .says(64, &["does not go with"]);
}

#[test]
fn looking_back_settles_what_a_crash_left_open() {
    let world = World::scenario("s14");
    let place = Place::new();
    let (run, _) = mistake(&world, &place);
    let path = place.path(&format!("state/runs/{run}.journal"));
    let whole = std::fs::read_to_string(&path).unwrap();
    // As if the power had gone right behind the first intent.
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let first = lines
        .iter()
        .position(|line| line.contains("\"kind\":\"intent\""))
        .unwrap();
    std::fs::write(&path, lines[..=first].concat()).unwrap();
    let listed = place.run(&["runs", "--json"]).last_json();
    assert_eq!(listed["finished"], false);
    let seen = place.run_in(&world, &["runs", "--verify", &run, "--json"]);
    assert_eq!(seen.code, 0, "{}{}", seen.err, seen.out);
    let tally = seen.last_json();
    let settled = tally["settled-applied"].as_u64().unwrap();
    assert!(settled > 0, "{tally}");
    assert_eq!(
        listed["open"], settled,
        "what only reading can tell: {listed}"
    );
    let said = place.run(&["runs"]).out;
    let open = format!("{settled} sent without an answer");
    assert!(said.contains(&open), "{said}");
    assert_eq!(settled + tally["not-done"].as_u64().unwrap(), 38);
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        lines[..=first].concat()
    );
    let back = place.run_in(&world, &["revert", &run, "--json"]);
    assert_eq!(back.code, 0, "{}{}", back.err, back.out);
    let unsettled = found(&back.last_json(), "not-settled").len() as u64;
    assert_eq!(
        unsettled, settled,
        "what is not known to be ours is left alone"
    );
}

#[test]
fn a_record_that_was_touched_is_not_trusted() {
    let world = World::scenario("s14");
    let place = Place::new();
    let (run, _) = mistake(&world, &place);
    let path = place.path(&format!("state/runs/{run}.journal"));
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, whole.replacen("\"applied\"", "\"already\"", 1)).unwrap();
    let all = place.run(&["runs", "--verify"]);
    assert_eq!(all.code, 74, "{}{}", all.err, all.out);
    assert!(all.out.contains("NOT TO BE TRUSTED"), "{}", all.out);
    assert_eq!(place.run_in(&world, &["runs", "--verify", &run]).code, 74);
    place
        .run_in(&world, &["revert", &run])
        .says(74, &["cannot be trusted"]);
    std::fs::write(&path, whole).unwrap();
    let beside = place.path(&format!("state/runs/{run}.plan.json"));
    let text = std::fs::read_to_string(&beside).unwrap();
    std::fs::write(&beside, text.replacen("professional", "analyzer", 1)).unwrap();
    assert_eq!(place.run(&["runs", "--verify"]).code, 74);
}
