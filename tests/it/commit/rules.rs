//! The rules one by one: gates, drift, batches, breakers, second applies, and how long it takes.

use qroll::commit;
use qroll::domain::{
    Assignee, Change, Identity, Reading, RunEvent, SkipReason, SpaceRole, TenantSnapshot,
    UserStatus, Verdict,
};
use qroll::host::memory::Fuse;
use qroll::ports::{Clock as _, Kind, WriteCall};
use qroll::text::Raw;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::desk::{Desk, STATE};
use super::plans::{Draft, forty, state};
use super::tenant::{FakeTenant, Fault, Rates};

const CALM: Rates = Rates {
    faults: &[],
    stale: 0,
    unread: 0,
};

fn desk(draft: &Draft) -> Desk {
    Desk::new(draft, 5, CALM, false)
}

fn script(tenant: &FakeTenant, faults: impl IntoIterator<Item = Fault>) {
    tenant.state.lock().expect("tenant").script.extend(faults);
}

fn sent(desk: &Desk) -> Vec<WriteCall> {
    let state = desk.tenant.state.lock().expect("tenant");
    state.sent.iter().map(|(_, call)| call.clone()).collect()
}

fn pauses(desk: &Desk) -> usize {
    let events = desk.events.lock().expect("events");
    let paused = |event: &&RunEvent| matches!(event, RunEvent::Paused { .. });
    events.iter().filter(paused).count()
}

fn is_skipped(verdict: &Verdict, reason: &SkipReason) -> bool {
    matches!(verdict, Verdict::Skipped { why, .. } if why == reason)
}

#[test]
fn two_hundred_people_with_license_and_two_spaces_by_group_take_seconds() {
    let mut draft = Draft::default();
    let group = draft.add(
        Change::CreateGroup {
            target: Raw::from("QLIK"),
            before: (),
            after: Raw::from("QLIK"),
        },
        &[],
    );
    for space in ["s1", "s2"] {
        draft.add_row(space, Assignee::NewGroup(Raw::from("QLIK")), &[&group]);
    }
    let created: Vec<_> = (0..200)
        .map(|number| draft.create_user(&format!("p{number:03}")))
        .collect();
    for (number, made) in created.iter().enumerate() {
        draft.add_license(&format!("p{number:03}"), "analyzer", &[made]);
    }
    let desk = desk(&draft);
    let report = desk.apply().expect("applied");
    assert_eq!((report.exit_code, report.counts.applied), (0, 403));
    assert_eq!(
        sent(&desk).len(),
        207,
        "1 group, 2 spaces, 200 users, 4 batches"
    );
    let questions = desk.tenant.state.lock().expect("tenant").observed.len();
    assert_eq!(questions, 4, "one reading a license batch");
    let took = desk.clock.now().0;
    assert!(took < Duration::from_secs(4), "{took:?}");
    let most = desk.tenant.state.lock().expect("tenant").most_in_flight;
    assert_eq!(most, 4);
}

#[test]
fn a_plan_is_applied_once_and_an_interrupted_one_is_only_resumed() {
    let desk = desk(&forty());
    desk.live(&Fuse::at(40), false);
    let problem = desk.apply().expect_err("begun");
    assert_eq!(problem.kind, Kind::Stale);
    assert!(
        problem
            .hints()
            .iter()
            .any(|hint| hint.contains("qroll resume"))
    );
    desk.resume().expect("resumed");
    let before = sent(&desk).len();
    let problem = desk.apply().expect_err("applied already");
    assert_eq!((problem.kind, problem.kind.exit_code()), (Kind::Stale, 7));
    assert!(desk.resume().is_err(), "nothing is left to resume");
    assert_eq!(sent(&desk).len(), before, "zero writes");
}

