//! T13 through the real program: what every command prints, logs, writes and shows from hostile
//! names, and the bytes of the screen in a real terminal.

use qroll::planner::file;
use qroll::text::{Raw, is_altered};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::time::Duration;

use super::judge::{faults_of_bytes, faults_of_text, must_warn, quoted};
use super::strings::{Family, Hostile, tokens};
use super::world::Town;
use crate::cli::place::{Done, Place};
use crate::proof::{Row, seed, sized};
use crate::pty::Terminal;

const FIELDS: [char; 7] = ['a', 'e', 'f', 'h', 'i', 'j', 'l'];

/// What was looked at and what was wrong.
#[derive(Default)]
struct Judge {
    texts: u64,
    faults: Vec<String>,
    /// Fields seen by their tokens.
    seen: BTreeSet<char>,
}

impl Judge {
    /// A text for people, or lines of JSON.
    fn read(&mut self, strings: &[Hostile], sink: &str, text: &str) {
        self.texts += 1;
        let told = faults_of_text(text);
        self.faults
            .extend(told.into_iter().map(|fault| format!("{sink}: {fault}")));
        for line in text.lines() {
            if line.starts_with("qroll: all is well") {
                self.faults
                    .push(format!("{sink}: a name began a line of its own"));
            }
            if line.starts_with('{')
                && serde_json::from_str::<Value>(line).is_err()
                && line.ends_with('}')
            {
                self.faults
                    .push(format!("{sink}: no JSON: {}", quoted(line)));
            }
        }
        for field in FIELDS {
            let (head, tail) = tokens(field);
            let holds = |token: &str| text.contains(token);
            if holds(&head) || holds(&tail) {
                self.seen.insert(field);
            }
        }
        self.warned(strings, sink, text);
    }

    /// A line that holds a string which was changed at the door shows a trace of that.
    fn warned(&mut self, strings: &[Hostile], sink: &str, text: &str) {
        let [one] = strings else { return };
        for field in FIELDS
            .into_iter()
            .filter(|field| must_warn(&one.text(*field)))
        {
            let (_, tail) = tokens(field);
            // A single word of a name is named alone where its letters are odd.
            let whole = |line: &&str| line.contains(&tail) && !line.contains("mixes letters");
            for line in text.lines().filter(whole) {
                let escaped = line.trim_start().starts_with('{') && line.contains('\\');
                if !escaped && !is_altered(line) {
                    self.faults
                        .push(format!("{sink}: no trace in {}", quoted(line)));
                }
            }
        }
    }

    fn done(&mut self, strings: &[Hostile], sink: &str, done: &Done) {
        self.read(strings, &format!("{sink}, stdout"), &done.out);
        self.read(strings, &format!("{sink}, stderr"), &done.err);
    }

    fn end(self, row: Row, size: &str) {
        let mut stderr = std::io::stderr().lock();
        for fault in self.faults.iter().take(20) {
            // Nobody reads it any more when that fails.
            let _ = writeln!(stderr, "{fault}");
        }
        drop(stderr);
        row.end(&format!("{size}, {} texts", self.texts), self.faults.len());
    }
}

fn drawn(count: u64) -> Vec<Hostile> {
    let seeds = seed().map_or_else(|| (0..count).collect(), |one| vec![one]);
    seeds.into_iter().map(Hostile::drawn).collect()
}

/// Every command over one town.
fn commands(town: &Town, judge: &mut Judge) {
    let strings = &town.strings;
    let place = &town.place;
    let mut run = |arguments: &[&str]| {
        let done = place.run_in(&town.world, arguments);
        judge.done(strings, &arguments.join(" "), &done);
        done
    };
    let wish = [
        "plan",
        "--all",
        "--license",
        "analyzer",
        "--log",
        "log.json",
    ];
    run(&wish);
    run(&[&wish[..], &["--json"]].concat());
    run(&[&wish[..], &["--out", "plan.json"]].concat());
    run(&["show", "plan.json"]);
    run(&["show", "plan.json", "--json"]);
    run(&["apply", "plan.json", "--yes", "--log", "log.json"]);
    run(&["apply", "plan.json", "--yes", "--json"]);
    run(&["runs"]);
    let listed = run(&["runs", "--json"]);
    // Names that look alike may have stopped the plan.
    let last = listed.out.lines().last();
    let last: Value = last
        .and_then(|line| serde_json::from_str(line).ok())
        .unwrap_or_default();
    if let Some(name) = last["run"].as_str() {
        run(&["runs", name, "--verify"]);
        run(&["runs", name, "--verify", "--json"]);
        run(&["revert", name]);
    }
    run(&["completions", "bash"]);
    for one in strings.iter().take(6) {
        // What was typed or pasted as an argument; a NUL cannot be one.
        for field in ['f', 'l', 'x'] {
            let text = one.text(field).replace('\0', "");
            run(&["plan", "--group", &text, "--license", "analyzer"]);
            run(&["plan", "--all", "--space", &format!("{text}=consumer")]);
            run(&["plan", "--all", "--license", &text]);
            run(&["show", &text]);
            run(&["runs", &text, "--verify"]);
        }
    }
    for name in ["log.json", "plan.json"] {
        let text = fs::read_to_string(place.path(name)).expect("written");
        judge.read(strings, name, &text);
    }
}

