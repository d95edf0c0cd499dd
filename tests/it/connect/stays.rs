//! What stays as it is: a configuration that is there, everything when somebody leaves, and machines
//! without a terminal.

use std::fs;

use super::file::begin;
use super::guided::Machine;
use crate::cli::place::World;

const PEOPLE: &str = "id,name\n1,Ann\n";
const THEIRS: &str = "\
# Ours, by hand.
[keys]
quit = \"Q\"     # as everywhere

[profile.old.directory]   # before the tenant
kind = \"file\"
path = \"old.csv\"
[profile.old.tenant]
url   = \"https://old.eu.qlikcloud.com\"
auth  = 'api-key'";

#[test]
fn a_configuration_that_is_there_stays_byte_for_byte() {
    let (world, machine) = (World::scenario("s16"), Machine::new());
    machine.write("people.csv", PEOPLE);
    machine.write(".config/qroll/config.toml", THEIRS);
    let mut guided = machine.connect(&["--profile", "new"]);
    guided.answers("as the browser shows it:", world.text("qlik_url"));
    guided.answers("Number [1]:", "2");
    guided.answers("API key (not shown):", world.text("api_key"));
    guided.answers("Number [1]:", "3");
    guided.answers("Path of the file:", "people.csv");
    guided.answers("Number [1]:", "");
    guided.answers("Number [1]:", "2");
    let said = guided.answers("Number [1]:", "");
    assert!(
        said.contains("Which profile is used when --profile names none?"),
        "{said}"
    );
    let said = guided.sure("yes");
    assert!(said.contains("the rest of it stays as it is"), "{said}");
    guided.answers("new.tenant (not shown, not stored):", world.text("api_key"));
    guided.hears("0 failed");
    let said = guided.hears("Next:");
    assert!(
        said.contains("qroll --profile new opens the screen"),
        "{said}"
    );
    assert_eq!(guided.terminal.exit_code(), 0);
    let config = machine.read_config();
    let (default, rest) = config.split_once('\n').expect("lines");
    assert_eq!(default, "default = \"old\"");
    assert!(rest.starts_with(THEIRS), "{config}");
    assert!(!machine.sealed("new").exists());

    // The same profile anew: only what differs is changed.
    machine.write("others.csv", PEOPLE);
    let before = machine.read_config();
    let mut guided = machine.connect(&["--profile", "new"]);
    guided.answers(&format!("[{}]:", world.text("qlik_url")), "");
    guided.answers("Number [2]:", "");
    guided.answers("API key (not shown):", world.text("api_key"));
    guided.answers("Number [3]:", "");
    guided.answers("people.csv]:", "others.csv");
    guided.answers("Number [1]:", "");
    guided.answers("Number [1]:", "2");
    let said = guided.sure("yes");
    assert!(said.contains("~ directory.path = "), "{said}");
    assert_eq!(said.matches("~ ").count(), 1, "{said}");
    guided.answers("new.tenant (not shown, not stored):", world.text("api_key"));
    guided.hears("0 failed");
    let expected = before.replace("people.csv", "others.csv");
    assert_eq!(machine.read_config(), expected);
}

#[test]
fn whoever_leaves_leaves_everything_as_it_was() {
    let (world, machine) = (World::scenario("s16"), Machine::new());
    machine.write("people.csv", PEOPLE);
    for at in 0..4 {
        let mut guided = machine.connect(&[]);
        if at == 0 {
            guided.hears("production [main]:");
        } else {
            begin(&mut guided, &world, "");
            if at == 1 {
                guided.hears("Number [1]:");
            } else {
                guided.answers("Number [1]:", "2");
                guided.hears("Type yes or no:");
                // Keys do not count at once.
                std::thread::sleep(std::time::Duration::from_millis(600));
            }
        }
        match at {
            3 => {
                // A paste answers nothing.
                guided.terminal.bytes(b"yes\ryes\r");
                guided.hears("a paste is no answer");
                guided.sure("no");
            }
            _ => guided.terminal.keys("<c-c>"),
        }
        assert_eq!(guided.terminal.exit_code(), 1, "{}", guided.terminal.text());
        let text = guided.terminal.text();
        assert!(text.contains("nothing was written, stored or"), "{text}");
        assert!(!machine.config().exists() && !machine.sealed("main").exists());
    }
    assert_eq!(world.writes(), 0);
    machine.holds_nowhere(world.text("api_key"));
}

#[test]
fn without_a_terminal_the_file_to_write_is_named() {
    let machine = Machine::new();
    let config = machine.config().display().to_string();
    machine
        .run(&["connect"], &[])
        .says(64, &["no terminal here", &config, "[profile.NAME.tenant]"]);
    machine.run(&["doctor"], &[]).says(1, &[]);
    machine
        .run(&["plan", "--all"], &[])
        .says(64, &["qroll connect"]);
    let broken = machine.write(".config/qroll/config.toml", "default = [\n");
    let guided = machine.connect(&[]);
    let mut terminal = guided.terminal;
    assert_eq!(terminal.exit_code(), 64, "{}", terminal.text());
    assert_eq!(fs::read_to_string(broken).expect("a file"), "default = [\n");
}
