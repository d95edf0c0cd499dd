//! The tenant of the simulation: what it knows, when what arrives, and the second admin who acts between
//! any two steps. What a call does stands in `arrive`, the face to the program in `port`.

use qroll::host::memory::{Fuse, MemoryDisk, VirtualClock};
use qroll::ports::{Clock as _, Instant, Reply, WriteCall};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use super::cell::{Cell, Value, value};
use super::dice::{Dice, Ill, Weather};
use super::stranger;
use super::watch::{Last, Seen, Watch};
use crate::commit::world::World;

/// From leaving to the answer.
pub(super) const LATENCY: Duration = Duration::from_millis(50);
/// More steps than this in one seed are an endless loop.
const MOST_STEPS: u64 = 30_000;

/// One call on the wire.
pub(super) struct Entry {
    pub(super) call: WriteCall,
    pub(super) path: String,
    pub(super) digest: String,
    pub(super) ops: Vec<usize>,
    /// What the last look at each operation's cells had shown when it left.
    pub(super) looks: Vec<Option<Seen>>,
    /// What was known of each operation before.
    pub(super) were: Vec<Last>,
    pub(super) ill: Ill,
    pub(super) arrived: Option<Instant>,
    pub(super) effect: bool,
    pub(super) reply: Option<Reply>,
}

/// A change of state by the run.
pub(super) struct Effect {
    pub(super) op: usize,
    /// How often a second admin had acted before.
    pub(super) acts: u64,
    /// Whether a second admin had changed the cell after an earlier effect of the same operation.
    pub(super) between: bool,
}

/// Foreign changes that were overwritten although nothing older was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Windows {
    /// Made between our look and the arrival of our write; and the longest such window.
    pub(super) trip: u64,
    pub(super) longest: Duration,
    /// Our look showed an older state.
    pub(super) lag: u64,
    /// Our write arrived long after we had given it up.
    pub(super) late: u64,
}

/// How the credential is at the start of a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Credential {
    Good,
    Expired,
    OtherTenant,
    OtherUser,
    Unreachable,
}

pub(super) struct State {
    pub(super) world: World,
    pub(super) past: VecDeque<(Instant, Arc<World>)>,
    pub(super) transit: BTreeSet<(Instant, usize)>,
    pub(super) calls: BTreeMap<Vec<u8>, WriteCall>,
    pub(super) wire: Vec<Entry>,
    pub(super) effects: Vec<Effect>,
    /// When a second admin changed a cell last, and by which act.
    pub(super) strange: BTreeMap<Cell, (Instant, u64)>,
    pub(super) acts: u64,
    pub(super) windows: Windows,
    /// Whether an operation's wish stood at any time.
    pub(super) held: Vec<bool>,
    /// Whether something was as wished before the run.
    pub(super) is_old: bool,
    pub(super) watch: Watch,
    pub(super) trace: Option<Vec<String>>,
    pub(super) calm: bool,
    pub(super) credential: Credential,
    pub(super) steps: u64,
    pub(super) cancel_at: Option<(u64, CancellationToken)>,
    pub(super) fuse: Fuse,
    /// The last number of an id when those who have one were learned.
    learned: Option<u64>,
}

/// The tenant.
pub(super) struct Town {
    pub(super) state: Mutex<State>,
    pub(super) clock: VirtualClock,
    pub(super) dice: Dice,
    pub(super) weather: Weather,
    pub(super) disk: MemoryDisk,
}

impl State {
    pub(super) fn note(&mut self, now: Instant, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>9.3} {}", now.0.as_secs_f64(), what()));
        }
    }

    pub(super) fn is_endless(&self) -> bool {
        self.steps > MOST_STEPS
    }

    pub(super) fn learn_ids(&mut self) {
        let (watch, world) = (&mut self.watch, &self.world);
        // Whoever is new has a new number in the id.
        if self.learned != Some(world.next) {
            self.learned = Some(world.next);
            for user in world.users.values() {
                watch
                    .subjects
                    .entry(user.id.clone())
                    .or_insert_with(|| user.subject.clone());
            }
        }
        for group in world.groups.values() {
            watch
                .groups
                .entry(group.id.clone())
                .or_insert_with(|| group.name.expose().to_owned());
        }
    }

    /// Which operations' wishes stand now.
    pub(super) fn look_at(&mut self, operations: impl IntoIterator<Item = usize>) {
        for this in operations {
            if self.held[this] {
                continue;
            }
            let touches = &self.watch.known[this].touches;
            self.held[this] = touches
                .iter()
                .all(|touch| value(&self.world, &touch.cell) == touch.after);
        }
    }
}

