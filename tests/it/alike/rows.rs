//! The rows of the planner out of each source, against one tenant.

use std::collections::BTreeMap;
use std::sync::Arc;

use qroll::cli::gather::{Wanted, gather};
use qroll::connectors::file::FileDirectory;
use qroll::connectors::http::{ReqwestWire, WireOptions};
use qroll::connectors::ldap::LdapDirectory;
use qroll::connectors::qlik::{QlikCredential, QlikTenant};
use qroll::domain::{DirectoryGroup, DirectoryGroupId, Person, PersonKind, Row, Snapshot, Way};
use qroll::host::{RealClock, RealRng};
use qroll::planner::roster::{Accepted, Index, Scope};
use qroll::planner::{IdentityRule, SubjectTemplate};
use qroll::ports::{Clock as _, Directory, Secret};
use qroll::simulator::Running;

use super::company::{PEOPLE, groups, people};
use super::sources::{csv, direct, file, ldif, server, world};
use crate::entra::world as entra;
use crate::ldap::reading::options;

/// Everything that the screen shows of one source, groups by their names.
#[derive(Debug, PartialEq)]
struct Seen {
    everybody: Vec<Row>,
    users: Vec<Row>,
    /// What a group says of itself, who is below it on which way, and its rows.
    groups: BTreeMap<String, (DirectoryGroup, Ways, Vec<Row>)>,
    /// The ways from every group above each person, asked for one by one.
    above: BTreeMap<String, Vec<Vec<String>>>,
}

/// Names of the groups on the way to each person.
type Ways = BTreeMap<String, Vec<String>>;

async fn see(world: &Running, directory: &dyn Directory) -> Seen {
    let tenant = tenant(world);
    let listed = directory.groups(None).await.expect("groups");
    assert!(listed.proof.is_proven(), "{:?}", listed.proof);
    let wanted = Wanted {
        groups: listed
            .value
            .iter()
            .map(|one| one.id.expose().to_owned())
            .collect(),
        all: true,
        ..Wanted::default()
    };
    let now = RealClock::new().wall();
    let gathered = gather(&tenant, directory, now, &wanted, &|_| {}).await;
    let snapshot = gathered.expect("both sides").snapshot;
    let people = &snapshot.directory.people;
    assert!(people.proof.is_proven(), "{:?}", people.proof);
    let rule = IdentityRule::new(SubjectTemplate::parse("CORP\\{sam}").expect("a template"));
    let index = Index::new(&snapshot, &rule);
    let rows = |scope: &Scope| {
        let roster = index.roster(&snapshot, scope, &Accepted::new());
        roster
            .rows
            .into_iter()
            .map(|row| plain(&snapshot, row))
            .collect()
    };
    let groups = snapshot.directory.groups.value.iter().map(|group| {
        let members = &snapshot.directory.members[&group.id];
        assert!(members.proof.is_proven(), "{group:?}: {:?}", members.proof);
        let ways = members.value.iter().map(|member| {
            let way = member.via.iter().map(|id| called(&snapshot, id));
            (member.person.expose().to_owned(), way.collect())
        });
        let shown = rows(&Scope::Groups(vec![group.id.clone()]));
        (
            group.name.expose().to_owned(),
            (bare(group), ways.collect(), shown),
        )
    });
    Seen {
        everybody: rows(&Scope::AllPeople),
        users: rows(&Scope::Users),
        groups: groups.collect(),
        above: above(&snapshot, directory).await,
    }
}

async fn above(
    snapshot: &Snapshot,
    directory: &dyn Directory,
) -> BTreeMap<String, Vec<Vec<String>>> {
    let mut all = BTreeMap::new();
    for person in snapshot.directory.people.value.values() {
        if person.kind == PersonKind::Contact {
            continue;
        }
        let reading = directory.groups_of(&person.id).await.expect("its groups");
        assert!(reading.proof.is_proven(), "{:?}", reading.proof);
        let name = |way: &Way| way.iter().map(|id| called(snapshot, id)).collect();
        let mut ways: Vec<Vec<String>> = reading.value.iter().map(name).collect();
        ways.sort();
        all.insert(person.id.expose().to_owned(), ways);
    }
    all
}

fn tenant(world: &Running) -> QlikTenant {
    let wire = ReqwestWire::new(&WireOptions {
        extra_ca: None,
        no_proxy: true,
    });
    QlikTenant::new(
        Arc::new(wire.expect("a client")),
        Arc::new(RealClock::new()),
        Arc::new(RealRng::new().expect("randomness")),
        &world.qlik_url.parse().expect("an address"),
        QlikCredential::ApiKey(Secret::new(world.api_key())),
    )
    .expect("a tenant")
}

fn called(snapshot: &Snapshot, id: &DirectoryGroupId) -> String {
    let group = snapshot
        .directory
        .group(id)
        .expect("a group that was listed");
    group.name.expose().to_owned()
}

/// A row with groups by name, and without the attributes that only templates may name.
fn plain(snapshot: &Snapshot, mut row: Row) -> Row {
    row.person = row.person.map(|person| {
        let mut person = Person::clone(&person);
        person.more.clear();
        Arc::new(person)
    });
    row.via = row.via.map(|way| {
        let names = way.iter().map(|id| called(snapshot, id));
        names
            .map(|name| DirectoryGroupId::new(name.as_str()))
            .collect()
    });
    row
}

