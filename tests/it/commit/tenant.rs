//! A tenant over a [`World`] that loses, delays, repeats and refuses, by seed or by script.

use futures_util::FutureExt as _;
use qroll::domain::{
    Identity, Reading, SpaceAssignment, SpaceId, TenantInfo, TenantSnapshot, Tier,
};
use qroll::host::memory::{Fuse, MemoryDisk, SeededRng, VirtualClock};
use qroll::ports::{
    Clock as _, Durable, Instant, Kind, LoadProgress, Method, Observation, Prepared, Problem,
    Question, Reply, Rng as _, Tenant, Work, WriteCall,
};
use qroll::text::Raw;
use sha2::Digest as _;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use super::world::{World, effect_names};

/// What happens to one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    Throttle,
    ThrottleFor(u64),
    NotSent,
    /// The answer takes a second longer.
    Slow,
    ErrorBefore,
    ErrorAfter,
    LostBefore,
    LostAfter,
    Late,
    MissingItem,
    DoubledItem,
    Unasked,
    /// A yes that does not say the id of what was made.
    NoId,
    /// The same, and what was made cannot be found afterwards.
    Vanished,
    Denied,
    /// Somebody else's page, and the tenant never got it.
    Foreign,
    /// Somebody did it a moment before, so each item answers that it is not there (LICENSES-016).
    Gone,
    /// Each item answers that there is nothing of the kind, and nothing is done.
    Missing,
    /// Each item is refused by a rule that has nothing to do with seats.
    Barred,
    /// 401, and there is no other token.
    Expired,
}

/// What happens to one reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Answered,
    Lost,
    /// 403.
    Forbidden,
}

/// How often, in per mille.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rates {
    pub(super) faults: &'static [(u64, Fault)],
    pub(super) stale: u64,
    pub(super) unread: u64,
}

/// The fault rates of the model in reliability 3.1.
pub(super) const ABSURD: Rates = Rates {
    faults: &[
        (80, Fault::Throttle),
        (50, Fault::ErrorBefore),
        (50, Fault::ErrorAfter),
        (70, Fault::LostAfter),
        (40, Fault::LostBefore),
        (30, Fault::Late),
        (20, Fault::NotSent),
        (30, Fault::MissingItem),
    ],
    stale: 100,
    unread: 50,
};

pub(super) struct State {
    pub(super) world: World,
    history: Vec<(Instant, World)>,
    late: Vec<(Instant, WriteCall)>,
    prepared: BTreeMap<Vec<u8>, WriteCall>,
    pub(super) script: VecDeque<Fault>,
    /// What happens to the next readings.
    pub(super) looks: VecDeque<Look>,
    pub(super) sent: Vec<(Instant, WriteCall)>,
    /// Which step of the machine each write was.
    pub(super) steps: Vec<u64>,
    pub(super) observed: Vec<Question>,
    /// Nothing can be read.
    pub(super) dark: bool,
    pub(super) violations: Vec<String>,
    fuse: Fuse,
    in_flight: usize,
    pub(super) most_in_flight: usize,
}

/// The tenant.
pub(super) struct FakeTenant {
    pub(super) state: Mutex<State>,
    clock: VirtualClock,
    rng: SeededRng,
    rates: Rates,
    /// Where intents must be durable, when that is watched.
    disk: Option<MemoryDisk>,
    planned: BTreeSet<String>,
    latency: Duration,
    pub(super) info: (TenantInfo, Identity),
}

/// A call's name without ids that only the run knows.
pub(super) fn plain(name: &str) -> String {
    match name.strip_prefix("add_row ") {
        Some(rest) => format!("add_row {}", rest.split(' ').next().unwrap_or_default()),
        None => name.to_owned(),
    }
}

pub(super) fn identity() -> (TenantInfo, Identity) {
    let tenant = TenantInfo {
        id: "tenant-1".into(),
        name: Raw::from("Acme"),
        url: Raw::from("https://acme.eu.example"),
        created_by: None,
    };
    let identity = Identity {
        user: "admin-1".into(),
        subject: "CORP\\admin".into(),
        name: Raw::from("Admin"),
    };
    (tenant, identity)
}

impl FakeTenant {
    pub(super) fn new(
        world: World,
        clock: VirtualClock,
        seed: u64,
        rates: Rates,
        planned: BTreeSet<String>,
        disk: Option<MemoryDisk>,
    ) -> Self {
        Self {
            state: Mutex::new(State {
                history: vec![(Instant::default(), world.clone())],
                world,
                late: Vec::new(),
                prepared: BTreeMap::new(),
                script: VecDeque::new(),
                looks: VecDeque::new(),
                sent: Vec::new(),
                steps: Vec::new(),
                observed: Vec::new(),
                dark: false,
                violations: Vec::new(),
                fuse: Fuse::new(),
                in_flight: 0,
                most_in_flight: 0,
            }),
            clock,
            rng: SeededRng::new(seed),
            rates,
            disk,
            planned,
            latency: Duration::from_millis(50),
            info: identity(),
        }
    }