#[test]
fn another_tenant_identity_seal_or_day_sends_nothing() {
    let mut wrong = desk(&forty());
    wrong.plan.operations.pop();
    assert_eq!(wrong.apply().expect_err("edited").kind, Kind::Stale);
    let late = desk(&forty());
    late.clock.advance(Duration::from_hours(25));
    assert_eq!(late.apply().expect_err("expired").kind, Kind::Stale);
    let mut read_only = desk(&forty());
    read_only.settings.guards.read_only = true;
    assert_eq!(read_only.apply().expect_err("read-only").kind, Kind::Guard);
    for (tenant, user) in [("tenant-2", "admin-1"), ("tenant-1", "admin-2")] {
        let desk = Desk::with_info(&forty(), |(info, identity)| {
            info.id = tenant.into();
            *identity = Identity {
                user: user.into(),
                ..identity.clone()
            };
        });
        assert_eq!(desk.apply().expect_err("elsewhere").kind, Kind::Guard);
        assert!(sent(&desk).is_empty());
        assert!(desk.disk.files().is_empty());
    }
}

#[test]
fn what_somebody_changed_meanwhile_is_left_alone_and_shown_three_ways() {
    let desk = desk(&forty());
    {
        let mut state = desk.tenant.state.lock().expect("tenant");
        let world = &mut state.world;
        world
            .users
            .get_mut(&"id-staff1".into())
            .expect("user")
            .roles = vec!["role-9".into()];
        world
            .users
            .get_mut(&"id-staff2".into())
            .expect("user")
            .status = UserStatus::Disabled;
        world.users.remove(&"id-gone".into());
        let row = world
            .rows
            .values_mut()
            .find(|row| row.id.expose().ends_with("staff3"));
        row.expect("row").roles = vec![SpaceRole::from("publisher")];
        world.add_seat("new1", "analyzer");
        world.add_seat("new2", "professional");
        world.seats.remove("leaver1");
    }
    let report = desk.apply().expect("applied");
    let outcomes = desk.outcomes();
    let of = |wanted: &str| {
        let (_, outcome) = desk
            .plan
            .operations
            .iter()
            .zip(&outcomes)
            .find(|(operation, _)| super::plans::effect_of(&operation.change) == wanted)
            .expect("an operation");
        outcome.verdict.clone()
    };
    for drifted in [
        "roles id-staff1",
        "remove_row old-row-s-old-id-staff3",
        "add new2 analyzer",
    ] {
        assert!(
            is_skipped(&of(drifted), &SkipReason::Drift),
            "{drifted}: {:?}",
            of(drifted)
        );
    }
    for already in [
        "user id-staff2 disabled",
        "delete id-gone",
        "add new1 analyzer",
        "remove leaver1 analyzer",
    ] {
        assert_eq!(of(already), Verdict::Already, "{already}");
    }
    assert!(is_skipped(
        &of("user id-staff3 disabled"),
        &SkipReason::Dependency
    ));
    let Verdict::Skipped { detail, .. } = of("remove_row old-row-s-old-id-staff3") else {
        panic!("skipped");
    };
    assert_eq!(
        detail.expose(),
        "planned from consumer; now publisher; to none"
    );
    assert_eq!(report.exit_code, 7);
    assert_eq!(
        desk.world().users[&"id-staff1".into()].roles,
        ["role-9".into()]
    );
}