impl Town {
    pub(super) fn new(
        world: World,
        watch: Watch,
        weather: Weather,
        dice: Dice,
        clock: VirtualClock,
        disk: MemoryDisk,
        trace: bool,
    ) -> Self {
        let mut state = State {
            past: VecDeque::from([(Instant::default(), Arc::new(world.clone()))]),
            world,
            transit: BTreeSet::new(),
            calls: BTreeMap::new(),
            wire: Vec::new(),
            effects: Vec::new(),
            strange: BTreeMap::new(),
            acts: 0,
            windows: Windows::default(),
            held: vec![false; watch.known.len()],
            is_old: false,
            watch,
            trace: trace.then(Vec::new),
            calm: false,
            credential: Credential::Good,
            steps: 0,
            cancel_at: None,
            fuse: Fuse::new(),
            learned: None,
        };
        state.learn_ids();
        state.look_at(0..state.held.len());
        state.is_old = state.held.contains(&true);
        Self {
            state: Mutex::new(state),
            clock,
            dice,
            weather,
            disk,
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the town")
    }

    pub(super) fn set_fuse(&self, fuse: Fuse) {
        self.state().fuse = fuse;
    }

    pub(super) fn step(&self) -> bool {
        let mut state = self.state();
        state.steps += 1;
        if let Some((at, token)) = &state.cancel_at
            && state.steps >= *at
        {
            token.cancel();
            state.cancel_at = None;
        }
        !state.is_endless() && state.fuse.step()
    }

    pub(super) fn remember(&self, state: &mut State, now: Instant) {
        if self.weather.stale == 0 {
            return;
        }
        state.past.push_back((now, Arc::new(state.world.clone())));
        while state
            .past
            .get(1)
            .is_some_and(|(at, _)| now.since(*at) > Duration::from_secs(20))
        {
            state.past.pop_front();
        }
    }

    /// Lets everything arrive that is due.
    pub(super) fn settle(&self, state: &mut State) {
        let now = self.clock.now();
        while let Some(first) = state.transit.first().copied()
            && first.0 <= now
        {
            state.transit.remove(&first);
            self.arrive(state, first.1, first.0);
        }
    }

    /// Everything that is still on its way arrives.
    pub(super) fn drain(&self) {
        let mut state = self.state();
        while let Some((due, entry)) = state.transit.pop_first() {
            self.arrive(&mut state, entry, due);
        }
    }

    /// The power goes: half of what is on its way has not left the machine.
    pub(super) fn power_cut(&self) {
        let mut state = self.state();
        let kept = std::mem::take(&mut state.transit);
        state.transit = kept.into_iter().filter(|_| self.dice.chance(500)).collect();
        let now = self.clock.now();
        state.note(now, || "the process is gone".to_owned());
    }

    /// A second admin may act now.
    pub(super) fn stranger(&self, state: &mut State) {
        if state.calm || !self.dice.chance(self.weather.strange) {
            return;
        }
        let now = self.clock.now();
        let cells: Vec<Cell> = state.watch.by_cell.keys().cloned().collect();
        let old: Vec<Value> = cells.iter().map(|cell| value(&state.world, cell)).collect();
        let Some(operation) = self.dice.pick(&state.watch.plan.operations).cloned() else {
            return;
        };
        let what = stranger::act(&mut state.world, &operation.change, &self.dice);
        state.acts += 1;
        state.note(now, || format!("a second admin {what}"));
        for (cell, old) in cells.into_iter().zip(old) {
            if value(&state.world, &cell) != old {
                let act = state.acts;
                state.strange.insert(cell, (now, act));
            }
        }
        state.learn_ids();
        state.look_at(0..state.held.len());
        self.remember(state, now);
    }
}