/// What a group says of itself, without what only some sources know before it is opened.
fn bare(group: &DirectoryGroup) -> DirectoryGroup {
    DirectoryGroup {
        id: DirectoryGroupId::new("-"),
        subgroups: Vec::new(),
        size: None,
        ..group.clone()
    }
}

/// Rows one by one, so that a difference is a row and not a page.
#[track_caller]
fn same(what: &str, one: &[Row], other: &[Row]) {
    for (one, other) in one.iter().zip(other) {
        assert_eq!(one, other, "{what}");
    }
    assert_eq!(one.len(), other.len(), "{what}");
}

#[track_caller]
fn alike(what: &str, one: &Seen, other: &Seen) {
    same(what, &one.everybody, &other.everybody);
    same(what, &one.users, &other.users);
    for (name, (group, ways, rows)) in &one.groups {
        let (its_group, its_ways, its_rows) = &other.groups[name];
        assert_eq!(group, its_group, "{what}");
        assert_eq!(ways, its_ways, "{what}: {name}");
        same(&format!("{what}: {name}"), rows, its_rows);
    }
    assert!(one.groups.keys().eq(other.groups.keys()), "{what}");
    for (person, ways) in &one.above {
        assert_eq!(Some(ways), other.above.get(person), "{what}: {person}");
    }
    assert_eq!(one.above.len(), other.above.len(), "{what}");
}

/// From a person up it is the same as from each group down: the same groups, no way longer.
#[track_caller]
fn both_ways(seen: &Seen) {
    for (person, ways) in &seen.above {
        let up: BTreeMap<&String, usize> =
            ways.iter().map(|way| (&way[0], way.len() - 1)).collect();
        let down = seen
            .groups
            .iter()
            .filter_map(|(name, (_, members, _))| members.get(person).map(|via| (name, via.len())));
        assert_eq!(up, down.collect(), "{person}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_company_is_the_same_through_ldap_graph_and_ldif() {
    let (world, server) = (world().await, server());
    let graph = see(&world, &entra::directory(entra::config(&world))).await;
    assert_eq!(graph.groups.len(), groups().len());
    let whom = |row: &&Row| row.person.is_some();
    assert_eq!(graph.everybody.iter().filter(whom).count(), PEOPLE);
    both_ways(&graph);

    let clock = Arc::new(RealClock::new());
    let ldap = LdapDirectory::new(clock, options(&server.ldaps())).expect("a directory");
    alike("LDAP beside Graph", &graph, &see(&world, &ldap).await);

    let place = tempfile::tempdir().expect("a directory");
    let path = file(place.path(), "corp.ldif", &ldif(&server));
    let ldif = FileDirectory::open(&path).expect("an LDIF");
    alike("LDIF beside Graph", &graph, &see(&world, &ldif).await);
}

/// The same as a source gives it that knows only who is directly in a group: no ways, and no group
/// without people of its own.
fn flat(seen: &Seen) -> Seen {
    let groups = seen
        .groups
        .iter()
        .filter_map(|(name, (group, ways, rows))| {
            let ways: Ways = ways
                .clone()
                .into_iter()
                .filter(|(_, way)| way.is_empty())
                .collect();
            let mut rows = rows.clone();
            rows.retain(|row| row.via.as_ref().is_some_and(Vec::is_empty));
            let group = DirectoryGroup {
                description: None,
                ..group.clone()
            };
            (!ways.is_empty()).then(|| (name.clone(), (group, ways, rows)))
        });
    Seen {
        everybody: seen.everybody.clone(),
        users: seen.users.clone(),
        groups: groups.collect(),
        above: seen
            .above
            .iter()
            .map(|(person, ways)| {
                let direct = ways.iter().filter(|way| way.len() == 1);
                (person.clone(), direct.cloned().collect())
            })
            .collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_csv_gives_the_same_people_and_who_is_directly_where() {
    let world = world().await;
    let graph = see(&world, &entra::directory(entra::config(&world))).await;
    let table = FileDirectory::parse("corp.csv", csv(direct).as_bytes()).expect("a CSV");
    alike(
        "CSV beside Graph",
        &flat(&graph),
        &see(&world, &table).await,
    );
}

/// A table that names every group somebody is below gives the same people for each group; the way to
/// them is what it cannot hold.
#[tokio::test(flavor = "multi_thread")]
async fn a_csv_that_names_every_group_gives_the_same_people_for_each() {
    let world = world().await;
    let graph = see(&world, &entra::directory(entra::config(&world))).await;
    let below = |number: usize| {
        let id = &people()[number].id;
        let all = groups();
        let own = all
            .iter()
            .filter(|group| graph.groups[group.name].1.contains_key(id));
        own.map(|group| group.name).collect()
    };
    let table = FileDirectory::parse("corp.csv", csv(below).as_bytes()).expect("a CSV");
    let table = see(&world, &table).await;
    for (name, (_, ways, rows)) in &table.groups {
        let (_, wanted, its_rows) = &graph.groups[name];
        assert!(ways.keys().eq(wanted.keys()), "{name}");
        let keys = |rows: &[Row]| rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>();
        assert_eq!(keys(rows), keys(its_rows), "{name}");
    }
    let missing = graph
        .groups
        .keys()
        .filter(|name| !table.groups.contains_key(*name));
    assert_eq!(
        missing.collect::<Vec<_>>(),
        ["Empty"],
        "nobody's row names it"
    );
}
