//! Reading an answer's body strictly, and saying in one voice that no answer came.

use serde::de::DeserializeOwned;

use super::origin::Origin;
use crate::ports::{Kind, Problem, WireFailure, WireResponse};
use crate::text::Raw;

/// Parses a body as JSON of the shape wanted.
///
/// # Errors
/// `Protocol`, saying what was asked, what came instead and (for HTML) who may have sent it.
pub(in crate::connectors) fn parse_json<T: DeserializeOwned>(
    response: &WireResponse,
    what: &str,
) -> Result<T, Problem> {
    serde_json::from_slice(&response.body).map_err(|error| {
        let problem = Problem::new(
            Kind::Protocol,
            format!("The answer to {what} is not what the contract says: {error}"),
        );
        check_answer(problem, response)
    })
}

/// Adds a hint when the answer is a page for a browser. Of a server's own error that is common;
/// below 500 somebody else is answering (A11).
pub(in crate::connectors) fn check_answer(problem: Problem, response: &WireResponse) -> Problem {
    if !is_page(response) {
        return problem;
    }
    let problem = problem
        .hint("A web page came instead of data: a proxy or a sign-in portal may stand in between.");
    if response.status < 500 {
        problem.dead_end()
    } else {
        problem
    }
}

/// Whether the answer is a page for a browser.
pub(in crate::connectors) fn is_page(response: &WireResponse) -> bool {
    let kind = response.header("content-type").map(Raw::key);
    let kind = kind.unwrap_or_default();
    ["text/html", "application/xhtml"]
        .iter()
        .any(|page| kind.trim_start().starts_with(page))
}

/// Whether the answer has a body that says it is something else than JSON. One that says nothing is
/// judged by its content.
pub(in crate::connectors) fn is_other_than_json(response: &WireResponse) -> bool {
    let kind = response.header("content-type").map(Raw::key);
    !response.body.is_empty() && kind.is_some_and(|kind| !kind.contains("json"))
}

/// No answer came from a host.
pub(in crate::connectors) fn unreachable(origin: &Origin, failure: WireFailure) -> Problem {
    let host = origin.label();
    let problem = match &failure {
        WireFailure::NotSent(why) => {
            Problem::new(Kind::Network, format!("{host} cannot be reached: {why}"))
                .hint("Check the address, the network and the proxy settings.")
        }
        WireFailure::Untrusted(why) => Problem::new(
            Kind::Network,
            format!("The certificate of {host} is not trusted: {why}"),
        )
        .hint("Behind a proxy that inspects TLS, give its certificate with --ca-file.")
        .dead_end(),
        WireFailure::Ambiguous(why) => {
            Problem::new(Kind::Network, format!("{host} gave no whole answer: {why}"))
        }
    };
    problem.because(failure)
}
