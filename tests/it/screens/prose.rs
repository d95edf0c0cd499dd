//! Sentences on screen: broken into lines or shortened at the end of a word, never cut in the middle,
//! and what has to be read before approving stands there whole in small terminals too.

use super::Desk;
use qroll::app::{Answer, Keymap, PlanLine, waits};
use qroll::domain::{Finding, FindingCode, RunId, Severity};
use qroll::text::{Raw, width};

use super::runs::summary;

/// A plan with findings of several kinds, in a terminal of this size.
fn planned(columns: u16, rows: u16) -> Desk {
    let mut desk = Desk::new(columns, rows);
    desk.keys("<down> la").keys("p");
    assert!(!desk.plan().findings.is_empty());
    desk
}

/// What is on screen, walking down through the whole list, in one line.
fn walked(desk: &mut Desk) -> String {
    let mut told = String::new();
    desk.keys("<home>");
    for _ in 0..desk.app.plan.lines.len() {
        let cursor = desk.app.plan.list.cursor;
        let (first, line) = match desk.app.plan.lines.get(cursor) {
            Some(PlanLine::Finding(_, text)) => (true, text.clone()),
            Some(PlanLine::More(_, text)) => (false, text.clone()),
            _ => (false, String::new()),
        };
        assert!(desk.screen().contains(&line), "{line}\n{}", desk.screen());
        if first {
            told.push('\n');
        }
        told.push_str(&line);
        told.push(' ');
        desk.keys("<down>");
    }
    told
}

#[test]
fn findings_are_told_in_full_at_every_size() {
    for (columns, rows) in [(120, 36), (80, 24), (60, 20), (42, 12)] {
        let mut desk = planned(columns, rows);
        let told = walked(&mut desk);
        let plan = desk.plan();
        for finding in &plan.findings {
            let text = finding.text.show().to_string();
            assert!(told.contains(&text), "{columns}: {text}\n{told}");
            let hint = finding.hint.show().to_string();
            assert!(told.contains(&hint), "{columns}: {hint}\n{told}");
        }
    }
}

#[test]
fn equal_hints_of_one_kind_stand_once() {
    let mut desk = planned(80, 24);
    let plan = desk.plan();
    let waiting = plan
        .findings
        .iter()
        .filter(|finding| finding.code == FindingCode::WaitsForSeat)
        .count();
    assert_eq!(waiting, 2);
    let told = walked(&mut desk);
    assert_eq!(told.matches("take seats back").count(), 1, "{told}");
    assert!(told.contains("(these 2: take seats back"), "{told}");
}

#[test]
fn the_sign_of_the_key_means_that_it_acts_there() {
    let mut desk = planned(80, 24);
    desk.keys("<end>");
    let marks = |desk: &mut Desk| -> Vec<char> {
        let mut marks = Vec::new();
        desk.keys("<home>");
        for _ in 0..desk.app.plan.lines.len() {
            if let Some(PlanLine::Finding(..)) = desk.app.plan.lines.get(desk.app.plan.list.cursor)
            {
                let place = 7 + desk.app.plan.list.cursor - desk.app.plan.list.offset;
                let screen = desk.screen();
                let line = screen.lines().nth(place).unwrap_or_default();
                marks.push(line.chars().nth(1).unwrap_or(' '));
            }
            desk.keys("<down>");
        }
        marks
    };
    let plan = desk.plan();
    let found = marks(&mut desk);
    assert_eq!(found.len(), plan.findings.len());
    for (finding, mark) in plan.findings.iter().zip(found) {
        assert_eq!(waits(finding), mark == '!', "{finding:?}");
        let warns = finding.severity == Severity::Warning && !waits(finding);
        assert_eq!(warns, mark == 'W', "{finding:?}");
    }

    let mut desk = Desk::new(80, 24);
    desk.app.setup.guards.stop_percent = 0;
    desk.app.setup.keymap = Keymap::rebound([("decide", "z"), ("hold", "C-h")]).expect("keys");
    desk.keys("<down> <tab>/anna<enter>d1p");
    let screen = desk.screen();
    let (_, findings) = screen.split_once("Findings").expect("findings");
    assert!(findings.starts_with("\n z "), "{screen}");
    let mut first = findings.lines().take(6);
    assert!(!first.any(|line| line.starts_with(" ! ")), "{screen}");
}

