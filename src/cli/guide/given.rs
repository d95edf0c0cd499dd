//! Secrets on their way: typed in, or found where the program looks anyway.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::talk::Talk;
use crate::cli::doctor::place_of_secret;
use crate::host::HostVault;
use crate::ports::{Problem, Secret, SecretSource, Vault as _};

/// A secret and where it was found; `None` when it was typed in.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) secret: Secret,
    pub(super) from: Option<SecretSource>,
}

/// A vault that holds these and nothing else.
pub(super) fn vault<'a>(given: impl IntoIterator<Item = (&'a String, &'a Given)>) -> HostVault {
    let all: BTreeMap<String, Secret> = given
        .into_iter()
        .map(|(name, given)| (name.clone(), given.secret.clone()))
        .collect();
    HostVault::new().ask(Arc::new(move |name| Ok(all.get(name).cloned())))
}

/// Asks for a secret. One that is there already, or was typed before, is taken by Enter alone.
pub(super) async fn ask(
    talk: Talk<'_>,
    known: &HostVault,
    name: &str,
    what: &str,
    before: Option<&Given>,
) -> Result<Given, Problem> {
    let found = match before {
        Some(before) => Some(before.clone()),
        None => known.find(name).await?.map(|(secret, from)| Given {
            secret,
            from: Some(from),
        }),
    };
    let question = match found.as_ref().map(|found| &found.from) {
        None => what.to_owned(),
        Some(None) => format!("{what}, Enter takes what was typed before"),
        Some(Some(from)) => format!(
            "{what}, Enter takes the one from {}",
            place_of_secret(from, name)
        ),
    };
    loop {
        match (talk.hidden(&question).await?, &found) {
            (Some(secret), _) => return Ok(Given { secret, from: None }),
            (None, Some(found)) => return Ok(found.clone()),
            (None, None) => talk.refuse("It cannot be left out."),
        }
    }
}
