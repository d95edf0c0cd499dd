//! Strictness: each refusal has its status, an envelope, and no effect.

use qroll::simulator::SimulatorOptions;
use serde_json::{Value, json};

use super::client::Lab;

/// Sends and expects a refusal that leaves the world as it was.
async fn refused(lab: &Lab, method: &str, path: &str, body: Option<Value>, status: u16) {
    let before = lab.sim.world_digest();
    let answer = match &body {
        Some(body) => lab.with(method, path, body).await,
        None => lab.send(lab.request(method, path)).await,
    };
    let what = format!(
        "{method} {path} {body:?}: {} {}",
        answer.status, answer.text
    );
    assert_eq!(answer.status, status, "{what}");
    let first = &answer.json()["errors"][0];
    assert!(
        first["code"].is_string() && first["title"].is_string(),
        "{what}"
    );
    assert_eq!(lab.sim.world_digest(), before, "{what} had an effect");
}

#[tokio::test]
async fn unknown_parameters_and_values_are_refused() {
    let lab = Lab::named("s1").await;
    for path in [
        "/api/v1/users?status=active",
        "/api/v1/users?limit=0",
        "/api/v1/users?limit=101",
        "/api/v1/users?limit=ten",
        "/api/v1/users?limit=5&limit=6",
        "/api/v1/users?sort=age",
        "/api/v1/users?fields=id,age",
        "/api/v1/users?totalResults=yes",
        "/api/v1/users?next=nonsense",
        "/api/v1/users?filter=name%20ne%20%22a%22",
        "/api/v1/users?filter=status%20eq%20%22active%22%20or%20name%20co%20%22a%22",
        "/api/v1/groups?systemGroups=true&limit=5",
        "/api/v1/spaces?filter=x",
        "/api/v1/spaces?type=personal",
        "/api/v1/licenses/assignments?next=x",
        "/api/v1/audits?eventTime=yesterday",
    ] {
        refused(&lab, "GET", path, None, 400).await;
    }
    refused(&lab, "GET", "/api/v1/nothing", None, 404).await;
    refused(&lab, "PUT", "/api/v1/users", Some(json!({})), 405).await;
}

#[tokio::test]
async fn bodies_that_break_the_contract_are_refused() {
    let lab = Lab::named("s1").await;
    let users = "/api/v1/users";
    for (body, status) in [
        (json!([]), 400),
        (json!({"name": "n"}), 400),
        (json!({"subject": "s", "age": 3}), 400),
        (json!({"subject": " "}), 400),
        (
            json!({"subject": "s", "status": "active", "email": "a@corp.example"}),
            400,
        ),
        (json!({"subject": "s", "status": "invited"}), 400),
        (json!({"subject": "s", "email": "nobody"}), 400),
        (
            json!({"subject": "s", "assignedRoles": [{"name": "Nope"}]}),
            400,
        ),
        (json!({"subject": "s", "assignedGroups": []}), 400),
        (json!({"subject": "s", "name": "x".repeat(600_000)}), 413),
    ] {
        refused(&lab, "POST", users, Some(body), status).await;
    }
    for body in [
        json!({"name": ""}),
        json!({"name": "x".repeat(257)}),
        json!({"name": "g", "providerType": "system"}),
        json!({"name": "g", "status": "disabled"}),
        json!({"name": "g", "members": []}),
    ] {
        refused(&lab, "POST", "/api/v1/groups", Some(body), 400).await;
    }
    let add = "/api/v1/licenses/assignments/actions/add";
    let many: Vec<Value> = (0..101)
        .map(|i| json!({"subject": format!("s{i}"), "type": "analyzer"}))
        .collect();
    for body in [
        json!({"add": many}),
        json!({"add": [{"subject": "", "type": "analyzer"}]}),
        json!({"add": [{"subject": "s"}]}),
        json!({"add": [{"subject": "s", "type": "analyzer", "userId": "u"}]}),
        json!({"assignments": []}),
    ] {
        refused(&lab, "POST", add, Some(body), 400).await;
    }
}

