//! The same guide on the whole screen.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use super::guided::{Machine, PASSPHRASE};
use crate::cli::place::World;
use crate::pty::Terminal;

const PEOPLE: &str =
    "id,name,mail,enabled,groups\n9b1c-7f,Ada Test,ada@corp.example,true,QLIK_TEST\n";

/// Answers the question that is open.
pub(super) fn answer(terminal: &mut Terminal, question: &str, keys: &str) -> String {
    let text = open(terminal, question);
    terminal.keys(keys);
    terminal.keys("<enter>");
    text
}

/// Waits until this is asked.
pub(super) fn open(terminal: &mut Terminal, question: &str) -> String {
    terminal.wait(question, |screen| {
        let right = right(screen);
        let from = right.iter().rposition(|line| line.is_empty());
        let block = right
            .get(from.map_or(0, |from| from + 1)..)
            .unwrap_or_default();
        words(block).contains(question) && words(block).contains('>')
    })
}

/// The lines of the right side that hold something, without what frames them.
fn right(screen: &str) -> Vec<&str> {
    let lines: Vec<&str> = screen.lines().collect();
    let within = lines
        .get(2..lines.len().saturating_sub(2))
        .unwrap_or_default();
    let mut right: Vec<&str> = within
        .iter()
        .map(|line| {
            line.split_once(['│', '|'])
                .map_or(*line, |(_, right)| right)
                .trim()
        })
        .collect();
    while right.last().is_some_and(|line| line.is_empty()) {
        right.pop();
    }
    right
}

/// Lines as one.
fn words(lines: &[&str]) -> String {
    lines
        .iter()
        .flat_map(|line| line.split_whitespace())
        .collect::<Vec<_>>()
        .join(" ")
}

/// All that the right side says.
fn joined(screen: &str) -> String {
    words(&right(screen))
}

/// The last question: only what is typed answers it.
pub(super) fn sure(terminal: &mut Terminal, word: &str) {
    terminal.wait_for("Write it? Type yes or no");
    // Keys do not count at once.
    std::thread::sleep(Duration::from_millis(600));
    for letter in word.chars() {
        terminal.keys(&letter.to_string());
        std::thread::sleep(Duration::from_millis(80));
    }
    terminal.keys("<enter>");
}

/// From the first question to the place where secrets go.
pub(super) fn begin(terminal: &mut Terminal, world: &World) {
    answer(terminal, "Name, for instance acme", "");
    answer(terminal, "as the browser shows it", world.text("qlik_url"));
    answer(terminal, "How does qroll sign in to it?", "2");
    answer(terminal, "API key (not shown)", world.text("api_key"));
    answer(terminal, "Where do people come from?", "3");
    answer(terminal, "Path of the file", "people.csv");
    answer(terminal, "Which template?", "");
}

pub(super) fn keep(terminal: &mut Terminal) {
    answer(terminal, "Where shall they go?", "");
    answer(terminal, "A new passphrase (not shown)", PASSPHRASE);
    answer(terminal, "The same again (not shown)", PASSPHRASE);
}

