//! Seats as sheets: all holders, and strangers.

use serde_json::{Value, json};

use super::bars::{bars, changes};
use super::sheet::Sheet;
use crate::domain::{Claim, Licensing, SeatHistory, SubscriptionModel, Usage};
use crate::planner::holders::{Holder, LastUse, Note, Review, Standing, day};
use crate::text::{Raw, show_str};

pub(super) const PERSON: [&str; 5] = ["Name", "E-mail", "Subject", "License", "Since"];

/// Everybody who holds a seat.
pub(super) fn licenses(
    review: &Review,
    licensing: &Licensing,
    usage: Option<&Usage>,
    history: &SeatHistory,
) -> Sheet {
    let mut head = PERSON.to_vec();
    head.extend(["Last use", "Entitled by", "Note"]);
    let row = |holder: &Holder| {
        let mut row = person(holder);
        row.extend([
            last_use(holder.last_use),
            holder.standing.words(),
            Raw::from(holder.oddities()),
        ]);
        row
    };
    let odd = |note| {
        let with = review
            .holders
            .iter()
            .filter(|one| one.notes.contains(&note));
        with.count()
    };
    let counts: Vec<(&str, usize)> = Note::ALL.map(|note| (note.words(), odd(note))).to_vec();
    let told = counts.iter().filter(|(_, count)| *count > 0);
    let told: Vec<String> = told
        .map(|(words, count)| format!("{count} {words}"))
        .collect();
    let mut lead = bars(licensing);
    lead.extend(changes(licensing, history));
    let odd = if told.is_empty() {
        String::new()
    } else {
        format!(": {}", told.join(", "))
    };
    lead.push(format!("{} seats are held{odd}.", review.holders.len()));
    if usage.is_none() {
        lead.push("When they were last seen was not read yet: qroll report unused.".to_owned());
    }
    lead.extend(usage.map(covered));
    Sheet {
        name: "licenses",
        lead,
        head,
        rows: review.holders.iter().map(row).collect(),
        data: review.holders.iter().map(Holder::data).collect(),
        summary: json!({
            "seats": review.holders.len(),
            "notes": counts.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "pools": licensing.allotments,
            "auto_assign": licensing.auto_assign,
            "history": history.days,
            "covered_from": usage.map(|usage| usage.from),
            "covered_until": usage.map(|usage| usage.until),
        }),
        tail: free(review, licensing).into_iter().collect(),
        gaps: gaps(review),
    }
}

/// How seats of nobody are taken back, where there are some.
fn free(review: &Review, licensing: &Licensing) -> Option<String> {
    let all = review.holders.iter();
    let free = all.filter(|one| one.claim == Some(Claim::Nobody)).count();
    (free > 0 && licensing.model != SubscriptionModel::Capacity).then(|| {
        format!(
            "To take back what is in no tenant that was asked ({free}): qroll plan --orphans --license none --out plan.json"
        )
    })
}

