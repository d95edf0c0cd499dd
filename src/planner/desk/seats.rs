//! Seats: who gets one in which order, who does not fit, and the meter that says so.
//! Overage is money, not room. Minutes (`analyzer_time`) are not seats.

use std::collections::BTreeMap;

use super::{Case, Fate};
use crate::domain::{Allotment, LicenseType, RowKey, ShortStock, Snapshot};
use crate::planner::wishes::rank;

/// One pool of seats while one stages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatMeter {
    /// Which pool; on a capacity tenant the pool of users.
    pub license: LicenseType,
    /// In use now.
    pub used: i64,
    /// Seats wished for by what is staged, those that do not fit included, minus those given back.
    pub staged: i64,
    /// Bought.
    pub total: i64,
    /// How many more may be used at a price; -1 for no ceiling.
    pub overage: i64,
    /// Rows that do not fit, in roster order.
    pub short: Vec<RowKey>,
}

impl SeatMeter {
    /// Seats left when all that fits is given; never negative.
    pub fn left(&self) -> u64 {
        let fitting = self.staged - i64::try_from(self.short.len()).unwrap_or(i64::MAX);
        u64::try_from(self.total - self.used - fitting).unwrap_or(0)
    }

    fn of(pool: &Allotment) -> Self {
        Self {
            license: pool.name.clone(),
            used: pool.used,
            staged: 0,
            total: pool.units,
            overage: pool.overage,
            short: Vec::new(),
        }
    }
}

/// Hands out seats and fills in each fate. Says too whether seats freed by removals are needed.
pub(super) fn allocate(
    cases: &mut [Case],
    snapshot: &Snapshot,
    short: &ShortStock,
) -> (Vec<SeatMeter>, bool) {
    let pools = &snapshot.tenant.licensing.value.allotments;
    let mut room = Room::new(pools);
    let mut meters: Vec<SeatMeter> = pools
        .iter()
        .filter(|pool| !is_time(&pool.name))
        .map(SeatMeter::of)
        .collect();
    for case in cases.iter() {
        for seat in &case.license.removals {
            room.give_back(&seat.license);
            stage(&mut meters, &seat.license, -1);
        }
    }
    hand_out(cases, &mut room);
    if let ShortStock::FallBack(order) = short {
        fall_back(cases, order, &mut room);
    }
    count(cases, &mut meters);
    settle(cases, short);
    meters.sort_by(|one, other| {
        (rank(&other.license), &one.license).cmp(&(rank(&one.license), &other.license))
    });
    (meters, room.used_freed)
}

/// On a capacity tenant whoever is new takes a unit at sign-in.
pub(super) fn capacity(cases: &[Case], snapshot: &Snapshot) -> Vec<SeatMeter> {
    let pools = &snapshot.tenant.licensing.value.allotments;
    let pool = pools
        .iter()
        .find(|pool| pool.name.expose() == "fullUser")
        .or_else(|| pools.iter().find(|pool| !is_time(&pool.name)));
    let Some(pool) = pool else {
        return Vec::new();
    };
    let mut meter = SeatMeter::of(pool);
    let new: Vec<&Case> = cases.iter().filter(|case| case.creates()).collect();
    meter.staged = i64::try_from(new.len()).unwrap_or(i64::MAX);
    let fitting = usize::try_from(pool.free()).unwrap_or(usize::MAX);
    meter.short = new
        .iter()
        .skip(fitting)
        .map(|case| case.row.key.clone())
        .collect();
    vec![meter]
}

struct Room {
    /// Seats left per type; absent for minutes, of which there is always enough.
    left: BTreeMap<LicenseType, i64>,
    /// Seats left before anything was given back.
    bought: BTreeMap<LicenseType, i64>,
    used_freed: bool,
    turn: usize,
}

impl Room {
    fn new(pools: &[Allotment]) -> Self {
        let left: BTreeMap<LicenseType, i64> = pools
            .iter()
            .filter(|pool| !is_time(&pool.name))
            .map(|pool| (pool.name.clone(), pool.units - pool.used))
            .collect();
        Self {
            bought: left.clone(),
            left,
            used_freed: false,
            turn: 0,
        }
    }

    fn give_back(&mut self, license: &LicenseType) {
        if let Some(left) = self.left.get_mut(license) {
            *left += 1;
        }
    }

