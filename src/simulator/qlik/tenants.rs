//! The tenant itself, and how to get a token from it (dossier section 1).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::http::{Reply, Request, decode_pairs};
use super::auth::{Auth, CLIENT_ID, CLIENT_SECRET, Rights, TOKEN_LIFE};
use super::check;
use super::errors::Refusal;
use super::route::Context;
use super::users::stamp;

/// `GET /tenants/me`: 302 to the tenant (dossier 1.5).
pub(super) fn me(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let location = format!("/api/v1/tenants/{}", context.world.tenant.id);
    Ok(Reply::empty(302).header("Location", location))
}

/// `GET /tenants/{id}`.
pub(super) fn get(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let tenant = &context.world.tenant;
    if path.get(1).copied() != Some(tenant.id.as_str()) {
        return Err(Refusal::missing("TENANTS-8"));
    }
    Ok(Reply::ok(json!({
        "id": tenant.id,
        "name": tenant.name,
        "hostnames": tenant.hostnames,
        "region": "eu",
        "datacenter": "eu-west-1",
        "status": "active",
        "created": stamp(tenant.created),
        "lastUpdated": stamp(tenant.created),
        "createdByUser": tenant.admin,
        "autoAssignCreateSharedSpacesRoleToProfessionals": false,
        "autoAssignPrivateAnalyticsContentCreatorRoleToProfessionals": false,
        "autoAssignDataServicesContributorRoleToProfessionals": false,
        "links": {"self": {"href": format!("{}/api/v1/tenants/{}", context.base, tenant.id)}},
    })))
}

/// `GET /.well-known/oauth-authorization-server`.
pub(super) fn well_known(base: &str, request: &Request) -> Result<Reply, Refusal> {
    check::only(request, &[])?;
    Ok(Reply::ok(json!({
        "issuer": base,
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
        "authorization_endpoint": format!("{base}/oauth/authorize"),
        "token_endpoint": format!("{base}/oauth/token"),
        "revocation_endpoint": format!("{base}/oauth/revoke"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": ["code"],
    })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    grant_type: String,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
}

/// A body that may be JSON or a form.
fn json_or_form<T: serde::de::DeserializeOwned>(request: &Request) -> Result<T, Refusal> {
    if request.media_type().as_deref() != Some("application/x-www-form-urlencoded") {
        return check::body(request);
    }
    let pairs = decode_pairs(&request.body)
        .into_iter()
        .map(|(k, v)| (k, Value::String(v)));
    serde_json::from_value(pairs.collect())
        .map_err(|e| Refusal::body("", format!("The form cannot be understood: {e}.")))
}

/// `POST /oauth/token`, client credentials only.
pub(super) fn token(
    auth: &mut Auth,
    request: &Request,
    elapsed: Duration,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    check::only(request, &[])?;
    let body: TokenRequest = json_or_form(request)?;
    if body.grant_type != "client_credentials" {
        return Err(Refusal::bad("The grant type is not supported."));
    }
    let good = body.client_id.as_deref() == Some(CLIENT_ID)
        && body.client_secret.as_deref() == Some(CLIENT_SECRET);
    if !good {
        return Err(Refusal::unauthorized("The client id or secret is wrong."));
    }
    let Some(rights) = Rights::of_scopes(body.scope.as_deref()) else {
        return Err(Refusal::bad("A scope is not known."));
    };
    let token = auth.issue(rights, elapsed);
    let seconds = TOKEN_LIFE.as_secs();
    let life = SignedDuration::try_from(TOKEN_LIFE).unwrap_or_default();
    Ok(Reply::ok(json!({
        "access_token": token,
        "token_type": "bearer",
        "expires_in": seconds,
        "expires_at": stamp(now.checked_add(life).unwrap_or(now)),
        "scope": body.scope.unwrap_or_else(|| "admin_classic".into()),
    })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeRequest {
    client_id: Option<String>,
    client_secret: Option<String>,
    token: String,
    token_type_hint: Option<String>,
}

/// `POST /oauth/revoke`.
pub(super) fn revoke(auth: &mut Auth, request: &Request) -> Result<Reply, Refusal> {
    check::only(request, &[])?;
    let body: RevokeRequest = json_or_form(request)?;
    let hint = body.token_type_hint.as_deref();
    if hint.is_some_and(|h| !["access_token", "refresh_token"].contains(&h)) {
        return Err(Refusal::body("/token_type_hint", "The hint is not known."));
    }
    let good = body.client_id.as_deref() == Some(CLIENT_ID)
        && body.client_secret.as_deref() == Some(CLIENT_SECRET);
    if !good {
        return Err(Refusal::bad("The client id or secret is wrong."));
    }
    auth.revoke(&body.token);
    Ok(Reply::empty(200))
}
