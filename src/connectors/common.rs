//! What is read alike whatever the source: one company must give the same people through Graph, LDAP
//! and files.

use std::collections::BTreeSet;

use crate::domain::{Person, PersonKind};
use crate::text::Raw;

/// A text without the blanks around it, which no source means; nothing where only blanks came.
pub(super) fn filled(text: Raw) -> Option<Raw> {
    let trimmed = text.expose().trim();
    if trimmed.is_empty() {
        None
    } else if trimmed.len() == text.expose().len() {
        Some(text)
    } else {
        Some(Raw::from(trimmed))
    }
}

/// The primary address and the others, each once in the spelling that came first: addresses of the mail
/// attribute, then the proxy addresses, of which `SMTP:` in capitals marks the primary one. What is no
/// mail address (`sip:`, `x500:`) is left out.
pub(super) fn addresses<'a>(
    mails: impl IntoIterator<Item = Raw>,
    proxies: impl IntoIterator<Item = &'a str>,
) -> (Option<Raw>, Vec<Raw>) {
    let (mut primary, mut further) = (Vec::new(), Vec::new());
    for proxy in proxies {
        match proxy.trim().split_once(':') {
            Some((scheme, address)) if scheme.eq_ignore_ascii_case("smtp") => {
                let list = if scheme == "SMTP" {
                    &mut primary
                } else {
                    &mut further
                };
                list.push(Raw::from(address));
            }
            None if proxy.contains('@') => further.push(Raw::from(proxy)),
            _ => {}
        }
    }
    let all = mails.into_iter().chain(primary).chain(further);
    let mut seen = BTreeSet::new();
    let mut each = all
        .filter_map(filled)
        .filter(|mail| seen.insert(mail.key()));
    let first = each.next();
    let mut others: Vec<Raw> = each.collect();
    // A hundred thousand people would each keep some room.
    others.shrink_to_fit();
    (first, others)
}

/// Whoever has no display name is called by what there is; `#EXT#` in a login marks a guest.
pub(super) fn called(person: &mut Person) {
    if person.name.is_blank() {
        let name = person
            .upn
            .as_ref()
            .or(person.mail.as_ref())
            .or(person.sam.as_ref());
        person.name = name.cloned().unwrap_or_else(|| person.id.raw().clone());
    }
    let guest = |upn: &Raw| upn.expose().to_ascii_uppercase().contains("#EXT#");
    if person.upn.as_ref().is_some_and(guest) {
        person.kind = PersonKind::Guest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_one_list_without_doubles() {
        let (first, others) = addresses(
            [Raw::from(" a@x ")],
            [
                "smtp:b@x",
                "SMTP:A@X",
                "sip:a@x",
                "x500:/o=y",
                "c@x",
                "smtp:B@x",
                "smtp: ",
            ],
        );
        assert_eq!(first, Some("a@x".into()));
        assert_eq!(others, ["b@x".into(), "c@x".into()]);
        let (first, others) = addresses([], ["smtp:b@x", "SMTP:a@x"]);
        assert_eq!(
            first,
            Some("a@x".into()),
            "the primary one hides among the proxies"
        );
        assert_eq!(others, ["b@x".into()]);
    }

    #[test]
    fn blanks_around_a_text_are_not_part_of_it() {
        assert_eq!(filled(" a  b\t".into()), Some("a  b".into()));
        assert_eq!(filled(" \n".into()), None);
    }

    #[test]
    fn a_guest_is_one_in_any_letters() {
        let mut person = Person::new("1".into(), " ");
        person.upn = Some("ann_x.example#ext#@corp.example".into());
        called(&mut person);
        assert_eq!(person.kind, PersonKind::Guest);
        assert_eq!(person.name, "ann_x.example#ext#@corp.example".into());
    }
}
