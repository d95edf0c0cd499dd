//! Domain values in the few words that a cell holds.

use jiff::Timestamp;

use super::theme::Mean;
use crate::app::{App, GroupBy, needs_decision};
use crate::domain::{
    Assignee, Change, Conflict, Enabled, LicenseType, Match, PersonKind, Row, SpaceSeat, Tier,
    UserStatus, Verdict,
};
use crate::planner::{LicenseChange, Pending, UserChange};

/// A word and what it means.
pub(super) type Cell = (String, Mean);

/// The sign before a row: what somebody has to look at, else what is staged.
pub(super) fn sign(row: &Row, pending: Option<&Pending>) -> (&'static str, Mean) {
    if matches!(row.matched, Match::Conflict(_)) {
        return ("!", Mean::Warn);
    }
    if needs_decision(row) {
        return ("?", Mean::Warn);
    }
    if row
        .person
        .as_ref()
        .is_some_and(|person| person.enabled == Enabled::No)
    {
        return ("x", Mean::Quiet);
    }
    pending.map_or((" ", Mean::Plain), staged_sign)
}

fn staged_sign(pending: &Pending) -> (&'static str, Mean) {
    let takes = pending.spaces_removed > 0
        || matches!(pending.user, Some(UserChange::Disable | UserChange::Delete))
        || matches!(pending.license, Some(LicenseChange::TakeBack(_)));
    let changes = matches!(pending.user, Some(UserChange::Enable))
        || pending.spaces_changed > 0
        || matches!(
            pending.license,
            Some(LicenseChange::Change(..) | LicenseChange::Move(..))
        );
    if takes {
        ("-", Mean::Remove)
    } else if changes {
        ("~", Mean::Change)
    } else if pending.skipped.is_some() {
        (" ", Mean::Plain)
    } else {
        ("+", Mean::Add)
    }
}

/// The Directory column.
pub(super) fn directory(app: &App, row: &Row) -> Cell {
    let Some(person) = &row.person else {
        return ("-".to_owned(), Mean::Quiet);
    };
    if person.enabled == Enabled::No {
        return ("x disabled".to_owned(), Mean::Warn);
    }
    let kind = match person.kind {
        PersonKind::Member => "",
        PersonKind::Guest => "guest",
        PersonKind::Service => "service",
        PersonKind::Contact => "contact",
    };
    let text = match row.via.as_deref() {
        Some([]) if kind.is_empty() => "direct".to_owned(),
        Some([.., last]) => format!("via {}", app.group_name(last)),
        None if kind.is_empty() => match person.enabled {
            Enabled::Unknown => "present".to_owned(),
            Enabled::Yes | Enabled::No => "enabled".to_owned(),
        },
        Some([]) | None => kind.to_owned(),
    };
    (text, Mean::Plain)
}

/// The Qlik column.
pub(super) fn qlik(row: &Row, pending: Option<&Pending>) -> Cell {
    if let Some(change) = pending.and_then(|pending| pending.user.as_ref()) {
        return match change {
            UserChange::Create => ("- +user".to_owned(), Mean::Add),
            UserChange::Enable => ("~ enable".to_owned(), Mean::Change),
            UserChange::Disable => ("- disable".to_owned(), Mean::Remove),
            UserChange::Delete => ("- delete".to_owned(), Mean::Remove),
        };
    }
    match (&row.matched, &row.user) {
        (Match::Conflict(conflict), _) => (conflict_cell(conflict), Mean::Warn),
        (Match::Email { accepted }, Some(user)) => {
            let mean = if *accepted { Mean::Plain } else { Mean::Warn };
            (user.subject.show().to_string(), mean)
        }
        (_, Some(user)) => {
            let mean = if user.status == UserStatus::Disabled {
                Mean::Warn
            } else {
                Mean::Plain
            };
            (user.status.word().to_owned(), mean)
        }
        (_, None) => ("-".to_owned(), Mean::Quiet),
    }
}

fn conflict_cell(conflict: &Conflict) -> String {
    match conflict {
        Conflict::SeveralUsers(users) => format!("{} users", users.len()),
        Conflict::SeveralPeople(people) => format!("{} people", people.len()),
        Conflict::SharedMailbox(_) => "shared mail".to_owned(),
        Conflict::SameSubject(_) => "same subject".to_owned(),
    }
}

