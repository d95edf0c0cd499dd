//! What may be taken, from whom, and who reads like somebody else.

use super::small::member_world;
use super::world::*;
use crate::domain::*;
use crate::text::Raw;

/// A world in which so many hold a seat and so many of them shall lose it.
fn leavers(of: usize, gone: usize) -> World {
    let mut world = World::new();
    world.pool("analyzer", 1000, i64::try_from(of).unwrap());
    for number in 0..of {
        let id = format!("p{number:03}");
        world.person(&id);
        world.user(&format!("u-{id}"), &id, None);
        world.seat(&id, "analyzer");
        if number < gone {
            world.wish(row(&id), ladder(Ladder::TakeLicense));
        }
    }
    world.person("new");
    world.wish(
        row("new"),
        Wish {
            provision: true,
            ..Wish::default()
        },
    );
    world.selection.people = of as u64;
    world
}

fn guard(plan: &Plan) -> (Severity, String, String) {
    let said = found(plan, FindingCode::RemovalGuard);
    assert_eq!(said.len(), 1, "{:?}", plan.findings);
    let text = |raw: &Raw| raw.expose().to_owned();
    (said[0].severity, text(&said[0].text), text(&said[0].hint))
}

#[test]
fn over_the_limit_the_whole_plan_stops_and_says_the_ways_out() {
    let mut world = leavers(500, 120);
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "additions too");
    let (severity, text, hint) = guard(&plan);
    assert_eq!(severity, Severity::Error);
    assert_eq!(
        text,
        "120 removals take something from 120 of 500 people, the limit (removals_stop, 20 %) is 100: the whole plan stops"
    );
    assert_eq!(hint, "look at each removal");
    let decision = Some(Decision::Removals {
        number: 120,
        rest: 1,
    });
    assert_eq!(plan.findings[0].decision, decision);
    world.guards.allow_removals = Some(119);
    assert!(world.plan().operations.is_empty());
    world.guards.allow_removals = Some(121);
    assert!(world.plan().operations.is_empty());
    world.guards.allow_removals = Some(120);
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("create_user", 1), ("remove_license", 120)]);
    assert_eq!(
        (guard(&plan).0, plan.summary.scope),
        (Severity::Warning, 500)
    );
}

#[test]
fn held_removals_are_listed_and_the_rest_is_planned() {
    let mut world = leavers(500, 120);
    world.guards.hold_removals = true;
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("create_user", 1)]);
    let held = found(&plan, FindingCode::RemovalHeld);
    assert_eq!(held.len(), 120);
    assert_eq!(
        held[0].text.expose(),
        "the license stays: removals are held"
    );
    assert!(found(&plan, FindingCode::RemovalGuard).is_empty());
    assert_eq!(plan.summary.scope, 0);
}

#[test]
fn what_earlier_runs_took_this_week_counts() {
    let mut world = leavers(500, 60);
    assert_eq!(guard(&world.plan()).0, Severity::Warning);
    for number in 0..50 {
        let subject = Subject::new(format!("gone{number}"));
        let before = LicenseState {
            subject: subject.clone(),
            license: "analyzer".into(),
        };
        world.past.week.losers.take(&Change::RemoveLicense {
            subject,
            before,
            after: (),
        });
    }
    world.past.week.of = 500;
    let plan = world.plan();
    let (severity, text, _) = guard(&plan);
    assert_eq!((severity, plan.operations.len()), (Severity::Error, 0));
    assert_eq!(
        text,
        "60 removals take something from 60 of 500 people, with the last 7 days from 110 of 500, the limit (removals_stop, 20 % in 7 days) is 100: the whole plan stops"
    );
}

#[test]
fn a_reading_that_is_hard_to_believe_takes_nothing_by_any_way() {
    let mut world = leavers(40, 2);
    world.space("s", SpaceType::Shared);
    world.assign("s", Assignee::User("u-p001".into()), &["consumer"]);
    world.wish(row("p001"), ladder(Ladder::Disable));
    assert_eq!(world.plan().summary.removals, 4);
    world.past.doubts = vec![Doubt {
        what: Raw::from("SALES"),
        cause: "held 40 on 2026-11-23 and holds 0 now".to_owned(),
        count: Some(0),
        of_tenant: false,
    }];
    let plan = world.plan();
    assert_eq!(kinds(&plan), [("create_user", 1)], "giving goes on");
    let said = found(&plan, FindingCode::SourceDoubt);
    let source = said.iter().find(|one| one.who.expose() == "SALES").unwrap();
    assert!(source.text.expose().contains("removals are off"));
    let decision = Decision::Size {
        name: "SALES".into(),
        count: 0,
    };
    assert_eq!(source.decision, Some(decision));
    assert_eq!(
        said.len(),
        1 + 2 + 1 + 1,
        "license, spaces and record of each: {said:#?}"
    );
    let directory = &plan.sources[1];
    assert!(!directory.complete);
    assert!(directory.cause.as_ref().unwrap().contains("SALES held 40"));
}

