//! Licenses: reads, switches and actions.

use serde_json::{Value, json};

use super::super::walk::Walk;

pub(super) async fn licenses(walk: &mut Walk) {
    walk.step(
        ("GET", "/api/v1/licenses/overview"),
        &[],
        "",
        None,
        (200, "license-overview"),
    )
    .await;
    walk.step(
        ("GET", "/api/v1/licenses/status"),
        &[],
        "",
        None,
        (200, "license-status"),
    )
    .await;
    let settings = "/api/v1/licenses/settings";
    walk.step(("GET", settings), &[], "", None, (200, "license-settings"))
        .await;
    let off = json!({"autoAssignProfessional": false, "autoAssignAnalyzer": false});
    walk.step(
        ("PUT", settings),
        &[],
        "",
        Some(off),
        (200, "license-settings"),
    )
    .await;
    let half = json!({"autoAssignProfessional": false});
    walk.step(
        ("PUT", settings),
        &[],
        "",
        Some(half),
        (400, "errors-licenses"),
    )
    .await;
    let list = ("GET", "/api/v1/licenses/assignments");
    walk.step(list, &[], "?limit=100", None, (200, "license-assignments"))
        .await;
    walk.step(
        list,
        &[],
        "?orphans=true&limit=5",
        None,
        (200, "license-assignments"),
    )
    .await;
    walk.step(list, &[], "?limit=101", None, (400, "errors-licenses"))
        .await;
    let used = ("GET", "/api/v1/licenses/consumption");
    let recent = "?limit=200&filter=endTime%20ge%20%222020-01-01T00:00:00Z%22";
    walk.step(used, &[], recent, None, (200, "license-consumption"))
        .await;
    license_writes(walk).await;
}

async fn license_writes(walk: &mut Walk) {
    let item = |subject: &str, kind: &str| json!({"subject": subject, "type": kind});
    let items = ["a", "b", "c"].map(|s| item(s, "analyzer"));
    let add = ("POST", "/api/v1/licenses/assignments/actions/add");
    let added = walk
        .step(
            add,
            &[],
            "",
            Some(json!({"add": items})),
            (207, "license-results"),
        )
        .await;
    let statuses: Vec<&Value> = (0..3).map(|i| &added["data"][i]["status"]).collect();
    assert_eq!(
        statuses,
        [201, 201, 403],
        "two analyzers are left in the demo"
    );
    walk.step(
        add,
        &[],
        "",
        Some(json!({"add": []})),
        (400, "errors-licenses"),
    )
    .await;
    let update = ("POST", "/api/v1/licenses/assignments/actions/update");
    let moves = json!({"update": [{"subject": "d", "sourceSubject": "a", "type": "analyzer"},
        {"subject": "b", "sourceType": "analyzer", "type": "professional"},
        {"subject": "nobody", "type": "analyzer"}]});
    let moved = walk
        .step(update, &[], "", Some(moves), (207, "license-results"))
        .await;
    let statuses: Vec<&Value> = (0..3).map(|i| &moved["data"][i]["status"]).collect();
    assert_eq!(statuses, [201, 200, 404]);
    let delete = ("POST", "/api/v1/licenses/assignments/actions/delete");
    let gone = json!({"delete": [item("d", "analyzer"), item("d", "analyzer")]});
    let gone = walk
        .step(delete, &[], "", Some(gone), (207, "license-results"))
        .await;
    assert_eq!(gone["data"][1]["code"], "LICENSES-016");
}
