//! A company from four numbers: how many people, groups and spaces, and a seed.

use super::scenario::{
    AllotmentSpec, AssignmentSpec, GroupSpec, OutsiderSpec, PeopleSpec, Scenario, SpaceSpec,
    UserSpec,
};
use super::space::SpaceType;

/// Records every world has besides people: the administrator and the bot.
const STAFF: usize = 2;

/// How big a world is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorldSize {
    /// People in the directory.
    pub people: usize,
    /// Groups in the directory.
    pub groups: usize,
    /// Spaces in the tenant.
    pub spaces: usize,
    /// Seed of everything drawn.
    pub seed: u64,
    /// User records in the tenant, administrator and bot included; four in five people when absent.
    pub users: Option<usize>,
    /// License assignments; four in five user records when absent.
    pub licenses: Option<usize>,
}

impl Default for WorldSize {
    fn default() -> Self {
        Self {
            people: 1_000,
            groups: 40,
            spaces: 40,
            seed: 1,
            users: None,
            licenses: None,
        }
    }
}

impl WorldSize {
    /// User records that will exist.
    pub fn user_count(&self) -> usize {
        self.users.unwrap_or(self.people * 4 / 5 + STAFF).max(STAFF)
    }

    /// License assignments that will exist.
    pub fn license_count(&self) -> usize {
        let most = self.user_count() - STAFF;
        self.licenses.unwrap_or(most * 4 / 5).min(most)
    }

    /// The scenario of this size. Of the licensed a tenth is professional; a few people are disabled,
    /// guests, or known under an older subject.
    pub fn scenario(&self) -> Scenario {
        let records = self.user_count() - STAFF;
        let licensed = self.license_count();
        let inside = records.min(self.people);
        let mut scenario = Scenario {
            title: format!(
                "{} people, {} groups, {} spaces",
                self.people, self.groups, self.spaces
            ),
            seed: self.seed,
            ..Scenario::default()
        };
        let professional = licensed / 10;
        let analyzer = licensed - professional;
        scenario.tenant.allotments = vec![
            allotment("professional", professional + professional / 10 + 10),
            allotment("analyzer", analyzer + analyzer / 10 + 10),
        ];
        scenario.groups = (0..self.groups).map(|at| group(at, self.groups)).collect();
        scenario.people = people(self, inside, licensed.min(inside));
        if records > inside {
            let with_license = licensed.saturating_sub(inside);
            scenario.users = outsiders(records - inside, with_license);
        }
        scenario.spaces = (0..self.spaces).map(|at| space(at, self.groups)).collect();
        scenario
    }
}

fn allotment(name: &str, units: usize) -> AllotmentSpec {
    AllotmentSpec {
        name: name.into(),
        units: i64::try_from(units).unwrap_or(i64::MAX),
        class: "assigned".into(),
        used_otherwise: 0,
        overage: 0,
    }
}

/// Two in three groups are known to the tenant; every tenth holds the next one.
fn group(at: usize, groups: usize) -> GroupSpec {
    let subgroups = if at.is_multiple_of(10) && at + 1 < groups {
        vec![group_name(at + 1)]
    } else {
        Vec::new()
    };
    GroupSpec {
        name: group_name(at),
        known: at % 3 != 2,
        subgroups,
        ..GroupSpec::default()
    }
}

fn group_name(at: usize) -> String {
    const AREAS: [&str; 6] = [
        "Finance",
        "Sales",
        "Operations",
        "Engineering",
        "Legal",
        "QLIK",
    ];
    let area = AREAS.get(at % AREAS.len()).copied().unwrap_or("Group");
    format!("{area}_{at:04}")
}

