//! Starting over what the last session left: it shows at once, and proves nothing (I6).

use super::{Desk, world};
use qroll::app::{Answer, Effect, PeopleWish, Trouble};
use qroll::domain::{
    DirectoryGroupId, DirectorySnapshot, Membership, Person, Reading, Snapshot, SourceKind, SpaceId,
};
use qroll::ports::Kind;
use std::sync::Arc;

const GROUP: &str = "g-ana";

/// Yesterday Olga was in the group; today she is nowhere.
fn yesterday() -> Snapshot {
    let mut directory = DirectorySnapshot::empty(SourceKind::Entra, "graph.example", world::now());
    directory.groups = Reading::proven(world::groups(), "all pages");
    let olga = world::person("p-olga", "Olga Left");
    let group = DirectoryGroupId::from(GROUP);
    let mut members = world::members(&group, &world::people()).value.0;
    members.push(Membership {
        person: olga.id.clone(),
        via: Vec::new(),
    });
    let people: Vec<Arc<Person>> = world::people()
        .into_iter()
        .chain([Arc::new(olga)])
        .collect();
    directory.people.value = people
        .into_iter()
        .map(|one| (one.id.clone(), one))
        .collect();
    let members = Reading::proven(members, "all pages");
    directory.members.insert(group, members);
    let mut tenant = world::tenant();
    let space = SpaceId::from("s-fin");
    let assigned = world::assignments(&space);
    tenant.assignments.insert(space, assigned);
    Snapshot { tenant, directory }
}

fn group() -> DirectoryGroupId {
    DirectoryGroupId::from(GROUP)
}

fn reads_of_group(desk: &Desk) -> usize {
    let reads = |effect: &&Effect| matches!(effect, Effect::LoadMembers(_, id) if *id == group());
    desk.asked.iter().filter(reads).count()
}

fn planned_subjects(desk: &Desk) -> String {
    format!("{:?}", desk.plan().operations)
}

#[test]
fn a_cache_proves_nothing() {
    let desk = Desk::after(yesterday());
    let Snapshot { tenant, directory } = (*desk.app.data.snapshot).clone();
    let mut proofs = vec![
        tenant.users.proof,
        tenant.licensing.proof,
        tenant.groups.proof,
        tenant.roles.proof,
        tenant.spaces.proof,
        directory.groups.proof,
        directory.people.proof,
    ];
    proofs.extend(tenant.assignments.into_values().map(|one| one.proof));
    proofs.extend(directory.members.into_values().map(|one| one.proof));
    assert_eq!(proofs.len(), 9);
    for proof in proofs {
        assert!(!proof.is_proven(), "{proof:?}");
    }
}

#[test]
fn a_plan_uses_the_members_of_today() {
    let mut desk = Desk::after(yesterday());
    desk.hold.push("LoadTenant");
    desk.hold.push("LoadGroups");
    desk.hold.push("LoadMembers");
    desk.begin();
    // The tenant answers, members of the group do not yet.
    desk.tell(Answer::Tenant(Ok(Arc::new(world::tenant()))));
    desk.tell(Answer::Groups(Ok(Reading::proven(
        world::groups(),
        "all pages",
    ))));
    desk.keys("<down> la");
    assert!(desk.screen().contains("Olga Left"), "{}", desk.screen());
    assert_eq!(reads_of_group(&desk), 1, "{:?}", desk.asked);
    desk.keys("p");
    assert!(desk.app.plan.plan.is_none(), "built on yesterday");
    desk.release();
    assert!(!planned_subjects(&desk).contains("p-olga"));
    let members = &desk.app.data.snapshot.directory.members[&group()];
    assert!(members.proof.is_proven());
    assert!(
        members
            .value
            .iter()
            .all(|one| one.person.expose() != "p-olga")
    );
}

#[test]
fn a_group_under_the_cursor_is_read_again_by_itself() {
    let mut desk = Desk::after(yesterday());
    // What is known at the start is read again; here nothing was asked before the cache came.
    desk.tell(Answer::Tenant(Ok(Arc::new(world::tenant()))));
    assert_eq!(reads_of_group(&desk), 0);
    desk.keys("<down>");
    assert_eq!(reads_of_group(&desk), 1);
    assert!(!desk.screen().contains("Olga Left"), "{}", desk.screen());
}

#[test]
fn a_group_that_cannot_be_read_stays_unproven_and_is_not_asked_for_ever() {
    let mut desk = Desk::after(yesterday());
    desk.hold.push("LoadMembers");
    desk.tell(Answer::Tenant(Ok(Arc::new(world::tenant()))));
    desk.keys("<down>");
    let trouble = Trouble {
        kind: Kind::Network,
        text: "no answer".to_owned(),
        hints: Vec::new(),
    };
    desk.fail_members(GROUP, trouble);
    desk.keys("<down><up>");
    assert_eq!(reads_of_group(&desk), 1);
    let members = &desk.app.data.snapshot.directory.members[&group()];
    assert!(!members.proof.is_proven());
}

#[test]
fn a_staged_row_of_the_last_session_is_looked_up_before_a_plan() {
    let mut desk = Desk::after(yesterday());
    desk.tell(Answer::Tenant(Ok(Arc::new(world::tenant()))));
    desk.keys("<tab>/olga<enter> <esc>").keys("np");
    let looked_up = |effect: &Effect| matches!(effect, Effect::LoadPeople(_, PeopleWish::Again(ids)) if ids.len() == 1);
    assert!(desk.asked.iter().any(looked_up), "{:?}", desk.asked);
    assert!(!planned_subjects(&desk).contains("p-olga"));
}

#[test]
fn a_late_cache_does_not_undo_what_was_read() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> ");
    desk.tell(Answer::Cached(Some(Box::new(yesterday()))));
    let snapshot = &desk.app.data.snapshot;
    assert!(!desk.app.data.cached);
    assert!(snapshot.tenant.users.proof.is_proven());
    assert!(snapshot.directory.groups.proof.is_proven());
    let members = &snapshot.directory.members[&group()];
    assert!(members.proof.is_proven());
    assert!(
        members
            .value
            .iter()
            .all(|one| one.person.expose() != "p-olga")
    );
}
