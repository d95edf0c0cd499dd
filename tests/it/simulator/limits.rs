//! Rate tiers and tokens over HTTP, with a clock that runs fast.

use qroll::simulator::{SimulatorOptions, WorldSize};
use serde_json::json;

use super::client::Lab;

#[tokio::test]
async fn a_burst_is_allowed_then_the_whole_tier_waits() {
    let lab = Lab::named("s16").await;
    let body = json!({"delete": [{"subject": "nobody", "type": "analyzer"}]});
    let delete = "/api/v1/licenses/assignments/actions/delete";
    for at in 0..500 {
        assert_eq!(
            lab.with("POST", delete, &body).await.status,
            207,
            "call {at}"
        );
    }
    let refused = lab.with("POST", delete, &body).await;
    assert_eq!(refused.status, 429);
    let wait: u64 = refused.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((200..=300).contains(&wait), "{wait}");
    let error = &refused.json()["errors"][0];
    assert_eq!(error["code"], "HTTP-429");
    assert!(
        error["detail"]
            .as_str()
            .unwrap()
            .contains(&format!("wait {wait} seconds"))
    );
    let other = lab
        .with("POST", "/api/v1/users", &json!({"subject": "s"}))
        .await;
    assert_eq!(other.status, 429, "all of the tier waits");
    assert_eq!(
        lab.get("/api/v1/users").await.status,
        200,
        "other tiers go on"
    );
    assert_eq!(lab.sim.world_digest()["users"].get("s"), None);
}

#[tokio::test]
async fn limits_can_be_switched_off() {
    let options = SimulatorOptions {
        unlimited: true,
        ..SimulatorOptions::named("s16")
    };
    let lab = Lab::new(options).await;
    let filter = json!({"filter": "name co \"a\""});
    for _ in 0..210 {
        let answer = lab
            .with("POST", "/api/v1/users/actions/filter", &filter)
            .await;
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn oauth_tokens_work_and_expire() {
    let mut lab = Lab::named("s16").await;
    let body = json!({"grant_type": "client_credentials", "client_id": lab.sim.client_id,
        "client_secret": lab.sim.client_secret});
    let token = lab.with("POST", "/oauth/token", &body).await.json();
    lab.key = token["access_token"].as_str().unwrap().to_owned();
    assert_eq!(lab.get("/api/v1/users").await.status, 200);
    let me = lab.get("/api/v1/users/me").await;
    let location = me.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(
        lab.get(&location).await.json()["clientId"],
        lab.sim.client_id
    );
    lab.sim
        .add_fault("expire-token@GET:/users#1".parse().unwrap());
    assert_eq!(lab.get("/api/v1/users").await.status, 401);
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=admin.users%3Aread",
        lab.sim.client_id, lab.sim.client_secret
    );
    let request = lab.request("POST", "/oauth/token");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let token = lab.send(request.body(form)).await.json();
    lab.key = token["access_token"].as_str().unwrap().to_owned();
    assert_eq!(lab.get("/api/v1/users").await.status, 200);
    assert_eq!(
        lab.get("/api/v1/licenses/overview").await.status,
        403,
        "scopes narrow"
    );
}

#[tokio::test]
async fn a_tenant_of_ten_thousand_costs_the_minimum_of_calls() {
    let size = WorldSize {
        people: 10_000,
        groups: 50,
        spaces: 200,
        users: Some(10_000),
        licenses: Some(8_000),
        ..WorldSize::default()
    };
    let lab = Lab::new(SimulatorOptions::sized(size)).await;
    let status = "(status eq \"active\" or status eq \"invited\" or status eq \"disabled\" or status eq \"provisioned\")";
    let filter: String = url::form_urlencoded::byte_serialize(status.as_bytes()).collect();
    let (mut query, mut users) = (format!("limit=100&totalResults=true&filter={filter}"), 0);
    loop {
        let body = lab.get(&format!("/api/v1/users?{query}")).await.json();
        assert_eq!(body["totalResults"], 10_000);
        users += body["data"].as_array().unwrap().len();
        let Some(href) = body["links"]["next"]["href"].as_str() else {
            break;
        };
        query = href.split_once('?').unwrap().1.to_owned();
    }
    assert_eq!(users, 10_000);
    let counts = lab.sim.counts(qroll::simulator::Face::Qlik);
    assert_eq!(counts.get("GET /api/v1/users"), Some(&100));
}
