//! Secrets in the documented order: keyring, systemd credential, file descriptor, environment,
//! encrypted file, prompt. What was found is kept for the life of the process, since a descriptor reads once.

use futures_util::FutureExt as _;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::scrub::keep_out_of_logs;
use super::sealed::{SealedFile, Secrets};
use super::{credential, keystore, prompt};
use crate::ports::{Kind, Problem, Secret, SecretSource, Vault, Work};

/// Asks a store for a secret by name; `Err` says why the store cannot be used.
pub type Keystore = Arc<dyn Fn(&str) -> Result<Option<Secret>, String> + Send + Sync>;
/// Asks a person for a secret by name; `None` when nothing was typed.
pub type Ask = Arc<dyn Fn(&str) -> Result<Option<Secret>, Problem> + Send + Sync>;

/// Times that a passphrase may be mistyped.
const TRIES: usize = 3;

/// Which of the two secrets of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// `<profile>.tenant`.
    Tenant,
    /// `<profile>.directory`.
    Directory,
}

impl Slot {
    /// The slot that a secret's name ends with.
    pub fn of(name: &str) -> Option<Self> {
        match name.rsplit('.').next() {
            Some("tenant") => Some(Self::Tenant),
            Some("directory") => Some(Self::Directory),
            _ => None,
        }
    }

    /// The environment variable for it.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Tenant => "QROLL_TENANT_SECRET",
            Self::Directory => "QROLL_DIRECTORY_SECRET",
        }
    }

    fn option(self) -> &'static str {
        match self {
            Self::Tenant => "--tenant-secret-fd",
            Self::Directory => "--directory-secret-fd",
        }
    }
}

/// Where to look, in this order. Nothing here was read from the environment by this room.
#[derive(Clone)]
pub struct HostVault {
    keystore: Option<Keystore>,
    patience: Duration,
    credentials: Option<PathBuf>,
    descriptors: BTreeMap<Slot, i32>,
    environment: BTreeMap<Slot, Secret>,
    /// The state directory, in which encrypted files lie.
    sealed: Option<PathBuf>,
    unlock: Option<Ask>,
    ask: Option<Ask>,
    /// Whether it is for another profile than the one that runs.
    aside: bool,
    /// What the encrypted file held: it is opened once.
    unsealed: Arc<Mutex<Option<Secrets>>>,
    found: Arc<Mutex<BTreeMap<String, (Secret, SecretSource)>>>,
    trail: Arc<Mutex<Vec<String>>>,
}

impl Default for HostVault {
    fn default() -> Self {
        Self::new()
    }
}

impl HostVault {
    /// A vault that knows no place yet.
    pub fn new() -> Self {
        Self {
            keystore: None,
            patience: keystore::PATIENCE,
            credentials: None,
            descriptors: BTreeMap::new(),
            environment: BTreeMap::new(),
            sealed: None,
            unlock: None,
            ask: None,
            aside: false,
            unsealed: Arc::default(),
            found: Arc::default(),
            trail: Arc::default(),
        }
    }

    /// Looks into the platform's secret store first.
    #[must_use]
    pub fn keyring(self) -> Self {
        self.keystore(Arc::new(keystore::find))
    }

    /// Looks into this store first.
    #[must_use]
    pub fn keystore(mut self, store: Keystore) -> Self {
        self.keystore = Some(store);
        self
    }

    /// Looks into this directory of systemd credentials (`$CREDENTIALS_DIRECTORY`).
    #[must_use]
    pub fn credentials(mut self, directory: Option<PathBuf>) -> Self {
        self.credentials = directory;
        self
    }

    /// Reads a secret from a descriptor that was given on the command line.
    #[must_use]
    pub fn descriptor(mut self, slot: Slot, descriptor: Option<i32>) -> Self {
        self.descriptors
            .extend(descriptor.map(|descriptor| (slot, descriptor)));
        self
    }

    /// Takes a secret that stood in the environment.
    #[must_use]
    pub fn environment(mut self, slot: Slot, secret: Option<Secret>) -> Self {
        self.environment.extend(secret.map(|secret| (slot, secret)));
        self
    }

