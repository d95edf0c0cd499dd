//! Every class of answer to a write.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::connectors::qlik::QlikCredential;
use crate::connectors::testing::{Dice, ScriptedWire, VirtualClock, reply};
use crate::domain::Tier;
use crate::ports::{Clock as _, Secret};

type Answer = Result<WireResponse, WireFailure>;

fn call(method: Method, path: &str, body: &str) -> Prepared {
    Prepared {
        method,
        path: path.into(),
        body: body.as_bytes().to_vec(),
        tier: Tier::Two,
    }
}

fn create() -> Prepared {
    call(Method::Post, "/api/v1/users", r#"{"subject":"ACME\\x"}"#)
}

fn disable() -> Prepared {
    call(Method::Patch, "/api/v1/users/u1", "[]")
}

fn delete() -> Prepared {
    call(Method::Delete, "/api/v1/users/u1", "")
}

fn settings() -> Prepared {
    let body = r#"{"autoAssignProfessional":false,"autoAssignAnalyzer":false}"#;
    call(Method::Put, "/api/v1/licenses/settings", body)
}

fn add() -> Prepared {
    call(
        Method::Post,
        "/api/v1/licenses/assignments/actions/add",
        "{}",
    )
}

fn client(wire: Arc<ScriptedWire>, clock: Arc<VirtualClock>, oauth: bool) -> Client {
    let credential = if oauth {
        QlikCredential::OAuth {
            client_id: "c".into(),
            secret: Secret::new("s"),
        }
    } else {
        QlikCredential::ApiKey(Secret::new("key"))
    };
    let address = "https://acme.eu.qlikcloud.com".parse().unwrap();
    Client::new(wire, clock, Arc::new(Dice::new(1)), &address, credential).unwrap()
}

async fn sent(call: Prepared, answer: Answer) -> Reply {
    let wire = ScriptedWire::new([answer]);
    let client = client(wire.clone(), VirtualClock::shared(), false);
    let reply = send(&client, call).await;
    assert_eq!(wire.asked().len(), 1, "once and no more");
    reply
}

async fn answered(call: Prepared, status: u16, body: &str) -> Reply {
    sent(call, Ok(reply(status, body))).await
}

#[tokio::test]
async fn a_whole_echo_is_yes() {
    let body = r#"{"id":"u9","subject":"acme\\X"}"#;
    let reply = answered(create(), 201, body).await;
    assert!(matches!(reply, Reply::Yes { status: 201, id: Some(id), .. } if id == "u9"));
    let reply = answered(disable(), 204, "").await;
    assert!(matches!(
        reply,
        Reply::Yes {
            status: 204,
            id: None,
            ..
        }
    ));
    let put = call(
        Method::Put,
        "/api/v1/spaces/s/assignments/a1",
        r#"{"roles":["consumer"]}"#,
    );
    let reply = answered(put, 200, r#"{"id":"a1","roles":["consumer"]}"#).await;
    assert!(matches!(reply, Reply::Yes { .. }));
    let switches = r#"{"autoAssignProfessional":false,"autoAssignAnalyzer":false}"#;
    let put = call(Method::Put, "/api/v1/licenses/settings", switches);
    assert!(matches!(
        answered(put, 200, switches).await,
        Reply::Yes { .. }
    ));
}

#[tokio::test]
async fn unclear_successes_are_ambiguous() {
    for (call, status, body) in [
        (create(), 201, r#"{"id":"u9","subj"#),
        (create(), 201, ""),
        (create(), 201, r#"{"subject":"ACME\\x"}"#),
        (create(), 200, "<html>hello</html>"),
        (disable(), 207, r#"{"errors":[{"code":"USERS-7"}]}"#),
        (disable(), 200, "<html>"),
        (add(), 207, r#"{"data":[{"subject":"a""#),
        (add(), 207, r#"{"data":[{"subject":"a","status":"soon"}]}"#),
        (add(), 200, "{}"),
        // Nothing but 204 may be empty: a 202 has done nothing yet.
        (disable(), 200, ""),
        (disable(), 202, ""),
        (delete(), 200, ""),
        (delete(), 202, ""),
        (delete(), 202, "{}"),
        (settings(), 200, ""),
        (settings(), 202, ""),
    ] {
        let reply = answered(call, status, body).await;
        assert!(
            matches!(&reply, Reply::Ambiguous { status: Some(own), .. } if *own == status),
            "{status} {body}: {reply:?}"
        );
    }
}

#[tokio::test]
async fn a_207_gives_each_item_its_own_outcome() {
    let body = r#"{"data":[{"subject":"b","type":"analyzer","status":403,"code":"LICENSES-011","title":"None left"},
        {"subject":"a","type":"analyzer","status":"201"}]}"#;
    let Reply::Items { items, .. } = answered(add(), 207, body).await else {
        panic!("items expected");
    };
    let short: Vec<(&str, u16, bool)> = items
        .iter()
        .map(|item| (item.subject.expose(), item.status, item.code.is_some()))
        .collect();
    assert_eq!(short, [("b", 403, true), ("a", 201, false)]);
}

#[tokio::test]
async fn parsed_refusals_are_no_and_unparsed_ones_ambiguous() {
    let said = r#"{"errors":[{"code":"USERS-1","title":"Bad"}],"traceId":"t"}"#;
    for status in [400, 401, 403, 404, 413, 422] {
        let reply = answered(create(), status, said).await;
        let Reply::No {
            status: own,
            code,
            trace,
            ..
        } = reply
        else {
            panic!("{status} is no");
        };
        assert_eq!(
            (own, code, trace),
            (status, Some("USERS-1".into()), Some("t".into()))
        );
    }
    for status in [400, 403, 404] {
        let reply = answered(create(), status, "<html>portal</html>").await;
        assert!(matches!(reply, Reply::Ambiguous { .. }), "{status}");
    }
    for status in [408, 409, 418, 500, 502, 503, 504] {
        let reply = answered(create(), status, said).await;
        assert!(matches!(reply, Reply::Ambiguous { status: Some(own), .. } if own == status));
    }
}

fn with_header(status: u16, body: &str, name: &str, value: &str) -> WireResponse {
    let mut answer = reply(status, body);
    answer.headers.retain(|(own, _)| own != name);
    answer.headers.push((name.into(), value.into()));
    answer
}

#[tokio::test]
async fn redirects_are_named_and_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let answer = Ok(with_header(status, "", "location", "https://evil.example/"));
        let Reply::Foreign {
            status: own, cause, ..
        } = sent(create(), answer).await
        else {
            panic!("a redirect is not the tenant's answer");
        };
        assert_eq!(own, status);
        let said = "the tenant address redirects to https://evil.example/";
        assert_eq!(cause.expose(), said);
    }
}

#[tokio::test]
async fn somebody_elses_answer_is_foreign() {
    let page = |status| {
        Ok(with_header(
            status,
            "<html>",
            "content-type",
            "text/html; charset=x",
        ))
    };
    for (call, answer) in [
        (create(), page(200)),
        (disable(), page(200)),
        (add(), page(207)),
        (create(), page(400)),
        (create(), page(401)),
        (disable(), page(403)),
        (disable(), page(404)),
        // A stranger's 409 is not the tenant's word that something exists.
        (create(), page(409)),
        (
            create(),
            Ok(with_header(200, "ok", "content-type", "text/plain")),
        ),
        (
            create(),
            Ok(reply(201, r#"{"id":"u9","subject":"ACME\\other"}"#)),
        ),
        (
            create(),
            Ok(reply(
                200,
                r#"{"errors":[{"code":"X"}],"id":"u","subject":"ACME\\x"}"#,
            )),
        ),
        (disable(), Ok(reply(200, r#"{"errors":[{"code":"X"}]}"#))),
        (add(), Ok(reply(200, r#"{"errors":[{"code":"X"}]}"#))),
    ] {
        let reply = sent(call, answer.clone()).await;
        assert!(
            matches!(reply, Reply::Foreign { .. }),
            "{answer:?}: {reply:?}"
        );
    }
    for status in [500, 502, 503] {
        let reply = sent(create(), page(status)).await;
        assert!(
            matches!(reply, Reply::Ambiguous { .. }),
            "{status}: {reply:?}"
        );
    }
    assert!(matches!(
        sent(create(), page(429)).await,
        Reply::Throttled { .. }
    ));
}

#[tokio::test]
async fn failures_of_the_wire_keep_their_class() {
    let reply = sent(create(), Err(WireFailure::NotSent("dns".into()))).await;
    assert!(matches!(reply, Reply::NotSent { .. }));
    let reply = sent(create(), Err(WireFailure::Ambiguous("reset".into()))).await;
    assert!(matches!(reply, Reply::Ambiguous { status: None, .. }));
    let reply = sent(create(), Err(WireFailure::Untrusted("expired".into()))).await;
    let Reply::Barred { cause } = reply else {
        panic!("a refused certificate is final: {reply:?}");
    };
    assert!(cause.expose().contains("acme.eu.qlikcloud.com"));
}

#[tokio::test]
async fn a_429_pauses_the_tier_for_the_next() {
    let mut limit = reply(429, "{}");
    limit.headers.push(("retry-after".into(), "20".into()));
    let wire = ScriptedWire::new([Ok(limit), Ok(reply(204, ""))]);
    let clock = VirtualClock::shared();
    let client = client(wire, clock.clone(), false);
    let reply = send(&client, disable()).await;
    let wait = Some(Duration::from_secs(20));
    assert_eq!(reply, Reply::Throttled { wait });
    let held = send(&client, disable()).await;
    assert!(matches!(held, Reply::NotSent { .. }), "{held:?}");
    assert_eq!(clock.now().0, Duration::ZERO, "it does not wait on record");
    clock.advance(Duration::from_secs(22));
    assert!(matches!(send(&client, disable()).await, Reply::Yes { .. }));
}

#[tokio::test]
async fn one_new_token_after_a_401_then_no() {
    let token = || Ok(reply(200, r#"{"access_token":"t","expires_in":100}"#));
    let unsigned = || Ok(reply(401, r#"{"errors":[{"code":"AUTH-1"}]}"#));
    let wire = ScriptedWire::new([token(), unsigned(), token(), Ok(reply(204, ""))]);
    let fine = client(wire.clone(), VirtualClock::shared(), true);
    let first = send(&fine, disable()).await;
    assert!(matches!(first, Reply::Renewed { .. }), "{first:?}");
    assert_eq!(wire.asked().len(), 3, "the write went out once");
    assert!(matches!(send(&fine, disable()).await, Reply::Yes { .. }));
    let wire = ScriptedWire::new([token(), unsigned(), token(), unsigned()]);
    let dead = client(wire.clone(), VirtualClock::shared(), true);
    let first = send(&dead, disable()).await;
    assert!(matches!(first, Reply::Renewed { .. }), "{first:?}");
    assert!(matches!(
        send(&dead, disable()).await,
        Reply::No { status: 401, .. }
    ));
    assert_eq!(wire.asked().len(), 4);
}

#[tokio::test]
async fn a_token_that_served_may_expire_again() {
    let token = || Ok(reply(200, r#"{"access_token":"t","expires_in":100}"#));
    let unsigned = || Ok(reply(401, r#"{"errors":[{"code":"AUTH-1"}]}"#));
    let done = || Ok(reply(204, ""));
    let script = [
        token(),
        unsigned(),
        token(),
        done(),
        unsigned(),
        token(),
        done(),
    ];
    let client = client(ScriptedWire::new(script), VirtualClock::shared(), true);
    for renewed in [true, false, true, false] {
        let reply = send(&client, disable()).await;
        assert_eq!(matches!(reply, Reply::Renewed { .. }), renewed, "{reply:?}");
    }
}

#[tokio::test]
async fn what_names_the_unborn_is_not_sent() {
    let wire = ScriptedWire::new([]);
    let client = client(wire.clone(), VirtualClock::shared(), false);
    let reply = send(&client, call(Method::Post, "", "")).await;
    assert!(matches!(reply, Reply::No { status: 0, .. }));
    assert!(wire.asked().is_empty());
}
