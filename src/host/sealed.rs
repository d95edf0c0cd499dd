//! The last resort for secrets where no keyring answers: one encrypted file for each profile, opened by a
//! passphrase. The key comes out of the passphrase by Argon2id (RFC 9106) with a salt that is new at each
//! writing, and AES-256-GCM seals the secrets together with everything that stands beside them. Nothing
//! in clear text ever touches the disk.

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::credential::{contents, opened};
use super::disk::RealDisk;
use crate::ports::{Disk as _, Kind, Problem, Secret};

/// What a file calls itself.
const FORMAT: &str = "qroll secrets";
const VERSION: u32 = 1;
/// Memory in KiB, passes and lanes (RFC 9106, the second recommended choice).
const COST: (u32, u32, u32) = (64 * 1024, 3, 4);
/// A file that wants more than this is none of ours: it would hold the machine up.
const MOST: (u32, u32, u32) = (1024 * 1024, 16, 16);
const SALT: usize = 16;
const KEY: usize = 32;
/// What both secrets take, with room; the buffer never grows, so no copy stays behind.
const ROOM: usize = 160 * 1024;

/// Secrets by their names (`<profile>.tenant`, `<profile>.directory`).
pub type Secrets = BTreeMap<String, Secret>;

/// The encrypted file of one profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedFile {
    path: PathBuf,
    profile: String,
}

/// What stands on the disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    format: String,
    version: u32,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    nonce: String,
    sealed: String,
}

