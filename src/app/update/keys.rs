//! A key on its way to an action: dialogs first, then a filter being typed, then the table.

use std::time::Duration;

use crossterm::event::KeyCode;

use crate::app::actions::{Action, Screen};
use crate::app::chosen::Part;
use crate::app::effect::Effect;
use crate::app::key::Key;
use crate::app::list::Step;
use crate::app::model::{App, Tone};
use crate::app::roster::Pane;

/// More keys than this ...
const BURST: usize = 20;
/// ... within this time are no typing (reliability G5).
const BURST_SPAN: Duration = Duration::from_millis(50);

impl App {
    pub(super) fn key(&mut self, key: Key) -> Vec<Effect> {
        self.note_key();
        if self.status.take().is_some() {
            self.dirty = true;
        }
        if self.dialogs.is_empty() {
            self.aimed = None;
        }
        let bound = self.setup.keymap.action(key, self.screen);
        if let Some(action @ (Action::Stop | Action::Redraw | Action::Suspend)) =
            bound.filter(|_| key.is_chord())
        {
            return self.act(action);
        }
        if self.layout.tiny {
            return self.tiny_key(key);
        }
        if !self.dialogs.is_empty() {
            return self.dialog_key(key);
        }
        if self.screen == Screen::Roster && (self.roster.typing || self.roster.tree.typing) {
            return self.filter_key(key);
        }
        if self.screen == Screen::Licenses && self.licenses.typing {
            return self.licenses_filter_key(key);
        }
        if self.screen == Screen::Spaces && self.spaces.typing {
            return self.space_filter_key(key);
        }
        match self.setup.keymap.action(key, self.screen) {
            Some(action) => self.act(action),
            None => Vec::new(),
        }
    }

