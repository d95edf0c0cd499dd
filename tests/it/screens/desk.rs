//! A desk to sit at: keys go in, effects are answered from the world at once, screens come out.

use crossterm::event::Event;
use jiff::SignedDuration;
use qroll::app::{
    Answer, App, Capabilities, Cautions, Effect, Epoch, Keymap, Message, Palette, PeopleWish,
    ReviewRequest, Reviewed, Setup, Source, Trouble, keys,
};
use qroll::domain::{
    Counts, DirectoryGroup, DirectoryGroupId, DirectorySnapshot, Guards, Outcome, Past, Person,
    Plan, Reading, RunEvent, RunId, SeatHistory, Snapshot, SourceKind, SpaceAssignment, SpaceId,
    TenantSnapshot, Usage, Verdict,
};
use qroll::planner::holders::{Inquiry, review};
use qroll::planner::roster::Index;
use qroll::planner::{IdentityRule, PLAN_TTL, PlanInput, SubjectTemplate, build};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::world;

pub(super) struct Desk {
    pub(super) app: App,
    pub(super) at: Duration,
    pub(super) asked: Vec<Effect>,
    pub(super) tenant: TenantSnapshot,
    /// What earlier runs and readings say.
    pub(super) past: Past,
    /// What speaks against the machine.
    pub(super) cautions: Cautions,
    /// What a look at the use finds.
    pub(super) usage: Option<Arc<Usage>>,
    /// Why the use is not read whole.
    pub(super) gap: Option<String>,
    /// Whether it was asked what people own.
    pub(super) asks_owned: bool,
    /// Seats of earlier days.
    pub(super) history: SeatHistory,
    /// People and groups of the directory.
    pub(super) folk: Vec<Arc<Person>>,
    pub(super) groups: Vec<DirectoryGroup>,
    /// Who is assigned where, in place of the world's.
    pub(super) assigned: BTreeMap<SpaceId, Reading<Vec<SpaceAssignment>>>,
    /// Effects whose name begins so are kept instead of answered.
    pub(super) hold: Vec<&'static str>,
    pub(super) held: Vec<Effect>,
    size: (u16, u16),
}

pub(super) fn rule() -> IdentityRule {
    IdentityRule::new(SubjectTemplate::parse("{id}").expect("a template"))
}

pub(super) fn setup(size: (u16, u16)) -> Setup {
    Setup {
        profile: "acme".to_owned(),
        tenant: "acme.eu.qlikcloud.com".to_owned(),
        source: Source {
            kind: SourceKind::Entra,
            label: "graph.example".to_owned(),
        },
        rule: rule(),
        guards: Guards::default(),
        entitled: qroll::domain::Entitled::default(),
        capabilities: Capabilities {
            unicode: true,
            palette: Palette::None,
        },
        keymap: Keymap::default(),
        queries: world::queries(),
        wall: world::now(),
        size,
    }
}

impl Desk {
    /// Everything read, nothing marked.
    pub(super) fn new(columns: u16, rows: u16) -> Self {
        Self::with(setup((columns, rows)))
    }

    pub(super) fn with(setup: Setup) -> Self {
        let mut desk = Self::unread(setup);
        desk.begin();
        desk
    }

    pub(super) fn unread(setup: Setup) -> Self {
        let size = setup.size;
        Self {
            app: App::new(setup),
            at: Duration::from_secs(10),
            asked: Vec::new(),
            tenant: world::tenant(),
            past: Past::default(),
            cautions: Cautions::default(),
            usage: None,
            gap: None,
            asks_owned: true,
            history: SeatHistory::default(),
            folk: world::people(),
            groups: world::groups(),
            assigned: BTreeMap::new(),
            hold: Vec::new(),
            held: Vec::new(),
            size,
        }
    }

    pub(super) fn begin(&mut self) {
        let effects = self.app.start();
        self.work(effects);
        self.rest();
    }

    /// A desk whose snapshot is already there.
    pub(super) fn over(setup: Setup, tenant: TenantSnapshot, directory: DirectorySnapshot) -> Self {
        let mut desk = Self::unread(setup);
        desk.tell(Answer::Tenant(Ok(Arc::new(tenant))));
        desk.tell(Answer::Groups(Ok(directory.groups)));
        let people = directory.people.value.into_values();
        let people = Reading {
            value: people.collect(),
            proof: directory.people.proof,
        };
        desk.tell(Answer::People(PeopleWish::All, Ok(people)));
        desk.app.status = None;
        desk.asked.clear();
        desk
    }

    /// A start over what the last session left, nothing answered yet.
    pub(super) fn after(snapshot: Snapshot) -> Self {
        let mut desk = Self::unread(setup((120, 36)));
        desk.tell(Answer::Cached(Some(Box::new(snapshot))));
        desk
    }

