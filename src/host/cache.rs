//! The last snapshot of a profile in a file of the state directory, so that the next start shows
//! people at once while the fresh reading is under way.
//!
//! Two files: the whole snapshot, and its first screen, a snapshot of the first few hundred people
//! that is there in a millisecond while the other is still being decoded. Each is
//! `magic, payload, CRC-32`. A cache that cannot be read, is damaged or comes from another version
//! is no cache: it is never an error, and never evidence, since whoever shows it takes every proof
//! away first (`Snapshot::aged`).

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::domain::{
    Completeness, DirectorySnapshot, Licensing, Person, Reading, Snapshot, TenantSnapshot,
};
use crate::ports::{Disk, Problem};

/// Changes whenever the shape of a snapshot does.
const MAGIC: &[u8; 8] = b"qroll-s6";

/// People on the first screen: more than the tallest terminal shows.
const FIRST_SCREEN: usize = 600;

/// Where the snapshot of a profile lies, and its first screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachePaths {
    /// The whole snapshot.
    pub whole: PathBuf,
    /// The first screen.
    pub first: PathBuf,
}

/// The files of a profile.
pub fn cache_paths(state_dir: &Path, profile: &str) -> CachePaths {
    // A profile is named by a person in their own file; it must not name a path.
    let safe: String = profile
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect();
    CachePaths {
        whole: state_dir.join(format!("snapshot.{safe}.bin")),
        first: state_dir.join(format!("snapshot.{safe}.first.bin")),
    }
}

/// Writes both files.
///
/// # Errors
/// Whatever the disk says.
pub fn store(disk: &dyn Disk, paths: &CachePaths, snapshot: &Snapshot) -> Result<(), Problem> {
    let first = first_screen(snapshot);
    disk.replace_by(&paths.first, &mut |file| write(&first, file))?;
    drop(first);
    disk.replace_by(&paths.whole, &mut |file| write(snapshot, file))
}

/// Reads one of the files; `None` when there is none that fits this version.
pub fn fetch(disk: &dyn Disk, path: &Path) -> Option<Snapshot> {
    decode(&disk.read(path).ok()??)
}

/// The first people by name with their users, seats and memberships, and all groups and spaces.
/// Every list that was cut says so.
pub fn first_screen(snapshot: &Snapshot) -> Snapshot {
    let cut = Completeness::Incomplete("the rest of the last reading is being loaded".to_owned());
    let mut people: Vec<_> = snapshot.directory.people.value.values().collect();
    people.sort_by_cached_key(|person| (person.name.key(), person.id.clone()));
    people.truncate(FIRST_SCREEN);
    let keys = keys_of(&people);
    let directory = DirectorySnapshot {
        groups: snapshot.directory.groups.clone(),
        people: Reading {
            value: people
                .iter()
                .map(|person| (person.id.clone(), (*person).clone()))
                .collect(),
            // Nobody asked for these people as a list, so nothing is read again because of them.
            proof: Completeness::Unread,
        },
        members: BTreeMap::new(),
        queries: BTreeMap::new(),
        label: snapshot.directory.label.clone(),
        ..snapshot.directory
    };
    Snapshot {
        tenant: first_users(&snapshot.tenant, &keys, &cut),
        directory,
    }
}

fn first_users(
    tenant: &TenantSnapshot,
    keys: &BTreeSet<String>,
    cut: &Completeness,
) -> TenantSnapshot {
    let seats = &tenant.licensing.value;
    let users = tenant.users.value.iter().filter(|user| {
        keys.contains(&user.subject.key())
            || user
                .email
                .as_ref()
                .is_some_and(|email| keys.contains(&email.key()))
    });
    let users: Vec<_> = users.cloned().collect();
    let held: BTreeSet<String> = users.iter().map(|user| user.subject.key()).collect();
    let assignments = seats.assignments.iter().filter(|seat| {
        let key = seat.subject.key();
        keys.contains(&key) || held.contains(&key)
    });
    TenantSnapshot {
        licensing: Reading {
            value: Licensing {
                model: seats.model,
                allotments: seats.allotments.clone(),
                assignments: assignments.cloned().collect(),
                auto_assign: seats.auto_assign,
            },
            proof: cut.clone(),
        },
        users: Reading {
            value: users,
            proof: cut.clone(),
        },
        tenant: tenant.tenant.clone(),
        identity: tenant.identity.clone(),
        groups: tenant.groups.clone(),
        roles: tenant.roles.clone(),
        spaces: tenant.spaces.clone(),
        identity_providers: tenant.identity_providers.clone(),
        assignments: BTreeMap::new(),
        others: Vec::new(),
        read_at: tenant.read_at,
    }
}

/// Everything that a subject or an e-mail of these people could be joined by. A subject made of
/// two attributes is missed here and found by the whole snapshot a moment later.
fn keys_of(people: &[&std::sync::Arc<Person>]) -> BTreeSet<String> {
    people
        .iter()
        .flat_map(|person| {
            let attributes = [
                Some(person.id.raw()),
                person.upn.as_ref(),
                person.sam.as_ref(),
            ];
            attributes
                .into_iter()
                .flatten()
                .chain(person.mails())
                .map(crate::text::Raw::key)
        })
        .collect()
}

/// Bytes written at a time.
const PIECE: usize = 256 << 10;

