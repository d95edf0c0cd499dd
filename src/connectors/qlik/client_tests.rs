//! How a read behaves when it is refused, put off or broken.

use super::*;
use crate::connectors::testing::{Dice, ScriptedWire, VirtualClock, reply};
use crate::ports::Secret;

type Answer = Result<WireResponse, WireFailure>;

fn client(answers: Vec<Answer>, oauth: bool) -> (Arc<ScriptedWire>, Arc<VirtualClock>, Client) {
    let wire = ScriptedWire::new(answers);
    let clock = VirtualClock::shared();
    let credential = if oauth {
        QlikCredential::OAuth {
            client_id: "c".into(),
            secret: Secret::new("s"),
        }
    } else {
        QlikCredential::ApiKey(Secret::new("key"))
    };
    let address = "https://acme.eu.qlikcloud.com".parse().unwrap();
    let dice = Arc::new(Dice::new(5));
    let client = Client::new(wire.clone(), clock.clone(), dice, &address, credential).unwrap();
    (wire, clock, client)
}

#[expect(clippy::unnecessary_wraps, reason = "a script holds failures too")]
fn token(value: &str) -> Answer {
    let body = format!(r#"{{"access_token":"{value}","expires_in":21600}}"#);
    Ok(reply(200, &body))
}

#[expect(clippy::unnecessary_wraps, reason = "a script holds failures too")]
fn with(status: u16, header: &str, value: &str) -> Answer {
    let mut response = reply(status, "{}");
    response.headers.push((header.into(), value.into()));
    Ok(response)
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let answers = vec![
        token("a"),
        Ok(reply(401, "{}")),
        token("b"),
        Ok(reply(200, "{}")),
    ];
    let (wire, _, client) = client(answers, true);
    client.read(&Ask::get("/api/v1/users")).await.unwrap();
    let sent: Vec<Option<String>> = wire
        .asked()
        .iter()
        .map(|request| Some(request.authorization.as_ref()?.expose().to_owned()))
        .collect();
    let bearer = |token: &str| Some(format!("Bearer {token}"));
    assert_eq!(sent, [None, bearer("a"), None, bearer("b")]);
}

#[tokio::test]
async fn a_second_401_stops_and_so_does_the_first_of_an_api_key() {
    let answers = vec![
        token("a"),
        Ok(reply(401, "{}")),
        token("b"),
        Ok(reply(401, "{}")),
    ];
    let (wire, _, oauth) = client(answers, true);
    let refused = oauth.read(&Ask::get("/x")).await.unwrap_err();
    assert_eq!(refused.problem.kind, Kind::Auth);
    assert_eq!(wire.asked().len(), 4);
    let (wire, _, key) = client(vec![Ok(reply(401, "{}"))], false);
    assert_eq!(
        key.read(&Ask::get("/x")).await.unwrap_err().status,
        Some(401)
    );
    assert_eq!(wire.asked().len(), 1);
}

#[tokio::test]
async fn a_wrong_secret_is_an_auth_problem_in_both_shapes() {
    for body in [
        r#"{"error":"invalid_client","error_description":"no"}"#,
        r#"{"errors":[{"code":"OAUTH-1","title":"no"}]}"#,
    ] {
        let (_, _, client) = client(vec![Ok(reply(401, body))], true);
        let problem = client.read(&Ask::get("/x")).await.unwrap_err().problem;
        assert_eq!(problem.kind, Kind::Auth);
        assert!(
            problem
                .hints()
                .iter()
                .any(|hint| hint.contains("client id"))
        );
    }
}

#[tokio::test]
async fn a_429_waits_as_asked_and_reads_go_on() {
    let answers = vec![with(429, "retry-after", "13"), Ok(reply(200, "{}"))];
    let (_, clock, client) = client(answers, false);
    client.read(&Ask::get("/x")).await.unwrap();
    assert!(clock.now().0 >= Duration::from_secs(13));
    assert!(clock.now().0 < Duration::from_secs(15));
}

#[tokio::test]
async fn a_wait_of_more_than_five_minutes_is_for_the_operator() {
    let (wire, clock, client) = client(vec![with(429, "retry-after", "301")], false);
    let refused = client.read(&Ask::get("/x")).await.unwrap_err();
    assert_eq!(refused.problem.kind, Kind::Throttled);
    assert_eq!((wire.asked().len(), clock.now().0), (1, Duration::ZERO));
}

#[tokio::test]
async fn passing_troubles_are_tried_four_times() {
    let trouble = || {
        vec![
            Ok(reply(503, "")),
            Err(WireFailure::Ambiguous("reset".into())),
            Err(WireFailure::NotSent("dns".into())),
        ]
    };
    let mut answers = trouble();
    answers.push(Ok(reply(200, "{}")));
    let (_, _, fine) = client(answers, false);
    fine.read(&Ask::get("/x")).await.unwrap();
    let mut answers = trouble();
    answers.push(Ok(reply(502, "")));
    let (wire, _, dead) = client(answers, false);
    let refused = dead.read(&Ask::get("/x")).await.unwrap_err();
    assert!(refused.problem.is_transient());
    assert_eq!(wire.asked().len(), 4);
}

#[tokio::test]
async fn a_refused_certificate_is_final() {
    let (wire, _, client) = client(vec![Err(WireFailure::Untrusted("issuer".into()))], false);
    let problem = client.read(&Ask::get("/x")).await.unwrap_err().problem;
    assert!(
        problem
            .hints()
            .iter()
            .any(|hint| hint.contains("--ca-file"))
    );
    assert_eq!(wire.asked().len(), 1);
}

#[tokio::test]
async fn me_is_followed_inside_the_tenant_only() {
    let home = [
        "/api/v1/users/u1",
        "https://acme.eu.qlikcloud.com/api/v1/users/u1",
    ];
    for target in home {
        let answers = vec![with(301, "location", target), Ok(reply(200, "{}"))];
        let (wire, _, client) = client(answers, false);
        client
            .read_me("/api/v1/users/me", "/api/v1/users/")
            .await
            .unwrap();
        assert_eq!(wire.asked()[1].url.path(), "/api/v1/users/u1");
    }
    for target in [
        "https://evil.example/api/v1/users/u1",
        "//evil.example/api/v1/users/u1",
        "http://acme.eu.qlikcloud.com/api/v1/users/u1",
        "/login",
        "/api/v1/users/../../evil",
    ] {
        let (wire, _, client) = client(vec![with(301, "location", target)], false);
        let refused = client.read_me("/api/v1/users/me", "/api/v1/users/").await;
        assert_eq!(refused.unwrap_err().problem.kind, Kind::Guard, "{target}");
        assert_eq!(wire.asked().len(), 1, "{target}");
    }
}
