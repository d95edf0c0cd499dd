//! `[profile.NAME.licenses]`: which groups are approved, who is an exception, and which other tenants are
//! on the same license.

use super::file::{ExceptionTable, LicensesTable};
use super::place::Source;
use super::profile::near;
use crate::domain::{Entitled, Exception};
use crate::ports::Problem;
use crate::text::Raw;

/// Reads the table.
///
/// # Errors
/// An exception without a name or a reason, or a day that is none.
pub(super) fn entitled(source: Source<'_>, table: &LicensesTable) -> Result<Entitled, Problem> {
    let except = table.except.iter().map(|one| exception(source, one));
    Ok(Entitled {
        groups: table
            .approved
            .iter()
            .map(|name| Raw::from(name.as_str()))
            .collect(),
        except: except.collect::<Result<_, _>>()?,
    })
}

fn exception(source: Source<'_>, table: &ExceptionTable) -> Result<Exception, Problem> {
    for (text, what) in [(&table.who, "whom it is for"), (&table.why, "why")] {
        if text.get_ref().trim().is_empty() {
            let said = format!("an exception says {what}");
            return Err(source.problem(text.span(), &said));
        }
    }
    let until = table.until.as_ref().map(|until| {
        let said = "a day looks like \"2027-03-31\"";
        let text = match until.get_ref() {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let day = text.parse();
        day.map_err(|_| source.problem(until.span(), said))
    });
    Ok(Exception {
        who: Raw::from(table.who.get_ref().trim()),
        why: Raw::from(table.why.get_ref().trim()),
        until: until.transpose()?,
    })
}

/// The profiles of the other tenants on the license, each once, in the order in which they stand.
///
/// # Errors
/// One that the file does not have, or the profile itself.
pub(super) fn sharers(
    source: Source<'_>,
    own: &str,
    table: &LicensesTable,
    known: &[&str],
) -> Result<Vec<String>, Problem> {
    let mut found: Vec<String> = Vec::new();
    for text in &table.tenants {
        let name = text.get_ref();
        if name == own {
            let said =
                format!("\"{name}\" is this profile: `tenants` names the others on its license");
            return Err(source.problem(text.span(), &said));
        }
        if !known.contains(&name.as_str()) {
            let said = format!("there is no profile \"{name}\"");
            let others = known.iter().copied().filter(|known| *known != own);
            return Err(near(source.problem(text.span(), &said), name, others));
        }
        if !found.contains(name) {
            found.push(name.clone());
        }
    }
    Ok(found)
}
