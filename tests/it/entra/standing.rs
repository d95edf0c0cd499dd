//! Who counts as what: the deleted, the disabled, guests, groups of every kind; and what an app may
//! not see.

use super::world::{config, directory, sized, small};
use qroll::domain::{DirectoryGroup, DirectoryGroupId, Enabled, GroupKind, PersonId};
use qroll::ports::{Directory as _, Kind, PeopleQuery};
use qroll::simulator::Running;
use qroll::simulator::world::GroupKind as Held;
use qroll::text::Raw;

/// Deletes a person who has a mail address; gives id, login and mail.
pub(super) fn delete_somebody(world: &Running) -> (PersonId, Raw, Raw) {
    world.with_world(|world| {
        let people = &world.directory.people;
        let at = people
            .iter()
            .position(|person| person.mail.is_some() && person.enabled && !person.guest)
            .expect("somebody");
        let person = people[at].clone();
        world.directory.soft_delete(at, "2026-11-01T08:00:00Z");
        (
            PersonId::new(person.id),
            Raw::from(person.upn),
            Raw::from(person.mail.unwrap_or_default()),
        )
    })
}

#[tokio::test]
async fn whoever_was_deleted_has_left_and_is_not_unknown() {
    let world = sized().await;
    let (id, login, mail) = delete_somebody(&world);
    let directory = directory(config(&world));
    for query in [
        PeopleQuery::All,
        PeopleQuery::Ids(vec![id.clone()]),
        PeopleQuery::Addresses(vec![mail.clone()]),
        PeopleQuery::Addresses(vec![login.clone()]),
    ] {
        let reading = directory.people(&query).await.expect("people");
        assert!(reading.proof.is_proven(), "{query:?}: {:?}", reading.proof);
        let mut found = reading.value.iter().filter(|person| person.id == id);
        let person = found.next().expect("somebody");
        assert!(found.next().is_none());
        assert_eq!(person.enabled, Enabled::No, "{query:?}");
        assert_eq!(person.upn.as_ref(), Some(&login));
        let when = person.attribute("deleted").expect("a date");
        assert_eq!(when.expose(), "2026-11-01T08:00:00Z");
        let expected = if query == PeopleQuery::All { 2_500 } else { 1 };
        assert_eq!(reading.value.len(), expected, "{query:?}");
    }
}

#[tokio::test]
async fn without_the_list_of_the_deleted_nobody_is_known_to_be_gone() {
    let world = small().await;
    let (id, ..) = delete_somebody(&world);
    world.add_fault(
        "403@graph:GET:/directory/deletedItems/**"
            .parse()
            .expect("a fault"),
    );
    let directory = directory(config(&world));
    for query in [PeopleQuery::All, PeopleQuery::Ids(vec![id])] {
        let reading = directory.people(&query).await.expect("people");
        assert!(!reading.proof.is_proven(), "{query:?}");
        let cause = format!("{:?}", reading.proof);
        assert!(cause.contains("deleted lately"), "{cause}");
    }
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named() {
    for (permission, asks_people) in [("User.Read.All", true), ("GroupMember.Read.All", false)] {
        let world = small().await;
        world.with_sign_ins(|ins| ins.withdraw(permission));
        let directory = directory(config(&world));
        let problem = if asks_people {
            directory.people(&PeopleQuery::All).await.unwrap_err()
        } else {
            directory.groups(None).await.unwrap_err()
        };
        assert_eq!(problem.kind, Kind::Denied, "{problem}");
        let hint = problem.hints().first().expect("a hint");
        assert!(
            hint.contains(&format!("application permission {permission}")),
            "{hint}"
        );
        assert!(hint.contains("administrator has not consented"), "{hint}");
    }
}

#[tokio::test]
async fn members_by_id_only_mean_that_users_may_not_be_read() {
    let world = small().await;
    world.with_sign_ins(|ins| ins.withdraw("User.Read.All"));
    let group = world.with_world(|world| {
        let groups = world.directory.groups.iter();
        let group = groups.max_by_key(|group| group.members.len());
        DirectoryGroupId::new(group.expect("a group").id.as_str())
    });
    let problem = directory(config(&world)).members(&group).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Denied, "{problem}");
    let hint = problem.hints().first().expect("a hint");
    assert!(hint.contains("User.Read.All"), "{hint}");
}

#[tokio::test]
async fn groups_say_what_they_are() {
    let world = small().await;
    world.with_world(|world| world.directory.groups[0].role_assignable = true);
    let reading = directory(config(&world))
        .groups(None)
        .await
        .expect("groups");
    let held = world.with_world(|world| world.directory.groups.clone());
    for group in &held {
        let read: &DirectoryGroup = reading
            .value
            .iter()
            .find(|read| read.id.expose() == group.id)
            .expect("every group");
        assert_eq!(read.dynamic, group.kind == Held::Dynamic, "{}", group.name);
        let kind = match group.kind {
            Held::Microsoft365 => GroupKind::Microsoft365,
            Held::Distribution => GroupKind::Mail,
            Held::Security | Held::Dynamic => GroupKind::Security,
        };
        assert_eq!(read.kind, kind, "{}", group.name);
        assert_eq!(read.role_assignable, group.role_assignable);
    }
    let marked = reading.value.iter().filter(|g| g.marks().contains(&"role"));
    assert_eq!(marked.count(), 1);
}
