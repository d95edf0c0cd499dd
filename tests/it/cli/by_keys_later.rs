//! S8 and S14 by keys in a real terminal: a plan that somebody else was faster than, and a run that
//! is taken back.

use serde_json::Value;

use super::by_keys::Desk;
use super::place::plan;
use crate::siege::faster::{colleague, subjects_of};

fn count(plan: &Value, name: &str) -> u64 {
    plan["summary"][name].as_u64().unwrap_or(0)
}

fn found(plan: &Value, code: &str) -> usize {
    let findings = plan["findings"].as_array().expect("findings");
    findings.iter().filter(|one| one["code"] == code).count()
}

/// The plan on the screen, as it is saved from there.
fn saved(desk: &mut Desk) -> Value {
    let path = desk.place.path("plan.json");
    // The one before, if there was one, is another.
    let _ = std::fs::remove_file(&path);
    desk.keys("e", "written:");
    plan(&path)
}

/// Licenses for the group of this scenario, planned.
fn planned(scenario: &str, license: &str) -> Desk {
    let mut desk = Desk::open(scenario);
    desk.mark_group("QLIK_ANALYZERS");
    desk.keys("l", "License for the group");
    desk.keys(license, "license");
    desk.terminal.wait("the choice", |screen| {
        !screen.contains("License for the group")
    });
    desk.keys("p", "nothing was sent");
    desk
}

#[test]
fn s8_a_colleague_was_faster_by_keys() {
    let mut desk = planned("s8", "a");
    let old = saved(&mut desk);
    assert_eq!(count(&old, "add_license"), 30);
    colleague(&desk.world, &subjects_of(&old));
    let writes = desk.world.writes();

    desk.confirm();
    let rows = |screen: &str, what: &str| {
        let lines = screen.lines().filter(|line| line.contains(what));
        lines.count()
    };
    let screen = desk.terminal.wait("everything that moved", |screen| {
        rows(screen, "is so already") == 2 && rows(screen, "finds no seat any more") == 10
    });
    for told in [
        "Nothing was sent",
        "12 analyzer seats are gone",
        "2 rows done by somebody else",
        "10 rows no longer fit",
    ] {
        assert!(screen.contains(told), "{told}\n{screen}");
    }
    assert_eq!(desk.world.writes(), writes, "before the first write");

    desk.terminal.wait("both sides again", |screen| {
        screen.contains("read just now")
    });
    desk.keys("p", "plan built: 18 operations");
    let new = saved(&mut desk);
    assert_eq!(
        (count(&new, "add_license"), count(&new, "waiting")),
        (18, 10)
    );
    desk.confirm();
    desk.terminal.wait_for("run over");
    let state = desk.world.state();
    let holds = |subject: &&String| state["licenses"].get(subject.as_str()).is_some();
    assert_eq!(
        subjects_of(&old).iter().filter(holds).count(),
        20,
        "2 by the colleague, 18 by the plan"
    );
}

#[test]
fn s14_the_wrong_group_is_taken_back_by_keys() {
    let mut desk = planned("s14", "p");
    let before = desk.world.state();
    let given = saved(&mut desk);
    assert_eq!(
        (
            count(&given, "add_license"),
            count(&given, "change_license")
        ),
        (30, 8)
    );
    desk.confirm();
    desk.terminal.wait_for("run over: 38 applied");

    let operations = given["operations"].as_array().expect("operations").iter();
    let new: Vec<&str> = operations
        .filter(|one| one["kind"] == "add_license")
        .filter_map(|one| one["subject"].as_str())
        .collect();
    let owner = new[0];
    assert!(desk.world.act(owner, Some("Margins by region")));
    for who in &new[1..5] {
        assert!(desk.world.act(who, None));
    }
    desk.world.call(
        "POST",
        "/api/v1/licenses/assignments/actions/delete",
        &serde_json::json!({"delete": [{"subject": new[29], "type": "professional"}]}),
    );

    desk.keys("6", "1 run on record");
    desk.keys("t", "Takes back run");
    let back = saved(&mut desk);
    assert_eq!(
        (
            count(&back, "remove_license"),
            count(&back, "change_license")
        ),
        (28, 8),
        "28 returned, 8 back to analyzer"
    );
    let told = ["no-longer-ours", "held-for-decision", "signed-in-since"];
    assert_eq!(told.map(|code| found(&back, code)), [1, 1, 4]);
    desk.keys("!", "Margins by region");
    desk.keys("l", "Takes back run");

    desk.keys("a", "type 36 (the removals)");
    desk.keys("36<enter>", "run over: 36 applied");
    let mut wished = before["licenses"].clone();
    wished[owner] = serde_json::json!(["professional"]);
    assert_eq!(
        desk.world.state()["licenses"],
        wished,
        "as before, but for the one held"
    );
    desk.keys("6", "2 runs on record");
    desk.terminal
        .wait("both runs, each with its other", |screen| {
            screen.contains("has a reversal") && screen.matches("a reversal").count() == 2
        });
}

#[test]
fn look_alikes_are_confirmed_one_by_one_by_keys() {
    let mut desk = Desk::over("s16", |world, place| {
        place.with_file(world, "people.csv");
        place.write(
            "people.csv",
            "id,name,mail,enabled,groups\n\
             l-1,Clara Ingold,clara@corp.example,true,NEW\n\
             l-2,CIara Ingold,ciara@corp.example,true,NEW\n\
             l-3,Bob \u{410}dmin,bob@corp.example,true,NEW\n\
             l-4,Dora Plain,dora@corp.example,true,NEW\n",
        );
    });
    desk.mark_group("NEW");
    desk.keys("n", "user record for");
    desk.keys("p", "nothing was sent");
    let writes = desk.world.writes();
    desk.keys("a", "! asks about each");
    for left in (0..3).rev() {
        desk.keys("!", "Is it the person meant?");
        // No key counts until the question could be read.
        std::thread::sleep(std::time::Duration::from_millis(500));
        desk.keys("y", "plan built");
        let plan = saved(&mut desk);
        let findings = plan["findings"].as_array().expect("findings").iter();
        let open = findings.filter(|one| one["code"] == "look-alike" && one["severity"] == "error");
        assert_eq!(open.count(), left, "each for itself");
    }
    assert_eq!(desk.world.writes(), writes);
    desk.confirm();
    desk.terminal.wait_for("run over: 4 applied");
}