/// Writes the file, a piece at a time: a hundred thousand people are 40 MB, which would stand
/// beside the people themselves.
fn write(snapshot: &Snapshot, file: &mut dyn Write) -> io::Result<()> {
    file.write_all(MAGIC)?;
    let summed = Summed {
        file,
        sum: crc32fast::Hasher::new(),
    };
    let pieces = BufWriter::with_capacity(PIECE, summed);
    let pieces = postcard::to_io(snapshot, pieces).map_err(io::Error::other)?;
    let Summed { file, sum } = pieces
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.write_all(&sum.finalize().to_le_bytes())
}

/// Adds up what goes through.
struct Summed<'a> {
    file: &'a mut dyn Write,
    sum: crc32fast::Hasher,
}

impl Write for Summed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.sum.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The snapshot in the bytes, if they are whole and of this version.
pub fn decode(bytes: &[u8]) -> Option<Snapshot> {
    let (payload, crc) = bytes.strip_prefix(MAGIC)?.split_last_chunk::<4>()?;
    if crc32fast::hash(payload) != u32::from_le_bytes(*crc) {
        return None;
    }
    postcard::from_bytes(payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        DirectorySnapshot, Identity, Person, PersonId, Reading, Space, SpaceType, TenantInfo,
        TenantSnapshot, User, UserStatus,
    };
    use crate::text::Raw;
    use jiff::Timestamp;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn encode(snapshot: &Snapshot) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(snapshot, &mut bytes).unwrap();
        bytes
    }

    fn company(people: u32, users: u32) -> Snapshot {
        let mut directory = DirectorySnapshot::empty(
            crate::domain::SourceKind::Entra,
            "corp.example",
            Timestamp::UNIX_EPOCH,
        );
        let everybody: BTreeMap<PersonId, Arc<Person>> = (0..people)
            .map(|number| {
                let id = PersonId::new(format!("0b0e5c1e-6a71-4b8e-9d7c-{number:012}"));
                let mut person = Person::new(id.clone(), format!("Björn Ivanova {number}"));
                person.upn = Some(Raw::from(format!("bjorn.ivanova{number}@corp.example")));
                person.mail.clone_from(&person.upn);
                person.sam = Some(Raw::from(format!("bivanova{number}")));
                person.department = Some(Raw::from("Finance"));
                person.title = Some(Raw::from("Analyst"));
                (id, Arc::new(person))
            })
            .collect();
        directory.people = Reading::proven(everybody, "a test");
        let user = |number: u32| {
            Arc::new(User {
                id: format!("{number:024x}").as_str().into(),
                subject: format!("0b0e5c1e-6a71-4b8e-9d7c-{number:012}")
                    .as_str()
                    .into(),
                name: Raw::from(format!("Björn Ivanova {number}")),
                email: Some(Raw::from(format!("bjorn.ivanova{number}@corp.example"))),
                status: UserStatus::parse(if number == 1 { "frozen" } else { "active" }),
                roles: Vec::new(),
                groups: Vec::new(),
                created: Some(Raw::from("2026-01-01T00:00:00Z")),
                invite_expiry: None,
                bot: false,
            })
        };
        let tenant = TenantSnapshot {
            tenant: TenantInfo {
                id: "t".into(),
                name: "Acme".into(),
                url: "https://x".into(),
                created_by: None,
            },
            identity: Identity {
                user: "u".into(),
                subject: "s".into(),
                name: "n".into(),
            },
            users: Reading::proven((0..users).map(user).collect(), "a test"),
            groups: Reading::default(),
            roles: Reading::default(),
            spaces: Reading::proven(
                vec![Space {
                    id: "sp".into(),
                    name: "Finance".into(),
                    kind: SpaceType::Managed,
                    owner: None,
                    assignable_roles: vec!["consumer".into()],
                }],
                "a test",
            ),
            licensing: Reading::default(),
            identity_providers: Reading::default(),
            assignments: BTreeMap::new(),
            others: Vec::new(),
            read_at: Timestamp::UNIX_EPOCH,
        };
        Snapshot { tenant, directory }
    }

    #[test]
    fn what_was_stored_is_what_comes_back() {
        let snapshot = company(200, 100);
        assert_eq!(decode(&encode(&snapshot)), Some(snapshot));
    }

    #[test]
    fn a_damaged_or_foreign_file_is_no_cache() {
        let bytes = encode(&company(3, 3));
        for end in 0..bytes.len() {
            assert_eq!(decode(&bytes[..end]), None, "cut at {end}");
        }
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert_eq!(decode(&flipped), None, "flipped at {at}");
        }
    }

    #[test]
    fn the_first_screen_is_a_small_incomplete_snapshot_of_the_first_people() {
        let snapshot = company(2_000, 1_500);
        let first = first_screen(&snapshot);
        assert_eq!(first.directory.people.value.len(), FIRST_SCREEN);
        assert!(!first.directory.people.proof.is_proven());
        assert!(!first.tenant.users.proof.is_proven());
        assert_eq!(first.tenant.spaces, snapshot.tenant.spaces);
        let smallest = snapshot
            .directory
            .people
            .value
            .values()
            .map(|p| p.name.key())
            .min();
        assert!(
            first
                .directory
                .people
                .value
                .values()
                .any(|p| Some(p.name.key()) == smallest)
        );
        assert!(first.tenant.users.value.len() <= FIRST_SCREEN);
        assert!(!first.tenant.users.value.is_empty());
    }

    #[test]
    fn a_profile_cannot_name_a_path() {
        let paths = cache_paths(Path::new("state"), "../../etc");
        assert_eq!(paths.whole, Path::new("state/snapshot.______etc.bin"));
        assert_eq!(paths.first, Path::new("state/snapshot.______etc.first.bin"));
    }
}
