//! The order of places, and what each says that has nothing.

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
