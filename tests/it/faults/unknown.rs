//! Answers of a later Qlik (T23): a field that we do not know is passed over, a word that we do not
//! know is never taken for one that we do (reliability A14).

use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use qroll::domain::{Completeness, SkipReason, TenantSnapshot, Verdict};
use qroll::ports::Tenant as _;
use qroll::simulator::Running;

use super::desk::{Desk, Mutate, key_of, mutated, plan, snapshot, tenant};
use super::endpoints::Endpoint;
use super::gateway::Gateway;
use crate::proof;

/// A word that no version knows.
const NEW: &str = "brand-new-word";

/// Adds a field to every object, as deep as they go.
fn enrich(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(enrich);
            fields.insert("zzLater".into(), json!({"status": [1, null, "active"]}));
        }
        Value::Array(items) => items.iter_mut().for_each(enrich),
        _ => {}
    }
}

/// Puts the new word wherever this field stands.
fn reword(value: &mut Value, field: &str) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                match value {
                    Value::String(text) if name == field => NEW.clone_into(text),
                    Value::Array(items) if name == field => {
                        for item in items.iter_mut().filter(|item| item.is_string()) {
                            *item = json!(NEW);
                        }
                        for item in items {
                            reword(item, field);
                        }
                    }
                    other => reword(other, field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| reword(item, field)),
        _ => {}
    }
}

async fn read(world: &Running, mutate: Mutate) -> TenantSnapshot {
    let (tenant, _) = mutated(&world.qlik_url, key_of(world), mutate);
    let mut snapshot = tenant.load(&|_| {}).await.expect("it loads");
    for space in snapshot.spaces.value.clone() {
        let rows = tenant.assignments(&space.id).await.expect("rows");
        snapshot.assignments.insert(space.id, rows);
    }
    snapshot
}

/// Unknown fields change nothing that is read, and nothing that is written.
async fn fields(wrong: &mut Vec<String>) -> usize {
    let answers = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&answers);
    let mutate: Mutate = Arc::new(move |_, body| {
        counted.fetch_add(1, Ordering::SeqCst);
        enrich(body);
    });
    let world = tenant().await;
    let plain = snapshot(&world).await;
    let mut later = read(&world, Arc::clone(&mutate)).await;
    later.read_at = plain.read_at;
    if later != plain {
        wrong.push("unknown fields change what is read".to_owned());
    }
    for at in Endpoint::ALL {
        let world = tenant().await;
        let gateway = Gateway::start(&world.qlik_url, "http://127.0.0.1:9").await;
        let desk = Desk::new(plan(&plain, at.changes(&plain)), 50).mutating(Arc::clone(&mutate));
        let report = desk.apply(&gateway, key_of(&world)).await.expect("it runs");
        if report.exit_code != 0 || report.counts.applied != report.counts.total {
            wrong.push(format!("{at:?} with unknown fields: {report:?}"));
        }
        let writes = gateway.seen.lock().expect("no test panicked").writes.len();
        if writes != desk.sent().len() || writes > 3 {
            wrong.push(format!("{at:?} with unknown fields: {writes} writes"));
        }
    }
    answers.load(Ordering::SeqCst)
}

/// Each word of the contract, and what a reading with another one must say of itself.
type Part = fn(&TenantSnapshot) -> (String, &Completeness);
const WORDS: [(&str, &str, Part); 8] = [
    ("/api/v1/users", "status", |s| {
        (format!("{:?}", s.users.value), &s.users.proof)
    }),
    ("/api/v1/groups", "providerType", |s| {
        (format!("{:?}", s.groups.value), &s.groups.proof)
    }),
    ("/api/v1/roles", "level", |s| {
        (format!("{:?}", s.roles.value), &s.roles.proof)
    }),
    ("/api/v1/spaces", "type", |s| {
        (format!("{:?}", s.spaces.value), &s.spaces.proof)
    }),
    ("/api/v1/licenses/assignments", "type", |s| {
        (
            format!("{:?}", s.licensing.value.assignments),
            &s.licensing.proof,
        )
    }),
    ("/api/v1/licenses/overview", "name", |s| {
        (
            format!("{:?}", s.licensing.value.allotments),
            &s.licensing.proof,
        )
    }),
    ("/assignments", "roles", rows),
    ("/assignments", "type", rows),
];

fn rows(snapshot: &TenantSnapshot) -> (String, &Completeness) {
    let of_space = snapshot.assignments.values();
    let (some, all) = of_space.fold((None, String::new()), |(some, mut all), rows| {
        all = format!("{all}{:?}", rows.value);
        (
            some.or_else(|| (!rows.proof.is_proven()).then_some(&rows.proof)),
            all,
        )
    });
    let first = snapshot.assignments.values().next().expect("a space");
    (all, some.unwrap_or(&first.proof))
}

/// Unknown words are shown as they are, or the reading says that it is not whole.
async fn words(wrong: &mut Vec<String>) {
    for (path, field, part) in WORDS {
        let world = tenant().await;
        let of_rows = path == "/assignments";
        let mutate: Mutate = Arc::new(move |own, body| {
            let hit = if of_rows {
                own.starts_with("/api/v1/spaces/") && own.ends_with(path)
            } else {
                own == path
            };
            if hit {
                reword(body, field);
            }
        });
        let later = read(&world, mutate).await;
        let (value, proof) = part(&later);
        // Of a role's level nothing is shown; one that is not known counts as administrating,
        // which is asked about twice.
        let strictest = field == "level" && !value.contains("level: User");
        if !value.contains(NEW) && proof.is_proven() && !strictest {
            wrong.push(format!("{path} {field}: the word is lost: {value:.300}"));
        }
    }
}

/// A target whose state we cannot name is not written to (I8).
async fn writes(wrong: &mut Vec<String>) {
    let world = tenant().await;
    let plain = snapshot(&world).await;
    let gateway = Gateway::start(&world.qlik_url, "http://127.0.0.1:9").await;
    let mutate: Mutate = Arc::new(|path, body| {
        if path.starts_with("/api/v1/users/") && !path.ends_with("/me") {
            reword(body, "status");
        }
    });
    let changes = Endpoint::PatchUser.changes(&plain);
    let desk = Desk::new(plan(&plain, changes), 1).mutating(mutate);
    let report = desk.apply(&gateway, key_of(&world)).await.expect("it runs");
    let drifted = desk.outcomes().iter().all(|outcome| {
        matches!(
            &outcome.verdict,
            Verdict::Skipped {
                why: SkipReason::Drift,
                ..
            }
        )
    });
    let sent = gateway.seen.lock().expect("no test panicked").writes.len();
    if !drifted || sent > 0 {
        wrong.push(format!(
            "a user of unknown status: {sent} writes, {report:?}"
        ));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn proof_t23_what_a_later_version_says_is_passed_over_or_shown() {
    let row = proof::Row::begin("T23", "unknown fields and words in the tenant's answers");
    let mut wrong = Vec::new();
    let answers = fields(&mut wrong).await;
    words(&mut wrong).await;
    writes(&mut wrong).await;
    for line in &wrong {
        println!("{line}");
    }
    let size = format!("{answers} answers with fields, {} words", WORDS.len() + 1);
    row.end(&size, wrong.len());
}
