//! The first-login check: would this person's first sign-in just work, and if not, why and which
//! key stages the mend. A cause is named once: what follows from it is not failed again.

use super::desk::{TenantView, who};
use super::outlook::{LicenseChange, Outlook, Pending, UserChange};
use super::wishes::{EffectiveWish, Wishes};
use crate::domain::{
    Assignee, DirectoryGroupId, Enabled, Match, PersonId, Row, Snapshot, Space, SpaceId, SpaceRole,
    Staging, SubscriptionModel, Target, UserStatus,
};
use crate::text::Raw;

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckWhat {
    /// The directory lets the person in.
    EnabledInDirectory,
    /// Qlik lets the person in.
    EnabledInQlik,
    /// There is a user record under the right subject.
    UserRecord,
    /// There is a license on the right subject.
    License,
    /// Qlik knows the marked group.
    GroupKnown,
    /// The person is in the marked group itself: nested members are not in the claim.
    DirectMember,
    /// The roles are legal in the space.
    RoleLegal,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// It is so.
    Ok,
    /// It will be so when what is staged is applied.
    Staged,
    /// The sign-in would fail or give less than wished.
    Failed,
    /// It was not read.
    Unknown,
}

/// One line of the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub what: CheckWhat,
    /// About which group or space; empty for the person.
    pub about: Raw,
    /// How it stands.
    pub state: CheckState,
    /// Why it fails or is unknown; empty otherwise.
    pub cause: Raw,
    /// The key of the product's key table that stages the mend.
    pub mend: Option<char>,
}

impl CheckWhat {
    /// Words for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::EnabledInDirectory => "enabled in directory",
            Self::EnabledInQlik => "enabled in Qlik",
            Self::UserRecord => "user record",
            Self::License => "license",
            Self::GroupKnown => "group known to Qlik",
            Self::DirectMember => "direct member",
            Self::RoleLegal => "role legal in space",
        }
    }
}

/// Both sides and what is staged, prepared for the checks of many rows.
#[derive(Debug)]
pub struct Logins<'a> {
    snapshot: &'a Snapshot,
    staging: &'a Staging,
    view: TenantView<'a>,
    wishes: Wishes<'a>,
}

impl<'a> Logins<'a> {
    /// Prepares.
    pub fn new(snapshot: &'a Snapshot, staging: &'a Staging) -> Self {
        Self {
            snapshot,
            staging,
            view: TenantView::new(snapshot),
            wishes: Wishes::new(staging, snapshot),
        }
    }

    /// Checks one row. `groups` are the marked groups; groups with a staged wish are looked at too.
    pub fn check(&self, row: &Row, outlook: &Outlook, groups: &[DirectoryGroupId]) -> Vec<Check> {
        let eye = Eye {
            snapshot: self.snapshot,
            row,
            staging: self.staging,
            view: &self.view,
            wish: self.wishes.of(row),
            pending: outlook.of(&row.key).cloned().unwrap_or_default(),
        };
        let mut checks = vec![
            eye.enabled_in_directory(),
            eye.enabled_in_qlik(),
            eye.record(),
        ];
        if self.snapshot.tenant.licensing.value.model != SubscriptionModel::Capacity {
            checks.push(eye.license());
        }
        checks.extend(eye.groups(groups));
        checks.extend(eye.roles());
        checks
    }
}

/// Checks one row against the snapshot and what is staged. `groups` are the marked groups; groups
/// with a staged wish are looked at too.
pub fn first_login(
    snapshot: &Snapshot,
    row: &Row,
    staging: &Staging,
    outlook: &Outlook,
    groups: &[DirectoryGroupId],
) -> Vec<Check> {
    Logins::new(snapshot, staging).check(row, outlook, groups)
}

struct Eye<'a> {
    snapshot: &'a Snapshot,
    row: &'a Row,
    staging: &'a Staging,
    view: &'a TenantView<'a>,
    wish: EffectiveWish,
    pending: Pending,
}

