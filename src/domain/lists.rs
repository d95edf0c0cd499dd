//! Lists of a tenant that can be read by themselves, and which of them a removal relies on. One that
//! nothing but its last page calls whole is read a second time before anything is taken (C2).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::change::{Change, Operation};
use super::ids::{LicenseType, SpaceId};
use super::license::LicenseAssignment;
use super::snapshot::{Completeness, Reading, TenantSnapshot};
use super::space::SpaceAssignment;
use super::tenant::{Group, Role, User};

/// A list of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// Users of every status.
    Users,
    /// Groups that Qlik knows.
    Groups,
    /// Tenant roles.
    Roles,
    /// Seats of the whole license.
    Licenses,
    /// Who holds what in a space.
    Assignments(SpaceId),
}

impl List {
    /// What tells who is protected.
    pub const PROTECTION: [Self; 3] = [Self::Users, Self::Roles, Self::Groups];

    /// Its name for a reader.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Groups => "groups",
            Self::Roles => "roles",
            Self::Licenses => "licenses",
            Self::Assignments(_) => "assignments",
        }
    }
}

/// A list as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing {
    /// See [`List::Users`].
    Users(Reading<Vec<Arc<User>>>),
    /// See [`List::Groups`].
    Groups(Reading<Vec<Group>>),
    /// See [`List::Roles`].
    Roles(Reading<Vec<Role>>),
    /// See [`List::Licenses`].
    Licenses(Reading<Vec<LicenseAssignment>>),
    /// See [`List::Assignments`].
    Assignments(SpaceId, Reading<Vec<SpaceAssignment>>),
}

impl Listing {
    /// What is in it, by what is unique there.
    pub fn ids(&self) -> BTreeSet<String> {
        match self {
            Self::Users(all) => all.value.iter().map(|one| one.id.key()).collect(),
            Self::Groups(all) => all.value.iter().map(|one| one.id.key()).collect(),
            Self::Roles(all) => all.value.iter().map(|one| one.id.key()).collect(),
            Self::Licenses(all) => {
                let seat = |one: &LicenseAssignment| {
                    let license = one.license.as_ref().map(LicenseType::expose);
                    format!("{}\n{}", one.subject.key(), license.unwrap_or_default())
                };
                all.value.iter().map(seat).collect()
            }
            Self::Assignments(_, all) => all.value.iter().map(|one| one.id.key()).collect(),
        }
    }

    /// The same list with another proof.
    #[must_use]
    pub fn proven(mut self, proof: Completeness) -> Self {
        *match &mut self {
            Self::Users(all) => &mut all.proof,
            Self::Groups(all) => &mut all.proof,
            Self::Roles(all) => &mut all.proof,
            Self::Licenses(all) => &mut all.proof,
            Self::Assignments(_, all) => &mut all.proof,
        } = proof;
        self
    }

    /// Whether it is whole.
    pub fn proof(&self) -> &Completeness {
        match self {
            Self::Users(all) => &all.proof,
            Self::Groups(all) => &all.proof,
            Self::Roles(all) => &all.proof,
            Self::Licenses(all) => &all.proof,
            Self::Assignments(_, all) => &all.proof,
        }
    }
}

impl Change {
    /// Lists that a removal relies on: what tells who is protected, and where the thing stands that
    /// is taken. Nothing for a change that takes nothing.
    pub fn relies_on(&self) -> BTreeSet<List> {
        if !self.is_removal() {
            return BTreeSet::new();
        }
        let mut lists: BTreeSet<List> = List::PROTECTION.into();
        match self {
            Self::RemoveLicense { .. } | Self::ChangeLicense { .. } => {
                lists.insert(List::Licenses);
            }
            Self::RemoveSpaceAssignment { target, .. }
            | Self::ChangeSpaceAssignment { target, .. } => {
                lists.insert(List::Assignments(target.space.id.clone()));
            }
            _ => {}
        }
        lists
    }
}

impl TenantSnapshot {
    /// A list of it, as it was read.
    pub fn listing(&self, list: &List) -> Option<Listing> {
        Some(match list {
            List::Users => Listing::Users(self.users.clone()),
            List::Groups => Listing::Groups(self.groups.clone()),
            List::Roles => Listing::Roles(self.roles.clone()),
            List::Licenses => Listing::Licenses(Reading {
                value: self.licensing.value.assignments.clone(),
                proof: self.licensing.proof.clone(),
            }),
            List::Assignments(space) => {
                Listing::Assignments(space.clone(), self.assignments.get(space)?.clone())
            }
        })
    }