impl SealedFile {
    /// Where the secrets of this profile lie in a state directory.
    pub fn of(state: &Path, profile: &str) -> Self {
        Self {
            path: state.join("secrets").join(format!("{profile}.sealed")),
            profile: profile.to_owned(),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name alone.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Whether there is one, of whatever kind.
    pub fn is_there(&self) -> bool {
        std::fs::symlink_metadata(&self.path).is_ok()
    }

    /// The secrets in it.
    ///
    /// # Errors
    /// `Auth` when the passphrase does not open it; otherwise it is not there, not ours alone, or not
    /// whole.
    pub fn open(&self, passphrase: &Secret) -> Result<Secrets, Problem> {
        let envelope = self.read()?;
        let broken = || self.broken("holds what is no base64");
        let salt = STANDARD.decode(&envelope.salt).map_err(|_| broken())?;
        let nonce = STANDARD.decode(&envelope.nonce).map_err(|_| broken())?;
        let nonce = Nonce::try_assume_unique_for_key(&nonce).map_err(|_| broken())?;
        let sealed = STANDARD.decode(&envelope.sealed).map_err(|_| broken())?;
        let mut sealed = Zeroizing::new(sealed);
        let key = self.key(&envelope, passphrase, &salt)?;
        let beside = Aad::from(self.beside(&envelope));
        let plain = key
            .open_in_place(nonce, beside, &mut sealed)
            .map_err(|_| self.shut())?;
        let texts: BTreeMap<String, String> = serde_json::from_slice(plain)
            .map_err(|_| self.broken("was opened and holds no secrets"))?;
        let secrets = texts.into_iter();
        Ok(secrets
            .map(|(name, text)| (name, Secret::new(text)))
            .collect())
    }

    /// Puts these secrets in the place of whatever it held; without any, the file goes.
    ///
    /// # Errors
    /// `Host` when it cannot be written or is not ours.
    pub fn write(&self, secrets: &Secrets, passphrase: &Secret) -> Result<(), Problem> {
        if secrets.is_empty() {
            return self.remove();
        }
        let failed = || Problem::new(Kind::Internal, "the secrets could not be encrypted");
        let mut salt = [0; SALT];
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| failed())?;
        let mut envelope = Envelope {
            format: FORMAT.to_owned(),
            version: VERSION,
            memory_kib: COST.0,
            passes: COST.1,
            lanes: COST.2,
            salt: STANDARD.encode(salt),
            nonce: String::new(),
            sealed: String::new(),
        };
        let mut bytes = plain(secrets).ok_or_else(failed)?;
        let key = self.key(&envelope, passphrase, &salt)?;
        let beside = Aad::from(self.beside(&envelope));
        let nonce = key
            .seal_in_place_append_tag(beside, &mut *bytes)
            .map_err(|_| failed())?;
        envelope.nonce = STANDARD.encode(nonce.as_ref());
        envelope.sealed = STANDARD.encode(bytes.as_slice());
        let mut text = serde_json::to_vec_pretty(&envelope).map_err(|_| failed())?;
        text.push(b'\n');
        let home = self.path.parent().unwrap_or(Path::new("."));
        RealDisk.make_directory(home)?;
        RealDisk.replace(&self.path, &text)
    }

    /// What stands in it as it is, to be put back; `None` when it is not there.
    ///
    /// # Errors
    /// `Host` when it cannot be read.
    pub fn bytes(&self) -> Result<Option<Vec<u8>>, Problem> {
        RealDisk.read(&self.path)
    }

    /// Puts back what [`Self::bytes`] gave.
    ///
    /// # Errors
    /// `Host` when it cannot be written.
    pub fn put_back(&self, bytes: Option<&[u8]>) -> Result<(), Problem> {
        match bytes {
            Some(bytes) => RealDisk.replace(&self.path, bytes),
            None => self.remove(),
        }
    }

    /// Takes the file away; one that is not there is gone already.
    ///
    /// # Errors
    /// `Host` when it stays.
    pub fn remove(&self) -> Result<(), Problem> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Problem::new(
                Kind::Host,
                format!("{} cannot be taken away: {error}", self.path.display()),
            )
            .because(error)),
            _ => Ok(()),
        }
    }

    fn read(&self) -> Result<Envelope, Problem> {
        let refused = |said: &str| {
            self.problem(said)
                .hint("It must be a regular file of our own with mode 0600 or 0400.")
        };
        let file = opened(&self.path, true, &refused)?;
        let file = file.ok_or_else(|| self.problem("is not there"))?;
        let bytes =
            contents(file).map_err(|error| self.problem("cannot be read").because(error))?;
        let envelope: Envelope = serde_json::from_slice(&bytes)
            .map_err(|_| self.broken("is not whole, or no file of secrets"))?;
        if envelope.format != FORMAT {
            return Err(self.broken("is no file of secrets"));
        }
        if envelope.version != VERSION {
            return Err(self.problem("was written by another version of qroll"));
        }
        Ok(envelope)
    }

    fn key(
        &self,
        envelope: &Envelope,
        passphrase: &Secret,
        salt: &[u8],
    ) -> Result<RandomizedNonceKey, Problem> {
        let Envelope {
            memory_kib: memory,
            passes,
            lanes,
            ..
        } = *envelope;
        if memory > MOST.0 || passes > MOST.1 || lanes > MOST.2 {
            return Err(self.broken("wants more work than any file of ours"));
        }
        let odd = || self.broken("names work that cannot be done");
        let params = Params::new(memory, passes, lanes, Some(KEY)).map_err(|_| odd())?;
        let mut key = Zeroizing::new([0; KEY]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), salt, &mut *key)
            .map_err(|_| odd())?;
        RandomizedNonceKey::new(&AES_256_GCM, &*key)
            .map_err(|_| Problem::new(Kind::Internal, "no key could be made of the passphrase"))
    }

    /// What is sealed beside the secrets: none of it can be changed, and no file be given to another
    /// profile.
    fn beside(&self, envelope: &Envelope) -> String {
        format!(
            "{} {} argon2id {} {} {} {} {}",
            envelope.format,
            envelope.version,
            envelope.memory_kib,
            envelope.passes,
            envelope.lanes,
            envelope.salt,
            self.profile
        )
    }

    fn problem(&self, said: &str) -> Problem {
        let text = format!("the encrypted file {} {said}", self.path.display());
        Problem::new(Kind::Host, text)
    }

    fn broken(&self, said: &str) -> Problem {
        self.problem(said).hint(
            "It cannot be mended: take it away, and store the secrets anew with qroll connect.",
        )
    }

    fn shut(&self) -> Problem {
        let text = format!(
            "the passphrase does not open the encrypted file {}",
            self.path.display()
        );
        Problem::new(Kind::Auth, text)
            .hint("It is another one, or the file was changed by something else than qroll.")
    }
}

