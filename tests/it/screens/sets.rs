//! Set logic of groups and saved queries in the groups pane: what is narrowed is seen on every pane,
//! staged as it is, told in the plan, and taken away again.

use qroll::app::{Answer, Effect, Load, PeopleWish, Screen, Trouble};
use qroll::domain::{
    Change, Completeness, DirectoryGroupId, FindingCode, OperationKind, Severity, Target,
};
use qroll::planner::roster::Scope;
use qroll::ports::Kind;

use super::Desk;
use super::desk::setup;

/// `QLIK_ANALYZERS` is marked, and nobody who is in `QLIK_PRO` too is wanted.
fn narrowed(columns: u16, rows: u16) -> Desk {
    let mut desk = Desk::new(columns, rows);
    desk.keys("<down> <down>-");
    desk
}

fn names(desk: &Desk) -> Vec<String> {
    let rows = desk.app.derived.rows.iter();
    let names = rows.filter_map(|row| row.name().map(|name| name.expose().to_owned()));
    names.collect()
}

#[test]
fn groups_narrow_groups_and_the_screen_says_so() {
    let mut desk = narrowed(120, 36);
    assert_eq!(names(&desk).len(), 7);
    assert!(!names(&desk).contains(&"Eva Fischer".to_owned()));
    let screen = desk.screen();
    assert!(
        screen.contains("only in QLIK_ANALYZERS, not in QLIK_PRO"),
        "{screen}"
    );
    assert!(screen.contains("[-] QLIK_PRO"), "{screen}");
    insta::assert_snapshot!("narrowed", screen);

    desk.keys("&");
    assert_eq!(names(&desk), ["Eva Fischer"]);
    assert!(
        desk.screen()
            .contains("only in QLIK_ANALYZERS, also in QLIK_PRO"),
        "{}",
        desk.screen()
    );
    desk.keys("&");
    assert_eq!(names(&desk).len(), 8, "once more takes it away");
    assert!(!desk.screen().contains("only in"), "{}", desk.screen());

    desk.keys("-<esc>");
    assert_eq!(names(&desk).len(), 8, "Esc takes the narrowing away first");
    assert_eq!(
        desk.app.roster.scope,
        Scope::Groups(vec![DirectoryGroupId::from("g-ana")])
    );
    desk.keys("<esc>");
    assert!(desk.app.roster.tree.chosen.is_unmarked());
}

#[test]
fn the_narrowing_is_in_sight_at_every_size_and_on_every_pane() {
    for (columns, rows) in [(120, 36), (80, 24), (60, 20)] {
        let mut desk = narrowed(columns, rows);
        for _ in 0..3 {
            assert!(
                desk.screen()
                    .contains("only in QLIK_ANALYZERS, not in QLIK_PRO"),
                "{}",
                desk.screen()
            );
            desk.keys("<tab>");
        }
        desk.keys("<tab>");
        insta::assert_snapshot!(format!("narrowed_{columns}x{rows}"), desk.screen());
    }
}

#[test]
fn a_long_narrowing_is_counted() {
    let mut desk = Desk::new(60, 20);
    let long = |n: usize| {
        let mut group = desk.groups[0].clone();
        group.id = DirectoryGroupId::from(format!("g-{n}").as_str());
        group.name = format!("A_GROUP_WITH_A_LONG_NAME_{n}").as_str().into();
        group
    };
    let mut groups: Vec<_> = (1..=4).map(long).collect();
    groups[0].id = DirectoryGroupId::from("g-ana");
    desk.groups = groups;
    desk.keys("R").keys("<down> <down>-<down>-");
    let screen = desk.screen();
    assert!(
        screen.contains("only in A_GROUP_WITH_A_LONG_NAME_1, not in 2 groups"),
        "{screen}"
    );
}

#[test]
fn what_is_staged_for_a_set_is_one_thing_and_the_plan_says_why() {
    let mut desk = narrowed(120, 36);
    desk.keys("la");
    assert_eq!(
        desk.status(),
        "license analyzer for the people in QLIK_ANALYZERS, not in QLIK_PRO"
    );
    assert_eq!(desk.app.staged(), 1);
    assert!(
        desk.screen().contains("+v[x] QLIK_ANALYZERS") || desk.screen().contains("+>[x]"),
        "{}",
        desk.screen()
    );
    desk.keys("p");
    assert_eq!(desk.app.screen, Screen::Plan);
    let plan = desk.plan();
    assert!(plan.summary.kinds[&OperationKind::AddLicense] > 0);
    for operation in &plan.operations {
        let why = operation.why.expose();
        assert!(
            why.ends_with("; in QLIK_ANALYZERS, not in QLIK_PRO"),
            "{why}"
        );
        if let Change::CreateUser { .. } = operation.change {
            assert_eq!(why, "not in Qlik; in QLIK_ANALYZERS, not in QLIK_PRO");
        }
    }
    assert!(!plan.operations.iter().any(|operation| {
        let creates = matches!(&operation.change, Change::CreateUser { subject, .. } if subject.expose() == "p-eva");
        creates
    }));

    desk.keys("1").keys("<esc><home><down>x");
    assert!(
        desk.app.stage.staging.is_empty(),
        "x where it begins drops it however it is narrowed now: {}",
        desk.status()
    );
    desk.keys("u");
    assert_eq!(desk.app.staged(), 1);
}

