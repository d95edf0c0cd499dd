use super::*;
use crate::domain::{
    Completeness, DirectoryGroup, GroupKind, Membership, PersonId, Reading, SourceKind,
};

fn directory(groups: &[(&str, usize)]) -> DirectorySnapshot {
    let mut directory =
        DirectorySnapshot::empty(SourceKind::File, "people.csv", Timestamp::UNIX_EPOCH);
    directory.groups = Reading::proven(Vec::new(), "a test");
    for (id, size) in groups {
        directory.groups.value.push(DirectoryGroup {
            id: DirectoryGroupId::from(*id),
            name: Raw::new(id.to_uppercase()),
            description: None,
            kind: GroupKind::Security,
            dynamic: false,
            role_assignable: false,
            subgroups: Vec::new(),
            size: None,
        });
        let members = (0..*size).map(|number| Membership {
            person: PersonId::new(format!("p{number}")),
            via: Vec::new(),
        });
        let members = Reading::proven(members.collect(), "a test");
        directory
            .members
            .insert(DirectoryGroupId::from(*id), members);
    }
    directory
}

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap()
}

fn ids(names: &[&str]) -> Vec<DirectoryGroupId> {
    names
        .iter()
        .map(|name| DirectoryGroupId::from(*name))
        .collect()
}

fn causes(doubts: &[Doubt]) -> Vec<String> {
    let said = doubts.iter();
    said.map(|one| {
        format!(
            "{} {} / {}",
            one.what.expose(),
            one.cause,
            one.count.unwrap_or_default()
        )
    })
    .collect()
}

#[test]
fn a_group_that_is_empty_or_gone_is_doubted_until_somebody_vouches() {
    let relied = ids(&["a", "b"]);
    let mut memory = Memory::default();
    let nobody = Vouched::default();
    let full = directory(&[("a", 40), ("b", 3), ("c", 1)]);
    assert!(memory.doubts(&full, &relied, &nobody).is_empty());
    memory.learn(&full, &relied, &nobody, at(0));

    let empty = directory(&[("a", 0), ("c", 0)]);
    let doubts = memory.doubts(&empty, &relied, &nobody);
    assert_eq!(
        causes(&doubts),
        [
            "A held 40 on 2027-01-15 and holds 0 now / 0",
            "B held 3 people on 2027-01-15 and is gone from the directory / 0"
        ]
    );
    memory.learn(&empty, &relied, &nobody, at(1));
    assert_eq!(memory.doubts(&empty, &relied, &nobody).len(), 2, "it stays");

    let vouched: Vouched = [("A", 0), ("B", 0)]
        .map(|(name, number)| (name.to_owned(), number))
        .into();
    assert!(memory.doubts(&empty, &relied, &vouched).is_empty());
    memory.learn(&empty, &relied, &vouched, at(2));
    assert!(memory.doubts(&empty, &relied, &nobody).is_empty());
}

#[test]
fn who_vouches_for_one_of_two_groups_named_alike_vouches_for_that_one() {
    let alike = |sizes: &[(&str, usize)]| {
        let mut directory = directory(sizes);
        for group in &mut directory.groups.value {
            group.name = Raw::from("Sales");
        }
        directory
    };
    let relied = ids(&["a", "b", "c"]);
    let nobody = Vouched::default();
    let mut memory = Memory::default();
    memory.learn(
        &alike(&[("a", 40), ("b", 3), ("c", 7)]),
        &relied,
        &nobody,
        at(0),
    );
    let now = alike(&[("a", 0), ("b", 0)]);
    let plain: Vouched = [("Sales".to_owned(), 0)].into();
    assert_eq!(memory.doubts(&now, &relied, &plain).len(), 3);
    let doubts = memory.doubts(&now, &relied, &nobody);
    let names: BTreeSet<_> = doubts.iter().map(|one| one.what.expose()).collect();
    let apart = ["Sales (group a)", "Sales (group b)", "Sales (group c)"];
    assert_eq!(names, apart.into());
    let one: Vouched = [(apart[0].to_owned(), 0)].into();
    assert_eq!(memory.doubts(&now, &relied, &one).len(), 2);
    memory.learn(&now, &relied, &one, at(1));
    let left = memory.doubts(&now, &relied, &nobody);
    let left: Vec<_> = left.iter().map(|one| one.what.expose()).collect();
    assert_eq!(left, apart[1..]);
    let gone: Vouched = [(apart[2].to_owned(), 0)].into();
    memory.learn(&now, &relied, &gone, at(2));
    assert_eq!(memory.doubts(&now, &relied, &nobody).len(), 1);
}

#[test]
fn a_source_that_shrank_by_more_than_a_fifth_is_doubted_also_in_small_steps() {
    let everybody = |number: u32| {
        let mut directory = directory(&[]);
        let person = |number| {
            let id = PersonId::new(format!("p{number:05}"));
            let person = crate::domain::Person::new(id.clone(), "Somebody");
            (id, std::sync::Arc::new(person))
        };
        directory.people = Reading::proven((0..number).map(person).collect(), "a test");
        directory
    };
    let nobody = Vouched::default();
    let mut memory = Memory::default();
    memory.learn(&everybody(500), &[], &nobody, at(0));
    assert!(memory.doubts(&everybody(400), &[], &nobody).is_empty());
    assert_eq!(
        causes(&memory.doubts(&everybody(399), &[], &nobody)),
        ["all people held 500 on 2027-01-15 and holds 399 now / 399"]
    );
    memory.learn(&everybody(420), &[], &nobody, at(24));
    assert_eq!(memory.doubts(&everybody(390), &[], &nobody).len(), 1);
    // A week later the smaller number is the one that counts.
    memory.learn(&everybody(420), &[], &nobody, at(8 * 24));
    assert!(memory.doubts(&everybody(390), &[], &nobody).is_empty());
    let mut cut = everybody(10);
    cut.people.proof = Completeness::Incomplete("cut".to_owned());
    assert!(
        memory.doubts(&cut, &[], &nobody).is_empty(),
        "an incomplete reading speaks for itself"
    );
    let before = memory.clone();
    memory.learn(&cut, &[], &nobody, at(9 * 24));
    assert_eq!(memory, before, "and teaches nothing");
}
