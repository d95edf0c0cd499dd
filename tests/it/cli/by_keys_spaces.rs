//! The Spaces screen in a real terminal: S10 worked through there, with its numbers, and assignments
//! that are changed and taken as they stand.

use super::by_keys::{Desk, by_commands, nothing_is_left};

const LEGAL: [&str; 7] = [
    "Sales Lab 01",
    "Sales Lab 02",
    "Market Lab 01",
    "Market Lab 02",
    "Market Lab 03",
    "Landing Zone",
    "Raw Zone",
];

/// S10 on the screen of spaces, up to the plan.
fn planned() -> Desk {
    let mut desk = Desk::open("s10");
    desk.keys("3", "12");
    desk.keys("*", "12 spaces marked");
    desk.keys("+", "Put into 12 spaces");
    desk.keys("QLIK_ANA", "/ QLIK_ANA");
    desk.keys("<enter>", "Roles in 12 spaces for the group QLIK_ANALYZERS");
    // Said before it is staged: where it is not legal, and what the license makes of it.
    let roles = desk.keys("<end><up><up>", "analyzers gain little: 40");
    assert!(roles.contains("not legal in 5 of 12 (managed)"), "{roles}");
    let offered = desk.keys("<enter>", "leave them out");
    assert!(offered.contains("Not legal in 5 of 12 spaces"), "{offered}");
    for number in 1..=5 {
        let near = format!(
            "Reports 0{number} (managed): producer is not legal; nearest: contributor, publisher"
        );
        assert!(offered.contains(&near), "{near}\n{offered}");
    }
    desk.leave_out();
    desk
}

#[test]
fn s10_on_the_screen_of_spaces_ends_as_by_commands() {
    let mut desk = planned();
    // The group is in three of them already: what it gets is signed in place.
    desk.keys("/", "/ ");
    desk.keys("landing", "/ landing");
    desk.keys("<enter>", "~ QLIK_ANALYZERS");
    let screen = desk.terminal.wait_for("+producer consumer");
    assert!(screen.contains("~ QLIK_ANALYZERS"), "{screen}");
    desk.keys("p", "nothing was sent");
    let told = desk
        .terminal
        .wait_for("7 writes by group against 280 by person: about 1 s against 7 s");
    let words: Vec<&str> = told.split_whitespace().collect();
    let told = words.join(" ");
    for space in ["Sales Lab 01", "Sales Lab 02", "Landing Zone"] {
        let line = format!(
            "{space} QLIK_ANALYZERS: roles will be replaced: consumer to consumer + producer"
        );
        assert!(told.contains(&line), "{line}\n{told}");
    }
    assert!(
        told.contains("40 analyzers gain little from producer in 7 spaces"),
        "{told}"
    );

    desk.confirm();
    let last = desk.terminal.wait_for("run over");
    assert!(last.contains("7 applied"), "{last}");
    let spaces = LEGAL.map(|space| format!("{space}=producer"));
    let mut arguments = vec!["--group", "QLIK_ANALYZERS"];
    for space in &spaces {
        arguments.extend(["--space", space]);
    }
    assert_eq!(desk.world.state(), by_commands("s10", "", &arguments));
    nothing_is_left(&desk, "", &arguments);
}

#[test]
fn assignments_are_changed_as_they_stand() {
    let mut desk = Desk::open("s10");
    desk.keys("3", "Landing Zone");
    desk.keys("/", "/ ");
    desk.keys("landing", "/ landing");
    desk.keys("<enter><tab>", "QLIK_ANALYZERS");
    desk.keys("s", "Roles of QLIK_ANALYZERS in Landing Zone");
    // Consumer goes, datapreview comes.
    let roles = desk.keys("<home>", "[x]    consumer");
    assert!(roles.contains("[ ]    datapreview"), "{roles}");
    desk.keys("<space>", "[ ]    consumer");
    let down = if roles.contains("dataconsumer") {
        "<down><space>"
    } else {
        "<space>"
    };
    desk.keys(down, "[x]    datapreview");
    desk.keys("<enter>", "consumer -> datapreview");
    desk.keys("s", "-consumer");
    let plan = desk.keys("p", "a guard stopped this plan");
    assert!(plan.contains("1 removals"), "{plan}");
    assert_eq!(desk.world.writes(), 0);
}
