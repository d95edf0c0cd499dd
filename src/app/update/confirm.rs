//! The question before a plan is applied: what was typed ahead, pasted or cannot be read answers
//! nothing, many removals want their number, and what speaks against this machine is said first.

use crossterm::event::KeyCode;
use std::sync::Arc;

use crate::app::actions::Screen;
use crate::app::dialog::{Confirm, Dialog, Seen};
use crate::app::effect::{Approval, Effect};
use crate::app::input::Field;
use crate::app::key::Key;
use crate::app::message::Cautions;
use crate::app::model::{App, Tone};
use crate::app::runs::{Live, Manner};
use crate::app::wrapped::wrap;
use crate::domain::{FindingCode, Plan, Register, Toll, Week, Weight};
use crate::planner::{finality, losses};

/// What a key says to the question.
enum Answer {
    Leave,
    Apply,
    Wrong,
    Heed,
    Unattended,
    Edit,
}

impl App {
    /// Opens the question. Keys already on their way do not answer it.
    pub(super) fn ask_apply(&mut self) -> Vec<Effect> {
        let Some(plan) = self.plan.plan.clone() else {
            return Vec::new();
        };
        let tenant = plan.tenant.id.clone();
        let number = self.typed_number(&plan, &Week::default());
        self.open_dialog(Dialog::Confirm(Box::new(Confirm {
            plan,
            number,
            typed: Field::default(),
            cautions: None,
            heeded: false,
            unattended: false,
        })));
        vec![Effect::Cautions(self.data.epoch, Some(tenant))]
    }

    /// What speaks against this machine is known: from here on it can be read.
    /// Another dialog may have come to lie over the question meanwhile.
    pub(super) fn cautioned(&mut self, cautions: &Cautions) -> Vec<Effect> {
        self.dirty = true;
        let asked = self.dialogs.iter().position(
            |dialog| matches!(dialog, Dialog::Confirm(confirm) if confirm.cautions.is_none()),
        );
        if let Some(Dialog::Confirm(confirm)) = asked.and_then(|at| self.dialogs.get(at)) {
            let plan = Arc::clone(&confirm.plan);
            let number = self.typed_number(&plan, &cautions.week);
            if let Some(Dialog::Confirm(confirm)) = asked.and_then(|at| self.dialogs.get_mut(at)) {
                confirm.cautions = Some(cautions.clone());
                confirm.number = number;
            }
            if matches!(self.dialog(), Some(Dialog::Confirm(_))) {
                let frame = self.frame;
                self.seen = Seen { frame, since: None };
            }
        }
        match self.runs.resuming.take() {
            Some(run) => self.resume_cautioned(run, cautions),
            None => Vec::new(),
        }
    }

    pub(super) fn confirm_key(&mut self, key: Key) -> Vec<Effect> {
        if !self.hears() {
            return Vec::new();
        }
        let fits = self.confirm_fits();
        let Some(Dialog::Confirm(confirm)) = self.dialogs.last_mut() else {
            return Vec::new();
        };
        self.dirty = true;
        match answer(confirm, key) {
            Answer::Leave => {
                self.dialogs.pop();
            }
            Answer::Heed => confirm.heeded = !confirm.heeded,
            Answer::Unattended => confirm.unattended = !confirm.unattended,
            Answer::Edit if confirm.number.is_none() => {}
            Answer::Edit => {
                confirm.typed.key(key);
            }
            Answer::Wrong => self.say(
                Tone::Refusal,
                "that is not the number of removals; type it, or Esc",
            ),
            Answer::Apply if !fits => self.say(
                Tone::Refusal,
                "the terminal is too small to show what would be approved",
            ),
            Answer::Apply if confirm.wants_heed() => self.say(
                Tone::Refusal,
                "the place of the journal is not safe; s says that it is taken into account",
            ),
            Answer::Apply => {
                let (plan, unattended) = (Arc::clone(&confirm.plan), confirm.unattended);
                let agreed = confirm.number.map_or(Weight::Light, |_| Weight::Typed);
                self.dialogs.pop();
                return self.begin_run(plan, unattended, agreed);
            }
        }
        Vec::new()
    }

