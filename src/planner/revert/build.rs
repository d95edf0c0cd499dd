//! The plan of a reversal.

use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

use super::back::{Step, user_of, walk};
use super::guard::{doubted, everybody, guard, unknown_names, unread};
use super::held::{finding, hold, subject};
use super::inverse::{Inverse, inverse};
use super::model::Model;
use super::order::{Draft, number, sort, without_seat};
use super::stand::Standing;
use crate::domain::{
    Change, Doubt, Finding, FindingCode, Guards, List, Operation, OperationKind, PastRun, Plan,
    PlanHash, PlanTenant, Severity, SourceProof, Summary, TenantSnapshot, UseSince, Verdict,
};
use crate::planner::build::{reads, role_names, seconds, tenant_digest, unlooked, writes};
use crate::planner::file;
use crate::text::Raw;

/// Everything a reversal is made from.
#[derive(Clone, Copy, Debug)]
pub struct RevertInput<'a> {
    /// The run to take back.
    pub past: &'a PastRun,
    /// The tenant now, with the assignments of the run's spaces.
    pub live: &'a TenantSnapshot,
    /// Signs of use since the run began.
    pub signs: &'a UseSince,
    /// Who is included though something was made since: subjects, ids or e-mails.
    pub include: &'a [Raw],
    /// What may be done.
    pub guards: &'a Guards,
    /// Lists of the tenant that are hard to believe. While there is one, nothing is taken.
    pub doubts: &'a [Doubt],
    /// When it is made.
    pub now: Timestamp,
    /// How long it holds.
    pub ttl: SignedDuration,
}

/// What the walk gathers.
#[derive(Default)]
struct Gathered {
    drafts: Vec<Draft>,
    findings: Vec<Finding>,
    /// Whom the run gave something, or may have.
    people: BTreeSet<String>,
    already: u64,
}

/// Makes the inverse of a run: sealed, reviewed and applied like any other plan. While it would rely
/// on a list that nothing but its last page calls whole, nothing is taken (C2).
pub fn revert(input: &RevertInput<'_>) -> Plan {
    let lists = match revert_or_look(input) {
        Ok(plan) => return plan,
        Err(lists) => lists,
    };
    let mut doubts = input.doubts.to_vec();
    doubts.extend(lists.iter().map(unlooked));
    made(&RevertInput {
        doubts: &doubts,
        ..*input
    })
}

/// The inverse, or which lists of the tenant want a second look before it can be made.
///
/// # Errors
/// The lists.
pub fn revert_or_look(input: &RevertInput<'_>) -> Result<Plan, BTreeSet<List>> {
    let plan = made(input);
    let lists = input.live.unsettled(&plan.operations);
    if lists.is_empty() {
        Ok(plan)
    } else {
        Err(lists)
    }
}

fn made(input: &RevertInput<'_>) -> Plan {
    let mut gathered = Gathered::default();
    walk(input.past, input.live, false, |step| gathered.take(&step));
    let Gathered {
        mut drafts,
        mut findings,
        people,
        already,
    } = gathered;
    findings.reverse();
    let include: BTreeSet<String> = input.include.iter().map(Raw::key).collect();
    findings.extend(doubted(&mut drafts, input.doubts));
    findings.extend(hold(
        &mut drafts,
        input.live,
        input.signs,
        &include,
        input.guards,
    ));
    findings.extend(unknown_names(input, &include));
    sort(&mut drafts);
    let short = without_seat(&mut drafts, input.live);
    let waiting = short.len() as u64;
    findings.extend(short.iter().map(no_seat));
    findings.extend(unread(input, already));
    guard(input, &mut drafts, &mut findings);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let why = format!("takes back run {}", input.past.run.expose());
    let operations = number(drafts, &why);
    sealed(input, &people, waiting, operations, findings)
}

impl Gathered {
    fn take(&mut self, step: &Step<'_, '_>) {
        let key = key_of(&step.operation.change, step.model);
        match &step.done.verdict {
            Some(Verdict::Applied) => {
                self.people.extend(key);
                self.applied(step);
            }
            Some(Verdict::Already) => self.already += 1,
            _ => {
                self.people.extend(key);
                self.say(
                    step,
                    FindingCode::NotSettled,
                    format!(
                        "whether {} was done is not known; it is left alone. Now: {}",
                        words(step.operation.change.kind()),
                        step.found.now.expose()
                    ),
                    "qroll runs --verify RUN reads what is there; then plan what is wished",
                );
            }
        }
    }

