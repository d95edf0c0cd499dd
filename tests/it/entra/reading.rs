//! Lists, members and people out of Graph, and what stops on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::world::{config, directory, sized, small};
use crate::canned::canned;
use qroll::connectors::entra::{Credential, EntraConfig, EntraDirectory};
use qroll::domain::{DirectoryGroupId, Enabled, PersonId, PersonKind};
use qroll::ports::{Directory as _, Kind, PeopleQuery, Secret};
use qroll::simulator::{Face, Running};
use qroll::text::Raw;

/// A group with another below it, by name.
fn nested(world: &Running) -> DirectoryGroupId {
    world.with_world(|world| {
        let groups = &world.directory.groups;
        let group = groups
            .iter()
            .find(|group| !group.subgroups.is_empty())
            .expect("what the test set up");
        DirectoryGroupId::new(group.id.as_str())
    })
}

#[tokio::test]
async fn everybody_and_every_group_is_read_whole() {
    let world = sized().await;
    let directory = directory(config(&world));
    let people = directory
        .people(&PeopleQuery::All)
        .await
        .expect("what the test set up");
    let groups = directory.groups(None).await.expect("what the test set up");
    assert!(people.proof.is_proven() && groups.proof.is_proven());
    let (count, disabled, guests, group_count) = world.with_world(|world| {
        let people = &world.directory.people;
        (
            people.len(),
            people.iter().filter(|person| !person.enabled).count(),
            people.iter().filter(|person| person.guest).count(),
            world.directory.groups.len(),
        )
    });
    assert_eq!(
        (people.value.len(), groups.value.len()),
        (count, group_count)
    );
    let off = people
        .value
        .iter()
        .filter(|person| person.enabled == Enabled::No);
    assert_eq!(off.count(), disabled);
    let outside = people
        .value
        .iter()
        .filter(|person| person.kind == PersonKind::Guest);
    assert_eq!(outside.count(), guests);
    assert!(disabled > 0 && guests > 0);
    let asked = world.counts(Face::Graph);
    assert_eq!(asked.get("GET /v1.0/users"), Some(&count.div_ceil(999)));
    assert_eq!(
        asked.get("GET /v1.0/groups"),
        Some(&group_count.div_ceil(999))
    );
    let tokens: usize = asked
        .iter()
        .filter(|(path, _)| path.ends_with("/token"))
        .map(|(_, count)| count)
        .sum();
    assert_eq!(tokens, 1);
    let names: Vec<String> = groups.value.iter().map(|group| group.name.key()).collect();
    assert!(names.is_sorted());
}

#[tokio::test]
async fn nested_members_are_found_with_the_shortest_way() {
    let world = sized().await;
    let group = nested(&world);
    let directory = directory(config(&world));
    directory
        .groups(Some("x"))
        .await
        .expect("what the test set up");
    world.clear_requests();
    let reading = directory
        .members(&group)
        .await
        .expect("what the test set up");
    assert!(reading.proof.is_proven(), "{:?}", reading.proof);
    let (members, people) = reading.value;
    let (direct, all, below) = world.with_world(|world| {
        let directory = &world.directory;
        let at = directory
            .group(group.expose())
            .expect("what the test set up");
        let direct: Vec<String> = directory.groups[at]
            .members
            .iter()
            .map(|at| directory.people[*at].id.clone())
            .collect();
        let below = directory
            .groups_below(at)
            .into_iter()
            .filter(|other| *other != at);
        (
            direct,
            directory.transitive_members(at).len(),
            below.count(),
        )
    });
    assert_eq!((members.len(), people.len()), (all, all));
    let ways: BTreeMap<&str, usize> = members
        .iter()
        .map(|member| (member.person.expose(), member.via.len()))
        .collect();
    for person in &direct {
        assert_eq!(ways[person.as_str()], 0, "direct wins over nested");
    }
    assert_eq!(ways.values().filter(|way| **way == 0).count(), direct.len());
    assert!(
        ways.values().any(|way| *way == 1),
        "and the nested are there"
    );
    let requests = world.requests().len();
    assert_eq!(
        requests,
        1 + 2 * (1 + below),
        "two lists a group and the count"
    );
}

#[tokio::test]
async fn the_groups_of_a_person_take_one_request_a_group() {
    let world = sized().await;
    let (person, above) = world.with_world(|world| {
        let directory = &world.directory;
        let whole =
            (0..directory.people.len()).max_by_key(|at| directory.transitive_groups_of(*at).len());
        let at = whole.expect("somebody");
        let above = directory.transitive_groups_of(at);
        let ids: BTreeSet<String> = above
            .iter()
            .map(|at| directory.groups[*at].id.clone())
            .collect();
        (PersonId::from(directory.people[at].id.as_str()), ids)
    });
    assert!(above.len() > 1, "somebody is in several");
    let directory = directory(config(&world));
    directory.groups(Some("x")).await.expect("a token");
    world.clear_requests();
    let reading = directory.groups_of(&person).await.expect("groups");
    assert!(reading.proof.is_proven(), "{:?}", reading.proof);
    let tops = reading.value.iter().map(|way| way[0].expose().to_owned());
    assert_eq!(tops.collect::<BTreeSet<_>>(), above);
    assert!(
        reading.value.iter().any(|way| way.len() > 1),
        "and some through others"
    );
    assert_eq!(world.requests().len(), 1 + above.len());

    // Who a user is in is told by id all the same; what holds these groups is not.
    world.with_sign_ins(|ins| ins.withdraw("GroupMember.Read.All"));
    let reading = directory.groups_of(&person).await.expect("a part");
    let gap = reading.proof.gap().expect("a gap");
    assert!(gap.contains("GroupMember.Read.All"), "{gap}");
    let problem = directory
        .groups_of(&"nobody".into())
        .await
        .expect_err("nobody");
    assert_eq!(problem.kind, Kind::NotFound);
}

