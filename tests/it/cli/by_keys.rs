//! S1, S10 and S16 twice: once by commands and once by keys in a real terminal, each in a world of
//! its own from the same scenario. Both worlds must end in the same state, and a plan made
//! afterwards by commands in the world that was worked on by keys must be empty.

use super::place::{Place, World};
use crate::pty::Terminal;

const MATCH_BY_MAIL: &str = "[profile.test.identity]\nmatch = [\"subject\", \"email\"]";

/// A world, a place beside it, and the screen on both.
pub(super) struct Desk {
    pub(super) world: World,
    pub(super) place: Place,
    pub(super) terminal: Terminal,
}

impl Desk {
    pub(super) fn open(scenario: &str) -> Self {
        Self::over(scenario, |world, place| place.with_world(world, ""))
    }

    /// The screen in a place that is furnished before.
    pub(super) fn over(scenario: &str, furnish: impl FnOnce(&World, &Place)) -> Self {
        let world = World::scenario(scenario);
        let place = Place::new();
        furnish(&world, &place);
        Self::on(world, place)
    }

    /// The screen on a world, in a place that is furnished for it.
    pub(super) fn on(world: World, place: Place) -> Self {
        let (config, state) = (place.path("config.toml"), place.path("state"));
        let terminal = Terminal::qroll_with(
            &[
                "--config",
                &config.to_string_lossy(),
                "--state-dir",
                &state.to_string_lossy(),
            ],
            &place.path("."),
            120,
            36,
            &[
                ("QROLL_TENANT_SECRET", world.text("api_key")),
                ("QROLL_DIRECTORY_SECRET", world.text("graph_client_secret")),
            ],
        );
        terminal.wait("both sides", |screen| {
            screen.contains("All people") && screen.contains("read just now")
        });
        Self {
            world,
            place,
            terminal,
        }
    }

    /// Types, then waits until the screen shows the text.
    pub(super) fn keys(&mut self, keys: &str, shows: &str) -> String {
        self.terminal.keys(keys);
        self.terminal.wait_for(shows)
    }

    /// Moves down until the cursor of the groups pane stands on the group, and marks it.
    pub(super) fn mark_group(&mut self, group: &str) {
        let mark = format!("[ ] {group}");
        self.terminal.wait_for(&mark);
        self.keys("/", "/ ");
        self.keys(group, &mark);
        self.keys("<enter>", &mark);
        let marked = format!("[x] {group}");
        self.keys("<space>", &marked);
    }

    /// Where roles are not legal the nearest are offered: nothing of it.
    pub(super) fn leave_out(&mut self) {
        self.terminal.keys("x");
        self.terminal.wait("the offer to go", |screen| {
            !screen.contains("leave them out")
        });
    }

    /// Plan, confirmation, run; returns the last screen.
    pub(super) fn apply(&mut self) -> String {
        self.keys("p", "nothing was sent");
        self.confirm();
        self.terminal.wait_for("run over")
    }

    /// The question, answered.
    pub(super) fn confirm(&mut self) {
        // Keys count only from a moment after the question appeared, when it says so.
        self.keys("a", "y apply");
        self.terminal.keys("y");
        self.terminal
            .wait("the run", |screen| !screen.contains("Apply this plan?"));
    }
}

/// Plans and applies by commands, and returns the end state.
pub(super) fn by_commands(scenario: &str, more: &str, arguments: &[&str]) -> serde_json::Value {
    let world = World::scenario(scenario);
    let place = Place::new();
    place.with_world(&world, more);
    let plan = [&["plan"], arguments, &["--out", "plan.json"]].concat();
    let made = place.run_in(&world, &plan);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let applied = place.run_in(&world, &["apply", "plan.json", "--yes"]);
    assert_eq!(applied.code, 0, "{}{}", applied.err, applied.out);
    world.state()
}

/// A plan for the same wish has nothing left to do; what it says.
pub(super) fn nothing_is_left(desk: &Desk, more: &str, arguments: &[&str]) -> String {
    desk.place.with_world(&desk.world, more);
    let plan = [&["plan"], arguments, &["--json"]].concat();
    let again = desk.place.run_in(&desk.world, &plan);
    assert_eq!(again.code, 0, "{}{}", again.err, again.out);
    assert_eq!(again.last_json()["summary"]["operations"], 0);
    again.out
}

