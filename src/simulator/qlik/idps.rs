//! Identity providers: where a client can learn how subjects are made (dossier section 7).

use serde_json::{Value, json};

use super::super::http::Reply;
use super::super::world::{IdentityProvider, Tenant};
use super::check;
use super::errors::Refusal;
use super::page::Window;
use super::route::Context;
use super::users::stamp;

fn render(tenant: &Tenant, idp: &IdentityProvider) -> Value {
    let discovery = format!(
        "https://login.microsoftonline.com/{}/v2.0/.well-known/openid-configuration",
        idp.directory_tenant
    );
    let mut options = json!({
        "clientId": "76d2ce8f-630b-4e5a-904b-a0d6a53aabc2",
        "discoveryUrl": discovery,
        "emailVerifiedAlwaysTrue": true,
        "claimsMapping": {
            "sub": idp.subject_claims,
            "name": ["/name"],
            "email": ["/email"],
            "email_verified": ["/email_verified"],
            "groups": ["/groups"],
        },
    });
    if !idp.realm.is_empty() {
        options["realm"] = json!(idp.realm);
    }
    let mut record = json!({
        "id": idp.id,
        "protocol": "OIDC",
        "provider": "azureAD",
        "interactive": true,
        "active": true,
        "createNewUsersOnLogin": idp.creates_users,
        "description": "Entra ID",
        "tenantIds": [tenant.id],
        "created": stamp(idp.created),
        "lastUpdated": stamp(idp.created),
        "options": options,
        "pendingState": "verified",
    });
    if !idp.sample_subject.is_empty() {
        record["pendingResult"] = json!({
            "status": "success",
            "protocol": "OIDC",
            "resultantClaims": {"sub": idp.sample_subject, "email": idp.sample_mail},
        });
    }
    record
}

/// `GET /identity-providers`.
pub(super) fn list(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    let request = context.request;
    check::only(request, &["active", "limit", "next", "prev"])?;
    let active = request.parameter("active").is_none() || check::flag(request, "active")?;
    let window = Window::read(request, 20, 100, context.world.cursor_generation)?;
    let tenant = &context.world.tenant;
    let all: Vec<&IdentityProvider> = tenant.idps.iter().filter(|_| active).collect();
    let page = window.slice(all, false, |idp| (String::new(), idp.id.clone()));
    let data: Value = page.items.iter().map(|idp| render(tenant, idp)).collect();
    Ok(Reply::ok(
        json!({"data": data, "links": page.links(context.base, request)}),
    ))
}

/// `GET /identity-providers/status`.
pub(super) fn status(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let idps = &context.world.tenant.idps;
    let one =
        |_: &IdentityProvider| json!({"active": true, "interactive": true, "provider": "azureAD"});
    Ok(Reply::ok(json!({
        "active_interactive_idps_count": idps.len(),
        "idps_metadata": idps.iter().map(one).collect::<Value>(),
    })))
}

/// `GET /identity-providers/me/meta`: filled only while Qlik Account is the provider.
pub(super) fn meta(context: &mut Context<'_>, _: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    Ok(Reply::ok(json!({})))
}

/// `GET /identity-providers/{id}`.
pub(super) fn get(context: &mut Context<'_>, path: &[&str]) -> Result<Reply, Refusal> {
    check::only(context.request, &[])?;
    let tenant = &context.world.tenant;
    let id = path.get(1).copied().unwrap_or_default();
    let idp = tenant.idps.iter().find(|idp| idp.id == id);
    Ok(Reply::ok(render(
        tenant,
        idp.ok_or_else(|| Refusal::missing("IDP-404"))?,
    )))
}
