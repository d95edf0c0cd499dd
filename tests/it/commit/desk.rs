//! One admin's machine before one tenant: starts, crashes, resumes, and looks at what became of it.

use qroll::commit::{self, ApprovedPlan, CommitPorts, Record, RunReport, Settings};
use qroll::domain::{
    Assignee, Guards, Identity, OperationId, Outcome, Plan, RunEvent, RunId, TenantInfo, Verdict,
};
use qroll::host::memory::{Fuse, MemoryDisk, SeededRng, VirtualClock};
use qroll::ports::{Clock as _, Disk, Kind, Problem};
use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use tokio_util::sync::CancellationToken;

use super::plans::{Draft, effect_of, morning};
use super::tenant::{FakeTenant, Rates, plain};
use super::world::World;

pub(super) const STATE: &str = "/state";

/// Everything one test needs.
pub(super) struct Desk {
    pub(super) clock: VirtualClock,
    pub(super) disk: MemoryDisk,
    pub(super) tenant: Arc<FakeTenant>,
    pub(super) plan: Plan,
    pub(super) settings: Settings,
    pub(super) cancel: CancellationToken,
    pub(super) events: Mutex<Vec<RunEvent>>,
    /// Bytes of what was not synced that outlive a crash.
    pub(super) torn: usize,
    seed: u64,
}

/// How one process ended.
pub(super) enum Life {
    Crashed,
    Ended(RunReport),
    Refused(Problem),
}

impl Desk {
    pub(super) fn new(draft: &Draft, seed: u64, rates: Rates, watched: bool) -> Self {
        let clock = VirtualClock::new(morning());
        let disk = MemoryDisk::new();
        let tenant = FakeTenant::new(
            draft.world.clone(),
            clock.clone(),
            seed,
            rates,
            draft.planned(),
            watched.then(|| disk.clone()),
        );
        Self {
            clock,
            disk,
            tenant: Arc::new(tenant),
            plan: draft.plan(),
            settings: Settings {
                guards: Guards {
                    allow_delete: true,
                    ..Guards::default()
                },
                ..Settings::default()
            },
            cancel: CancellationToken::new(),
            events: Mutex::new(Vec::new()),
            torn: usize::try_from(seed % 97).expect("small"),
            seed,
        }
    }

    fn ports(&self, fuse: &Fuse) -> CommitPorts {
        self.tenant.set_fuse(fuse.clone());
        CommitPorts {
            tenant: Arc::clone(&self.tenant) as _,
            disk: Arc::new(self.disk.with_fuse(fuse.clone())),
            clock: Arc::new(self.clock.clone()),
            rng: Arc::new(SeededRng::new(self.seed)),
            owner: "process 1 of a test".to_owned(),
        }
    }

    /// A desk whose connection leads elsewhere.
    pub(super) fn with_info(
        draft: &Draft,
        change: impl FnOnce(&mut (TenantInfo, Identity)),
    ) -> Self {
        let mut desk = Self::new(draft, 5, Rates::default(), false);
        let tenant = Arc::get_mut(&mut desk.tenant).expect("not shared yet");
        change(&mut tenant.info);
        desk
    }

    /// One process whose disk fails from some step on, while the tenant goes on answering.
    pub(super) fn live_on_bad_disk(&self, fuse: &Fuse) -> Result<RunReport, Problem> {
        let mut ports = self.ports(&Fuse::new());
        ports.disk = Arc::new(self.disk.with_fuse(fuse.clone()));
        let approved = ApprovedPlan::new(self.plan.clone(), self.clock.wall())?;
        let (settings, cancel) = (self.settings.clone(), self.cancel.clone());
        let work = commit::run(ports, approved, settings, Path::new(STATE), |_| {}, cancel);
        self.clock.run(work)
    }

    /// Applies with the journal on another disk, and follows what is told.
    pub(super) fn apply_on(
        &self,
        disk: Arc<dyn Disk>,
        state: &Path,
        told: &(dyn Fn(RunEvent) + Send + Sync),
    ) -> Result<RunReport, Problem> {
        let mut ports = self.ports(&Fuse::new());
        ports.disk = disk;
        let approved = ApprovedPlan::new(self.plan.clone(), self.clock.wall())?;
        let (settings, cancel) = (self.settings.clone(), self.cancel.clone());
        let work = commit::run(ports, approved, settings, state, told, cancel);
        self.clock.run(work)
    }

