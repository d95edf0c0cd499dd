//! Refusals that every area shares.

use serde_json::json;

use super::super::walk::Walk;

const USERS: &str = "/api/v1/users";

pub(super) async fn refusals(walk: &mut Walk) {
    walk.lab.key = "wrong".into();
    walk.step(("GET", USERS), &[], "", None, (401, "errors"))
        .await;
    walk.step(
        ("GET", "/api/v1/spaces"),
        &[],
        "",
        None,
        (401, "errors-spaces"),
    )
    .await;
    let overview = ("GET", "/api/v1/licenses/overview");
    walk.step(overview, &[], "", None, (401, "errors-licenses"))
        .await;
    walk.lab.key = String::from(walk.lab.sim.read_only_key());
    walk.step(
        ("POST", USERS),
        &[],
        "",
        Some(json!({"subject": "x"})),
        (403, "errors"),
    )
    .await;
    walk.lab.key = String::from(walk.lab.sim.no_rights_key());
    walk.step(overview, &[], "", None, (403, "errors-licenses"))
        .await;
    walk.lab.key = String::from(walk.lab.sim.api_key());
    walk.lab
        .sim
        .add_fault("429@GET:/users#1".parse().expect("a fault"));
    walk.step(("GET", USERS), &[], "", None, (429, "errors"))
        .await;
    walk.lab
        .sim
        .add_fault("500@GET:/users#1".parse().expect("a fault"));
    walk.step(("GET", USERS), &[], "", None, (500, "errors"))
        .await;
}
