//! What is not known for sure takes nothing and gives to nobody by mistake: seats of the whole
//! entitlement, readings with a gap, names of groups.

use super::world::*;
use crate::domain::*;

#[test]
fn a_person_known_by_mail_loses_only_the_seat_of_the_user_here() {
    let mut world = World::new();
    world.person("a");
    world.user("u", "OLD\\a", Some("a@corp.example"));
    world.seat("OLD\\a", "analyzer");
    world.seat("a", "professional");
    world.pool("analyzer", 1, 1);
    world.pool("professional", 1, 1);
    world.rule.accept_email = true;
    world.wish(row("a"), ladder(Ladder::TakeLicense));
    let plan = world.plan();
    let taken: Vec<&str> = plan
        .operations
        .iter()
        .filter_map(|one| match &one.change {
            Change::RemoveLicense { subject, .. } => Some(subject.expose()),
            _ => None,
        })
        .collect();
    assert_eq!(taken, ["OLD\\a"]);
    let said = found(&plan, FindingCode::NotChecked);
    assert_eq!(said.len(), 1);
    let text = said[0].text.expose();
    assert!(text.contains("professional seat under subject a"), "{text}");
    world.wish(row("a"), license("analyzer"));
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "no demotion either: {plan:?}");
    assert_eq!(found(&plan, FindingCode::NotChecked).len(), 1);
}
