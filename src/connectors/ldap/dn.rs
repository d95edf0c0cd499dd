//! Distinguished names (RFC 4514) in a form that two spellings of one name share: both escape
//! forms decoded, types and values lower-cased, blanks trimmed and folded, multi-valued RDNs sorted.

use std::fmt::Write as _;

/// One part of a DN: attribute types with their decoded values.
type Rdn = Vec<(String, String)>;

/// The form to compare.
pub(in crate::connectors) fn normal(dn: &str) -> String {
    let mut out = String::with_capacity(dn.len());
    for rdn in parse(dn) {
        let mut parts: Vec<String> = rdn
            .into_iter()
            .map(|(kind, value)| format!("{}={}", kind.to_lowercase(), fold(&value)))
            .collect();
        parts.sort();
        // Control characters cannot be typed into a name, so they separate without escaping.
        out.push_str(&parts.join("\u{1}"));
        out.push('\u{2}');
    }
    out
}

/// The same name with every special character as `\\XX`, the one escape that each server reads
/// (OpenLDAP finds nothing by `\\=`, though it stores and returns it).
pub(in crate::connectors) fn plain(dn: &str) -> String {
    let rdns = parse(dn).into_iter().map(|rdn| {
        let parts = rdn
            .into_iter()
            .map(|(kind, value)| format!("{kind}={}", escaped(&value)));
        parts.collect::<Vec<_>>().join("+")
    });
    rdns.collect::<Vec<_>>().join(",")
}

fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for character in value.chars() {
        if matches!(
            character,
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' | '#' | '\0'..' '
        ) {
            // Writing to a string does not fail; these characters are one byte each.
            let _ = write!(out, "\\{:02X}", u32::from(character));
        } else {
            out.push(character);
        }
    }
    out
}

/// The last part's value, decoded: what a person calls the entry.
pub(in crate::connectors) fn leaf(dn: &str) -> Option<String> {
    let (_, value) = parse(dn).into_iter().next()?.into_iter().next()?;
    (!value.is_empty()).then_some(value)
}

/// Without the optional UID of `uniqueMember` (`cn=a#'0101'B`).
pub(in crate::connectors) fn without_uid(dn: &str) -> &str {
    match dn.rsplit_once('#') {
        Some((name, uid)) if uid.starts_with('\'') && uid.ends_with("'B") => name,
        _ => dn,
    }
}

fn fold(value: &str) -> String {
    value
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

fn parse(dn: &str) -> Vec<Rdn> {
    let mut rdns = Vec::new();
    let mut rdn = Rdn::new();
    let mut rest = dn.as_bytes();
    while !rest.is_empty() {
        let end = rest
            .iter()
            .position(|byte| *byte == b'=')
            .unwrap_or(rest.len());
        let kind = String::from_utf8_lossy(rest.get(..end).unwrap_or(&[]))
            .trim()
            .to_owned();
        rest = rest.get(end + 1..).unwrap_or(&[]);
        let (value, separator, after) = value(rest);
        rdn.push((kind, value));
        if separator != Some(b'+') {
            rdns.push(std::mem::take(&mut rdn));
        }
        rest = after;
    }
    if !rdn.is_empty() {
        rdns.push(rdn);
    }
    rdns
}

/// A value up to its separator, unescaped: `\2C` and `\,`, and the quotes of RFC 2253.
fn value(bytes: &[u8]) -> (String, Option<u8>, &[u8]) {
    let (mut out, mut quoted, mut at) = (Vec::new(), false, 0);
    // Blanks around a value are decoration unless they are escaped.
    let mut kept = 0;
    let mut separator = None;
    while let Some(byte) = bytes.get(at).copied() {
        at += 1;
        match byte {
            b'\\' => {
                let hex = bytes
                    .get(at..at + 2)
                    // A number may begin with a plus sign, an escaped plus sign must not be one.
                    .filter(|pair| pair.iter().all(u8::is_ascii_hexdigit))
                    .and_then(|pair| std::str::from_utf8(pair).ok())
                    .and_then(|pair| u8::from_str_radix(pair, 16).ok());
                if let Some(decoded) = hex {
                    out.push(decoded);
                    at += 2;
                } else if let Some(next) = bytes.get(at) {
                    out.push(*next);
                    at += 1;
                }
                kept = out.len();
            }
            b'"' => quoted = !quoted,
            b',' | b';' | b'+' if !quoted => {
                separator = Some(byte);
                break;
            }
            b' ' if out.is_empty() && !quoted => {}
            _ => {
                out.push(byte);
                if byte != b' ' || quoted {
                    kept = out.len();
                }
            }
        }
    }
    out.truncate(kept);
    let text = String::from_utf8_lossy(&out).into_owned();
    (text, separator, bytes.get(at..).unwrap_or(&[]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_name_are_equal() {
        for (one, other) in [
            (
                "CN=Doe\\, Jane,OU=People,DC=corp",
                "cn=doe\\2C jane, ou=people , dc=CORP",
            ),
            (
                "cn=X Comma\\2C \\22Quoted\\22",
                "CN=x comma\\, \\\"quoted\\\"",
            ),
            ("cn=a+uid=b,dc=c", "UID=B + CN=A;dc=c"),
            ("cn=\"Doe, Jane\"", "cn=Doe\\, Jane"),
            ("cn=J\\C3\\BCrgen", "cn=jürgen"),
            ("cn=a  b", "cn=A b"),
            ("cn=a\\+Equal", "cn=a\\2bEqual"),
        ] {
            assert_eq!(normal(one), normal(other), "{one} and {other}");
        }
        assert_ne!(normal("cn=a,dc=b"), normal("cn=a\\,dc=b"));
        assert_eq!(leaf("CN=Doe\\, Jane,DC=x").as_deref(), Some("Doe, Jane"));
        assert_eq!(without_uid("cn=a,dc=b#'0101'B"), "cn=a,dc=b");
    }

    #[test]
    fn one_escape_form_is_sent() {
        assert_eq!(
            plain("CN=Plus\\+Equal\\=Hash\\# \\22q\\22\\0A,dc=b"),
            "CN=Plus\\2BEqual\\3DHash\\23 \\22q\\22\\0A,dc=b"
        );
        assert_eq!(plain("cn=a+uid=b;dc=c"), "cn=a+uid=b,dc=c");
    }

    proptest! {
        #[test]
        fn what_is_sent_is_the_same_name(value in "[a-z ,+=#\\\\\"<>;é]{1,12}") {
            let dn = format!("cn=x{}x,dc=b", escaped(&value));
            prop_assert_eq!(normal(&plain(&dn)), normal(&dn));
            prop_assert_eq!(leaf(&dn), Some(format!("x{value}x")));
        }

        #[test]
        fn nothing_panics(text in ".{0,80}") {
            normal(&text);
            leaf(without_uid(&text));
        }
    }
}
