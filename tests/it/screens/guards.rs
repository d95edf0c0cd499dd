//! Nothing confirms by accident, and nothing is lost by accident.

use super::Desk;
use super::desk::setup;
use crossterm::event::Event;
use qroll::app::{Answer, Dialog, Effect, Message, Signal};
use qroll::domain::{Change, FindingCode, UserRef, UserState};
use std::time::Duration;

fn planned() -> Desk {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> la").keys("p");
    desk
}

fn applied(desk: &Desk) -> bool {
    desk.asked
        .iter()
        .any(|effect| matches!(effect, Effect::Apply(..)))
}

#[test]
fn type_ahead_and_paste_do_not_confirm() {
    let mut desk = planned();
    desk.quick("ay");
    assert!(!applied(&desk), "a key on its way answers nothing");
    assert!(matches!(desk.app.dialog(), Some(Dialog::Confirm(_))));
    desk.wait(Duration::from_millis(500));
    desk.event(Event::Paste("y\n".to_owned()));
    assert!(!applied(&desk), "a paste answers nothing");
    desk.keys("y");
    assert!(applied(&desk));
}

#[test]
fn a_key_with_control_or_alt_answers_nothing() {
    let mut desk = planned();
    desk.keys("a").keys("<C-y><A-y><C-n>");
    assert!(!applied(&desk), "Ctrl-Y is no y");
    assert!(matches!(desk.app.dialog(), Some(Dialog::Confirm(_))));
    desk.keys("<esc>1q").keys("<C-q><C-s><A-q><C-enter>");
    assert_eq!(desk.app.finished(), None);
    assert!(matches!(desk.app.dialog(), Some(Dialog::Menu(..))));
    desk.keys("<C-l>");
    assert_eq!(desk.asked.last(), Some(&Effect::Redraw));
    assert!(matches!(desk.app.dialog(), Some(Dialog::Menu(..))));
    desk.keys("<esc>?<C-x>");
    assert!(matches!(desk.app.dialog(), Some(Dialog::Help(_))));
}

#[test]
fn a_filter_that_cannot_be_read_shows_nobody_and_marks_nobody() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> <tab>/foo:bar<enter>");
    assert!(desk.app.roster.typing, "the field stays open");
    assert!(desk.app.roster.shown.is_empty());
    let screen = desk.screen();
    assert!(screen.contains("nobody is shown: no key foo"), "{screen}");
    desk.keys("<tab>*<s-tab>*");
    assert!(desk.app.roster.marks.is_empty());
    desk.keys("/<C-u>~^Ann[(");
    assert!(desk.app.roster.shown.is_empty());
    desk.keys("<bs><bs><enter>");
    assert_eq!(desk.app.roster.shown.len(), 1, "{}", desk.screen());
}

#[test]
fn strangers_are_nobody_until_all_people_were_read() {
    let mut desk = Desk::new(120, 36);
    desk.keys("f3");
    assert_eq!(desk.app.roster.preset, None);
    assert!(
        desk.status().contains("read All people first"),
        "{}",
        desk.status()
    );
    desk.keys("<esc><tab>/is:stranger");
    assert!(desk.app.roster.shown.is_empty());
    assert!(
        desk.screen().contains("read All people first"),
        "{}",
        desk.screen()
    );
    desk.keys("<esc><s-tab><enter>f3");
    assert_eq!(desk.app.roster.preset, Some(qroll::app::Preset::Strangers));
    assert!(desk.app.why_no_rows().is_none());
}

#[test]
fn the_same_person_key_takes_the_cursors_row_and_asks_about_several() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> <tab><home>=");
    assert!(
        desk.app.stage.staging.accepted.is_empty(),
        "Anna is no match"
    );
    desk.keys("/hakon<enter>=");
    assert_eq!(desk.app.accepted(), 1);
    assert!(
        desk.screen().contains("0 staged, 1 accepted"),
        "{}",
        desk.screen()
    );
    desk.keys("<esc>q");
    assert_eq!(
        desk.app.finished(),
        None,
        "an accepted match is not lost silently"
    );
}

