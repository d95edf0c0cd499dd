//! One holder after the other.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    Conflict, DirectoryGroupId, Enabled, Entitled, Guards, LicenseAssignment, LicenseType, Loser,
    Match, PersonId, Protected, Row, RowKey, Snapshot, Subject, Usage, User, UserId, UserStatus,
    administrators,
};
use crate::planner::roster::{Accepted, Index, Scope, ways};
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
    /// Nothing of it.
    Stranger,
    /// Cannot be told, for this reason; nothing is proposed.
    Unknown(String),
    /// No groups are approved.
    NotAsked,
}

/// What is odd about a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "`words` says what each means")]
pub enum Note {
    Orphan,
    Excess,
    DisabledThere,
    DisabledHere,
    SeveralSeats,
    NeverCame,
    NoPerson,
}

impl Note {
    /// In our words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Orphan => "no user here",
            Self::Excess => "in excess",
            Self::DisabledThere => "disabled in the directory",
            Self::DisabledHere => "disabled in Qlik",
            Self::SeveralSeats => "several seats",
            Self::NeverCame => "never came",
            Self::NoPerson => "not in the directory",
        }
    }
}

/// When somebody was last seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastUse {
    /// Nobody looked.
    NotRead,
    /// Then.
    At(Timestamp),
    /// Not since then; what was before is not known.
    NotSince(Timestamp),
    /// Never since the record was made, which is later than what is covered begins.
    NeverSince(Timestamp),
    /// There is no user here whose events could be looked at.
    NoUser,
}

/// One seat and whoever holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The row it stands in.
    pub row: RowKey,
    /// Whose it is.
    pub subject: Subject,
    /// Its type.
    pub license: Option<LicenseType>,
    /// When it was given.
    pub since: Option<Timestamp>,
    /// The directory's name, else the tenant's, else the subject.
    pub name: Raw,
    /// The tenant's address, else the directory's.
    pub email: Option<Raw>,
    /// The user, where there is one.
    pub user: Option<UserId>,
    /// The user's status.
    pub status: Option<UserStatus>,
    /// What entitles them.
    pub standing: Standing,
    /// What is odd about it.
    pub notes: Vec<Note>,
    /// When they were last seen.
    pub last_use: LastUse,
    /// Spaces they own, by name; apps and other items too, where somebody asked.
    pub owns: Vec<Raw>,
}

/// All holders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// By name, then by subject and type.
    pub holders: Vec<Holder>,
    /// Why some of it is missing: lists that were not read whole, in our words.
    pub gaps: Vec<String>,
}

/// Looks at every seat.
pub fn review(
    index: &Index,
    snapshot: &Snapshot,
    entitled: &Entitled,
    groups: &[DirectoryGroupId],
    guards: &Guards,
    usage: Option<&Usage>,
    now: Timestamp,
) -> Review {
    let judge = Judge::new(snapshot, entitled, groups, guards, usage, now);
    let roster = index.roster(snapshot, &Scope::AllPeople, &Accepted::new());
    let mut seen: BTreeSet<(String, Option<LicenseType>)> = BTreeSet::new();
    let mut holders = Vec::new();
    for row in &roster.rows {
        for seat in &row.licenses {
            // In a conflict a seat stands beside each who may be meant.
            if seen.insert((seat.subject.key(), seat.license.clone())) {
                holders.push(judge.holder(row, seat));
            }
        }
    }
    holders.sort_by_cached_key(|holder| {
        (
            holder.name.key(),
            holder.subject.key(),
            holder.license.clone(),
        )
    });
    Review {
        holders,
        gaps: judge.gaps(),
    }
}

struct Judge<'a> {
    snapshot: &'a Snapshot,
    entitled: &'a Entitled,
    groups: &'a [DirectoryGroupId],
    ways: BTreeMap<&'a PersonId, Vec<DirectoryGroupId>>,
    protected: Protected,
    admins: BTreeSet<UserId>,
    usage: Option<&'a Usage>,
    now: Timestamp,
}

impl<'a> Judge<'a> {
    fn new(
        snapshot: &'a Snapshot,
        entitled: &'a Entitled,
        groups: &'a [DirectoryGroupId],
        guards: &Guards,
        usage: Option<&'a Usage>,
        now: Timestamp,
    ) -> Self {
        Self {
            snapshot,
            entitled,
            groups,
            ways: ways(snapshot, groups),
            protected: Protected::new(&guards.resolved(&snapshot.tenant, &[])),
            admins: administrators(&snapshot.tenant),
            usage,
            now,
        }
    }

