//! Whom a reversal and the send gate take nothing from: people in groups, lists that were cut, and
//! subjects that are nobody here (I6, I7).

use qroll::commit;
use qroll::domain::{
    Assignee, Change, Completeness, Finding, FindingCode, Group, GroupProvider, Guards, Plan,
    SkipReason, SpaceAssignment, TenantSnapshot, UseSince, UserId, Verdict,
};
use qroll::planner::{PLAN_TTL, RevertInput, revert};
use qroll::ports::Clock as _;
use std::path::Path;

use super::desk::{Desk, STATE};
use super::plans::{Draft, place, state};
use super::revert::{newest, snapshot};
use super::tenant::Rates;

fn desk(draft: &Draft) -> Desk {
    Desk::new(draft, 5, Rates::default(), false)
}

/// A group that Qlik knows, with these users in it.
fn group(draft: &mut Draft, members: &[&str]) -> Assignee {
    let group = Group {
        id: "g-1".into(),
        name: "SALES".into(),
        provider: GroupProvider::Idp,
        roles: Vec::new(),
    };
    draft.world.groups.insert("SALES".to_owned(), group);
    for name in members {
        let user = draft.existing_user(name);
        let record = draft.world.users.get_mut(&user.id).expect("just made");
        record.groups = vec!["g-1".into()];
    }
    Assignee::Group("g-1".into())
}

/// The reversal of what was applied, against the tenant as `change` leaves its reading.
fn reversal(desk: &Desk, guards: &Guards, change: impl FnOnce(&mut TenantSnapshot)) -> Plan {
    let past = commit::past(&desk.disk, Path::new(STATE), &newest(desk)).expect("the run");
    let mut live = snapshot(&desk.world(), &past.plan);
    change(&mut live);
    revert(&RevertInput {
        past: &past,
        live: &live,
        signs: &UseSince::default(),
        include: &[],
        doubts: &[],
        guards,
        now: desk.clock.wall(),
        ttl: PLAN_TTL,
    })
}

fn said(plan: &Plan, code: FindingCode) -> Vec<&Finding> {
    let found = plan.findings.iter();
    found.filter(|one| one.code == code).collect()
}

fn protecting(name: &str) -> Guards {
    Guards {
        protected: vec![name.into()],
        stop_percent: 100,
        ..Guards::default()
    }
}

#[test]
fn a_reversal_takes_nothing_from_a_group_with_somebody_protected() {
    let mut draft = Draft::default();
    let sales = group(&mut draft, &["ann", "glass", "bob"]);
    draft.add_row("s1", sales, &[]);
    let desk = desk(&draft);
    desk.apply().expect("applied");
    let back = reversal(&desk, &protecting("glass@corp.example"), |_| {});
    assert!(back.operations.is_empty(), "{:?}", back.operations);
    let held = said(&back, FindingCode::Protected);
    assert_eq!(held.len(), 1, "{:?}", back.findings);
    let text = held[0].text.expose();
    assert!(text.contains("(glass) of this group"), "{text}");
    assert!(!text.contains("ann") && !text.contains("bob"), "{text}");
}

#[test]
fn a_reversal_of_a_group_says_what_is_not_known_and_is_never_light() {
    let mut draft = Draft::default();
    let sales = group(&mut draft, &["ann", "bob"]);
    draft.add_row("s1", sales, &[]);
    let desk = desk(&draft);
    desk.apply().expect("applied");
    let guards = Guards {
        stop_percent: 100,
        confirm_percent: 100,
        ..Guards::default()
    };
    let back = reversal(&desk, &guards, |_| {});
    assert_eq!(back.operations.len(), 1);
    let unknown = said(&back, FindingCode::NotChecked);
    assert_eq!(unknown.len(), 1, "{:?}", back.findings);
    let text = unknown[0].text.expose();
    assert!(text.contains("the tenant knows 2 of them"), "{text}");
    let guard = said(&back, FindingCode::RemovalGuard);
    assert_eq!(
        guard[0].text.expose(),
        "1 removals take something from 2 of 2 users, and from everybody in a group"
    );
    // With nobody known to be in it, it is not light either.
    let nobody = reversal(&desk, &guards, |live| live.users.value.clear());
    assert_eq!(said(&nobody, FindingCode::RemovalGuard).len(), 1);
}

