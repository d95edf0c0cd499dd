//! Keeps below the published rates without wasting them. Tier 1 allows 1,000 and tier 2 100 requests
//! a minute, both evaluated over five minutes (qlik.dev, rate limiting), so up to 5,000 and 500 may
//! go at once; the two filter actions allow 200 in one minute each. Every send is noted; nothing
//! is sent while any window would hold more than its share. A 429 pauses the whole tier.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::connectors::http::jittered;
use crate::domain::Tier;
use crate::ports::{Clock, Instant, Rng, Room};

const FIVE_MINUTES: Duration = Duration::from_mins(5);
const MINUTE: Duration = Duration::from_mins(1);
/// Waits when a 429 gives no usable one (reliability A2), in seconds.
const FALLBACK: [u64; 5] = [5, 10, 20, 40, 60];
/// A share of a fiftieth is left to the operator's own browser, which counts as the same user.
const RESERVE: usize = 50;

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bucket {
    /// Most reads.
    Reads,
    /// Creating, changing, deleting, and asking for tokens.
    Writes,
    /// `POST /users/actions/filter`.
    UserFilter,
}

impl From<Tier> for Bucket {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::One => Self::Reads,
            Tier::Two => Self::Writes,
            Tier::Special => Self::UserFilter,
        }
    }
}

/// The recent sends of one bucket.
struct Window {
    published: usize,
    span: Duration,
    /// When each request of the running window stops counting, earliest first.
    ends: VecDeque<Instant>,
    paused_until: Instant,
    refusals: usize,
    remembered: bool,
}

impl Window {
    fn new(published: usize, span: Duration) -> Self {
        Self {
            published,
            span,
            ends: VecDeque::new(),
            paused_until: Instant::default(),
            refusals: 0,
            remembered: false,
        }
    }

    /// How many may go in one window.
    fn room(&self) -> usize {
        self.published - self.published / RESERVE
    }

    fn forget_old(&mut self, now: Instant) {
        while self.ends.front().is_some_and(|end| *end <= now) {
            self.ends.pop_front();
        }
    }

    /// Counts a request that goes now.
    fn note(&mut self, now: Instant) {
        self.ends.push_back(now.plus(self.span));
    }

    /// When the next may go; not before `now`.
    fn next(&mut self, now: Instant) -> Instant {
        self.forget_old(now);
        let free = match self.ends.len().checked_sub(self.room()) {
            None => now,
            Some(over) => self.ends.get(over).copied().unwrap_or(now),
        };
        free.max(self.paused_until).max(now)
    }
}

/// Paces all requests of one credential.
pub(super) struct Pacer {
    clock: Arc<dyn Clock>,
    reads: Lane,
    writes: Lane,
    user_filter: Lane,
}

struct Lane {
    /// Whoever holds this is the next to go, so that nobody is overtaken.
    turn: tokio::sync::Mutex<()>,
    window: Mutex<Window>,
}

impl Lane {
    fn new(published: usize, span: Duration) -> Self {
        Self {
            turn: tokio::sync::Mutex::new(()),
            window: Mutex::new(Window::new(published, span)),
        }
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pacer {
    /// A pacer with empty windows.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            reads: Lane::new(5_000, FIVE_MINUTES),
            writes: Lane::new(500, FIVE_MINUTES),
            user_filter: Lane::new(200, MINUTE),
        }
    }

    fn lane(&self, bucket: Bucket) -> &Lane {
        match bucket {
            Bucket::Reads => &self.reads,
            Bucket::Writes => &self.writes,
            Bucket::UserFilter => &self.user_filter,
        }
    }

    /// Returns when one request may go, and notes it as sent.
    pub(super) async fn turn(&self, bucket: Bucket) {
        let lane = self.lane(bucket);
        let _turn = lane.turn.lock().await;
        loop {
            let now = self.clock.now();
            let wait = {
                let mut window = lane.window();
                let wait = window.next(now).since(now);
                if wait.is_zero() {
                    window.note(now);
                    return;
                }
                wait
            };
            self.clock.sleep(wait).await;
        }
    }

