//! Staging on the Spaces screen: other roles for assignments, taking them away, putting somebody in.
//! An assignment is replaced as a whole, so old and new stand beside each other before it is staged.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::dialog::MenuKind;
use crate::app::effect::Effect;
use crate::app::menu::{Choice, Item, Menu};
use crate::app::model::{App, Tone};
use crate::app::roster::Pane;
use crate::app::spaces::{Holder, Seat};
use crate::app::update::regards::sum;
use crate::domain::{
    Assignee, GroupId, RowKey, Space, SpaceId, SpaceRole, SpaceWish, StageEdit, Target, Wish,
};
use crate::planner::{known_as, nearest_roles};
use crate::text::width;

/// One assignment and the roles it shall have.
pub(in crate::app) type Seating = (SpaceId, Holder, Vec<SpaceRole>);

/// An assignment that a verb acts on.
struct AtHand {
    space: SpaceId,
    seat: Seat,
}

impl App {
    /// Assignments that a verb acts on: the marked ones, else the one under the cursor.
    pub(in crate::app) fn seats_at_hand(&self) -> Vec<(SpaceId, Holder)> {
        if !self.spaces.chosen.is_empty() {
            return self.spaces.chosen.iter().cloned().collect();
        }
        if self.spaces.pane == Pane::Groups {
            return Vec::new();
        }
        let here = self.seat_key(self.spaces.seat_list.cursor);
        here.into_iter().collect()
    }

    /// The lines of assignments, whichever space they are of.
    fn at_hand(&self, keys: &[(SpaceId, Holder)]) -> Vec<AtHand> {
        let mut spaces: BTreeMap<&SpaceId, BTreeSet<&Holder>> = BTreeMap::new();
        for (space, holder) in keys {
            spaces.entry(space).or_default().insert(holder);
        }
        let mut all = Vec::new();
        for (id, holders) in spaces {
            let Some(space) = self.space(id) else {
                continue;
            };
            let seats = self.seats_of_space(space).into_iter();
            let seats = seats.filter(|seat| holders.contains(&seat.holder));
            all.extend(seats.map(|seat| AtHand {
                space: id.clone(),
                seat,
            }));
        }
        all
    }

    /// Roles of the assignments at hand, ticked where all of them have one.
    pub(super) fn pick_seat_roles(&mut self) {
        let keys = self.seats_at_hand();
        let seats = self.at_hand(&keys);
        let ids: BTreeSet<&SpaceId> = seats.iter().map(|one| &one.space).collect();
        let spaces: Vec<&Space> = ids.iter().filter_map(|id| self.space(id)).collect();
        let held: BTreeSet<&SpaceRole> = seats.iter().flat_map(|one| one.seat.planned()).collect();
        let legal = spaces.iter().flat_map(|space| &space.assignable_roles);
        let roles: BTreeSet<&SpaceRole> = legal.chain(held).collect();
        let items = roles.into_iter().map(|role| {
            let mut item = Item::new(
                role.show().to_string(),
                role_note(role, &spaces, &seats),
                Choice::SpaceRole(role.clone()),
            );
            item.ticked = has_all(&seats, role);
            item
        });
        let menu = Menu::new(
            format!("Roles of {}", self.seats_words(&seats)),
            items.collect(),
        )
        .several()
        .lead(vec![
            "Space ticks or unticks, Enter shows old and new before anything is staged".to_owned(),
        ]);
        self.open_menu(MenuKind::SeatRoles(keys), menu);
    }

    /// What is ticked now, compared with what was: old and new of each assignment, to be staged.
    pub(super) fn chose_seat_roles(&mut self, keys: &[(SpaceId, Holder)], menu: &Menu) {
        let seats = self.at_hand(keys);
        let ticked: BTreeSet<&SpaceRole> = menu
            .items
            .iter()
            .filter(|item| item.ticked)
            .filter_map(role_of)
            .collect();
        let before: BTreeSet<&SpaceRole> = menu
            .items
            .iter()
            .filter_map(role_of)
            .filter(|role| has_all(&seats, role))
            .collect();
        let more: BTreeSet<SpaceRole> = ticked
            .difference(&before)
            .map(|one| (*one).clone())
            .collect();
        let less: BTreeSet<SpaceRole> = before
            .difference(&ticked)
            .map(|one| (*one).clone())
            .collect();
        if more.is_empty() && less.is_empty() {
            return self.say(
                Tone::Refusal,
                "no other role was ticked; Space ticks and unticks",
            );
        }
        self.show_old_and_new(&seats, &more, &less);
    }

