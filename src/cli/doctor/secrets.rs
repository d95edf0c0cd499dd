//! Where secrets come from: which place served each, and why the ones before it did not.

use super::report::{Row, State};
use crate::cli::connect::wants_secret;
use crate::cli::session::Ready;
use crate::host::probe_keyring;
use crate::ports::{SecretSource, Vault as _};

/// Whether the keyring could keep a secret; tried with an entry that is taken away again.
pub(super) async fn keyring() -> Row {
    match probe_keyring().await {
        Ok(()) => Row::ok("keyring", "an entry could be set, read and deleted"),
        Err(why) => Row::warn("keyring", format!("no secret can be kept in it: {why}"))
            .mend("Usual on a machine without a desktop. qroll connect keeps secrets in an encrypted file instead; a service takes a systemd credential: LoadCredential=qroll.PROFILE.tenant:FILE"),
    }
}

pub(super) async fn tenant(ready: &Ready) -> Row {
    secret(ready, "tenant secret", "tenant").await
}

pub(super) async fn directory(ready: &Ready) -> Row {
    if !wants_secret(&ready.profile.directory) {
        return Row::ok("directory secret", "none is needed");
    }
    secret(ready, "directory secret", "directory").await
}

async fn secret(ready: &Ready, check: &'static str, slot: &str) -> Row {
    let name = format!("{}.{slot}", ready.profile.name);
    let found = ready.vault.find(&name).await;
    let before = ready.vault.trail();
    match found {
        Ok(Some((_, source))) => served(check, &name, &source, &before),
        Ok(None) => {
            let row = Row::new(
                check,
                State::Fail,
                format!("{name} was found nowhere: {}", before.join("; ")),
            );
            row.mend(format!(
                "Put it into the file $CREDENTIALS_DIRECTORY/qroll.{name} (mode 0600), or open a descriptor for it: --{slot}-secret-fd N"
            ))
        }
        Err(problem) => Row::failed(check, &problem),
    }
}

/// Where a secret of this name was found, in words.
pub(in crate::cli) fn place(source: &SecretSource, name: &str) -> String {
    match source {
        SecretSource::Keyring => "the keyring".to_owned(),
        SecretSource::Credential => format!("$CREDENTIALS_DIRECTORY/qroll.{name}"),
        SecretSource::Descriptor(number) => format!("file descriptor {number}"),
        SecretSource::Environment(variable) => variable.clone(),
        SecretSource::Sealed(file) => format!("the encrypted file {}", file.display()),
        SecretSource::Prompt => "what was typed, for this time only".to_owned(),
        SecretSource::Embedded => "the embedded world".to_owned(),
    }
}

/// A place that served it, with those before it.
fn served(check: &'static str, name: &str, source: &SecretSource, before: &[String]) -> Row {
    let place = place(source, name);
    let found = if before.is_empty() {
        format!("from {place}")
    } else {
        format!("from {place}; {}", before.join("; "))
    };
    match source {
        SecretSource::Environment(_) => Row::warn(check, found)
            .mend("Every process of this user can read it there. Better: the keyring, or a systemd credential."),
        _ => Row::ok(check, found),
    }
}
