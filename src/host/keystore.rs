//! The platform's secret store. On a headless Linux there is none, which is normal.

use crate::ports::Secret;

/// The service under which entries are kept.
const SERVICE: &str = "qroll";

/// A secret by name; blocks for as long as the store likes.
pub(super) fn find(name: &str) -> Result<Option<Secret>, String> {
    let entry = keyring::Entry::new(SERVICE, name).map_err(|error| why(&error))?;
    match entry.get_password() {
        Ok(secret) => Ok(Some(Secret::new(secret))),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(why(&error)),
    }
}

/// The kind only: texts of stores are theirs, and some hold what they could not decode.
fn why(error: &keyring::Error) -> String {
    match error {
        keyring::Error::NoDefaultStore => "no secret service runs here",
        keyring::Error::NoStorageAccess(_) => "it is locked and nobody could unlock it",
        keyring::Error::PlatformFailure(_) => "the secret service failed",
        keyring::Error::Ambiguous(_) => "several entries have this name",
        keyring::Error::BadEncoding(_) => "the entry is not text",
        _ => "the entry cannot be read",
    }
    .to_owned()
}
