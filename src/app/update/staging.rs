//! Staging verbs, and the way back. Every verb makes one edit over all its targets.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::actions::Screen;
use crate::app::effect::Effect;
use crate::app::model::{App, Load, Tone};
use crate::domain::{
    Enabled, Ladder, LicenseWish, RoleId, RowKey, SpaceId, SpaceRole, SpaceWish, StageEdit, Target,
    Wish,
};

/// Edits that can be taken back.
const UNDO_DEPTH: usize = 500;

impl App {
    /// Applies an edit that can be undone.
    pub(super) fn stage(&mut self, what: impl Into<String>, edit: StageEdit) {
        let what = what.into();
        let back = Arc::make_mut(&mut self.stage.staging).apply(edit);
        self.stage.redo.clear();
        self.stage.undo.push((what.clone(), back));
        if self.stage.undo.len() > UNDO_DEPTH {
            self.stage.undo.remove(0);
        }
        self.staged_anew();
        self.say(Tone::Plain, what);
    }

    fn staged_anew(&mut self) {
        self.stage.generation += 1;
        // A reversal is made from a run and not from what is staged.
        self.plan.stale |= self.plan.plan.is_some() && self.plan.reverts().is_none();
        self.restage();
        self.dirty = true;
    }

    /// Works out anew what is pending.
    pub(super) fn restage(&mut self) {
        let snapshot = Arc::clone(&self.data.snapshot);
        let guards = self.setup.guards.allowing(&self.stage.staging.allowed);
        self.derived.stage(&snapshot, &self.stage.staging, &guards);
        if self.screen == Screen::Licenses {
            self.arrange();
        }
        self.inspect();
        if self.screen == Screen::Spaces {
            self.regard();
        }
    }

    pub(super) fn undo(&mut self) {
        if let Some((what, edit)) = self.stage.undo.pop() {
            let joins = !edit.accepted.is_empty();
            let back = Arc::make_mut(&mut self.stage.staging).apply(edit);
            self.stage.redo.push((what.clone(), back));
            self.after_undo(joins, format!("undone: {what}"));
        }
    }

    pub(super) fn redo(&mut self) {
        if let Some((what, edit)) = self.stage.redo.pop() {
            let joins = !edit.accepted.is_empty();
            let back = Arc::make_mut(&mut self.stage.staging).apply(edit);
            self.stage.undo.push((what.clone(), back));
            self.after_undo(joins, format!("done again: {what}"));
        }
    }

    fn after_undo(&mut self, joins: bool, words: String) {
        if joins {
            self.rescope();
        }
        self.staged_anew();
        self.say(Tone::Plain, words);
    }

    /// One edit that changes the wish of every target.
    pub(super) fn edit(&self, change: impl Fn(&mut Wish)) -> StageEdit {
        let wishes = self.targets().into_iter().map(|target| {
            let mut wish = self
                .stage
                .staging
                .wishes
                .get(&target)
                .cloned()
                .unwrap_or_default();
            change(&mut wish);
            (target, Some(wish))
        });
        StageEdit {
            wishes: wishes.collect(),
            ..StageEdit::default()
        }
    }

    /// Stages what takes something away, but for seats of nobody here that another tenant uses.
    fn stage_taking(&mut self, what: String, mut edit: StageEdit) {
        let tenant = &self.data.snapshot.tenant;
        let elsewhere = |target: &Target| match target {
            Target::Row(RowKey::Seat(subject)) => tenant.used_in(subject),
            _ => None,
        };
        let mut targets = edit.wishes.iter();
        let other = targets.find_map(|(target, _)| elsewhere(target));
        let Some(other) = other.map(str::to_owned) else {
            return self.stage(what, edit);
        };
        let before = edit.wishes.len();
        edit.wishes
            .retain(|(target, _)| elsewhere(target).is_none());
        let left = before - edit.wishes.len();
        if edit.wishes.is_empty() {
            let what =
                format!("used in {other}: it is taken back there, from a profile of that tenant");
            return self.say(Tone::Refusal, what);
        }
        self.stage(format!("{what}; {left} used in {other} left out"), edit);
    }

    /// Members of the target groups have to be known before anything about them can be said.
    pub(super) fn read_targets(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        for target in self.targets() {
            match target {
                Target::Group(group) => effects.extend(self.read_members(group)),
                Target::AllPeople => {
                    if !self.data.snapshot.directory.people.proof.is_proven() {
                        effects.extend(self.load(Load::People(crate::app::PeopleWish::All)));
                    }
                }
                Target::Set(set) => effects.extend(self.read_set(&set)),
                Target::QlikGroup(group) => effects.extend(self.read_qlik_group(&group)),
                Target::Row(_) => {}
            }
        }
        effects
    }

    pub(super) fn provision(&mut self) -> Vec<Effect> {
        let words = self.targets_words();
        let disabled = self.disabled_targets();
        let edit = self.edit(|wish| {
            wish.provision = true;
            wish.ladder = None;
        });
        self.stage(format!("user record for {words}{disabled}"), edit);
        self.read_targets()
    }

