//! Sorts what reqwest reports into the three classes that matter: nothing was sent, the
//! certificate was refused, or anything may have happened.

use std::error::Error as StdError;
use std::fmt::Write as _;

use crate::ports::WireFailure;

/// Links of an error chain that are followed at most.
const LINKS: usize = 16;

/// The class of a failed exchange (reliability 2.1).
pub(super) fn classify(error: reqwest::Error) -> WireFailure {
    let error = error.without_url();
    if let Some(reason) = refused_certificate(&error) {
        return WireFailure::Untrusted(reason);
    }
    let text = chain(&error);
    if error.is_connect() || error.is_builder() {
        WireFailure::NotSent(text)
    } else if error.is_timeout() {
        WireFailure::Ambiguous(format!("no answer in time: {text}"))
    } else {
        WireFailure::Ambiguous(text)
    }
}

/// What rustls said of the certificate, if that is what ended the exchange.
fn refused_certificate(error: &(dyn StdError + 'static)) -> Option<String> {
    let mut next = Some(error);
    for _ in 0..LINKS {
        let link = next?;
        if let Some(tls) = link.downcast_ref::<rustls::Error>() {
            return matches!(tls, rustls::Error::InvalidCertificate(_)).then(|| tls.to_string());
        }
        // `source` of an io error skips the error it carries.
        next = match link.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as _),
            None => link.source(),
        };
    }
    None
}

/// The messages of an error and its causes, without repetitions.
pub(super) fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    for _ in 0..LINKS {
        let Some(cause) = next else { break };
        let message = cause.to_string();
        if !text.contains(&message) {
            // Writing to a String cannot fail.
            let _ = write!(text, ": {message}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn a_refused_certificate_is_found_inside_io_errors() {
        let tls = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let inner = io::Error::new(io::ErrorKind::InvalidData, tls);
        let outer = io::Error::other(inner);
        let reason = refused_certificate(&outer).unwrap();
        assert!(reason.contains("UnknownIssuer"), "{reason}");
    }

    #[test]
    fn other_errors_are_not_certificates() {
        let tls = rustls::Error::HandshakeNotComplete;
        assert_eq!(refused_certificate(&io::Error::other(tls)), None);
        assert_eq!(refused_certificate(&io::Error::other("certificate")), None);
    }
}
