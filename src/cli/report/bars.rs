//! The pools as bars.

use crate::domain::{Allotment, Licensing, SeatHistory, SubscriptionModel};

const CELLS: i64 = 24;

/// One line a pool, and what the model means for seats.
pub(super) fn bars(licensing: &Licensing) -> Vec<String> {
    let name = |pool: &Allotment| pool.name.show().to_string();
    let longest = licensing
        .allotments
        .iter()
        .map(|pool| name(pool).chars().count());
    let longest = longest.max().unwrap_or(0);
    let mut lines: Vec<String> = licensing
        .allotments
        .iter()
        .map(|pool| format!("{:longest$}  {}", name(pool), bar(pool)))
        .collect();
    if licensing.model == SubscriptionModel::Capacity {
        lines.push(
            "A capacity subscription: whoever signs in takes a seat, and the gate is the assignment \
             at the identity provider. Licenses cannot be given or taken back."
                .to_owned(),
        );
    }
    lines
}

/// How the pools moved since the first day that is known; nothing before there are two days.
pub(super) fn changes(licensing: &Licensing, history: &SeatHistory) -> Option<String> {
    let since = history.since()?;
    if history.days.len() < 2 {
        return None;
    }
    let moved = licensing.allotments.iter().filter_map(|pool| {
        let first = *history.of(&pool.name).first()?;
        let moved = pool.used - first;
        Some(format!("{} {moved:+}", pool.name.show()))
    });
    let moved: Vec<String> = moved.collect();
    Some(format!("Since {since}: {}.", moved.join(", ")))
}

fn bar(pool: &Allotment) -> String {
    let filled = if pool.units > 0 {
        (pool.used.saturating_mul(CELLS) / pool.units).clamp(0, CELLS)
    } else {
        0
    };
    let filled = usize::try_from(filled).unwrap_or(0);
    let open = usize::try_from(CELLS).unwrap_or(0).saturating_sub(filled);
    let over = pool.used.saturating_sub(pool.units);
    let end = match pool.overage {
        // Overage is money, not room.
        _ if over > 0 => format!(", {over} in excess"),
        overage if overage > 0 => format!(", {overage} more at a price"),
        -1 => ", more at a price".to_owned(),
        _ => String::new(),
    };
    format!(
        "[{}{}] {} / {}{end}",
        "#".repeat(filled),
        ".".repeat(open),
        pool.used,
        pool.units
    )
}
