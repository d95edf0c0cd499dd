//! Options of `qroll plan` to a staging: the same wishes that keys on the screen make.

use std::collections::{BTreeMap, BTreeSet};

use super::gather::Gathered;
use super::plan::{PlanArgs, Short, SpaceOption};
use super::resolve;
use crate::domain::{
    Allowed, AutoAssign, LicenseType, LicenseWish, Licensing, PersonId, RowKey, ShortStock,
    SpaceRole, SpaceWish, Staging, Subject, Target, UserId, Wish,
};
use crate::ports::{Kind, Problem};
use crate::text::{Raw, show_str};

/// The word of `--license` for having none.
pub(super) const NO_LICENSE: &str = "none";

/// What `--space` gave: `NAME=role[,role]`.
pub(super) fn space_option(text: &str) -> Result<SpaceOption, String> {
    let (name, roles) = text
        .rsplit_once('=')
        .ok_or("expected NAME=role[,role], for example Finance=consumer")?;
    let roles: BTreeSet<SpaceRole> = roles
        .split(',')
        .map(str::trim)
        .filter(|role| !role.is_empty())
        .map(SpaceRole::from)
        .collect();
    if name.trim().is_empty() || roles.is_empty() {
        return Err("expected NAME=role[,role], for example Finance=consumer".to_owned());
    }
    Ok(SpaceOption {
        name: name.trim().to_owned(),
        roles,
    })
}

/// Stages what was asked for.
///
/// # Errors
/// A license, a space role or a tenant role that the tenant does not have.
pub(super) fn stage(
    args: &PlanArgs,
    gathered: &Gathered,
    holders: Option<&[RowKey]>,
) -> Result<Staging, Problem> {
    let wish = wish(args, gathered)?;
    let tenant = &gathered.snapshot.tenant;
    let mut staging = Staging {
        short: short(args, |name| resolve::license(&tenant.licensing.value, name))?,
        lookalikes: args
            .accept_lookalike
            .iter()
            .map(|subject| Subject::from(subject.as_str()))
            .collect(),
        accepted: accepted(&args.accept_email, gathered)?,
        allowed: Allowed {
            unproven: args.allow_unproven,
            orphans: args.allow_orphans,
            ..Allowed::default()
        },
        ..Staging::default()
    };
    staging.auto_assign = args.auto_assign_off.then(AutoAssign::default);
    if let Some(holders) = holders {
        // Groups and people were read to know who they are.
        let rows = holders.iter().cloned().map(Target::Row);
        staging.wishes = rows.map(|target| (target, wish.clone())).collect();
        return Ok(staging);
    }
    let rows = gathered
        .people
        .iter()
        .cloned()
        .map(|id| Target::Row(RowKey::Person(id)));
    let set = gathered.narrowed.clone();
    let everybody = args.all && set.is_none();
    let targets = gathered
        .groups
        .iter()
        .cloned()
        .map(Target::Group)
        .chain(rows)
        .chain(everybody.then_some(Target::AllPeople))
        .chain(set.map(Target::Set));
    staging.wishes = targets.map(|target| (target, wish.clone())).collect();
    Ok(staging)
}

/// Who is said to be the user with this subject, because both have one e-mail.
fn accepted(
    subjects: &[String],
    gathered: &Gathered,
) -> Result<BTreeMap<PersonId, UserId>, Problem> {
    let users = &gathered.snapshot.tenant.users.value;
    let people = &gathered.snapshot.directory.people.value;
    let mut accepted = BTreeMap::new();
    for subject in subjects {
        let slip = |text: &str| {
            let text = format!("--accept-email {}: {text}", show_str(subject));
            Problem::new(Kind::User, text).hint("Name the subject as the finding does.")
        };
        let key = Subject::from(subject.as_str()).key();
        let user = users.iter().find(|user| user.subject.key() == key);
        let user = user.ok_or_else(|| slip("no user of the tenant has this subject"))?;
        let address = user.email.as_ref().map(Raw::key);
        let same = people.values().filter(|person| {
            let mut mails = person.mails();
            mails.any(|mail| Some(mail.key()) == address)
        });
        let before = accepted.len();
        accepted.extend(same.map(|person| (person.id.clone(), user.id.clone())));
        if accepted.len() == before {
            return Err(slip("nobody of the people read has this user's e-mail"));
        }
    }
    Ok(accepted)
}

fn wish(args: &PlanArgs, gathered: &Gathered) -> Result<Wish, Problem> {
    let tenant = &gathered.snapshot.tenant;
    let license = args
        .license
        .as_deref()
        .map(|name| license(&tenant.licensing.value, name))
        .transpose()?;
    let license = license.or(args.rekey.then_some(LicenseWish::Move));
    let gives_none = matches!(license, Some(LicenseWish::TakeBack | LicenseWish::Move));
    let mut spaces: BTreeMap<_, BTreeSet<SpaceRole>> = BTreeMap::new();
    for (id, option) in gathered.spaces.iter().zip(&args.space) {
        resolve::space_roles(&tenant.spaces.value, id, &option.roles)?;
        spaces
            .entry(id.clone())
            .or_default()
            .extend(option.roles.iter().cloned());
    }
    Ok(Wish {
        // Nobody gets a record for the sake of a license that is taken back or moved.
        provision: !gives_none,
        license,
        spaces: spaces
            .into_iter()
            .map(|(id, roles)| (id, SpaceWish::Add(roles)))
            .collect(),
        roles: resolve::roles(&tenant.roles, &args.role)?
            .into_iter()
            .collect(),
        ladder: None,
    })
}

/// What `--license` gave.
fn license(known: &Licensing, name: &str) -> Result<LicenseWish, Problem> {
    if name == NO_LICENSE {
        return Ok(LicenseWish::TakeBack);
    }
    resolve::license(known, name).map(LicenseWish::Hold)
}

fn short(
    args: &PlanArgs,
    license: impl Fn(&str) -> Result<LicenseType, Problem>,
) -> Result<ShortStock, Problem> {
    let asked = args.short.is_some() || !args.fallback.is_empty();
    if asked && args.license.as_deref() == Some(NO_LICENSE) {
        return Err(Problem::new(
            Kind::User,
            "--license none takes licenses back: no seat can be short",
        )
        .hint("Leave out --short and --fallback."));
    }
    let types = args
        .fallback
        .iter()
        .map(|name| license(name))
        .collect::<Result<Vec<_>, _>>()?;
    match (args.short, types.is_empty()) {
        (Some(Short::Wait) | None, true) => Ok(ShortStock::Wait),
        (Some(Short::LeaveOut), true) => Ok(ShortStock::LeaveOut),
        (Some(Short::Fallback) | None, false) => Ok(ShortStock::FallBack(types)),
        (Some(Short::Fallback), true) => Err(Problem::new(
            Kind::User,
            "--short fallback needs --fallback with the licenses to fall back to",
        )
        .hint("Example: --license professional --short fallback --fallback analyzer")),
        (Some(_), false) => Err(Problem::new(
            Kind::User,
            "--fallback goes with --short fallback",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_named_with_their_roles() {
        let option = space_option("Q1 = a=consumer, dataconsumer,").unwrap();
        assert_eq!(option.name, "Q1 = a");
        assert_eq!(option.roles.len(), 2);
        for bad in ["Finance", "Finance=", "=consumer", "Finance=,"] {
            assert!(
                space_option(bad).unwrap_err().contains("NAME=role"),
                "{bad}"
            );
        }
    }
}