/// The License column.
pub(super) fn license(row: &Row, pending: Option<&Pending>) -> Cell {
    if let Some(change) = pending.and_then(|pending| pending.license.as_ref()) {
        let name = |license: &LicenseType| license.show().to_string();
        return match change {
            LicenseChange::Add(new) => (format!("+ {}", name(new)), Mean::Add),
            LicenseChange::FellBack(new) => (format!("+ {}", name(new)), Mean::Warn),
            LicenseChange::Change(_, new) => (format!("~ {}", name(new)), Mean::Change),
            LicenseChange::Move(_, kind) => (format!("> {}", name(kind)), Mean::Change),
            LicenseChange::TakeBack(old) => (format!("- {}", name(old)), Mean::Remove),
            LicenseChange::Waits(_, place) => (format!("waiting {place}"), Mean::Warn),
            LicenseChange::LeftOut(_) => ("left out".to_owned(), Mean::Warn),
        };
    }
    match row.license() {
        Some(license) if row.licenses.len() > 1 => (
            format!("{} x{}", license.show(), row.licenses.len()),
            Mean::Warn,
        ),
        Some(license) => (license.show().to_string(), Mean::Plain),
        None => ("-".to_owned(), Mean::Quiet),
    }
}

/// The Spaces column.
pub(super) fn spaces(held: usize, pending: Option<&Pending>) -> Cell {
    let (more, less) = pending.map_or((0, 0), |p| (p.spaces_added, p.spaces_removed));
    let other = pending.map_or(0, |p| p.spaces_changed);
    let held = if held > 0 {
        held.to_string()
    } else {
        String::new()
    };
    match (more, less) {
        (0, 0) if other > 0 => (format!("{held}~{other}"), Mean::Change),
        (0, 0) if held.is_empty() => ("-".to_owned(), Mean::Quiet),
        (0, 0) => (held, Mean::Plain),
        (more, 0) => (format!("{held}+{more}"), Mean::Add),
        (0, less) => (format!("{held}-{less}"), Mean::Remove),
        (more, less) => (format!("{held}+{more}-{less}"), Mean::Change),
    }
}

/// A span in the largest unit that says something.
pub(super) fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// How long something still holds, to the nearest hour; in minutes once it is below two hours.
pub(super) fn left(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..7200 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h", (seconds + 1800) / 3600),
    }
}

/// How long ago.
pub(super) fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - then.as_second();
    if seconds < 60 {
        "just now".to_owned()
    } else {
        format!("{} ago", span(seconds))
    }
}

/// A number with thousands apart.
pub(super) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// So many of something: `1 person`, `2 people`.
pub(super) fn counted(count: u64, one: &str, several: &str) -> String {
    let word = if count == 1 { one } else { several };
    format!("{} {word}", number(count))
}

/// A change in few words, with its sign; safe to show.
pub(super) fn change(change: &Change, under: GroupBy) -> Cell {
    let (mean, changed) = if change.is_removal() {
        (Mean::Remove, Mean::Remove)
    } else {
        (Mean::Add, Mean::Change)
    };
    match change {
        Change::CreateUser { subject, .. } => {
            (format!("+ user {}", subject.show().elided(18)), mean)
        }
        Change::UpdateUser { before, after, .. } if before.status != after.status => (
            format!("~ user {} to {}", before.status.word(), after.status.word()),
            Mean::Change,
        ),
        Change::UpdateUser { after, .. } => (format!("~ name {}", after.name.show()), Mean::Change),
        Change::DisableUser { .. } => ("- disable user".to_owned(), Mean::Remove),
        Change::DeleteUser { .. } => ("- DELETE user".to_owned(), Mean::Remove),
        Change::AddLicense { after, .. } => (format!("+ {}", after.license.show()), mean),
        Change::ChangeLicense { before, after, .. } => (
            format!("~ {} to {}", before.license.show(), after.license.show()),
            changed,
        ),
        Change::MoveLicense { before, after, .. } => (
            format!(
                "> {} {} to {}",
                after.license.show(),
                before.subject.show().elided(16),
                after.subject.show().elided(12)
            ),
            Mean::Change,
        ),
        Change::RemoveLicense { before, .. } => {
            (format!("- {}", before.license.show()), Mean::Remove)
        }
        Change::CreateGroup { .. } => ("+ group known to the tenant".to_owned(), mean),
        Change::AddSpaceAssignment { target, after, .. } => {
            (format!("+ {} {}", place(target, under), roles(after)), mean)
        }
        Change::ChangeSpaceAssignment {
            target,
            before,
            after,
        } => (
            format!(
                "~ {} {} to {}",
                place(target, under),
                roles(before),
                roles(after)
            ),
            changed,
        ),
        Change::RemoveSpaceAssignment { target, before, .. } => (
            format!("- {} {}", place(target, under), roles(before)),
            Mean::Remove,
        ),
        Change::SetRoles { before, after, .. } => {
            let (old, new) = (before.roles.len(), after.roles.len());
            (format!("~ tenant roles {old} to {new}"), Mean::Change)
        }
        Change::SetAutoAssign { after, .. } => {
            let word = |on| if on { "on" } else { "off" };
            (
                format!(
                    "~ analyzer {}, professional {}",
                    word(after.analyzer),
                    word(after.professional)
                ),
                Mean::Change,
            )
        }
    }
}

