//! Moving, filtering and looking closer on the Spaces screen.

use crossterm::event::KeyCode;

use crate::app::actions::{Action, Screen};
use crate::app::dialog::MenuKind;
use crate::app::key::Key;
use crate::app::list::Step;
use crate::app::menu::{Choice, Item, Menu};
use crate::app::model::{App, Load};
use crate::app::roster::Pane;
use crate::app::spaces::{Holder, Regarded, SpaceLine, Told};
use crate::app::{Effect, Field};
use crate::domain::{Assignee, SpaceRole, UserId};
use crate::planner::access::{Access, Source};
use crate::planner::is_creating;

impl App {
    /// Moves the cursor of the pane that has the keys.
    pub(super) fn step_spaces(&mut self, step: Step) -> bool {
        match self.spaces.pane {
            Pane::Groups => {
                let len = self.spaces.lines.len();
                self.spaces.list.step(step, len) && self.lag()
            }
            Pane::People => {
                let len = self.spaces.shown.len();
                self.spaces.seat_list.step(step, len) && self.lag()
            }
            Pane::Detail => self.scroll_access(step),
        }
    }

    fn scroll_access(&mut self, step: Step) -> bool {
        let most = self.spaces.regarded.as_ref().map_or(0, Regarded::lines);
        let page = self.layout.people_rows().max(1);
        let before = self.spaces.detail_offset;
        self.spaces.detail_offset = match step {
            Step::Up => before.saturating_sub(1),
            Step::Down => before + 1,
            Step::PageUp => before.saturating_sub(page),
            Step::PageDown => before + page,
            Step::Home => 0,
            Step::End => most,
        }
        .min(most);
        before != self.spaces.detail_offset
    }

    /// What lags behind the cursor catches up.
    pub(super) fn settle_spaces(&mut self) {
        let here = self.current_space().map(|space| &space.id);
        if here == self.spaces.open.as_ref() {
            self.inspect_seat();
        } else {
            self.regard();
        }
    }

    /// A key while a filter of the screen is being typed.
    pub(super) fn space_filter_key(&mut self, key: Key) -> Vec<Effect> {
        let left = self.spaces.pane == Pane::Groups;
        self.dirty = true;
        match key.code {
            KeyCode::Esc => {
                self.spaces.typing = false;
                *self.space_filter() = Field::default();
                self.refilter_spaces(left);
            }
            KeyCode::Enter => self.spaces.typing = false,
            KeyCode::Up => self.step(Step::Up),
            KeyCode::Down => self.step(Step::Down),
            KeyCode::PageUp => self.step(Step::PageUp),
            KeyCode::PageDown => self.step(Step::PageDown),
            KeyCode::Tab => {
                self.spaces.typing = false;
                return self.act(Action::NextPane);
            }
            _ => {
                if self.space_filter().key(key) {
                    self.refilter_spaces(left);
                    if !left {
                        let len = self.spaces.shown.len();
                        self.spaces.seat_list.select(0, len);
                        self.lag();
                    }
                }
            }
        }
        Vec::new()
    }

    pub(super) fn space_filter_paste(&mut self, text: &str) {
        self.space_filter().paste(text);
        self.refilter_spaces(self.spaces.pane == Pane::Groups);
    }

    fn space_filter(&mut self) -> &mut Field {
        match self.spaces.pane {
            Pane::Groups => &mut self.spaces.filter,
            Pane::People | Pane::Detail => &mut self.spaces.seat_filter,
        }
    }

    /// `Enter`: into the space, or all about the assignee under the cursor.
    pub(super) fn open_space_line(&mut self) -> Vec<Effect> {
        if self.spaces.pane != Pane::Groups {
            if let Some(regarded) = self.spaces.regarded.clone() {
                self.about_access(&regarded);
            }
            return Vec::new();
        }
        let Some(SpaceLine::Space(_, id)) = self.spaces.line().cloned() else {
            return Vec::new();
        };
        self.sideways(true);
        let known = self.data.snapshot.tenant.assignments.get(&id);
        if known.is_some_and(|reading| reading.proof.is_proven()) {
            return Vec::new();
        }
        self.data.troubles.remove(&Load::Assignments(id.clone()));
        self.load(Load::Assignments(id)).into_iter().collect()
    }

    /// What a user may, wherever one asks from.
    pub(super) fn show_access(&mut self, user: &UserId) {
        let regarded = self.regarded_user(user);
        self.about_access(&regarded);
    }

    fn about_access(&mut self, regarded: &Regarded) {
        let mut items = Vec::new();
        if let Told::User(user, ways) = &regarded.told {
            items.extend(Self::redundant_item(user, ways));
        }
        // With marks the verbs are about those, and not about whom this tells.
        if self.screen == Screen::Spaces && self.has_seat() && self.spaces.chosen.is_empty() {
            for (action, note) in [
                (Action::SpaceRoles, "old and new beside each other"),
                (Action::TakeOut, "out of this space"),
            ] {
                let title = action.spec().title;
                let mut item = Item::new(title, note, Choice::Run(action));
                item.hot = self.setup.keymap.key(action).chars().next();
                items.push(item);
            }
        }
        let unread = self.unread_spaces().count();
        if self.screen == Screen::Spaces && unread > 0 {
            let note = format!("{unread} spaces were not read yet");
            let item = Item::new("read all", note, Choice::Run(Action::ReadAll));
            items.push(item.hot('r'));
        }
        items.push(Item::new("back", "", Choice::Nothing));
        let mut lead = vec![regarded.mail.show().to_string(), regarded.state.clone()];
        lead.retain(|line| !line.is_empty());
        lead.extend(self.told_lines(regarded, unread, items.len()));
        let title = format!("What {} may see", regarded.name.show());
        self.open_menu(MenuKind::Plain, Menu::new(title, items).lead(lead));
    }

