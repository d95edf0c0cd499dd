//! Groups that hold a person: asked for by what they hold, level by level, since the back link is a
//! feature that may be off, partial or nested. On Active Directory the primary group is found by its SID.

use ldap3::Scope;

use super::dn;
use super::entry::Entry;
use super::filter;
use super::map::Vendor;
use super::members::{Found, Walker};
use super::refusal::Broken;
use crate::connectors::climb::{Climb, in_order};
use crate::domain::{DirectoryGroupId, PersonId, Reading, Way};
use crate::ports::{Kind, Problem};

impl Walker<'_> {
    /// Reads the groups. See [`crate::ports::Directory::groups_of`].
    ///
    /// # Errors
    /// `NotFound` for somebody who is not there, and what the server refuses.
    pub(super) async fn groups_of(
        &mut self,
        person: &PersonId,
    ) -> Result<Reading<Vec<Way>>, Broken> {
        let mut found = Found::default();
        let filter = filter::both(self.dialect.people(), &self.dialect.by_id(person.expose()));
        let attributes = ["uid", "objectsid", "primarygroupid"];
        let people = self.search(&filter, &attributes, &mut found).await?;
        let Some(entry) = people.into_iter().next() else {
            let text = format!(
                "{} holds nobody with the id {}",
                self.desk.label,
                person.show()
            );
            return Err(Problem::new(Kind::NotFound, text).into());
        };
        let mut ways = Climb::default();
        let filters = of_person(self.dialect.vendor, &entry);
        let first = self.holding(&filters, &mut found).await?;
        let mut level = in_order(ways.take(&[], first, |group| self.group_id(group)));
        while !level.is_empty() {
            let mut next = Vec::new();
            for (group, way) in level {
                let above = self.holding(&of_dn(&group.dn), &mut found).await?;
                next.extend(ways.take(&way, above, |group| self.group_id(group)));
            }
            level = in_order(next);
        }
        let proof = found.proof("every search for a group above ended with success");
        Ok(Reading {
            value: ways.ways(),
            proof,
        })
    }

    /// Groups that any of these filters finds.
    async fn holding(
        &mut self,
        filters: &[String],
        found: &mut Found,
    ) -> Result<Vec<Entry>, Broken> {
        let any = filter::any(filters.iter().cloned());
        let filter = filter::both(self.dialect.groups(), &any);
        let attributes: Vec<&str> = self.dialect.map.id.iter().map(String::as_str).collect();
        let mut groups = self.search(&filter, &attributes, found).await?;
        groups.retain(|group| !self.dialect.is_shadow(group));
        Ok(groups)
    }

    async fn search(
        &mut self,
        filter: &str,
        attributes: &[&str],
        found: &mut Found,
    ) -> Result<Vec<Entry>, Broken> {
        self.ask(Scope::Subtree, self.base, filter, attributes, found)
            .await
    }

    fn group_id(&self, group: &Entry) -> DirectoryGroupId {
        DirectoryGroupId::new(group.id(&self.dialect.map.id))
    }
}

/// What a group holds that holds this entry.
fn of_dn(of: &str) -> Vec<String> {
    let plain = dn::plain(of);
    let places = ["member", "uniqueMember"];
    places.map(|name| filter::equal(name, &plain)).to_vec()
}

/// The same of a person, who may stand in a group by login too, and have a primary group.
fn of_person(vendor: Vendor, entry: &Entry) -> Vec<String> {
    let logins = entry
        .texts("uid")
        .map(|uid| filter::equal("memberUid", uid));
    let mut filters = of_dn(&entry.dn);
    filters.extend(logins);
    if vendor == Vendor::ActiveDirectory {
        filters.extend(primary_group(entry));
    }
    filters
}

/// The SID of the primary group is the person's with another last part (MS-DTYP 2.4.2).
fn primary_group(entry: &Entry) -> Option<String> {
    let relative: u32 = entry.texts("primarygroupid").next()?.parse().ok()?;
    let own = entry.attributes.get("objectsid")?.first()?;
    let domain = own.len().checked_sub(4).and_then(|end| own.get(..end))?;
    let sid = [domain, &relative.to_le_bytes()].concat();
    Some(filter::equal_bytes("objectSid", &sid))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attributes: &[(&str, &[u8])]) -> Entry {
        let attributes = attributes.iter();
        let attributes = attributes.map(|(name, value)| ((*name).to_owned(), vec![value.to_vec()]));
        Entry {
            dn: "cn=A (x),dc=corp".to_owned(),
            attributes: attributes.collect(),
        }
    }

    #[test]
    fn a_person_stands_in_a_group_by_dn_login_or_primary_group() {
        let sid = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 7, 0, 0, 0];
        let entry = entry(&[
            ("uid", b"a*"),
            ("objectsid", &sid),
            ("primarygroupid", b"513"),
        ]);
        let mut wanted = vec![
            "(member=cn=A \\28x\\29,dc=corp)".to_owned(),
            "(uniqueMember=cn=A \\28x\\29,dc=corp)".to_owned(),
            "(memberUid=a\\2a)".to_owned(),
        ];
        assert_eq!(of_person(Vendor::OpenLdap, &entry), wanted);
        let bytes = "\\01\\02\\00\\00\\00\\00\\00\\05\\20\\00\\00\\00\\01\\02\\00\\00";
        wanted.push(format!("(objectSid={bytes})"));
        assert_eq!(of_person(Vendor::ActiveDirectory, &entry), wanted);
    }

    #[test]
    fn a_sid_that_is_none_names_no_group() {
        let group = |sid: &[u8], id: &[u8]| {
            primary_group(&entry(&[("objectsid", sid), ("primarygroupid", id)]))
        };
        assert_eq!(group(b"abc", b"513"), None);
        assert_eq!(group(b"abcdefgh", b"many"), None);
    }
}