    /// Resumes a named run.
    pub(super) fn resume_run(&self, run: Option<RunId>) -> Result<RunReport, Problem> {
        let ports = self.ports(&Fuse::new());
        let (settings, cancel) = (self.settings.clone(), self.cancel.clone());
        let path = Path::new(STATE);
        let work = commit::resume(ports, run, settings, path, |_| {}, cancel);
        self.clock.run(work)
    }

    /// One process that applies or resumes, until it ends or the fuse blows, and the power with it.
    pub(super) fn live(&self, fuse: &Fuse, resume: bool) -> Life {
        let life = self.live_powered(fuse, resume);
        if fuse.is_blown() {
            self.disk.crash(self.torn);
        }
        life
    }

    /// One process until it ends or the fuse blows; the disk is left as it was then.
    pub(super) fn live_powered(&self, fuse: &Fuse, resume: bool) -> Life {
        let ports = self.ports(fuse);
        let events = |event| self.events.lock().expect("events").push(event);
        let path = Path::new(STATE);
        let (settings, cancel) = (self.settings.clone(), self.cancel.clone());
        let work = async {
            if resume {
                return commit::resume(ports, None, settings, path, events, cancel).await;
            }
            let approved = ApprovedPlan::new(self.plan.clone(), self.clock.wall())?;
            commit::run(ports, approved, settings, path, events, cancel).await
        };
        self.until_blown(fuse, work)
    }

    /// What comes of this work before the fuse blows.
    fn until_blown(
        &self,
        fuse: &Fuse,
        work: impl Future<Output = Result<RunReport, Problem>>,
    ) -> Life {
        self.clock.run(async {
            let mut work = pin!(work);
            poll_fn(|context| {
                let polled = work.as_mut().poll(context);
                if fuse.is_blown() {
                    return Poll::Ready(Life::Crashed);
                }
                polled.map(|result| match result {
                    Ok(report) => Life::Ended(report),
                    Err(problem) => Life::Refused(problem),
                })
            })
            .await
        })
    }

    /// One process that ends the newest run for good, until it ends or the fuse blows, and the
    /// power with it.
    pub(super) fn discard(&self, fuse: &Fuse) -> Life {
        let runs = commit::runs(&self.disk, Path::new(STATE)).expect("a list");
        let run = runs.first().expect("a run").run.clone();
        let ports = self.ports(fuse);
        let (settings, cancel) = (self.settings.clone(), self.cancel.clone());
        let path = Path::new(STATE);
        let work = commit::discard(ports, run, settings, path, |_| {}, cancel);
        let life = self.until_blown(fuse, work);
        if fuse.is_blown() {
            self.disk.crash(self.torn);
        }
        life
    }

    /// Applies without any crash.
    pub(super) fn apply(&self) -> Result<RunReport, Problem> {
        match self.live(&Fuse::new(), false) {
            Life::Ended(report) => Ok(report),
            Life::Refused(problem) => Err(problem),
            Life::Crashed => panic!("nothing blew"),
        }
    }

    pub(super) fn resume(&self) -> Result<RunReport, Problem> {
        match self.live(&Fuse::new(), true) {
            Life::Ended(report) => Ok(report),
            Life::Refused(problem) => Err(problem),
            Life::Crashed => panic!("nothing blew"),
        }
    }

    /// Applies, then resumes until nothing is left, with the fuse of each life.
    pub(super) fn until_done(&self, mut fuse: impl FnMut(u64) -> Fuse) -> RunReport {
        for life in 0..500 {
            let resume = !commit::interrupted(&self.disk, Path::new(STATE))
                .expect("a list")
                .is_empty();
            match self.live(&fuse(life), resume) {
                Life::Ended(report) if report.stopped.is_none() => return report,
                Life::Ended(_) | Life::Crashed => {}
                // The last record was on the disk although its process did not live to see it.
                Life::Refused(problem) if life > 0 && problem.kind == Kind::Stale => {
                    return self.finished().expect("a finished run");
                }
                Life::Refused(problem) => panic!("refused in life {life}: {problem}"),
            }
        }
        panic!("never done");
    }