/// A plan file that somebody else made, sound by its hash, hostile in every text.
fn plans(town: &Town, judge: &mut Judge) {
    let bytes = fs::read(town.place.path("plan.json")).expect("a plan");
    let sound = file::parse(&bytes).expect("sound");
    for one in &town.strings {
        let mut plan = sound.clone();
        let raw = |field| Raw::from(one.text(field));
        plan.tenant.url = raw('e');
        plan.identity.name = raw('a');
        for source in &mut plan.sources {
            source.role = one.text('h');
            source.label = one.text('f');
            source.cause = Some(one.text('i'));
            source.complete = false;
        }
        for finding in &mut plan.findings {
            (finding.who, finding.text, finding.hint) = (raw('a'), raw('e'), raw('f'));
        }
        for operation in plan.operations.iter_mut().take(5) {
            (operation.name, operation.mail, operation.why) =
                (Some(raw('a')), Some(raw('i')), raw('e'));
        }
        town.place
            .write("theirs.json", &file::to_json(&file::seal(plan)));
        for arguments in [
            &["show", "theirs.json"][..],
            &["show", "theirs.json", "--json"],
        ] {
            let done = town.place.run(arguments);
            assert_eq!(done.code, 0, "{}", done.err);
            judge.done(
                std::slice::from_ref(one),
                &format!("{} of seed {}", arguments.join(" "), one.seed),
                &done,
            );
        }
    }
}

/// Journals that somebody wrote into.
fn journals(town: &Town, judge: &mut Judge) {
    let runs = town.place.path("state/runs");
    let sound = fs::read_dir(&runs)
        .expect("runs")
        .filter_map(|entry| Some(entry.ok()?.path()));
    let sound = sound
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "journal"));
    let sound = fs::read_to_string(sound.expect("a journal")).expect("text");
    for one in &town.strings {
        let text = one.text('a');
        let name = one.text('j').replace(['\0', '/'], "");
        let name: String = name.chars().take(40).collect();
        let first = sound.lines().next().unwrap_or_default();
        for body in [
            text.clone(),
            format!("{first}\n{text}\n"),
            first.replace("\"kind\":\"", &format!("\"kind\":\"{text}")),
        ] {
            fs::write(runs.join(format!("{name}.journal")), body).expect("written");
            let plain = format!("20261124T0000{:02}Z-0000", one.seed % 60);
            fs::write(
                runs.join(format!("{plain}.journal")),
                format!("{first}\n{text}"),
            )
            .expect("written");
            for arguments in [
                &["runs"][..],
                &["runs", "--json"],
                &["runs", &plain, "--verify"],
                &["runs", "--verify"],
            ] {
                let done = town.place.run(arguments);
                judge.done(
                    &[],
                    &format!("{} of seed {}", arguments.join(" "), one.seed),
                    &done,
                );
            }
        }
        fs::remove_file(runs.join(format!("{name}.journal"))).expect("removed");
    }
}

/// A CSV of hostile headers and cells.
fn tables(town: &Town, judge: &mut Judge) {
    for one in &town.strings {
        let cell = |field| format!("\"{}\"", one.text(field).replace('"', "\"\""));
        let place = Place::new();
        place.with_file(&town.world, "people.csv");
        for table in [
            format!(
                "id,name,mail,groups\n1,{},x@corp.example,{}\n2,{},,\n",
                cell('a'),
                cell('f'),
                cell('h')
            ),
            format!("id,name,{}\n1,Ada,x\n", cell('e')),
            format!("{}\n", cell('a')),
            format!("id,name,mail\n1,{}\n", cell('a')),
        ] {
            place.write("people.csv", &table);
            let done = place.run_in(&town.world, &["plan", "--all", "--license", "analyzer"]);
            judge.done(
                std::slice::from_ref(one),
                &format!("a table of seed {}", one.seed),
                &done,
            );
        }
    }
}

