//! One holder after the other.

use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

use super::standing::Standing;
use crate::domain::{
    Claim, DirectoryGroupId, Enabled, Entitled, Guards, LicenseAssignment, LicenseType, Match,
    OtherTenant, Person, PersonId, Protected, Row, RowKey, Snapshot, Subject, Usage, User, UserId,
    UserStatus, administrators,
};
use crate::planner::roster::{Accepted, Index, Scope, ways};
use crate::text::Raw;

/// What is odd about a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "`words` says what each means")]
pub enum Note {
    Orphan,
    Elsewhere,
    Nowhere,
    Excess,
    DisabledThere,
    DisabledHere,
    SeveralSeats,
    NeverCame,
    NoPerson,
    OlderSubject,
}

impl Note {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 10] = [
        Self::Orphan,
        Self::Elsewhere,
        Self::Nowhere,
        Self::Excess,
        Self::DisabledThere,
        Self::DisabledHere,
        Self::SeveralSeats,
        Self::OlderSubject,
        Self::NeverCame,
        Self::NoPerson,
    ];

    /// In our words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Orphan => "no user here",
            Self::Elsewhere => "used in another tenant",
            Self::Nowhere => "in no tenant that was asked",
            Self::Excess => "in excess",
            Self::DisabledThere => "disabled in the directory",
            Self::DisabledHere => "disabled in Qlik",
            Self::SeveralSeats => "several seats",
            Self::NeverCame => "never came",
            Self::NoPerson => "not in the directory",
            Self::OlderSubject => "on an older subject",
        }
    }
}

/// How old a look may be of whose absence something is said.
const CURRENT: SignedDuration = SignedDuration::from_hours(24);

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
    /// The other tenant in which the subject is a user.
    pub elsewhere: Option<String>,
    /// Whose the seat is, where nobody has its subject here: no user, and no person of the directory.
    pub claim: Option<Claim>,
    /// When they were last seen.
    pub last_use: LastUse,
    /// Spaces they own, by name; apps and other items too, where somebody asked.
    pub owns: Vec<Raw>,
    /// Whether somebody asked what they own besides spaces.
    pub owns_read: bool,
}

/// All holders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// By name, then by subject and type.
    pub holders: Vec<Holder>,
    /// The rows in which they stand.
    pub rows: BTreeMap<RowKey, Row>,
    /// Exceptions that fit nobody who holds a seat, or have run out, in our words.
    pub unmet: Vec<String>,
    /// Why some of it is missing: lists that were not read whole, in our words.
    pub gaps: Vec<String>,
    /// Why other tenants on the license do not tell whom they know; nothing but seats of nobody here
    /// hangs on that.
    pub untold: Vec<String>,
}

/// What is asked about the seats of a tenant.
#[derive(Clone, Copy, Debug)]
pub struct Inquiry<'a> {
    /// The join of both sides, prepared.
    pub index: &'a Index,
    /// Both sides.
    pub snapshot: &'a Snapshot,
    /// Exceptions of the profile.
    pub entitled: &'a Entitled,
    /// The approved groups.
    pub groups: &'a [DirectoryGroupId],
    /// E-mail matches that were accepted as the same person.
    pub accepted: &'a Accepted,
    /// Who is protected.
    pub guards: &'a Guards,
    /// When people were last seen, where somebody looked.
    pub usage: Option<&'a Usage>,
    /// Now.
    pub now: Timestamp,
}

