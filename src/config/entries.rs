//! A profile as entries of the file: what stands in which table, in the words that the file uses, with
//! what it means beside. Guards and saved queries are the operator's own and stand elsewhere.

use std::collections::BTreeMap;
use std::path::Path;
use toml_edit::{InlineTable, Value};

use super::profile::{Profile, TenantAuth};
use super::source::{
    DirectoryConfig, EntraAuth, EntraCloud, EntraConfig, FileConfig, LdapAuth, LdapConfig,
};

/// One entry.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// `tenant`, `directory` or `identity`.
    pub(super) table: &'static str,
    pub(super) key: &'static str,
    pub(super) value: Value,
    /// What it means; may be empty.
    pub(super) comment: &'static str,
}

impl Entry {
    /// `tenant.url = "..."`
    pub(super) fn line(&self) -> String {
        format!("{}.{} = {}", self.table, self.key, self.text())
    }

    /// The value as the file has it, without what stands around it.
    pub(super) fn text(&self) -> String {
        self.value.to_string().trim().to_owned()
    }
}

/// The entries of a profile, in the order in which they are written.
pub(super) fn entries(profile: &Profile) -> Vec<Entry> {
    let mut all = tenant(profile);
    match &profile.directory {
        DirectoryConfig::Entra(config) => entra(config, &mut all),
        DirectoryConfig::Ldap(config) => ldap(config, &mut all),
        DirectoryConfig::File(config) => file(config, &mut all),
    }
    let subject = profile.identity.template.to_string();
    let comment = "how the identity provider names people";
    all.push(entry("identity", "subject", subject, comment));
    all
}

fn entry(
    table: &'static str,
    key: &'static str,
    value: impl Into<Value>,
    comment: &'static str,
) -> Entry {
    Entry {
        table,
        key,
        value: value.into(),
        comment,
    }
}

fn directory(key: &'static str, value: impl Into<Value>, comment: &'static str) -> Entry {
    entry("directory", key, value, comment)
}

fn tenant(profile: &Profile) -> Vec<Entry> {
    let url = profile.tenant.url.as_str().trim_end_matches('/');
    let mut all = vec![entry("tenant", "url", url, "the origin alone")];
    match &profile.tenant.auth {
        TenantAuth::OAuth { client_id } => all.extend([
            entry("tenant", "auth", "oauth", "client credentials"),
            entry(
                "tenant",
                "client_id",
                client_id,
                "not secret; its secret stands elsewhere",
            ),
        ]),
        TenantAuth::ApiKey => all.push(entry(
            "tenant",
            "auth",
            "api-key",
            "acts as the person who made it, and ends with it",
        )),
    }
    all
}

fn entra(config: &EntraConfig, all: &mut Vec<Entry>) {
    let cloud = match config.cloud {
        EntraCloud::Global => "global",
        EntraCloud::UsGov => "us-gov",
        EntraCloud::UsGovDod => "us-gov-dod",
        EntraCloud::China => "china",
    };
    let (auth, comment) = match &config.auth {
        EntraAuth::ClientSecret => ("client-secret", "\"certificate\" is better for runs"),
        EntraAuth::Certificate { .. } => ("certificate", "nothing secret leaves this machine"),
        EntraAuth::DeviceCode => ("device-code", "a person signs in at each start"),
        EntraAuth::Browser => ("browser", "a person signs in at each start"),
    };
    all.extend([
        directory("kind", "entra", ""),
        directory("tenant_id", &config.tenant_id, "GUID or domain"),
        directory("client_id", &config.client_id, "of the app registration"),
        directory("auth", auth, comment),
    ]);
    if let EntraAuth::Certificate { certificate, key } = &config.auth {
        pair(certificate, key, all);
    }
    all.push(directory("cloud", cloud, "which of Microsoft's clouds"));
    let hosts = [
        ("login_url", &config.login_url),
        ("graph_url", &config.graph_url),
    ];
    all.extend(hosts.into_iter().filter_map(|(key, url)| {
        let url = url.as_ref()?.as_str().trim_end_matches('/');
        Some(directory(key, url, "instead of the cloud's host"))
    }));
    queries(&config.queries, all);
}

fn ldap(config: &LdapConfig, all: &mut Vec<Entry>) {
    let url = config.url.as_str().trim_end_matches('/');
    all.extend([
        directory("kind", "ldap", ""),
        directory("url", url, "ldaps://, or ldap:// with start_tls"),
    ]);
    if config.start_tls {
        all.push(directory("start_tls", true, "TLS before anything else"));
    }
    if let Some(vendor) = &config.vendor {
        all.push(directory(
            "vendor",
            vendor,
            "without it the server is asked",
        ));
    }
    if let Some(ca) = &config.ca_file {
        all.push(directory(
            "ca_file",
            text(ca),
            "adds to the roots of this machine",
        ));
    }
    match &config.auth {
        LdapAuth::Password { bind_dn } => all.extend([
            directory("auth", "password", ""),
            directory("bind_dn", bind_dn, "an account that may only read"),
        ]),
        LdapAuth::Certificate { certificate, key } => {
            all.push(directory("auth", "certificate", "SASL EXTERNAL"));
            pair(certificate, key, all);
        }
        LdapAuth::Kerberos => all.push(directory(
            "auth",
            "kerberos",
            "SASL GSSAPI: the ticket of whoever runs qroll",
        )),
    }
    all.push(directory(
        "base_dn",
        &config.base_dn,
        "people and groups are below it",
    ));
    if !config.attributes.is_empty() {
        let comment = "over the vendor's own";
        all.push(directory("attributes", map(&config.attributes), comment));
    }
    queries(&config.queries, all);
}

fn file(config: &FileConfig, all: &mut Vec<Entry>) {
    all.extend([
        directory("kind", "file", ""),
        directory("path", text(&config.path), ".csv or .ldif"),
    ]);
    queries(&config.queries, all);
}

fn pair(certificate: &Path, key: &Path, all: &mut Vec<Entry>) {
    all.extend([
        directory("certificate_file", text(certificate), "PEM"),
        directory("key_file", text(key), "PEM, not encrypted, mode 0600"),
    ]);
}

fn queries(queries: &BTreeMap<String, String>, all: &mut Vec<Entry>) {
    if !queries.is_empty() {
        all.push(directory("queries", map(queries), "saved queries, by name"));
    }
}

fn map(map: &BTreeMap<String, String>) -> InlineTable {
    map.iter().collect()
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
