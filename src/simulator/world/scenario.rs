//! Scenario files: a small TOML language for companies and tenants, and the ones that come embedded.
//! `assets/scenarios/README.md` describes the fields for people who write one.

use serde::Deserialize;
use thiserror::Error;

use super::company::GroupKind;
use super::space::SpaceType;

macro_rules! embedded {
    ($($name:literal),+ $(,)?) => {
        /// The embedded scenarios, by name; the text is the file of that name in `assets/scenarios`.
        pub const SCENARIOS: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../assets/scenarios/", $name, ".toml")))),+
        ];
    };
}

embedded!(
    "demo",
    "hostile",
    "s1",
    "s2",
    "s3",
    "s5",
    "s7",
    "s8",
    "s9",
    "s10",
    "s11",
    "s12",
    "s12-south",
    "s14",
    "s16"
);

/// Why a scenario cannot be read.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ScenarioError {
    /// No embedded scenario has that name.
    #[error("there is no scenario `{name}`; known are: {known}")]
    Unknown {
        /// As asked for.
        name: String,
        /// All names, comma separated.
        known: String,
    },
    /// The text is not a scenario.
    #[error("scenario `{name}` cannot be read: {message}")]
    Syntax {
        /// Name or path.
        name: String,
        /// The TOML reader's words, with line and column.
        message: String,
    },
    /// The file cannot be opened.
    #[error("scenario file `{path}` cannot be opened: {message}")]
    Open {
        /// Path as given.
        path: String,
        /// The system's words.
        message: String,
    },
}

/// A whole scenario.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// One sentence for people.
    pub title: String,
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// The directory's company.
    pub company: CompanySpec,
    /// The tenant.
    pub tenant: TenantSpec,
    /// Directory groups (and custom groups of the tenant).
    pub groups: Vec<GroupSpec>,
    /// Directory people, with their user records if they have one.
    pub people: Vec<PeopleSpec>,
    /// User records that belong to nobody in the directory.
    pub users: Vec<OutsiderSpec>,
    /// License assignments of subjects without a user record.
    pub licenses: Vec<OrphanSpec>,
    /// Spaces.
    pub spaces: Vec<SpaceSpec>,
}

/// The company behind the directory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CompanySpec {
    /// Display name.
    pub name: String,
    /// Mail domain.
    pub domain: String,
}

impl Default for CompanySpec {
    fn default() -> Self {
        Self {
            name: "Corp".into(),
            domain: "corp.example".into(),
        }
    }
}

/// Settings of the tenant.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TenantSpec {
    /// First label of the alias host name.
    pub name: String,
    /// How the identity provider builds subjects: `{id}`, `{upn}`, `{mail}`, `REALM\{sam}`.
    pub subject: String,
    /// Units of each allotment; their names decide the subscription model.
    pub allotments: Vec<AllotmentSpec>,
    /// Auto-assign switches.
    pub auto_assign: AutoAssignSpec,
    /// Group records from claims at login.
    pub auto_create_groups: bool,
    /// Strangers who sign in get a record.
    pub create_users_on_login: bool,
}

impl Default for TenantSpec {
    fn default() -> Self {
        Self {
            name: "acme".into(),
            subject: "{id}".into(),
            allotments: Vec::new(),
            auto_assign: AutoAssignSpec::default(),
            auto_create_groups: false,
            create_users_on_login: true,
        }
    }
}

/// Which licenses are handed to whoever signs in without one.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AutoAssignSpec {
    /// `autoAssignProfessional`.
    pub professional: bool,
    /// `autoAssignAnalyzer`.
    pub analyzer: bool,
}

/// A stock of licenses.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllotmentSpec {
    /// `professional`, `analyzer`, `analyzer_time`, `fullUser`.
    pub name: String,
    /// Units bought.
    pub units: i64,
    /// `assigned` unless said otherwise.
    #[serde(default = "assigned")]
    pub class: String,
    /// Units used that are not assignments.
    #[serde(default)]
    pub used_otherwise: i64,
    /// -1 is no ceiling.
    #[serde(default)]
    pub overage: i64,
}

fn assigned() -> String {
    "assigned".into()
}

/// A group.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GroupSpec {
    /// Display name, also the claim value.
    pub name: String,
    /// Description.
    pub description: String,
    /// Kind in the directory.
    pub kind: GroupKind,
    /// Names of direct sub-groups.
    pub subgroups: Vec<String>,
    /// The tenant has an idp group of this name; active users carry it.
    pub known: bool,
    /// A custom group of the tenant, not in the directory at all.
    pub custom: bool,
    /// Tenant roles assigned to the group in the tenant.
    pub roles: Vec<String>,
    /// Roles of Entra may be given to it.
    pub role_assignable: bool,
}

/// Which names are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameStyle {
    /// Ordinary names of many places.
    #[default]
    World,
    /// The hostile list, then ordinary ones.
    Hostile,
}

/// One or more directory people that are alike.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleSpec {
    /// How many; ignored when `named` is given.
    pub count: usize,
    /// Names chosen by hand.
    pub named: Vec<String>,
    /// Which names are drawn otherwise.
    pub names: NameStyle,
    /// Groups they are direct members of.
    pub groups: Vec<String>,
    /// Besides, this many groups drawn for each person.
    pub scatter: usize,
    /// Account enabled.
    pub enabled: bool,
    /// Guest.
    pub guest: bool,
    /// Department; drawn when absent.
    pub department: Option<String>,
    /// Job title; drawn when absent.
    pub title: Option<String>,
    /// Mail template instead of first.last@domain; empty for none.
    pub mail: Option<String>,
    /// Their user record.
    pub user: Option<UserSpec>,
}

