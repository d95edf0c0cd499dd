//! Groups and their settings.

use serde_json::json;

use super::super::walk::Walk;
use super::text;

const GROUPS: &str = "/api/v1/groups";
const GROUP: &str = "/api/v1/groups/{groupId}";

pub(super) async fn groups(walk: &mut Walk) {
    let page = "?limit=100&totalResults=true";
    walk.step(("GET", GROUPS), &[], page, None, (200, "groups"))
        .await;
    walk.step(
        ("GET", GROUPS),
        &[],
        "?systemGroups=true",
        None,
        (200, "system-groups"),
    )
    .await;
    let body = json!({"name": "QLIK_ANALYZERS", "providerType": "idp", "status": "active",
        "description": "Readers", "assignedRoles": [{"name": "Steward"}]});
    let group = walk
        .step(
            ("POST", GROUPS),
            &[],
            "",
            Some(body.clone()),
            (201, "group"),
        )
        .await;
    let id = text(&group["id"]);
    walk.step(("POST", GROUPS), &[], "", Some(body), (409, "errors"))
        .await;
    let filter = json!({"filter": "name eq \"QLIK_ANALYZERS\""});
    let actions = ("POST", "/api/v1/groups/actions/filter");
    walk.step(actions, &[], "", Some(filter), (200, "groups"))
        .await;
    walk.step(("GET", GROUP), &[&id], "", None, (200, "group"))
        .await;
    let patch = json!([{"op": "replace", "path": "/assignedRoles", "value": []}]);
    walk.step(("PATCH", GROUP), &[&id], "", Some(patch), (204, ""))
        .await;
    let rename = json!([{"op": "replace", "path": "/name", "value": "x"}]);
    walk.step(("PATCH", GROUP), &[&id], "", Some(rename), (400, "errors"))
        .await;
    let settings = "/api/v1/groups/settings";
    walk.step(("GET", settings), &[], "", None, (200, "group-settings"))
        .await;
    let patch = json!([{"op": "replace", "path": "/autoCreateGroups", "value": true}]);
    walk.step(("PATCH", settings), &[], "", Some(patch), (204, ""))
        .await;
    walk.step(("DELETE", GROUP), &[&id], "", None, (204, ""))
        .await;
    walk.step(("DELETE", GROUP), &[&id], "", None, (404, "errors"))
        .await;
}
