//! The truth of a small tenant: what is there, what each call does to it, and a log of effects.

use qroll::domain::{
    Allotment, Assignee, AutoAssign, Group, GroupProvider, LicenseAssignment, LicenseState,
    LicenseType, SpaceAssignment, SpaceId, Subject, User, UserId, UserStatus,
};
use qroll::ports::{ItemReply, Observation, Question, Reply, WriteCall};
use qroll::text::Raw;
use std::collections::BTreeMap;

/// Everything the tenant knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct World {
    pub(super) users: BTreeMap<UserId, User>,
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) seats: BTreeMap<String, LicenseState>,
    pub(super) rows: BTreeMap<(SpaceId, Assignee), SpaceAssignment>,
    pub(super) auto_assign: AutoAssign,
    /// Seats bought by type; no entry is no end of them.
    pub(super) pools: BTreeMap<String, i64>,
    /// Subjects whose license is refused though there is room.
    pub(super) refused: Vec<String>,
    /// Largest license batch that is accepted; 0 is any.
    pub(super) largest: usize,
    pub(super) next: u64,
    /// One entry for each change of state, by what it did.
    pub(super) effects: Vec<String>,
}

fn yes(status: u16, id: Option<String>) -> Reply {
    Reply::Yes {
        status,
        id,
        trace: Some(Raw::from("trace-1")),
    }
}

fn no(status: u16, reason: &str) -> Reply {
    Reply::No {
        status,
        code: None,
        reason: Raw::from(reason),
        trace: None,
    }
}

fn conflict() -> Reply {
    Reply::Ambiguous {
        status: Some(409),
        cause: Raw::from("conflict"),
        trace: None,
    }
}

/// The names that calls have in the log; also those of the plan's operations.
pub(super) fn effect_names(call: &WriteCall) -> Vec<String> {
    match call {
        WriteCall::CreateUser { subject, .. } => vec![format!("create_user {}", subject.expose())],
        WriteCall::UpdateUser { user, after, .. } => {
            vec![format!("user {} {}", user.expose(), after.status.word())]
        }
        WriteCall::DeleteUser { user } => vec![format!("delete {}", user.expose())],
        WriteCall::SetRoles { user, .. } => vec![format!("roles {}", user.expose())],
        WriteCall::CreateGroup { name } => vec![format!("create_group {}", name.expose())],
        WriteCall::AddLicenses { items } => items.iter().map(|item| seat("add", item)).collect(),
        WriteCall::RemoveLicenses { items } => {
            items.iter().map(|item| seat("remove", item)).collect()
        }
        WriteCall::UpdateLicenses { items } => {
            items.iter().map(|(_, item)| seat("update", item)).collect()
        }
        WriteCall::AddAssignment {
            space, assignee, ..
        } => vec![format!("add_row {} {assignee:?}", space.expose())],
        WriteCall::ChangeAssignment { assignment, .. } => {
            vec![format!("change_row {}", assignment.expose())]
        }
        WriteCall::RemoveAssignment { assignment, .. } => {
            vec![format!("remove_row {}", assignment.expose())]
        }
        WriteCall::SetAutoAssign { .. } => vec!["auto_assign".to_owned()],
    }
}

fn seat(verb: &str, item: &LicenseState) -> String {
    format!("{verb} {} {}", item.subject.expose(), item.license.expose())
}

impl World {
    fn fresh_id(&mut self, what: &str) -> String {
        self.next += 1;
        format!("{what}-{}", self.next)
    }

    pub(super) fn add_user(&mut self, id: &str, subject: &str, email: Option<&str>) {
        let user = User {
            id: id.into(),
            subject: subject.into(),
            name: Raw::from(subject),
            email: email.map(Raw::from),
            status: UserStatus::Active,
            roles: Vec::new(),
            groups: Vec::new(),
            created: None,
            invite_expiry: None,
            bot: false,
        };
        self.users.insert(user.id.clone(), user);
    }

    pub(super) fn add_seat(&mut self, subject: &str, license: &str) {
        let state = LicenseState {
            subject: Subject::from(subject),
            license: LicenseType::from(license),
        };
        self.seats.insert(state.subject.key(), state);
    }

    fn used(&self, license: &LicenseType) -> i64 {
        let used = self.seats.values().filter(|seat| seat.license == *license);
        i64::try_from(used.count()).expect("few")
    }

