//! A list in random pages: some empty, links that are relative, absolute, on an internal host or on a
//! stranger's server, which would answer too. Whatever is called whole must be whole (I6), and the
//! credential goes nowhere but home (I9).

use bytes::Bytes;
use futures_util::FutureExt as _;
use qroll::connectors::qlik::{QlikCredential, QlikTenant};
use qroll::host::memory::{SeededRng, VirtualClock};
use qroll::ports::{Secret, Tenant as _, Wire, WireFailure, WireRequest, WireResponse, Work};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

use super::dice::Dice;
use crate::commit::plans::morning;

const HOME: &str = "acme.eu.example";

/// Two servers that both know the list.
struct Servers {
    /// Items of each page.
    pages: Vec<u64>,
    links: Vec<&'static str>,
    strangers: Mutex<Vec<String>>,
}

impl Servers {
    fn draw(dice: &Dice) -> Self {
        let kinds = [
            "https://acme.eu.example",
            "",
            "http://spaces/v1",
            "https://evil.example",
            "https://acme.eu.example.evil.example",
        ];
        let pages: Vec<u64> = (0..dice.between(2, 6))
            .map(|_| {
                if dice.chance(300) {
                    0
                } else {
                    dice.between(1, 5)
                }
            })
            .collect();
        let links = pages.iter().filter_map(|_| dice.pick(&kinds).copied());
        Self {
            links: links.collect(),
            pages,
            strangers: Mutex::new(Vec::new()),
        }
    }

    fn page(&self, number: usize) -> Value {
        let before: u64 = self.pages.iter().take(number).sum();
        let items = self.pages.get(number).copied().unwrap_or_default();
        let data: Vec<Value> = (before..before + items)
            .map(|item| json!({"id": format!("row-{item}"), "type": "user", "assigneeId": format!("user-{item}"), "roles": ["consumer"]}))
            .collect();
        let more = number + 1 < self.pages.len();
        let next = more.then(|| {
            let link = self.links.get(number).copied().unwrap_or_default();
            json!({"href": format!("{link}/api/v1/spaces/s/assignments?next=cursor-{}", number + 1)})
        });
        json!({"data": data, "links": {"next": next}})
    }
}

impl Wire for Servers {
    fn send(&self, request: WireRequest) -> Work<'_, Result<WireResponse, WireFailure>> {
        let host = request.url.host_str().unwrap_or_default().to_owned();
        if request.authorization.is_some() && (host != HOME || request.url.scheme() != "https") {
            self.strangers.lock().expect("the wire").push(host);
        }
        let cursor = request.url.query_pairs().find(|(name, _)| name == "next");
        let number = cursor.and_then(|(_, value)| value.strip_prefix("cursor-")?.parse().ok());
        let body = self.page(number.unwrap_or_default());
        async move {
            Ok(WireResponse {
                status: 200,
                headers: vec![("content-type".to_owned(), "application/json".into())],
                body: Bytes::from(body.to_string()),
            })
        }
        .boxed()
    }
}

/// Reads one random list; gives what is wrong.
pub(super) fn read(seed: u64) -> Vec<String> {
    let dice = Dice::new(seed);
    let servers = Arc::new(Servers::draw(&dice));
    let clock = VirtualClock::new(morning());
    let tenant = QlikTenant::new(
        Arc::clone(&servers) as _,
        Arc::new(clock.clone()),
        Arc::new(SeededRng::new(seed)),
        &format!("https://{HOME}").parse().expect("an address"),
        QlikCredential::ApiKey(Secret::new("key")),
    )
    .expect("a tenant");
    let space = "s".into();
    let reading = clock.run(tenant.assignments(&space));
    let mut wrong = Vec::new();
    for host in servers.strangers.lock().expect("the wire").iter() {
        wrong.push(format!("I9: the credential went to {host}"));
    }
    let whole: u64 = servers.pages.iter().sum();
    match reading {
        Ok(reading) if reading.proof.is_proven() && reading.value.len() as u64 != whole => {
            wrong.push(format!(
                "I6: {} of {whole} rows called whole",
                reading.value.len()
            ));
        }
        Ok(reading) if !reading.proof.is_proven() => wrong.push("I5: never whole".to_owned()),
        Err(problem) => wrong.push(format!("I5: not read: {problem}")),
        Ok(_) => {}
    }
    wrong
}

#[test]
fn lists_are_read_to_their_end_and_the_credential_stays_at_home() {
    for seed in 0..200 {
        assert_eq!(read(seed), [""; 0], "seed {seed}");
    }
}