    /// Types, a tenth of a second apart.
    pub(super) fn keys(&mut self, text: &str) -> &mut Self {
        for key in keys(text) {
            self.at += Duration::from_millis(100);
            self.send(Message::Terminal {
                event: key.to_event(),
                at: self.at,
            });
        }
        self.rest();
        self
    }

    /// Types without a pause at the end: the inspector still lags.
    pub(super) fn quick(&mut self, text: &str) -> &mut Self {
        for key in keys(text) {
            self.at += Duration::from_millis(1);
            self.send(Message::Terminal {
                event: key.to_event(),
                at: self.at,
            });
        }
        self
    }

    pub(super) fn event(&mut self, event: Event) -> &mut Self {
        self.at += Duration::from_millis(100);
        self.send(Message::Terminal { event, at: self.at });
        self
    }

    /// The cursor rests.
    pub(super) fn rest(&mut self) {
        self.wait(Duration::from_millis(500));
    }

    pub(super) fn wait(&mut self, span: Duration) {
        self.at += span;
        let wall = world::now()
            + SignedDuration::from_secs(i64::try_from(self.at.as_secs()).expect("short"));
        let _ = wall;
        self.send(Message::Tick {
            at: self.at,
            wall: world::now(),
        });
    }

    pub(super) fn send(&mut self, message: Message) {
        let effects = self.app.update(message);
        self.work(effects);
        // A terminal that shows everything at once.
        let painted = Message::Painted {
            frame: u64::MAX,
            at: self.at,
        };
        let effects = self.app.update(painted);
        self.work(effects);
    }

    pub(super) fn tell(&mut self, answer: Answer) {
        let epoch = self.app.data.epoch;
        self.send(Message::Answer { epoch, answer });
    }

