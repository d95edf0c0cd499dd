//! The plan file: faithful, hashed, dated.

use super::scenarios::onboarding;
use super::world::{World, in_space, now, row};
use crate::domain::{Plan, SpaceType, Wish};
use crate::planner::file::{HEAD, check, gives_way, parse, seal, to_json};
use crate::ports::Kind;
use crate::text::Raw;

fn plan() -> Plan {
    onboarding().plan()
}

#[test]
fn what_is_written_is_read_back_and_may_be_applied() {
    let plan = plan();
    let text = to_json(&plan);
    let read = parse(text.as_bytes()).unwrap();
    assert_eq!(read, plan);
    assert_eq!(to_json(&read), text);
    check(&plan, now()).unwrap();
    assert_eq!(seal(plan.clone()).hash, plan.hash);
}

#[test]
fn every_edit_is_refused() {
    let text = to_json(&plan());
    for (from, to) in [
        ("\"analyzer\"", "\"professional\""),
        ("\"p05\"", "\"p99\""),
        ("\"needs\":[\"op-0003\"]", "\"needs\":[]"),
        ("\"version\": 1,", "\"version\": 1, \"extra\": 0,"),
        ("\"complete\":true", "\"complete\":false"),
    ] {
        let edited = text.replacen(from, to, 1);
        assert_ne!(edited, text, "{from}");
        let problem = parse(edited.as_bytes()).unwrap_err();
        assert_eq!(problem.kind, Kind::Stale, "{from}");
        assert!(problem.text().contains("edited"));
    }
}

#[test]
fn other_files_are_named() {
    for (text, says) in [
        ("{\n  oops", "line 2 column 3"),
        ("[]", "no version"),
        ("{\"version\": 9}", "version 9"),
    ] {
        let problem = parse(text.as_bytes()).unwrap_err();
        assert_eq!(problem.kind, Kind::User);
        assert!(problem.text().contains(says), "{}", problem.text());
    }
}

#[test]
fn a_plan_gives_way_to_a_plan_of_its_tenant_and_nothing_else_does() {
    let plan = plan();
    let text = to_json(&plan);
    let head = &text.as_bytes()[..text.len().min(usize::try_from(HEAD).unwrap())];
    gives_way(head, None).unwrap();
    gives_way(head, Some(&plan.tenant)).unwrap();
    gives_way(b"", Some(&plan.tenant)).unwrap();
    let spread = text.replacen("\"tenant\": ", "\"tenant\" :\n  ", 1);
    gives_way(spread.as_bytes(), Some(&plan.tenant)).unwrap();
    let mut other = plan.tenant.clone();
    other.id = "other".into();
    let why = gives_way(head, Some(&other)).unwrap_err();
    assert!(why.contains("plan for another tenant, https://"), "{why}");
    for head in [
        "notes",
        "{\"version\": 1}",
        "\u{fffd}",
        "{\"hash\": \"x\"}",
        " ",
    ] {
        let why = gives_way(head.as_bytes(), Some(&plan.tenant)).unwrap_err();
        assert!(why.contains("no plan of qroll"), "{head}: {why}");
    }
    let headless = "{\"version\": 1, \"hash\": \"x\", \"tenant\": 7";
    assert!(gives_way(headless.as_bytes(), Some(&other)).is_err());
}

#[test]
fn old_and_changed_plans_are_stale() {
    let mut plan = plan();
    assert_eq!(check(&plan, plan.expires).unwrap_err().kind, Kind::Stale);
    plan.operations.pop();
    assert_eq!(check(&plan, now()).unwrap_err().kind, Kind::Stale);
}

#[test]
fn hostile_names_stay_exact_and_harmless() {
    let mut world = World::new();
    world.person("a").name = Raw::from("Anna\u{202e}\u{1b}]0;x\u{7}\"\n,");
    world.space("s", SpaceType::Shared);
    world.wish(row("a"), in_space(Wish::default(), "s", &["consumer"]));
    let plan = world.plan();
    let text = to_json(&plan);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
    assert_eq!(parse(text.as_bytes()).unwrap(), plan);
}
