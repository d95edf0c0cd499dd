//! Sends one write, once, and says how clear the answer was (reliability 2.1). Success is a whole
//! answer that echoes our key; a refusal is one we could read; everything else is ambiguous. An
//! answer that is not the tenant's own ends the run. Nothing is ever sent twice here.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

use super::client::{Ask, Client};
use super::pacing::Bucket;
use super::refusal::{Envelope, envelope, redirect_target};
use super::vouch::vouch;
use crate::connectors::http::{Bearer, is_other_than_json, is_page};
use crate::domain::{LicenseType, Subject};
use crate::ports::{ItemReply, Method, Prepared, Problem, Reply, WireFailure, WireResponse};
use crate::text::Raw;

/// What a definite yes looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Yes {
    /// No content, about the record with this id.
    Empty(String),
    /// A record whose field echoes what we sent.
    Echo(&'static str, String),
    /// 207 with one outcome an item.
    Items,
    /// The settings as we sent them.
    Same,
}

fn yes(call: &Prepared) -> Yes {
    let sent = |field: &str| -> String {
        let body: Option<Value> = serde_json::from_slice(&call.body).ok();
        let text = body.as_ref().and_then(|body| body.get(field)?.as_str());
        text.unwrap_or_default().to_owned()
    };
    let last = || call.path.rsplit('/').next().unwrap_or_default().to_owned();
    let in_space = call.path.starts_with("/api/v1/spaces/");
    match call.method {
        Method::Post if call.path.contains("/licenses/assignments/actions/") => Yes::Items,
        Method::Post if in_space => Yes::Echo("assigneeId", sent("assigneeId")),
        Method::Post if call.path == "/api/v1/groups" => Yes::Echo("name", sent("name")),
        Method::Post => Yes::Echo("subject", sent("subject")),
        Method::Put if in_space => Yes::Echo("id", last()),
        Method::Put => Yes::Same,
        Method::Patch | Method::Delete | Method::Get => Yes::Empty(last()),
    }
}

/// How long getting ready for a write may take.
const PATIENT: Duration = Duration::from_secs(1);

/// Sends. See [`crate::ports::Tenant::send`].
pub(super) async fn send(client: &Client, call: Prepared) -> Reply {
    if call.path.is_empty() {
        return refused_here("The call names something that does not exist yet.");
    }
    let ask = Ask {
        method: call.method,
        path: call.path.clone(),
        body: (!call.body.is_empty()).then(|| Bytes::from(call.body.clone())),
        bucket: Bucket::from(call.tier),
    };
    let began = client.clock.now();
    let bearer = match client.bearer(None).await {
        Ok(bearer) => bearer,
        Err(problem) => return no_token(&problem, None),
    };
    if let Err(problem) = vouch(client, &bearer).await {
        return no_token(&problem, None);
    }
    // The look before this write was to be at most so old (B15): it is made again instead.
    if client.clock.now().since(began) > PATIENT {
        return Reply::NotSent {
            cause: Raw::from("the token took so long that the target has to be looked at again"),
        };
    }
    // The pause began after this write was let through. It must not wait here with its intent on
    // record: what the journal calls sent would not have been, for as long as the pause lasts.
    if client.pacer.claim(ask.bucket).is_err() {
        return Reply::NotSent {
            cause: Raw::from("the rate limit was reached meanwhile"),
        };
    }
    let answer = match client.once(&ask, Some(&bearer)).await {
        Ok(answer) => answer,
        Err(problem) => return refused_here(problem.text()),
    };
    match answer {
        Ok(response) if response.status == 401 && !is_page(&response) => {
            unsigned(client, &ask, &bearer, &response).await
        }
        Ok(response) => {
            client.let_through(&bearer);
            judge(client, &ask, &yes(&call), &response)
        }
        Err(failure) => failed(client, &failure),
    }
}

/// Nothing left this machine, and trying again would not change that.
fn refused_here(why: &str) -> Reply {
    Reply::No {
        status: 0,
        code: None,
        reason: Raw::from(why),
        trace: None,
    }
}

