//! Names that read like somebody else's are confirmed one by one.

use crate::cli::place::{Place, World, plan};

#[test]
fn a_look_alike_stops_the_plan_until_each_is_confirmed() {
    let world = World::scenario("s16");
    let place = Place::new();
    place.with_file(&world, "people.csv");
    place.write(
        "people.csv",
        "id,name,mail,enabled\n\
         l-1,Clara Ingold,clara@corp.example,true\n\
         l-2,CIara Ingold,ciara@corp.example,true\n\
         l-3,Bob \u{410}dmin,bob@corp.example,true\n\
         l-4,Dora Plain,dora@corp.example,true\n",
    );
    let all = ["plan", "--all", "--out", "plan.json"];
    let made = place.run_in(&world, &all);
    made.says(
        5,
        &[
            "looks like",
            "another person of this plan",
            "--accept-lookalike='l-",
        ],
    );
    place
        .run_in(&world, &["apply", "plan.json", "--yes"])
        .says(5, &["must not be applied"]);
    let some = [
        &all[..],
        &["--accept-lookalike", "l-1", "--accept-lookalike", "l-2"],
    ]
    .concat();
    place
        .run_in(&world, &some)
        .says(5, &["mixes letters of several scripts"]);
    let every = [&some[..], &["--accept-lookalike", "l-3"]].concat();
    let made = place.run_in(&world, &every);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let file = plan(&place.path("plan.json"));
    let confirmed = file["findings"].as_array().expect("findings").iter();
    let confirmed = confirmed.filter(|one| one["code"] == "look-alike");
    assert!(
        confirmed
            .map(|one| (one["severity"].as_str(), one["text"].as_str()))
            .all(|(severity, text)| severity == Some("warning")
                && text.is_some_and(|text| text.contains("confirmed singly")))
    );
    let done = place.run_in(&world, &["apply", "plan.json", "--yes"]);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);
}
