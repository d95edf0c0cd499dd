//! Whose subject is it, on the screen: what speaks for the template, a plan that stops because
//! something speaks against it, and licenses that follow to the subject people sign in by.

use qroll::domain::{FindingCode, OperationKind, Severity, Subject};
use std::sync::Arc;

use super::desk::{Desk, setup};

/// Of six users two have the subject that the template gives.
fn switched() -> Desk {
    let mut desk = Desk::unread(setup((120, 36)));
    for (number, person) in desk.folk.iter().enumerate().take(6) {
        let subject = match person.id.expose() {
            "p-anna" | "p-eva" => person.id.expose().to_owned(),
            _ => format!("OLD\\{number}"),
        };
        let known = |user: &&mut Arc<qroll::domain::User>| user.name == person.name;
        let Some(user) = desk.tenant.users.value.iter_mut().find(known) else {
            desk.tenant.users.value.push(super::world::user(
                &format!("u-{number}"),
                &subject,
                person.name.expose(),
                person.mail.as_ref().expect("a mail").expose(),
                qroll::domain::UserStatus::Active,
            ));
            continue;
        };
        Arc::make_mut(user).subject = Subject::from(subject.as_str());
    }
    desk.begin();
    desk
}

#[test]
fn i_shows_the_evidence_with_both_subjects() {
    let mut desk = switched();
    desk.keys("<down><enter>").keys("i");
    let screen = desk.screen();
    assert!(
        screen.contains("{id} gives 2 of 7 existing users"),
        "{screen}"
    );
    assert!(screen.contains("Users who differ"), "{screen}");
    assert!(
        screen.contains("has the subject CORP\\hb, the template gives p-hakon"),
        "{screen}"
    );
    insta::assert_snapshot!("evidence", screen);
    desk.keys("<esc>");
    assert!(desk.app.dialogs.is_empty());
}

#[test]
fn a_plan_in_doubt_goes_on_for_exactly_the_number_that_is_typed() {
    let mut desk = switched();
    desk.keys("<down> n").keys("p");
    let stops = |desk: &Desk| {
        let plan = desk.plan();
        let mut findings = plan.findings.iter();
        findings
            .any(|one| one.code == FindingCode::SubjectUnproven && one.severity == Severity::Error)
    };
    let made = |desk: &Desk| {
        let kinds = &desk.plan().summary.kinds;
        kinds.get(&OperationKind::CreateUser).copied().unwrap_or(0)
    };
    assert!(stops(&desk) && made(&desk) == 1, "{}", desk.screen());
    desk.keys("a");
    assert!(
        desk.app.dialogs.is_empty(),
        "nothing is applied: {}",
        desk.screen()
    );
    desk.keys("!");
    let screen = desk.screen();
    assert!(
        screen.contains("Is the subject template right?"),
        "{screen}"
    );
    desk.keys("x");
    assert!(desk.screen().contains("(the people)"), "{}", desk.screen());
    desk.keys("2<enter>");
    assert!(stops(&desk), "another number");
    desk.keys("<bs>1<enter>");
    assert!(!stops(&desk), "{}", desk.screen());
    desk.keys("1<tab><home>n").keys("p");
    assert_eq!(
        desk.app.stage.staging.allowed.unproven, None,
        "for what was staged then"
    );
}

#[test]
fn licenses_are_moved_by_the_license_menu_for_accepted_matches() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down><enter><tab>/hakon<enter>=").keys("l");
    let screen = desk.screen();
    assert!(screen.contains("no seat used"), "{screen}");
    desk.keys("m").keys("p");
    let plan = desk.plan();
    assert_eq!(plan.operations.len(), 1, "{}", desk.screen());
    assert_eq!(
        plan.summary.kinds.get(&OperationKind::MoveLicense),
        Some(&1)
    );
}
