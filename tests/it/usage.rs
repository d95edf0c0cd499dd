//! When users were last seen, through the real client: how many requests a first and a second look
//! take, that the cheaper way is taken, and what is said where the log may not be read.

use jiff::{SignedDuration, Timestamp};
use std::sync::Mutex;

use qroll::connectors::qlik::QlikTenant;
use qroll::domain::{Usage, UserId};
use qroll::ports::{Kind, LookAt, Problem, Tenant as _, UsageCost, UsageTold};
use qroll::simulator::{Running, SimulatorOptions, WorldSize, start};

use crate::qlik_client::by_key;

async fn world(people: usize) -> Running {
    let size = WorldSize {
        people,
        users: Some(people),
        licenses: Some(people),
        ..WorldSize::default()
    };
    start(SimulatorOptions::sized(size)).await.expect("a world")
}

fn holders(world: &Running) -> Vec<UserId> {
    world.with_world(|world| {
        let users = world.tenant.users.iter();
        users.map(|user| UserId::new(user.id.as_str())).collect()
    })
}

struct Looked {
    usage: Usage,
    cost: UsageCost,
    requests: usize,
}

async fn look(
    world: &Running,
    tenant: &QlikTenant,
    since: Timestamp,
    people: &[UserId],
) -> Result<Looked, Problem> {
    world.clear_requests();
    let cost = Mutex::new(None);
    let told = |told| {
        if let UsageTold::Estimated(estimate) = told {
            *cost.lock().expect("a cost") = Some(estimate);
        }
    };
    let look = LookAt { since, people };
    let reading = tenant.usage(&look, &told).await?;
    assert!(reading.proof.is_proven());
    let cost = cost.lock().expect("a cost").take();
    Ok(Looked {
        usage: reading.value,
        cost: cost.expect("it is told before most is spent"),
        requests: world.requests().len(),
    })
}

fn days(days: i64) -> Timestamp {
    let now = Timestamp::now();
    now.saturating_sub(SignedDuration::from_hours(24 * days))
        .expect("a time")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_and_a_second_look_take_the_least_requests() {
    let world = world(1_500).await;
    let (tenant, people) = (by_key(&world), holders(&world));
    let first = look(&world, &tenant, days(90), &people)
        .await
        .expect("a look");
    let events = world.with_world(|world| {
        let kept = world
            .tenant
            .audits
            .iter()
            .filter(|event| event.time >= first.usage.from);
        let mut kinds = std::collections::BTreeMap::new();
        for event in kept {
            *kinds.entry(event.kind).or_insert(0_usize) += 1;
        }
        kinds
    });
    // Two questions about the log itself, then each event name in full pages.
    let least: usize = events.values().map(|count| count.div_ceil(100)).sum();
    assert!(least > 10, "{events:?}");
    assert!(
        first.requests <= least + events.len() + 2,
        "{} of {least}",
        first.requests
    );
    assert_eq!(first.usage.only, None, "of everybody");
    let near = first.cost.by_event.abs_diff(least as u64);
    assert!(near <= least as u64 / 3, "{:?} of {least}", first.cost);
    assert!(!first.cost.is_by_person(), "{:?}", first.cost);

    let again = look(&world, &tenant, first.usage.until, &people)
        .await
        .expect("a look");
    assert!(again.requests <= events.len() + 2, "{}", again.requests);
    let mut known = first.usage.clone();
    assert!(known.extend(again.usage));
    assert_eq!(known.last, first.usage.last);
    println!(
        "last use of {} holders: {} requests (least {least}), then {}",
        people.len(),
        first.requests,
        again.requests
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn few_people_are_asked_about_one_by_one_and_it_says_the_same() {
    let world = world(1_500).await;
    let (tenant, people) = (by_key(&world), holders(&world));
    let all = look(&world, &tenant, days(90), &people)
        .await
        .expect("a look");
    let seen: Vec<UserId> = all
        .usage
        .last
        .keys()
        .filter(|user| people.contains(user))
        .take(2)
        .cloned()
        .collect();
    let few = seen.as_slice();
    let one_by_one = look(&world, &tenant, days(90), few).await.expect("a look");
    assert!(one_by_one.cost.is_by_person(), "{:?}", one_by_one.cost);
    assert!(
        one_by_one.requests < all.requests,
        "{} of {}",
        one_by_one.requests,
        all.requests
    );
    for person in few {
        assert!(one_by_one.usage.knows(person));
        let seen = (
            one_by_one.usage.last.get(person),
            all.usage.last.get(person),
        );
        assert_eq!(seen.0, seen.1, "{person:?}");
    }
    let seen = |usage: &Usage| {
        few.iter()
            .filter(|person| usage.last.contains_key(*person))
            .count()
    };
    assert!(seen(&one_by_one.usage) > 0, "somebody came");
    let other = people
        .iter()
        .find(|person| !few.contains(person))
        .expect("others");
    assert!(!one_by_one.usage.knows(other), "nobody asked");
}

/// A tenant may forget sooner than is usual: whoever came before that would seem never to have come.
#[tokio::test]
async fn a_window_that_nobody_tells_proves_nothing() {
    let world = world(50).await;
    let (tenant, people) = (by_key(&world), holders(&world));
    world.add_fault("403@qlik:GET:/audits/settings".parse().expect("a fault"));
    let look = LookAt {
        since: days(90),
        people: &people,
    };
    let reading = tenant.usage(&look, &|_| {}).await.expect("a look");
    let gap = reading.proof.gap().expect("a gap");
    assert!(gap.contains("how long it keeps events"), "{gap}");
}

#[tokio::test]
async fn a_log_that_may_not_be_read_is_not_an_empty_one() {
    let world = world(50).await;
    let (tenant, people) = (by_key(&world), holders(&world));
    world.add_fault("403@qlik:GET:/audits".parse().expect("a fault"));
    let problem = look(&world, &tenant, days(90), &people)
        .await
        .err()
        .expect("no right");
    assert_eq!(problem.kind, Kind::Denied, "{problem}");
}