#[tokio::test]
async fn a_cycle_of_groups_ends() {
    let world = sized().await;
    let group = nested(&world);
    world.with_world(|world| {
        let at = world
            .directory
            .group(group.expose())
            .expect("what the test set up");
        let below = world.directory.groups[at].subgroups[0];
        world.directory.groups[below].subgroups.push(at);
        world.directory.groups[at].subgroups.push(at);
        world.directory.reindex();
    });
    let reading = directory(config(&world))
        .members(&group)
        .await
        .expect("what the test set up");
    assert!(reading.proof.is_proven(), "{:?}", reading.proof);
    assert!(reading.value.0.iter().all(|member| member.via.len() <= 1));
}

#[tokio::test]
async fn people_are_found_by_text_ids_addresses_and_filter() {
    let world = sized().await;
    let directory = directory(config(&world));
    let all = directory
        .people(&PeopleQuery::All)
        .await
        .expect("what the test set up")
        .value;
    let ask = async |query: PeopleQuery| {
        directory
            .people(&query)
            .await
            .expect("what the test set up")
            .value
    };
    let ids: Vec<_> = all
        .iter()
        .take(40)
        .map(|person| person.id.clone())
        .collect();
    assert_eq!(ask(PeopleQuery::Ids(ids.clone())).await.len(), 40);
    let someone = all
        .iter()
        .find(|person| person.mail.is_some())
        .expect("what the test set up");
    let mail = Raw::new(
        someone
            .mail
            .as_ref()
            .expect("what the test set up")
            .expose()
            .to_uppercase(),
    );
    let stranger = Raw::from("nobody' or mail ne '@corp.example");
    let found = ask(PeopleQuery::Addresses(vec![mail, stranger])).await;
    assert_eq!(found, std::slice::from_ref(someone));
    let by_id = Raw::new(someone.id.expose().to_uppercase());
    let nobody = Raw::from("00000000-0000-4000-8000-000000000000");
    let found = ask(PeopleQuery::Addresses(vec![by_id, nobody])).await;
    assert_eq!(found, std::slice::from_ref(someone), "an id is an address");
    let word = someone
        .name
        .expose()
        .split(' ')
        .next()
        .expect("what the test set up")
        .to_owned();
    let found = ask(PeopleQuery::Find(word)).await;
    assert!(found.contains(someone));
    let many: Vec<Raw> = all
        .iter()
        .filter_map(|person| person.mail.clone())
        .collect();
    world.clear_requests();
    assert_eq!(
        ask(PeopleQuery::Addresses(many.clone())).await.len(),
        many.len()
    );
    assert_eq!(
        world.requests().len(),
        3,
        "many addresses are cheaper from everybody"
    );
    let found = ask(PeopleQuery::Filter("accountEnabled eq false".into())).await;
    assert!(!found.is_empty() && found.iter().all(|person| person.enabled == Enabled::No));
}

#[tokio::test]
async fn wrong_settings_and_missing_groups_are_named() {
    let world = small().await;
    let wrong = EntraConfig {
        credential: Credential::Secret(Secret::new("wrong")),
        ..config(&world)
    };
    let problem = directory(wrong).groups(None).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Auth, "{problem}");
    assert!(
        problem.hints().iter().any(|hint| hint.contains("secret")),
        "{problem:?}"
    );
    let fine = directory(config(&world));
    let missing = DirectoryGroupId::from("00000000-0000-4000-8000-000000000000");
    let problem = fine.members(&missing).await.unwrap_err();
    assert_eq!(problem.kind, Kind::NotFound, "{problem}");
    assert!(problem.request_id().is_some());
    world.add_fault(
        "403@graph:GET:/users"
            .parse()
            .expect("what the test set up"),
    );
    let problem = fine.people(&PeopleQuery::All).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Denied, "{problem}");
    assert!(problem.hints()[0].contains("User.Read.All"));
}

#[tokio::test]
async fn waits_expired_tokens_and_expired_pages_are_survived() {
    for fault in [
        "429=1@graph:GET:/users#2",
        "503=1@graph:GET:/users#1",
        "expire-cursor@graph:GET:/users#2",
        "expire-token@graph:GET:/users#2",
        "drop-before@graph:GET:/users#1",
        "cut-body@graph:GET:/users#2",
    ] {
        let world = sized().await;
        world.add_fault(fault.parse().expect("what the test set up"));
        let reading = directory(config(&world))
            .people(&PeopleQuery::All)
            .await
            .expect("what the test set up");
        assert!(reading.proof.is_proven(), "{fault}: {:?}", reading.proof);
        assert_eq!(reading.value.len(), 2_500, "{fault}");
    }
}