#[test]
fn nobody_gains_anything_under_a_name_that_reads_like_anothers() {
    let mut world = World::new();
    let admin = world.user("u-admin", "boss", Some("boss@corp.example"));
    admin.name = Raw::from("Ada Admin");
    admin.roles.push(RoleId::from("r-admin"));
    for (id, name) in [
        ("cyrillic", "Аdа Admin"),
        ("namesake", "Ada Admin"),
        ("mixed", "Bob Аdmin"),
        ("fine", "Иван Петров (Ivan Petrov)"),
        ("twin1", "Clara Ingold"),
        ("twin2", "CIara Ingold"),
        ("same1", "Anna Müller"),
        ("same2", "Anna Müller"),
    ] {
        world.person(id).name = Raw::from(name);
        world.wish(
            row(id),
            Wish {
                provision: true,
                ..Wish::default()
            },
        );
    }
    let plan = world.plan();
    let mut said: Vec<&str> = found(&plan, FindingCode::LookAlike)
        .iter()
        .map(|one| one.text.expose())
        .collect();
    said.sort_unstable();
    assert_eq!(
        said,
        [
            "Ada Admin looks like Ada Admin, a tenant administrator; subject namesake",
            "CIara Ingold looks like Clara Ingold, another person of this plan; subject twin2",
            "Clara Ingold looks like CIara Ingold, another person of this plan; subject twin1",
            "Аdmin mixes letters of several scripts; subject mixed",
            "Аdа Admin looks like Ada Admin, a tenant administrator; subject cyrillic",
        ]
    );
    let severe = |plan: &Plan| {
        let said = found(plan, FindingCode::LookAlike).into_iter();
        said.filter(|one| one.severity == Severity::Error).count()
    };
    assert_eq!(severe(&plan), 5);
    let singly = ["namesake", "twin1", "twin2", "mixed"].map(Subject::from);
    world.staging.lookalikes.extend(singly);
    assert_eq!(severe(&world.plan()), 1, "each for oneself");
}

#[test]
fn the_seats_of_other_tenants_are_only_shown() {
    let mut world = member_world();
    world.seat("stranger", "professional");
    world.pool("professional", 5, 1);
    let key = RowKey::Seat(Subject::from("stranger"));
    world.wish(Target::Row(key), ladder(Ladder::TakeLicense));
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    let said = found(&plan, FindingCode::OrphanSeat);
    let texts: Vec<&str> = said.iter().map(|one| one.text.expose()).collect();
    assert!(
        texts.iter().any(|text| text.contains("another one")),
        "{texts:?}"
    );
}

/// A group with a role in a space that shall lose it.
fn leaving_group() -> World {
    let mut world = member_world();
    world.known_group("q", "TEAM");
    world.assign("s", Assignee::Group("q".into()), &["consumer"]);
    let mut wish = Wish::default();
    wish.spaces.insert("s".into(), SpaceWish::Remove);
    world.wish(group("g"), wish);
    world.selection.people = 500;
    world
}

#[test]
fn a_group_that_loses_something_is_said_and_typed_however_few_are_in_it() {
    let plan = leaving_group().plan();
    assert_eq!(kinds(&plan), [("remove_space_assignment", 1)]);
    let (severity, text, hint) = guard(&plan);
    assert_eq!(severity, Severity::Warning);
    assert!(text.ends_with("and from everybody in a group"), "{text}");
    assert!(hint.contains("number 1 to be typed"), "{hint}");
}

#[test]
fn whom_only_the_tenant_knows_to_be_in_a_group_is_protected_in_it() {
    let mut world = leaving_group();
    let glass = world.user("u-glass", "glass", Some("glass@corp.example"));
    glass.groups.push(GroupId::from("q"));
    world.guards.protected = vec!["GLASS@corp.example".into()];
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    let said = found(&plan, FindingCode::Protected);
    assert_eq!(said.len(), 1);
    let text = said[0].text.expose();
    assert!(text.starts_with("stays in Space s: Person glass"), "{text}");
}

#[test]
fn whoever_the_profile_names_by_what_only_the_directory_knows_is_protected_in_it() {
    for sign in ["glass@login.example", "second@corp.example", "p-glass"] {
        for (subject, mail) in [("P-Glass", None), ("other", Some("second@corp.example"))] {
            let mut world = leaving_group();
            let person = world.person("p-glass");
            person.upn = Some(Raw::from("glass@login.example"));
            person.other_mails = vec![Raw::from("second@corp.example")];
            let user = world.user("u-glass", subject, mail);
            user.groups.push(GroupId::from("q"));
            assert_eq!(world.plan().summary.removals, 1, "nobody is named yet");
            world.guards.protected = vec![sign.into()];
            let plan = world.plan();
            assert!(plan.operations.is_empty(), "{sign} {subject}");
            let said = found(&plan, FindingCode::Protected);
            let text = said[0].text.expose();
            assert!(
                text.starts_with("stays in Space s: Person p-glass"),
                "{text}"
            );
        }
    }
}

