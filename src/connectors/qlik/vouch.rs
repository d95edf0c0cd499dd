//! As whom a token acts (D3). Tenant and own user are read at the start, at each resume and, before
//! anything is written with it, for each token that was renewed: a secret that was changed may
//! belong to somebody else by now.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::client::Client;
use super::records::{TenantRecord, UserRecord};
use crate::connectors::http::{Bearer, parse_json};
use crate::domain::{Identity, TenantId, TenantInfo, UserId};
use crate::ports::{Kind, Problem};
use crate::text::Raw;

/// Who we were found to be, and for which token that was last asked.
#[derive(Default)]
pub(super) struct Acting {
    known: Mutex<Option<(TenantId, UserId)>>,
    serial: AtomicU64,
}

impl Acting {
    /// Whether writes with this token are known to be ours; also when nobody was found out yet.
    fn vouches_for(&self, bearer: &Bearer) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.is_none() || bearer.serial <= self.serial.load(Ordering::SeqCst)
    }

    /// Remembers the first answer; a later one must agree.
    fn agree(&self, tenant: &TenantInfo, identity: &Identity) -> Result<(), Problem> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (tenant.id.clone(), identity.user.clone());
        if *known.get_or_insert_with(|| now.clone()) == now {
            return Ok(());
        }
        let text = format!(
            "the credential now acts as {} in tenant {}, not as before; nothing was sent with it",
            identity.name.show(),
            tenant.name.show()
        );
        Err(Problem::new(Kind::Guard, text)
            .dead_end()
            .hint("Use the credential that the plan was made with, or make a new plan."))
    }
}

/// Reads tenant and own user.
///
/// # Errors
/// They cannot be read; `Guard` when they are others than before.
pub(super) async fn identify(client: &Client) -> Result<(TenantInfo, Identity), Problem> {
    let serial = client.bearer(None).await?.serial;
    let (tenant, user) = tokio::join!(
        client.read_me("/api/v1/tenants/me", "/api/v1/tenants/"),
        client.read_me("/api/v1/users/me", "/api/v1/users/"),
    );
    let user: UserRecord = parse_json(&user?, "GET /api/v1/users/me")?;
    let tenant: TenantRecord = parse_json(&tenant?, "GET /api/v1/tenants/me")?;
    let name = tenant.name.filter(|name| !name.is_blank());
    let info = TenantInfo {
        id: tenant.id,
        name: name.unwrap_or_else(|| Raw::from(client.origin.label())),
        url: Raw::from(client.base().as_str().trim_end_matches('/')),
        created_by: tenant
            .created_by_user
            .filter(|id| !id.trim().is_empty())
            .map(UserId::new),
    };
    let identity = user.into_identity();
    client.acting.agree(&info, &identity)?;
    client.acting.serial.fetch_max(serial, Ordering::SeqCst);
    Ok((info, identity))
}