/// Answers token requests, and everything else with `body`, which is counted.
async fn graph(body: impl Fn(&str) -> String + Send + Sync + 'static) -> (u16, Arc<AtomicUsize>) {
    let gets = Arc::new(AtomicUsize::new(0));
    let seen = gets.clone();
    let (port, _) = canned(move |line| {
        if line.starts_with("POST") {
            return r#"{"access_token":"t","expires_in":3600}"#.to_owned();
        }
        seen.fetch_add(1, Ordering::SeqCst);
        body(line)
    })
    .await;
    (port, gets)
}

fn at(port: u16) -> EntraDirectory {
    let url: url::Url = format!("http://127.0.0.1:{port}")
        .parse()
        .expect("what the test set up");
    directory(EntraConfig {
        login_url: url.clone(),
        graph_url: url,
        tenant_id: "corp.example".into(),
        client_id: "c".into(),
        credential: Credential::Secret(Secret::new("s")),
    })
}

#[tokio::test]
async fn a_next_link_elsewhere_is_not_followed() {
    let (victim, reached) = graph(|_| "{}".into()).await;
    for link in [
        format!("http://127.0.0.1:{victim}/v1.0/users?x=1"),
        format!("//127.0.0.1:{victim}/v1.0/users"),
        format!("http://localhost:{victim}/v1.0/users"),
        "/v1.0/users?page=2".to_owned(),
    ] {
        let (port, gets) = graph(move |_| {
            format!(r#"{{"@odata.count":2,"value":[{{"id":"1"}}],"@odata.nextLink":"{link}"}}"#)
        })
        .await;
        match at(port).groups(None).await {
            Ok(reading) => assert!(!reading.proof.is_proven()),
            Err(problem) => assert_eq!(problem.kind, Kind::Guard, "{problem}"),
        }
        assert_eq!(gets.load(Ordering::SeqCst), 1);
    }
    assert_eq!(
        reached.load(Ordering::SeqCst),
        0,
        "no request, so no Authorization"
    );
    let (port, _) = graph(move |_| "{}".into()).await;
    for path in ["beta/users", "v1.0@x/users", "v1.0/../beta/users"] {
        let (port, gets) = graph(move |_| {
            format!(r#"{{"value":[],"@odata.nextLink":"http://127.0.0.1:{port}/{path}"}}"#)
        })
        .await;
        assert!(at(port).groups(None).await.is_err());
        assert_eq!(gets.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn an_empty_page_is_not_the_end_and_a_loop_is_an_error() {
    let own = Arc::new(std::sync::OnceLock::new());
    let port_of = own.clone();
    let (port, gets) = graph(move |line| {
        let port = port_of.get().copied().unwrap_or(0_u16);
        if line.contains("skip=2") {
            return r#"{"value":[{"id":"1","displayName":"G"}]}"#.into();
        }
        format!(r#"{{"@odata.count":1,"value":[],"@odata.nextLink":"http://127.0.0.1:{port}/v1.0/groups?skip=2"}}"#)
    })
    .await;
    own.set(port).expect("what the test set up");
    let reading = at(port).groups(None).await.expect("what the test set up");
    assert!(reading.proof.is_proven());
    assert_eq!((reading.value.len(), gets.load(Ordering::SeqCst)), (1, 2));

    let own = Arc::new(std::sync::OnceLock::new());
    let port_of = own.clone();
    let (port, gets) = graph(move |_| {
        let port = port_of.get().copied().unwrap_or(0_u16);
        format!(r#"{{"value":[],"@odata.nextLink":"http://127.0.0.1:{port}/v1.0/groups?skip=2"}}"#)
    })
    .await;
    own.set(port).expect("what the test set up");
    let reading = at(port).groups(None).await.expect("what the test set up");
    assert!(!reading.proof.is_proven());
    assert_eq!(gets.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn members_without_names_mean_a_missing_permission() {
    let (port, _) = graph(|line| {
        if line.contains("$count ") || line.contains("%24count ") {
            return "1".into();
        }
        if line.contains("graph.user") {
            r##"{"@odata.count":1,"value":[{"@odata.type":"#microsoft.graph.user","id":"p1","displayName":null}]}"##.into()
        } else {
            r#"{"@odata.count":0,"value":[]}"#.into()
        }
    })
    .await;
    let problem = at(port).members(&"g1".into()).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Denied, "{problem}");
    assert!(problem.hints()[0].contains("User.Read.All"));
}

#[tokio::test]
async fn a_count_that_disagrees_is_not_a_whole_list() {
    let (port, _) = graph(|_| r#"{"@odata.count":5,"value":[{"id":"1"}]}"#.into()).await;
    let reading = at(port).groups(None).await.expect("what the test set up");
    assert!(!reading.proof.is_proven());
    assert_eq!(reading.value.len(), 1);
}