    /// What a run that ended says of itself afterwards.
    fn finished(&self) -> Option<RunReport> {
        let runs = commit::runs(&self.disk, Path::new(STATE)).expect("a list");
        let run = runs.into_iter().find(|run| run.finished)?;
        let holds = run.counts.applied + run.counts.already == run.counts.total;
        Some(RunReport {
            run: run.run,
            counts: run.counts,
            stopped: None,
            unsettled: 0,
            exit_code: if holds { 0 } else { 3 },
            unwritten: Vec::new(),
        })
    }

    /// The verdicts of the last run.
    pub(super) fn outcomes(&self) -> Vec<Outcome> {
        let runs = commit::runs(&self.disk, Path::new(STATE)).expect("a list");
        let run = runs
            .iter()
            .find(|run| run.plan == self.plan.hash)
            .expect("a run");
        let (plan, outcomes) =
            commit::outcomes(&self.disk, Path::new(STATE), &run.run).expect("outcomes");
        assert_eq!(plan, self.plan, "the stored plan is the approved one");
        outcomes
    }

    /// How often the last run put an operation on record as about to be sent.
    pub(super) fn attempts(&self, operation: &OperationId) -> usize {
        let journal = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "journal");
        let path = self.disk.files().into_iter().rfind(journal);
        let bytes = path.and_then(|path| self.disk.synced(&path));
        let names = |record: &(u64, Record)| matches!(&record.1, Record::Intent(intent) if intent.operations.contains(operation));
        let records = commit::read(&bytes.unwrap_or_default()).records;
        records.iter().filter(|record| names(record)).count()
    }

    pub(super) fn world(&self) -> World {
        self.tenant.state.lock().expect("tenant").world.clone()
    }

    pub(super) fn verdict(&self, operation: &str) -> Verdict {
        self.outcomes()
            .into_iter()
            .find(|outcome| outcome.operation.expose() == operation)
            .unwrap_or_else(|| panic!("no verdict for {operation}"))
            .verdict
    }

    /// I1 to I4 and I8 after everything is done: gives the number of unknowns.
    pub(super) fn check(&self) -> usize {
        self.tenant.drain();
        let state = self.tenant.state.lock().expect("tenant");
        assert_eq!(state.violations, [""; 0], "I1, I2 (seed {})", self.seed);
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for effect in &state.world.effects {
            *seen.entry(effect).or_default() += 1;
        }
        let twice: Vec<_> = seen.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "I3 (seed {}): {twice:?}", self.seed);
        let effects: BTreeSet<String> = seen.keys().map(|effect| plain(effect)).collect();
        drop(state);
        let outcomes = self.outcomes();
        assert_eq!(outcomes.len(), self.plan.operations.len(), "all are judged");
        let mut unknown = 0;
        for (operation, outcome) in self.plan.operations.iter().zip(&outcomes) {
            assert_eq!(operation.id, outcome.operation);
            let happened = effects.contains(&effect_of(&operation.change));
            let truthful = match &outcome.verdict {
                Verdict::Applied | Verdict::Already => happened,
                Verdict::NotApplied { .. } | Verdict::Skipped { .. } => !happened,
                Verdict::Unknown { .. } => {
                    unknown += 1;
                    true
                }
            };
            assert!(
                truthful,
                "I4 (seed {}): {:?} is {:?}, happened: {happened}",
                self.seed, operation.change, outcome.verdict
            );
        }
        unknown
    }
}

/// What a world looks like to people: ids that only the tenant knows are left out.
pub(super) fn picture(world: &World) -> BTreeSet<String> {
    let who = |assignee: &Assignee| match assignee {
        Assignee::User(id) => world.users.get(id).map_or_else(
            || id.expose().to_owned(),
            |user| user.subject.expose().to_owned(),
        ),
        Assignee::Group(id) => world
            .groups
            .values()
            .find(|group| group.id == *id)
            .map_or_else(
                || id.expose().to_owned(),
                |group| group.name.expose().to_owned(),
            ),
        other => format!("{other:?}"),
    };
    let users = world
        .users
        .values()
        .map(|user| format!("{:?} {:?} {:?}", user.subject, user.status, user.roles));
    let groups = world.groups.keys().map(|name| format!("group {name}"));
    let seats = world.seats.values().map(|seat| format!("{seat:?}"));
    let rows = world
        .rows
        .iter()
        .map(|((space, assignee), row)| format!("{space:?} {} {:?}", who(assignee), row.roles));
    users
        .chain(groups)
        .chain(seats)
        .chain(rows)
        .chain([format!("{:?}", world.auto_assign)])
        .collect()
}
