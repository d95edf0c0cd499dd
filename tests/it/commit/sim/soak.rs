//! T8, the virtual part: a day of writing without a pause, 136,800 writes through the real client's
//! pacing, the executor and the journal. What is kept must depend on the plan, not on the time.

use bytes::Bytes;
use futures_util::FutureExt as _;
use qroll::commit::{self, ApprovedPlan, CommitPorts, RunReport, Settings};
use qroll::connectors::qlik::{QlikCredential, QlikTenant};
use qroll::domain::{Change, Plan, RolesState};
use qroll::host::memory::{MemoryDisk, SeededRng, VirtualClock};
use qroll::ports::{
    Clock as _, Instant, Method, Secret, Wire, WireFailure, WireRequest, WireResponse, Work,
};
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use super::dice::Dice;
use crate::commit::plans::{Draft, morning};
use crate::proof;

/// Writes of one run: what the published rate gives in an hour.
const HOURLY: u64 = 5_700;

/// A tenant whose users have one role or none; one request in a hundred goes wrong.
struct Tenant {
    clock: VirtualClock,
    dice: Dice,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    with_role: BTreeSet<String>,
    writes: u64,
    /// Writes of the last five minutes, and the most there ever were.
    window: VecDeque<Instant>,
    most: usize,
    under_way: usize,
    most_under_way: usize,
}

impl Tenant {
    fn read(&self, path: &str) -> Value {
        if path == "/api/v1/tenants/me" {
            return json!({"id": "tenant-1", "name": "Acme"});
        }
        let last = path.rsplit('/').next().unwrap_or_default();
        let Some(subject) = last.strip_prefix("id-") else {
            return json!({"id": "admin-1", "subject": "CORP\\admin", "name": "Admin", "status": "active"});
        };
        let state = self.state.lock().expect("the tenant");
        let role = state
            .with_role
            .contains(last)
            .then(|| json!({"id": "role-1"}));
        let roles: Vec<Value> = role.into_iter().collect();
        json!({"id": last, "subject": subject, "name": subject, "status": "active", "assignedRoles": roles})
    }

    fn write(&self, path: &str, body: &[u8]) {
        let now = self.clock.now();
        let id = path.rsplit('/').next().unwrap_or_default().to_owned();
        let gives = body.windows(6).any(|bytes| bytes == b"role-1");
        let mut state = self.state.lock().expect("the tenant");
        state.writes += 1;
        state.window.push_back(now);
        while state
            .window
            .front()
            .is_some_and(|first| now.since(*first) >= Duration::from_mins(5))
        {
            state.window.pop_front();
        }
        state.most = state.most.max(state.window.len());
        if gives {
            state.with_role.insert(id);
        } else {
            state.with_role.remove(&id);
        }
    }
}

impl Wire for Tenant {
    fn send(&self, request: WireRequest) -> Work<'_, Result<WireResponse, WireFailure>> {
        async move {
            let is_write = request.method != Method::Get;
            let luck = self.dice.below(1000);
            {
                let mut state = self.state.lock().expect("the tenant");
                state.under_way += 1;
                state.most_under_way = state.most_under_way.max(state.under_way);
            }
            self.clock.sleep(Duration::from_millis(50)).await;
            self.state.lock().expect("the tenant").under_way -= 1;
            let json = |status, body: &Value| {
                Ok(WireResponse {
                    status,
                    headers: vec![("content-type".to_owned(), "application/json".into())],
                    body: if body.is_null() {
                        Bytes::new()
                    } else {
                        Bytes::from(body.to_string())
                    },
                })
            };
            if !is_write {
                return match luck {
                    0..=4 => json(503, &json!({"errors": []})),
                    _ => json(200, &self.read(request.url.path())),
                };
            }
            let body = request.body.clone().unwrap_or_default();
            match luck {
                0..=2 => json(503, &json!({"errors": []})),
                3..=5 => {
                    self.write(request.url.path(), &body);
                    json(502, &json!({"errors": []}))
                }
                6 => Ok(WireResponse {
                    status: 429,
                    headers: vec![("retry-after".to_owned(), "7".into())],
                    body: Bytes::new(),
                }),
                7 => Err(WireFailure::NotSent("connection refused".into())),
                _ => {
                    self.write(request.url.path(), &body);
                    json(204, &Value::Null)
                }
            }
        }
        .boxed()
    }
}