    /// Does what a call asks, as Qlik does.
    pub(super) fn apply(&mut self, call: &WriteCall) -> Reply {
        let before = self.clone();
        let reply = self.change(call);
        if !matches!(reply, Reply::Items { .. }) && *self != before {
            self.effects.extend(effect_names(call));
        }
        reply
    }

    /// As [`World::apply`], without the log of effects.
    pub(super) fn change(&mut self, call: &WriteCall) -> Reply {
        match call {
            WriteCall::CreateUser { subject, draft } => {
                let email = draft.email.as_ref().map(Raw::key);
                let taken = self.users.values().any(|user| {
                    user.subject.key() == subject.key()
                        || (email.is_some() && user.email.as_ref().map(Raw::key) == email)
                });
                if taken {
                    return conflict();
                }
                let id = self.fresh_id("user");
                self.add_user(&id, subject.expose(), draft.email.as_ref().map(Raw::expose));
                let user = self.users.get_mut(&UserId::from(id.as_str())).expect("new");
                user.status = UserStatus::Invited;
                user.name = draft.name.clone();
                user.roles.clone_from(&draft.roles);
                yes(201, Some(id))
            }
            WriteCall::UpdateUser { user, after, .. } => match self.users.get_mut(user) {
                Some(user) => {
                    user.name = after.name.clone();
                    user.status = after.status.clone();
                    yes(204, None)
                }
                None => no(404, "no such user"),
            },
            WriteCall::SetRoles { user, roles } => match self.users.get_mut(user) {
                Some(user) => {
                    user.roles.clone_from(roles);
                    yes(204, None)
                }
                None => no(404, "no such user"),
            },
            WriteCall::DeleteUser { user } => match self.users.remove(user) {
                Some(_) => yes(204, None),
                None => no(404, "no such user"),
            },
            WriteCall::CreateGroup { name } => {
                if self.groups.contains_key(name.expose()) {
                    return conflict();
                }
                let id = self.fresh_id("group");
                let group = Group {
                    id: id.as_str().into(),
                    name: name.clone(),
                    provider: GroupProvider::Idp,
                    roles: Vec::new(),
                };
                self.groups.insert(name.expose().to_owned(), group);
                yes(201, Some(id))
            }
            WriteCall::SetAutoAssign { to } => {
                self.auto_assign = *to;
                yes(204, None)
            }
            WriteCall::AddLicenses { .. }
            | WriteCall::RemoveLicenses { .. }
            | WriteCall::UpdateLicenses { .. } => self.change_seats(call),
            _ => self.change_rows(call),
        }
    }

    fn change_rows(&mut self, call: &WriteCall) -> Reply {
        match call {
            WriteCall::AddAssignment {
                space,
                assignee,
                roles,
            } => {
                let key = (space.clone(), assignee.clone());
                if self.rows.contains_key(&key) {
                    return conflict();
                }
                if let Assignee::User(id) = assignee
                    && !self.users.contains_key(id)
                {
                    return no(404, "no such user");
                }
                if let Assignee::Group(id) = assignee
                    && !self.groups.values().any(|group| group.id == *id)
                {
                    return no(404, "no such group");
                }
                let id = self.fresh_id("row");
                let row = SpaceAssignment {
                    id: id.as_str().into(),
                    assignee: assignee.clone(),
                    roles: roles.clone(),
                };
                self.rows.insert(key, row);
                yes(201, Some(id))
            }
            WriteCall::ChangeAssignment {
                assignment, roles, ..
            } => match self.rows.values_mut().find(|row| row.id == *assignment) {
                Some(row) => {
                    row.roles.clone_from(roles);
                    yes(200, None)
                }
                None => no(404, "no such assignment"),
            },
            WriteCall::RemoveAssignment { assignment, .. } => {
                let before = self.rows.len();
                self.rows.retain(|_, row| row.id != *assignment);
                if self.rows.len() == before {
                    return no(404, "no such assignment");
                }
                yes(204, None)
            }
            _ => no(400, "not for rows"),
        }
    }

