//! Answers to writes: whatever comes back, a yes needs a whole answer that echoes our key, and what
//! cannot be read is ambiguous (I4).

use jiff::Timestamp;
use serde_json::Value;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use qroll::commit::{Class, Intent, Journal, Record};
use qroll::domain::{LicenseState, UserDraft};
use qroll::host::memory::MemoryDisk;
use qroll::ports::{Durable, Reply, Tenant as _, WriteCall};

use super::corpus::corpus;
use super::engine::{Target, Verdict, fuzz};
use super::wire::{TENANT, reply, tenant};

const WORDS: &[&str] = &[
    "data",
    "errors",
    "code",
    "title",
    "status",
    "subject",
    "type",
    "analyzer",
    "professional",
    "LICENSES-011",
    "sourceSubject",
    "sourceType",
    "id",
    "name",
    "Team",
    "new",
    "assigneeId",
    "201",
    "204",
    "404",
    "409",
    "500",
];

const STATUSES: [u16; 14] = [
    200, 201, 204, 207, 302, 400, 401, 403, 404, 409, 413, 422, 500, 503,
];

/// A proof as the journal gives it.
pub(super) fn durable() -> Durable {
    let disk = MemoryDisk::new();
    let mut journal = Journal::create(&disk, Path::new("/j"), 1).expect("a journal");
    let intent = Intent {
        operations: Vec::new(),
        attempt: 1,
        class: Class::Keyed,
        method: "POST".to_owned(),
        path: String::new(),
        digest: String::new(),
        items: Vec::new(),
        at: Timestamp::UNIX_EPOCH,
    };
    let seq = journal.append(&Record::Intent(intent)).expect("appended");
    journal.sync().expect("synced");
    journal.durable(seq).expect("a proof")
}

pub(super) fn calls() -> Vec<WriteCall> {
    let seat = |subject: &str, license: &str| LicenseState {
        subject: subject.into(),
        license: license.into(),
    };
    let draft = UserDraft {
        name: "New".into(),
        email: Some("new@corp.example".into()),
        roles: Vec::new(),
        person: "new".into(),
    };
    vec![
        WriteCall::CreateUser {
            subject: "new".into(),
            draft,
        },
        WriteCall::AddLicenses {
            items: vec![seat("new", "analyzer"), seat("x", "none")],
        },
        WriteCall::RemoveLicenses {
            items: vec![seat("new", "analyzer")],
        },
        WriteCall::CreateGroup {
            name: "Team".into(),
        },
        WriteCall::DeleteUser { user: "u1".into() },
    ]
}

fn judged(call: &WriteCall, status: u16, input: &[u8]) -> Verdict {
    let body = input.to_vec();
    let (tenant, wire, clock) = tenant(move |_, _| reply(status, &body));
    let said = clock.run(tenant.send(durable(), tenant.prepare(call)));
    wire.stayed(TENANT)?;
    if wire.asked().len() != 1 {
        return Err(format!("{} requests for one write", wire.asked().len()));
    }
    let json: Option<Value> = serde_json::from_slice(input).ok();
    let echo = |field: &str| json.as_ref().and_then(|json| json.get(field)?.as_str());
    let fine = match (&said, call) {
        (Reply::Yes { .. }, WriteCall::CreateUser { subject, .. }) => {
            echo("subject").is_some_and(|text| text.eq_ignore_ascii_case(subject.expose()))
        }
        (Reply::Yes { .. }, WriteCall::CreateGroup { name }) => echo("name") == Some(name.expose()),
        (Reply::Yes { .. }, WriteCall::DeleteUser { .. }) => {
            (200..300).contains(&status) && status != 207
        }
        (Reply::Items { .. }, WriteCall::AddLicenses { .. } | WriteCall::RemoveLicenses { .. }) => {
            (200..300).contains(&status) && json.is_some()
        }
        (Reply::No { .. }, _) => matches!(status, 400 | 401 | 403 | 404 | 413 | 422),
        (Reply::Ambiguous { .. } | Reply::Foreign { .. }, _) => true,
        (Reply::Barred { .. } | Reply::Renewed { .. }, _) => status == 401,
        _ => false,
    };
    let text = format!("{status} {said:?}");
    if fine { Ok(text) } else { Err(text) }
}

#[test]
fn proof_t10_answers_to_writes() {
    let target = Target {
        name: "207 and other answers to writes",
        seeds: corpus("writes"),
        words: WORDS,
        short: 1_500,
        longest: 10 << 20,
    };
    let calls = calls();
    fuzz(&target, |input| {
        let mut hash = DefaultHasher::new();
        input.hash(&mut hash);
        let dice = usize::try_from(hash.finish() % 1_000_000).unwrap_or(0);
        let status = STATUSES[dice % STATUSES.len()];
        judged(&calls[dice / STATUSES.len() % calls.len()], status, input)
    });
}
