//! Which attribute is which: the maps of the known servers, what an administrator put over them, and
//! people and groups out of entries by a map.

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

use super::dn;
use super::entry::{Class, Entry};
use crate::connectors::common;
use crate::domain::{DirectoryGroup, DirectoryGroupId, GroupKind, Person, PersonId, PersonKind};
use crate::text::Raw;

/// The servers that are known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// Active Directory, Samba AD.
    ActiveDirectory,
    /// OpenLDAP.
    OpenLdap,
    /// 389 Directory Server.
    Ds389,
    /// `FreeIPA`.
    FreeIpa,
}

impl Vendor {
    /// What people call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ActiveDirectory => "Active Directory",
            Self::OpenLdap => "OpenLDAP",
            Self::Ds389 => "389 Directory Server",
            Self::FreeIpa => "FreeIPA",
        }
    }
}

/// Attribute names by field, lower-case, each list tried in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::connectors) struct Map {
    pub(in crate::connectors) id: Vec<String>,
    name: Vec<String>,
    upn: Vec<String>,
    mail: Vec<String>,
    pub(in crate::connectors) sam: Vec<String>,
    department: Vec<String>,
    title: Vec<String>,
    employee_id: Vec<String>,
    /// What templates call the DN: one text for everybody.
    dn: Raw,
    /// Further attributes by the name that a subject template uses.
    more: BTreeMap<String, Vec<String>>,
}

/// What `attributes` of a profile may name besides attributes of its own.
pub const FIELDS: [&str; 8] = Person::ATTRIBUTES;

impl Map {
    /// Every known dialect at once, for files, which do not say where they come from.
    pub(in crate::connectors) fn any() -> Self {
        Self {
            id: names("objectguid entryuuid ipauniqueid nsuniqueid"),
            name: names("displayname gecos cn name"),
            upn: names("userprincipalname krbprincipalname"),
            mail: names("mail"),
            sam: names("samaccountname uid"),
            department: names("department departmentnumber"),
            title: names("title"),
            employee_id: names("employeeid employeenumber"),
            dn: Raw::from("dn"),
            more: BTreeMap::new(),
        }
    }

    /// The map of a server.
    pub(in crate::connectors) fn of(vendor: Vendor) -> Self {
        let (id, upn) = match vendor {
            Vendor::ActiveDirectory => ("objectguid", "userprincipalname"),
            Vendor::OpenLdap => ("entryuuid", "userprincipalname"),
            Vendor::Ds389 => ("nsuniqueid", "userprincipalname"),
            Vendor::FreeIpa => ("ipauniqueid nsuniqueid", "krbprincipalname"),
        };
        let mut map = Self {
            id: names(id),
            upn: names(upn),
            ..Self::any()
        };
        if vendor != Vendor::ActiveDirectory {
            // `name` stands above `cn`, `sn` and many others there (RFC 4519, 2.18): whoever asks for
            // it is sent all of them.
            map.name.retain(|name| name != "name");
        }
        map
    }

    /// Puts what a profile says over it: a field or a new name, and attributes in the order to try.
    #[must_use]
    pub(in crate::connectors) fn with(mut self, overrides: &BTreeMap<String, String>) -> Self {
        for (field, attributes) in overrides {
            let list = attributes
                .split([',', ' '])
                .map(|name| name.trim().to_lowercase())
                .filter(|name| !name.is_empty())
                .collect();
            match field.to_lowercase().as_str() {
                "id" => self.id = list,
                "name" => self.name = list,
                "upn" => self.upn = list,
                "mail" => self.mail = list,
                "sam" => self.sam = list,
                "department" => self.department = list,
                "title" => self.title = list,
                "employee_id" => self.employee_id = list,
                other => drop(self.more.insert(other.to_owned(), list)),
            }
        }
        self
    }

    /// Reads these attributes as well, under their own names.
    #[must_use]
    pub(in crate::connectors) fn and(mut self, attributes: &[String]) -> Self {
        for name in attributes {
            let own = FIELDS.contains(&name.as_str()) || matches!(name.as_str(), "dn" | "sid");
            if !own {
                let list = vec![name.to_lowercase()];
                self.more.entry(name.clone()).or_insert(list);
            }
        }
        self
    }

    /// Everything that a search for people must ask for.
    pub(in crate::connectors) fn attributes(&self) -> Vec<&str> {
        let own = [
            &self.id,
            &self.name,
            &self.upn,
            &self.mail,
            &self.sam,
            &self.department,
            &self.title,
            &self.employee_id,
        ];
        let facts = [
            "objectclass",
            "proxyaddresses",
            "objectsid",
            "useraccountcontrol",
            "accountexpires",
            "nsaccountlock",
            "pwdaccountlockedtime",
        ];
        let all: BTreeSet<&str> = own
            .into_iter()
            .chain(self.more.values())
            .flatten()
            .map(String::as_str)
            .chain(facts)
            .collect();
        all.into_iter().collect()
    }

    /// What a typed text may stand in.
    pub(in crate::connectors) fn searched(&self) -> impl Iterator<Item = &str> {
        let lists = [&self.name, &self.mail, &self.sam, &self.upn];
        lists.into_iter().flatten().map(String::as_str)
    }