    fn applied(&mut self, step: &Step<'_, '_>) {
        let change = &step.operation.change;
        let (left, now) = (step.found.left.expose(), step.found.now.expose());
        let text = match step.found.standing {
            Standing::Ours => return self.invert(step),
            Standing::Before => {
                format!(
                    "no longer holds what the run gave (left: {left}; now: {now}): it was taken back already"
                )
            }
            Standing::Changed => {
                format!(
                    "no longer holds what the run gave (left: {left}; now: {now}): nothing is taken back"
                )
            }
            Standing::Unread => {
                let text = format!(
                    "{} of the run could not be compared with what is there now: not read completely",
                    words(change.kind())
                );
                return self.say(
                    step,
                    FindingCode::NotChecked,
                    text,
                    "try again; nothing is taken back unread",
                );
            }
        };
        let hint = "somebody changed it since; look before anything else is done";
        self.say(step, FindingCode::NoLongerOurs, text, hint);
    }

    fn invert(&mut self, step: &Step<'_, '_>) {
        match inverse(&step.operation.change, step.done, step.model) {
            Inverse::Change(change, undo) => self.drafts.push(Draft {
                of: step.operation.clone(),
                change,
                undo,
            }),
            Inverse::Stays(code, text, hint) => self.say(step, code, text, hint),
        }
    }

    fn say(&mut self, step: &Step<'_, '_>, code: FindingCode, text: String, hint: &str) {
        let severity = match code {
            FindingCode::RecordStays => Severity::Note,
            _ => Severity::Warning,
        };
        let operation = step.operation;
        let who = operation
            .name
            .clone()
            .or_else(|| subject(&operation.change));
        let found = finding(severity, code, who.unwrap_or_default(), text, hint);
        self.findings.push(found);
    }
}

fn words(kind: OperationKind) -> String {
    kind.word().replace('_', " ")
}

/// One key for each human, however an operation names them.
fn key_of(change: &Change, model: &Model<'_>) -> Option<String> {
    if let Some(id) = user_of(change, model) {
        return Some(format!("i {}", id.key()));
    }
    match change {
        Change::CreateUser { subject, .. }
        | Change::AddLicense { subject, .. }
        | Change::ChangeLicense { subject, .. }
        | Change::MoveLicense { subject, .. }
        | Change::RemoveLicense { subject, .. } => Some(format!("s {}", subject.key())),
        _ => None,
    }
}

fn no_seat(draft: &Draft) -> Finding {
    finding(
        Severity::Warning,
        FindingCode::WaitsForSeat,
        super::held::name(draft, None),
        "does not get back what was held before: no seat of that license is left".to_owned(),
        "free a seat and revert again; what is taken back by then is not planned twice",
    )
}

fn sealed(
    input: &RevertInput<'_>,
    people: &BTreeSet<String>,
    waiting: u64,
    operations: Vec<Operation>,
    findings: Vec<Finding>,
) -> Plan {
    let model = Model::new(input.live);
    let served: BTreeSet<String> = operations
        .iter()
        .filter_map(|operation| key_of(&operation.change, &model))
        .collect();
    let mut kinds: BTreeMap<OperationKind, u64> = BTreeMap::new();
    for operation in &operations {
        *kinds.entry(operation.change.kind()).or_default() += 1;
    }
    let (writes, reads) = (writes(&operations), reads(&operations));
    let removals = operations.iter().filter(|one| one.change.is_removal());
    let live = input.live;
    file::seal(Plan {
        version: file::VERSION,
        hash: PlanHash::default(),
        created: input.now,
        expires: input
            .now
            .saturating_add(input.ttl)
            .unwrap_or(Timestamp::MAX),
        tenant: PlanTenant {
            id: live.tenant.id.clone(),
            url: live.tenant.url.clone(),
        },
        identity: live.identity.clone(),
        reverts: Some(input.past.run.clone()),
        orphans: BTreeSet::new(),
        roles: role_names(live, &operations),
        sources: sources(input),
        summary: Summary {
            people: people.len() as u64,
            operations: operations.len() as u64,
            requests: writes + reads,
            seconds: seconds(writes, reads),
            skipped: people.difference(&served).count() as u64,
            waiting,
            removals: removals.count() as u64,
            scope: everybody(input),
            kinds,
        },
        operations,
        findings,
    })
}

fn sources(input: &RevertInput<'_>) -> Vec<SourceProof> {
    let live = input.live;
    let proofs = [&live.users.proof, &live.licensing.proof];
    let rows = live.assignments.values().map(|reading| &reading.proof);
    let broken = proofs
        .into_iter()
        .chain(rows)
        .find(|proof| !proof.is_proven());
    let cause = broken.map(|_| "not everything was read completely".to_owned());
    let run = SourceProof {
        role: "run".to_owned(),
        kind: None,
        label: input.past.run.show().to_string(),
        digest: input.past.plan.hash.0.clone(),
        complete: true,
        cause: None,
        read_at: input.past.began,
    };
    let tenant = SourceProof {
        role: "tenant".to_owned(),
        kind: None,
        label: live.tenant.url.show().to_string(),
        digest: tenant_digest(live),
        complete: cause.is_none(),
        cause,
        read_at: live.read_at,
    };
    vec![tenant, run]
}
