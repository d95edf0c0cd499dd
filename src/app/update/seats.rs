//! The middle pane of the Spaces screen: who has roles in the space under the cursor, now and by what is
//! staged; and the right pane, about one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::app::list::Step;
use crate::app::menu::best;
use crate::app::model::{App, Tone};
use crate::app::spaces::{Holder, Regarded, Seat, Told};
use crate::domain::{
    Assignee, DirectoryGroupId, GroupId, Ladder, LicenseType, RowKey, Space, SpaceAssignment,
    SpaceRole, SpaceWish, Target, User, UserId, UserStatus,
};
use crate::planner::access::{access_of, places_of};
use crate::planner::{Wishes, known_as};
use crate::text::Raw;

/// What is staged about one space, prepared to be asked line by line.
struct Staged<'a> {
    app: &'a App,
    space: &'a Space,
    wishes: Option<Wishes<'a>>,
    /// Groups of Qlik for whose group in the directory something is staged.
    twins: BTreeMap<GroupId, DirectoryGroupId>,
}

impl App {
    /// Makes middle and right pane anew for the space under the cursor.
    pub(super) fn regard(&mut self) {
        let here = self.current_space().map(|space| space.id.clone());
        let kept = self.spaces.seat().map(|seat| seat.holder.clone());
        // Where an owner stood alone the cursor was not put.
        let alone = self.spaces.seats.len() < 2;
        let kept = kept.filter(|_| here == self.spaces.open && !alone);
        if here != self.spaces.open {
            self.spaces.open = here;
            self.spaces.range = None;
        }
        let snapshot = Arc::clone(&self.data.snapshot);
        let open = self.spaces.open.as_ref();
        let spaces = &snapshot.tenant.spaces.value;
        let space = open.and_then(|id| spaces.iter().find(|space| space.id == *id));
        self.spaces.seats = space.map_or_else(Vec::new, |space| self.seats_of_space(space));
        self.refilter_seats();
        let same = |at: &usize| {
            let seat = self.spaces.seats.get(*at);
            seat.map(|seat| &seat.holder) == kept.as_ref()
        };
        let place = self.spaces.shown.iter().position(same);
        let first = |at: &usize| {
            let seat = self.spaces.seats.get(*at);
            seat.is_some_and(|seat| !matches!(seat.holder, Holder::Owner(_)))
        };
        let place = place.or_else(|| self.spaces.shown.iter().position(first));
        let len = self.spaces.shown.len();
        self.spaces.seat_list.select(place.unwrap_or(0), len);
        self.inspect_seat();
        self.dirty = true;
    }

    pub(super) fn seats_of_space(&self, space: &Space) -> Vec<Seat> {
        let staged = Staged::new(self, space);
        let tenant = &self.data.snapshot.tenant;
        let owner = space.owner.iter().map(|id| self.owner_seat(id));
        let rows = tenant.assignments.get(&space.id);
        let rows = rows.into_iter().flat_map(|reading| &reading.value);
        let mut seats: Vec<Seat> = rows.map(|row| staged.held(row)).collect();
        let held: BTreeSet<&Assignee> = tenant
            .assignments
            .get(&space.id)
            .into_iter()
            .flat_map(|reading| &reading.value)
            .map(|row| &row.assignee)
            .collect();
        seats.extend(staged.new_ones(&held));
        // Groups first: they stand for most people.
        seats.sort_by_cached_key(|seat| {
            (seat.kind != "group", seat.name.key(), seat.holder.clone())
        });
        owner.chain(seats).collect()
    }

    fn owner_seat(&self, id: &UserId) -> Seat {
        let (name, mail, note) = self.words_of_user(id);
        Seat {
            holder: Holder::Owner(id.clone()),
            name,
            mail,
            kind: "owner",
            held: BTreeSet::new(),
            after: None,
            note,
        }
    }

    /// Name, address, and what is wrong with a user.
    fn words_of_user(&self, id: &UserId) -> (Raw, Raw, &'static str) {
        let index = self.derived.index.as_ref();
        match index.and_then(|index| index.user(id)) {
            Some(user) => (
                user.name.clone(),
                user.email.clone().unwrap_or_default(),
                if user.status == UserStatus::Disabled {
                    "disabled"
                } else {
                    ""
                },
            ),
            None => (id.raw().clone(), Raw::default(), "no such user"),
        }
    }

