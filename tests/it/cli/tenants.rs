//! Which tenant something belongs to: every embedded world is one of its own, and stays it.

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
