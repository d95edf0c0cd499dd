//! Decisions about findings on the Plan screen: each about one thing, by one answer, in keys.

use super::desk::setup;
use super::{Desk, world};
use crossterm::event::Event;
use qroll::app::{Answer, Dialog, Effect, Message};
use qroll::domain::{
    Decision, Doubt, FindingCode, Role, RoleId, RoleLevel, RunId, Severity, Subject, UserStatus,
    Weight,
};
use qroll::text::Raw;
use std::sync::Arc;

/// Two people of the group read like users who are somebody else.
fn lookalikes() -> Desk {
    let mut desk = Desk::unread(setup((120, 36)));
    for (id, name) in [("u-1", "Björn lvanova"), ("u-2", "ChIoé Dubois")] {
        let mail = format!("{id}@else.example");
        let user = world::user(id, id, name, &mail, UserStatus::Active);
        desk.tenant.users.value.push(user);
    }
    desk.begin();
    desk.keys("<down> n").keys("p");
    desk
}

fn open_looks(desk: &Desk) -> usize {
    let plan = desk.plan();
    let looks = plan.findings.iter();
    let looks = looks.filter(|one| one.code == FindingCode::LookAlike);
    looks.filter(|one| one.severity == Severity::Error).count()
}

fn applied(desk: &Desk) -> bool {
    let mut asked = desk.asked.iter();
    asked.any(|effect| matches!(effect, Effect::Apply(..)))
}

#[test]
fn look_alikes_are_confirmed_one_by_one() {
    let mut desk = lookalikes();
    assert_eq!(open_looks(&desk), 2, "{}", desk.screen());
    desk.keys("a");
    assert!(
        desk.status().contains("! asks about each"),
        "{}",
        desk.status()
    );
    assert!(
        !desk.status().contains("--"),
        "no options of the command line"
    );
    desk.keys("!");
    let screen = desk.screen();
    assert!(screen.contains("Is it the person meant?"), "{screen}");
    insta::assert_snapshot!("look_alike", screen);
    desk.keys("y");
    assert_eq!(open_looks(&desk), 1, "only this one\n{}", desk.screen());
    assert_eq!(desk.app.stage.staging.lookalikes.len(), 1);
    desk.keys("a");
    assert!(desk.app.dialogs.is_empty(), "{}", desk.screen());
    desk.keys("!").keys("y");
    assert_eq!(open_looks(&desk), 0);
    desk.keys("a").keys("y");
    assert!(applied(&desk));
}

#[test]
fn type_ahead_a_paste_and_a_burst_confirm_no_name() {
    let mut desk = lookalikes();
    desk.quick("!y");
    assert_eq!(open_looks(&desk), 2, "a key on its way answers nothing");
    assert!(matches!(desk.app.dialog(), Some(Dialog::Menu(..))));
    desk.rest();
    desk.event(Event::Paste("y\r".to_owned()));
    desk.quick(&"x".repeat(30)).quick("y");
    assert_eq!(open_looks(&desk), 2);
    desk.rest();
    desk.keys("n");
    assert_eq!(open_looks(&desk), 2);
    assert!(desk.app.stage.staging.lookalikes.is_empty());
}

#[test]
fn a_confirmation_is_undone_like_any_edit_and_taken_back_on_its_finding() {
    let mut desk = lookalikes();
    desk.keys("!").keys("y").keys("up");
    assert_eq!(open_looks(&desk), 2, "{}", desk.screen());
    desk.keys("!").keys("y").keys("!").keys("y");
    assert_eq!(open_looks(&desk), 0);
    desk.keys("!");
    assert!(
        desk.status().contains("nothing in this plan waits"),
        "{}",
        desk.status()
    );
    let lines = desk.app.plan.lines.iter().enumerate();
    let mut findings = lines.filter_map(|(place, line)| {
        matches!(line, qroll::app::PlanLine::Finding(..)).then_some(place)
    });
    // Two others stand before the confirmed ones.
    let steps = findings.nth(2).expect("findings are shown");
    desk.keys("<home>")
        .keys(&"<down>".repeat(steps))
        .keys("<enter>");
    assert!(
        desk.screen().contains("Confirmed singly"),
        "{}",
        desk.screen()
    );
    desk.keys("t");
    assert_eq!(open_looks(&desk), 1);
}

fn administrators() -> Desk {
    let mut desk = Desk::unread(setup((120, 36)));
    desk.tenant.roles.value.push(Role {
        id: RoleId::from("r-admin"),
        name: Raw::from("TenantAdmin"),
        level: RoleLevel::Admin,
    });
    for user in desk.tenant.users.value.iter_mut().take(3) {
        Arc::make_mut(user).roles.push(RoleId::from("r-admin"));
    }
    desk.app.setup.guards.stop_percent = 100;
    desk.begin();
    desk.keys("<down> <tab>/anna<enter>d1").keys("p");
    desk
}

#[test]
fn an_administrator_is_allowed_by_name() {
    let mut desk = administrators();
    assert_eq!(desk.plan().summary.removals, 0, "{}", desk.screen());
    assert!(
        desk.screen().contains("! allows it for this one"),
        "{}",
        desk.screen()
    );
    desk.keys("!");
    assert!(
        desk.screen().contains("this administrator?"),
        "{}",
        desk.screen()
    );
    desk.keys("y");
    assert_eq!(desk.plan().summary.removals, 1);
    desk.keys("a").keys("1<enter>").keys("y");
    let Some(Effect::Apply(_, approval)) = desk
        .asked
        .iter()
        .find(|effect| matches!(effect, Effect::Apply(..)))
    else {
        panic!("{}", desk.screen());
    };
    let anna = Subject::from("p-anna");
    assert!(
        approval.allowed.admins.iter().eq([&anna]),
        "the send gate hears of it"
    );
}

