//! Requests and replies as the two faces see them: plain, whole, and independent of hyper.

use bytes::Bytes;
use serde_json::Value;

/// A request, read whole, with its query already decoded.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) raw_query: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) content_type: Option<String>,
    pub(super) authorization: Option<String>,
    pub(super) consistency_level: Option<String>,
    pub(super) client_request_id: Option<String>,
    pub(super) body: Bytes,
}

impl Request {
    /// Path segments between slashes, without empty ones.
    pub(super) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|s| !s.is_empty()).collect()
    }

    /// First value of a query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(k, _)| k == name)
            .map(|(_, v)| v.as_str())
    }

    /// The bearer token, if there is one.
    pub(super) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.authorization.as_deref()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// The media type without parameters, in lower case.
    pub(super) fn media_type(&self) -> Option<String> {
        let full = self.content_type.as_deref()?;
        Some(
            full.split(';')
                .next()
                .unwrap_or(full)
                .trim()
                .to_ascii_lowercase(),
        )
    }
}

/// Decodes a query string or a form: `+` and `%xx`, pairs in the order sent.
pub(super) fn decode_pairs(raw: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(raw)
        .map(|(k, v)| (k.into_owned(), v.into_owned()))
        .collect()
}

/// What a reply carries.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Payload {
    Empty,
    Json(Value),
    Text(String, &'static str),
}

/// A reply before it is put on the wire.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) payload: Payload,
}

impl Reply {
    pub(super) fn json(status: u16, value: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            payload: Payload::Json(value),
        }
    }

    /// JSON that is written already.
    pub(super) fn raw_json(status: u16, text: String) -> Self {
        Self {
            status,
            headers: Vec::new(),
            payload: Payload::Text(text, "application/json"),
        }
    }

    pub(super) fn ok(value: Value) -> Self {
        Self::json(200, value)
    }

    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            payload: Payload::Empty,
        }
    }

    pub(super) fn text(status: u16, text: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            payload: Payload::Text(text.into(), "text/plain"),
        }
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The payload as bytes with its media type; `None` for an empty one.
    pub(super) fn body(&self) -> Option<(Bytes, &'static str)> {
        match &self.payload {
            Payload::Empty => None,
            Payload::Json(value) => Some((Bytes::from(value.to_string()), "application/json")),
            Payload::Text(text, kind) => Some((Bytes::from(text.clone()), kind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_decode_plus_and_percent() {
        let pairs = decode_pairs(b"sort=%2Bname&filter=name+eq+%22a%22");
        assert_eq!(pairs[0], ("sort".into(), "+name".into()));
        assert_eq!(pairs[1], ("filter".into(), "name eq \"a\"".into()));
    }
}
