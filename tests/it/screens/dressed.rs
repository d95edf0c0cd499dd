//! The small company with a hostile string in chosen fields, one letter a field; the others hold a
//! plain text between the same tokens.

use qroll::app::{Message, RunRecord};
use qroll::domain::{
    Allotment, Counts, Group, GroupId, GroupProvider, LicenseAssignment, LicenseType, Outcome,
    Person, PersonId, Plan, PlanHash, RoleId, RunEvent, RunId, RunSummary, SkipReason, SpaceRole,
    Subject, User, Verdict,
};
use qroll::planner::{DriftKind, DriftRow};
use qroll::text::Raw;
use std::sync::Arc;

use super::Desk;
use super::desk::setup;
use super::world;
use crate::hostile::{Hostile, must_warn};

/// Letter and meaning of each field that comes from outside.
pub(super) const FIELDS: [(char, &str); 22] = [
    ('a', "display name"),
    ('b', "mail address"),
    ('c', "user principal name"),
    ('d', "directory id, the subject of new users"),
    ('e', "department"),
    ('f', "group of the directory, and of the tenant"),
    ('h', "Qlik user name"),
    ('i', "Qlik user e-mail"),
    ('j', "Qlik user subject"),
    ('l', "space"),
    ('m', "space role"),
    ('o', "tenant address"),
    ('p', "our own name in the tenant"),
    ('q', "tenant role"),
    ('r', "license type"),
    ('s', "error code"),
    ('t', "error detail"),
    ('u', "how to check"),
    ('v', "why it was skipped"),
    ('w', "value that moved"),
    ('x', "pasted text"),
    ('z', "run"),
];

/// A string and the fields that hold it.
#[derive(Clone, Debug)]
pub(super) struct Dress {
    pub(super) one: Hostile,
    pub(super) fields: String,
}

impl Dress {
    /// Every field holds it.
    pub(super) fn whole(one: Hostile) -> Self {
        let fields = FIELDS.iter().map(|(letter, _)| letter).collect();
        Self { one, fields }
    }

    /// Only this field does.
    pub(super) fn only(one: Hostile, field: char) -> Self {
        let fields = field.to_string();
        Self { one, fields }
    }

    /// What stands in a field.
    pub(super) fn text(&self, field: char) -> String {
        if self.fields.contains(field) {
            self.one.text(field)
        } else {
            Hostile::plain().text(field)
        }
    }

    /// What stands there and has to be warned of. A pasted control is a blank.
    pub(super) fn must_warn(&self, field: char) -> bool {
        let text = self.text(field);
        if field == 'x' {
            return must_warn(&text.replace(char::is_control, " "));
        }
        must_warn(&text)
    }

    fn numbered(&self, field: char, n: usize) -> String {
        format!("{}{n}", self.text(field))
    }

    /// Everything read, nothing marked.
    pub(super) fn desk(&self) -> Desk {
        let mut desk = Desk::unread(setup((120, 36)));
        self.people(&mut desk.folk);
        for (n, group) in desk.groups.iter_mut().enumerate() {
            group.name = Raw::from(self.numbered('f', n));
        }
        self.tenant(&mut desk);
        desk.begin();
        desk
    }

    fn people(&self, folk: &mut [Arc<Person>]) {
        for (n, person) in folk.iter_mut().enumerate() {
            let person = Arc::make_mut(person);
            person.name = Raw::from(self.numbered('a', n));
            person.mail = Some(Raw::from(self.numbered('b', n)));
            person.upn = Some(Raw::from(self.numbered('c', n)));
            person.department = Some(Raw::from(self.text('e')));
            person.id =
                PersonId::from(format!("{}{}", person.id.expose(), self.text('d')).as_str());
        }
    }

