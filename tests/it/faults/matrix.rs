//! Every fault at every endpoint, at the first, a middle and the last write.

use futures_util::{StreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

use qroll::commit::RunReport;
use qroll::connectors::qlik::QlikCredential;
use qroll::domain::{Change, TenantSnapshot, Verdict};
use qroll::ports::Secret;

use super::desk::{Desk, key_of, plan, snapshot, tenant};
use super::endpoints::Endpoint;
use super::gateway::{Gateway, Wired, key};
use super::table::{Fault, Say, Then, Twist, faults, of_items, then};
use crate::proof;

/// Cases under way at once: nearly all of the time is waiting.
const AT_ONCE: usize = 12;

#[derive(Clone)]
struct Case {
    fault: Fault,
    at: Endpoint,
    place: usize,
}

impl Case {
    fn name(&self) -> String {
        format!("{} at {:?}, write {}", self.fault.name, self.at, self.place)
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for at in Endpoint::ALL {
        let places = if at == Endpoint::Switches { 1 } else { 3 };
        for place in 0..places {
            for fault in faults() {
                cases.push(Case { fault, at, place });
            }
            if at.is_batch() {
                for fault in of_items(place) {
                    cases.push(Case { fault, at, place });
                }
            }
        }
    }
    cases
}

/// What the embedded tenant does not have to tell twice.
struct Known {
    before: TenantSnapshot,
    /// The end of an undisturbed run, by endpoint.
    wished: BTreeMap<Endpoint, serde_json::Value>,
    /// Where redirects point, and how often somebody came.
    other: String,
    visits: Arc<AtomicUsize>,
}

async fn known() -> Known {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let other = format!("http://{}", listener.local_addr().expect("an address"));
    let visits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&visits);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    let world = tenant().await;
    let before = snapshot(&world).await;
    let mut wished = BTreeMap::new();
    for at in Endpoint::ALL {
        let world = tenant().await;
        let gateway = Gateway::start(&world.qlik_url, &other).await;
        let desk = Desk::new(plan(&before, at.changes(&before)), 50);
        let report = desk.apply(&gateway, key_of(&world)).await.expect("it runs");
        assert_eq!(report.exit_code, 0, "{at:?}: {:?}", desk.outcomes());
        wished.insert(at, world.world_digest());
    }
    Known {
        before,
        wished,
        other,
        visits,
    }
}

/// Runs a case; what is wrong with it.
async fn violations(case: &Case, known: &Known) -> Vec<String> {
    let world = tenant().await;
    let gateway = Gateway::start(&world.qlik_url, &known.other).await;
    let batch = if matches!(case.fault.say, Say::Item(_)) {
        50
    } else {
        1
    };
    let place = if batch == 50 { 0 } else { case.place };
    let changes = case.at.changes(&known.before);
    let desk = Desk::new(plan(&known.before, changes), batch);
    gateway.arm(&case.fault, place);
    let report = desk.apply(&gateway, key_of(&world)).await;
    let report = report.unwrap_or_else(|problem| panic!("{}: {problem}", case.name()));
    let mut wrong = Vec::new();
    let then = then(&case.fault, case.at);
    if let Err(said) = judge_end(then, &report) {
        wrong.push(said);
    }
    if report.stopped.is_some() {
        let resumed = desk.resume(&gateway, key_of(&world)).await;
        match resumed {
            Ok(report) if report.stopped.is_none() => {}
            other => wrong.push(format!("the resume gave {other:?}")),
        }
    }
    wrong.extend(judge_truth(case, then, &desk, &gateway));
    let refused = then == Then::Refused;
    if !refused && Some(&world.world_digest()) != known.wished.get(&case.at) {
        wrong.push("the tenant is not as an undisturbed run leaves it".to_owned());
    }
    world.stop().await;
    wrong
}

fn judge_end(then: Then, report: &RunReport) -> Result<(), String> {
    let stopped = report.stopped.as_ref().map(|why| why.show().to_string());
    match (then, &stopped) {
        (Then::Holds, None) if report.exit_code == 0 => Ok(()),
        (Then::Refused, None) if report.exit_code == 3 => Ok(()),
        (Then::Stops(why), Some(said)) if said.contains(why) && report.exit_code >= 3 => Ok(()),
        _ => Err(format!("wanted {then:?}, got {report:?}")),
    }
}

/// Verdicts against what the tenant did, and the wire against the journal.
fn judge_truth(case: &Case, then: Then, desk: &Desk, gateway: &Gateway) -> Vec<String> {
    let mut wrong = Vec::new();
    let seen = gateway.seen.lock().expect("no test panicked");
    let Some(struck) = &seen.struck else {
        return vec!["nothing was broken".to_owned()];
    };
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    for effect in &seen.effects {
        *done.entry(effect.to_lowercase()).or_default() += 1;
    }
    let outcomes = desk.outcomes();
    for (at, (operation, outcome)) in desk.operations().iter().zip(&outcomes).enumerate() {
        let key = operation_key(&operation.change).to_lowercase();
        let times = done.remove(&key).unwrap_or_default();
        let refused = then == Then::Refused && is_struck(case, struck, &key, at);
        let right = match &outcome.verdict {
            Verdict::Applied | Verdict::Already => times == 1 && !refused,
            Verdict::NotApplied { .. } => times == 0 && refused,
            _ => false,
        };
        if !right {
            wrong.push(format!("{key}: {:?}, done {times} times", outcome.verdict));
        }
    }
    if outcomes.len() != desk.operations().len() {
        wrong.push(format!("{} verdicts", outcomes.len()));
    }
    if !done.is_empty() {
        wrong.push(format!("unplanned: {done:?}"));
    }
    let mut journalled: Vec<_> = desk
        .sent()
        .into_iter()
        .map(|intent| (intent.method, intent.path, intent.digest))
        .collect();
    let mut wired: Vec<_> = seen.writes.iter().map(digested).collect();
    journalled.sort();
    wired.sort();
    if journalled != wired {
        wrong.push(format!(
            "on the wire {wired:?}, in the journal {journalled:?}"
        ));
    }
    wrong
}

fn digested(wired: &Wired) -> (String, String, String) {
    let digest = Sha256::digest(&wired.body);
    let hex: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    (wired.method.clone(), wired.path.clone(), hex.concat())
}

/// Whether the operation with this key is the one that was broken.
fn is_struck(case: &Case, struck: &Wired, own: &str, at: usize) -> bool {
    if let Say::Item(Twist::Refuse(item)) = case.fault.say {
        return item == at;
    }
    if case.at.is_batch() {
        let body: serde_json::Value = serde_json::from_slice(&struck.body).expect("our own");
        return body
            .to_string()
            .to_lowercase()
            .contains(&own.replace('\\', "\\\\"));
    }
    key(&struck.method, &struck.path, &struck.body).to_lowercase() == own
}

/// What an operation of the plan is recognised by on the wire.
fn operation_key(change: &Change) -> String {
    let row = |space: &str, row: &str| format!("/api/v1/spaces/{space}/assignments/{row}");
    match change {
        Change::CreateUser { subject, .. }
        | Change::AddLicense { subject, .. }
        | Change::ChangeLicense { subject, .. }
        | Change::RemoveLicense { subject, .. } => subject.expose().to_owned(),
        Change::DisableUser { target, .. } | Change::DeleteUser { target, .. } => {
            format!("/api/v1/users/{}", target.id.expose())
        }
        Change::CreateGroup { target, .. } => target.expose().to_owned(),
        Change::AddSpaceAssignment { target, .. } => match &target.assignee {
            qroll::domain::Assignee::User(id) => {
                let rows = format!("/api/v1/spaces/{}/assignments", target.space.id.expose());
                format!("{rows} {}", id.expose())
            }
            other => panic!("not in these plans: {other:?}"),
        },
        Change::ChangeSpaceAssignment { target, .. }
        | Change::RemoveSpaceAssignment { target, .. } => {
            let id = target.assignment.as_ref().expect("a row");
            row(target.space.id.expose(), id.expose())
        }
        Change::SetAutoAssign { .. } => "/api/v1/licenses/settings".to_owned(),
        other => panic!("not in these plans: {other:?}"),
    }
}

/// The short size takes one place of three for each fault and endpoint, another one each time.
fn chosen() -> Vec<Case> {
    let all = cases();
    if proof::sized(0, 1) == 1 {
        return all;
    }
    let short = |(at, _): &(usize, Case)| at % 7 == 0;
    all.into_iter()
        .enumerate()
        .filter(short)
        .map(|(_, case)| case)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn proof_t6_every_http_fault_at_every_write() {
    let row = proof::Row::begin("T6", "HTTP faults through the real wire");
    let known = known().await;
    let cases = chosen();
    let count = cases.len();
    let found: Vec<String> = stream::iter(cases)
        .map(|case| {
            let known = &known;
            async move {
                let wrong = violations(&case, known).await;
                (!wrong.is_empty()).then(|| format!("{}: {}", case.name(), wrong.join("; ")))
            }
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(|wrong| async { wrong })
        .collect()
        .await;
    for wrong in &found {
        println!("{wrong}");
    }
    assert_eq!(known.visits.load(Ordering::SeqCst), 0, "nobody followed");
    let all = cases_of_all();
    row.end(&format!("{count} of {all} cases"), found.len());
}

fn cases_of_all() -> usize {
    cases().len()
}

/// A token that dies in the middle: each try is on record, and the run goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_token_is_replaced_and_every_request_is_on_record() {
    let known = known().await;
    let world = tenant().await;
    let gateway = Gateway::start(&world.qlik_url, &known.other).await;
    let credential = || QlikCredential::OAuth {
        client_id: world.client_id.clone(),
        secret: Secret::new(world.client_secret.clone()),
    };
    let (tenant, _) = super::desk::client(&world.qlik_url, credential());
    let me = qroll::ports::Tenant::identify(&tenant)
        .await
        .expect("a bot")
        .1;
    let mut before = known.before.clone();
    before.identity = me;
    let desk = Desk::new(plan(&before, Endpoint::CreateUser.changes(&before)), 1);
    world.add_fault("expire-token@POST:/users#2".parse().expect("a fault"));
    let report = desk.apply(&gateway, credential()).await.expect("it runs");
    assert_eq!(report.exit_code, 0, "{report:?}");
    let seen = gateway.seen.lock().expect("no test panicked");
    assert_eq!(desk.sent().len(), seen.writes.len());
    assert!(seen.writes.len() > 3, "one was refused for its token");
}

/// The matrix must be able to fail: wrong expectations are found out.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_expectation_is_found_out() {
    let known = known().await;
    let wrong = |name: &str, then| Case {
        fault: Fault {
            then,
            ..faults()
                .into_iter()
                .find(|fault| fault.name == name)
                .expect("a fault")
        },
        at: Endpoint::AddRow,
        place: 1,
    };
    for case in [
        wrong("500 after", Then::Refused),
        wrong("400", Then::Holds),
        wrong("307", Then::Holds),
        wrong("closed before", Then::Stops("redirects")),
    ] {
        let found = violations(&case, &known).await;
        assert!(!found.is_empty(), "{}", case.name());
    }
}

/// Somebody else answers the look before a write: nothing is written, and the run waits (A10, A11).
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_on_the_reads_stops_the_run_before_it_writes() {
    let known = known().await;
    let page = "content-type: text/html\r\n";
    for (say, why) in [
        (
            Say::Status(302, "location: {other}/login\r\n", ""),
            "redirects to http",
        ),
        (
            Say::Status(200, page, "<html></html>"),
            "GET /api/v1/spaces",
        ),
        (Say::Status(403, page, "<html></html>"), "403"),
    ] {
        let world = tenant().await;
        let gateway = Gateway::start(&world.qlik_url, &known.other).await;
        let changes = Endpoint::RemoveRow.changes(&known.before);
        let desk = Desk::new(plan(&known.before, changes), 1);
        gateway.on_reads(Some(("/api/v1/spaces/", say.clone())));
        let report = desk
            .apply(&gateway, key_of(&world))
            .await
            .expect("it begins");
        let stopped = report.stopped.expect("it stops").show().to_string();
        assert!(stopped.contains(why), "{say:?}: {stopped}");
        assert_eq!(desk.sent().len(), 0, "{say:?}");
        gateway.on_reads(None);
        let report = desk
            .resume(&gateway, key_of(&world))
            .await
            .expect("it resumes");
        assert_eq!((report.exit_code, report.counts.applied), (0, 3), "{say:?}");
    }
    assert_eq!(known.visits.load(Ordering::SeqCst), 0, "nobody followed");
}