    pub(super) fn set_fuse(&self, fuse: Fuse) {
        self.state.lock().expect("tenant").fuse = fuse;
    }

    fn step(&self) -> bool {
        self.state.lock().expect("tenant").fuse.step()
    }

    fn roll(&self, most: u64) -> u64 {
        self.rng.next() % most.max(1)
    }

    fn fault(&self) -> Fault {
        if let Some(fault) = self.state.lock().expect("tenant").script.pop_front() {
            return fault;
        }
        let mut dice = self.roll(1000);
        for (rate, fault) in self.rates.faults {
            if dice < *rate {
                return *fault;
            }
            dice -= rate;
        }
        Fault::None
    }

    /// Lets late requests land.
    fn settle(&self, state: &mut State) {
        let now = self.clock.now();
        let (due, later) = std::mem::take(&mut state.late)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        state.late = later;
        let due: Vec<(Instant, WriteCall)> = due;
        for (_, call) in due {
            self.apply(state, &call);
        }
    }

    fn apply(&self, state: &mut State, call: &WriteCall) -> Reply {
        let reply = state.world.apply(call);
        state.history.push((self.clock.now(), state.world.clone()));
        reply
    }

    /// Every late request lands.
    pub(super) fn drain(&self) {
        let mut state = self.state.lock().expect("tenant");
        for (_, call) in std::mem::take(&mut state.late) {
            self.apply(&mut state, &call);
        }
    }

    fn check(&self, state: &mut State, durable: &Durable, prepared: &Prepared, call: &WriteCall) {
        for name in effect_names(call) {
            if !self.planned.is_empty() && !self.planned.contains(&plain(&name)) {
                state.violations.push(format!("not planned: {name}"));
            }
        }
        let Some(disk) = &self.disk else {
            return;
        };
        let digest =
            sha2::Sha256::digest(&prepared.body)
                .iter()
                .fold(String::new(), |mut hex, byte| {
                    let _ = write!(hex, "{byte:02x}");
                    hex
                });
        let seq = format!("\"seq\":{},", durable.seq());
        let stands = disk
            .files()
            .iter()
            .filter(|path| path.extension().is_some_and(|ending| ending == "journal"))
            .filter_map(|path| disk.synced(path))
            .any(|bytes| {
                String::from_utf8_lossy(&bytes)
                    .lines()
                    .any(|line| line.contains(&seq) && line.contains(&digest))
            });
        if !stands {
            state
                .violations
                .push(format!("sent before its intent: {call:?}"));
        }
    }

    /// Applies the fault and gives the answer.
    fn answer(&self, state: &mut State, fault: Fault, call: &WriteCall) -> Reply {
        if let Some(reply) = without_effect(fault) {
            return reply;
        }
        match fault {
            Fault::ErrorAfter => {
                self.apply(state, call);
                ambiguous(Some(502), "bad gateway")
            }
            Fault::LostAfter => {
                self.apply(state, call);
                ambiguous(None, "connection reset")
            }
            Fault::Late => {
                let delay = Duration::from_millis(self.roll(40_000));
                state
                    .late
                    .push((self.clock.now().plus(delay), call.clone()));
                ambiguous(None, "timeout")
            }
            Fault::Gone => {
                let reply = self.apply(state, call);
                answered(reply, 404, "LICENSES-016")
            }
            Fault::Barred | Fault::Missing => {
                let before = state.world.clone();
                let reply = self.apply(state, call);
                state.world = before;
                match fault {
                    Fault::Missing => answered(reply, 404, "LICENSES-016"),
                    _ => answered(reply, 400, "LICENSES-900"),
                }
            }
            Fault::NoId | Fault::Vanished => {
                let before = state.world.clone();
                let mut reply = self.apply(state, call);
                if let Reply::Yes { id, .. } = &mut reply {
                    *id = None;
                }
                if fault == Fault::Vanished {
                    state.world = before;
                }
                reply
            }
            _ => {
                let mut reply = self.apply(state, call);
                if let Reply::Items { items, .. } = &mut reply {
                    if fault == Fault::DoubledItem {
                        items.extend(items.first().cloned());
                    }
                    if fault == Fault::MissingItem {
                        items.pop();
                    }
                    if fault == Fault::Unasked
                        && let Some(item) = items.first_mut()
                    {
                        item.subject = "somebody-else".into();
                    }
                    items.reverse();
                }
                reply
            }
        }
    }
}

fn ambiguous(status: Option<u16>, cause: &str) -> Reply {
    Reply::Ambiguous {
        status,
        cause: Raw::from(cause),
        trace: None,
    }
}

