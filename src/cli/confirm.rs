//! Asking before anything is sent. What was typed ahead or pasted before the question does not
//! count as an answer.

use super::out::Out;
use super::signals::leave_at_signal;
use crate::domain::{FindingCode, Guards, Plan, Register, Toll, Week, Weight};
use crate::host::RealClock;
use crate::planner::finality;
use crate::ports::{Kind, Problem};
use crate::terminal::{Answer, ask, close_question};

/// What the command line allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Consent {
    /// `--yes`.
    pub(super) yes: bool,
    /// `--allow-removals`.
    pub(super) removals: Option<u64>,
}

impl Consent {
    /// What to say when `--allow-removals` gave another number than the plan has.
    fn other_number(self, removals: u64) -> String {
        match self.removals {
            Some(given) if given != removals => {
                format!(", and --allow-removals {given} is another number")
            }
            _ => String::new(),
        }
    }
}

/// Whether the plan may be applied: by `--yes`, or by an answer at the terminal. Many removals
/// want their number, typed or given. Gives how heavy a plan was agreed to: a plan that turns out to
/// be heavier once the tenant was read is asked for again, with its register.
pub(super) fn confirm(
    plan: &Plan,
    consent: Consent,
    guards: &Guards,
    week: &Week,
    register: Option<&Register>,
    out: Out,
) -> Result<Weight, Problem> {
    let found = plan
        .findings
        .iter()
        .any(|finding| finding.code == FindingCode::RemovalGuard);
    let toll = Toll::of_plan(plan, week, register);
    let many = found || guards.weigh(&toll) != Weight::Light;
    let removals = toll.removals.max(plan.summary.removals);
    let given = consent.removals == Some(removals);
    if guards.weigh(&toll) == Weight::Stopped && !given {
        return Err(over_the_limit(guards, &toll, removals, consent));
    }
    let numbered = !many || given;
    let agreed = match (given, many) {
        (true, _) => Weight::Stopped,
        (false, true) => Weight::Typed,
        (false, false) => Weight::Light,
    };
    if consent.yes && numbered {
        return Ok(agreed);
    }
    if consent.yes {
        return Err(Problem::new(
            Kind::Guard,
            format!(
                "the plan takes {removals} things away{}, more than --yes may let pass (removals_confirm: {}){}; nothing was sent",
                so_far(&toll),
                guards.untyped(toll.of),
                consent.other_number(removals)
            ),
        )
        .hint(format!(
            "If they are all meant: --yes --allow-removals {removals}"
        )));
    }
    if !out.interactive {
        return Err(
            Problem::new(Kind::User, "there is no terminal to confirm at")
                .hint("Look at the plan with `qroll show`, then add --yes."),
        );
    }
    let (question, wanted) = if numbered {
        (
            format!(
                "Apply these {} operations{}? Type yes: ",
                plan.summary.operations,
                finality(plan).map_or(String::new(), |words| format!(" ({words})"))
            ),
            "yes".to_owned(),
        )
    } else {
        (
            format!(
                "Type the number of removals ({removals} would be taken away{}) to apply: ",
                so_far(&toll)
            ),
            removals.to_string(),
        )
    };
    if answer(&question, out)? == wanted {
        return Ok(agreed);
    }
    Err(Problem::new(
        Kind::Declined,
        "not confirmed; nothing was sent",
    ))
}

/// More than the profile lets pass at all: typing the number is not enough.
fn over_the_limit(guards: &Guards, toll: &Toll, removals: u64, consent: Consent) -> Problem {
    Problem::new(
        Kind::Guard,
        format!(
            "the plan takes {removals} things away{}, over the limit of {} people (removals_stop, {} %){}; nothing was sent",
            so_far(toll),
            guards.most(if toll.is_of_week() { toll.week_of } else { toll.of }),
            guards.stop_percent,
            consent.other_number(removals)
        ),
    )
    .hint(format!("If they are all meant: --allow-removals {removals}"))
}

/// What earlier runs add to it.
fn so_far(toll: &Toll) -> String {
    if toll.is_of_week() {
        format!(", in 7 days from {} of {} people", toll.week, toll.week_of)
    } else {
        String::new()
    }
}

