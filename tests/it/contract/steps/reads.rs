//! Roles, identity providers, audits, counters.

use super::super::walk::Walk;
use super::text;

pub(super) async fn reads(walk: &mut Walk) {
    let roles = walk
        .step(
            ("GET", "/api/v1/roles"),
            &[],
            "?limit=100",
            None,
            (200, "roles"),
        )
        .await;
    let role = text(&roles["data"][0]["id"]);
    walk.step(
        ("GET", "/api/v1/roles/{id}"),
        &[&role],
        "",
        None,
        (200, "role"),
    )
    .await;
    walk.step(
        ("GET", "/api/v1/roles/{id}"),
        &["none"],
        "",
        None,
        (404, "errors"),
    )
    .await;
    let idps = ("GET", "/api/v1/identity-providers");
    let page = walk
        .step(idps, &[], "?active=true", None, (200, "identity-providers"))
        .await;
    let idp = text(&page["data"][0]["id"]);
    let one = ("GET", "/api/v1/identity-providers/{id}");
    walk.step(one, &[&idp], "", None, (200, "identity-provider"))
        .await;
    walk.step(one, &["none"], "", None, (404, "errors")).await;
    for (path, schema) in [
        (
            "/api/v1/identity-providers/status",
            "identity-provider-status",
        ),
        (
            "/api/v1/identity-providers/me/meta",
            "identity-provider-meta",
        ),
        ("/api/v1/items", "items"),
        ("/api/v1/audits", "audits"),
        ("/api/v1/audits/types", "audit-words"),
        ("/api/v1/audits/sources", "audit-words"),
        ("/api/v1/audits/settings", "audit-settings"),
        ("/api/v1/consumption/executions", "consumption-executions"),
    ] {
        walk.step(("GET", path), &[], "", None, (200, schema)).await;
    }
    let login = "?eventType=com.qlik.core.user-session.begun&limit=100";
    walk.step(("GET", "/api/v1/audits"), &[], login, None, (200, "audits"))
        .await;
}
