//! Which tenant something belongs to: every embedded world is one of its own, and stays it; the list of
//! runs says of which tenant each was.

use serde_json::Value;

use super::place::{Place, World, plan};

const PLAN: &[&str] = &[
    "plan",
    "--group",
    "QLIK_ANALYZERS",
    "--license",
    "analyzer",
    "--out",
    "plan.json",
];

/// Makes the plan against this world, as the only profile; gives the tenant's id.
fn planned(world: &World, place: &Place) -> String {
    place.with_world(world, "");
    let made = place.run_in(world, PLAN);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let file = plan(&place.path("plan.json"));
    file["tenant"]["id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_plan_for_one_world_is_refused_by_another_in_its_place() {
    let place = Place::new();
    let world = World::scenario("demo");
    let first = planned(&world, &place);
    let address = world.text("qlik_url").to_owned();
    let (_, port) = address.rsplit_once(':').expect("a port");
    drop(world);

    // Another world at the same address: nothing but the id tells them apart.
    let other = ["--scenario", "demo", "--seed", "77", "--qlik-port", port];
    let seeded = World::start(&other);
    place.with_world(&seeded, "");
    let told = format!("the plan is for tenant {first} at ");
    place
        .run_in(&seeded, &["apply", "plan.json", "--yes"])
        .says(5, &[&told]);
    assert_eq!(seeded.writes(), 0);

    // The same world on other ports, after a restart: it is the same tenant.
    assert_eq!(planned(&World::scenario("demo"), &place), first);
}

/// Gives one person a space, and applies it; gives the tenant's id.
fn applied(world: &World, place: &Place) -> String {
    let id = planned(world, place);
    let done = place.run_in(world, &["apply", "plan.json", "--yes"]);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);
    std::fs::remove_file(place.path("plan.json")).expect("the plan");
    id
}

#[test]
fn the_list_of_runs_says_of_which_tenant_each_was() {
    let place = Place::new();
    let world = World::scenario("demo");
    let first = applied(&world, &place);
    let host = world.text("qlik_url").trim_start_matches("http://");
    let listed = place.run(&["runs"]).out;
    let told = format!("Z  {host}  plan ");
    assert!(listed.contains(&told), "{listed}");
    assert!(!listed.contains(&first), "one tenant only: {listed}");
    let json = place.run(&["runs", "--json"]).last_json();
    assert_eq!(json["tenant"], world.text("qlik_url"));
    assert_eq!(json["tenant_id"], Value::from(first.as_str()));

    // Another tenant that has had the same address is told apart by its id.
    let (_, port) = host.rsplit_once(':').expect("a port");
    let (host, port) = (host.to_owned(), port.to_owned());
    drop(world);
    let other = ["--scenario", "demo", "--seed", "77", "--qlik-port", &port];
    let second = applied(&World::start(&other), &place);
    let listed = place.run(&["runs"]).out;
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    for (line, id) in lines.iter().zip([second, first]) {
        assert!(line.contains(&format!("{host} ({id})  plan ")), "{listed}");
    }
}
