//! Proof of a subject template by the users who are there: active users whose person is known, and
//! whether the template gives them the subject they have ("412 of 431, 19 differ").

use std::sync::Arc;

use super::stated::{Stated, active, stated};
use crate::domain::{Person, Snapshot, Subject, User, UserStatus};
use crate::planner::roster::{Index, same};
use crate::text::Raw;

/// With fewer users than this, their number proves nothing either way.
pub const FEW: usize = 5;

/// A user whom the template gives another subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The user, with the subject that the identity provider sent.
    pub user: Arc<User>,
    /// The person whose user it is.
    pub person: Arc<Person>,
    /// What the template makes of the person; `None` when an attribute is missing.
    pub ours: Option<Subject>,
}

/// What the provider's last sign-in test gave a known person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    /// What the provider sent.
    pub theirs: Subject,
    /// Whether the template gives that person the same.
    pub fits: bool,
}

/// What speaks for the template, and what against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Active users of whom the person is known: by this subject, or by an e-mail that is one
    /// person's only.
    pub compared: usize,
    /// Of these, users with the very subject that the template gives.
    pub same: usize,
    /// Of `same`, users whose subject has other capitals.
    pub by_case: Vec<Difference>,
    /// The rest, in order of their ids.
    pub differ: Vec<Difference>,
    /// What the identity provider says of itself.
    pub stated: Stated,
    /// Whether the provider says the template.
    pub agrees: bool,
    /// What the provider's last sign-in test gave, when it was of a known person.
    pub tested: Option<Tested>,
    /// Share in percent below which users are not made without a word.
    pub share: u64,
}

/// How far a template is to be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// So many existing users carry what it gives that it is right.
    Reproduced,
    /// The identity provider says so, though the users carry another subject yet or are few.
    Stated,
    /// Nothing speaks against it, and not enough for it.
    Untold,
    /// Something speaks against it.
    Doubtful(Doubtful),
}

/// What speaks against a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubtful {
    /// The last sign-in test gave a known person another subject.
    Tested,
    /// The provider sends what no directory knows.
    Pairwise,
    /// People sign in with a Qlik Account, whose subject is not known before they do.
    Account,
    /// Too few existing users carry it.
    Share,
    /// The provider says another template: who carries this one may be of an earlier provider.
    Other,
}

impl Evidence {
    /// Weighs the rule of the index against the users of the snapshot.
    pub fn of(index: &Index, snapshot: &Snapshot) -> Self {
        let template = &index.rule().template;
        let stated = stated(snapshot);
        let mut evidence = Self {
            compared: 0,
            same: 0,
            by_case: Vec::new(),
            differ: Vec::new(),
            agrees: stated == Stated::Template(template.to_string()),
            stated,
            tested: tested(index, snapshot),
            share: index.rule().share,
        };
        for (user, person) in pairs(index) {
            let ours = template.render(person).ok();
            evidence.compared += 1;
            let fits = ours.as_ref().is_some_and(|ours| is(ours, &user.subject));
            evidence.same += usize::from(fits);
            if ours.as_ref() != Some(&user.subject) {
                let list = if fits {
                    &mut evidence.by_case
                } else {
                    &mut evidence.differ
                };
                list.push(Difference {
                    user: Arc::clone(user),
                    person: Arc::clone(person),
                    ours,
                });
            }
        }
        evidence
    }

    /// Reproduced users in percent, rounded down; of none, none.
    pub fn percent(&self) -> u64 {
        let part = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        (part(self.same).saturating_mul(100))
            .checked_div(part(self.compared))
            .unwrap_or(0)
    }

    /// What is to be made of it. Whoever signs in next does so by the provider of today, so what it
    /// says weighs more than users who may be of an earlier one.
    pub fn trust(&self) -> Trust {
        let reproduced = self.compared >= FEW && self.percent() >= self.share;
        if self.tested.as_ref().is_some_and(|test| !test.fits) {
            return Trust::Doubtful(Doubtful::Tested);
        }
        match &self.stated {
            _ if (self.agrees || self.tested.is_some()) && !reproduced => Trust::Stated,
            _ if self.agrees || self.tested.is_some() => Trust::Reproduced,
            Stated::Pairwise => Trust::Doubtful(Doubtful::Pairwise),
            Stated::Account => Trust::Doubtful(Doubtful::Account),
            _ if self.compared >= FEW && !reproduced => Trust::Doubtful(Doubtful::Share),
            Stated::Template(_) => Trust::Doubtful(Doubtful::Other),
            Stated::Claim(_) | Stated::Unknown if reproduced => Trust::Reproduced,
            Stated::Claim(_) | Stated::Unknown => Trust::Untold,
        }
    }

    /// The count in words: "412 of 431 existing users, 19 differ".
    pub fn words(&self) -> String {
        let Self { same, compared, .. } = self;
        let differ = match self.differ.len() {
            0 => String::new(),
            some => format!(", {some} differ"),
        };
        let case = match self.by_case.len() {
            0 => String::new(),
            some => format!(", {some} in capitals only"),
        };
        format!("gives {same} of {compared} existing users the subject they have{differ}{case}")
    }
}

/// Whether two subjects are the same but for capitals.
pub(super) fn is(one: &Subject, other: &Subject) -> bool {
    same(one.expose(), other.expose())
}

/// Active users with the person they are known to be, by subject or by an e-mail of nobody else.
pub(super) fn pairs(index: &Index) -> impl Iterator<Item = (&Arc<User>, &Arc<Person>)> {
    let live = |user: &&Arc<User>| user.status == UserStatus::Active && !user.bot;
    index.users().iter().filter(live).filter_map(|user| {
        let by_subject = index.people_with_subject(&user.subject).next();
        let known = by_subject.and_then(|id| index.person(id));
        Some((user, known.or_else(|| only_person(index, user))?))
    })
}

/// The one person with the user's e-mail; with two, nobody can say who it is.
fn only_person<'a>(index: &'a Index, user: &'a User) -> Option<&'a Arc<Person>> {
    let address = user.email.as_ref()?;
    let shared = index.users_with_mail(address).nth(1).is_some();
    alone(index, address).filter(|_| !shared)
}

fn alone<'a>(index: &'a Index, address: &'a Raw) -> Option<&'a Arc<Person>> {
    let mut people = index.people_with_mail(address);
    let person = people.next()?;
    people.next().is_none().then_some(person)
}

/// The provider's last sign-in test. Whether its subject holds the realm already is told nowhere, so
/// both are taken.
fn tested(index: &Index, snapshot: &Snapshot) -> Option<Tested> {
    let provider = active(&snapshot.tenant.identity_providers.value)?;
    let test = provider.tested.as_ref()?;
    let person = alone(index, test.email.as_ref()?)?;
    let ours = index.rule().template.render(person).ok();
    let theirs = test.subject.expose();
    let with_realm = provider
        .realm
        .as_ref()
        .map(|realm| format!("{}\\{theirs}", realm.expose()));
    let fits = ours.is_some_and(|ours| {
        same(ours.expose(), theirs) || with_realm.is_some_and(|theirs| same(ours.expose(), &theirs))
    });
    Some(Tested {
        theirs: test.subject.clone(),
        fits,
    })
}
