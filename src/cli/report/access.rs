//! Who may what in which space, as a sheet.

use serde_json::{Value, json};

use super::sheet::Sheet;
use crate::domain::{Snapshot, SpaceRole};
use crate::planner::access::{Access, Source, access};
use crate::text::Raw;

/// Every access of those whose name or id holds the text; of everybody without one.
pub(super) fn accesses(snapshot: &Snapshot, person: Option<&str>, gaps: Vec<String>) -> Sheet {
    let wanted = person.map(str::to_lowercase);
    let fits = |one: &Access| {
        wanted
            .as_ref()
            .is_none_or(|wanted| one.name.key().contains(wanted) || one.user.key() == *wanted)
    };
    let all: Vec<Access> = access(snapshot).into_iter().filter(fits).collect();
    let redundant = all.iter().filter(|one| one.redundant).count();
    Sheet {
        name: "access",
        lead: vec![format!(
            "{} accesses to {} spaces; {redundant} give nothing that another way does not give.",
            all.len(),
            snapshot.tenant.spaces.value.len()
        )],
        head: vec!["Name", "E-mail", "Space", "Type", "Roles", "From", "Note"],
        rows: all.iter().map(row).collect(),
        data: all.iter().map(data).collect(),
        summary: json!({ "accesses": all.len(), "redundant": redundant }),
        tail: Vec::new(),
        gaps,
    }
}

fn row(one: &Access) -> Vec<Raw> {
    let source = match &one.source {
        Source::Owner => Raw::from("owner"),
        Source::Direct => Raw::from("direct"),
        Source::Group(name) => Raw::from(format!("group {}", name.expose())),
    };
    let roles: Vec<&str> = one.roles.iter().map(SpaceRole::expose).collect();
    let roles = if one.source == Source::Owner {
        "all".to_owned()
    } else {
        roles.join(", ")
    };
    let notes = [
        (one.redundant, "redundant"),
        (!one.enabled, "disabled in Qlik"),
    ];
    let notes = notes.iter().filter(|(is, _)| *is).map(|(_, words)| *words);
    vec![
        one.name.clone(),
        one.email.clone().unwrap_or_else(|| Raw::from("")),
        one.space.clone(),
        one.kind.clone(),
        Raw::from(roles),
        source,
        Raw::from(notes.collect::<Vec<_>>().join(", ")),
    ]
}

fn data(one: &Access) -> Value {
    let (source, group) = match &one.source {
        Source::Owner => ("owner", None),
        Source::Direct => ("direct", None),
        Source::Group(name) => ("group", Some(name)),
    };
    json!({
        "user": one.user,
        "name": one.name,
        "email": one.email,
        "space": one.space,
        "type": one.kind,
        "roles": one.roles,
        "source": source,
        "group": group,
        "redundant": one.redundant,
        "enabled": one.enabled,
    })
}