    /// Fits the lines to the filter.
    pub(super) fn refilter_seats(&mut self) {
        let spaces = &mut self.spaces;
        let filter = spaces.seat_filter.text();
        spaces.shown = if filter.trim().is_empty() {
            (0..spaces.seats.len()).collect()
        } else {
            let texts: Vec<String> = spaces.seats.iter().map(words).collect();
            best(filter, texts.iter().map(String::as_str))
        };
        spaces.range = None;
        let rows = self.layout.people_rows();
        let len = spaces.shown.len();
        spaces.seat_list.resize(rows, len);
        self.dirty = true;
    }

    /// Marks the assignment under the cursor, or takes its mark away.
    pub(super) fn mark_seat(&mut self) {
        let Some(key) = self.seat_key(self.spaces.seat_list.cursor) else {
            return;
        };
        if !self.spaces.chosen.remove(&key) {
            self.spaces.chosen.insert(key);
        }
        let len = self.spaces.shown.len();
        self.spaces.seat_list.step(Step::Down, len);
        self.lag();
    }

    /// What stands for the assignment of a line; an owner has none.
    pub(super) fn seat_key(&self, place: usize) -> Option<(crate::domain::SpaceId, Holder)> {
        let seat = self.spaces.shown_at(place)?;
        if matches!(seat.holder, Holder::Owner(_)) {
            return None;
        }
        Some((self.spaces.open.clone()?, seat.holder.clone()))
    }

    /// Begins or ends a range of marks.
    pub(super) fn range_of_seats(&mut self) {
        self.dirty = true;
        let cursor = self.spaces.seat_list.cursor;
        let Some(start) = self.spaces.range.take() else {
            self.spaces.range = Some(cursor);
            let key = self.setup.keymap.key(crate::app::Action::Range);
            let words = format!("range begins here; move, then {key} again marks it");
            return self.say(Tone::Plain, words);
        };
        let places = start.min(cursor)..=start.max(cursor);
        let keys: Vec<_> = places.filter_map(|place| self.seat_key(place)).collect();
        self.say(Tone::Plain, format!("{} assignments marked", keys.len()));
        self.spaces.chosen.extend(keys);
    }

    /// Marks all assignments shown, or none if all are.
    pub(super) fn mark_all_seats(&mut self) {
        let places = 0..self.spaces.shown.len();
        let keys: BTreeSet<_> = places.filter_map(|place| self.seat_key(place)).collect();
        if keys.is_subset(&self.spaces.chosen) {
            self.spaces.chosen.retain(|key| !keys.contains(key));
        } else {
            self.spaces.chosen.extend(keys);
        }
        let count = self.spaces.chosen.len();
        self.say(Tone::Plain, format!("{count} assignments marked"));
    }

    /// Looks at the line under the cursor of the middle pane.
    pub(super) fn inspect_seat(&mut self) {
        let seat = self.spaces.seat().cloned();
        self.spaces.detail_offset = 0;
        self.spaces.regarded = seat.map(|seat| self.regarded(&seat));
    }

    fn regarded(&self, seat: &Seat) -> Regarded {
        let user = match &seat.holder {
            Holder::Owner(id) | Holder::Held(Assignee::User(id) | Assignee::Bot(id)) => {
                Some(id.clone())
            }
            Holder::Staged(Target::Row(key)) => self.user_of_row(key),
            _ => None,
        };
        if let Some(user) = user {
            return self.regarded_user(&user);
        }
        let group = match &seat.holder {
            Holder::Held(Assignee::Group(id)) | Holder::Staged(Target::QlikGroup(id)) => Some(id),
            _ => None,
        };
        let told = group.map_or(Told::Nobody, |id| self.told_of_group(id));
        Regarded {
            name: seat.name.clone(),
            mail: seat.mail.clone(),
            state: seat.kind.to_owned(),
            analyzer: false,
            told,
        }
    }

    fn user_of_row(&self, key: &RowKey) -> Option<UserId> {
        let index = self.derived.index.as_ref()?;
        let row = index.row(key, &self.stage.staging.accepted)?;
        Some(row.joined_user()?.id.clone())
    }

