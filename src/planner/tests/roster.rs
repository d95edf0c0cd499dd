//! The join: who is who, and what is never guessed.

use super::world::*;
use crate::domain::*;
use crate::planner::roster::{Positions, Scope, join};
use crate::text::Raw;

fn matched(world: &World, id: &str) -> Match {
    let rows = join(
        &world.snapshot,
        &Scope::AllPeople,
        &world.rule,
        &world.staging.accepted,
    )
    .rows;
    let key = RowKey::Person(PersonId::from(id));
    rows.into_iter().find(|row| row.key == key).unwrap().matched
}

#[test]
fn subjects_join_without_case_and_mails_only_propose() {
    let mut world = World::new();
    world.person("A1");
    world.user("u1", "a1", None);
    world.seat("a1", "analyzer");
    assert_eq!(matched(&world, "A1"), Match::Subject);
    world.person("b");
    world.user("u2", "OLD\\b", Some("B@CORP.example"));
    assert_eq!(matched(&world, "b"), Match::Email { accepted: false });
    world
        .staging
        .accepted
        .insert(PersonId::from("b"), UserId::from("u2"));
    assert_eq!(matched(&world, "b"), Match::Email { accepted: true });
    let roster = join(
        &world.snapshot,
        &Scope::AllPeople,
        &world.rule,
        &world.staging.accepted,
    );
    assert_eq!(roster.rows.len(), 2);
    assert_eq!(
        roster.rows[0].license(),
        Some(&LicenseType::from("analyzer"))
    );
}

#[test]
fn look_alike_addresses_do_not_match() {
    let mut world = World::new();
    world.person("m").mail = Some(Raw::from("m\u{131}ke@corp.example"));
    world.user("u", "x", Some("mike@corp.example"));
    world.person("k").mail = Some(Raw::from("\u{212a}ay@corp.example"));
    world.user("v", "y", Some("kay@corp.example"));
    world.rule.accept_email = true;
    assert_eq!(matched(&world, "m"), Match::None);
    assert_eq!(matched(&world, "k"), Match::None);
}

#[test]
fn what_would_be_a_guess_is_a_conflict() {
    let mut world = World::new();
    world.rule.accept_email = true;
    for id in ["s1", "s2"] {
        world.person(id).mail = Some(Raw::from("shared@corp.example"));
    }
    world.user("u1", "OLD\\s", Some("shared@corp.example"));
    let both = vec![PersonId::from("s1"), PersonId::from("s2")];
    assert_eq!(
        matched(&world, "s1"),
        Match::Conflict(Conflict::SharedMailbox(both))
    );

    world.person("two").other_mails = vec![Raw::from("alias@corp.example")];
    world.user("u2", "OLD\\t", Some("two@corp.example"));
    world.user("u3", "OLD\\t2", Some("alias@corp.example"));
    let both = vec![UserId::from("u2"), UserId::from("u3")];
    assert_eq!(
        matched(&world, "two"),
        Match::Conflict(Conflict::SeveralUsers(both))
    );

    world.person("own");
    world.user("u4", "own", Some("thief@corp.example"));
    world.person("thief");
    let both = vec![PersonId::from("own"), PersonId::from("thief")];
    assert_eq!(matched(&world, "own"), Match::Subject);
    assert_eq!(
        matched(&world, "thief"),
        Match::Conflict(Conflict::SeveralPeople(both))
    );

    world.person("Twin");
    world.person("twin");
    let both = vec![PersonId::from("Twin"), PersonId::from("twin")];
    assert_eq!(
        matched(&world, "twin"),
        Match::Conflict(Conflict::SameSubject(both))
    );

    world.person("near");
    world.user("u5", "near", None);
    world.user("u6", "NEAR", None);
    let both = vec![UserId::from("u5"), UserId::from("u6")];
    assert_eq!(
        matched(&world, "near"),
        Match::Conflict(Conflict::SeveralUsers(both))
    );
}

#[test]
fn tombstones_and_bots_take_no_part_in_mail_matching() {
    let mut world = World::new();
    world.person("a");
    world.user("u1", "x", Some("a@corp.example")).bot = true;
    world.user("u2", "a", Some("a@corp.example")).status = UserStatus::Deleted;
    assert_eq!(matched(&world, "a"), Match::None);
}

#[test]
fn everybody_shows_users_and_seats_without_a_person() {
    let mut world = World::new();
    world.person("b");
    world.user("u", "solo", None);
    world.seat("ghost", "analyzer");
    world.seat("GHOST", "professional");
    let roster = join(
        &world.snapshot,
        &Scope::AllPeople,
        &world.rule,
        &world.staging.accepted,
    );
    let keys: Vec<&RowKey> = roster.rows.iter().map(|row| &row.key).collect();
    assert_eq!(keys.len(), 3);
    assert!(keys.contains(&&RowKey::User(UserId::from("u"))));
    assert!(keys.iter().any(|key| matches!(key, RowKey::Seat(_))));
    let positions = Positions::new(&roster);
    for (at, row) in roster.rows.iter().enumerate() {
        assert_eq!(positions.of(&roster, &row.key), Some(at));
    }
    assert_eq!(
        positions.of(&roster, &RowKey::User(UserId::from("no"))),
        None
    );
    let users = join(
        &world.snapshot,
        &Scope::Users,
        &world.rule,
        &world.staging.accepted,
    );
    assert_eq!(users.rows.len(), 2);
}

#[test]
fn the_shortest_way_into_the_marked_groups_is_shown() {
    let mut world = World::new();
    for id in ["a", "b"] {
        world.person(id);
    }
    world.group("g1", "One", &[("a", &["x", "y"]), ("b", &["x"])]);
    world.group("g2", "Two", &[("a", &[])]);
    let groups = ["g1", "g2"].map(DirectoryGroupId::from).to_vec();
    let roster = join(
        &world.snapshot,
        &Scope::Groups(groups),
        &world.rule,
        &world.staging.accepted,
    );
    assert_eq!(roster.rows[0].via, Some(vec![]));
    let way = ["g1", "x"].map(DirectoryGroupId::from).to_vec();
    assert_eq!(roster.rows[1].via, Some(way));
}
