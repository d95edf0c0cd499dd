//! T12 in counts: a plan and a journal of many operations are read again to the last of them. How
//! long that takes is for `cargo bench --bench bars -- scale`.

use std::path::Path;

use qroll::commit::{self, Answer, Class, Header, Intent, Journal, Judgement, Record, ReplyClass};
use qroll::domain::{Outcome, Plan, RunId, Verdict};
use qroll::host::memory::MemoryDisk;
use qroll::planner::file;
use qroll::ports::Disk as _;

use super::plans::{Draft, morning};
use crate::proof::{Row, sized};

fn journal(disk: &MemoryDisk, run: &RunId, plan: &Plan) {
    let path = format!("/state/runs/{}.journal", run.expose());
    let mut journal = Journal::create(disk, Path::new(&path), 0).expect("a journal");
    let mut put = |record: &Record| journal.append(record).expect("a record");
    put(&Record::Header(Header {
        run: run.clone(),
        plan: plan.hash.clone(),
        tenant: plan.tenant.id.clone(),
        url: plan.tenant.url.clone(),
        identity: plan.identity.user.clone(),
        tool: "a test".to_owned(),
        owner: "a test".to_owned(),
        proxy: None,
        reverts: None,
        total: plan.operations.len() as u64,
        at: morning(),
    }));
    for (number, operation) in plan.operations.iter().enumerate() {
        let intent = put(&Record::Intent(Intent {
            operations: vec![operation.id.clone()],
            attempt: 1,
            class: Class::Keyed,
            method: "POST".to_owned(),
            path: "/api/v1/users".to_owned(),
            digest: "0".repeat(64),
            items: Vec::new(),
            at: morning(),
        }));
        put(&Record::Outcome(Answer {
            intent,
            class: ReplyClass::Yes,
            status: Some(201),
            trace: None,
            id: Some(format!("id-{number}")),
            cause: None,
            items: Vec::new(),
            at: morning(),
        }));
        put(&Record::Verdict(Judgement {
            outcome: Outcome {
                operation: operation.id.clone(),
                verdict: Verdict::Applied,
                status: Some(201),
                millis: number as u64,
                trace: None,
            },
            id: Some(format!("id-{number}")),
            at: morning(),
        }));
    }
    journal.sync().expect("on disk");
}

#[test]
fn proof_t12_a_large_plan_and_its_journal_are_read_to_the_last_operation() {
    let row = Row::begin("T12", "plan file and journal read again");
    let people = sized(2_000, 50_000);
    let mut draft = Draft::default();
    for number in 0..people {
        let subject = format!("subject-{number}");
        let made = draft.create_user(&subject);
        draft.add_license(&subject, "analyzer", &[&made]);
    }
    let plan = draft.plan();
    let text = file::to_json(&plan);
    let mut violations = usize::from(file::parse(text.as_bytes()).ok().as_ref() != Some(&plan));

    let disk = MemoryDisk::new();
    let run = RunId::from("20261124T100000Z-large-0001");
    disk.make_directory(Path::new("/state/runs"))
        .expect("a directory");
    let kept = format!("/state/runs/{}.plan.json", run.expose());
    disk.replace(Path::new(&kept), text.as_bytes())
        .expect("the plan");
    journal(&disk, &run, &plan);
    let state = Path::new("/state");
    let listed = commit::runs(&disk, state).expect("the runs");
    let applied: Vec<u64> = listed.iter().map(|run| run.counts.applied).collect();
    violations += usize::from(applied != [plan.operations.len() as u64]);
    let (read, outcomes) = commit::outcomes(&disk, state, &run).expect("the outcomes");
    violations += usize::from(read != plan);
    violations += plan.operations.len().abs_diff(outcomes.len());
    let told = outcomes.iter().zip(&plan.operations).enumerate();
    violations += told
        .filter(|(number, (outcome, operation))| {
            outcome.operation != operation.id || outcome.millis != *number as u64
        })
        .count();
    row.end(&format!("{} operations", plan.operations.len()), violations);
}
