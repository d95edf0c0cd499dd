//! Spaces and their assignments.

use serde_json::{Value, json};

use super::super::walk::Walk;
use super::text;

const SPACE: &str = "/api/v1/spaces/{spaceId}";
const ASSIGNMENTS: &str = "/api/v1/spaces/{spaceId}/assignments";
const ASSIGNMENT: &str = "/api/v1/spaces/{spaceId}/assignments/{assignmentId}";

pub(super) async fn spaces(walk: &mut Walk) {
    let list = ("GET", "/api/v1/spaces");
    let page = walk
        .step(list, &[], "?limit=100&name=Finance", None, (200, "spaces"))
        .await;
    walk.step(list, &[], "?limit=101", None, (400, "errors-spaces"))
        .await;
    walk.step(
        ("GET", "/api/v1/spaces/types"),
        &[],
        "",
        None,
        (200, "space-types"),
    )
    .await;
    let managed = page["data"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|s| s["type"] == "managed");
    let space = text(&managed.expect("a managed space")["id"]);
    walk.step(("GET", SPACE), &[&space], "", None, (200, "space"))
        .await;
    walk.step(("GET", SPACE), &["none"], "", None, (404, "errors-spaces"))
        .await;
    let patch = json!([{"op": "replace", "path": "/description", "value": "d"}]);
    walk.step(("PATCH", SPACE), &[&space], "", Some(patch), (200, "space"))
        .await;
    let bad = json!([{"op": "replace", "path": "/ownerId", "value": "nobody"}]);
    walk.step(
        ("PATCH", SPACE),
        &[&space],
        "",
        Some(bad),
        (400, "errors-spaces"),
    )
    .await;
    assignments(walk, &space).await;
}

async fn assignments(walk: &mut Walk, space: &str) {
    walk.step(
        ("GET", ASSIGNMENTS),
        &[space],
        "?limit=2",
        None,
        (200, "space-assignments"),
    )
    .await;
    let group = walk
        .lab
        .sim
        .with_world(|w| {
            w.tenant
                .group_named("QLIK_PRO", "idp")
                .map(|g| g.id.clone())
        })
        .expect("a known group");
    let body = |roles: Value| json!({"type": "group", "assigneeId": group, "roles": roles});
    let post = ("POST", ASSIGNMENTS);
    let illegal = Some(body(json!(["producer"])));
    walk.step(post, &[space], "", illegal, (400, "errors-spaces"))
        .await;
    let good = Some(body(json!(["consumer"])));
    let made = walk
        .step(post, &[space], "", good.clone(), (201, "space-assignment"))
        .await;
    walk.step(post, &[space], "", good, (409, "errors-spaces"))
        .await;
    let nobody = json!({"type": "user", "assigneeId": "nobody", "roles": ["consumer"]});
    walk.step(post, &[space], "", Some(nobody), (404, "errors-spaces"))
        .await;
    let id = text(&made["id"]);
    let ids: &[&str] = &[space, &id];
    walk.step(
        ("GET", ASSIGNMENT),
        ids,
        "",
        None,
        (200, "space-assignment"),
    )
    .await;
    let roles = json!({"roles": ["consumer", "publisher"]});
    walk.step(
        ("PUT", ASSIGNMENT),
        ids,
        "",
        Some(roles),
        (200, "space-assignment"),
    )
    .await;
    let none = json!({"roles": []});
    walk.step(
        ("PUT", ASSIGNMENT),
        ids,
        "",
        Some(none),
        (400, "errors-spaces"),
    )
    .await;
    walk.step(("DELETE", ASSIGNMENT), ids, "", None, (204, ""))
        .await;
    walk.step(
        ("DELETE", ASSIGNMENT),
        ids,
        "",
        None,
        (404, "errors-spaces"),
    )
    .await;
}