    /// What a user is and may.
    pub(super) fn regarded_user(&self, id: &UserId) -> Regarded {
        let (name, mail, note) = self.words_of_user(id);
        let index = self.derived.index.as_ref();
        let user = index.and_then(|index| index.user(id));
        let seats: Vec<LicenseType> = user.map_or_else(Vec::new, |user| self.seats_held(user));
        let analyzer = !seats.is_empty()
            && seats
                .iter()
                .all(|one| one.expose() == LicenseType::ANALYZER);
        let license = match seats.first() {
            Some(license) => license.show().to_string(),
            None => "no license".to_owned(),
        };
        let status = match (note, user) {
            ("", Some(user)) => user.status.word(),
            (note, _) => note,
        };
        Regarded {
            name,
            mail,
            state: format!("{license}, {status}"),
            analyzer,
            told: Told::User(id.clone(), access_of(&self.data.snapshot, id)),
        }
    }

    /// Licenses of a user.
    fn seats_held(&self, user: &User) -> Vec<LicenseType> {
        let index = self.derived.index.as_ref();
        let seats = index
            .into_iter()
            .flat_map(|index| index.seats_of(&user.subject));
        seats.filter_map(|seat| seat.license.clone()).collect()
    }

    fn told_of_group(&self, id: &GroupId) -> Told {
        let places = places_of(&self.data.snapshot, &Assignee::Group(id.clone()));
        let places = places.into_iter().map(|(space, row)| {
            let kind = Raw::from(space.kind.word());
            (space.name.clone(), kind, row.roles.clone())
        });
        let users = self.data.snapshot.tenant.users.value.iter();
        Told::Group {
            places: places.collect(),
            people: users.filter(|user| user.groups.contains(id)).count(),
        }
    }
}

impl<'a> Staged<'a> {
    fn new(app: &'a App, space: &'a Space) -> Self {
        let staging = &app.stage.staging;
        let some = !staging.wishes.is_empty();
        let groups = staging.wishes.keys().filter_map(|target| match target {
            Target::Group(id) => Some(id),
            _ => None,
        });
        let twins = known_as(&app.data.snapshot, groups).into_iter();
        Self {
            app,
            space,
            wishes: some.then(|| Wishes::new(staging, &app.data.snapshot)),
            twins: twins.map(|(directory, qlik)| (qlik, directory)).collect(),
        }
    }

    fn legal(&self, roles: &BTreeSet<SpaceRole>) -> BTreeSet<SpaceRole> {
        let legal = |role: &&SpaceRole| self.space.assignable_roles.contains(role);
        roles.iter().filter(legal).cloned().collect()
    }

    /// What one wish makes of the roles held.
    fn made(&self, wish: &SpaceWish, held: &BTreeSet<SpaceRole>) -> BTreeSet<SpaceRole> {
        match wish {
            SpaceWish::Add(roles) => held.union(&self.legal(roles)).cloned().collect(),
            SpaceWish::Exactly(roles) => self.legal(roles),
            SpaceWish::Remove => BTreeSet::new(),
        }
    }

    fn wish_on(&self, target: &Target) -> Option<&SpaceWish> {
        let wish = self.app.stage.staging.wishes.get(target)?;
        wish.spaces.get(&self.space.id)
    }

    /// A line for an assignment that is there.
    fn held(&self, row: &SpaceAssignment) -> Seat {
        let held: BTreeSet<SpaceRole> = row.roles.iter().cloned().collect();
        let (after, (name, mail, note), kind) = match &row.assignee {
            Assignee::User(id) => (self.of_user(id, &held), self.app.words_of_user(id), "user"),
            Assignee::Bot(id) => (None, self.app.words_of_user(id), "bot"),
            Assignee::Group(id) => (self.of_group(id, &held), self.words_of_group(id), "group"),
            Assignee::NewUser(subject) => {
                (None, (subject.raw().clone(), Raw::default(), ""), "user")
            }
            Assignee::NewGroup(name) => (None, (name.clone(), Raw::default(), ""), "group"),
        };
        Seat {
            holder: Holder::Held(row.assignee.clone()),
            name,
            mail,
            kind,
            after: after.filter(|after| *after != held),
            held,
            note,
        }
    }

    fn words_of_group(&self, id: &GroupId) -> (Raw, Raw, &'static str) {
        let groups = &self.app.data.snapshot.tenant.groups.value;
        match groups.iter().find(|group| group.id == *id) {
            Some(group) => (group.name.clone(), Raw::default(), ""),
            None => (id.raw().clone(), Raw::default(), "no such group"),
        }
    }

