//! Space roles: which are creators' roles, and which legal role comes nearest to an illegal one.

use crate::domain::{Space, SpaceRole};

/// Roles that only take effect with a license that creates content.
const CREATING: [&str; 5] = [
    "producer",
    "publisher",
    "facilitator",
    "operator",
    "codeveloper",
];

/// Whether an analyzer gains little from it (help: space permissions).
pub fn is_creating(role: &SpaceRole) -> bool {
    CREATING.contains(&role.expose())
}

/// The two legal roles nearest to an illegal one, else all legal ones.
pub fn nearest_roles(space: &Space, role: &SpaceRole) -> Vec<SpaceRole> {
    let wished: &[&str] = match role.expose() {
        "producer" | "codeveloper" => &["contributor", "publisher", "producer", "facilitator"],
        "publisher" => &["producer", "contributor", "operator", "facilitator"],
        "contributor" => &["consumer", "producer", "codeveloper"],
        "consumer" => &["basicconsumer", "dataconsumer", "datapreview"],
        "dataconsumer" => &["datapreview", "consumer"],
        "datapreview" => &["dataconsumer", "consumer"],
        "operator" => &["publisher", "producer", "facilitator"],
        "basicconsumer" => &["consumer", "dataconsumer"],
        _ => &[],
    };
    let legal = |name: &&str| {
        let mut all = space.assignable_roles.iter();
        all.find(|role| role.expose() == *name).cloned()
    };
    let near: Vec<SpaceRole> = wished.iter().filter_map(legal).take(2).collect();
    if near.is_empty() {
        space.assignable_roles.clone()
    } else {
        near
    }
}

/// The same as a text.
pub(in crate::planner) fn nearest(space: &Space, role: &SpaceRole) -> String {
    let near = nearest_roles(space, role);
    let near: Vec<&str> = near.iter().map(SpaceRole::expose).collect();
    near.join(", ")
}
