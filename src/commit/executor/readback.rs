//! What a reading means: before a write (still as planned?) and after an unclear answer (did it
//! happen?). The wait before reading back gives a late request time to land; absence must show at
//! the end of all waits before anything is sent again (B10, A8).

use std::time::Duration;

use super::state::{Flight, Step, What};
use super::{Executor, Ticket};
use crate::commit::live::{self, Live};
use crate::commit::{describe, states};
use crate::domain::{Assignee, Change, LicenseType, SkipReason, Verdict};
use crate::ports::{Bug, Instant, Kind, Observation, Problem, planted};
use crate::text::Raw;

/// Waits before the first, second and third reading.
pub(super) const SETTLE: [Duration; 3] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
];

/// A request that nobody answered may still land, but not later than a minute after it was given up,
/// the longest exchange (A8, A12); and a reading may miss for another fifteen seconds what landed (B10).
/// Before that nothing it was about is called undone.
const GONE: Duration = Duration::from_secs(75);

/// Attempts that may have had an effect, at most.
const ATTEMPTS: u32 = 4;
/// Readings that may fail in a row: for the network (which the run-wide minute also ends) and else.
const UNREAD_NETWORK: u32 = 12;
const UNREAD: u32 = 4;

impl Executor {
    pub(super) fn observed(&mut self, ticket: Ticket, result: Result<Observation, Problem>) {
        if let Some(license) = self.doubts.remove(&ticket) {
            self.pool_seen(license, result);
            return;
        }
        let Some(flight) = self.flights.remove(&ticket) else {
            return;
        };
        let Step::Doing(what) = flight.step else {
            return;
        };
        if self.stop.is_some() {
            // Nothing new; what is unclear stays so and is read back on resume.
            return;
        }
        match result {
            Ok(observation) => {
                self.reached();
                if planted(Bug::DeleteBySubject)
                    && let Observation::Users(users) = &observation
                {
                    let found = users
                        .iter()
                        .map(|user| (user.subject.key(), user.id.clone()));
                    self.names.users.extend(found);
                }
                match what {
                    What::Resolve => self.resolved(flight, &observation),
                    What::Check => self.checked(flight, &observation),
                    What::VerifyEmail => self.email_seen(flight, &observation),
                    What::Verify | What::Send => self.verified(flight, &observation),
                }
            }
            Err(problem) => self.unread(flight, what, &problem),
        }
    }

    /// The reading failed: again a little later, and in the end an honest "unknown".
    fn unread(&mut self, mut flight: Flight, what: What, problem: &Problem) {
        let refused = matches!(problem.kind, Kind::Auth | Kind::Denied) || problem.is_dead_end();
        if refused && !self.settings.discard {
            self.stop_run(&problem.to_string(), false);
            return;
        }
        let most = if self.settings.discard {
            // Its end is wanted, and a list that may not be read looks like one that was cut off: a
            // run that nobody may read back could never be ended.
            UNREAD
        } else if problem.is_transient() {
            self.unread_for_network(problem.text());
            UNREAD_NETWORK
        } else {
            UNREAD
        };
        flight.unread += 1;
        if flight.unread < most {
            let until = self.now.plus(self.backoff(flight.unread - 1));
            flight.want(what, until);
            self.add_flight(flight);
            return;
        }
        for this in flight.operations {
            let reason = format!("it could not be read: {problem}");
            let verdict = self.unsendable(this, &reason);
            self.judge(this, verdict, None);
        }
    }

    fn resolved(&mut self, mut flight: Flight, observation: &Observation) {
        let Some(first) = flight.operations.first().copied() else {
            return;
        };
        let who = live::assignee(self.change(first)).cloned();
        let found = who.as_ref().and_then(|who| live::found(who, observation));
        match (who, found) {
            (Some(Assignee::NewUser(subject)), Some(id)) => {
                self.names.users.insert(subject.key(), id.as_str().into());
            }
            (Some(Assignee::NewGroup(name)), Some(id)) => {
                self.names.groups.insert(name, id.as_str().into());
            }
            _ => {
                // The maker holds, so this is a stale reading: look again, then say so.
                let lag = Problem::new(Kind::NotFound, "its new id is not to be found yet");
                self.unread(flight, What::Resolve, &lag);
                return;
            }
        }
        flight.unread = 0;
        let what = self.first_step(&flight.operations);
        flight.want(what, self.now);
        self.add_flight(flight);
    }

    /// Before the write: as planned, already so, or changed by somebody (I8).
    fn checked(&mut self, mut flight: Flight, observation: &Observation) {
        let mut kept = Vec::new();
        for this in std::mem::take(&mut flight.operations) {
            match live::judge(self.change(this), observation) {
                Ok(Live::Before) => kept.push(this),
                Ok(Live::After(id)) => self.judge(this, Verdict::Already, id),
                Ok(Live::Other(now)) => {
                    let verdict = Verdict::Skipped {
                        why: SkipReason::Drift,
                        detail: describe::three_ways(self.change(this), &now),
                    };
                    self.judge(this, verdict, None);
                }
                Err(()) => {
                    let verdict = self.unsendable(this, "the reading answered another question");
                    self.judge(this, verdict, None);
                }
            }
        }
        if !kept.is_empty() {
            flight.operations = kept;
            flight.unread = 0;
            flight.checked_at = Some(self.now);
            flight.want(What::Send, self.now);
            self.add_flight(flight);
        }
    }

