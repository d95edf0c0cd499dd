//! Reviews of seats beside the loop: the judging, and the look at the use.

use std::sync::Arc;

use super::effects::Effects;
use super::wiring::Wiring;
use crate::app::{AUDIT_LOG, Answer, Epoch, Message, ReviewRequest, Reviewed, Trouble};
use crate::planner::holders::{Inquiry, review};
use crate::planner::roster::Index;
use crate::ports::{Problem, UsageTold};
use crate::review::{self, Looked, Shelf, Told};

impl Effects {
    /// Judges everybody who holds a seat.
    pub(super) fn review(&self, epoch: Epoch, request: ReviewRequest) {
        self.compute(epoch, move |wiring| {
            Answer::Reviewed(Ok(Arc::new(reviewed(wiring, &request))))
        });
    }

    /// The same after a look at the use.
    pub(super) fn look_at_use(&self, epoch: Epoch, request: ReviewRequest) {
        let inbox = self.inbox.clone();
        self.spawn(epoch, |wiring| async move {
            let total = std::sync::atomic::AtomicU64::new(0);
            let told = |told: Told| {
                use std::sync::atomic::Ordering::Relaxed;
                let read = match told {
                    Told::Use(UsageTold::Estimated(cost)) => {
                        total.store(cost.requests(), Relaxed);
                        0
                    }
                    Told::Use(UsageTold::Read(read)) => read,
                    Told::Owned(..) => return,
                    Told::NotKept(problem) => {
                        tracing::warn!(%problem, "when people were last seen was not kept");
                        return;
                    }
                };
                let answer = Answer::Progress {
                    part: AUDIT_LOG,
                    read,
                    total: Some(total.load(Relaxed).max(read)),
                };
                // The loop may be over; then nobody asks any more.
                let _ = inbox.send(Message::Answer { epoch, answer });
            };
            let looked = looked(&wiring, &request, &told).await;
            Answer::Used(looked.map(Arc::new).map_err(Trouble::from))
        });
    }
}

fn shelf<'a>(wiring: &'a Wiring, request: &'a ReviewRequest) -> Shelf<'a> {
    Shelf {
        disk: &*wiring.disk,
        state: &wiring.state,
        tenant: &request.snapshot.tenant.tenant.id,
    }
}

fn index(wiring: &Wiring, request: &ReviewRequest) -> Arc<Index> {
    let fresh = || Arc::new(Index::new(&request.snapshot, &wiring.rule));
    request.index.clone().unwrap_or_else(fresh)
}

fn inquiry<'a>(wiring: &'a Wiring, request: &'a ReviewRequest, index: &'a Index) -> Inquiry<'a> {
    Inquiry {
        index,
        snapshot: &request.snapshot,
        entitled: &wiring.entitled,
        groups: &request.groups,
        accepted: &request.accepted,
        guards: &wiring.guards,
        usage: None,
        now: wiring.clock.wall(),
    }
}

fn reviewed(wiring: &Wiring, request: &ReviewRequest) -> Reviewed {
    let shelf = shelf(wiring, request);
    let known = request.known.as_deref();
    let usage = if let Some(known) = known {
        known.usage.clone()
    } else {
        let now = wiring.clock.wall();
        review::kept(shelf.disk, shelf.state, shelf.tenant, now).map(Arc::new)
    };
    let owned = known
        .map(|known| Arc::clone(&known.owned))
        .unwrap_or_default();
    let index = index(wiring, request);
    let mut found = review(&Inquiry {
        usage: usage.as_deref(),
        ..inquiry(wiring, request, &index)
    });
    Looked::put_owned(&owned, &mut found);
    Reviewed {
        review: found,
        usage,
        owned,
        history: Arc::new(review::past(&shelf)),
        gap: known.and_then(|known| known.gap.clone()),
    }
}

async fn looked(
    wiring: &Wiring,
    request: &ReviewRequest,
    told: &(dyn Fn(Told) + Send + Sync),
) -> Result<Reviewed, Problem> {
    let shelf = shelf(wiring, request);
    let index = index(wiring, request);
    let inquiry = inquiry(wiring, request, &index);
    let (review, looked) =
        review::with_use(&*wiring.tenant, &shelf, &inquiry, request.rule, told).await?;
    Ok(Reviewed {
        review,
        usage: Some(Arc::new(looked.usage)),
        owned: Arc::new(looked.owned),
        history: Arc::new(review::past(&shelf)),
        gap: looked.gap,
    })
}
