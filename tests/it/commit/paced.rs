//! The published limit with the real client: 500 role changes where 490 may go at once. The check
//! before a write waits with it, and whoever stops meanwhile has nothing on the way.

use bytes::Bytes;
use futures_util::FutureExt as _;
use qroll::commit::{self, ApprovedPlan, CommitPorts, RunReport, Settings};
use qroll::connectors::qlik::{QlikCredential, QlikTenant};
use qroll::domain::{Change, Plan, RolesState, RunEvent};
use qroll::host::memory::{MemoryDisk, SeededRng, VirtualClock};
use qroll::ports::{
    Clock as _, Instant, Method, Secret, Wire, WireFailure, WireRequest, WireResponse, Work,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use super::plans::{Draft, morning};

const OPERATIONS: usize = 500;

/// A tenant's answers, 50 ms later, with the time at which each was asked for.
struct SlowWire {
    clock: VirtualClock,
    log: Mutex<Vec<(Instant, Method, String)>>,
    changed: Mutex<BTreeSet<String>>,
}

impl SlowWire {
    fn body(&self, method: Method, path: &str) -> (u16, Value) {
        let id = path.rsplit('/').next().unwrap_or_default().to_owned();
        if path == "/api/v1/tenants/me" {
            return (200, json!({"id": "tenant-1", "name": "Acme"}));
        }
        let mut changed = self.changed.lock().expect("wire");
        if method == Method::Patch {
            changed.insert(id);
            return (204, Value::Null);
        }
        let (id, subject) = match id.strip_prefix("id-") {
            Some(subject) => (id.clone(), subject.to_owned()),
            None => ("admin-1".to_owned(), "CORP\\admin".to_owned()),
        };
        let roles = changed.contains(&id).then(|| json!({"id": "role-1"}));
        let roles: Vec<Value> = roles.into_iter().collect();
        let user = json!({"id": id, "subject": subject, "name": subject, "status": "active",
            "assignedRoles": roles});
        (200, user)
    }
}

impl Wire for SlowWire {
    fn send(&self, request: WireRequest) -> Work<'_, Result<WireResponse, WireFailure>> {
        async move {
            let path = request.url.path().to_owned();
            let entry = (self.clock.now(), request.method, path.clone());
            self.log.lock().expect("wire").push(entry);
            self.clock.sleep(Duration::from_millis(50)).await;
            let (status, body) = self.body(request.method, &path);
            let body = if body.is_null() {
                Bytes::new()
            } else {
                Bytes::from(body.to_string())
            };
            Ok(WireResponse {
                status,
                headers: vec![("content-type".to_owned(), "application/json".into())],
                body,
            })
        }
        .boxed()
    }
}

fn plan() -> Plan {
    let mut draft = Draft::default();
    for number in 0..OPERATIONS {
        let target = draft.existing_user(&format!("p{number:03}"));
        let after = RolesState {
            roles: vec!["role-1".into()],
        };
        let before = RolesState { roles: Vec::new() };
        draft.add(
            Change::SetRoles {
                target,
                before,
                after,
            },
            &[],
        );
    }
    draft.plan()
}

struct Done {
    report: RunReport,
    log: Vec<(Instant, Method, String)>,
    events: Vec<RunEvent>,
    took: Duration,
}

/// Applies; stops by hand at a time.
fn apply(stop_at: Option<Duration>) -> Done {
    let clock = VirtualClock::new(morning());
    let wire = Arc::new(SlowWire {
        clock: clock.clone(),
        log: Mutex::new(Vec::new()),
        changed: Mutex::new(BTreeSet::new()),
    });
    let tenant = QlikTenant::new(
        Arc::clone(&wire) as _,
        Arc::new(clock.clone()),
        Arc::new(SeededRng::new(1)),
        &"https://acme.eu.example".parse().expect("an address"),
        QlikCredential::ApiKey(Secret::new("key")),
    );
    let ports = CommitPorts {
        tenant: Arc::new(tenant.expect("a tenant")),
        disk: Arc::new(MemoryDisk::new()),
        clock: Arc::new(clock.clone()),
        rng: Arc::new(SeededRng::new(1)),
        owner: "process 1 of a test".to_owned(),
    };
    let approved = ApprovedPlan::new(plan(), clock.wall()).expect("approved");
    let (events, cancel) = (Mutex::new(Vec::new()), CancellationToken::new());
    let run = commit::run(
        ports,
        approved,
        Settings::default(),
        Path::new("/state"),
        |event| events.lock().expect("events").push(event),
        cancel.clone(),
    );
    let operator = async {
        match stop_at {
            Some(at) => {
                clock.sleep(at).await;
                cancel.cancel();
                clock.now()
            }
            None => Instant::default(),
        }
    };
    let (report, _) = clock.run(futures_util::future::join(run, operator));
    let log = std::mem::take(&mut *wire.log.lock().expect("wire"));
    Done {
        report: report.expect("begun"),
        log,
        events: events.into_inner().expect("events"),
        took: clock.now().0,
    }
}

fn own_pauses(events: &[RunEvent]) -> usize {
    let own = |event: &&RunEvent| matches!(event, RunEvent::Paused { asked: false, .. });
    events.iter().filter(own).count()
}

#[test]
fn the_check_before_a_write_is_made_after_the_wait_for_its_slot() {
    let done = apply(None);
    let counts = done.report.counts;
    assert_eq!((counts.applied, done.report.exit_code), (500, 0));
    assert!(done.took >= Duration::from_mins(5) && done.took < Duration::from_secs(310));
    let mut read: BTreeMap<&str, Instant> = BTreeMap::new();
    for (at, method, path) in &done.log {
        if *method == Method::Patch {
            let age = at.since(read[path.as_str()]);
            assert!(age <= Duration::from_secs(5), "{path}: {age:?} old");
        } else {
            read.insert(path, *at);
        }
    }
    assert_eq!(own_pauses(&done.events), 1);
}

#[test]
fn stopping_during_the_wait_sends_nothing_more_and_leaves_nothing_unclear() {
    let done = apply(Some(Duration::from_mins(2)));
    assert_eq!(own_pauses(&done.events), 1);
    let report = done.report;
    assert_eq!((report.counts.applied, report.unsettled), (490, 0));
    assert_eq!(report.exit_code, 3);
    let written = |entry: &&(Instant, Method, String)| entry.1 == Method::Patch;
    assert_eq!(done.log.iter().filter(written).count(), 490);
    assert!(done.took < Duration::from_secs(121), "{:?}", done.took);
}