    /// Whether a key may answer the question on top. After a burst the question begins anew.
    pub(super) fn hears(&mut self) -> bool {
        let hears = self.listens();
        if self.is_burst() {
            self.seen.since = self.seen.since.map(|_| self.now);
        }
        hears
    }

    /// Whether everything that is asked is on screen.
    pub fn confirm_fits(&self) -> bool {
        let more = match self.dialog() {
            Some(Dialog::Confirm(confirm)) => {
                let finals: usize = self.finals(&confirm.plan).iter().map(Vec::len).sum();
                let cautions = confirm.cautions.as_ref().map_or(0, |known| {
                    let room = self.dialog_room();
                    let texts = known.place.iter().chain(&known.clock);
                    let lines: usize = texts.map(|text| wrap(text, room - 2).len()).sum();
                    lines + usize::from(!known.place.is_empty())
                });
                finals + cautions
            }
            _ => 0,
        };
        // As many lines as the question has when it says everything.
        self.shows(11 + more)
    }

    /// What of a plan cannot be taken back, and what can be only with loss, as lines of the question.
    pub fn finals(&self, plan: &Plan) -> [Vec<String>; 2] {
        let room = self.dialog_room();
        [finality(plan), losses(plan)].map(|words| {
            words.map_or_else(Vec::new, |words| wrap(&format!("of them   {words}"), room))
        })
    }

    /// Cells of a line of a dialog.
    pub fn dialog_room(&self) -> usize {
        usize::from(self.layout.width).saturating_sub(10).max(20)
    }

    /// Whether a dialog of so many lines is on screen as a whole: what is not seen is not approved.
    pub(super) fn shows(&self, lines: usize) -> bool {
        self.layout.width >= 60 && usize::from(self.layout.height) >= lines + 5
    }

    /// The number of removals, when so many are planned that it has to be typed.
    fn typed_number(&self, plan: &Plan, week: &Week) -> Option<u64> {
        let register = Register::of(&self.data.snapshot.tenant);
        let toll = Toll::of_plan(plan, week, Some(&register));
        let mut findings = plan.findings.iter();
        let found = findings.any(|finding| finding.code == FindingCode::RemovalGuard);
        let heavy = self.setup.guards.weigh(&toll) != Weight::Light;
        (found || heavy).then_some(toll.removals)
    }

    fn begin_run(&mut self, plan: Arc<Plan>, unattended: bool, agreed: Weight) -> Vec<Effect> {
        let allowed = self.allowed();
        let mut live = Live::new(Some(Arc::clone(&plan)), self.now);
        live.allowed = allowed.clone();
        if unattended {
            live.manner = Manner::Alone;
        }
        self.runs.live = Some(live);
        self.runs.watching = true;
        self.runs.opened = None;
        self.runs.follow = true;
        self.runs.live_list = crate::app::List::default();
        self.go(Screen::Runs);
        let approval = Approval {
            allowed,
            agreed,
            snapshot: Arc::clone(&self.data.snapshot),
            staging: Arc::clone(&self.stage.staging),
        };
        vec![Effect::Apply(plan, Box::new(approval))]
    }
}

/// Letters never belong to a number, so they can mean something beside it.
fn answer(confirm: &Confirm, key: Key) -> Answer {
    let cautioned = confirm.cautions.as_ref();
    let placed = cautioned.is_some_and(|cautions| !cautions.place.is_empty());
    match (key.code, confirm.number) {
        (KeyCode::Esc, _) | (KeyCode::Char('n'), None) => Answer::Leave,
        (KeyCode::Char('s'), _) if placed => Answer::Heed,
        (KeyCode::Char('d'), _) => Answer::Unattended,
        (KeyCode::Char('y'), None) if cautioned.is_some() => Answer::Apply,
        (KeyCode::Enter, Some(number)) if cautioned.is_some() => {
            if confirm.typed.text().trim() == number.to_string() {
                Answer::Apply
            } else {
                Answer::Wrong
            }
        }
        _ => Answer::Edit,
    }
}
