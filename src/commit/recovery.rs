//! From the records of an interrupted run to what is left of it. Trusts records, never summaries:
//! an intent without a clear answer is ambiguous and will be read back; an answer that was a
//! definite yes is confirmed; a definite no is free to be tried again.

use std::collections::BTreeMap;

use super::live::Names;
use super::record::{Answer, Intent, Record, ReplyClass};
use crate::domain::{OperationId, Outcome, Plan, Verdict};
use crate::ports::{Bug, planted};
use crate::text::Raw;

/// A definite yes.
#[derive(Clone, Debug)]
pub(super) struct Confirmed {
    /// Id of what was made.
    pub(super) id: Option<String>,
}

/// What the records say of one operation.
#[derive(Clone, Debug, Default)]
pub struct RecoveredOperation {
    pub(super) verdict: Option<Verdict>,
    pub(super) outcome: Option<Outcome>,
    /// Confirmed by an answer, without a verdict yet.
    pub(super) confirmed: Option<Confirmed>,
    pub(super) attempts: u32,
    pub(super) clouded: bool,
    pub(super) status: Option<u16>,
    pub(super) trace: Option<Raw>,
}

/// What the records say of a run.
#[derive(Clone, Debug, Default)]
pub struct Recovered {
    pub(super) operations: Vec<RecoveredOperation>,
    pub(super) names: Names,
}

impl Recovered {
    /// A run of which nothing was done.
    pub fn fresh(plan: &Plan) -> Self {
        Self {
            operations: vec![RecoveredOperation::default(); plan.operations.len()],
            names: Names::default(),
        }
    }

    /// Folds the records of a run of this plan.
    pub fn from_records(plan: &Plan, records: &[(u64, Record)]) -> Self {
        let index: BTreeMap<&OperationId, usize> = plan
            .operations
            .iter()
            .enumerate()
            .map(|(index, operation)| (&operation.id, index))
            .collect();
        let mut recovered = Self::fresh(plan);
        let mut open: BTreeMap<u64, &Intent> = BTreeMap::new();
        for (seq, record) in records {
            match record {
                Record::Intent(intent) => {
                    open.insert(*seq, intent);
                }
                Record::Outcome(answer) => {
                    if let Some(intent) = open.remove(&answer.intent) {
                        recovered.answered(&index, intent, answer);
                    }
                }
                Record::Verdict(judgement) => {
                    let Some(this) = index.get(&judgement.outcome.operation).copied() else {
                        continue;
                    };
                    let outcome = &judgement.outcome;
                    if let Some(id) = &judgement.id
                        && outcome.verdict.holds()
                    {
                        recovered.names.learn(&plan.operations[this].change, id);
                    }
                    let state = &mut recovered.operations[this];
                    state.verdict = Some(outcome.verdict.clone());
                    state.outcome = Some(outcome.clone());
                    state.confirmed = None;
                }
                _ => {}
            }
        }
        for intent in open.into_values() {
            for this in intent.operations.iter().filter_map(|id| index.get(id)) {
                let state = &mut recovered.operations[*this];
                if planted(Bug::TrustSummary) {
                    state.confirmed = Some(Confirmed { id: None });
                    continue;
                }
                state.attempts += 1;
                state.clouded = true;
            }
        }
        for (state, operation) in recovered.operations.iter().zip(&plan.operations) {
            if let Some(Confirmed { id: Some(id) }) = &state.confirmed {
                recovered.names.learn(&operation.change, id);
            }
        }
        recovered
    }