#[test]
fn s1_a_group_ends_the_same_by_keys_and_by_commands() {
    let arguments = [
        "--group",
        "QLIK_ANALYZERS",
        "--license",
        "analyzer",
        "--space",
        "Finance=consumer",
    ];
    let mut desk = Desk::open("s1");
    desk.mark_group("QLIK_ANALYZERS");
    desk.terminal.wait_for("40 people");
    desk.keys("l", "License for the group");
    desk.keys("a", "do not fit");
    desk.keys("s", "Spaces for the group");
    desk.keys("finance", "[ ] Finance");
    desk.keys("<enter>", "Roles in Finance");
    desk.keys("<enter>", "consumer");
    desk.keys("<tab>*", "40 marked");
    desk.keys("=", "Are these 6 the same people?");
    desk.keys("y", "6 e-mail matches accepted");
    let last = desk.apply();
    assert!(last.contains("3 still wait for a seat"), "{last}");
    assert_eq!(
        desk.world.state(),
        by_commands("s1", MATCH_BY_MAIL, &arguments)
    );
    let said = nothing_is_left(&desk, MATCH_BY_MAIL, &arguments);
    // 36 direct members less 2 disabled, each once.
    assert!(said.contains("34 people reach it through"), "{said}");
}

#[test]
fn s10_twelve_spaces_end_the_same_by_keys_and_by_commands() {
    let spaces = [
        "Sales Lab 01",
        "Sales Lab 02",
        "Market Lab 01",
        "Market Lab 02",
        "Market Lab 03",
        "Landing Zone",
        "Raw Zone",
    ]
    .map(|space| format!("{space}=producer"));
    let mut arguments = vec!["--group", "QLIK_ANALYZERS"];
    for space in &spaces {
        arguments.extend(["--space", space]);
    }
    let mut desk = Desk::open("s10");
    desk.mark_group("QLIK_ANALYZERS");
    desk.terminal.wait_for("40 people");
    desk.keys("s", "Spaces for the group");
    desk.keys(&"<space>".repeat(12), "[x] Sales Lab 02");
    desk.keys("<enter>", "Roles in 12 spaces");
    // The last ones are producer, publisher and the removal.
    let roles = desk.keys("<end><up><up>", ">[ ]    producer");
    assert!(roles.contains("not legal in 5 of 12 (managed)"), "{roles}");
    desk.keys("<enter>", "leave them out");
    desk.leave_out();
    let last = desk.apply();
    assert!(last.contains("7 applied"), "{last}");
    assert_eq!(desk.world.state(), by_commands("s10", "", &arguments));
    nothing_is_left(&desk, "", &arguments);
}

#[test]
fn s16_three_people_end_the_same_by_keys_and_by_commands() {
    let mails = ["ingrid.solberg", "rafael.monteiro", "claire.beaumont"]
        .map(|name| format!("{name}@corp.example"));
    let mut arguments = vec!["--license", "professional", "--space", "Board=consumer"];
    for mail in &mails {
        arguments.extend(["--person", mail]);
    }
    let mut desk = Desk::open("s16");
    desk.keys("g", "addresses");
    let list = format!(
        "<paste>{}<enter>no.body@corp.example</paste>",
        mails.join(", ")
    );
    desk.keys(&list, "claire.beaumont");
    desk.keys("<enter>", "Unknown addresses");
    desk.keys("<esc>", "3 of 3 marked");
    desk.keys("l", "License for");
    desk.keys("p", "+ professional");
    desk.keys("s", "Spaces for");
    desk.keys("board", "[ ] Board");
    desk.keys("<enter>", "Roles in Board");
    desk.keys("<enter>", "+1");
    let last = desk.apply();
    assert!(
        last.contains("7 applied") || last.contains("9 applied"),
        "{last}"
    );
    assert_eq!(desk.world.state(), by_commands("s16", "", &arguments));
    nothing_is_left(&desk, "", &arguments);
}