    fn change_seats(&mut self, call: &WriteCall) -> Reply {
        let mut items = Vec::new();
        let names = effect_names(call);
        if self.largest > 0 && names.len() > self.largest {
            return no(413, "too large");
        }
        let wishes: Vec<(Option<LicenseState>, Option<LicenseState>)> = match call {
            WriteCall::AddLicenses { items } => items
                .iter()
                .map(|item| (None, Some(item.clone())))
                .collect(),
            WriteCall::RemoveLicenses { items } => items
                .iter()
                .map(|item| (Some(item.clone()), None))
                .collect(),
            WriteCall::UpdateLicenses { items } => items
                .iter()
                .map(|(from, to)| (Some(from.clone()), Some(to.clone())))
                .collect(),
            _ => Vec::new(),
        };
        for ((from, to), name) in wishes.into_iter().zip(names) {
            let (status, code) = self.change_seat(from.as_ref(), to.as_ref());
            if status < 300 {
                self.effects.push(name);
            }
            let echo = to.or(from).expect("one of them");
            items.push(ItemReply {
                subject: echo.subject,
                license: Some(echo.license),
                status,
                code: code.map(Raw::from),
                title: code.map(Raw::from),
            });
        }
        Reply::Items { items, trace: None }
    }

    fn change_seat(
        &mut self,
        from: Option<&LicenseState>,
        to: Option<&LicenseState>,
    ) -> (u16, Option<&'static str>) {
        if let Some(from) = from
            && self
                .seats
                .get(&from.subject.key())
                .map(|seat| &seat.license)
                != Some(&from.license)
        {
            return (404, Some("LICENSES-016"));
        }
        if let Some(to) = to {
            let moved = from.is_some_and(|from| from.license == to.license);
            let full = self
                .pools
                .get(to.license.expose())
                .is_some_and(|units| self.used(&to.license) >= *units);
            let refused = self
                .refused
                .iter()
                .any(|subject| subject == to.subject.expose());
            if refused || (full && !moved) {
                return (403, Some("LICENSES-011"));
            }
            let same_person = from.is_some_and(|from| from.subject.key() == to.subject.key());
            if !same_person && self.seats.contains_key(&to.subject.key()) {
                return (409, Some("LICENSES-009"));
            }
        }
        if let Some(from) = from {
            self.seats.remove(&from.subject.key());
        }
        if let Some(to) = to {
            self.seats.insert(to.subject.key(), to.clone());
        }
        (if from.is_none() { 201 } else { 200 }, None)
    }

    /// Answers a question.
    pub(super) fn answer(&self, question: &Question) -> Observation {
        match question {
            Question::UsersBySubject(subjects) => Observation::Users(
                self.users
                    .values()
                    .filter(|user| subjects.iter().any(|one| one.key() == user.subject.key()))
                    .cloned()
                    .collect(),
            ),
            Question::UsersByEmail(emails) => Observation::Users(
                self.users
                    .values()
                    .filter(|user| {
                        let email = user.email.as_ref().map(Raw::key);
                        emails.iter().any(|one| Some(one.key()) == email)
                    })
                    .cloned()
                    .collect(),
            ),
            Question::User(id) => Observation::User(self.users.get(id).cloned()),
            Question::GroupByName(name) => Observation::Groups(
                self.groups
                    .get(name.expose())
                    .cloned()
                    .into_iter()
                    .collect(),
            ),
            Question::LicensesOf(subjects) => Observation::Licenses(
                self.seats
                    .values()
                    .filter(|seat| subjects.iter().any(|one| one.key() == seat.subject.key()))
                    .map(|seat| LicenseAssignment {
                        subject: seat.subject.clone(),
                        license: Some(seat.license.clone()),
                        excess: false,
                        created: None,
                    })
                    .collect(),
            ),
            Question::AssignmentOf { space, assignee } => {
                Observation::Assignment(self.rows.get(&(space.clone(), assignee.clone())).cloned())
            }
            Question::AutoAssign => Observation::AutoAssign(self.auto_assign),
            Question::SignInsSince(_) => Observation::SignIns(BTreeMap::new()),
            Question::OwnedSince { .. } => Observation::Owned(Vec::new()),
            Question::Allotments => Observation::Allotments(
                self.pools
                    .iter()
                    .map(|(name, units)| Allotment {
                        name: name.as_str().into(),
                        units: *units,
                        used: self.used(&name.as_str().into()),
                        overage: 0,
                    })
                    .collect(),
            ),
        }
    }
}
