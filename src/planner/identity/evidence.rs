//! Proof of a subject template by the users who are there: active users whose person is known, and
//! whether the template gives them the subject they have ("412 of 431, 19 differ").

use std::sync::Arc;

use super::stated::{Stated, active, stated};
use crate::domain::{Person, Snapshot, Subject, User, UserStatus};
use crate::planner::roster::Index;
use crate::text::Raw;

/// With fewer users than this, their number proves nothing either way.
pub const FEW: usize = 5;

/// A user whom the template gives another subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The user, with the subject that the identity provider sent.
    pub user: Arc<User>,
    /// The person with the same e-mail.
    pub person: Arc<Person>,
    /// What the template makes of the person; `None` when an attribute is missing.
    pub ours: Option<Subject>,
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
    /// What the provider's last sign-in test gave, for a person who is known.
    pub tested: Option<Difference>,
    /// Prefix that the provider puts before subjects.
    pub realm: Option<Raw>,
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
    /// Too few existing users carry it.
    Share,
    /// The provider says another template.
    Other,
}

impl Evidence {
    /// Weighs the rule of the index against the users of the snapshot.
    pub fn of(index: &Index, snapshot: &Snapshot) -> Self {
        let template = index.rule().template.to_string();
        let stated = stated(snapshot);
        let mut evidence = Self {
            compared: 0,
            same: 0,
            by_case: Vec::new(),
            differ: Vec::new(),
            agrees: stated == Stated::Template(template),
            stated,
            tested: None,
            realm: active(&snapshot.tenant.identity_providers.value)
                .and_then(|provider| provider.realm.clone()),
            share: index.rule().share,
        };
        let live = |user: &&Arc<User>| user.status == UserStatus::Active && !user.bot;
        for user in index.users().iter().filter(live) {
            evidence.weigh(index, user);
        }
        evidence.tested = tested(index, snapshot);
        evidence
    }

    fn weigh(&mut self, index: &Index, user: &Arc<User>) {
        let mut carriers = index.people_with_subject(&user.subject);
        if let Some(id) = carriers.next() {
            self.compared += 1;
            self.same += 1;
            let exact = index
                .person(id)
                .filter(|(_, ours)| *ours != Some(&user.subject));
            self.by_case
                .extend(exact.map(|known| difference(user, known)));
        } else if let Some(known) = only_person(index, user) {
            self.compared += 1;
            self.differ.push(difference(user, known));
        }
    }

    /// Reproduced users in percent, rounded down; of none, none.
    pub fn percent(&self) -> u64 {
        let part = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        (part(self.same).saturating_mul(100))
            .checked_div(part(self.compared))
            .unwrap_or(0)
    }

    /// What is to be made of it.
    pub fn trust(&self) -> Trust {
        if self.tested.as_ref().is_some_and(|test| !self.fits(test)) {
            return Trust::Doubtful(Doubtful::Tested);
        }
        if self.agrees || self.tested.is_some() {
            return Trust::Stated.better(self.is_reproduced());
        }
        if self.is_reproduced() {
            return Trust::Reproduced;
        }
        match &self.stated {
            Stated::Pairwise => Trust::Doubtful(Doubtful::Pairwise),
            _ if self.compared >= FEW => Trust::Doubtful(Doubtful::Share),
            Stated::Template(_) => Trust::Doubtful(Doubtful::Other),
            Stated::Claim(_) | Stated::Account | Stated::Unknown => Trust::Untold,
        }
    }

    /// Whether a sign-in test is the template's. Whether its subject holds the realm already is told
    /// nowhere, so both are taken.
    fn fits(&self, test: &Difference) -> bool {
        let theirs = test.user.subject.expose();
        test.ours.as_ref().is_some_and(|ours| {
            let ours = ours.expose();
            let realm = self
                .realm
                .as_ref()
                .map(|realm| format!("{}\\", realm.expose()));
            let bare = realm.and_then(|realm| ours.strip_prefix(&realm));
            ours.eq_ignore_ascii_case(theirs)
                || bare.is_some_and(|bare| bare.eq_ignore_ascii_case(theirs))
        })
    }

    fn is_reproduced(&self) -> bool {
        self.compared >= FEW && self.percent() >= self.share
    }

    /// The count in words: "412 of 431 existing users, 19 differ".
    pub fn words(&self) -> String {
        let Self { same, compared, .. } = self;
        let (differ, case) = (self.differ.len(), self.by_case.len());
        let differ = match differ {
            0 => String::new(),
            some => format!(", {some} differ"),
        };
        let case = match case {
            0 => String::new(),
            some => format!(", {some} in capitals only"),
        };
        format!("gives {same} of {compared} existing users the subject they have{differ}{case}")
    }
}

impl Trust {
    fn better(self, reproduced: bool) -> Self {
        if reproduced { Self::Reproduced } else { self }
    }
}

type Known<'a> = (&'a Arc<Person>, Option<&'a Subject>);

fn difference(user: &Arc<User>, (person, ours): Known<'_>) -> Difference {
    Difference {
        user: Arc::clone(user),
        person: Arc::clone(person),
        ours: ours.cloned(),
    }
}

/// The one person with the user's e-mail; with two, nobody can say who it is.
fn only_person<'a>(index: &'a Index, user: &'a User) -> Option<Known<'a>> {
    let address = user.email.as_ref()?;
    let mut people = index.people_with_mail(address);
    let person = people.next()?;
    if people.next().is_some() || index.users_with_mail(address).nth(1).is_some() {
        return None;
    }
    index.person(&person.id)
}

/// The provider's last sign-in test, when it was of a known person.
fn tested(index: &Index, snapshot: &Snapshot) -> Option<Difference> {
    let provider = active(&snapshot.tenant.identity_providers.value)?;
    let test = provider.tested.as_ref()?;
    let address = test.email.as_ref()?;
    let mut people = index.people_with_mail(address);
    let person = people.next()?;
    if people.next().is_some() {
        return None;
    }
    let user = Arc::new(User::signing_in(test));
    Some(difference(&user, index.person(&person.id)?))
}
