//! What is told while a run works: a line that is rewritten at a terminal, plain lines elsewhere,
//! and never a control sequence in a file.

use std::fmt::Write as _;
use std::time::Duration;

use super::place::{Place, World};
use crate::pty::Terminal;

/// Two dozen people, and a tenant that asks to wait after some of them.
fn setting(fault: &str) -> (World, Place) {
    let world = World::start(&["--scenario", "s16", "--fault", fault]);
    let place = Place::new();
    place.with_file(&world, "people.csv");
    let mut people = "id,name,mail,enabled,groups\n".to_owned();
    for number in 0..24 {
        let _ = writeln!(
            people,
            "new-{number},Test {number},new{number}@corp.example,true,QLIK_TEST"
        );
    }
    place.write("people.csv", &people);
    let made = place.run_in(
        &world,
        &["plan", "--group", "QLIK_TEST", "--out", "plan.json"],
    );
    assert_eq!(made.code, 2, "{}", made.err);
    (world, place)
}

/// `qroll apply` in a terminal, answered as a person types: once keys count, one after the other.
fn answered(world: &World, place: &Place, answer: &str, columns: u16) -> Terminal {
    let mut terminal = place.terminal(world, &["apply", "plan.json"], columns);
    terminal.type_until("n", "keys count", |screen| screen.contains("Type yes: n"));
    terminal.keys("<c-u>");
    terminal.wait("an empty answer", |screen| {
        screen.trim_end().ends_with("Type yes:")
    });
    for (place, letter) in answer.char_indices() {
        terminal.keys(&letter.to_string());
        terminal.wait_for(&format!("Type yes: {}", &answer[..=place]));
    }
    // Enter right behind a letter would be a paste.
    std::thread::sleep(Duration::from_millis(60));
    terminal.keys("<enter>");
    terminal
}

#[test]
fn a_terminal_sees_a_line_that_counts_and_counts_down() {
    let (world, place) = setting("429=3@POST:/users#5");
    let mut terminal = answered(&world, &place, "yes", 80);
    let screen = terminal.wait_for("; the tenant asks to wait: 3 s");
    assert!(screen.contains(" of 24; the tenant"), "{screen}");
    let later = terminal.wait_for("; the tenant asks to wait: 1 s");
    assert_eq!(later.matches("asks to wait").count(), 1, "{later}");
    assert_eq!(terminal.exit_code(), 0);
    let end = terminal.text();
    assert!(end.contains("24 applied of 24"), "{end}");
    assert!(!end.contains("asks to wait"), "it is taken away:\n{end}");
}

#[test]
fn the_line_never_fills_a_narrow_terminal_nor_one_that_shrinks() {
    let (world, place) = setting("429=3@POST:/users#5");
    let mut terminal = answered(&world, &place, "yes", 44);
    terminal.wait_for("asks to wait");
    terminal.resize(28, 40);
    let before = terminal.raw().len();
    assert_eq!(terminal.exit_code(), 0);
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    let told = &raw[before..];
    assert!(!told.contains('\u{1b}'), "no escape sequence is needed");
    let drawn: Vec<&str> = told
        .split(['\r', '\n'])
        .filter(|piece| piece.contains(" of 24"))
        .collect();
    assert!(!drawn.is_empty(), "{raw}");
    // What was on its way when the terminal shrank is the only line that may be wider.
    let wide = drawn.iter().filter(|line| line.len() > 27).count();
    assert!(wide <= 1, "{drawn:?}");
    let narrow = raw[..before].split(['\r', '\n']);
    let widest = narrow
        .filter(|line| line.contains(" of 24;"))
        .map(str::len)
        .max();
    assert!(widest.is_some_and(|cells| cells <= 43), "{widest:?}");
}

#[test]
fn a_file_gets_plain_lines_and_a_pipe_of_json_too() {
    for json in [false, true] {
        let (world, place) = setting("429=1@POST:/users#5");
        let mut arguments = vec!["apply", "plan.json", "--yes"];
        arguments.extend(json.then_some("--json"));
        let done = place.run_in(&world, &arguments);
        done.says(0, &[": 24 operations\n", "  the tenant asks to wait: "]);
        let control = |text: &str| text.chars().any(|one| one.is_control() && one != '\n');
        assert!(!control(&done.err), "{:?}", done.err);
        assert!(!control(&done.out), "{:?}", done.out);
        if json {
            assert_eq!(done.last_json()["applied"], 24);
        }
    }
}

#[test]
fn a_no_is_no_slip_of_the_pen() {
    let (world, place) = setting("429=1@POST:/users#99");
    for answer in ["no", "", "y"] {
        let mut terminal = answered(&world, &place, answer, 100);
        assert_eq!(terminal.exit_code(), 1, "{answer}");
        let screen = terminal.text();
        assert!(
            screen.contains("not confirmed; nothing was sent"),
            "{screen}"
        );
    }
    assert_eq!(world.writes(), 0);
    assert_eq!(place.run(&["runs"]).out, "No runs yet.\n");
}