impl Eye<'_> {
    fn enabled_in_directory(&self) -> Check {
        let what = CheckWhat::EnabledInDirectory;
        match self.row.person.as_ref().map(|person| person.enabled) {
            Some(Enabled::Yes) => ok(what),
            Some(Enabled::No) => failed(
                what,
                "disabled in the directory; only its administrators can change that",
                'x',
            ),
            Some(Enabled::Unknown) => unknown(what, "the directory does not say"),
            // Whoever was not read yet is not gone.
            None if self.snapshot.directory.people.proof.is_proven() => {
                unknown(what, "no person of the directory belongs to this row")
            }
            None => unknown(
                what,
                "nobody read of the directory so far belongs to this row",
            ),
        }
    }

    fn enabled_in_qlik(&self) -> Check {
        let what = CheckWhat::EnabledInQlik;
        let status = self.row.joined_user().map(|user| &user.status);
        match (status, self.pending.user) {
            (Some(UserStatus::Disabled), Some(UserChange::Enable)) => staged(what),
            (Some(UserStatus::Disabled), _) => failed(what, "the record is disabled in Qlik", 'n'),
            (Some(UserStatus::Other(word)), _) => {
                unknown(what, &format!("status {} is new to qroll", word.expose()))
            }
            _ => ok(what),
        }
    }

    fn record(&self) -> Check {
        let what = CheckWhat::UserRecord;
        match (&self.row.matched, self.row.joined_user()) {
            (Match::Conflict(_), _) => failed(what, "several records or people fit: no guess", 'x'),
            (Match::Email { accepted: false }, _) => failed(
                what,
                "a user with this e-mail exists under another subject; accept it as the same person",
                '=',
            ),
            (_, Some(_)) => ok(what),
            (_, None) if self.row.person.is_some() && self.row.subject.is_none() => {
                failed(what, "an attribute of the subject template is missing", 'x')
            }
            (_, None) if self.pending.user == Some(UserChange::Create) => staged(what),
            (_, None) if !self.snapshot.tenant.users.proof.is_proven() => {
                unknown(what, "users were not read completely")
            }
            (_, None) => failed(what, "there is no user record", 'n'),
        }
    }

    fn license(&self) -> Check {
        let what = CheckWhat::License;
        if let Some(LicenseChange::TakeBack(_)) = &self.pending.license {
            return failed(what, "it is being taken back", 'x');
        }
        let expected = self.expected_key();
        let mut seats = self.row.licenses.iter();
        if seats.any(|seat| Some(seat.subject.key()) == expected) {
            return ok(what);
        }
        match &self.pending.license {
            Some(LicenseChange::Waits(license, position)) => Check {
                cause: Raw::new(format!(
                    "waits for a seat of {}, as number {position}",
                    license.expose()
                )),
                ..failed(what, "", 'l')
            },
            Some(LicenseChange::LeftOut(_)) => failed(what, "no seat is left", 'l'),
            Some(_) => staged(what),
            None if !self.row.licenses.is_empty() => failed(
                what,
                "the license is on the old subject; staging it moves it, no seat is used",
                'l',
            ),
            None if !self.snapshot.tenant.licensing.proof.is_proven() => {
                unknown(what, "licenses were not read completely")
            }
            None => failed(what, "there is no license", 'l'),
        }
    }

    /// The subject that will come at sign-in.
    fn expected_key(&self) -> Option<String> {
        let subject = self.row.subject.as_ref();
        let own = self.row.user.as_ref().map(|user| &user.subject);
        subject.or(own).map(crate::domain::Subject::key)
    }

    fn groups(&self, marked: &[DirectoryGroupId]) -> Vec<Check> {
        let mut ids: Vec<&DirectoryGroupId> = marked.iter().collect();
        ids.extend(
            self.staging
                .wishes
                .keys()
                .filter_map(|target| match target {
                    Target::Group(id) => Some(id),
                    Target::Row(_) | Target::AllPeople | Target::Set(_) | Target::QlikGroup(_) => {
                        None
                    }
                }),
        );
        ids.sort();
        ids.dedup();
        let Some(person) = self.row.person.as_ref() else {
            return Vec::new();
        };
        ids.into_iter()
            .filter_map(|id| self.group(id, &person.id))
            .collect()
    }

    /// A direct member needs the group to be known; a nested one is not in the claim, so whether
    /// Qlik knows the group does not matter to them.
    fn group(&self, id: &DirectoryGroupId, person: &PersonId) -> Option<Check> {
        let members = self.snapshot.directory.members.get(id)?;
        let member = members.value.iter().find(|one| one.person == *person)?;
        let name = self
            .snapshot
            .directory
            .group(id)
            .map(|group| group.name.clone());
        let check = if member.is_direct() {
            self.known(id)
        } else {
            self.nested(id, &member.via)
        };
        Some(Check {
            about: name.unwrap_or_else(|| id.raw().clone()),
            ..check
        })
    }

    fn known(&self, id: &DirectoryGroupId) -> Check {
        let what = CheckWhat::GroupKnown;
        let staged_space = self.wish.spaces.values().any(|space| {
            let given = space.by_group.get(id);
            given.is_some_and(|given| given.via.is_empty())
        });
        match self.view.claim(id) {
            None if self.view.namesakes(id).is_some() => {
                unknown(what, "the directory's groups were not read completely")
            }
            None => failed(what, "two groups of this name would be one in Qlik", 's'),
            Some(claim) if self.view.group(claim).is_some() => ok(what),
            Some(_) if staged_space => staged(what),
            Some(_) if !self.snapshot.tenant.groups.proof.is_proven() => {
                unknown(what, "groups were not read completely")
            }
            Some(_) => failed(
                what,
                "nobody of it has signed in yet; giving it a space creates it",
                's',
            ),
        }
    }

    fn nested(&self, id: &DirectoryGroupId, via: &[DirectoryGroupId]) -> Check {
        let what = CheckWhat::DirectMember;
        let given = self.spaces_of(id);
        let missing = |space: &&SpaceId| !self.holds(space) && !self.will_hold(space);
        let left = given.iter().copied().filter(|space| missing(space)).count();
        if !given.is_empty() && left == 0 {
            let all_held = given.iter().all(|space| self.holds(space));
            return if all_held { ok(what) } else { staged(what) };
        }
        let way = via
            .iter()
            .filter_map(|id| self.snapshot.directory.group(id))
            .map(|group| group.name.expose())
            .collect::<Vec<_>>()
            .join(" > ");
        Check {
            cause: Raw::new(format!(
                "member only through {way}: nested members are not in the claim"
            )),
            ..failed(what, "", 's')
        }
    }

    /// Spaces that a group gives, now or when what is staged is applied.
    fn spaces_of(&self, id: &DirectoryGroupId) -> Vec<&SpaceId> {
        let known = self.view.claim(id).and_then(|claim| self.view.group(claim));
        let now = self.view.spaces().map(|space| &space.id).filter(|space| {
            known.is_some_and(|group| {
                let assignee = Assignee::Group(group.id.clone());
                self.view.assignment(space, &assignee).is_some()
            })
        });
        let staged = self
            .wish
            .spaces
            .iter()
            .filter(|(_, space)| space.by_group.contains_key(id))
            .map(|(space, _)| space);
        let mut all: Vec<&SpaceId> = now.chain(staged).collect();
        all.sort();
        all.dedup();
        all
    }

    fn holds(&self, space: &SpaceId) -> bool {
        self.row.joined_user().is_some_and(|user| {
            let assignee = Assignee::User(user.id.clone());
            self.view.assignment(space, &assignee).is_some()
        })
    }

    fn will_hold(&self, space: &SpaceId) -> bool {
        let wished = self.wish.spaces.get(space);
        self.pending.skipped.is_none()
            && wished.is_some_and(|space| {
                !space.own.is_empty() || !space.by_group.is_empty() || space.exact.is_some()
            })
    }

    fn roles(&self) -> Vec<Check> {
        self.view
            .spaces()
            .filter_map(|space| self.role(space))
            .collect()
    }

    fn role(&self, space: &Space) -> Option<Check> {
        let what = CheckWhat::RoleLegal;
        let wished = self.wish.spaces.get(&space.id);
        let wished = wished.filter(|wish| !wish.remove).map(|wish| {
            let by_group = wish.by_group.values().flat_map(|given| &given.roles);
            let exact = wish.exact.iter().flatten();
            wish.own
                .iter()
                .chain(by_group)
                .chain(exact)
                .collect::<Vec<_>>()
        });
        let held = self.row.joined_user().and_then(|user| {
            let assignee = Assignee::User(user.id.clone());
            self.view.assignment(&space.id, &assignee)
        });
        let held = held.map(|row| row.roles.iter().collect::<Vec<_>>());
        let staged_roles = wished.is_some();
        let mut roles: Vec<&SpaceRole> = wished.or(held)?;
        roles.retain(|role| !space.assignable_roles.contains(role));
        let check = match roles.first() {
            None if staged_roles => staged(what),
            None => ok(what),
            Some(role) => Check {
                cause: Raw::new(format!(
                    "{} is not legal in a {} space; legal here: {}",
                    role.expose(),
                    space.kind.word(),
                    super::spaces::nearest(space, role)
                )),
                ..failed(what, "", 's')
            },
        };
        Some(Check {
            about: space.name.clone(),
            ..check
        })
    }
}

/// Whose check it is, for a heading.
pub fn heading(row: &Row) -> Raw {
    who(row)
}

fn ok(what: CheckWhat) -> Check {
    check(what, CheckState::Ok, "", None)
}

fn staged(what: CheckWhat) -> Check {
    check(what, CheckState::Staged, "", None)
}

fn unknown(what: CheckWhat, cause: &str) -> Check {
    check(what, CheckState::Unknown, cause, None)
}

fn failed(what: CheckWhat, cause: &str, mend: char) -> Check {
    check(what, CheckState::Failed, cause, Some(mend))
}

fn check(what: CheckWhat, state: CheckState, cause: &str, mend: Option<char>) -> Check {
    Check {
        what,
        about: Raw::default(),
        state,
        cause: Raw::from(cause),
        mend,
    }
}