/// The token is not accepted. With another one the same write is another request, which wants an
/// intent of its own: so many requests on the wire, so many in the journal.
async fn unsigned(client: &Client, ask: &Ask, bearer: &Bearer, response: &WireResponse) -> Reply {
    client.pacer.passed(ask.bucket);
    let said = envelope(response);
    match client.renew(bearer).await {
        Ok(true) => Reply::Renewed { trace: said.trace },
        Ok(false) if said.understood => no(401, said),
        Ok(false) => ambiguous(response, said.sentence(401)),
        Err(problem) => no_token(&problem, said.trace),
    }
}

/// Without a token nothing is sent: worth waiting for when the cause may pass, a refusal when not.
fn no_token(problem: &Problem, trace: Option<Raw>) -> Reply {
    let cause = Raw::from(problem.text());
    if problem.is_dead_end() {
        return Reply::Barred { cause };
    }
    if problem.is_transient() {
        return Reply::NotSent { cause };
    }
    Reply::No {
        status: 401,
        code: None,
        reason: cause,
        trace,
    }
}

fn failed(client: &Client, failure: &WireFailure) -> Reply {
    let cause = Raw::from(failure.to_string());
    match failure {
        WireFailure::NotSent(_) => Reply::NotSent { cause },
        WireFailure::Untrusted(why) => Reply::Barred {
            cause: Raw::from(format!(
                "the certificate of {} is not trusted: {why}",
                client.origin.label()
            )),
        },
        WireFailure::Ambiguous(_) => Reply::Ambiguous {
            status: None,
            cause,
            trace: None,
        },
    }
}

fn judge(client: &Client, ask: &Ask, yes: &Yes, response: &WireResponse) -> Reply {
    if let Some(cause) = stranger(response) {
        return foreign(response, &cause);
    }
    if response.status == 429 {
        let wait = client.asked_to_wait(response);
        client.pacer.refused(ask.bucket, wait, &*client.rng);
        return Reply::Throttled { wait };
    }
    client.pacer.passed(ask.bucket);
    let said = envelope(response);
    let sent = ask.body.as_deref().unwrap_or_default();
    match response.status {
        200..=299 => accepted(yes, sent, response),
        400 | 401 | 403 | 404 | 413 | 422 if said.understood => no(response.status, said),
        status => ambiguous(response, said.sentence(status)),
    }
}

/// Whether somebody else than the tenant answered (A10, A11). A gateway's page with a 5xx is an
/// error like any other, and so is a limit that a page announces.
fn stranger(response: &WireResponse) -> Option<String> {
    match response.status {
        300..=399 => {
            let to = redirect_target(response).map_or("nowhere", Raw::expose);
            Some(format!("the tenant address redirects to {to}"))
        }
        200..=299 if is_other_than_json(response) => Some(said_by_a_page(response)),
        400..=499 if response.status != 429 && is_page(response) => Some(said_by_a_page(response)),
        _ => None,
    }
}

fn said_by_a_page(response: &WireResponse) -> String {
    let kind = response.header("content-type").map_or("", Raw::expose);
    format!(
        "{} with {kind} came where the tenant answers with data; a proxy or a sign-in portal may stand in between",
        response.status
    )
}

fn foreign(response: &WireResponse, cause: &str) -> Reply {
    Reply::Foreign {
        status: response.status,
        cause: Raw::from(cause),
        trace: envelope(response).trace,
    }
}

fn no(status: u16, said: Envelope) -> Reply {
    Reply::No {
        status,
        reason: Raw::from(said.sentence(status)),
        code: said.code,
        trace: said.trace,
    }
}

fn ambiguous(response: &WireResponse, cause: impl Into<String>) -> Reply {
    Reply::Ambiguous {
        status: Some(response.status),
        cause: Raw::from(cause.into()),
        trace: envelope(response).trace,
    }
}

