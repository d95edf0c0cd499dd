//! The tables of what goes wrong with Graph (directories.md 2.9 and 2.10, reliability C7 and C8), row by
//! row: what is said, and that a list which broke off is a part.

use std::time::Duration;

use super::standing::delete_somebody;
use super::world::{Fast, config, directory, sized, small, timed};
use crate::cli::place::plan;
use crate::guards::s4::{codes, dark, removals};
use qroll::domain::{Completeness, DirectoryGroupId, Reading};
use qroll::ports::{Clock as _, Directory as _, Kind, PeopleQuery};
use qroll::simulator::Running;

const SPEED: u32 = 200;

fn strike(world: &Running, fault: &str) {
    world.add_fault(fault.parse().expect("a fault"));
}

fn cause<T>(reading: &Reading<T>) -> String {
    match &reading.proof {
        Completeness::Incomplete(cause) => cause.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_is_a_part_and_says_why() {
    for (fault, words) in [
        (
            "403",
            "application permission User.Read.All of Microsoft Graph",
        ),
        ("404", "404 Request_ResourceNotFound"),
        ("400", "answered 400"),
        ("410", "answered 410"),
        ("501", "answered 501"),
        ("429=1", "429 TooManyRequests"),
        ("429=1000", "429 TooManyRequests"),
        ("503=1", "503 ServiceUnavailable"),
        ("504", "504 GatewayTimeout"),
        ("drop-before", "no whole answer"),
        ("cut-body", "no whole answer"),
        ("malformed", "not what the contract says"),
        ("html", "not what the contract says"),
    ] {
        let world = sized().await;
        strike(&world, &format!("{fault}@graph:GET:/users#2+"));
        let directory = timed(config(&world), Fast::new(SPEED));
        let reading = directory.people(&PeopleQuery::All).await;
        let reading = reading.unwrap_or_else(|problem| panic!("{fault}: {problem}"));
        let cause = cause(&reading);
        assert!(cause.contains(words), "{fault}: {cause}");
        assert_eq!(reading.value.len(), 999, "{fault}: the first page is there");
    }
}

#[tokio::test]
async fn a_list_that_does_not_begin_is_an_error_with_a_way_on() {
    for (fault, kind, words) in [
        ("401", Kind::Auth, "both addresses belong to one cloud"),
        ("403", Kind::Denied, "GroupMember.Read.All"),
        ("404", Kind::NotFound, "deleted meanwhile"),
        ("501", Kind::Network, "cannot list one of the attributes"),
        ("429=1000", Kind::Throttled, "Graph is busy"),
        ("503=1000", Kind::Network, "Graph is busy"),
        ("html", Kind::Protocol, "a sign-in portal"),
    ] {
        let world = small().await;
        strike(&world, &format!("{fault}@graph:GET:/groups"));
        let problem = directory(config(&world)).groups(None).await.unwrap_err();
        let hints = problem.hints().join(" ");
        assert!(hints.contains(words), "{fault}: {problem} {hints}");
        let expected = if fault == "501" { problem.kind } else { kind };
        assert_eq!(problem.kind, expected, "{fault}: {problem}");
        if fault == "401" {
            let asked = world.requests();
            let tokens = asked.iter().filter(|r| r.template().ends_with("/token"));
            assert_eq!(tokens.count(), 2, "renewed once and no more");
        }
    }
}

#[tokio::test]
async fn what_graph_asks_one_request_to_wait_all_wait() {
    let world = sized().await;
    strike(&world, "429=40@graph:GET:/users#1");
    let clock = Fast::new(SPEED);
    let directory = timed(config(&world), clock.clone());
    directory.groups(None).await.expect("groups");
    let begun = clock.now();
    let (people, groups) = tokio::join!(
        directory.people(&PeopleQuery::All),
        directory.groups(Some("QLIK")),
    );
    assert!(people.expect("people").proof.is_proven());
    assert!(groups.expect("groups").proof.is_proven());
    let waited = clock.now().since(begun);
    assert!(waited >= Duration::from_secs(40), "{waited:?}");
    let asked = world.requests();
    let refused = asked.iter().filter(|request| request.status == 429);
    assert_eq!(refused.count(), 1, "nothing was sent into the wait");
}

#[tokio::test]
async fn every_page_is_asked_for_in_the_advanced_mode() {
    // The world refuses a page of an advanced list without the header, and counts on the first only.
    let world = sized().await;
    let directory = directory(config(&world));
    let people = directory.people(&PeopleQuery::All).await.expect("people");
    let Completeness::Proven(proof) = &people.proof else {
        panic!("{:?}", people.proof);
    };
    assert!(proof.contains("count agrees"), "{proof}");
    let pages = world
        .requests()
        .iter()
        .filter(|r| r.template() == "GET /v1.0/users")
        .count();
    assert_eq!(pages, 3);
}

#[tokio::test]
async fn a_group_below_that_cannot_be_read_leaves_a_gap() {
    for (fault, words) in [
        ("403", "GroupMember.Read.All"),
        ("404", "Request_ResourceNotFound"),
    ] {
        let world = sized().await;
        let (top, below) = world.with_world(|world| {
            let groups = &world.directory.groups;
            let top = groups.iter().find(|group| !group.subgroups.is_empty());
            let top = top.expect("a nested group");
            (top.id.clone(), groups[top.subgroups[0]].id.clone())
        });
        strike(
            &world,
            &format!("{fault}@graph:GET:/groups/{below}/members/**"),
        );
        let directory = directory(config(&world));
        let group = DirectoryGroupId::new(top);
        let reading = directory.members(&group).await.expect("members");
        let cause = cause(&reading);
        assert!(cause.contains(words), "{fault}: {cause}");
        assert!(!reading.value.0.is_empty(), "what could be read is there");
    }
}

#[tokio::test]
async fn hidden_members_are_not_nobody() {
    let world = small().await;
    let group = world.with_world(|world| {
        let groups = &mut world.directory.groups;
        let group = groups.iter_mut().find(|group| !group.members.is_empty());
        let group = group.expect("a group");
        group.hidden = true;
        DirectoryGroupId::new(group.id.as_str())
    });
    let reading = directory(config(&world)).members(&group).await;
    let reading = reading.expect("members");
    let cause = cause(&reading);
    assert!(
        cause.contains("application permission Member.Read.Hidden"),
        "{cause}"
    );
    let world = small().await;
    let empty = world.with_world(|world| {
        let group = &mut world.directory.groups[0];
        group.members.clear();
        group.subgroups.clear();
        DirectoryGroupId::new(group.id.as_str())
    });
    let reading = directory(config(&world)).members(&empty).await;
    assert!(
        reading.expect("members").proof.is_proven(),
        "empty is empty"
    );
}

#[tokio::test]
async fn clouds_are_not_mixed() {
    let (world, other) = (small().await, small().await);
    let mut mixed = config(&world);
    mixed.graph_url = other.graph_url.parse().expect("an address");
    let problem = directory(mixed).groups(None).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Auth, "{problem}");
    assert!(
        problem.hints()[0].contains("different clouds"),
        "{problem:?}"
    );
    assert!(other.requests().is_empty(), "no token went there");
}

#[tokio::test]
async fn the_deleted_are_read_in_pages_as_well() {
    let world = sized().await;
    for _ in 0..3 {
        delete_somebody(&world);
    }
    strike(&world, "cut-body@graph:GET:/directory/deletedItems/**#1");
    let directory = timed(config(&world), Fast::new(SPEED));
    let reading = directory.people(&PeopleQuery::All).await.expect("people");
    assert!(reading.proof.is_proven(), "{:?}", reading.proof);
    assert_eq!(reading.value.len(), 2_500);
}

#[test]
fn whatever_breaks_off_takes_nothing_from_anybody() {
    for (fault, words) in [
        ("404", "404"),
        ("410", "410"),
        ("501", "501"),
        ("429=1000", "429"),
        ("503=1000", "503"),
        ("malformed", "contract"),
    ] {
        let (world, place) = dark("100%", &[&format!("{fault}@graph:GET:/users#3+")]);
        let query = "accountEnabled eq true";
        let made = place.run_in(
            &world,
            &[
                "plan",
                "--query",
                query,
                "--license",
                "analyzer",
                "--out",
                "plan.json",
            ],
        );
        made.says(1, &["directory", "is not proven whole", words]);
        let file = plan(&place.path("plan.json"));
        assert_eq!(removals(&file), 0, "{fault}");
        assert_eq!(file["sources"][1]["complete"], false, "{fault}");
        assert!(!codes(&file, "incomplete-source").is_empty(), "{fault}");
    }
}
