//! A wire that writes one line into the log for each exchange: method, address with its ids taken
//! out, status, milliseconds, the server's request id. Nothing else: no body, no header, no query.

use std::sync::Arc;
use url::Url;

use crate::ports::{Clock, Secret, Wire, WireFailure, WireRequest, WireResponse, Work};
use crate::text::{Raw, Shown};

/// Headers that name an exchange for the server's support (Qlik, Microsoft Graph).
const IDS: [&str; 3] = ["x-b3-traceid", "x-request-id", "request-id"];
/// Longest segment of a path that may be a word.
const WORD: usize = 32;

/// Is told every credential before it is sent.
pub type Learn = fn(&Secret);

/// [`Wire`] that logs.
pub struct LoggedWire {
    inner: Arc<dyn Wire>,
    clock: Arc<dyn Clock>,
    learn: Learn,
}

impl LoggedWire {
    /// Logs what goes over `inner`. `learn` is whoever keeps credentials out of the log: a token is
    /// known here first.
    pub fn new(inner: Arc<dyn Wire>, clock: Arc<dyn Clock>, learn: Learn) -> Self {
        Self {
            inner,
            clock,
            learn,
        }
    }

    async fn exchange(&self, request: WireRequest) -> Result<WireResponse, WireFailure> {
        if let Some(credential) = &request.authorization {
            (self.learn)(credential);
        }
        let method = request.method.word();
        let host = Raw::from(request.url.host_str().unwrap_or_default()).show();
        let path = template(&request.url);
        let own = own_id(&request);
        let begun = self.clock.now();
        let answer = self.inner.send(request).await;
        let millis = u64::try_from(self.clock.now().since(begun).as_millis()).unwrap_or(u64::MAX);
        match &answer {
            Ok(response) => {
                let id = server_id(response).or(own).map(|id| id.to_string());
                let wait = (response.status == 429)
                    .then(|| response.header("retry-after").map(Raw::show))
                    .flatten()
                    .map(|wait| wait.to_string());
                tracing::debug!(
                    method,
                    %host,
                    path,
                    status = response.status,
                    millis,
                    request_id = id,
                    retry_after = wait,
                    "request"
                );
            }
            Err(failure) => {
                let cause = Raw::from(failure.to_string()).show();
                let id = own.map(|id| id.to_string());
                tracing::warn!(method, %host, path, millis, request_id = id, %cause, "request without a whole answer");
            }
        }
        answer
    }
}

impl Wire for LoggedWire {
    fn reconnect(&self) {
        self.inner.reconnect();
    }

    fn send(&self, request: WireRequest) -> Work<'_, Result<WireResponse, WireFailure>> {
        Box::pin(self.exchange(request))
    }
}

/// The id that we gave the request ourselves (Microsoft Graph, `client-request-id`).
fn own_id(request: &WireRequest) -> Option<Shown> {
    let mut headers = request.headers.iter();
    let (_, id) = headers.find(|(name, _)| *name == "client-request-id")?;
    Some(Raw::from(id.as_str()).show())
}

/// The server's id, from a header, or from the envelope of a refusal (Qlik, `traceId`).
fn server_id(response: &WireResponse) -> Option<Shown> {
    if let Some(id) = IDS.iter().find_map(|name| response.header(name)) {
        return Some(id.show());
    }
    if response.status < 300 {
        return None;
    }
    let body: serde_json::Value = serde_json::from_slice(&response.body).ok()?;
    body.get("traceId")?.as_str().map(|id| Raw::from(id).show())
}

/// The path with `{id}` for everything that is not a word of the API.
fn template(url: &Url) -> String {
    let segments = url.path_segments().into_iter().flatten();
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        path.push_str(if is_word(segment) { segment } else { "{id}" });
    }
    path
}

/// Letters and a few signs, or a version like `v1.0`; never a number, a key or a name that needed
/// an escape.
fn is_word(segment: &str) -> bool {
    let version = segment
        .strip_prefix('v')
        .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'));
    let letters = segment
        .chars()
        .all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '.' | '$'));
    let hex = segment.len() >= 8 && segment.chars().all(|c| c.is_ascii_hexdigit());
    let known = segment == "oauth2";
    segment.len() <= WORD && !hex && (version || letters || known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_taken_out_of_paths() {
        for (address, path) in [
            ("https://a.example/api/v1/users?filter=x", "/api/v1/users"),
            (
                "https://a.example/api/v1/spaces/6500a1/assignments/77",
                "/api/v1/spaces/{id}/assignments/{id}",
            ),
            (
                "https://a.example/v1.0/groups/0d0f-1/transitiveMembers/microsoft.graph.user",
                "/v1.0/groups/{id}/transitiveMembers/microsoft.graph.user",
            ),
            (
                "https://a.example/t-1/oauth2/v2.0/token",
                "/{id}/oauth2/v2.0/token",
            ),
            (
                "https://a.example/api/v1/users/deadbeef",
                "/api/v1/users/{id}",
            ),
            ("https://a.example/x/Ada%20Test", "/x/{id}"),
        ] {
            assert_eq!(template(&address.parse().unwrap()), path);
        }
    }
}
