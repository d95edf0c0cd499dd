//! A review of the last use: requests and wall time of a first and a second look, beside the least that
//! full pages allow.

use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};

use qroll::domain::UserId;
use qroll::ports::{LookAt, Tenant as _};
use qroll::simulator::SimulatorOptions;
use qroll::simulator::world::WorldSize;

use crate::table::Table;
use crate::world;

const HOLDERS: usize = 5_000;
const LATENCY_MS: u64 = 50;

/// Both looks at 5,000 holders over 90 days.
pub(crate) fn measure(table: &mut Table) {
    world::runtime().block_on(async {
        let mut options = SimulatorOptions::sized(WorldSize {
            people: HOLDERS,
            users: Some(HOLDERS),
            licenses: Some(HOLDERS),
            ..WorldSize::default()
        });
        options.latency_ms = LATENCY_MS;
        let running = world::serve(options).await;
        let tenant = world::tenant(&running);
        let people: Vec<UserId> = running.with_world(|world| {
            let users = world.tenant.users.iter();
            users.map(|user| UserId::new(user.id.as_str())).collect()
        });
        let days = SignedDuration::from_hours(24 * 90);
        let since = Timestamp::now().saturating_sub(days).expect("a time");
        let look = async |since| -> (Timestamp, usize, Duration) {
            running.clear_requests();
            let begun = Instant::now();
            let look = LookAt {
                since,
                people: &people,
            };
            let usage = tenant.usage(&look, &|_| {}).await.expect("a look").value;
            (usage.until, running.requests().len(), begun.elapsed())
        };
        let (until, first, took) = look(since).await;
        let (_, second, again) = look(until).await;
        // Two questions about the log itself, then each event name in full pages.
        let least = 2 + running.with_world(|world| {
            let mut names = std::collections::BTreeMap::new();
            for event in world
                .tenant
                .audits
                .iter()
                .filter(|event| event.time >= since)
            {
                *names.entry(event.kind).or_insert(0_usize) += 1;
            }
            names
                .values()
                .map(|count| count.div_ceil(100))
                .sum::<usize>()
        });
        let size = "5,000 holders, 90 days, 50 ms latency";
        let told = |requests: usize, took: Duration| {
            format!("{requests} requests, {:.1} s", took.as_secs_f64())
        };
        table.row(
            "first look at the last use",
            size,
            &format!("{least} requests"),
            told(first, took),
        );
        table.row("second look", size, "what came since", told(second, again));
    });
}