    fn work(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.asked.push(effect.clone());
            let held = |held: &&str| format!("{effect:?}").starts_with(*held);
            if self.hold.iter().any(held) {
                self.held.push(effect);
            } else {
                self.carry_out(effect);
            }
        }
    }

    pub(super) fn release(&mut self) {
        self.hold.clear();
        for effect in std::mem::take(&mut self.held) {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::LoadTenant(epoch) => {
                self.answer(epoch, Answer::Tenant(Ok(Arc::new(self.tenant.clone()))));
            }
            Effect::LoadGroups(epoch) => {
                self.answer(
                    epoch,
                    Answer::Groups(Ok(Reading::proven(self.groups.clone(), "all pages"))),
                );
            }
            Effect::LoadMembers(epoch, group) => {
                let members = world::members(&group, &self.folk);
                self.answer(epoch, Answer::Members(group, Ok(members)));
            }
            Effect::LoadGroupsOf(epoch, person) => {
                let ways = world::groups_of(&person, &self.folk);
                self.answer(epoch, Answer::GroupsOf(person, Ok(ways)));
            }
            Effect::LoadPeople(epoch, wish) => self.people(epoch, wish),
            Effect::LoadAssignments(epoch, space) => {
                let own = self.assigned.get(&space).cloned();
                let rows = own.unwrap_or_else(|| world::assignments(&space));
                self.answer(epoch, Answer::Assignments(space, Ok(rows)));
            }
            Effect::BuildPlan(epoch, request) => {
                let plan = build(&PlanInput {
                    index: &Index::new(&request.snapshot, &rule()),
                    snapshot: &request.snapshot,
                    staging: &request.staging,
                    guards: &self.app.setup.guards.allowing(&request.staging.allowed),
                    selection: &request.selection,
                    past: &self.past,
                    now: world::now(),
                    ttl: PLAN_TTL,
                });
                self.answer(
                    epoch,
                    Answer::Planned(request.generation, Ok(Arc::new(plan))),
                );
            }
            Effect::Review(epoch, request) => {
                let found = self.reviewed(
                    &request,
                    request.known.as_ref().and_then(|known| known.usage.clone()),
                );
                self.answer(epoch, Answer::Reviewed(Ok(Arc::new(found))));
            }
            Effect::LookAtUse(epoch, request) => {
                let found = self.reviewed(&request, self.usage.clone());
                self.answer(epoch, Answer::Used(Ok(Arc::new(found))));
            }
            Effect::Cautions(epoch, _) => {
                let cautions = self.cautions.clone();
                self.answer(epoch, Answer::Cautions(cautions));
            }
            Effect::Copy(text) => self.answer(Epoch(u64::MAX), Answer::Sent(text.len())),
            _ => {}
        }
    }

    fn reviewed(&self, request: &ReviewRequest, usage: Option<Arc<Usage>>) -> Reviewed {
        let index = Index::new(&request.snapshot, &rule());
        let mut review = review(&Inquiry {
            accepted: &request.accepted,
            index: &index,
            snapshot: &request.snapshot,
            entitled: &self.app.setup.entitled,
            groups: &request.groups,
            guards: &self.app.setup.guards,
            usage: usage.as_deref(),
            now: world::now(),
        });
        for holder in &mut review.holders {
            // A look asks what they own too.
            holder.owns_read = self.asks_owned;
        }
        Reviewed {
            review,
            gap: self.gap.clone().filter(|_| usage.is_some()),
            usage,
            history: Arc::new(self.history.clone()),
            ..Reviewed::default()
        }
    }

    fn people(&mut self, epoch: Epoch, wish: PeopleWish) {
        let people = match &wish {
            PeopleWish::Again(ids) => self
                .folk
                .iter()
                .filter(|person| ids.contains(&person.id))
                .cloned()
                .collect(),
            PeopleWish::Query(_, filter) => world::fits(filter, &self.folk),
            PeopleWish::All => self.folk.clone(),
            PeopleWish::Find(text) => self
                .folk
                .iter()
                .filter(|person| person.name.key().contains(&text.to_lowercase()))
                .cloned()
                .collect(),
            PeopleWish::Addresses(list) => self
                .folk
                .iter()
                .filter(|person| {
                    person
                        .mails()
                        .any(|mail| list.iter().any(|a| a.key() == mail.key()))
                })
                .cloned()
                .collect(),
        };
        self.answer(
            epoch,
            Answer::People(wish, Ok(Reading::proven(people, "all pages"))),
        );
    }

    fn answer(&mut self, epoch: Epoch, answer: Answer) {
        self.send(Message::Answer { epoch, answer });
    }

    pub(super) fn fail_members(&mut self, group: &str, trouble: Trouble) {
        self.tell(Answer::Members(DirectoryGroupId::from(group), Err(trouble)));
    }

    /// Events of a run in which every operation of the plan is applied, up to `done`.
    pub(super) fn run_events(&mut self, plan: &Plan, done: usize) {
        let total = plan.operations.len() as u64;
        self.run(RunEvent::Started {
            run: RunId::from("20261124T090000Z-7f3a"),
            plan: plan.hash.clone(),
            total,
            judged: 0,
        });
        for operation in plan.operations.iter().take(done) {
            self.run(RunEvent::Sending {
                operations: vec![operation.id.clone()],
            });
            self.run(RunEvent::Judged(Outcome {
                operation: operation.id.clone(),
                verdict: Verdict::Applied,
                status: Some(201),
                millis: 91,
                trace: None,
            }));
        }
        if done == plan.operations.len() {
            let counts = Counts {
                total,
                applied: total,
                ..Counts::default()
            };
            self.run(RunEvent::Finished {
                counts,
                stopped: None,
            });
        }
    }

    pub(super) fn run(&mut self, event: RunEvent) {
        self.at += Duration::from_millis(10);
        self.send(Message::Run { event, at: self.at });
    }

    /// The screen as text.
    pub(super) fn screen(&self) -> String {
        let mut terminal = self.terminal();
        terminal
            .draw(|frame| qroll::view::screen(&self.app, frame))
            .expect("no failure here");
        let buffer = terminal.backend().buffer();
        let width = usize::from(buffer.area.width);
        let lines = buffer.content.chunks(width.max(1)).map(|line| {
            let mut text = String::new();
            let mut skip = 0;
            for cell in line {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                skip = qroll::text::width(cell.symbol()).saturating_sub(1);
                text.push_str(cell.symbol());
            }
            text.trim_end().to_owned()
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The screen with the plan's hash masked: it changes with every word of a finding.
    pub(super) fn masked(&self) -> String {
        let plan = self.plan();
        let named = qroll::planner::words(&plan.hash);
        let mut screen = self.screen();
        let mut part = named.as_str();
        while !screen.contains(part) {
            part = part.rsplit_once('-').expect("some words are there").0;
        }
        screen = screen.replace(part, "WORDS");
        screen.replacen(plan.hash.short(), "HASH", 1)
    }

    pub(super) fn terminal(&self) -> Terminal<TestBackend> {
        let (columns, rows) = self.size;
        Terminal::new(TestBackend::new(columns, rows)).expect("no failure here")
    }

    pub(super) fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.size = (columns, rows);
        self.event(Event::Resize(columns, rows))
    }

    pub(super) fn status(&self) -> String {
        self.app
            .status
            .as_ref()
            .map(|status| status.text.clone())
            .unwrap_or_default()
    }

    pub(super) fn plan(&self) -> Arc<Plan> {
        self.app.plan.plan.clone().expect("a plan")
    }
}
