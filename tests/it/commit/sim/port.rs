//! The tenant's face to the program: the port, as the executor sees it.

use futures_util::FutureExt as _;
use qroll::domain::{
    Identity, Reading, SpaceAssignment, SpaceId, TenantInfo, TenantSnapshot, Tier,
};
use qroll::ports::{
    Clock as _, Durable, Instant, Kind, LoadProgress, Method, Observation, Prepared, Problem,
    Question, Reply, Tenant, Work, WriteCall,
};
use qroll::text::Raw;
use std::sync::Arc;
use std::time::Duration;

use super::cell::Cell;
use super::dice::Ill;
use super::town::{Credential, Entry, LATENCY, Town};
use super::watch::{Last, Seen, digest};
use crate::commit::tenant::identity;

/// Whether an answer says that this attempt had no effect on the cell.
fn is_free(reply: &Reply, cell: Option<&Cell>) -> bool {
    match reply {
        Reply::Throttled { .. }
        | Reply::NotSent { .. }
        | Reply::Barred { .. }
        | Reply::Renewed { .. }
        | Reply::No { .. } => true,
        Reply::Ambiguous { status, .. } => *status == Some(409),
        Reply::Items { items, .. } => {
            let ours = items
                .iter()
                .filter(|item| cell == Some(&Cell::Seat(item.subject.key())));
            let statuses: Vec<u16> = ours.map(|item| item.status).collect();
            matches!(statuses.as_slice(), [400..=499])
        }
        Reply::Yes { .. } | Reply::Foreign { .. } => false,
    }
}

impl Tenant for Town {
    fn identify(&self) -> Work<'_, Result<(TenantInfo, Identity), Problem>> {
        async move {
            let (mut tenant, mut who) = identity();
            match self.state().credential {
                Credential::Good => {}
                Credential::Expired => return Err(Problem::new(Kind::Auth, "token expired")),
                Credential::Unreachable => return Err(Problem::new(Kind::Network, "no route")),
                Credential::OtherTenant => tenant.id = "tenant-2".into(),
                Credential::OtherUser => who.user = "admin-2".into(),
            }
            Ok((tenant, who))
        }
        .boxed()
    }

    fn load<'a>(
        &'a self,
        _progress: &'a (dyn Fn(LoadProgress) + Send + Sync),
    ) -> Work<'a, Result<TenantSnapshot, Problem>> {
        async { Err(Problem::new(Kind::Internal, "a run does not load")) }.boxed()
    }

    fn assignments<'a>(
        &'a self,
        _space: &'a SpaceId,
    ) -> Work<'a, Result<Reading<Vec<SpaceAssignment>>, Problem>> {
        async { Err(Problem::new(Kind::Internal, "a run does not list")) }.boxed()
    }

    fn observe<'a>(&'a self, question: &'a Question) -> Work<'a, Result<Observation, Problem>> {
        async move {
            self.clock.sleep(LATENCY / 2).await;
            if !self.step() {
                std::future::pending::<()>().await;
            }
            let served = self.clock.now();
            let (answer, view, acts) = {
                let mut state = self.state();
                self.settle(&mut state);
                self.stranger(&mut state);
                let calm = state.calm;
                if !calm && self.dice.chance(self.weather.unread_auth) {
                    return Err(Problem::new(Kind::Auth, "token expired"));
                }
                if !calm && self.dice.chance(self.weather.unread) {
                    return Err(Problem::new(Kind::Network, "no answer"));
                }
                let mut view = (served, None);
                if !calm && self.dice.chance(self.weather.stale) {
                    let lag = Duration::from_millis(self.dice.below(15_000));
                    let then = Instant(served.0.saturating_sub(lag));
                    let old = state.past.iter().rev().find(|(at, _)| *at <= then);
                    view = old.map_or(view, |(_, world)| (then, Some(Arc::clone(world))));
                }
                let world = view.1.as_deref().unwrap_or(&state.world);
                let answer = world.answer(question);
                state.note(served, || format!("read {question:?}"));
                (answer, view.0, state.acts)
            };
            self.clock.sleep(LATENCY / 2).await;
            let mut state = self.state();
            let done = self.clock.now();
            for cell in state.watch.cells_of(question) {
                state.watch.seen.insert(
                    cell,
                    Seen {
                        served,
                        done,
                        view,
                        acts,
                    },
                );
            }
            drop(state);
            Ok(answer)
        }
        .boxed()
    }

    fn prepare(&self, call: &WriteCall) -> Prepared {
        let body = format!("{call:?}").into_bytes();
        let path = body.iter().take_while(|byte| byte.is_ascii_alphabetic());
        let path: String = path.map(|byte| char::from(*byte)).collect();
        self.state().calls.insert(body.clone(), call.clone());
        Prepared {
            method: Method::Post,
            path: format!("/api/v1/{path}"),
            body,
            tier: Tier::Two,
        }
    }

    fn send(&self, durable: Durable, prepared: Prepared) -> Work<'_, Reply> {
        let entry = self.leave(&durable, &prepared);
        async move {
            let trip = match self.state().wire[entry].ill {
                Ill::Slow => Duration::from_millis(self.dice.between(200, 4000)),
                _ => LATENCY,
            };
            self.clock.sleep(trip / 2).await;
            if !self.step() {
                std::future::pending::<()>().await;
            }
            {
                let mut state = self.state();
                self.settle(&mut state);
                self.stranger(&mut state);
            }
            self.clock.sleep(trip / 2).await;
            let mut state = self.state();
            let reply = state.wire[entry].reply.clone();
            let reply = reply.unwrap_or(Reply::Ambiguous {
                status: None,
                cause: Raw::from("timeout"),
                trace: None,
            });
            let now = self.clock.now();
            let entry = &state.wire[entry];
            let after: Vec<(usize, Last)> = entry
                .ops
                .iter()
                .zip(&entry.were)
                .map(|(this, was)| {
                    let touches = &state.watch.known[*this].touches;
                    let free = is_free(&reply, touches.last().map(|touch| &touch.cell));
                    (*this, if free { *was } else { Last::Unclear(now) })
                })
                .collect();
            for (this, last) in after {
                state.watch.known[this].last = last;
            }
            reply
        }
        .boxed()
    }
}

