//! Lists that change while they are read (C1), and what proves them whole (C2).

use std::sync::Arc;

use super::*;
use crate::connectors::qlik::QlikCredential;
use crate::connectors::qlik::client::{Ask, Client};
use crate::connectors::testing::{Dice, ScriptedWire, VirtualClock, reply};
use crate::ports::Secret;

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Item {
    id: Raw,
    name: String,
}

impl Keyed for Item {
    fn key(&self) -> Raw {
        self.id.clone()
    }
}

/// A page of `id=name` items.
fn page(items: &[&str], next: Option<&str>, total: Option<usize>) -> String {
    let items: Vec<_> = items
        .iter()
        .filter_map(|item| item.split_once('='))
        .map(|(id, name)| serde_json::json!({"id": id, "name": name}))
        .collect();
    let link = next.map(|next| serde_json::json!({"href": format!("/list?next={next}")}));
    let mut page = serde_json::json!({"data": items, "links": {"next": link}});
    if let Some(total) = total {
        page["totalResults"] = total.into();
    }
    page.to_string()
}

async fn read(pages: &[String]) -> Reading<Vec<Item>> {
    let wire = ScriptedWire::new(pages.iter().map(|page| Ok(reply(200, page))));
    let address = "https://acme.eu.qlikcloud.com".parse().unwrap();
    let key = QlikCredential::ApiKey(Secret::new("k"));
    let (clock, dice) = (VirtualClock::shared(), Arc::new(Dice::new(1)));
    let client = Client::new(wire, clock, dice, &address, key).unwrap();
    let chain = Chain::new(&client, Ask::get("/list"), Vec::new());
    read_list(chain, None, || Expected::ByList, &|_, _| {})
        .await
        .unwrap()
}

fn names(reading: &Reading<Vec<Item>>) -> Vec<&str> {
    reading.value.iter().map(|item| &*item.name).collect()
}

#[tokio::test]
async fn what_comes_twice_the_same_is_folded() {
    let pages = [
        page(&["1=a", "2=b"], Some("x"), Some(3)),
        page(&["2=b", "3=c"], None, Some(3)),
    ];
    let reading = read(&pages).await;
    assert_eq!(names(&reading), ["a", "b", "c"]);
    assert!(matches!(reading.proof, Completeness::Proven(_)));
}

#[tokio::test]
async fn what_comes_twice_and_differs_keeps_the_later_and_is_moving() {
    let pages = [
        page(&["1=a", "2=old"], Some("x"), Some(3)),
        page(&["2=new", "3=c"], None, Some(3)),
    ];
    let reading = read(&pages).await;
    assert_eq!(names(&reading), ["a", "new", "c"]);
    assert!(reading.proof.is_moving(), "{:?}", reading.proof);
    assert!(reading.proof.is_proven() && reading.proof.wants_second_look());
    // A count that does not agree is worse.
    let pages = [
        page(&["1=a", "2=old"], Some("x"), Some(4)),
        page(&["2=new", "3=c"], None, Some(4)),
    ];
    let reading = read(&pages).await;
    assert!(!reading.proof.is_proven());
}

#[tokio::test]
async fn without_a_total_a_list_was_read_once() {
    let reading = read(&[page(&["1=a"], None, None)]).await;
    assert!(matches!(reading.proof, Completeness::Once(_)));
    let counted = read(&[page(&["1=a"], None, Some(1))]).await;
    assert!(matches!(counted.proof, Completeness::Proven(_)));
}

#[test]
fn two_parts_say_no_more_than_the_weaker_one() {
    let item = |id: &str| Item {
        id: Raw::from(id),
        name: String::new(),
    };
    let part = |ids: &[&str], proof: Completeness| Reading {
        value: ids.iter().map(|id| item(id)).collect(),
        proof,
    };
    let proven = || Completeness::proven("counted");
    let cut = || Completeness::Incomplete("cut".to_owned());
    let once = || Completeness::Once("once".to_owned());
    let moving = || Completeness::Moving("moving".to_owned());
    for (one, two, both_say) in [
        (proven(), proven(), proven()),
        (proven(), once(), once()),
        (once(), proven(), once()),
        (moving(), once(), moving()),
        (proven(), cut(), cut()),
        (cut(), moving(), cut()),
    ] {
        let read = both(part(&["1"], one), part(&["2"], two));
        assert_eq!((read.value.len(), read.proof), (2, both_say));
    }
    // Whoever went from one part to the other while they were read is in both.
    let read = both(part(&["1", "2"], proven()), part(&["2"], proven()));
    assert_eq!(read.value.len(), 2);
    assert!(read.proof.is_moving());
    let read = both(part(&["1"], cut()), part(&["1"], proven()));
    assert_eq!(read.proof, cut(), "what is cut stays cut");
}