    fn show_old_and_new(
        &mut self,
        seats: &[AtHand],
        more: &BTreeSet<SpaceRole>,
        less: &BTreeSet<SpaceRole>,
    ) {
        let (mut lines, mut all, mut near) = (Vec::new(), Vec::new(), Vec::new());
        let mut refused: BTreeMap<&SpaceId, Vec<String>> = BTreeMap::new();
        for one in seats {
            let Some(space) = self.space(&one.space) else {
                continue;
            };
            let legal = |role: &&SpaceRole| space.assignable_roles.contains(role);
            let kept = one.seat.planned().difference(less).filter(legal);
            let after: BTreeSet<SpaceRole> =
                kept.chain(more.iter().filter(legal)).cloned().collect();
            let mut nearer = after.clone();
            for role in more.iter().filter(|role| !legal(role)) {
                let offered = nearest_roles(space, role);
                nearer.extend(offered.first().cloned());
                let line = illegal_line(space, role, &offered);
                refused.insert(&one.space, vec![line]);
            }
            lines.push(Self::old_and_new(one, space, &after));
            all.push((one.space.clone(), one.seat.holder.clone(), list(&after)));
            near.push((one.space.clone(), one.seat.holder.clone(), list(&nearer)));
        }
        let refused: Vec<String> = refused.into_values().flatten().collect();
        let mut items =
            vec![Item::new("stage", "as it stands here", Choice::Seating(all)).hot('s')];
        if !refused.is_empty() {
            let note = "the first one offered, where what was ticked is not legal";
            let item = Item::new("with the nearest legal roles", note, Choice::Seating(near));
            items.push(item.hot('n'));
        }
        items.push(Item::new("back", "nothing is staged", Choice::Nothing).hot('b'));
        let room = usize::from(self.layout.height)
            .saturating_sub(items.len() + 8)
            .max(3);
        lines.extend(self.pointless_line(seats, more));
        lines.extend(refused);
        let title = "Roles will be replaced: old -> new";
        self.open_menu(
            MenuKind::Plain,
            Menu::new(title, items).lead(cut(lines, room)),
        );
    }

    fn old_and_new(one: &AtHand, space: &Space, after: &BTreeSet<SpaceRole>) -> String {
        let name = one.seat.name.show();
        let place = space.name.show();
        let (was, is) = (sum(&one.seat.held), sum(after));
        if one.seat.held == *after {
            format!("{name} in {place}: {was}, as it is")
        } else {
            format!("{name} in {place}: {was} -> {is}")
        }
    }

    /// What a license makes of these roles, in one line.
    fn pointless_line(&self, seats: &[AtHand], more: &BTreeSet<SpaceRole>) -> Option<String> {
        let creating: Vec<&SpaceRole> = more
            .iter()
            .filter(|role| crate::planner::is_creating(role))
            .collect();
        let targets: BTreeSet<Target> = seats
            .iter()
            .filter_map(|one| self.target(&one.seat.holder))
            .collect();
        let targets: Vec<Target> = targets.into_iter().collect();
        let analyzers = self.analyzers_among(&targets);
        (!creating.is_empty() && analyzers > 0).then(|| {
            format!(
                "{analyzers} of them are analyzers, who gain little from {}",
                sum(creating)
            )
        })
    }

    /// Takes the assignments at hand away; where marks reach into spaces that are not open, it asks first.
    pub(super) fn take_out(&mut self) -> Vec<Effect> {
        let keys = self.seats_at_hand();
        let all: Vec<Seating> = keys
            .iter()
            .map(|(space, holder)| (space.clone(), holder.clone(), Vec::new()))
            .collect();
        let open = self.spaces.open.as_ref();
        if keys.iter().all(|(space, _)| Some(space) == open) {
            return self.stage_seating(&all);
        }
        let seats = self.at_hand(&keys);
        let line = |one: &AtHand| {
            let place = self.space_name(&one.space);
            format!("{} in {place}", one.seat.name.show())
        };
        let lines: Vec<String> = seats.iter().map(line).collect();
        let items = vec![
            Item::new("back", "nothing is staged", Choice::Nothing).hot('b'),
            Item::new("take out", "all of these", Choice::Seating(all)).hot('t'),
        ];
        let room = usize::from(self.layout.height).saturating_sub(10).max(3);
        let menu = Menu::new(format!("Take out {}?", self.seats_words(&seats)), items);
        self.open_menu(MenuKind::Plain, menu.lead(cut(lines, room)));
        Vec::new()
    }

