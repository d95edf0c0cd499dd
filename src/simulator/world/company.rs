//! The directory side of the world: people, groups and who is in what, as Entra would hold them.

use std::collections::{BTreeSet, HashMap};

/// A person of the directory, with the attributes Graph shows (directories.md 2.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Entra object id, a GUID.
    pub id: String,
    /// Display name; may be hostile in the `hostile` scenario.
    pub name: String,
    /// Given name.
    pub given: String,
    /// Family name.
    pub surname: String,
    /// User principal name; guests carry `#EXT#`.
    pub upn: String,
    /// Mail address, if any.
    pub mail: Option<String>,
    /// `accountEnabled`.
    pub enabled: bool,
    /// `userType` is `Guest`.
    pub guest: bool,
    /// Department, may be empty.
    pub department: String,
    /// Job title, may be empty.
    pub title: String,
    /// `sAMAccountName` of the synced on-premises account.
    pub sam: String,
    /// Employee number, may be empty.
    pub employee: String,
    /// Further addresses: the proxy addresses besides the mail address.
    pub aliases: Vec<String>,
}

/// What sort of group Entra says it is (directories.md 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupKind {
    /// `securityEnabled`, not mail-enabled.
    #[default]
    Security,
    /// `groupTypes` contains `Unified`.
    Microsoft365,
    /// `groupTypes` contains `DynamicMembership`.
    Dynamic,
    /// Mail-enabled, not a security group.
    Distribution,
}

/// A group of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryGroup {
    /// Entra object id, a GUID.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Description, may be empty.
    pub description: String,
    /// Kind of group.
    pub kind: GroupKind,
    /// Direct members, as indices into [`Directory::people`], in joining order.
    pub members: Vec<usize>,
    /// Direct sub-groups, as indices into [`Directory::groups`].
    pub subgroups: Vec<usize>,
    /// Whether roles of Entra may be given to it.
    pub role_assignable: bool,
    /// Who is in it is told only to those who may read hidden members.
    pub hidden: bool,
}

/// The whole directory with its look-up tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// Entra tenant id, a GUID.
    pub tenant_id: String,
    /// Name of the company.
    pub company: String,
    /// Its mail domain.
    pub domain: String,
    /// Everybody.
    pub people: Vec<Person>,
    /// Every group.
    pub groups: Vec<DirectoryGroup>,
    /// People who were deleted lately, and when (RFC 3339).
    pub deleted: Vec<(Person, String)>,
    person_by_id: HashMap<String, usize>,
    group_by_id: HashMap<String, usize>,
    by_name: Vec<usize>,
    parents: Vec<Vec<usize>>,
    groups_of: Vec<Vec<usize>>,
}

impl Directory {
    /// Rebuilds the look-up tables; call after people or groups were changed by hand.
    pub fn reindex(&mut self) {
        self.person_by_id = self
            .people
            .iter()
            .enumerate()
            .map(|(i, p)| (p.id.clone(), i))
            .collect();
        self.group_by_id = self
            .groups
            .iter()
            .enumerate()
            .map(|(i, g)| (g.id.clone(), i))
            .collect();
        let mut order: Vec<(String, usize)> = self
            .people
            .iter()
            .enumerate()
            .map(|(i, p)| (p.name.to_lowercase(), i))
            .collect();
        order.sort_unstable();
        self.by_name = order.into_iter().map(|(_, i)| i).collect();
        self.parents = vec![Vec::new(); self.groups.len()];
        self.groups_of = vec![Vec::new(); self.people.len()];
        for (at, group) in self.groups.iter().enumerate() {
            for child in &group.subgroups {
                if let Some(list) = self.parents.get_mut(*child) {
                    list.push(at);
                }
            }
            for member in &group.members {
                if let Some(list) = self.groups_of.get_mut(*member) {
                    list.push(at);
                }
            }
        }
    }

