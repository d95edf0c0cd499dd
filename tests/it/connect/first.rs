//! `qroll` on a machine without a profile: the set-up and the demo are offered.

use super::file::begin;
use super::guided::{Machine, PASSPHRASE};
use crate::cli::place::World;

#[test]
fn the_demo_is_one_answer_away() {
    let machine = Machine::new();
    let mut guided = machine.first();
    let said = guided.answers("Number [1]:", "2");
    assert!(said.contains("There is no profile yet"), "{said}");
    guided.terminal.wait_for("QLIK_ANALYZERS");
    guided.terminal.keys("q");
    assert_eq!(guided.terminal.exit_code(), 0);
    assert!(!machine.config().exists(), "nothing was written");
}

#[test]
fn leaving_changes_nothing() {
    let machine = Machine::new();
    let mut guided = machine.first();
    guided.answers("Number [1]:", "3");
    assert_eq!(guided.terminal.exit_code(), 0);
    let mut guided = machine.first();
    guided.answers("Number [1]:", "1");
    guided.hears("production [main]:");
    guided.terminal.bytes(b"\x03");
    assert_ne!(guided.terminal.exit_code(), 0);
    assert!(!machine.config().exists(), "nothing was written");
}

#[test]
fn a_profile_is_set_up_and_its_screen_opens() {
    let (world, machine) = (World::scenario("s16"), Machine::new());
    let people = "id,name,mail,groups\n9b1c-7f,Ada Test,ada@corp.example,QLIK_TEST\n";
    machine.write("people.csv", people);
    let mut guided = machine.first();
    guided.answers("Number [1]:", "");
    begin(&mut guided, &world, "");
    guided.seals();
    guided.sure("yes");
    guided.answers("main.sealed (not shown):", PASSPHRASE);
    guided.hears("0 failed");
    guided.types("Open the screen now? Type yes or no:", "yes");
    guided.answers("main.sealed (not shown):", PASSPHRASE);
    guided.terminal.wait_for("QLIK_TEST");
    guided.terminal.keys("q");
    assert_eq!(guided.terminal.exit_code(), 0);
    assert_eq!(world.writes(), 0, "the tenant is only read");
    // The next start asks nothing of this.
    let mut again = machine.first();
    again.answers("main.sealed (not shown):", PASSPHRASE);
    again.terminal.wait_for("QLIK_TEST");
    again.terminal.keys("q");
    assert_eq!(again.terminal.exit_code(), 0);
}