    /// After the write: did it happen?
    fn verified(&mut self, mut flight: Flight, observation: &Observation) {
        let mut open: Vec<(usize, Live)> = Vec::new();
        for this in std::mem::take(&mut flight.operations) {
            match live::judge(self.change(this), observation) {
                Ok(Live::After(id)) => {
                    let verdict = if self.operations[this].clouded {
                        Verdict::Applied
                    } else {
                        Verdict::Already
                    };
                    self.judge(this, verdict, id);
                }
                // What exists in another form is final after a 409; after an unclear answer our
                // own request may still be on its way.
                Ok(Live::Other(now)) if flight.conflict || flight.round >= SETTLE.len() => {
                    self.differs(this, &now);
                }
                Ok(state) => open.push((this, state)),
                Err(()) => {
                    let verdict = self.unsendable(this, "the reading answered another question");
                    self.judge(this, verdict, None);
                }
            }
        }
        flight.unread = 0;
        flight.checked_at = Some(self.now);
        flight.operations = open.iter().map(|(this, _)| *this).collect();
        self.not_there(flight);
    }

    /// Something else stands there. After an unclear attempt nobody can tell whether ours stood
    /// before it: that is not a "no".
    fn differs(&mut self, this: usize, now: &str) {
        let change = self.change(this);
        let text = describe::three_ways(change, now);
        let unclear = self.operations[this].clouded && !planted(Bug::DiffersIsNo);
        let verdict = if unclear {
            Verdict::Unknown {
                check: Raw::from(format!(
                    "{}; it may have been done before somebody changed it: {}",
                    text.show(),
                    describe::how_to_check(change).show()
                )),
            }
        } else {
            Verdict::NotApplied {
                code: None,
                reason: Raw::from(format!("conflict: {}", text.show())),
            }
        };
        self.judge(this, verdict, None);
    }

    /// Nothing of it is to be seen: wait on, ask about the e-mail, or send again.
    fn not_there(&mut self, mut flight: Flight) {
        let Some(first) = flight.operations.first().copied() else {
            return;
        };
        let has_email =
            matches!(self.change(first), Change::CreateUser { after, .. } if after.email.is_some());
        if flight.conflict && flight.round == 0 && has_email {
            flight.want(What::VerifyEmail, self.now);
            self.add_flight(flight);
        } else {
            self.wait_or_resend(flight);
        }
    }

    fn email_seen(&mut self, flight: Flight, observation: &Observation) {
        let (Some(first), Observation::Users(users)) = (flight.operations.first(), observation)
        else {
            self.wait_or_resend(flight);
            return;
        };
        let first = *first;
        match states::email_taken(self.change(first), users) {
            Some(now) => self.differs(first, &now),
            None => self.wait_or_resend(flight),
        }
    }

    fn wait_or_resend(&mut self, mut flight: Flight) {
        if let Some(wait) = SETTLE.get(flight.round) {
            flight.round += 1;
            flight.want(What::Verify, self.now.plus(*wait));
            self.add_flight(flight);
            return;
        }
        // Absent at the end of all waits: keyed and set operations may be sent again.
        let (mut again, mut early) = (Vec::new(), Vec::new());
        for this in std::mem::take(&mut flight.operations) {
            match self.absent(this) {
                Some(_) if self.may_land(this).is_some() => early.push(this),
                Some(verdict) => self.judge(this, verdict, None),
                None => again.push(this),
            }
        }
        if let Some(until) = early.iter().filter_map(|this| self.may_land(*this)).max() {
            let mut later = Flight::new(early, What::Verify, until);
            later.round = SETTLE.len();
            self.add_flight(later);
        }
        if !again.is_empty() {
            let mut next = Flight::new(again, What::Send, self.now);
            next.round = SETTLE.len();
            next.checked_at = flight.checked_at;
            self.add_flight(next);
        }
    }

    /// Until when an unclear attempt may still land, if it may.
    fn may_land(&self, this: usize) -> Option<Instant> {
        let gone = self.operations[this].unclear_at?.plus(GONE);
        (gone > self.now && !planted(Bug::HastyNo)).then_some(gone)
    }

    /// The verdict for something that is not there; `None` to send it (again).
    fn absent(&self, this: usize) -> Option<Verdict> {
        if let Some((code, reason)) = self.operations[this].refusal.clone() {
            return Some(Verdict::NotApplied { code, reason });
        }
        if let Some(reason) = &self.settings.verify_only {
            // It was sent once: "skipped" would say that it was not.
            return Some(Verdict::NotApplied {
                code: None,
                reason: Raw::from(format!(
                    "sent without a clear answer; read back and not there; not sent again: {}",
                    reason.show()
                )),
            });
        }
        if let Some(detail) = self.guard(self.change(this)) {
            return Some(Verdict::Skipped {
                why: SkipReason::Guard,
                detail: Raw::from(detail),
            });
        }
        let tried = self.operations[this].attempts >= ATTEMPTS;
        tried.then(|| self.unsendable(this, "the tenant answers 409, but nothing is to be found"))
    }

    /// After "no seat left": is the pool really dry? An unreadable pool is taken for dry.
    fn pool_seen(&mut self, license: LicenseType, result: Result<Observation, Problem>) {
        let has_room = match result {
            Ok(Observation::Allotments(pools)) => pools.iter().any(|pool| {
                pool.name == license
                    && (pool.overage < 0 || pool.used < pool.units.saturating_add(pool.overage))
            }),
            _ => false,
        };
        if !has_room {
            self.dry.insert(license);
        }
    }
}
