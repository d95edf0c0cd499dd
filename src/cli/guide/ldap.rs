//! A directory server: its address and TLS, an account that only reads, and where people are.

use url::Url;

use super::given::{self, Given};
use super::run::Desk;
use super::talk::{Talk, Wrong};
use super::tried::Next;
use crate::config::{DirectoryConfig, LdapAuth, LdapConfig, TenantConfig, ldap_address};
use crate::connectors::ldap::KERBEROS;
use crate::ports::Problem;

const ACCOUNT: &str = "\
\x20 Give qroll an account of its own that may read people and groups, and nothing else:
    - Active Directory: an ordinary user in no group but Domain Users can read both; take its logon name (svc-qroll@corp.example)
    - OpenLDAP: a DN with read access below the base, such as
      access to dn.subtree=\"dc=corp,dc=example\" by dn.exact=\"cn=svc-qroll,...\" read
  A size limit of the server is no trouble: qroll reads in pages.";

const TICKET: &str = "\
\x20 Whoever runs qroll needs a ticket: from kinit, or out of a keytab named in KRB5_CLIENT_KTNAME. The address of the \
server must name it as its service is called (ldap/HOST).";

pub(super) async fn ask(
    desk: &Desk<'_>,
    tenant: &TenantConfig,
    old: Option<&LdapConfig>,
    secret: Option<&Given>,
) -> Result<(DirectoryConfig, Option<Given>), Problem> {
    let talk = desk.talk;
    let mut old = old.cloned();
    let mut secret = secret.cloned();
    loop {
        let (config, given) = server(desk, old.as_ref(), secret.as_ref()).await?;
        talk.arm()?;
        let ready = desk.ready(
            Some(tenant),
            Some(&DirectoryConfig::Ldap(config.clone())),
            None,
            given.as_ref(),
        )?;
        let bases = match ready.ldap(&config).await {
            Ok(server) => server.bases().await,
            Err(problem) => Err(problem),
        };
        let bases = match bases {
            Ok(bases) => {
                talk.say("  The server answers, and the account is let in.");
                bases
            }
            Err(problem) => {
                talk.problem(&problem);
                if talk.after_failure("the server and the account")? == Next::Again {
                    (old, secret) = (Some(config), given);
                    continue;
                }
                Vec::new()
            }
        };
        let first = bases
            .first()
            .map(|base| base.show().to_string())
            .filter(|shown| bases.first().is_some_and(|base| base.expose() == shown));
        let known = old.as_ref().map(|old| old.base_dn.clone());
        let default = known.filter(|base| !base.is_empty()).or(first);
        let base_dn = talk.text(
            "Base DN, below which people and groups are",
            default.as_deref(),
        )?;
        return Ok((
            DirectoryConfig::Ldap(LdapConfig { base_dn, ..config }),
            given,
        ));
    }
}

/// Everything but the base.
async fn server(
    desk: &Desk<'_>,
    old: Option<&LdapConfig>,
    secret: Option<&Given>,
) -> Result<(LdapConfig, Option<Given>), Problem> {
    let talk = desk.talk;
    let (url, start_tls) = address(talk, old)?;
    let ca = old.and_then(|old| old.ca_file.as_ref());
    let ca = ca.map(|path| path.display().to_string());
    let ca_file = if url.scheme() == "ldaps" || start_tls {
        authority(talk, ca.as_deref())?
    } else {
        None
    };
    talk.say(ACCOUNT);
    let before = old.map(|old| &old.auth);
    let (auth, given) = match way(talk, before)? {
        0 => {
            let before = match before {
                Some(LdapAuth::Password { bind_dn }) => Some(bind_dn.as_str()),
                _ => None,
            };
            let question = "Account: a DN, user@domain or DOMAIN\\user";
            let bind_dn = talk.text(question, before)?;
            let (name, what) = (desk.secret("directory"), "Password of the account");
            let given = given::ask(talk, &desk.known, &name, what, secret).await?;
            (LdapAuth::Password { bind_dn }, Some(given))
        }
        1 => (certificate(talk, before)?, None),
        _ => {
            talk.say(TICKET);
            (LdapAuth::Kerberos, None)
        }
    };
    let config = LdapConfig {
        url,
        start_tls,
        vendor: old.and_then(|old| old.vendor.clone()),
        ca_file,
        auth,
        base_dn: old.map(|old| old.base_dn.clone()).unwrap_or_default(),
        attributes: old.map(|old| old.attributes.clone()).unwrap_or_default(),
        queries: old.map(|old| old.queries.clone()).unwrap_or_default(),
    };
    Ok((config, given))
}

/// How qroll signs in; by Kerberos only where this build can, or where the profile says so already.
fn way(talk: Talk, before: Option<&LdapAuth>) -> Result<usize, Problem> {
    let mut ways = vec![
        "A name and a password",
        "A client certificate (SASL EXTERNAL)",
    ];
    if KERBEROS || before == Some(&LdapAuth::Kerberos) {
        ways.push("A Kerberos ticket (SASL GSSAPI)");
    }
    let default = match before {
        Some(LdapAuth::Certificate { .. }) => 1,
        Some(LdapAuth::Kerberos) => 2,
        _ => 0,
    };
    talk.choice("How does qroll sign in to it?", &ways, default)
}

/// The address; TLS from the first byte unless somebody says otherwise.
fn address(talk: Talk, old: Option<&LdapConfig>) -> Result<(Url, bool), Problem> {
    let before = old.map(|old| old.url.as_str().trim_end_matches('/').to_owned());
    talk.say("  ldaps://HOST, or ldap://HOST with StartTLS. Without TLS only to this machine.");
    let url = talk.checked("Address of the server", before.as_deref(), |text| {
        let text = match text {
            "" => return Err(Wrong::from("Example: ldaps://dc1.corp.example")),
            text if text.contains("://") => text.to_owned(),
            text => format!("ldaps://{text}"),
        };
        Ok(ldap_address(&text, true)?)
    })?;
    if url.scheme() == "ldaps" {
        return Ok((url, false));
    }
    if ldap_address(url.as_str(), false).is_err() {
        talk.say("  StartTLS will be used.");
        return Ok((url, true));
    }
    let default = usize::from(old.is_some_and(|old| !old.start_tls));
    let ways = ["Yes", "No: the connection does not leave this machine"];
    let way = talk.choice("StartTLS?", &ways, default)?;
    Ok((url, way == 0))
}

/// The CA, where it is not among the roots of this machine.
fn authority(talk: Talk, before: Option<&str>) -> Result<Option<std::path::PathBuf>, Problem> {
    let ways = [
        "The roots of this machine know the server's CA",
        "The CA is in a PEM file",
    ];
    match talk.choice("Whom does TLS trust?", &ways, usize::from(before.is_some()))? {
        0 => Ok(None),
        _ => talk.path("Path of the CA (PEM)", before).map(Some),
    }
}

fn certificate(talk: Talk, old: Option<&LdapAuth>) -> Result<LdapAuth, Problem> {
    let before = match old {
        Some(LdapAuth::Certificate { certificate, key }) => {
            Some((certificate.as_path(), key.as_path()))
        }
        _ => None,
    };
    let (certificate, key) = talk.pair(before)?;
    Ok(LdapAuth::Certificate { certificate, key })
}
