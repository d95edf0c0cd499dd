//! One search, page by page, to its end: and only the end that the server marks with success counts.
//! Entries, bytes, pages and time are capped, since the other side decides what it sends.

use ldap3::asn1::{PL, StructureTag, parse_tag};
use ldap3::controls::{Control, ControlType, PagedResults};
use ldap3::{Ldap, LdapResult, Scope, SearchOptions};
use std::collections::btree_map::Entry as Place;
use std::time::Duration;

use super::entry::Entry;
use super::refusal::{self, Broken};
use crate::ports::{Clock, Instant, Kind, Problem};

/// Active Directory cuts pages at 1,000 (`MaxPageSize`).
const PAGE: i32 = 1000;

/// What one search may take at most, whatever the other side sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest silence between two answers.
    pub silence: Duration,
    /// Longest search.
    pub search: Duration,
    /// Entries.
    pub entries: u64,
    /// Bytes of all entries.
    pub bytes: u64,
    /// Pages.
    pub pages: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            silence: Duration::from_mins(1),
            search: Duration::from_mins(30),
            entries: 2_000_000,
            bytes: 2 * 1024 * 1024 * 1024,
            pages: 10_000,
        }
    }
}

/// Where a search runs: the server's name, the connection, time, and what it may take.
pub(super) struct Desk<'a> {
    pub(super) label: &'a str,
    pub(super) ldap: Ldap,
    pub(super) clock: &'a dyn Clock,
    pub(super) limits: Limits,
}

impl Desk<'_> {
    /// For a search beside others on the same connection.
    pub(super) fn again(&self) -> Self {
        Self {
            ldap: self.ldap.clone(),
            ..*self
        }
    }
}

/// What to look for.
#[derive(Clone, Copy)]
pub(super) struct Query<'a> {
    pub(super) base: &'a str,
    pub(super) scope: Scope,
    pub(super) filter: &'a str,
    pub(super) attributes: &'a [&'a str],
}

/// How a search ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// With success after the last page.
    Whole,
    /// With a part; why.
    Short(String),
    /// With a part, since the connection went away; why. Another attempt begins at the first page.
    Cut(String),
}

/// What one search took so far.
struct Meter<'a> {
    clock: &'a dyn Clock,
    limits: Limits,
    until: Instant,
    entries: u64,
    bytes: u64,
    references: Vec<String>,
    mangled: u64,
}

/// Searches and hands each entry over as it comes.
///
/// # Errors
/// What the server refuses outright, and a connection that is gone.
pub(super) async fn search(
    desk: &mut Desk<'_>,
    query: Query<'_>,
    take: &mut (impl FnMut(Entry) + Send),
) -> Result<Ended, Broken> {
    let mut meter = Meter::new(desk);
    let (mut size, mut cookie) = (PAGE, Vec::new());
    for _ in 0..desk.limits.pages {
        let before = meter.entries;
        let asked = PagedResults {
            size,
            cookie: cookie.clone(),
        };
        desk.ldap
            .with_controls(asked)
            .with_search_options(SearchOptions::new())
            .with_timeout(desk.limits.silence);
        let result = match page(desk, query, &mut meter, take).await {
            Ok(result) => result,
            Err(broken) if broken.gone && meter.entries > 0 => {
                return Ok(Ended::Cut(broken.problem.to_string()));
            }
            Err(broken) => return Err(broken),
        };
        match result.rc {
            0 => {}
            // OpenLDAP with a cap on pages; nothing was sent.
            11 if cookie.is_empty() && meter.entries == before && size > 1 => {
                size /= 2;
                continue;
            }
            _ => return refused(desk.label, query, &result, &meter),
        }
        let next = next(&result.ctrls).map_err(|text| nonsense(desk.label, text))?;
        let Some(next) = next else {
            return Ok(meter.ended());
        };
        if next == cookie && meter.entries == before {
            let text = "the server gives the same page again and again";
            return Ok(Ended::Short(text.to_owned()));
        }
        cookie = next;
    }
    Ok(Ended::Short(format!(
        "the server sends more than {} pages",
        desk.limits.pages
    )))
}

/// Reads one page to its result.
async fn page(
    desk: &mut Desk<'_>,
    query: Query<'_>,
    meter: &mut Meter<'_>,
    take: &mut (impl FnMut(Entry) + Send),
) -> Result<LdapResult, Broken> {
    let label = desk.label;
    let started = desk
        .ldap
        .streaming_search(query.base, query.scope, query.filter, query.attributes)
        .await;
    let mut stream = started.map_err(|error| refusal::lost(label, error))?;
    loop {
        let item = stream.next().await;
        let Some(item) = item.map_err(|error| refusal::lost(label, error))? else {
            return Ok(stream.finish().await);
        };
        if item.is_ref() {
            meter.references.extend(references(item.0));
        } else if !item.is_intermediate() {
            let taken = meter.take(item.0, take);
            taken.map_err(|text| nonsense(label, &text))?;
        }
    }
}