/// Makes sure that a token writes as whom the first one did.
///
/// # Errors
/// As [`identify`].
pub(super) async fn vouch(client: &Client, bearer: &Bearer) -> Result<(), Problem> {
    if client.acting.vouches_for(bearer) {
        return Ok(());
    }
    identify(client).await.map(|_who| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::qlik::QlikCredential;
    use crate::connectors::qlik::send::send;
    use crate::connectors::testing::{Dice, ScriptedWire, VirtualClock, reply};
    use crate::domain::Tier;
    use crate::ports::{
        Method, Prepared, Reply, Secret, Wire, WireFailure, WireRequest, WireResponse, Work,
    };
    use std::sync::Arc;
    use std::time::Duration;

    /// Takes a while for each token but the first.
    struct Slow(Arc<ScriptedWire>, Arc<VirtualClock>);

    impl Wire for Slow {
        fn send(&self, request: WireRequest) -> Work<'_, Result<WireResponse, WireFailure>> {
            if request.url.path().contains("oauth") && !self.0.asked().is_empty() {
                self.1.advance(Duration::from_secs(3));
            }
            self.0.send(request)
        }
    }

    /// What is asked when somebody identifies, renews and writes, with this user after the renewal.
    async fn written_as(user: &str, slow: bool) -> (Reply, Vec<String>) {
        let token = r#"{"access_token":"t","expires_in":1000}"#;
        let tenant = r#"{"id":"t1","name":"Acme","createdByUser":"u9"}"#;
        let me =
            |id: &str| format!(r#"{{"id":"{id}","subject":"s","name":"N","status":"active"}}"#);
        let wire = ScriptedWire::new([
            Ok(reply(200, token)),
            Ok(reply(200, tenant)),
            Ok(reply(200, &me("u1"))),
            Ok(reply(200, token)),
            Ok(reply(200, tenant)),
            Ok(reply(200, &me(user))),
            Ok(reply(204, "")),
        ]);
        let clock = VirtualClock::shared();
        let credential = QlikCredential::OAuth {
            client_id: "c".into(),
            secret: Secret::new("s"),
        };
        let address = "https://acme.eu.qlikcloud.com".parse().unwrap();
        let dice = Arc::new(Dice::new(1));
        let line: Arc<dyn Wire> = if slow {
            Arc::new(Slow(wire.clone(), clock.clone()))
        } else {
            wire.clone()
        };
        let client = Client::new(line, clock.clone(), dice, &address, credential).unwrap();
        identify(&client).await.unwrap();
        clock.advance(Duration::from_mins(15));
        let call = Prepared {
            method: Method::Patch,
            path: "/api/v1/users/u7".into(),
            body: b"[]".to_vec(),
            tier: Tier::Two,
        };
        let reply = send(&client, call).await;
        let asked = wire.asked();
        let paths = asked.iter().map(|one| one.url.path().to_owned());
        (reply, paths.collect())
    }

    #[tokio::test]
    async fn a_token_that_took_long_sends_the_write_back_to_be_looked_at_again() {
        let (reply, asked) = written_as("u1", true).await;
        assert!(matches!(&reply, Reply::NotSent { cause } if cause.expose().contains("looked at")));
        assert_eq!(asked.len(), 6, "nothing was written: {asked:?}");
    }

    #[tokio::test]
    async fn who_made_the_tenant_is_read_and_an_empty_name_is_nobody() {
        for (sent, read) in [
            (r#","createdByUser":"u9""#, Some("u9")),
            (r#","createdByUser":" ""#, None),
            ("", None),
        ] {
            let tenant = format!(r#"{{"id":"t1","name":"Acme"{sent}}}"#);
            let me = r#"{"id":"u1","subject":"s","name":"N","status":"active"}"#;
            let wire = ScriptedWire::new([Ok(reply(200, &tenant)), Ok(reply(200, me))]);
            let address = "https://acme.eu.qlikcloud.com".parse().unwrap();
            let key = QlikCredential::ApiKey(Secret::new("k"));
            let (clock, dice) = (VirtualClock::shared(), Arc::new(Dice::new(1)));
            let client = Client::new(wire, clock, dice, &address, key).unwrap();
            let (info, identity) = identify(&client).await.unwrap();
            assert_eq!(info.created_by, read.map(UserId::from));
            assert_eq!(identity.user, UserId::from("u1"), "the owner of the key");
        }
    }

    #[tokio::test]
    async fn a_renewed_token_writes_only_as_the_same_user() {
        let (reply, asked) = written_as("u1", false).await;
        assert!(matches!(reply, Reply::Yes { .. }), "{reply:?}");
        assert_eq!(asked.len(), 7, "{asked:?}");
        assert_eq!(asked[6], "/api/v1/users/u7");
        let (reply, asked) = written_as("u2", false).await;
        assert!(matches!(&reply, Reply::Barred { cause } if cause.expose().contains("acts as")));
        assert_eq!(asked.len(), 6, "nothing was written: {asked:?}");
    }
}
