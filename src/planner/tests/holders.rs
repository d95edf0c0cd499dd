//! Holders of seats: what entitles each, what cannot be told, and who does not use theirs.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

use super::world::*;
use crate::domain::*;
use crate::planner::access::{Source, access};
use crate::planner::holders::{
    Holder, Inquiry, LastUse, Note, Pick, Review, Spared, Standing, Unused, picked, review, rows,
    unused,
};
use crate::text::{Raw, show_str};

fn ago(days: i64) -> Timestamp {
    now()
        .saturating_sub(SignedDuration::from_hours(24 * days))
        .expect("a time")
}

/// `a` and `b` hold analyzer as users; `a` is in the approved group, `b` through a nested one, and `c`
/// is in neither.
fn three() -> World {
    let mut world = World::new();
    world.pool("analyzer", 10, 3);
    for id in ["a", "b", "c"] {
        world.person(id);
        world.user(&format!("u-{id}"), id, Some(&format!("{id}@corp.example")));
        world.seat(id, "analyzer");
    }
    world.group("n", "NESTED", &[("b", &[])]);
    world.group("g", "APPROVED", &[("a", &[]), ("b", &["n"])]);
    world
}

fn look(world: &World, entitled: &Entitled, usage: Option<&Usage>) -> Review {
    let groups = ["g".into()];
    let groups = if entitled.groups.is_empty() {
        &[][..]
    } else {
        &groups
    };
    let index = world.index();
    let mut review = review(&Inquiry {
        accepted: const { &crate::planner::roster::Accepted::new() },
        index: &index,
        snapshot: &world.snapshot,
        entitled,
        groups,
        guards: &world.guards,
        usage,
        now: now(),
    });
    for holder in &mut review.holders {
        holder.owns_read = true;
    }
    review
}

fn approved() -> Entitled {
    Entitled {
        groups: vec![Raw::from("APPROVED")],
        except: Vec::new(),
    }
}

fn of<'a>(review: &'a Review, subject: &str) -> &'a Holder {
    let found = review
        .holders
        .iter()
        .find(|one| one.subject.expose() == subject);
    found.expect(subject)
}

#[test]
fn members_nested_ones_and_strangers_are_told_apart() {
    let review = look(&three(), &approved(), None);
    assert_eq!(review.holders.len(), 3);
    assert_eq!(
        of(&review, "a").standing,
        Standing::Member(vec![Raw::from("APPROVED")])
    );
    let way = ["APPROVED", "NESTED"].map(Raw::from).to_vec();
    assert_eq!(of(&review, "b").standing, Standing::Nested(way));
    assert_eq!(of(&review, "c").standing, Standing::Stranger);
    assert_eq!(of(&review, "c").last_use, LastUse::NotRead);
    let nobody = look(&three(), &Entitled::default(), None);
    assert!(
        nobody
            .holders
            .iter()
            .all(|one| one.standing == Standing::NotAsked)
    );
}

#[test]
fn a_group_that_was_not_read_whole_makes_no_strangers() {
    let mut world = three();
    let members = &mut world.snapshot.directory.members;
    let reading = members.get_mut(&"g".into()).expect("a group");
    reading.proof = Completeness::incomplete(&show_str("page 2 failed"));
    let review = look(&world, &approved(), None);
    assert!(matches!(&of(&review, "c").standing, Standing::Unknown(why) if why.contains("page 2")));
    assert!(
        matches!(of(&review, "a").standing, Standing::Member(_)),
        "who is in it is in it"
    );
    assert!(
        review.gaps.iter().any(|gap| gap.contains("page 2")),
        "{:?}",
        review.gaps
    );
    members_gone(&mut world);
    let review = look(&world, &approved(), None);
    assert!(matches!(of(&review, "c").standing, Standing::Unknown(_)));
}

fn members_gone(world: &mut World) {
    world.snapshot.directory.members.clear();
}

#[test]
fn exceptions_count_by_any_sign_and_until_their_day() {
    let until = |day: &str| Entitled {
        except: vec![Exception {
            who: Raw::from("C@corp.example"),
            why: Raw::from("auditor"),
            until: Some(day.parse().expect("a day")),
        }],
        ..approved()
    };
    let today = now().strftime("%Y-%m-%d").to_string();
    let review = look(&three(), &until(&today), None);
    assert_eq!(
        of(&review, "c").standing,
        Standing::Excepted(Raw::from("auditor"))
    );
    let yesterday = ago(1).strftime("%Y-%m-%d").to_string();
    let review = look(&three(), &until(&yesterday), None);
    assert_eq!(of(&review, "c").standing, Standing::Stranger);
}

