//! Decisions about findings of a plan, each about one thing and by one answer: a name that looks
//! like another's, an administrator, the size of a source, how many removals may pass. There is no
//! way to give several at once, and what was pasted or typed ahead answers none.

use crossterm::event::KeyCode;

use crate::app::actions::Action;
use crate::app::dialog::{Dialog, Number};
use crate::app::effect::Effect;
use crate::app::input::Field;
use crate::app::key::Key;
use crate::app::menu::{Choice, Item, Menu};
use crate::app::model::{App, Tone};
use crate::app::wrapped::wrap;
use crate::domain::{Allowed, Decision, Finding, Severity, StageEdit};

impl App {
    /// Goes to the next finding that waits for a decision, and asks about it.
    pub(super) fn next_decision(&mut self) {
        if let Some(place) = self.plan.next_decision() {
            self.plan.list.select(place, self.plan.lines.len());
            self.dirty = true;
            self.explain_line();
        }
    }

    /// Leaves the removals out, or takes them in again.
    pub(super) fn hold_removals(&mut self) -> Vec<Effect> {
        let held = self.stage.staging.allowed.hold_removals;
        self.hold(!held)
    }

    fn hold(&mut self, hold: bool) -> Vec<Effect> {
        let what = if hold {
            "removals held: the rest is planned"
        } else {
            "removals are taken in again"
        };
        self.allow(what, |allowed| {
            allowed.hold_removals = hold;
            allowed.removals = None;
        })
    }

    /// What somebody has to decide about a finding, as a question.
    pub(super) fn decision(finding: &Finding) -> Option<Menu> {
        let decision = finding.decision.clone()?;
        let (title, no, yes) = words(&decision, finding.severity == Severity::Error);
        let answer = |text: Answered, decided| {
            let choice = match decided {
                Some(yes) => Choice::Decide(decision.clone(), yes),
                None => Choice::Nothing,
            };
            Item::new(text.0, text.2, choice).hot(text.1)
        };
        let is_confirmed = matches!(decision, Decision::LookAlike(_)) && finding.is_settled();
        let mut items = vec![
            answer(no, None),
            answer(yes, Some(!is_confirmed && decision != Decision::Held)),
        ];
        if let Decision::Removals { rest: 1.., .. } = decision {
            let hold = Choice::Decide(Decision::Held, true);
            let item = Item::new("hold them", "plan the rest without the removals", hold);
            items.insert(1, item.hot('h'));
        }
        let lead = [finding.who.show(), finding.text.show(), finding.hint.show()];
        let lead = lead.iter().map(ToString::to_string).collect();
        Some(Menu::new(title, items).lead(lead))
    }

    /// Does what was decided, and plans anew.
    pub(super) fn decide(&mut self, decision: Decision, yes: bool) -> Vec<Effect> {
        match decision {
            Decision::LookAlike(subject) => {
                let what = format!(
                    "{} {}",
                    subject.show(),
                    if yes {
                        "confirmed: it is the person meant"
                    } else {
                        "is not confirmed any more"
                    }
                );
                let edit = StageEdit {
                    lookalikes: vec![(subject, yes)],
                    ..StageEdit::default()
                };
                self.stage(what, edit);
                self.act(Action::Plan)
            }
            Decision::Admin(subject) => {
                let what = format!("allowed: something may be taken from {}", subject.show());
                self.allow(what, |allowed| {
                    allowed.admins.insert(subject);
                })
            }
            Decision::Size { name, count } => {
                let what = format!("confirmed: {} holds {count}", name.show());
                self.allow(what, |allowed| {
                    allowed.sizes.insert((name.expose().to_owned(), count));
                })
            }
            Decision::Removals { number, .. }
            | Decision::Unproven { number }
            | Decision::Orphans { number } => {
                self.ask_number(number, decision);
                Vec::new()
            }
            Decision::Held => self.hold(yes),
            Decision::Include(subject) => {
                let Some(run) = self.plan.reverts().cloned() else {
                    return Vec::new();
                };
                let mut include = std::mem::take(&mut self.plan.include);
                include.push(subject.raw().clone());
                self.revert(run, include)
            }
        }
    }

    /// One edit of what is allowed, which can be undone; then the plan is built anew.
    fn allow(&mut self, what: impl Into<String>, change: impl FnOnce(&mut Allowed)) -> Vec<Effect> {
        let mut allowed = self.stage.staging.allowed.clone();
        change(&mut allowed);
        let edit = StageEdit {
            allowed: Some(allowed),
            ..StageEdit::default()
        };
        self.stage(what, edit);
        self.act(Action::Plan)
    }

