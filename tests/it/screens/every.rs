//! T13 on the screens: every hostile string in every field, through every screen, dialog and field of
//! text, and into what leaves the screen (clipboard, exports, parting words).

use crossterm::event::Event;
use qroll::app::{Answer, Effect, Message, Trouble};
use qroll::domain::RunId;
use qroll::ports::{Kind, Problem};
use std::collections::{BTreeMap, BTreeSet};

use super::Desk;
use super::desk::setup;
use super::dressed::{Dress, FIELDS};
use super::seen::Seen;
use crate::hostile::{FULL, Hostile, faults_of_text, quoted};
use crate::proof::{Row, seed, sized};

/// Where to, in keys, from a desk on which everything was read.
const STEPS: [(&str, &str); 43] = [
    ("roster", ""),
    ("group", "<down> "),
    ("people", "<tab>"),
    ("about a person", "<enter>"),
    ("copy", "<esc>y"),
    ("export", "<esc>e"),
    ("license", "<esc>l"),
    ("ladder", "<esc>d"),
    ("tenant roles", "<esc>r"),
    ("presets", "<esc>f"),
    ("sort", "<esc>o"),
    ("palette", "<esc>:"),
    ("help", "<esc>?"),
    ("same person", "<esc>="),
    ("list", "<esc>g"),
    ("nested group", "<esc><s-tab><right><down>"),
    ("all people", "<home><enter><tab>"),
    ("a stranger", "<end>"),
    ("about a stranger", "<enter>"),
    ("detail", "<esc><tab>"),
    (
        "license staged",
        "<home><s-tab><s-tab><down>l<end><up><up><enter>",
    ),
    ("spaces", "s"),
    ("space roles", " <down> <enter>"),
    ("spaces staged", "<end><up> <enter>"),
    ("tenant roles staged", "r <enter>"),
    ("who waits", "w"),
    ("automatic", "<esc>A"),
    ("spaces screen", "<esc>3<down><down>"),
    ("assignments", "<tab>"),
    ("an assignment", "<enter>"),
    ("roles there", "<esc>s"),
    ("old and new", "<down> <enter>"),
    ("put in", "<esc>+"),
    ("copy there", "<esc>y"),
    ("export there", "<esc>e"),
    ("access", "<esc><tab>"),
    ("plan", "1p"),
    ("an operation", "<down><enter>"),
    ("by space", "<esc>g"),
    ("findings", "<end>"),
    ("a finding", "<enter>"),
    ("copy of the plan", "<esc>y"),
    ("question", "<esc>a"),
];

/// One string's way through everything.
struct Walk<'a> {
    dress: &'a Dress,
    unicode: bool,
    faults: Vec<String>,
    /// Where each field was seen, if somebody wants to know.
    maps: bool,
    seen: BTreeMap<char, BTreeSet<String>>,
    frames: u64,
}

