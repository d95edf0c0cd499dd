//! Which proxy the environment asks for: shown on the connect screen and written into the journal
//! before a credential is used (reliability 4.5).

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use crate::text::{Raw, Shown};

/// A proxy that requests to an address go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyInUse {
    /// Scheme, host and port; never its user name or password.
    pub address: Shown,
    /// Whether it is spoken to with a credential of its own.
    pub with_credential: bool,
}

/// The proxy that [`super::ReqwestWire`] uses for this address by the environment
/// (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` and their like), or none. It asks the code that reqwest
/// itself asks, so the two cannot disagree.
pub fn proxy_for(url: &Url) -> Option<ProxyInUse> {
    chosen(&Matcher::from_system(), url)
}

fn chosen(matcher: &Matcher, url: &Url) -> Option<ProxyInUse> {
    let found = matcher.intercept(&url.as_str().parse().ok()?)?;
    let uri = found.uri();
    let port = uri.port_u16().map(|port| format!(":{port}"));
    let address = format!(
        "{}://{}{}",
        uri.scheme_str().unwrap_or("http"),
        uri.host().unwrap_or_default(),
        port.unwrap_or_default()
    );
    Some(ProxyInUse {
        address: Raw::from(address).show(),
        with_credential: found.basic_auth().is_some() || found.raw_auth().is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_is_named_without_its_password() {
        let matcher = Matcher::builder()
            .https("http://ann:secret@proxy.corp.example:3128")
            .no("127.0.0.1,.corp.example")
            .build();
        let proxy = chosen(&matcher, &"https://acme.eu.qlikcloud.com/".parse().unwrap()).unwrap();
        assert_eq!(proxy.address.as_str(), "http://proxy.corp.example:3128");
        assert!(proxy.with_credential);
        let direct: Url = "https://ldap.corp.example/".parse().unwrap();
        assert_eq!(chosen(&matcher, &direct), None);
    }
}
