//! The first run on a tenant wants one reviewed plan.

use crate::cli::place::{Place, World};

const PEOPLE: &str = "id,name,mail,enabled,groups\n\
    9b1c-7f,Ada Test,ada@corp.example,true,QLIK_TEST\n\
    9b1c-80,Ben Test,ben@corp.example,true,QLIK_TEST\n";

fn planned() -> (World, Place, String) {
    let world = World::scenario("s16");
    let place = Place::new();
    place.with_file(&world, "people.csv");
    place.write("people.csv", PEOPLE);
    let made = place.run_in(&world, &["plan", "--all", "--out", "plan.json"]);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let file = crate::cli::place::plan(&place.path("plan.json"));
    let hash = file["hash"].as_str().expect("a hash").to_owned();
    (world, place, hash)
}

#[test]
fn a_plan_that_nobody_looked_at_is_not_the_first_one_to_be_applied() {
    let (world, place, hash) = planned();
    let done = place.run_unseen(&world, &["apply", "plan.json", "--yes"]);
    done.says(
        5,
        &[
            "nothing was ever applied to",
            "nobody looked at this plan",
            "qroll show PLAN",
            &format!("--expect {hash}"),
        ],
    );
    assert_eq!(world.writes(), 0);
    assert_eq!(place.run(&["show", "plan.json"]).code, 0);
    let done = place.run_unseen(&world, &["apply", "plan.json", "--yes"]);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);
    // From then on the tenant is known.
    place.write(
        "people.csv",
        &PEOPLE.replace("7f,Ada", "81,Eve").replace("ada@", "eve@"),
    );
    let made = place.run_in(&world, &["plan", "--all", "--out", "next.json"]);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let done = place.run_unseen(&world, &["apply", "next.json", "--yes"]);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);
}

#[test]
fn whoever_names_the_hash_has_reviewed_the_plan() {
    let (world, place, hash) = planned();
    let done = place.run_unseen(&world, &["apply", "plan.json", "--yes", "--expect", &hash]);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);
}
