//! API key or OAuth client credentials (dossier 1.2, 1.3). A token is asked for once and used for
//! 80 % of its life; the endpoint refuses clients that ask too often.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::connectors::http::{Fetched, parse_json};
use crate::ports::{Kind, Problem, Secret, WireResponse};
use crate::text::Raw;

/// How long a token lives when its answer does not say (qlik.dev, OAuth M2M: six hours).
const DEFAULT_LIFE: Duration = Duration::from_hours(6);

/// What the tenant knows us by.
#[derive(Clone, Debug)]
pub enum QlikCredential {
    /// An API key: acts as the user who made it, cannot be renewed.
    ApiKey(Secret),
    /// An OAuth client (machine to machine): acts as a bot with the rights of `TenantAdmin`.
    OAuth {
        /// Client id.
        client_id: String,
        /// Client secret.
        secret: Secret,
    },
}

#[derive(Serialize)]
struct TokenRequest<'a> {
    grant_type: &'static str,
    client_id: &'a str,
    client_secret: &'a str,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: Option<f64>,
    expires_at: Option<String>,
}

#[derive(Deserialize)]
struct Scopes {
    scope: Option<Raw>,
}

/// The scopes that came with a token, where they are told.
pub(super) fn token_scopes(response: &WireResponse) -> Option<Raw> {
    let told: Scopes = serde_json::from_slice(&response.body).ok()?;
    told.scope.filter(|scope| !scope.is_blank())
}

/// Body of the token request. Without `scope`, the token gets every scope of the client.
pub(super) fn token_body(client_id: &str, secret: &Secret) -> Bytes {
    let request = TokenRequest {
        grant_type: "client_credentials",
        client_id,
        client_secret: secret.expose(),
    };
    // A struct of strings always serialises.
    Bytes::from(serde_json::to_vec(&request).unwrap_or_default())
}

/// Reads the token and how long to use it. `wall` only serves answers that give an end instead of a
/// life.
pub(super) fn token_answer(response: &WireResponse, wall: Timestamp) -> Result<Fetched, Problem> {
    let answer: TokenAnswer = parse_json(response, "the token request").map_err(|problem| {
        // The parser's words could quote the answer, and the answer holds a token.
        Problem::new(
            problem.kind,
            "The answer to the token request holds no usable token.",
        )
    })?;
    if answer.access_token.is_empty() {
        return Err(Problem::new(
            Kind::Protocol,
            "The token endpoint gave an empty token.",
        ));
    }
    let until = |end: String| -> Option<Duration> {
        let end: Timestamp = end.parse().ok()?;
        Duration::try_from(end.duration_since(wall)).ok()
    };
    let life = answer
        .expires_in
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .or_else(|| answer.expires_at.and_then(until))
        .unwrap_or(DEFAULT_LIFE);
    Ok(Fetched {
        secret: Secret::new(answer.access_token),
        use_for: life.mul_f64(0.8),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::testing::reply;

    fn use_for(body: &str) -> u64 {
        let wall = "2026-11-24T06:00:00Z".parse().unwrap();
        token_answer(&reply(200, body), wall)
            .unwrap()
            .use_for
            .as_secs()
    }

    #[test]
    fn a_token_is_used_for_four_fifths_of_its_life() {
        assert_eq!(use_for(r#"{"access_token":"a","expires_in":1000}"#), 800);
        assert_eq!(
            use_for(r#"{"access_token":"a","expires_at":"2026-11-24T06:16:40.000Z"}"#),
            800
        );
        assert_eq!(use_for(r#"{"access_token":"a"}"#), 17_280);
    }

    #[test]
    fn an_answer_without_token_is_not_quoted() {
        let wall = Timestamp::UNIX_EPOCH;
        for body in [
            r#"{"token":"s3cret"}"#,
            r#"{"access_token":7,"x":"s3cret"}"#,
            "s3cret",
        ] {
            let problem = token_answer(&reply(200, body), wall).err().unwrap();
            assert!(!format!("{problem} {problem:?}").contains("s3cret"));
        }
    }
}
