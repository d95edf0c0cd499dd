//! Loading a tenant: requests against the minimum that paging allows, and the wall time beside
//! following one page chain after another, in the same run at the same latency.

use bytes::Bytes;
use futures_util::future::join_all;
use std::time::{Duration, Instant};

use qroll::ports::{Method, Secret, Tenant as _, WireRequest};
use qroll::simulator::world::WorldSize;
use qroll::simulator::{Face, Running, SimulatorOptions};

use crate::table::Table;
use crate::world;

const LATENCY_MS: u64 = 50;

/// 10,000 users, 8,000 licenses, 200 spaces with their assignments.
pub(crate) fn measure(table: &mut Table) {
    world::runtime().block_on(async {
        let mut options = SimulatorOptions::sized(WorldSize {
            people: 10_000,
            users: Some(10_000),
            licenses: Some(8_000),
            groups: 100,
            spaces: 200,
            ..WorldSize::default()
        });
        options.latency_ms = LATENCY_MS;
        let running = world::serve(options).await;
        let (parallel, requests) = in_parallel(&running).await;
        let (one_by_one, minimum) = one_chain_after_another(&running).await;
        let size = "10,000 users, 8,000 licenses, 200 spaces, 50 ms latency";
        table.row(
            "requests of a whole load",
            size,
            &format!("{minimum} by paging one by one"),
            requests.to_string(),
        );
        let ratio = parallel.as_secs_f64() / one_by_one.as_secs_f64();
        table.row(
            "wall time of a whole load",
            size,
            "1/6 of one chain after another",
            format!(
                "{:.2} s against {:.2} s: 1/{:.1}",
                parallel.as_secs_f64(),
                one_by_one.as_secs_f64(),
                1.0 / ratio
            ),
        );
    });
}

async fn in_parallel(running: &Running) -> (Duration, usize) {
    let tenant = world::tenant(running);
    tenant.identify().await.expect("the tenant answers");
    running.clear_requests();
    let begun = Instant::now();
    let snapshot = tenant.load(&|_| {}).await.expect("the tenant loads");
    // The load reads some assignments on the side, where the long lists leave a connection idle.
    let left = snapshot.spaces.value.iter().map(|space| &space.id);
    let left = left.filter(|id| !snapshot.assignments.contains_key(id));
    let read = join_all(left.map(|space| tenant.assignments(space))).await;
    let wall = begun.elapsed();
    assert!(read.iter().all(|answer| {
        answer
            .as_ref()
            .is_ok_and(|reading| reading.proof.is_proven())
    }));
    assert!(snapshot.users.proof.is_proven() && snapshot.licensing.proof.is_proven());
    assert_eq!(snapshot.users.value.len(), 10_000);
    (wall, count(running))
}

/// As a script does it: each list to its end, then the next, then each space.
async fn one_chain_after_another(running: &Running) -> (Duration, usize) {
    running.clear_requests();
    let begun = Instant::now();
    for list in ["users", "licenses/assignments", "groups", "roles", "spaces"] {
        follow(running, list).await;
    }
    for path in [
        "licenses/overview",
        "licenses/settings",
        "groups/settings",
        "identity-providers",
    ] {
        get(running, &format!("/api/v1/{path}")).await;
    }
    let spaces: Vec<String> = running.with_world(|world| {
        world
            .tenant
            .spaces
            .iter()
            .map(|space| space.id.clone())
            .collect()
    });
    for space in spaces {
        follow(running, &format!("spaces/{space}/assignments")).await;
    }
    (begun.elapsed(), count(running))
}

async fn follow(running: &Running, list: &str) {
    let mut next = format!("/api/v1/{list}?limit=100");
    loop {
        let body = get(running, &next).await;
        let page: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        let link = page["links"]["next"]["href"].as_str().unwrap_or_default();
        match link.split_once('?') {
            Some((_, query)) => next = format!("/api/v1/{list}?{query}"),
            None => return,
        }
    }
}

async fn get(running: &Running, path: &str) -> Bytes {
    let request = WireRequest {
        method: Method::Get,
        url: format!("{}{path}", running.qlik_url)
            .parse()
            .expect("a URL"),
        headers: Vec::new(),
        authorization: Some(Secret::new(format!("Bearer {}", running.api_key()))),
        body: None,
        deadline: Duration::from_secs(30),
        body_cap: 1 << 24,
    };
    let response = world::wire().send(request).await.expect("an answer");
    assert_eq!(response.status, 200, "{path}");
    response.body
}

fn count(running: &Running) -> usize {
    running.counts(Face::Qlik).values().sum()
}
