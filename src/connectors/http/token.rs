//! A bearer token that many requests share: fetched by the first that needs it while the others
//! wait, renewed ahead of its end on the monotonic clock, and renewed once after a 401.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

use crate::ports::{Clock, Instant, Problem, Secret};

/// What a token endpoint gave.
pub(in crate::connectors) struct Fetched {
    /// The token.
    pub(in crate::connectors) secret: Secret,
    /// How long to use it before asking for the next.
    pub(in crate::connectors) use_for: Duration,
}

/// A token in use; the serial tells one from the next.
#[derive(Clone)]
pub(in crate::connectors) struct Bearer {
    /// The token.
    pub(in crate::connectors) secret: Secret,
    /// Counts the tokens fetched.
    pub(in crate::connectors) serial: u64,
}

/// Keeps the token.
pub(in crate::connectors) struct TokenBook {
    clock: Arc<dyn Clock>,
    held: Mutex<Option<(Bearer, Instant)>>,
}

impl TokenBook {
    /// An empty book.
    pub(in crate::connectors) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            held: Mutex::new(None),
        }
    }

    /// The token to use now. `stale` names one that a server has just refused: a token of that
    /// serial is not handed out again, a later one is.
    /// `fetch` is started only when a new one is needed.
    pub(in crate::connectors) async fn token(
        &self,
        stale: Option<u64>,
        fetch: impl Future<Output = Result<Fetched, Problem>>,
    ) -> Result<Bearer, Problem> {
        self.token_for(stale, Duration::ZERO, fetch).await
    }

    /// As [`TokenBook::token`], but one that is still to be used after `ahead`: whoever comes then
    /// does not have to fetch.
    pub(in crate::connectors) async fn token_for(
        &self,
        stale: Option<u64>,
        ahead: Duration,
        fetch: impl Future<Output = Result<Fetched, Problem>>,
    ) -> Result<Bearer, Problem> {
        // Held over the fetch on purpose: whoever comes meanwhile waits for this one's answer.
        let mut held = self.held.lock().await;
        let mut serial = 1;
        if let Some((bearer, until)) = &*held {
            if self.clock.now().plus(ahead) < *until && stale != Some(bearer.serial) {
                return Ok(bearer.clone());
            }
            serial = bearer.serial + 1;
        }
        let fetched = fetch.await?;
        let bearer = Bearer {
            secret: fetched.secret,
            serial,
        };
        let until = self.clock.now().plus(fetched.use_for);
        *held = Some((bearer.clone(), until));
        Ok(bearer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::testing::VirtualClock;
    use std::sync::atomic::{AtomicU32, Ordering};

    async fn take(book: &TokenBook, fetches: &AtomicU32, stale: Option<u64>) -> Bearer {
        book.token(stale, async {
            tokio::task::yield_now().await;
            let count = fetches.fetch_add(1, Ordering::SeqCst);
            Ok(Fetched {
                secret: Secret::new(format!("t{count}")),
                use_for: Duration::from_secs(80),
            })
        })
        .await
        .unwrap()
    }

    #[tokio::test]
    async fn one_fetch_serves_all_until_it_grows_old() {
        let clock = VirtualClock::shared();
        let book = TokenBook::new(clock.clone());
        let fetches = AtomicU32::new(0);
        let all = (0..20).map(|_| take(&book, &fetches, None));
        let tokens = futures_util::future::join_all(all).await;
        assert_eq!(fetches.load(Ordering::SeqCst), 1);
        assert!(tokens.iter().all(|token| token.serial == 1));
        clock.advance(Duration::from_secs(79));
        assert_eq!(take(&book, &fetches, None).await.serial, 1);
        clock.advance(Duration::from_secs(1));
        assert_eq!(take(&book, &fetches, None).await.serial, 2);
    }

    #[tokio::test]
    async fn whoever_looks_ahead_renews_for_the_next() {
        let clock = VirtualClock::shared();
        let book = TokenBook::new(clock.clone());
        let fetches = AtomicU32::new(0);
        take(&book, &fetches, None).await;
        clock.advance(Duration::from_secs(70));
        assert_eq!(take(&book, &fetches, None).await.serial, 1);
        let next = book.token_for(None, Duration::from_secs(15), async {
            Ok(Fetched {
                secret: Secret::new("next"),
                use_for: Duration::from_secs(80),
            })
        });
        assert_eq!(next.await.unwrap().serial, 2);
        clock.advance(Duration::from_secs(15));
        assert_eq!(take(&book, &fetches, None).await.serial, 2);
    }

    #[tokio::test]
    async fn a_refused_token_is_replaced_once_for_everybody() {
        let book = TokenBook::new(VirtualClock::shared());
        let fetches = AtomicU32::new(0);
        let first = take(&book, &fetches, None).await;
        let refused = (0..8).map(|_| take(&book, &fetches, Some(first.serial)));
        let tokens = futures_util::future::join_all(refused).await;
        assert_eq!(fetches.load(Ordering::SeqCst), 2);
        assert!(tokens.iter().all(|token| token.secret.expose() == "t1"));
    }
}
