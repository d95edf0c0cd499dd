//! What a directory server, the way to it or the library says, in words: what, where, what to do
//! (result codes: RFC 4511 appendix A; sub-codes of Active Directory in the text of a refused bind).

use ldap3::{LdapError, LdapResult};
use std::error::Error as StdError;
use std::time::Duration;

use super::contained::Panicked;
use crate::ports::{Kind, Problem};

/// A call that came to nothing, and whether that is because the connection is gone.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) problem: Problem,
    pub(super) gone: bool,
}

impl From<Problem> for Broken {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            gone: false,
        }
    }
}

impl From<Broken> for Problem {
    fn from(broken: Broken) -> Self {
        broken.problem
    }
}

impl Broken {
    /// The connection went away in the middle of an answer.
    pub(super) fn gone(label: &str, cause: &str) -> Self {
        Self {
            problem: Problem::new(Kind::Network, format!("{label} was lost: {cause}")),
            gone: true,
        }
    }

    /// Adds why the connection ended.
    pub(super) fn because(mut self, cause: Option<String>) -> Self {
        if let Some(cause) = cause {
            self.problem = self.problem.because(cause);
        }
        self
    }
}

/// An empty password is an anonymous sign-in to many servers (RFC 4513, 5.1.2).
pub(super) fn empty_password() -> Problem {
    Problem::new(Kind::Auth, "the password of the directory is empty").hint(
        "With an empty password many servers let anybody in and show nothing; it is never sent.",
    )
}

/// Nobody answers at the address.
pub(super) fn unreachable(label: &str, error: std::io::Error) -> Problem {
    Problem::new(Kind::Network, format!("{label} cannot be reached: {error}"))
        .hint("Check url in the profile's directory section, and that the port is open from here.")
        .because(error)
}

/// The connection or sign-in took too long.
pub(super) fn silent(label: &str, span: Duration) -> Problem {
    let seconds = span.as_secs();
    Problem::new(
        Kind::Network,
        format!("{label} did not answer within {seconds} s"),
    )
    .hint("Is ldaps:// spoken at that port? Plain ldap:// wants start_tls = true.")
}

/// The library gave up on what came.
pub(super) fn nonsense(label: &str, _: Panicked) -> Problem {
    Problem::new(Kind::Protocol, format!("{label} sent what is no LDAP"))
        .hint("Is this the port of the directory server? 636 for ldaps, 389 for start_tls.")
}

/// Connecting, `StartTLS` or the handshake failed.
pub(super) fn connecting(label: &str, error: LdapError) -> Problem {
    match error {
        LdapError::Io { source } => match certificate(&source) {
            Some(why) => Problem::new(
                Kind::Network,
                format!("the certificate of {label} is not accepted: {why}"),
            )
            .hint("Give the CA of the directory with ca_file = \"corp-ca.pem\" in the profile.")
            .hint("Write the host as the certificate has it; the check cannot be switched off.")
            .dead_end()
            .because(source),
            None => Problem::new(Kind::Network, format!("no TLS with {label}: {source}"))
                .hint("Is ldaps:// spoken at that port? Plain ldap:// wants start_tls = true.")
                .because(source),
        },
        LdapError::LdapResult { result } => Problem::new(
            Kind::Config,
            format!("{label} refuses StartTLS: {}", words(&result)),
        )
        .hint("Use ldaps:// instead of start_tls = true. Without TLS no password is sent."),
        error => {
            Problem::new(Kind::Network, format!("no connection to {label}: {error}")).because(error)
        }
    }
}

