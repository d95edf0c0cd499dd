//! LDAP filters (RFC 4515) over people in memory, so that a saved query means the same for a file
//! as for a server: `(&(department=Sales)(!(title=*intern*)))`. The outer parentheses may be left out.

use crate::domain::{Enabled, Person};
use crate::ports::{Kind, Problem};
use crate::text::Raw;

/// Filters are typed by people; deeper than this is not.
const DEPTH: usize = 32;

/// A parsed filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    /// Attribute, and the literal pieces between asterisks, lower-cased.
    Match(String, Vec<String>),
}

impl Filter {
    /// Parses a typed filter.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        let wrapped = if text.starts_with('(') {
            text.to_owned()
        } else {
            format!("({text})")
        };
        let mut rest = wrapped.as_str();
        match filter(&mut rest, 0) {
            Ok(filter) if rest.trim().is_empty() => Ok(filter),
            Ok(_) => Err(fault(&wrapped, rest, "text after the end")),
            Err(said) => Err(fault(&wrapped, rest, said)),
        }
    }

    /// Whether a person fits.
    pub(super) fn fits(&self, person: &Person) -> bool {
        match self {
            Self::And(all) => all.iter().all(|filter| filter.fits(person)),
            Self::Or(any) => any.iter().any(|filter| filter.fits(person)),
            Self::Not(one) => !one.fits(person),
            Self::Match(name, pieces) => values(person, name)
                .iter()
                .any(|value| like(&value.trim().to_lowercase(), pieces)),
        }
    }
}

fn fault(whole: &str, rest: &str, said: &str) -> Problem {
    let column = whole
        .get(..whole.len() - rest.len())
        .unwrap_or("")
        .chars()
        .count()
        + 1;
    Problem::new(
        Kind::User,
        format!("the query {whole} is not a filter: {said} at character {column}"),
    )
    .hint("Example: (&(department=Sales)(title=*manager*))")
}

fn filter(rest: &mut &str, depth: usize) -> Result<Filter, &'static str> {
    if depth > DEPTH {
        return Err("too many parentheses");
    }
    take(rest, '(').ok_or("( expected")?;
    let parsed = match rest.chars().next() {
        Some('&') => Filter::And(list(rest, depth)?),
        Some('|') => Filter::Or(list(rest, depth)?),
        Some('!') => {
            take(rest, '!');
            Filter::Not(Box::new(filter(rest, depth + 1)?))
        }
        _ => item(rest)?,
    };
    take(rest, ')').ok_or(") expected")?;
    Ok(parsed)
}

fn list(rest: &mut &str, depth: usize) -> Result<Vec<Filter>, &'static str> {
    *rest = rest.get(1..).unwrap_or("");
    let mut filters = Vec::new();
    while rest.trim_start().starts_with('(') {
        filters.push(filter(rest, depth + 1)?);
    }
    if filters.is_empty() {
        return Err("( expected");
    }
    Ok(filters)
}

fn item(rest: &mut &str) -> Result<Filter, &'static str> {
    let end = rest.find([')', '(']).unwrap_or(rest.len());
    let (text, after) = rest.split_at(end);
    let (name, value) = text.split_once('=').ok_or("attribute=value expected")?;
    let name = name.trim().to_lowercase();
    if name.is_empty() || name.ends_with(['<', '>', '~', ':']) {
        return Err("only attribute=value, with * for anything, is understood for a file");
    }
    let pieces = value.split('*').map(unescape).collect::<Option<_>>();
    let pieces = pieces.ok_or("\\ must be followed by two hexadecimal digits")?;
    *rest = after;
    Ok(Filter::Match(name, pieces))
}

fn take(rest: &mut &str, wanted: char) -> Option<()> {
    *rest = rest.trim_start().strip_prefix(wanted)?;
    Some(())
}

/// `\2a` to `*` and so on; lower-cased for comparing.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'\\' {
            let hex = [rest.next()?, rest.next()?];
            if !hex.iter().all(u8::is_ascii_hexdigit) {
                return None;
            }
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    Some(String::from_utf8_lossy(&bytes).trim().to_lowercase())
}

/// Whether the pieces occur in this order, the first at the start and the last at the end.
fn like(value: &str, pieces: &[String]) -> bool {
    let [first, middle @ .., last] = pieces else {
        return pieces.iter().all(|piece| piece == value);
    };
    let Some(mut rest) = value.strip_prefix(first.as_str()) else {
        return false;
    };
    for piece in middle {
        match rest.find(piece.as_str()) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or(""),
            None => return false,
        }
    }
    !value.is_empty() && rest.ends_with(last.as_str())
}

/// Values of an attribute by the names of LDAP, Graph and qroll.
fn values<'a>(person: &'a Person, name: &str) -> Vec<&'a str> {
    let own = match name {
        "displayname" | "cn" => "name",
        "samaccountname" | "uid" | "login" => "sam",
        "userprincipalname" => "upn",
        "jobtitle" => "title",
        "employeeid" | "employeenumber" => "employee_id",
        "objectguid" | "objectid" | "entryuuid" => "id",
        other => other,
    };
    match own {
        "mail" | "email" => person.mails().map(Raw::expose).collect(),
        "enabled" | "accountenabled" => vec![match person.enabled {
            Enabled::Yes => "true",
            Enabled::No => "false",
            Enabled::Unknown => "unknown",
        }],
        // Everybody who is read is a person; queries written for a server say so.
        "objectclass" | "objectcategory" => {
            vec!["person", "user", "inetorgperson", "organizationalperson"]
        }
        own => person
            .attribute(own)
            .or_else(|| person.attribute(name))
            .map(Raw::expose)
            .into_iter()
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PersonId;
    use proptest::prelude::*;

    fn anna() -> Person {
        let mut person = Person::new(PersonId::from("1"), "Anna (Sales) Ek");
        person.department = Some("Sales".into());
        person.mail = Some("anna@corp.example".into());
        person
    }

    #[test]
    fn filters_fit_as_a_server_would_have_it() {
        for (text, fits) in [
            ("department=sales", true),
            ("(&(objectClass=user)(department=Sales))", true),
            ("(!(department=Sales))", false),
            ("(|(title=*)(mail=*@CORP.example))", true),
            ("(displayName=anna*ek)", true),
            ("(cn=*\\28sales\\29*)", true),
            ("(title=*)", false),
            ("(enabled=unknown)", true),
            ("(name=ann*nna*)", false),
        ] {
            assert_eq!(Filter::parse(text).unwrap().fits(&anna()), fits, "{text}");
        }
    }

    #[test]
    fn bad_filters_say_where() {
        for (text, said) in [
            ("(a=b", ") expected at character 5"),
            ("(&)", "( expected at character 3"),
            ("sales", "attribute=value expected at character 2"),
            ("(a=b)(c=d)", "text after the end at character 6"),
            ("(a>=b)", "only attribute=value"),
            ("(a=\\zz)", "two hexadecimal digits"),
            ("(a=\\+f)", "two hexadecimal digits"),
        ] {
            let problem = Filter::parse(text).unwrap_err();
            assert!(problem.text().contains(said), "{}", problem.text());
        }
    }

    proptest! {
        #[test]
        fn nothing_typed_panics(text in "[()&|!=*\\\\a-z0-9 ä]{0,60}") {
            if let Ok(filter) = Filter::parse(&text) {
                filter.fits(&anna());
            }
        }
    }
}