/// Gives everybody the role, or takes it: every hour the other.
fn plan(hour: u64, now: jiff::Timestamp) -> Plan {
    let role = |has: bool| RolesState {
        roles: if has {
            vec!["role-1".into()]
        } else {
            Vec::new()
        },
    };
    let gives = hour.is_multiple_of(2);
    let mut draft = Draft::default();
    for number in 0..HOURLY {
        let target = draft.existing_user(&format!("p{number:04}"));
        let (before, after) = (role(!gives), role(gives));
        draft.add(
            Change::SetRoles {
                target,
                before,
                after,
            },
            &[],
        );
    }
    let mut plan = draft.plan();
    plan.created = now;
    plan.expires = now + jiff::SignedDuration::from_hours(24);
    qroll::planner::file::seal(plan)
}

/// One hour: a run, and resumes if a breaker stopped it. Gives the journal's length too.
fn hour(tenant: &Arc<QlikTenant>, clock: &VirtualClock, number: u64) -> (RunReport, usize, usize) {
    let disk = MemoryDisk::new();
    let plan = plan(number, clock.wall());
    let ports = || CommitPorts {
        tenant: Arc::clone(tenant) as _,
        disk: Arc::new(disk.clone()),
        clock: Arc::new(clock.clone()),
        rng: Arc::new(SeededRng::new(number)),
        owner: "the soak".to_owned(),
    };
    let (state, cancel) = (Path::new("/state"), CancellationToken::new());
    let events = Mutex::new(0_usize);
    let count = |_| *events.lock().expect("events") += 1;
    let approved = ApprovedPlan::new(plan, clock.wall()).expect("approved");
    let settings = Settings::default();
    let run = commit::run(
        ports(),
        approved,
        settings.clone(),
        state,
        count,
        cancel.clone(),
    );
    let mut report = clock.run(run).expect("begun");
    while report.stopped.is_some() {
        let resumed = commit::resume(
            ports(),
            None,
            settings.clone(),
            state,
            count,
            cancel.clone(),
        );
        report = clock.run(resumed).expect("resumed");
    }
    let journal = disk.files().into_iter().filter_map(|path| {
        let is_journal = path.extension().is_some_and(|end| end == "journal");
        is_journal.then(|| disk.synced(&path)).flatten()
    });
    let bytes = journal.map(|bytes| bytes.len()).sum();
    let events = events.into_inner().expect("events");
    (report, bytes, events)
}

#[test]
fn proof_t8_a_day_of_writing_in_virtual_time() {
    let hours = proof::sized(2, 24);
    let row = proof::Row::begin(
        "T8",
        "a day of writing through client, executor and journal",
    );
    let clock = VirtualClock::new(morning());
    let wire = Arc::new(Tenant {
        clock: clock.clone(),
        dice: Dice::new(8),
        state: Mutex::default(),
    });
    let tenant = QlikTenant::new(
        Arc::clone(&wire) as _,
        Arc::new(clock.clone()),
        Arc::new(SeededRng::new(8)),
        &"https://acme.eu.example".parse().expect("an address"),
        QlikCredential::ApiKey(Secret::new("key")),
    );
    let tenant = Arc::new(tenant.expect("a tenant"));
    let mut sizes = Vec::new();
    for number in 0..hours {
        let (report, journal, events) = hour(&tenant, &clock, number);
        let counts = report.counts;
        assert_eq!(counts.applied, HOURLY, "hour {number}: {report:?}");
        let state = wire.state.lock().expect("the tenant");
        let with_role = state.with_role.len() as u64;
        let wished = if number.is_multiple_of(2) { HOURLY } else { 0 };
        assert_eq!(with_role, wished, "converged in hour {number}");
        assert_eq!(state.under_way, 0, "nothing is left on the way");
        sizes.push((journal, events));
    }
    // What an hour leaves behind is the same in the last hour as in the first, faults aside.
    let per_write = |(journal, events): &(usize, usize)| (journal / 5_700, events / 570);
    let (first, last) = (per_write(&sizes[0]), per_write(&sizes[sizes.len() - 1]));
    assert!(
        first.0.abs_diff(last.0) * 20 <= first.0,
        "journal: {first:?}, {last:?}"
    );
    assert!(
        first.1.abs_diff(last.1) * 20 <= first.1,
        "events: {first:?}, {last:?}"
    );
    let state = wire.state.lock().expect("the tenant");
    assert!(state.most <= 500, "{} writes in five minutes", state.most);
    assert!(
        state.most_under_way <= 16,
        "{} requests at once",
        state.most_under_way
    );
    let took = clock.now().0.as_secs_f64() / 3600.0;
    row.end(
        &format!(
            "{} writes in {took:.1} virtual hours; {} journal bytes a write in the first hour, {} in the last; at most {} in five minutes, {} at once",
            state.writes, first.0, last.0, state.most, state.most_under_way
        ),
        0,
    );
}
