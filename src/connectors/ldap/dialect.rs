//! What differs from server to server: filters, the attribute that holds an entry's own DN, what a
//! group's entry must be asked for. Which server it is tells its root DSE (RFC 4512, 5.1).

use ldap3::Scope;

use super::entry::Entry;
use super::map::{Map, Vendor};
use super::search::Query;
use super::{dn, filter};

/// Active Directory says so with this capability (MS-ADTS 3.1.1.3.4.3.1).
const ACTIVE_DIRECTORY: &str = "1.2.840.113556.1.4.800";

/// How a server is spoken to.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    pub(super) vendor: Vendor,
    pub(super) map: Map,
}

/// The entry that says which server it is.
pub(super) const ROOT: Query<'static> = Query {
    base: "",
    scope: Scope::Base,
    filter: filter::EVERYTHING,
    attributes: &["objectClass", "supportedCapabilities", "vendorName"],
};

/// The same, with what is for people to read.
pub(super) const ROOT_IN_WORDS: Query<'static> = Query {
    attributes: &[
        "objectClass",
        "supportedCapabilities",
        "vendorName",
        "vendorVersion",
        "namingContexts",
        "defaultNamingContext",
    ],
    ..ROOT
};

/// Which server a root DSE belongs to; others are read as OpenLDAP is.
pub(super) fn vendor(root: &Entry) -> Vendor {
    let has = |name: &str, wanted: &str| root.texts(name).any(|text| text.contains(wanted));
    if has("supportedcapabilities", ACTIVE_DIRECTORY) {
        Vendor::ActiveDirectory
    } else if has("vendorname", "389") {
        Vendor::Ds389
    } else {
        Vendor::OpenLdap
    }
}

impl Dialect {
    /// Who counts as a person.
    pub(super) fn people(&self) -> &'static str {
        match self.vendor {
            // Without the category contacts would come, without the class computers; built-in
            // accounts (krbtgt and so on) are users too.
            Vendor::ActiveDirectory => {
                "(&(objectCategory=person)(objectClass=user)(!(isCriticalSystemObject=TRUE)))"
            }
            Vendor::OpenLdap => "(|(objectClass=inetOrgPerson)(objectClass=posixAccount))",
            Vendor::Ds389 => "(objectClass=inetOrgPerson)",
            Vendor::FreeIpa => "(&(objectClass=person)(objectClass=posixAccount))",
        }
    }

    /// What counts as a group.
    pub(super) fn groups(&self) -> &'static str {
        match self.vendor {
            Vendor::ActiveDirectory => "(objectCategory=group)",
            Vendor::OpenLdap => {
                "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup)(objectClass=groupOfURLs))"
            }
            Vendor::Ds389 => "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))",
            Vendor::FreeIpa => "(objectClass=ipaUserGroup)",
        }
    }

    /// Where an entry holds its own DN, for filters.
    pub(super) fn own_dn(&self) -> &'static str {
        match self.vendor {
            Vendor::ActiveDirectory => "distinguishedName",
            _ => "entryDN",
        }
    }

    /// What a group is asked for when only groups are listed.
    pub(super) fn group_attributes(&self) -> Vec<&str> {
        let own = ["objectclass", "cn", "name", "displayname", "samaccountname"];
        let facts = ["description", "grouptype", "memberurl"];
        let id = self.map.id.iter().map(String::as_str);
        own.into_iter().chain(facts).chain(id).collect()
    }

    /// What is asked for when an entry may be a person or a group with its members.
    pub(super) fn member_attributes(&self) -> Vec<&str> {
        let mut all = self.map.attributes();
        all.extend(self.group_attributes());
        all.extend(["member", "uniquemember", "memberuid", "primarygrouptoken"]);
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The filter that finds an entry by the id that [`Entry::id`] made of it.
    pub(super) fn by_id(&self, id: &str) -> String {
        let ways = self.map.id.iter().map(|name| match name.as_str() {
            "objectguid" => match uuid::Uuid::try_parse(id) {
                Ok(guid) => filter::equal_bytes(name, &guid.to_bytes_le()),
                Err(_) => String::new(),
            },
            name => filter::equal(name, id),
        });
        // An entry without an id attribute is known by its DN.
        let dn = id
            .contains('=')
            .then(|| filter::equal(self.own_dn(), &dn::plain(id)));
        filter::any(ways.chain(dn).filter(|one| !one.is_empty()))
    }

    /// Whether an entry lies where `FreeIPA` keeps copies and people who left.
    pub(super) fn is_shadow(&self, entry: &Entry) -> bool {
        let dn = entry.dn.to_lowercase();
        self.vendor == Vendor::FreeIpa
            && (dn.contains(",cn=compat,") || dn.contains("cn=deleted users,cn=accounts,"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn root(name: &str, value: &str) -> Entry {
        Entry {
            dn: String::new(),
            attributes: BTreeMap::from([(name.to_owned(), vec![value.as_bytes().to_vec()])]),
        }
    }

    #[test]
    fn the_root_says_which_server_it_is() {
        for (name, value, wanted) in [
            (
                "supportedcapabilities",
                "1.2.840.113556.1.4.800",
                Vendor::ActiveDirectory,
            ),
            ("objectclass", "OpenLDAProotDSE", Vendor::OpenLdap),
            ("vendorname", "389 Project", Vendor::Ds389),
            ("vendorname", "Else", Vendor::OpenLdap),
        ] {
            assert_eq!(vendor(&root(name, value)), wanted, "{value}");
        }
    }

    #[test]
    fn an_id_is_found_again_by_its_filter() {
        let ad = Dialect {
            vendor: Vendor::ActiveDirectory,
            map: Map::of(Vendor::ActiveDirectory),
        };
        assert_eq!(
            ad.by_id("03020100-0504-0706-0809-0a0b0c0d0e0f"),
            "(|(objectguid=\\00\\01\\02\\03\\04\\05\\06\\07\\08\\09\\0a\\0b\\0c\\0d\\0e\\0f))"
        );
        assert_eq!(ad.by_id("no guid"), "(!(objectClass=*))");
        let open = Dialect {
            vendor: Vendor::OpenLdap,
            map: Map::of(Vendor::OpenLdap),
        };
        assert_eq!(
            open.by_id("cn=a*"),
            "(|(entryuuid=cn=a\\2a)(entryDN=cn=a\\2a))"
        );
    }
}