#[test]
fn from_an_empty_machine_to_a_profile() {
    let (world, machine) = (World::scenario("s16"), Machine::new());
    machine.write("people.csv", PEOPLE);
    let mut terminal = machine.screen(&["connect"], 100, 40);
    answer(&mut terminal, "Name, for instance acme", "no name");
    answer(&mut terminal, "letters, digits, - and _ only", "");
    answer(
        &mut terminal,
        "as the browser shows it",
        "http://tenant.example",
    );
    let page = format!("{}/console/?x=1", world.text("qlik_url"));
    answer(
        &mut terminal,
        "plain http is accepted for loopback addresses only",
        &page,
    );
    let text = answer(&mut terminal, "How does qroll sign in to it?", "<down>");
    assert!(
        joined(&text).contains("127.0.0.1 answers as a tenant"),
        "{text}"
    );
    let text = answer(&mut terminal, "API key (not shown)", "wrong-key-1");
    assert!(
        joined(&text).contains("TenantAdmin"),
        "what the key needs: {text}"
    );
    // A failed trial, with its mend, and the same again: Enter keeps each answer.
    let text = answer(&mut terminal, "This step failed. How to go on?", "");
    assert!(
        text.contains("[fail] tenant:") && text.contains("-> "),
        "{text}"
    );
    assert!(
        !text.contains("S-Tab"),
        "what was tried is not gone back on: {text}"
    );
    answer(&mut terminal, "as the browser shows it", "");
    answer(&mut terminal, "How does qroll sign in to it?", "");
    answer(
        &mut terminal,
        "Enter takes what was typed before",
        world.text("api_key"),
    );
    let text = answer(&mut terminal, "Where do people come from?", "3");
    assert!(text.contains("ok The Qlik Cloud tenant"), "{text}");
    answer(&mut terminal, "Path of the file", "nobody.csv");
    answer(&mut terminal, "No such file", "people.csv");
    let text = answer(&mut terminal, "Which template?", "");
    assert!(
        joined(&text).contains("no existing user to compare"),
        "{text}"
    );
    answer(&mut terminal, "Where shall they go?", "");
    answer(&mut terminal, "A new passphrase (not shown)", "short");
    answer(&mut terminal, "Take at least 10 characters", PASSPHRASE);
    let text = answer(&mut terminal, "The same again (not shown)", PASSPHRASE);
    assert!(!text.contains(PASSPHRASE), "{text}");
    assert!(!machine.config().exists(), "nothing before the last answer");
    sure(&mut terminal, "yes");
    answer(&mut terminal, "main.sealed (not shown)", PASSPHRASE);
    terminal.wait_for("0 failed");
    let text = answer(&mut terminal, "Close", "");
    assert!(text.contains("ok The doctor"), "{text}");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.text());
    // What the doctor said stays on the terminal, and no secret ever stood there.
    assert!(!terminal.is_full_screen());
    let text = terminal.text();
    assert!(
        text.contains("0 failed") && text.contains("Next: qroll"),
        "{text}"
    );
    assert!(machine.read_config().contains("auth = \"api-key\""));
    let all = String::from_utf8_lossy(&terminal.raw()).into_owned();
    for secret in [world.text("api_key"), "wrong-key-1", PASSPHRASE] {
        assert!(!all.contains(secret), "{secret} stands on the terminal");
    }
    assert_eq!(world.writes(), 0, "the tenant is only read");
}

#[test]
fn an_answer_is_gone_back_to_and_changed() {
    let (world, machine) = (World::scenario("s16"), Machine::new());
    let mut terminal = machine.screen(&["connect", "--profile", "acme"], 80, 24);
    answer(
        &mut terminal,
        "as the browser shows it",
        world.text("qlik_url"),
    );
    answer(&mut terminal, "How does qroll sign in to it?", "1");
    open(&mut terminal, "Client ID");
    terminal.keys("<s-tab>");
    terminal.wait("the way again", |screen| {
        screen.contains("> 1  OAuth client")
    });
    terminal.keys("<s-tab>");
    // The first one: its answer is offered, and there is no further way back.
    let text = terminal.wait("the address again", |screen| {
        !screen.contains("answers as a tenant") && screen.contains(">   http://127.0.0.1")
    });
    assert!(!text.contains("S-Tab"), "{text}");
    terminal.keys("<enter>");
    let text = answer(&mut terminal, "How does qroll sign in to it?", "2");
    assert_eq!(text.matches("answers as a tenant").count(), 1, "{text}");
    open(&mut terminal, "API key (not shown)");
    terminal.keys("abc");
    terminal.wait_for("> •••");
    terminal.keys("<esc>");
    terminal.wait_for("Leave?");
    terminal.keys("y");
    assert_eq!(terminal.exit_code(), 1);
}