#[test]
fn a_stopped_run_goes_on_with_what_was_allowed_for_it() {
    let mut desk = administrators();
    desk.keys("!")
        .keys("y")
        .keys("a")
        .keys("1<enter>")
        .keys("y");
    let plan = desk.plan();
    desk.run_events(&plan, 0);
    desk.send(Message::RunEnded(Ok(3)));
    desk.keys("1u").keys("6");
    let run = RunId::from("20261124T090000Z-7f3a");
    desk.tell(Answer::Runs(Ok(vec![super::runs::summary(
        run.expose(),
        false,
    )])));
    desk.rest();
    desk.keys("<esc>").keys("c");
    let resumed = desk.asked.iter().find_map(|effect| match effect {
        Effect::Resume(which, allowed) => Some((which.clone(), allowed.clone())),
        _ => None,
    });
    let Some((which, allowed)) = resumed else {
        panic!("{}", desk.screen());
    };
    assert_eq!(which, run);
    assert!(allowed.admins.contains(&Subject::from("p-anna")));
}

#[test]
fn an_administrator_is_allowed_for_what_was_staged_then() {
    let mut desk = administrators();
    desk.keys("!").keys("y");
    assert_eq!(desk.plan().summary.removals, 1);
    desk.keys("1/<C-u>eva<enter>d1").keys("p");
    assert!(desk.app.stage.staging.allowed.admins.is_empty());
    let waits = desk
        .plan()
        .findings
        .iter()
        .any(|one| one.decision == Some(Decision::Admin(Subject::from("p-anna"))));
    assert!(waits, "it is asked again: {}", desk.screen());
}

#[test]
fn a_source_that_shrank_is_confirmed_with_its_size() {
    let mut desk = Desk::new(120, 36);
    desk.past.doubts = vec![Doubt {
        what: Raw::from("QLIK_ANALYZERS"),
        cause: "held 40 on 2026-11-23 and holds 8 now".to_owned(),
        count: Some(8),
        of_tenant: false,
    }];
    desk.keys("<down> n").keys("p").keys("!");
    assert!(
        desk.screen().contains("Is the source right?"),
        "{}",
        desk.screen()
    );
    desk.keys("y");
    let Some(Effect::BuildPlan(_, request)) = desk.asked.last() else {
        panic!("{:?}", desk.asked.last());
    };
    let size = ("QLIK_ANALYZERS".to_owned(), 8);
    assert!(request.staging.allowed.sizes.contains(&size));
}

/// Somebody loses a license and others gain one, over the limit.
fn stopped() -> Desk {
    let mut desk = Desk::new(120, 36);
    desk.app.setup.guards.stop_percent = 0;
    desk.keys("<down> n<tab>/anna<enter>d1").keys("p");
    assert!(desk.plan().operations.is_empty());
    desk
}

#[test]
fn removals_are_held_and_the_rest_is_planned() {
    let mut desk = stopped();
    let screen = desk.screen();
    assert!(
        screen.contains("h holds the removals and plans"),
        "{screen}"
    );
    assert!(!screen.contains("--"), "{screen}");
    insta::assert_snapshot!("guard_stopped", screen);
    desk.keys("h");
    let plan = desk.plan();
    assert_eq!(plan.summary.removals, 0);
    assert!(!plan.operations.is_empty());
    assert!(
        desk.screen().contains("h takes them in again"),
        "{}",
        desk.screen()
    );
    desk.keys("h");
    assert!(desk.plan().operations.is_empty(), "the limit counts again");
}

#[test]
fn exactly_the_typed_number_of_removals_may_pass() {
    let mut desk = stopped();
    desk.keys("!").keys("x").keys("2<enter>");
    assert!(
        desk.status().contains("not the number"),
        "{}",
        desk.status()
    );
    desk.event(Event::Paste("1".to_owned()));
    desk.keys("<bs>1<enter>");
    assert_eq!(desk.plan().summary.removals, 1, "{}", desk.screen());
    desk.keys("a").keys("1<enter>");
    let apply = |effect: &&Effect| matches!(effect, Effect::Apply(..));
    let Some(Effect::Apply(_, approval)) = desk.asked.iter().find(apply) else {
        panic!("{}", desk.screen());
    };
    assert_eq!(approval.allowed.removals, Some(1));
    assert_eq!(approval.agreed, Weight::Typed);
}

#[test]
fn a_plan_that_only_takes_away_is_not_told_to_hold() {
    let mut desk = Desk::new(120, 36);
    desk.app.setup.guards.stop_percent = 0;
    desk.keys("<down> <tab>/anna<enter>d1").keys("p");
    let screen = desk.screen();
    assert!(
        screen.contains("all of it takes something away"),
        "{screen}"
    );
    desk.keys("h");
    assert!(
        desk.status().contains("nothing would be left"),
        "{}",
        desk.status()
    );
}

#[test]
fn a_small_terminal_decides_nothing() {
    let mut desk = lookalikes();
    desk.resize(50, 20).keys("!").keys("y");
    assert_eq!(open_looks(&desk), 2);
    assert!(desk.status().contains("too small"), "{}", desk.status());
    desk.resize(120, 36).keys("y");
    assert_eq!(open_looks(&desk), 1);
}
