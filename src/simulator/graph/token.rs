//! The token endpoint of Entra: client credentials with a secret (directories.md 2.2).

use std::collections::BTreeMap;

use serde_json::json;

use super::super::http::{Reply, Request, decode_pairs};
use super::super::world::Directory;

/// App registration that may read users and groups.
pub const CLIENT_ID: &str = "76d2ce8f-630b-4e5a-904b-a0d6a53aabc2";
/// Its secret.
pub const CLIENT_SECRET: &str = "sim-graph-secret";
/// Seconds a token lives.
pub(super) const TOKEN_LIFE: u64 = 3_599;

/// The refusal of the token endpoint: RFC 6749 with Microsoft's additions.
struct Refused(u16, &'static str, u32, String);

/// Answers a token request; `issue` makes and remembers the token.
pub(super) fn token(
    directory: &Directory,
    graph_root: &str,
    tenant: &str,
    request: &Request,
    trace: &str,
    issue: impl FnOnce() -> String,
) -> Reply {
    match check(directory, graph_root, tenant, request) {
        Ok(()) => Reply::ok(json!({
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFE,
            "ext_expires_in": TOKEN_LIFE,
            "access_token": issue(),
        })),
        Err(Refused(status, error, number, text)) => Reply::json(
            status,
            json!({
                "error": error,
                "error_description": format!("AADSTS{number}: {text} Trace ID: {trace}"),
                "error_codes": [number],
                "trace_id": trace,
                "correlation_id": trace,
                "error_uri": format!("https://login.microsoftonline.com/error?code={number}"),
            }),
        ),
    }
}

fn check(
    directory: &Directory,
    root: &str,
    tenant: &str,
    request: &Request,
) -> Result<(), Refused> {
    let known = tenant.eq_ignore_ascii_case(&directory.tenant_id)
        || tenant.eq_ignore_ascii_case(&directory.domain);
    if !known {
        let text = format!("Tenant '{tenant}' not found.");
        return Err(Refused(400, "invalid_request", 90_002, text));
    }
    if request.media_type().as_deref() != Some("application/x-www-form-urlencoded") {
        let text = "The request body must contain the following parameter: 'grant_type'.".into();
        return Err(Refused(400, "invalid_request", 900_144, text));
    }
    let form: BTreeMap<String, String> = decode_pairs(&request.body).into_iter().collect();
    let field = |name: &str| form.get(name).map(String::as_str);
    if field("grant_type") != Some("client_credentials") {
        let text = "The grant type is not supported here.".into();
        return Err(Refused(400, "unsupported_grant_type", 70_003, text));
    }
    let scope = field("scope").unwrap_or_default();
    let scopes = [
        "https://graph.microsoft.com/.default".to_owned(),
        format!("{root}/.default"),
    ];
    if !scopes.iter().any(|s| s == scope) {
        let text =
            format!("The provided value for the input parameter 'scope' ({scope}) is not valid.");
        return Err(Refused(400, "invalid_scope", 70_011, text));
    }
    let client = field("client_id").unwrap_or_default();
    if client != CLIENT_ID {
        let text =
            format!("Application with identifier '{client}' was not found in the directory.");
        return Err(Refused(400, "unauthorized_client", 700_016, text));
    }
    if field("client_secret") != Some(CLIENT_SECRET) {
        let text = "Invalid client secret provided.".into();
        return Err(Refused(401, "invalid_client", 7_000_215, text));
    }
    Ok(())
}