    /// Deletes a person as Entra does: gone from every list and group, kept among the deleted.
    pub fn soft_delete(&mut self, at: usize, when: &str) {
        if at >= self.people.len() {
            return;
        }
        let person = self.people.remove(at);
        self.deleted.push((person, when.to_owned()));
        for group in &mut self.groups {
            group.members.retain(|member| *member != at);
            for member in &mut group.members {
                *member -= usize::from(*member > at);
            }
        }
        self.reindex();
    }

    /// Index of the person with this object id (any case) or user principal name.
    pub fn person(&self, id: &str) -> Option<usize> {
        if let Some(at) = self.person_by_id.get(&id.to_ascii_lowercase()) {
            return Some(*at);
        }
        if !id.contains('@') {
            return None;
        }
        self.people
            .iter()
            .position(|p| p.upn.eq_ignore_ascii_case(id))
    }

    /// Index of the group with this object id (any case).
    pub fn group(&self, id: &str) -> Option<usize> {
        self.group_by_id.get(&id.to_ascii_lowercase()).copied()
    }

    /// Index of the first group with this display name.
    pub fn group_named(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|g| g.name == name)
    }

    /// People in order of their lower-cased display name.
    pub fn people_by_name(&self) -> &[usize] {
        &self.by_name
    }

    /// The group and every group below it, each once; cycles are harmless.
    pub fn groups_below(&self, group: usize) -> Vec<usize> {
        walk(vec![group], |at| {
            self.groups.get(at).map_or(&[], |g| g.subgroups.as_slice())
        })
    }

    /// People of a group and of all groups below it, each once, in directory order.
    pub fn transitive_members(&self, group: usize) -> Vec<usize> {
        let mut seen = BTreeSet::new();
        for at in self.groups_below(group) {
            if let Some(group) = self.groups.get(at) {
                seen.extend(group.members.iter().copied());
            }
        }
        seen.into_iter().collect()
    }

    /// Groups a person is in directly.
    pub fn direct_groups_of(&self, person: usize) -> Vec<usize> {
        self.groups_of.get(person).cloned().unwrap_or_default()
    }

    /// Groups that hold a group directly.
    pub fn groups_above(&self, group: usize) -> Vec<usize> {
        self.parents.get(group).cloned().unwrap_or_default()
    }

    /// Every group a person is in, directly or through other groups.
    pub fn transitive_groups_of(&self, person: usize) -> Vec<usize> {
        let direct = self.groups_of.get(person).cloned().unwrap_or_default();
        walk(direct, |at| self.parents.get(at).map_or(&[], Vec::as_slice))
    }
}

/// Everything reachable from the start, each once.
fn walk<'a>(start: Vec<usize>, next: impl Fn(usize) -> &'a [usize]) -> Vec<usize> {
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut todo = start;
    while let Some(at) = todo.pop() {
        if seen.insert(at) {
            todo.extend(next(at).iter().copied());
        }
    }
    seen.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: &str, members: Vec<usize>, subgroups: Vec<usize>) -> DirectoryGroup {
        DirectoryGroup {
            id: id.into(),
            name: id.into(),
            description: String::new(),
            kind: GroupKind::Security,
            members,
            subgroups,
            role_assignable: false,
            hidden: false,
        }
    }

    fn person(id: &str) -> Person {
        Person {
            id: id.into(),
            name: id.into(),
            given: String::new(),
            surname: String::new(),
            upn: format!("{id}@corp.example"),
            mail: None,
            enabled: true,
            guest: false,
            department: String::new(),
            title: String::new(),
            sam: id.into(),
            employee: String::new(),
            aliases: Vec::new(),
        }
    }

    #[test]
    fn a_cycle_of_groups_counts_everybody_once() {
        let mut directory = Directory {
            people: ["a", "b", "c"].map(person).to_vec(),
            groups: vec![
                group("g0", vec![0], vec![1]),
                group("g1", vec![1, 0], vec![2]),
                group("g2", vec![2], vec![0]),
            ],
            ..Directory::default()
        };
        directory.reindex();
        assert_eq!(directory.transitive_members(0), [0, 1, 2]);
        assert_eq!(directory.transitive_groups_of(2), [0, 1, 2]);
        assert_eq!(directory.person("B@corp.example"), Some(1));
    }
}
