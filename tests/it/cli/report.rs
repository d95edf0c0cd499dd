//! `qroll report` through the real binary: S3, S5 and S11 with their numbers, and each format.

use serde_json::Value;
use std::fs;

use super::place::{Done, Place, World, plan};

/// A profile over a world, with what stands in its `licenses`.
fn place(world: &World, licenses: &str) -> Place {
    let place = Place::new();
    place.with_world(world, &format!("[profile.test.licenses]\n{licenses}"));
    place
}

fn report(place: &Place, world: &World, arguments: &[&str]) -> Done {
    place.run_in(world, &[&["report"], arguments].concat())
}

/// It went well, and the result holds all of this.
#[track_caller]
fn shows(done: &Done, parts: &[&str]) {
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);
    for part in parts {
        assert!(done.out.contains(part), "{part}\n{}", done.out);
    }
}

fn json(done: &Done) -> Value {
    serde_json::from_str(done.out.trim()).expect("one line of JSON")
}

pub(super) const S3: &str = "approved = [\"QLIK_ANALYZERS\"]\n\
except = [\n\
  { who = \"ingrid.solberg@corp.example\", why = \"board\" },\n\
  { who = \"paulo.mendes@corp.example\", why = \"auditor\", until = \"2999-12-31\" },\n\
  { who = \"aiko.mori@corp.example\", why = \"pilot\" },\n\
  { who = \"henrik.dahl@corp.example\", why = \"pilot\" },\n\
]";

#[test]
fn s3_eleven_strangers_and_not_seventeen() {
    let world = World::scenario("s3");
    let place = place(&world, S3);
    let done = report(&place, &world, &["strangers", "--format", "json"]);
    done.says(0, &[]);
    let told = json(&done);
    let summary = &told["summary"];
    for (name, count) in [
        ("holders", 120),
        ("strangers", 11),
        ("members", 103),
        ("nested", 2),
        ("excepted", 4),
        ("unknown", 0),
    ] {
        assert_eq!(summary[name], count, "{name}: {summary}");
    }
    assert_eq!(told["rows"].as_array().map(Vec::len), Some(11));
    let done = report(&place, &world, &["strangers"]);
    shows(
        &done,
        &[
            "11 of 120 holders are strangers",
            "103 direct members, 2 only through nested groups, 4 exceptions",
            "QLIK_ANALYZERS > Finance_EMEA",
            "Ingrid Solberg is excepted: board",
            "analyzer is assigned to whoever signs in without a seat",
            "Taking a seat back leaves the user record",
        ],
    );
    assert_eq!(world.writes(), 0);
}

const TAKE_BACK: [&str; 7] = [
    "plan",
    "--strangers",
    "--license",
    "none",
    "--auto-assign-off",
    "--out",
    "plan.json",
];

#[test]
fn s3_one_plan_switches_the_leak_off_and_takes_eleven_seats_back() {
    let world = World::scenario("s3");
    let place = place(&world, S3);
    place.run_in(&world, &TAKE_BACK).says(2, &[]);
    let file = plan(&place.path("plan.json"));
    let operations = file["operations"].as_array().expect("operations");
    let kinds: Vec<&str> = operations
        .iter()
        .filter_map(|one| one["kind"].as_str())
        .collect();
    assert_eq!(kinds.len(), 12);
    assert_eq!(kinds.first(), Some(&"set_auto_assign"), "the leak first");
    assert!(
        kinds[1..].iter().all(|kind| *kind == "remove_license"),
        "{kinds:?}"
    );
    let sure = ["apply", "plan.json", "--yes", "--allow-removals", "11"];
    let done = place.run_in(&world, &sure);
    assert_eq!(done.code, 0, "{}", done.err);
    let state = world.state();
    let held = state["licenses"].as_object().expect("by subject");
    let analyzers = held
        .values()
        .flat_map(|kinds| kinds.as_array().into_iter().flatten());
    assert_eq!(analyzers.filter(|kind| *kind == "analyzer").count(), 109);
    assert_eq!(state["settings"]["autoAssignAnalyzer"], false);

    let told = json(&report(&place, &world, &["strangers", "--json"]));
    assert_eq!(told["summary"]["strangers"], 0);
    assert_eq!(told["summary"]["auto_assign"]["analyzer"], false);
    place.run_in(&world, &TAKE_BACK).says(0, &[]);
}

#[test]
fn strangers_are_not_planned_for_where_they_cannot_be_told() {
    let world = World::scenario("s3");
    let nobody = place(&world, "");
    nobody
        .run_in(&world, &TAKE_BACK)
        .says(64, &["no groups are approved", "[profile.test.licenses]"]);
    let place = place(&world, S3);
    let mut without = TAKE_BACK.to_vec();
    without.retain(|word| !matches!(*word, "--license" | "none"));
    place.run_in(&world, &without).says(64, &["--license"]);
    let both = [&TAKE_BACK[..], &["--all"]].concat();
    place
        .run_in(&world, &both)
        .says(64, &["--strangers", "--all"]);
    // A nested group may not be read: nobody is taken anything from.
    let cut = World::start(&[
        "--scenario",
        "s3",
        "--fault",
        "403@graph:GET:/groups/*/members/**#3",
    ]);
    let place = place_of(&cut);
    let done = place.run_in(&cut, &TAKE_BACK);
    assert_eq!(done.code, 5, "{}", done.err);
    assert!(
        done.err.contains("who is a stranger cannot be told"),
        "{}",
        done.err
    );
    assert!(!place.path("plan.json").exists());
    assert_eq!(cut.writes(), 0);
}

