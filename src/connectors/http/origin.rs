//! Scheme, host and port that a credential belongs to, and the one function that attaches it.
//! It takes the origin the token was issued for, compares it with where the request goes, and
//! fails closed (reliability 4.4): building the address right is the first layer, this the second.

use url::Url;

use crate::ports::{Bug, Kind, Problem, Secret, WireRequest, planted};

/// Where a credential may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::connectors) struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an address that an operator configured.
    ///
    /// # Errors
    /// `Config` when it has no host, carries a user name, or is neither https nor http.
    pub(in crate::connectors) fn of(url: &Url) -> Result<Self, Problem> {
        let bad = |why: &str| {
            Problem::new(Kind::Config, format!("{why}: {}", url.as_str()))
                .hint("Give the address as https://NAME.REGION.qlikcloud.com or the like.")
        };
        if !matches!(url.scheme(), "https" | "http") {
            return Err(bad("The address must begin with https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Problem::new(
                Kind::Config,
                "The address must not hold a user name or password.",
            ));
        }
        Self::strict(url).ok_or_else(|| bad("The address has no host"))
    }

    fn strict(url: &Url) -> Option<Self> {
        Some(Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str()?.to_owned(),
            port: url.port_or_known_default()?,
        })
    }

    /// Whether an address lies here: scheme, host and port equal, no user name in it.
    pub(in crate::connectors) fn holds(&self, url: &Url) -> bool {
        if planted(Bug::TokenToNextLink) {
            return true;
        }
        url.username().is_empty()
            && url.password().is_none()
            && Self::strict(url).as_ref() == Some(self)
    }

    /// Host, with the port where it is not the scheme's own.
    pub(in crate::connectors) fn label(&self) -> String {
        match (self.scheme.as_str(), self.port) {
            ("https", 443) | ("http", 80) => self.host.clone(),
            (_, port) => format!("{}:{port}", self.host),
        }
    }

    /// Attaches the bearer token, here and nowhere else in the program.
    ///
    /// # Errors
    /// `Guard` when the request goes anywhere but to this origin. Nothing is attached then.
    pub(in crate::connectors) fn authorize(
        &self,
        request: &mut WireRequest,
        token: &Secret,
    ) -> Result<(), Problem> {
        if !self.holds(&request.url) {
            return Err(Problem::new(
                Kind::Guard,
                format!(
                    "A request to {} was stopped: the credential belongs to {}.",
                    request.url.host_str().unwrap_or("nowhere"),
                    self.label()
                ),
            ));
        }
        request.authorization = Some(Secret::new(format!("Bearer {}", token.expose())));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Method;
    use std::time::Duration;

    fn request(url: &str) -> WireRequest {
        WireRequest {
            method: Method::Get,
            url: url.parse().unwrap(),
            headers: Vec::new(),
            authorization: None,
            body: None,
            deadline: Duration::from_secs(1),
            body_cap: 1,
        }
    }

    #[test]
    fn the_credential_goes_to_its_origin_only() {
        let origin = Origin::of(&"https://acme.eu.qlikcloud.com".parse().unwrap()).unwrap();
        let token = Secret::new("t0ken");
        for elsewhere in [
            "http://acme.eu.qlikcloud.com/api/v1/users",
            "https://acme.eu.qlikcloud.com:8443/api/v1/users",
            "https://acme.eu.qlikcloud.com.evil.example/api/v1/users",
            "https://license/v1/licenses",
            "https://user@acme.eu.qlikcloud.com/api/v1/users",
            "https://:word@acme.eu.qlikcloud.com/api/v1/users",
            "https://user:word@acme.eu.qlikcloud.com/api/v1/users",
            "https://acme.eu.qlikcloud.com@evil.example/",
        ] {
            let mut request = request(elsewhere);
            let problem = origin.authorize(&mut request, &token).unwrap_err();
            assert_eq!(problem.kind, Kind::Guard, "{elsewhere}");
            let said = problem.text();
            let ours = said.ends_with("the credential belongs to acme.eu.qlikcloud.com.");
            assert!(
                ours && !said.contains("word") && !said.contains("t0ken"),
                "{said}"
            );
            assert!(request.authorization.is_none(), "{elsewhere}");
        }
        for home in [
            "https://acme.eu.qlikcloud.com/api/v1/users",
            "https://ACME.eu.qlikcloud.com:443/api/v1/users",
        ] {
            let mut request = request(home);
            origin.authorize(&mut request, &token).unwrap();
            let value = request.authorization.unwrap();
            assert_eq!(value.expose(), "Bearer t0ken");
            assert_eq!(format!("{value:?}"), "***");
        }
    }

    #[test]
    fn the_label_names_a_port_that_is_not_the_schemes_own() {
        for (address, label) in [
            ("https://acme.example", "acme.example"),
            ("http://127.0.0.1", "127.0.0.1"),
            ("https://acme.example:80", "acme.example:80"),
            ("http://127.0.0.1:443", "127.0.0.1:443"),
        ] {
            let origin = Origin::of(&address.parse().unwrap()).unwrap();
            assert_eq!(origin.label(), label);
        }
    }

    #[test]
    fn each_part_of_an_origin_counts() {
        let of = |address: &str| Origin::of(&address.parse().unwrap()).unwrap();
        let origin = of("https://acme.example:8443");
        for (address, lies_here) in [
            ("https://acme.example:8443/a/b?c=d", true),
            ("https://ACME.example:8443", true),
            ("http://acme.example:8443", false),
            ("https://other.example:8443", false),
            ("https://acme.example", false),
            ("https://acme.example:443", false),
            ("mailto:a@acme.example", false),
        ] {
            assert_eq!(
                origin.holds(&address.parse().unwrap()),
                lies_here,
                "{address}"
            );
        }
        assert_ne!(of("https://acme.example"), of("http://acme.example"));
        assert_eq!(of("https://acme.example"), of("https://acme.example:443/x"));
        assert_eq!(of("http://127.0.0.1").label(), "127.0.0.1");
    }

    #[test]
    fn odd_addresses_are_refused() {
        for address in [
            "ftp://acme.example",
            "https://a:b@acme.example",
            "https://a@acme.example",
            "https://:b@acme.example",
            "data:text/plain,x",
        ] {
            let problem = Origin::of(&address.parse().unwrap()).unwrap_err();
            assert_eq!(problem.kind, Kind::Config);
            let said = problem.text();
            let why = if address.contains('@') {
                "The address must not hold a user name or password."
            } else {
                "The address must begin with https://"
            };
            assert!(said.starts_with(why), "{said}");
            assert!(!said.contains("a:b") && !said.contains(":b@"), "{said}");
        }
    }
}