    /// Puts a list in the place of what was read before.
    pub fn put(&mut self, listing: Listing) {
        match listing {
            Listing::Users(all) => self.users = all,
            Listing::Groups(all) => self.groups = all,
            Listing::Roles(all) => self.roles = all,
            Listing::Licenses(all) => {
                self.licensing.value.assignments = all.value;
                self.licensing.proof = all.proof;
            }
            Listing::Assignments(space, all) => {
                self.assignments.insert(space, all);
            }
        }
    }

    /// Whether a list is whole, and nothing vouches for it yet but its last page.
    fn wants_second_look(&self, list: &List) -> bool {
        let proof = match list {
            List::Users => &self.users.proof,
            List::Groups => &self.groups.proof,
            List::Roles => &self.roles.proof,
            List::Licenses => &self.licensing.proof,
            List::Assignments(space) => match self.assignments.get(space) {
                Some(reading) => &reading.proof,
                None => return false,
            },
        };
        proof.wants_second_look()
    }

    /// Lists that removals among these operations rely on and that want a second look first.
    pub fn unsettled<'o>(
        &self,
        operations: impl IntoIterator<Item = &'o Operation>,
    ) -> BTreeSet<List> {
        let changes = operations.into_iter().map(|operation| &operation.change);
        let lists: BTreeSet<List> = changes.flat_map(Change::relies_on).collect();
        let unsettled = lists.into_iter();
        unsettled
            .filter(|list| self.wants_second_look(list))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{group, live, user};
    use crate::domain::{Assignee, Role, RoleLevel};

    fn space() -> SpaceId {
        "s".into()
    }

    fn tenant(proof: &Completeness) -> TenantSnapshot {
        let mut tenant = live(vec![user("anna", false)]);
        tenant.groups.value = vec![group("g", "Sales", false)];
        tenant.licensing.value.assignments = vec![LicenseAssignment {
            subject: "CORP\\anna".into(),
            license: Some("analyzer".into()),
            excess: false,
            created: None,
        }];
        tenant.assignments.insert(
            space(),
            Reading::proven(
                vec![SpaceAssignment {
                    id: "a".into(),
                    assignee: Assignee::User("id-anna".into()),
                    roles: vec!["consumer".into()],
                }],
                "a test",
            ),
        );
        for list in all() {
            let listing = tenant.listing(&list).expect("it was read");
            tenant.put(listing.proven(proof.clone()));
        }
        tenant
    }

    fn all() -> [List; 5] {
        [
            List::Users,
            List::Groups,
            List::Roles,
            List::Licenses,
            List::Assignments(space()),
        ]
    }

    #[test]
    fn each_list_is_known_by_what_is_unique_in_it() {
        let tenant = tenant(&Completeness::proven("a test"));
        let ids: Vec<Vec<String>> = all()
            .iter()
            .map(|list| tenant.listing(list).expect("it was read").ids())
            .map(|ids| ids.into_iter().collect())
            .collect();
        assert_eq!(
            ids,
            [
                ["id-anna"],
                ["g"],
                ["role-admin"],
                ["corp\\anna\nanalyzer"],
                ["a"]
            ]
        );
        assert_eq!(tenant.listing(&List::Assignments("other".into())), None);
    }

    #[test]
    fn a_proof_reaches_its_list_and_no_other() {
        let once = Completeness::Once("the last page".to_owned());
        for list in all() {
            let mut tenant = tenant(&Completeness::proven("a test"));
            let listing = tenant
                .listing(&list)
                .expect("it was read")
                .proven(once.clone());
            assert_eq!(listing.proof(), &once);
            tenant.put(listing);
            for other in all() {
                let proof = tenant.listing(&other).expect("it was read");
                assert_eq!(*proof.proof() == once, other == list, "{list:?} {other:?}");
                assert_eq!(tenant.wants_second_look(&other), other == list);
            }
        }
        let none = tenant(&once).wants_second_look(&List::Assignments("other".into()));
        assert!(!none, "what was not read is not read again");
    }

    #[test]
    fn what_is_put_takes_the_place_of_what_was_read() {
        let mut tenant = tenant(&Completeness::proven("a test"));
        let role = Role {
            id: "role-new".into(),
            name: "New".into(),
            level: RoleLevel::User,
        };
        for listing in [
            Listing::Users(Reading::default()),
            Listing::Groups(Reading::default()),
            Listing::Roles(Reading::proven(vec![role], "a test")),
            Listing::Licenses(Reading::default()),
            Listing::Assignments(space(), Reading::default()),
        ] {
            tenant.put(listing.clone());
            assert!(
                all()
                    .iter()
                    .any(|list| tenant.listing(list) == Some(listing.clone()))
            );
        }
    }
}
