//! A run from the screen: compare the plan with what is there now, then apply exactly it. The run
//! writes its journal first; its events go into an unbounded inbox, so no screen can hold it up.

use std::sync::Arc;
use tokio_util::sync::CancellationToken;

use super::alarm::Alarm;
use super::effects::Effects;
use super::wiring::Wiring;
use crate::app::{Approval, Message, Trouble};
use crate::commit::{self, ApprovedPlan, Recall, RunReport, Settings};
use crate::domain::{
    Allowed, Guards, Plan, Register, RunEvent, RunId, TenantId, Toll, Week, Weight,
};
use crate::planner::{drift, tally};
use crate::ports::{Kind, Problem};

impl Effects {
    pub(super) fn apply(&mut self, plan: Arc<Plan>, approval: Approval) {
        let guards = self.wiring.guards.allowing(&approval.allowed);
        let inbox = self.inbox.clone();
        let approved =
            |wiring: &Wiring| ApprovedPlan::new(Arc::unwrap_or_clone(plan), wiring.clock.wall());
        match approved(&self.wiring) {
            Ok(approved) => self.run(move |wiring, told, stop| async move {
                let ports = wiring.commit_ports();
                // Before and after the look: what another instance does is not drift.
                commit::ready(&ports, &wiring.state, approved.plan())?;
                let live = commit::survey(&*wiring.tenant, approved.plan()).await?;
                let moved = drift(approved.plan(), &live);
                if !moved.is_empty() {
                    commit::ready(&ports, &wiring.state, approved.plan())?;
                    let problem = moved_on(moved.len(), &tally(approved.plan(), &moved));
                    let _ = inbox.send(Message::Moved(moved));
                    return Err(problem);
                }
                let plan = approved.plan();
                let week = week(&wiring, &plan.tenant.id)?;
                let toll = Toll::of_plan(plan, &week, Some(&Register::of(&live)));
                as_agreed(&toll, &guards, approval.agreed)?;
                let settings = settings(commit::guarded(&guards, &live, Some(plan))?);
                let run = commit::run(ports, approved, settings, &wiring.state, told, stop);
                let report = run.await?;
                settle(&wiring, &approval);
                Ok(report)
            }),
            Err(problem) => {
                let _ = self.inbox.send(Message::RunEnded(Err(problem.into())));
            }
        }
    }

    pub(super) fn resume(&mut self, run: RunId, allowed: &Allowed) {
        let guards = self.wiring.guards.allowing(allowed);
        self.run(move |wiring, told, stop| async move {
            let mut live = wiring.tenant.load(&|_| {}).await?;
            let begun = commit::outcomes(&*wiring.disk, &wiring.state, &run).ok();
            let plan = begun.as_ref().map(|(plan, _)| plan);
            let operations = plan.map_or(&[][..], |plan| &plan.operations);
            commit::settle_protection(&*wiring.tenant, &mut live, operations).await?;
            let settings = settings(commit::guarded(&guards, &live, plan)?);
            commit::resume(
                wiring.commit_ports(),
                Some(run),
                settings,
                &wiring.state,
                told,
                stop,
            )
            .await
        });
    }

    pub(super) fn discard(&mut self, run: RunId) {
        self.run(move |wiring, told, stop| async move {
            let settings = settings(wiring.guards.clone());
            commit::discard(
                wiring.commit_ports(),
                run,
                settings,
                &wiring.state,
                told,
                stop,
            )
            .await
        });
    }

    fn run<F>(&mut self, work: impl FnOnce(Arc<Wiring>, Told, CancellationToken) -> F)
    where
        F: Future<Output = Result<RunReport, Problem>> + Send + 'static,
    {
        self.stop = CancellationToken::new();
        let (inbox, clock) = (self.inbox.clone(), Arc::clone(&self.wiring.clock));
        let told: Told = Box::new(move |event| {
            let _ = inbox.send(Message::Run {
                event,
                at: clock.now().0,
            });
        });
        let work = work(Arc::clone(&self.wiring), told, self.stop.clone());
        let inbox = self.inbox.clone();
        self.tasks.spawn(async move {
            let _alarm = Alarm::of_run(&inbox);
            let result = work.await.map(|report| told_code(&report));
            let _ = inbox.send(Message::RunEnded(result.map_err(Trouble::from)));
        });
    }
}

