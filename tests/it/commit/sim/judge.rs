//! After the end of a seed: at most one effect (I3), truthful verdicts (I4), and a tenant that is what
//! the verdicts say (I5).

use qroll::commit;
use qroll::domain::{Outcome, Verdict};
use std::collections::BTreeMap;
use std::path::Path;

use super::cell::{Cell, Value, value};
use super::life::Machine;
use super::town::State;
use super::watch::journal_of;
use crate::commit::desk::STATE;
use crate::commit::world::World;
use crate::proof::history::{self, Entry};

/// Judges; gives how many operations are unknown.
pub(super) fn judge(machine: &Machine, before: &World) -> u64 {
    machine.town.drain();
    let path = Path::new(STATE);
    let runs = commit::runs(&machine.disk, path).unwrap_or_default();
    let ours = runs
        .iter()
        .find(|run| run.plan == machine.plan.hash && run.counts.total > 0);
    let Some(ours) = ours else {
        // The plan expired before anything was sent.
        if !machine.town.state().effects.is_empty() {
            machine.complain("I2: effects without a run".to_owned());
        }
        return 0;
    };
    let (plan, outcomes) = match commit::outcomes(&machine.disk, path, &ours.run) {
        Ok(found) => found,
        Err(problem) => {
            machine.complain(format!("I4: no outcomes: {problem}"));
            return 0;
        }
    };
    if plan != machine.plan || outcomes.len() != plan.operations.len() {
        machine.complain(format!(
            "I4: {} outcomes of {}",
            outcomes.len(),
            plan.operations.len()
        ));
        return 0;
    }
    let mut state = machine.town.state();
    let unknown = verdicts(&mut state, &outcomes);
    converged(&mut state, before, &outcomes);
    explained(machine, &mut state);
    unknown
}

/// I3 and I4.
fn verdicts(state: &mut State, outcomes: &[Outcome]) -> u64 {
    let mut effects: BTreeMap<usize, (u64, bool)> = BTreeMap::new();
    let mut undone = vec![true; outcomes.len()];
    for effect in &state.effects {
        let (times, twice) = effects.entry(effect.op).or_default();
        *times += 1;
        // A second effect after a second admin undid the first is a late request's.
        *twice |= *times > 1 && !effect.between;
        let touches = &state.watch.known[effect.op].touches;
        undone[effect.op] &= touches.iter().any(|touch| {
            state
                .strange
                .get(&touch.cell)
                .is_some_and(|(_, act)| *act > effect.acts)
        });
    }
    let mut unknown = 0;
    let mut wrong = Vec::new();
    for (this, outcome) in outcomes.iter().enumerate() {
        let (times, twice) = effects.get(&this).copied().unwrap_or_default();
        let id = outcome.operation.expose();
        if twice {
            wrong.push(format!("I3: {id} took effect {times} times"));
        }
        let truthful = match &outcome.verdict {
            Verdict::Applied => times > 0 || state.held[this],
            Verdict::Already => times == 0 && state.held[this],
            // Undone by a second admin before we could see it, it is not there.
            Verdict::NotApplied { .. } | Verdict::Skipped { .. } => undone[this],
            Verdict::Unknown { .. } => {
                unknown += 1;
                true
            }
        };
        if !truthful {
            let change = &state.watch.operation(this).change;
            wrong.push(format!(
                "I4: {id} is {:?}, effects {times}, stood {}: {change:?}",
                outcome.verdict, state.held[this]
            ));
        }
    }
    for what in wrong {
        state.watch.complain(what);
    }
    unknown
}

/// I5: where no second admin was, the tenant is what it was and what the verdicts add to it.
fn converged(state: &mut State, before: &World, outcomes: &[Outcome]) {
    let mut wished: BTreeMap<&Cell, Value> = BTreeMap::new();
    for cell in state.watch.by_cell.keys() {
        wished.insert(cell, value(before, cell));
    }
    for (this, outcome) in outcomes.iter().enumerate() {
        let took = state.effects.iter().any(|effect| effect.op == this);
        let stands =
            outcome.verdict.holds() || (matches!(outcome.verdict, Verdict::Unknown { .. }) && took);
        if stands {
            for touch in &state.watch.known[this].touches {
                wished.insert(&touch.cell, touch.after.clone());
            }
        }
    }
    let wrong: Vec<String> = wished
        .into_iter()
        .filter(|(cell, _)| !is_foreign(state, cell))
        .filter_map(|(cell, wished)| {
            let now = value(&state.world, cell);
            (now != wished).then(|| format!("I5: {cell:?} is {now:?}, not {wished:?}"))
        })
        .collect();
    for what in wrong {
        state.watch.complain(what);
    }
}

/// Whether a second admin touched the cell, or the person or group whose row it is.
fn is_foreign(state: &State, cell: &Cell) -> bool {
    state.acts > 0
        && (state.strange.contains_key(cell) || matches!(cell, Cell::Row(..) | Cell::Subject(_)))
}

/// T11 on this seed: journal and wire explain each other.
fn explained(machine: &Machine, state: &mut State) {
    let journal = journal_of(&machine.disk);
    let entries: Vec<Entry> = state
        .wire
        .iter()
        .filter(|entry| entry.arrived.is_some())
        .map(|entry| Entry {
            method: "POST".to_owned(),
            path: entry.path.clone(),
            digest: entry.digest.clone(),
            effect: entry.effect,
        })
        .collect();
    let others = state.acts > 0 || state.is_old;
    for what in history::explain(&machine.plan, &journal, &entries, others) {
        state.watch.complain(format!("T11: {what}"));
    }
}