/// So many people who lost something this week.
fn lost(world: &mut World, people: usize, of: u64) {
    for number in 0..people {
        let subject = Subject::new(format!("gone{number}"));
        let before = LicenseState {
            subject: subject.clone(),
            license: "analyzer".into(),
        };
        world.past.week.losers.take(&Change::RemoveLicense {
            subject,
            before,
            after: (),
        });
    }
    world.past.week.of = of;
}

#[test]
fn exactly_the_limit_passes_and_the_week_is_named_when_it_alone_is_over() {
    let mut world = leavers(500, 100);
    let plan = world.plan();
    assert_eq!(
        (guard(&plan).0, plan.summary.removals),
        (Severity::Warning, 100)
    );
    lost(&mut world, 1, 500);
    let (severity, text, _) = guard(&world.plan());
    assert_eq!(severity, Severity::Error);
    assert!(
        text.ends_with("the limit (removals_stop, 20 % in 7 days) is 100: the whole plan stops"),
        "{text}"
    );
    // The scope of an earlier run is the measure when it was larger.
    world.past.week.of = 600;
    assert_eq!(guard(&world.plan()).0, Severity::Warning);
    let decided = |world: &World| {
        let plan = world.plan();
        found(&plan, FindingCode::RemovalGuard)[0].decision.clone()
    };
    assert_eq!(decided(&world), None);
    world.past.week.of = 500;
    let both = Some(Decision::Removals {
        number: 100,
        rest: 1,
    });
    assert_eq!(decided(&world), both, "one is made besides");
}

#[test]
fn few_removals_are_light_and_the_count_or_the_share_makes_them_typed() {
    let codes = |of, gone| {
        let plan = leavers(of, gone).plan();
        found(&plan, FindingCode::RemovalGuard).len()
    };
    assert_eq!((codes(500, 10), codes(500, 11)), (0, 1), "ten people");
    assert_eq!((codes(100, 5), codes(100, 6)), (0, 1), "five per cent");
    assert_eq!(codes(100, 0), 0);
    // With nobody in view the plan's own people are the measure: five, and the one who is made.
    let mut world = leavers(5, 5);
    world.selection.people = 0;
    assert_eq!(
        guard(&world.plan()).1,
        "5 removals take something from 5 of 6 people, the limit (removals_stop, 20 %) is 2: the whole plan stops"
    );
}

#[test]
fn a_doubt_comes_before_a_hold_and_each_says_its_cause() {
    let mut world = leavers(40, 1);
    world.guards.hold_removals = true;
    let plan = world.plan();
    let held = found(&plan, FindingCode::RemovalHeld);
    assert_eq!(
        (held.len(), held[0].decision.clone()),
        (1, Some(Decision::Held))
    );
    assert_eq!(
        held[0].text.expose(),
        "the license stays: removals are held"
    );
    assert_eq!(held[0].hint.expose(), "");
    world.past.doubts = vec![Doubt {
        what: Raw::from("SALES"),
        cause: "is gone".to_owned(),
        count: Some(0),
        of_tenant: false,
    }];
    let plan = world.plan();
    assert!(found(&plan, FindingCode::RemovalHeld).is_empty());
    let said = found(&plan, FindingCode::SourceDoubt);
    let of_person = said.iter().find(|one| one.who.expose() != "SALES").unwrap();
    assert_eq!(of_person.text.expose(), "the license stays: SALES is gone");
    assert!(of_person.hint.expose().contains("removals are off until"));
    assert_eq!(of_person.decision, None);
}

#[test]
fn a_group_that_was_not_read_whole_keeps_what_it_has() {
    let cut = || Completeness::Incomplete("page 2 of 3".to_owned());
    for list in ["members", "users", "roles", "groups"] {
        let mut world = leaving_group();
        match list {
            "members" => {
                let members = &mut world.snapshot.directory.members;
                members.get_mut(&DirectoryGroupId::from("g")).unwrap().proof = cut();
            }
            "users" => world.snapshot.tenant.users.proof = cut(),
            "roles" => world.snapshot.tenant.roles.proof = cut(),
            _ => world.snapshot.tenant.groups.proof = cut(),
        }
        let plan = world.plan();
        assert_eq!(plan.summary.removals, 0, "{list}");
        let said = found(&plan, FindingCode::IncompleteSource);
        let stays = |one: &&&Finding| {
            one.text
                .expose()
                .contains("the group was not read completely")
        };
        assert_eq!(said.iter().filter(stays).count(), 1, "{list}");
    }
}