    /// Stages these roles for these assignments, in one edit.
    pub(super) fn stage_seating(&mut self, all: &[Seating]) -> Vec<Effect> {
        let keys: Vec<(SpaceId, Holder)> = all
            .iter()
            .map(|(space, holder, _)| (space.clone(), holder.clone()))
            .collect();
        let seats = self.at_hand(&keys);
        let mut edit: BTreeMap<Target, Wish> = BTreeMap::new();
        let mut counts = Counts::default();
        for (space, holder, roles) in all {
            let mut held = seats.iter().filter(|one| one.space == *space);
            let held = held.find(|one| one.seat.holder == *holder);
            let held = held.map(|one| one.seat.held.clone()).unwrap_or_default();
            let after: BTreeSet<SpaceRole> = roles.iter().cloned().collect();
            let Some(target) = self.target(holder) else {
                counts.left += 1;
                continue;
            };
            for other in self.other_targets(holder) {
                self.wish_in(&mut edit, other).spaces.remove(space);
            }
            let wish = self.wish_in(&mut edit, target);
            let new = wished(&held, &after);
            counts.take(new.as_ref());
            wish.spaces.remove(space);
            if let Some(new) = new {
                wish.ladder = wish.ladder.filter(|_| new == SpaceWish::Remove);
                wish.spaces.insert(space.clone(), new);
            }
        }
        let targets: Vec<Target> = edit.keys().cloned().collect();
        let wishes = edit.into_iter().map(|(target, wish)| (target, Some(wish)));
        let edit = StageEdit {
            wishes: wishes.collect(),
            ..StageEdit::default()
        };
        self.spaces.chosen.clear();
        self.stage(
            format!("{}: {}", self.seats_words(&seats), counts.words()),
            edit,
        );
        self.spaces.whom = targets;
        self.read_targets()
    }

