//! What the plan relies on and was not read completely, and targets that are not there.

use std::collections::BTreeSet;

use super::draft::Pad;
use crate::domain::{
    Completeness, Decision, FindingCode, LicenseType, LicenseWish, PeopleSet, SpaceWish, Target,
    Wish,
};
use crate::planner::desk::capacity;
use crate::text::Raw;

pub(super) fn check(pad: &mut Pad<'_, '_>) {
    lists(pad);
    gaps(pad);
    doubts(pad);
    targets(pad);
    licenses(pad);
}

fn lists(pad: &mut Pad<'_, '_>) {
    let tenant = &pad.desk.snapshot.tenant;
    let wishes: Vec<&Wish> = pad.desk.staging.wishes.values().collect();
    let any = !wishes.is_empty();
    let licensed = wishes
        .iter()
        .any(|wish| wish.license.is_some() || wish.ladder.is_some());
    let grouped = pad.desk.staging.wishes.iter().any(|(target, wish)| {
        let mut spaces = wish.spaces.values();
        let gives = spaces.any(|one| !matches!(one, SpaceWish::Remove));
        matches!(target, Target::QlikGroup(_)) || matches!(target, Target::Group(_)) && gives
    });
    for (relied, part, proof) in [
        (any, "users", &tenant.users.proof),
        (licensed, "licenses", &tenant.licensing.proof),
        (grouped, "groups", &tenant.groups.proof),
    ] {
        if relied && proof.is_moving() {
            pad.note(
                FindingCode::SourceMoving,
                &Raw::from(part),
                format!(
                    "{part} of the tenant changed while they were read: what came later was kept"
                ),
                "they are read again before anything is taken away; each write looks again anyway",
            );
        }
        if let (true, Some(cause)) = (relied, proof.gap()) {
            pad.warn(
                FindingCode::IncompleteSource,
                &Raw::from(part),
                format!("{part} of the tenant were not read completely: {cause}; nothing is taken away on the strength of it"),
                "refresh; if it stays so, the credential may not see everything",
            );
        }
    }
}

/// People picked by readings that did not come whole.
fn gaps(pad: &mut Pad<'_, '_>) {
    for gap in pad.desk.gaps {
        let proof = Completeness::Incomplete(gap.cause.clone());
        unproven(pad, &gap.name, &proof);
    }
}

/// Readings that came whole and are hard to believe.
fn doubts(pad: &mut Pad<'_, '_>) {
    for doubt in &pad.desk.doubts {
        let decision = doubt.count.map(|count| Decision::Size {
            name: doubt.what.clone(),
            count,
        });
        let hint = match (&decision, doubt.of_tenant) {
            (Some(_), _) => "look at the source, or confirm that it is really so",
            (None, true) => "plan again when the tenant is quiet",
            (None, false) => "look at the source, then refresh",
        };
        pad.ask(
            FindingCode::SourceDoubt,
            &doubt.what,
            format!("{}: removals are off, nothing is taken away", doubt.cause),
            hint,
            decision,
        );
    }
}

/// Staged targets that the reading does not hold.
fn targets(pad: &mut Pad<'_, '_>) {
    let directory = &pad.desk.snapshot.directory;
    let shown: BTreeSet<_> = pad.desk.cases.iter().map(|case| &case.row.key).collect();
    for target in pad.desk.staging.wishes.keys() {
        match target {
            Target::Row(key) if !shown.contains(key) => pad.warn(
                FindingCode::UnknownPerson,
                &super::people::key_name(key),
                "is neither in the directory nor in the tenant as they were read",
                "refresh, then mark the row again",
            ),
            Target::Row(_) => {}
            Target::Group(id) => {
                let name = directory.group(id).map_or(id.raw(), |group| &group.name);
                match directory.members.get(id).map(|members| &members.proof) {
                    None => pad.error(
                        FindingCode::UnknownGroup,
                        name,
                        "its members were not read",
                        "check the name of the group, then refresh",
                    ),
                    Some(proof) => unproven(pad, name, proof),
                }
            }
            Target::AllPeople => unproven(pad, &Raw::from("all people"), &directory.people.proof),
            Target::Set(one) => set(pad, one),
            Target::QlikGroup(id) => {
                let groups = &pad.desk.snapshot.tenant.groups.value;
                if !groups.iter().any(|group| group.id == *id) {
                    pad.error(
                        FindingCode::UnknownGroup,
                        id.raw(),
                        "is not among the groups of the tenant as they were read",
                        "refresh; a group that is gone takes its assignments along",
                    );
                }
            }
        }
    }
}

/// A set needs every group that nobody may be in; the others may be cut, and then it takes nothing.
fn set(pad: &mut Pad<'_, '_>, set: &PeopleSet) {
    let directory = &pad.desk.snapshot.directory;
    if let Some(missing) = set.unknown(directory) {
        pad.error(
            FindingCode::IncompleteSource,
            &missing.name,
            missing.words(),
            "refresh; nothing is planned for people of whom it is not known",
        );
    }
    for gap in set.gaps(directory) {
        let proof = Completeness::Incomplete(gap.cause);
        unproven(pad, &gap.name, &proof);
    }
}

fn unproven(pad: &mut Pad<'_, '_>, name: &Raw, proof: &Completeness) {
    if let Some(cause) = proof.gap() {
        pad.warn(
            FindingCode::IncompleteSource,
            name,
            format!("was not read completely from the directory: {cause}; people may be missing, nothing is taken away"),
            "refresh; if it stays so, the credential may not see everything",
        );
    }
}

/// Types that this subscription does not have, each once.
fn licenses(pad: &mut Pad<'_, '_>) {
    if capacity(pad.desk.snapshot) {
        return;
    }
    let licensing = &pad.desk.snapshot.tenant.licensing.value;
    let wished: BTreeSet<&LicenseType> = pad
        .desk
        .staging
        .wishes
        .values()
        .filter_map(|wish| match &wish.license {
            Some(LicenseWish::Hold(license)) => Some(license),
            _ => None,
        })
        .filter(|license| licensing.allotment(license).is_none())
        .collect();
    let mut known: Vec<&str> = licensing
        .allotments
        .iter()
        .map(|pool| pool.name.expose())
        .collect();
    known.sort_unstable();
    for license in wished {
        pad.error(
            FindingCode::UnknownLicense,
            license.raw(),
            format!("this subscription has no {} seats", license.expose()),
            &format!("available: {}", known.join(", ")),
        );
    }
}