#[test]
fn proof_t13_commands() {
    let row = Row::begin("T13", "hostile text through every command");
    let strings = drawn(sized(23, 230));
    let count = strings.len();
    let mut judge = Judge::default();
    // One by one too, so that a warning cannot be another's.
    let few: Vec<Hostile> = strings.iter().take(3).cloned().collect();
    commands(&Town::of(strings), &mut judge);
    for one in few {
        commands(&Town::of(vec![one]), &mut judge);
    }
    let seen: String = judge
        .seen
        .iter()
        .filter(|field| "afhl".contains(**field))
        .collect();
    assert!(
        seed().is_some() || seen == "afhl",
        "only {seen} stand anywhere"
    );
    judge.end(row, &format!("{count} strings"));
}

#[test]
fn proof_t13_files() {
    let row = Row::begin("T13", "hostile plans, journals and tables of somebody else");
    let strings = drawn(sized(23, 230));
    let count = strings.len();
    let mut judge = Judge::default();
    let town = Town::plain(strings);
    let wish = [
        "plan",
        "--all",
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    town.place.run_in(&town.world, &wish).says(2, &[]);
    town.place
        .run_in(&town.world, &["apply", "plan.json", "--yes"])
        .says(0, &[]);
    plans(&town, &mut judge);
    journals(&town, &mut judge);
    tables(&town, &mut judge);
    judge.end(row, &format!("{count} strings"));
}

#[test]
fn proof_t13_terminal() {
    let row = Row::begin("T13", "hostile text in a real terminal, byte by byte");
    let strings = drawn(sized(23, 460));
    let count = strings.len();
    let mut judge = Judge::default();
    // Long ones fill the group's page with one name.
    let short = |one: &&Hostile| one.family != Family::Long;
    for some in strings
        .iter()
        .filter(short)
        .cloned()
        .collect::<Vec<_>>()
        .chunks(23)
    {
        let town = Town::of(some.to_vec());
        judge.texts += 1;
        for fault in faults_of_bytes(&shown(&town)) {
            let seeds: Vec<u64> = some.iter().map(|one| one.seed).collect();
            judge.faults.push(format!("seeds {seeds:?}: {fault}"));
        }
    }
    judge.end(row, &format!("{count} strings"));
}

/// What the screen writes from its beginning to its end, on all its pages.
fn shown(town: &Town) -> Vec<u8> {
    let (config, state) = (town.place.path("config.toml"), town.place.path("state"));
    let arguments = [
        "--config",
        &config.to_string_lossy(),
        "--state-dir",
        &state.to_string_lossy(),
    ];
    let environment = [
        ("QROLL_TENANT_SECRET", town.world.text("api_key")),
        (
            "QROLL_DIRECTORY_SECRET",
            town.world.text("graph_client_secret"),
        ),
    ];
    let mut terminal =
        Terminal::qroll_with(&arguments, &town.place.path("."), 120, 36, &environment);
    terminal.wait("both sides", |screen| {
        screen.contains("Groups") && screen.contains("read just now")
    });
    terminal.keys("/QLIK_ANALYZERS<enter><space>");
    terminal.wait_for("people");
    // An Esc that is read together with the next key would be Alt and that key; a busy machine reads late.
    for keys in [
        "<tab>", "<enter>", "<esc>", "yr", "<down>", "<down>yn", "s", "<esc>", "l", "a",
    ] {
        terminal.keys(keys);
        std::thread::sleep(Duration::from_millis(250));
    }
    terminal.keys("p");
    terminal.wait_for("nothing was sent");
    terminal.keys("<pgdn>g<end>");
    terminal.keys("1");
    terminal.wait_for("Groups");
    let pid = i32::try_from(terminal.pid()).ok().and_then(Pid::from_raw);
    kill_process(pid.expect("a pid"), Signal::TERM).expect("sent");
    assert_eq!(terminal.exit_code(), 143);
    terminal.raw()
}