    fn answered(
        &mut self,
        index: &BTreeMap<&OperationId, usize>,
        intent: &Intent,
        answer: &Answer,
    ) {
        for id in &intent.operations {
            let Some(this) = index.get(id).copied() else {
                continue;
            };
            let item = answer.items.iter().find(|item| item.operation == *id);
            let (class, status) = match (answer.class, item) {
                (ReplyClass::Items, Some(item)) => (item.class, item.status),
                (ReplyClass::Items, None) => (ReplyClass::Ambiguous, None),
                (class, _) => (class, answer.status),
            };
            let state = &mut self.operations[this];
            state.status = status;
            state.trace.clone_from(&answer.trace);
            match class {
                ReplyClass::Yes => {
                    state.attempts += 1;
                    state.confirmed = Some(Confirmed {
                        id: answer.id.clone(),
                    });
                }
                ReplyClass::Ambiguous | ReplyClass::Items => {
                    state.attempts += 1;
                    // "Exists", and "is gone" said of an item, had no effect of ours; whose doing it
                    // is gets asked again by trying again. A 404 for a whole call that could not be
                    // read is not the tenant's word: anything before it may have answered.
                    let certain = status == Some(409) || (status == Some(404) && item.is_some());
                    state.clouded |= !certain;
                }
                ReplyClass::No | ReplyClass::Throttled | ReplyClass::NotSent => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commit::record::{Class, Judgement, OutcomeItem};
    use crate::domain::testing::unseat;
    use crate::domain::{Identity, Operation, PlanHash, PlanTenant, Summary};
    use jiff::Timestamp;

    fn plan() -> Plan {
        Plan {
            version: 1,
            hash: PlanHash::default(),
            created: Timestamp::UNIX_EPOCH,
            expires: Timestamp::UNIX_EPOCH,
            tenant: PlanTenant {
                id: "t".into(),
                url: "u".into(),
            },
            identity: Identity {
                user: "u".into(),
                subject: "s".into(),
                name: "n".into(),
            },
            reverts: None,
            orphans: std::collections::BTreeSet::new(),
            roles: BTreeMap::new(),
            sources: Vec::new(),
            summary: Summary::default(),
            operations: vec![Operation {
                id: "op-1".into(),
                ..unseat("a")
            }],
            findings: Vec::new(),
        }
    }

    fn intent(operation: &str) -> Record {
        Record::Intent(Intent {
            operations: vec![operation.into()],
            attempt: 1,
            class: Class::Keyed,
            method: "POST".to_owned(),
            path: "/api/v1/licenses".to_owned(),
            digest: String::new(),
            items: Vec::new(),
            at: Timestamp::UNIX_EPOCH,
        })
    }

    /// Whether only reading can tell, after this answer to a whole call, or to its item.
    fn is_clouded(status: u16, of_item: bool) -> bool {
        let at = Timestamp::UNIX_EPOCH;
        let intent = intent("op-1");
        let item = OutcomeItem {
            operation: "op-1".into(),
            class: ReplyClass::Ambiguous,
            status: Some(status),
            code: None,
        };
        let answer = Record::Outcome(Answer {
            intent: 1,
            class: if of_item {
                ReplyClass::Items
            } else {
                ReplyClass::Ambiguous
            },
            status: Some(if of_item { 207 } else { status }),
            trace: None,
            id: None,
            cause: None,
            items: of_item.then_some(item).into_iter().collect(),
            at,
        });
        let recovered = Recovered::from_records(&plan(), &[(1, intent), (2, answer)]);
        recovered.operations[0].clouded
    }

    #[test]
    fn a_404_that_nobody_could_read_is_read_back() {
        assert!(is_clouded(404, false));
        assert!(is_clouded(502, false));
        assert!(!is_clouded(404, true), "the tenant's word on one item");
        assert!(!is_clouded(409, false) && !is_clouded(409, true));
    }

    #[test]
    fn each_answer_counts_as_an_attempt_and_the_last_one_is_told() {
        let answered = |intent, class, status| {
            Record::Outcome(Answer {
                intent,
                class,
                status,
                trace: Some(format!("trace-{intent}").as_str().into()),
                id: None,
                cause: None,
                items: Vec::new(),
                at: Timestamp::UNIX_EPOCH,
            })
        };
        let records = [
            (1, intent("op-1")),
            (2, answered(1, ReplyClass::Ambiguous, Some(502))),
            (3, intent("op-1")),
            (4, answered(3, ReplyClass::NotSent, None)),
            (5, intent("op-1")),
            (6, answered(5, ReplyClass::Yes, Some(201))),
        ];
        let recovered = Recovered::from_records(&plan(), &records);
        let state = &recovered.operations[0];
        assert_eq!(
            (state.attempts, state.status),
            (2, Some(201)),
            "what never left is no attempt"
        );
        assert!(state.confirmed.is_some());
        let trace = state.trace.as_ref().map(Raw::expose);
        assert_eq!(trace, Some("trace-5"));
    }

    /// What a journal says of operations that its plan does not hold is nobody's state.
    #[test]
    fn records_of_strange_operations_change_nothing() {
        let at = Timestamp::UNIX_EPOCH;
        let answer = Record::Outcome(Answer {
            intent: 1,
            class: ReplyClass::Yes,
            status: Some(200),
            trace: None,
            id: Some("id-9".to_owned()),
            cause: None,
            items: Vec::new(),
            at,
        });
        let judged = Record::Verdict(Judgement {
            outcome: Outcome {
                operation: "op-9".into(),
                verdict: Verdict::Applied,
                status: None,
                millis: 0,
                trace: None,
            },
            id: Some("id-9".to_owned()),
            at,
        });
        let records = [
            (1, intent("op-9")),
            (2, answer),
            (3, judged),
            (4, intent("op-9")),
        ];
        let recovered = Recovered::from_records(&plan(), &records);
        let state = &recovered.operations[0];
        assert_eq!(recovered.operations.len(), 1);
        assert!(state.verdict.is_none() && state.confirmed.is_none());
        assert!(!state.clouded && state.attempts == 0);
    }
}
