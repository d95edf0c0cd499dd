//! Checked configuration: profiles with a tenant, a directory, an identity rule and guards.

use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;
use url::{Host, Url};

use super::file::{File, GuardsTable, IdentityTable, ProfileTable, TenantTable, Text};
use super::guards::limit;
use super::licenses::{entitled, sharers};
use super::place::Source;
use super::source::{DirectoryConfig, canaries, directory};
use crate::domain::{Entitled, Guards};
use crate::planner::{IdentityRule, SubjectTemplate};
use crate::ports::{Kind, Problem};
use crate::text::{Raw, nearest};

/// How to sign in to the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TenantAuth {
    /// OAuth client credentials; the secret is the client's.
    OAuth {
        /// Public id of the client.
        client_id: String,
    },
    /// The secret is an API key.
    ApiKey,
}

/// The tenant of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantConfig {
    /// Origin: https, or http for loopback.
    pub url: Url,
    /// How to sign in.
    pub auth: TenantAuth,
}

/// One profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// The tenant.
    pub tenant: TenantConfig,
    /// The directory.
    pub directory: DirectoryConfig,
    /// How people and users belong together.
    pub identity: IdentityRule,
    /// What may be done.
    pub guards: Guards,
    /// Who may hold a seat.
    pub entitled: Entitled,
    /// Profiles of the other tenants on the same license.
    pub sharers: Vec<String>,
}

/// The whole configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Name of the profile to use when none is named.
    pub default: Option<String>,
    /// Profiles by name.
    pub profiles: BTreeMap<String, Profile>,
    /// Rebound keys: action to key, as written; the screen's room checks them.
    pub keys: BTreeMap<String, String>,
}

impl Config {
    /// Reads a file's text. `name` is what to call it, `home` where relative paths begin.
    ///
    /// # Errors
    /// What is wrong, with line, column and the nearest name.
    pub fn parse(name: &str, text: &str, home: &Path) -> Result<Self, Problem> {
        let source = Source { name, text };
        let file: File = toml::from_str(text).map_err(|error| source.of_parser(&error))?;
        let mut profiles = BTreeMap::new();
        let known: Vec<&str> = file
            .profile
            .keys()
            .map(|name| name.get_ref().as_str())
            .collect();
        for (name, table) in &file.profile {
            let mut profile = profile(source, name, table, home)?;
            profile.sharers = sharers(source, &profile.name, &table.licenses, &known)?;
            profiles.insert(profile.name.clone(), profile);
        }
        let default = file.default.as_ref();
        if let Some(default) = default.filter(|default| !profiles.contains_key(default.get_ref())) {
            let said = format!("there is no profile \"{}\"", default.get_ref());
            let problem = source.problem(default.span(), &said);
            return Err(near(problem, default.get_ref(), names(&profiles)));
        }
        Ok(Self {
            default: default.map(|default| default.get_ref().clone()),
            profiles,
            keys: file.keys,
        })
    }

    /// The named profile, else the default, else the only one.
    ///
    /// # Errors
    /// There is none of that name, or none can be chosen.
    pub fn profile(&self, name: Option<&str>) -> Result<&Profile, Problem> {
        let name = match (name.or(self.default.as_deref()), self.profiles.len()) {
            (Some(name), _) => name,
            (None, 1) => return self.profiles.values().next().ok_or_else(none),
            (None, 0) => return Err(none()),
            (None, _) => {
                let names: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
                return Err(Problem::new(
                    Kind::Config,
                    "no profile is named and none is the default",
                )
                .hint(format!("Add --profile NAME, one of: {}", names.join(", "))));
            }
        };
        self.profiles.get(name).ok_or_else(|| {
            let problem = Problem::new(Kind::Config, format!("there is no profile \"{name}\""));
            near(problem, name, names(&self.profiles))
        })
    }
}

fn none() -> Problem {
    Problem::new(Kind::Config, "the configuration has no profile")
        .hint("Write one: [profile.NAME.tenant] and [profile.NAME.directory].")
        .hint("Or try everything without a tenant: qroll --demo")
}