/// Looks at every seat.
pub fn review(inquiry: &Inquiry<'_>) -> Review {
    let Inquiry {
        index,
        snapshot,
        entitled,
        groups,
        accepted,
        guards,
        usage,
        now,
    } = *inquiry;
    let judge = Judge {
        index,
        snapshot,
        entitled,
        groups,
        ways: ways(snapshot, groups),
        direct: direct(snapshot, groups),
        owned: owned(snapshot),
        protected: Protected::new(&guards.resolved(&snapshot.tenant, &[])),
        admins: administrators(&snapshot.tenant),
        usage,
        now,
    };
    let roster = index.roster(snapshot, &Scope::AllPeople, accepted);
    let mut seen: BTreeSet<(String, Option<LicenseType>)> = BTreeSet::new();
    let mut holders = Vec::new();
    let mut rows = BTreeMap::new();
    let mut named: BTreeSet<usize> = BTreeSet::new();
    for row in &roster.rows {
        for seat in &row.licenses {
            // In a conflict a seat stands beside each who may be meant.
            if seen.insert((seat.subject.key(), seat.license.clone())) {
                named.extend(judge.naming(row, seat));
                holders.push(judge.holder(row, seat));
            }
        }
    }
    // Whoever several people may be stands in no row of theirs; the seat is held all the same.
    for seat in &snapshot.tenant.licensing.value.assignments {
        if seen.insert((seat.subject.key(), seat.license.clone())) {
            let row = alone(seat);
            named.extend(judge.naming(&row, seat));
            holders.push(judge.holder(&row, seat));
            rows.insert(row.key.clone(), row);
        }
    }
    let held: BTreeSet<RowKey> = holders.iter().map(|holder| holder.row.clone()).collect();
    let all = roster.rows.into_iter();
    rows.extend(all.filter_map(|row| held.contains(&row.key).then(|| (row.key.clone(), row))));
    holders.sort_by_cached_key(|holder| {
        (
            holder.name.key(),
            holder.subject.key(),
            holder.license.clone(),
        )
    });
    Review {
        holders,
        rows,
        unmet: judge.unmet(&named),
        gaps: judge.gaps(),
        untold: snapshot
            .tenant
            .others
            .iter()
            .filter_map(OtherTenant::gap)
            .collect(),
    }
}

fn direct<'a>(
    snapshot: &'a Snapshot,
    groups: &'a [DirectoryGroupId],
) -> BTreeMap<&'a PersonId, Vec<&'a DirectoryGroupId>> {
    let mut direct: BTreeMap<&PersonId, Vec<&DirectoryGroupId>> = BTreeMap::new();
    for group in groups {
        let members = snapshot.directory.members.get(group);
        let members = members.into_iter().flat_map(|reading| &reading.value);
        for member in members.filter(|member| member.is_direct()) {
            direct.entry(&member.person).or_default().push(group);
        }
    }
    direct
}

fn owned(snapshot: &Snapshot) -> BTreeMap<&UserId, Vec<Raw>> {
    let mut owned: BTreeMap<&UserId, Vec<Raw>> = BTreeMap::new();
    for space in &snapshot.tenant.spaces.value {
        if let Some(owner) = &space.owner {
            owned.entry(owner).or_default().push(space.name.clone());
        }
    }
    owned
}

/// A row for a seat that stands in none.
fn alone(seat: &LicenseAssignment) -> Row {
    Row {
        key: RowKey::Seat(seat.subject.clone()),
        person: None,
        user: None,
        subject: None,
        matched: Match::None,
        licenses: vec![seat.clone()],
        via: None,
    }
}

pub(super) struct Judge<'a> {
    pub(super) index: &'a Index,
    pub(super) snapshot: &'a Snapshot,
    pub(super) entitled: &'a Entitled,
    pub(super) groups: &'a [DirectoryGroupId],
    pub(super) ways: BTreeMap<&'a PersonId, Vec<DirectoryGroupId>>,
    /// The approved groups that hold a person directly.
    pub(super) direct: BTreeMap<&'a PersonId, Vec<&'a DirectoryGroupId>>,
    /// Names of the spaces that a user owns.
    owned: BTreeMap<&'a UserId, Vec<Raw>>,
    pub(super) protected: Protected,
    pub(super) admins: BTreeSet<UserId>,
    pub(super) usage: Option<&'a Usage>,
    pub(super) now: Timestamp,
}

