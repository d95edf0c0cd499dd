use std::sync::Arc;

use super::Desk;
use qroll::app::{Answer, Effect, Message, RunRecord, Screen, Trouble};
use qroll::domain::{
    Allowed, Counts, Decision, Finding, FindingCode, OperationId, Outcome, PlanHash, RunEvent,
    RunId, RunSummary, Severity, Subject, Tier, Verdict,
};
use qroll::planner::file;
use qroll::planner::{DriftKind, DriftRow};
use qroll::ports::Kind;
use qroll::text::Raw;

use super::world;

pub(super) fn summary(run: &str, finished: bool) -> RunSummary {
    RunSummary {
        run: RunId::from(run),
        plan: PlanHash("7f3a".repeat(16)),
        tenant: Raw::from("https://acme.eu.qlikcloud.com"),
        tenant_id: None,
        started: world::now(),
        last: world::now(),
        counts: Counts {
            total: 900,
            applied: 312,
            unknown: 1,
            ..Counts::default()
        },
        // Sent before a kill, and never answered.
        open: 7,
        finished,
        discarded: false,
        given_up: false,
        under_way: false,
        resumable: !finished,
        trouble: None,
        reverts: None,
        reverted_by: None,
    }
}

#[test]
fn an_interrupted_run_is_offered_at_the_start() {
    let mut desk = Desk::new(120, 36);
    desk.tell(Answer::Runs(Ok(vec![
        summary("r1", true),
        summary("r2", false),
    ])));
    let screen = desk.screen();
    assert!(screen.contains("312 of 900 done, 8 unknown"), "{screen}");
    desk.keys("c");
    assert!(
        !desk.app.watches_run(),
        "typed ahead: nobody can have read it yet"
    );
    desk.rest();
    desk.keys("c");
    assert_eq!(
        desk.asked.last(),
        Some(&Effect::Resume(RunId::from("r2"), Allowed::default()))
    );
    assert!(desk.app.watches_run());
}

#[test]
fn what_is_allowed_today_says_nothing_about_a_run_of_yesterday() {
    let mut desk = Desk::new(120, 36);
    let staging = Arc::make_mut(&mut desk.app.stage.staging);
    staging.allowed.removals = Some(3);
    staging.allowed.admins = [Subject::from("p-anna")].into();
    desk.tell(Answer::Runs(Ok(vec![summary("r2", false)])));
    desk.rest();
    desk.keys("c");
    assert_eq!(
        desk.asked.last(),
        Some(&Effect::Resume(RunId::from("r2"), Allowed::default()))
    );
}

#[test]
fn only_a_run_that_can_go_on_here_is_offered() {
    let mut headless = summary("r1", false);
    headless.resumable = false;
    headless.trouble = Some("it ended before anything was sent".to_owned());
    let mut foreign = summary("r2", false);
    foreign.tenant = Raw::from("https://other.eu.qlikcloud.com");
    let mut desk = Desk::new(120, 36);
    let runs = vec![headless.clone(), foreign.clone()];
    desk.tell(Answer::Runs(Ok(runs)));
    assert!(desk.app.dialogs.is_empty(), "{}", desk.screen());
    for (run, why) in [
        (headless, "before anything was sent"),
        (foreign, "another tenant"),
    ] {
        desk.keys("6");
        desk.tell(Answer::Runs(Ok(vec![run])));
        desk.keys("c");
        assert!(desk.status().contains(why), "{}", desk.status());
    }
    let resumes = |effect: &Effect| matches!(effect, Effect::Resume(..));
    assert!(!desk.asked.iter().any(resumes));
    let mut desk = Desk::new(120, 36);
    desk.tell(Answer::Runs(Ok(vec![summary("r3", false)])));
    assert!(desk.screen().contains("interrupted"), "{}", desk.screen());
}

