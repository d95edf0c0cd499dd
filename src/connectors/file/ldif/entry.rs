//! What an entry is, and a person out of one: attribute maps of Active Directory, `inetOrgPerson`,
//! RFC 2307, 389ds and `FreeIPA` at once, since a file does not say where it comes from.

use std::fmt::Write as _;

use super::record::Entry;
use crate::connectors::file::header::is_secret;
use crate::connectors::file::people::{mail, name};
use crate::domain::{Enabled, Person, PersonId, PersonKind};
use crate::text::Raw;

/// What an entry stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Person,
    Contact,
    Group,
    /// Organisational units, computers, whatever.
    Other,
}

const GROUPS: &[&str] = &[
    "groupofnames",
    "groupofuniquenames",
    "posixgroup",
    "group",
    "ipausergroup",
    "groupofmembers",
];
const PEOPLE: &[&str] = &[
    "person",
    "user",
    "inetorgperson",
    "organizationalperson",
    "posixaccount",
    "account",
];
/// Attributes that are links, binary or noise.
const NO_ATTRIBUTE: &[&str] = &[
    "objectclass",
    "member",
    "memberof",
    "uniquemember",
    "memberuid",
    "jpegphoto",
    "thumbnailphoto",
    "usercertificate",
    "useraccountcontrol",
    "proxyaddresses",
    "objectguid",
    "objectsid",
];

/// Judges by object class, and by the attributes when the export has none.
pub(super) fn class(entry: &Entry) -> Class {
    let classes: Vec<String> = entry.texts("objectclass").map(str::to_lowercase).collect();
    let any = |known: &[&str]| classes.iter().any(|class| known.contains(&class.as_str()));
    let has = |names: &[&str]| {
        names
            .iter()
            .any(|name| entry.attributes.contains_key(*name))
    };
    if any(&["computer", "organizationalunit"]) {
        Class::Other
    } else if any(GROUPS) || (classes.is_empty() && has(&["member", "uniquemember", "memberuid"])) {
        Class::Group
    } else if any(&["contact"]) {
        Class::Contact
    } else if any(PEOPLE) || (classes.is_empty() && has(&["mail", "uid", "samaccountname"])) {
        Class::Person
    } else {
        Class::Other
    }
}

/// The immutable id: a GUID or UUID attribute, else the normal form of the DN as it is written.
pub(super) fn id(entry: &Entry) -> String {
    if let Some(value) = entry
        .attributes
        .get("objectguid")
        .and_then(|values| values.first())
    {
        if let Ok(bytes) = <[u8; 16]>::try_from(value.as_slice()) {
            return uuid::Uuid::from_bytes_le(bytes).to_string();
        }
        if let Ok(text) = std::str::from_utf8(value) {
            return text.trim_matches(['{', '}']).to_lowercase();
        }
    }
    entry
        .text(&["entryuuid", "ipauniqueid", "nsuniqueid"])
        .unwrap_or(&entry.dn)
        .to_owned()
}

/// A person out of an entry.
pub(super) fn person(entry: &Entry, kind: Class) -> Person {
    let text = |names: &[&str]| entry.text(names).map(Raw::from);
    let mut person = Person::new(
        PersonId::new(id(entry)),
        text(&["displayname", "gecos", "cn", "name"]).unwrap_or_default(),
    );
    person.upn = text(&["userprincipalname", "krbprincipalname"]);
    person.sam = text(&["samaccountname", "uid"]);
    person.department = text(&["department", "departmentnumber"]);
    person.title = text(&["title"]);
    person.employee_id = text(&["employeeid", "employeenumber"]);
    person.enabled = enabled(entry);
    if kind == Class::Contact {
        person.kind = PersonKind::Contact;
    }
    mails(&mut person, entry);
    person
        .more
        .push(("dn".into(), Raw::from(entry.dn.as_str())));
    if let Some(sid) = entry
        .attributes
        .get("objectsid")
        .and_then(|values| sid(values.first()?))
    {
        person.more.push(("sid".into(), Raw::from(sid)));
    }
    for name in entry.attributes.keys() {
        let wanted = !NO_ATTRIBUTE.contains(&name.as_str()) && !is_secret(name);
        if let Some(value) = entry
            .text(&[name])
            .filter(|value| wanted && value.len() <= 512)
        {
            person.more.push((name.as_str().into(), Raw::from(value)));
        }
    }
    name(&mut person);
    person
}

