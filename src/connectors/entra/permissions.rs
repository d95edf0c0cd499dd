//! What a token may do, as it says itself. Only for telling: Microsoft keeps the form of its tokens for
//! itself, so nothing is decided by it, and a token that cannot be read tells nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::ports::Secret;
use crate::text::{Shown, show_str};

/// What qroll uses, what may stand in for it, and what every sign-in of a person brings.
const ENOUGH: [&str; 9] = [
    "User.Read.All",
    "GroupMember.Read.All",
    "User.ReadBasic.All",
    "Member.Read.Hidden",
    "User.Read",
    "openid",
    "profile",
    "email",
    "offline_access",
];

/// Application permissions stand in `roles`, delegated ones in `scp` (Microsoft, access token claims).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Claims {
    roles: Vec<String>,
    scp: String,
}

/// The permissions in a token.
pub(super) fn permissions(token: &Secret) -> Vec<String> {
    let claims = token.expose().split('.').nth(1);
    let claims = claims.and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
    let claims = claims.and_then(|claims| serde_json::from_slice::<Claims>(&claims).ok());
    let Claims { mut roles, scp } = claims.unwrap_or_default();
    roles.extend(scp.split_whitespace().map(str::to_owned));
    roles.sort();
    roles.dedup();
    roles
}

/// Those of them that reading people and groups does not need.
pub(super) fn beyond(permissions: &[String]) -> Vec<Shown> {
    let more = permissions.iter().filter(|one| {
        ENOUGH
            .iter()
            .all(|enough| !one.eq_ignore_ascii_case(enough))
    });
    more.map(|one| show_str(one)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> Secret {
        Secret::new(format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims)))
    }

    #[test]
    fn permissions_of_apps_and_of_people_are_told() {
        let app = permissions(&token(
            r#"{"roles":["User.Read.All","Directory.ReadWrite.All"]}"#,
        ));
        assert_eq!(app, ["Directory.ReadWrite.All", "User.Read.All"]);
        assert_eq!(beyond(&app), [show_str("Directory.ReadWrite.All")]);
        let person = permissions(&token(
            r#"{"scp":"openid User.Read.All GroupMember.Read.All"}"#,
        ));
        assert_eq!(beyond(&person), []);
    }

    #[test]
    fn a_token_that_cannot_be_read_tells_nothing() {
        for odd in ["", "opaque", "a.b.c", "a.e30.c", "a.IiI.c"] {
            assert!(permissions(&Secret::new(odd)).is_empty(), "{odd}");
        }
        assert!(permissions(&token(r#"{"roles":7}"#)).is_empty());
    }
}
