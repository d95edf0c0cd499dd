//! `--license none`: licenses are taken back on the command line as on the screen, by group and by
//! name, with the same guards and without a record for anybody.

use serde_json::Value;

use super::place::{Place, World, plan};

/// The kinds of a plan's operations, each once.
fn kinds(plan: &Value) -> Vec<&str> {
    let operations = plan["operations"].as_array().expect("operations");
    let mut kinds: Vec<&str> = operations
        .iter()
        .filter_map(|operation| operation["kind"].as_str())
        .collect();
    kinds.dedup();
    kinds
}

fn seats(world: &World) -> usize {
    let state = world.state();
    state["licenses"].as_object().map_or(0, |all| {
        all.values()
            .map(|kinds| kinds.as_array().map_or(0, Vec::len))
            .sum()
    })
}

#[test]
fn a_group_gives_its_licenses_back_and_nobody_gets_a_record() {
    let world = World::scenario("demo");
    let place = Place::new();
    place.with_world(&world, "");
    let take = [
        "plan",
        "--group",
        "QLIK_ANALYZERS",
        "--license",
        "none",
        "--out",
        "plan.json",
    ];
    let made = place.run_in(&world, &take);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let file = plan(&place.path("plan.json"));
    assert_eq!(kinds(&file), ["remove_license"], "{}", made.out);
    let removals = file["summary"]["removals"].as_u64().expect("a number");
    assert!(removals > 0);
    assert_eq!(file["summary"]["remove_license"], removals);

    let before = seats(&world);
    // As on the screen, what is taken has to be confirmed with its number.
    let unsaid = place.run_in(&world, &["apply", "plan.json", "--yes"]);
    assert_ne!(unsaid.code, 0, "{}{}", unsaid.err, unsaid.out);
    assert_eq!(seats(&world), before);
    let number = removals.to_string();
    let said = ["apply", "plan.json", "--yes", "--allow-removals", &number];
    let done = place.run_in(&world, &said);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);
    assert_eq!(
        seats(&world),
        before - usize::try_from(removals).expect("a number")
    );

    let again = place.run_in(&world, &take);
    assert_eq!(again.code, 0, "{}{}", again.err, again.out);
    // Seats of users of whom nobody said that they are the same stay: it is not all as wished, and nothing says so.
    assert!(!again.out.contains("as wished."), "{}", again.out);
    assert!(again.out.contains("What is not as wished"), "{}", again.out);
    // The five have one hint, which stands once.
    let hint = "accept it as the same person";
    assert_eq!(again.out.matches(hint).count(), 1, "{}", again.out);
    let told = format!("these 5: {hint}");
    assert!(again.out.contains(&told), "{}", again.out);
}

#[test]
fn one_person_gives_a_license_back_and_gets_a_space() {
    let world = World::scenario("demo");
    let place = Place::new();
    place.with_world(&world, "");
    let take = [
        "plan",
        "--person",
        "anna.andersson@corp.example",
        "--license",
        "none",
        "--space",
        "Board=consumer",
        "--out",
        "plan.json",
    ];
    let made = place.run_in(&world, &take);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let file = plan(&place.path("plan.json"));
    let operations = file["operations"].as_array().expect("operations");
    let took: Vec<&Value> = operations
        .iter()
        .filter(|operation| operation["kind"] == "remove_license")
        .collect();
    assert_eq!(took.len(), 1, "{}", made.out);
    assert_eq!(took[0]["mail"], "anna.andersson@corp.example");
    assert_eq!(took[0]["before"]["license"], "analyzer", "{}", took[0]);
    assert_eq!(file["summary"]["add_space_assignment"], 1, "{}", made.out);
}

#[test]
fn no_seat_can_be_short_where_none_is_wished() {
    let world = World::scenario("s16");
    let place = Place::new();
    place.with_world(&world, "");
    let take = [
        "plan",
        "--all",
        "--license",
        "none",
        "--short",
        "wait",
        "--out",
        "plan.json",
    ];
    place.run_in(&world, &take).says(
        64,
        &["--license none takes licenses back", "Leave out --short"],
    );
    assert!(!place.path("plan.json").exists());
    let wrong = ["plan", "--all", "--license", "zzz", "--out", "plan.json"];
    place
        .run_in(&world, &wrong)
        .says(64, &["\"none\" takes licenses back"]);
    let help = place.run(&["plan", "--help"]).out;
    assert!(help.contains("\"none\" to take theirs back"), "{help}");
}