    /// Does an action, or says why it cannot be done.
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        if !moves(action) {
            self.settle();
        }
        if let Err(why) = (action.spec().applies)(self) {
            self.say(Tone::Refusal, why);
            return Vec::new();
        }
        self.perform(action)
    }

    fn perform(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::ScreenRoster => self.go(Screen::Roster),
            Action::ScreenPlan => self.go(Screen::Plan),
            Action::ScreenRuns => return self.show_runs(),
            Action::ScreenLicenses => self.show_licenses(),
            Action::ScreenSpaces => self.show_spaces(),
            Action::ScreenRules => {}
            Action::NextPane => self.focus(self.pane().next()),
            Action::PreviousPane => self.focus(self.pane().previous()),
            Action::Up => self.step(Step::Up),
            Action::Down => self.step(Step::Down),
            Action::PageUp => self.step(Step::PageUp),
            Action::PageDown => self.step(Step::PageDown),
            Action::Home => self.step(Step::Home),
            Action::End => self.step(Step::End),
            Action::Left => self.sideways(false),
            Action::Right => return self.right(),
            Action::Mark => return self.mark(),
            Action::AlsoIn => return self.narrow(Part::Also),
            Action::NotIn => return self.narrow(Part::Not),
            Action::Range => self.range(),
            Action::MarkAll => self.mark_all(),
            Action::SpaceRoles => self.pick_seat_roles(),
            Action::PutIn => self.pick_whom(),
            Action::TakeOut => return self.take_out(),
            Action::ReadAll => self.read_all_spaces(),
            Action::License => self.pick_license(),
            Action::Spaces => self.pick_spaces(),
            Action::Provision => return self.provision(),
            Action::Deprovision => self.pick_ladder(),
            Action::Roles => self.pick_roles(),
            Action::Short => self.pick_short(),
            Action::SamePerson => self.accept_candidates(),
            Action::Subjects => self.show_subjects(),
            Action::Check => return self.check_selection(),
            Action::LastUse => self.ask_look(),
            Action::AutoAssign => self.pick_switches(),
            Action::Drop => return self.drop_staged(),
            Action::Undo => self.undo(),
            Action::Redo => self.redo(),
            Action::Plan => return self.want_plan(),
            Action::Apply => return self.ask_apply(),
            Action::SavePlan => return self.save_plan(),
            Action::GroupBy => self.group_by(),
            Action::Decide => self.next_decision(),
            Action::Hold => return self.hold_removals(),
            Action::Resume => return self.resume_current(),
            Action::Revert => return self.revert_chosen(),
            Action::Discard => self.ask_discard(),
            Action::Stop => return self.stop_run(),
            Action::Filter => self.begin_filter(),
            Action::Presets => self.pick_preset(),
            Action::Sort => self.pick_sort(),
            Action::Open => return self.open(),
            Action::Close => return self.close(),
            Action::List => self.begin_list(),
            Action::Refresh => return self.refresh(),
            Action::Copy => self.pick_copy(),
            Action::Export => self.pick_export(),
            Action::Redraw => {
                self.dirty = true;
                return vec![Effect::Redraw];
            }
            Action::Suspend => return vec![Effect::Suspend],
            Action::Help => self.show_help(),
            Action::Palette => self.show_palette(),
            Action::Quit => return self.quit(),
        }
        Vec::new()
    }

    fn refresh(&mut self) -> Vec<Effect> {
        self.say(Tone::Plain, "reading directory and tenant again");
        self.load_all()
    }

    /// What cannot be read cannot be answered; a dialog can only be left.
    fn tiny_key(&mut self, key: Key) -> Vec<Effect> {
        if key.code == KeyCode::Esc {
            self.close_dialog();
            return Vec::new();
        }
        match self.setup.keymap.action(key, self.screen) {
            Some(action @ (Action::Stop | Action::Quit)) if self.dialogs.is_empty() => {
                if action == Action::Quit
                    && self.stage.staging.is_empty()
                    && self.accepted() == 0
                    && !self.runs.is_running()
                {
                    return self.leave(0);
                }
                self.act(action)
            }
            _ => Vec::new(),
        }
    }

    fn note_key(&mut self) {
        self.recent.push_back(self.now);
        while self.recent.len() > BURST + 1 {
            self.recent.pop_front();
        }
    }

    /// Whether the last keys came faster than anybody types.
    pub(in crate::app) fn is_burst(&self) -> bool {
        self.recent.len() > BURST
            && self
                .recent
                .front()
                .is_some_and(|first| self.now.saturating_sub(*first) < BURST_SPAN)
    }

    pub(super) fn paste(&mut self, text: &str) -> Vec<Effect> {
        if !self.dialogs.is_empty() {
            self.dialog_paste(text);
        } else if self.screen == Screen::Licenses && self.licenses.typing {
            self.licenses.filter.paste(text);
            self.read_licenses_filter();
        } else if self.screen == Screen::Spaces && self.spaces.typing {
            self.space_filter_paste(text);
        } else if self.roster.typing {
            self.roster.filter.paste(text);
            self.read_filter();
        } else if self.roster.tree.typing {
            self.roster.tree.filter.paste(text);
            self.rebuild_tree();
        } else {
            let key = |action| self.setup.keymap.key(action);
            let why = format!(
                "a paste does nothing here; {} on Roster takes a list of e-mails, {} a filter",
                key(Action::List),
                key(Action::Filter)
            );
            self.say(Tone::Refusal, why);
        }
        self.dirty = true;
        Vec::new()
    }

    fn filter_key(&mut self, key: Key) -> Vec<Effect> {
        let groups = self.roster.tree.typing;
        self.dirty = true;
        match key.code {
            KeyCode::Esc => self.end_filter(groups, false),
            KeyCode::Enter if !groups && self.roster.asked.trouble().is_some() => {
                let trouble = self.roster.asked.trouble().unwrap_or_default().to_owned();
                self.say(Tone::Refusal, trouble);
            }
            KeyCode::Enter => {
                self.end_filter(groups, true);
                if !groups {
                    return self.find_in_directory();
                }
            }
            KeyCode::Up => self.step(Step::Up),
            KeyCode::Down => self.step(Step::Down),
            KeyCode::PageUp => self.step(Step::PageUp),
            KeyCode::PageDown => self.step(Step::PageDown),
            KeyCode::Tab => {
                self.end_filter(groups, true);
                return self.act(Action::NextPane);
            }
            _ if groups => {
                if self.roster.tree.filter.key(key) {
                    self.rebuild_tree();
                    self.roster
                        .tree
                        .list
                        .select(0, self.roster.tree.lines.len());
                }
            }
            _ => {
                if self.roster.filter.key(key) {
                    self.read_filter();
                    self.roster.list.select(0, self.roster.shown.len());
                }
            }
        }
        Vec::new()
    }

    /// The pane that has the keys.
    pub(in crate::app) fn pane(&self) -> Pane {
        if self.screen == Screen::Spaces {
            self.spaces.pane
        } else {
            self.roster.pane
        }
    }

    pub(super) fn focus(&mut self, pane: Pane) {
        if self.screen == Screen::Spaces {
            self.spaces.pane = pane;
            self.spaces.range = None;
        } else {
            self.roster.pane = pane;
        }
        self.arrange();
        self.dirty = true;
    }

    pub(super) fn sideways(&mut self, right: bool) {
        let on_roster = self.screen == Screen::Roster;
        if on_roster && self.roster.pane == Pane::Groups && self.fold(right) {
            return;
        }
        let pane = match (self.pane(), right) {
            (Pane::Groups, true) | (Pane::Detail, false) => Pane::People,
            (Pane::People, true) => Pane::Detail,
            (Pane::People, false) => Pane::Groups,
            (same, _) => same,
        };
        self.focus(pane);
    }
}

/// Actions during which the inspector may lag behind.
fn moves(action: Action) -> bool {
    matches!(
        action,
        Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::Home | Action::End
    )
}