    /// Roles that a user will have here directly.
    fn of_user(&self, id: &UserId, held: &BTreeSet<SpaceRole>) -> Option<BTreeSet<SpaceRole>> {
        let wishes = self.wishes.as_ref()?;
        let index = self.app.derived.index.as_ref()?;
        let accepted = &self.app.stage.staging.accepted;
        let joined = index.row_of(id, accepted);
        let own = index.row(&RowKey::User(id.clone()), accepted);
        let mut wish = wishes.of(&joined?);
        if wish.is_empty() {
            wish = wishes.of(&own?);
        }
        if wish.ladder >= Some(Ladder::StripSpaces) {
            return Some(BTreeSet::new());
        }
        let here = wish.spaces.get(&self.space.id)?;
        if let Some(exact) = &here.exact {
            return Some(self.legal(exact));
        }
        if here.remove {
            return Some(BTreeSet::new());
        }
        Some(held.union(&self.legal(&here.own)).cloned().collect())
    }

    /// Roles that a group will have here.
    fn of_group(&self, id: &GroupId, held: &BTreeSet<SpaceRole>) -> Option<BTreeSet<SpaceRole>> {
        let twin = self.twins.get(id).map(|twin| Target::Group(twin.clone()));
        let by_twin = twin.as_ref().and_then(|target| self.wish_on(target));
        let own = self.wish_on(&Target::QlikGroup(id.clone()));
        by_twin.or(own).map(|wish| self.made(wish, held))
    }

    /// Lines for whoever gets a first assignment here.
    fn new_ones(&self, held: &BTreeSet<&Assignee>) -> Vec<Seat> {
        let wishes = self.app.stage.staging.wishes.iter();
        let here =
            wishes.filter_map(|(target, wish)| Some((target, wish.spaces.get(&self.space.id)?)));
        let none = BTreeSet::new();
        here.filter(|(target, _)| !self.is_held(target, held))
            .map(|(target, wish)| (target, self.made(wish, &none)))
            .filter(|(_, after)| !after.is_empty())
            .map(|(target, after)| self.new_seat(target, after))
            .collect()
    }

    /// Whether a target has a line of its own by an assignment that is there.
    fn is_held(&self, target: &Target, held: &BTreeSet<&Assignee>) -> bool {
        let assignee = match target {
            Target::Row(key) => self.app.user_of_row(key).map(Assignee::User),
            Target::QlikGroup(id) => Some(Assignee::Group(id.clone())),
            Target::Group(id) => {
                let mut twins = self.twins.iter();
                let twin = twins.find(|(_, directory)| *directory == id);
                twin.map(|(qlik, _)| Assignee::Group(qlik.clone()))
            }
            Target::AllPeople | Target::Set(_) => None,
        };
        assignee.is_some_and(|assignee| held.contains(&assignee))
    }

    fn new_seat(&self, target: &Target, after: BTreeSet<SpaceRole>) -> Seat {
        let app = self.app;
        let directory = &app.data.snapshot.directory;
        let (name, mail, kind) = match target {
            Target::Row(key) => {
                let index = app.derived.index.as_ref();
                let row = index.and_then(|index| index.row(key, &app.stage.staging.accepted));
                let name = row.as_ref().and_then(|row| row.name().cloned());
                let mail = row.and_then(|row| {
                    let person = row.person.as_ref().and_then(|person| person.mail.clone());
                    person.or_else(|| row.user.as_ref().and_then(|user| user.email.clone()))
                });
                (name.unwrap_or_default(), mail.unwrap_or_default(), "user")
            }
            Target::Group(id) => {
                let known = directory.group(id);
                let name = known.map_or_else(|| id.raw().clone(), |one| one.name.clone());
                (name, Raw::default(), "group")
            }
            Target::QlikGroup(id) => (self.words_of_group(id).0, Raw::default(), "group"),
            Target::AllPeople => (
                Raw::from("everybody in the directory"),
                Raw::default(),
                "set",
            ),
            Target::Set(set) => (set.words(directory), Raw::default(), "set"),
        };
        Seat {
            holder: Holder::Staged(target.clone()),
            name,
            mail,
            kind,
            held: BTreeSet::new(),
            after: Some(after),
            note: "",
        }
    }
}

/// What a line is searched by.
fn words(seat: &Seat) -> String {
    let roles: Vec<String> = seat
        .held
        .iter()
        .chain(seat.after.iter().flatten())
        .map(|role| role.show().to_string())
        .collect();
    format!(
        "{} {} {} {}",
        seat.name.show(),
        seat.mail.show(),
        seat.kind,
        roles.join(" ")
    )
}
