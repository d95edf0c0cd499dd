//! Pages by cursor. Of a next link only the cursor is taken; the address is rebuilt on our own
//! origin and the path we called, since published links point at internal hosts (reliability 4.4).
//! A cursor that comes back is an error, an empty page with a next link is not the end, and an
//! expired cursor restarts the list once.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::marker::PhantomData;
use url::form_urlencoded::Serializer;

use super::client::{Ask, Client};
use super::refusal::Refused;
use crate::connectors::http::parse_json;
use crate::ports::{Bug, Kind, Problem, planted};

/// More pages than this are an endless list, not a long one (reliability C3).
const MOST_PAGES: usize = 10_000;

/// A list in any of Qlik's shapes.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    #[serde(default)]
    links: Option<Links>,
    #[serde(default, rename = "totalResults")]
    total: Option<u64>,
    #[serde(default)]
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct Links {
    #[serde(default)]
    next: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    href: Option<String>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(default)]
    count: Option<u64>,
}

/// Parameter and value of a cursor.
type Cursor = (&'static str, String);

enum Position {
    Start,
    At(Cursor),
    End,
}

/// A list read page by page.
pub(super) struct Chain<'a, T> {
    client: &'a Client,
    ask: Ask,
    parameters: Vec<(&'static str, String)>,
    position: Position,
    seen: BTreeSet<String>,
    restarted: bool,
    total: Option<u64>,
    items: PhantomData<fn() -> T>,
}

impl<'a, T: DeserializeOwned> Chain<'a, T> {
    /// A list below `ask.path` (without query) with these parameters; `limit` is added.
    pub(super) fn new(
        client: &'a Client,
        ask: Ask,
        parameters: Vec<(&'static str, String)>,
    ) -> Self {
        Self::limited(client, ask, parameters, 100)
    }

    /// The same in pages of so many.
    pub(super) fn limited(
        client: &'a Client,
        ask: Ask,
        mut parameters: Vec<(&'static str, String)>,
        limit: u8,
    ) -> Self {
        parameters.push(("limit", limit.to_string()));
        Self {
            client,
            ask,
            parameters,
            position: Position::Start,
            seen: BTreeSet::new(),
            restarted: false,
            total: None,
            items: PhantomData,
        }
    }

    /// Whether the last page was read.
    pub(super) fn ended(&self) -> bool {
        matches!(self.position, Position::End)
    }

    /// How many items the server says the list has.
    pub(super) fn total(&self) -> Option<u64> {
        self.total
    }

    /// The next page; nothing after the last one.
    pub(super) async fn next(&mut self) -> Result<Vec<T>, Refused> {
        let cursor = match &self.position {
            Position::End => return Ok(Vec::new()),
            Position::Start => None,
            Position::At(cursor) => Some(cursor),
        };
        let mut ask = self.ask.clone();
        ask.path = address(&self.ask.path, &self.parameters, cursor);
        let response = match self.client.read(&ask).await {
            Err(refused) if cursor.is_some() && !self.restarted && expired(&refused) => {
                self.restarted = true;
                self.seen.clear();
                self.position = Position::Start;
                ask.path = address(&self.ask.path, &self.parameters, None);
                self.client.read(&ask).await?
            }
            other => other?,
        };
        let page: Page<T> = parse_json(&response, &ask.label())?;
        let counted = page.total.or(page.meta.and_then(|meta| meta.count));
        self.total = self.total.or(counted);
        let href = page
            .links
            .and_then(|links| links.next)
            .and_then(|next| next.href);
        let ends = planted(Bug::WrongPageEnd) && page.data.is_empty();
        self.advance(href.filter(|href| !href.is_empty() && !ends))?;
        Ok(page.data)
    }

    fn advance(&mut self, href: Option<String>) -> Result<(), Problem> {
        let Some(href) = href else {
            self.position = Position::End;
            return Ok(());
        };
        let broken = |why: &str| {
            let text = format!(
                "{}: {why}, so the list cannot be read to its end.",
                self.ask.label()
            );
            Problem::new(Kind::Protocol, text)
        };
        let cursor = cursor_of(self.client, &href)
            .ok_or_else(|| broken("the link to the next page holds no cursor"))?;
        if self.seen.len() >= MOST_PAGES {
            return Err(broken("there are more than 10,000 pages"));
        }
        if !self.seen.insert(cursor.1.clone()) {
            return Err(broken("a page points back to one that was read"));
        }
        self.position = Position::At(cursor);
        Ok(())
    }
}

/// The cursor in a link, which may be absolute, relative, or on an internal host.
fn cursor_of(client: &Client, href: &str) -> Option<Cursor> {
    if planted(Bug::TokenToNextLink) {
        return Some(("", href.to_owned()));
    }
    let url = client.base().join(href).ok()?;
    url.query_pairs().find_map(|(name, value)| {
        let name = ["next", "page"].into_iter().find(|own| *own == name)?;
        (!value.is_empty()).then(|| (name, value.into_owned()))
    })
}

/// Path and encoded query.
pub(super) fn address(
    path: &str,
    parameters: &[(&'static str, String)],
    cursor: Option<&Cursor>,
) -> String {
    if let Some(("", href)) = cursor
        && planted(Bug::TokenToNextLink)
    {
        return href.clone();
    }
    let mut query = Serializer::new(String::new());
    for (name, value) in parameters.iter().chain(cursor) {
        query.append_pair(name, value);
    }
    format!("{path}?{}", query.finish())
}

/// Which code an expired cursor gives is not published; these statuses cannot mean the list itself,
/// since its first page was given.
fn expired(refused: &Refused) -> bool {
    matches!(refused.status, Some(400 | 404 | 410))
}