    fn gaps(&self) -> Vec<String> {
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

    fn holder(&self, row: &Row, seat: &LicenseAssignment) -> Holder {
        let user = user_of(row, seat);
        let name = row.name().cloned();
        let email = user.and_then(|user| user.email.clone());
        let mail = row.person.as_ref().and_then(|person| person.mail.clone());
        Holder {
            row: row.key.clone(),
            subject: seat.subject.clone(),
            license: seat.license.clone(),
            since: seat
                .created
                .as_ref()
                .and_then(|at| at.expose().parse().ok()),
            name: name.unwrap_or_else(|| Raw::from(seat.subject.expose())),
            email: email.or(mail),
            user: user.map(|user| user.id.clone()),
            status: user.map(|user| user.status.clone()),
            standing: self.standing(row, seat, user),
            notes: notes(row, seat, user),
            last_use: self.last_use(user),
            owns: user.map_or_else(Vec::new, |user| self.owns(&user.id)),
        }
    }

    fn owns(&self, user: &UserId) -> Vec<Raw> {
        let spaces = &self.snapshot.tenant.spaces.value;
        let theirs = spaces
            .iter()
            .filter(|space| space.owner.as_ref() == Some(user));
        theirs.map(|space| space.name.clone()).collect()
    }

    fn standing(&self, row: &Row, seat: &LicenseAssignment, user: Option<&User>) -> Standing {
        if let Some(why) = self.protection(seat, user) {
            return Standing::Protected(why);
        }
        let today = self.now.to_zoned(TimeZone::UTC).date();
        let ids = user.map(|user| user.id.expose());
        let mails = user.iter().filter_map(|user| user.email.as_ref());
        let signs = std::iter::once(seat.subject.expose())
            .chain(ids)
            .chain(mails.map(Raw::expose))
            .chain(
                row.person
                    .iter()
                    .flat_map(|person| person.signs())
                    .map(Raw::expose),
            );
        if let Some(exception) = self.entitled.exception(signs, today) {
            return Standing::Excepted(exception.why.clone());
        }
        if self.groups.is_empty() {
            return Standing::NotAsked;
        }
        let person = match (&row.person, &row.matched) {
            (_, Match::Conflict(conflict)) => return Standing::Unknown(several(conflict)),
            (Some(person), Match::Email { accepted: false }) => {
                return Standing::Unknown(format!(
                    "{} has the same e-mail; not accepted as the same person",
                    person.name.show()
                ));
            }
            (person, _) => person,
        };
        match person.as_ref().and_then(|person| self.ways.get(&person.id)) {
            Some(way) if way.is_empty() => Standing::Member(self.direct(row)),
            Some(way) => Standing::Nested(way.iter().map(|id| self.named(id)).collect()),
            // Who is not in a group is known only when all of its members were read.
            None => match self.unread_group() {
                Some(gap) => Standing::Unknown(gap),
                None => Standing::Stranger,
            },
        }
    }

    /// Approved groups that hold somebody directly.
    fn direct(&self, row: &Row) -> Vec<Raw> {
        let Some(person) = &row.person else {
            return Vec::new();
        };
        let members = &self.snapshot.directory.members;
        let holds = |id: &&DirectoryGroupId| {
            members.get(*id).is_some_and(|reading| {
                let mut theirs = reading.value.iter();
                theirs.any(|member| member.person == person.id && member.is_direct())
            })
        };
        let groups = self.groups.iter().filter(holds);
        groups.map(|id| self.named(id)).collect()
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

    fn last_use(&self, user: Option<&User>) -> LastUse {
        let (Some(usage), Some(user)) = (self.usage, user) else {
            return if self.usage.is_some() {
                LastUse::NoUser
            } else {
                LastUse::NotRead
            };
        };
        if !usage.knows(&user.id) {
            return LastUse::NotRead;
        }
        if let Some(at) = usage.last.get(&user.id) {
            return LastUse::At(*at);
        }
        let created = user.created.as_ref();
        let created: Option<Timestamp> = created.and_then(|at| at.expose().parse().ok());
        match created {
            Some(created) if created > usage.from => LastUse::NeverSince(created),
            _ => LastUse::NotSince(usage.from),
        }
    }
}

/// The user who holds the seat: the row's, where the subject is theirs.
fn user_of<'r>(row: &'r Row, seat: &LicenseAssignment) -> Option<&'r User> {
    let user = row.user.as_deref()?;
    (user.subject.key() == seat.subject.key()).then_some(user)
}

fn several(conflict: &Conflict) -> String {
    match conflict {
        Conflict::SeveralUsers(users) => format!("{} users fit", users.len()),
        Conflict::SeveralPeople(people) => format!("{} people fit", people.len()),
        Conflict::SharedMailbox(people) => format!("{} people share the mailbox", people.len()),
        Conflict::SameSubject(people) => format!("{} people give the subject", people.len()),
    }
}

fn notes(row: &Row, seat: &LicenseAssignment, user: Option<&User>) -> Vec<Note> {
    let status = user.map(|user| &user.status);
    let person = row.person.as_ref();
    let all = [
        (Note::Orphan, user.is_none()),
        (Note::Excess, seat.excess),
        (
            Note::DisabledThere,
            person.is_some_and(|person| person.enabled == Enabled::No),
        ),
        (Note::DisabledHere, status == Some(&UserStatus::Disabled)),
        (Note::SeveralSeats, row.licenses.len() > 1),
        (
            Note::NeverCame,
            matches!(status, Some(UserStatus::Invited | UserStatus::Provisioned)),
        ),
        (Note::NoPerson, person.is_none() && user.is_some()),
    ];
    let there = all.into_iter().filter(|(_, is)| *is);
    there.map(|(note, _)| note).collect()
}