/// S7: 250 licenses and 60 assignments; three refused, two 429s, the line drops, a new session.
#[test]
fn a_commit_that_goes_wrong_in_the_middle() {
    let mut draft = Draft::default();
    for number in 0..250 {
        draft.add_license(&format!("p{number:03}"), "analyzer", &[]);
    }
    for number in 0..60 {
        let user = draft.existing_user(&format!("q{number:02}"));
        draft.add_row("s1", Assignee::User(user.id), &[]);
    }
    draft.world.pools.insert("analyzer".to_owned(), 300);
    draft.world.refused = ["p010", "p130", "p249"].map(str::to_owned).to_vec();
    let desk = Desk::new(&draft, 5, CALM, true);
    script(
        &desk.tenant,
        [
            Fault::None,
            Fault::ThrottleFor(13),
            Fault::None,
            Fault::LostAfter,
            Fault::Throttle,
        ],
    );
    desk.live(&Fuse::at(60), false);
    let report = desk.until_done(|_| Fuse::new());
    assert_eq!(desk.check(), 0);
    let counts = report.counts;
    assert_eq!(
        (counts.applied, counts.not_applied, counts.total),
        (307, 3, 310)
    );
    assert_eq!(report.exit_code, 3);
    assert_eq!(desk.outcomes().len(), 310);
    let world = desk.world();
    assert_eq!((world.seats.len(), world.rows.len()), (247, 60));
    let Verdict::NotApplied { code, .. } = desk.verdict("op-0131") else {
        panic!("refused");
    };
    assert_eq!(code, Some(Raw::from("LICENSES-011")));
    assert_eq!(pauses(&desk), 2);
}

#[test]
fn a_dry_pool_stops_the_rest_of_its_type_and_nothing_else() {
    let mut draft = Draft::default();
    for number in 0..400 {
        draft.add_license(&format!("p{number:03}"), "analyzer", &[]);
    }
    draft.add_license("boss", "professional", &[]);
    draft.world.pools.insert("analyzer".to_owned(), 90);
    draft.world.pools.insert("professional".to_owned(), 1);
    let mut desk = desk(&draft);
    desk.settings.writes = 1;
    let report = desk.apply().expect("applied");
    assert_eq!(desk.check(), 0);
    assert_eq!(report.counts.applied, 91);
    assert_eq!(desk.verdict("op-0401"), Verdict::Applied);
    assert!(is_skipped(&desk.verdict("op-0400"), &SkipReason::NoSeat));
    assert!(report.stopped.is_none() && report.exit_code == 3);
    assert!(sent(&desk).len() <= 5, "the rest was not sent");
}

#[test]
fn a_batch_that_is_too_large_is_halved_and_the_size_remembered() {
    let mut draft = Draft::default();
    for number in 0..100 {
        draft.add_license(&format!("p{number:03}"), "analyzer", &[]);
    }
    draft.world.largest = 20;
    let mut desk = desk(&draft);
    desk.settings.writes = 1;
    let report = desk.apply().expect("applied");
    assert_eq!((report.exit_code, report.counts.applied), (0, 100));
    assert_eq!(desk.check(), 0);
    assert!(sent(&desk).len() < 20);
}

#[test]
fn an_item_that_was_not_asked_for_stops_the_run() {
    let mut draft = Draft::default();
    for number in 0..3 {
        draft.add_license(&format!("p{number}"), "analyzer", &[]);
    }
    let desk = desk(&draft);
    script(&desk.tenant, [Fault::Unasked]);
    let report = desk.apply().expect("stopped");
    assert_eq!((report.unsettled, report.exit_code), (3, 4));
    assert!(report.stopped.expect("why").expose().contains("not ours"));
    assert_eq!(desk.resume().expect("resumed").counts.applied, 3);
    assert_eq!(desk.check(), 0);
}

#[test]
fn a_colliding_email_is_somebody_elses_record() {
    let mut draft = Draft::default();
    let made = draft.create_user("carol");
    draft.add_license("carol", "analyzer", &[&made]);
    let same = draft.create_user("dave");
    draft.add_row("s1", Assignee::NewUser("dave".into()), &[&same]);
    draft
        .world
        .add_user("u1", "old\\carol", Some("carol@corp.example"));
    let desk = desk(&draft);
    {
        // Dave was made meanwhile, exactly as planned.
        let mut state = desk.tenant.state.lock().expect("tenant");
        state
            .world
            .add_user("u2", "dave", Some("dave@corp.example"));
        state.world.users.get_mut(&"u2".into()).expect("dave").name = Raw::from("Name of dave");
    }
    desk.apply().expect("applied");
    let Verdict::NotApplied { reason, .. } = desk.verdict("op-0001") else {
        panic!("a conflict");
    };
    assert!(reason.expose().contains("old\\carol"), "{reason:?}");
    assert!(is_skipped(
        &desk.verdict("op-0002"),
        &SkipReason::Dependency
    ));
    assert_eq!(desk.verdict("op-0003"), Verdict::Already);
    assert_eq!(
        desk.verdict("op-0004"),
        Verdict::Applied,
        "by the id that was found"
    );
}

