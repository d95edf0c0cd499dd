//! License actions: add, update, delete. The call answers 207, each item its own status
//! (dossier 4.3, 4.4).

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::faults::Faults;
use super::super::http::Reply;
use super::super::world::{LicenseAssignment, Licenses, lower};
use super::check;
use super::errors::Refusal;
use super::route::Context;

/// Most items in a call. Nothing is published; a client that sends 50 is safe here, and one that
/// sends thousands learns to halve.
const MAX_ITEMS: usize = 100;

type Outcome = Result<u16, Failure>;
type Failure = (u16, &'static str, &'static str);

const NO_STOCK: Failure = (403, "LICENSES-011", "No allotment units left");
const MISSING: Failure = (404, "LICENSES-016", "License assignment not found");
const CONFLICT: Failure = (409, "LICENSES-010", "License assignment already exists");
const WRONG_TYPE: Failure = (400, "LICENSES-004", "License type cannot be assigned");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Add {
    add: Vec<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    delete: Vec<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Update {
    update: Vec<Change>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    subject: String,
    r#type: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Change {
    subject: String,
    r#type: Option<String>,
    source_type: Option<String>,
    source_subject: Option<String>,
}

fn check_items(count: usize, subjects: impl Iterator<Item = String>) -> Result<(), Refusal> {
    if count == 0 || count > MAX_ITEMS {
        return Err(Refusal::new(400, "LICENSES-123", "Bad request")
            .detail(format!("1 to {MAX_ITEMS} items may be sent, not {count}.")));
    }
    for subject in subjects {
        if subject.trim().is_empty() {
            return Err(
                Refusal::new(400, "LICENSES-123", "Bad request").detail("A subject is empty.")
            );
        }
    }
    Ok(())
}

/// The failure that a fault orders for a subject, by its code.
fn ordered(faults: &Faults, subject: &str) -> Result<(), Failure> {
    match faults.license_code(subject) {
        None => Ok(()),
        Some("LICENSES-011") => Err(NO_STOCK),
        Some("LICENSES-016") => Err(MISSING),
        Some("LICENSES-010") => Err(CONFLICT),
        Some(_) => Err((500, "LICENSES-500", "Internal error")),
    }
}

fn finish(mut item: Value, outcome: Outcome) -> Value {
    match outcome {
        Ok(status) => item["status"] = json!(status),
        Err((status, code, title)) => {
            item["status"] = json!(status);
            item["code"] = json!(code);
            item["title"] = json!(title);
        }
    }
    item
}

/// `POST /licenses/assignments/actions/add`.
pub(super) fn add(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let body: Add = check::body(context.request)?;
    check_items(body.add.len(), body.add.iter().map(|i| i.subject.clone()))?;
    let now = context.now;
    let licenses = &mut context.world.tenant.licenses;
    let mut data = Vec::with_capacity(body.add.len());
    for Item {
        subject,
        r#type: kind,
    } in body.add
    {
        let item = json!({"subject": subject, "type": kind});
        let outcome =
            ordered(context.faults, &subject).and_then(|()| check_add(licenses, &subject, &kind));
        if outcome.is_ok() {
            licenses.insert(LicenseAssignment {
                subject,
                kind,
                excess: false,
                created: now,
            });
        }
        data.push(finish(item, outcome));
    }
    Ok(Reply::json(207, json!({"data": data})))
}

fn check_add(licenses: &Licenses, subject: &str, kind: &str) -> Outcome {
    check_type(licenses, kind)?;
    if licenses.of_subject(subject).next().is_some() {
        return Err(CONFLICT);
    }
    if licenses.has_room(kind) {
        Ok(201)
    } else {
        Err(NO_STOCK)
    }
}

/// The type must be an allotment that is assigned to people; case matters (com-2439614).
fn check_type(licenses: &Licenses, kind: &str) -> Outcome {
    match licenses.allotment(kind) {
        Some(allotment) if allotment.usage_class == "assigned" => Ok(200),
        _ => Err(WRONG_TYPE),
    }
}

/// `POST /licenses/assignments/actions/delete`.
pub(super) fn delete(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let body: Delete = check::body(context.request)?;
    check_items(
        body.delete.len(),
        body.delete.iter().map(|i| i.subject.clone()),
    )?;
    let licenses = &mut context.world.tenant.licenses;
    let mut data = Vec::with_capacity(body.delete.len());
    for Item {
        subject,
        r#type: kind,
    } in body.delete
    {
        let outcome = ordered(context.faults, &subject).and_then(|()| {
            licenses
                .remove(&subject, &kind)
                .map_or(Err(MISSING), |_| Ok(200))
        });
        data.push(finish(json!({"subject": subject, "type": kind}), outcome));
    }
    Ok(Reply::json(207, json!({"data": data})))
}

/// `POST /licenses/assignments/actions/update`: another type, or another subject for the seat.
pub(super) fn update(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let body: Update = check::body(context.request)?;
    check_items(
        body.update.len(),
        body.update.iter().map(|i| i.subject.clone()),
    )?;
    let licenses = &mut context.world.tenant.licenses;
    let mut data = Vec::with_capacity(body.update.len());
    for change in body.update {
        let mut item = json!({"subject": change.subject});
        let optional = [
            ("type", &change.r#type),
            ("sourceType", &change.source_type),
            ("sourceSubject", &change.source_subject),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                item[name] = json!(value);
            }
        }
        let outcome =
            ordered(context.faults, &change.subject).and_then(|()| apply(licenses, &change));
        data.push(finish(item, outcome));
    }
    Ok(Reply::json(207, json!({"data": data})))
}

fn apply(licenses: &mut Licenses, change: &Change) -> Outcome {
    let from = change.source_subject.as_ref().unwrap_or(&change.subject);
    let wanted = change.source_type.as_deref();
    let held = licenses
        .of_subject(from)
        .find(|a| wanted.is_none_or(|t| t == a.kind))
        .cloned();
    let held = held.ok_or(MISSING)?;
    let kind = change.r#type.clone().unwrap_or_else(|| held.kind.clone());
    check_type(licenses, &kind)?;
    let moves = lower(from) != lower(&change.subject);
    if moves && licenses.of_subject(&change.subject).next().is_some() {
        return Err(CONFLICT);
    }
    if kind == held.kind {
        if !moves && change.subject == held.subject {
            return Err(CONFLICT);
        }
    } else if !licenses.has_room(&kind) {
        return Err(NO_STOCK);
    }
    licenses.remove(from, &held.kind);
    let subject = change.subject.clone();
    licenses.insert(LicenseAssignment {
        subject,
        kind,
        excess: false,
        created: held.created,
    });
    Ok(if moves { 201 } else { 200 })
}
