//! The Entra directory of a profile: its cloud, and how qroll signs in to it.

use std::sync::Arc;
use url::Url;

use super::connect::{Outside, address, named_file, secret};
use super::out::Out;
use super::sign_in::sign_in;
use crate::config::{EntraAuth, EntraCloud, EntraConfig, Profile};
use crate::connectors::entra::{
    AppCertificate, Credential, EntraConfig as EntraClient, EntraDirectory,
};
use crate::host::{HostVault, private_file};
use crate::ports::{Directory, Problem, Secret};
use crate::simulator::Running;

/// A certificate that ends sooner than this is spoken of.
const SOON_DAYS: i64 = 30;

/// The directory.
pub(super) async fn directory(
    outside: &Outside,
    profile: &Profile,
    config: &EntraConfig,
    vault: &HostVault,
    out: Out,
) -> Result<Arc<dyn Directory>, Problem> {
    let (login_url, graph_url) = hosts(config)?;
    outside.say_proxy(&graph_url, out);
    let credential = match &config.auth {
        EntraAuth::ClientSecret => {
            let name = format!("{}.directory", profile.name);
            let what = "client secret of the directory";
            Credential::Secret(secret(vault, &name, what, out).await?)
        }
        EntraAuth::Certificate { certificate, key } => {
            let now = outside.clock.wall();
            let certificate = named_file("certificate", certificate)?;
            let own = AppCertificate::from_pem(&certificate, &private_file(key)?, now)?;
            let left = own.ends().duration_since(now).as_hours() / 24;
            if left < SOON_DAYS {
                out.note(format!(
                    "warning: the certificate of the app expires in {left} days"
                ));
            }
            Credential::Certificate(own)
        }
        EntraAuth::DeviceCode => Credential::DeviceCode,
        EntraAuth::Browser => Credential::Browser,
    };
    let client = EntraClient {
        login_url: login_url.clone(),
        graph_url,
        tenant_id: config.tenant_id.clone(),
        client_id: config.client_id.clone(),
        credential: credential.clone(),
    };
    let directory = entra(outside, client)?;
    sign_in(&directory, &credential, &login_url, out).await?;
    Ok(Arc::new(directory))
}

fn entra(outside: &Outside, client: EntraClient) -> Result<EntraDirectory, Problem> {
    let (wire, clock, rng) = outside.parts();
    EntraDirectory::new(wire, clock, rng, client)
}

/// Sign-in authority and Graph root, both of one cloud (Microsoft, national clouds).
fn hosts(config: &EntraConfig) -> Result<(Url, Url), Problem> {
    if let (Some(login), Some(graph)) = (&config.login_url, &config.graph_url) {
        return Ok((login.clone(), graph.clone()));
    }
    let (login, graph) = match config.cloud {
        EntraCloud::Global => (
            "https://login.microsoftonline.com",
            "https://graph.microsoft.com",
        ),
        EntraCloud::UsGov => (
            "https://login.microsoftonline.us",
            "https://graph.microsoft.us",
        ),
        EntraCloud::UsGovDod => (
            "https://login.microsoftonline.us",
            "https://dod-graph.microsoft.us",
        ),
        EntraCloud::China => (
            "https://login.chinacloudapi.cn",
            "https://microsoftgraph.chinacloudapi.cn",
        ),
    };
    Ok((address(login)?, address(graph)?))
}

/// The embedded directory.
pub(super) fn demo_directory(
    outside: &Outside,
    world: &Running,
) -> Result<Arc<dyn Directory>, Problem> {
    let client = EntraClient {
        login_url: address(&world.login_url)?,
        graph_url: address(&world.graph_url)?,
        tenant_id: world.directory_tenant.clone(),
        client_id: world.graph_client_id.clone(),
        credential: Credential::Secret(Secret::new(world.graph_client_secret.clone())),
    };
    Ok(Arc::new(entra(outside, client)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cloud_has_its_own_pair_of_hosts() {
        for (cloud, login, graph) in [
            (
                EntraCloud::Global,
                "login.microsoftonline.com",
                "graph.microsoft.com",
            ),
            (
                EntraCloud::UsGov,
                "login.microsoftonline.us",
                "graph.microsoft.us",
            ),
            (
                EntraCloud::UsGovDod,
                "login.microsoftonline.us",
                "dod-graph.microsoft.us",
            ),
            (
                EntraCloud::China,
                "login.chinacloudapi.cn",
                "microsoftgraph.chinacloudapi.cn",
            ),
        ] {
            let mut config = EntraConfig {
                tenant_id: "t".into(),
                client_id: "c".into(),
                auth: EntraAuth::ClientSecret,
                cloud,
                login_url: None,
                graph_url: None,
                queries: std::collections::BTreeMap::new(),
            };
            let (login_url, graph_url) = hosts(&config).unwrap();
            assert_eq!(login_url.as_str(), format!("https://{login}/"));
            assert_eq!(graph_url.as_str(), format!("https://{graph}/"));
            let own: Url = "http://127.0.0.1:1/".parse().unwrap();
            (config.login_url, config.graph_url) = (Some(own.clone()), Some(own.clone()));
            assert_eq!(hosts(&config).unwrap(), (own.clone(), own));
        }
    }
}
