//! Sends one write, once, and says how clear the answer was (reliability 2.1). Success is a whole
//! answer that echoes our key; a refusal is one we could read; everything else is ambiguous. The
//! one thing sent again is a request refused with 401, which had no effect, with a new token.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::client::{Ask, Client};
use super::pacing::Bucket;
use super::refusal::{Envelope, envelope, redirect_target};
use crate::domain::{LicenseType, Subject};
use crate::ports::{ItemReply, Method, Prepared, Problem, Reply, WireFailure, WireResponse};
use crate::text::Raw;

/// What a definite yes looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Yes {
    /// No content.
    Empty,
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
        Method::Patch | Method::Delete | Method::Get => Yes::Empty,
    }
}

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
    let mut stale = None;
    loop {
        let bearer = match client.bearer(stale).await {
            Ok(bearer) => bearer,
            Err(problem) => return no_token(&problem),
        };
        client.pacer.turn(ask.bucket).await;
        let answer = match client.once(&ask, Some(&bearer)).await {
            Ok(answer) => answer,
            Err(problem) => return refused_here(problem.text()),
        };
        match answer {
            Ok(response) if response.status == 401 && client.renewable() && stale.is_none() => {
                stale = Some(bearer.serial);
            }
            Ok(response) => return judge(client, &ask, &yes(&call), &response),
            Err(failure) => return failed(&failure),
        }
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

/// Without a token nothing is sent: worth waiting for when the cause may pass, a refusal when not.
fn no_token(problem: &Problem) -> Reply {
    if problem.is_transient() {
        return Reply::NotSent {
            cause: Raw::from(problem.text()),
        };
    }
    Reply::No {
        status: 401,
        code: None,
        reason: Raw::from(problem.text()),
        trace: None,
    }
}

fn failed(failure: &WireFailure) -> Reply {
    let cause = Raw::from(failure.to_string());
    match failure {
        WireFailure::NotSent(_) | WireFailure::Untrusted(_) => Reply::NotSent { cause },
        WireFailure::Ambiguous(_) => Reply::Ambiguous {
            status: None,
            cause,
            trace: None,
        },
    }
}

fn judge(client: &Client, ask: &Ask, yes: &Yes, response: &WireResponse) -> Reply {
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
        300..=399 => {
            let to = redirect_target(response).map_or("nowhere", Raw::expose);
            let reason = format!("the tenant address redirects to {to}");
            no(response.status, said, Some(reason))
        }
        413 => no(413, said, None),
        400 | 401 | 403 | 404 | 422 if said.understood => no(response.status, said, None),
        409 => ambiguous(response, said.sentence(409)),
        status => ambiguous(response, said.sentence(status)),
    }
}

fn no(status: u16, said: Envelope, reason: Option<String>) -> Reply {
    let reason = reason.unwrap_or_else(|| said.sentence(status));
    Reply::No {
        status,
        reason: Raw::from(reason),
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
        Yes::Empty if response.body.is_empty() => done(None),
        Yes::Empty if body.as_ref().is_some_and(is_record) => done(None),
        Yes::Echo(field, value) => match body.as_ref().filter(|body| echoes(body, field, value)) {
            Some(body) => done(text_of(body, "id")),
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
        Yes::Empty => ambiguous(response, "the answer is not what the contract says"),
    }
}

fn is_record(body: &Value) -> bool {
    body.is_object() && body.get("errors").is_none()
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
