//! One search, page by page, to its end: and only the end that the server marks with success counts.
//! Entries, bytes, pages and time are capped, since the other side decides what it sends.

use ldap3::asn1::{PL, StructureTag, parse_tag};
use ldap3::controls::{Control, ControlType, PagedResults};
use ldap3::{Ldap, LdapResult, Scope, SearchOptions};
use std::time::Duration;

use super::entry::Entry;
use super::refusal::{self, Broken};
use crate::ports::{Clock, Kind, Problem};

/// Active Directory cuts pages at 1,000 (`MaxPageSize`).
const PAGE: i32 = 1000;
/// Longest silence between two answers.
const SILENCE: Duration = Duration::from_secs(60);
/// Longest search.
const SEARCH: Duration = Duration::from_secs(30 * 60);
/// Most entries of one search.
const ENTRIES: u64 = 2_000_000;
/// Most bytes of one search.
const BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Most pages of one search.
const PAGES: u32 = 10_000;
/// Largest entry: a group of a million members has some 100 MiB.
const ENTRY: u64 = 256 * 1024 * 1024;

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

/// Caps that one search keeps.
struct Meter<'a> {
    clock: &'a dyn Clock,
    until: crate::ports::Instant,
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
    label: &str,
    ldap: &mut Ldap,
    clock: &dyn Clock,
    query: Query<'_>,
    take: &mut (impl FnMut(Entry) + Send),
) -> Result<Ended, Broken> {
    let mut meter = Meter {
        clock,
        until: clock.now().plus(SEARCH),
        entries: 0,
        bytes: 0,
        references: Vec::new(),
        mangled: 0,
    };
    let (mut size, mut cookie) = (PAGE, Vec::new());
    for _ in 0..PAGES {
        let before = meter.entries;
        let asked = PagedResults {
            size,
            cookie: cookie.clone(),
        };
        ldap.with_controls(asked)
            .with_search_options(SearchOptions::new())
            .with_timeout(SILENCE);
        let result = match page(label, ldap, query, &mut meter, take).await {
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
            _ => return refused(label, query, &result, &meter),
        }
        let Some(next) = next(&result.ctrls).map_err(|text| nonsense(label, text))? else {
            return Ok(meter.ended());
        };
        if next == cookie && meter.entries == before {
            return Ok(Ended::Short("the server gives the same page again and again".to_owned()));
        }
        cookie = next;
    }
    Ok(Ended::Short(format!("the server sends more than {PAGES} pages")))
}

/// Reads one page to its result.
async fn page(
    label: &str,
    ldap: &mut Ldap,
    query: Query<'_>,
    meter: &mut Meter<'_>,
    take: &mut (impl FnMut(Entry) + Send),
) -> Result<LdapResult, Broken> {
    let started = ldap
        .streaming_search(query.base, query.scope, query.filter, query.attributes)
        .await;
    let mut stream = started.map_err(|error| refusal::lost(label, error))?;
    while let Some(item) = stream
        .next()
        .await
        .map_err(|error| refusal::lost(label, error))?
    {
        if item.is_ref() {
            meter.references.extend(references(item.0));
        } else if !item.is_intermediate() {
            meter.take(item.0, take).map_err(|text| nonsense(label, &text))?;
        }
    }
    Ok(stream.finish().await)
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

impl Meter<'_> {
    fn take(
        &mut self,
        tag: StructureTag,
        take: &mut (impl FnMut(Entry) + Send),
    ) -> Result<(), String> {
        let size = weight(&tag);
        self.entries += 1;
        self.bytes = self.bytes.saturating_add(size);
        if size > ENTRY {
            return Err(format!("sent one entry of {} MiB", size / 1024 / 1024));
        }
        if self.entries > ENTRIES || self.bytes > BYTES {
            return Err(format!(
                "sends without end: {} entries, {} MiB so far",
                self.entries,
                self.bytes / 1024 / 1024
            ));
        }
        if self.clock.now() > self.until {
            return Err(format!("needs more than {} min for one search", SEARCH.as_secs() / 60));
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
            !["/cn=configuration,", "/dc=domaindnszones,", "/dc=forestdnszones,"]
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
    let cookie = parts.into_iter().nth(1).and_then(StructureTag::expect_primitive);
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
        let name = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
        let values = parts.next()?.expect_constructed()?.into_iter();
        let values: Option<Vec<Vec<u8>>> = values.map(StructureTag::expect_primitive).collect();
        let name = name.to_lowercase().replace(";binary", "");
        entry.attributes.entry(name).or_default().extend(values?);
    }
    Some(entry)
}

fn references(tag: StructureTag) -> Vec<String> {
    let tags = tag.expect_constructed().unwrap_or_default();
    let texts = tags.into_iter().filter_map(StructureTag::expect_primitive);
    texts
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}