    fn has_seat(&self) -> bool {
        let seat = self.spaces.seat();
        seat.is_some_and(|seat| !matches!(seat.holder, Holder::Owner(_)))
    }

    /// Takes every grant of their own that another way gives too.
    fn redundant_item(user: &UserId, ways: &[Access]) -> Option<Item> {
        let direct = ways
            .iter()
            .filter(|way| way.redundant && way.source == Source::Direct);
        let holder = Holder::Held(Assignee::User(user.clone()));
        let all: Vec<_> = direct
            .map(|way| (way.place.clone(), holder.clone(), Vec::new()))
            .collect();
        let count = all.len();
        let note = format!("{count} of their own that another way gives too");
        let item = Item::new("take the redundant ones", note, Choice::Seating(all));
        (count > 0).then(|| item.hot('t'))
    }

    fn told_lines(&self, regarded: &Regarded, unread: usize, items: usize) -> Vec<String> {
        let mut lines = match &regarded.told {
            Told::User(_, ways) => ways.iter().map(|way| way_line(way, regarded)).collect(),
            Told::Group { places, people } => {
                let mut lines = vec![format!("Qlik knows {people} people in it")];
                let place = |(name, kind, roles): &(_, _, Vec<SpaceRole>)| {
                    let (name, kind): (&crate::text::Raw, &crate::text::Raw) = (name, kind);
                    format!("{} ({}): {}", name.show(), kind.show(), sum(roles))
                };
                lines.extend(places.iter().map(place));
                lines
            }
            Told::Nobody => vec!["nobody in Qlik yet".to_owned()],
        };
        let room = usize::from(self.layout.height)
            .saturating_sub(items + 9)
            .max(2);
        if lines.len() > room {
            let more = lines.len() - room;
            lines.truncate(room);
            lines.push(format!("and {more} more; the pane on the right shows all"));
        }
        if unread > 0 {
            let all = self.data.snapshot.tenant.spaces.value.len();
            lines.push(format!(
                "of {} of {all} spaces: the others were not read",
                all - unread
            ));
        }
        lines.extend(self.access_gap());
        lines
    }

    /// Why an access may be missing; safe to show.
    pub fn access_gap(&self) -> Option<String> {
        let tenant = &self.data.snapshot.tenant;
        let parts = [
            ("users", tenant.users.proof.gap()),
            ("groups", tenant.groups.proof.gap()),
            ("spaces", tenant.spaces.proof.gap()),
        ];
        let mut gaps = parts.into_iter();
        gaps.find_map(|(what, cause)| Some(format!("{what} incomplete: {}", cause?)))
    }
}

fn way_line(way: &Access, regarded: &Regarded) -> String {
    let (roles, from) = way_words(way);
    let mut line = format!(
        "{} ({}): {roles}, {from}",
        way.space.show(),
        way.kind.show()
    );
    for note in way_notes(way, regarded.analyzer) {
        line = format!("{line}, {note}");
    }
    line
}

/// Roles, and where they come from; safe to show.
pub(in crate::app) fn way_words(way: &Access) -> (String, String) {
    let from = match &way.source {
        Source::Owner => return ("all roles".to_owned(), "owner".to_owned()),
        Source::Direct => "direct".to_owned(),
        Source::Group(name) => format!("group {}", name.show()),
    };
    (sum(&way.roles), from)
}

/// What is to be known of a way: it adds nothing, or it is of no use.
pub(in crate::app) fn way_notes(way: &Access, analyzer: bool) -> Vec<&'static str> {
    let pointless = analyzer && way.roles.iter().any(is_creating);
    let notes = [
        (way.redundant, "redundant"),
        (pointless, "an analyzer only consumes"),
    ];
    let notes = notes.into_iter().filter(|(is, _)| *is);
    notes.map(|(_, words)| words).collect()
}

/// `consumer + producer`; safe to show.
pub(in crate::app) fn sum<'r>(roles: impl IntoIterator<Item = &'r SpaceRole>) -> String {
    let all: Vec<String> = roles
        .into_iter()
        .map(|role| role.show().to_string())
        .collect();
    if all.is_empty() {
        return "none".to_owned();
    }
    all.join(" + ")
}

impl Access {
    /// Roles, where they come from, and what is to be known of it; safe to show.
    pub fn words(&self, analyzer: bool) -> (String, String, Vec<&'static str>) {
        let (roles, from) = way_words(self);
        (roles, from, way_notes(self, analyzer))
    }
}

impl Regarded {
    /// Lines that the right pane takes for it, at most.
    pub(super) fn lines(&self) -> usize {
        match &self.told {
            Told::User(_, ways) => 4 + 3 * ways.len(),
            Told::Group { places, .. } => 4 + 2 * places.len(),
            Told::Nobody => 4,
        }
    }
}
