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
mod tests {
    use super::*;
    use crate::connectors::testing::{Dice, VirtualClock};
    use proptest::prelude::*;

    fn run<F: Future>(work: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(work)
    }

    async fn send(
        pacer: &Pacer,
        clock: &VirtualClock,
        bucket: Bucket,
        count: usize,
    ) -> Vec<Instant> {
        let mut times = Vec::new();
        for _ in 0..count {
            pacer.turn(bucket).await;
            times.push(clock.now());
        }
        times
    }

    /// The most that any window of this length holds.
    fn densest(times: &[Instant], span: Duration) -> usize {
        let within = |from: usize| {
            let end = times[from].plus(span);
            times[from..].iter().take_while(|time| **time < end).count()
        };
        (0..times.len()).map(within).max().unwrap_or(0)
    }

    #[test]
    fn a_burst_of_the_window_goes_at_once() {
        let clock = VirtualClock::shared();
        let pacer = Pacer::new(clock.clone());
        run(async {
            send(&pacer, &clock, Bucket::Writes, 490).await;
            assert_eq!(clock.now(), Instant::default());
            assert_eq!(pacer.window(Bucket::Writes), (490, 490));
            send(&pacer, &clock, Bucket::Reads, 4_900).await;
            assert_eq!(clock.now(), Instant::default());
            pacer.turn(Bucket::Writes).await;
            assert_eq!(clock.now(), Instant(FIVE_MINUTES));
        });
    }

    #[test]
    fn no_window_ever_exceeds_the_published_rate() {
        let clock = VirtualClock::shared();
        let pacer = Pacer::new(clock.clone());
        let times = run(send(&pacer, &clock, Bucket::Writes, 3_000));
        assert!(densest(&times, FIVE_MINUTES) <= 500);
        let filters = run(send(&pacer, &clock, Bucket::UserFilter, 1_000));
        assert!(densest(&filters, MINUTE) <= 200);
        // 1,000 a five minutes at most, so at least this long; and no longer than needed.
        assert_eq!(times.last().unwrap().0, FIVE_MINUTES * 6);
    }

    #[test]
    fn the_room_is_what_goes_without_waiting() {
        let clock = VirtualClock::shared();
        let pacer = Pacer::new(clock.clone());
        run(async {
            send(&pacer, &clock, Bucket::Writes, 488).await;
            assert_eq!(pacer.room(Bucket::Writes, 0).free, 2);
            assert_eq!(pacer.room(Bucket::Writes, 1).free, 1);
            clock.advance(Duration::from_mins(1));
            send(&pacer, &clock, Bucket::Writes, 2).await;
            let wait = Duration::from_mins(4);
            assert_eq!(pacer.room(Bucket::Writes, 0), Room { free: 0, wait });
            assert_eq!(pacer.room(Bucket::Writes, 1), Room { free: 0, wait });
            clock.advance(wait);
            assert_eq!(pacer.room(Bucket::Writes, 1).free, 487);
            pacer.refused(Bucket::Writes, Some(Duration::from_secs(9)), &Dice::new(2));
            let paused = pacer.room(Bucket::Writes, 0);
            assert!(paused.free == 0 && paused.wait >= Duration::from_secs(9));
        });
    }

    #[test]
    fn what_another_process_sent_counts_once() {
        let clock = VirtualClock::shared();
        let pacer = Pacer::new(clock.clone());
        let ages = [10, 299, 300, 4_000].map(Duration::from_secs);
        pacer.remember(Bucket::Writes, &ages, Duration::ZERO);
        pacer.remember(Bucket::Writes, &ages, Duration::from_hours(1));
        assert_eq!(pacer.room(Bucket::Writes, 0).free, 488);
        clock.advance(Duration::from_secs(1));
        assert_eq!(pacer.room(Bucket::Writes, 0).free, 489);
        let pacer = Pacer::new(clock.clone());
        pacer.remember(Bucket::Writes, &[], Duration::from_secs(70));
        let wait = Duration::from_secs(70);
        assert_eq!(pacer.room(Bucket::Writes, 0), Room { free: 0, wait });
    }

    #[test]
    fn a_refusal_pauses_its_tier_only() {
        let clock = VirtualClock::shared();
        let pacer = Pacer::new(clock.clone());
        let dice = Dice::new(1);
        run(async {
            pacer.refused(Bucket::Writes, Some(Duration::from_secs(13)), &dice);
            pacer.turn(Bucket::Reads).await;
            assert_eq!(clock.now(), Instant::default());
            pacer.turn(Bucket::Writes).await;
            let waited = clock.now().0;
            assert!(waited >= Duration::from_secs(13) && waited < Duration::from_secs(14));
        });
    }

    #[test]
    fn without_a_usable_wait_the_pause_grows_to_a_minute() {
        let clock = VirtualClock::shared();
        let pacer = Pacer::new(clock.clone());
        let dice = Dice::new(3);
        for round in 0..12 {
            let before = clock.now();
            assert_eq!(pacer.refused(Bucket::Reads, None, &dice), round + 1);
            run(pacer.turn(Bucket::Reads));
            let waited = clock.now().since(before);
            let most = FALLBACK.get(round).or(FALLBACK.last()).unwrap();
            assert!(waited >= Duration::from_secs(1) && waited <= Duration::from_secs(*most));
        }
        pacer.passed(Bucket::Reads);
        assert_eq!(pacer.refused(Bucket::Reads, None, &dice), 1);
    }

    proptest! {
        #[test]
        fn pauses_of_any_length_keep_the_rate(gaps in proptest::collection::vec(0_u64..4_000, 1..900)) {
            let clock = VirtualClock::shared();
            let pacer = Pacer::new(clock.clone());
            let times = run(async {
                let mut times = Vec::new();
                for gap in gaps {
                    clock.advance(Duration::from_millis(gap));
                    pacer.turn(Bucket::Writes).await;
                    times.push(clock.now());
                }
                times
            });
            prop_assert!(densest(&times, FIVE_MINUTES) <= 500);
        }

        #[test]
        fn the_estimate_is_what_then_happens(before in 0_usize..600, later in 0_u64..400, count in 0_usize..1_200) {
            let clock = VirtualClock::shared();
            let pacer = Pacer::new(clock.clone());
            run(async {
                send(&pacer, &clock, Bucket::Writes, before).await;
                clock.advance(Duration::from_secs(later));
                let start = clock.now();
                let estimate = pacer.time_for(Bucket::Writes, count);
                send(&pacer, &clock, Bucket::Writes, count).await;
                assert_eq!(clock.now().since(start), estimate);
            });
        }
    }
}