/// What somebody types at the terminal; a paste is told, and no answer.
fn answer(question: &str, out: Out) -> Result<String, Problem> {
    leave_at_signal(close_question)?;
    let asked = ask(&RealClock::new(), out.foot, || out.ask(question));
    match asked {
        Ok(Answer::Typed(text)) => Ok(text.trim().to_owned()),
        Ok(Answer::Pasted) => Err(Problem::new(
            Kind::Declined,
            "that came all at once: a paste is no answer; nothing was sent",
        )
        .hint("Start it again and type the answer.")),
        Ok(Answer::Left) => Err(Problem::new(
            Kind::Declined,
            "left without an answer; nothing was sent",
        )),
        Ok(Answer::Gone) => Err(Problem::new(
            Kind::Host,
            "the terminal is gone; nothing was sent",
        )),
        Err(error) => {
            Err(Problem::new(Kind::Host, "the terminal could not be asked").because(error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::unseat;
    use crate::domain::{Finding, Identity, Operation, PlanHash, PlanTenant, Severity, Summary};

    fn plan(removals: u64, guarded: bool) -> Plan {
        let finding = Finding {
            severity: Severity::Warning,
            code: FindingCode::RemovalGuard,
            who: "".into(),
            text: "".into(),
            hint: "".into(),
            decision: None,
        };
        Plan {
            version: 1,
            hash: PlanHash::default(),
            created: jiff::Timestamp::UNIX_EPOCH,
            expires: jiff::Timestamp::UNIX_EPOCH,
            tenant: PlanTenant {
                id: "t".into(),
                url: "u".into(),
            },
            identity: Identity {
                user: "u".into(),
                subject: "s".into(),
                name: "n".into(),
            },
            reverts: None,
            orphans: std::collections::BTreeSet::new(),
            roles: std::collections::BTreeMap::new(),
            sources: Vec::new(),
            summary: Summary {
                removals,
                ..Summary::default()
            },
            operations: Vec::new(),
            findings: guarded.then_some(finding).into_iter().collect(),
        }
    }

    fn ask(plan: &Plan, yes: bool, removals: Option<u64>) -> Result<(), Kind> {
        let out = Out::default();
        let guards = Guards::default();
        let consent = Consent { yes, removals };
        let agreed = confirm(plan, consent, &guards, &Week::default(), None, out);
        agreed.map(drop).map_err(|problem| problem.kind)
    }

    #[test]
    fn yes_is_not_enough_for_many_removals() {
        assert_eq!(ask(&plan(3, false), true, None), Ok(()));
        assert_eq!(ask(&plan(26, true), true, None), Err(Kind::Guard));
        assert_eq!(ask(&plan(26, true), true, Some(25)), Err(Kind::Guard));
        assert_eq!(ask(&plan(26, true), true, Some(26)), Ok(()));
        assert_eq!(
            ask(&plan(0, false), false, None),
            Err(Kind::User),
            "no terminal"
        );
    }

    /// So many people of forty lose their license.
    fn taking(people: usize) -> Plan {
        let operation = |number: usize| Operation {
            id: format!("op-{number}").as_str().into(),
            ..unseat(&format!("p{number}"))
        };
        let mut plan = plan(people as u64, false);
        plan.operations = (0..people).map(operation).collect();
        plan.summary.people = 40;
        plan
    }

    #[test]
    fn over_the_limit_no_answer_is_enough_but_the_exact_number() {
        // Eight of forty is the limit of 20 %; the plan's own findings say nothing.
        for yes in [true, false] {
            let refused = ask(&taking(9), yes, None);
            assert_eq!(refused, Err(Kind::Guard), "not even asked");
            assert_eq!(ask(&taking(9), yes, Some(8)), Err(Kind::Guard));
        }
        assert_eq!(ask(&taking(9), true, Some(9)), Ok(()));
        assert_eq!(ask(&taking(8), true, None), Err(Kind::Guard), "typed");
        assert_eq!(ask(&taking(8), false, None), Err(Kind::User), "no terminal");
        assert_eq!(ask(&taking(8), true, Some(8)), Ok(()));
        assert_eq!(ask(&taking(2), true, None), Ok(()));
        let mut stated = taking(9);
        stated.summary.scope = 45;
        assert_eq!(ask(&stated, true, Some(9)), Ok(()), "nine of forty-five");
        assert_eq!(ask(&stated, false, None), Err(Kind::User));
    }

    #[test]
    fn what_was_agreed_to_is_told_so_that_a_heavier_plan_is_asked_for_again() {
        let out = Out::default();
        let agreed = |plan: &Plan, removals: Option<u64>| {
            let consent = Consent {
                yes: true,
                removals,
            };
            let guards = Guards::default();
            confirm(plan, consent, &guards, &Week::default(), None, out).ok()
        };
        assert_eq!(agreed(&taking(2), None), Some(Weight::Light));
        assert_eq!(agreed(&taking(2), Some(2)), Some(Weight::Stopped));
        assert_eq!(agreed(&taking(5), Some(5)), Some(Weight::Stopped));
        assert_eq!(agreed(&taking(5), None), None);
        assert!(Weight::Light < Weight::Typed && Weight::Typed < Weight::Stopped);
    }
}