#[test]
fn a_resumed_run_has_names_and_counts_what_was_done_before() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> la").keys("p");
    let plan = desk.plan();
    desk.tell(Answer::Runs(Ok(vec![summary("r2", false)])));
    desk.rest();
    desk.keys("c");
    let total = plan.operations.len() as u64;
    desk.run(RunEvent::Started {
        run: RunId::from("r2"),
        plan: plan.hash.clone(),
        total,
        judged: 1,
    });
    let outcome = |at: usize| Outcome {
        operation: plan.operations[at].id.clone(),
        verdict: Verdict::Applied,
        status: Some(201),
        millis: 80,
        trace: None,
    };
    let record = RunRecord {
        plan: Some(plan.clone()),
        outcomes: vec![outcome(0)],
    };
    desk.tell(Answer::RunRead(RunId::from("r2"), Ok(record)));
    desk.run(RunEvent::Judged(outcome(1)));
    let screen = desk.screen();
    assert!(screen.contains(&format!("2 of {total}")), "{screen}");
    assert!(screen.contains("applied 2 "), "{screen}");
    let kind = plan.operations[1].change.kind().word();
    assert!(screen.contains(kind), "{kind}: {screen}");
    desk.keys("q").keys("q");
    desk.send(Message::RunEnded(Ok(0)));
    assert_eq!(desk.app.finished(), Some(3));
    let parting = desk.app.parting().expect("something is left");
    assert!(parting.contains("stopped with"), "{parting}");
}

#[test]
fn past_runs_open_and_close() {
    let mut desk = Desk::new(120, 36);
    desk.keys("6");
    desk.tell(Answer::Runs(Ok(vec![summary("r1", true)])));
    insta::assert_snapshot!("list_of_runs", desk.screen());
    desk.keys("<enter>");
    let outcome = Outcome {
        operation: OperationId::from("op-1"),
        verdict: Verdict::NotApplied {
            code: Some(Raw::from("LICENSES-011")),
            reason: Raw::from("no free license"),
        },
        status: Some(207),
        millis: 80,
        trace: None,
    };
    let record = RunRecord {
        plan: None,
        outcomes: vec![outcome],
    };
    desk.tell(Answer::RunRead(RunId::from("r1"), Ok(record)));
    insta::assert_snapshot!("one_run", desk.screen());
    desk.keys("<esc>");
    assert!(desk.app.runs.opened.is_none());
    desk.keys("<esc>");
    assert_eq!(desk.app.screen, Screen::Roster);
}

#[test]
fn pauses_count_down_and_unclear_answers_show() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> la").keys("pa").keys("y");
    let plan = desk.plan();
    desk.run_events(&plan, 1);
    let second = plan.operations[1].id.clone();
    desk.run(RunEvent::Sending {
        operations: vec![second.clone()],
    });
    desk.run(RunEvent::Checking {
        operations: vec![second],
    });
    desk.run(RunEvent::Window { used: 118, of: 500 });
    desk.run(RunEvent::Paused {
        tier: Tier::Two,
        millis: 45_000,
        asked: true,
    });
    let screen = desk.screen();
    assert!(screen.contains("checking whether it happened"), "{screen}");
    assert!(screen.contains("118 of 500 in this window"), "{screen}");
    assert!(
        screen.contains("45 s left: the server asks for it"),
        "{screen}"
    );
    desk.wait(std::time::Duration::from_secs(5));
    assert!(desk.screen().contains("40 s left"), "{}", desk.screen());
    desk.keys("<esc>");
    assert!(desk.status().contains("goes on"), "{}", desk.status());
    desk.send(Message::RunEnded(Ok(0)));
}

#[test]
fn the_question_about_quitting_goes_with_the_run_it_is_about() {
    let mut desk = Desk::new(80, 24);
    desk.keys("<down> la").keys("pa").keys("y").keys("q");
    assert!(
        desk.screen().contains("A run is under way"),
        "{}",
        desk.screen()
    );
    desk.send(Message::RunEnded(Ok(0)));
    assert!(!desk.screen().contains("Quit?"), "{}", desk.screen());
}

#[test]
fn a_plan_that_was_overtaken_shows_what_moved_three_ways() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> la").keys("pa").keys("y");
    let plan = desk.plan();
    let row = |at: usize, drift: DriftKind, now: &str| DriftRow {
        operation: plan.operations[at].id.clone(),
        kind: plan.operations[at].change.kind(),
        who: Raw::from("somebody \u{1b}[31melse"),
        drift,
        planned_from: Raw::from("a seat left"),
        now: Raw::from(now),
        planned_to: Raw::from("analyzer"),
    };
    desk.send(Message::Moved(vec![
        row(0, DriftKind::NoSeat, "no analyzer seat left"),
        row(1, DriftKind::Already, "analyzer"),
    ]));
    let trouble = Trouble {
        kind: Kind::Stale,
        text: "the tenant has moved on".to_owned(),
        hints: Vec::new(),
    };
    desk.send(Message::RunEnded(Err(trouble)));
    insta::assert_snapshot!("what_moved", desk.screen());
    desk.keys("<down>");
    assert_eq!(desk.app.runs.live_list.cursor, 1);
}