fn refused(
    label: &str,
    query: Query<'_>,
    result: &LdapResult,
    meter: &Meter<'_>,
) -> Result<Ended, Broken> {
    match refusal::short(result) {
        Some(cause) => Ok(Ended::Short(cause)),
        // Something came, so it is a part and not a refusal.
        None if meter.entries > 0 => Ok(Ended::Short(format!(
            "the search ended with {}",
            refusal::words(result)
        ))),
        None => Err(refusal::search(label, query.base, query.filter, result).into()),
    }
}

/// A cap was met or nothing can be read any more: the connection is not used again.
fn nonsense(label: &str, text: &str) -> Broken {
    Problem::new(Kind::Protocol, format!("{label} {text}")).into()
}

impl<'a> Meter<'a> {
    fn new(desk: &Desk<'a>) -> Self {
        Self {
            clock: desk.clock,
            limits: desk.limits,
            until: desk.clock.now().plus(desk.limits.search),
            entries: 0,
            bytes: 0,
            references: Vec::new(),
            mangled: 0,
        }
    }

    fn take(
        &mut self,
        tag: StructureTag,
        take: &mut (impl FnMut(Entry) + Send),
    ) -> Result<(), String> {
        self.entries += 1;
        self.bytes = self.bytes.saturating_add(weight(&tag));
        if self.entries > self.limits.entries || self.bytes > self.limits.bytes {
            return Err(format!(
                "sends without end: {} entries, {} MiB so far",
                self.entries,
                self.bytes / 1024 / 1024
            ));
        }
        if self.clock.now() > self.until {
            let minutes = self.limits.search.as_secs() / 60;
            return Err(format!("needs more than {minutes} min for one search"));
        }
        match entry(tag) {
            Some(entry) => take(entry),
            None => self.mangled += 1,
        }
        Ok(())
    }

    fn ended(&self) -> Ended {
        if self.mangled > 0 {
            return Ended::Short(format!(
                "{} entries cannot be read: their DN or an attribute's name is no UTF-8",
                self.mangled
            ));
        }
        // Continuation references that Active Directory always gives, and that hold no people.
        let elsewhere = self.references.iter().find(|reference| {
            let reference = reference.to_lowercase();
            ![
                "/cn=configuration,",
                "/dc=domaindnszones,",
                "/dc=forestdnszones,",
            ]
            .iter()
            .any(|usual| reference.contains(usual))
        });
        match elsewhere {
            Some(reference) => Ended::Short(format!(
                "a part lies on another server, which is not followed: {reference}"
            )),
            None => Ended::Whole,
        }
    }
}

/// The cookie of the next page; nothing after the last, and where the server does not page.
fn next(controls: &[Control]) -> Result<Option<Vec<u8>>, &'static str> {
    const BAD: &str = "sent a page control that cannot be read";
    let Some(raw) = controls.iter().find_map(|Control(kind, raw)| {
        matches!(kind, Some(ControlType::PagedResults)).then_some(raw)
    }) else {
        return Ok(None);
    };
    let value = raw.val.as_deref().ok_or(BAD)?;
    let (_, tag) = parse_tag(value).map_err(|_| BAD)?;
    let parts = tag.expect_constructed().ok_or(BAD)?;
    let cookie = parts
        .into_iter()
        .nth(1)
        .and_then(StructureTag::expect_primitive);
    let cookie = cookie.ok_or(BAD)?;
    Ok((!cookie.is_empty()).then_some(cookie))
}

fn weight(tag: &StructureTag) -> u64 {
    match &tag.payload {
        PL::P(bytes) => bytes.len() as u64,
        PL::C(tags) => tags.iter().map(weight).sum(),
    }
}

/// `SearchResultEntry` (RFC 4511, 4.5.2): a name, and attributes with sets of values. Nothing where
/// it is not of that shape or where name or types are no UTF-8.
fn entry(tag: StructureTag) -> Option<Entry> {
    let mut parts = tag.expect_constructed()?.into_iter();
    let dn = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
    let mut entry = Entry {
        dn,
        ..Entry::default()
    };
    for attribute in parts.next()?.expect_constructed()? {
        let mut parts = attribute.expect_constructed()?.into_iter();
        let name = lower(String::from_utf8(parts.next()?.expect_primitive()?).ok()?);
        let values = parts.next()?.expect_constructed()?.into_iter();
        let values: Option<Vec<Vec<u8>>> = values.map(StructureTag::expect_primitive).collect();
        match entry.attributes.entry(name) {
            Place::Vacant(place) => drop(place.insert(values?)),
            Place::Occupied(mut place) => place.get_mut().extend(values?),
        }
    }
    Some(entry)
}

/// A name of an attribute in lower case, without the option that only says how it travels.
fn lower(mut name: String) -> String {
    name.make_ascii_lowercase();
    if name.contains(";binary") {
        name = name.replace(";binary", "");
    }
    name
}

fn references(tag: StructureTag) -> Vec<String> {
    let tags = tag.expect_constructed().unwrap_or_default();
    let texts = tags.into_iter().filter_map(StructureTag::expect_primitive);
    texts
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}