/// What the head of the line does not say already: the space under a person's name, the assignee
/// under the space's.
fn place(seat: &SpaceSeat, under: GroupBy) -> String {
    let (name, space) = (seat.name.show(), seat.space.name.show());
    let group = matches!(seat.assignee, Assignee::Group(_) | Assignee::NewGroup(_));
    match (under, group) {
        (GroupBy::Person, true) => format!("group {name} in {space}"),
        (GroupBy::Space, true) => format!("group {name}"),
        (GroupBy::Person, false) => space.to_string(),
        (GroupBy::Space, false) => name.to_string(),
    }
}

fn roles(roles: &[crate::domain::SpaceRole]) -> String {
    let words: Vec<String> = roles.iter().map(|role| role.show().to_string()).collect();
    words.join("+")
}

/// The two letters of a verdict, and what it means.
pub(super) fn verdict(verdict: &Verdict) -> (&'static str, Mean) {
    match verdict {
        Verdict::Applied => ("ok", Mean::Add),
        Verdict::Already => ("==", Mean::Plain),
        Verdict::NotApplied { .. } => ("no", Mean::Remove),
        Verdict::Unknown { .. } => ("??", Mean::Warn),
        Verdict::Skipped { .. } => ("--", Mean::Quiet),
    }
}

/// What a verdict has to say beside its word; safe to show.
pub(super) fn verdict_detail(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Applied => String::new(),
        Verdict::Already => "was so already".to_owned(),
        Verdict::NotApplied { code, reason } => {
            let code = code
                .as_ref()
                .map_or_else(String::new, |code| format!("{} ", code.show()));
            format!("{code}{}", reason.show())
        }
        Verdict::Unknown { check } => format!("unknown; {}", check.show()),
        Verdict::Skipped { detail, .. } => format!("skipped: {}", detail.show()),
    }
}

/// Name of a tier.
pub(super) fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::One => "tier 1",
        Tier::Two => "tier 2",
        Tier::Special => "special tier",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_rounded_to_what_it_was_made_for() {
        let day = 24 * 3600;
        for (seconds, told) in [
            (day, "24 h"),
            (day - 1, "24 h"),
            (day - 1799, "24 h"),
            (day - 1801, "23 h"),
            (7200, "2 h"),
            (7199, "120 min"),
            (3600, "60 min"),
            (61, "1 min"),
            (59, "59 s"),
            (-1, "0 s"),
        ] {
            assert_eq!(left(seconds), told, "{seconds}");
        }
    }

    #[test]
    fn numbers_and_spans_read_well() {
        assert_eq!(number(4812), "4,812");
        assert_eq!(number(100_000), "100,000");
        assert_eq!(number(12), "12");
        assert_eq!(
            (span(59), span(61), span(7200), span(200_000)),
            (
                "59 s".to_owned(),
                "1 min".to_owned(),
                "2 h".to_owned(),
                "2 d".to_owned()
            )
        );
    }
}