#[test]
fn breakers_stop_where_it_can_be_resumed() {
    let mut draft = Draft::default();
    for number in 0..20 {
        draft.create_user(&format!("p{number}"));
    }
    let lost = desk(&draft);
    script(&lost.tenant, [Fault::LostBefore; 5]);
    let report = lost.apply().expect("stopped");
    assert!(
        report
            .stopped
            .expect("why")
            .expose()
            .contains("five unclear")
    );
    assert_eq!(report.exit_code, 4);
    assert_eq!(lost.resume().expect("resumed").exit_code, 0);
    assert_eq!(lost.check(), 0);

    let denied = desk(&forty());
    script(&denied.tenant, [Fault::None, Fault::Denied]);
    let report = denied.apply().expect("stopped");
    assert!(report.stopped.expect("why").expose().contains("403"));
    assert_eq!((report.unsettled, report.exit_code), (0, 3));
    assert_eq!(denied.resume().expect("resumed").exit_code, 0);
    assert_eq!(denied.check(), 0);

    let expired = desk(&forty());
    script(&expired.tenant, [Fault::None, Fault::Expired]);
    let report = expired.apply().expect("stopped");
    let stopped = report.stopped.expect("why");
    assert!(
        stopped.expose().contains("not accepted any more (401"),
        "{stopped:?}"
    );
    assert_eq!((report.unsettled, report.exit_code), (0, 3));
    assert_eq!(expired.resume().expect("resumed").exit_code, 0);
    assert_eq!(expired.check(), 0);

    let throttled = desk(&draft);
    // Four are under way together: ten incidents.
    script(&throttled.tenant, [Fault::Throttle; 40]);
    let report = throttled.apply().expect("stopped");
    assert!(report.stopped.expect("why").expose().contains("throttled"));
    assert_eq!(sent(&throttled).len(), 40);
    assert_eq!(pauses(&throttled), 10);
    assert_eq!(throttled.resume().expect("resumed").exit_code, 0);

    let unreachable = desk(&forty());
    script(&unreachable.tenant, [Fault::NotSent; 40]);
    let report = unreachable.apply().expect("stopped");
    assert!(report.stopped.expect("why").expose().contains("reached"));
    assert!(unreachable.clock.now().0 < Duration::from_mins(2));
}

#[test]
fn a_wait_of_more_than_five_minutes_is_not_waited_for() {
    let desk = desk(&forty());
    script(&desk.tenant, [Fault::ThrottleFor(300)]);
    assert_eq!(desk.apply().expect("applied").exit_code, 0);

    let long = Desk::new(&forty(), 5, CALM, false);
    script(&long.tenant, [Fault::None, Fault::ThrottleFor(1201)]);
    let report = long.apply().expect("stopped");
    let stopped = report.stopped.expect("why");
    assert!(stopped.expose().contains("wait 21 minutes"), "{stopped:?}");
    assert_eq!((report.unsettled, report.exit_code), (0, 3));
    assert!(long.clock.now().0 < Duration::from_secs(40));
    assert_eq!(long.resume().expect("resumed").exit_code, 0);
    assert_eq!(long.check(), 0);
}

