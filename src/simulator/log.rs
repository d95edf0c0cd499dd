//! The request log: what was asked, in order, so that tests can count calls instead of trusting them.

use jiff::Timestamp;
use serde::Serialize;

/// Bodies longer than this are cut in the log (bytes); the handler sees them whole.
const LOGGED_BODY: usize = 64 * 1024;

/// Which of the two servers was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Face {
    /// The Qlik Cloud tenant.
    Qlik,
    /// Microsoft Graph and its token endpoint.
    Graph,
}

/// One request as it arrived, with the status that was decided for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoggedRequest {
    /// Which server.
    pub face: Face,
    /// `GET`, `POST`, ...
    pub method: String,
    /// Path without the query, as sent.
    pub path: String,
    /// Query string as sent, without `?`; empty when there was none.
    pub query: String,
    /// Body as text (cut at 64 KiB); secrets of token requests are replaced by `***`.
    pub body: String,
    /// Status answered; 0 when the connection was closed without an answer.
    pub status: u16,
    /// Status that the world itself gave, whatever was answered; 0 when a fault kept the request
    /// from it. 2xx with another `status` is an effect that the client was not told of.
    pub effect: u16,
    /// When it was answered.
    pub at: Timestamp,
    /// Whether an `Authorization` header came with it. Its value is never kept.
    pub authorization_present: bool,
}

impl LoggedRequest {
    /// Method and path with ids replaced by `{id}`, for counting: `GET /api/v1/users/{id}`.
    pub fn template(&self) -> String {
        let mut out = format!("{} ", self.method);
        for segment in self.path.split('/').skip(1) {
            out.push('/');
            out.push_str(if is_id(segment) { "{id}" } else { segment });
        }
        out
    }
}

/// Ids of the world: 24 hex, 32 characters, or a GUID.
fn is_id(segment: &str) -> bool {
    let hexish = |c: char| c.is_ascii_hexdigit() || c == '-';
    match segment.len() {
        24 | 36 => segment.chars().all(hexish),
        32 => segment
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'),
        _ => false,
    }
}

/// The body as it may be kept: cut, and without secrets when it is a token request.
pub(super) fn loggable_body(path: &str, body: &[u8]) -> String {
    if path.contains("/token") || path.contains("/revoke") {
        return if body.is_empty() {
            String::new()
        } else {
            "***".into()
        };
    }
    let cut = body.get(..LOGGED_BODY).unwrap_or(body);
    String::from_utf8_lossy(cut).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_hide_ids_only() {
        let request = LoggedRequest {
            face: Face::Qlik,
            method: "PUT".into(),
            path: "/api/v1/spaces/67a1b2c3d4e5f60718293a02/assignments/68c1d2e3f4a5b6c7d8e9f001"
                .into(),
            query: String::new(),
            body: String::new(),
            status: 200,
            effect: 200,
            at: Timestamp::UNIX_EPOCH,
            authorization_present: true,
        };
        assert_eq!(
            request.template(),
            "PUT /api/v1/spaces/{id}/assignments/{id}"
        );
    }

    #[test]
    fn secrets_of_token_requests_are_not_kept() {
        assert_eq!(
            loggable_body("/oauth/token", b"{\"client_secret\":\"x\"}"),
            "***"
        );
        assert_eq!(loggable_body("/api/v1/users", b"{}"), "{}");
    }
}
