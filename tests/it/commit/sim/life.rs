//! One seed from its plan to its end: processes that start, crash, lose their disk or their credential,
//! are stopped, meet a second one, and resume until nothing is left. After a dozen lives the faults
//! stop, and then it must come to an end.

use qroll::commit::{self, ApprovedPlan, CommitPorts, RunReport, Settings};
use qroll::domain::{Plan, RunEvent, RunSummary};
use qroll::host::memory::{Fuse, MemoryDisk, SeededRng, VirtualClock};
use qroll::ports::{Clock as _, Kind, Problem};
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use super::dice::{Dice, Weather};
use super::draw::draw;
use super::town::{Credential, Town};
use super::watch::Watch;
use crate::commit::desk::STATE;
use crate::commit::plans::morning;

/// After so many lives nothing goes wrong any more.
const TROUBLED: u32 = 12;
/// And so many later it must be done: a breaker may end a life after one verdict.
const MOST_LIVES: u32 = 200;

/// How one process ended.
enum Life {
    Gone,
    Ended(RunReport),
    Refused(Problem),
}

/// One machine before one tenant.
pub(super) struct Machine {
    pub(super) clock: VirtualClock,
    pub(super) disk: MemoryDisk,
    pub(super) town: Arc<Town>,
    pub(super) plan: Plan,
    pub(super) settings: Settings,
    pub(super) events: Mutex<Vec<RunEvent>>,
    pub(super) lives: u32,
    seed: u64,
    dice: Dice,
    /// From this life on somebody wants the run ended and not gone on with.
    gives_up: Option<u32>,
    /// Somebody gave it up, and the disk knows.
    pub(super) given_up: bool,
}

/// What is asked for in one life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errand {
    Apply,
    Resume,
    Discard,
}

impl Machine {
    pub(super) fn new(seed: u64, trace: bool) -> Self {
        let dice = Dice::new(seed);
        let case = draw(&dice);
        let weather = Weather::draw(&dice);
        let clock = VirtualClock::new(morning());
        let disk = MemoryDisk::new();
        let plan = case.draft.plan();
        let mut protected: std::collections::BTreeSet<String> = case
            .settings
            .guards
            .protected
            .iter()
            .map(qroll::text::Raw::key)
            .collect();
        protected.insert(plan.identity.user.key());
        let watch = Watch::new(plan.clone(), &protected);
        let town = Town::new(
            case.draft.world,
            watch,
            weather,
            Dice::new(seed ^ 0x70_3f),
            clock.clone(),
            disk.clone(),
            trace,
        );
        Self {
            clock,
            disk,
            town: Arc::new(town),
            plan,
            settings: case.settings,
            events: Mutex::new(Vec::new()),
            lives: 0,
            seed,
            dice,
            gives_up: gives_up(seed),
            given_up: false,
        }
    }

    fn ports(&self, disk: &MemoryDisk) -> CommitPorts {
        CommitPorts {
            tenant: Arc::clone(&self.town) as _,
            disk: Arc::new(disk.clone()),
            clock: Arc::new(self.clock.clone()),
            rng: Arc::new(SeededRng::new(self.seed ^ u64::from(self.lives))),
            owner: format!("process {}", self.lives),
        }
    }

    pub(super) fn complain(&self, what: String) {
        self.town.state().watch.complain(what);
    }

    /// Lives until nothing is left to do.
    pub(super) fn live(&mut self) {
        let path = Path::new(STATE);
        while self.lives < MOST_LIVES {
            self.lives += 1;
            if self.lives > TROUBLED {
                self.town.state().calm = true;
            }
            let known = commit::runs(&self.disk, path).unwrap_or_default();
            let given_up = |run: &RunSummary| run.given_up || run.discarded;
            self.given_up = known.iter().any(given_up);
            if known.iter().any(|run| run.finished) {
                return;
            }
            let errand = self.errand(&known);
            let life = self.one(errand);
            self.town.state().note(self.clock.now(), || match &life {
                Life::Gone => format!("life {} ({errand:?}) was cut off", self.lives),
                Life::Ended(report) => format!("life {} ended: {report:?}", self.lives),
                Life::Refused(problem) => format!("life {} refused: {problem:?}", self.lives),
            });
            match life {
                Life::Ended(report) if report.stopped.is_none() && report.exit_code != 74 => {
                    self.given_up = errand == Errand::Discard;
                    return;
                }
                // Too old to begin: nothing was sent, and nothing ever is.
                Life::Refused(problem)
                    if problem.kind == Kind::Stale
                        && errand == Errand::Apply
                        && self.clock.wall() >= self.plan.expires =>
                {
                    return;
                }
                Life::Refused(problem) => self.look_at_refusal(&problem),
                Life::Ended(_) | Life::Gone => {}
            }
            let state = self.town.state();
            if !state.watch.violations.is_empty() {
                return;
            }
            if state.is_endless() {
                break;
            }
            drop(state);
            self.pause();
        }
        self.complain(format!("I5: not done after {} lives", self.lives));
    }

