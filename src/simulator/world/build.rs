//! Turns a scenario into a world: the door of this file is [`World::build`].

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::company::{Directory, DirectoryGroup};
use super::dice::Dice;
use super::license::{Allotment, Licenses};
use super::populate::Populate;
use super::scenario::{Scenario, TenantSpec};
use super::space::Spaces;
use super::tenant::{DEFAULT_ROLES, IdentityProvider, Role, Tenant, TenantGroup};
use super::users::{User, Users};

/// Client id of the OAuth client of every world; its bot's subject is `qlikbot\` and this.
pub const OAUTH_CLIENT_ID: &str = "5f6c8a1d2b3e4f5061728394a5b6c7d8";

/// A scenario that names something it does not define.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("scenario `{scenario}`: {place} names {what} `{name}`, which is not defined")]
pub struct BuildError {
    /// Title of the scenario.
    pub scenario: String,
    /// Where the name stands.
    pub place: String,
    /// Kind of thing: group, role, user, license.
    pub what: &'static str,
    /// The name.
    pub name: String,
}

/// The company and its tenant, and the source of ids for what will be made later.
#[derive(Debug, Clone)]
pub struct World {
    /// Title of the scenario.
    pub title: String,
    /// The moment the world was made; dates of records lie before it.
    pub epoch: Timestamp,
    /// The directory.
    pub directory: Directory,
    /// The tenant.
    pub tenant: Tenant,
    /// Cursors of an older generation are refused as expired.
    pub cursor_generation: u64,
    dice: Dice,
}

impl World {
    /// Builds the scenario's world as of `epoch`.
    pub fn build(scenario: &Scenario, epoch: Timestamp) -> Result<Self, BuildError> {
        let mut dice = Dice::new(scenario.seed);
        let directory = empty_directory(scenario, &mut dice);
        let tenant = empty_tenant(scenario, &directory, epoch, &mut dice);
        let world = Self {
            title: scenario.title.clone(),
            epoch,
            directory,
            tenant,
            cursor_generation: 0,
            dice,
        };
        Populate::new(scenario, world).run()
    }

    /// A new 24-hex id.
    pub fn new_id(&mut self) -> String {
        self.dice.hex24()
    }

    /// Makes every cursor that was handed out so far expire.
    pub fn expire_cursors(&mut self) {
        self.cursor_generation += 1;
    }

    /// The end state without ids and dates; see [`super::world_digest`].
    pub fn digest(&self) -> serde_json::Value {
        super::world_digest(self)
    }

    pub(super) fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }
}

/// `epoch` minus a number of days and some minutes.
pub(super) fn days_before(epoch: Timestamp, days: u32, minutes: u32) -> Timestamp {
    let span = SignedDuration::from_hours(i64::from(days) * 24)
        + SignedDuration::from_mins(i64::from(minutes));
    epoch.checked_sub(span).unwrap_or(epoch)
}

/// `epoch` plus a number of days, where the calendar goes that far.
pub(super) fn days_after(epoch: Timestamp, days: i64) -> Option<Timestamp> {
    epoch
        .checked_add(SignedDuration::from_hours(days * 24))
        .ok()
}

fn empty_directory(scenario: &Scenario, dice: &mut Dice) -> Directory {
    let mut directory = Directory::default();
    directory.tenant_id = dice.guid();
    directory.company.clone_from(&scenario.company.name);
    directory.domain.clone_from(&scenario.company.domain);
    for spec in scenario.groups.iter().filter(|g| !g.custom) {
        directory.groups.push(DirectoryGroup {
            id: dice.guid(),
            name: spec.name.clone(),
            description: spec.description.clone(),
            kind: spec.kind,
            members: Vec::new(),
            subgroups: Vec::new(),
            role_assignable: spec.role_assignable,
            hidden: false,
        });
    }
    directory
}

fn empty_tenant(s: &Scenario, directory: &Directory, epoch: Timestamp, dice: &mut Dice) -> Tenant {
    let created = days_before(epoch, 700, 0);
    let roles = default_roles(dice);
    let admin_role = roles
        .values()
        .find(|r| r.name == "TenantAdmin")
        .map(|r| r.id.clone());
    let mut users = Users::default();
    let admin = staff(
        "Tenant Admin",
        "tenant.admin",
        &s.company.domain,
        admin_role.as_ref(),
        created,
        dice,
    );
    let mut bot = staff(
        "qroll",
        "",
        &s.company.domain,
        admin_role.as_ref(),
        created,
        dice,
    );
    bot.subject = format!("qlikbot\\{OAUTH_CLIENT_ID}");
    bot.email = None;
    bot.client_id = Some(OAUTH_CLIENT_ID.to_owned());
    let (admin_id, bot_id) = (admin.id.clone(), bot.id.clone());
    users.insert(admin);
    users.insert(bot);
    let host = format!("{}.eu.qlikcloud.example", s.tenant.name);
    // Thrown away, so that all that is drawn after it stays what it was.
    dice.id32();
    Tenant {
        id: tenant_id(s),
        name: s.tenant.name.clone(),
        hostnames: vec![format!("{}.eu.qlikcloud.example", &dice.hex24()[..8]), host],
        created,
        users,
        groups: BTreeMap::new(),
        roles,
        spaces: Spaces::default(),
        licenses: licenses(&s.tenant),
        idps: vec![identity_provider(&s.tenant, directory, created, dice)],
        auto_create_groups: s.tenant.auto_create_groups,
        everyone_roles: Vec::new(),
        audits: Vec::new(),
        items: Vec::new(),
        consumption: Vec::new(),
        admin: admin_id,
        bot: bot_id,
    }
}

