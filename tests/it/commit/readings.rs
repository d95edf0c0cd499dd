//! Readings that are refused, and what a refusal makes a run ask.

use qroll::domain::{Change, RolesState, Verdict};
use qroll::host::memory::Fuse;
use qroll::ports::Question;

use super::desk::{Desk, Life};
use super::plans::{Draft, state};
use super::tenant::{Fault, Look, Rates};

fn desk(draft: &Draft) -> Desk {
    Desk::new(draft, 5, Rates::default(), false)
}

fn script(desk: &Desk, faults: &[Fault], looks: &[Look]) {
    let mut state = desk.tenant.state.lock().expect("tenant");
    state.script.extend(faults);
    state.looks.extend(looks);
}

fn pool_questions(desk: &Desk) -> usize {
    let state = desk.tenant.state.lock().expect("tenant");
    let about = |question: &&Question| matches!(question, Question::Allotments);
    state.observed.iter().filter(about).count()
}

fn roles(draft: &mut Draft, name: &str) {
    let target = draft.existing_user(name);
    let before = RolesState { roles: Vec::new() };
    let after = RolesState {
        roles: vec!["role-1".into()],
    };
    draft.add(
        Change::SetRoles {
            target,
            before,
            after,
        },
        &[],
    );
}

#[test]
fn a_reading_that_is_forbidden_stops_the_run_before_it_writes() {
    let mut draft = Draft::default();
    roles(&mut draft, "a");
    let desk = desk(&draft);
    script(&desk, &[], &[Look::Forbidden]);
    let report = desk.apply().expect("begun");
    let stopped = report.stopped.expect("a reason");
    assert!(stopped.expose().contains("forbidden"), "{stopped:?}");
    assert_eq!((report.unsettled, report.exit_code), (0, 3));
    {
        let state = desk.tenant.state.lock().expect("tenant");
        assert!(state.sent.is_empty());
        assert_eq!(state.observed.len(), 1, "asked once");
    }
    assert_eq!(desk.resume().expect("resumed").exit_code, 0);
}

#[test]
fn a_discard_ends_though_what_is_open_may_not_be_read() {
    let mut draft = Draft::default();
    draft.create_user("a");
    let desk = desk(&draft);
    // The answer is lost, and nothing can be read until the run is stopped.
    script(&desk, &[Fault::LostAfter], &[Look::Forbidden]);
    let report = desk.apply().expect("begun");
    assert_eq!((report.unsettled, report.exit_code), (1, 4));
    script(&desk, &[], &[Look::Forbidden; 40]);
    let Life::Ended(report) = desk.discard(&Fuse::new()) else {
        panic!("it ends");
    };
    assert_eq!((report.counts.unknown, report.exit_code), (1, 4));
    assert!(report.stopped.is_none(), "{:?}", report.stopped);
    let state = desk.tenant.state.lock().expect("tenant");
    assert_eq!(state.sent.len(), 1, "nothing more was sent");
}

#[test]
fn a_refusal_that_is_not_about_seats_asks_nothing_about_pools() {
    let mut draft = Draft::default();
    for number in 0..3 {
        draft.add_license(&format!("p{number}"), "analyzer", &[]);
    }
    let barred = desk(&draft);
    script(&barred, &[Fault::Barred], &[]);
    let report = barred.apply().expect("begun");
    assert_eq!(report.counts.not_applied, 3);
    assert_eq!(pool_questions(&barred), 0);
}

#[test]
fn a_seat_that_is_refused_while_others_are_free_stops_nobody_else() {
    let mut draft = Draft::default();
    for number in 0..400 {
        draft.add_license(&format!("p{number:03}"), "analyzer", &[]);
    }
    draft.world.pools.insert("analyzer".to_owned(), 1000);
    for refused in ["p000", "p001"] {
        draft.world.refused.push(refused.to_owned());
    }
    // One batch after the other, so that there is something left to stop.
    let mut desk = desk(&draft);
    desk.settings.writes = 1;
    let report = desk.apply().expect("begun");
    assert_eq!((report.counts.applied, report.counts.not_applied), (398, 2));
    assert_eq!(pool_questions(&desk), 1, "one question for both");
    let Verdict::NotApplied { code, .. } = desk.verdict("op-0001") else {
        panic!("refused");
    };
    assert_eq!(code.expect("a code").expose(), "LICENSES-011");
}

#[test]
fn a_page_of_somebody_else_stops_the_run_and_is_read_back() {
    let mut draft = Draft::default();
    for name in ["a", "b"] {
        draft.create_user(name);
    }
    let mut desk = desk(&draft);
    desk.settings.writes = 1;
    script(&desk, &[Fault::Foreign], &[]);
    let report = desk.apply().expect("begun");
    let stopped = report.stopped.expect("a reason");
    assert!(
        stopped.expose().contains("a page for a browser came"),
        "{stopped:?}"
    );
    assert_eq!((report.unsettled, report.exit_code), (1, 4));
    assert_eq!(desk.tenant.state.lock().expect("tenant").sent.len(), 1);
    let asked = desk.tenant.state.lock().expect("tenant").observed.len();
    assert_eq!(desk.resume().expect("resumed").exit_code, 0);
    let state = desk.tenant.state.lock().expect("tenant");
    assert!(
        state.observed.len() > asked,
        "read back before it is sent again"
    );
}

#[test]
fn a_seat_that_is_gone_already_is_no_failure() {
    let mut draft = Draft::default();
    let seat = state("a", "analyzer");
    draft.world.seats.insert("a".to_owned(), seat.clone());
    draft.add(
        Change::RemoveLicense {
            subject: "a".into(),
            before: seat,
            after: (),
        },
        &[],
    );
    let desk = desk(&draft);
    script(&desk, &[Fault::Gone], &[]);
    let report = desk.apply().expect("applied");
    assert_eq!(report.exit_code, 0, "{:?}", desk.verdict("op-0001"));
    assert_eq!(report.counts.already, 1, "somebody else's doing");
}

#[test]
fn a_seat_that_could_not_be_given_for_want_of_something_is_a_plain_no() {
    let mut draft = Draft::default();
    draft.add_license("a", "analyzer", &[]);
    let desk = desk(&draft);
    script(&desk, &[Fault::Missing], &[]);
    let report = desk.apply().expect("applied");
    assert_eq!(report.counts.not_applied, 1);
    let Verdict::NotApplied { code, .. } = desk.verdict("op-0001") else {
        panic!("refused");
    };
    assert_eq!(code.expect("a code").expose(), "LICENSES-016");
}

#[test]
fn who_has_an_e_mail_is_asked_only_after_a_conflict_over_it() {
    let mut draft = Draft::default();
    draft.create_user("a");
    let asked = |desk: &Desk| {
        let state = desk.tenant.state.lock().expect("tenant");
        let about = |question: &&Question| matches!(question, Question::UsersByEmail(_));
        state.observed.iter().filter(about).count()
    };
    let lost = desk(&draft);
    script(&lost, &[Fault::LostBefore], &[]);
    assert_eq!(lost.apply().expect("applied").exit_code, 0);
    assert_eq!(asked(&lost), 0, "nobody said that somebody has it");
    draft.world.add_user("u1", "other", Some("a@corp.example"));
    let taken = desk(&draft);
    let report = taken.apply().expect("applied");
    assert_eq!(report.counts.not_applied, 1);
    assert_eq!(asked(&taken), 1);
}
