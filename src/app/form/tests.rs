use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use std::time::Duration;

use super::*;
use crate::app::{Capabilities, Palette};
use crate::text::width;

const HOSTILE: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}txt.exe\u{200b}\u{9b}31m Ada\tTest";

fn form(columns: u16, rows: u16) -> Form {
    let capabilities = Capabilities {
        unicode: true,
        palette: Palette::None,
    };
    let steps = ["One", "Two", "Three"].map(str::to_owned).to_vec();
    Form::new("test".to_owned(), steps, (columns, rows), capabilities)
}

fn text(question: &str, default: Option<&str>) -> Asked {
    Asked::Text {
        question: question.to_owned(),
        default: default.map(str::to_owned),
    }
}

fn ask(form: &mut Form, asked: Asked) {
    let message = FormMessage::Ask {
        asked,
        wrong: None,
        back: true,
    };
    assert!(form.update(message).is_none());
    seen(form, 0);
}

/// The frame is out at this time.
fn seen(form: &mut Form, millis: u64) {
    form.take_dirty();
    form.update(FormMessage::Drawn);
    let (frame, at) = (form.frame(), Duration::from_millis(millis));
    form.update(FormMessage::Painted { frame, at });
}

fn press(form: &mut Form, code: KeyCode, millis: u64) -> Option<FormEffect> {
    let event = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
    form.update(FormMessage::Terminal {
        event,
        at: Duration::from_millis(millis),
    })
}

fn type_in(form: &mut Form, text: &str) -> Option<FormEffect> {
    for letter in text.chars() {
        press(form, KeyCode::Char(letter), 0);
    }
    press(form, KeyCode::Enter, 0)
}

fn shown(form: &Form) -> String {
    let (lines, _, _) = form.window();
    lines.into_iter().map(|line| line.text + "\n").collect()
}

fn replied(effect: Option<FormEffect>) -> Reply {
    match effect {
        Some(FormEffect::Answer(reply)) => reply,
        other => panic!("no answer: {other:?}"),
    }
}

#[test]
fn a_secret_is_dots_and_nothing_else() {
    let mut form = form(80, 24);
    form.update(FormMessage::Begin(0));
    let question = "Client secret, Enter takes the one from the keyring".to_owned();
    ask(&mut form, Asked::Secret { question });
    for letter in "hunter2".chars() {
        press(&mut form, KeyCode::Char(letter), 0);
    }
    assert!(shown(&form).contains("> •••••••\n"), "{}", shown(&form));
    assert!(!format!("{form:?}").contains("hunter2"));
    let Reply::Secret(Some(secret)) = replied(press(&mut form, KeyCode::Enter, 0)) else {
        panic!("no secret");
    };
    assert_eq!(secret.expose(), "hunter2");
    assert!(!format!("{form:?}{}", shown(&form)).contains("hunter2"));
    assert_eq!(form.steps[0].answers, ["Client secret: not shown"]);
}

#[test]
fn enter_takes_what_is_offered_and_refused_answers_are_forgotten() {
    let mut form = form(80, 24);
    form.update(FormMessage::Begin(0));
    ask(&mut form, text("Name", Some("main")));
    assert!(
        matches!(replied(press(&mut form, KeyCode::Enter, 0)), Reply::Text(text) if text == "main")
    );
    assert_eq!(form.steps[0].answers, ["main"]);
    form.update(FormMessage::Refused);
    assert!(form.steps[0].answers.is_empty() && form.said.is_empty());
    ask(&mut form, text("Name", Some("main")));
    assert!(matches!(replied(type_in(&mut form, "a\u{202e}b")), Reply::Text(text) if text == "ab"));
}

#[test]
fn what_was_said_since_the_round_began_goes_with_the_way_back() {
    let mut form = form(80, 24);
    form.update(FormMessage::Begin(0));
    form.update(FormMessage::Say(Said::Note("before".to_owned())));
    form.update(FormMessage::Round);
    ask(&mut form, text("One", None));
    type_in(&mut form, "a");
    form.update(FormMessage::Say(Said::Bad("after".to_owned())));
    ask(&mut form, text("Two", None));
    let event = Event::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT));
    let at = Duration::ZERO;
    assert!(matches!(
        replied(form.update(FormMessage::Terminal { event, at })),
        Reply::Back
    ));
    form.update(FormMessage::Again);
    assert_eq!(form.said, [Said::Note("before".to_owned())]);
    assert!(form.steps[0].answers.is_empty());
}

#[test]
fn keys_before_a_question_is_drawn_answer_nothing() {
    let mut form = form(80, 24);
    let (asked, wrong, back) = (text("Name", Some("main")), None, false);
    form.update(FormMessage::Ask { asked, wrong, back });
    assert!(press(&mut form, KeyCode::Enter, 0).is_none());
    seen(&mut form, 0);
    assert!(press(&mut form, KeyCode::Enter, 1).is_some());
}

#[test]
fn only_a_typed_yes_is_sure() {
    let mut form = form(80, 24);
    let question = "Write it?".to_owned();
    ask(&mut form, Asked::Sure { question });
    let keys = [('y', 100), ('y', 500), ('e', 600), ('s', 700)];
    for (key, at) in keys {
        press(&mut form, KeyCode::Char(key), at);
    }
    assert!(matches!(
        replied(press(&mut form, KeyCode::Enter, 900)),
        Reply::Sure(true)
    ));
    let question = "Write it?".to_owned();
    ask(&mut form, Asked::Sure { question });
    for key in "yes".chars() {
        press(&mut form, KeyCode::Char(key), 500);
    }
    assert!(shown(&form).contains("a paste is no answer"));
    assert!(press(&mut form, KeyCode::Enter, 900).is_none());
}

