//! Lists and writes in the good case.

use std::collections::BTreeSet;

use serde_json::json;

use super::client::Lab;

/// Follows cursors the way the dossier says: query of the link only, on the path that was called.
async fn all(lab: &Lab, path: &str, query: &str) -> Vec<serde_json::Value> {
    let mut items = Vec::new();
    let mut query = query.to_owned();
    loop {
        let answer = lab.get(&format!("{path}?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let body = answer.json();
        items.extend(body["data"].as_array().expect("a list").iter().cloned());
        match body["links"]["next"]["href"].as_str() {
            Some(href) => query = String::from(href.split_once('?').expect("a query").1),
            None => return items,
        }
    }
}

#[tokio::test]
async fn lists_are_complete_whatever_the_page_size() {
    let lab = Lab::named("demo").await;
    let (users, licenses) = lab
        .sim
        .with_world(|w| (w.tenant.users.len(), w.tenant.licenses.len()));
    for (path, query, count) in [
        ("/api/v1/users", "limit=100", users),
        ("/api/v1/users", "limit=7&sort=-id", users),
        ("/api/v1/users", "limit=33&sort=%2Bemail", users),
        ("/api/v1/licenses/assignments", "limit=100", licenses),
        (
            "/api/v1/licenses/assignments",
            "limit=9&sort=-created",
            licenses,
        ),
        (
            "/api/v1/spaces",
            "limit=5",
            lab.sim.with_world(|w| w.tenant.spaces.len()),
        ),
        ("/api/v1/roles", "limit=3", 16),
    ] {
        let items = all(&lab, path, query).await;
        let distinct: BTreeSet<String> = items.iter().map(ToString::to_string).collect();
        assert_eq!(
            (items.len(), distinct.len()),
            (count, count),
            "{path}?{query}"
        );
    }
}

#[tokio::test]
async fn license_links_point_at_an_internal_host() {
    let lab = Lab::named("demo").await;
    let body = lab
        .get("/api/v1/licenses/assignments?limit=10")
        .await
        .json();
    let href = body["links"]["next"]["href"].as_str().unwrap();
    assert!(
        href.starts_with("http://license/v1/licenses/assignments?limit=10&page="),
        "{href}"
    );
}

#[tokio::test]
async fn a_person_is_enrolled_from_record_to_space() {
    let lab = Lab::named("s16").await;
    let body = json!({"subject": "new-subject", "email": "new@corp.example", "name": "New Person",
        "status": "invited", "assignedRoles": [{"name": "SharedSpaceCreator"}]});
    let created = lab.with("POST", "/api/v1/users", &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let add = json!({"add": [{"subject": "new-subject", "type": "professional"}]});
    let added = lab
        .with("POST", "/api/v1/licenses/assignments/actions/add", &add)
        .await;
    assert_eq!(
        (added.status, &added.json()["data"][0]["status"]),
        (207, &json!(201))
    );
    let spaces = lab.get("/api/v1/spaces?name=board&limit=100").await.json();
    let space = spaces["data"][0]["id"].as_str().unwrap();
    let path = format!("/api/v1/spaces/{space}/assignments");
    let assign = json!({"type": "user", "assigneeId": id, "roles": ["consumer"]});
    assert_eq!(lab.with("POST", &path, &assign).await.status, 201);
    let digest = lab.sim.world_digest();
    assert_eq!(
        digest["users"]["new-subject"]["roles"],
        json!(["SharedSpaceCreator"])
    );
    assert_eq!(digest["licenses"]["new-subject"], json!(["professional"]));
    let assignments = &digest["spaces"]["Board"]["assignments"];
    assert_eq!(assignments["user new-subject"], json!(["consumer"]));
}
