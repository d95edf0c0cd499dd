//! T15: every screen in every size, on six kinds of terminals and in three locales: nothing panics,
//! the terminal is given back as it was, and below the least size there is one line.

use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::time::Duration;

use crate::proof::{Row, sized};
use crate::pty::Terminal;

const SIZES: [(u16, u16); 8] = [
    (0, 0),
    (1, 1),
    (20, 5),
    (40, 10),
    (80, 24),
    (120, 36),
    (200, 60),
    (500, 200),
];
const TERMS: [&str; 6] = [
    "xterm-256color",
    "screen",
    "tmux-256color",
    "linux",
    "vt100",
    "dumb",
];
const LOCALES: [&str; 3] = ["C.UTF-8", "C", "de_CH.ISO-8859-1"];

/// Every screen and every kind of dialog, and back.
const WALK: [&str; 12] = [
    "<tab>", "<tab>", "<down>", "?", "<esc>", ":", "<esc>", "6", "1", "<space>l", "<esc>", "p",
];

#[test]
fn proof_t15_sizes() {
    let row = Row::begin("T15", "every screen by size, TERM and locale");
    let every = SIZES.len() * TERMS.len() * LOCALES.len();
    let wanted = usize::try_from(sized(16, every as u64)).expect("small");
    let home = tempfile::tempdir().expect("a directory");
    let mut violations = Vec::new();
    for number in 0..wanted {
        // The short version meets every size twice, every TERM and every locale.
        let place = if wanted < every { number * 19 } else { number };
        let (size, rest) = (SIZES[place % 8], place / 8);
        let (term, locale) = (TERMS[rest % 6], LOCALES[rest / 6 % 3]);
        if let Err(what) = visit(home.path(), size, term, locale) {
            violations.push(format!("{size:?} {term} {locale}: {what}"));
        }
    }
    for line in &violations {
        eprintln!("{line}");
    }
    row.end(&format!("{wanted} of {every}"), violations.len());
}

fn visit(home: &Path, size: (u16, u16), term: &str, locale: &str) -> Result<(), String> {
    let mut command = portable_pty::CommandBuilder::new("/bin/sh");
    command.args([
        "-c",
        "read start; exec \"$0\" --demo --scenario s16 2>errors",
        env!("CARGO_BIN_EXE_qroll"),
    ]);
    command.env_clear();
    command.cwd(home);
    for (name, value) in [
        ("HOME", home.to_string_lossy().as_ref()),
        ("TERM", term),
        ("LANG", locale),
        ("PATH", "/usr/bin:/bin"),
    ] {
        command.env(name, value);
    }
    let mut terminal = Terminal::spawn(command, size.0, size.1);
    let before = terminal.modes();
    terminal.bytes(b"\n");
    let told = walk(&mut terminal, size, term, locale);
    let code = terminal.exit_code();
    let errors = std::fs::read_to_string(home.join("errors")).unwrap_or_default();
    told?;
    let must = |holds: bool, what: String| if holds { Ok(()) } else { Err(what) };
    must(!errors.contains("internal error"), errors.clone())?;
    must(terminal.modes() == before, "modes not restored".to_owned())?;
    must(
        !terminal.is_full_screen(),
        "alternate screen not left".to_owned(),
    )?;
    if term == "dumb" {
        must(
            code != 0 && errors.contains("qroll plan"),
            format!("not declined: {errors}"),
        )?;
        let control = terminal.raw().contains(&0x1b);
        return must(!control, "control sequences for a dumb terminal".to_owned());
    }
    must(code == 143, format!("exit code {code}: {errors}"))
}

fn walk(terminal: &mut Terminal, size: (u16, u16), term: &str, locale: &str) -> Result<(), String> {
    if term == "dumb" {
        return Ok(());
    }
    let tiny = size.0 < 40 || size.1 < 10;
    if size == (20, 5) {
        terminal.wait_for("qroll needs 40x10");
    } else if !tiny {
        terminal.wait_for("Groups");
        // The line of keys is there: everything was drawn.
        for keys in WALK {
            let written = terminal.written();
            terminal.keys(keys);
            for _ in 0..20 {
                if terminal.written() > written {
                    break;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    } else {
        // Nothing that could be read fits; keys must do no harm.
        std::thread::sleep(Duration::from_millis(500));
        terminal.keys("?<esc>6:<esc>");
        std::thread::sleep(Duration::from_millis(100));
    }
    let text = terminal.text();
    if locale != "C.UTF-8" && !text.is_ascii() {
        return Err(format!("not ASCII:\n{text}"));
    }
    // A shell that has not yet become the program would die of it.
    if !terminal.raw().windows(6).any(|bytes| bytes == b"?1049h") {
        return Err(format!("no screen:\n{text}"));
    }
    let pid = i32::try_from(terminal.pid()).ok().and_then(Pid::from_raw);
    kill_process(pid.expect("a pid"), Signal::TERM).map_err(|error| error.to_string())
}
