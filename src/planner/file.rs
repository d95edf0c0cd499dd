//! The plan file: written so that a person can read and compare it, hashed so that an edit shows,
//! dated so that an old one is refused.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::canonical::{Hasher, digest_of_file};
use crate::domain::{Plan, PlanHash, PlanTenant};
use crate::ports::{Kind, Problem};
use crate::text::json_line;

/// The version this program writes and reads.
pub const VERSION: u32 = 1;

/// Sets the hash of a plan to what its content gives.
#[must_use]
pub fn seal(mut plan: Plan) -> Plan {
    plan.hash = digest(&plan);
    plan
}

/// The file: one line per operation and finding, every character that could mislead a reader
/// escaped.
pub fn to_json(plan: &Plan) -> String {
    let mut out = String::from("{\n");
    field(&mut out, "version", &plan.version);
    field(&mut out, "hash", &plan.hash);
    field(&mut out, "created", &plan.created);
    field(&mut out, "expires", &plan.expires);
    field(&mut out, "tenant", &plan.tenant);
    field(&mut out, "identity", &plan.identity);
    if let Some(run) = &plan.reverts {
        field(&mut out, "reverts", run);
    }
    if !plan.orphans.is_empty() {
        field(&mut out, "orphans", &plan.orphans);
    }
    if !plan.roles.is_empty() {
        field(&mut out, "roles", &plan.roles);
    }
    list(&mut out, "sources", &plan.sources, ",");
    field(&mut out, "summary", &plan.summary);
    list(&mut out, "operations", &plan.operations, ",");
    list(&mut out, "findings", &plan.findings, "");
    out.push_str("}\n");
    out
}

/// Reads a plan file.
///
/// # Errors
/// `Kind::User` with line and column for what is no JSON or no plan, and for another version;
/// `Kind::Stale` when the content is not what the hash says.
pub fn parse(bytes: &[u8]) -> Result<Plan, Problem> {
    // One field, and one operation, at a time: as values they would need many times the file.
    let fields: BTreeMap<String, &RawValue> = match serde_json::from_slice(bytes) {
        Ok(fields) => fields,
        Err(error) if error.is_data() => BTreeMap::new(),
        Err(error) => return Err(malformed("is not JSON", &error)),
    };
    let version = fields.get("version").map(|raw| raw.get());
    match version.and_then(|version| version.parse::<u64>().ok()) {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) => {
            return Err(Problem::new(
                Kind::User,
                format!("the plan file has version {version}; this qroll reads version {VERSION}"),
            )
            .hint("make the plan again with this qroll"));
        }
        None => {
            return Err(Problem::new(
                Kind::User,
                "the file is JSON but no plan: it has no version",
            )
            .hint("qroll plan --out plan.json makes one"));
        }
    }
    let written = fields.get("hash").map_or("", |raw| raw.get());
    let written: String = serde_json::from_str(written).unwrap_or_default();
    let found =
        digest_of_file(&fields, "hash").map_err(|error| malformed("is not JSON", &error))?;
    let found = PlanHash(found);
    if written != found.0 {
        return Err(edited(&written, &found));
    }
    serde_json::from_slice(bytes).map_err(|error| malformed("is no plan", &error))
}

/// Bytes of a file that are enough for [`gives_way`].
pub const HEAD: u64 = 8 << 10;

/// Whether a new plan for `tenant` may be written over a file that begins so: an empty file and an
/// older plan of the same tenant give way. Without a tenant any plan does.
///
/// # Errors
/// What the file is, to be said behind its name.
pub fn gives_way(head: &[u8], tenant: Option<&PlanTenant>) -> Result<(), String> {
    if head.is_empty() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(head);
    let bare: String = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    if !bare.starts_with("{\"version\":") || !bare.contains("\"hash\":\"") {
        return Err("is there already and is no plan of qroll".to_owned());
    }
    let found = text.split_once("\"tenant\"").and_then(|(_, rest)| {
        let value = rest.trim_start().strip_prefix(':')?;
        let mut values = serde_json::Deserializer::from_str(value).into_iter::<PlanTenant>();
        values.next()?.ok()
    });
    match (tenant, found) {
        (None, _) => Ok(()),
        (Some(wanted), Some(found)) if wanted.id == found.id => Ok(()),
        (Some(_), Some(found)) => Err(format!(
            "is there already and is a plan for another tenant, {}",
            found.url.show()
        )),
        (Some(_), None) => Err("is there already and names no tenant".to_owned()),
    }
}

/// Whether a plan may be applied now.
///
/// # Errors
/// `Kind::User` for another version, `Kind::Stale` when it was edited or has expired.
pub fn check(plan: &Plan, now: Timestamp) -> Result<(), Problem> {
    if plan.version != VERSION {
        return Err(Problem::new(
            Kind::User,
            format!(
                "the plan has version {}; this qroll applies version {VERSION}",
                plan.version
            ),
        ));
    }
    let found = digest(plan);
    if plan.hash != found {
        return Err(edited(&plan.hash.0, &found));
    }
    if now >= plan.expires {
        return Err(Problem::new(
            Kind::Stale,
            format!("the plan {} expired at {}", plan.hash.short(), plan.expires),
        )
        .hint("make the plan again: what it was made from has moved on"));
    }
    Ok(())
}

fn digest(plan: &Plan) -> PlanHash {
    let Plan {
        version,
        hash: _,
        created,
        expires,
        tenant,
        identity,
        reverts,
        orphans,
        roles,
        sources,
        summary,
        operations,
        findings,
    } = plan;
    // By name, as the canonical form wants it.
    let mut hasher = Hasher::new();
    hasher.field("created", created);
    hasher.field("expires", expires);
    hasher.list("findings", findings);
    hasher.field("identity", identity);
    hasher.list("operations", operations);
    if !orphans.is_empty() {
        hasher.field("orphans", orphans);
    }
    if let Some(run) = reverts {
        hasher.field("reverts", run);
    }
    if !roles.is_empty() {
        hasher.field("roles", roles);
    }
    hasher.list("sources", sources);
    hasher.field("summary", summary);
    hasher.field("tenant", tenant);
    hasher.field("version", version);
    PlanHash(hasher.digest())
}

fn edited(written: &str, found: &PlanHash) -> Problem {
    Problem::new(
        Kind::Stale,
        format!(
            "the plan file was edited or damaged: it says hash {}, its content has {}",
            written.get(..12).unwrap_or(written),
            found.0.get(..12).unwrap_or(&found.0)
        ),
    )
    .hint("make the plan again; a plan is applied exactly as it was made")
}

fn malformed(what: &str, error: &serde_json::Error) -> Problem {
    Problem::new(
        Kind::User,
        format!(
            "the plan file {what}, line {} column {}: {error}",
            error.line(),
            error.column()
        ),
    )
    .hint("qroll plan --out plan.json makes one")
}

fn field<T: Serialize>(out: &mut String, name: &str, value: &T) {
    // Writing to a String cannot fail, nor does plain data fail to serialise.
    let _ = writeln!(
        out,
        "  \"{name}\": {},",
        json_line(value).unwrap_or_default()
    );
}

fn list<T: Serialize>(out: &mut String, name: &str, items: &[T], end: &str) {
    let lines: Vec<String> = items
        .iter()
        .map(|item| format!("\n    {}", json_line(item).unwrap_or_default()))
        .collect();
    let close = if lines.is_empty() { "" } else { "\n  " };
    let _ = writeln!(out, "  \"{name}\": [{}{close}]{end}", lines.join(","));
}
