//! Names that people type to the ids they stand for: exactly one, or a problem that helps.

use std::collections::BTreeSet;

use crate::domain::{
    Completeness, DirectoryGroup, DirectoryGroupId, LicenseType, Licensing, Reading, Role, RoleId,
    Space, SpaceId, SpaceRole, SubscriptionModel,
};
use crate::ports::{Kind, Problem};
use crate::text::{Raw, nearest};

/// Roles of shared, managed and data spaces (qlik.dev spaces reference).
const PUBLISHED_ROLES: [&str; 10] = [
    "basicconsumer",
    "codeveloper",
    "consumer",
    "contributor",
    "dataconsumer",
    "datapreview",
    "facilitator",
    "operator",
    "producer",
    "publisher",
];

/// Something that can be named.
struct Named<'a, I> {
    id: &'a I,
    /// As printed when several have the name.
    key: &'a str,
    name: &'a Raw,
    /// What tells it from others of its name.
    mark: String,
}

/// The one that is meant: by id, by exact name, by name without case.
fn one<'a, I>(
    what: &str,
    wanted: &str,
    all: &[Named<'a, I>],
    proof: &Completeness,
) -> Result<&'a I, Problem> {
    if let Some(named) = all.iter().find(|named| named.key == wanted) {
        return Ok(named.id);
    }
    let exact: Vec<&Named<'a, I>> = all
        .iter()
        .filter(|named| named.name.expose() == wanted)
        .collect();
    let key = Raw::from(wanted).key();
    let loose: Vec<&Named<'a, I>> = all.iter().filter(|named| named.name.key() == key).collect();
    let found = if exact.is_empty() { loose } else { exact };
    match found.as_slice() {
        [only] => Ok(only.id),
        [] => Err(unknown(what, wanted, all, proof)),
        several => {
            let mut problem = Problem::new(
                Kind::User,
                format!("{} {what}s are called \"{wanted}\"", several.len()),
            )
            .hint("Name it by its id:");
            for named in several.iter().take(10) {
                problem = problem.hint(format!("{}  {}", named.key, named.mark));
            }
            Err(problem)
        }
    }
}