#[test]
fn many_refusals_stop_the_run() {
    let mut draft = Draft::default();
    for number in 0..60 {
        let who = Assignee::User(format!("nobody{number}").as_str().into());
        draft.add_row(&format!("s{number}"), who, &[]);
    }
    let desk = desk(&draft);
    let report = desk.apply().expect("stopped");
    assert!(report.stopped.expect("why").expose().contains("refused"));
    assert!(sent(&desk).len() < 30);
}

#[test]
fn what_a_closing_gate_frees_is_looked_at_again() {
    let mut draft = Draft::default();
    let nobody = |number: u8| Assignee::User(format!("nobody{number}").as_str().into());
    draft.add_row("s1", nobody(1), &[]);
    let second = draft.add_row("s1", nobody(2), &[]);
    draft.add_license("late", "analyzer", &[&second]);
    let mut desk = desk(&draft);
    desk.settings.writes = 1;
    let report = desk.apply().expect("applied");
    assert_eq!(report.stopped, None);
    assert_eq!((report.counts.not_applied, report.counts.skipped), (1, 2));
    assert_eq!(sent(&desk).len(), 1);
}

#[test]
fn the_protected_and_ourselves_lose_nothing() {
    let mut draft = Draft::default();
    for subject in ["break-glass", "corp\\admin", "leaver"] {
        draft.world.add_seat(subject, "analyzer");
        draft.add(
            Change::RemoveLicense {
                subject: subject.into(),
                before: state(subject, "analyzer"),
                after: (),
            },
            &[],
        );
    }
    let mut desk = desk(&draft);
    desk.settings.guards.protected = vec![Raw::from("Break-Glass")];
    let report = desk.apply().expect("applied");
    assert!(is_skipped(&desk.verdict("op-0001"), &SkipReason::Guard));
    assert!(is_skipped(&desk.verdict("op-0002"), &SkipReason::Guard));
    let stopped = report.stopped.expect("the whole run stops");
    let said = stopped.show().to_string();
    assert!(
        said.contains("op-0001") && said.contains("protected"),
        "{said}"
    );
    assert_eq!((report.counts.judged(), report.exit_code), (2, 5));
    assert!(sent(&desk).is_empty(), "additions and others wait too");

    let report = desk.resume().expect("asked to go on without them");
    assert_eq!(desk.verdict("op-0003"), Verdict::Applied);
    assert_eq!((report.stopped, report.exit_code), (None, 5));
    assert_eq!(sent(&desk).len(), 1);
}

#[test]
fn who_is_protected_by_mail_loses_neither_seat_nor_space() {
    let mut draft = Draft::default();
    for subject in ["glass", "leaver"] {
        let user = draft.existing_user(subject);
        draft.world.add_seat(subject, "analyzer");
        draft.add(
            Change::RemoveLicense {
                subject: subject.into(),
                before: state(subject, "analyzer"),
                after: (),
            },
            &[],
        );
        let target = draft.existing_row("s1", &user);
        draft.add(
            Change::RemoveSpaceAssignment {
                target,
                before: vec!["consumer".into()],
                after: (),
            },
            &[],
        );
    }
    let mut desk = desk(&draft);
    let (tenant, identity) = desk.tenant.info.clone();
    let users = desk.world().users.into_values().map(Arc::new).collect();
    let live = TenantSnapshot {
        tenant,
        identity,
        users: Reading::proven(users, "a test"),
        groups: Reading::default(),
        roles: Reading::default(),
        spaces: Reading::default(),
        licensing: Reading::default(),
        identity_providers: Reading::default(),
        assignments: BTreeMap::new(),
        others: Vec::new(),
        read_at: desk.clock.wall(),
    };
    let guards = &mut desk.settings.guards;
    guards.protected = vec![Raw::from("GLASS@corp.example")];
    *guards = guards.resolved(&live, &desk.plan.operations);
    let report = desk.apply().expect("applied");
    for kept in ["op-0001", "op-0002"] {
        assert!(is_skipped(&desk.verdict(kept), &SkipReason::Guard));
    }
    assert_eq!((report.counts.applied, report.exit_code), (0, 5));
    assert!(report.stopped.is_some() && sent(&desk).is_empty());
    let report = desk.resume().expect("asked to go on without them");
    assert_eq!((report.counts.applied, report.exit_code), (2, 5));
    assert_eq!(sent(&desk).len(), 2);
}

