//! The pictures of the Spaces screen: spaces by type with what is staged about assignments, and what one
//! person may see, at both sizes.

use std::time::Duration;

use crate::place::{Place, World};
use crate::pty::Terminal;
use crate::trouble::{keep_settled, open_at};

/// A group that is in spaces, and some of its people once more by themselves.
const WORLD: &str = r#"
title = "Who may what"
seed = 11
[tenant]
allotments = [{ name = "professional", units = 40 }, { name = "analyzer", units = 60 }]
[[groups]]
name = "QLIK_ANALYZERS"
known = true
[[groups]]
name = "QLIK_DEV"
known = true
[[groups]]
name = "Controlling"
[[people]]
count = 18
groups = ["QLIK_ANALYZERS"]
user = { license = "analyzer" }
[[people]]
count = 5
groups = ["QLIK_DEV"]
user = { license = "professional" }
[[people]]
count = 6
groups = ["Controlling"]
user = { license = "analyzer" }
[[spaces]]
name = "Sales Lab"
assignments = [{ group = "QLIK_ANALYZERS", roles = ["consumer"] }, { members_of = "QLIK_ANALYZERS", take = 7, roles = ["consumer"] }, { members_of = "QLIK_DEV", take = 3, roles = ["producer", "consumer"] }]
[[spaces]]
name = "Market Lab"
assignments = [{ group = "QLIK_DEV", roles = ["producer"] }]
[[spaces]]
name = "Planning"
[[spaces]]
name = "Finance Reports"
type = "managed"
assignments = [{ group = "QLIK_ANALYZERS", roles = ["consumer"] }, { members_of = "QLIK_DEV", take = 2, roles = ["publisher"] }]
[[spaces]]
name = "Board"
type = "managed"
assignments = [{ members_of = "QLIK_ANALYZERS", take = 2, roles = ["consumer"] }]
[[spaces]]
name = "Team Reports {n}"
count = 8
type = "managed"
assignments = [{ group = "QLIK_ANALYZERS", roles = ["consumer"] }]
[[spaces]]
name = "Landing Zone"
type = "data"
assignments = [{ group = "QLIK_DEV", roles = ["producer", "consumer"] }]
[[spaces]]
name = "Raw Zone"
type = "data"
"#;

pub(crate) fn all() {
    for (columns, rows, end) in [(120, 36, ""), (80, 24, "-80x24")] {
        let place = Place::new();
        let scenario = place.write("world.toml", WORLD);
        let world = World::start(&["--scenario", &scenario.to_string_lossy()]);
        place.with_world(&world, "");
        let mut terminal = open(&world, &place, (columns, rows));
        staged(&mut terminal);
        keep_settled(&terminal, &format!("spaces{end}"));
        access(&mut terminal, columns);
        keep_settled(&terminal, &format!("access{end}"));
    }
}

fn open(world: &World, place: &Place, size: (u16, u16)) -> Terminal {
    let terminal = open_at(world, place, size);
    terminal.wait("both sides", |screen| {
        screen.contains("All people") && screen.contains("just now")
    });
    terminal
}

/// In one space: a group comes, one gets another role, one goes, and some are marked.
fn staged(terminal: &mut Terminal) {
    let step = |terminal: &mut Terminal, keys: &str, shows: &str| {
        terminal.keys(keys);
        terminal.wait_for(shows)
    };
    step(terminal, "3", "Sales Lab");
    step(terminal, "<down><down>", "QLIK_ANALYZERS");
    step(terminal, "+", "Put into Sales Lab");
    step(terminal, "Controlling", "/ Controlling");
    step(terminal, "<enter>", "Roles in Sales Lab");
    step(terminal, "<enter>", "+ consumer");
    step(terminal, "<tab>", "QLIK_ANALYZERS");
    // Below both groups, the second person: a role more.
    step(terminal, "<home><down><down><down><down>s", "Roles of");
    let roles = step(terminal, "<home>", "[x]    consumer");
    let down = roles
        .lines()
        .skip_while(|line| !line.contains("Space ticks or"))
        .skip(1)
        .position(|line| line.contains("]    producer"));
    let keys = "<down>".repeat(down.expect("a producer"));
    step(terminal, &format!("{keys}<space>"), "[x]    producer");
    step(terminal, "<enter>", "-> consumer + producer");
    step(terminal, "s", "+producer");
    step(terminal, "<down>", "Sales Lab");
    step(terminal, "-", "1 are taken out");
    step(
        terminal,
        "<down><down><space><space>",
        "2 assignments marked",
    );
}

/// All about one who is in it twice.
fn access(terminal: &mut Terminal, columns: u16) {
    terminal.keys("r");
    terminal.wait("every space", |screen| !screen.contains("not read"));
    terminal.keys("<home>");
    for _ in 0..14 {
        // The panes follow once the cursor has rested.
        std::thread::sleep(Duration::from_millis(500));
        if terminal.text().contains("redundant") {
            break;
        }
        terminal.keys("<down>");
    }
    if columns < 100 {
        terminal.keys("<tab>");
        terminal.wait_for("Effective access");
        return;
    }
    terminal.keys("<enter>");
    terminal.wait_for("take the redundant ones");
}
