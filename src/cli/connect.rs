//! Connectors out of a profile: which one, with which secret, and what the operator is told.

use std::sync::Arc;
use url::Url;

use super::args::Global;
use super::entra;
use super::out::Out;
use crate::config::{
    DirectoryConfig, EntraAuth, FileConfig, LdapAuth, LdapConfig, Profile, TenantAuth,
};
use crate::connectors::file::FileDirectory;
use crate::connectors::http::{LoggedWire, ProxyInUse, ReqwestWire, WireOptions, proxy_for};
use crate::connectors::ldap::{Bind, LdapDirectory, LdapOptions, Limits, OwnCertificate, Vendor};
use crate::connectors::qlik::{QlikCredential, QlikTenant, Sharer};
use crate::host::{HostVault, RealClock, RealRng, keep_out_of_logs, private_file};
use crate::ports::{
    Clock, Directory, Kind, Problem, Rng, Secret, SecretSource, Tenant, Vault as _, Wire,
};
use crate::simulator::Running;

/// What every connector is given.
pub(super) struct Outside {
    pub(super) wire: Arc<dyn Wire>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) rng: Arc<dyn Rng>,
    no_proxy: bool,
}

impl Outside {
    /// The real wire, clock and randomness.
    pub(super) fn new(global: &Global) -> Result<Self, Problem> {
        let ca_file = global.ca_file.as_deref();
        let extra_ca = ca_file.map(|path| named_file("CA", path)).transpose()?;
        let options = WireOptions {
            extra_ca,
            no_proxy: global.no_proxy,
        };
        let clock: Arc<dyn Clock> = Arc::new(RealClock::new());
        let wire = Arc::new(ReqwestWire::new(&options)?);
        Ok(Self {
            wire: Arc::new(LoggedWire::new(wire, Arc::clone(&clock), keep_out_of_logs)),
            clock,
            rng: Arc::new(RealRng::new()?),
            no_proxy: global.no_proxy,
        })
    }

    pub(super) fn parts(&self) -> (Arc<dyn Wire>, Arc<dyn Clock>, Arc<dyn Rng>) {
        (
            Arc::clone(&self.wire),
            Arc::clone(&self.clock),
            Arc::clone(&self.rng),
        )
    }

    /// The proxy that requests to this address go through.
    pub(super) fn proxy(&self, url: &Url) -> Option<ProxyInUse> {
        proxy_for(url).filter(|_| !self.no_proxy)
    }

    pub(super) fn say_proxy(&self, url: &Url, out: Out) {
        let Some(proxy) = self.proxy(url) else { return };
        let signed_in = if proxy.with_credential {
            ", with its own user name and password"
        } else {
            ""
        };
        out.note(format!(
            "note: {} is reached through the proxy {}{signed_in}; --no-proxy goes without",
            url.host_str().unwrap_or("it"),
            proxy.address
        ));
    }
}

/// The bytes of a file that the command line or the profile names.
pub(super) fn named_file(what: &str, path: &std::path::Path) -> Result<Vec<u8>, Problem> {
    #[expect(clippy::disallowed_methods, reason = "the operator named this file")]
    std::fs::read(path).map_err(|error| {
        Problem::new(
            Kind::User,
            format!("the {what} file {} cannot be read: {error}", path.display()),
        )
        .because(error)
    })
}

/// Host and, when it is not the usual one, port.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A secret, or where it was looked for.
pub(super) async fn secret(
    vault: &HostVault,
    name: &str,
    what: &str,
    out: Out,
) -> Result<Secret, Problem> {
    match vault.find(name).await? {
        Some((secret, SecretSource::Environment(variable))) => {
            out.note(format!(
                "warning: the {what} comes from {variable}; every process of this user can read it there"
            ));
            Ok(secret)
        }
        Some((secret, _)) => Ok(secret),
        None => {
            let problem =
                Problem::new(Kind::Auth, format!("the {what} ({name}) was found nowhere"));
            Err(vault.trail().iter().fold(problem, Problem::hint))
        }
    }
}

/// The tenant of a profile, beside the others on its license. Nothing is sent yet.
pub(super) async fn tenant(
    outside: &Outside,
    profile: &Profile,
    others: &[Profile],
    vault: &HostVault,
    out: Out,
) -> Result<Arc<dyn Tenant>, Problem> {
    let tenant = Box::pin(alone(outside, profile, vault, out)).await?;
    let mut sharers = Vec::with_capacity(others.len());
    for other in others {
        sharers.push(Box::pin(sharer(outside, other, vault, out)).await);
    }
    Ok(Arc::new(tenant.sharing(sharers)))
}

async fn alone(
    outside: &Outside,
    profile: &Profile,
    vault: &HostVault,
    out: Out,
) -> Result<QlikTenant, Problem> {
    let name = format!("{}.tenant", profile.name);
    let config = &profile.tenant;
    outside.say_proxy(&config.url, out);
    let credential = match &config.auth {
        TenantAuth::ApiKey => {
            QlikCredential::ApiKey(secret(vault, &name, "API key of the tenant", out).await?)
        }
        TenantAuth::OAuth { client_id } => QlikCredential::OAuth {
            client_id: client_id.clone(),
            secret: secret(vault, &name, "client secret of the tenant", out).await?,
        },
    };
    qlik_tenant(outside, &config.url, credential)
}