    /// Notes one request as sent if it may go at once; says how long it would have to wait if not.
    pub(super) fn claim(&self, bucket: Bucket) -> Result<(), Duration> {
        let now = self.clock.now();
        let mut window = self.lane(bucket).window();
        let wait = window.next(now).since(now);
        if !wait.is_zero() {
            return Err(wait);
        }
        window.note(now);
        Ok(())
    }

    /// Notes a 429 and pauses the bucket: for as long as was asked plus up to a second, or for a
    /// growing time when nothing usable was said. Gives the number of pauses in a row.
    pub(super) fn refused(&self, bucket: Bucket, asked: Option<Duration>, rng: &dyn Rng) -> usize {
        let second = Duration::from_secs(1);
        let mut window = self.lane(bucket).window();
        let step = FALLBACK.get(window.refusals).or(FALLBACK.last()).copied();
        let wait = match asked {
            Some(wait) => wait + jittered(rng, Duration::ZERO, second),
            None => jittered(rng, second, Duration::from_secs(step.unwrap_or(60))),
        };
        let now = self.clock.now();
        // Requests that were under way together are refused together: one incident, one step.
        if window.paused_until <= now {
            window.refusals += 1;
        }
        window.paused_until = window.paused_until.max(now.plus(wait));
        window.refusals
    }

    /// Counts what processes before this one sent (how long ago each), and keeps the pause that the
    /// server asked of them. Only the first time: what follows went through here.
    pub(super) fn remember(&self, bucket: Bucket, sent: &[Duration], paused: Duration) {
        let now = self.clock.now();
        let mut window = self.lane(bucket).window();
        if std::mem::replace(&mut window.remembered, true) {
            return;
        }
        window.paused_until = window.paused_until.max(now.plus(paused));
        let span = window.span;
        let running = sent.iter().filter(|age| **age < span);
        window
            .ends
            .extend(running.map(|age| now.plus(span.saturating_sub(*age))));
        window.ends.make_contiguous().sort();
    }

    /// Notes that a request of the bucket was let through.
    pub(super) fn passed(&self, bucket: Bucket) {
        self.lane(bucket).window().refusals = 0;
    }

    /// Requests sent in the running window, and how many it holds.
    pub(super) fn window(&self, bucket: Bucket) -> (usize, usize) {
        let mut window = self.lane(bucket).window();
        window.forget_old(self.clock.now());
        (window.ends.len(), window.room())
    }

    /// How many may go now besides `aside` others, and how long until one may.
    pub(super) fn room(&self, bucket: Bucket, aside: usize) -> Room {
        let now = self.clock.now();
        let paused = self.lane(bucket).window().paused_until > now;
        let (sent, of) = self.window(bucket);
        let free = if paused {
            0
        } else {
            of.saturating_sub(sent).saturating_sub(aside)
        };
        let wait = if free > 0 {
            Duration::ZERO
        } else {
            self.time_for(bucket, aside + 1)
        };
        Room { free, wait }
    }

    /// How long until the last of `count` further requests may go, sent as early as allowed.
    pub(super) fn time_for(&self, bucket: Bucket, count: usize) -> Duration {
        let now = self.clock.now();
        let mut window = self.lane(bucket).window();
        window.forget_old(now);
        let (room, span) = (window.room(), window.span);
        let mut ends: VecDeque<Instant> = window.ends.clone();
        let mut last = now.max(window.paused_until);
        drop(window);
        for _ in 0..count {
            if ends.len() >= room
                && let Some(earliest) = ends.pop_front()
            {
                last = last.max(earliest);
            }
            ends.push_back(last.plus(span));
        }
        if count == 0 {
            Duration::ZERO
        } else {
            last.since(now)
        }
    }
}

#[cfg(test)]
#[path = "pacing_tests.rs"]
mod tests;