    /// Looks into the encrypted file of this state directory. Its passphrase is a credential, or is
    /// asked for.
    #[must_use]
    pub fn sealed(mut self, state: PathBuf) -> Self {
        self.sealed = Some(state);
        self
    }

    /// Asks this for the passphrase of an encrypted file.
    #[must_use]
    pub fn unlock(mut self, ask: Ask) -> Self {
        self.unlock = Some(ask);
        self
    }

    /// Asks at the terminal when nothing else has the secret, or the passphrase of an encrypted file.
    #[must_use]
    pub fn prompt(self) -> Self {
        self.unlock(Arc::new(prompt::ask_passphrase))
            .ask(Arc::new(prompt::ask))
    }

    /// Asks this when nothing else has the secret.
    #[must_use]
    pub fn ask(mut self, ask: Ask) -> Self {
        self.ask = Some(ask);
        self
    }

    /// The same places for another profile: the keyring, the credentials and the encrypted file have its
    /// secrets by its name. Descriptor and environment variable are of the profile that runs, and
    /// nobody is asked for a secret besides.
    #[must_use]
    pub fn aside(&self) -> Self {
        Self {
            descriptors: BTreeMap::new(),
            environment: BTreeMap::new(),
            ask: None,
            aside: true,
            unsealed: Arc::default(),
            found: Arc::default(),
            trail: Arc::default(),
            ..self.clone()
        }
    }

    /// What the last search found where, one sentence for each place that did not have it.
    pub fn trail(&self) -> Vec<String> {
        self.trail
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn search(&self, name: &str) -> Result<Option<(Secret, SecretSource)>, Problem> {
        let slot = Slot::of(name)
            .ok_or_else(|| Problem::new(Kind::Internal, format!("no secret is called {name}")))?;
        let mut trail = Vec::new();
        let result = self.walk(name, slot, &mut trail).await;
        *self.trail.lock().unwrap_or_else(PoisonError::into_inner) = trail;
        result
    }

    async fn walk(
        &self,
        name: &str,
        slot: Slot,
        trail: &mut Vec<String>,
    ) -> Result<Option<(Secret, SecretSource)>, Problem> {
        match self.ask_keystore(name).await {
            Ok(Some(secret)) => return Ok(Some((secret, SecretSource::Keyring))),
            Ok(None) => trail.push(format!("the keyring holds no qroll entry {name}")),
            Err(why) => trail.push(format!("no keyring: {why}")),
        }
        match &self.credentials {
            Some(directory) => match credential::read(directory, name)? {
                Some(secret) => return Ok(Some((secret, SecretSource::Credential))),
                None => trail.push(format!("$CREDENTIALS_DIRECTORY holds no qroll.{name}")),
            },
            None => trail.push("$CREDENTIALS_DIRECTORY is not set".to_owned()),
        }
        match self.descriptors.get(&slot).copied() {
            Some(descriptor) => {
                let secret = off_thread(move || credential::from_descriptor(descriptor)).await??;
                return Ok(Some((secret, SecretSource::Descriptor(descriptor))));
            }
            None if self.aside => trail.push(format!(
                "{} and {} are for the profile that runs",
                slot.option(),
                slot.variable()
            )),
            None => trail.push(format!("{} is not given", slot.option())),
        }
        match self.environment.get(&slot) {
            Some(secret) => {
                let source = SecretSource::Environment(slot.variable().to_owned());
                return Ok(Some((secret.clone(), source)));
            }
            None if self.aside => {}
            None => trail.push(format!("{} is not set", slot.variable())),
        }
        if let Some(found) = self.ask_sealed(name, trail).await? {
            return Ok(Some(found));
        }
        let Some(ask) = self.ask.clone() else {
            if self.aside {
                return Ok(None);
            }
            trail.push("there is no terminal to ask at".to_owned());
            return Ok(None);
        };
        let name = name.to_owned();
        let typed = off_thread(move || ask(&name)).await??;
        Ok(typed.map(|secret| (secret, SecretSource::Prompt)))
    }

    /// The encrypted file, where one is looked for and is there.
    async fn ask_sealed(
        &self,
        name: &str,
        trail: &mut Vec<String>,
    ) -> Result<Option<(Secret, SecretSource)>, Problem> {
        let Some(state) = &self.sealed else {
            return Ok(None);
        };
        let profile = name.rsplit_once('.').map_or(name, |(profile, _)| profile);
        let file = SealedFile::of(state, profile);
        if !file.is_there() {
            trail.push(format!("there is no {}", file.path().display()));
            return Ok(None);
        }
        let known = self.unsealed().clone();
        let opened = match known {
            Some(secrets) => Some(secrets),
            None => self.open(&file, profile).await?,
        };
        let Some(secrets) = opened else {
            let said = "is there, and its passphrase is not given";
            trail.push(format!("{} {said}", file.path().display()));
            return Ok(None);
        };
        let found = secrets.get(name).cloned();
        *self.unsealed() = Some(secrets);
        if found.is_none() {
            trail.push(format!("{} does not hold it", file.path().display()));
        }
        Ok(found.map(|secret| (secret, SecretSource::Sealed(file.path().to_owned()))))
    }

    fn unsealed(&self) -> MutexGuard<'_, Option<Secrets>> {
        self.unsealed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens it by the credential `qroll.<profile>.passphrase`, else by what is typed; `None` when
    /// there is neither.
    async fn open(&self, file: &SealedFile, profile: &str) -> Result<Option<Secrets>, Problem> {
        let credential = match &self.credentials {
            Some(directory) => credential::read(directory, &format!("{profile}.passphrase"))?,
            None => None,
        };
        if let Some(passphrase) = credential {
            return unseal(file, passphrase).await.map(Some);
        }
        let Some(ask) = self.unlock.clone() else {
            return Ok(None);
        };
        let mut tries = 1;
        loop {
            let ask = ask.clone();
            let name = match tries {
                1 => file.name(),
                _ => format!("{}, which the one before does not open", file.name()),
            };
            let Some(passphrase) = off_thread(move || ask(&name)).await?? else {
                return Ok(None);
            };
            match unseal(file, passphrase).await {
                Err(problem) if problem.kind == Kind::Auth && tries < TRIES => tries += 1,
                opened => return opened.map(Some),
            }
        }
    }

    async fn ask_keystore(&self, name: &str) -> Result<Option<Secret>, String> {
        let Some(store) = self.keystore.clone() else {
            return Err("not asked".to_owned());
        };
        let name = name.to_owned();
        let call = off_thread(move || store(&name));
        match tokio::time::timeout(self.patience, call).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(problem)) => Err(problem.text().to_owned()),
            Err(_) => Err(keystore::SILENT.to_owned()),
        }
    }
}

