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

/// Adds a hint when the answer looks like a page for a browser.
pub(in crate::connectors) fn check_answer(problem: Problem, response: &WireResponse) -> Problem {
    let kind = response.header("content-type").map(Raw::key);
    if kind.is_some_and(|kind| kind.starts_with("text/html")) {
        problem.hint(
            "A web page came instead of data: a proxy or a sign-in portal may stand in between.",
        )
    } else {
        problem
    }
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
        .hint("Behind a proxy that inspects TLS, give its certificate with --ca-file."),
        WireFailure::Ambiguous(why) => {
            Problem::new(Kind::Network, format!("{host} gave no whole answer: {why}"))
        }
    };
    problem.because(failure)
}
