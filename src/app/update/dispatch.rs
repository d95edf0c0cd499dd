//! The door of `update`: what a message is, and what everybody shares (sizes, loads, leaving).

use crossterm::event::{Event, KeyEventKind};
use std::time::Duration;

use crate::app::actions::{ACTIONS, Screen, Spec};
use crate::app::dialog::Dialog;
use crate::app::effect::Effect;
use crate::app::key::Key;
use crate::app::layout::Layout;
use crate::app::message::{Epoch, Message, PeopleWish, Signal};
use crate::app::model::{App, Load, Tone};
use crate::app::runs::Live;
use crate::app::wrapped::wrap;
use crate::domain::Completeness;
use crate::text::show_str;

/// How long a run may take to finish what is in flight once the session is gone.
const DRAIN: Duration = Duration::from_secs(30);

impl App {
    /// What is read at the start.
    pub fn start(&mut self) -> Vec<Effect> {
        let mut effects = self.load_all();
        effects.push(Effect::ListRuns(self.data.epoch));
        effects
    }

    /// Takes a message and says what is to be done.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        let mut effects = match message {
            Message::Terminal { .. } if self.gone => Vec::new(),
            Message::Terminal { event, at } => {
                self.now = self.now.max(at);
                self.terminal(event)
            }
            Message::Painted { frame, at } => {
                self.now = self.now.max(at);
                self.painted(frame, at);
                return Vec::new();
            }
            Message::InputClosed => self.hang_up(),
            Message::Broken => {
                self.gone = true;
                self.broken = true;
                self.leave(1)
            }
            Message::Signal(signal) => self.signal(signal),
            Message::Tick { at, wall } => {
                self.now = self.now.max(at);
                self.tick(wall)
            }
            Message::Answer { epoch, answer } => self.answer(epoch, answer),
            Message::Run { event, at } => {
                self.now = self.now.max(at);
                self.run_event(event)
            }
            Message::Moved(rows) => self.moved(rows),
            Message::RunEnded(result) => self.run_ended(result),
        };
        effects.extend(self.read_again());
        effects.extend(self.review_when_ready());
        effects.extend(self.read_spaces());
        effects.extend(self.build_when_ready());
        if self.dirty && self.roster.rest.is_none() {
            self.offer();
        }
        effects
    }

    /// Works out which keys of the footer work here and now.
    fn offer(&mut self) {
        let here = |spec: &&Spec| spec.footer > 0 && spec.on(self.screen);
        let mut specs: Vec<&Spec> = ACTIONS
            .iter()
            .filter(here)
            .filter(|spec| (spec.applies)(self).is_ok())
            .collect();
        specs.sort_by_key(|spec| spec.footer);
        self.offers = specs.into_iter().map(|spec| spec.action).collect();
    }

    fn terminal(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Resize(width, height) => {
                if self.setup.size != (width, height) {
                    self.setup.size = (width, height);
                    self.arrange();
                    self.dirty = true;
                }
                Vec::new()
            }
            Event::Key(key) if key.kind != KeyEventKind::Release => self.key(Key::from_event(&key)),
            Event::Paste(text) => self.paste(&text),
            _ => Vec::new(),
        }
    }

    /// Works out every area and height anew.
    pub(in crate::app) fn arrange(&mut self) {
        let banner = self.banner().is_some();
        let (pane, narrowed) = (self.pane(), !self.narrowed().is_empty());
        self.layout = Layout::new(self.setup.size, self.screen, pane, banner, narrowed);
        let lines = self.roster.tree.lines.len();
        self.roster
            .tree
            .list
            .resize(self.layout.group_rows(), lines);
        self.roster
            .list
            .resize(self.layout.people_rows(), self.roster.shown.len());
        let (rows, lines) = (self.layout.group_rows(), self.spaces.lines.len());
        self.spaces.list.resize(rows, lines);
        let (rows, lines) = (self.layout.people_rows(), self.spaces.shown.len());
        self.spaces.seat_list.resize(rows, lines);
        self.plan.refit(self.layout.finding_cells());
        // What stopped the plan stands below its findings and hides none of them.
        let plan = self.plan.plan.as_deref();
        let stop = plan.and_then(|plan| self.stopped(plan));
        let stop = stop.map_or(0, |why| wrap(&why, self.layout.stop_cells()).len());
        let rows = self.layout.plan_rows().saturating_sub(stop).max(1);
        self.plan.list.resize(rows, self.plan.lines.len());
        let rows = self.holder_rows();
        self.licenses.list.resize(rows, self.licenses.shown.len());
        let rows = self.layout.run_rows();
        self.runs.list.resize(rows, self.runs.runs.len());
        let live = self.runs.live.as_ref().map_or(0, Live::rows);
        self.runs.live_list.resize(rows, live);
        if let Some(opened) = &mut self.runs.opened {
            let outcomes = opened
                .record
                .as_ref()
                .map_or(0, |record| record.outcomes.len());
            opened.list.resize(rows, outcomes);
        }
        let room = usize::from(self.layout.height).saturating_sub(6).max(1);
        for dialog in &mut self.dialogs {
            dialog.resize(room);
        }
    }

    /// The line about what could not be read, or is not whole.
    pub fn banner(&self) -> Option<String> {
        if let Some((load, trouble)) = self.data.troubles.iter().next() {
            return Some(format!("{} not read: {}", load.words(self), trouble.line()));
        }
        let tenant = &self.data.snapshot.tenant;
        let directory = &self.data.snapshot.directory;
        let readings = [
            ("users", &tenant.users.proof),
            ("seats", &tenant.licensing.proof),
            ("spaces", &tenant.spaces.proof),
            ("Qlik groups", &tenant.groups.proof),
            ("roles", &tenant.roles.proof),
            ("directory groups", &directory.groups.proof),
        ];
        let mut causes: Vec<String> = readings
            .iter()
            .filter_map(|(what, proof)| incomplete(what, proof))
            .collect();
        causes.extend(
            directory
                .members
                .values()
                .filter_map(|r| incomplete("members", &r.proof))
                .take(1),
        );
        causes.extend(
            tenant
                .assignments
                .iter()
                .filter_map(|(space, reading)| {
                    let what = format!("assignments of {}", self.space_name(space));
                    incomplete(&what, &reading.proof)
                })
                .take(1),
        );
        match causes.len() {
            0 => None,
            1 => causes.pop(),
            more => Some(format!(
                "{} (and {} more incomplete)",
                causes.swap_remove(0),
                more - 1
            )),
        }
    }

    /// Reads both sides again; answers on the way are dropped.
    pub(super) fn load_all(&mut self) -> Vec<Effect> {
        self.data.epoch = Epoch(self.data.epoch.0 + 1);
        // The look at the use goes on; what it finds counts.
        self.data.loading.retain(|load| *load == Load::Use);
        self.data.progress.clear();
        self.data.troubles.clear();
        self.data.groups_of.clear();
        self.data.kept = false;
        let members: Vec<Load> = self
            .data
            .snapshot
            .directory
            .members
            .keys()
            .cloned()
            .map(Load::Members)
            .collect();
        let spaces = self
            .data
            .snapshot
            .tenant
            .assignments
            .keys()
            .cloned()
            .map(Load::Assignments);
        let mut wanted = vec![Load::Tenant, Load::Groups];
        let people = &self.data.snapshot.directory.people.proof;
        if people.is_proven() || people.is_of_last_session() {
            wanted.push(Load::People(PeopleWish::All));
        }
        let queries = self.data.snapshot.directory.queries.keys();
        let queries: Vec<Load> = queries.filter_map(|name| self.query_load(name)).collect();
        wanted.extend(spaces);
        wanted.extend(members);
        wanted.extend(queries);
        self.dirty = true;
        wanted
            .into_iter()
            .filter_map(|load| self.load(load))
            .collect()
    }

    /// Reads something, unless it is being read already.
    pub(super) fn load(&mut self, load: Load) -> Option<Effect> {
        if !self.data.loading.insert(load.clone()) {
            return None;
        }
        self.dirty = true;
        let epoch = self.data.epoch;
        Some(match load {
            Load::Tenant => Effect::LoadTenant(epoch),
            Load::Groups => Effect::LoadGroups(epoch),
            Load::Members(group) => Effect::LoadMembers(epoch, group),
            Load::People(wish) => Effect::LoadPeople(epoch, wish),
            Load::GroupsOf(person) => Effect::LoadGroupsOf(epoch, person),
            Load::Assignments(space) => Effect::LoadAssignments(epoch, space),
            Load::Use => return None,
        })
    }

    fn tick(&mut self, wall: jiff::Timestamp) -> Vec<Effect> {
        if self.runs.drain_until.is_some_and(|until| self.now >= until) {
            self.exit = self.leaving.or(Some(129));
            return Vec::new();
        }
        let minute = |stamp: jiff::Timestamp| stamp.as_second() / 60;
        if minute(wall) != minute(self.wall) || self.is_animating() {
            self.dirty = true;
        }
        self.wall = wall;
        if matches!(self.dialog(), Some(Dialog::Confirm(_) | Dialog::Number(_))) {
            self.dirty = true;
        }
        if self.roster.rest.is_some_and(|rest| self.now >= rest) {
            self.settle();
        }
        Vec::new()
    }

    /// The terminal is gone: never draw again, let a run finish what is in flight, then end. A run
    /// that was approved so goes on to its end without anybody looking (reliability E1).
    fn hang_up(&mut self) -> Vec<Effect> {
        self.gone = true;
        if self.goes_on_alone() {
            return vec![Effect::Detach];
        }
        self.leave(129)
    }

    fn signal(&mut self, signal: Signal) -> Vec<Effect> {
        match signal {
            Signal::Hangup => self.hang_up(),
            Signal::Interrupt if self.runs.is_running() => self.stop_run(),
            Signal::Interrupt => self.leave(130),
            // Asked twice: what is in flight stays unknown until it is resumed.
            Signal::Terminate if self.leaving.is_some() => {
                self.exit = Some(143);
                vec![Effect::StopRun]
            }
            Signal::Terminate => self.leave(143),
            Signal::Quit => {
                self.exit = Some(131);
                vec![Effect::StopRun]
            }
            // Nobody is left who could bring it back, and nothing is there to be drawn on.
            Signal::Suspend | Signal::Continue if self.gone => Vec::new(),
            Signal::Suspend => vec![Effect::Suspend],
            Signal::Continue => {
                self.dirty = true;
                vec![Effect::Reopen]
            }
        }
    }

    /// A question can be read from the moment on when the first frame with it is out.
    fn painted(&mut self, frame: u64, at: Duration) {
        if self.seen.since.is_none() && frame > self.seen.frame {
            self.seen.since = Some(at);
        }
    }

    /// Ends with a code, once a run under way has drained.
    pub(super) fn leave(&mut self, code: u8) -> Vec<Effect> {
        if !self.runs.is_running() {
            self.exit = Some(code);
            return Vec::new();
        }
        if self.leaving.is_none() {
            self.leaving = Some(code);
            self.runs.drain_until = Some(self.now + DRAIN);
        }
        self.say(
            Tone::Plain,
            "leaving once what is in flight has been answered",
        );
        if let Some(live) = &mut self.runs.live {
            live.stopping = true;
        }
        vec![Effect::StopRun]
    }

    /// Goes to a screen.
    pub(super) fn go(&mut self, screen: Screen) {
        self.screen = screen;
        self.arrange();
        self.dirty = true;
    }
}

impl Load {
    /// What it is, in our words.
    pub fn words(&self, app: &App) -> String {
        match self {
            Self::Tenant => "tenant".to_owned(),
            Self::Use => "last use".to_owned(),
            Self::Groups => "directory groups".to_owned(),
            Self::Members(id) => format!("members of {}", app.group_name(id)),
            Self::People(PeopleWish::Query(name, _)) => format!("query {}", show_str(name)),
            Self::People(_) => "people".to_owned(),
            Self::GroupsOf(id) => format!("groups of {}", app.person_name(id)),
            Self::Assignments(id) => format!("assignments of {}", app.space_name(id)),
        }
    }
}

fn incomplete(what: &str, proof: &Completeness) -> Option<String> {
    match proof {
        // What the last session read is being read again, or is not asked for; the header says so.
        Completeness::Incomplete(_) if proof.is_of_last_session() => None,
        Completeness::Incomplete(cause) => Some(format!(
            "{what} incomplete: {cause}; nothing can be removed by absence"
        )),
        Completeness::Moving(_) => Some(format!(
            "{what} changed while they were read; they are read again before anything is taken"
        )),
        Completeness::Proven(_) | Completeness::Once(_) | Completeness::Unread => None,
    }
}
