//! The shapes of `config.toml`, exactly as they are documented. Values keep their place, so that
//! what is wrong with one can be said with line and column.

use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// Text with its place.
pub(super) type Text = Spanned<String>;

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) default: Option<Text>,
    #[serde(default)]
    pub(super) profile: BTreeMap<Text, ProfileTable>,
    #[serde(default)]
    pub(super) keys: BTreeMap<String, String>,
}

/// `[profile.NAME]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileTable {
    pub(super) tenant: Option<TenantTable>,
    pub(super) directory: Option<DirectoryTable>,
    #[serde(default)]
    pub(super) identity: IdentityTable,
    #[serde(default)]
    pub(super) guards: GuardsTable,
    #[serde(default)]
    pub(super) licenses: LicensesTable,
}

/// `[profile.NAME.tenant]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TenantTable {
    pub(super) url: Text,
    pub(super) auth: Text,
    pub(super) client_id: Option<Text>,
}

/// `[profile.NAME.directory]`: the keys of all kinds; which belong together is checked later,
/// because an untagged or tagged enum would lose the places.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DirectoryTable {
    pub(super) kind: Text,
    pub(super) queries: Option<Spanned<BTreeMap<String, String>>>,
    pub(super) tenant_id: Option<Text>,
    pub(super) client_id: Option<Text>,
    pub(super) auth: Option<Text>,
    pub(super) certificate_file: Option<Text>,
    pub(super) key_file: Option<Text>,
    pub(super) cloud: Option<Text>,
    pub(super) login_url: Option<Text>,
    pub(super) graph_url: Option<Text>,
    pub(super) url: Option<Text>,
    pub(super) start_tls: Option<Spanned<bool>>,
    pub(super) vendor: Option<Text>,
    pub(super) ca_file: Option<Text>,
    pub(super) bind_dn: Option<Text>,
    pub(super) base_dn: Option<Text>,
    pub(super) attributes: Option<Spanned<BTreeMap<String, String>>>,
    pub(super) path: Option<Text>,
    pub(super) canary: Option<Canary>,
}

/// One name or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Canary {
    One(String),
    Many(Vec<String>),
}

/// `[profile.NAME.identity]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentityTable {
    pub(super) subject: Option<Text>,
    pub(super) r#match: Option<Vec<Text>>,
    pub(super) evidence: Option<Text>,
}

/// `[profile.NAME.guards]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GuardsTable {
    pub(super) read_only: Option<bool>,
    #[serde(default)]
    pub(super) protected: Vec<String>,
    pub(super) removals_confirm: Option<Text>,
    pub(super) removals_stop: Option<Text>,
    pub(super) allow_delete: Option<bool>,
    #[serde(default)]
    pub(super) allow_admins: Vec<String>,
}

/// `[profile.NAME.licenses]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LicensesTable {
    #[serde(default)]
    pub(super) approved: Vec<String>,
    #[serde(default)]
    pub(super) except: Vec<ExceptionTable>,
    #[serde(default)]
    pub(super) tenants: Vec<Text>,
}

/// One entry of `except`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExceptionTable {
    pub(super) who: Text,
    pub(super) why: Text,
    pub(super) until: Option<Spanned<toml::Value>>,
}
