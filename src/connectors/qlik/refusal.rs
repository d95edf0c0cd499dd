//! What Qlik says when it refuses: one envelope with five variants (dossier 9.3), read into a
//! problem with kind, code, sentence, request id and what to do about it.

use serde::Deserialize;
use serde_json::Value;

use crate::connectors::http::check_answer;
use crate::ports::{Kind, Problem, WireResponse};
use crate::text::Raw;

/// A refused or failed read: the status where one came, and the problem for the reader.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: Option<u16>,
    /// Where a redirect points. Not followed, unless the caller knows the way.
    pub(super) location: Option<Raw>,
    pub(super) problem: Problem,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self {
            status: None,
            location: None,
            problem,
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        refused.problem
    }
}

/// The parts of an envelope that matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    /// Whether the body was an error envelope, or empty. Anything else is not understood.
    pub(super) understood: bool,
    pub(super) code: Option<Raw>,
    pub(super) title: Option<Raw>,
    pub(super) detail: Option<Raw>,
    pub(super) trace: Option<Raw>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    errors: Option<Vec<Item>>,
    trace_id: Option<Value>,
    code: Option<Value>,
    title: Option<Value>,
    detail: Option<Value>,
    message: Option<Value>,
    error: Option<Value>,
    #[serde(rename = "error_description")]
    error_description: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item {
    code: Option<Value>,
    title: Option<Value>,
    detail: Option<Value>,
}

fn text(value: Option<&Value>) -> Option<Raw> {
    match value? {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(Raw::from(text.as_str())),
        Value::Number(number) => Some(Raw::from(number.to_string())),
        _ => None,
    }
}

/// Reads the body of a refusal; also the token endpoint's RFC 6749 shape.
pub(super) fn envelope(response: &WireResponse) -> Envelope {
    let header = response.header("x-b3-traceid").cloned();
    let Ok(body) = serde_json::from_slice::<Body>(&response.body) else {
        return Envelope {
            understood: response.body.is_empty(),
            trace: header,
            ..Envelope::default()
        };
    };
    let first = body.errors.as_ref().and_then(|errors| errors.first());
    let first = first.unwrap_or(&Item {
        code: None,
        title: None,
        detail: None,
    });
    let code = text(first.code.as_ref()).or_else(|| text(body.code.as_ref()));
    let title = text(first.title.as_ref()).or_else(|| text(body.title.as_ref()));
    let detail = text(first.detail.as_ref()).or_else(|| text(body.detail.as_ref()));
    let said = [&body.error_description, &body.message, &body.error];
    let code =
        code.or_else(|| text(body.error_description.as_ref()).and(text(body.error.as_ref())));
    let title = title.or_else(|| said.into_iter().find_map(|value| text(value.as_ref())));
    Envelope {
        understood: code.is_some() || title.is_some() || body.errors.is_some(),
        code,
        title,
        detail,
        trace: text(body.trace_id.as_ref()).or(header),
    }
}

impl Envelope {
    /// Code, title and detail as one sentence part.
    pub(super) fn sentence(&self, status: u16) -> String {
        let mut said: Vec<&str> = Vec::new();
        for part in [&self.title, &self.detail].into_iter().flatten() {
            if !said.contains(&part.expose()) {
                said.push(part.expose());
            }
        }
        let said = if said.is_empty() {
            status_word(status).to_owned()
        } else {
            said.join(" ")
        };
        match &self.code {
            Some(code) => format!("{said} ({})", code.expose()),
            None => said,
        }
    }

    fn has_code(&self, code: &str) -> bool {
        self.code.as_ref().is_some_and(|own| own.expose() == code)
    }
}

/// What a 429 asks for in its sentence when it has no header ("You need to wait 13 seconds").
pub(super) fn wait_in_words(envelope: &Envelope) -> Option<std::time::Duration> {
    let detail = envelope.detail.as_ref()?.expose();
    let number = detail
        .split(|c: char| !c.is_ascii_digit())
        .find(|part| !part.is_empty())?;
    let seconds: u64 = number.parse().ok()?;
    (1..=3_600)
        .contains(&seconds)
        .then(|| std::time::Duration::from_secs(seconds))
}

/// Where a redirect points, for the message.
pub(super) fn redirect_target(response: &WireResponse) -> Option<&Raw> {
    (300..400)
        .contains(&response.status)
        .then(|| response.header("location"))
        .flatten()
}

/// The problem of a refused request. `what` names it ("GET /api/v1/users").
pub(super) fn refusal(response: &WireResponse, what: &str, host: &str) -> Refused {
    let envelope = envelope(response);
    let status = response.status;
    let problem = if (300..400).contains(&status) {
        let to = redirect_target(response).map_or("nowhere", Raw::expose);
        Problem::new(Kind::Protocol, format!("{what}: {host} redirects to {to}"))
            .hint("Use the tenant's own address; qroll does not take its credential elsewhere.")
            .dead_end()
    } else {
        let said = envelope.sentence(status);
        let text = format!("{what}: {host} answered {status}, {said}");
        hinted(
            Problem::new(kind(status, &envelope), text),
            status,
            &envelope,
        )
    };
    Refused {
        status: Some(status),
        location: redirect_target(response).cloned(),
        problem: check_answer(problem.trace(envelope.trace), response),
    }
}