impl Town {
    /// A call leaves the program: the watch looks at it, its fate is drawn.
    fn leave(&self, durable: &Durable, prepared: &Prepared) -> usize {
        let mut state = self.state();
        let now = self.clock.now();
        let call = state.calls.get(&prepared.body).cloned();
        let call = call.expect("prepared by us");
        let lasts: Vec<Last> = state.watch.known.iter().map(|known| known.last).collect();
        let ops = state
            .watch
            .leaving(&self.disk, durable.seq(), prepared, &call, now);
        let were = ops.iter().map(|this| lasts[*this]).collect();
        let ill = if state.calm {
            Ill::None
        } else {
            self.weather.ill(&self.dice)
        };
        let looks = ops
            .iter()
            .map(|this| {
                let touches = state.watch.known[*this].touches.iter();
                let seen = touches.filter_map(|touch| state.watch.seen.get(&touch.cell).copied());
                seen.min_by_key(|seen| seen.view)
            })
            .collect();
        let entry = state.wire.len();
        state.note(now, || {
            format!("{ops:?} leaves, {ill:?}, intent {}", durable.seq())
        });
        state.wire.push(Entry {
            call,
            path: prepared.path.clone(),
            digest: digest(&prepared.body),
            ops,
            looks,
            were,
            ill,
            arrived: None,
            effect: false,
            reply: None,
        });
        // It arrives even when its sender dies meanwhile.
        let delay = match ill {
            Ill::Late => Duration::from_millis(self.dice.below(60_000)),
            Ill::NotSent | Ill::Barred => {
                state.wire[entry].reply = Some(self.answer(ill, None, &state.wire[entry].call));
                return entry;
            }
            _ => LATENCY / 2,
        };
        state.transit.insert((now.plus(delay), entry));
        entry
    }
}