impl Judge<'_> {
    fn holder(&self, row: &Row, seat: &LicenseAssignment) -> Holder {
        let user = user_of(row, seat);
        let person = counted(row);
        let theirs = user.map(|user| user.name.clone());
        let name = person.map(|person| person.name.clone()).or(theirs);
        let email = user.and_then(|user| user.email.clone());
        let mail = person.and_then(|person| person.mail.clone());
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
            notes: self.notes(row, seat, user),
            claim: self.claim(row, seat),
            elsewhere: self
                .snapshot
                .tenant
                .used_in(&seat.subject)
                .map(str::to_owned),
            last_use: self.last_use(user),
            owns_read: false,
            owns: user
                .and_then(|user| self.owned.get(&user.id).cloned())
                .unwrap_or_default(),
        }
    }

    fn notes(&self, row: &Row, seat: &LicenseAssignment, user: Option<&User>) -> Vec<Note> {
        let status = user.map(|user| &user.status);
        let person = counted(row);
        let tenant = &self.snapshot.tenant;
        // Who is not in a list is known only when it was read whole.
        let all_users = tenant.users.proof.gap().is_none();
        let all_people = self.snapshot.directory.people.proof.gap().is_none();
        let nobody = user.is_none() && self.is_no_user(seat);
        let all = [
            (Note::Orphan, nobody && all_users),
            (Note::Elsewhere, tenant.used_in(&seat.subject).is_some()),
            (
                Note::Nowhere,
                nobody && tenant.claim(&seat.subject) == Claim::Nobody,
            ),
            (Note::Excess, seat.excess),
            (
                Note::DisabledThere,
                person.is_some_and(|person| person.enabled == Enabled::No),
            ),
            (Note::DisabledHere, status == Some(&UserStatus::Disabled)),
            (Note::SeveralSeats, row.licenses.len() > 1),
            (Note::OlderSubject, is_older(row, seat)),
            (
                Note::NeverCame,
                matches!(status, Some(UserStatus::Invited | UserStatus::Provisioned)),
            ),
            (
                Note::NoPerson,
                row.person.is_none() && user.is_some() && all_people,
            ),
        ];
        let there = all.into_iter().filter(|(_, is)| *is);
        there.map(|(note, _)| note).collect()
    }

    /// Whether no user here has the subject of a seat, as far as users were read.
    pub(super) fn is_no_user(&self, seat: &LicenseAssignment) -> bool {
        let mut users = self.index.users_with_subject(&seat.subject);
        users.next().is_none()
    }

    fn claim(&self, row: &Row, seat: &LicenseAssignment) -> Option<Claim> {
        let mut people = self.index.people_with_subject(&seat.subject);
        let nobody = self.is_no_user(seat) && row.person.is_none() && people.next().is_none();
        nobody.then(|| self.snapshot.tenant.claim(&seat.subject))
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
        // An old look says nothing about the days since.
        if self.now.duration_since(usage.until) > CURRENT {
            return LastUse::NotRead;
        }
        let created = user.created.as_ref();
        let created: Option<Timestamp> = created.and_then(|at| at.expose().parse().ok());
        match created {
            Some(created) if created > usage.from => LastUse::NeverSince(created),
            _ => LastUse::NotSince(usage.from),
        }
    }
}

/// Whether somebody's seat hangs on another subject than the one they sign in by.
fn is_older(row: &Row, seat: &LicenseAssignment) -> bool {
    let by_email = matches!(row.matched, Match::Email { .. });
    let expected = row.subject.as_ref().filter(|_| by_email);
    expected.is_some_and(|expected| expected.key() != seat.subject.key())
}

/// The user who holds the seat: the row's, where the subject is theirs.
pub(super) fn user_of<'r>(row: &'r Row, seat: &LicenseAssignment) -> Option<&'r User> {
    let user = row.user.as_deref()?;
    (user.subject.key() == seat.subject.key()).then_some(user)
}

/// The person, where the match counts.
pub(super) fn counted(row: &Row) -> Option<&Person> {
    let counts = !matches!(
        row.matched,
        Match::Email { accepted: false } | Match::Conflict(_)
    );
    row.person.as_deref().filter(|_| counts)
}