    /// What an address or a login may stand in.
    pub(in crate::connectors) fn addressed(&self) -> impl Iterator<Item = &str> {
        let lists = [&self.mail, &self.sam, &self.upn];
        lists.into_iter().flatten().map(String::as_str)
    }

    /// A person out of an entry.
    pub(in crate::connectors) fn person(
        &self,
        entry: &Entry,
        class: Class,
        now: Option<Timestamp>,
    ) -> Person {
        let text = |names: &[String]| entry.text(names).map(Raw::from);
        let id = PersonId::new(entry.id(&self.id));
        let mut person = Person::new(id, text(&self.name).unwrap_or_default());
        person.upn = text(&self.upn);
        person.sam = text(&self.sam);
        person.department = text(&self.department);
        person.title = text(&self.title);
        person.employee_id = text(&self.employee_id);
        person.enabled = entry.enabled(now);
        if class == Class::Contact {
            person.kind = PersonKind::Contact;
        }
        let mails = self.mail.iter().flat_map(|name| entry.texts(name));
        let proxies = entry.texts("proxyaddresses");
        (person.mail, person.other_mails) = common::addresses(mails.map(Raw::from), proxies);
        let dn = Raw::from(entry.dn.as_str());
        person.more.push((self.dn.clone(), dn));
        if let Some(sid) = entry.sid() {
            person.more.push(("sid".into(), Raw::from(sid)));
        }
        for (name, attributes) in &self.more {
            if let Some(value) = entry.text(attributes) {
                person.more.push((name.as_str().into(), Raw::from(value)));
            }
        }
        common::called(&mut person);
        person
    }

    /// A group out of an entry. Subgroups and size are for who knows the members.
    pub(in crate::connectors) fn group(&self, entry: &Entry) -> DirectoryGroup {
        let name = entry
            .text(&["cn", "name", "samaccountname", "displayname"])
            .map(str::to_owned);
        let name = name
            .or_else(|| dn::leaf(&entry.dn))
            .unwrap_or_else(|| entry.dn.clone());
        // groupType bit 31 marks security groups (MS-ADTS); without it the group is a mail list.
        let bits = entry
            .text(&["grouptype"])
            .and_then(|text| text.parse::<i64>().ok());
        let kind = match bits {
            Some(bits) if bits >= 0 && bits & 0x8000_0000 == 0 => GroupKind::Mail,
            _ => GroupKind::Security,
        };
        DirectoryGroup {
            id: DirectoryGroupId::new(entry.id(&self.id)),
            name: Raw::from(name),
            description: entry.text(&["description"]).map(Raw::from),
            kind,
            dynamic: entry.attributes.contains_key("memberurl"),
            role_assignable: false,
            subgroups: Vec::new(),
            size: None,
        }
    }
}

fn names(list: &str) -> Vec<String> {
    list.split(' ').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attributes: &[(&str, &str)]) -> Entry {
        let mut entry = Entry {
            dn: "cn=a,dc=b".into(),
            ..Entry::default()
        };
        for (name, value) in attributes {
            let values = entry.attributes.entry((*name).into()).or_default();
            values.push(value.as_bytes().to_vec());
        }
        entry
    }

    #[test]
    fn an_override_replaces_a_field_and_adds_names_for_templates() {
        let overrides = BTreeMap::from([
            ("mail".to_owned(), "mailPrimaryAddress, mail".to_owned()),
            ("badge".to_owned(), "employeeType".to_owned()),
        ]);
        let map = Map::of(Vendor::OpenLdap)
            .with(&overrides)
            .and(&["l".to_owned()]);
        let entry = entry(&[
            ("mail", "late@corp.example"),
            ("mailprimaryaddress", "first@corp.example"),
            ("employeetype", "B-7"),
            ("l", "Lund"),
        ]);
        let person = map.person(&entry, Class::Person, None);
        assert_eq!(person.mail, Some("first@corp.example".into()));
        assert_eq!(person.other_mails, ["late@corp.example".into()]);
        assert_eq!(person.attribute("badge"), Some(&"B-7".into()));
        assert_eq!(person.attribute("l"), Some(&"Lund".into()));
        assert!(map.attributes().contains(&"mailprimaryaddress"));
        assert!(map.attributes().contains(&"employeetype"));
    }

    #[test]
    fn only_active_directory_is_asked_for_name() {
        // Elsewhere it is what `cn`, `sn` and many others are kinds of, and all of them would come.
        for vendor in [Vendor::OpenLdap, Vendor::Ds389, Vendor::FreeIpa] {
            assert!(!Map::of(vendor).attributes().contains(&"name"));
        }
        let map = Map::of(Vendor::ActiveDirectory);
        assert!(map.attributes().contains(&"name"));
    }

    #[test]
    fn what_kind_of_group_is_told_by_its_bits() {
        for (bits, kind) in [
            ("-2147483646", GroupKind::Security),
            ("2147483656", GroupKind::Security),
            ("2", GroupKind::Mail),
        ] {
            let group = Map::of(Vendor::ActiveDirectory).group(&entry(&[("grouptype", bits)]));
            assert_eq!(group.kind, kind, "{bits}");
            assert_eq!(
                group.name.expose(),
                "a",
                "called by its DN when nothing else is there"
            );
        }
    }
}
