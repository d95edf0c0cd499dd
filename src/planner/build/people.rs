//! User records and tenant roles: who is made, enabled, given roles; who is skipped and why.

use std::collections::BTreeSet;

use super::draft::{Draft, Key, Pad, Step, names};
use super::plan::Selection;
use crate::domain::{
    Change, FindingCode, Person, PersonId, PersonKind, Role, RoleId, RolesState, RowKey,
    SourceKind, Target, Undo, User, UserDraft, UserRef, UserState, UserStatus,
};
use crate::planner::desk::{Case, Fate, who};
use crate::planner::wishes::Reach;
use crate::text::Raw;

pub(super) fn plan(pad: &mut Pad<'_, '_>, selection: &Selection) {
    let desk = pad.desk;
    unknown_roles(pad);
    for (at, case) in desk.cases.iter().enumerate() {
        skipped(pad, case);
        if case.served() {
            record(pad, at, case);
            roles(pad, at, case);
        }
    }
    outsiders(pad, selection);
    let creates = desk.cases.iter().any(Case::creates);
    if creates && desk.snapshot.directory.kind == SourceKind::Entra {
        pad.note(
            FindingCode::NotChecked,
            &Raw::default(),
            "whether Entra assigns the Qlik application to these people was not checked",
            "see the application's users and groups in Entra",
        );
    }
}

/// The name of a row that is not there.
pub(super) fn key_name(key: &RowKey) -> Raw {
    match key {
        RowKey::Person(id) => id.raw().clone(),
        RowKey::User(id) => id.raw().clone(),
        RowKey::Seat(subject) => subject.raw().clone(),
    }
}

/// A user by immutable id, with subject and name for the reader.
pub(in crate::planner) fn reference(user: &User) -> UserRef {
    UserRef {
        id: user.id.clone(),
        subject: user.subject.clone(),
        name: user.name.clone(),
    }
}

/// What qroll may change of a record.
pub(in crate::planner) fn state(user: &User, status: UserStatus) -> UserState {
    UserState {
        name: user.name.clone(),
        status,
    }
}

fn skipped(pad: &mut Pad<'_, '_>, case: &Case) {
    let name = who(&case.row);
    if let Some(skip) = &case.skip {
        let (mut text, hint) = skip.words();
        let records = records(pad, case);
        if !records.is_empty() {
            text = format!("{text}: {records}");
        }
        pad.warn(skip.code(), &name, text, hint);
    }
    let guest = case
        .row
        .person
        .as_ref()
        .is_some_and(|person| person.kind == PersonKind::Guest);
    if guest && case.served() {
        pad.note(
            FindingCode::GuestPerson,
            &name,
            "is a guest of the directory",
            "make sure that the identity provider lets guests into Qlik",
        );
    }
}

/// Records of a conflict that are named; more are counted.
const NAMED: usize = 4;

/// Both sides of a conflict, in a list.
fn records(pad: &Pad<'_, '_>, case: &Case) -> String {
    let parties = pad.desk.index.parties(&case.row);
    let people = parties.people.iter().map(|person| {
        let sign = person.upn.as_ref().or(person.mail.as_ref());
        let sign = sign.unwrap_or(person.id.raw());
        format!("person {} ({})", person.name.expose(), sign.expose())
    });
    let users = parties
        .users
        .iter()
        .map(|user| format!("user {} ({})", user.subject.expose(), user.status.word()));
    // The row's own person is whom the finding is about.
    let own = case.row.person.as_ref().map(|person| &person.id);
    let people = people
        .zip(&parties.people)
        .filter(|(_, person)| Some(&person.id) != own)
        .map(|(text, _)| text);
    let all: Vec<String> = people.chain(users).collect();
    let more = all.len().saturating_sub(NAMED);
    let mut named = all.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 {
        named = format!("{named} and {more} more");
    }
    named
}

fn record(pad: &mut Pad<'_, '_>, at: usize, case: &Case) {
    if case.creates() {
        create(pad, at, case);
    } else if let (true, Some(user)) = (case.enables(), &case.user) {
        pad.push(Draft::new(
            Step::Users,
            (at, user.id.clone()),
            Change::UpdateUser {
                target: reference(user),
                before: state(user, user.status.clone()),
                after: state(user, UserStatus::Active),
            },
            case.wish.told("marked row, disabled in Qlik"),
            Undo::Reversible,
        ));
    }
}

fn create(pad: &mut Pad<'_, '_>, at: usize, case: &Case) {
    let (Some(person), Some(subject)) = (&case.row.person, &case.subject) else {
        return;
    };
    let email = person.mail.clone().filter(|mail| !mail.is_blank());
    if email.is_none() {
        pad.warn(
            FindingCode::NoEmail,
            &who(&case.row),
            "has no e-mail: Qlik may refuse the record, and cannot match the person by e-mail later",
            "fill the mail attribute in the directory",
        );
    }
    let draft = UserDraft {
        name: name_of(person),
        email,
        roles: known_roles(pad, case),
        person: person.id.clone(),
    };
    let change = Change::CreateUser {
        subject: subject.clone(),
        before: (),
        after: draft,
    };
    let key = subject.folded();
    pad.push(
        Draft::new(
            Step::Users,
            (at, key.clone()),
            change,
            why(case),
            // A reversal leaves the record, as it leaves a group that was made.
            Undo::Impossible,
        )
        .makes(Key::User(key)),
    );
}

