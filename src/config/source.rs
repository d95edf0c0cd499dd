//! The directory of a profile: one of three kinds, each with its own keys.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use url::Url;

use super::file::{Canary, DirectoryTable, Text};
use super::place::Source;
use super::profile::{BadAddress, one_of, origin};
use crate::ports::Problem;
use crate::text::Raw;

/// Where people and groups come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectoryConfig {
    /// Microsoft Entra ID.
    Entra(EntraConfig),
    /// An LDAP server.
    Ldap(LdapConfig),
    /// A CSV or LDIF file.
    File(FileConfig),
}

/// How to sign in to Entra.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntraAuth {
    /// Client credentials with a secret.
    ClientSecret,
    /// Client credentials with a certificate.
    Certificate {
        /// PEM with the certificate.
        certificate: PathBuf,
        /// PEM with the private key.
        key: PathBuf,
    },
    /// A code that a person types in at another device.
    DeviceCode,
    /// The address that a person's browser ends at, pasted back.
    Browser,
}

/// Which of Microsoft's clouds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntraCloud {
    /// login.microsoftonline.com, graph.microsoft.com.
    Global,
    /// login.microsoftonline.us, graph.microsoft.us.
    UsGov,
    /// login.microsoftonline.us, dod-graph.microsoft.us.
    UsGovDod,
    /// login.chinacloudapi.cn, microsoftgraph.chinacloudapi.cn.
    China,
}

/// `kind = "entra"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntraConfig {
    /// GUID or domain of the directory.
    pub tenant_id: String,
    /// The app registration.
    pub client_id: String,
    /// How to sign in.
    pub auth: EntraAuth,
    /// Which cloud.
    pub cloud: EntraCloud,
    /// Instead of the cloud's sign-in host.
    pub login_url: Option<Url>,
    /// Instead of the cloud's Graph root.
    pub graph_url: Option<Url>,
    /// Saved queries by name.
    pub queries: BTreeMap<String, String>,
}

/// How to sign in to an LDAP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LdapAuth {
    /// A DN, `user@domain` or `DOMAIN\\user`, and a password.
    Password {
        /// Who binds.
        bind_dn: String,
    },
    /// A client certificate (SASL EXTERNAL).
    Certificate {
        /// PEM with the certificate.
        certificate: PathBuf,
        /// PEM with the private key.
        key: PathBuf,
    },
    /// A Kerberos ticket of whoever runs qroll (SASL GSSAPI), in a build that has it.
    Kerberos,
}

/// `kind = "ldap"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LdapConfig {
    /// `ldaps://`, or `ldap://` with `StartTLS` or for loopback.
    pub url: Url,
    /// `StartTLS` before anything else.
    pub start_tls: bool,
    /// `ad`, `openldap`, `389ds`, `freeipa`; asked for when nothing is said.
    pub vendor: Option<String>,
    /// PEM with further roots.
    pub ca_file: Option<PathBuf>,
    /// How to sign in.
    pub auth: LdapAuth,
    /// Where to search.
    pub base_dn: String,
    /// Overrides of the vendor's attribute names.
    pub attributes: BTreeMap<String, String>,
    /// Saved queries by name.
    pub queries: BTreeMap<String, String>,
}

/// `kind = "file"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileConfig {
    /// Where; relative paths begin at the configuration's directory.
    pub path: PathBuf,
    /// Saved queries by name.
    pub queries: BTreeMap<String, String>,
}

impl DirectoryConfig {
    /// Saved queries by name.
    pub fn queries(&self) -> &BTreeMap<String, String> {
        match self {
            Self::Entra(entra) => &entra.queries,
            Self::Ldap(ldap) => &ldap.queries,
            Self::File(file) => &file.queries,
        }
    }
}

/// People who must be in every reading of the directory. A blank name would never be found and keep
/// removals off for good.
pub(super) fn canaries(table: &DirectoryTable, source: Source<'_>) -> Result<Vec<Raw>, Problem> {
    let names: &[String] = match &table.canary {
        None => &[],
        Some(Canary::One(name)) => std::slice::from_ref(name),
        Some(Canary::Many(names)) => names,
    };
    if names.iter().any(|name| name.trim().is_empty()) {
        let said = "`canary` names nobody; it is the address, login or id of somebody";
        return Err(source.problem(table.kind.span(), said));
    }
    Ok(names.iter().map(|name| Raw::from(name.trim())).collect())
}