fn place_of(world: &World) -> Place {
    place(world, S3)
}

#[test]
fn an_exception_that_has_run_out_does_not_count() {
    let world = World::scenario("s3");
    let place = place(&world, &S3.replace("2999-12-31", "2020-01-01"));
    let told = json(&report(&place, &world, &["strangers", "--json"]));
    assert_eq!(told["summary"]["strangers"], 12);
    assert_eq!(told["summary"]["excepted"], 3);
    let others = told["summary"]["others"].as_array().expect("the others");
    assert_eq!(others.len(), 5, "two nested and three excepted");
    shows(
        &report(&place, &world, &["strangers"]),
        &[
            "for paulo.mendes@corp.example has run out on 2020-01-01",
            "Approved: QLIK_ANALYZERS.",
        ],
    );
}

#[test]
fn an_exception_that_fits_nobody_is_told() {
    let world = World::scenario("s3");
    let typo = S3.replace("aiko.mori@", "aiko.moori@");
    let place = place(&world, &typo.replace("\"2999-12-31\"", "2999-12-31"));
    shows(
        &report(&place, &world, &["strangers"]),
        &[
            "12 of 120 holders",
            "for aiko.moori@corp.example fits nobody who holds a seat",
        ],
    );
}

#[test]
fn without_approved_groups_nobody_is_called_a_stranger() {
    let world = World::scenario("s3");
    let nobody = place(&world, "");
    report(&nobody, &world, &["strangers"]).says(
        64,
        &[
            "no groups are approved",
            "--group QLIK_ANALYZERS",
            "[profile.test.licenses]",
        ],
    );
    let named = ["strangers", "--group", "QLIK_ANALYZERS", "--json"];
    let told = json(&report(&nobody, &world, &named));
    assert_eq!(told["summary"]["strangers"], 15, "nobody is excepted");
    let wrong = place(&world, "approved = [\"QLIK_ANALYSERS\"]");
    report(&wrong, &world, &["licenses"])
        .says(64, &["QLIK_ANALYSERS", "stand in [profile.test.licenses]"]);
    report(&nobody, &world, &["strangers", "--group", "QLIK_ANALYSERS"])
        .says(64, &["QLIK_ANALYSERS", "QLIK_ANALYZERS"]);
}

#[test]
fn a_bad_exception_is_named_by_its_place() {
    let world = World::scenario("s3");
    for (bad, said) in [
        (
            "except = [{ who = \"a\", why = \" \" }]",
            "an exception says why",
        ),
        (
            "except = [{ who = \"a\", why = \"b\", until = \"soon\" }]",
            "a day looks like",
        ),
        ("aproved = []", "approved"),
    ] {
        let place = place(&world, bad);
        report(&place, &world, &["licenses"]).says(64, &["line ", said]);
    }
}

#[test]
fn s5_who_does_not_use_a_seat_and_who_is_spared() {
    let world = World::scenario("s5");
    let place = place(&world, "");
    let done = report(&place, &world, &["unused", "--format", "json"]);
    done.says(0, &["event by event: about "]);
    let told = json(&done);
    let summary = &told["summary"];
    // The tenant forgets after 90 days, so nobody is known to have been away for longer.
    assert_eq!(summary["unused"], 35, "{summary}");
    assert_eq!(summary["proposed"], 22, "{summary}");
    let rows = told["rows"].as_array().expect("rows");
    let why = |part: &str| {
        let fits = |row: &&Value| {
            row["why_not"]
                .as_str()
                .is_some_and(|why| why.contains(part))
        };
        rows.iter().filter(fits).count()
    };
    assert_eq!(why("administers the tenant"), 3);
    assert_eq!(why("given or made lately"), 4);
    assert_eq!(why("owns "), 6);
    assert_eq!(why("owns Board"), 1, "what they own is named");
    shows(
        &report(&place, &world, &["unused"]),
        &[
            "35 of 230 holders were not seen for 90 days or never; 22 are proposed",
            "what was before is not available",
        ],
    );
    // Of a longer time nothing can be told, and it says so and ends otherwise.
    let done = report(&place, &world, &["unused", "--days", "120"]);
    assert_eq!(done.code, 3, "{}", done.err);
    for part in [
        "4 of 230 holders were not seen for 120 days or never; 0 are",
        "cannot be judged for 120 days",
    ] {
        assert!(done.out.contains(part), "{}", done.out);
    }
    assert_eq!(world.writes(), 0);
}

