//! What a person vouched for counts once a plan that rests on it is applied, and not before.

use jiff::Timestamp;
use qroll::commit::Recall;
use qroll::domain::{
    Base, DirectoryGroup, DirectoryGroupId, DirectorySnapshot, GroupKind, Identity, Membership,
    PeopleSet, PersonId, Reading, Snapshot, SourceKind, Staging, Target, TenantInfo,
    TenantSnapshot, Wish,
};
use qroll::host::memory::MemoryDisk;
use qroll::planner::Vouched;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

fn snapshot(members: usize) -> Snapshot {
    let now = Timestamp::UNIX_EPOCH;
    let mut directory = DirectorySnapshot::empty(SourceKind::File, "people.csv", now);
    let sales = DirectoryGroupId::from("g-1");
    let group = DirectoryGroup {
        id: sales.clone(),
        name: "Sales".into(),
        description: None,
        kind: GroupKind::Security,
        dynamic: false,
        role_assignable: false,
        subgroups: Vec::new(),
        size: None,
    };
    directory.groups = Reading::proven(vec![group], "a test");
    let people = (0..members).map(|number| Membership {
        person: PersonId::new(format!("p{number}")),
        via: Vec::new(),
    });
    let people = Reading::proven(people.collect(), "a test");
    directory.members.insert(sales, people);
    let tenant = TenantSnapshot {
        tenant: TenantInfo {
            id: "t".into(),
            name: "T".into(),
            url: "https://acme.example".into(),
            created_by: None,
        },
        identity: Identity {
            user: "u".into(),
            subject: "s".into(),
            name: "n".into(),
        },
        users: Reading::default(),
        groups: Reading::default(),
        roles: Reading::default(),
        spaces: Reading::default(),
        licensing: Reading::default(),
        identity_providers: Reading::default(),
        assignments: BTreeMap::new(),
        others: Vec::new(),
        read_at: now,
    };
    Snapshot { tenant, directory }
}

#[test]
fn a_vouched_size_that_is_taken_back_leaves_the_guard_on() {
    let disk = Arc::new(MemoryDisk::default());
    let mut staging = Staging::default();
    let wish = Wish {
        provision: true,
        ..Wish::default()
    };
    let target = Target::Group(DirectoryGroupId::from("g-1"));
    staging.wishes.insert(target, wish);
    let nobody = Vouched::default();
    let vouched: Vouched = [("Sales".to_owned(), 0)].into();
    let recall = |vouched| Recall {
        state: Path::new("/state"),
        profile: "acme",
        vouched,
        chosen_by: &[],
        without: &[],
        now: Timestamp::UNIX_EPOCH,
    };
    let doubts = |vouched| {
        let past = recall(vouched).past(&*disk, &snapshot(0), &staging);
        past.expect("the disk works").doubts.len()
    };
    let full = snapshot(40);
    let kept = recall(&nobody).remember(&*disk, &full, &staging);
    kept.expect("the disk works");
    assert_eq!(doubts(&nobody), 1);
    // A plan is built with it: nothing was applied yet.
    assert_eq!(doubts(&vouched), 0);
    let kept = recall(&vouched).remember(&*disk, &snapshot(0), &staging);
    kept.expect("the disk works");
    assert_eq!(doubts(&nobody), 1, "taken back, it is doubted again");
    // It is applied.
    let kept = recall(&vouched).settle(&*disk, &snapshot(0), &staging);
    kept.expect("the disk works");
    assert_eq!(doubts(&nobody), 0);
}

#[test]
fn a_group_of_a_set_that_nobody_may_be_in_is_doubted_when_it_shrank() {
    let disk = Arc::new(MemoryDisk::default());
    let set = PeopleSet {
        not: [DirectoryGroupId::from("g-1")].into(),
        ..PeopleSet::of(Base::Everybody)
    };
    let mut staging = Staging::default();
    staging.wishes.insert(Target::Set(set), Wish::default());
    let vouched = Vouched::default();
    let recall = Recall {
        state: Path::new("/state"),
        profile: "acme",
        vouched: &vouched,
        chosen_by: &[],
        without: &[],
        now: Timestamp::UNIX_EPOCH,
    };
    let kept = recall.remember(&*disk, &snapshot(40), &staging);
    kept.expect("the disk works");
    let doubts = |members| {
        let past = recall.past(&*disk, &snapshot(members), &staging);
        past.expect("the disk works").doubts.len()
    };
    assert_eq!(doubts(40), 0);
    assert_eq!(
        doubts(31),
        1,
        "whoever is missing would be taken for no member"
    );
}