#[test]
fn by_groups_nobody_is_demoted_and_the_group_itself_gets_nothing() {
    let mut desk = Desk::new(120, 36);
    let seats = &mut desk.tenant.licensing.value.assignments;
    for seat in seats
        .iter_mut()
        .filter(|one| one.subject.expose() == "p-anna")
    {
        seat.license = Some("professional".into());
    }
    desk.keys("R")
        .keys("<down> <down>-")
        .keys("la")
        .keys("sfin<enter><enter>p");
    let plan = desk.plan();
    let kinds = &plan.summary.kinds;
    assert!(
        !kinds.contains_key(&OperationKind::ChangeLicense),
        "{kinds:?}"
    );
    assert!(
        !kinds.contains_key(&OperationKind::CreateGroup),
        "{kinds:?}"
    );
    assert!(kinds[&OperationKind::AddSpaceAssignment] > 1, "{kinds:?}");
}

#[test]
fn who_is_not_in_a_group_that_was_cut_is_not_told() {
    let mut desk = narrowed(120, 36);
    desk.keys("la");
    desk.fail_members(
        "g-pro",
        Trouble {
            kind: Kind::Network,
            text: "the server hung up".to_owned(),
            hints: Vec::new(),
        },
    );
    let screen = desk.screen();
    assert!(names(&desk).is_empty());
    assert!(screen.contains("who is not in QLIK_PRO cannot"), "{screen}");
    desk.hold = vec!["LoadMembers"];
    desk.keys("p");
    let held = desk.held.pop();
    assert!(matches!(held, Some(Effect::LoadMembers(..))), "asked again");
    desk.fail_members(
        "g-pro",
        Trouble {
            kind: Kind::Network,
            text: "the server hung up".to_owned(),
            hints: Vec::new(),
        },
    );
    let plan = desk.plan();
    assert!(plan.operations.is_empty());
    let mut findings = plan.findings.iter();
    assert!(findings.any(|one| {
        one.code == FindingCode::IncompleteSource && one.severity == Severity::Error
    }));
}

#[test]
fn nothing_is_taken_where_a_group_that_narrows_is_cut() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> <down>&").keys("lt");
    let key = Target::Set(desk.app.roster.tree.sets()[0].clone());
    assert!(desk.app.stage.staging.wishes.contains_key(&key));
    let whole = {
        desk.keys("p");
        desk.plan()
    };
    assert_eq!(whole.summary.removals, 1, "Eva's license");
    desk.hold = vec!["LoadMembers"];
    desk.keys("1R");
    let pro = DirectoryGroupId::from("g-pro");
    let mut cut = super::world::members(&pro, &desk.folk);
    cut.proof = Completeness::Incomplete("cut off".to_owned());
    desk.held
        .retain(|effect| !matches!(effect, Effect::LoadMembers(_, id) if *id == pro));
    desk.release();
    desk.tell(Answer::Members(pro.clone(), Ok(cut.clone())));
    desk.hold = vec!["LoadMembers"];
    desk.keys("p").tell(Answer::Members(pro, Ok(cut)));
    let plan = desk.plan();
    assert_eq!(plan.summary.removals, 0);
    assert!(!plan.sources[1].complete);
}

#[test]
fn a_saved_query_is_an_entry_that_is_marked_like_a_group() {
    let mut with = setup((80, 24));
    let filter = "startsWith(id,'p-h')";
    with.queries = [("Hs".to_owned(), filter.to_owned())].into();
    let mut desk = Desk::with(with);
    let screen = desk.screen();
    assert!(screen.contains("[ ] Hs"), "{screen}");
    desk.keys("<down>");
    assert!(
        desk.screen().contains("Enter asks the directory"),
        "{}",
        desk.screen()
    );
    desk.keys(" ");
    assert_eq!(names(&desk), ["Håkon Berg"]);
    assert_eq!(
        desk.status(),
        "query Hs: 1 person fits startsWith(id,'p-h')"
    );
    let asked = |effect: &Effect| matches!(effect, Effect::LoadPeople(_, PeopleWish::Query(name, _)) if name == "Hs");
    assert_eq!(desk.asked.iter().filter(|one| asked(one)).count(), 1);
    insta::assert_snapshot!("query", desk.screen());

    desk.keys("la");
    assert_eq!(
        desk.status(),
        "license analyzer for the people in the query Hs"
    );
    desk.keys("R");
    assert_eq!(
        desk.asked.iter().filter(|one| asked(one)).count(),
        2,
        "read again"
    );
    desk.keys("<down><down>-");
    assert!(
        desk.screen()
            .contains("only in the query Hs, not in QLIK_PRO"),
        "{}",
        desk.screen()
    );
    let load = Load::People(PeopleWish::Query("Hs".to_owned(), filter.to_owned()));
    assert_eq!(load.words(&desk.app), "query Hs");
}

#[test]
fn a_query_picks_by_hand_as_a_list_does() {
    let mut with = setup((120, 36));
    with.queries = [("eva".to_owned(), "startsWith(id,'p-eva')".to_owned())].into();
    let mut desk = Desk::with(with);
    let seats = &mut desk.tenant.licensing.value.assignments;
    for seat in seats
        .iter_mut()
        .filter(|one| one.subject.expose() == "p-eva")
    {
        seat.license = Some("professional".into());
    }
    desk.keys("R").keys("<down> lap");
    let plan = desk.plan();
    assert_eq!(plan.summary.kinds[&OperationKind::ChangeLicense], 1);
    assert_eq!(
        plan.operations[0].why.expose(),
        "marked row, lower type wished; in the query eva"
    );
}
