//! `[profile.NAME.licenses]`: which groups are approved, and who is an exception.

use super::file::{ExceptionTable, LicensesTable};
use super::place::Source;
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
