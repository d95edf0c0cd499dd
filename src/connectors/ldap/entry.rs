//! An entry as a server or an LDIF file gives it, what it stands for, and the facts that need
//! reading: ids in their binary forms, and whether it may sign in.

use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::domain::Enabled;

/// An entry: its DN as it was written, and its values by lower-case attribute name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::connectors) struct Entry {
    pub(in crate::connectors) dn: String,
    /// Options other than `binary` make an attribute of their own (`member;range=0-1499`).
    pub(in crate::connectors) attributes: BTreeMap<String, Vec<Vec<u8>>>,
}

/// What an entry stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::connectors) enum Class {
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
    "groupofurls",
];
const PEOPLE: &[&str] = &[
    "person",
    "user",
    "inetorgperson",
    "organizationalperson",
    "posixaccount",
    "account",
];
/// 100 ns ticks between 1601-01-01 and 1970-01-01 (MS-DTYP 2.3.3), and how many make a second.
const EPOCH: i64 = 116_444_736_000_000_000;
const TICKS: i64 = 10_000_000;

impl Entry {
    /// Text values of an attribute, in order.
    pub(in crate::connectors) fn texts<'a>(
        &'a self,
        name: &str,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        self.attributes
            .get(name)
            .into_iter()
            .flatten()
            .filter_map(|value| std::str::from_utf8(value).ok())
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// The first text among several attributes.
    pub(in crate::connectors) fn text<'a>(&'a self, names: &[impl AsRef<str>]) -> Option<&'a str> {
        names
            .iter()
            .find_map(|name| self.texts(name.as_ref()).next())
    }

    fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.attributes.get(name)?.first().map(Vec::as_slice)
    }

    /// Judges by object class, and by the attributes when an export has none.
    pub(in crate::connectors) fn class(&self) -> Class {
        let classes: Vec<String> = self.texts("objectclass").map(str::to_lowercase).collect();
        let any = |known: &[&str]| classes.iter().any(|class| known.contains(&class.as_str()));
        let has = |names: &[&str]| names.iter().any(|name| self.attributes.contains_key(*name));
        if any(&["computer", "organizationalunit"]) {
            Class::Other
        } else if any(GROUPS)
            || (classes.is_empty() && has(&["member", "uniquemember", "memberuid"]))
        {
            Class::Group
        } else if any(&["contact"]) {
            Class::Contact
        } else if any(PEOPLE) || (classes.is_empty() && has(&["mail", "uid", "samaccountname"])) {
            Class::Person
        } else {
            Class::Other
        }
    }

    /// The immutable id by the first of these attributes that is there, else the DN as it is written.
    pub(in crate::connectors) fn id(&self, names: &[impl AsRef<str>]) -> String {
        let named = names.iter().find_map(|name| match name.as_ref() {
            "objectguid" => self.bytes("objectguid").and_then(guid),
            name => self.texts(name).next().map(str::to_owned),
        });
        named.unwrap_or_else(|| self.dn.clone())
    }

    /// `objectSid` as text.
    pub(in crate::connectors) fn sid(&self) -> Option<String> {
        self.bytes("objectsid").and_then(sid)
    }

    /// Whether it may sign in. `userAccountControl` bit 2 (ACCOUNTDISABLE) and `accountExpires` of
    /// Active Directory, which are independent of each other; `nsAccountLock` of 389ds; and
    /// `pwdAccountLockedTime` of OpenLDAP, of which only `000001010000Z` is for good.
    pub(in crate::connectors) fn enabled(&self, now: Option<Timestamp>) -> Enabled {
        let number = |name: &str| self.texts(name).next()?.parse::<i64>().ok();
        if let Some(control) = number("useraccountcontrol") {
            let expired = now.is_some_and(|now| self.expires().is_some_and(|at| at <= now));
            return yes_or_no(control & 2 == 0 && !expired);
        }
        if let Some(lock) = self.texts("nsaccountlock").next() {
            return yes_or_no(!lock.eq_ignore_ascii_case("true"));
        }
        match self.texts("pwdaccountlockedtime").next() {
            Some("000001010000Z") => Enabled::No,
            _ => Enabled::Unknown,
        }
    }

    /// `accountExpires`: 0 and 9223372036854775807 mean never.
    fn expires(&self) -> Option<Timestamp> {
        let ticks: i64 = self.texts("accountexpires").next()?.parse().ok()?;
        if matches!(ticks, 0 | i64::MAX) {
            return None;
        }
        Timestamp::from_second(ticks.saturating_sub(EPOCH).div_euclid(TICKS)).ok()
    }
}

fn yes_or_no(yes: bool) -> Enabled {
    if yes { Enabled::Yes } else { Enabled::No }
}

/// A GUID out of 16 bytes, the first three fields little-endian (MS-DTYP 2.3.4), or out of text.
fn guid(value: &[u8]) -> Option<String> {
    if let Ok(bytes) = <[u8; 16]>::try_from(value) {
        return Some(uuid::Uuid::from_bytes_le(bytes).to_string());
    }
    let text = std::str::from_utf8(value).ok()?;
    Some(text.trim_matches(['{', '}']).to_lowercase())
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
            let values = entry.attributes.entry((*name).into()).or_default();
            values.push(value.to_vec());
        }
        entry
    }

    #[test]
    fn ids_are_read_in_active_directory_byte_order() {
        let bytes: Vec<u8> = (0..16).collect();
        let names = ["objectguid", "entryuuid"];
        assert_eq!(
            entry(&[("objectguid", &bytes)]).id(&names),
            "03020100-0504-0706-0809-0a0b0c0d0e0f"
        );
        assert_eq!(entry(&[("entryuuid", b"AB-1")]).id(&names), "AB-1");
        assert_eq!(entry(&[]).id(&names), "cn=a");
        let raw = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
        assert_eq!(
            entry(&[("objectsid", &raw)]).sid().as_deref(),
            Some("S-1-5-32-544")
        );
        assert_eq!(entry(&[("objectsid", &raw[..9])]).sid(), None);
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
            let entry = entry(&[(name, value.as_bytes())]);
            assert_eq!(entry.enabled(None), wanted, "{name}={value}");
        }
    }

    #[test]
    fn an_expired_account_is_disabled_without_bit_2() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        for (expires, wanted) in [
            // 2026-11-24T11:59:59Z and 12:00:01Z in ticks since 1601.
            ("134399951990000000", Enabled::No),
            ("134399952010000000", Enabled::Yes),
            ("0", Enabled::Yes),
            ("9223372036854775807", Enabled::Yes),
            ("soon", Enabled::Yes),
        ] {
            let entry = entry(&[
                ("useraccountcontrol", b"512"),
                ("accountexpires", expires.as_bytes()),
            ]);
            assert_eq!(entry.enabled(Some(now)), wanted, "{expires}");
        }
    }
}
