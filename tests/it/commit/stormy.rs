//! A tenant behind the real client that throttles, in virtual time: it knows when each request left
//! and until when it had told everybody to wait.

use bytes::Bytes;
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use qroll::commit::{self, ApprovedPlan, CommitPorts, RunReport, Settings};
use qroll::connectors::qlik::{QlikCredential, QlikTenant};
use qroll::domain::Plan;
use qroll::host::memory::{MemoryDisk, SeededRng, VirtualClock};
use qroll::ports::{
    Clock as _, Instant, Method, Problem, Secret, Wire, WireFailure, WireRequest, WireResponse,
    Work,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use super::plans::morning;

/// One way of the network.
const WAY: Duration = Duration::from_millis(25);
/// What is never sent sooner after a 429 that says nothing usable (reliability A2).
const FLOOR: Duration = Duration::from_secs(1);
pub(super) const WINDOW: Duration = Duration::from_mins(5);

/// What a 429 says of the time to wait.
#[derive(Clone, Copy, Debug)]
pub(super) enum Says {
    Seconds,
    Date,
    Nothing,
    Nonsense,
}

/// When a tenant refuses, and what it says then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Storm {
    /// Each so manieth request is refused and closes the tier; 0 is none.
    pub(super) every: u64,
    /// For how long.
    pub(super) closed: Duration,
    pub(super) says: Says,
    /// Closed from the first of these spans to the second, again after the third.
    pub(super) hours: Option<(Duration, Duration, Duration)>,
}

/// No storm at all.
pub(super) const FAIR: Storm = Storm {
    every: 0,
    closed: Duration::ZERO,
    says: Says::Seconds,
    hours: None,
};

/// When the last of so many writes may go at best in fair weather.
pub(super) fn fair_ideal(writes: usize) -> Duration {
    FAIR.ideal(writes)
}

impl Storm {
    /// The end of the closed hours at this time.
    fn closed_at(&self, now: Duration) -> Option<Duration> {
        let (from, to, again) = self.hours?;
        let rounds = now.as_nanos() / again.as_nanos();
        let start = again * u32::try_from(rounds).unwrap_or(u32::MAX);
        let inside = now.saturating_sub(start);
        (inside >= from && inside < to).then(|| start + to)
    }

    /// When the last of so many writes is let through at best: whoever knows when it is closed and
    /// needs no time at all.
    pub(super) fn ideal(&self, writes: usize) -> Duration {
        let (mut now, mut sent, mut count) = (Duration::ZERO, Vec::new(), 0_u64);
        let mut done = 0;
        while done < writes {
            if let Some(early) = sent.len().checked_sub(500) {
                now = now.max(sent[early] + WINDOW);
            }
            if let Some(end) = self.closed_at(now) {
                now = end;
            }
            sent.push(now);
            count += 1;
            if self.every > 0 && count.is_multiple_of(self.every) {
                now += self.closed;
            } else {
                done += 1;
            }
        }
        now
    }
}

/// What happened at the tenant.
#[derive(Default)]
pub(super) struct Log {
    /// When each write left.
    pub(super) writes: Vec<Instant>,
    /// How many of them were refused with 429.
    pub(super) refused: usize,
    /// Writes that left before the time that was told.
    pub(super) early: usize,
    /// Writes of something that stood already.
    pub(super) doubled: usize,
    /// Answers that never came.
    pub(super) lost: usize,
    users: BTreeMap<String, Value>,
    seats: BTreeMap<String, String>,
    count: u64,
    closed: Duration,
    allowed: Duration,
}

/// Something that happens to the machine while a write is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shock {
    /// At which write.
    pub(super) at: usize,
    /// By how much the wall clock is set.
    pub(super) wall: SignedDuration,
    /// For how long the machine sleeps.
    pub(super) sleep: Duration,
    /// Whether the answer to the write is lost with it.
    pub(super) lost: bool,
}

/// The wire to it.
pub(super) struct Stormy {
    pub(super) clock: VirtualClock,
    pub(super) storm: Storm,
    pub(super) skew: SignedDuration,
    pub(super) shocks: Vec<Shock>,
    start: Timestamp,
    pub(super) log: Mutex<Log>,
}

impl Stormy {
    pub(super) fn new(storm: Storm) -> Self {
        Self {
            clock: VirtualClock::new(morning()),
            storm,
            skew: SignedDuration::ZERO,
            shocks: Vec::new(),
            start: morning(),
            log: Mutex::new(Log::default()),
        }
    }

