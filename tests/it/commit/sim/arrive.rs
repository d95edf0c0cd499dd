//! A call reaches the tenant: what it changes, whether that overwrites what somebody else did (I8), and
//! what is answered under its fault.

use qroll::ports::{Instant, Reply, WriteCall};
use qroll::text::Raw;
use std::collections::BTreeSet;
use std::time::Duration;

use super::cell::{Value, value};
use super::dice::Ill;
use super::town::{Effect, State, Town};

impl Town {
    /// A call reaches the tenant, at its own time: nobody may have looked since.
    pub(super) fn arrive(&self, state: &mut State, entry: usize, now: Instant) {
        let (call, ill, ops) = {
            let entry = &mut state.wire[entry];
            entry.arrived = Some(now);
            (entry.call.clone(), entry.ill, entry.ops.clone())
        };
        let cells = |state: &State| -> Vec<Vec<Value>> {
            let of = |this: &usize| {
                let touches = &state.watch.known[*this].touches;
                touches
                    .iter()
                    .map(|touch| value(&state.world, &touch.cell))
                    .collect()
            };
            ops.iter().map(of).collect()
        };
        let old = cells(state);
        let takes_effect = !matches!(
            ill,
            Ill::Throttle
                | Ill::ThrottleFor
                | Ill::NotSent
                | Ill::ErrorBefore
                | Ill::LostBefore
                | Ill::Portal
                | Ill::Expired
                | Ill::Renewed
                | Ill::Barred
                | Ill::Denied
                | Ill::Redirected
        );
        let reply = takes_effect.then(|| state.world.change(&call));
        state.world.effects.clear();
        let new = cells(state);
        let mut changed = false;
        for ((this, old), new) in ops.iter().zip(&old).zip(&new) {
            if old != new {
                changed = true;
                Self::took_effect(state, entry, *this, old, now);
            }
        }
        if changed {
            state.learn_ids();
            let cells: BTreeSet<usize> = ops
                .iter()
                .flat_map(|this| &state.watch.known[*this].touches)
                .filter_map(|touch| state.watch.by_cell.get(&touch.cell))
                .flatten()
                .copied()
                .collect();
            state.look_at(cells);
            self.remember(state, now);
        }
        state.wire[entry].effect = changed;
        let reply = self.answer(ill, reply, &call);
        state.note(now, || {
            format!("{ops:?} arrives, {ill:?}, effect {changed}: {reply:?}")
        });
        state.wire[entry].reply = Some(reply);
    }

    /// An operation changed something: was it what the plan had seen there (I8)?
    fn took_effect(state: &mut State, entry: usize, this: usize, old: &[Value], now: Instant) {
        let at = state.wire[entry].ops.iter().position(|op| *op == this);
        let look = at.and_then(|at| state.wire[entry].looks[at]);
        let is_late = state.wire[entry].ill == Ill::Late;
        let mut between = false;
        for (touch, old) in state.watch.known[this].touches.iter().zip(old) {
            let Some((strange, act)) = state.strange.get(&touch.cell).copied() else {
                continue;
            };
            between = true;
            if *old == touch.before {
                continue;
            }
            if is_late {
                state.windows.late += 1;
            } else if look.is_none_or(|look| {
                act <= look.acts && (look.view == look.served || strange < look.view)
            }) {
                let what = format!(
                    "I8: {} overwrote what somebody did at {:?}, looked at {look:?}",
                    state.watch.plan.operations[this].id.expose(),
                    strange.0
                );
                state.watch.violations.push(what);
            } else if look.is_some_and(|look| act <= look.acts) {
                state.windows.lag += 1;
            } else {
                let long = look.map_or(Duration::ZERO, |look| now.since(look.served));
                state.windows.trip += 1;
                state.windows.longest = state.windows.longest.max(long);
            }
        }
        state.effects.push(Effect {
            op: this,
            acts: state.acts,
            between,
        });
    }

    pub(super) fn answer(&self, ill: Ill, reply: Option<Reply>, call: &WriteCall) -> Reply {
        let ambiguous = |status, cause: &str| Reply::Ambiguous {
            status,
            cause: Raw::from(cause),
            trace: None,
        };
        let no = |status, reason: &str| Reply::No {
            status,
            code: None,
            reason: Raw::from(reason),
            trace: None,
        };
        let foreign = |status| Reply::Foreign {
            status,
            cause: Raw::from("a page for a browser"),
            trace: None,
        };
        let Some(mut reply) = reply else {
            return match ill {
                Ill::Throttle => Reply::Throttled { wait: None },
                Ill::ThrottleFor => {
                    let seconds = if self.dice.chance(50) {
                        self.dice.between(301, 900)
                    } else {
                        self.dice.between(0, 90)
                    };
                    let wait = Some(Duration::from_secs(seconds));
                    Reply::Throttled { wait }
                }
                Ill::NotSent => Reply::NotSent {
                    cause: Raw::from("connection refused"),
                },
                Ill::ErrorBefore => ambiguous(Some(500), "internal error"),
                Ill::Portal => ambiguous(Some(404), "not from the tenant"),
                Ill::Expired => no(401, "token expired"),
                Ill::Denied => no(403, "forbidden"),
                Ill::Redirected => foreign(302),
                Ill::Renewed => Reply::Renewed { trace: None },
                Ill::Barred => Reply::Barred {
                    cause: Raw::from("the certificate is not trusted"),
                },
                _ => ambiguous(None, "connection reset"),
            };
        };
        match ill {
            Ill::ForeignAfter => return foreign(200),
            Ill::ErrorAfter => return ambiguous(Some(502), "bad gateway"),
            Ill::LostAfter | Ill::Late => return ambiguous(None, "timeout"),
            Ill::Garbled => return ambiguous(Some(200), "the answer was cut"),
            _ => {}
        }
        if let Reply::Items { items, .. } = &mut reply {
            self.dice.shuffle(items);
            match (ill, items.first().cloned()) {
                (Ill::MissingItem, Some(_)) => {
                    items.pop();
                }
                (Ill::DoubledItem, Some(mut again)) => {
                    if self.dice.chance(500) {
                        again.status = 403;
                    }
                    items.push(again);
                }
                (Ill::UnaskedItem, Some(mut other)) => {
                    other.subject = "somebody-else".into();
                    items.push(other);
                }
                (Ill::BareItem, Some(_)) => items[0].license = None,
                (Ill::BrokenItem, Some(_)) => items[0].status = 503,
                _ => {}
            }
        }
        debug_assert!(
            !matches!(call, WriteCall::CreateUser { .. }) || !matches!(reply, Reply::Items { .. })
        );
        reply
    }
}
