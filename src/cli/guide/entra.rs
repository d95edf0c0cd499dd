//! Microsoft Entra ID: the app registration with the least it needs, and how qroll signs in by it.

use url::Url;

use super::given::{self, Given};
use super::run::Desk;
use super::talk::Talk;
use crate::config::{DirectoryConfig, EntraAuth, EntraCloud, EntraConfig, tenant_address};
use crate::ports::Problem;

const REGISTRATION: &str = "\
\x20 Register an application (Entra admin center > App registrations > New registration): single tenant, no directory role, and \
these two permissions of Microsoft Graph, which only read:
    - User.Read.All
    - GroupMember.Read.All";

const WAYS: [&str; 4] = [
    "Certificate: nothing secret leaves this machine (best for runs without a person)",
    "Client secret: a quick start",
    "Device code: a person types a code into a browser anywhere, at each start",
    "Browser: a person signs in and pastes the last address back, at each start",
];

/// What the registration needs for each way.
const NEEDS: [&str; 4] = [
    "\
\x20 Both as Application permissions, then \"Grant admin consent\". Make a key and a certificate, and upload the
  certificate under Certificates & secrets (the key stays here):
    openssl req -x509 -newkey rsa:3072 -nodes -days 365 -subj /CN=qroll -keyout qroll.key -out qroll.pem",
    "\
\x20 Both as Application permissions, then \"Grant admin consent\". Under Certificates & secrets add a client secret \
and copy its Value (not its ID).",
    "\
\x20 Both as Delegated permissions, then \"Grant admin consent\". Under Authentication switch \"Allow public client \
flows\" on. Some companies block device codes; then take Browser.",
    "\
\x20 Both as Delegated permissions, then \"Grant admin consent\". Under Authentication switch \"Allow public client \
flows\" on and add the redirect URI http://localhost of the kind Mobile and desktop applications.",
];

pub(super) async fn ask(
    desk: &Desk<'_>,
    old: Option<&EntraConfig>,
    secret: Option<&Given>,
) -> Result<(DirectoryConfig, Option<Given>), Problem> {
    let talk = desk.talk;
    talk.say(REGISTRATION);
    let default = old.map_or(0, |old| match old.auth {
        EntraAuth::Certificate { .. } => 0,
        EntraAuth::ClientSecret => 1,
        EntraAuth::DeviceCode => 2,
        EntraAuth::Browser => 3,
    });
    let way = talk.choice("\nHow does qroll sign in to it?", &WAYS, default)?;
    talk.say(NEEDS.get(way).copied().unwrap_or_default());
    let (cloud, hosts) = cloud(talk, old)?;
    let tenant_id = talk.text(
        "Directory (tenant) ID, or a domain of it",
        old.map(|old| old.tenant_id.as_str()),
    )?;
    let client_id = talk.text(
        "Application (client) ID",
        old.map(|old| old.client_id.as_str()),
    )?;
    let auth = match way {
        0 => certificate(talk, old.map(|old| &old.auth))?,
        1 => EntraAuth::ClientSecret,
        2 => EntraAuth::DeviceCode,
        _ => EntraAuth::Browser,
    };
    let given = match auth {
        EntraAuth::ClientSecret => {
            let (name, what) = (desk.secret("directory"), "Client secret of the application");
            Some(given::ask(talk, &desk.known, &name, what, secret).await?)
        }
        _ => None,
    };
    let (login_url, graph_url) = hosts.unzip();
    let config = EntraConfig {
        tenant_id,
        client_id,
        auth,
        cloud,
        login_url,
        graph_url,
        queries: old.map(|old| old.queries.clone()).unwrap_or_default(),
    };
    Ok((DirectoryConfig::Entra(config), given))
}

type Hosts = Option<(Url, Url)>;

fn cloud(talk: Talk, old: Option<&EntraConfig>) -> Result<(EntraCloud, Hosts), Problem> {
    let own = old.and_then(|old| Some((old.login_url.clone()?, old.graph_url.clone()?)));
    let default = match (old.map(|old| old.cloud), &own) {
        (_, Some(_)) => 4,
        (None | Some(EntraCloud::Global), None) => 0,
        (Some(EntraCloud::UsGov), None) => 1,
        (Some(EntraCloud::UsGovDod), None) => 2,
        (Some(EntraCloud::China), None) => 3,
    };
    let ways = [
        "Global, which includes Microsoft 365 GCC",
        "US Government L4 (GCC High)",
        "US Government L5 (DoD)",
        "China (21Vianet)",
        "Addresses of your own, such as those of qroll sim",
    ];
    Ok(match talk.choice("Which cloud?", &ways, default)? {
        0 => (EntraCloud::Global, None),
        1 => (EntraCloud::UsGov, None),
        2 => (EntraCloud::UsGovDod, None),
        3 => (EntraCloud::China, None),
        _ => {
            let ask = |question: &str, before: Option<&Url>| {
                let before = before.map(|url| url.as_str().trim_end_matches('/'));
                talk.checked(question, before, |text| Ok(tenant_address(text)?))
            };
            let login = ask("Address for signing in", own.as_ref().map(|own| &own.0))?;
            let graph = ask("Address of Graph", own.as_ref().map(|own| &own.1))?;
            (EntraCloud::Global, Some((login, graph)))
        }
    })
}

fn certificate(talk: Talk, old: Option<&EntraAuth>) -> Result<EntraAuth, Problem> {
    let before = match old {
        Some(EntraAuth::Certificate { certificate, key }) => {
            Some((certificate.as_path(), key.as_path()))
        }
        _ => None,
    };
    let (certificate, key) = talk.pair(before)?;
    Ok(EntraAuth::Certificate { certificate, key })
}