fn names(profiles: &BTreeMap<String, Profile>) -> impl Iterator<Item = &str> + Clone {
    profiles.keys().map(String::as_str)
}

/// The nearest of the names, else all of them.
pub(super) fn near<'a>(
    problem: Problem,
    wrong: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> Problem {
    if let Some(near) = nearest(wrong, names.clone()).first() {
        return problem.hint(format!("Did you mean \"{near}\"?"));
    }
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        return problem.hint("There is no other profile in this file.");
    }
    problem.hint(format!("Known: {}", names.join(", ")))
}

fn profile(
    source: Source<'_>,
    name: &Text,
    table: &ProfileTable,
    home: &Path,
) -> Result<Profile, Problem> {
    let text = name.get_ref();
    check_name(text).map_err(|said| source.problem(name.span(), said))?;
    let missing = |part: &str| {
        let said = format!("profile \"{text}\" has no [profile.{text}.{part}]");
        source.problem(name.span(), &said)
    };
    let part = table.tenant.as_ref().ok_or_else(|| missing("tenant"))?;
    let tenant = tenant(source, part)?;
    let people = table.directory.as_ref();
    let people = people.ok_or_else(|| missing("directory"))?;
    Ok(Profile {
        name: text.clone(),
        tenant,
        directory: directory(people, source, home)?,
        identity: identity(source, &table.identity)?,
        guards: Guards {
            canaries: canaries(people, source)?,
            ..guards(source, &table.guards)?
        },
        entitled: entitled(source, &table.licenses)?,
        sharers: Vec::new(),
    })
}

/// Whether a profile can be called so.
///
/// # Errors
/// What names hold, in words.
pub fn check_name(text: &str) -> Result<(), &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if text.is_empty() || !text.chars().all(plain) {
        return Err("a profile's name holds letters, digits, - and _ only");
    }
    Ok(())
}

fn tenant(source: Source<'_>, table: &TenantTable) -> Result<TenantConfig, Problem> {
    let auth = match (
        one_of(source, &table.auth, &["oauth", "api-key"])?,
        &table.client_id,
    ) {
        ("oauth", Some(id)) => TenantAuth::OAuth {
            client_id: id.get_ref().clone(),
        },
        ("oauth", None) => {
            return Err(source.problem(table.auth.span(), "auth = \"oauth\" needs `client_id`"));
        }
        (_, Some(id)) => {
            return Err(source.problem(id.span(), "`client_id` belongs to auth = \"oauth\""));
        }
        (_, None) => TenantAuth::ApiKey,
    };
    Ok(TenantConfig {
        url: origin(source, &table.url)?,
        auth,
    })
}

fn identity(source: Source<'_>, table: &IdentityTable) -> Result<IdentityRule, Problem> {
    let mut accept_email = false;
    for word in table.r#match.iter().flatten() {
        accept_email |= one_of(source, word, &["subject", "email"])? == "email";
    }
    let refuse = |said: String| {
        let span = table.subject.as_ref().map_or(0..0, Spanned::span);
        source
            .problem(span, &said)
            .hint("Examples: \"{id}\", \"{upn}\", \"CORP\\\\{sam}\"")
    };
    let text = table.subject.as_ref().map_or("{id}", |text| text.get_ref());
    let template = SubjectTemplate::parse(text).map_err(|error| refuse(error.to_string()))?;
    Ok(IdentityRule {
        template,
        accept_email,
        share: share(source, table)?,
    })
}

/// `evidence = "90%"`.
fn share(source: Source<'_>, table: &IdentityTable) -> Result<u64, Problem> {
    let Some(text) = &table.evidence else {
        return Ok(IdentityRule::SHARE);
    };
    let number = text.get_ref().strip_suffix('%').map(str::trim);
    let share = number.and_then(|number| number.parse().ok());
    share.filter(|share| *share <= 100).ok_or_else(|| {
        let said = format!("evidence = \"{}\" is no share", text.get_ref());
        source.problem(text.span(), &said).hint(
            "Write a share from \"0%\" to \"100%\"; without it 90 % of existing users must fit.",
        )
    })
}

