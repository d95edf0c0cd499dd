//! The Graph face over HTTP.

use std::collections::BTreeSet;

use qroll::simulator::SimulatorOptions;
use serde_json::Value;

use super::client::{Answer, Lab, read};

struct Graph {
    lab: Lab,
    token: String,
}

impl Graph {
    async fn new(scenario: &str) -> Self {
        let lab = Lab::new(SimulatorOptions::named(scenario)).await;
        let secret = lab.sim.graph_client_secret.clone();
        let answer = ask_token(&lab, &lab.sim.directory_tenant, &secret).await;
        let token = answer.json()["access_token"]
            .as_str()
            .expect("text")
            .to_owned();
        Self { lab, token }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(&format!("{}/v1.0{path}", self.lab.sim.graph_url), true)
            .await
    }

    async fn send(&self, url: &str, eventual: bool) -> Answer {
        let mut request = self.lab.http.get(url).bearer_auth(&self.token);
        if eventual {
            request = request.header("ConsistencyLevel", "eventual");
        }
        read(request.send().await.expect("an answer")).await
    }

    fn group(&self, name: &str) -> String {
        self.lab.sim.with_world(|w| {
            let at = w.directory.group_named(name).expect("a group");
            w.directory.groups[at].id.clone()
        })
    }

    async fn all(&self, path: &str) -> Vec<Value> {
        let mut answer = self.get(path).await;
        let mut items = Vec::new();
        loop {
            assert_eq!(answer.status, 200, "{}", answer.text);
            let body = answer.json();
            items.extend(body["value"].as_array().expect("a list").iter().cloned());
            let Some(next) = body["@odata.nextLink"].as_str() else {
                return items;
            };
            assert!(next.starts_with(&self.lab.sim.graph_url));
            answer = self.send(next, true).await;
            assert_eq!(
                answer.json().get("@odata.count"),
                None,
                "only the first page counts"
            );
        }
    }
}

async fn ask_token(lab: &Lab, tenant: &str, secret: &str) -> Answer {
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={secret}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        lab.sim.graph_client_id
    );
    let url = format!("{}/{tenant}/oauth2/v2.0/token", lab.sim.login_url);
    let request = lab
        .http
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded");
    read(request.body(form).send().await.expect("an answer")).await
}

#[tokio::test]
async fn tokens_are_given_and_refused_like_entra() {
    let lab = Lab::named("s1").await;
    let tenant = lab.sim.directory_tenant.clone();
    let wrong = ask_token(&lab, &tenant, "wrong").await;
    assert_eq!(
        (wrong.status, &wrong.json()["error"]),
        (401, &Value::from("invalid_client"))
    );
    assert!(
        wrong.json()["error_description"]
            .as_str()
            .unwrap()
            .starts_with("AADSTS7000215:")
    );
    let lost = ask_token(&lab, "elsewhere.example", "x").await;
    assert_eq!(lost.json()["error_codes"][0], 90002);
    let bare = lab
        .http
        .get(format!("{}/v1.0/users", lab.sim.graph_url))
        .send()
        .await
        .unwrap();
    let bare = read(bare).await;
    assert_eq!(
        (bare.status, bare.json()["error"]["code"].as_str()),
        (401, Some("InvalidAuthenticationToken"))
    );
    assert!(
        lab.sim.requests().iter().all(|r| !r.body.contains("wrong")),
        "secrets are not logged"
    );
}

#[tokio::test]
async fn members_direct_and_nested() {
    let graph = Graph::new("s1").await;
    let id = graph.group("QLIK_ANALYZERS");
    let select = "$select=id,displayName,mail,accountEnabled,userType&$count=true";
    let direct = graph
        .all(&format!(
            "/groups/{id}/members/microsoft.graph.user?{select}&$top=10"
        ))
        .await;
    assert_eq!(direct.len(), 36);
    let nested = graph
        .all(&format!(
            "/groups/{id}/transitiveMembers/microsoft.graph.user?{select}&$top=7"
        ))
        .await;
    let ids: BTreeSet<&str> = nested.iter().filter_map(|u| u["id"].as_str()).collect();
    assert_eq!((nested.len(), ids.len()), (40, 40));
    assert_eq!(
        nested
            .iter()
            .filter(|u| u["accountEnabled"] == false)
            .count(),
        2
    );
    let groups = graph
        .all(&format!(
            "/groups/{id}/members/microsoft.graph.group?$select=id,displayName&$count=true"
        ))
        .await;
    assert_eq!(groups[0]["displayName"], "Finance_EMEA");
    let mixed = graph.all(&format!("/groups/{id}/members")).await;
    assert_eq!(mixed.len(), 37);
    assert_eq!(
        mixed
            .iter()
            .filter(|m| m["@odata.type"] == "#microsoft.graph.group")
            .count(),
        1
    );
    let count = graph
        .get(&format!(
            "/groups/{id}/transitiveMembers/microsoft.graph.user/$count"
        ))
        .await;
    assert_eq!((count.status, count.text.as_str()), (200, "40"));
    let person = nested.last().unwrap()["id"].as_str().unwrap();
    let of = format!(
        "/users/{person}/transitiveMemberOf/microsoft.graph.group?$select=id,displayName&$count=true"
    );
    assert!(
        graph
            .all(&of)
            .await
            .iter()
            .any(|g| g["displayName"] == "QLIK_ANALYZERS")
    );
}