impl Walk<'_> {
    fn look(&mut self, desk: &Desk, step: &str) {
        let seen = Seen::of(desk);
        self.frames += 1;
        if self.maps {
            for field in seen.fields() {
                self.seen.entry(field).or_default().insert(step.to_owned());
            }
        }
        let mut faults = seen.faults(self.dress, self.unicode);
        if step.starts_with("list") {
            // Each address of a paste is a text of its own there.
            faults.retain(|fault| !fault.contains("xqZ") && !fault.contains("Zqx"));
        }
        if let Some(first) = faults.first() {
            self.wrong(
                step,
                &format!("{first} ({} faults)\n{}", faults.len(), seen.text()),
            );
        }
        for effect in &desk.asked {
            match effect {
                // Cells of a row are apart by a tab of ours.
                Effect::Copy(text) => self.read("clipboard", &text.replace('\t', " ")),
                Effect::Write(_, name, text) => {
                    self.read(name.rsplit('.').next().unwrap_or(""), text);
                }
                _ => {}
            }
        }
    }

    /// A text that leaves the screen.
    fn read(&mut self, sink: &str, text: &str) {
        if let Some(fault) = faults_of_text(text).first() {
            self.wrong(sink, fault);
        }
        let odd = match sink {
            "csv" => text.lines().find(|line| runs_a_formula(line)),
            "md" => text.lines().find(|line| strokes(line) != 9),
            _ => None,
        };
        if let Some(line) = odd {
            self.wrong(sink, &quoted(line));
        }
    }

    fn wrong(&mut self, sink: &str, fault: &str) {
        let one = &self.dress.one;
        let fields = &self.dress.fields;
        self.faults.push(format!(
            "seed {} {:?}, fields {fields}, sink {sink}: {fault}\n  the string: {}",
            one.seed,
            one.family,
            quoted(&one.text(fields.chars().next().unwrap_or('a')))
        ));
    }

    fn all(&mut self) {
        let mut desk = self.desk();
        for (step, keys) in STEPS {
            desk.keys(keys);
            self.look(&desk, step);
        }
        self.run(&mut desk);
        self.moved();
        self.past();
        self.typed();
        self.leaves();
        self.unread();
    }

    fn desk(&self) -> Desk {
        let mut desk = self.dress.desk();
        desk.app.setup.capabilities.unicode = self.unicode;
        desk
    }

    fn run(&mut self, desk: &mut Desk) {
        desk.keys("y");
        let plan = desk.plan();
        for event in self.dress.events(&plan) {
            desk.run(event);
        }
        self.look(desk, "run");
        for step in 0..4 {
            desk.keys("<down><enter>");
            self.look(desk, &format!("outcome {step}"));
            desk.keys("<esc>");
        }
        let problem = Problem::new(Kind::Protocol, self.dress.text('t')).hint(self.dress.text('t'));
        desk.send(Message::RunEnded(Err(Trouble::from(&problem))));
        self.look(desk, "run over");
        desk.keys("qq");
        if let Some(parting) = desk.app.parting() {
            self.read("parting words", &parting);
        }
    }

    fn planned(&self) -> Desk {
        let mut desk = self.desk();
        desk.keys("<down> l<enter>").keys("p");
        desk
    }

    fn moved(&mut self) {
        let mut desk = self.planned();
        let plan = desk.plan();
        desk.keys("a").keys("y");
        desk.send(self.dress.moved(&plan));
        self.look(&desk, "moved");
        desk.keys("<enter>");
        self.look(&desk, "one that moved");
    }

    fn past(&mut self) {
        let mut desk = self.planned();
        let plan = desk.plan();
        desk.keys("6");
        desk.tell(Answer::Runs(Ok(self.dress.runs())));
        self.look(&desk, "runs");
        desk.keys("<down><down>c");
        self.look(&desk, "a run that cannot go on");
        for down in 0..3 {
            desk.keys("<home>")
                .keys(&"<down>".repeat(down))
                .keys("<enter>");
            if let Some(Effect::ReadRun(_, run)) = desk.asked.last().cloned() {
                self.opened(&mut desk, run, &plan);
            }
            desk.keys("<esc>");
        }
    }

    fn opened(&mut self, desk: &mut Desk, run: RunId, plan: &std::sync::Arc<qroll::domain::Plan>) {
        desk.tell(Answer::RunRead(run, Ok(self.dress.record(plan))));
        self.look(desk, "a past run");
        desk.keys("<down><enter>");
        self.look(desk, "a past outcome");
        desk.keys("<esc>y");
        self.look(desk, "copy of a run");
        desk.keys("<esc>");
    }

    fn typed(&mut self) {
        for (step, keys) in [
            ("group filter", "/"),
            ("people filter", "<down> <tab>/"),
            ("palette filter", ":"),
            ("space filter", "<down>s"),
            ("list of addresses", "g"),
        ] {
            let mut desk = self.desk();
            desk.keys(keys);
            desk.event(Event::Paste(self.dress.text('x')));
            self.look(&desk, step);
            desk.keys("<enter>");
            self.look(&desk, &format!("{step} taken"));
        }
    }

    /// Every copy and every export of the row under the cursor.
    fn leaves(&mut self) {
        for hot in ["n", "m", "i", "r"].map(|key| format!("<tab>y{key}")) {
            let mut desk = self.desk();
            desk.keys("3<down><down>").keys(&hot).keys("<enter>");
            self.look(&desk, &hot);
        }
        for pane in ["", "<tab>", "<tab><tab>"] {
            for form in ["c", "j", "m"] {
                let mut desk = self.desk();
                desk.keys("3<down><down>").keys(pane).keys("e").keys(form);
                self.look(&desk, form);
            }
        }
        for hot in ["yn", "ym", "yr", "ys", "yi", "ec", "ej", "em"] {
            let mut desk = self.desk();
            desk.keys("<down> <tab><down>").keys(hot).keys("<enter>");
            self.look(&desk, hot);
        }
    }

    fn unread(&mut self) {
        let mut desk = Desk::unread(setup((120, 36)));
        desk.app.setup.capabilities.unicode = self.unicode;
        desk.hold.push("Load");
        desk.begin();
        let problem = Problem::new(Kind::Protocol, self.dress.text('t')).hint(self.dress.text('t'));
        desk.tell(Answer::Tenant(Err(Trouble::from(&problem))));
        self.look(&desk, "tenant not read");
        desk.tell(Answer::Groups(Err(Trouble::from(&problem))));
        self.look(&desk, "groups not read");
    }
}

