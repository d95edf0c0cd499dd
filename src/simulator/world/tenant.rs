//! The tenant: users, groups, roles, spaces, licenses and what describes it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::act::Item;
use super::audit::{AuditEvent, Consumption};
use super::license::Licenses;
use super::space::Spaces;
use super::users::Users;

/// A tenant role (qlik.dev roles).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// 24 hex.
    pub id: String,
    /// Case-sensitive name.
    pub name: String,
    /// `default` or `custom`.
    pub kind: &'static str,
    /// `admin` or `user`.
    pub level: &'static str,
    /// What it allows, in words.
    pub description: String,
}

/// A group as the tenant knows it (qlik.dev groups).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantGroup {
    /// 24 hex.
    pub id: String,
    /// Case-sensitive, unique for each provider type.
    pub name: String,
    /// May be empty.
    pub description: String,
    /// `idp` or `custom`.
    pub provider: String,
    /// Ids of roles assigned to it.
    pub roles: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// The identity provider as far as subjects can be inferred from it (dossier section 7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProvider {
    /// 24 hex.
    pub id: String,
    /// `options.realm`; empty for none.
    pub realm: String,
    /// `options.claimsMapping.sub`.
    pub subject_claims: Vec<String>,
    /// Entra tenant in `options.discoveryUrl`.
    pub directory_tenant: String,
    /// `createNewUsersOnLogin`.
    pub creates_users: bool,
    /// A subject as the last connection test showed it, and the address that came with it.
    pub sample_subject: String,
    /// Empty where the person has none.
    pub sample_mail: String,
    /// When it was made.
    pub created: Timestamp,
}

/// The whole tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// 32 characters.
    pub id: String,
    /// Display name, the alias without domain.
    pub name: String,
    /// Display host name first, aliases after.
    pub hostnames: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// User records.
    pub users: Users,
    /// Groups by id.
    pub groups: BTreeMap<String, TenantGroup>,
    /// Roles by id.
    pub roles: BTreeMap<String, Role>,
    /// Spaces and assignments.
    pub spaces: Spaces,
    /// Stock and assignments.
    pub licenses: Licenses,
    /// Identity providers.
    pub idps: Vec<IdentityProvider>,
    /// `autoCreateGroups` of the group settings.
    pub auto_create_groups: bool,
    /// Roles everybody has through the system group.
    pub everyone_roles: Vec<String>,
    /// Audit events, newest first.
    pub audits: Vec<AuditEvent>,
    /// Content, oldest first.
    pub items: Vec<Item>,
    /// License consumption, newest first.
    pub consumption: Vec<Consumption>,
    /// User id of the administrator whose API key is handed out.
    pub admin: String,
    /// User id of the bot of the OAuth client.
    pub bot: String,
}

impl Tenant {
    /// The role of this exact name.
    pub fn role_named(&self, name: &str) -> Option<&Role> {
        self.roles.values().find(|r| r.name == name)
    }

    /// The group of this exact name and provider type.
    pub fn group_named(&self, name: &str, provider: &str) -> Option<&TenantGroup> {
        self.groups
            .values()
            .find(|g| g.name == name && g.provider == provider)
    }
}

/// Default roles: name, level, description (qlik.dev, default roles).
pub(super) const DEFAULT_ROLES: &[(&str, &str, &str)] = &[
    ("AnalyticsAdmin", "admin", "Administers analytics content."),
    ("AuditAdmin", "admin", "Reads the audit log."),
    ("AutomationCreator", "user", "May create automations."),
    (
        "AutomlDeploymentContributor",
        "user",
        "May deploy machine learning models.",
    ),
    (
        "AutomlExperimentContributor",
        "user",
        "May run machine learning experiments.",
    ),
    (
        "CollaborationPlatformUser",
        "user",
        "May use collaboration features.",
    ),
    ("DataAdmin", "admin", "Administers data integration."),
    ("DataProductManager", "user", "May manage data products."),
    ("DataServicesContributor", "user", "May use data services."),
    ("DataSpaceCreator", "user", "May create data spaces."),
    (
        "EmbeddedAnalyticsUser",
        "user",
        "Restricts to embedded analytics.",
    ),
    ("ManagedSpaceCreator", "user", "May create managed spaces."),
    (
        "PrivateAnalyticsContentCreator",
        "user",
        "May create content in the personal space.",
    ),
    ("SharedSpaceCreator", "user", "May create shared spaces."),
    ("Steward", "user", "May curate the glossary."),
    ("TenantAdmin", "admin", "Administers the tenant."),
];
