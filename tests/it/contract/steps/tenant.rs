//! Tokens and the tenant itself.

use serde_json::json;

use super::super::walk::Walk;

const TOKEN: (&str, &str) = ("POST", "/oauth/token");

pub(super) async fn tenant(walk: &mut Walk) {
    let well_known = ("GET", "/.well-known/oauth-authorization-server");
    walk.step(well_known, &[], "", None, (200, "authorization-server"))
        .await;
    let (id, secret) = (
        walk.lab.sim.client_id.clone(),
        walk.lab.sim.client_secret.clone(),
    );
    let good =
        json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret});
    let token = walk.step(TOKEN, &[], "", Some(good), (200, "token")).await;
    let wrong = json!({"grant_type": "client_credentials", "client_id": id, "client_secret": "x"});
    walk.step(TOKEN, &[], "", Some(wrong), (401, "errors"))
        .await;
    walk.step(
        TOKEN,
        &[],
        "",
        Some(json!({"grant_type": "x"})),
        (400, "errors"),
    )
    .await;
    let revoke = json!({"client_id": id, "client_secret": secret, "token": token["access_token"]});
    walk.step(("POST", "/oauth/revoke"), &[], "", Some(revoke), (200, ""))
        .await;
    walk.step(("GET", "/api/v1/tenants/me"), &[], "", None, (302, ""))
        .await;
    let tenant = walk.lab.sim.with_world(|w| w.tenant.id.clone());
    let by_id = ("GET", "/api/v1/tenants/{tenantId}");
    walk.step(by_id, &[&tenant], "", None, (200, "tenant"))
        .await;
    walk.step(by_id, &["other"], "", None, (404, "errors-tenants"))
        .await;
}