type Told = Box<dyn Fn(RunEvent) + Send + Sync>;

/// The exit code of a run. Verdicts that the failing journal could not take are nowhere else than
/// here.
fn told_code(report: &RunReport) -> u8 {
    for outcome in &report.unwritten {
        tracing::error!(operation = %outcome.operation.show(), verdict = outcome.verdict.word(), "not in the journal");
    }
    report.exit_code
}

/// Sizes that were vouched for count from now on: a plan that rests on them was applied.
fn settle(wiring: &Wiring, approval: &Approval) {
    if approval.allowed.sizes.is_empty() {
        return;
    }
    let recall = Recall {
        state: &wiring.state,
        profile: &wiring.profile,
        vouched: &approval.allowed.sizes,
        chosen_by: &[],
        without: &[],
        now: wiring.clock.wall(),
    };
    let kept = recall.settle(&*wiring.disk, &approval.snapshot, &approval.staging);
    if let Err(problem) = kept {
        tracing::warn!(%problem, "the sizes of this reading were not kept");
    }
}

fn week(wiring: &Wiring, tenant: &TenantId) -> Result<Week, Problem> {
    commit::week(&*wiring.disk, &wiring.state, tenant, wiring.clock.wall())
}

/// Runs since the plan was built, and what the tenant holds now, may have made it heavier than what
/// was agreed to.
fn as_agreed(toll: &Toll, guards: &Guards, agreed: Weight) -> Result<(), Problem> {
    let text = match guards.weigh(toll) {
        weight if weight <= agreed => return Ok(()),
        Weight::Stopped => format!(
            "removals_stop ({} % in 7 days): with this plan {} of {} people lose something, the limit is {}; nothing was sent",
            guards.stop_percent,
            toll.week,
            toll.week_of,
            guards.most(toll.week_of)
        ),
        _ => format!(
            "the plan is heavier than what was agreed to: {} removals take something from {} of {} people, in 7 days from {}, and their number was not typed (removals_confirm: {}); nothing was sent",
            toll.removals,
            toll.people,
            toll.of,
            toll.week,
            guards.untyped(toll.of)
        ),
    };
    Err(Problem::new(Kind::Guard, text).hint("p builds the plan again and says what can be done"))
}

fn settings(guards: Guards) -> Settings {
    Settings {
        guards,
        ..Settings::default()
    }
}

fn moved_on(rows: usize, tally: &str) -> Problem {
    let text = format!(
        "the tenant has moved on since this plan was built: {rows} row{}; nothing was sent",
        if rows == 1 { "" } else { "s" }
    );
    Problem::new(Kind::Stale, text)
        .hint(tally)
        .hint("p builds the plan again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_heavier_than_agreed_is_not_sent() {
        let guards = Guards::default();
        let toll = |people, week| Toll {
            removals: people,
            people,
            of: 500,
            week,
            week_of: 500,
            groups: false,
        };
        let said = |toll: Toll, agreed| {
            let refused = as_agreed(&toll, &guards, agreed).err();
            refused.map(|problem| (problem.kind, problem.text().contains("nothing was sent")))
        };
        let refused = Some((Kind::Guard, true));
        assert_eq!(said(toll(10, 10), Weight::Light), None);
        assert_eq!(said(toll(10, 11), Weight::Light), refused, "of the week");
        assert_eq!(said(toll(11, 11), Weight::Light), refused, "of the tenant");
        assert_eq!(said(toll(11, 11), Weight::Typed), None);
        assert_eq!(said(toll(11, 101), Weight::Typed), refused);
        let groups = Toll {
            groups: true,
            ..toll(1, 1)
        };
        assert_eq!(said(groups, Weight::Light), refused);
    }
}