    /// What hangs on the target so far, to be edited.
    fn wish_in<'e>(&self, edit: &'e mut BTreeMap<Target, Wish>, target: Target) -> &'e mut Wish {
        let staged = self.stage.staging.wishes.get(&target);
        edit.entry(target)
            .or_insert_with(|| staged.cloned().unwrap_or_default())
    }

    /// What a wish about somebody's assignment hangs on.
    fn target(&self, holder: &Holder) -> Option<Target> {
        match holder {
            Holder::Held(Assignee::User(id)) => {
                let index = self.derived.index.as_ref()?;
                let row = index.row_of(id, &self.stage.staging.accepted)?;
                Some(Target::Row(row.key))
            }
            Holder::Held(Assignee::Group(id)) => Some(Target::QlikGroup(id.clone())),
            Holder::Staged(target) => Some(target.clone()),
            // An owner has none, and from a machine nothing is ever taken.
            Holder::Owner(_)
            | Holder::Held(Assignee::Bot(_) | Assignee::NewUser(_) | Assignee::NewGroup(_)) => None,
        }
    }

    /// Other targets on which a wish about the same assignment may hang: one assignment is wished for
    /// once.
    fn other_targets(&self, holder: &Holder) -> Vec<Target> {
        let staged = &self.stage.staging.wishes;
        let all = match holder {
            Holder::Held(Assignee::User(id)) => vec![Target::Row(RowKey::User(id.clone()))],
            Holder::Held(Assignee::Group(id)) => {
                let twin = self.twin(id).map(Target::Group);
                twin.into_iter().collect()
            }
            _ => Vec::new(),
        };
        let own = self.target(holder);
        let other = |one: &Target| Some(one) != own.as_ref() && staged.contains_key(one);
        all.into_iter().filter(other).collect()
    }

    /// Drops what is staged about the assignments at hand; in the left pane about the spaces.
    pub(super) fn drop_in_spaces(&mut self) -> Vec<Effect> {
        let mut edit: BTreeMap<Target, Wish> = BTreeMap::new();
        let seats = self.seats_at_hand();
        let mut dropped = 0;
        for (target, space) in self.staged_here(&seats) {
            let wish = self.wish_in(&mut edit, target);
            dropped += usize::from(wish.spaces.remove(&space).is_some());
        }
        if dropped == 0 {
            self.say(
                Tone::Refusal,
                "nothing is staged for these; what is staged for a group is dropped on Roster",
            );
            return Vec::new();
        }
        let wishes = edit.into_iter().map(|(target, wish)| (target, Some(wish)));
        let edit = StageEdit {
            wishes: wishes.collect(),
            ..StageEdit::default()
        };
        self.spaces.chosen.clear();
        self.stage(format!("{dropped} staged change(s) dropped"), edit);
        Vec::new()
    }

    fn staged_here(&self, seats: &[(SpaceId, Holder)]) -> Vec<(Target, SpaceId)> {
        if !seats.is_empty() {
            let all = seats.iter().flat_map(|(space, holder)| {
                let targets = self.target(holder).into_iter();
                let targets = targets.chain(self.other_targets(holder));
                targets.map(|target| (target, space.clone()))
            });
            return all
                .filter(|(target, _)| self.stage.staging.wishes.contains_key(target))
                .collect();
        }
        let spaces = self.spaces_at_hand();
        let staged = self.stage.staging.wishes.iter();
        let all = staged.flat_map(|(target, wish)| {
            let here = wish.spaces.keys().filter(|id| spaces.contains(id));
            here.map(|id| (target.clone(), id.clone()))
                .collect::<Vec<_>>()
        });
        all.collect()
    }

    /// Whom to put into the spaces at hand: the rows marked on Roster, a group of the directory, or one
    /// that only Qlik knows.
    pub(super) fn pick_whom(&mut self) {
        let mut items = Vec::new();
        let marks = &self.roster.marks;
        if !marks.is_empty() {
            let rows = marks.iter().cloned().map(Target::Row).collect();
            let text = match marks.len() {
                1 => "the row marked on Roster".to_owned(),
                many => format!("the {many} rows marked on Roster"),
            };
            items.push(Item::new(
                text,
                "each directly, or by a group that holds just them",
                Choice::Whom(rows),
            ));
        }
        let snapshot = &self.data.snapshot;
        let directory = &snapshot.directory.groups.value;
        let known = known_as(snapshot, directory.iter().map(|group| &group.id));
        for group in directory {
            let note = match (known.contains_key(&group.id), group.size) {
                (true, Some(size)) => format!("{size} people, known to Qlik"),
                (false, Some(size)) => format!("{size} people"),
                (true, None) => "known to Qlik".to_owned(),
                (false, None) => String::new(),
            };
            let whom = vec![Target::Group(group.id.clone())];
            items.push(Item::new(
                group.name.show().to_string(),
                note,
                Choice::Whom(whom),
            ));
        }
        let twins: BTreeSet<&GroupId> = known.values().collect();
        for group in &snapshot.tenant.groups.value {
            if !twins.contains(&group.id) {
                let whom = vec![Target::QlikGroup(group.id.clone())];
                let note = "known to Qlik, not found in the directory";
                items.push(Item::new(
                    group.name.show().to_string(),
                    note,
                    Choice::Whom(whom),
                ));
            }
        }
        let spaces = self.spaces_at_hand();
        let title = format!("Put into {}", self.spaces_words(&spaces));
        let mut lead = vec!["type to find a group; people are marked on Roster".to_owned()];
        lead.extend(
            snapshot
                .directory
                .groups
                .proof
                .gap()
                .map(|cause| format!("groups of the directory: {cause}")),
        );
        self.open_menu(MenuKind::Plain, Menu::new(title, items).fuzzy().lead(lead));
    }

    /// They were chosen; now the roles.
    pub(super) fn chose_whom(&mut self, whom: Vec<Target>) -> Vec<Effect> {
        self.spaces.whom = whom;
        let spaces = self.spaces_at_hand();
        let mut effects = self.read_assignments(&spaces);
        // Who they are decides what a role is good for.
        effects.extend(self.read_targets());
        self.pick_space_roles(spaces);
        effects
    }

    fn seats_words(&self, seats: &[AtHand]) -> String {
        let spaces: BTreeSet<&SpaceId> = seats.iter().map(|one| &one.space).collect();
        let spaces: Vec<SpaceId> = spaces.into_iter().cloned().collect();
        let place = self.spaces_words(&spaces);
        match seats {
            [one] => format!("{} in {place}", one.seat.name.show()),
            many => format!("{} assignments in {place}", many.len()),
        }
    }
}

