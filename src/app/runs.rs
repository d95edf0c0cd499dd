//! State of the Runs screen: the list, one run opened, and the run under way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::list::List;
use super::message::RunRecord;
use crate::domain::{
    Allowed, Counts, OperationId, Outcome, Plan, RunEvent, RunId, RunSummary, Tier,
};
use crate::planner::DriftRow;

/// How an operation of the run under way stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// On its way.
    Sending,
    /// No clear answer; being read back.
    Checking,
    /// Settled.
    Judged(Outcome),
}

/// How a run is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It stops when the session is gone.
    Watched,
    /// It goes on when the session is gone: ticked when it was approved.
    Alone,
    /// It is being discarded: read back, nothing is sent.
    Discarded,
}

/// The run under way, or the one that just ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// Its plan, when we have it.
    pub plan: Option<Arc<Plan>>,
    /// Its name, once the journal is open.
    pub run: Option<RunId>,
    /// Operations in all.
    pub total: u64,
    /// Verdicts.
    pub counts: Counts,
    /// How many verdicts an earlier part of the run has.
    pub before: u64,
    /// Those verdicts, once its journal was read.
    pub earlier: Vec<Outcome>,
    /// Operations met so far, in the order in which they were sent.
    pub order: Vec<OperationId>,
    /// How each of them stands.
    pub state: BTreeMap<OperationId, Progress>,
    /// Writes used of the five-minute window.
    pub window: Option<(u32, u32)>,
    /// Tier, until when it is paused, whether the server asked for it.
    pub paused: Option<(Tier, Duration, bool)>,
    /// When it began, on our clock.
    pub began: Duration,
    /// Whether it is over.
    pub over: bool,
    /// Whether it was asked to stop.
    pub stopping: bool,
    /// How it is carried out.
    pub manner: Manner,
    /// What was allowed beyond the profile when it was approved; nothing where that was not here.
    pub allowed: Allowed,
    /// Why it stopped early; safe to show.
    pub stopped: Option<String>,
    /// Rows that moved since the plan was made: nothing was sent.
    pub moved: Vec<DriftRow>,
}

impl Live {
    /// A run that is about to begin.
    pub fn new(plan: Option<Arc<Plan>>, now: Duration) -> Self {
        let total = plan.as_ref().map_or(0, |plan| plan.operations.len() as u64);
        Self {
            plan,
            run: None,
            total,
            counts: Counts::default(),
            before: 0,
            earlier: Vec::new(),
            order: Vec::new(),
            state: BTreeMap::new(),
            window: None,
            paused: None,
            began: now,
            over: false,
            stopping: false,
            manner: Manner::Watched,
            allowed: Allowed::default(),
            stopped: None,
            moved: Vec::new(),
        }
    }

    /// Takes an event.
    pub fn take(&mut self, event: RunEvent, at: Duration) {
        match event {
            RunEvent::Started {
                run, total, judged, ..
            } => {
                self.run = Some(run);
                self.total = total;
                self.before = judged;
            }
            RunEvent::Sending { operations } => {
                self.paused = None;
                self.put(operations, &Progress::Sending);
            }
            RunEvent::Checking { operations } => self.put(operations, &Progress::Checking),
            RunEvent::Judged(outcome) => {
                self.counts.count(&outcome.verdict);
                let id = outcome.operation.clone();
                if self
                    .state
                    .insert(id.clone(), Progress::Judged(outcome))
                    .is_none()
                {
                    self.order.push(id);
                }
            }
            RunEvent::Paused {
                tier,
                millis,
                asked,
            } => {
                self.paused = Some((tier, at + Duration::from_millis(millis), asked));
            }
            RunEvent::Window { used, of } => self.window = Some((used, of)),
            RunEvent::Finished { counts, stopped } => {
                self.counts = counts;
                self.before = 0;
                self.earlier.clear();
                self.over = true;
                self.paused = None;
                self.stopped = stopped.map(|why| why.show().to_string());
            }
        }
    }

    /// Verdicts of this part of the run and, where nothing newer is known, of the earlier one.
    pub fn all_counts(&self) -> Counts {
        let mut counts = self.counts;
        let newer = |outcome: &&Outcome| {
            matches!(
                self.state.get(&outcome.operation),
                Some(Progress::Judged(_))
            )
        };
        for outcome in self.earlier.iter().filter(|outcome| !newer(outcome)) {
            counts.count(&outcome.verdict);
        }
        counts
    }

    fn put(&mut self, operations: Vec<OperationId>, progress: &Progress) {
        for id in operations {
            if self.state.insert(id.clone(), progress.clone()).is_none() {
                self.order.push(id);
            }
        }
    }

    /// Rows to show: what moved when the run was refused for it, else its operations.
    pub fn rows(&self) -> usize {
        match self.moved.len() {
            0 => self.order.len(),
            moved => moved,
        }
    }

    /// Whether every operation was applied or was so already.
    pub fn is_whole(&self) -> bool {
        self.counts.applied + self.counts.already >= self.total && self.stopped.is_none()
    }

    /// Operations with a verdict, of how many.
    pub fn done(&self) -> (u64, u64) {
        let judged = match self.earlier.len() {
            0 => self.before + self.counts.judged(),
            _ => self.all_counts().judged(),
        };
        (judged.min(self.total.max(judged)), self.total.max(judged))
    }
}

/// A past run, opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Which.
    pub run: RunId,
    /// What its journal says, once read.
    pub record: Option<RunRecord>,
    /// Cursor and window in the outcomes.
    pub list: List,
}

/// The screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunsScreen {
    /// Runs on record, newest first.
    pub runs: Vec<RunSummary>,
    /// Whether they were read; interrupted ones are offered the first time.
    pub read: bool,
    /// Cursor and window in the list.
    pub list: List,
    /// The run under way, or the one that just ended.
    pub live: Option<Live>,
    /// Whether the run under way is shown rather than the list.
    pub watching: bool,
    /// Cursor and window in its operations.
    pub live_list: List,
    /// Whether the cursor stays on the newest operation.
    pub follow: bool,
    /// A past run, opened.
    pub opened: Option<Opened>,
    /// The run that goes on once it is known what speaks against this machine.
    pub resuming: Option<RunId>,
    /// After a hang-up: how long the run under way may take to finish what is in flight.
    pub drain_until: Option<Duration>,
}

/// Whether a run can go on here: the credential of one tenant does not resume what began in another.
pub fn can_resume(run: &RunSummary, host: &str) -> bool {
    run.resumable && !run.under_way && is_here(run, host)
}

/// Whether a run is of the tenant with this host.
pub(super) fn is_here(run: &RunSummary, host: &str) -> bool {
    let tenant = run.tenant.expose();
    let tenant = tenant.split_once("://").map_or(tenant, |(_, rest)| rest);
    tenant.trim_end_matches('/').eq_ignore_ascii_case(host)
}

impl RunsScreen {
    /// The run under the cursor of the list.
    pub fn current(&self) -> Option<&RunSummary> {
        self.runs.get(self.list.cursor)
    }

    /// The run that is looked at: the one that just ended, the one opened, or the one under the
    /// cursor.
    pub fn chosen(&self) -> Option<RunId> {
        if self.watching {
            return self.live.as_ref().and_then(|live| live.run.clone());
        }
        let opened = self.opened.as_ref().map(|opened| opened.run.clone());
        opened.or_else(|| self.current().map(|run| run.run.clone()))
    }

    /// Whether a run is under way.
    pub fn is_running(&self) -> bool {
        self.live.as_ref().is_some_and(|live| !live.over)
    }
}
