//! Faults over HTTP: what the client sees, and whether the effect happened.

use qroll::simulator::SimulatorOptions;
use serde_json::json;

use super::client::Lab;

async fn lab(faults: &[&str]) -> Lab {
    let mut options = SimulatorOptions::named("s16");
    for fault in faults {
        options = options.fault(fault.parse().expect("a fault"));
    }
    Lab::new(options).await
}

fn made(lab: &Lab) -> bool {
    lab.sim.world_digest()["users"].get("s").is_some()
}

/// Creates a user without expecting an answer: the status, or `None` when there was none.
async fn create(lab: &Lab) -> Option<u16> {
    let request = lab
        .request("POST", "/api/v1/users")
        .header("content-type", "application/json");
    let response = request
        .body(json!({"subject": "s"}).to_string())
        .send()
        .await
        .ok()?;
    Some(response.status().as_u16())
}

#[tokio::test]
async fn the_effect_happens_or_not_as_the_fault_says() {
    for (fault, status, effect) in [
        ("drop-before@POST:/users", None, false),
        ("drop-after@POST:/users", None, true),
        ("500-before@POST:/users", Some(500), false),
        ("500-after@POST:/users", Some(500), true),
        ("429=7@POST:/users", Some(429), false),
        ("403@qlik:POST:/users", Some(403), false),
        ("503@graph:POST:/users", Some(201), true),
    ] {
        let lab = lab(&[fault]).await;
        assert_eq!(create(&lab).await, status, "{fault}");
        assert_eq!(made(&lab), effect, "{fault}");
        let logged = lab.sim.requests();
        assert_eq!(logged.len(), 1, "{fault}: nothing is sent twice");
        assert_eq!(logged[0].status, status.unwrap_or(0), "{fault}");
        assert!(logged[0].authorization_present && logged[0].body.contains("\"s\""));
    }
}

#[tokio::test]
async fn answers_can_be_cut_malformed_or_somebody_elses() {
    let lab = lab(&[
        "cut-body@GET:/users#1",
        "malformed@GET:/users#2",
        "html@GET:/users#3",
    ])
    .await;
    let users = || lab.request("GET", "/api/v1/users");
    let cut = users().send().await.unwrap();
    assert_eq!(cut.status().as_u16(), 200);
    assert!(cut.text().await.is_err(), "the body breaks off");
    let malformed = lab.send(users()).await;
    assert_eq!(malformed.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&malformed.text).is_err());
    let html = lab.send(users()).await;
    assert_eq!(html.headers["content-type"], "text/html");
    assert!(
        lab.send(users()).await.json()["data"].is_array(),
        "the fourth is well again"
    );
}

#[tokio::test]
async fn cursors_expire_when_asked() {
    let lab = lab(&["expire-cursor@GET:/users#2"]).await;
    let first = lab.get("/api/v1/users?limit=10").await.json();
    let href = first["links"]["next"]["href"].as_str().unwrap();
    let next = format!("/api/v1/users?{}", href.split_once('?').unwrap().1);
    let expired = lab.get(&next).await;
    assert_eq!(expired.status, 400);
    assert!(expired.text.contains("expired"), "{}", expired.text);
    assert_eq!(lab.get("/api/v1/users?limit=10").await.status, 200);
}

#[tokio::test]
async fn one_subject_of_a_batch_fails_as_ordered() {
    let lab = lab(&["license-011@unlucky"]).await;
    let body = json!({"add": [{"subject": "lucky", "type": "professional"},
        {"subject": "unlucky", "type": "professional"}]});
    let answer = lab
        .with("POST", "/api/v1/licenses/assignments/actions/add", &body)
        .await;
    let data = answer.json()["data"].clone();
    assert_eq!(
        (&data[0]["status"], &data[1]["code"]),
        (&json!(201), &json!("LICENSES-011"))
    );
    assert_eq!(lab.sim.world_digest()["licenses"].get("unlucky"), None);
}

#[tokio::test]
async fn a_stopped_world_answers_no_more() {
    let lab = lab(&[]).await;
    assert_eq!(lab.get("/api/v1/users").await.status, 200);
    let url = format!("{}/api/v1/users", lab.sim.qlik_url);
    lab.sim.stop().await;
    assert!(lab.http.get(url).send().await.is_err());
}

#[tokio::test]
async fn the_control_pages_show_state_and_requests() {
    let lab = lab(&[]).await;
    create(&lab).await;
    let bare = lab
        .http
        .get(format!("{}/__sim/state", lab.sim.qlik_url))
        .send()
        .await
        .unwrap();
    let state: serde_json::Value = serde_json::from_str(&bare.text().await.unwrap()).unwrap();
    assert_eq!(state, lab.sim.world_digest());
    let requests = lab.get("/__sim/requests").await.json();
    assert_eq!(
        requests.as_array().map(Vec::len),
        Some(1),
        "control pages are not logged"
    );
    assert_eq!(requests[0]["path"], "/api/v1/users");
}

#[tokio::test]
async fn the_same_seed_and_moment_give_the_same_world() {
    let options = |seed| SimulatorOptions {
        epoch: Some("2026-11-24T06:00:00Z".parse().unwrap()),
        seed,
        ..SimulatorOptions::named("demo")
    };
    let (a, b) = (Lab::new(options(None)).await, Lab::new(options(None)).await);
    let path = "/api/v1/audits?limit=100";
    let of = |lab: &Lab, text: String| text.replace(&lab.sim.qlik_url, "");
    let (left, right) = (a.get(path).await.text, b.get(path).await.text);
    assert_eq!(of(&a, left), of(&b, right));
    assert_eq!(a.sim.world_digest(), b.sim.world_digest());
    let c = Lab::new(options(Some(7))).await;
    assert_ne!(a.sim.world_digest(), c.sim.world_digest());
}