/// Making the key takes a while.
async fn unseal(file: &SealedFile, passphrase: Secret) -> Result<Secrets, Problem> {
    let file = file.clone();
    off_thread(move || file.open(&passphrase)).await?
}

/// Runs a blocking call on a thread of its own: one that never returns must not hold up the
/// runtime's shutdown, which waits for its own blocking threads.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let spawned = std::thread::Builder::new()
        .name("qroll-secret".to_owned())
        .spawn(move || {
            // The receiver is gone when the deadline passed; nobody misses the answer then.
            let _ = sender.send(work());
        });
    spawned.map_err(|error| {
        Problem::new(Kind::Host, "no thread for reading a secret").because(error)
    })?;
    receiver
        .await
        .map_err(|error| Problem::new(Kind::Internal, "reading a secret failed").because(error))
}

impl Vault for HostVault {
    fn find(&self, name: &str) -> Work<'_, Result<Option<(Secret, SecretSource)>, Problem>> {
        let name = name.to_owned();
        async move {
            let known = self
                .found
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(&name)
                .cloned();
            if known.is_some() {
                return Ok(known);
            }
            let found = self.search(&name).await?;
            if let Some(found) = &found {
                keep_out_of_logs(&found.0);
                let mut all = self.found.lock().unwrap_or_else(PoisonError::into_inner);
                all.insert(name, found.clone());
            }
            Ok(found)
        }
        .boxed()
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make files")]
#[path = "vault_tests.rs"]
mod tests;
