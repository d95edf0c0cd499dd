//! Options of the embedded world, shared by `--demo` and `qroll sim`.

use clap::Args;

use crate::ports::{Kind, Problem};
use crate::simulator::{Fault, SimulatorError, SimulatorOptions, WorldSize, WorldSource};

/// Which world, and what goes wrong in it.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Embedded world")]
pub struct WorldArgs {
    /// Embedded scenario (demo, s1, s10, ...) or a scenario file ending in .toml.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["people", "groups", "spaces"])]
    pub scenario: Option<String>,
    /// People in a world made to size.
    #[arg(long, value_name = "N")]
    pub people: Option<usize>,
    /// Groups in a world made to size.
    #[arg(long, value_name = "N")]
    pub groups: Option<usize>,
    /// Spaces in a world made to size.
    #[arg(long, value_name = "N")]
    pub spaces: Option<usize>,
    /// Seed of everything that is drawn.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Milliseconds added to every answer.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub latency_ms: u64,
    /// What goes wrong, e.g. 429@POST:/users#3; may be repeated.
    #[arg(long = "fault", value_name = "SPEC", value_parser = |spec: &str| spec.parse::<Fault>())]
    pub faults: Vec<Fault>,
}

/// How to apply to an embedded tenant: it must outlive the command.
pub(super) const SERVE_A_WORLD: [&str; 2] = [
    "Serve a world with `qroll sim` in another terminal, and put the profile that it prints into the configuration.",
    "Then: qroll --profile sim plan ... --out plan.json, and qroll --profile sim apply plan.json",
];

impl WorldArgs {
    /// Whether any of them was given.
    pub(super) fn is_given(&self) -> bool {
        let sized = self.people.or(self.groups).or(self.spaces).is_some();
        let drawn = self.seed.is_some() || self.latency_ms > 0 || !self.faults.is_empty();
        self.scenario.is_some() || sized || drawn
    }

    /// The simulator's options.
    pub fn options(&self) -> SimulatorOptions {
        let usual = WorldSize::default();
        let sized = self.people.or(self.groups).or(self.spaces).is_some();
        let world = match &self.scenario {
            Some(name) if name.to_lowercase().ends_with(".toml") => WorldSource::File(name.into()),
            Some(name) => WorldSource::Named(name.clone()),
            None if sized => WorldSource::Sized(WorldSize {
                people: self.people.unwrap_or(usual.people),
                groups: self.groups.unwrap_or(usual.groups),
                spaces: self.spaces.unwrap_or(usual.spaces),
                seed: self.seed.unwrap_or(usual.seed),
                ..usual
            }),
            None => WorldSource::default(),
        };
        SimulatorOptions {
            world,
            seed: self.seed,
            latency_ms: self.latency_ms,
            faults: self.faults.clone(),
            ..SimulatorOptions::default()
        }
    }
}

/// What the simulator says, as a problem.
pub(super) fn refused(error: SimulatorError) -> Problem {
    let kind = match error {
        SimulatorError::Bind { .. } => Kind::Host,
        _ => Kind::User,
    };
    Problem::new(kind, error.to_string()).because(error)
}