    /// How many of the marked rows are disabled in the directory, as the end of a sentence.
    fn disabled_targets(&self) -> String {
        let keys: BTreeSet<RowKey> = self
            .targets()
            .into_iter()
            .filter_map(|target| match target {
                Target::Row(key) => Some(key),
                Target::Group(_) | Target::AllPeople | Target::Set(_) | Target::QlikGroup(_) => {
                    None
                }
            })
            .collect();
        let review = self.licenses.review();
        let held = review.into_iter().flat_map(|review| review.rows.values());
        let held = held.filter(|_| self.screen == Screen::Licenses);
        let rows = self.derived.rows.iter();
        let rows = rows.filter(|_| self.screen != Screen::Licenses);
        let disabled = rows.chain(held).filter(|row| {
            keys.contains(&row.key)
                && row
                    .person
                    .as_ref()
                    .is_some_and(|p| p.enabled == Enabled::No)
        });
        match disabled.count() {
            0 => String::new(),
            count => format!("; {count} disabled in the directory will be skipped"),
        }
    }

    pub(super) fn stage_license(&mut self, license: Option<&LicenseWish>) -> Vec<Effect> {
        let words = self.targets_words();
        let what = match license {
            Some(LicenseWish::Hold(kind)) => format!("license {} for {words}", kind.show()),
            Some(LicenseWish::Move) => format!("license of {words} moved from an older subject"),
            Some(LicenseWish::TakeBack) => format!("license of {words} taken back"),
            None => format!("no license change for {words}"),
        };
        // Nobody is skipped of whom something is only taken.
        let disabled = match license {
            Some(LicenseWish::Hold(_)) => self.disabled_targets(),
            _ => String::new(),
        };
        let edit = self.edit(|wish| {
            wish.license = license.cloned();
            if matches!(license, Some(LicenseWish::Hold(_))) {
                wish.ladder = None;
            }
        });
        if license == Some(&LicenseWish::TakeBack) {
            self.stage_taking(what + &disabled, edit);
        } else {
            self.stage(what + &disabled, edit);
        }
        self.read_targets()
    }

    pub(super) fn stage_spaces(
        &mut self,
        spaces: &[SpaceId],
        roles: &BTreeSet<SpaceRole>,
    ) -> Vec<Effect> {
        let legal: Vec<(SpaceId, BTreeSet<SpaceRole>)> = spaces
            .iter()
            .filter_map(|id| {
                let known = &self.data.snapshot.tenant.spaces.value;
                let space = known.iter().find(|space| space.id == *id)?;
                let legal = roles
                    .iter()
                    .filter(|role| space.assignable_roles.contains(role));
                Some((id.clone(), legal.cloned().collect()))
            })
            .collect();
        let (given, refused): (Vec<_>, Vec<_>) =
            legal.into_iter().partition(|(_, roles)| !roles.is_empty());
        let names: Vec<String> = roles.iter().map(|role| role.show().to_string()).collect();
        let words = self.targets_words();
        let edit = self.edit(|wish| {
            for (space, roles) in &given {
                wish.spaces
                    .insert(space.clone(), SpaceWish::Add(roles.clone()));
            }
            wish.ladder = None;
        });
        let left_out = match refused.len() {
            0 => String::new(),
            count => format!("; not legal in {count} of them, which are left out"),
        };
        let what = format!(
            "{} in {} for {words}{left_out}",
            names.join(", "),
            self.spaces_words(spaces)
        );
        self.stage(what, edit);
        self.read_targets()
    }

    pub(super) fn stage_space_removal(&mut self, spaces: &[SpaceId]) -> Vec<Effect> {
        let words = self.targets_words();
        let edit = self.edit(|wish| {
            for space in spaces {
                wish.spaces.insert(space.clone(), SpaceWish::Remove);
            }
        });
        self.stage(
            format!("{words} out of {}", self.spaces_words(spaces)),
            edit,
        );
        self.read_targets()
    }

    pub(super) fn spaces_words(&self, spaces: &[SpaceId]) -> String {
        match spaces {
            [one] => self.space_name(one),
            several => format!("{} spaces", several.len()),
        }
    }

    pub(super) fn stage_roles(&mut self, roles: &BTreeSet<RoleId>) -> Vec<Effect> {
        let words = self.targets_words();
        let edit = self.edit(|wish| {
            wish.roles.clone_from(roles);
            wish.ladder = None;
        });
        self.stage(format!("{} tenant role(s) for {words}", roles.len()), edit);
        self.read_targets()
    }

    pub(super) fn stage_ladder(&mut self, ladder: Option<Ladder>) -> Vec<Effect> {
        let words = self.targets_words();
        let what = match ladder {
            Some(Ladder::TakeLicense) => "take the license of",
            Some(Ladder::StripSpaces) => "take license and direct spaces of",
            Some(Ladder::Disable) => "take license and spaces of, and disable,",
            Some(Ladder::Delete) => "take everything of, and DELETE,",
            None => "no deprovisioning of",
        };
        let edit = self.edit(|wish| {
            *wish = Wish {
                ladder,
                ..Wish::default()
            }
        });
        let what = format!("{what} {words}");
        if ladder.is_some() {
            self.stage_taking(what, edit);
        } else {
            self.stage(what, edit);
        }
        self.read_targets()
    }
}
