//! The pictures of a bad day: a run that was killed and is offered again, a plan that a colleague
//! overtook, a guard that stopped one, a run that ended with unknowns. Each in a world of its own.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::keep;
use crate::place::{Place, World};
use crate::pty::Terminal;

const ONBOARD: &[&str] = &[
    "plan",
    "--group",
    "QLIK_ANALYZERS",
    "--license",
    "analyzer",
    "--space",
    "Finance=consumer",
    "--out",
    "plan.json",
];

pub(crate) fn all() {
    interrupted();
    unknowns();
    drifted();
    guarded();
}

fn setting(arguments: &[&str]) -> (World, Place) {
    let world = World::start(arguments);
    let place = Place::new();
    place.with_world(&world, "");
    (world, place)
}

pub(crate) fn open(world: &World, place: &Place) -> Terminal {
    open_at(world, place, (120, 36))
}

pub(crate) fn open_at(world: &World, place: &Place, (columns, rows): (u16, u16)) -> Terminal {
    let (config, state) = (place.path("config.toml"), place.path("state"));
    let arguments = [
        "--config",
        &config.to_string_lossy(),
        "--state-dir",
        &state.to_string_lossy(),
    ];
    let secrets = [
        ("QROLL_TENANT_SECRET", world.text("api_key")),
        ("QROLL_DIRECTORY_SECRET", world.text("graph_client_secret")),
    ];
    Terminal::qroll_with(&arguments, &place.path("."), columns, rows, &secrets)
}

/// Killed without a chance to say anything, in the middle of its writes.
fn interrupted() {
    let (world, place) = setting(&["--scenario", "s1", "--latency-ms", "60"]);
    let planned = place.run_in(&world, ONBOARD);
    assert_eq!(planned.code, 2, "{}", planned.err);
    let mut apply = place
        .command(&["apply", "plan.json", "--yes"])
        .env("QROLL_TENANT_SECRET", world.text("api_key"))
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("qroll apply starts");
    let deadline = Instant::now() + Duration::from_secs(30);
    while world.writes() < 15 {
        assert!(Instant::now() < deadline, "the run should be under way");
        std::thread::sleep(Duration::from_millis(20));
    }
    apply.kill().expect("killed");
    apply.wait().expect("gone");
    let terminal = open(&world, &place);
    terminal.wait("the offer", |screen| {
        screen.contains("interrupted") && screen.contains("read just now")
    });
    keep_settled(&terminal, "interrupted");
}

/// Effects whose answers were lost, and a tenant that will not say what became of them.
fn unknowns() {
    let (world, place) = setting(&[
        "--scenario",
        "s1",
        "--fault",
        "500-after@POST:/users#4-5",
        "--fault",
        "malformed@GET:/users#9+",
    ]);
    let planned = place.run_in(&world, ONBOARD);
    assert_eq!(planned.code, 2, "{}", planned.err);
    let applied = place.run_in(&world, &["apply", "plan.json", "--yes"]);
    assert_eq!(applied.code, 4, "{}{}", applied.out, applied.err);
    drop(world);
    let (world, _) = setting(&["--scenario", "s1"]);
    place.with_world(&world, "");
    let mut terminal = open(&world, &place);
    terminal.wait_for("read just now");
    terminal.keys("6");
    terminal.wait_for("Unknown");
    terminal.keys("<enter>");
    terminal.wait("its operations", |screen| {
        screen.contains("?? create_user") && !screen.contains("reading its journal")
    });
    terminal.keys("<down><down><down><down><down><enter>");
    keep_settled(&terminal, "unknown");
}

/// Planned at ten; at five past a colleague gives twenty of the thirty seats to Marketing, and one
/// of the rest to somebody of the plan.
fn drifted() {
    let (world, place) = setting(&["--scenario", "s8"]);
    let mut terminal = open(&world, &place);
    terminal.wait_for("read just now");
    terminal.keys("/qlik<enter>");
    terminal.wait_for("[ ] QLIK_ANALYZERS");
    terminal.keys("<space>");
    terminal.wait_for("30 people");
    terminal.keys("l");
    terminal.wait_for("License for the group");
    terminal.keys("a");
    terminal.wait_for("1 staged");
    terminal.keys("p");
    terminal.wait_for("nothing was sent");
    colleague(&world);
    terminal.keys("a");
    terminal.wait_for("Apply this plan?");
    // The question takes no answer before it has been seen for a moment; one more `y` would copy.
    std::thread::sleep(Duration::from_secs(1));
    terminal.keys("y");
    terminal.wait("what moved", |screen| screen.contains("Planned from"));
    keep_settled(&terminal, "drift");
}

fn colleague(world: &World) {
    let place = Place::new();
    place.with_world(world, "");
    let wish = ["--license", "analyzer", "--out", "plan.json"];
    let planned = place.run_in(
        world,
        &[&["plan", "--group", "Marketing"], &wish[..]].concat(),
    );
    assert_eq!(planned.code, 2, "{}", planned.err);
    let applied = place.run_in(world, &["apply", "plan.json", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
}

/// Seats are to be taken back from a whole department: more than the profile's limit.
fn guarded() {
    let (world, place) = setting(&["--scenario", "s8"]);
    let mut terminal = open(&world, &place);
    terminal.wait_for("read just now");
    terminal.keys("/sales<enter>");
    terminal.wait_for("[ ] Sales");
    terminal.keys("<space>");
    terminal.wait_for("270 people");
    terminal.keys("d");
    terminal.wait_for("Deprovision the group");
    terminal.keys("1");
    terminal.wait_for("1 staged");
    terminal.keys("p");
    terminal.wait_for("a guard stopped this plan");
    keep_settled(&terminal, "guard");
}

/// A frame arrives in pieces; a picture wants the whole of it.
pub(crate) fn keep_settled(terminal: &Terminal, name: &str) {
    std::thread::sleep(Duration::from_secs(1));
    keep(terminal, name);
}
