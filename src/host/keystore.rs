//! The platform's secret store. On a headless Linux there is none, which is normal. Stores may block
//! without end (a locked one asks somebody who is not there), so each call has a thread of its own and
//! a deadline.

use std::time::Duration;

use super::vault::off_thread;
use crate::ports::Secret;

/// The service under which entries are kept.
const SERVICE: &str = "qroll";
/// Nobody waits longer for a store.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// Said where there is no store.
const NONE_HERE: &str = "no secret service runs here";
/// Said of a store that let the time pass.
pub(super) const SILENT: &str = "it did not answer within 2 s (is it locked?)";

/// A secret by name; blocks for as long as the store likes.
pub(super) fn find(name: &str) -> Result<Option<Secret>, String> {
    let entry = entry(name)?;
    match entry.get_password() {
        Ok(secret) => Ok(Some(Secret::new(secret))),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(why(&error)),
    }
}

/// Tries the store with an entry of its own: set, get, compare, delete. That it can be reached or
/// written alone proves nothing (kernel keys can be set where they cannot be read).
///
/// # Errors
/// Why no secret can be kept there, in words.
pub async fn probe_keyring() -> Result<(), String> {
    in_time(|| {
        let name = format!("probe.{}", std::process::id());
        let entry = entry(&name)?;
        entry.set_password(&name).map_err(|error| why(&error))?;
        let read = entry.get_password();
        // Whatever was read, nothing stays behind.
        let gone = entry.delete_credential();
        match read {
            Ok(read) if read == name => gone.map_err(|error| why(&error)),
            Ok(_) => Err("it gave back another text than it was given".to_owned()),
            Err(error) => Err(why(&error)),
        }
    })
    .await
}

/// Stores a secret by name, in the place of any that was there, and reads it back.
///
/// # Errors
/// Why it is not kept there, in words.
pub async fn keep_in_keyring(name: &str, secret: &Secret) -> Result<(), String> {
    let (name, secret) = (name.to_owned(), secret.clone());
    in_time(move || {
        let entry = entry(&name)?;
        entry
            .set_password(secret.expose())
            .map_err(|error| why(&error))?;
        let read = entry.get_password().map(Secret::new);
        if read.map_err(|error| why(&error))?.expose() == secret.expose() {
            return Ok(());
        }
        Err("it gave back another text than it was given".to_owned())
    })
    .await
}

/// Takes a secret out of the store; one that is not there is gone already.
///
/// # Errors
/// Why it may still be there, in words.
pub async fn remove_from_keyring(name: &str) -> Result<(), String> {
    let name = name.to_owned();
    in_time(move || match entry(&name) {
        // Where there is no keyring there is no entry in it.
        Err(why) if why == NONE_HERE => Ok(()),
        Err(why) => Err(why),
        Ok(entry) => match entry.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry | keyring::Error::NoDefaultStore) => Ok(()),
            Err(error) => Err(why(&error)),
        },
    })
    .await
}

async fn in_time(work: impl FnOnce() -> Result<(), String> + Send + 'static) -> Result<(), String> {
    match tokio::time::timeout(PATIENCE, off_thread(work)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(problem)) => Err(problem.text().to_owned()),
        Err(_) => Err(SILENT.to_owned()),
    }
}

fn entry(name: &str) -> Result<keyring::Entry, String> {
    keyring::Entry::new(SERVICE, name).map_err(|error| why(&error))
}

/// The kind only: texts of stores are theirs, and some hold what they could not decode.
fn why(error: &keyring::Error) -> String {
    match error {
        keyring::Error::NoDefaultStore => NONE_HERE,
        keyring::Error::NoStorageAccess(_) => "it is locked and nobody could unlock it",
        keyring::Error::PlatformFailure(_) => "the secret service failed",
        keyring::Error::Ambiguous(_) => "several entries have this name",
        keyring::Error::BadEncoding(_) => "the entry is not text",
        _ => "the entry cannot be read",
    }
    .to_owned()
}
