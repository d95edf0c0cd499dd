//! One HTTP request in, one response or one typed failure out. No retries, no redirects, no
//! cookies below this line: whoever sends decides what an unclear answer means (fact 2).

use bytes::Bytes;
use std::time::Duration;
use url::Url;

use super::Work;
use crate::text::Raw;

/// Methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "HTTP methods")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A request, ready to go.
#[derive(Clone, Debug)]
pub struct WireRequest {
    /// Method.
    pub method: Method,
    /// Absolute address.
    pub url: Url,
    /// Headers besides Authorization.
    pub headers: Vec<(&'static str, String)>,
    /// Value of the Authorization header; never in `Debug` output.
    pub authorization: Option<super::vault::Secret>,
    /// Body.
    pub body: Option<Bytes>,
    /// Deadline for the whole exchange.
    pub deadline: Duration,
    /// Largest body accepted, after decoding, in bytes.
    pub body_cap: usize,
}

/// A whole response.
#[derive(Clone, Debug)]
pub struct WireResponse {
    /// Status.
    pub status: u16,
    /// Headers with lower-case names.
    pub headers: Vec<(String, Raw)>,
    /// Body, decoded.
    pub body: Bytes,
}

impl WireResponse {
    /// A header by lower-case name.
    pub fn header(&self, name: &str) -> Option<&Raw> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }
}

/// Why there is no whole response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireFailure {
    /// Name resolution, connection or TLS failed before any byte of the request left.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Some of the request may have arrived: timeout, reset, cut or oversized body.
    #[error("no whole answer: {0}")]
    Ambiguous(String),
    /// The certificate is not accepted; trying again does not help.
    #[error("the certificate was refused: {0}")]
    Untrusted(String),
}

/// Sends requests.
pub trait Wire: Send + Sync {
    /// Forgets open connections: they may be dead without our knowing (D5).
    fn reconnect(&self) {}

    /// Sends once.
    fn send(&self, request: WireRequest) -> Work<'_, Result<WireResponse, WireFailure>>;
}