#[test]
fn a_question_shows_when_it_takes_keys() {
    let mut desk = planned();
    desk.quick("a");
    assert!(!desk.screen().contains("y apply"), "{}", desk.screen());
    let due = desk.app.wake().expect("it wakes up for the answer");
    assert!(due <= desk.at + Duration::from_millis(400));
    desk.wait(Duration::from_millis(400));
    assert!(desk.app.take_dirty());
    assert!(desk.screen().contains("y apply"), "{}", desk.screen());
}

#[test]
fn a_burst_of_keys_does_not_confirm() {
    let mut desk = planned();
    desk.keys("a");
    desk.quick(&"x".repeat(30)).quick("y");
    assert!(!applied(&desk));
}

#[test]
fn removals_above_the_guard_want_the_number() {
    let mut desk = Desk::new(120, 36);
    desk.app.setup.guards.confirm_count = 0;
    desk.app.setup.guards.stop_percent = 100;
    desk.keys("<down> <tab>/anna<enter>d1p");
    assert_eq!(desk.plan().summary.removals, 1);
    desk.keys("a").keys("y<enter>");
    assert!(!applied(&desk));
    assert!(
        desk.status().contains("not the number"),
        "{}",
        desk.status()
    );
    desk.keys("<bs>1<enter>");
    assert!(applied(&desk));
}

#[test]
fn what_runs_of_the_week_took_is_weighed_when_it_is_asked() {
    let mut desk = Desk::new(120, 36);
    desk.app.setup.guards.confirm_count = 2;
    desk.app.setup.guards.confirm_percent = 100;
    desk.app.setup.guards.stop_percent = 100;
    desk.keys("<down> <tab>/anna<enter>d1p");
    let plan = desk.plan();
    let code = FindingCode::RemovalGuard;
    assert!(plan.findings.iter().all(|finding| finding.code != code));
    // Another instance took something since the plan was built.
    for id in ["u-eva", "u-hakon"] {
        let user = desk
            .tenant
            .users
            .value
            .iter()
            .find(|one| one.id.expose() == id);
        let user = user.expect("a user");
        let target = UserRef {
            id: user.id.clone(),
            subject: user.subject.clone(),
            name: user.name.clone(),
        };
        let before = UserState {
            name: user.name.clone(),
            status: user.status.clone(),
        };
        let after = ();
        let took = Change::DeleteUser {
            target,
            before,
            after,
        };
        desk.cautions.week.losers.take(&took);
    }
    desk.keys("a").keys("y<enter>");
    assert!(!applied(&desk), "{}", desk.screen());
    desk.keys("<bs>1<enter>");
    assert!(applied(&desk), "{}", desk.screen());
}

#[test]
fn a_plan_that_a_guard_stopped_says_so_and_what_to_do() {
    let mut desk = Desk::new(120, 36);
    desk.app.setup.guards.stop_percent = 0;
    desk.keys("<down> <tab>/anna<enter>d1p");
    assert!(desk.plan().operations.is_empty());
    let screen = desk.screen();
    assert!(screen.contains("a guard stopped this plan"), "{screen}");
    let words: Vec<&str> = screen.split_whitespace().collect();
    let told = words.join(" ");
    assert!(
        told.contains("raise removals_stop in the profile"),
        "{screen}"
    );
    assert!(!screen.contains("is so already"), "{screen}");
    desk.keys("a");
    assert!(desk.status().contains("stage fewer"), "{}", desk.status());
}

#[test]
fn a_small_terminal_approves_nothing() {
    let mut desk = planned();
    desk.resize(50, 12).keys("a").keys("y");
    assert!(!applied(&desk));
}

#[test]
fn read_only_profiles_apply_nothing() {
    let mut setup = setup((120, 36));
    setup.guards.read_only = true;
    let mut desk = Desk::with(setup);
    assert!(desk.screen().contains("read-only"));
    desk.keys("<down> la").keys("pa");
    assert!(desk.status().contains("read-only"), "{}", desk.status());
}

#[test]
fn quitting_asks_while_something_is_staged() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> la").keys("q");
    assert_eq!(desk.app.finished(), None);
    desk.keys("s");
    assert_eq!(desk.app.finished(), None);
    desk.keys("qq");
    assert_eq!(desk.app.finished(), Some(0));
    let mut clean = Desk::new(120, 36);
    clean.keys("q");
    assert_eq!(clean.app.finished(), Some(0));
}