    /// The tenant's own time: no hand at our clock moves it.
    fn date(&self, later: Duration) -> String {
        let passed = SignedDuration::try_from(self.clock.now().0 + later).expect("a span");
        let time = self.start + self.skew + passed;
        time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// Until when it is closed for a write that arrives now.
    fn refuses(&self, log: &mut Log) -> Option<Duration> {
        let now = self.clock.now().0;
        let closed = log
            .closed
            .max(self.storm.closed_at(now).unwrap_or_default());
        if now < closed {
            return Some(closed);
        }
        log.count += 1;
        if self.storm.every > 0 && log.count.is_multiple_of(self.storm.every) {
            log.closed = now + self.storm.closed;
            return Some(log.closed);
        }
        None
    }

    /// The answer of 429 and the time before which nobody may come again.
    fn refusal(&self, log: &mut Log, until: Duration) -> (WireResponse, Duration) {
        const NONSENSE: [&str; 7] = ["0", "-5", "99999999", "1e300", "soon", "", "NaN"];
        log.refused += 1;
        let wait = until.saturating_sub(self.clock.now().0);
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let (header, wait) = match self.storm.says {
            Says::Seconds => (Some(seconds.to_string()), Duration::from_secs(seconds)),
            Says::Date => (Some(self.date(wait)), wait.saturating_sub(FLOOR)),
            Says::Nothing => (None, FLOOR),
            Says::Nonsense => (
                Some(NONSENSE[log.refused % NONSENSE.len()].to_owned()),
                FLOOR,
            ),
        };
        let mut response = answer(
            429,
            &json!({"errors": [{"code": "TOO-MANY", "title": "no"}]}),
        );
        if let Some(header) = header {
            response
                .headers
                .push(("retry-after".to_owned(), header.as_str().into()));
        }
        (response, wait)
    }

    fn accept(log: &mut Log, path: &str, body: &Value) -> (u16, Value) {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if path == "/api/v1/users" {
            let subject = text("subject");
            if log.users.contains_key(&subject) {
                log.doubled += 1;
                return (
                    409,
                    json!({"errors": [{"code": "USERS-1", "title": "exists"}]}),
                );
            }
            let id = format!("user-{}", log.users.len());
            let mut user = body.clone();
            user["id"] = json!(id);
            log.users.insert(subject.clone(), user.clone());
            return (201, user);
        }
        if path.ends_with("/actions/add") {
            let items = body["add"].as_array().cloned().unwrap_or_default();
            let outcomes: Vec<Value> = items.iter().map(|item| Self::seat(log, item)).collect();
            return (207, json!({"data": outcomes}));
        }
        if path == "/api/v1/groups" {
            return (201, json!({"id": "group-1", "name": text("name")}));
        }
        let row = json!({"id": "row-1", "assigneeId": text("assigneeId")});
        (201, row)
    }

    fn seat(log: &mut Log, item: &Value) -> Value {
        let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        if log.seats.insert(text("subject"), text("type")).is_some() {
            log.doubled += 1;
        }
        json!({"subject": text("subject"), "type": text("type"), "status": 201})
    }

    fn read(log: &Log, path: &str, query: &str) -> Value {
        match path {
            "/api/v1/tenants/me" => json!({"id": "tenant-1", "name": "Acme"}),
            "/api/v1/users/me" => {
                json!({"id": "admin-1", "subject": "CORP\\admin", "name": "Admin", "status": "active"})
            }
            "/api/v1/licenses/overview" => {
                let used = log.seats.len();
                json!({"allotments": [{"name": "analyzer", "units": 5000, "unitsUsed": used, "overage": 0}]})
            }
            "/api/v1/licenses/assignments" => {
                let seat = |(subject, kind): (&String, &String)| json!({"subject": subject, "type": kind, "excess": false});
                let mut seats: Vec<Value> = log.seats.iter().map(seat).collect();
                if query.contains("-subject") {
                    seats.reverse();
                }
                json!({"data": seats})
            }
            "/api/v1/users" => {
                let asked = |(subject, _): &(&String, &Value)| query.contains(subject.as_str());
                let users = log.users.iter().filter(asked);
                let users: Vec<&Value> = users.map(|(_, user)| user).collect();
                json!({"data": users})
            }
            _ => json!({"data": []}),
        }
    }

    /// What befalls the machine while this write is under way; whether its answer is lost.
    fn befall(&self, write: usize) -> bool {
        let mut lost = false;
        for shock in self.shocks.iter().filter(|shock| shock.at == write) {
            self.clock.set_wall(shock.wall);
            if shock.sleep > Duration::ZERO {
                self.clock.advance(shock.sleep);
            }
            lost |= shock.lost;
        }
        lost
    }
}

fn answer(status: u16, body: &Value) -> WireResponse {
    WireResponse {
        status,
        headers: vec![("content-type".to_owned(), "application/json".into())],
        body: Bytes::from(body.to_string()),
    }
}

impl Wire for Stormy {
    fn send(&self, request: WireRequest) -> Work<'_, Result<WireResponse, WireFailure>> {
        async move {
            let path = request.url.path().to_owned();
            let is_write = request.method != Method::Get;
            let write = is_write.then(|| {
                let mut log = self.log.lock().expect("log");
                let now = self.clock.now();
                log.early += usize::from(now.0 < log.allowed);
                log.writes.push(now);
                log.writes.len()
            });
            self.clock.sleep(WAY).await;
            let mut told = Duration::ZERO;
            let mut response = {
                let mut log = self.log.lock().expect("log");
                if is_write {
                    let body = request.body.as_deref().unwrap_or_default();
                    let body = serde_json::from_slice(body).unwrap_or_default();
                    if let Some(until) = self.refuses(&mut log) {
                        let (response, wait) = self.refusal(&mut log, until);
                        told = wait;
                        response
                    } else {
                        let (status, body) = Self::accept(&mut log, &path, &body);
                        answer(status, &body)
                    }
                } else {
                    let query = request.url.query().unwrap_or_default();
                    let query = query.replace("%2B", "+").replace("%22", "\"");
                    answer(200, &Self::read(&log, &path, &query))
                }
            };
            response
                .headers
                .push(("date".to_owned(), self.date(Duration::ZERO).as_str().into()));
            if write.is_some_and(|write| self.befall(write)) {
                self.log.lock().expect("log").lost += 1;
                std::future::pending::<()>().await;
            }
            self.clock.sleep(WAY).await;
            if told > Duration::ZERO {
                let mut log = self.log.lock().expect("log");
                log.allowed = log.allowed.max(self.clock.now().0 + told);
            }
            Ok(response)
        }
        .boxed()
    }
}

