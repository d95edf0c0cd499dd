//! Refusals in the envelopes the tenant uses (dossier 9.3).

use serde_json::{Map, Value, json};

use super::super::http::Reply;

/// Which variant of the envelope an area speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Envelope {
    /// `errors` and `traceId`.
    Usual,
    /// Also the deprecated `error` and `message`; no trace id.
    Licenses,
    /// Also the deprecated top-level `code` and `title`.
    Spaces,
    /// `status` of the item is text.
    Tenants,
}

/// What an error is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// A query parameter.
    Parameter(String),
    /// A place in the body, a JSON pointer.
    Pointer(String),
}

/// A refusal: nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: Box<str>,
    pub(super) title: Box<str>,
    pub(super) detail: Option<String>,
    pub(super) source: Option<Source>,
    pub(super) retry_after: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: impl Into<Box<str>>, title: impl Into<Box<str>>) -> Self {
        Self {
            status,
            code: code.into(),
            title: title.into(),
            detail: None,
            source: None,
            retry_after: None,
        }
    }

    /// 400 with a sentence about what is wrong.
    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Self::new(400, "HTTP-400", "Bad request").detail(detail)
    }

    /// 400 about one query parameter.
    pub(super) fn parameter(name: &str, detail: impl Into<String>) -> Self {
        let mut refusal = Self::bad(detail);
        refusal.source = Some(Source::Parameter(name.to_owned()));
        refusal
    }

    /// 400 about one place of the body, a JSON pointer.
    pub(super) fn body(pointer: &str, detail: impl Into<String>) -> Self {
        let mut refusal = Self::bad(detail);
        refusal.source = Some(Source::Pointer(pointer.to_owned()));
        refusal
    }

    pub(super) fn unauthorized(detail: &str) -> Self {
        Self::new(401, "HTTP-401", "Unauthorized").detail(detail)
    }

    pub(super) fn forbidden(detail: &str) -> Self {
        Self::new(403, "HTTP-403", "Forbidden").detail(detail)
    }

    pub(super) fn missing(code: &str) -> Self {
        Self::new(404, code, "Not found")
    }

    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The error item, as in `errors[]`.
    pub(super) fn item(&self, envelope: Envelope) -> Value {
        let mut item = Map::new();
        item.insert("code".into(), json!(self.code));
        item.insert("title".into(), json!(self.title));
        if let Some(detail) = &self.detail {
            item.insert("detail".into(), json!(detail));
        }
        if envelope == Envelope::Licenses {
            return Value::Object(item);
        }
        let status = if envelope == Envelope::Tenants {
            json!(self.status.to_string())
        } else {
            json!(self.status)
        };
        item.insert("status".into(), status);
        match &self.source {
            Some(Source::Parameter(name)) => {
                item.insert("source".into(), json!({"parameter": name}))
            }
            Some(Source::Pointer(place)) => item.insert("source".into(), json!({"pointer": place})),
            None => None,
        };
        Value::Object(item)
    }

    /// The whole reply.
    pub(super) fn reply(&self, envelope: Envelope, trace: &str) -> Reply {
        let errors = json!([self.item(envelope)]);
        let body = match envelope {
            Envelope::Licenses => {
                json!({"error": "util.Error", "message": self.title, "errors": errors})
            }
            Envelope::Spaces => {
                json!({"code": self.code, "title": self.title, "errors": errors, "traceId": trace})
            }
            Envelope::Usual | Envelope::Tenants => json!({"errors": errors, "traceId": trace}),
        };
        let reply = Reply::json(self.status, body).header("X-B3-Traceid", trace);
        match self.retry_after {
            Some(seconds) => reply.header("Retry-After", seconds.to_string()),
            None => reply,
        }
    }
}

/// The documented 429 (dossier 9.1), the same on every endpoint.
pub(super) fn too_many(seconds: u64) -> Refusal {
    let mut refusal = Refusal::new(429, "HTTP-429", "API rate limit reached.").detail(format!(
        "You need to wait {seconds} seconds until limit is lifted."
    ));
    refusal.retry_after = Some(seconds);
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_area_speaks_its_own_envelope() {
        let refusal = Refusal::new(409, "AssignmentConflict", "Assignment already exists");
        let spaces = refusal.reply(Envelope::Spaces, "t").body().unwrap().0;
        let spaces: Value = serde_json::from_slice(&spaces).unwrap();
        assert_eq!(spaces["code"], spaces["errors"][0]["code"]);
        let tenants = refusal.item(Envelope::Tenants);
        assert_eq!(tenants["status"], "409");
        assert!(refusal.item(Envelope::Licenses).get("status").is_none());
    }

    #[test]
    fn a_429_carries_the_wait_twice() {
        let reply = too_many(13).reply(Envelope::Usual, "t");
        assert!(reply.headers.contains(&("Retry-After", "13".into())));
        let body = reply.body().unwrap().0;
        assert!(String::from_utf8_lossy(&body).contains("You need to wait 13 seconds"));
    }
}