    /// A run that was begun is gone on with, or ended once somebody wants that; one that was given up
    /// is only ended, and going on with it is tried in vain now and then.
    fn errand(&self, known: &[RunSummary]) -> Errand {
        if !known.iter().any(|run| run.resumable || run.given_up) {
            return Errand::Apply;
        }
        if known.iter().any(|run| run.given_up) {
            self.in_vain();
            return Errand::Discard;
        }
        match self.gives_up {
            Some(life) if self.lives >= life => Errand::Discard,
            _ => Errand::Resume,
        }
    }

    /// Neither a second apply nor a resume goes on with what was given up.
    fn in_vain(&self) {
        self.town.set_fuse(Fuse::new());
        self.town.state().credential = Credential::Good;
        let sent = self.town.state().wire.len();
        for errand in [Errand::Apply, Errand::Resume] {
            let result = self
                .clock
                .run(self.command(&self.disk, errand, CancellationToken::new()));
            if let Ok(report) = result {
                self.complain(format!("{errand:?} after it was given up: {report:?}"));
            }
        }
        if self.town.state().wire.len() > sent {
            self.complain("I1: sent after it was given up".to_owned());
        }
    }

    fn pause(&self) {
        let long = self.lives <= TROUBLED && self.dice.chance(self.town.weather.long_pause);
        let span = if long {
            Duration::from_hours(25)
        } else {
            Duration::from_secs(self.dice.below(90))
        };
        self.clock.advance(span);
    }

    fn look_at_refusal(&self, problem: &Problem) {
        let credential = self.town.state().credential;
        let expected = match problem.kind {
            Kind::Auth => credential == Credential::Expired,
            Kind::Network => credential == Credential::Unreachable,
            Kind::Guard => {
                credential == Credential::OtherUser || credential == Credential::OtherTenant
            }
            Kind::NotFound => credential == Credential::OtherTenant,
            // The disk failed before the run began.
            Kind::Journal | Kind::Host => self.lives <= TROUBLED,
            _ => false,
        };
        if !expected {
            self.complain(format!("refused in life {}: {problem:?}", self.lives));
        }
    }

    /// The credential and the luck of one life.
    fn one(&self, errand: Errand) -> Life {
        let weather = &self.town.weather;
        let troubled = self.lives <= TROUBLED;
        let luck = |per_mille| troubled && self.dice.chance(per_mille);
        let fuse = if luck(weather.crash) {
            Fuse::at(self.dice.between(1, 260))
        } else {
            Fuse::new()
        };
        let bad = luck(weather.bad_disk);
        let disk_fuse = if bad {
            Fuse::at(self.dice.between(1, 120))
        } else {
            fuse.clone()
        };
        let cancel = CancellationToken::new();
        {
            let mut state = self.town.state();
            state.cancel_at = luck(weather.cancel)
                .then(|| (state.steps + self.dice.between(1, 120), cancel.clone()));
            state.credential = if luck(weather.wrong_credential) {
                let wrong = [
                    Credential::Expired,
                    Credential::OtherTenant,
                    Credential::OtherUser,
                    Credential::Unreachable,
                ];
                *self.dice.pick(&wrong).unwrap_or(&Credential::Expired)
            } else {
                Credential::Good
            };
        }
        self.town.set_fuse(fuse.clone());
        let disk = self.disk.with_fuse(disk_fuse);
        let sent = self.town.state().wire.len();
        let twin = luck(weather.twin);
        let life = self.process(&disk, errand, &fuse, cancel, twin);
        if errand == Errand::Discard && self.town.state().wire.len() > sent {
            self.complain("I1: a discard sent something".to_owned());
        }
        if self.town.state().credential != Credential::Good && self.town.state().wire.len() > sent {
            self.complain("I1: sent with a credential that is not ours".to_owned());
        }
        if matches!(life, Life::Gone) {
            self.town.power_cut();
        }
        if matches!(life, Life::Gone) || bad {
            let torn = if self.dice.chance(700) {
                self.dice.below(97)
            } else {
                self.dice.below(3000)
            };
            self.disk.crash(usize::try_from(torn).unwrap_or_default());
        }
        life
    }