/// Processes before that tenant, one after another, until nothing is left.
pub(super) struct Weathered {
    pub(super) report: RunReport,
    pub(super) lives: usize,
}

impl Stormy {
    /// Applies a plan; an operator waits as long as the run asks for and resumes it.
    pub(super) fn weather(self: &Arc<Self>, plan: &Plan, seed: u64) -> Weathered {
        let disk = MemoryDisk::new();
        for lives in 1..200_u64 {
            let ended = self.live(plan, &disk, seed + lives, lives > 1, None);
            let report = ended.unwrap_or_else(|problem| panic!("life {lives}: {problem}"));
            if report.stopped.is_none() {
                let told = commit::outcomes(&disk, Path::new("/state"), &report.run);
                for outcome in told.expect("outcomes").1 {
                    let verdict = outcome.verdict;
                    assert!(verdict.holds(), "{:?}: {verdict:?}", outcome.operation);
                }
                let lives = usize::try_from(lives).expect("few");
                return Weathered { report, lives };
            }
            let allowed = self.log.lock().expect("log").allowed;
            let wait = allowed.saturating_sub(self.clock.now().0);
            // Who comes back early is held back all the same; who stays away comes in time.
            if wait > WINDOW {
                self.clock.advance(wait);
            }
        }
        panic!("never done");
    }

    fn live(
        self: &Arc<Self>,
        plan: &Plan,
        disk: &MemoryDisk,
        seed: u64,
        resume: bool,
        stop_at: Option<usize>,
    ) -> Result<RunReport, Problem> {
        let tenant = QlikTenant::new(
            Arc::clone(self) as _,
            Arc::new(self.clock.clone()),
            Arc::new(SeededRng::new(seed)),
            &"https://acme.eu.example".parse().expect("an address"),
            QlikCredential::ApiKey(Secret::new("key")),
        )?;
        let ports = CommitPorts {
            tenant: Arc::new(tenant),
            disk: Arc::new(disk.clone()),
            clock: Arc::new(self.clock.clone()),
            rng: Arc::new(SeededRng::new(seed)),
            owner: "process 1 of a test".to_owned(),
        };
        let (path, settings) = (Path::new("/state"), Settings::default());
        let cancel = CancellationToken::new();
        let stop = cancel.clone();
        let events = move |_| {
            let sent = self.log.lock().expect("log").writes.len();
            if stop_at.is_some_and(|stop_at| sent >= stop_at) {
                stop.cancel();
            }
        };
        self.clock.run(async {
            if resume {
                return commit::resume(ports, None, settings, path, events, cancel).await;
            }
            let approved = ApprovedPlan::new(plan.clone(), morning())?;
            commit::run(ports, approved, settings, path, events, cancel).await
        })
    }

    /// Processes that are each stopped by hand after so many writes in all, and resumed at once;
    /// gives how many there were.
    pub(super) fn weather_stopped_at(self: &Arc<Self>, plan: &Plan, stops: &[usize]) -> usize {
        let disk = MemoryDisk::new();
        for life in 0..20 {
            let stop_at = stops.get(life).copied();
            let seed = u64::try_from(life).expect("small");
            let ended = self.live(plan, &disk, seed, life > 0, stop_at);
            if ended.expect("begun").stopped.is_none() {
                return life + 1;
            }
        }
        panic!("never done");
    }
}

/// The most that any window of five minutes holds.
pub(super) fn densest(times: &[Instant]) -> usize {
    let (mut first, mut most) = (0, 0);
    for (last, time) in times.iter().enumerate() {
        while times[first].plus(WINDOW) <= *time {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}
