//! The main job by keys: stage, see the seats, plan, apply.

use super::Desk;
use qroll::app::{Effect, Message, Screen};
use qroll::domain::{Allowed, LicenseType, OperationKind, ShortStock, Weight};

fn staged() -> Desk {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> la")
        .keys("sfin<enter><enter>")
        .keys("<tab>/hakon<enter>=<esc>");
    desk
}

#[test]
fn s1_in_short() {
    let mut desk = staged();
    let analyzer = LicenseType::from("analyzer");
    let meters = desk.app.derived.outlook.meters();
    let meter = meters
        .iter()
        .find(|meter| meter.license == analyzer)
        .expect("the pool");
    assert_eq!((meter.used, meter.staged, meter.total), (298, 4, 300));
    assert_eq!(meter.short.len(), 2, "two do not fit");
    desk.keys("p");
    assert_eq!(desk.app.screen, Screen::Plan);
    let plan = desk.plan();
    let count = |kind| plan.summary.kinds.get(&kind).copied().unwrap_or(0);
    assert_eq!(count(OperationKind::AddLicense), 2);
    assert_eq!(count(OperationKind::MoveLicense), 1);
    assert_eq!(count(OperationKind::CreateGroup), 1);
    assert_eq!(plan.summary.removals, 0);
    assert_eq!(plan.summary.waiting, 2);
    insta::assert_snapshot!(desk.masked());
    desk.keys("g");
    assert!(desk.screen().contains("by space"), "{}", desk.screen());
}

#[test]
fn plan_at_80x24() {
    let mut desk = staged();
    desk.resize(80, 24).keys("p");
    insta::assert_snapshot!(desk.masked());
}

#[test]
fn undo_and_redo_walk_the_staging() {
    let mut desk = staged();
    let all = desk.app.stage.staging.clone();
    desk.keys("uuu");
    assert!(desk.app.stage.staging.is_empty());
    assert!(desk.app.stage.staging.accepted.is_empty());
    desk.keys("UUU");
    assert_eq!(desk.app.stage.staging, all);
    desk.keys("<tab><tab>x");
    assert!(desk.app.stage.staging.is_empty(), "{}", desk.status());
}

#[test]
fn who_does_not_fit_can_wait_or_fall_back() {
    let mut desk = staged();
    desk.keys("w");
    insta::assert_snapshot!(desk.screen());
    desk.keys("f");
    assert_eq!(
        desk.app.stage.staging.short,
        ShortStock::FallBack(vec![LicenseType::from("professional")])
    );
    let screen = desk.screen();
    assert!(!screen.contains("waiting 1"), "{screen}");
    assert!(screen.contains("+ professio"), "{screen}");
}

#[test]
fn illegal_roles_are_not_staged() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> s  <enter>");
    let screen = desk.screen();
    assert!(screen.contains("not legal in 1 of 2 (managed)"), "{screen}");
    insta::assert_snapshot!(screen);
    desk.keys("<end><up><enter>");
    let wish = desk
        .app
        .stage
        .staging
        .wishes
        .values()
        .next()
        .expect("a wish");
    assert_eq!(wish.spaces.len(), 1, "{:?}", wish.spaces);
    assert!(
        desk.status().contains("not legal in 1"),
        "{}",
        desk.status()
    );
}

#[test]
fn apply_asks_and_then_runs_exactly_that_plan() {
    let mut desk = staged();
    desk.keys("pa");
    let screen = desk.screen();
    for words in [
        "Apply this plan?",
        "https://acme.eu.qlikcloud.com",
        "removes   0",
        "y apply",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    assert!(
        screen.contains(&qroll::planner::words(&desk.plan().hash)),
        "{screen}"
    );
    desk.keys("y");
    let plan = desk.plan();
    let approved = desk.asked.iter().find_map(|effect| match effect {
        Effect::Apply(which, approval) if *which == plan => Some(approval),
        _ => None,
    });
    let approval = approved.expect("exactly that plan");
    assert_eq!(approval.allowed, Allowed::default());
    assert_eq!(approval.agreed, Weight::Light);
    assert_eq!(desk.app.screen, Screen::Runs);
    desk.run_events(&plan, 3);
    insta::assert_snapshot!("run_in_the_middle", desk.screen());
    desk.run_events(&plan, plan.operations.len());
    desk.send(Message::RunEnded(Ok(0)));
    assert!(
        desk.status().contains("still wait for a seat"),
        "{}",
        desk.status()
    );
    insta::assert_snapshot!("run_at_its_end", desk.screen());
}

#[test]
fn dropping_in_the_plan_builds_it_again() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> <tab>/bjorn<enter> <esc>/chloe<enter> <esc>")
        .keys("np");
    assert_eq!(desk.plan().operations.len(), 2);
    desk.keys("x");
    assert_eq!(desk.plan().operations.len(), 1, "{}", desk.status());
    desk.keys("x");
    assert!(desk.app.stage.staging.is_empty());
    assert_eq!(desk.app.screen, Screen::Roster);
}