/// What the verifier said, out of the chain of an error.
fn certificate(error: &std::io::Error) -> Option<String> {
    let inner = error.get_ref()?;
    let mut at: Option<&(dyn StdError + 'static)> = Some(inner);
    while let Some(error) = at {
        if let Some(rustls::Error::InvalidCertificate(why)) = error.downcast_ref() {
            return Some(format!("{why:?}"));
        }
        at = error.source();
    }
    None
}

/// An operation got no answer.
pub(super) fn lost(label: &str, error: LdapError) -> Broken {
    let problem = match &error {
        LdapError::Timeout { .. } => {
            Problem::new(Kind::Network, format!("{label} stopped answering"))
        }
        LdapError::FilterParsing => {
            return Problem::new(Kind::User, "the query is no LDAP filter")
                .hint("Example: (&(objectClass=person)(department=Sales))")
                .into();
        }
        _ => Problem::new(Kind::Network, format!("{label} closed the connection")),
    };
    Broken {
        problem: problem.because(error),
        gone: true,
    }
}

/// A bind that was refused.
pub(super) fn bind(label: &str, result: &LdapResult) -> Problem {
    let said = words(result);
    match result.rc {
        49 => {
            let problem = Problem::new(Kind::Auth, format!("{label} refuses the sign-in: {said}"));
            match sub_code(&result.text) {
                Some(why) => problem.hint(why),
                None => problem.hint("Check bind_dn and the password of the directory."),
            }
        }
        8 | 13 => Problem::new(
            Kind::Config,
            format!("{label} takes a password over TLS only: {said}"),
        )
        .hint("Use ldaps://, or start_tls = true."),
        7 | 48 => Problem::new(
            Kind::Auth,
            format!("{label} does not offer this way to sign in: {said}"),
        )
        .hint("Servers that take no certificate want bind_dn and a password, and the other way round."),
        34 => Problem::new(Kind::Config, format!("bind_dn is not understood by {label}: {said}"))
            .hint("Write a DN; Active Directory also takes user@domain and DOMAIN\\user."),
        51..=53 => Problem::new(Kind::Network, format!("{label} is not ready: {said}")),
        _ => Problem::new(Kind::Auth, format!("{label} refuses the sign-in: {said}")),
    }
}

/// `data 52e` and its siblings in what Active Directory says.
fn sub_code(text: &str) -> Option<&'static str> {
    let (_, rest) = text.split_once("data ")?;
    let code = rest.split([',', ' ', '\0']).next()?;
    Some(match code {
        "525" => "There is no such user.",
        "52e" => "User name or password is wrong.",
        "530" => "The account may not sign in at this hour.",
        "531" => "The account may not sign in from here.",
        "532" => "The password has expired.",
        "533" => "The account is disabled.",
        "701" => "The account has expired.",
        "773" => "The password must be changed first.",
        "775" => "The account is locked.",
        _ => return None,
    })
}

/// A search that was refused before anything came.
pub(super) fn search(label: &str, base: &str, filter: &str, result: &LdapResult) -> Problem {
    let said = words(result);
    match result.rc {
        32 => Problem::new(Kind::Config, format!("{label} has no entry {base}: {said}"))
            .hint("Check base_dn; a server also says so when the account may not see it."),
        34 => Problem::new(
            Kind::Config,
            format!("\"{base}\" is no DN to {label}: {said}"),
        )
        .hint("Check base_dn, e.g. \"dc=corp,dc=example\"."),
        50 => Problem::new(
            Kind::Denied,
            format!("{label} lets this account read nothing: {said}"),
        )
        .hint("The account needs read access below base_dn."),
        1 if result.text.contains("bind must be completed") || result.text.contains("000004DC") => {
            Problem::new(Kind::Auth, format!("{label} wants a sign-in first: {said}"))
                .hint("Check bind_dn and the password of the directory.")
        }
        16..=18 | 21 => Problem::new(
            Kind::User,
            format!("{label} does not take the query {filter}: {said}"),
        ),
        _ => Problem::new(
            Kind::Protocol,
            format!("{label} refuses the search: {said}"),
        ),
    }
}

/// Why a search that ended with this gave only a part; nothing for a refusal and for success.
pub(super) fn short(result: &LdapResult) -> Option<String> {
    let why = match result.rc {
        3 => "the server's time limit ended the search",
        4 => "the server's size limit ended the search",
        11 => "an administrative limit of the server ended the search",
        10 => {
            let to = result.refs.join(", ");
            return Some(format!("the server refers to {to}, which is not followed"));
        }
        51 => "the server is busy",
        52 => "the server is shutting down",
        88 => "the search was given up",
        _ => return None,
    };
    Some(format!("{why} ({})", words(result)))
}

/// Code, name and text of a result; Active Directory ends its texts with a NUL.
pub(super) fn words(result: &LdapResult) -> String {
    let shown = result.to_string();
    let name = shown
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .map_or("unknown", |(name, _)| name);
    let text = result.text.trim_end_matches('\0').trim();
    if text.is_empty() {
        format!("{name}, {}", result.rc)
    } else {
        format!("{name}, {}: {text}", result.rc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(rc: u32, text: &str) -> LdapResult {
        LdapResult {
            rc,
            matched: String::new(),
            text: text.to_owned(),
            refs: Vec::new(),
            ctrls: Vec::new(),
        }
    }

    #[test]
    fn active_directory_says_why_a_sign_in_is_refused() {
        let said = "80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 533, v4563\0";
        let problem = bind("dc1", &result(49, said));
        assert_eq!(problem.kind, Kind::Auth);
        assert_eq!(problem.hints(), ["The account is disabled."]);
        assert!(!problem.text().contains('\u{0}'));
        let problem = bind("dc1", &result(49, ""));
        assert!(problem.text().contains("invalidCredentials, 49"));
    }

    #[test]
    fn limits_make_a_part_and_refusals_do_not() {
        for (rc, part) in [
            (3, true),
            (4, true),
            (11, true),
            (51, true),
            (0, false),
            (32, false),
            (50, false),
        ] {
            assert_eq!(short(&result(rc, "")).is_some(), part, "{rc}");
        }
        let mut referral = result(10, "");
        referral.refs = vec!["ldap://other/dc=x".to_owned()];
        assert!(
            short(&referral)
                .expect("a part")
                .contains("ldap://other/dc=x")
        );
    }
}