fn people(size: &WorldSize, records: usize, licensed: usize) -> Vec<PeopleSpec> {
    let scatter = if size.groups == 0 { 0 } else { 2 };
    let spec = |count, user| PeopleSpec {
        count,
        scatter,
        user,
        ..PeopleSpec::default()
    };
    let seen = Some((0, 85));
    let user = |license: Option<&str>| UserSpec {
        license: license.map(Into::into),
        seen,
        ..UserSpec::default()
    };
    let old = |license: Option<&str>| UserSpec {
        subject: Some("CORP\\{sam}".into()),
        ..user(license)
    };
    let disabled = |license: Option<&str>| UserSpec {
        status: "disabled".into(),
        ..user(license)
    };
    let (professional, older) = (licensed / 10, licensed / 50);
    let off = licensed / 100;
    let analyzer = licensed - professional - older - off;
    let bare = records - licensed;
    let invited = UserSpec {
        status: "invited".into(),
        ..UserSpec::default()
    };
    let new = size.people - records;
    let guests = new / 20;
    vec![
        spec(professional, Some(user(Some("professional")))),
        spec(analyzer, Some(user(Some("analyzer")))),
        spec(older, Some(old(Some("analyzer")))),
        spec(off, Some(disabled(Some("analyzer")))),
        spec(bare / 4, Some(invited)),
        spec(bare - bare / 4, Some(user(None))),
        PeopleSpec {
            guest: true,
            ..spec(guests, None)
        },
        PeopleSpec {
            enabled: false,
            ..spec(guests, None)
        },
        spec(new - 2 * guests, None),
    ]
}

fn outsiders(count: usize, licensed: usize) -> Vec<OutsiderSpec> {
    let licensed = licensed.min(count);
    let with = UserSpec {
        license: Some("analyzer".into()),
        ..UserSpec::default()
    };
    vec![
        OutsiderSpec {
            count: licensed,
            user: with,
            ..OutsiderSpec::default()
        },
        OutsiderSpec {
            count: count - licensed,
            ..OutsiderSpec::default()
        },
    ]
}

fn space(at: usize, groups: usize) -> SpaceSpec {
    let kind = match at % 3 {
        0 => SpaceType::Shared,
        1 => SpaceType::Managed,
        _ => SpaceType::Data,
    };
    let mut assignments = Vec::new();
    if groups > 0 {
        // Only groups with at % 3 != 2 are known, and 3k and 3k + 1 are such numbers.
        let known = (at * 3) % groups;
        let known = known - known % 3;
        assignments.push(AssignmentSpec {
            group: Some(group_name(known)),
            roles: vec!["consumer".into()],
            ..AssignmentSpec::default()
        });
        assignments.push(AssignmentSpec {
            members_of: Some(group_name(known)),
            take: 2,
            roles: vec!["facilitator".into()],
            ..AssignmentSpec::default()
        });
    }
    SpaceSpec {
        name: format!("Space {at:04}"),
        kind,
        assignments,
        ..SpaceSpec::default()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::World;
    use super::*;

    fn world(size: &WorldSize) -> World {
        World::build(&size.scenario(), Timestamp::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn a_sized_world_has_the_asked_for_numbers() {
        let size = WorldSize {
            people: 500,
            groups: 20,
            spaces: 12,
            users: Some(450),
            licenses: Some(300),
            ..WorldSize::default()
        };
        let world = world(&size);
        assert_eq!(world.directory.people.len(), 500);
        assert_eq!(world.directory.groups.len(), 20);
        assert_eq!(world.tenant.users.len(), 450);
        assert_eq!(world.tenant.licenses.len(), 300);
        assert_eq!(world.tenant.spaces.len(), 12);
    }

    #[test]
    fn more_records_than_people_become_outsiders() {
        let size = WorldSize {
            people: 10,
            users: Some(100),
            licenses: Some(50),
            ..WorldSize::default()
        };
        let world = world(&size);
        assert_eq!(world.tenant.users.len(), 100);
        assert_eq!(world.tenant.licenses.len(), 50);
    }

    #[test]
    fn the_same_seed_gives_the_same_world() {
        let size = WorldSize {
            people: 300,
            ..WorldSize::default()
        };
        let (a, b) = (world(&size), world(&size));
        assert_eq!(a.directory, b.directory);
        assert_eq!(a.tenant, b.tenant);
        let other = world(&WorldSize { seed: 2, ..size });
        assert_ne!(a.digest(), other.digest());
    }
}