/// The secrets as they are sealed.
fn plain(secrets: &Secrets) -> Option<Zeroizing<Vec<u8>>> {
    let exposed: BTreeMap<&str, &str> = secrets
        .iter()
        .map(|(name, secret)| (name.as_str(), secret.expose()))
        .collect();
    let mut bytes = Zeroizing::new(Vec::with_capacity(ROOM));
    serde_json::to_writer(&mut *bytes, &exposed).ok()?;
    Some(bytes)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make files")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const SECRET: &str = "s3cr3t-of-the-tenant";

    fn written() -> (tempfile::TempDir, SealedFile) {
        let state = tempfile::tempdir().unwrap();
        let file = SealedFile::of(state.path(), "acme");
        let secrets = Secrets::from([
            ("acme.tenant".to_owned(), Secret::new(SECRET)),
            ("acme.directory".to_owned(), Secret::new("pass\"w\u{f6}rd")),
        ]);
        file.write(&secrets, &Secret::new("open")).unwrap();
        (state, file)
    }

    fn said(file: &SealedFile, passphrase: &str) -> (Kind, String) {
        let problem = file.open(&Secret::new(passphrase)).unwrap_err();
        (problem.kind, problem.text().to_owned())
    }

    #[test]
    fn what_was_sealed_is_opened_by_the_passphrase_alone() {
        let (_state, file) = written();
        let opened = file.open(&Secret::new("open")).unwrap();
        assert_eq!(opened["acme.tenant"].expose(), SECRET);
        assert_eq!(opened["acme.directory"].expose(), "pass\"w\u{f6}rd");
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert!(
            !text.contains(SECRET) && !text.contains("acme.tenant"),
            "{text}"
        );
        let mode = std::fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let home = std::fs::metadata(file.path().parent().unwrap()).unwrap();
        assert_eq!(home.permissions().mode() & 0o777, 0o700);
        let (kind, said) = said(&file, "other");
        assert_eq!(kind, Kind::Auth);
        assert!(said.contains("does not open"), "{said}");
    }

    #[test]
    fn each_writing_has_a_salt_of_its_own_and_the_last_secret_takes_the_file_along() {
        let (_state, file) = written();
        let before = std::fs::read(file.path()).unwrap();
        let opened = file.open(&Secret::new("open")).unwrap();
        file.write(&opened, &Secret::new("open")).unwrap();
        assert_ne!(std::fs::read(file.path()).unwrap(), before);
        assert_eq!(file.open(&Secret::new("open")).unwrap().len(), 2);
        file.write(&Secrets::new(), &Secret::new("open")).unwrap();
        assert!(!file.is_there());
        file.remove().unwrap();
    }

    #[test]
    fn what_was_made_anew_can_be_put_back() {
        let (_state, file) = written();
        let before = file.bytes().unwrap();
        let anew = Secrets::from([("acme.tenant".to_owned(), Secret::new("new"))]);
        file.write(&anew, &Secret::new("another")).unwrap();
        file.put_back(before.as_deref()).unwrap();
        assert_eq!(file.open(&Secret::new("open")).unwrap().len(), 2);
        file.put_back(None).unwrap();
        assert!(!file.is_there());
        assert!(file.bytes().unwrap().is_none());
    }

    #[test]
    fn a_cut_or_changed_file_is_told() {
        let (_state, file) = written();
        let whole = std::fs::read_to_string(file.path()).unwrap();
        for cut in [0, 10, whole.len() / 2, whole.len() - 3] {
            std::fs::write(file.path(), &whole[..cut]).unwrap();
            let (kind, said) = said(&file, "open");
            assert_eq!(kind, Kind::Host, "{cut}");
            assert!(said.contains("is not whole"), "{said}");
        }
        for (from, to, part) in [
            ("\"passes\": 3", "\"passes\": 4", "does not open"),
            ("\"passes\": 3", "\"passes\": 99", "more work"),
            (
                "\"memory_kib\": 65536",
                "\"memory_kib\": 4294967295",
                "more work",
            ),
            (
                "\"memory_kib\": 65536",
                "\"memory_kib\": 1",
                "cannot be done",
            ),
            ("\"version\": 1", "\"version\": 2", "another version"),
            ("qroll secrets", "something", "no file of secrets"),
            ("\"salt\": \"", "\"salt\": \"*", "no base64"),
        ] {
            let changed = whole.replace(from, to);
            assert_ne!(changed, whole, "{from}");
            std::fs::write(file.path(), changed).unwrap();
            let (_, said) = said(&file, "open");
            assert!(said.contains(part), "{to}: {said}");
        }
        let sealed: Envelope = serde_json::from_str(&whole).unwrap();
        let mut bytes = STANDARD.decode(&sealed.sealed).unwrap();
        bytes[3] ^= 1;
        let changed = whole.replace(&sealed.sealed, &STANDARD.encode(&bytes));
        std::fs::write(file.path(), changed).unwrap();
        assert!(said(&file, "open").1.contains("does not open"));
    }

    #[test]
    fn a_file_that_others_may_read_or_of_another_profile_is_refused() {
        let (state, file) = written();
        for mode in [0o640, 0o604, 0o666] {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(file.path(), permissions).unwrap();
            let (kind, said) = said(&file, "open");
            assert_eq!(kind, Kind::Host);
            assert!(said.contains("may be read by others"), "{said}");
        }
        let permissions = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(file.path(), permissions).unwrap();
        let other = SealedFile::of(state.path(), "other");
        std::fs::copy(file.path(), other.path()).unwrap();
        assert!(said(&other, "open").1.contains("does not open"));
        let link = SealedFile::of(state.path(), "link");
        std::os::unix::fs::symlink(file.path(), link.path()).unwrap();
        assert!(said(&link, "open").1.contains("symbolic link"));
        let none = SealedFile::of(state.path(), "none");
        assert!(said(&none, "open").1.contains("is not there"));
    }
}
