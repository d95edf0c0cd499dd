//! By what right somebody holds a seat. Whoever might be somebody else, and whoever is in no list that was
//! not read whole, cannot be told: nothing is taken from them on the strength of it (I6).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

use super::judge::{Judge, user_of};
use crate::domain::{
    Claim, Conflict, DirectoryGroupId, LicenseAssignment, Loser, Match, Person, Row, User,
};
use crate::text::Raw;

/// What entitles somebody to a seat, or why it cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A direct member of these approved groups.
    Member(Vec<Raw>),
    /// Only through nested groups: the approved one first. The claim of a sign-in does not hold nested
    /// groups, so Qlik does not see it.
    Nested(Vec<Raw>),
    /// An exception of the profile, for this reason.
    Excepted(Raw),
    /// Protected by the profile, ourselves, a bot or an administrator.
    Protected(&'static str),
    /// No user here, and a user of this other tenant on the license: its business.
    Elsewhere(String),
    /// Nothing of it.
    Stranger,
    /// Cannot be told, for this reason; nothing is proposed.
    Unknown(String),
    /// No groups are approved.
    NotAsked,
}

impl Judge<'_> {
    pub(super) fn gaps(&self) -> Vec<String> {
        let tenant = &self.snapshot.tenant;
        let lists = [
            ("users", tenant.users.proof.gap()),
            ("licenses", tenant.licensing.proof.gap()),
            (
                "people of the directory",
                self.snapshot.directory.people.proof.gap(),
            ),
        ];
        let mut gaps: Vec<String> = lists
            .into_iter()
            .filter_map(|(what, gap)| Some(format!("{what}: {}", gap?)))
            .collect();
        gaps.extend(self.unread_group());
        gaps
    }

    /// The first approved group whose members were not read whole.
    fn unread_group(&self) -> Option<String> {
        let directory = &self.snapshot.directory;
        self.groups.iter().find_map(|id| {
            let gap = match directory.members.get(id) {
                Some(reading) => reading.proof.gap()?,
                None => "not read yet",
            };
            Some(format!("members of {}: {gap}", self.named(id).show()))
        })
    }

    fn named(&self, id: &DirectoryGroupId) -> Raw {
        let group = self.snapshot.directory.group(id);
        group.map_or_else(|| Raw::from(id.expose()), |group| group.name.clone())
    }

    pub(super) fn standing(
        &self,
        row: &Row,
        seat: &LicenseAssignment,
        user: Option<&User>,
    ) -> Standing {
        if let Some(why) = self.protection(seat, user) {
            return Standing::Protected(why);
        }
        let signs = signs(row, seat, user);
        if let Some(exception) = self.entitled.exception(signs, self.today()) {
            return Standing::Excepted(exception.why.clone());
        }
        if self.groups.is_empty() {
            return Standing::NotAsked;
        }
        let person = match (&row.person, &row.matched) {
            (_, Match::Conflict(conflict)) => return Standing::Unknown(several(conflict)),
            (Some(person), Match::Email { accepted: false }) => return perhaps(person),
            (Some(person), _) => Some(person),
            (None, _) => None,
        };
        let direct = person.and_then(|person| self.direct.get(&person.id));
        if let Some(groups) = direct {
            return Standing::Member(groups.iter().map(|id| self.named(id)).collect());
        }
        match person.and_then(|person| self.ways.get(&person.id)) {
            Some(way) => Standing::Nested(way.iter().map(|id| self.named(id)).collect()),
            None => self.outside(row, seat, user),
        }
    }

    /// Of somebody in no approved group: a stranger, where that is known.
    fn outside(&self, row: &Row, seat: &LicenseAssignment, user: Option<&User>) -> Standing {
        if row.person.is_none() {
            // Conflicts take the person away from the user, who may be a member all the same.
            let by_subject = self.index.people_with_subject(&seat.subject);
            let mail = user.and_then(|user| user.email.as_ref());
            let by_mail = mail
                .into_iter()
                .flat_map(|mail| self.index.people_with_mail(mail));
            let fits = by_mail.map(|person| &person.id).chain(by_subject).next();
            if let Some(person) = fits.and_then(|id| self.index.person(id)) {
                return perhaps(person);
            }
        }
        if user.is_none() && self.is_no_user(seat) {
            // The list of seats covers every tenant on the license (dossier 4.2).
            match self.snapshot.tenant.claim(&seat.subject) {
                Claim::There(name) => return Standing::Elsewhere(name),
                Claim::Untold(why) => {
                    let text = format!("no user here, and perhaps in another tenant: {why}");
                    return Standing::Unknown(text);
                }
                Claim::Nobody => {}
            }
        }
        match self.gaps().into_iter().next() {
            Some(gap) => Standing::Unknown(gap),
            None => Standing::Stranger,
        }
    }

    fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// Places of the exceptions that name this holder.
    pub(super) fn naming(&self, row: &Row, seat: &LicenseAssignment) -> Vec<usize> {
        self.entitled.naming(signs(row, seat, user_of(row, seat)))
    }

    /// Exceptions that do nothing, with why.
    pub(super) fn unmet(&self, named: &BTreeSet<usize>) -> Vec<String> {
        let all = self.entitled.except.iter().enumerate();
        all.filter_map(|(place, one)| {
            let who = one.who.show();
            let over = one.until.filter(|until| self.today() > *until);
            match over {
                Some(until) => Some(format!("The exception for {who} has run out on {until}.")),
                None if !named.contains(&place) => Some(format!(
                    "The exception for {who} fits nobody who holds a seat: it names a subject, an e-mail or an id."
                )),
                None => None,
            }
        })
        .collect()
    }

    fn protection(&self, seat: &LicenseAssignment, user: Option<&User>) -> Option<&'static str> {
        if user.is_some_and(|user| user.bot) {
            return Some("a bot");
        }
        if user.is_some_and(|user| self.admins.contains(&user.id)) {
            return Some("administers the tenant");
        }
        let who = Loser::Person {
            id: user.map(|user| user.id.key()),
            subject: Some(seat.subject.key()),
        };
        self.protected.covers(&who).then_some("protected")
    }
}

/// What an exception may name somebody by.
fn signs<'a>(
    row: &'a Row,
    seat: &'a LicenseAssignment,
    user: Option<&'a User>,
) -> impl Iterator<Item = &'a str> {
    let ids = user.map(|user| user.id.expose());
    let mails = user.and_then(|user| user.email.as_ref());
    let person = row.person.iter().flat_map(|person| person.signs());
    std::iter::once(seat.subject.expose())
        .chain(ids)
        .chain(mails.into_iter().chain(person).map(Raw::expose))
}

fn perhaps(person: &Person) -> Standing {
    Standing::Unknown(format!(
        "subject or e-mail is also that of {} ({}); settle on the roster who it is",
        person.name.show(),
        person.id.show()
    ))
}

fn several(conflict: &Conflict) -> String {
    match conflict {
        Conflict::SeveralUsers(users) => format!("{} users fit", users.len()),
        Conflict::SeveralPeople(people) => format!("{} people fit", people.len()),
        Conflict::SharedMailbox(people) => format!("{} people share the mailbox", people.len()),
        Conflict::SameSubject(people) => format!("{} people give the subject", people.len()),
    }
}
