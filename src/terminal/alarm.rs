//! A task that panics must not leave the screen waiting for its answer. The panic hook has given the
//! terminal back by then, so the screen ends; a run is told to be over first.

use tokio::sync::mpsc::UnboundedSender;

use crate::app::{Message, Trouble};
use crate::ports::Kind;

/// Held by a task while it works; tells when it is dropped by a panic.
pub(super) struct Alarm {
    inbox: UnboundedSender<Message>,
    run: bool,
}

impl Alarm {
    /// For a task that reads or computes.
    pub(super) fn new(inbox: &UnboundedSender<Message>) -> Self {
        Self {
            inbox: inbox.clone(),
            run: false,
        }
    }

    /// For the run under way.
    pub(super) fn of_run(inbox: &UnboundedSender<Message>) -> Self {
        Self {
            inbox: inbox.clone(),
            run: true,
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        if self.run {
            let trouble = Trouble {
                kind: Kind::Internal,
                text: "the run ended by a mistake in qroll itself".to_owned(),
                hints: vec!["qroll resume reads back what had no answer".to_owned()],
            };
            let _ = self.inbox.send(Message::RunEnded(Err(trouble)));
        }
        let _ = self.inbox.send(Message::Broken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::unbounded_channel;

    async fn told(
        panics: bool,
        alarm: impl FnOnce(&UnboundedSender<Message>) -> Alarm,
    ) -> Vec<Message> {
        let (inbox, mut messages) = unbounded_channel();
        let alarm = alarm(&inbox);
        drop(inbox);
        let task = tokio::spawn(async move {
            let _alarm = alarm;
            tokio::task::yield_now().await;
            assert!(!panics, "on purpose");
        });
        assert_eq!(task.await.is_err(), panics);
        let mut told = Vec::new();
        while let Some(message) = messages.recv().await {
            told.push(message);
        }
        told
    }

    #[tokio::test]
    async fn a_panic_in_a_run_ends_the_run_and_then_the_screen() {
        let told = told(true, Alarm::of_run).await;
        let [Message::RunEnded(Err(trouble)), Message::Broken] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert_eq!(trouble.kind, Kind::Internal);
    }

    #[tokio::test]
    async fn a_panic_in_a_reading_ends_the_screen() {
        assert_eq!(told(true, Alarm::new).await, [Message::Broken]);
    }

    #[tokio::test]
    async fn work_that_ends_well_is_silent() {
        assert_eq!(told(false, Alarm::of_run).await, []);
    }
}
