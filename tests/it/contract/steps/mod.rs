//! The walk: good answers first, then the refusals of each area.

mod groups;
mod licenses;
mod reads;
mod refusals;
mod spaces;
mod tenant;
mod users;

use qroll::simulator::{Face, SimulatorOptions};
use serde_json::{Value, json};

use super::walk::Walk;
use crate::simulator::client::Lab;

/// Operations of the document that qroll does not use yet, so the simulator does not serve them.
const NOT_SERVED: &[(&str, &str)] = &[
    ("GET", "/oauth/authorize"),
    ("POST", "/api/v1/users/actions/invite"),
    ("GET", "/api/v1/audits/archive"),
    ("GET", "/api/v1/api-keys"),
    ("GET", "/api/v1/api-keys/configs/{tenantId}"),
    ("GET", "/api/v1/oauth-tokens"),
];

#[tokio::test]
async fn every_answer_keeps_the_contract() {
    let mut walk = Walk::new(Lab::named("demo").await);
    tenant::tenant(&mut walk).await;
    users::users(&mut walk).await;
    groups::groups(&mut walk).await;
    licenses::licenses(&mut walk).await;
    spaces::spaces(&mut walk).await;
    reads::reads(&mut walk).await;
    refusals::refusals(&mut walk).await;
    assert!(walk.lab.sim.counts(Face::Qlik).len() > 40);
    walk.finish(NOT_SERVED);
}

pub(super) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

#[tokio::test]
async fn a_capacity_tenant_keeps_the_contract_too() {
    let mut walk = Walk::new(Lab::new(SimulatorOptions::named("s11")).await);
    let overview = ("GET", "/api/v1/licenses/overview");
    let body = walk
        .step(overview, &[], "", None, (200, "license-overview"))
        .await;
    assert_eq!(body["allotments"][0]["name"], "fullUser");
    let add = ("POST", "/api/v1/licenses/assignments/actions/add");
    let item = json!({"add": [{"subject": "x", "type": "fullUser"}]});
    let answer = walk
        .step(add, &[], "", Some(item), (207, "license-results"))
        .await;
    assert_eq!(
        answer["data"][0]["status"], 400,
        "sign-in takes the seat, not an assignment"
    );
}
