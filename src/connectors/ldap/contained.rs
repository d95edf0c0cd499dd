//! Panics of the protocol library, contained. It panics on what a broken or hostile server may send
//! (text that is no UTF-8, unknown operations; upstream issues 135 and 156), so everything that
//! touches it runs in here: a panic becomes an answer, and the hook is told not to print it.

use futures_util::FutureExt as _;
use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread, now, would be contained: it is an answer and no accident.
pub fn is_contained() -> bool {
    CONTAINED.get()
}

/// The library panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panicked;

/// Polls `work` with panics contained.
pub(super) fn contained<F: Future>(work: F) -> impl Future<Output = Result<F::Output, Panicked>> {
    // What a panic leaves half done is dropped with the future and never looked at again.
    Contained(Box::pin(
        AssertUnwindSafe(work)
            .catch_unwind()
            .map(|ended| ended.map_err(|_| Panicked)),
    ))
}

struct Contained<F>(Pin<Box<F>>);

impl<F: Future> Future for Contained<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let before = CONTAINED.replace(true);
        // `catch_unwind` lies inside, so this line is reached in any case.
        let polled = self.0.as_mut().poll(context);
        CONTAINED.set(before);
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        let ended = contained(async {
            assert!(is_contained());
            tokio::task::yield_now().await;
            assert_eq!(
                std::hint::black_box(1),
                2,
                "what the library expects of a server"
            );
            7
        });
        assert_eq!(ended.await, Err(Panicked));
        assert!(!is_contained());
        assert_eq!(contained(async { 7 }).await, Ok(7));
    }
}
