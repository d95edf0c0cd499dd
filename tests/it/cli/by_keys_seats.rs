//! Seats by keys in a real terminal: strangers (S3), who does not use theirs (S5), and a tenant that has
//! none to give (S11).

use serde_json::Value;

use super::by_keys::Desk;
use super::place::plan;

/// The screen of licenses, with the groups and exceptions of the scenario.
fn open(scenario: &str, licenses: &str) -> Desk {
    let mut desk = Desk::over(scenario, |world, place| {
        let table = format!("[profile.test.licenses]\n{licenses}");
        place.with_world(world, &table);
    });
    desk.keys("2", " seats: ");
    desk.terminal.wait("the directory", |screen| {
        screen.contains(" seats: ") && !screen.contains("still being read")
    });
    desk
}

/// What the program says of the seats of a pool.
fn used(desk: &Desk, pool: &str) -> i64 {
    let done = desk
        .place
        .run_in(&desk.world, &["report", "licenses", "--json"]);
    let told: Value = serde_json::from_str(done.out.trim()).expect("JSON");
    let pools = told["summary"]["pools"].as_array().expect("pools");
    let pool = pools.iter().find(|one| one["name"] == pool);
    pool.and_then(|pool| pool["used"].as_i64())
        .expect("a number")
}

/// Applies what `p` built; the number of removals is typed where it must be.
fn apply(desk: &mut Desk, removals: u32) {
    desk.keys("p", "nothing was sent");
    desk.keys("a", "Apply this plan?");
    // A question hears nothing until it could be read.
    std::thread::sleep(std::time::Duration::from_millis(900));
    let screen = desk.terminal.text();
    if screen.contains(&format!("{removals}")) && screen.contains("type") {
        desk.terminal.keys(&format!("{removals}<enter>"));
    } else {
        desk.terminal.keys("y");
    }
    // What is read again afterwards may have the last word below.
    desk.terminal.wait("the end of the run", |screen| {
        screen.contains("run over") || screen.contains("window  over")
    });
}

#[test]
fn s3_strangers_are_picked_and_taken_back_behind_the_switch() {
    let mut desk = open("s3", super::report::S3);
    desk.keys("f", "strangers");
    desk.keys("1", ">strangers 11");
    desk.keys("*", "11 marked");
    desk.keys("l", "License for 11 marked rows");
    desk.keys("t", "-11");
    desk.keys("A", "Automatic licenses");
    desk.keys("a", "on~off");
    desk.keys("p", "nothing was sent");
    desk.keys("e", "written:");
    let file = plan(&desk.place.path("plan.json"));
    let operations = file["operations"].as_array().expect("operations");
    assert_eq!(operations.len(), 12);
    assert_eq!(operations[0]["kind"], "set_auto_assign", "the leak first");
    apply(&mut desk, 11);
    assert_eq!(used(&desk, "analyzer"), 109);
    desk.keys("2", "120 seats: ");
}

#[test]
fn s5_the_unused_come_back_and_owners_go_to_analyzer_in_one_plan() {
    let mut desk = open("s5", "approved = [\"QLIK_PRO\", \"QLIK_ANALYZERS\"]");
    desk.keys("L", "When were they last seen?");
    desk.keys("r", "read when everybody was last seen");
    let screen = desk.terminal.wait_for("unused 90 d 35");
    assert!(screen.contains("to take back 22"), "{screen}");
    desk.keys("f", "Show only");
    desk.keys("3", ">to take back 22");
    desk.keys("*", "22 marked");
    desk.keys("l", "License for 22 marked rows");
    desk.keys("t", "-22");
    // The six who own something keep a seat, of the other pool.
    desk.keys("*", "0 marked");
    desk.keys("f", "Show only");
    desk.keys("2", ">unused 90 d 35");
    desk.keys("/", "/ ");
    desk.keys("is:owner<enter>", "0 marked of 6 shown");
    desk.keys("*", "6 marked");
    desk.keys("l", "License for 6 marked rows");
    desk.keys("a", "6");
    desk.keys("p", "nothing was sent");
    desk.keys("e", "written:");
    let file = plan(&desk.place.path("plan.json"));
    let summary = &file["summary"];
    assert_eq!(summary["remove_license"], 22, "{summary}");
    assert_eq!(summary["change_license"], 6, "{summary}");
    assert_eq!(summary["operations"], 28, "{summary}");
    apply(&mut desk, 28);
    assert_eq!(used(&desk, "professional"), 172);
    assert_eq!(used(&desk, "analyzer"), 36, "4 of 40 are left");
}

#[test]
fn s11_the_screen_says_where_the_gate_is_and_asks_for_no_license() {
    let mut desk = Desk::over("s11", |world, place| {
        place.with_world(
            world,
            "[profile.test.licenses]\napproved = [\"QLIK_USERS\"]",
        );
    });
    let screen = desk.keys("2", "A capacity subscription");
    for part in ["12 people more may sign in", "identity provider", "488/500"] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    assert!(
        !screen.contains("Entitled by"),
        "there is no table of types\n{screen}"
    );
    assert_eq!(desk.world.writes(), 0);
}