#[test]
fn s5_twenty_two_seats_come_back_and_owners_are_left_for_a_look() {
    let world = World::scenario("s5");
    let place = place(&world, "");
    let wish = [
        "plan",
        "--unused",
        "90",
        "--license",
        "none",
        "--out",
        "plan.json",
    ];
    // 22 of 230 are more than a typed number may let pass by itself.
    place.run_in(&world, &wish).says(2, &[]);
    let file = plan(&place.path("plan.json"));
    assert_eq!(file["summary"]["remove_license"], 22, "{}", file["summary"]);
    assert_eq!(file["summary"]["operations"], 22);
    let sure = ["apply", "plan.json", "--yes", "--allow-removals", "22"];
    let done = place.run_in(&world, &sure);
    assert_eq!(done.code, 0, "{}", done.err);
    let told = json(&report(&place, &world, &["unused", "--json"]));
    assert_eq!(told["summary"]["proposed"], 0);
    assert_eq!(told["summary"]["unused"], 13, "who was spared");
    let told = json(&report(&place, &world, &["licenses", "--json"]));
    let pools = told["summary"]["pools"].as_array().expect("pools");
    let professional = pools.iter().find(|pool| pool["name"] == "professional");
    assert_eq!(professional.expect("a pool")["used"], 178);
}

#[test]
fn no_seat_is_taken_on_a_log_that_may_not_be_read() {
    let world = World::start(&["--scenario", "s5", "--fault", "403@qlik:GET:/audits"]);
    let place = place(&world, "");
    let wish = [
        "plan",
        "--unused",
        "90",
        "--license",
        "none",
        "--out",
        "plan.json",
    ];
    let done = place.run_in(&world, &wish);
    assert_eq!(done.code, 1, "{}", done.err);
    assert!(!place.path("plan.json").exists());
}

#[test]
fn s11_a_capacity_tenant_says_where_the_gate_is() {
    let world = World::scenario("s11");
    let place = place(&world, "approved = [\"QLIK_USERS\"]");
    shows(
        &report(&place, &world, &["strangers"]),
        &[
            "488 / 500",
            "whoever signs in takes a seat, and the gate is the assignment",
            "0 of 488 holders are strangers",
        ],
    );
}

#[test]
fn each_report_in_each_format() {
    let world = World::scenario("hostile");
    let place = place(&world, "approved = [\"QLIK_ANALYZERS\"]");
    for what in ["licenses", "unused", "access", "strangers"] {
        let table = report(&place, &world, &[what]);
        let csv = report(&place, &world, &[what, "--format", "csv"]);
        let markdown = report(&place, &world, &[what, "--format", "md"]);
        let told = json(&report(&place, &world, &[what, "--json"]));
        let rows = told["rows"].as_array().expect("rows").len();
        let lines = |text: &str, begin: &str| text.lines().filter(|l| l.starts_with(begin)).count();
        assert_eq!(csv.out.matches("\r\n").count(), rows + 1, "{what}");
        if rows > 0 {
            assert_eq!(lines(&markdown.out, "| "), rows + 2, "{what}");
        }
        for out in [&table.out, &csv.out, &markdown.out] {
            let bad = |c: char| c.is_control() && !matches!(c, '\n' | '\r') || c == '\u{202e}';
            assert!(!out.chars().any(bad), "{what}: {out:?}");
        }
        for line in csv.out.lines().skip(1) {
            // Cells of these names hold no comma.
            for cell in line.split(',').map(|cell| cell.trim_start_matches('"')) {
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{what}: {line}");
            }
        }
        assert!(what != "licenses" || rows > 0, "somebody holds a seat");
    }
}

#[test]
fn a_second_look_asks_only_for_what_came_since() {
    let world = World::scenario("s5");
    let place = place(&world, "");
    let events = |world: &World| {
        let asked = world.requests();
        let about = |request: &&Value| {
            request["path"]
                .as_str()
                .is_some_and(|path| path.ends_with("/audits"))
        };
        asked.iter().filter(about).count()
    };
    let first = json(&report(&place, &world, &["unused", "--json"]));
    let spent = events(&world);
    assert!(spent >= 3, "several pages: {spent}");
    let kept = fs::read_dir(place.path("state"))
        .expect("a directory")
        .flatten();
    let file = kept.map(|entry| entry.path()).find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("usage.")
    });
    let file = file.expect("what was found is kept");
    let second = json(&report(&place, &world, &["unused", "--json"]));
    let again = events(&world) - spent;
    assert!(again <= 2, "one page a name: {again}");
    assert!(first["rows"] == second["rows"], "the same rows");
    // Another report shows what is known, and asks nothing.
    let before = events(&world);
    shows(
        &report(&place, &world, &["licenses"]),
        &["Use is known from "],
    );
    assert_eq!(events(&world), before);
    // A file that cannot be read is as none.
    fs::write(file, "{").expect("a file");
    let third = json(&report(&place, &world, &["unused", "--json"]));
    assert_eq!(first["summary"]["proposed"], third["summary"]["proposed"]);
    assert_ne!(
        first["summary"]["covered_from"],
        third["summary"]["covered_from"]
    );
}
