//! The tenant: its address, how qroll signs in to it, and whether it may read what it needs.

use url::Url;

use super::given::{self, Given};
use super::run::Desk;
use super::step::Step;
use super::talk::{Talk, Wrong};
use super::tried::Next;
use crate::cli::connect::greet;
use crate::cli::doctor::check_tenant;
use crate::cli::out::Out;
use crate::config::{TenantAuth, TenantConfig, tenant_address};
use crate::domain::TenantSnapshot;
use crate::ports::Problem;

const CLIENT: &str = "\
\x20 Make the client as a tenant administrator: Administration > OAuth > Create new.
    - Client type Web, with \"Allow Machine-to-Machine (M2M)\" ticked
    - Scopes: admin_classic. Qlik publishes none narrower for licenses, groups, roles and identity providers
    - Then set its consent to Trusted
  It acts as a bot that needs no seat. Where professional licenses are assigned automatically it may take one all \
the same: switch that off before, and give the bot no further role.";

const KEY: &str = "\
\x20 The key has all rights of the person who makes it, and ends with that person or at its own date: that user needs \
the role TenantAdmin and the permission to manage API keys. It is made in that person's profile settings > API keys. \
An OAuth client is better for anything lasting.";

/// The tenant with its secret, and what could be read of it.
pub(super) struct TenantStep {
    pub(super) config: TenantConfig,
    pub(super) secret: Given,
    pub(super) snapshot: Option<TenantSnapshot>,
}

/// Asks until the checks pass or the operator goes on.
pub(super) async fn step(
    desk: &Desk<'_>,
    old: Option<&TenantConfig>,
) -> Result<TenantStep, Problem> {
    let talk = desk.talk;
    talk.head(Step::Tenant);
    let mut before = old.cloned();
    let mut secret = None;
    loop {
        let ask = async || ask(desk, before.as_ref(), secret.as_ref()).await;
        let (config, given) = talk.round(ask).await?;
        talk.say("\nReading the tenant, as the doctor does; nothing is written to it:");
        let ready = desk.ready(Some(&config), None, Some(&given), None)?;
        let (snapshot, next) = talk
            .tried(&ready, "the tenant", async |ready, report| {
                let quiet = Out {
                    quiet: true,
                    ..talk.out
                };
                check_tenant(ready, report, quiet).await
            })
            .await?;
        if next == Next::On {
            return Ok(TenantStep {
                config,
                secret: given,
                snapshot,
            });
        }
        (before, secret) = (Some(config), Some(given));
    }
}

/// Address, way to sign in and secret.
async fn ask(
    desk: &Desk<'_>,
    before: Option<&TenantConfig>,
    secret: Option<&Given>,
) -> Result<(TenantConfig, Given), Problem> {
    let talk = desk.talk;
    let url = address(desk, before.map(|config| &config.url)).await?;
    let auth = auth(talk, before.map(|config| &config.auth))?;
    let what = match &auth {
        TenantAuth::OAuth { .. } => "Client secret",
        TenantAuth::ApiKey => "API key",
    };
    let name = desk.secret("tenant");
    let given = given::ask(talk, &desk.known, &name, what, secret).await?;
    Ok((TenantConfig { url, auth }, given))
}

/// An address at which a tenant answers, or which is to stay.
async fn address(desk: &Desk<'_>, before: Option<&Url>) -> Result<Url, Problem> {
    let talk = desk.talk;
    let mut default = before.map(|url| url.as_str().trim_end_matches('/').to_owned());
    loop {
        let question = "Address of the tenant, as the browser shows it";
        let url = talk.checked(question, default.as_deref(), origin_of)?;
        talk.arm()?;
        match greet(&desk.outside()?, &url).await {
            Ok(()) => {
                let host = url.host_str().unwrap_or_default();
                let region =
                    region(host).map_or(String::new(), |region| format!(", region {region}"));
                talk.say(format!("  {host} answers as a tenant{region}."));
                return Ok(url);
            }
            Err(problem) => talk.problem(&problem),
        }
        if talk.after_failure("the address")? == Next::On {
            return Ok(url);
        }
        default = Some(url.as_str().trim_end_matches('/').to_owned());
    }
}

/// The origin of an address out of a browser.
fn origin_of(text: &str) -> Result<Url, Wrong> {
    if text.is_empty() {
        return Err(Wrong::from("Example: https://acme.eu.qlikcloud.com"));
    }
    let text = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    let Ok(mut url) = Url::parse(&text) else {
        return Ok(tenant_address(&text)?);
    };
    // A page below it was copied along.
    if url.username().is_empty() && url.password().is_none() {
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
    }
    Ok(tenant_address(url.as_str())?)
}

/// The region by the address: `NAME.REGION.qlikcloud.com`.
fn region(host: &str) -> Option<&str> {
    let (_, region) = host.strip_suffix(".qlikcloud.com")?.rsplit_once('.')?;
    Some(region)
}

fn auth(talk: Talk, before: Option<&TenantAuth>) -> Result<TenantAuth, Problem> {
    let default = usize::from(before == Some(&TenantAuth::ApiKey));
    let ways = [
        "OAuth client, machine to machine (recommended)",
        "API key of a tenant administrator",
    ];
    if talk.choice("\nHow does qroll sign in to it?", &ways, default)? == 1 {
        talk.say(KEY);
        return Ok(TenantAuth::ApiKey);
    }
    talk.say(CLIENT);
    let before = match before {
        Some(TenantAuth::OAuth { client_id }) => Some(client_id.as_str()),
        _ => None,
    };
    let client_id = talk.text("Client ID", before)?;
    Ok(TenantAuth::OAuth { client_id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_shows_becomes_the_origin() {
        for (typed, expected) in [
            ("acme.eu.qlikcloud.com", "https://acme.eu.qlikcloud.com/"),
            (
                "https://acme.eu.qlikcloud.com/analytics/home?x=1#y",
                "https://acme.eu.qlikcloud.com/",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ] {
            assert_eq!(origin_of(typed).ok().unwrap().as_str(), expected);
        }
        for wrong in [
            "",
            "http://acme.eu.qlikcloud.com",
            "https://a:b@acme.example",
            "https://",
            "ftp://x",
        ] {
            assert!(origin_of(wrong).is_err(), "{wrong}");
        }
        assert_eq!(region("acme.eu.qlikcloud.com"), Some("eu"));
        assert_eq!(region("acme.example"), None);
    }
}
