//! A clock that does not run: time moves only when everything waits for it. [`VirtualClock::run`]
//! polls a future and, each time nothing else can go on, jumps to the earliest sleeper. Needs no
//! runtime, and gives the same order every time.

use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use crate::ports::{Clock, Instant, Work};

/// Virtual time; clones share it.
#[derive(Clone)]
pub struct VirtualClock(Arc<Mutex<State>>);

struct State {
    now: Duration,
    wall_start: Timestamp,
    next: u64,
    /// By deadline, then in order of arrival.
    sleepers: BTreeMap<(Duration, u64), Option<Waker>>,
}

struct Flag {
    woken: AtomicBool,
    thread: std::thread::Thread,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

impl VirtualClock {
    /// A clock at zero, whose wall time starts at `wall`.
    pub fn new(wall: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(State {
            now: Duration::ZERO,
            wall_start: wall,
            next: 0,
            sleepers: BTreeMap::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves time on by hand and wakes whoever is due.
    pub fn advance(&self, span: Duration) {
        let to = self.state().now.saturating_add(span);
        self.move_to(to);
    }

    /// Sets the wall clock by so much, as an administrator or NTP does; waits are not concerned.
    pub fn set_wall(&self, by: SignedDuration) {
        let mut state = self.state();
        let wall = state.wall_start.checked_add(by);
        state.wall_start = wall.unwrap_or(state.wall_start);
    }

    fn move_to(&self, to: Duration) {
        let mut state = self.state();
        state.now = state.now.max(to);
        let now = state.now;
        let due: Vec<Waker> = state
            .sleepers
            .range_mut(..=(now, u64::MAX))
            .filter_map(|(_, waker)| waker.take())
            .collect();
        drop(state);
        due.into_iter().for_each(Waker::wake);
    }

    fn earliest(&self) -> Option<Duration> {
        self.state()
            .sleepers
            .iter()
            .find(|(_, waker)| waker.is_some())
            .map(|((deadline, _), _)| *deadline)
    }

    /// Runs a future to its end, jumping over every wait. When nothing sleeps and nothing was
    /// woken it waits for a waker from another thread.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let flag = Arc::new(Flag {
            woken: AtomicBool::new(true),
            thread: std::thread::current(),
        });
        let waker = Waker::from(Arc::clone(&flag));
        let mut context = Context::from_waker(&waker);
        loop {
            if flag.woken.swap(false, Ordering::SeqCst) {
                if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                    return output;
                }
            } else if let Some(deadline) = self.earliest() {
                self.move_to(deadline);
            } else {
                std::thread::park();
            }
        }
    }
}

/// Takes its place in the list of sleepers back when dropped.
struct Sleeper {
    clock: VirtualClock,
    key: (Duration, u64),
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.clock.state().sleepers.remove(&self.key);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        Instant(self.state().now)
    }

    fn wall(&self) -> Timestamp {
        let state = self.state();
        let passed = SignedDuration::try_from(state.now).unwrap_or(SignedDuration::MAX);
        state
            .wall_start
            .checked_add(passed)
            .unwrap_or(Timestamp::MAX)
    }

    fn sleep(&self, span: Duration) -> Work<'_, ()> {
        let mut state = self.state();
        let key = (state.now.saturating_add(span), state.next);
        state.next += 1;
        state.sleepers.insert(key, None);
        drop(state);
        let sleeper = Sleeper {
            clock: self.clone(),
            key,
        };
        async move {
            poll_fn(|context| {
                let mut state = sleeper.clock.state();
                if state.now >= sleeper.key.0 {
                    return Poll::Ready(());
                }
                state
                    .sleepers
                    .insert(sleeper.key, Some(context.waker().clone()));
                Poll::Pending
            })
            .await;
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join;

    #[test]
    fn an_hour_of_waiting_takes_no_time_and_keeps_its_order() {
        let clock = VirtualClock::new(Timestamp::UNIX_EPOCH);
        let seen = Mutex::new(Vec::new());
        let wait = |seconds, name| {
            let (clock, seen) = (&clock, &seen);
            async move {
                clock.sleep(Duration::from_secs(seconds)).await;
                seen.lock().unwrap().push((name, clock.now().0.as_secs()));
            }
        };
        clock.run(join(wait(3600, "late"), wait(1800, "early")));
        assert_eq!(*seen.lock().unwrap(), [("early", 1800), ("late", 3600)]);
        assert_eq!(clock.wall().as_second(), 3600);
    }

    #[test]
    fn a_dropped_sleep_does_not_hold_time_back() {
        let clock = VirtualClock::new(Timestamp::UNIX_EPOCH);
        clock.run(async {
            drop(clock.sleep(Duration::from_secs(1)));
            clock.sleep(Duration::from_secs(9)).await;
        });
        assert_eq!(clock.now().0, Duration::from_secs(9));
        assert!(clock.state().sleepers.is_empty());
    }
}
