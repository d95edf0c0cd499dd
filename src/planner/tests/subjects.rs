//! Whose subject is it: what speaks for a template and against it, what a plan says of it and when it
//! stops, and which templates are proposed.

use super::world::*;
use crate::domain::*;
use crate::planner::SubjectTemplate;
use crate::planner::identity::{Doubtful, Evidence, Stated, Trust, propose, stated};
use crate::text::Raw;

/// `good` users whom `{id}` gives their subject, `bad` ones it does not, and one person to be made.
fn company(good: usize, bad: usize) -> World {
    let mut world = World::new();
    for number in 0..good + bad {
        let id = format!("p{number}");
        let mail = format!("{id}@corp.example");
        world.person(&id).sam = Some(Raw::from(format!("sam{number}")));
        let subject = if number < good {
            id
        } else {
            format!("ACME\\sam{number}")
        };
        world.user(&format!("u{number:03}"), &subject, Some(&mail));
    }
    world.person("new").sam = Some(Raw::from("samnew"));
    let provision = Wish {
        provision: true,
        ..Wish::default()
    };
    world.wish(row("new"), provision);
    world
}

fn provider(claim: &str) -> IdentityProvider {
    IdentityProvider {
        protocol: Raw::from("OIDC"),
        provider: Raw::from("azureAD"),
        active: true,
        interactive: true,
        realm: None,
        subject_claims: vec![Raw::from(claim)],
        tested: None,
    }
}

fn maps(world: &mut World, provider: IdentityProvider) {
    world.snapshot.tenant.identity_providers = proven(vec![provider]);
}

fn evidence(world: &World) -> Evidence {
    Evidence::of(&world.index(), &world.snapshot)
}

fn said(plan: &Plan) -> Vec<&Finding> {
    let findings = plan.findings.iter();
    findings
        .filter(|one| one.code == FindingCode::SubjectUnproven)
        .collect()
}

#[test]
fn users_who_are_reproduced_prove_a_template() {
    let world = company(19, 1);
    let found = evidence(&world);
    assert_eq!((found.compared, found.same, found.percent()), (20, 19, 95));
    assert_eq!(found.differ.len(), 1);
    assert_eq!(found.differ[0].user.subject, "ACME\\sam19".into());
    assert_eq!(found.differ[0].ours, Some("p19".into()));
    assert_eq!(found.trust(), Trust::Reproduced);
    let plan = world.plan();
    let said = said(&plan);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].severity, Severity::Note);
    let text = said[0].text.expose();
    assert!(
        text.contains("19 of 20") && text.contains("1 differ"),
        "{text}"
    );
    assert!(text.contains("ACME\\sam19"), "it names who differs: {text}");
}

#[test]
fn below_the_share_nobody_is_made_without_the_number() {
    let mut world = company(17, 3);
    assert_eq!(evidence(&world).percent(), 85);
    assert_eq!(evidence(&world).trust(), Trust::Doubtful(Doubtful::Share));
    let plan = world.plan();
    let stop = said(&plan)[0];
    assert_eq!(stop.severity, Severity::Error);
    assert_eq!(stop.decision, Some(Decision::Unproven { number: 1 }));

    world.staging.allowed.unproven = Some(2);
    assert_eq!(
        said(&world.plan())[0].severity,
        Severity::Error,
        "of another plan"
    );
    world.staging.allowed.unproven = Some(1);
    let plan = world.plan();
    assert_eq!(said(&plan)[0].severity, Severity::Warning);
    assert_eq!(plan.summary.kinds.get(&OperationKind::CreateUser), Some(&1));

    world.staging.allowed.unproven = None;
    world.rule.share = 85;
    assert_eq!(
        said(&world.plan())[0].severity,
        Severity::Note,
        "the profile's share"
    );
}

#[test]
fn a_plan_that_makes_nobody_does_not_ask() {
    let mut world = company(0, 20);
    world.staging.wishes.clear();
    world.pool("analyzer", 10, 0);
    let user = RowKey::User(UserId::from("u003"));
    let seat = Wish {
        license: Some(LicenseWish::TakeBack),
        ..Wish::default()
    };
    world.seat("ACME\\sam3", "analyzer");
    world.wish(Target::Row(user), seat);
    assert_eq!(said(&world.plan()), Vec::<&Finding>::new());
}

#[test]
fn what_the_provider_says_counts_where_users_carry_an_older_subject() {
    let mut world = company(0, 20);
    maps(&mut world, provider("/oid"));
    assert_eq!(evidence(&world).trust(), Trust::Stated);
    let plan = world.plan();
    assert_eq!(said(&plan)[0].severity, Severity::Note);
    assert!(said(&plan)[0].text.expose().contains("0 of 20"));

    maps(&mut world, provider("/upn"));
    assert_eq!(evidence(&world).trust(), Trust::Doubtful(Doubtful::Share));
    maps(&mut world, provider("/sub"));
    assert_eq!(
        evidence(&world).trust(),
        Trust::Doubtful(Doubtful::Pairwise)
    );
    let plan = world.plan();
    assert!(
        said(&plan)[0].text.expose().contains("sub claim"),
        "{plan:?}"
    );
}

