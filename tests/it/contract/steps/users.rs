//! User records.

use serde_json::json;

use super::super::walk::Walk;
use super::text;

const USERS: &str = "/api/v1/users";
const USER: &str = "/api/v1/users/{userId}";

pub(super) async fn users(walk: &mut Walk) {
    let all = "?limit=100&totalResults=true&sort=%2Bid";
    let page = walk
        .step(("GET", USERS), &[], all, None, (200, "users"))
        .await;
    assert_eq!(page["data"].as_array().map(Vec::len), Some(100));
    let filter = json!({"filter": "subject co \"CORP\" or email co \"anna\""});
    let actions = ("POST", "/api/v1/users/actions/filter");
    walk.step(actions, &[], "?limit=100", Some(filter), (200, "users"))
        .await;
    walk.step(
        actions,
        &[],
        "",
        Some(json!({"filter": "x"})),
        (400, "errors"),
    )
    .await;
    let count = ("GET", "/api/v1/users/actions/count");
    walk.step(count, &[], "", None, (200, "user-count")).await;
    walk.step(("GET", "/api/v1/users/me"), &[], "", None, (301, ""))
        .await;
    let body = json!({"subject": "s", "name": "N", "email": "n@corp.example", "status": "invited",
        "assignedRoles": [{"name": "Steward"}]});
    let user = walk
        .step(("POST", USERS), &[], "", Some(body.clone()), (201, "user"))
        .await;
    let id = text(&user["id"]);
    walk.step(("POST", USERS), &[], "", Some(body), (409, "errors"))
        .await;
    walk.step(
        ("POST", USERS),
        &[],
        "",
        Some(json!({"name": "x"})),
        (400, "errors"),
    )
    .await;
    walk.step(("GET", USER), &[&id], "", None, (200, "user"))
        .await;
    walk.step(("GET", USER), &["nobody"], "", None, (404, "errors"))
        .await;
    let patch = json!([{"op": "renew", "path": "/inviteExpiry"},
        {"op": "replace", "path": "/name", "value": "M"}]);
    walk.step(("PATCH", USER), &[&id], "", Some(patch), (204, ""))
        .await;
    walk.step(("GET", USER), &[&id], "", None, (200, "user"))
        .await;
    let partly = json!([{"op": "replace", "path": "/status", "value": "disabled"},
        {"op": "add", "path": "/assignedRoles/-", "value": {"name": "Nope"}}]);
    walk.step(("PATCH", USER), &[&id], "", Some(partly), (207, "errors"))
        .await;
    let subject = json!([{"op": "replace", "path": "/subject", "value": "t"}]);
    walk.step(("PATCH", USER), &[&id], "", Some(subject), (400, "errors"))
        .await;
    walk.step(("DELETE", USER), &[&id], "", None, (204, ""))
        .await;
    walk.step(("DELETE", USER), &[&id], "", None, (404, "errors"))
        .await;
}
