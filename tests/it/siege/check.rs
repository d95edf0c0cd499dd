//! What the witnesses say: each mutating request is an operation of the plan, byte-equal to an
//! intent of the journal; nothing has an effect twice or is sent after it was confirmed; what the
//! journal says is done is in the state, what it says is not done is not.

use qroll::commit::{Record, ReplyClass};
use qroll::domain::{OperationId, Verdict};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::crew::Found;
use super::site::{Kept, Site};

/// Lower-case hex of SHA-256.
pub(super) fn sha256(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        write!(hex, "{byte:02x}").expect("two digits");
    }
    hex
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn words(value: &Value, name: Option<&str>) -> String {
    let word = |item: &Value| match name {
        Some(name) => text(item, name).to_owned(),
        None => item.as_str().unwrap_or_default().to_owned(),
    };
    let mut all: Vec<String> = list(value).iter().map(word).collect();
    all.sort();
    all.join("+")
}

/// Requests to the tenant that change something, oldest first.
pub(super) fn mutating(site: &Site) -> Vec<Value> {
    let requests = site.world.requests();
    let changes = |request: &Value| {
        let path = text(request, "path");
        text(request, "face") == "qlik"
            && text(request, "method") != "GET"
            && !path.contains("/oauth/")
            && !path.ends_with("/actions/filter")
    };
    requests.into_iter().filter(changes).collect()
}

/// What an operation of the plan does, in words that a request can be compared with.
fn meaning_of_operation(operation: &Value, subjects: &BTreeMap<String, String>) -> String {
    let (target, after) = (&operation["target"], &operation["after"]);
    match text(operation, "kind") {
        "create_user" => format!(
            "create {} {} {} {}",
            text(operation, "subject"),
            text(after, "name"),
            text(after, "email"),
            words(&after["roles"], None)
        ),
        "add_license" => format!("add {} {}", text(after, "subject"), text(after, "license")),
        "change_license" => format!(
            "change {} {} {}",
            text(after, "subject"),
            text(&operation["before"], "license"),
            text(after, "license")
        ),
        "set_roles" => format!(
            "roles {} {}",
            text(target, "id"),
            words(&after["roles"], None)
        ),
        "add_space_assignment" => format!(
            "space {} {} {}",
            text(&target["space"], "id"),
            assignee(&target["assignee"], subjects),
            words(after, None)
        ),
        other => format!("a kind that this check does not know: {other}"),
    }
}

fn assignee(assignee: &Value, subjects: &BTreeMap<String, String>) -> String {
    let new = assignee["new-user"].as_str().map(str::to_owned);
    let id = assignee["user"].as_str();
    if let Some(group) = assignee["group"].as_str() {
        return group.to_owned();
    }
    new.or_else(|| subjects.get(id?).cloned())
        .unwrap_or_else(|| assignee.to_string())
}

/// What a request asks for, one entry an operation.
fn meanings(request: &Value, subjects: &BTreeMap<String, String>) -> Vec<String> {
    let body: Value = serde_json::from_str(text(request, "body")).unwrap_or(Value::Null);
    let path: Vec<&str> = text(request, "path").split('/').skip(3).collect();
    match (text(request, "method"), path.as_slice()) {
        ("POST", ["users"]) => vec![format!(
            "create {} {} {} {}",
            text(&body, "subject"),
            text(&body, "name"),
            text(&body, "email"),
            words(&body["assignedRoles"], Some("id"))
        )],
        ("POST", ["licenses", "assignments", "actions", "add"]) => list(&body["add"])
            .iter()
            .map(|item| format!("add {} {}", text(item, "subject"), text(item, "type")))
            .collect(),
        ("POST", ["licenses", "assignments", "actions", "update"]) => list(&body["update"])
            .iter()
            .map(|item| {
                format!(
                    "change {} {} {}",
                    text(item, "subject"),
                    text(item, "sourceType"),
                    text(item, "type")
                )
            })
            .collect(),
        ("PATCH", ["users", id]) => list(&body)
            .iter()
            .map(|change| match text(change, "path") {
                "/assignedRoles" => format!("roles {id} {}", words(&change["value"], Some("id"))),
                other => format!("patch {id} {other}"),
            })
            .collect(),
        ("POST", ["spaces", space, "assignments"]) => {
            let id = text(&body, "assigneeId");
            let who = subjects.get(id).map_or(id, String::as_str);
            vec![format!(
                "space {space} {who} {}",
                words(&body["roles"], None)
            )]
        }
        (method, _) => vec![format!("{method} {}", text(request, "path"))],
    }
}

/// Whether the wished state of an operation is there.
fn is_there(operation: &Value, state: &Value, subjects: &BTreeMap<String, String>) -> bool {
    let (target, after) = (&operation["target"], &operation["after"]);
    match text(operation, "kind") {
        "create_user" => {
            let user = &state["users"][text(operation, "subject")];
            text(user, "name") == text(after, "name") && text(user, "email") == text(after, "email")
        }
        "add_license" | "change_license" => {
            words(&state["licenses"][text(after, "subject")], None) == text(after, "license")
        }
        "set_roles" => {
            let roles = &state["users"][text(target, "subject")]["roles"];
            list(roles).len() == list(&after["roles"]).len()
        }
        _ => {
            let rows = &state["spaces"][text(&target["space"], "name")]["assignments"];
            let who = if target["assignee"]["group"].is_string() {
                format!("group idp:{}", text(target, "name"))
            } else {
                format!("user {}", assignee(&target["assignee"], subjects))
            };
            let row = &rows[who];
            words(row, None) == words(after, None)
        }
    }
}