#[tokio::test]
async fn a_wrong_content_type_has_no_effect() {
    let lab = Lab::named("s1").await;
    let before = lab.sim.world_digest();
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = lab
            .request("POST", "/api/v1/users")
            .header("content-type", kind);
        let answer = lab.send(request.body(r#"{"subject":"s"}"#)).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
    assert_eq!(lab.sim.world_digest(), before);
}

#[tokio::test]
async fn conflicts_ignore_case_and_status() {
    let lab = Lab::named("s9").await;
    let (subject, email, disabled) = lab.sim.with_world(|w| {
        let user = w
            .tenant
            .users
            .iter()
            .find(|u| u.subject.starts_with("ACME"))
            .cloned()
            .unwrap();
        w.tenant
            .users
            .update(&user.id, |u| u.status = "disabled".into());
        (
            user.subject.to_lowercase(),
            user.email.unwrap().to_uppercase(),
            user.id,
        )
    });
    refused(
        &lab,
        "POST",
        "/api/v1/users",
        Some(json!({"subject": subject})),
        409,
    )
    .await;
    let taken = json!({"subject": "fresh", "email": email});
    refused(&lab, "POST", "/api/v1/users", Some(taken), 409).await;
    let path = format!("/api/v1/users/{disabled}");
    for (op, place, value) in [
        ("replace", "/subject", json!("x")),
        ("replace", "/email", json!("x@corp.example")),
        ("replace", "/status", json!("invited")),
        ("set", "/name", json!("x")),
        ("replace", "/roles", json!([])),
        ("renew", "/inviteExpiry", Value::Null),
    ] {
        let body = json!([{"op": op, "path": place, "value": value}]);
        refused(&lab, "PATCH", &path, Some(body), 400).await;
    }
    let idp = lab
        .sim
        .with_world(|w| w.tenant.groups.keys().next().cloned())
        .unwrap();
    for op in [
        ("add", "/assignedGroups/-"),
        ("remove-value", "/assignedGroups"),
    ] {
        let body = json!([{"op": op.0, "path": op.1, "value": idp}]);
        refused(&lab, "PATCH", &path, Some(body), 400).await;
    }
    refused(&lab, "PATCH", &path, Some(json!([])), 400).await;
}

#[tokio::test]
async fn rights_are_checked_before_anything_happens() {
    let mut lab = Lab::new(SimulatorOptions::named("s1")).await;
    let body = json!({"subject": "s"});
    for (key, status) in [
        (lab.sim.read_only_key().to_owned(), 403),
        (lab.sim.no_rights_key().to_owned(), 403),
        ("nobody".to_owned(), 401),
    ] {
        lab.key = key;
        refused(&lab, "POST", "/api/v1/users", Some(body.clone()), status).await;
    }
    lab.key = lab.sim.no_rights_key().to_owned();
    refused(&lab, "GET", "/api/v1/users", None, 403).await;
    assert_eq!(
        lab.get("/api/v1/users/me").await.status,
        301,
        "everybody may ask who they are"
    );
}

#[tokio::test]
async fn license_items_fail_one_by_one() {
    let lab = Lab::named("s9").await;
    let held = lab
        .sim
        .with_world(|w| w.tenant.licenses.after(None).next().unwrap().1.clone());
    let add = "/api/v1/licenses/assignments/actions/add";
    let body = json!({"add": [
        {"subject": "new", "type": "analyzer"},
        {"subject": held.subject.to_lowercase(), "type": "analyzer"},
        {"subject": "new", "type": "Analyzer"},
    ]});
    let before = lab.sim.world_digest();
    let answer = lab.with("POST", add, &body).await;
    assert_eq!(answer.status, 207);
    let data = answer.json()["data"].clone();
    let statuses: Vec<&Value> = (0..3).map(|i| &data[i]["status"]).collect();
    assert_eq!(statuses, [403, 409, 400]);
    assert_eq!(data[0]["code"], "LICENSES-011");
    assert_eq!(lab.sim.world_digest(), before);
    let update = "/api/v1/licenses/assignments/actions/update";
    let body = json!({"update": [{"subject": "new", "sourceSubject": held.subject}]});
    let answer = lab.with("POST", update, &body).await;
    assert_eq!(
        answer.json()["data"][0]["status"],
        201,
        "a re-key needs no seat"
    );
    assert_eq!(
        lab.sim.with_world(|w| w.tenant.licenses.used("analyzer")),
        300
    );
}