#[test]
fn the_people_of_a_group_count_against_the_limit() {
    let mut draft = Draft::default();
    let sales = group(&mut draft, &["ann", "bob", "cid"]);
    for name in ["x1", "x2", "x3"] {
        draft.existing_user(name);
    }
    draft.add_row("s1", sales, &[]);
    let desk = desk(&draft);
    desk.apply().expect("applied");
    let back = reversal(&desk, &Guards::default(), |_| {});
    assert!(back.operations.is_empty(), "three of six is over the limit");
    let allowed = Guards {
        allow_removals: Some(1),
        ..Guards::default()
    };
    assert_eq!(reversal(&desk, &allowed, |_| {}).operations.len(), 1);
}

#[test]
fn a_reversal_takes_nothing_while_nobody_knows_who_is_protected() {
    let mut draft = Draft::default();
    draft.existing_user("ann");
    draft.add_license("ann", "professional", &[]);
    let desk = desk(&draft);
    desk.apply().expect("applied");
    let guards = protecting("nobody");
    assert_eq!(reversal(&desk, &guards, |_| {}).operations.len(), 1);
    for list in ["users", "roles", "groups"] {
        let back = reversal(&desk, &guards, |live| {
            let cut = Completeness::Incomplete("page 2 of 3".to_owned());
            match list {
                "users" => live.users.proof = cut,
                "roles" => live.roles.proof = cut,
                _ => live.groups.proof = cut,
            }
        });
        assert!(back.operations.is_empty(), "{list}: {:?}", back.operations);
        let text = said(&back, FindingCode::NotChecked)[0].text.expose();
        assert!(text.starts_with(list), "{text}");
    }
}

#[test]
fn a_reversal_gives_no_license_to_a_subject_that_is_nobody() {
    let mut draft = Draft::default();
    draft.existing_user("ann");
    for name in ["ann", "ghost"] {
        draft.world.add_seat(name, "analyzer");
        draft.add(
            Change::RemoveLicense {
                subject: name.into(),
                before: state(name, "analyzer"),
                after: (),
            },
            &[],
        );
    }
    let desk = desk(&draft);
    desk.apply().expect("applied");
    let back = reversal(&desk, &Guards::default(), |_| {});
    let given: Vec<&str> = back
        .operations
        .iter()
        .map(|one| match &one.change {
            Change::AddLicense { subject, .. } => subject.expose(),
            other => panic!("not planned for: {other:?}"),
        })
        .collect();
    assert_eq!(given, ["ann"]);
    let stays = said(&back, FindingCode::NoLongerOurs);
    assert_eq!(stays.len(), 1);
    assert!(stays[0].text.expose().contains("no user record"));
}

#[test]
fn the_gate_takes_nothing_from_a_group_with_somebody_protected() {
    let mut draft = Draft::default();
    let sales = group(&mut draft, &["ann", "glass"]);
    let row = SpaceAssignment {
        id: "row-1".into(),
        assignee: sales.clone(),
        roles: vec!["consumer".into()],
    };
    let rows = &mut draft.world.rows;
    rows.insert(("s1".into(), sales.clone()), row);
    draft.add(
        Change::RemoveSpaceAssignment {
            target: place("s1", sales, Some("row-1")),
            before: vec!["consumer".into()],
            after: (),
        },
        &[],
    );
    let mut desk = desk(&draft);
    let live = snapshot(&desk.world(), &desk.plan);
    let guards = protecting("glass@corp.example");
    desk.settings.guards = guards.resolved(&live, &desk.plan.operations);
    let report = desk.apply().expect("stopped by the guard");
    let verdict = desk.verdict("op-0001");
    assert!(
        matches!(&verdict, Verdict::Skipped { why: SkipReason::Guard, detail } if detail.expose().contains("of this group")),
        "{verdict:?}"
    );
    assert_eq!((report.counts.applied, report.exit_code), (0, 5));
    assert!(desk.world().users.contains_key(&UserId::from("id-glass")));
    assert_eq!(desk.world().rows.len(), 1, "the row stands");
}
