//! Chance by seed, and the weather of a seed: which faults are on, and how often (swarm testing: each
//! seed leaves some out, so that what hides behind one fault is seen too).

use qroll::host::memory::SeededRng;
use qroll::ports::Rng as _;

/// Random numbers of one seed.
pub(super) struct Dice(SeededRng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(SeededRng::new(seed))
    }

    /// One of `0..most`.
    pub(super) fn below(&self, most: u64) -> u64 {
        self.0.next() % most.max(1)
    }

    /// One of `low..=high`.
    pub(super) fn between(&self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    pub(super) fn chance(&self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    pub(super) fn pick<'a, T>(&self, list: &'a [T]) -> Option<&'a T> {
        let at = self.below(list.len() as u64);
        list.get(usize::try_from(at).unwrap_or_default())
    }

    pub(super) fn shuffle<T>(&self, list: &mut [T]) {
        for this in (1..list.len()).rev() {
            let other = self.below(this as u64 + 1);
            list.swap(this, usize::try_from(other).unwrap_or_default());
        }
    }
}

/// What happens to one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ill {
    None,
    /// 429 without a wait, and with one that may be too long.
    Throttle,
    ThrottleFor,
    NotSent,
    Slow,
    /// 5xx before and after the effect.
    ErrorBefore,
    ErrorAfter,
    /// Reset before and after the effect.
    LostBefore,
    LostAfter,
    /// The client gives up; the request lands later.
    Late,
    /// 2xx cut in the middle.
    Garbled,
    /// A 404 from something in front of the tenant, unreadable.
    Portal,
    /// 401 and a new token; nothing left, and nothing will.
    Renewed,
    Barred,
    /// 401, 403: no effect, and the run stops.
    Expired,
    Denied,
    /// Not the tenant's own answer, before and after the effect: the run stops.
    Redirected,
    ForeignAfter,
    /// Of a 207: an item is missing, doubled, not asked for, without its type, with a 5xx.
    MissingItem,
    DoubledItem,
    UnaskedItem,
    BareItem,
    BrokenItem,
}

/// Every fault of a write, with what its rate is multiplied by: rare ones end a run.
const ILLS: [(Ill, u64); 22] = [
    (Ill::Throttle, 10),
    (Ill::ThrottleFor, 5),
    (Ill::NotSent, 10),
    (Ill::Slow, 10),
    (Ill::ErrorBefore, 10),
    (Ill::ErrorAfter, 10),
    (Ill::LostBefore, 10),
    (Ill::LostAfter, 10),
    (Ill::Late, 10),
    (Ill::Garbled, 10),
    (Ill::Portal, 5),
    (Ill::Expired, 2),
    (Ill::Denied, 2),
    (Ill::Redirected, 1),
    (Ill::ForeignAfter, 1),
    (Ill::Renewed, 5),
    (Ill::Barred, 1),
    (Ill::MissingItem, 10),
    (Ill::DoubledItem, 10),
    (Ill::UnaskedItem, 4),
    (Ill::BareItem, 10),
    (Ill::BrokenItem, 10),
];

/// The weather of one seed, in per mille.
#[derive(Clone, Debug, Default)]
pub(super) struct Weather {
    pub(super) ills: Vec<(u64, Ill)>,
    /// A reading shows an older state; has no answer; is refused for the credential.
    pub(super) stale: u64,
    pub(super) unread: u64,
    pub(super) unread_auth: u64,
    /// A second admin acts, at each step of the tenant.
    pub(super) strange: u64,
    /// Of a life: it ends in a power cut, its disk fails, the operator stops it, the credential
    /// is somebody else's at its start, a second process starts beside it.
    pub(super) crash: u64,
    pub(super) bad_disk: u64,
    pub(super) cancel: u64,
    pub(super) wrong_credential: u64,
    pub(super) twin: u64,
    /// Between two lives: more than a day passes.
    pub(super) long_pause: u64,
}

impl Weather {
    pub(super) fn draw(dice: &Dice) -> Self {
        let mut ills = Vec::new();
        for (ill, weight) in ILLS {
            if dice.chance(450) {
                ills.push((dice.between(10, 300) * weight / 10, ill));
            }
        }
        // At most two writes in three go wrong, or nothing moves.
        let sum: u64 = ills.iter().map(|(rate, _)| rate).sum();
        if sum > 650 {
            for (rate, _) in &mut ills {
                *rate = (*rate * 650 / sum).max(1);
            }
        }
        let some = |often: u64, low, high| {
            if dice.chance(often) {
                dice.between(low, high)
            } else {
                0
            }
        };
        Self {
            ills,
            stale: some(500, 10, 300),
            unread: some(500, 10, 300),
            unread_auth: some(150, 2, 20),
            strange: some(300, 10, 120),
            crash: some(700, 200, 900),
            bad_disk: some(200, 100, 400),
            cancel: some(200, 100, 400),
            wrong_credential: some(200, 100, 400),
            twin: some(250, 200, 600),
            long_pause: some(30, 200, 500),
        }
    }

    /// The fault of one write.
    pub(super) fn ill(&self, dice: &Dice) -> Ill {
        let mut roll = dice.below(1000);
        for (rate, ill) in &self.ills {
            if roll < *rate {
                return *ill;
            }
            roll -= rate;
        }
        Ill::None
    }
}