    fn tenant(&self, desk: &mut Desk) {
        let tenant = &mut desk.tenant;
        let folk = &desk.folk;
        tenant.tenant.url = Raw::from(self.text('o'));
        tenant.identity.name = Raw::from(self.text('p'));
        let users: Vec<(&str, Arc<User>)> = tenant
            .users
            .value
            .iter()
            .map(|user| ("", Arc::clone(user)))
            .collect();
        tenant.users.value = users
            .into_iter()
            .enumerate()
            .map(|(n, (_, user))| {
                let person = folk
                    .iter()
                    .find(|p| p.id.expose().starts_with(user.subject.expose()));
                let mail = folk.iter().find(|p| {
                    user.id.expose() == "u-hakon" && p.id.expose().starts_with("p-hakon")
                });
                let mut user = User::clone(&user);
                user.name = Raw::from(self.numbered('h', n));
                user.email = mail.map_or_else(
                    || Some(Raw::from(self.numbered('i', n))),
                    |p| p.mail.clone(),
                );
                user.subject = person.map_or_else(
                    || Subject::from(self.numbered('j', n).as_str()),
                    |p| Subject::from(p.id.expose()),
                );
                user.roles = vec![RoleId::from("r-dev")];
                Arc::new(user)
            })
            .collect();
        let seat = |user: &Arc<User>, license: &str| LicenseAssignment {
            subject: user.subject.clone(),
            license: Some(LicenseType::from(license)),
            excess: false,
            created: None,
        };
        let own = self.text('r');
        let licensing = &mut tenant.licensing.value;
        licensing.assignments = tenant
            .users
            .value
            .iter()
            .zip([
                "analyzer",
                "analyzer",
                own.as_str(),
                "analyzer",
                own.as_str(),
            ])
            .map(|(user, license)| seat(user, license))
            .collect();
        licensing.allotments.push(Allotment {
            name: LicenseType::from(own.as_str()),
            units: 9,
            used: 2,
            overage: 0,
        });
        for (n, space) in tenant.spaces.value.iter_mut().enumerate() {
            space.name = Raw::from(self.numbered('l', n));
            space
                .assignable_roles
                .push(SpaceRole::from(self.text('m').as_str()));
        }
        for role in &mut tenant.roles.value {
            role.name = Raw::from(self.text('q'));
        }
        tenant.groups.value = vec![Group {
            id: GroupId::from("q-1"),
            name: desk.groups[2].name.clone(),
            provider: GroupProvider::Idp,
            roles: Vec::new(),
        }];
    }

    /// Verdicts of every kind for the operations of a plan.
    pub(super) fn outcomes(&self, plan: &Plan) -> Vec<Outcome> {
        let raw = |field| Raw::from(self.text(field));
        let verdict = |n: usize| match n % 5 {
            0 => Verdict::NotApplied {
                code: Some(raw('s')),
                reason: Raw::from("refused"),
            },
            1 => Verdict::NotApplied {
                code: None,
                reason: raw('t'),
            },
            2 => Verdict::Unknown { check: raw('u') },
            3 => Verdict::Skipped {
                why: SkipReason::Drift,
                detail: raw('v'),
            },
            _ => Verdict::Applied,
        };
        let operations = plan.operations.iter().enumerate();
        operations
            .map(|(n, operation)| Outcome {
                operation: operation.id.clone(),
                verdict: verdict(n),
                status: Some(403),
                millis: 91,
                trace: Some(raw('t')),
            })
            .collect()
    }

    /// The run of a plan from its beginning to its end.
    pub(super) fn events(&self, plan: &Plan) -> Vec<RunEvent> {
        let total = plan.operations.len() as u64;
        let started = RunEvent::Started {
            run: self.run(),
            plan: plan.hash.clone(),
            total,
            judged: 0,
        };
        let judged = self.outcomes(plan).into_iter().map(RunEvent::Judged);
        let finished = RunEvent::Finished {
            counts: Counts {
                total,
                unknown: 1,
                ..Counts::default()
            },
            stopped: Some(Raw::from(self.text('t'))),
        };
        [started]
            .into_iter()
            .chain(judged)
            .chain([finished])
            .collect()
    }

    fn run(&self) -> RunId {
        RunId::from(self.text('z').as_str())
    }

    /// What moved between the plan and its run.
    pub(super) fn moved(&self, plan: &Plan) -> Message {
        let raw = |field| Raw::from(self.text(field));
        let operations = plan.operations.iter().take(12).enumerate();
        let rows = operations.map(|(n, operation)| DriftRow {
            operation: operation.id.clone(),
            kind: operation.change.kind(),
            who: raw('a'),
            drift: DriftKind::Changed,
            planned_from: raw(if n % 3 == 0 { 'w' } else { 'm' }),
            now: raw(if n % 3 == 1 { 'w' } else { 'm' }),
            planned_to: raw(if n % 3 == 2 { 'w' } else { 'm' }),
        });
        Message::Moved(rows.collect())
    }

    /// Runs on record: one that ended, an interrupted one of another tenant, a damaged one.
    pub(super) fn runs(&self) -> Vec<RunSummary> {
        let one = |number: usize| RunSummary {
            run: RunId::from(self.numbered('z', number).as_str()),
            plan: PlanHash("7f3a".repeat(16)),
            tenant: Raw::from(self.text('o')),
            tenant_id: None,
            started: world::now(),
            last: world::now(),
            counts: Counts {
                total: 9,
                applied: 4,
                ..Counts::default()
            },
            open: 1,
            finished: number == 0,
            discarded: false,
            given_up: false,
            under_way: false,
            resumable: false,
            trouble: (number == 2).then(|| self.text('t')),
            reverts: (number == 0).then(|| self.run()),
            reverted_by: None,
        };
        (0..3).map(one).collect()
    }

    /// The record of a past run.
    pub(super) fn record(&self, plan: &Arc<Plan>) -> RunRecord {
        RunRecord {
            plan: Some(Arc::clone(plan)),
            outcomes: self.outcomes(plan),
        }
    }
}