    fn process(
        &self,
        disk: &MemoryDisk,
        errand: Errand,
        fuse: &Fuse,
        cancel: CancellationToken,
        twin: bool,
    ) -> Life {
        let ended = Cell::new(false);
        let first = async {
            let result = self.command(disk, errand, cancel).await;
            ended.set(true);
            result
        };
        let second = async {
            if !twin {
                return;
            }
            self.clock
                .sleep(Duration::from_millis(self.dice.below(3000)))
                .await;
            // Only what holds the lock still counts as running.
            if ended.get() {
                return;
            }
            let second = self
                .command(&self.disk, errand, CancellationToken::new())
                .await;
            let refused = second.as_ref().is_err_and(|problem| {
                matches!(
                    problem.kind,
                    Kind::Locked | Kind::Auth | Kind::Network | Kind::Guard
                )
            });
            if !refused && !ended.get() {
                self.complain(format!("I3: two processes apply at once: {second:?}"));
            }
        };
        self.clock.run(async {
            let mut work = pin!(beside(first, second));
            poll_fn(|context| {
                let polled = work.as_mut().poll(context);
                if fuse.is_blown() || self.town.state().is_endless() {
                    return Poll::Ready(Life::Gone);
                }
                polled.map(|result| match result {
                    Ok(report) => Life::Ended(report),
                    Err(problem) => Life::Refused(problem),
                })
            })
            .await
        })
    }

    async fn command(
        &self,
        disk: &MemoryDisk,
        errand: Errand,
        cancel: CancellationToken,
    ) -> Result<RunReport, Problem> {
        let ports = self.ports(disk);
        let events = |event| self.events.lock().expect("events").push(event);
        let (path, settings) = (Path::new(STATE), self.settings.clone());
        match errand {
            Errand::Apply => {}
            Errand::Resume => {
                return commit::resume(ports, None, settings, path, events, cancel).await;
            }
            Errand::Discard => {
                let known = commit::runs(&self.disk, path)?;
                let open = known.into_iter().find(|run| run.resumable || run.given_up);
                let run = open
                    .ok_or_else(|| Problem::new(Kind::Stale, "it has its end"))?
                    .run;
                return commit::discard(ports, run, settings, path, events, cancel).await;
            }
        }
        let approved = ApprovedPlan::new(self.plan.clone(), self.clock.wall())?;
        commit::run(ports, approved, settings, path, events, cancel).await
    }

    /// A second apply and a second resume when all is done: nothing may leave.
    pub(super) fn again(&self) {
        self.town.set_fuse(Fuse::new());
        {
            let mut state = self.town.state();
            state.credential = Credential::Good;
            state.calm = true;
        }
        let sent = self.town.state().wire.len();
        for errand in [Errand::Apply, Errand::Resume, Errand::Discard] {
            let result = self
                .clock
                .run(self.command(&self.disk, errand, CancellationToken::new()));
            if let Ok(report) = result {
                self.complain(format!("I5: applied a second time: {report:?}"));
            }
        }
        if self.town.state().wire.len() > sent {
            self.complain("I5: a second apply sent something".to_owned());
        }
    }
}

/// In one seed of six somebody gives the run up, in one of its first lives. Drawn beside the other
/// dice, so that the seeds that failed once stay what they were.
fn gives_up(seed: u64) -> Option<u32> {
    let dice = Dice::new(seed ^ 0x6976_6523);
    let life = u32::try_from(dice.between(2, 6)).ok();
    life.filter(|_| dice.chance(170))
}

/// Runs both, until the first has ended; the second goes on beside it.
async fn beside<T>(first: impl Future<Output = T>, second: impl Future<Output = ()>) -> T {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let mut over = false;
    poll_fn(|context| {
        let polled = first.as_mut().poll(context);
        if polled.is_pending() && !over {
            over = second.as_mut().poll(context).is_ready();
        }
        polled
    })
    .await
}
