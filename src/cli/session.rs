//! A profile, or the embedded world, made ready to work with. The screen and every command that
//! speaks to a tenant begin here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Global;
use super::connect::{self, Outside};
use super::entra;
use super::out::Out;
use super::world::{WorldArgs, refused};
use crate::app::Keymap;
use crate::commit::CommitPorts;
use crate::config::{Config, Environment, LdapConfig, Paths, Profile, read_config};
use crate::connectors::ldap::LdapDirectory;
use crate::domain::{Entitled, Guards};
use crate::host::{HostVault, RealDisk, Slot, owner};
use crate::planner::{IdentityRule, SubjectTemplate};
use crate::ports::{Clock, Directory, Disk, Kind, Problem, Rng, Tenant};
use crate::simulator::{Running, start};
use crate::text::Raw;

/// Everything a command or the screen works with. Commands that only speak to the tenant hold
/// `Session<()>`: who may apply needs no access to the directory.
pub struct Session<D = Arc<dyn Directory>> {
    /// Name of the profile; `demo` for the embedded world.
    pub profile: String,
    /// Host of the tenant.
    pub host: String,
    /// The tenant.
    pub tenant: Arc<dyn Tenant>,
    /// The directory.
    pub directory: D,
    /// How people and users belong together.
    pub rule: IdentityRule,
    /// What may be done.
    pub guards: Guards,
    /// Who may hold a seat.
    pub entitled: Entitled,
    /// Saved queries of the profile, by name.
    pub queries: BTreeMap<String, String>,
    /// Keys of the screen, rebound as the configuration says.
    pub keymap: Keymap,
    /// Where runs, locks and the cached snapshot live.
    pub state: PathBuf,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// Files.
    pub disk: Arc<dyn Disk>,
    /// The embedded world, which lives as long as the session.
    pub world: Option<Running>,
}

impl Session {
    /// Opens the embedded world when `demo` says so, else the profile of the configuration. Says on
    /// the error stream what the operator should know: a proxy, a guess about a file, a secret out
    /// of the environment.
    ///
    /// # Errors
    /// Configuration, secrets, connectors, the embedded world; nothing was sent to a tenant yet.
    pub async fn open(
        global: &Global,
        demo: Option<&WorldArgs>,
        environment: &Environment,
        out: Out,
    ) -> Result<Self, Problem> {
        match demo {
            Some(world) => Self::demo(global, world, environment).await,
            None => Self::profile(global, environment, out).await,
        }
    }

    async fn profile(
        global: &Global,
        environment: &Environment,
        out: Out,
    ) -> Result<Self, Problem> {
        let ready = Ready::read(global, environment, out)?;
        // A broken file is said before anybody is asked for a secret.
        let directory = ready.directory(out).await?;
        let tenant = ready.tenant(out).await?;
        Ok(Self::assemble(ready, tenant, directory))
    }

    async fn demo(
        global: &Global,
        world: &WorldArgs,
        environment: &Environment,
    ) -> Result<Self, Problem> {
        let paths = Paths::find(global.config.clone(), global.state_dir.clone(), environment)?;
        let running = start(world.options()).await.map_err(refused)?;
        let outside = Outside::new(&Global {
            no_proxy: true,
            ..global.clone()
        })?;
        let template = SubjectTemplate::parse("{id}")
            .map_err(|error| Problem::new(Kind::Internal, error.to_string()))?;
        let state = demo_state(&paths.state);
        // Each start has a world of its own: what the groups of another one held says nothing here.
        // It may not be there, and where it cannot be taken away the plan says what it remembers.
        let _ = std::fs::remove_file(state.join("sources.demo.json"));
        Ok(Self {
            profile: "demo".to_owned(),
            host: running.qlik_url.trim_start_matches("http://").to_owned(),
            tenant: connect::demo_tenant(&outside, &running)?,
            directory: entra::demo_directory(&outside, &running)?,
            rule: IdentityRule::new(template),
            guards: Guards::default(),
            entitled: Entitled {
                groups: [
                    "QLIK_ANALYZERS",
                    "QLIK_PRO",
                    "Finance",
                    "Sales",
                    "Operations",
                ]
                .map(Raw::from)
                .into(),
                except: Vec::new(),
            },
            queries: BTreeMap::new(),
            keymap: Keymap::default(),
            state,
            clock: outside.clock,
            rng: outside.rng,
            disk: Arc::new(RealDisk),
            world: Some(running),
        })
    }
}

impl Session<()> {
    /// Opens the tenant of a profile of the configuration, and nothing else.
    ///
    /// # Errors
    /// As [`Session::open`], but for the directory.
    pub async fn open_tenant(
        global: &Global,
        environment: &Environment,
        out: Out,
    ) -> Result<Self, Problem> {
        let ready = Ready::read(global, environment, out)?;
        let tenant = ready.tenant(out).await?;
        Ok(Self::assemble(ready, tenant, ()))
    }
}

