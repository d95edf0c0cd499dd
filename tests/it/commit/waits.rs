//! How long a run waits: after a throttling, after a call that never left, and how long it may fail to
//! reach the tenant. Each over many seeds, since the spans are drawn.

use qroll::domain::{Change, RolesState, RunEvent};
use qroll::ports::Clock as _;
use std::time::Duration;

use super::desk::Desk;
use super::plans::Draft;
use super::tenant::{Fault, Look, Rates};

const SEEDS: u64 = 40;

fn one_write() -> Draft {
    let mut draft = Draft::default();
    draft.create_user("p");
    draft
}

fn scripted(draft: &Draft, seed: u64, faults: &[Fault]) -> Desk {
    let desk = Desk::new(draft, seed, Rates::default(), false);
    let mut state = desk.tenant.state.lock().expect("tenant");
    state.script.extend(faults);
    drop(state);
    desk
}

/// Seconds between one sending and the next, the tenant's 50 ms to answer left out.
fn gaps(desk: &Desk) -> Vec<f64> {
    let state = desk.tenant.state.lock().expect("tenant");
    let pairs = state.sent.iter().zip(state.sent.iter().skip(1));
    pairs
        .map(|((one, _), (next, _))| next.since(*one).as_secs_f64() - 0.05)
        .collect()
}

/// The shortest and the longest of each gap over all seeds.
fn spread(faults: &[Fault]) -> Vec<(f64, f64)> {
    let mut spread: Vec<(f64, f64)> = Vec::new();
    for seed in 0..SEEDS {
        let desk = scripted(&one_write(), seed, faults);
        desk.apply().expect("begun");
        let gaps = gaps(&desk);
        spread.resize(gaps.len(), (f64::MAX, 0.0));
        for (gap, (least, most)) in gaps.iter().zip(&mut spread) {
            *least = least.min(*gap);
            *most = most.max(*gap);
        }
    }
    spread
}

#[test]
fn nothing_is_sent_before_the_tenant_allows_it() {
    let spread = spread(&[Fault::ThrottleFor(10), Fault::ThrottleFor(1)]);
    assert_eq!(spread.len(), 2);
    for ((least, most), asked) in spread.into_iter().zip([10.0, 1.0]) {
        assert!(least >= asked && most <= asked + 1.1, "{least} to {most}");
        assert!(most - least > 0.3, "not all at once: {least} to {most}");
    }
}

#[test]
fn a_throttling_that_names_no_time_is_waited_for_longer_each_time() {
    let spread = spread(&[Fault::Throttle; 7]);
    let most = [5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0];
    assert_eq!(spread.len(), most.len());
    for ((short, long), most) in spread.into_iter().zip(most) {
        assert!(short >= 1.0, "at least a second: {short}");
        assert!(long <= most + 0.1 && long > most * 0.7, "{long} of {most}");
    }
}

#[test]
fn what_never_left_is_tried_again_ever_later_and_for_a_minute() {
    let spread = spread(&[Fault::NotSent; 6]);
    for ((least, most), base) in spread.iter().zip([1.0, 2.0, 4.0, 8.0, 16.0]) {
        assert!(
            *least >= base && *most <= base * 1.5 + 0.1,
            "{least} to {most}"
        );
        assert!(*most > base * 1.2, "drawn: {least} to {most}");
    }
    // All of these were before the minute was over; a sixth attempt comes within 30 to 45 s or not.
    assert!(spread.len() >= 5, "{spread:?}");
    let desk = scripted(&one_write(), 1, &[Fault::NotSent; 40]);
    let report = desk.apply().expect("begun");
    let stopped = report.stopped.expect("a reason");
    assert!(stopped.expose().contains("for a minute"), "{stopped:?}");
    let took = desk.clock.now().0.as_secs();
    assert!((60..110).contains(&took), "{took} s");
}

#[test]
fn a_reading_that_comes_ends_the_minute() {
    let mut draft = Draft::default();
    let mut before: Option<String> = None;
    for name in ["a", "b"] {
        let target = draft.existing_user(name);
        let change = Change::SetRoles {
            target,
            before: RolesState { roles: Vec::new() },
            after: RolesState {
                roles: vec!["role-1".into()],
            },
        };
        let needs: Vec<&str> = before.iter().map(String::as_str).collect();
        before = Some(draft.add(change, &needs));
    }
    let desk = Desk::new(&draft, 3, Rates::default(), false);
    // The sixth failure of the second row comes over a minute after the first of the first.
    let lost = [Look::Lost; 6];
    let looks = lost.iter().chain(&[Look::Answered]).chain(&lost);
    desk.tenant
        .state
        .lock()
        .expect("tenant")
        .looks
        .extend(looks);
    let report = desk.apply().expect("begun");
    assert_eq!((report.exit_code, report.counts.applied), (0, 2));
    let took = desk.clock.now().0;
    assert!(
        took > Duration::from_mins(1),
        "twice half a minute: {took:?}"
    );
}

#[test]
fn ten_throttlings_in_a_row_stop_and_one_answer_between_them_does_not() {
    let mut draft = one_write();
    draft.create_user("q");
    let nine = [Fault::Throttle; 9];
    let script = |between: &[Fault]| {
        let script = [&nine[..], between, &nine[..]].concat();
        let mut desk = scripted(&draft, 2, &script);
        desk.settings.writes = 1;
        (desk.apply().expect("begun"), desk)
    };
    let (report, desk) = script(&[Fault::None]);
    assert_eq!((report.exit_code, report.counts.applied), (0, 2));
    let events = desk.events.lock().expect("events");
    let paused = |event: &&RunEvent| matches!(event, RunEvent::Paused { asked: true, .. });
    assert_eq!(events.iter().filter(paused).count(), 18);
    let (report, _) = script(&[]);
    let stopped = report.stopped.expect("a reason");
    assert!(
        stopped.expose().contains("throttled ten times"),
        "{stopped:?}"
    );
    assert_eq!(report.counts.applied, 0);
}

#[test]
fn what_waits_to_be_read_back_leaves_the_line_to_others() {
    let mut draft = Draft::default();
    for number in 0..8 {
        draft.create_user(&format!("p{number}"));
    }
    // The first four are unclear, and are read back later.
    let desk = scripted(&draft, 4, &[Fault::LostAfter; 4]);
    let report = desk.apply().expect("applied");
    assert_eq!((report.exit_code, report.counts.applied), (0, 8));
    let state = desk.tenant.state.lock().expect("tenant");
    assert_eq!(state.sent.len(), 8);
    let (last, _) = state.sent.last().expect("eight");
    assert!(last.0 < Duration::from_secs(1), "nobody waited: {last:?}");
}
