//! What is under way: writes that were sent and questions that were asked. When the machine slept
//! meanwhile, nobody knows what became of them: they are given up and read back (D5, E5).

use futures_util::FutureExt as _;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use std::collections::BTreeMap;
use std::time::Duration;

use super::executor::{Input, Ticket};
use crate::ports::{Kind, Problem, Reply, Work};
use crate::text::Raw;

/// Everything under way, with the number of the intent where it is a write.
#[derive(Default)]
pub(super) struct Aloft<'a> {
    flying: FuturesUnordered<Work<'a, Input>>,
    tickets: BTreeMap<Ticket, Option<u64>>,
}

impl<'a> Aloft<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.tickets.is_empty()
    }

    /// A write with the number of its intent.
    pub(super) fn write(&mut self, ticket: Ticket, intent: u64, work: Work<'a, Input>) {
        self.tickets.insert(ticket, Some(intent));
        self.flying.push(work);
    }

    pub(super) fn question(&mut self, ticket: Ticket, work: Work<'a, Input>) {
        self.tickets.insert(ticket, None);
        self.flying.push(work);
    }

    /// The next that comes back; never while nothing is under way.
    pub(super) async fn next(&mut self) -> Input {
        match self.flying.next().await {
            Some(input) => self.landed(input),
            None => std::future::pending().await,
        }
    }

    /// Whatever else has come back.
    pub(super) fn rest(&mut self) -> Vec<Input> {
        let mut inputs = Vec::new();
        while let Some(Some(input)) = self.flying.next().now_or_never() {
            inputs.push(self.landed(input));
        }
        inputs
    }

    fn landed(&mut self, input: Input) -> Input {
        if let Input::Reply { ticket, .. } | Input::Observed { ticket, .. } = &input {
            self.tickets.remove(ticket);
        }
        input
    }

    /// Gives up what is still under way: a write may have had its effect, a reading is made again.
    pub(super) fn give_up(&mut self, slept: Duration) -> Vec<Input> {
        self.flying.clear();
        let cause = format!("the machine slept for {} s", slept.as_secs());
        let lost = |(ticket, intent)| match intent {
            Some(intent) => Input::Reply {
                ticket,
                intent,
                reply: Reply::Ambiguous {
                    status: None,
                    cause: Raw::from(cause.as_str()),
                    trace: None,
                },
            },
            None => Input::Observed {
                ticket,
                result: Err(Problem::new(Kind::Network, cause.as_str())),
            },
        };
        std::mem::take(&mut self.tickets)
            .into_iter()
            .map(lost)
            .collect()
    }
}
