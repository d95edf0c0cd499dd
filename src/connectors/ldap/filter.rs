//! LDAP filters (RFC 4515) built from values that somebody typed or another entry holds: each value
//! is escaped, attribute names come from the map only.

use ldap3::{ldap_escape, parse_filter};

use crate::ports::{Kind, Problem};

/// Fits every entry.
pub(super) const EVERYTHING: &str = "(objectClass=*)";

/// `(name=value)`.
pub(super) fn equal(name: &str, value: &str) -> String {
    format!("({name}={})", ldap_escape(value))
}

/// `(name=\xx\xx…)`, for GUIDs.
pub(super) fn equal_bytes(name: &str, value: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = format!("({name}=");
    for byte in value {
        // Writing to a string does not fail.
        let _ = write!(out, "\\{byte:02x}");
    }
    out.push(')');
    out
}

/// `(name=*value*)`.
pub(super) fn holds(name: &str, value: &str) -> String {
    if value.is_empty() {
        return format!("({name}=*)");
    }
    format!("({name}=*{}*)", ldap_escape(value))
}

/// Any of these; what nothing fits for none.
pub(super) fn any(filters: impl IntoIterator<Item = String>) -> String {
    let all: String = filters.into_iter().collect();
    if all.is_empty() {
        // RFC 4526: an empty "or" is false, but not every server knows it.
        "(!(objectClass=*))".to_owned()
    } else {
        format!("(|{all})")
    }
}

/// Both of these. What fits everything is left out: it narrows nothing, and the server would look at
/// each entry for it.
pub(super) fn both(one: &str, other: &str) -> String {
    match other {
        EVERYTHING => one.to_owned(),
        narrower => format!("(&{one}{narrower})"),
    }
}

/// A filter typed by an administrator, with or without its outer parentheses.
///
/// # Errors
/// `User` when it cannot be read.
pub(super) fn typed(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let filter = if text.starts_with('(') {
        text.to_owned()
    } else {
        format!("({text})")
    };
    match parse_filter(&filter) {
        Ok(_) => Ok(filter),
        Err(()) => Err(
            Problem::new(Kind::User, format!("{text} is no LDAP filter"))
                .hint("Example: (&(objectClass=person)(department=Sales))"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prop_assert, proptest};

    #[test]
    fn values_cannot_leave_their_place() {
        assert_eq!(equal("cn", "A (x)*\\"), "(cn=A \\28x\\29\\2a\\5c)");
        assert_eq!(holds("mail", "*"), "(mail=*\\2a*)");
        assert_eq!(
            equal_bytes("objectguid", &[0, 0xab]),
            "(objectguid=\\00\\ab)"
        );
        assert_eq!(any([]), "(!(objectClass=*))");
    }

    #[test]
    fn what_fits_everything_is_not_asked_beside_another_filter() {
        assert_eq!(both("(a=b)", "(c=d)"), "(&(a=b)(c=d))");
        assert_eq!(both("(a=b)", EVERYTHING), "(a=b)");
    }

    #[test]
    fn typed_filters_are_read_before_they_are_sent() {
        assert_eq!(
            typed(" department=Sales ").expect("a filter"),
            "(department=Sales)"
        );
        for bad in ["", "(a=b", "(&)x", "a"] {
            assert_eq!(typed(bad).expect_err(bad).kind, Kind::User);
        }
    }

    proptest! {
        #[test]
        fn any_value_makes_one_filter(value in ".{0,40}", name in "[a-z]{1,8}") {
            prop_assert!(parse_filter(equal(&name, &value)).is_ok());
            prop_assert!(parse_filter(holds(&name, &value)).is_ok());
            prop_assert!(parse_filter(any([equal(&name, &value), equal_bytes(&name, value.as_bytes())])).is_ok());
        }
    }
}
