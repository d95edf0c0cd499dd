//! Keys, pastes, sizes and silence in any order (T10): nothing panics, every screen can be drawn, no
//! paste and no stray terminal reply ever begins a run (I10).

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use qroll::app::Effect;
use std::time::Duration;

use super::Desk;
use crate::fuzz::{Target, Verdict, fuzz};

/// What an operator might do, as the keys of a log; a byte of 0x80 and above is something rarer.
const SEEDS: [&str; 9] = [
    "<down> la<down> sp<tab>",
    "/anna<enter> lap<enter>",
    "<down><down> d<enter>p",
    "<down> lapa400<enter>yes",
    ":plan<enter>?<esc>6<esc>",
    "g<down><enter><tab><space>s<enter>",
    "u<esc>U1234567890 ",
    "<down> la<down> lp<down> x<down>p<enter><down><enter>a1<enter>",
    "q<esc>qn/~[<bs><bs>is:staged<enter>",
];

const WORDS: &[&str] = &[
    "<enter>", "<esc>", "<tab>", "<space>", "<up>", "<down>", "<left>", "<right>", "<pgup>",
    "<pgdn>", "<home>", "<end>", "<bs>", "<del>", " la", "p", "a", "yes", "y", "/", ":", "?", "g",
    "1", "2", "R", "<F1>", "\u{80}", "\u{81}", "\u{83}", "\u{85}",
];

/// Events that are no plain key; the byte says which.
fn rare(byte: u8) -> Event {
    let key = |code, modifiers| Event::Key(KeyEvent::new(code, modifiers));
    match byte % 12 {
        0 => Event::Paste("anna@corp.example\nbob@corp.example\ny\n7\n".to_owned()),
        1 => Event::Paste("\u{1b}[201~y\r4\r\u{202e}\u{0}".to_owned()),
        2 => Event::Paste("x y ".repeat(1_500)),
        3 => Event::Resize(u16::from(byte) * 2, u16::from(byte) / 4),
        4 => Event::Resize(0, 0),
        5 => Event::Resize(80, 24),
        6 => Event::FocusLost,
        7 => key(KeyCode::Char('c'), KeyModifiers::CONTROL),
        8 => key(KeyCode::Null, KeyModifiers::all()),
        9 => key(KeyCode::F(byte), KeyModifiers::ALT),
        10 => Event::Key(KeyEvent::new_with_kind(
            KeyCode::Enter,
            KeyModifiers::NONE,
            KeyEventKind::Release,
        )),
        _ => key(KeyCode::Char('u'), KeyModifiers::CONTROL),
    }
}

fn typed(input: &[u8]) -> Verdict {
    let mut desk = Desk::new(100, 30);
    // Longer than a quarter of an hour at the keyboard teaches nothing new.
    let input = &input[..input.len().min(600)];
    for part in input.split_inclusive(|byte| *byte >= 0x80) {
        let (keys, rare_one) = match part.split_last() {
            Some((last, before)) if *last >= 0x80 => (before, Some(*last)),
            _ => (part, None),
        };
        desk.keys(&String::from_utf8_lossy(keys));
        if let Some(byte) = rare_one {
            let event = rare(byte);
            let before = desk.asked.len();
            if let Event::Resize(columns, rows) = event {
                desk.resize(columns, rows);
            } else {
                desk.event(event.clone());
            }
            let writes = |effect: &Effect| matches!(effect, Effect::Apply(..) | Effect::Resume(..));
            if desk.asked[before..].iter().any(writes) {
                return Err(format!("{event:?} began a run"));
            }
            desk.screen();
        }
        if desk.app.finished().is_some() {
            return Ok(format!("left with {:?}", desk.app.finished()));
        }
    }
    desk.screen();
    desk.wait(Duration::from_secs(61));
    let began = desk
        .asked
        .iter()
        .any(|effect| matches!(effect, Effect::Apply(..)));
    Ok(format!(
        "{:?} {:?} {began} {}",
        desk.app.screen,
        desk.app.dialog().map(std::mem::discriminant),
        desk.app.staged()
    ))
}

#[test]
fn proof_t10_keys_and_pastes() {
    let target = Target {
        name: "keys and pastes",
        seeds: SEEDS.iter().map(|seed| seed.as_bytes().to_vec()).collect(),
        words: WORDS,
        short: 120,
        longest: 64 << 10,
    };
    fuzz(&target, typed);
}