fn guards(source: Source<'_>, table: &GuardsTable) -> Result<Guards, Problem> {
    let mut guards = Guards {
        read_only: table.read_only.unwrap_or(false),
        protected: table
            .protected
            .iter()
            .map(|text| Raw::from(text.as_str()))
            .collect(),
        allow_delete: table.allow_delete.unwrap_or(false),
        allow_admins: table
            .allow_admins
            .iter()
            .map(|text| Raw::from(text.as_str()))
            .collect(),
        ..Guards::default()
    };
    let read =
        |text: &Text| limit(text.get_ref()).map_err(|said| source.problem(text.span(), said));
    if let Some(text) = &table.removals_confirm {
        let limit = read(text)?;
        (guards.confirm_percent, guards.confirm_count) = (limit.percent, limit.count);
    }
    if let Some(text) = &table.removals_stop {
        let limit = read(text)?;
        if limit.count != u64::MAX {
            return Err(source.problem(text.span(), "removals_stop is a share, like \"20%\""));
        }
        guards.stop_percent = limit.percent;
    }
    Ok(guards)
}

/// The word when it is one of those allowed.
pub(super) fn one_of<'a>(
    source: Source<'_>,
    text: &Spanned<String>,
    words: &[&'a str],
) -> Result<&'a str, Problem> {
    let given = text.get_ref().as_str();
    let near = nearest(given, words.iter().copied()).first().copied();
    words
        .iter()
        .copied()
        .find(|word| *word == given)
        .ok_or_else(|| {
            let words = words.join(", ");
            match near {
                Some(near) => source
                    .problem(text.span(), &format!("\"{given}\" is none of {words}"))
                    .hint(format!("Did you mean \"{near}\"?")),
                // It may be a secret that was put into the wrong place: it is not repeated.
                None => source.problem(text.span(), &format!("what is here is none of {words}")),
            }
        })
}

/// An address that is only an origin: https, or http for loopback; no user, path or query.
pub(super) fn origin(source: Source<'_>, text: &Text) -> Result<Url, Problem> {
    tenant_address(text.get_ref()).map_err(|refused| refused.problem(source, text.span()))
}

/// Why an address is none, without its place in any file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadAddress {
    /// What is wrong.
    pub said: String,
    /// What to write instead.
    pub hint: Option<&'static str>,
}

impl BadAddress {
    pub(super) fn new(said: impl Into<String>, hint: Option<&'static str>) -> Self {
        Self {
            said: said.into(),
            hint,
        }
    }

    pub(super) fn problem(&self, source: Source<'_>, span: std::ops::Range<usize>) -> Problem {
        let problem = source.problem(span, &self.said);
        match self.hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
    }
}

/// The address of a tenant: an origin, https, or http for loopback.
///
/// # Errors
/// What is wrong with it.
pub fn tenant_address(text: &str) -> Result<Url, BadAddress> {
    let example = Some("Example: https://acme.eu.qlikcloud.com");
    let url = Url::parse(text)
        .map_err(|error| BadAddress::new(format!("not an address: {error}"), example))?;
    let plain = url.username().is_empty() && url.password().is_none();
    if !plain || url.query().is_some() || url.fragment().is_some() || url.path() != "/" {
        let said = "the address must be the origin alone, without user, path or query";
        return Err(BadAddress::new(said, None));
    }
    match url.scheme() {
        "https" if url.host_str().is_some() => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(BadAddress::new(
            "plain http is accepted for loopback addresses only",
            Some("Use https://."),
        )),
        _ => Err(BadAddress::new(
            "the address must begin with https://",
            None,
        )),
    }
}

/// 127.0.0.0/8, `::1`, localhost.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // Hosts of schemes that the url crate does not know (ldap) stay text.
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost")
                || name
                    .parse::<std::net::Ipv4Addr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}