fn kind(status: u16, envelope: &Envelope) -> Kind {
    match status {
        401 if envelope.has_code("LOGIN-2") => Kind::Config,
        401 => Kind::Auth,
        403 => Kind::Denied,
        404 => Kind::NotFound,
        409 => Kind::Conflict,
        429 => Kind::Throttled,
        408 | 500..=599 => Kind::Network,
        _ => Kind::Protocol,
    }
}

fn hinted(problem: Problem, status: u16, envelope: &Envelope) -> Problem {
    match status {
        401 if envelope.has_code("LOGIN-2") => problem
            .hint("No tenant answers under this host name. Check the tenant address: https://NAME.REGION.qlikcloud.com"),
        401 => problem
            .hint("The API key or client secret is wrong, was revoked or has expired.")
            .hint("API keys may expire within a day; an OAuth client (machine to machine, consent Trusted) lasts."),
        403 => problem
            .hint("The credential is right but has not the rights: the user needs the role TenantAdmin, an OAuth client the scope admin_classic.")
            .hint("A tenant with an IP allow list also answers this way to an address that is not on it."),
        429 => problem.hint("The rate limit is reached; other programs of the same user count too."),
        500..=599 => problem.hint("This is on Qlik's side; try again in a minute."),
        _ => problem,
    }
}

fn status_word(status: u16) -> &'static str {
    match status {
        400 => "bad request",
        401 => "not signed in",
        403 => "not allowed",
        404 => "not found",
        409 => "conflict",
        413 => "too large",
        429 => "too many requests",
        500..=599 => "server error",
        _ => "no explanation",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::testing::reply;

    #[test]
    fn every_variant_of_the_envelope_is_read() {
        for (body, code, title) in [
            (
                r#"{"errors":[{"code":"USERS-7","title":"Not found","status":"404"}],"traceId":"t1"}"#,
                "USERS-7",
                "Not found",
            ),
            (
                r#"{"errors":[{"code":1001,"title":"Active"}]}"#,
                "1001",
                "Active",
            ),
            (
                r#"{"error":"x","message":"y","errors":[{"code":"LICENSES-011","title":"None left"}]}"#,
                "LICENSES-011",
                "None left",
            ),
            (
                r#"{"code":"AssignmentConflict","title":"Exists"}"#,
                "AssignmentConflict",
                "Exists",
            ),
            (
                r#"{"error":"invalid_client","error_description":"Wrong secret"}"#,
                "invalid_client",
                "Wrong secret",
            ),
        ] {
            let envelope = envelope(&reply(400, body));
            assert!(envelope.understood, "{body}");
            assert_eq!(envelope.code.unwrap().expose(), code);
            assert_eq!(envelope.title.unwrap().expose(), title);
        }
    }

    #[test]
    fn the_request_id_comes_from_the_body_or_the_header() {
        let mut response = reply(403, r#"{"errors":[{"code":"X"}]}"#);
        response.headers.push(("x-b3-traceid".into(), "h1".into()));
        assert_eq!(envelope(&response).trace.unwrap().expose(), "h1");
        let mut response = reply(403, r#"{"errors":[],"traceId":"b1"}"#);
        response.headers.push(("x-b3-traceid".into(), "h1".into()));
        assert_eq!(envelope(&response).trace.unwrap().expose(), "b1");
    }

    #[test]
    fn refusals_say_whose_fault_it_is_and_what_to_do() {
        let login = r#"{"errors":[{"code":"LOGIN-2","title":"No authentication configured for this hostname"}]}"#;
        for (status, body, expected, hint) in [
            (401, login, Kind::Config, "tenant address"),
            (
                401,
                r#"{"errors":[{"code":"AUTH-1"}]}"#,
                Kind::Auth,
                "expired",
            ),
            (403, "{}", Kind::Denied, "TenantAdmin"),
            (503, "", Kind::Network, "Qlik's side"),
        ] {
            let refused = refusal(&reply(status, body), "GET /x", "acme.example");
            assert_eq!(refused.problem.kind, expected);
            assert!(
                refused
                    .problem
                    .hints()
                    .iter()
                    .any(|line| line.contains(hint)),
                "{hint}"
            );
            assert!(refused.problem.text().contains("acme.example"));
        }
    }

    #[test]
    fn hostile_text_is_shown_and_a_page_is_named_as_such() {
        let mut response = reply(502, "<html>");
        response.headers = vec![("content-type".into(), "text/html; charset=utf-8".into())];
        assert!(!envelope(&response).understood);
        let refused = refusal(&response, "GET /x", "acme.example");
        assert!(
            refused
                .problem
                .hints()
                .iter()
                .any(|line| line.contains("proxy"))
        );
        let evil = reply(
            400,
            "{\"errors\":[{\"code\":\"X\",\"title\":\"\\u001b]0;owned\\u0007\"}]}",
        );
        let refused = refusal(&evil, "GET /x", "acme.example");
        assert!(!refused.problem.text().contains('\u{1b}'));
    }

    #[test]
    fn the_wait_is_read_from_the_sentence() {
        let body = r#"{"errors":[{"code":"HTTP-429","title":"API rate limit reached.","detail":"You need to wait 13 seconds until limit is lifted."}]}"#;
        let wait = wait_in_words(&envelope(&reply(429, body)));
        assert_eq!(wait, Some(std::time::Duration::from_secs(13)));
        assert_eq!(wait_in_words(&envelope(&reply(429, "{}"))), None);
    }
}