fn unknown<I>(what: &str, wanted: &str, all: &[Named<'_, I>], proof: &Completeness) -> Problem {
    let problem = Problem::new(
        Kind::User,
        format!("there is no {what} called \"{wanted}\""),
    );
    let near = nearest(wanted, all.iter().map(|named| named.name.expose()));
    let problem = match near.as_slice() {
        [] if all.is_empty() => problem.hint(format!("No {what} could be read at all.")),
        [] => problem.hint(format!(
            "{} {what}s are known; none is spelled nearly so.",
            all.len()
        )),
        near => problem.hint(format!("Did you mean {}?", quoted(near))),
    };
    match proof {
        Completeness::Proven(_) | Completeness::Once(_) | Completeness::Moving(_) => problem,
        Completeness::Incomplete(cause) => problem.hint(format!(
            "Not every {what} could be read, so it may exist all the same: {cause}"
        )),
        Completeness::Unread => problem.hint(format!(
            "Not every {what} could be read, so it may exist all the same."
        )),
    }
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(" or ")
}

/// Directory groups.
pub(super) fn groups(
    known: &Reading<Vec<DirectoryGroup>>,
    wanted: &[String],
) -> Result<Vec<DirectoryGroupId>, Problem> {
    let all: Vec<_> = known
        .value
        .iter()
        .map(|group| Named {
            id: &group.id,
            key: group.id.expose(),
            name: &group.name,
            mark: group_mark(group),
        })
        .collect();
    wanted
        .iter()
        .map(|name| one("group", name, &all, &known.proof).cloned())
        .collect()
}

/// What tells a group from another of the same name.
fn group_mark(group: &DirectoryGroup) -> String {
    let about = match (&group.description, group.size) {
        (Some(text), _) => text.show().to_string(),
        (None, Some(size)) => format!("{size} people"),
        (None, None) => String::new(),
    };
    let mut words = group.marks().join(", ");
    if !words.is_empty() && !about.is_empty() {
        words.push_str(", ");
    }
    words + &about
}

/// Spaces.
pub(super) fn spaces(
    known: &Reading<Vec<Space>>,
    wanted: &[String],
) -> Result<Vec<SpaceId>, Problem> {
    let all: Vec<_> = known
        .value
        .iter()
        .map(|space| Named {
            id: &space.id,
            key: space.id.expose(),
            name: &space.name,
            mark: space.kind.word().to_owned(),
        })
        .collect();
    wanted
        .iter()
        .map(|name| one("space", name, &all, &known.proof).cloned())
        .collect()
}

/// Tenant roles.
pub(super) fn roles(known: &Reading<Vec<Role>>, wanted: &[String]) -> Result<Vec<RoleId>, Problem> {
    let all: Vec<_> = known
        .value
        .iter()
        .map(|role| Named {
            id: &role.id,
            key: role.id.expose(),
            name: &role.name,
            mark: String::new(),
        })
        .collect();
    wanted
        .iter()
        .map(|name| one("tenant role", name, &all, &known.proof).cloned())
        .collect()
}

/// Space roles: those that some space of the tenant knows. One that only this space does not take is
/// for the plan to explain; one that none takes is a slip of the pen.
pub(super) fn space_roles(
    known: &[Space],
    wanted: &SpaceId,
    roles: &BTreeSet<SpaceRole>,
) -> Result<(), Problem> {
    let Some(space) = known.iter().find(|space| space.id == *wanted) else {
        return Ok(());
    };
    let all: BTreeSet<&str> = known
        .iter()
        .flat_map(|space| &space.assignable_roles)
        .map(SpaceRole::expose)
        .chain(PUBLISHED_ROLES)
        .collect();
    let stranger = roles.iter().find(|role| !all.contains(role.expose()));
    let Some(stranger) = stranger.filter(|_| !space.assignable_roles.is_empty()) else {
        return Ok(());
    };
    let problem = Problem::new(
        Kind::User,
        format!("there is no space role called \"{}\"", stranger.expose()),
    );
    let here = || space.assignable_roles.iter().map(SpaceRole::expose);
    let near = match nearest(stranger.expose(), here()) {
        near if near.is_empty() => nearest(stranger.expose(), all.iter().copied()),
        near => near,
    };
    Err(match near.as_slice() {
        [] => problem.hint(format!(
            "The space \"{}\" takes: {}",
            space.name.expose(),
            here().collect::<Vec<_>>().join(", ")
        )),
        near => problem.hint(format!("Did you mean {}?", quoted(near))),
    })
}

/// License types of a user-based tenant; a capacity tenant has none, which the plan explains.
pub(super) fn license(known: &Licensing, wanted: &str) -> Result<LicenseType, Problem> {
    let types = || known.allotments.iter().map(|pool| pool.name.expose());
    let known_here = types().any(|name| name == wanted);
    if known_here || known.model != SubscriptionModel::UserBased {
        return Ok(LicenseType::from(wanted));
    }
    let problem = Problem::new(
        Kind::User,
        format!("the tenant has no license called \"{wanted}\""),
    );
    Err(match nearest(wanted, types()).as_slice() {
        [] => problem.hint(format!(
            "It has: {}. \"none\" takes licenses back.",
            types().collect::<Vec<_>>().join(", ")
        )),
        near => problem.hint(format!("Did you mean {}?", quoted(near))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Allotment, SpaceType};

    fn space(id: &str, name: &str) -> Space {
        Space {
            id: id.into(),
            name: name.into(),
            kind: SpaceType::Managed,
            owner: None,
            assignable_roles: Vec::new(),
        }
    }

    fn find(name: &str) -> Result<String, String> {
        let known = Reading::proven(
            vec![
                space("s1", "Finance"),
                space("s2", "Board"),
                space("s3", "board"),
                space("s4", "Lab"),
                space("s5", "Lab"),
            ],
            "test",
        );
        match spaces(&known, &[name.to_owned()]) {
            Ok(ids) => Ok(ids[0].expose().to_owned()),
            Err(problem) => Err(format!(
                "{} | {}",
                problem.text(),
                problem.hints().join(" | ")
            )),
        }
    }

    #[test]
    fn one_name_stands_for_one_thing() {
        assert_eq!(find("finance").as_deref(), Ok("s1"));
        assert_eq!(find("Board").as_deref(), Ok("s2"), "exact before loose");
        assert_eq!(find("s5").as_deref(), Ok("s5"), "an id always works");
        assert_eq!(
            find("Fimance"),
            Err("there is no space called \"Fimance\" | Did you mean \"Finance\"?".into())
        );
        assert_eq!(
            find("Lab"),
            Err(
                "2 spaces are called \"Lab\" | Name it by its id: | s4  managed | s5  managed"
                    .into()
            )
        );
        assert!(
            find("Warehouse")
                .unwrap_err()
                .contains("5 spaces are known")
        );
    }

    #[test]
    fn an_incomplete_list_says_so() {
        let known: Reading<Vec<Space>> = Reading {
            value: vec![space("s1", "Finance")],
            proof: Completeness::Unread,
        };
        let problem = spaces(&known, &["Board".into()]).unwrap_err();
        assert!(
            problem
                .hints()
                .iter()
                .any(|hint| hint.contains("may exist all the same"))
        );
    }

    #[test]
    fn licenses_are_those_of_the_tenant() {
        let mut known = Licensing::default();
        known.allotments.push(Allotment {
            name: "analyzer".into(),
            units: 1,
            used: 0,
            overage: 0,
        });
        assert!(license(&known, "analyzer").is_ok());
        let problem = license(&known, "analyser").unwrap_err();
        assert_eq!(problem.hints(), ["Did you mean \"analyzer\"?"]);
        known.model = SubscriptionModel::Capacity;
        assert!(license(&known, "analyser").is_ok());
    }
}