#[test]
fn steps_end_as_they_went_and_leaving_is_asked_for() {
    let mut form = form(80, 24);
    form.update(FormMessage::Begin(0));
    form.update(FormMessage::Flawed);
    form.update(FormMessage::Begin(2));
    let states: Vec<StepState> = form.steps.iter().map(|step| step.state).collect();
    assert_eq!(states, [StepState::Flawed, StepState::Done, StepState::Now]);
    press(&mut form, KeyCode::Esc, 0);
    assert!(form.leaving);
    assert!(press(&mut form, KeyCode::Esc, 0).is_none());
    press(&mut form, KeyCode::Esc, 0);
    assert!(matches!(
        press(&mut form, KeyCode::Char('y'), 0),
        Some(FormEffect::Leave)
    ));
    form.update(FormMessage::Writing);
    press(&mut form, KeyCode::Esc, 0);
    assert!(!form.leaving, "in the middle of writing nobody leaves");
}

fn resize(form: &mut Form, columns: u16, rows: u16, millis: u64) {
    let event = Event::Resize(columns, rows);
    let at = Duration::from_millis(millis);
    assert!(form.update(FormMessage::Terminal { event, at }).is_none());
}

#[test]
fn what_nobody_can_see_is_not_answered() {
    let mut form = form(80, 24);
    form.update(FormMessage::Begin(0));
    ask(&mut form, text("Name", Some("main")));
    resize(&mut form, 39, 9, 1);
    seen(&mut form, 2);
    let event = Event::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT));
    let at = Duration::from_millis(3);
    let back = form.update(FormMessage::Terminal { event, at });
    assert!(back.is_none(), "{back:?}");
    let (event, at) = (Event::Paste("pasted".to_owned()), at);
    form.update(FormMessage::Terminal { event, at });
    press(&mut form, KeyCode::Char('x'), 3);
    let answer = press(&mut form, KeyCode::Enter, 3);
    assert!(answer.is_none(), "{answer:?}");

    resize(&mut form, 80, 24, 4);
    assert!(
        press(&mut form, KeyCode::Enter, 5).is_none(),
        "not drawn yet"
    );
    seen(&mut form, 6);
    let answer = replied(press(&mut form, KeyCode::Enter, 7));
    assert!(
        matches!(&answer, Reply::Text(text) if text == "main"),
        "{answer:?}"
    );
}

#[test]
fn who_makes_the_terminal_larger_reads_before_being_sure() {
    let mut form = form(39, 9);
    let question = "Write it?".to_owned();
    ask(&mut form, Asked::Sure { question });
    resize(&mut form, 80, 24, 1000);
    let sure = |form: &mut Form, start: u64| {
        for (key, after) in "yes".chars().zip([0, 100, 200]) {
            press(form, KeyCode::Char(key), start + after);
        }
        press(form, KeyCode::Enter, start + 300)
    };
    seen(&mut form, 1010);
    assert!(
        sure(&mut form, 1020).is_none(),
        "typed before it could be read"
    );
    assert!(matches!(replied(sure(&mut form, 2000)), Reply::Sure(true)));
}

#[test]
fn a_terminal_that_is_too_small_can_be_left() {
    let mut form = form(39, 9);
    ask(&mut form, text("Name", Some("main")));
    press(&mut form, KeyCode::Esc, 0);
    assert!(form.leaving);
    press(&mut form, KeyCode::Esc, 0);
    assert!(!form.leaving);
    press(&mut form, KeyCode::Esc, 0);
    let answer = replied(press(&mut form, KeyCode::Char('y'), 0));
    assert!(matches!(answer, Reply::Left), "{answer:?}");
}

#[test]
fn a_long_step_is_read_up_and_down() {
    let mut form = form(60, 12);
    for number in 0..40 {
        form.update(FormMessage::Say(Said::Note(format!("line {number}"))));
    }
    assert!(shown(&form).contains("line 39") && !shown(&form).contains("line 3\n"));
    for _ in 0..20 {
        press(&mut form, KeyCode::PageUp, 0);
    }
    assert!(shown(&form).starts_with("line 0\n"), "{}", shown(&form));
    let resized = Event::Resize(60, 60);
    form.update(FormMessage::Terminal {
        event: resized,
        at: Duration::ZERO,
    });
    assert_eq!(form.window().2, 0);
}

proptest! {
    #[test]
    fn whatever_is_said_stays_text_in_its_place(
        said in proptest::collection::vec("\\PC{0,120}|[\u{0}-\u{ff}\u{200b}\u{202e}山é ]{0,120}", 1..6),
        columns in 40u16..200,
        rows in 10u16..60,
    ) {
        let mut form = form(columns, rows);
        form.update(FormMessage::Begin(0));
        let all: Vec<String> = said.iter().cloned().chain([HOSTILE.to_owned()]).collect();
        for text in &all {
            form.update(FormMessage::Say(Said::Bad(text.clone())));
            form.update(FormMessage::Say(Said::Mend(format!("  -> {text}"))));
        }
        let default = Some(HOSTILE);
        ask(&mut form, text(&all.concat(), default));
        let (lines, _, _) = form.window();
        prop_assert!(lines.len() <= form.rows());
        for line in lines {
            prop_assert!(!line.text.chars().any(|letter| letter.is_control() || letter == '\u{202e}'), "{:?}", line);
            prop_assert!(width(&line.text) <= form.right(), "{:?}", line);
        }
    }
}