#[test]
fn cancelling_sends_nothing_more_and_an_expired_plan_is_only_read_back() {
    let desk = desk(&forty());
    desk.cancel.cancel();
    let report = desk.apply().expect("cancelled");
    assert_eq!((report.counts.judged(), report.exit_code), (0, 3));
    assert!(sent(&desk).is_empty());
    let open = commit::interrupted(&desk.disk, Path::new(STATE)).expect("runs");
    assert_eq!((open.len(), open[0].counts.total), (1, 40));

    let mut unchecked = Draft::default();
    unchecked.create_user("new");
    let unchecked = Desk::new(&unchecked, 5, CALM, false);
    unchecked.cancel.cancel();
    unchecked.apply().expect("cancelled");
    assert!(sent(&unchecked).is_empty(), "not even what needs no check");

    let late = Desk::new(&forty(), 5, CALM, false);
    script(&late.tenant, [Fault::LostAfter; 5]);
    late.apply().expect("stopped");
    late.clock.advance(Duration::from_hours(30));
    let before = sent(&late).len();
    let report = late.resume().expect("read back");
    assert_eq!(sent(&late).len(), before, "nothing was sent");
    assert!(report.stopped.is_none());
    assert!(report.counts.applied >= 5 && report.counts.skipped > 20);
    assert_eq!(late.check(), 0);
}

/// A user or a group to be made, and a role in a space for it.
fn made_and_placed(group: bool) -> Draft {
    let mut draft = Draft::default();
    if group {
        let made = draft.add(
            Change::CreateGroup {
                target: Raw::from("SALES"),
                before: (),
                after: Raw::from("SALES"),
            },
            &[],
        );
        draft.add_row("s1", Assignee::NewGroup(Raw::from("SALES")), &[&made]);
    } else {
        let made = draft.create_user("ann");
        draft.add_row("s1", Assignee::NewUser("ann".into()), &[&made]);
    }
    draft
}

#[test]
fn an_id_that_the_answer_withholds_is_looked_up_before_a_space_is_given() {
    for group in [false, true] {
        let desk = desk(&made_and_placed(group));
        script(&desk.tenant, [Fault::NoId]);
        let report = desk.apply().expect("applied");
        assert_eq!((report.exit_code, report.counts.applied), (0, 2), "{group}");
        let state = desk.tenant.state.lock().expect("tenant");
        let whom: Vec<&Assignee> = state.world.rows.keys().map(|(_, whom)| whom).collect();
        let real = match whom.as_slice() {
            [Assignee::User(id)] => state.world.users.values().any(|one| one.id == *id),
            [Assignee::Group(id)] => state.world.groups.values().any(|one| one.id == *id),
            _ => false,
        };
        assert!(real, "{whom:?}");
    }
}

#[test]
fn an_id_that_is_never_found_gives_nothing_and_says_so() {
    for group in [false, true] {
        let desk = desk(&made_and_placed(group));
        script(&desk.tenant, [Fault::Vanished]);
        let report = desk.apply().expect("it ends");
        assert_eq!((report.exit_code, report.counts.applied), (3, 1), "{group}");
        assert_eq!(sent(&desk).len(), 1, "nothing is given to nobody");
        let looks = desk.tenant.state.lock().expect("tenant").observed.len();
        assert_eq!(looks, 4, "looked for four times");
        let outcomes = desk.outcomes();
        let last = outcomes.last().map(|one| &one.verdict);
        let Some(Verdict::NotApplied { reason, .. }) = last else {
            panic!("{last:?}");
        };
        assert!(reason.expose().contains("not to be found"), "{reason:?}");
    }
}