/// A reversal on the screen: what is planned for a group, said to take back a run, with somebody
/// held for a decision.
fn reversal(desk: &mut Desk) -> qroll::domain::Plan {
    desk.keys("<down> la").keys("p");
    let mut plan = (*desk.plan()).clone();
    plan.reverts = Some(RunId::from("r1"));
    plan.findings = vec![Finding {
        severity: Severity::Warning,
        code: FindingCode::HeldForDecision,
        who: Raw::from("Ada Test (9b1c)"),
        text: Raw::from("owns what was made since the run: held for a decision, left out"),
        hint: Raw::from("decide"),
        decision: Some(Decision::Include("9b1c".into())),
    }];
    file::seal(plan)
}

#[test]
fn a_run_is_taken_back_by_a_plan_and_who_is_held_is_decided_on() {
    let mut desk = Desk::new(120, 36);
    let plan = reversal(&mut desk);
    desk.keys("6");
    let mut nothing = summary("r0", true);
    nothing.counts.applied = 0;
    desk.tell(Answer::Runs(Ok(vec![summary("r1", true), nothing])));
    desk.keys("t");
    let asked = |desk: &Desk| match desk.asked.last() {
        Some(Effect::Revert(_, run, include, None)) => (run.clone(), include.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(asked(&desk), (RunId::from("r1"), Vec::new()));
    assert_eq!(desk.app.screen, Screen::Plan);
    assert!(
        desk.screen().contains("building the plan"),
        "{}",
        desk.screen()
    );
    desk.tell(Answer::Reverted(Ok(Arc::new(plan))));
    let screen = desk.screen();
    assert!(screen.contains("Takes back run r1"), "{screen}");
    desk.keys("x");
    assert!(
        desk.status().contains("a reversal is not staged"),
        "{}",
        desk.status()
    );
    desk.keys("<end><enter>");
    assert!(
        desk.screen().contains("Held for a decision"),
        "{}",
        desk.screen()
    );
    desk.keys("i");
    let (run, include) = asked(&desk);
    assert_eq!((run, include), (RunId::from("r1"), vec![Raw::from("9b1c")]));
}

#[test]
fn what_is_staged_outlives_a_reversal() {
    let mut desk = Desk::new(120, 36);
    let plan = Arc::new(reversal(&mut desk));
    let staged = desk.app.stage.staging.clone();
    desk.keys("6");
    desk.tell(Answer::Runs(Ok(vec![summary("r1", true)])));
    desk.keys("t");
    desk.tell(Answer::Reverted(Ok(plan.clone())));
    desk.keys("a").keys("y");
    let shown = desk.plan();
    assert_eq!(shown.reverts, Some(RunId::from("r1")));
    desk.run_events(&plan, plan.operations.len());
    desk.send(Message::RunEnded(Ok(0)));
    assert!(!staged.is_empty());
    assert_eq!(desk.app.stage.staging, staged);
}

#[test]
fn a_run_that_changed_nothing_is_not_taken_back() {
    let mut desk = Desk::new(120, 36);
    let mut nothing = summary("r0", true);
    nothing.counts.applied = 0;
    desk.keys("6");
    desk.tell(Answer::Runs(Ok(vec![nothing])));
    desk.keys("t");
    assert!(
        desk.status().contains("changed nothing"),
        "{}",
        desk.status()
    );
}

#[test]
fn an_unknown_outcome_says_how_to_check() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> la").keys("p");
    let plan = desk.plan();
    desk.keys("6");
    let mut run = summary("r1", true);
    run.counts = Counts {
        total: plan.operations.len() as u64,
        applied: plan.operations.len() as u64 - 1,
        unknown: 1,
        ..Counts::default()
    };
    run.reverted_by = Some(RunId::from("r2"));
    desk.tell(Answer::Runs(Ok(vec![run])));
    desk.keys("<enter>");
    let outcomes = plan.operations.iter().enumerate();
    let outcomes = outcomes
        .map(|(at, operation)| Outcome {
            operation: operation.id.clone(),
            verdict: if at == 0 {
                Verdict::Unknown {
                    check: Raw::from("look for a user with subject 9b1c-7f"),
                }
            } else {
                Verdict::Applied
            },
            status: Some(502),
            millis: 61_000,
            trace: Some(Raw::from("79cf1ebe")),
        })
        .collect();
    let record = RunRecord {
        plan: Some(plan),
        outcomes,
    };
    desk.tell(Answer::RunRead(RunId::from("r1"), Ok(record)));
    insta::assert_snapshot!("a_run_with_an_unknown", desk.screen());
    desk.keys("<enter>");
    let screen = desk.screen();
    for part in [
        "to check: look for a user with subject 9b1c-7f",
        "request id, for support: 79cf1ebe",
        "answer: 502 after 61000 ms",
    ] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
}

#[test]
fn an_interrupted_run_is_discarded_after_a_question() {
    let mut desk = Desk::new(120, 36);
    desk.tell(Answer::Runs(Ok(vec![summary("r2", false)])));
    desk.rest();
    desk.keys("d");
    let screen = desk.screen();
    assert!(screen.contains("Discard this run?"), "{screen}");
    assert!(
        screen.contains("7 without an answer are read back"),
        "{screen}"
    );
    desk.keys("<esc>6");
    let discards = |effect: &Effect| matches!(effect, Effect::Discard(_));
    desk.quick("Dd");
    assert!(!desk.asked.iter().any(discards), "typed ahead");
    desk.rest();
    desk.keys("d");
    assert_eq!(desk.asked.last(), Some(&Effect::Discard(RunId::from("r2"))));
    assert!(desk.screen().contains("being discarded, nothing is sent"));
    desk.run(RunEvent::Finished {
        counts: Counts {
            total: 900,
            applied: 318,
            unknown: 2,
            skipped: 580,
            ..Counts::default()
        },
        stopped: None,
    });
    desk.send(Message::RunEnded(Ok(0)));
    assert!(
        desk.status()
            .contains("run discarded: 318 applied, 2 unknown"),
        "{}",
        desk.status()
    );
    let mut given_up = summary("r2", true);
    given_up.discarded = true;
    desk.tell(Answer::Runs(Ok(vec![given_up])));
    desk.keys("<esc>");
    assert!(desk.screen().contains("discarded"), "{}", desk.screen());
    desk.keys("c");
    assert!(desk.status().contains("t takes back"), "{}", desk.status());
}

#[test]
fn a_run_that_was_given_up_half_way_is_offered_to_be_ended_only() {
    let mut desk = Desk::new(120, 36);
    let mut half = summary("r2", false);
    (half.given_up, half.resumable) = (true, false);
    desk.tell(Answer::Runs(Ok(vec![half])));
    desk.rest();
    let screen = desk.screen();
    assert!(screen.contains("A run is being discarded"), "{screen}");
    assert!(!screen.contains("resume"), "{screen}");
    desk.keys("<esc>6");
    assert!(desk.screen().contains("given up"), "{}", desk.screen());
    desk.keys("c");
    assert!(desk.status().contains("D goes on"), "{}", desk.status());
    desk.keys("D");
    desk.rest();
    desk.keys("d");
    assert_eq!(desk.asked.last(), Some(&Effect::Discard(RunId::from("r2"))));
    let stopped = Some(Raw::from("the line dropped"));
    let counts = Counts::default();
    desk.run(RunEvent::Finished { counts, stopped });
    desk.send(Message::RunEnded(Ok(3)));
    let status = desk.status();
    assert!(status.contains("not discarded yet: the line"), "{status}");
}

#[test]
fn a_run_that_somebody_is_doing_is_not_offered() {
    let mut desk = Desk::new(120, 36);
    let mut elsewhere = summary("r2", false);
    elsewhere.under_way = true;
    desk.tell(Answer::Runs(Ok(vec![elsewhere])));
    assert!(desk.app.dialogs.is_empty(), "{}", desk.screen());
    desk.keys("6");
    let screen = desk.screen();
    assert!(screen.contains("under way"), "{screen}");
    assert!(screen.contains("0 interrupted"), "{screen}");
    for key in ["c", "D"] {
        desk.keys(key);
        assert!(
            desk.status().contains("holds the tenant"),
            "{}",
            desk.status()
        );
    }
}
