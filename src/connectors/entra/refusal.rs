//! What Graph and the token endpoint say when they refuse (directories.md 2.2, 2.10). Branches on
//! status and code only; texts and AADSTS numbers serve hints.

use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

use super::client::Refused;
use crate::connectors::http::{Fetched, check_answer};
use crate::ports::{Kind, Problem, Secret, WireResponse};
use crate::text::{Raw, Shown, show_str};

/// A token is used for this share of its life (reliability D1).
const USED: f64 = 0.8;
/// Of a token that does not say how long it lives.
const SHORT: Duration = Duration::from_mins(5);

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
    (
        53_003,
        "A Conditional Access policy blocks this sign-in. Device codes are often blocked: try auth = \"browser\" or a certificate.",
    ),
    (
        50_076,
        "A second factor is wanted: sign in again and give it.",
    ),
    (
        50_079,
        "A second factor must be set up first, in a browser.",
    ),
    (
        700_024,
        "The assertion is not valid at this time: is the clock of this machine right?",
    ),
    (
        700_027,
        "The certificate is not known: upload it to the app registration (Certificates & secrets).",
    ),
    (700_082, "Nobody has used the sign-in for too long."),
    (
        50_173,
        "The sign-in was revoked, by a new password or by an administrator.",
    ),
    (
        50_011,
        "Add the redirect URI http://localhost to the app registration, of the kind \"Mobile and desktop applications\".",
    ),
    (
        50_105,
        "The app may be used by assigned users only; assign it.",
    ),
    (
        7_000_218,
        "The app expects a client secret or certificate; for people to sign in, allow public client flows in its registration.",
    ),
    (
        70_011,
        "Sign-in address and Graph address belong to different clouds.",
    ),
];

#[derive(Deserialize)]
struct TokenBody {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: f64,
}

/// What a token answer brings.
pub(super) struct Granted {
    pub(super) access: Fetched,
    /// Only for people.
    pub(super) refresh: Option<Secret>,
}

/// Reads a token and how long to use it.
pub(super) fn token_answer(response: &WireResponse) -> Result<Granted, Problem> {
    // The parser's words could quote the token, so they are dropped.
    let body: TokenBody = serde_json::from_slice(&response.body).map_err(|_| {
        let text = "The answer of the sign-in service holds no usable token.";
        check_answer(Problem::new(Kind::Protocol, text), response)
    })?;
    let life = Duration::try_from_secs_f64(body.expires_in).unwrap_or(SHORT);
    Ok(Granted {
        access: Fetched {
            secret: Secret::new(body.access_token),
            use_for: life.mul_f64(USED),
        },
        refresh: body.refresh_token.map(Secret::new),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenError {
    error: Option<Raw>,
    error_description: Option<String>,
    error_codes: Vec<u64>,
    trace_id: Option<Raw>,
}

impl TokenError {
    /// The one thing to branch on.
    pub(super) fn code(&self) -> &str {
        self.error.as_ref().map_or("", Raw::expose)
    }
}

/// What a refused token request says.
pub(super) fn token_error(response: &WireResponse) -> TokenError {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

/// The problem of a refused token request.
pub(super) fn token_refusal(response: &WireResponse, host: &str) -> Problem {
    let body = token_error(response);
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
    for hint in hints(body.error_codes.iter().copied().chain(named(first_line))) {
        problem = problem.hint(hint);
    }
    check_answer(problem, response)
}

fn hints(numbers: impl Iterator<Item = u64>) -> Vec<&'static str> {
    let mut known: Vec<&str> = numbers
        .filter_map(|number| HINTS.iter().find(|(own, _)| *own == number))
        .map(|(_, hint)| *hint)
        .collect();
    known.dedup();
    known
}

/// What to do about a refusal that names its number in its text.
pub(super) fn text_hints(text: &str) -> Vec<&'static str> {
    hints(named(text).into_iter())
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

/// The problem of a refused read. `needs` is the permission that the call takes, with its kind.
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
    let challenge = response.header("www-authenticate");
    if challenge.is_some_and(|challenge| challenge.expose().contains("claims=")) {
        problem = problem.hint("Entra wants the person to sign in again: start qroll anew.");
    } else if let Some(hint) = hint(response.status, &code, needs) {
        problem = problem.hint(hint);
    }
    Refused {
        status: Some(response.status),
        code: Some(code),
        problem: check_answer(problem, response),
    }
}

/// Why a list is not whole: where a permission is missing, with its name.
pub(super) fn cause(problem: &Problem) -> Shown {
    let mut text = problem.to_string();
    if problem.kind == Kind::Denied {
        for hint in problem.hints() {
            text.push_str("; ");
            text.push_str(hint);
        }
    }
    show_str(&text)
}

fn hint(status: u16, code: &str, needs: &str) -> Option<String> {
    Some(match (status, code) {
        (403, _) => format!(
            "The app registration lacks the {needs} of Microsoft Graph, or an administrator has not consented to it."
        ),
        (401, _) => {
            "The token is not accepted: check that both addresses belong to one cloud.".into()
        }
        (404, _) => "It was deleted meanwhile, or the id is wrong.".into(),
        (400, "Request_UnsupportedQuery") => "This tenant does not support the query.".into(),
        (501, _) => "This tenant cannot list one of the attributes that qroll asks for.".into(),
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
    fn a_claims_challenge_asks_for_a_new_sign_in() {
        let body = r#"{"error":{"code":"InvalidAuthenticationToken","message":"Continuous access evaluation."}}"#;
        let mut answer = reply(401, body);
        let challenge = r#"Bearer error="insufficient_claims", claims="eyJ9""#;
        let header = ("www-authenticate".to_owned(), challenge.into());
        answer.headers.push(header);
        let refused = graph_refusal(&answer, "/v1.0/users", "x", "g");
        assert_eq!(refused.problem.kind, Kind::Auth);
        assert!(refused.problem.hints()[0].contains("sign in again"));
    }

    #[test]
    fn tokens_are_renewed_at_four_fifths_of_their_life() {
        let used = |seconds: &str| {
            let body = format!(r#"{{"access_token":"t","expires_in":{seconds}}}"#);
            let granted = token_answer(&reply(200, &body)).unwrap();
            assert!(granted.refresh.is_none());
            granted.access.use_for.as_secs()
        };
        assert_eq!((used("3600"), used("100"), used("-1")), (2_880, 80, 240));
    }
}