#[tokio::test]
async fn search_filter_order_and_count() {
    let graph = Graph::new("demo").await;
    let first = graph
        .get("/groups?$count=true&$top=3&$orderby=displayName")
        .await
        .json();
    assert_eq!(first["@odata.count"], 10);
    let names: Vec<&str> = first["value"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|g| g["displayName"].as_str())
        .collect();
    assert_eq!(names, ["All Hands", "Finance", "Finance_EMEA"]);
    let hits = graph
        .all("/groups?$search=%22displayName:finance%22&$count=true")
        .await;
    assert_eq!(hits.len(), 2);
    let prefix = "/groups?$filter=startswith(displayName,'QLIK')&$orderby=displayName&$count=true";
    assert_eq!(graph.all(prefix).await.len(), 4);
    let unified = "/groups?$filter=groupTypes/any(c:c%20eq%20'Unified')&$count=true";
    assert_eq!(graph.all(unified).await[0]["displayName"], "Sales");
    let found = graph
        .all(
            "/users?$search=%22displayName:ivanova%22%20OR%20%22mail:anna.andersson%22&$count=true",
        )
        .await;
    assert!(found.iter().any(|u| u["displayName"] == "Björn Ivanova"));
    assert!(found.iter().any(|u| u["displayName"] == "Anna Andersson"));
    let quoted = "/users?$filter=displayName%20eq%20'Dmitri%20O''Brien'";
    assert_eq!(graph.all(quoted).await.len(), 1);
    let people = graph.lab.sim.with_world(|w| w.directory.people.len());
    assert_eq!(
        graph
            .all("/users?$select=id&$top=999&$count=true")
            .await
            .len(),
        people
    );
    let ordered = graph
        .all("/users?$select=displayName&$top=100&$orderby=displayName")
        .await;
    let names: Vec<String> = ordered
        .iter()
        .filter_map(|u| u["displayName"].as_str())
        .map(str::to_lowercase)
        .collect();
    assert!(names.is_sorted() && names.len() == people);
}

#[tokio::test]
async fn what_graph_refuses() {
    let graph = Graph::new("s1").await;
    let root = format!("{}/v1.0", graph.lab.sim.graph_url);
    let id = graph.group("QLIK_ANALYZERS");
    for (path, code) in [
        ("/users?$top=1000".to_owned(), "Request_BadRequest"),
        ("/users?$skip=10".to_owned(), "Request_BadRequest"),
        ("/users?$select=shoeSize".to_owned(), "Request_BadRequest"),
        (
            "/users?$filter=shoeSize eq 'x'".to_owned(),
            "Request_BadRequest",
        ),
        ("/users?$skiptoken=x".to_owned(), "Request_BadRequest"),
        (
            "/users?$orderby=mail".to_owned(),
            "Request_UnsupportedQuery",
        ),
    ] {
        let answer = graph.get(&path).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["code"].as_str()),
            (400, Some(code)),
            "{path}"
        );
    }
    for path in [
        "/users?$search=%22displayName:a%22".to_owned(),
        "/users/$count".to_owned(),
        "/users?$filter=endsWith(mail,'x')&$count=true".to_owned(),
        format!("/groups/{id}/transitiveMembers/microsoft.graph.user?$count=true"),
    ] {
        let answer = graph.send(&format!("{root}{path}"), false).await;
        assert_eq!(answer.status, 400, "{path} needs the header");
    }
    let missing = graph
        .get("/groups/00000000-0000-0000-0000-000000000000")
        .await;
    assert_eq!(
        (missing.status, missing.json()["error"]["code"].as_str()),
        (404, Some("Request_ResourceNotFound"))
    );
    for (fault, status, code) in [
        ("403@graph:GET:/users#1", 403, "Authorization_RequestDenied"),
        ("429=4@graph:GET:/users#1", 429, "TooManyRequests"),
        (
            "expire-token@graph:GET:/users#1",
            401,
            "InvalidAuthenticationToken",
        ),
    ] {
        graph.lab.sim.add_fault(fault.parse().unwrap());
        let answer = graph.get("/users").await;
        assert_eq!(
            (answer.status, answer.json()["error"]["code"].as_str()),
            (status, Some(code))
        );
        assert_eq!(answer.headers.contains_key("retry-after"), status == 429);
        graph.lab.sim.clear_faults();
    }
}

#[tokio::test]
async fn hostile_names_travel_unchanged_and_cycles_end() {
    let graph = Graph::new("hostile").await;
    let users = graph.all("/users?$select=displayName&$top=5").await;
    assert!(users.iter().any(|u| {
        u["displayName"]
            .as_str()
            .is_some_and(|n| n.contains('\u{1b}'))
    }));
    let id = graph.group("Loop A");
    let path = format!("/groups/{id}/transitiveMembers/microsoft.graph.user?$count=true");
    assert_eq!(graph.all(&path).await.len(), 2);
}