#[test]
fn the_last_sign_in_test_weighs_more_than_anything() {
    let mut world = company(20, 0);
    let test = |subject: &str, email: &str| IdentityProvider {
        tested: Some(SignInTest {
            subject: subject.into(),
            email: Some(Raw::from(email)),
        }),
        ..provider("/oid")
    };
    maps(&mut world, test("p3", "p3@corp.example"));
    assert_eq!(evidence(&world).trust(), Trust::Reproduced);
    maps(&mut world, test("ACME\\sam3", "p3@corp.example"));
    assert_eq!(evidence(&world).trust(), Trust::Doubtful(Doubtful::Tested));
    let plan = world.plan();
    assert!(
        said(&plan)[0]
            .text
            .expose()
            .contains("gave ACME\\sam3 instead")
    );
    maps(&mut world, test("whoever", "nobody@corp.example"));
    assert_eq!(
        evidence(&world).trust(),
        Trust::Reproduced,
        "of nobody we know"
    );
}

#[test]
fn users_of_an_earlier_provider_do_not_outvote_the_one_of_today() {
    let mut world = company(20, 0);
    assert_eq!(evidence(&world).trust(), Trust::Reproduced);
    maps(&mut world, provider("/preferred_username"));
    assert_eq!(evidence(&world).trust(), Trust::Doubtful(Doubtful::Other));
    let stop = world.plan();
    assert_eq!(said(&stop)[0].severity, Severity::Error);
    assert!(said(&stop)[0].text.expose().contains("maps {upn}"));

    let off = IdentityProvider {
        active: false,
        ..provider("/oid")
    };
    maps(&mut world, off);
    assert_eq!(evidence(&world).trust(), Trust::Doubtful(Doubtful::Account));
    assert!(
        said(&world.plan())[0]
            .text
            .expose()
            .contains("Qlik Account")
    );
}

#[test]
fn a_sign_in_test_may_leave_the_realm_out() {
    let mut world = company(0, 20);
    world.rule.template = SubjectTemplate::parse("ACME\\{sam}").unwrap();
    let test = |subject: &str| IdentityProvider {
        realm: Some(Raw::from("ACME")),
        tested: Some(SignInTest {
            subject: subject.into(),
            email: Some(Raw::from("p3@corp.example")),
        }),
        ..provider("/samAccountName")
    };
    for (subject, trust) in [
        ("ACME\\sam3", Trust::Reproduced),
        ("sam3", Trust::Reproduced),
        ("CORP\\sam3", Trust::Doubtful(Doubtful::Tested)),
    ] {
        maps(&mut world, test(subject));
        assert_eq!(evidence(&world).trust(), trust, "{subject}");
    }
}

#[test]
fn few_users_prove_nothing_and_stop_nothing() {
    let mut world = company(2, 2);
    assert_eq!(evidence(&world).trust(), Trust::Untold);
    assert_eq!(said(&world.plan())[0].severity, Severity::Note);
    maps(&mut world, provider("/upn"));
    assert_eq!(evidence(&world).trust(), Trust::Doubtful(Doubtful::Other));
    maps(&mut world, provider("/somewhat"));
    assert_eq!(
        evidence(&world).stated,
        Stated::Claim(Raw::from("/somewhat"))
    );
    assert_eq!(evidence(&world).trust(), Trust::Untold);
}

#[test]
fn shared_addresses_bots_and_the_disabled_prove_nothing() {
    let mut world = company(6, 0);
    world.person("twin").mail = Some(Raw::from("p1@corp.example"));
    world.user("u-twin", "x1", Some("p1@corp.example"));
    world.user("u-off", "x2", Some("p2@corp.example"));
    world.user("u-bot", "x3", Some("p3@corp.example"));
    for user in &mut world.snapshot.tenant.users.value {
        let user = std::sync::Arc::make_mut(user);
        match user.id.expose() {
            "u-off" => user.status = UserStatus::Disabled,
            "u-bot" => user.bot = true,
            _ => {}
        }
    }
    let found = evidence(&world);
    assert_eq!((found.compared, found.same), (6, 6), "{found:?}");
}

#[test]
fn other_capitals_are_told() {
    let mut world = company(9, 0);
    world.person("PX");
    world.user("u-px", "px", Some("PX@corp.example"));
    let found = evidence(&world);
    assert_eq!((found.same, found.by_case.len()), (10, 1));
    let plan = world.plan();
    assert!(
        said(&plan)[0]
            .text
            .expose()
            .contains("in other capitals: px")
    );
}

#[test]
fn templates_are_learned_from_the_users() {
    let world = company(3, 17);
    let best = propose(&world.index(), &world.snapshot);
    assert_eq!(best[0].template.to_string(), "ACME\\{sam}");
    assert_eq!((best[0].compared, best[0].same), (20, 17));
    assert_eq!(best[1].template.to_string(), "{id}");
    assert_eq!(best.len(), 2, "{best:?}");
}

#[test]
fn what_the_provider_says_is_proposed_first() {
    let mut world = company(20, 0);
    let realm = IdentityProvider {
        realm: Some(Raw::from("AC{ME}")),
        ..provider("preferred_username")
    };
    maps(&mut world, realm);
    assert_eq!(
        stated(&world.snapshot),
        Stated::Template("AC{{ME}}\\{upn}".into())
    );
    let best = propose(&world.index(), &world.snapshot);
    assert_eq!(
        best[0].template,
        SubjectTemplate::parse("AC{{ME}}\\{upn}").unwrap()
    );
    assert!(best[0].agrees);
    assert_eq!(best[1].template.to_string(), "{id}");
}
