//! What runs of a week took: also what a kill left open, and nothing that was clearly refused.

use jiff::SignedDuration;
use qroll::commit;
use qroll::domain::{Assignee, Change, Register, Toll, Week};
use qroll::host::memory::Fuse;
use qroll::ports::Clock as _;
use std::path::Path;

use super::desk::{Desk, STATE};
use super::plans::{Draft, state};
use super::revert::snapshot;
use super::tenant::{Fault, Rates};

/// Some who lose their license, each by a request of their own.
fn leavers(names: &[&str]) -> Draft {
    let mut draft = Draft::default();
    for name in names {
        draft.existing_user(name);
        draft.world.add_seat(name, "analyzer");
        draft.add(
            Change::RemoveLicense {
                subject: (*name).into(),
                before: state(name, "analyzer"),
                after: (),
            },
            &[],
        );
    }
    draft
}

fn week_in(desk: &Desk, days: i64) -> Week {
    let now = desk.clock.wall() + SignedDuration::from_hours(days * 24);
    commit::week(&desk.disk, Path::new(STATE), &desk.plan.tenant.id, now).expect("read")
}

fn people(week: &Week) -> u64 {
    week.losers.people(&Register::default())
}

#[test]
fn what_a_kill_left_open_counts_as_taken() {
    let draft = leavers(&["a", "b", "c"]);
    let mut open = 0;
    for step in 1.. {
        let desk = Desk::new(&draft, step, Rates::default(), false);
        let fuse = Fuse::at(step);
        desk.live(&fuse, false);
        let counted = people(&week_in(&desk, 0));
        let sent = desk.tenant.state.lock().expect("tenant").sent.len();
        let taken = 3 - desk.world().seats.len() as u64;
        assert!(
            counted >= taken,
            "step {step}: {taken} taken, {counted} counted"
        );
        assert!(counted == 0 || counted == 3, "one batch: {counted}");
        open += u64::from(counted == 3 && (sent == 0 || taken == 0));
        if !fuse.is_blown() {
            assert_eq!((counted, taken), (3, 3), "a run that ended");
            break;
        }
    }
    assert!(open > 0, "some kills left an intent without its effect");
}

#[test]
fn a_clear_no_what_is_older_and_what_another_tenant_lost_count_nothing() {
    let refused = Desk::new(&leavers(&["a"]), 1, Rates::default(), false);
    let tenant = &refused.tenant.state;
    tenant
        .lock()
        .expect("tenant")
        .script
        .push_back(Fault::Denied);
    refused.apply().expect("it stops");
    assert_eq!(people(&week_in(&refused, 0)), 0);

    let done = Desk::new(&leavers(&["a", "b"]), 1, Rates::default(), false);
    done.apply().expect("applied");
    assert_eq!(people(&week_in(&done, 0)), 2);
    assert_eq!(people(&week_in(&done, 6)), 2);
    assert_eq!(people(&week_in(&done, 8)), 0);
    let now = done.clock.wall();
    let other = commit::week(&done.disk, Path::new(STATE), &"other".into(), now).expect("read");
    assert_eq!(people(&other), 0);
}

#[test]
fn runs_that_name_the_same_people_differently_count_them_once() {
    let mut draft = leavers(&["a", "b"]);
    let user = draft.existing_user("c");
    let target = draft.existing_row("s1", &user);
    draft.add(
        Change::RemoveSpaceAssignment {
            target,
            before: vec!["consumer".into()],
            after: (),
        },
        &[],
    );
    let desk = Desk::new(&draft, 1, Rates::default(), false);
    desk.apply().expect("applied");
    let week = week_in(&desk, 1);
    // This plan takes a space from a, by id, and a license from c, by subject.
    let mut next = leavers(&["c"]);
    let user = next.existing_user("a");
    let target = next.existing_row("s1", &user);
    assert_eq!(target.assignee, Assignee::User("id-a".into()));
    next.add(
        Change::RemoveSpaceAssignment {
            target,
            before: vec!["consumer".into()],
            after: (),
        },
        &[],
    );
    let plan = next.plan();
    let live = snapshot(&desk.world(), &plan);
    let joined = Toll::of_plan(&plan, &week, Some(&Register::of(&live)));
    assert_eq!((joined.people, joined.week), (2, 3), "a, b and c");
    let apart = Toll::of_plan(&plan, &week, Some(&Register::default()));
    assert_eq!((apart.people, apart.week), (2, 5), "nothing joins them");
}