impl Default for PeopleSpec {
    fn default() -> Self {
        Self {
            count: 1,
            named: Vec::new(),
            names: NameStyle::World,
            groups: Vec::new(),
            scatter: 0,
            enabled: true,
            guest: false,
            department: None,
            title: None,
            mail: None,
            user: None,
        }
    }
}

/// A user record of a directory person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserSpec {
    /// Status.
    pub status: String,
    /// Subject template; the tenant's when absent.
    pub subject: Option<String>,
    /// E-mail template; `{mail}` when absent, empty for none.
    pub email: Option<String>,
    /// License type held by the subject.
    pub license: Option<String>,
    /// The license is beyond the stock.
    pub excess: bool,
    /// Tenant roles.
    pub roles: Vec<String>,
    /// Custom groups of the tenant.
    pub groups: Vec<String>,
    /// Days since last use, drawn from a range; absent = no event.
    pub seen: Option<(u32, u32)>,
    /// Days since the license was given, drawn from a range.
    pub licensed: (u32, u32),
}

impl Default for UserSpec {
    fn default() -> Self {
        Self {
            status: "active".into(),
            subject: None,
            email: None,
            license: None,
            excess: false,
            roles: Vec::new(),
            groups: Vec::new(),
            seen: None,
            licensed: (100, 600),
        }
    }
}

/// User records of people who are not in the directory.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutsiderSpec {
    /// How many; ignored when `named` is given.
    pub count: usize,
    /// Names chosen by hand.
    pub named: Vec<String>,
    /// The record; `{id}` in its subject is an id that no directory person has.
    pub user: UserSpec,
}

/// License assignments of subjects without a user record.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OrphanSpec {
    /// How many.
    pub count: usize,
    /// Subject template.
    pub subject: String,
    /// License type.
    pub license: String,
    /// Beyond the stock.
    pub excess: bool,
}

/// One or more spaces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SpaceSpec {
    /// Name; `{n}` is the number when `count` is above 1.
    pub name: String,
    /// How many.
    pub count: usize,
    /// Type.
    #[serde(rename = "type")]
    pub kind: SpaceType,
    /// Description.
    pub description: String,
    /// Name of the owner's user record; the administrator when absent.
    pub owner: Option<String>,
    /// Assignments.
    pub assignments: Vec<AssignmentSpec>,
}

impl Default for SpaceSpec {
    fn default() -> Self {
        Self {
            name: String::new(),
            count: 1,
            kind: SpaceType::Shared,
            description: String::new(),
            owner: None,
            assignments: Vec::new(),
        }
    }
}

/// An assignment to the space(s).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AssignmentSpec {
    /// Name of a group known to the tenant.
    pub group: Option<String>,
    /// Name of a user record.
    pub user: Option<String>,
    /// Name of a directory group whose first `take` direct members with a record are assigned.
    pub members_of: Option<String>,
    /// How many of them.
    pub take: usize,
    /// Roles; not checked against the type, since old tenants hold such rows.
    pub roles: Vec<String>,
}

impl Scenario {
    /// The embedded scenario of this name.
    pub fn embedded(name: &str) -> Result<Self, ScenarioError> {
        match SCENARIOS.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => Self::parse(name, text),
            None => Err(ScenarioError::Unknown {
                name: name.to_owned(),
                known: SCENARIOS
                    .iter()
                    .map(|(n, _)| *n)
                    .collect::<Vec<_>>()
                    .join(", "),
            }),
        }
    }

    /// Reads scenario text; `name` is for the message.
    pub fn parse(name: &str, text: &str) -> Result<Self, ScenarioError> {
        toml::from_str(text).map_err(|e| ScenarioError::Syntax {
            name: name.to_owned(),
            message: e.to_string().trim_end().to_owned(),
        })
    }

    /// Reads a scenario file.
    pub fn load(path: &std::path::Path) -> Result<Self, ScenarioError> {
        let shown = path.display().to_string();
        #[expect(
            clippy::disallowed_methods,
            reason = "a scenario file is the world's own input"
        )]
        let text = std::fs::read_to_string(path).map_err(|e| ScenarioError::Open {
            path: shown.clone(),
            message: e.to_string(),
        })?;
        Self::parse(&shown, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_scenario_is_read() {
        for (name, _) in SCENARIOS {
            let scenario = Scenario::embedded(name).unwrap_or_else(|e| panic!("{e}"));
            assert!(!scenario.title.is_empty(), "{name} has no title");
        }
    }

    #[test]
    fn a_typo_is_named_with_its_place() {
        let error = Scenario::parse("x", "titel = 'a'").unwrap_err().to_string();
        assert!(
            error.contains("titel") && error.contains("line 1"),
            "{error}"
        );
        let unknown = Scenario::embedded("s99").unwrap_err().to_string();
        assert!(
            unknown.contains("s99") && unknown.contains("demo"),
            "{unknown}"
        );
    }
}