/// The last verdict of each operation.
pub(super) fn verdicts(kept: &Kept) -> BTreeMap<&OperationId, &Verdict> {
    let records = kept.content.records.iter();
    records
        .filter_map(|(_, record)| match record {
            Record::Verdict(judgement) => {
                Some((&judgement.outcome.operation, &judgement.outcome.verdict))
            }
            _ => None,
        })
        .collect()
}

/// I4: the journal against the state, at any moment at which no process lives.
pub(super) fn truth(site: &Site, kept: &Kept, found: &mut Found) {
    let (state, subjects) = (site.world.state(), site.subjects());
    let verdicts = verdicts(kept);
    if let Some(tampered) = &kept.content.tampered {
        found.wrong.push(format!("the journal: {tampered}"));
    }
    for operation in list(&site.plan["operations"]) {
        let id = OperationId::from(text(operation, "id"));
        let Some(verdict) = verdicts.get(&id) else {
            continue;
        };
        let there = is_there(operation, &state, &subjects);
        let right = match verdict {
            Verdict::Applied | Verdict::Already => there,
            Verdict::NotApplied { .. } | Verdict::Skipped { .. } => !there,
            Verdict::Unknown { .. } => true,
        };
        found.add("verdicts", 1);
        if !right {
            found.wrong.push(format!(
                "{} is {} and there: {there}\n{}",
                id.show(),
                verdict.word(),
                trace(site, kept, operation)
            ));
        }
    }
}

/// I1, I2, I3: the server's log against the plan and the journal.
pub(super) fn wire(site: &Site, kept: &Kept, found: &mut Found) {
    let subjects = site.subjects();
    let planned: BTreeMap<String, &Value> = list(&site.plan["operations"])
        .iter()
        .map(|operation| (meaning_of_operation(operation, &subjects), operation))
        .collect();
    let mut intents: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for (_, record) in &kept.content.records {
        if let Record::Intent(intent) = record {
            let key = (
                intent.method.clone(),
                intent.path.clone(),
                intent.digest.clone(),
            );
            *intents.entry(key).or_default() += 1;
        }
    }
    let mut effects: BTreeMap<String, usize> = BTreeMap::new();
    for request in mutating(site) {
        found.add("requests", 1);
        let key = (
            text(&request, "method").to_owned(),
            text(&request, "path").to_owned(),
            sha256(text(&request, "body")),
        );
        let journalled = intents.get_mut(&key).filter(|left| **left > 0);
        match journalled {
            Some(left) => *left -= 1,
            None => found
                .wrong
                .push(format!("not an intent of the journal: {request}")),
        }
        for meaning in meanings(&request, &subjects) {
            let Some(operation) = planned.get(&meaning) else {
                found
                    .wrong
                    .push(format!("not in the plan: {meaning}: {request}"));
                continue;
            };
            // A batch answers per item; a second item finds the first there and changes nothing.
            let effect = request["effect"].as_u64().unwrap_or(0);
            if (200..300).contains(&effect) && effect != 207 {
                let times = effects.entry(meaning.clone()).or_default();
                *times += 1;
                if *times > 1 {
                    let trace = trace(site, kept, operation);
                    found.wrong.push(format!("done twice: {meaning}\n{trace}"));
                }
            }
        }
    }
    sent_after_confirmed(kept, found);
}

/// No operation has an intent after an answer or a verdict that settled it.
fn sent_after_confirmed(kept: &Kept, found: &mut Found) {
    let mut settled: BTreeSet<&OperationId> = BTreeSet::new();
    let mut open: BTreeMap<u64, &[OperationId]> = BTreeMap::new();
    for (seq, record) in &kept.content.records {
        match record {
            Record::Intent(intent) => {
                for id in intent.operations.iter().filter(|id| settled.contains(id)) {
                    let text = format!("{} was sent after it was settled", id.show());
                    found.wrong.push(text);
                }
                open.insert(*seq, &intent.operations);
            }
            Record::Outcome(answer) => {
                let of = open.get(&answer.intent).copied().unwrap_or_default();
                match answer.class {
                    ReplyClass::Yes => settled.extend(of),
                    ReplyClass::Items => settled.extend(
                        answer
                            .items
                            .iter()
                            .filter(|item| item.class == ReplyClass::Yes)
                            .map(|item| &item.operation),
                    ),
                    _ => {}
                }
            }
            Record::Verdict(judgement) => {
                settled.insert(&judgement.outcome.operation);
            }
            _ => {}
        }
    }
}

/// The last twenty things that happened to an operation, in the journal and on the server.
fn trace(site: &Site, kept: &Kept, operation: &Value) -> String {
    let id = text(operation, "id");
    let records = kept.content.records.iter();
    let records = records
        .map(|(seq, record)| format!("{seq} {}", serde_json::to_string(record).expect("JSON")))
        .filter(|line| line.contains(id));
    let subject = [text(operation, "subject"), text(&operation["target"], "id")].concat();
    let requests = mutating(site)
        .into_iter()
        .map(|request| request.to_string());
    let lines: Vec<String> = records
        .chain(requests.filter(|line| line.contains(&subject)))
        .collect();
    let from = lines.len().saturating_sub(20);
    lines[from..].join("\n")
}

/// The record of a run that came to its end agrees with the tenant, and everything holds.
pub(super) fn all_holds(site: &Site, found: &mut Found) {
    if let Some(kept) = site.kept() {
        truth(site, &kept, found);
        wire(site, &kept, found);
        if verdicts(&kept).values().any(|verdict| !verdict.holds()) {
            found.wrong.push("something does not hold".to_owned());
        }
    }
}