/// A 2xx is a yes only when its body is what this call must bring.
fn accepted(yes: &Yes, sent: &[u8], response: &WireResponse) -> Reply {
    let body: Option<Value> = serde_json::from_slice(&response.body).ok();
    let trace = || response.header("x-b3-traceid").cloned();
    let done = |id: Option<String>| Reply::Yes {
        status: response.status,
        id,
        trace: trace(),
    };
    if response.status != 207 && body.as_ref().is_some_and(has_errors) {
        let cause = format!("{} with an error inside", response.status);
        return foreign(response, &cause);
    }
    match yes {
        Yes::Items => match items(&response.body) {
            Some(items) => Reply::Items {
                items,
                trace: trace(),
            },
            None => ambiguous(
                response,
                "the answer does not list an outcome for each item",
            ),
        },
        // Partly done (users reference): what was done must be read.
        _ if response.status == 207 => ambiguous(response, "only a part was done"),
        Yes::Empty(_) if response.status == 204 && response.body.is_empty() => done(None),
        // Some versions answer with the record: then it has to be the one that was named.
        Yes::Empty(id) if body.as_ref().is_some_and(|body| echoes(body, "id", id)) => done(None),
        Yes::Empty(id)
            if body
                .as_ref()
                .is_some_and(|body| names_another(body, "id", id)) =>
        {
            foreign(
                response,
                &format!("{} with somebody else's id", response.status),
            )
        }
        Yes::Echo(field, value) => match body.as_ref().filter(|body| echoes(body, field, value)) {
            Some(body) => done(text_of(body, "id")),
            None if body
                .as_ref()
                .is_some_and(|body| names_another(body, field, value)) =>
            {
                let cause = format!("{} with somebody else's {field}", response.status);
                foreign(response, &cause)
            }
            None => ambiguous(response, format!("the answer does not name our {field}")),
        },
        Yes::Same => {
            let sent: Option<Value> = serde_json::from_slice(sent).ok();
            let empty = response.body.is_empty() && response.status == 204;
            if empty || body.is_some_and(|body| agrees(&body, sent.as_ref())) {
                done(None)
            } else {
                ambiguous(response, "the answer does not show the settings we sent")
            }
        }
        Yes::Empty(_) => ambiguous(response, "the answer is not what the contract says"),
    }
}

fn is_record(body: &Value) -> bool {
    body.is_object() && body.get("errors").is_none()
}

/// An error in the clothes of a success (A11).
fn has_errors(body: &Value) -> bool {
    let errors = body.get("errors");
    errors
        .is_some_and(|errors| !errors.is_null() && errors.as_array().is_none_or(|e| !e.is_empty()))
}

fn text_of(body: &Value, field: &str) -> Option<String> {
    Some(body.get(field)?.as_str()?.to_owned())
}

/// Services differ in case, so it does not count here.
fn echoes(body: &Value, field: &str, value: &str) -> bool {
    let own = text_of(body, field).map(|own| own.to_lowercase());
    is_record(body)
        && own == Some(value.to_lowercase())
        && text_of(body, "id").is_some_and(|id| !id.is_empty())
}

fn names_another(body: &Value, field: &str, value: &str) -> bool {
    text_of(body, field).is_some_and(|own| own.to_lowercase() != value.to_lowercase())
}

fn agrees(body: &Value, sent: Option<&Value>) -> bool {
    let Some(sent) = sent.and_then(Value::as_object) else {
        return false;
    };
    sent.iter()
        .all(|(name, value)| body.get(name) == Some(value))
}

#[derive(Deserialize)]
struct Outcomes {
    data: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    subject: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    status: Status,
    code: Option<Raw>,
    title: Option<Raw>,
}

/// Numbers, or numbers as text (dossier 9.3).
#[derive(Deserialize)]
#[serde(untagged)]
enum Status {
    Number(u16),
    Text(String),
}

fn items(body: &[u8]) -> Option<Vec<ItemReply>> {
    let outcomes: Outcomes = serde_json::from_slice(body).ok()?;
    let reply = |item: Outcome| {
        let status = match item.status {
            Status::Number(status) => status,
            Status::Text(text) => text.parse().ok()?,
        };
        Some(ItemReply {
            subject: Subject::new(item.subject),
            license: item.kind.map(LicenseType::new),
            status,
            code: item.code,
            title: item.title,
        })
    };
    outcomes.data.into_iter().map(reply).collect()
}

#[cfg(test)]
#[path = "send_tests.rs"]
mod tests;