#[test]
fn how_a_run_ended_is_readable_at_every_size() {
    for (columns, rows) in [(120, 36), (100, 30), (80, 24), (60, 20), (42, 12)] {
        let mut desk = Desk::new(columns, rows);
        let mut broken = summary("r1", false);
        broken.trouble = Some("the chain is broken at record 17".to_owned());
        broken.resumable = false;
        let mut back = summary("r2", true);
        back.reverted_by = Some(RunId::from("r3"));
        desk.keys("6");
        desk.tell(Answer::Runs(Ok(vec![broken, back, summary("r4", true)])));
        let screen = desk.screen();
        for state in ["! journal damaged", "has a reversal", "partial"] {
            assert!(screen.contains(state), "{columns}: {state}\n{screen}");
        }
    }
}

#[test]
fn what_was_last_said_is_told_in_full() {
    for (columns, rows) in [(80, 24), (60, 20)] {
        let mut desk = Desk::new(columns, rows);
        desk.keys("4");
        let screen = desk.screen();
        let words: Vec<&str> = screen.split_whitespace().collect();
        let said = desk.status();
        assert!(width(&said) > usize::from(columns), "{said}");
        assert!(words.join(" ").contains(&said), "{said}\n{screen}");
        desk.keys("<down>");
        assert!(!desk.screen().contains("later version"));
    }
}

#[test]
fn texts_name_the_keys_as_they_are_bound() {
    let mut desk = Desk::new(120, 36);
    let bound = [
        ("license", "J"),
        ("spaces", "K"),
        ("deprovision", "M"),
        ("refresh", "F"),
        ("plan", "B"),
        ("close", "Q"),
    ];
    desk.app.setup.keymap = Keymap::rebound(bound).expect("keys");
    desk.keys("4");
    assert!(
        desk.status().contains("use J, K, r on it"),
        "{}",
        desk.status()
    );
    desk.keys("B");
    assert!(
        desk.status().contains("then J, K, n, r or M"),
        "{}",
        desk.status()
    );

    let finding = |hint: &str| Finding {
        code: FindingCode::IncompleteSource,
        severity: Severity::Warning,
        who: Raw::default(),
        text: Raw::from("something was not read"),
        hint: Raw::from(hint),
        decision: None,
    };
    let hint = |text: &str| desk.app.hint(&finding(text));
    assert_eq!(
        hint("refresh, then plan again"),
        "refresh with F, then plan again"
    );
    assert_eq!(
        hint("deprovision on Roster disables it"),
        "M on Roster disables it"
    );
}

#[test]
fn screens_of_a_later_version_are_said_to_be_and_offered_nowhere() {
    for (columns, rows) in [(120, 36), (60, 20)] {
        let mut desk = Desk::new(columns, rows);
        desk.keys("4");
        let told = "the Rules screen comes with a later version; ";
        assert!(desk.status().contains(told), "{}", desk.status());
        let help = desk.app.help();
        assert!(help.iter().any(|line| line.text.contains("Screen 5")));
        for number in ["Screen 4", "later version"] {
            let offered = help.iter().any(|line| line.text.contains(number));
            assert!(!offered, "{number}");
        }
        desk.keys(":").keys("Screen");
        let palette = desk.screen();
        assert!(palette.contains("Screen 5"), "{palette}");
        assert!(palette.contains("Screen 2"), "{palette}");
        assert!(!palette.contains("Screen 4"), "{palette}");
    }
}