#[test]
fn a_plan_waits_for_what_it_needs() {
    let mut desk = Desk::new(120, 36);
    desk.hold.push("LoadMembers");
    desk.keys("<down> lap");
    assert!(desk.app.plan.plan.is_none());
    assert!(
        desk.screen()
            .contains("first reading members of QLIK_ANALYZERS"),
        "{}",
        desk.screen()
    );
    desk.release();
    assert!(desk.app.plan.plan.is_some());
}

#[test]
fn capacity_tenants_refuse_licenses_with_the_reason() {
    let mut desk = Desk::new(120, 36);
    desk.tenant.licensing.value.model = qroll::domain::SubscriptionModel::Capacity;
    desk.keys("R");
    desk.keys("<down>l");
    assert!(desk.status().contains("capacity"), "{}", desk.status());
}

#[test]
fn exports_and_copies_go_out_safe() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> <tab>ec");
    let Some(Effect::Write(_, name, content)) = desk.asked.last() else {
        panic!("{:?}", desk.asked.last())
    };
    assert_eq!(name.rsplit('.').next(), Some("csv"));
    assert!(content.starts_with("name,mail,"), "{content}");
    assert_eq!(content.lines().count(), 9);
    desk.keys("ys");
    assert_eq!(desk.asked.last(), Some(&Effect::Copy("p-anna".to_owned())));
    assert!(desk.status().starts_with("sent"), "{}", desk.status());
}

#[test]
fn what_is_staged_while_a_plan_is_being_made_is_not_in_it_and_not_lost() {
    let mut desk = Desk::new(120, 36);
    desk.hold.push("BuildPlan");
    desk.keys("<down> <tab>/bjorn<enter> np");
    assert!(desk.app.plan.building);
    desk.keys("1<esc>/chloe<enter> n");
    let staged = desk.app.stage.staging.clone();
    desk.release();
    assert!(desk.app.plan.stale, "{}", desk.status());
    assert!(desk.status().contains("out of date"), "{}", desk.status());
    let stale = desk.plan();
    desk.keys("5a");
    assert!(desk.app.dialogs.is_empty(), "{}", desk.screen());
    assert!(
        desk.status().contains("staging has changed"),
        "{}",
        desk.status()
    );
    assert_eq!(desk.app.stage.staging, staged);
    desk.keys("p");
    assert!(!desk.app.plan.stale);
    assert!(desk.plan().operations.len() > stale.operations.len());
}

#[test]
fn a_run_clears_what_its_plan_held_and_keeps_what_was_staged_since() {
    for later in [false, true] {
        let mut desk = Desk::new(120, 36);
        desk.keys("<down> <tab>/bjorn<enter> np")
            .keys("a")
            .keys("y");
        let plan = desk.plan();
        if later {
            desk.keys("1<esc>/chloe<enter> n");
        }
        let staged = desk.app.stage.staging.clone();
        desk.run_events(&plan, plan.operations.len());
        desk.send(Message::RunEnded(Ok(0)));
        if later {
            assert_eq!(desk.app.stage.staging, staged);
        } else {
            assert!(desk.app.stage.staging.is_empty());
        }
    }
}

#[test]
fn a_plan_of_an_older_reading_is_out_of_date() {
    let mut desk = Desk::new(120, 36);
    desk.hold.push("BuildPlan");
    desk.keys("<down> <tab>/bjorn<enter> np");
    desk.keys("R");
    desk.release();
    assert!(desk.app.plan.stale, "{}", desk.status());
}

#[test]
fn the_check_of_many_names_each_cause_and_mends_it_for_all_who_share_it() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> <tab>").keys("k");
    let screen = desk.screen();
    assert!(screen.contains("First login of 8 people"), "{screen}");
    insta::assert_snapshot!(screen);
    // Those without a record, in one go: the second entry.
    desk.keys("<down><enter>");
    assert!(desk.app.roster.marks.is_empty(), "marks stay as they were");
    assert_eq!(desk.app.stage.staging.wishes.len(), 4);
}
