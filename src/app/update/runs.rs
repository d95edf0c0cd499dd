//! Runs: the one under way, past ones, stopping, taking back.

use std::sync::Arc;

use crate::app::actions::{Action, Screen};
use crate::app::dialog::{Dialog, MenuKind};
use crate::app::effect::Effect;
use crate::app::list::{List, Step};
use crate::app::message::{RunRecord, Trouble};
use crate::app::model::{App, Tone};
use crate::app::runs::{Live, Manner, Opened};
use crate::domain::{Allowed, RunEvent, RunId, RunSummary, StageEdit};
use crate::planner::DriftRow;
use crate::text::Raw;

impl App {
    pub(super) fn show_runs(&mut self) -> Vec<Effect> {
        self.runs.watching = self.runs.is_running();
        self.go(Screen::Runs);
        vec![Effect::ListRuns(self.data.epoch)]
    }

    pub(super) fn step_runs(&mut self, step: Step) -> bool {
        if self.runs.watching {
            let len = self.runs.live.as_ref().map_or(0, Live::rows);
            let changed = self.runs.live_list.step(step, len);
            self.runs.follow = self.runs.live_list.cursor + 1 >= len;
            return changed;
        }
        if let Some(opened) = &mut self.runs.opened {
            let len = opened
                .record
                .as_ref()
                .map_or(0, |record| record.outcomes.len());
            return opened.list.step(step, len);
        }
        self.runs.list.step(step, self.runs.runs.len())
    }

    pub(super) fn open_run(&mut self) -> Vec<Effect> {
        self.dirty = true;
        if self.runs.watching || self.runs.opened.is_some() {
            self.explain_outcome();
            return Vec::new();
        }
        let Some(run) = self.runs.current().map(|run| run.run.clone()) else {
            return Vec::new();
        };
        let live = self.runs.live.as_ref().and_then(|live| live.run.clone());
        if live.as_ref() == Some(&run) {
            self.runs.watching = true;
            self.arrange();
            return Vec::new();
        }
        self.runs.opened = Some(Opened {
            run: run.clone(),
            record: None,
            list: List::default(),
        });
        self.arrange();
        vec![Effect::ReadRun(self.data.epoch, run)]
    }

    pub(super) fn run_read(&mut self, run: &RunId, result: Result<RunRecord, Trouble>) {
        if let Ok(record) = &result
            && let Some(live) = self.runs.live.as_mut()
            && live.run.as_ref() == Some(run)
            && live.plan.is_none()
        {
            live.plan.clone_from(&record.plan);
            if !live.over {
                live.earlier.clone_from(&record.outcomes);
            }
            if let Some(plan) = &record.plan {
                let names = self.names(plan);
                self.plan.names.extend(names);
            }
        }
        match (&mut self.runs.opened, result) {
            (Some(opened), Ok(record)) if opened.run == *run => {
                opened.record = Some(record);
                self.arrange();
            }
            (_, Err(trouble)) => self.say(Tone::Error, trouble.line()),
            _ => {}
        }
        self.dirty = true;
    }

    /// `Esc` on Runs: back to the list; a run under way goes on.
    pub(super) fn leave_run(&mut self) {
        if self.runs.watching {
            self.runs.watching = false;
            if self.runs.is_running() {
                self.say(
                    Tone::Plain,
                    "the run goes on; Enter on it or 6 shows it again",
                );
            }
        } else if self.runs.opened.take().is_none() {
            self.go(Screen::Roster);
        }
        self.arrange();
    }

    pub(super) fn runs_listed(&mut self, mut runs: Vec<RunSummary>) {
        runs.sort_by(|one, other| {
            other
                .started
                .cmp(&one.started)
                .then(other.run.cmp(&one.run))
        });
        self.runs.runs = runs;
        let first = !std::mem::replace(&mut self.runs.read, true);
        self.arrange();
        self.dirty = true;
        if first {
            self.offer_resume();
        }
    }

    pub(super) fn revert_chosen(&mut self) -> Vec<Effect> {
        match self.runs.chosen() {
            Some(run) => {
                self.plan.released = None;
                self.revert(run, Vec::new())
            }
            None => Vec::new(),
        }
    }

    /// Wants the inverse of a run, to be reviewed on the Plan screen.
    pub(super) fn revert(&mut self, run: RunId, include: Vec<Raw>) -> Vec<Effect> {
        self.plan.plan = None;
        self.plan.include.clone_from(&include);
        self.plan.wanted = false;
        self.plan.building = true;
        self.arrange_plan();
        self.go(Screen::Plan);
        vec![Effect::Revert(
            self.data.epoch,
            run,
            include,
            self.plan.released,
        )]
    }

    /// Once: nothing new is started. Twice: leave at once; what was in flight stays unknown until
    /// it is resumed.
    pub(super) fn stop_run(&mut self) -> Vec<Effect> {
        let Some(live) = self.runs.live.as_mut().filter(|live| !live.over) else {
            return Vec::new();
        };
        if live.stopping {
            self.exit = Some(130);
            return vec![Effect::StopRun];
        }
        live.stopping = true;
        self.say(
            Tone::Plain,
            "stopping after what is in flight; once more leaves at once",
        );
        vec![Effect::StopRun]
    }

