//! The order of the steps, and what all of them are given.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::given::{self, Given};
use super::keep::AllGiven;
use super::screen::Screen;
use super::step::Step;
use super::talk::{Talk, Wrong};
use super::{keep, source, subject, tenant, write};
use crate::cli::args::Global;
use crate::cli::connect::Outside;
use crate::cli::doctor;
use crate::cli::out::Out;
use crate::cli::session::{LEAST, Ready, vault};
use crate::config::{
    Config, DirectoryConfig, Environment, FileConfig, Paths, Profile, TenantConfig, check_name,
    config_text,
};
use crate::domain::{Entitled, Guards, Snapshot};
use crate::host::HostVault;
use crate::planner::{IdentityRule, SubjectTemplate};
use crate::ports::{Kind, Problem, Secret, Vault as _};

const BEGIN: &str = "\
This sets up a profile: a Qlik Cloud tenant, a directory of people, and how they belong together. Each step is tried \
at once, and tenant and directory are only read. Nothing is written, stored or changed before the last question.";

/// What the steps are given.
pub(super) struct Desk<'a> {
    pub(super) talk: Talk<'a>,
    global: &'a Global,
    pub(super) paths: Paths,
    /// The configuration that is there.
    pub(super) text: Option<String>,
    pub(super) config: Config,
    /// The profile.
    pub(super) name: String,
    pub(super) state: PathBuf,
    /// Where secrets are looked for anyway.
    pub(super) known: HostVault,
}

/// How somebody wants to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Manner {
    /// On the whole screen, where the terminal has one.
    Screen,
    /// Line by line.
    Plain,
}

/// Sets up a profile.
///
/// # Errors
/// There is no terminal, the configuration that is there cannot be read, the operator left, or the
/// end could not be written.
pub(in crate::cli) async fn run(
    global: &Global,
    environment: &Environment,
    manner: Manner,
    out: Out,
) -> Result<ExitCode, Problem> {
    let there = There::read(global, environment)?;
    if !out.interactive {
        return Err(no_terminal(&there.paths));
    }
    let screen = match manner {
        Manner::Screen => Screen::open(environment, out)?,
        Manner::Plain => None,
    };
    let talk = Talk::new(out, screen.as_ref());
    let ended = set_up(talk, global, environment, there).await;
    if ended.is_ok() {
        talk.over();
    }
    if let Some(screen) = screen {
        screen.close(out, ended.is_ok());
    }
    ended
}

/// What is there already.
pub(super) struct There {
    paths: Paths,
    text: Option<String>,
    config: Config,
}

impl There {
    /// Reads it. A broken file is said before anybody answers anything.
    pub(super) fn read(global: &Global, environment: &Environment) -> Result<Self, Problem> {
        let paths = Paths::find(global.config.clone(), global.state_dir.clone(), environment)?;
        let text = config_text(&paths)?;
        let home = paths.config.parent().unwrap_or(Path::new("."));
        let config = match &text {
            Some(text) => Config::parse(&paths.config.display().to_string(), text, home)?,
            None => Config::default(),
        };
        Ok(Self {
            paths,
            text,
            config,
        })
    }
}

/// All steps, and the doctor's at their end.
pub(super) async fn set_up(
    talk: Talk<'_>,
    global: &Global,
    environment: &Environment,
    there: There,
) -> Result<ExitCode, Problem> {
    let out = talk.out;
    talk.say(format!("{BEGIN} {}", talk.manner()));
    let name = name(talk, &there.config, global.profile.as_deref())?;
    talk.title(&format!("qroll connect: {name}"));
    // Nobody is asked by it: what it finds is offered.
    let quiet = Out {
        interactive: false,
        ..out
    };
    let desk = Desk {
        talk,
        global,
        known: vault(global, environment, &there.paths.state, quiet),
        state: there.paths.state.clone(),
        paths: there.paths,
        text: there.text,
        config: there.config,
        name,
    };
    // All steps in one are too large to be moved about.
    let profile = talk.unless_left(Box::pin(desk.profile())).await?;
    talk.head(Step::Doctor);
    let global = Global {
        profile: Some(profile.name.clone()),
        ..global.clone()
    };
    let code = talk
        .unless_left(doctor::run(&global, environment, out))
        .await?;
    if code != ExitCode::SUCCESS {
        talk.flaw();
    }
    talk.say(format!(
        "\nNext: qroll{option} opens the screen, qroll plan{option} --help says how to plan without it.",
        option = desk.option(&profile.name)
    ));
    Ok(code)
}

