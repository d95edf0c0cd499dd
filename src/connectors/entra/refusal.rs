//! What Graph and the token endpoint say when they refuse (directories.md 2.2, 2.10). Branches on
//! status and code only; texts and AADSTS numbers serve hints.

use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

use super::client::Refused;
use crate::connectors::http::{Fetched, check_answer};
use crate::ports::{Kind, Problem, Secret, WireResponse};
use crate::text::Raw;

/// Renewed this much ahead of the end.
const EARLY: Duration = Duration::from_mins(5);

/// AADSTS numbers and what to do about them.
const HINTS: &[(u64, &str)] = &[
    (
        7_000_215,
        "The client secret is wrong: copy its value, not its id.",
    ),
    (
        7_000_222,
        "The client secret has expired: make a new one in the app registration.",
    ),
    (
        700_016,
        "The app is not known in this tenant: check client id and tenant id.",
    ),
    (
        90_002,
        "The directory tenant is not known: check the tenant id.",
    ),
    (
        65_001,
        "Nobody has consented: an administrator must grant consent to the app.",
    ),
    (90_094, "An administrator must grant consent to the app."),
    (53_003, "A Conditional Access policy blocks this sign-in."),
    (
        50_105,
        "The app may be used by assigned users only; assign it.",
    ),
    (7_000_218, "The app expects a client secret or certificate."),
    (
        70_011,
        "Sign-in address and Graph address belong to different clouds.",
    ),
];

#[derive(Deserialize)]
struct TokenBody {
    access_token: String,
    expires_in: f64,
}

/// Reads a token and how long to use it.
pub(super) fn token_answer(response: &WireResponse) -> Result<Fetched, Problem> {
    // The parser's words could quote the token, so they are dropped.
    let body: TokenBody = serde_json::from_slice(&response.body).map_err(|_| {
        let text = "The answer of the sign-in service holds no usable token.";
        check_answer(Problem::new(Kind::Protocol, text), response)
    })?;
    let life = Duration::try_from_secs_f64(body.expires_in).unwrap_or(EARLY);
    // A token that lives shorter than our margin is used for half its life.
    let use_for = life.checked_sub(EARLY).filter(|rest| !rest.is_zero());
    Ok(Fetched {
        secret: Secret::new(body.access_token),
        use_for: use_for.unwrap_or(life / 2),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenError {
    error: Option<Raw>,
    error_description: Option<String>,
    error_codes: Vec<u64>,
    trace_id: Option<Raw>,
}

/// The problem of a refused token request.
pub(super) fn token_refusal(response: &WireResponse, host: &str) -> Problem {
    let body: TokenError = serde_json::from_slice(&response.body).unwrap_or_default();
    let code = body.error.as_ref().map_or("no explanation", Raw::expose);
    let first_line = body.error_description.as_deref().unwrap_or_default();
    let first_line = first_line.lines().next().unwrap_or_default();
    let kind = match response.status {
        400 | 401 | 403 => Kind::Auth,
        404 => Kind::Config,
        429 => Kind::Throttled,
        500..=599 => Kind::Network,
        _ => Kind::Protocol,
    };
    let text = format!("{host} gave no token: {code} {first_line}");
    let mut problem = Problem::new(kind, text.trim_end()).trace(body.trace_id);
    let numbers = body.error_codes.iter().copied().chain(named(first_line));
    let mut known: Vec<&str> = numbers
        .filter_map(|number| HINTS.iter().find(|(own, _)| *own == number))
        .map(|(_, hint)| *hint)
        .collect();
    known.dedup();
    for hint in known {
        problem = problem.hint(hint);
    }
    check_answer(problem, response)
}

/// The number in `AADSTS7000215: ...`.
fn named(text: &str) -> Option<u64> {
    let rest = text.split_once("AADSTS")?.1;
    rest.split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[derive(Default, Deserialize)]
struct GraphBody {
    error: GraphError,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GraphError {
    code: Option<String>,
    message: Option<String>,
    #[serde(alias = "innererror", rename = "innerError")]
    inner: Option<Value>,
}

/// The problem of a refused read. `needs` is the permission that the call takes.
pub(super) fn graph_refusal(
    response: &WireResponse,
    path: &str,
    needs: &str,
    host: &str,
) -> Refused {
    let body: GraphBody = serde_json::from_slice(&response.body).unwrap_or_default();
    let error = body.error;
    let code = error.code.unwrap_or_default();
    let inner = error.inner.as_ref();
    let trace = inner
        .and_then(|inner| inner.get("request-id")?.as_str().map(Raw::from))
        .or_else(|| response.header("request-id").cloned());
    let kind = match response.status {
        401 => Kind::Auth,
        403 => Kind::Denied,
        404 => Kind::NotFound,
        429 => Kind::Throttled,
        500 | 502..=599 => Kind::Network,
        _ => Kind::Protocol,
    };
    let message = error.message.unwrap_or_default();
    let text = format!(
        "GET {path}: {host} answered {} {code} {message}",
        response.status
    );
    let mut problem = Problem::new(kind, text.trim_end()).trace(trace);
    if let Some(hint) = hint(response.status, &code, needs) {
        problem = problem.hint(hint);
    }
    Refused {
        status: Some(response.status),
        code: Some(code),
        problem: check_answer(problem, response),
    }
}

fn hint(status: u16, code: &str, needs: &str) -> Option<String> {
    Some(match (status, code) {
        (403, _) => format!(
            "The app registration lacks the application permission {needs}, or an administrator has not consented to it."
        ),
        (401, _) => {
            "The token is not accepted: check that both addresses belong to one cloud.".into()
        }
        (404, _) => "It was deleted meanwhile, or the id is wrong.".into(),
        (400, "Request_UnsupportedQuery") => "This tenant does not support the query.".into(),
        (429 | 503 | 504, _) => "Graph is busy; try again in a minute.".into(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::testing::reply;

    #[test]
    fn numbers_become_hints() {
        let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret.\r\nTrace ID: x","error_codes":[7000215],"trace_id":"t"}"#;
        let problem = token_refusal(&reply(401, body), "login.example");
        assert_eq!(problem.kind, Kind::Auth);
        assert_eq!(
            problem.hints(),
            ["The client secret is wrong: copy its value, not its id."]
        );
        assert_eq!(problem.request_id().unwrap().as_str(), "t");
        assert!(!problem.text().contains("Trace ID"));
    }

    #[test]
    fn a_refusal_names_the_permission() {
        let body = r#"{"error":{"code":"Authorization_RequestDenied","message":"No.","innererror":{"request-id":"r1"}}}"#;
        let refused = graph_refusal(&reply(403, body), "/v1.0/users", "User.Read.All", "g");
        assert_eq!(refused.problem.kind, Kind::Denied);
        assert!(refused.problem.hints()[0].contains("User.Read.All"));
        assert_eq!(refused.problem.request_id().unwrap().as_str(), "r1");
        assert_eq!(refused.code.as_deref(), Some("Authorization_RequestDenied"));
    }

    #[test]
    fn tokens_are_renewed_five_minutes_early() {
        let used = |seconds: u64| {
            let body = format!(r#"{{"access_token":"t","expires_in":{seconds}}}"#);
            token_answer(&reply(200, &body)).unwrap().use_for.as_secs()
        };
        assert_eq!((used(3_600), used(300), used(100)), (3_300, 150, 50));
    }
}
