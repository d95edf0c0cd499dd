//! `qroll` on a machine without a profile: the set-up and the demo are offered, on the screen.

use super::guided::{Machine, PASSPHRASE};
use super::screen::{answer, begin, keep, sure};
use crate::cli::place::World;
use crate::pty::Terminal;

#[test]
fn the_demo_is_one_answer_away() {
    let machine = Machine::new();
    let mut terminal = machine.screen(&[], 120, 40);
    let text = answer(&mut terminal, "What now?", "2");
    assert!(text.contains("There is no profile yet"), "{text}");
    terminal.wait_for("QLIK_ANALYZERS");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!machine.config().exists(), "nothing was written");
}

#[test]
fn leaving_changes_nothing() {
    let machine = Machine::new();
    let mut terminal = machine.screen(&[], 120, 40);
    answer(&mut terminal, "What now?", "3");
    assert_eq!(terminal.exit_code(), 0);
    let mut terminal = machine.screen(&[], 120, 40);
    answer(&mut terminal, "What now?", "1");
    terminal.wait_for("Name, for instance acme");
    terminal.keys("<esc>");
    terminal.wait_for("Leave?");
    terminal.keys("y");
    assert_ne!(terminal.exit_code(), 0);
    assert!(!machine.config().exists(), "nothing was written");
}

#[test]
fn a_profile_is_set_up_and_its_screen_opens() {
    let (world, machine) = (World::scenario("s16"), Machine::new());
    let people = "id,name,mail,groups\n9b1c-7f,Ada Test,ada@corp.example,QLIK_TEST\n";
    machine.write("people.csv", people);
    let mut terminal = machine.screen(&[], 120, 40);
    answer(&mut terminal, "What now?", "");
    begin(&mut terminal, &world);
    keep(&mut terminal);
    sure(&mut terminal, "yes");
    answer(&mut terminal, "main.sealed (not shown)", PASSPHRASE);
    answer(&mut terminal, "Open the screen now?", "");
    // The screen opens what was stored.
    unlock(&mut terminal);
    terminal.wait_for("QLIK_TEST");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!(world.writes(), 0, "the tenant is only read");
    // The next start asks nothing of this.
    let mut again = machine.screen(&[], 120, 40);
    unlock(&mut again);
    again.wait_for("QLIK_TEST");
    again.keys("q");
    assert_eq!(again.exit_code(), 0);
}

/// The passphrase, asked for line by line before the screen opens.
fn unlock(terminal: &mut Terminal) {
    terminal.wait("the passphrase", |screen| {
        screen.trim_end().ends_with("main.sealed (not shown):")
    });
    terminal.keys(PASSPHRASE);
    terminal.keys("<enter>");
}

/// Where there is no screen, both are offered line by line.
#[test]
fn a_terminal_without_a_screen_is_asked_by_lines() {
    let machine = Machine::new().with("TERM", "dumb");
    let mut guided = machine.first();
    let said = guided.answers("Number [1]:", "3");
    assert!(said.contains("There is no profile yet"), "{said}");
    assert_eq!(guided.terminal.exit_code(), 0);
}
