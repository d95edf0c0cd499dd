//! Ten thousand writes through storms of 429 (T7), and a thousand people in fair weather: never
//! before the time that was told, never more than was published, and little slower than whoever
//! knows the tenant's mind.

use qroll::domain::Assignee;
use qroll::ports::Clock as _;
use std::sync::Arc;
use std::time::Duration;

use super::plans::Draft;
use super::stormy::{FAIR, Says, Storm, Stormy, Weathered, densest};
use crate::proof;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The weathers of the test plan.
fn storms(writes: u64) -> [(&'static str, Storm); 8] {
    let each = |every, closed, says| Storm {
        every,
        closed: secs(closed),
        says,
        hours: None,
    };
    let hours = |from, to, again| Storm {
        hours: Some((secs(from), secs(to), secs(again))),
        ..FAIR
    };
    [
        ("each tenth", each(10, 13, Says::Seconds)),
        ("each second", each(2, 13, Says::Seconds)),
        ("five minutes closed", hours(3, 303, 1_000_000)),
        ("flapping", hours(30, 60, 60)),
        ("says nothing", each(50, 2, Says::Nothing)),
        ("says a date", each(10, 13, Says::Date)),
        ("says nonsense", each(50, 2, Says::Nonsense)),
        ("two hours", each(writes / 4, 7_200, Says::Seconds)),
    ]
}

/// Lives through one weather; gives what it took against the ideal, and how many were refused.
fn weather(name: &str, storm: Storm, writes: usize, seed: u64) -> (f64, usize) {
    let mut draft = Draft::default();
    for number in 0..writes {
        draft.create_user(&format!("p{number}x"));
    }
    let mut tenant = Stormy::new(storm);
    // Its clock is two hours off ours, which its dates must not carry over.
    tenant.skew = jiff::SignedDuration::from_hours(2);
    let tenant = Arc::new(tenant);
    let Weathered { report, lives } = tenant.weather(&draft.plan(), seed);
    let log = tenant.log.lock().expect("log");
    let what = format!("{name} (seed {seed}, {lives} lives)");
    assert_eq!(report.counts.applied, writes as u64, "{what}: {report:?}");
    assert_eq!(log.early, 0, "{what}: sent before the time that was told");
    assert_eq!(log.doubled, 0, "{what}: sent twice");
    assert!(densest(&log.writes) <= 500, "{what}: more than published");
    let extra = log.writes.len() - writes;
    assert!(extra <= log.refused, "{what}: {extra} for {}", log.refused);
    let took = tenant.clock.now().0;
    let ideal = storm.ideal(writes);
    let ratio = took.as_secs_f64() / ideal.as_secs_f64();
    assert!(ratio <= 1.15, "{what}: {took:?} where {ideal:?} would do");
    (ratio, log.refused)
}

#[test]
fn proof_t7_storms() {
    let row = proof::Row::begin("T7", "429 storms in virtual time");
    let writes = usize::try_from(proof::sized(1_200, 10_000)).expect("small");
    let seed = proof::seed().unwrap_or(1);
    let (mut worst, mut refused) = (0.0_f64, 0);
    for (name, storm) in storms(writes as u64) {
        let (ratio, more) = weather(name, storm, writes, seed);
        worst = worst.max(ratio);
        refused += more;
    }
    row.end(
        &format!("8 profiles of {writes} writes, {refused} refused, worst {worst:.2} x ideal"),
        0,
    );
}

/// The commit of so many people: create, license, the spaces by their group.
pub(super) fn by_group(people: usize, spaces: &[&str]) -> Draft {
    let mut draft = Draft::default();
    let group = draft.add(
        qroll::domain::Change::CreateGroup {
            target: "QLIK_WAVE".into(),
            before: (),
            after: "QLIK_WAVE".into(),
        },
        &[],
    );
    for space in spaces {
        let who = Assignee::NewGroup("QLIK_WAVE".into());
        draft.add_row(space, who, &[&group]);
    }
    let people: Vec<String> = (0..people).map(|number| format!("p{number}x")).collect();
    let made: Vec<String> = people.iter().map(|who| draft.create_user(who)).collect();
    for (who, made) in people.iter().zip(&made) {
        draft.add_license(who, "analyzer", &[made]);
    }
    draft
}

#[test]
fn proof_t7_a_thousand_people_in_virtual_time() {
    let row = proof::Row::begin("T7", "a commit of 1,000 people by group, virtual time");
    let tenant = Arc::new(Stormy::new(FAIR));
    let Weathered { report, .. } =
        tenant.weather(&by_group(1_000, &["finance", "sales"]).plan(), 1);
    assert_eq!((report.counts.applied, report.exit_code), (2_003, 0));
    let log = tenant.log.lock().expect("log");
    // 1,000 people, 1,000 seats in batches of 50, a group and its two rows.
    assert_eq!(log.writes.len(), 1_023);
    assert_eq!((log.refused, log.early, log.doubled), (0, 0, 0));
    assert!(densest(&log.writes) <= 500);
    let (took, ideal) = (tenant.clock.now().0, FAIR.ideal(1_023));
    assert!(took <= ideal.mul_f64(1.15), "{took:?} for {ideal:?}");
    row.end(
        &format!(
            "1,023 writes in {:.0} s, ideal {:.0} s, {} refused",
            took.as_secs_f64(),
            ideal.as_secs_f64(),
            log.refused
        ),
        0,
    );
}