fn name_of(person: &Person) -> Raw {
    if person.name.is_blank() {
        person
            .upn
            .clone()
            .unwrap_or_else(|| person.id.raw().clone())
    } else {
        person.name.clone()
    }
}

/// Where the wish comes from, in a clause.
fn why(case: &Case) -> String {
    match &case.wish.reach {
        Reach::Row => "marked, not in Qlik".to_owned(),
        Reach::Set(words) => format!("not in Qlik; {words}"),
        Reach::Group => "in a marked group, not in Qlik".to_owned(),
        Reach::Everybody => "everybody is marked; not in Qlik".to_owned(),
    }
}

/// Wished roles that the tenant has, sorted.
fn known_roles(pad: &Pad<'_, '_>, case: &Case) -> Vec<RoleId> {
    let known = &pad.desk.snapshot.tenant.roles.value;
    case.wish
        .roles
        .iter()
        .filter(|id| known.iter().any(|role| role.id == **id))
        .cloned()
        .collect()
}

fn unknown_roles(pad: &mut Pad<'_, '_>) {
    let known = &pad.desk.snapshot.tenant.roles;
    let mut missing: Vec<&RoleId> = pad
        .desk
        .cases
        .iter()
        .flat_map(|case| &case.wish.roles)
        .filter(|id| !known.value.iter().any(|role| role.id == **id))
        .collect();
    missing.sort();
    missing.dedup();
    for role in missing {
        pad.error(
            FindingCode::UnknownRole,
            role.raw(),
            "the tenant has no such role, as far as roles were read",
            "choose from the list of roles; they are case-sensitive",
        );
    }
}

/// Roles of an existing user: the whole list is written, so it must have been read.
fn roles(pad: &mut Pad<'_, '_>, at: usize, case: &Case) {
    let Some(user) = &case.user else { return };
    let wished = known_roles(pad, case);
    if wished.iter().all(|role| user.roles.contains(role)) {
        return;
    }
    let tenant = &pad.desk.snapshot.tenant;
    if !tenant.roles.proof.is_proven() || !tenant.users.proof.is_proven() {
        pad.warn(
            FindingCode::IncompleteSource,
            &who(&case.row),
            "roles are written as a whole list, and the list held was not read completely",
            "refresh; reading roles needs an administrator's rights",
        );
        return;
    }
    // The change holds ids, as the request does; the reader of the plan gets the names.
    let new = |role: &&Role| wished.contains(&role.id) && !user.roles.contains(&role.id);
    let added: Vec<Raw> = tenant
        .roles
        .value
        .iter()
        .filter(new)
        .map(|role| role.name.clone())
        .collect();
    let why = case
        .wish
        .told(&format!("adds {}, beside the roles held", names(&added)));
    let mut before = user.roles.clone();
    before.sort();
    let mut after = before.clone();
    after.extend(wished);
    after.sort();
    after.dedup();
    pad.push(Draft::new(
        Step::Roles,
        (at, user.id.clone()),
        Change::SetRoles {
            target: reference(user),
            before: RolesState { roles: before },
            after: RolesState { roles: after },
        },
        why,
        Undo::Reversible,
    ));
}

/// People licensed by hand who are below no marked group: they match no rule.
fn outsiders(pad: &mut Pad<'_, '_>, selection: &Selection) {
    let desk = pad.desk;
    let directory = &desk.snapshot.directory;
    let staged = desk.staging.wishes.keys();
    let groups = staged.clone().filter_map(|target| match target {
        Target::Group(id) => Some(id),
        Target::Row(_) | Target::AllPeople | Target::Set(_) | Target::QlikGroup(_) => None,
    });
    let sets = staged.filter_map(|target| match target {
        Target::Set(set) if set.is_in_groups() => Some(set.people(directory)),
        _ => None,
    });
    let members: BTreeSet<&PersonId> = selection
        .groups
        .iter()
        .chain(groups)
        .filter_map(|id| directory.members.get(id))
        .flat_map(|reading| &reading.value)
        .map(|member| &member.person)
        .chain(sets.flatten())
        .collect();
    let outside: Vec<Raw> = desk
        .cases
        .iter()
        .filter(|case| case.wish.license_by_hand && case.served())
        .filter(|case| matches!(case.license.fate, Fate::Given | Fate::FellBack(_)))
        .filter(|case| {
            let person = case.row.person.as_ref();
            !person.is_some_and(|person| members.contains(&person.id))
        })
        .map(|case| who(&case.row))
        .collect();
    if !outside.is_empty() {
        pad.note(
            FindingCode::NotInApprovedGroup,
            &Raw::from(names(&outside)),
            format!("{} hold a seat by name and match no rule: they will show under Strangers unless excepted", outside.len()),
            "add them to one of these groups in the directory; this plan takes nothing from them",
        );
    }
}