#[test]
fn whoever_is_protected_is_no_stranger() {
    let mut world = three();
    world.guards.protected = vec![Raw::from("c@corp.example")];
    let review = look(&world, &approved(), None);
    assert_eq!(of(&review, "c").standing, Standing::Protected("protected"));
    let mut world = three();
    world.user("u-c2", "c2", None).roles = vec!["r-admin".into()];
    world.seat("c2", "analyzer");
    let review = look(&world, &approved(), None);
    assert_eq!(
        of(&review, "c2").standing,
        Standing::Protected("administers the tenant")
    );
}

#[test]
fn the_same_e_mail_alone_proves_nothing() {
    let mut world = three();
    world.person("d").mail = Some(Raw::from("d@corp.example"));
    world.user("u-d", "OLD\\d", Some("d@corp.example"));
    world.seat("OLD\\d", "analyzer");
    let review = look(&world, &approved(), None);
    let standing = &of(&review, "OLD\\d").standing;
    assert!(
        matches!(standing, Standing::Unknown(why) if why.contains("is also that of Person d")),
        "{standing:?}"
    );
}

/// Conflicts take the person away from the user: two people with one mailbox, both members, and the
/// seats of the users they may be.
#[test]
fn whoever_may_be_a_member_is_no_stranger() {
    let mut world = three();
    for id in ["d", "e"] {
        world.person(id).mail = Some(Raw::from("both@corp.example"));
        world.user(
            &format!("u-{id}"),
            &format!("OLD\\{id}"),
            Some("both@corp.example"),
        );
        world.seat(&format!("OLD\\{id}"), "analyzer");
    }
    let review = look(&world, &approved(), None);
    for subject in ["OLD\\d", "OLD\\e"] {
        let standing = &of(&review, subject).standing;
        assert!(
            matches!(standing, Standing::Unknown(_)),
            "{subject}: {standing:?}"
        );
    }
    // A seat whose subject two people give is in no row, and held all the same.
    world.rule = crate::planner::IdentityRule::new(
        crate::planner::SubjectTemplate::parse("{department}").expect("a template"),
    );
    for id in ["d", "e"] {
        world.person(id).department = Some(Raw::from("Sales"));
    }
    world.seat("Sales", "analyzer");
    let review = look(&world, &approved(), None);
    let standing = &of(&review, "Sales").standing;
    assert!(matches!(standing, Standing::Unknown(_)), "{standing:?}");
}

#[test]
fn lists_that_were_not_read_whole_make_neither_orphans_nor_strangers() {
    let mut world = three();
    world.seat("OLD\\x", "analyzer");
    world.snapshot.tenant.users.proof = Completeness::incomplete(&show_str("page 3 failed"));
    let review = look(&world, &approved(), None);
    let holder = of(&review, "OLD\\x");
    assert!(matches!(holder.standing, Standing::Unknown(_)));
    assert_eq!(holder.notes, []);
    let standing = &of(&review, "c").standing;
    assert!(
        matches!(standing, Standing::Unknown(why) if why.contains("page 3")),
        "{standing:?}"
    );
}

#[test]
fn an_old_look_tells_who_came_and_not_who_did_not() {
    let world = three();
    let usage = Usage {
        from: ago(200),
        until: ago(100),
        only: None,
        last: [("u-a".into(), ago(110))].into(),
    };
    let review = look(&world, &approved(), Some(&usage));
    assert_eq!(of(&review, "a").last_use, LastUse::At(ago(110)));
    assert_eq!(of(&review, "b").last_use, LastUse::NotRead);
}

#[test]
fn what_is_odd_is_noted() {
    let mut world = three();
    world.person("a").enabled = Enabled::No;
    world.user("u-i", "i", None).status = UserStatus::Invited;
    world.seat("i", "analyzer");
    world.seat("nobody", "analyzer");
    world.seat("b", "professional");
    let review = look(&world, &approved(), None);
    assert_eq!(of(&review, "a").notes, [Note::DisabledThere]);
    assert_eq!(of(&review, "i").notes, [Note::NeverCame, Note::NoPerson]);
    assert_eq!(of(&review, "nobody").notes, [Note::Orphan]);
    let standing = &of(&review, "nobody").standing;
    assert!(matches!(standing, Standing::Unknown(why) if why.contains("another tenant")));
    assert_eq!(of(&review, "b").notes, [Note::SeveralSeats]);
    assert_eq!(review.holders.len(), 6, "each seat once");
}

