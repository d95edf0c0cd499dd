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
            None => trail.push(format!("{} is not given", slot.option())),
        }
        match self.environment.get(&slot) {
            Some(secret) => {
                let source = SecretSource::Environment(slot.variable().to_owned());
                return Ok(Some((secret.clone(), source)));
            }
            None => trail.push(format!("{} is not set", slot.variable())),
        }
        if let Some(found) = self.ask_sealed(name, trail).await? {
            return Ok(Some(found));
        }
        let Some(ask) = self.ask.clone() else {
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
            let (ask, name) = (ask.clone(), file.name());
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
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn store(answer: Result<Option<&'static str>, &'static str>) -> Keystore {
        Arc::new(move |_| {
            answer
                .map(|secret| secret.map(Secret::new))
                .map_err(str::to_owned)
        })
    }

    async fn found(vault: &HostVault) -> Option<(String, SecretSource)> {
        let found = vault.find("acme.tenant").await.unwrap();
        found.map(|(secret, source)| (secret.expose().to_owned(), source))
    }

    #[tokio::test]
    async fn each_place_is_asked_after_the_one_before_it() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("qroll.acme.tenant");
        let pipe = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(pipe.path(), "from-fd\n").unwrap();
        let open = std::fs::File::open(pipe.path()).unwrap();
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(&open);
        let typed: Ask = Arc::new(|_| Ok(Some(Secret::new("typed"))));

        let mut vault = HostVault::new()
            .keystore(store(Err("NoDefaultStore")))
            .ask(typed);
        assert_eq!(
            found(&vault).await,
            Some(("typed".into(), SecretSource::Prompt))
        );
        assert!(
            vault
                .trail()
                .iter()
                .any(|line| line == "no keyring: NoDefaultStore")
        );

        let fresh = |vault: HostVault| HostVault {
            found: Arc::default(),
            ..vault
        };
        vault = fresh(vault.environment(Slot::Tenant, Some(Secret::new("env"))));
        assert_eq!(found(&vault).await.unwrap().0, "env");
        vault = fresh(vault.descriptor(Slot::Tenant, Some(descriptor)));
        assert_eq!(
            found(&vault).await,
            Some(("from-fd".into(), SecretSource::Descriptor(descriptor)))
        );
        std::fs::write(&file, "cred").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o400)).unwrap();
        vault = fresh(vault.credentials(Some(directory.path().into())));
        assert_eq!(
            found(&vault).await,
            Some(("cred".into(), SecretSource::Credential))
        );
        vault = fresh(vault.keystore(store(Ok(Some("ring")))));
        assert_eq!(
            found(&vault).await,
            Some(("ring".into(), SecretSource::Keyring))
        );
    }

    #[tokio::test]
    async fn nothing_anywhere_is_no_error_but_a_trail() {
        let vault = HostVault::new().keystore(store(Ok(None)));
        assert_eq!(found(&vault).await, None);
        assert_eq!(vault.trail().len(), 5);
    }

    #[tokio::test]
    async fn a_bad_credential_file_stops_the_search() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("qroll.acme.tenant");
        std::fs::write(&file, "cred").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let vault = HostVault::new()
            .credentials(Some(directory.path().into()))
            .environment(Slot::Tenant, Some(Secret::new("env")));
        let problem = vault.find("acme.tenant").await.unwrap_err();
        assert!(
            problem.text().contains("may be read by others"),
            "{problem}"
        );
    }

    fn sealed(state: &std::path::Path) -> HostVault {
        let secrets = Secrets::from([("acme.tenant".to_owned(), Secret::new("sealed"))]);
        let file = SealedFile::of(state, "acme");
        file.write(&secrets, &Secret::new("open")).unwrap();
        HostVault::new().sealed(state.to_owned())
    }

    /// Types these one after the other.
    fn types(texts: &'static [&str]) -> Ask {
        let texts = Mutex::new(texts.iter());
        Arc::new(move |_| Ok(texts.lock().unwrap().next().map(|text| Secret::new(*text))))
    }

    #[tokio::test]
    async fn an_encrypted_file_is_opened_once_and_before_anybody_is_asked_for_the_secret() {
        let state = tempfile::tempdir().unwrap();
        let vault = sealed(state.path())
            .unlock(types(&["wrong", "open"]))
            .ask(types(&["typed"]));
        let path = SealedFile::of(state.path(), "acme").path().to_owned();
        let expected = Some(("sealed".into(), SecretSource::Sealed(path)));
        assert_eq!(found(&vault).await, expected);
        let other = vault.find("acme.directory").await.unwrap().unwrap();
        assert_eq!(other.1, SecretSource::Prompt);
        assert!(
            vault
                .trail()
                .iter()
                .any(|line| line.ends_with("does not hold it"))
        );
        let env = sealed(state.path()).environment(Slot::Tenant, Some(Secret::new("env")));
        assert_eq!(found(&env).await.unwrap().0, "env");
    }

    #[tokio::test]
    async fn a_passphrase_may_be_a_credential_and_a_wrong_one_is_an_error() {
        let state = tempfile::tempdir().unwrap();
        let credential = state.path().join("qroll.acme.passphrase");
        for (text, good) in [("open\n", true), ("wrong\n", false)] {
            std::fs::write(&credential, text).unwrap();
            std::fs::set_permissions(&credential, std::fs::Permissions::from_mode(0o600)).unwrap();
            let vault = sealed(state.path()).credentials(Some(state.path().into()));
            let found = vault.find("acme.tenant").await;
            assert_eq!(found.is_ok(), good);
        }
        let vault = sealed(state.path()).unlock(types(&["a", "b", "c", "open"]));
        let problem = vault.find("acme.tenant").await.unwrap_err();
        assert_eq!(problem.kind, Kind::Auth, "three times are enough");
        let vault = sealed(state.path());
        assert_eq!(found(&vault).await, None);
        let trail = vault.trail().join("; ");
        assert!(trail.contains("passphrase is not given"), "{trail}");
    }

    #[tokio::test]
    async fn a_locked_store_is_left_after_the_deadline() {
        let (hold, wait) = std::sync::mpsc::channel::<()>();
        let wait = Mutex::new(wait);
        let mut vault = HostVault::new()
            .keystore(Arc::new(move |_| {
                let _ = wait.lock().map(|wait| wait.recv());
                Ok(None)
            }))
            .environment(Slot::Tenant, Some(Secret::new("env")));
        vault.patience = Duration::from_millis(20);
        assert_eq!(found(&vault).await.unwrap().0, "env");
        assert!(vault.trail()[0].contains("within 2 s"));
        drop(hold);
    }
}