/// Holders in no approved group, and why everybody else is not among them.
pub(super) fn strangers(
    review: &Review,
    licensing: &Licensing,
    usage: Option<&Usage>,
    approved: &[String],
) -> Sheet {
    let count = |fits: fn(&Standing) -> bool| {
        let all = review.holders.iter();
        all.filter(|holder| fits(&holder.standing)).count()
    };
    let members = count(|standing| matches!(standing, Standing::Member(_)));
    let nested = count(|standing| matches!(standing, Standing::Nested(_)));
    let excepted = count(|standing| matches!(standing, Standing::Excepted(_)));
    let protected = count(|standing| matches!(standing, Standing::Protected(_)));
    let elsewhere = count(|standing| matches!(standing, Standing::Elsewhere(_)));
    let unknown = count(|standing| matches!(standing, Standing::Unknown(_)));
    let found: Vec<&Holder> = review
        .holders
        .iter()
        .filter(|holder| holder.standing == Standing::Stranger)
        .collect();
    let plain = |standing: &Standing| matches!(standing, Standing::Member(_) | Standing::Stranger);
    let others = review
        .holders
        .iter()
        .filter(|holder| !plain(&holder.standing));
    let others: Vec<Value> = others.map(Holder::data).collect();
    let mut head = PERSON.to_vec();
    head.extend(["Last use", "Note"]);
    let row = |holder: &&Holder| {
        let mut row = person(holder);
        row.extend([last_use(holder.last_use), Raw::from(holder.oddities())]);
        row
    };
    let used = counted(elsewhere, " used in another tenant, ");
    let mut lead = bars(licensing);
    lead.push(format!(
        "{} of {} holders are strangers. Not among them: {members} direct members, {nested} only through \
         nested groups, {excepted} exceptions, {protected} protected, {used}{unknown} who cannot be told.",
        found.len(),
        review.holders.len()
    ));
    lead.extend(usage.map(covered));
    lead.push(format!("Approved: {}.", show_str(&approved.join(", "))));
    let mut tail = asides(review);
    tail.extend(review.unmet.iter().cloned());
    tail.extend(switches(licensing));
    if !found.is_empty() && licensing.model != SubscriptionModel::Capacity {
        let off = licensing
            .auto_assign
            .is_some_and(|on| on.professional || on.analyzer);
        let off = if off { " --auto-assign-off" } else { "" };
        tail.push(format!(
            "To take these back: qroll plan --strangers --license none{off} --out plan.json"
        ));
        tail.push(
            "Taking a seat back leaves the user record: whoever can still sign in keeps it."
                .to_owned(),
        );
    }
    Sheet {
        name: "strangers",
        lead,
        head,
        rows: found.iter().map(row).collect(),
        data: found.iter().map(|holder| holder.data()).collect(),
        summary: json!({
            "holders": review.holders.len(),
            "strangers": found.len(),
            "members": members,
            "nested": nested,
            "excepted": excepted,
            "protected": protected,
            "elsewhere": elsewhere,
            "unknown": unknown,
            "approved": approved,
            "others": others,
            "auto_assign": licensing.auto_assign,
            "covered_from": usage.map(|usage| usage.from),
            "covered_until": usage.map(|usage| usage.until),
        }),
        tail,
        gaps: gaps(review),
    }
}

/// A number with words, where it is not nothing.
fn counted(number: usize, words: &str) -> String {
    match number {
        0 => String::new(),
        some => format!("{some}{words}"),
    }
}

/// Lists that were not read whole, of other tenants too.
fn gaps(review: &Review) -> Vec<String> {
    review.gaps.iter().chain(&review.untold).cloned().collect()
}

/// Who is held back from the strangers by something that wants to be known.
fn asides(review: &Review) -> Vec<String> {
    let mut lines = Vec::new();
    for holder in &review.holders {
        let name = holder.name.show();
        match &holder.standing {
            Standing::Nested(way) => {
                let way: Vec<String> = way.iter().map(|group| group.show().to_string()).collect();
                lines.push(format!("{name} is only in {}", way.join(" > ")));
            }
            Standing::Excepted(why) => lines.push(format!("{name} is excepted: {}", why.show())),
            Standing::Unknown(why) => lines.push(format!("{name} cannot be told: {why}")),
            Standing::Elsewhere(other) => lines.push(format!("{name} is used in {other}")),
            Standing::Member(_)
            | Standing::Protected(_)
            | Standing::Stranger
            | Standing::NotAsked => {}
        }
    }
    lines
}

fn switches(licensing: &Licensing) -> Option<String> {
    let on = licensing.auto_assign?;
    let which = match (on.professional, on.analyzer) {
        (false, false) => return None,
        (true, false) => "professional is",
        (false, true) => "analyzer is",
        (true, true) => "professional and analyzer are",
    };
    Some(format!(
        "{which} assigned to whoever signs in without a seat: a seat that is taken back is gone again with \
         the next sign-in. Switch that off first."
    ))
}

/// What is covered, in words: absence of events proves nothing about the time before.
pub(super) fn covered(usage: &Usage) -> String {
    format!(
        "Use is known from {} to {}; what was before is not available.",
        day(usage.from),
        day(usage.until)
    )
}

pub(super) fn person(holder: &Holder) -> Vec<Raw> {
    let none = || Raw::from("");
    let license = holder.license.as_ref();
    vec![
        holder.name.clone(),
        holder.email.clone().unwrap_or_else(none),
        holder.subject.raw().clone(),
        license.map_or_else(none, |license| license.raw().clone()),
        holder
            .since
            .map_or_else(none, |since| Raw::from(day(since))),
    ]
}

pub(super) fn last_use(last: LastUse) -> Raw {
    Raw::from(last.words())
}