fn mails(person: &mut Person, entry: &Entry) {
    let mut all: Vec<Raw> = entry.texts("mail").map(Raw::from).collect();
    let proxies = || entry.texts("proxyaddresses");
    all.extend(proxies().filter(|text| text.starts_with("SMTP:")).map(mail));
    all.extend(proxies().filter(|text| text.starts_with("smtp:")).map(mail));
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|mail| seen.insert(mail.key()));
    let mut all = all.into_iter();
    person.mail = all.next();
    person.other_mails = all.collect();
}

/// `userAccountControl` bit 2 (ACCOUNTDISABLE), `nsAccountLock`, and `pwdAccountLockedTime`, of
/// which only `000001010000Z` is for good; other times are a lock that ends.
fn enabled(entry: &Entry) -> Enabled {
    if let Some(control) = entry
        .text(&["useraccountcontrol"])
        .and_then(|text| text.parse::<i64>().ok())
    {
        return if control & 2 == 0 {
            Enabled::Yes
        } else {
            Enabled::No
        };
    }
    if let Some(lock) = entry.text(&["nsaccountlock"]) {
        return if lock.eq_ignore_ascii_case("true") {
            Enabled::No
        } else {
            Enabled::Yes
        };
    }
    match entry.text(&["pwdaccountlockedtime"]) {
        Some("000001010000Z") => Enabled::No,
        _ => Enabled::Unknown,
    }
}

/// `S-1-5-21-…` from its bytes (MS-DTYP 2.4.2): revision, count, authority big-endian, parts little-endian.
fn sid(bytes: &[u8]) -> Option<String> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.starts_with("S-1-")
    {
        return Some(text.to_owned());
    }
    let (head, parts) = bytes.split_at_checked(8)?;
    let (count, authority) = (*head.get(1)?, head.get(2..)?);
    if parts.len() != usize::from(count) * 4 {
        return None;
    }
    let authority = authority
        .iter()
        .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let mut sid = format!("S-{}-{authority}", head.first()?);
    for part in parts.chunks_exact(4) {
        write!(sid, "-{}", u32::from_le_bytes(part.try_into().ok()?)).ok()?;
    }
    Some(sid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attributes: &[(&str, &[u8])]) -> Entry {
        let mut entry = Entry {
            dn: "cn=a".into(),
            ..Entry::default()
        };
        for (name, value) in attributes {
            entry
                .attributes
                .entry((*name).into())
                .or_default()
                .push(value.to_vec());
        }
        entry
    }

    #[test]
    fn ids_are_read_in_active_directory_byte_order() {
        let bytes: Vec<u8> = (0..16).collect();
        assert_eq!(
            id(&entry(&[("objectguid", &bytes)])),
            "03020100-0504-0706-0809-0a0b0c0d0e0f"
        );
        assert_eq!(id(&entry(&[("entryuuid", b"AB-1")])), "AB-1");
        assert_eq!(id(&entry(&[])), "cn=a");
        let raw = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
        assert_eq!(sid(&raw).as_deref(), Some("S-1-5-32-544"));
        assert_eq!(sid(&raw[..9]), None);
    }

    #[test]
    fn disabled_is_seen_in_every_dialect() {
        for (name, value, wanted) in [
            ("useraccountcontrol", "514", Enabled::No),
            ("useraccountcontrol", "512", Enabled::Yes),
            ("nsaccountlock", "TRUE", Enabled::No),
            ("pwdaccountlockedtime", "000001010000Z", Enabled::No),
            ("pwdaccountlockedtime", "20260101000000Z", Enabled::Unknown),
        ] {
            assert_eq!(
                enabled(&entry(&[(name, value.as_bytes())])),
                wanted,
                "{name}={value}"
            );
        }
    }

    #[test]
    fn secrets_of_an_entry_are_left_behind() {
        let person = person(
            &entry(&[
                ("uid", b"anna"),
                ("userpassword", b"{SSHA}x"),
                ("l", b"Lund"),
                ("proxyaddresses", b"smtp:b@x"),
                ("proxyaddresses", b"SMTP:a@x"),
            ]),
            Class::Person,
        );
        let names: Vec<_> = person.more.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["dn", "l", "uid"]);
        assert_eq!(person.mail, Some("a@x".into()));
        assert_eq!(person.other_mails, ["b@x".into()]);
        assert_eq!(person.name, "a@x".into(), "called by what there is");
    }
}
