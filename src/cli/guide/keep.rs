//! Where secrets go: the keyring when one answers, else an encrypted file, else nowhere. They go there
//! with the last answer and not before, and what was there is put back when the rest fails.

use std::collections::BTreeMap;

use super::given::Given;
use super::run::Desk;
use super::step::Step;
use super::talk::{Talk, left};
use crate::cli::doctor::place_of_secret;
use crate::host::{SealedFile, Secrets, keep_in_keyring, probe_keyring, remove_from_keyring};
use crate::ports::{Kind, Problem, Secret};

/// Shorter ones are guessed too soon.
const SHORTEST: usize = 10;

/// Where they will go.
pub(super) enum Keeping {
    /// Nothing is to be stored: none was typed.
    Nothing,
    /// Into the keyring.
    Keyring,
    /// Into the encrypted file of the profile, with what it held.
    Sealed {
        file: SealedFile,
        passphrase: Secret,
        held: Secrets,
    },
    /// Nowhere; each start asks, or a service brings them.
    Nowhere,
}

/// Secrets of the profile by name.
pub(super) type AllGiven = BTreeMap<String, Given>;

/// Says where secrets can go and why, and asks.
pub(super) async fn step(desk: &Desk<'_>, given: &AllGiven) -> Result<Keeping, Problem> {
    let talk = desk.talk;
    talk.head(Step::Secrets);
    for (name, given) in given {
        if let Some(from) = &given.from {
            talk.say(format!(
                "  {name} stays where it is: {}.",
                place_of_secret(from, name)
            ));
        }
    }
    if given.values().all(|given| given.from.is_some()) {
        if given.is_empty() {
            talk.say("  There is none to keep.");
        }
        return Ok(Keeping::Nothing);
    }
    talk.round(async || ask(desk, given).await).await
}

async fn ask(desk: &Desk<'_>, given: &AllGiven) -> Result<Keeping, Problem> {
    let talk = desk.talk;
    let keyring = probe_keyring().await;
    let file = SealedFile::of(&desk.state, &desk.name);
    let sealed = format!(
        "An encrypted file, opened by a passphrase: {}",
        file.path().display()
    );
    let nowhere = "Nowhere: each start asks for it, a service brings it as a systemd credential";
    if file.is_there() {
        talk.say(format!(
            "  {} is there: it stays, and what it holds is used before anybody is asked.",
            file.path().display()
        ));
    }
    let way = match &keyring {
        Ok(()) => {
            talk.say(
                "  The keyring of this session works: an entry could be set, read and deleted.",
            );
            let ways = ["The keyring (recommended)", sealed.as_str(), nowhere];
            talk.choice("Where shall they go?", &ways, 0)?
        }
        Err(why) => {
            talk.say(format!("  The keyring cannot keep them here: {why}."));
            1 + talk.choice("Where shall they go?", &[sealed.as_str(), nowhere], 0)?
        }
    };
    match way {
        0 => Ok(Keeping::Keyring),
        1 => seal(talk, file).await,
        _ => {
            talk.say(format!(
                "  A service reads them from $CREDENTIALS_DIRECTORY: {}.",
                names(given).join(", ")
            ));
            Ok(Keeping::Nowhere)
        }
    }
}

fn names(given: &AllGiven) -> Vec<String> {
    given.keys().map(|name| format!("qroll.{name}")).collect()
}

/// The passphrase: of the file that is there, or a new one typed twice.
async fn seal(talk: Talk<'_>, file: SealedFile) -> Result<Keeping, Problem> {
    if file.is_there() {
        talk.say("  The file is there already; what else it holds stays in it.");
        loop {
            let Some(passphrase) = talk.hidden("Its passphrase").await? else {
                continue;
            };
            match file.open(&passphrase) {
                Ok(held) => {
                    return Ok(Keeping::Sealed {
                        file,
                        passphrase,
                        held,
                    });
                }
                Err(problem) => talk.problem(&problem),
            }
            let ways = [
                "Type the passphrase again",
                "Make the file anew; what it held is lost",
                "Leave; nothing is written",
            ];
            match talk.way_on("How to go on?", &ways)? {
                0 => {}
                1 => break,
                _ => return Err(left()),
            }
        }
    }
    talk.say("  Whoever has the file and the passphrase has the secrets. Nobody can tell the passphrase if it is lost.");
    loop {
        let Some(passphrase) = talk.hidden("A new passphrase").await? else {
            continue;
        };
        if passphrase.expose().chars().count() < SHORTEST {
            talk.refuse(&format!(
                "Take at least {SHORTEST} characters; several words are best."
            ));
            continue;
        }
        let again = talk.hidden("The same again").await?;
        if again.is_some_and(|again| again.expose() == passphrase.expose()) {
            return Ok(Keeping::Sealed {
                file,
                passphrase,
                held: Secrets::new(),
            });
        }
        talk.refuse("The two differ.");
    }
}