/// Another tenant on the license, of which only the users are read. One that cannot be asked is said,
/// and is no reason to do nothing: seats of nobody here are left alone then.
async fn sharer(outside: &Outside, profile: &Profile, vault: &HostVault, out: Out) -> Sharer {
    let name = profile.name.clone();
    let tenant = match alone(outside, profile, &vault.aside(), out).await {
        Ok(tenant) => Ok(Arc::new(tenant) as Arc<dyn Tenant>),
        Err(problem) => {
            out.note(format!(
                "warning: who is a user in {name} is not known: {problem}"
            ));
            for hint in problem.hints() {
                out.note(format!("  {hint}"));
            }
            Err(problem.to_string())
        }
    };
    Sharer { name, tenant }
}

/// Whether a tenant answers there; no credential is sent.
pub(super) async fn greet(outside: &Outside, url: &Url) -> Result<(), Problem> {
    let nothing = QlikCredential::ApiKey(Secret::new(""));
    qlik_tenant(outside, url, nothing)?.greet().await
}

fn qlik(
    outside: &Outside,
    url: &Url,
    credential: QlikCredential,
) -> Result<Arc<dyn Tenant>, Problem> {
    Ok(Arc::new(qlik_tenant(outside, url, credential)?))
}

fn qlik_tenant(
    outside: &Outside,
    url: &Url,
    credential: QlikCredential,
) -> Result<QlikTenant, Problem> {
    let (wire, clock, rng) = outside.parts();
    let proxy = outside.proxy(url).map(|proxy| proxy.address.to_string());
    let tenant = QlikTenant::new(wire, clock, rng, url, credential)?;
    Ok(tenant.through_proxy(proxy))
}

/// The directory of a profile. A file is read here, a server is not yet asked.
pub(super) async fn directory(
    outside: &Outside,
    profile: &Profile,
    vault: &HostVault,
    out: Out,
) -> Result<Arc<dyn Directory>, Problem> {
    match &profile.directory {
        DirectoryConfig::File(file) => self::file(file, out),
        DirectoryConfig::Entra(config) => {
            entra::directory(outside, profile, config, vault, out).await
        }
        DirectoryConfig::Ldap(config) => {
            let directory = ldap(outside, profile, config, vault, out).await?;
            Ok(Arc::new(directory))
        }
    }
}

/// A directory server. Nothing is sent yet.
pub(super) async fn ldap(
    outside: &Outside,
    profile: &Profile,
    config: &LdapConfig,
    vault: &HostVault,
    out: Out,
) -> Result<LdapDirectory, Problem> {
    let bind = match &config.auth {
        LdapAuth::Password { bind_dn } => {
            let name = format!("{}.directory", profile.name);
            Bind::Simple {
                name: bind_dn.clone(),
                secret: secret(vault, &name, "password of the directory", out).await?,
            }
        }
        LdapAuth::Certificate { certificate, key } => Bind::External(OwnCertificate {
            certificate: named_file("certificate", certificate)?,
            key: private_file(key)?,
        }),
        LdapAuth::Kerberos => Bind::Kerberos,
    };
    let ca_file = config.ca_file.as_deref();
    let options = LdapOptions {
        url: config.url.clone(),
        start_tls: config.start_tls,
        extra_roots: ca_file.map(|path| named_file("CA", path)).transpose()?,
        bind,
        vendor: config.vendor.as_deref().map(vendor),
        base: config.base_dn.clone(),
        attributes: config.attributes.clone(),
        wanted: profile
            .identity
            .template
            .attributes()
            .map(str::to_owned)
            .collect(),
        limits: Limits::default(),
    };
    LdapDirectory::new(Arc::clone(&outside.clock), options)
}

/// The vendor by the word that the configuration uses.
fn vendor(word: &str) -> Vendor {
    match word {
        "openldap" => Vendor::OpenLdap,
        "389ds" => Vendor::Ds389,
        "freeipa" => Vendor::FreeIpa,
        _ => Vendor::ActiveDirectory,
    }
}

/// Whether a directory is signed in to with a secret.
pub(super) fn wants_secret(directory: &DirectoryConfig) -> bool {
    match directory {
        DirectoryConfig::Entra(config) => config.auth == EntraAuth::ClientSecret,
        DirectoryConfig::Ldap(config) => matches!(config.auth, LdapAuth::Password { .. }),
        DirectoryConfig::File(_) => false,
    }
}

fn file(config: &FileConfig, out: Out) -> Result<Arc<dyn Directory>, Problem> {
    let directory = FileDirectory::open(&config.path)?;
    for notice in directory.notices() {
        out.note(format!("note: {}: {notice}", directory.label()));
    }
    Ok(Arc::new(directory))
}

/// The embedded tenant.
pub(super) fn demo_tenant(outside: &Outside, world: &Running) -> Result<Arc<dyn Tenant>, Problem> {
    let credential = QlikCredential::OAuth {
        client_id: world.client_id.clone(),
        secret: Secret::new(world.client_secret.clone()),
    };
    qlik(outside, &address(&world.qlik_url)?, credential)
}

pub(super) fn address(text: &str) -> Result<Url, Problem> {
    Url::parse(text).map_err(|error| {
        Problem::new(Kind::Internal, format!("{text} is no address")).because(error)
    })
}