/// Checks a table and makes the directory of it.
pub(super) fn directory(
    table: &DirectoryTable,
    source: Source<'_>,
    home: &Path,
) -> Result<DirectoryConfig, Problem> {
    let checker = Checker {
        table,
        source,
        home,
    };
    let kind = one_of(source, &table.kind, &["entra", "ldap", "file"])?;
    checker.strangers()?;
    match kind {
        "entra" => checker.entra().map(DirectoryConfig::Entra),
        "ldap" => checker.ldap().map(DirectoryConfig::Ldap),
        _ => checker.file().map(DirectoryConfig::File),
    }
}

struct Checker<'a> {
    table: &'a DirectoryTable,
    source: Source<'a>,
    home: &'a Path,
}

impl Checker<'_> {
    /// Refuses keys that belong to another kind.
    fn strangers(&self) -> Result<(), Problem> {
        let table = self.table;
        let span = |text: &Option<Text>| text.as_ref().map(toml::Spanned::span);
        let keys = [
            ("tenant_id", "entra", span(&table.tenant_id)),
            ("client_id", "entra", span(&table.client_id)),
            ("auth", "entra or ldap", span(&table.auth)),
            (
                "certificate_file",
                "entra or ldap",
                span(&table.certificate_file),
            ),
            ("key_file", "entra or ldap", span(&table.key_file)),
            ("cloud", "entra", span(&table.cloud)),
            ("login_url", "entra", span(&table.login_url)),
            ("graph_url", "entra", span(&table.graph_url)),
            ("url", "ldap", span(&table.url)),
            (
                "start_tls",
                "ldap",
                table.start_tls.as_ref().map(toml::Spanned::span),
            ),
            ("vendor", "ldap", span(&table.vendor)),
            ("ca_file", "ldap", span(&table.ca_file)),
            ("bind_dn", "ldap", span(&table.bind_dn)),
            ("base_dn", "ldap", span(&table.base_dn)),
            (
                "attributes",
                "ldap",
                table.attributes.as_ref().map(toml::Spanned::span),
            ),
            ("path", "file", span(&table.path)),
        ];
        let kind = table.kind.get_ref().as_str();
        for (key, owner, span) in keys {
            let owners = owner.split(" or ");
            if let Some(span) = span.filter(|_| !owners.clone().any(|owner| owner == kind)) {
                let said = format!(
                    "`{key}` belongs to a directory of kind \"{owner}\", this is \"{kind}\""
                );
                return Err(self.source.problem(span, &said));
            }
        }
        Ok(())
    }

    fn need(&self, key: &str, value: Option<&Text>) -> Result<String, Problem> {
        match value {
            Some(text) if !text.get_ref().trim().is_empty() => Ok(text.get_ref().clone()),
            Some(text) => Err(self
                .source
                .problem(text.span(), &format!("`{key}` is empty"))),
            None => {
                let kind = &self.table.kind;
                let said = format!("a directory of kind \"{}\" needs `{key}`", kind.get_ref());
                Err(self.source.problem(kind.span(), &said))
            }
        }
    }

    fn path(&self, text: &str) -> PathBuf {
        self.home.join(text)
    }

    fn queries(&self) -> BTreeMap<String, String> {
        let queries = self.table.queries.as_ref();
        queries
            .map(|queries| queries.get_ref().clone())
            .unwrap_or_default()
    }

    fn entra(&self) -> Result<EntraConfig, Problem> {
        let table = self.table;
        let auth = match &table.auth {
            None => "client-secret",
            Some(text) => one_of(
                self.source,
                text,
                &["client-secret", "certificate", "device-code", "browser"],
            )?,
        };
        let files = [
            ("certificate_file", &table.certificate_file),
            ("key_file", &table.key_file),
        ];
        for (key, value) in files {
            if let Some(text) = value.as_ref().filter(|_| auth != "certificate") {
                let said = format!("`{key}` goes with auth = \"certificate\", this is \"{auth}\"");
                return Err(self.source.problem(text.span(), &said));
            }
        }
        let auth = match auth {
            "certificate" => EntraAuth::Certificate {
                certificate: self
                    .path(&self.need("certificate_file", self.table.certificate_file.as_ref())?),
                key: self.path(&self.need("key_file", self.table.key_file.as_ref())?),
            },
            "device-code" => EntraAuth::DeviceCode,
            "browser" => EntraAuth::Browser,
            _ => EntraAuth::ClientSecret,
        };
        let cloud = match &table.cloud {
            None => "global",
            Some(text) => one_of(
                self.source,
                text,
                &["global", "us-gov", "us-gov-dod", "china"],
            )?,
        };
        let url = |text: &Option<Text>| {
            text.as_ref()
                .map(|text| origin(self.source, text))
                .transpose()
        };
        let one_alone = match (&table.login_url, &table.graph_url) {
            (Some(alone), None) | (None, Some(alone)) => Some(alone),
            _ => None,
        };
        if let Some(alone) = one_alone {
            let said =
                "login_url and graph_url go together: tokens of one cloud are not valid in another";
            return Err(self.source.problem(alone.span(), said));
        }
        Ok(EntraConfig {
            tenant_id: self.need("tenant_id", self.table.tenant_id.as_ref())?,
            client_id: self.need("client_id", self.table.client_id.as_ref())?,
            auth,
            cloud: match cloud {
                "us-gov" => EntraCloud::UsGov,
                "us-gov-dod" => EntraCloud::UsGovDod,
                "china" => EntraCloud::China,
                _ => EntraCloud::Global,
            },
            login_url: url(&table.login_url)?,
            graph_url: url(&table.graph_url)?,
            queries: self.queries(),
        })
    }

    fn ldap(&self) -> Result<LdapConfig, Problem> {
        let table = self.table;
        let start_tls = table.start_tls.as_ref().is_some_and(|flag| *flag.get_ref());
        self.need("url", self.table.url.as_ref())?;
        let url = match &table.url {
            Some(text) => self.ldap_url(text, start_tls)?,
            None => return Err(self.source.problem(table.kind.span(), "`url` is missing")),
        };
        let vendors = ["ad", "openldap", "389ds", "freeipa"];
        let vendor = table.vendor.as_ref();
        let vendor = vendor
            .map(|text| one_of(self.source, text, &vendors))
            .transpose()?;
        let auth = match &table.auth {
            None => "password",
            Some(text) => one_of(self.source, text, &["password", "certificate", "kerberos"])?,
        };
        let auth = match auth {
            "certificate" => LdapAuth::Certificate {
                certificate: self
                    .path(&self.need("certificate_file", table.certificate_file.as_ref())?),
                key: self.path(&self.need("key_file", table.key_file.as_ref())?),
            },
            "kerberos" => LdapAuth::Kerberos,
            _ => LdapAuth::Password {
                bind_dn: self.need("bind_dn", table.bind_dn.as_ref())?,
            },
        };
        Ok(LdapConfig {
            url,
            start_tls,
            vendor: vendor.map(str::to_owned),
            auth,
            ca_file: table.ca_file.as_ref().map(|text| self.path(text.get_ref())),
            base_dn: self.need("base_dn", self.table.base_dn.as_ref())?,
            attributes: table
                .attributes
                .as_ref()
                .map(|map| map.get_ref().clone())
                .unwrap_or_default(),
            queries: self.queries(),
        })
    }

    fn ldap_url(&self, text: &Text, start_tls: bool) -> Result<Url, Problem> {
        ldap_address(text.get_ref(), start_tls)
            .map_err(|refused| refused.problem(self.source, text.span()))
    }

    fn file(&self) -> Result<FileConfig, Problem> {
        Ok(FileConfig {
            path: self.path(&self.need("path", self.table.path.as_ref())?),
            queries: self.queries(),
        })
    }
}

/// The address of a directory server: ldaps, ldap with `StartTLS`, or plain for loopback.
///
/// # Errors
/// What is wrong with it.
pub fn ldap_address(text: &str, start_tls: bool) -> Result<Url, BadAddress> {
    let url = Url::parse(text)
        .map_err(|error| BadAddress::new(format!("not an address: {error}"), None))?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(BadAddress::new("the address names no host", None));
    }
    match url.scheme() {
        "ldaps" => Ok(url),
        "ldap" if start_tls || super::profile::is_loopback(&url) => Ok(url),
        "ldap" => Err(BadAddress::new(
            "plain ldap:// is accepted for loopback only",
            Some("Use ldaps://, or set start_tls = true."),
        )),
        _ => Err(BadAddress::new(
            "the address must begin with ldaps:// or ldap://",
            None,
        )),
    }
}