/// What to do when what follows fails.
pub(super) enum Undo {
    Nothing,
    /// Entries that were set in the keyring.
    Keyring(Vec<(String, Option<Secret>)>),
    /// What stood in the encrypted file, if there was one.
    Sealed(SealedFile, Option<Vec<u8>>),
}

impl Keeping {
    /// Puts the typed secrets in their place.
    pub(super) async fn store(&self, desk: &Desk<'_>, given: &AllGiven) -> Result<Undo, Problem> {
        let typed: Vec<(&String, &Given)> = given
            .iter()
            .filter(|(_, given)| given.from.is_none())
            .collect();
        match self {
            Self::Keyring => {
                let mut done = Vec::new();
                for (name, given) in typed {
                    let before = desk.in_keyring(name).await;
                    done.push((name.clone(), before));
                    if let Err(why) = keep_in_keyring(name, &given.secret).await {
                        Undo::Keyring(done).undo().await;
                        let text = format!("{name} could not be put into the keyring: {why}");
                        return Err(Problem::new(Kind::Host, text));
                    }
                }
                Ok(Undo::Keyring(done))
            }
            Self::Sealed {
                file,
                passphrase,
                held,
            } => {
                let mut all = held.clone();
                for (name, given) in &typed {
                    all.insert((*name).clone(), given.secret.clone());
                }
                let before = file.bytes()?;
                file.write(&all, passphrase)?;
                Ok(Undo::Sealed(file.clone(), before))
            }
            Self::Nothing | Self::Nowhere => Ok(Undo::Nothing),
        }
    }

    /// The typed ones that an older entry of the keyring would hide.
    fn hidden<'a>(&self, given: &'a AllGiven) -> Vec<&'a String> {
        match self {
            Self::Nothing | Self::Keyring => Vec::new(),
            Self::Sealed { .. } | Self::Nowhere => {
                let typed = given.iter().filter(|(_, given)| given.from.is_none());
                typed.map(|(name, _)| name).collect()
            }
        }
    }

    /// Says before the last question which entries of the keyring go.
    pub(super) async fn foretell(&self, desk: &Desk<'_>, given: &AllGiven) {
        for name in self.hidden(given) {
            if desk.in_keyring(name).await.is_some() {
                let text = format!("  The keyring's old entry {name} is removed.");
                desk.talk.say(text);
            }
        }
    }

    /// An older secret in the keyring would be found before the new one. It goes when all else is
    /// written.
    pub(super) async fn forget(&self, talk: Talk<'_>, given: &AllGiven) {
        for name in self.hidden(given) {
            if let Err(why) = remove_from_keyring(name).await {
                talk.say(format!(
                    "  {name} may still be in the keyring and would be used first: {why}."
                ));
            }
        }
    }

    /// Where they are, in a sentence for the end.
    pub(super) fn said(&self, profile: &str, given: &AllGiven) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Keyring => Some("The secrets are in the keyring.".to_owned()),
            Self::Sealed { file, .. } => Some(format!(
                "The secrets are in {}, encrypted; each start asks for the passphrase, and a service brings it as the credential qroll.{profile}.passphrase.",
                file.path().display()
            )),
            Self::Nowhere => Some(format!(
                "The secrets are kept nowhere; each start asks for them, or finds them as systemd credentials: {}.",
                names(given).join(", ")
            )),
        }
    }
}

impl Undo {
    /// Puts back what was there. Nothing better can be done where that fails, too.
    pub(super) async fn undo(self) {
        match self {
            Self::Nothing => {}
            Self::Keyring(done) => {
                for (name, before) in done {
                    let _ = match before {
                        Some(before) => keep_in_keyring(&name, &before).await,
                        None => remove_from_keyring(&name).await,
                    };
                }
            }
            Self::Sealed(file, before) => {
                let _ = file.put_back(before.as_deref());
            }
        }
    }
}