impl Desk<'_> {
    /// All steps; the profile is written at their end.
    async fn profile(&self) -> Result<Profile, Problem> {
        let old = self.config.profiles.get(&self.name);
        let tenant = tenant::step(self, old.map(|old| &old.tenant)).await?;
        let source = source::step(self, &tenant.config, old.map(|old| &old.directory)).await?;
        let snapshot = tenant.snapshot.zip(source.snapshot);
        let snapshot = snapshot.map(|(tenant, directory)| Snapshot { tenant, directory });
        let old_rule = old.map(|old| &old.identity);
        let rule = subject::step(self.talk, snapshot.as_ref(), old_rule).await?;
        drop(snapshot);
        let mut given = AllGiven::from([(self.secret("tenant"), tenant.secret)]);
        given.extend(source.secret.map(|one| (self.secret("directory"), one)));
        let keeping = keep::step(self, &given).await?;
        let profile = Profile {
            name: self.name.clone(),
            tenant: tenant.config,
            directory: source.config,
            identity: rule,
            guards: old.map_or_else(Guards::default, |old| old.guards.clone()),
            entitled: old.map_or_else(Entitled::default, |old| old.entitled.clone()),
            sharers: old.map_or_else(Vec::new, |old| old.sharers.clone()),
        };
        write::step(self, &profile, &given, &keeping).await?;
        Ok(profile)
    }

    /// The name of a secret of the profile.
    pub(super) fn secret(&self, slot: &str) -> String {
        format!("{}.{slot}", self.name)
    }

    /// What every connector is given.
    pub(super) fn outside(&self) -> Result<Outside, Problem> {
        Outside::new(self.global)
    }

    /// What the keyring holds under this name.
    pub(super) async fn in_keyring(&self, name: &str) -> Option<Secret> {
        let keyring = HostVault::new().keyring();
        let found = keyring.find(name).await.ok().flatten();
        found.map(|(secret, _)| secret)
    }

    /// A profile of what is known so far, ready to be tried; what is not known stands in by what is
    /// never asked.
    pub(super) fn ready(
        &self,
        tenant: Option<&TenantConfig>,
        directory: Option<&DirectoryConfig>,
        tenant_secret: Option<&Given>,
        directory_secret: Option<&Given>,
    ) -> Result<Ready, Problem> {
        let nowhere = || Problem::new(Kind::Internal, "a step came before the one it needs");
        let nobody = DirectoryConfig::File(FileConfig {
            path: PathBuf::new(),
            queries: BTreeMap::new(),
        });
        let template = SubjectTemplate::parse("{id}").map_err(|_| nowhere())?;
        let profile = Profile {
            name: self.name.clone(),
            tenant: tenant.cloned().ok_or_else(nowhere)?,
            directory: directory.cloned().unwrap_or(nobody),
            identity: IdentityRule::new(template),
            guards: Guards::default(),
            entitled: Entitled::default(),
            sharers: Vec::new(),
        };
        let secrets = [("tenant", tenant_secret), ("directory", directory_secret)];
        let secrets: AllGiven = secrets
            .into_iter()
            .filter_map(|(slot, given)| Some((self.secret(slot), given?.clone())))
            .collect();
        Ok(Ready::assembled(
            profile,
            self.state.clone(),
            self.outside()?,
            given::vault(&secrets),
        ))
    }

    /// What `qroll` must be told to use this profile.
    fn option(&self, name: &str) -> String {
        let only = self.config.profiles.keys().all(|one| one == name);
        let default = self.config.default.as_deref();
        if default == Some(name) || default.is_none() && only {
            return String::new();
        }
        format!(" --profile {name}")
    }
}

/// The name of the profile; one that is there is set up anew, with its answers as defaults.
fn name(talk: Talk, config: &Config, given: Option<&str>) -> Result<String, Problem> {
    let name = if let Some(given) = given {
        check_name(given).map_err(|said| Problem::new(Kind::User, said))?;
        given.to_owned()
    } else {
        talk.head(Step::Profile);
        let first = config.profiles.is_empty().then_some("main");
        talk.checked("Name, for instance acme or production", first, |text| {
            check_name(text)
                .map(|()| text.to_owned())
                .map_err(Wrong::from)
        })?
    };
    if config.profiles.contains_key(&name) {
        talk.say(format!(
            "  The profile {name} is there: its answers are offered, and what changes is shown before it is written."
        ));
    }
    Ok(name)
}

/// Nobody can be asked; the file can be written by hand.
fn no_terminal(paths: &Paths) -> Problem {
    let problem = Problem::new(
        Kind::User,
        "qroll connect asks questions, and there is no terminal here to ask at",
    )
    .hint(format!(
        "Run it at a terminal, or write {} by hand; the least it needs:",
        paths.config.display()
    ));
    LEAST
        .iter()
        .fold(problem, Problem::hint)
        .hint("Secrets come from $CREDENTIALS_DIRECTORY/qroll.NAME.tenant and .directory, for instance; then run qroll doctor.")
}