    pub(super) fn run_event(&mut self, event: RunEvent) -> Vec<Effect> {
        let at = self.now;
        if let Some(live) = &mut self.runs.live {
            live.take(event, at);
            let len = live.order.len();
            self.runs.live_list.resize(self.layout.run_rows(), len);
            if self.runs.follow {
                self.runs.live_list.select(len.saturating_sub(1), len);
            }
        }
        self.dirty = true;
        Vec::new()
    }

    pub(super) fn moved(&mut self, rows: Vec<DriftRow>) -> Vec<Effect> {
        if let Some(live) = &mut self.runs.live {
            live.moved = rows;
            self.runs.follow = false;
        }
        self.arrange();
        self.dirty = true;
        Vec::new()
    }

    pub(super) fn run_ended(&mut self, result: Result<u8, Trouble>) -> Vec<Effect> {
        self.dirty = true;
        if let Some(live) = &mut self.runs.live {
            live.over = true;
            live.paused = None;
        }
        self.dialogs
            .retain(|dialog| !matches!(dialog, Dialog::Menu(MenuKind::Quit, _)));
        if let Some(code) = self.leaving {
            let whole = self.runs.live.as_ref().is_some_and(Live::is_whole);
            self.exit = Some(if code == 3 && whole { 0 } else { code });
            return Vec::new();
        }
        if self.gone {
            // It went on alone: its end is the end of the program, with the code of the run.
            self.exit = Some(result.unwrap_or_else(|trouble| trouble.kind.exit_code()));
            return Vec::new();
        }
        match result {
            Ok(_) => self.run_done(),
            Err(trouble) => {
                if let Some(live) = &mut self.runs.live {
                    live.stopped = Some(trouble.line());
                }
                self.say(Tone::Error, trouble.line());
            }
        }
        self.plan.stale = self.plan.plan.is_some();
        let mut effects = self.load_all();
        effects.push(Effect::ListRuns(self.data.epoch));
        effects
    }

    /// What was applied needs no staging any more; whoever waits or failed keeps it.
    fn run_done(&mut self) {
        let Some(live) = &self.runs.live else {
            return;
        };
        let counts = live.counts;
        let whole = counts.applied + counts.already >= live.total && live.stopped.is_none();
        let waiting = live.plan.as_ref().map_or(0, |plan| plan.summary.waiting);
        if live.manner == Manner::Discarded {
            let (tone, words) = match &live.stopped {
                None => (
                    Tone::Plain,
                    format!(
                        "run discarded: {} applied, {} unknown, {} skipped; {} takes back what it did",
                        counts.applied,
                        counts.unknown,
                        counts.skipped + counts.not_applied,
                        self.setup.keymap.key(Action::Revert)
                    ),
                ),
                Some(why) => (
                    Tone::Error,
                    format!(
                        "not discarded yet: {why}; {} on Runs goes on with it",
                        self.setup.keymap.key(Action::Discard)
                    ),
                ),
            };
            self.say(tone, words);
            return;
        }
        if !whole {
            self.say(
                Tone::Error,
                format!(
                    "run over: {} applied, {} not applied, {} unknown, {} skipped",
                    counts.applied, counts.not_applied, counts.unknown, counts.skipped
                ),
            );
            return;
        }
        let reversal = self.plan.reverts().is_some();
        let mine = live
            .plan
            .as_ref()
            .zip(self.plan.plan.as_ref())
            .is_some_and(|(a, b)| Arc::ptr_eq(a, b));
        if mine && !reversal && waiting == 0 && !self.plan.stale {
            let drop: Vec<_> = self
                .stage
                .staging
                .wishes
                .keys()
                .cloned()
                .map(|target| (target, None))
                .collect();
            let edit = StageEdit {
                wishes: drop,
                auto_assign: Some(None),
                allowed: Some(Allowed::default()),
                ..StageEdit::default()
            };
            Arc::make_mut(&mut self.stage.staging).apply(edit);
            Arc::make_mut(&mut self.stage.staging).lookalikes.clear();
            self.stage.generation += 1;
            self.stage.undo.clear();
            self.stage.redo.clear();
            self.roster.marks.clear();
            self.restage();
        }
        let kept = if waiting > 0 {
            format!("; {waiting} still wait for a seat, still staged")
        } else {
            String::new()
        };
        self.say(
            Tone::Plain,
            format!(
                "run over: {} applied, {} already{kept}",
                counts.applied, counts.already
            ),
        );
    }

    /// Whether a run is under way that nobody has to look at.
    pub(super) fn goes_on_alone(&self) -> bool {
        let alone = |live: &Live| live.manner == Manner::Alone && !live.over && !live.stopping;
        self.leaving.is_none() && self.runs.live.as_ref().is_some_and(alone)
    }

    /// Whether the Runs screen shows the run under way.
    pub fn watches_run(&self) -> bool {
        self.screen == Screen::Runs && self.runs.watching && self.runs.live.is_some()
    }
}
