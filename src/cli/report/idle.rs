//! Who does not use their seat, as a sheet.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::seats::{PERSON, covered, last_use, person};
use super::sheet::Sheet;
use crate::domain::Usage;
use crate::planner::holders::{Idle, LastUse, Review, Spared, Unused, day, reaches, unused};
use crate::text::Raw;

/// Who does not use their seat.
pub(super) fn idle(review: &Review, rule: Unused, usage: &Usage, now: Timestamp) -> Sheet {
    let found = unused(review, rule, now);
    let proposed = found.iter().filter(|one| one.spared.is_none()).count();
    let mut head = PERSON.to_vec();
    head.extend(["Last use", "Days", "Proposed"]);
    let row = |one: &Idle<'_>| {
        let mut row = person(one.holder);
        row.extend([
            last_use(one.holder.last_use),
            Raw::from(one.days.to_string()),
            Raw::from(proposal(one)),
        ]);
        row
    };
    let unseen = review.holders.iter();
    let unseen =
        unseen.filter(|holder| matches!(holder.last_use, LastUse::NoUser | LastUse::NotRead));
    let unseen = unseen.count();
    let lead = vec![
        format!(
            "{} of {} holders were not seen for {} days or never; {proposed} are proposed to be taken back.",
            found.len(),
            review.holders.len(),
            rule.days
        ),
        covered(usage),
    ];
    let mut tail = Vec::new();
    if unseen > 0 {
        tail.push(format!(
            "{unseen} holders have no user here, so nothing is known of their use."
        ));
    }
    tail.push(
        "Who works by API key or by an OAuth client may leave no sign-in, and looks unused."
            .to_owned(),
    );
    let mut gaps = review.gaps.clone();
    if !reaches(usage.from, rule.days, now) {
        gaps.push(format!(
            "use: the tenant's events go back to {} only, so who was not seen since then cannot be judged for {} \
             days, and is not listed",
            day(usage.from),
            rule.days
        ));
    }
    if proposed > 0 {
        tail.push(format!(
            "To take these back: qroll plan --unused {} --license none --out plan.json",
            rule.days
        ));
    }
    Sheet {
        name: "unused",
        lead,
        head,
        rows: found.iter().map(row).collect(),
        data: found.iter().map(idle_data).collect(),
        summary: json!({
            "holders": review.holders.len(),
            "unused": found.len(),
            "proposed": proposed,
            "days": rule.days,
            "older_than": rule.older_than,
            "covered_from": usage.from,
            "covered_until": usage.until,
        }),
        tail,
        gaps,
    }
}

fn proposal(one: &Idle<'_>) -> String {
    match &one.spared {
        None => "take back".to_owned(),
        Some(Spared::Protected(why)) => format!("no: {why}"),
        Some(Spared::Excepted(why)) => format!("no: excepted, {}", why.show()),
        Some(Spared::OlderSubject) => {
            "no: the seat is on an older subject; move it to the one they sign in by".to_owned()
        }
        Some(Spared::Elsewhere) => "no: works in another tenant on this license too".to_owned(),
        Some(Spared::NotAsked) => "no: nobody asked what they own".to_owned(),
        Some(Spared::New) => "no: given or made lately, or nobody knows when".to_owned(),
        Some(Spared::Owner) => {
            let owns: Vec<String> = one
                .holder
                .owns
                .iter()
                .map(|n| n.show().to_string())
                .collect();
            format!("no: owns {}", owns.join(", "))
        }
    }
}

fn idle_data(one: &Idle<'_>) -> Value {
    let mut value = one.holder.data();
    if let Value::Object(object) = &mut value {
        object.insert("days".to_owned(), json!(one.days));
        object.insert("proposed".to_owned(), json!(one.spared.is_none()));
        object.insert(
            "why_not".to_owned(),
            json!(one.spared.as_ref().map(|_| proposal(one))),
        );
    }
    value
}
