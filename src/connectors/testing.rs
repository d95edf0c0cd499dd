//! A clock without waiting, dice with a seed and a wire with a script: what the unit tests of the
//! connectors share.

use bytes::Bytes;
use jiff::Timestamp;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::ports::{Clock, Instant, Rng, Wire, WireFailure, WireRequest, WireResponse, Work};

/// Sleeping moves this clock on at once.
pub(super) struct VirtualClock {
    nanos: AtomicU64,
}

impl VirtualClock {
    pub(super) fn shared() -> Arc<Self> {
        Arc::new(Self {
            nanos: AtomicU64::new(0),
        })
    }

    pub(super) fn advance(&self, span: Duration) {
        let span = u64::try_from(span.as_nanos()).expect("a span of a test");
        self.nanos.fetch_add(span, Ordering::SeqCst);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        Instant(Duration::from_nanos(self.nanos.load(Ordering::SeqCst)))
    }

    fn wall(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn sleep(&self, span: Duration) -> Work<'_, ()> {
        Box::pin(async move {
            self.advance(span);
            tokio::task::yield_now().await;
        })
    }
}

/// Random numbers of a seed (splitmix64).
pub(super) struct Dice(AtomicU64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Rng for Dice {
    fn next(&self) -> u64 {
        let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// An answer with a JSON content type.
pub(super) fn reply(status: u16, body: &str) -> WireResponse {
    WireResponse {
        status,
        headers: vec![("content-type".to_owned(), "application/json".into())],
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

type Answer = Result<WireResponse, WireFailure>;

/// Answers in order and keeps what was asked.
pub(super) struct ScriptedWire {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<WireRequest>>,
}

impl ScriptedWire {
    pub(super) fn new(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            asked: Mutex::new(Vec::new()),
        })
    }

    pub(super) fn asked(&self) -> Vec<WireRequest> {
        self.asked.lock().expect("no test panicked").clone()
    }
}

impl Wire for ScriptedWire {
    fn send(&self, request: WireRequest) -> Work<'_, Answer> {
        self.asked.lock().expect("no test panicked").push(request);
        let next = self.answers.lock().expect("no test panicked").pop_front();
        Box::pin(
            async move { next.unwrap_or_else(|| Err(WireFailure::NotSent("script ended".into()))) },
        )
    }
}