/// Whether a cell of the line begins a formula, behind blanks and quotes too.
fn runs_a_formula(line: &str) -> bool {
    let blank = |letter: char| letter == '"' || letter.is_whitespace();
    // A part of a quoted cell has an odd number of quotes before it.
    let mut quotes = 0;
    line.split(',').any(|cell| {
        let begins = quotes % 2 == 0;
        quotes += cell.matches('"').count();
        let bare = cell.trim_start_matches(blank);
        begins && bare.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
    })
}

/// Strokes that end a cell of Markdown.
fn strokes(line: &str) -> usize {
    let mut escaped = false;
    let mut ends = 0;
    for letter in line.chars() {
        ends += usize::from(letter == '|' && !escaped);
        escaped = letter == '\\' && !escaped;
    }
    ends
}

fn walk(
    dress: &Dress,
    unicode: bool,
    maps: bool,
) -> (Vec<String>, BTreeMap<char, BTreeSet<String>>, u64) {
    let mut walk = Walk {
        dress,
        unicode,
        maps,
        faults: Vec::new(),
        seen: BTreeMap::new(),
        frames: 0,
    };
    walk.all();
    (walk.faults, walk.seen, walk.frames)
}

#[test]
fn every_field_stands_on_some_screen() {
    let (faults, seen, _) = walk(&Dress::whole(Hostile::plain()), true, true);
    assert!(
        faults.is_empty(),
        "{}",
        faults.first().map_or("", String::as_str)
    );
    for (letter, field) in FIELDS {
        let steps = seen.get(&letter).map_or(0, BTreeSet::len);
        assert!(steps > 0, "{field} stands nowhere");
    }
    for (letter, steps) in seen {
        eprintln!("{letter}: {steps:?}");
    }
}

#[test]
fn proof_t13_screens() {
    let row = Row::begin(
        "T13",
        "hostile text on every screen, all fields at once and one by one",
    );
    let (whole, alone) = (sized(23, FULL), sized(1, 5));
    let seeds = seed().map_or_else(|| (0..whole).collect(), |one| vec![one]);
    let mut dresses: Vec<Dress> = seeds
        .iter()
        .map(|one| Dress::whole(Hostile::drawn(*one)))
        .collect();
    for one in seeds
        .into_iter()
        .take(usize::try_from(alone).expect("small"))
    {
        dresses.extend(
            FIELDS
                .iter()
                .map(|(field, _)| Dress::only(Hostile::drawn(one), *field)),
        );
    }
    let (mut faults, mut frames) = (Vec::new(), 0);
    for (n, dress) in dresses.iter().enumerate() {
        let (told, _, drawn) = walk(dress, n % 4 != 3, false);
        faults.extend(told);
        frames += drawn;
    }
    for fault in faults.iter().take(12) {
        eprintln!("{fault}");
    }
    row.end(
        &format!("{whole} strings x {} fields, {frames} frames", FIELDS.len()),
        faults.len(),
    );
}