/// 32 characters that only this scenario with this seed has: what was planned for one world is
/// refused by another, and a world that is started again is the same tenant.
fn tenant_id(scenario: &Scenario) -> String {
    // The description holds every field, the seed among them, and no map.
    let digest = Sha256::digest(format!("{scenario:?}"));
    let seed = digest
        .iter()
        .take(8)
        .fold(0, |seed, byte| seed << 8 | u64::from(*byte));
    Dice::new(seed).id32()
}

fn staff(
    name: &str,
    local: &str,
    domain: &str,
    role: Option<&String>,
    created: Timestamp,
    dice: &mut Dice,
) -> User {
    User {
        id: dice.id32(),
        subject: dice.guid(),
        name: name.to_owned(),
        email: Some(format!("{local}@{domain}")),
        status: "active".into(),
        roles: role.cloned().into_iter().collect(),
        groups: Vec::new(),
        client_id: None,
        created,
        updated: created,
        invite_expiry: None,
        preferred_locale: None,
        preferred_zoneinfo: None,
    }
}

fn default_roles(dice: &mut Dice) -> BTreeMap<String, Role> {
    let mut roles = BTreeMap::new();
    for (name, level, description) in DEFAULT_ROLES {
        let id = dice.hex24();
        let description = (*description).to_owned();
        let role = Role {
            id: id.clone(),
            name: (*name).into(),
            kind: "default",
            level,
            description,
        };
        roles.insert(id, role);
    }
    roles
}

fn licenses(spec: &TenantSpec) -> Licenses {
    let allotments = spec.allotments.iter().map(|a| Allotment {
        name: a.name.clone(),
        usage_class: a.class.clone(),
        units: a.units,
        used_otherwise: a.used_otherwise,
        overage: a.overage,
    });
    let mut licenses = Licenses::default();
    licenses.allotments = allotments.collect();
    licenses.auto_professional = spec.auto_assign.professional;
    licenses.auto_analyzer = spec.auto_assign.analyzer;
    licenses
}

/// The provider whose mapping produces the tenant's subjects (dossier 2.9).
fn identity_provider(
    spec: &TenantSpec,
    directory: &Directory,
    created: Timestamp,
    dice: &mut Dice,
) -> IdentityProvider {
    let (realm, value) = spec
        .subject
        .rsplit_once('\\')
        .unwrap_or(("", &spec.subject));
    let claim = match value {
        "{upn}" => "/upn",
        "{mail}" => "/email",
        "{sam}" => "/samAccountName",
        "{pairwise}" => "/sub",
        _ => "/oid",
    };
    IdentityProvider {
        id: dice.hex24(),
        realm: realm.to_owned(),
        subject_claims: vec![claim.to_owned()],
        directory_tenant: directory.tenant_id.clone(),
        creates_users: spec.create_users_on_login,
        sample_subject: String::new(),
        sample_mail: String::new(),
        created,
    }
}

/// A group record of the tenant.
pub(super) fn tenant_group(
    id: String,
    name: &str,
    provider: &str,
    created: Timestamp,
) -> TenantGroup {
    TenantGroup {
        id,
        name: name.to_owned(),
        description: String::new(),
        provider: provider.to_owned(),
        roles: Vec::new(),
        created,
        updated: created,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::WorldSize;
    use super::super::scenario::SCENARIOS;
    use super::*;

    fn id(scenario: &Scenario) -> String {
        let world = World::build(scenario, Timestamp::UNIX_EPOCH).unwrap();
        world.tenant.id
    }

    #[test]
    fn every_world_is_a_tenant_of_its_own_and_stays_it() {
        let mut scenarios: Vec<Scenario> = SCENARIOS
            .iter()
            .map(|(name, _)| Scenario::embedded(name).unwrap())
            .collect();
        let mut other = scenarios[0].clone();
        other.seed += 1;
        scenarios.push(other);
        for people in [10, 11] {
            let size = WorldSize {
                people,
                ..WorldSize::default()
            };
            scenarios.push(size.scenario());
        }
        let ids: BTreeSet<String> = scenarios.iter().map(id).collect();
        assert_eq!(ids.len(), scenarios.len(), "{ids:?}");
        assert!(ids.iter().all(|id| id.len() == 32), "{ids:?}");
        let again: BTreeSet<String> = scenarios.iter().map(id).collect();
        assert_eq!(again, ids);
    }
}