/// What was staged, counted.
#[derive(Default)]
struct Counts {
    given: usize,
    changed: usize,
    taken: usize,
    dropped: usize,
    left: usize,
}

impl Counts {
    fn take(&mut self, wish: Option<&SpaceWish>) {
        match wish {
            Some(SpaceWish::Add(_)) => self.given += 1,
            Some(SpaceWish::Exactly(_)) => self.changed += 1,
            Some(SpaceWish::Remove) => self.taken += 1,
            None => self.dropped += 1,
        }
    }

    fn words(&self) -> String {
        let parts = [
            (self.given, "get more roles"),
            (self.changed, "get other roles"),
            (self.taken, "are taken out"),
            (self.dropped, "stay as they are"),
            (self.left, "are left alone: a bot, or nobody who is known"),
        ];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts
            .map(|(count, words)| format!("{count} {words}"))
            .collect();
        parts.join(", ")
    }
}

/// The wish that makes these roles of those.
fn wished(held: &BTreeSet<SpaceRole>, after: &BTreeSet<SpaceRole>) -> Option<SpaceWish> {
    if held == after {
        return None;
    }
    Some(if after.is_empty() {
        SpaceWish::Remove
    } else if held.is_subset(after) {
        SpaceWish::Add(after.difference(held).cloned().collect())
    } else {
        SpaceWish::Exactly(after.clone())
    })
}

fn role_of(item: &Item) -> Option<&SpaceRole> {
    match &item.choice {
        Choice::SpaceRole(role) => Some(role),
        _ => None,
    }
}

fn has_all(seats: &[AtHand], role: &SpaceRole) -> bool {
    seats.iter().all(|one| one.seat.planned().contains(role))
}

/// Where a role is not legal, and how many have it, when it is not all or none.
fn role_note(role: &SpaceRole, spaces: &[&Space], seats: &[AtHand]) -> String {
    let refusing: Vec<&&Space> = spaces
        .iter()
        .filter(|space| !space.assignable_roles.contains(role))
        .collect();
    let mut notes = Vec::new();
    let have = seats.iter().filter(|one| one.seat.planned().contains(role));
    let have = have.count();
    if have > 0 && have < seats.len() {
        notes.push(format!("{have} of {} have it", seats.len()));
    }
    if let Some(first) = refusing.first() {
        let offered = sum(&nearest_roles(first, role));
        let kind = first.kind.word();
        notes.push(match (refusing.len(), spaces.len()) {
            (_, 1) => format!("not legal in a {kind} space; nearest: {offered}"),
            (some, all) => format!("not legal in {some} of {all} ({kind}); nearest: {offered}"),
        });
    }
    notes.join(", ")
}

/// Where a role is not legal, with what comes nearest; safe to show.
pub(super) fn illegal_line(space: &Space, role: &SpaceRole, offered: &[SpaceRole]) -> String {
    let near: Vec<String> = offered.iter().map(|one| one.show().to_string()).collect();
    format!(
        "{} ({}): {} is not legal; nearest: {}",
        space.name.show(),
        space.kind.word(),
        role.show(),
        near.join(", ")
    )
}

fn list(roles: &BTreeSet<SpaceRole>) -> Vec<SpaceRole> {
    roles.iter().cloned().collect()
}

/// As many lines as there is room for; the others are counted.
pub(super) fn cut(mut lines: Vec<String>, room: usize) -> Vec<String> {
    debug_assert!(lines.iter().all(|line| width(line) > 0));
    if lines.len() > room {
        let more = lines.len() + 1 - room;
        lines.truncate(room.saturating_sub(1));
        lines.push(format!("and {more} more"));
    }
    lines
}
