//! Graph's error envelope (directories.md 2.10).

use serde_json::json;

use super::super::http::{Reply, Request};

/// A refusal of Graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) retry_after: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "Request_BadRequest", message)
    }

    pub(super) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(400, "Request_UnsupportedQuery", message)
    }

    pub(super) fn missing(id: &str) -> Self {
        let message = format!(
            "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
        );
        Self::new(404, "Request_ResourceNotFound", message)
    }

    pub(super) fn unauthorized(message: &str) -> Self {
        Self::new(401, "InvalidAuthenticationToken", message)
    }

    /// The refusal a fault asks for.
    pub(super) fn of_fault(status: u16, seconds: u64) -> Self {
        let mut refusal = match status {
            401 => Self::unauthorized("Lifetime validation failed, the token is expired."),
            403 => Self::new(
                403,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            ),
            404 => Self::missing("unknown"),
            429 => Self::new(429, "TooManyRequests", "Too many requests."),
            503 => Self::new(503, "ServiceUnavailable", "The service is unavailable."),
            504 => Self::new(504, "GatewayTimeout", "The gateway timed out."),
            status => Self::new(status, "UnknownError", "Asked for by a fault."),
        };
        if [429, 503].contains(&status) {
            refusal.retry_after = Some(seconds);
        }
        refusal
    }

    pub(super) fn reply(&self, request: &Request, request_id: &str) -> Reply {
        let client = request
            .client_request_id
            .clone()
            .unwrap_or_else(|| request_id.to_owned());
        let body = json!({
            "error": {
                "code": self.code,
                "message": self.message,
                "innerError": {"request-id": request_id, "client-request-id": client},
            },
        });
        let reply = Reply::json(self.status, body).header("request-id", request_id);
        match self.retry_after {
            Some(seconds) => reply.header("Retry-After", seconds.to_string()),
            None => reply,
        }
    }
}