#[test]
fn no_use_is_judged_only_for_what_is_covered() {
    let mut world = three();
    for user in &mut world.snapshot.tenant.users.value {
        let made = if user.id.expose() == "u-c" { 10 } else { 400 };
        std::sync::Arc::make_mut(user).created = Some(Raw::from(ago(made).to_string()));
    }
    for seat in &mut world.snapshot.tenant.licensing.value.assignments {
        seat.created = Some(Raw::from(ago(200).to_string()));
    }
    let usage = |covered, only: Option<&[&str]>| Usage {
        from: ago(covered),
        until: now(),
        only: only.map(|only| {
            only.iter()
                .map(|id| (*id).into())
                .collect::<BTreeSet<UserId>>()
        }),
        last: [("u-a".into(), ago(5))].into(),
    };
    let rule = Unused {
        days: 90,
        older_than: 30,
    };
    let idle = |usage: &Usage| {
        let review = look(&world, &approved(), Some(usage));
        let found = unused(&review, rule, now());
        let told = found
            .iter()
            .map(|one| (one.holder.subject.expose().to_owned(), one.spared.clone()));
        told.collect::<Vec<_>>()
    };
    let (b, c) = (("b".to_owned(), None), ("c".to_owned(), Some(Spared::New)));
    assert_eq!(idle(&usage(90, None)), [b, c.clone()], "a came, c is young");
    assert_eq!(idle(&usage(60, None)), [c], "b may have come before");
    assert_eq!(
        idle(&usage(90, Some(&["u-a"]))),
        [],
        "nobody asked about them"
    );
}

#[test]
fn whoever_holds_another_seat_that_is_not_meant_is_left_out() {
    let mut world = three();
    world.seat("b", "professional");
    let review = look(&world, &approved(), None);
    let of_b: Vec<&Holder> = review
        .holders
        .iter()
        .filter(|one| one.subject.expose() == "b")
        .collect();
    assert_eq!(of_b.len(), 2);
    let c = of(&review, "c");
    let (taken, left) = rows(&review, &[of_b[0], c]);
    assert_eq!((taken, left), (vec![c.row.clone()], vec![of_b[0]]));
    let (taken, left) = rows(&review, &[of_b[0], of_b[1], c]);
    assert_eq!((taken.len(), left.len()), (2, 0), "both seats are meant");
}

#[test]
fn access_names_its_source_and_what_adds_nothing() {
    let mut world = World::new();
    world.space("s", SpaceType::Shared);
    world.known_group("q", "TEAM");
    world.user("u-a", "a", None).groups = vec!["q".into()];
    world.user("u-o", "o", None);
    world.snapshot.tenant.spaces.value[0].owner = Some("u-o".into());
    world.assign("s", Assignee::Group("q".into()), &["consumer", "producer"]);
    world.assign("s", Assignee::User("u-a".into()), &["consumer"]);
    world.assign("s", Assignee::User("u-o".into()), &["consumer"]);
    let all = access(&world.snapshot);
    let told: Vec<(&str, &Source, bool)> = all
        .iter()
        .map(|one| (one.user.expose(), &one.source, one.redundant))
        .collect();
    let team = Source::Group(Raw::from("TEAM"));
    let wanted = [
        ("u-a", &Source::Direct, true),
        ("u-a", &team, false),
        ("u-o", &Source::Owner, false),
        ("u-o", &Source::Direct, true),
    ];
    assert_eq!(told, wanted);
}

#[test]
fn of_two_ways_that_give_the_same_one_is_redundant() {
    let mut world = World::new();
    world.space("s", SpaceType::Shared);
    for (id, name) in [("q", "ONE"), ("r", "TWO")] {
        world.known_group(id, name);
        world.assign("s", Assignee::Group(id.into()), &["consumer"]);
    }
    world.user("u-a", "a", None).groups = vec!["q".into(), "r".into()];
    let all = access(&world.snapshot);
    let redundant: Vec<bool> = all.iter().map(|one| one.redundant).collect();
    assert_eq!(redundant.iter().filter(|one| **one).count(), 1, "{all:?}");
}

#[test]
fn a_seat_on_an_older_subject_is_moved_and_not_taken_back() {
    let mut world = World::new();
    world.pool("analyzer", 10, 1);
    world.person("a");
    world.user("u-old", "CORP\\a", Some("a@corp.example"));
    world.seat("CORP\\a", "analyzer");
    for seat in &mut world.snapshot.tenant.licensing.value.assignments {
        seat.created = Some(Raw::from(ago(200).to_string()));
    }
    let usage = Usage {
        from: ago(91),
        until: now(),
        only: None,
        last: [].into(),
    };
    let review = look(&world, &Entitled::default(), Some(&usage));
    let found = unused(&review, Unused::default(), now());
    let spared: Vec<_> = found.iter().map(|one| one.spared.clone()).collect();
    assert_eq!(spared, [Some(Spared::OlderSubject)]);
    assert!(picked(&review, Pick::ToTakeBack, Unused::default(), now()).is_empty());
    assert_eq!(
        picked(&review, Pick::TwoSubjects, Unused::default(), now()),
        [0]
    );
}