    /// Takes a seat, and gives back the one held before.
    fn take(&mut self, license: &LicenseType, from: Option<&LicenseType>) -> Option<usize> {
        if let Some(left) = self.left.get_mut(license) {
            if *left <= 0 {
                return None;
            }
            *left -= 1;
            let bought = self.bought.entry(license.clone()).or_default();
            *bought -= 1;
            self.used_freed |= *bought < 0;
        }
        if let Some(from) = from {
            self.give_back(from);
        }
        self.turn += 1;
        Some(self.turn)
    }
}

/// Dearest type first, in roster order; again while a change has freed a seat somebody waits for.
fn hand_out(cases: &mut [Case], room: &mut Room) {
    let mut types: Vec<LicenseType> = room.left.keys().cloned().collect();
    types.extend(
        cases
            .iter()
            .filter_map(|case| case.license.want.clone())
            .filter(is_time),
    );
    types.sort_by(|one, other| (rank(other), one).cmp(&(rank(one), other)));
    types.dedup();
    let mut again = true;
    while again {
        again = false;
        for license in &types {
            for case in cases.iter_mut() {
                let mine = case.license.want.as_ref() == Some(license);
                if mine
                    && case.license.fate == Fate::Nothing
                    && let Some(turn) = room.take(license, case.license.from.as_ref())
                {
                    case.license.fate = Fate::Given;
                    case.license.turn = turn;
                    again |= case.license.from.is_some();
                }
            }
        }
    }
}

fn fall_back(cases: &mut [Case], order: &[LicenseType], room: &mut Room) {
    for case in cases.iter_mut() {
        let license = &mut case.license;
        if license.want.is_none() || license.fate != Fate::Nothing {
            continue;
        }
        for other in order {
            if let Some(held) = license
                .from
                .as_ref()
                .filter(|held| rank(held) >= rank(other))
            {
                license.fate = Fate::Keeps(held.clone());
                break;
            }
            let pooled = is_time(other) || room.left.contains_key(other);
            if pooled && let Some(turn) = room.take(other, license.from.as_ref()) {
                license.fate = Fate::FellBack(other.clone());
                license.turn = turn;
                break;
            }
        }
    }
}

fn count(cases: &[Case], meters: &mut [SeatMeter]) {
    for case in cases {
        let license = &case.license;
        let Some(want) = &license.want else { continue };
        stage(meters, want, 1);
        if license.fate != Fate::Given
            && let Some(meter) = meters.iter_mut().find(|meter| meter.license == *want)
        {
            meter.short.push(case.row.key.clone());
        }
        if let Fate::FellBack(other) = &license.fate {
            stage(meters, other, 1);
        }
        if matches!(license.fate, Fate::Given | Fate::FellBack(_))
            && let Some(from) = &license.from
        {
            stage(meters, from, -1);
        }
    }
}

/// Whoever has no seat by now waits in line or is left out.
fn settle(cases: &mut [Case], short: &ShortStock) {
    let mut lines: BTreeMap<LicenseType, usize> = BTreeMap::new();
    for case in cases.iter_mut() {
        let license = &mut case.license;
        let Some(want) = &license.want else { continue };
        match &license.fate {
            Fate::Given => license.after = Some(want.clone()),
            Fate::FellBack(other) => license.after = Some(other.clone()),
            Fate::Nothing if *short == ShortStock::LeaveOut => license.fate = Fate::LeftOut,
            Fate::Nothing => {
                let line = lines.entry(want.clone()).or_default();
                *line += 1;
                license.fate = Fate::Waits {
                    position: *line,
                    of: 0,
                };
            }
            Fate::Keeps(_) | Fate::Waits { .. } | Fate::LeftOut => {}
        }
    }
    for case in cases.iter_mut() {
        if let (Fate::Waits { of, .. }, Some(want)) = (&mut case.license.fate, &case.license.want) {
            *of = lines.get(want).copied().unwrap_or(0);
        }
    }
}

fn stage(meters: &mut [SeatMeter], license: &LicenseType, by: i64) {
    if let Some(meter) = meters.iter_mut().find(|meter| meter.license == *license) {
        meter.staged += by;
    }
}

fn is_time(license: &LicenseType) -> bool {
    license.expose() == "analyzer_time"
}