/// A profile with everything that its connections are made from.
pub(super) struct Ready {
    pub(super) profile: Profile,
    /// Profiles of the other tenants on the same license.
    others: Vec<Profile>,
    keymap: Keymap,
    pub(super) state: PathBuf,
    pub(super) outside: Outside,
    pub(super) vault: HostVault,
}

impl Ready {
    pub(super) fn read(
        global: &Global,
        environment: &Environment,
        out: Out,
    ) -> Result<Self, Problem> {
        let paths = Paths::find(global.config.clone(), global.state_dir.clone(), environment)?;
        let config = read_config(&paths)?.ok_or_else(|| no_configuration(&paths))?;
        let profile = config.profile(global.profile.as_deref())?.clone();
        let others = profile.sharers.iter();
        let others = others.filter_map(|name| config.profiles.get(name).cloned());
        Ok(Self {
            others: others.collect(),
            profile,
            keymap: keymap(&paths, &config)?,
            vault: vault(global, environment, &paths.state, out),
            state: paths.state,
            outside: Outside::new(global)?,
        })
    }

    /// A profile that is not written yet.
    pub(super) fn assembled(
        profile: Profile,
        state: PathBuf,
        outside: Outside,
        vault: HostVault,
    ) -> Self {
        Self {
            profile,
            others: Vec::new(),
            keymap: Keymap::default(),
            state,
            outside,
            vault,
        }
    }

    /// A directory server, which is not asked yet.
    pub(super) async fn ldap(&self, config: &LdapConfig) -> Result<LdapDirectory, Problem> {
        let quiet = Out {
            quiet: true,
            ..Out::default()
        };
        connect::ldap(&self.outside, &self.profile, config, &self.vault, quiet).await
    }

    pub(super) async fn tenant(&self, out: Out) -> Result<Arc<dyn Tenant>, Problem> {
        connect::tenant(&self.outside, &self.profile, &self.others, &self.vault, out).await
    }

    pub(super) async fn directory(&self, out: Out) -> Result<Arc<dyn Directory>, Problem> {
        connect::directory(&self.outside, &self.profile, &self.vault, out).await
    }
}

impl<D> Session<D> {
    fn assemble(ready: Ready, tenant: Arc<dyn Tenant>, directory: D) -> Self {
        let Ready {
            profile,
            keymap,
            state,
            outside,
            ..
        } = ready;
        Self {
            host: connect::host(&profile.tenant.url),
            tenant,
            directory,
            queries: profile.directory.queries().clone(),
            profile: profile.name,
            rule: profile.identity,
            guards: profile.guards,
            entitled: profile.entitled,
            keymap,
            state,
            clock: outside.clock,
            rng: outside.rng,
            disk: Arc::new(RealDisk),
            world: None,
        }
    }

    /// What a run needs.
    pub fn commit_ports(&self) -> CommitPorts {
        CommitPorts {
            tenant: Arc::clone(&self.tenant),
            disk: Arc::clone(&self.disk),
            clock: Arc::clone(&self.clock),
            rng: Arc::clone(&self.rng),
            owner: owner(self.clock.wall()),
        }
    }
}

/// Every command says what is wrong with `[keys]`, not only the one that shows the screen.
fn keymap(paths: &Paths, config: &Config) -> Result<Keymap, Problem> {
    let changes = config
        .keys
        .iter()
        .map(|(action, key)| (action.as_str(), key.as_str()));
    Keymap::rebound(changes).map_err(|troubles| {
        let text = format!("[keys] of {} cannot be used", paths.config.display());
        let problem = Problem::new(Kind::Config, text);
        troubles.iter().fold(problem, Problem::hint)
    })
}

/// Where the embedded world's runs live.
pub(super) fn demo_state(state: &Path) -> PathBuf {
    state.join("demo")
}

/// The first start.
fn no_configuration(paths: &Paths) -> Problem {
    let problem = Problem::new(
        Kind::Config,
        format!(
            "there is no profile yet: {} does not exist",
            paths.config.display()
        ),
    )
    .hint("Set one up, by questions:  qroll connect")
    .hint("Try everything without a tenant:  qroll --demo")
    .hint("Or write that file; the least it needs:");
    LEAST.iter().fold(problem, Problem::hint)
}

/// The least that a configuration holds.
pub(super) const LEAST: [&str; 6] = [
    "  [profile.NAME.tenant]",
    "  url = \"https://TENANT.REGION.qlikcloud.com\"",
    "  auth = \"api-key\"",
    "  [profile.NAME.directory]",
    "  kind = \"file\"",
    "  path = \"people.csv\"",
];

/// Where secrets are looked for.
pub(super) fn vault(
    global: &Global,
    environment: &Environment,
    state: &Path,
    out: Out,
) -> HostVault {
    let vault = HostVault::new()
        .keyring()
        .credentials(environment.credentials.clone())
        .descriptor(Slot::Tenant, global.tenant_secret_fd)
        .descriptor(Slot::Directory, global.directory_secret_fd)
        .environment(Slot::Tenant, environment.tenant_secret.clone())
        .environment(Slot::Directory, environment.directory_secret.clone())
        .sealed(state.to_owned());
    if out.interactive {
        vault.prompt()
    } else {
        vault
    }
}
