//! What speaks against roles before they are staged: a space does not take them, or a license makes
//! nothing of them. The nearest legal ones are offered.

use std::collections::{BTreeMap, BTreeSet};

use super::seating::{cut, illegal_line};
use crate::app::dialog::MenuKind;
use crate::app::effect::Effect;
use crate::app::menu::{Choice, Item, Menu};
use crate::app::model::App;
use crate::domain::{
    LicenseType, PersonId, Row, RowKey, Space, SpaceId, SpaceRole, SpaceWish, Target,
};
use crate::planner::{LicenseChange, nearest_roles};

/// People looked at, so that a menu opens at once; a larger group is judged by its plan.
const LOOKED_AT: usize = 20_000;

impl App {
    /// Offers, for spaces that take none of these roles, the nearest that they do take.
    pub(super) fn offer_nearest(&mut self, spaces: &[SpaceId], roles: &BTreeSet<SpaceRole>) {
        let mut lines = Vec::new();
        let mut offers: BTreeMap<SpaceRole, Vec<SpaceId>> = BTreeMap::new();
        let known = spaces.iter().filter_map(|id| self.space(id));
        let mut refusing: Vec<&Space> = known
            .filter(|space| {
                roles
                    .iter()
                    .any(|role| !space.assignable_roles.contains(role))
            })
            .collect();
        refusing.sort_by_cached_key(|space| (space.name.key(), space.id.clone()));
        for space in &refusing {
            for role in roles
                .iter()
                .filter(|role| !space.assignable_roles.contains(role))
            {
                let near = nearest_roles(space, role);
                lines.push(illegal_line(space, role, &near));
                for offer in near {
                    offers.entry(offer).or_default().push(space.id.clone());
                }
            }
        }
        if refusing.is_empty() {
            return;
        }
        let none = "nothing is staged there";
        let mut items = vec![Item::new("leave them out", none, Choice::Nothing).hot('x')];
        let most = |(_, spaces): &(SpaceRole, Vec<SpaceId>)| std::cmp::Reverse(spaces.len());
        let mut offers: Vec<(SpaceRole, Vec<SpaceId>)> = offers.into_iter().collect();
        offers.sort_by_key(most);
        items.extend(offers.into_iter().map(|(role, spaces)| {
            let note = format!("in {} of them instead", spaces.len());
            let text = role.show().to_string();
            Item::new(text, note, Choice::Nearest(spaces, role))
        }));
        let title = format!("Not legal in {} of {} spaces", refusing.len(), spaces.len());
        let room = usize::from(self.layout.height)
            .saturating_sub(items.len() + 7)
            .max(2);
        let menu = Menu::new(title, items).lead(cut(lines, room));
        self.open_menu(MenuKind::Plain, menu);
    }

    /// Stages this role too, in these spaces.
    pub(super) fn stage_nearest(&mut self, spaces: &[SpaceId], role: &SpaceRole) -> Vec<Effect> {
        let what = format!(
            "{} in {} for {}",
            role.show(),
            self.spaces_words(spaces),
            self.targets_words()
        );
        let edit = self.edit(|wish| {
            for space in spaces {
                let mut roles = match wish.spaces.get(space) {
                    Some(SpaceWish::Add(roles)) => roles.clone(),
                    _ => BTreeSet::new(),
                };
                roles.insert(role.clone());
                wish.spaces.insert(space.clone(), SpaceWish::Add(roles));
            }
        });
        self.stage(what, edit);
        self.read_targets()
    }

    /// How many of those behind the targets have an analyzer license, now or by what is staged.
    pub(super) fn analyzers_among(&self, targets: &[Target]) -> usize {
        let mut keys: BTreeSet<RowKey> = BTreeSet::new();
        for target in targets {
            match target {
                Target::Row(key) => {
                    keys.insert(key.clone());
                }
                Target::Group(id) => {
                    let members = self.data.snapshot.directory.members.get(id);
                    let members = members.into_iter().flat_map(|reading| &reading.value);
                    let people = members.map(|member: &crate::domain::Membership| &member.person);
                    keys.extend(people.map(|id: &PersonId| RowKey::Person(id.clone())));
                }
                Target::QlikGroup(id) => {
                    let users = self.data.snapshot.tenant.users.value.iter();
                    let inside = users.filter(|user| user.groups.contains(id));
                    keys.extend(inside.map(|user| RowKey::User(user.id.clone())));
                }
                Target::AllPeople | Target::Set(_) => {}
            }
        }
        let Some(index) = &self.derived.index else {
            return 0;
        };
        let accepted = &self.stage.staging.accepted;
        let rows = keys.iter().take(LOOKED_AT);
        let rows = rows.filter_map(|key| index.row(key, accepted));
        rows.filter(|row| self.is_analyzer(row)).count()
    }

    fn is_analyzer(&self, row: &Row) -> bool {
        let change = self.derived.pending(&row.key);
        let change = change.and_then(|pending| pending.license.as_ref());
        let license = match change {
            Some(
                LicenseChange::Add(license)
                | LicenseChange::Change(_, license)
                | LicenseChange::FellBack(license)
                | LicenseChange::Waits(license, _),
            ) => Some(license),
            Some(LicenseChange::TakeBack(_) | LicenseChange::LeftOut(_)) => None,
            Some(LicenseChange::Move(..)) | None => row.license(),
        };
        license.is_some_and(|license| license.expose() == LicenseType::ANALYZER)
    }
}
