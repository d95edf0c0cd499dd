//! Interrupted runs: offered at the start, resumed, or discarded for good.

use crate::app::actions::{Action, Screen};
use crate::app::dialog::MenuKind;
use crate::app::effect::Effect;
use crate::app::list::List;
use crate::app::menu::{Choice, Item, Menu};
use crate::app::message::Cautions;
use crate::app::model::{App, Tone};
use crate::app::runs::{Live, Manner, can_resume, is_here};
use crate::domain::{Allowed, RunId, RunSummary};

impl App {
    pub(super) fn offer_resume(&mut self) {
        let host = &self.setup.tenant;
        let mut runs = self.runs.runs.iter();
        let Some(run) = runs.find(|run| can_resume(run, host)).cloned() else {
            self.offer_to_end();
            return;
        };
        let counts = run.counts;
        let lead = vec![
            format!(
                "{} of {} done, {} unknown, {} not applied.",
                counts.applied + counts.already,
                counts.total,
                counts.unknown + run.open,
                counts.not_applied
            ),
            "Resuming reads back what had no answer before anything is sent.".to_owned(),
        ];
        let refused = self
            .setup
            .guards
            .read_only
            .then(|| "this profile is read-only".to_owned());
        let items = vec![
            Item::new("later", "6 shows it again", Choice::Nothing).hot('l'),
            Item::new(
                "resume",
                "go on with the same plan",
                Choice::Resume(run.run.clone()),
            )
            .hot('c')
            .refused(refused),
            Item::new(
                "discard",
                "never offer it again",
                Choice::AskDiscard(run.run.clone()),
            )
            .hot('d'),
        ];
        self.open_menu(
            MenuKind::Plain,
            Menu::new("A run was interrupted", items).lead(lead),
        );
    }

    /// A run whose discarding did not come to its end.
    fn offer_to_end(&mut self) {
        let host = &self.setup.tenant;
        let half = |run: &&RunSummary| run.given_up && !run.under_way && is_here(run, host);
        let Some(run) = self.runs.runs.iter().find(half) else {
            return;
        };
        let lead = vec![
            format!("run {}", run.run.show()),
            "It was given up, and that did not come to its end. Nothing is sent.".to_owned(),
        ];
        let items = vec![
            Item::new("later", "6 shows it again", Choice::Nothing).hot('l'),
            Item::new(
                "discard",
                "read back the rest and end it",
                Choice::Discard(run.run.clone()),
            )
            .hot('d'),
        ];
        let menu = Menu::new("A run is being discarded", items).lead(lead);
        self.open_menu(MenuKind::Plain, menu);
    }

    pub(super) fn resume_current(&mut self) -> Vec<Effect> {
        if self.is_burst() {
            return Vec::new();
        }
        match self.runs.current().map(|run| run.run.clone()) {
            Some(run) => self.resume(run),
            None => Vec::new(),
        }
    }

    /// Looks first at what speaks against this machine: a run that goes on sends like any other.
    pub(super) fn resume(&mut self, run: RunId) -> Vec<Effect> {
        if self.runs.is_running() {
            self.say(Tone::Refusal, "a run is under way; one at a time");
            return Vec::new();
        }
        self.runs.resuming = Some(run);
        vec![Effect::Cautions(self.data.epoch, None)]
    }

    /// A bad place for the journal has to be taken into account (F5); a clock is said, and no more.
    pub(super) fn resume_cautioned(&mut self, run: RunId, cautions: &Cautions) -> Vec<Effect> {
        if cautions.place.is_empty() {
            let effects = self.go_on(run);
            if let Some(clock) = &cautions.clock {
                self.say(Tone::Error, clock.clone());
            }
            return effects;
        }
        let all = cautions.place.iter().chain(&cautions.clock);
        let lead = all.map(|text| format!("! {text}"));
        let items = vec![
            Item::new("leave", "it can be resumed later", Choice::Nothing).hot('l'),
            Item::new("go on all the same", "", Choice::GoOn(run)).hot('s'),
        ];
        let menu = Menu::new("Resume this run?", items).lead(lead.collect());
        self.open_menu(MenuKind::Plain, menu);
        Vec::new()
    }

    pub(super) fn go_on(&mut self, run: RunId) -> Vec<Effect> {
        if self.runs.is_running() {
            self.say(Tone::Refusal, "a run is under way; one at a time");
            return Vec::new();
        }
        let allowed = self.approved_with(&run);
        self.watch_again(&run, Manner::Watched);
        if let Some(live) = &mut self.runs.live {
            live.allowed = allowed.clone();
        }
        // The journal tells names and earlier verdicts.
        vec![
            Effect::ReadRun(self.data.epoch, run.clone()),
            Effect::Resume(run, allowed),
        ]
    }

    /// What was allowed when this run was approved here. What is allowed for what is staged now
    /// says nothing about it.
    fn approved_with(&self, run: &RunId) -> Allowed {
        let live = self.runs.live.as_ref();
        let same = live.filter(|live| live.run.as_ref() == Some(run));
        same.map_or_else(Allowed::default, |live| live.allowed.clone())
    }

    /// The run under the cursor, as one that goes on; its plan is told by the journal.
    fn watch_again(&mut self, run: &RunId, manner: Manner) {
        let mut live = Live::new(None, self.now);
        live.run = Some(run.clone());
        live.manner = manner;
        self.runs.live = Some(live);
        self.runs.watching = true;
        self.runs.opened = None;
        self.runs.follow = true;
        self.runs.live_list = List::default();
        self.go(Screen::Runs);
    }

    pub(super) fn ask_discard(&mut self) {
        if let Some(run) = self.runs.current().map(|run| run.run.clone()) {
            self.confirm_discard(&run);
        }
    }

    /// An end that cannot be taken back is asked for.
    pub(super) fn confirm_discard(&mut self, run: &RunId) {
        let known = self.runs.runs.iter().find(|one| one.run == *run);
        let Some(summary) = known else { return };
        let counts = summary.counts;
        let kept = if summary.given_up {
            "this screen shows it again"
        } else {
            "it can be resumed"
        };
        let lead = vec![
            format!("run {}", run.show()),
            format!(
                "{} of {} done; {} without an answer are read back, nothing is sent.",
                counts.applied + counts.already,
                counts.total,
                summary.open
            ),
            "What cannot be told stays unknown. It cannot be resumed after that;".to_owned(),
            format!(
                "{} still takes back what it did.",
                self.setup.keymap.key(Action::Revert)
            ),
        ];
        let items = vec![
            Item::new("keep", kept, Choice::Nothing).hot('k'),
            Item::new(
                "discard",
                "it is over and never offered again",
                Choice::Discard(run.clone()),
            )
            .hot('d'),
        ];
        let menu = Menu::new("Discard this run?", items).lead(lead);
        self.open_menu(MenuKind::Plain, menu);
    }

    pub(super) fn discard(&mut self, run: RunId) -> Vec<Effect> {
        if self.runs.is_running() {
            self.say(Tone::Refusal, "a run is under way; one at a time");
            return Vec::new();
        }
        self.watch_again(&run, Manner::Discarded);
        vec![
            Effect::ReadRun(self.data.epoch, run.clone()),
            Effect::Discard(run),
        ]
    }
}