/// The answer to a fault that leaves nothing behind.
fn without_effect(fault: Fault) -> Option<Reply> {
    let no = |status, reason: &str| Reply::No {
        status,
        code: None,
        reason: Raw::from(reason),
        trace: None,
    };
    Some(match fault {
        Fault::Throttle => Reply::Throttled { wait: None },
        Fault::ThrottleFor(seconds) => Reply::Throttled {
            wait: Some(Duration::from_secs(seconds)),
        },
        Fault::NotSent => Reply::NotSent {
            cause: Raw::from("connection refused"),
        },
        Fault::ErrorBefore => ambiguous(Some(500), "internal error"),
        Fault::LostBefore => ambiguous(None, "connection reset"),
        Fault::Expired => no(401, "unauthorized"),
        Fault::Denied => no(403, "forbidden"),
        Fault::Foreign => Reply::Foreign {
            status: 200,
            cause: Raw::from("a page for a browser came"),
            trace: None,
        },
        _ => return None,
    })
}

/// The same answer with this said of each item.
fn answered(mut reply: Reply, status: u16, code: &str) -> Reply {
    if let Reply::Items { items, .. } = &mut reply {
        for item in items {
            item.status = status;
            item.code = Some(Raw::from(code));
        }
    }
    reply
}

impl Tenant for FakeTenant {
    fn identify(&self) -> Work<'_, Result<(TenantInfo, Identity), Problem>> {
        async move { Ok(self.info.clone()) }.boxed()
    }

    fn load<'a>(
        &'a self,
        _progress: &'a (dyn Fn(LoadProgress) + Send + Sync),
    ) -> Work<'a, Result<TenantSnapshot, Problem>> {
        async { Err(Problem::new(Kind::Internal, "a run does not load")) }.boxed()
    }

    fn assignments<'a>(
        &'a self,
        _space: &'a SpaceId,
    ) -> Work<'a, Result<Reading<Vec<SpaceAssignment>>, Problem>> {
        async { Err(Problem::new(Kind::Internal, "a run does not list")) }.boxed()
    }

    fn observe<'a>(&'a self, question: &'a Question) -> Work<'a, Result<Observation, Problem>> {
        async move {
            self.clock.sleep(self.latency).await;
            if !self.step() {
                std::future::pending::<()>().await;
            }
            let mut state = self.state.lock().expect("tenant");
            self.settle(&mut state);
            state.observed.push(question.clone());
            match state.looks.pop_front() {
                None | Some(Look::Answered) => {}
                Some(Look::Lost) => return Err(Problem::new(Kind::Network, "no answer")),
                Some(Look::Forbidden) => return Err(Problem::new(Kind::Denied, "forbidden")),
            }
            if self.roll(1000) < self.rates.unread || state.dark {
                return Err(Problem::new(Kind::Network, "no answer"));
            }
            if self.roll(1000) < self.rates.stale {
                let lag = Duration::from_millis(self.roll(15_000));
                let then = Instant(self.clock.now().0.saturating_sub(lag));
                let old = state.history.iter().rev().find(|(at, _)| *at <= then);
                if let Some((_, world)) = old {
                    return Ok(world.answer(question));
                }
            }
            Ok(state.world.answer(question))
        }
        .boxed()
    }

    fn prepare(&self, call: &WriteCall) -> Prepared {
        let body = format!("{call:?}").into_bytes();
        let mut state = self.state.lock().expect("tenant");
        state.prepared.insert(body.clone(), call.clone());
        Prepared {
            method: Method::Post,
            path: "/api/v1/fake".to_owned(),
            body,
            tier: Tier::Two,
        }
    }

    fn send(&self, durable: Durable, prepared: Prepared) -> Work<'_, Reply> {
        async move {
            let fault = self.fault();
            {
                let mut state = self.state.lock().expect("tenant");
                state.in_flight += 1;
                state.most_in_flight = state.most_in_flight.max(state.in_flight);
            }
            self.clock.sleep(self.latency / 2).await;
            if !self.step() {
                std::future::pending::<()>().await;
            }
            let reply = {
                let mut state = self.state.lock().expect("tenant");
                self.settle(&mut state);
                let call = state.prepared[&prepared.body].clone();
                state.sent.push((self.clock.now(), call.clone()));
                let step = state.fuse.steps();
                state.steps.push(step);
                self.check(&mut state, &durable, &prepared, &call);
                self.answer(&mut state, fault, &call)
            };
            if fault == Fault::Slow {
                self.clock.sleep(Duration::from_secs(1)).await;
            }
            self.clock.sleep(self.latency / 2).await;
            self.state.lock().expect("tenant").in_flight -= 1;
            reply
        }
        .boxed()
    }
}