#[test]
fn a_hang_up_lets_the_run_drain_and_never_draws_again() {
    let mut desk = planned();
    desk.keys("a").keys("y");
    let _ = desk.app.take_dirty();
    desk.send(Message::InputClosed);
    assert_eq!(desk.asked.last(), Some(&Effect::StopRun));
    assert_eq!(desk.app.finished(), None);
    let plan = desk.plan();
    desk.run_events(&plan, 2);
    assert!(!desk.app.take_dirty(), "nothing is drawn after a hang-up");
    desk.send(Message::RunEnded(Ok(0)));
    assert_eq!(desk.app.finished(), Some(129));
}

#[test]
fn a_run_that_does_not_drain_is_left_after_half_a_minute() {
    let mut desk = planned();
    desk.keys("a").keys("y");
    desk.send(Message::Signal(Signal::Hangup));
    let due = desk.app.wake().expect("a last look");
    assert!(due <= desk.at + Duration::from_secs(30));
    desk.wait(Duration::from_secs(31));
    assert_eq!(desk.app.finished(), Some(129));
}

#[test]
fn every_signal_has_its_exit_code() {
    for (signal, code) in [
        (Signal::Hangup, 129),
        (Signal::Interrupt, 130),
        (Signal::Terminate, 143),
    ] {
        let mut desk = Desk::new(120, 36);
        desk.send(Message::Signal(signal));
        assert_eq!(desk.app.finished(), Some(code), "{signal:?}");
    }
}

#[test]
fn a_mistake_of_ours_ends_the_screen_with_1_and_draws_no_more() {
    let mut desk = planned();
    desk.keys("a").keys("y");
    desk.send(Message::Broken);
    assert_eq!(desk.asked.last(), Some(&Effect::StopRun));
    assert!(!desk.app.take_dirty());
    assert_eq!(desk.app.finished(), None, "the run drains");
    desk.keys("q");
    desk.send(Message::RunEnded(Ok(0)));
    assert_eq!(desk.app.finished(), Some(1));
    assert!(desk.app.is_broken());
}

#[test]
fn a_run_that_panicked_is_over_and_the_screen_too() {
    let mut desk = planned();
    desk.keys("a").keys("y");
    let trouble = qroll::app::Trouble {
        kind: qroll::ports::Kind::Internal,
        text: "the run ended by a mistake in qroll itself".to_owned(),
        hints: Vec::new(),
    };
    desk.send(Message::RunEnded(Err(trouble)));
    desk.send(Message::Broken);
    assert_eq!(desk.app.finished(), Some(1));
}

#[test]
fn control_c_stops_once_and_leaves_twice() {
    let mut desk = planned();
    desk.keys("a").keys("y").keys("<C-c>");
    assert_eq!(desk.asked.last(), Some(&Effect::StopRun));
    assert_eq!(desk.app.finished(), None);
    desk.keys("<C-c>");
    assert_eq!(desk.app.finished(), Some(130));
}

#[test]
fn a_bad_place_for_the_journal_wants_its_own_yes() {
    let mut desk = planned();
    desk.cautions.place =
        vec!["the state directory /state is on tmpfs: gone after a restart".to_owned()];
    desk.cautions.clock = Some("the clock of this machine is 300 s behind the tenant's".to_owned());
    desk.keys("a");
    insta::assert_snapshot!("cautions", desk.screen());
    desk.keys("y");
    assert!(!applied(&desk));
    assert!(desk.status().contains("not safe"), "{}", desk.status());
    desk.resize(120, 18).keys("sy");
    assert!(!applied(&desk), "what is asked does not fit");
    desk.resize(120, 36).keys("y");
    assert!(applied(&desk));
}

#[test]
fn nothing_is_approved_before_the_machine_was_looked_at() {
    let mut desk = planned();
    desk.hold = vec!["Cautions"];
    desk.keys("a").keys("y");
    assert!(!applied(&desk));
    desk.release();
    desk.quick("y");
    assert!(!applied(&desk), "what is said only now was not read yet");
    desk.rest();
    desk.keys("y");
    assert!(applied(&desk));
}

