//! What a choice from a menu does.

use std::collections::BTreeSet;

use crate::app::dialog::{Dialog, MenuKind};
use crate::app::effect::Effect;
use crate::app::menu::{Choice, Menu, Switch};
use crate::app::model::{App, Load, Tone};
use crate::domain::{SpaceId, SpaceRole, StageEdit};
use crate::text::width;

impl App {
    /// `Enter` (or a key of its own) on the menu on top.
    pub(super) fn choose(&mut self) -> Vec<Effect> {
        let (kind, menu) = match self.dialogs.last() {
            Some(Dialog::Menu(kind, menu)) => (kind.clone(), menu.clone()),
            Some(Dialog::About(_, menu)) => (MenuKind::Plain, menu.clone()),
            _ => return Vec::new(),
        };
        let Some(current) = menu.current() else {
            return Vec::new();
        };
        if let Some(why) = &current.refused {
            // What is long stands beside the entry in full; once is enough.
            let room = usize::from(self.layout.width).saturating_sub(12);
            let text = if width(why) > room {
                "this cannot be chosen now, as it says beside it".to_owned()
            } else {
                why.clone()
            };
            self.say(Tone::Refusal, text);
            return Vec::new();
        }
        let choice = current.choice.clone();
        // A key that was meant for something else must neither send nor decide.
        let decides = matches!(
            choice,
            Choice::Resume(_) | Choice::GoOn(_) | Choice::Discard(_) | Choice::Decide(..)
        );
        if decides && !self.hears() {
            return Vec::new();
        }
        let lines = menu.lead.len() + menu.items.len();
        let binds = decides && !matches!(choice, Choice::Resume(_));
        if binds && !self.shows(lines) {
            self.say(
                Tone::Refusal,
                "the terminal is too small to show what would be decided",
            );
            return Vec::new();
        }
        self.close_dialog();
        match kind {
            MenuKind::Spaces => self.chose_spaces(&menu),
            MenuKind::SpaceRoles(spaces) => self.chose_space_roles(&spaces, &menu),
            MenuKind::SeatRoles(keys) => {
                self.chose_seat_roles(&keys, &menu);
                Vec::new()
            }
            MenuKind::Roles => {
                let roles = menu
                    .chosen()
                    .into_iter()
                    .filter_map(|item| match &item.choice {
                        Choice::Role(id) => Some(id.clone()),
                        _ => None,
                    });
                let roles = roles.collect();
                self.stage_roles(&roles)
            }
            MenuKind::Plain
            | MenuKind::Check
            | MenuKind::GroupsOf(_)
            | MenuKind::Palette
            | MenuKind::Quit => self.chose(choice),
        }
    }

    fn chose_spaces(&mut self, menu: &Menu) -> Vec<Effect> {
        let spaces: Vec<SpaceId> = menu
            .chosen()
            .into_iter()
            .filter_map(|item| match &item.choice {
                Choice::Space(id) => Some(id.clone()),
                _ => None,
            })
            .collect();
        if spaces.is_empty() {
            return Vec::new();
        }
        let effects = self.read_assignments(&spaces);
        self.pick_space_roles(spaces);
        effects
    }

    /// Reads who is assigned in these spaces, in the background.
    pub(super) fn read_assignments(&mut self, spaces: &[SpaceId]) -> Vec<Effect> {
        let known = &self.data.snapshot.tenant.assignments;
        let unread: Vec<SpaceId> = spaces
            .iter()
            .filter(|id| {
                !known
                    .get(id)
                    .is_some_and(|reading| reading.proof.is_proven())
            })
            .cloned()
            .collect();
        unread
            .into_iter()
            .filter_map(|id| self.load(Load::Assignments(id)))
            .collect()
    }

    fn chose_space_roles(&mut self, spaces: &[SpaceId], menu: &Menu) -> Vec<Effect> {
        let chosen = menu.chosen();
        if chosen.iter().any(|item| item.choice == Choice::SpaceRemove) {
            return self.stage_space_removal(spaces);
        }
        let roles: BTreeSet<SpaceRole> = chosen
            .into_iter()
            .filter_map(|item| match &item.choice {
                Choice::SpaceRole(role) => Some(role.clone()),
                _ => None,
            })
            .collect();
        let effects = self.stage_spaces(spaces, &roles);
        self.offer_nearest(spaces, &roles);
        effects
    }