#[test]
fn it_fits_every_size_and_can_be_left() {
    let (world, machine) = (World::scenario("s16"), Machine::new());
    machine.write("people.csv", PEOPLE);
    let mut terminal = machine.screen(&["connect"], 120, 40);
    begin(&mut terminal, &world);
    open(&mut terminal, "Where shall they go?");
    for (columns, rows) in [(80, 24), (60, 24), (60, 12), (120, 36)] {
        terminal.resize(columns, rows);
        // The last row comes last: a screen may be read in the middle of a frame.
        terminal.wait("the new size", |screen| {
            joined(screen).contains("Where shall they go?")
                && screen.contains("Esc")
                && screen.lines().count() == usize::from(rows)
                && screen.contains("ok The directory") == (columns >= 72)
                && screen.contains("5/7 Where secrets are kept") == (columns < 72)
        });
    }
    terminal.resize(30, 8);
    terminal.wait_for("qroll needs 40x10");
    // What nobody can see is answered by nothing; only leaving is asked for.
    terminal.keys("<enter>");
    terminal.keys("<esc>");
    terminal.wait_for("Leave? y leaves");
    terminal.keys("<esc>");
    terminal.wait_for("qroll needs 40x10");
    terminal.resize(80, 24);
    terminal.wait_for("Where shall they go?");
    keep(&mut terminal);
    // A paste answers nothing.
    terminal.wait_for("Write it? Type yes or no");
    std::thread::sleep(Duration::from_millis(600));
    terminal.bytes(b"yes\ryes\r");
    terminal.wait_for("a paste is no answer");
    terminal.keys("<esc>");
    terminal.wait_for("Nothing was written or changed");
    terminal.keys("<esc>");
    terminal.wait("it goes on", |screen| {
        screen.contains("Esc leave") && !screen.contains("Leave?")
    });
    std::thread::sleep(Duration::from_millis(600));
    sure(&mut terminal, "no");
    assert_eq!(terminal.exit_code(), 1);
    assert!(
        terminal
            .text()
            .contains("nothing was written, stored or changed"),
        "{}",
        terminal.text()
    );
    assert!(!machine.config().exists() && !machine.sealed("main").exists());
}

/// A tenant that takes the connection and says nothing.
#[test]
fn whoever_waits_can_leave() {
    let machine = Machine::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let mut terminal = machine.screen(&["connect"], 80, 24);
    answer(&mut terminal, "Name, for instance acme", "");
    answer(&mut terminal, "as the browser shows it", &url);
    let (mut stream, _) = listener.accept().expect("a connection");
    let _ = stream.read(&mut [0; 64]);
    terminal.keys("<c-c>");
    terminal.wait_for("Leave? Nothing was written");
    terminal.keys("<c-c>");
    assert_eq!(terminal.exit_code(), 1);
    let _ = stream.write(b"");
    assert!(!machine.config().exists());
}

#[test]
fn a_signal_and_a_lost_line_give_everything_back() {
    let machine = Machine::new();
    let mut terminal = machine.screen(&["connect"], 80, 24);
    open(&mut terminal, "Name, for instance acme");
    let pid = terminal.pid().to_string();
    let killed = std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status();
    assert!(killed.expect("kill runs").success());
    assert_eq!(terminal.exit_code(), 143);
    assert!(!terminal.is_full_screen());
    let mut terminal = machine.screen(&["connect"], 80, 24);
    open(&mut terminal, "Name, for instance acme");
    terminal.hang_up();
    assert_ne!(terminal.exit_code(), 0);
}

#[test]
fn without_colour_and_without_unicode_nothing_is_lost() {
    let machine = Machine::new().with("NO_COLOR", "1").with("LANG", "C");
    let mut terminal = machine.screen(&["connect"], 80, 24);
    answer(&mut terminal, "Name, for instance acme", "acme");
    open(&mut terminal, "as the browser shows it");
    let text = terminal.text();
    assert!(
        text.contains("ok The profile") && text.contains(".. The Qlik"),
        "{text}"
    );
    assert!(text.is_ascii(), "{text}");
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    for colour in ["\x1b[3", "\x1b[38;"] {
        let coloured = raw
            .split(colour)
            .skip(1)
            .any(|rest| rest.starts_with(['1', '2', '3', '4', '6', '8']));
        assert!(!coloured, "{raw:?}");
    }
    terminal.keys("<esc>");
    terminal.wait_for("Leave?");
    terminal.keys("y");
    assert_eq!(terminal.exit_code(), 1);
}