#[test]
fn what_is_known_of_the_machine_reaches_a_question_beneath_another() {
    let mut desk = planned();
    desk.hold = vec!["Cautions"];
    desk.cautions.clock = Some("the clock of this machine is 300 s behind the tenant's".to_owned());
    desk.keys("a");
    let run = super::runs::summary("r2", false);
    desk.tell(Answer::Runs(Ok(vec![run])));
    desk.rest();
    assert!(matches!(desk.app.dialog(), Some(Dialog::Menu(..))));
    desk.release();
    desk.quick("ly");
    assert!(!applied(&desk), "nobody can have read it yet");
    desk.rest();
    assert!(
        desk.screen().contains("! the clock of this machine"),
        "{}",
        desk.screen()
    );
    desk.keys("y");
    assert!(applied(&desk), "{}", desk.screen());
}

#[test]
fn a_run_that_goes_on_asks_about_a_bad_place_before_anything_is_sent() {
    let mut desk = Desk::new(120, 36);
    desk.cautions.place = vec!["the state directory is on a network file system".to_owned()];
    let run = super::runs::summary("r2", false);
    desk.tell(Answer::Runs(Ok(vec![run])));
    desk.rest();
    let resumed = |desk: &Desk| {
        let mut asked = desk.asked.iter();
        asked.any(|effect| matches!(effect, Effect::Resume(..)))
    };
    desk.keys("c");
    assert!(!resumed(&desk));
    let screen = desk.screen();
    assert!(screen.contains("network file system"), "{screen}");
    assert!(screen.contains("go on all the same"), "{screen}");
    desk.keys("l");
    assert!(!resumed(&desk));
    desk.keys("6").keys("c").keys("s");
    assert!(resumed(&desk), "{}", desk.screen());
}

#[test]
fn a_clock_that_is_off_is_said_when_a_run_goes_on() {
    let mut desk = planned();
    desk.cautions.clock = Some("the clock of this machine is 300 s behind the tenant's".to_owned());
    desk.keys("a");
    assert!(
        desk.screen().contains("! the clock of this machine"),
        "{}",
        desk.screen()
    );
    desk.keys("y");
    assert!(applied(&desk), "a clock is said, and no more");
}

#[test]
fn a_run_that_was_approved_so_goes_on_when_the_line_drops() {
    let mut desk = planned();
    desk.keys("a").keys("d");
    assert!(
        desk.screen().contains("d [x] continue if I disconnect"),
        "{}",
        desk.screen()
    );
    desk.keys("y");
    assert!(desk.screen().contains("goes on if you disconnect"));
    let _ = desk.app.take_dirty();
    desk.send(Message::InputClosed);
    desk.send(Message::Signal(Signal::Hangup));
    assert_eq!(desk.asked.last(), Some(&Effect::Detach));
    assert!(!desk.asked.contains(&Effect::StopRun));
    let plan = desk.plan();
    desk.run_events(&plan, plan.operations.len());
    assert!(!desk.app.take_dirty(), "nothing is drawn after a hang-up");
    assert_eq!(desk.app.wake(), None, "and nothing ticks");
    desk.send(Message::Signal(Signal::Continue));
    assert_ne!(desk.asked.last(), Some(&Effect::Reopen));
    assert_eq!(desk.app.finished(), None);
    desk.send(Message::RunEnded(Ok(4)));
    assert_eq!(desk.app.finished(), Some(4), "the code is that of the run");
}

#[test]
fn going_on_alone_is_off_by_default_and_ends_when_asked() {
    let mut desk = planned();
    desk.keys("a").keys("ddy");
    desk.send(Message::InputClosed);
    assert_eq!(desk.asked.last(), Some(&Effect::StopRun));
    let mut desk = planned();
    desk.keys("a").keys("dy");
    desk.send(Message::InputClosed);
    desk.send(Message::Signal(Signal::Terminate));
    assert_eq!(desk.asked.last(), Some(&Effect::StopRun));
    desk.send(Message::RunEnded(Ok(3)));
    assert_eq!(desk.app.finished(), Some(143));
}