    fn chose(&mut self, choice: Choice) -> Vec<Effect> {
        match choice {
            Choice::License(wish) => return self.stage_license(wish.as_ref()),
            Choice::Ladder(rung) => return self.stage_ladder(rung),
            Choice::Preset(preset) => {
                self.roster.preset = Some(preset);
                self.refilter(None);
                self.inspect();
            }
            Choice::Sort(sort) => {
                self.roster.sort = sort;
                self.reorder();
                self.inspect();
            }
            Choice::Pick(pick) => self.pick_holders(pick),
            Choice::Idle(days) => self.idle_holders(days),
            Choice::SeatSort(sort) => self.resort_holders(sort),
            Choice::Mend(rows, action) => return self.mend(rows, action),
            Choice::LookAtUse => return self.look_at_use(),
            Choice::ToLicenses(pick) => {
                self.show_licenses();
                // A filter of before would hide whom one came for, and marks of before would be meant.
                self.licenses.marks.clear();
                self.licenses.filter = crate::app::Field::default();
                self.read_licenses_filter();
                self.pick_holders(Some(pick));
            }
            Choice::Short(short) => {
                let what = "who does not fit: choice staged";
                self.stage(
                    what,
                    StageEdit {
                        short: Some(short),
                        ..StageEdit::default()
                    },
                );
            }
            Choice::Accept(person, user) => {
                self.accept(
                    vec![(person, Some(user))],
                    "accepted as the same person".to_owned(),
                );
            }
            Choice::AcceptAll(pairs) => self.accept_all(pairs),
            Choice::Unaccept(person) => {
                self.accept(
                    vec![(person, None)],
                    "no longer taken for the same person".to_owned(),
                );
            }
            Choice::Records(key) => self.show_records(&key),
            Choice::Groups(person) => return self.pick_groups(&person),
            Choice::Walk(person, way) => return self.walk(person, &way),
            Choice::Whom(whom) => return self.chose_whom(whom),
            Choice::Seating(all) => return self.stage_seating(&all),
            Choice::Nearest(spaces, role) => return self.stage_nearest(&spaces, &role),
            Choice::Access(user) => self.show_access(&user),
            Choice::Switch(switch) => self.flip(switch),
            Choice::Run(action) => return self.act(action),
            Choice::Copy(text) => return vec![Effect::Copy(text)],
            Choice::Export(format) => return self.export(format),
            Choice::Resume(run) => return self.resume(run),
            Choice::GoOn(run) => return self.go_on(run),
            Choice::AskDiscard(run) => self.confirm_discard(&run),
            Choice::Discard(run) => return self.discard(run),
            Choice::Decide(decision, yes) => return self.decide(decision, yes),
            // A run that is left before its end is only part of what was approved.
            Choice::Quit => return self.leave(if self.runs.is_running() { 3 } else { 0 }),
            Choice::Nothing
            | Choice::Space(_)
            | Choice::SpaceRole(_)
            | Choice::SpaceRemove
            | Choice::Role(_) => {}
        }
        Vec::new()
    }

    fn flip(&mut self, switch: Switch) {
        let now = self
            .data
            .snapshot
            .tenant
            .licensing
            .value
            .auto_assign
            .unwrap_or_default();
        let mut wish = self.stage.staging.auto_assign.unwrap_or(now);
        let (name, on) = match switch {
            Switch::Professional => ("professional", &mut wish.professional),
            Switch::Analyzer => ("analyzer", &mut wish.analyzer),
        };
        *on = !*on;
        let what = format!("automatic {name}: {}", if *on { "on" } else { "off" });
        let staged = (wish != now).then_some(wish);
        self.stage(
            what,
            StageEdit {
                auto_assign: Some(staged),
                ..StageEdit::default()
            },
        );
    }
}