    fn ask_number(&mut self, number: u64, decision: Decision) {
        let Some(plan) = self.plan.plan.as_deref() else {
            return;
        };
        let room = self.dialog_room();
        let guard = plan
            .findings
            .iter()
            .find(|one| one.decision.as_ref() == Some(&decision));
        let lines = guard.map_or_else(Vec::new, |guard| wrap(guard.text.show().as_str(), room));
        self.open_dialog(Dialog::Number(Box::new(Number {
            lines,
            wanted: number,
            typed: Field::default(),
            decision,
        })));
    }

    pub(super) fn number_key(&mut self, key: Key) -> Vec<Effect> {
        if !self.hears() {
            return Vec::new();
        }
        let lines = match self.dialogs.last() {
            Some(Dialog::Number(asked)) => asked.lines.len() + 3,
            _ => 0,
        };
        let fits = self.shows(lines);
        let Some(Dialog::Number(asked)) = self.dialogs.last_mut() else {
            return Vec::new();
        };
        self.dirty = true;
        match key.code {
            KeyCode::Esc => {
                self.dialogs.pop();
            }
            KeyCode::Enter if !fits => self.say(
                Tone::Refusal,
                "the terminal is too small to show what would be decided",
            ),
            KeyCode::Enter if asked.typed.text().trim() == asked.wanted.to_string() => {
                let (number, decision) = (asked.wanted, asked.decision.clone());
                self.dialogs.pop();
                return self.let_pass(number, &decision);
            }
            KeyCode::Enter => {
                let what = format!("that is not the number of {}; type it, or Esc", asked.of());
                self.say(Tone::Refusal, what);
            }
            _ => {
                asked.typed.key(key);
            }
        }
        Vec::new()
    }

    fn let_pass(&mut self, number: u64, decision: &Decision) -> Vec<Effect> {
        match decision {
            Decision::Unproven { .. } => {
                let what = format!("exactly {number} people may get a subject that is not proven");
                self.allow(what, |allowed| allowed.unproven = Some(number))
            }
            Decision::Orphans { .. } => {
                let what = format!("exactly {number} seats of nobody here may be taken back");
                self.allow(what, |allowed| allowed.orphans = Some(number))
            }
            _ => self.release(number),
        }
    }

    /// Exactly so many removals may pass the limit; one more or less stops again.
    fn release(&mut self, number: u64) -> Vec<Effect> {
        if let Some(run) = self.plan.reverts().cloned() {
            self.plan.released = Some(number);
            let include = self.plan.include.clone();
            return self.revert(run, include);
        }
        self.allow(format!("exactly {number} removals may pass"), |allowed| {
            allowed.removals = Some(number);
            allowed.hold_removals = false;
        })
    }

    /// What is allowed for the plan that is shown: a reversal is not made of what is staged.
    pub(super) fn allowed(&self) -> Allowed {
        if self.plan.reverts().is_none() {
            return self.stage.staging.allowed.clone();
        }
        Allowed {
            removals: self.plan.released,
            ..Allowed::default()
        }
    }
}

/// Text, key, and what it means.
type Answered = (&'static str, char, &'static str);

/// Title, the answer that leaves things as they are, and the other one.
fn words(decision: &Decision, open: bool) -> (&'static str, Answered, Answered) {
    match decision {
        Decision::LookAlike(_) if open => (
            "Is it the person meant?",
            ("not sure", 'n', "the plan stays as it is"),
            ("yes, this one", 'y', "confirmed, for this person only"),
        ),
        Decision::LookAlike(_) => (
            "Confirmed singly",
            ("keep", 'k', ""),
            ("take back", 't', "it is not the person meant"),
        ),
        Decision::Admin(_) => (
            "Take something from this administrator?",
            ("leave", 'l', "nothing is taken"),
            (
                "allow",
                'y',
                "for this one; two administrators are left all the same",
            ),
        ),
        Decision::Size { .. } => (
            "Is the source right?",
            ("not sure", 'n', "nothing is taken away"),
            ("yes, it is so", 'y', "removals count again"),
        ),
        Decision::Removals { .. } => (
            "A guard stopped this plan",
            ("leave", 'l', "nothing of it is done"),
            (
                "let them pass",
                'x',
                "exactly this number, which is typed next",
            ),
        ),
        Decision::Unproven { .. } => (
            "Is the subject template right?",
            ("leave", 'l', "nothing of this plan is done"),
            (
                "it is right",
                'x',
                "for exactly this number of people, which is typed next",
            ),
        ),
        Decision::Orphans { .. } => (
            "Take seats back that another tenant may use?",
            (
                "leave",
                'l',
                "nothing is taken from subjects that are no users here",
            ),
            ("take them", 'x', "exactly this number, which is typed next"),
        ),
        Decision::Held => (
            "Removals are held",
            ("keep them held", 'k', "they are in no plan"),
            ("take them in", 't', "the limits count again"),
        ),
        Decision::Include(_) => (
            "Held for a decision",
            ("leave out", 'l', "nothing is taken from them"),
            (
                "include",
                'i',
                "take it back all the same; the reversal is made again",
            ),
        ),
    }
}
