//! Power loss on journals of real runs (T3): what was not synced is dropped, cut at any byte, or
//! kept in some sectors only; and disks that do worse, which must be noticed. No record that was
//! acknowledged is lost, none that is damaged is believed, and what is left resumes.

use qroll::commit::{Content, read};
use qroll::host::memory::{Fuse, SeededRng};
use qroll::ports::Rng as _;
use std::collections::BTreeSet;
use std::path::Path;

use super::desk::Desk;
use super::plans::forty;
use super::tenant::ABSURD;
use super::trace::Trace;
use crate::proof;

const SECTOR: usize = 512;

/// The journal of a machine at the moment when the power goes.
struct Moment {
    synced: Vec<u8>,
    pending: Vec<u8>,
    /// What was written, in order.
    truth: Content,
    /// How many of those were acknowledged.
    acknowledged: usize,
}

fn is_journal(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "journal")
}

/// A run of this seed until it dies somewhere; the desk waits for its power to go.
fn dying(seed: u64, dice: &SeededRng) -> (Desk, Option<Moment>) {
    let desk = Desk::new(&forty(), seed, ABSURD, false);
    desk.live_powered(&Fuse::at(5 + dice.next() % 180), false);
    let path = desk.disk.files().into_iter().find(|path| is_journal(path));
    let moment = path.and_then(|path| {
        let synced = desk.disk.synced(&path)?;
        let whole = desk.disk.written(&path)?;
        let truth = read(&whole);
        assert_eq!(truth.trouble(), None, "what is written is whole");
        Some(Moment {
            acknowledged: read(&synced).records.len(),
            pending: whole[synced.len()..].to_vec(),
            synced,
            truth,
        })
    });
    (desk, moment)
}

fn below(dice: &SeededRng, most: usize) -> usize {
    let most = u64::try_from(most.max(1)).expect("small");
    usize::try_from(dice.next() % most).expect("small")
}

impl Moment {
    fn whole(&self) -> Vec<u8> {
        [self.synced.as_slice(), &self.pending].concat()
    }

    /// Where the last record begins.
    fn last_record(&self) -> usize {
        let whole = self.whole();
        let lines = whole.split_last().map_or(&[][..], |(_, lines)| lines);
        let newline = lines.iter().rposition(|byte| *byte == b'\n');
        newline.map_or(0, |at| at + 1)
    }

    /// Every length at which the file may end: each byte of the last record, each sector before.
    fn lengths(&self) -> BTreeSet<usize> {
        let whole = self.synced.len() + self.pending.len();
        let sectors = (0..whole).step_by(SECTOR);
        sectors.chain(self.last_record()..=whole).collect()
    }

    /// What a power loss may leave: ends behind what was synced, and holes where sectors of the
    /// rest were not written though later ones were.
    fn losses(&self, dice: &SeededRng) -> Vec<Vec<u8>> {
        let whole = self.whole();
        let ends = self.lengths().into_iter();
        let ends = ends.filter(|end| *end >= self.synced.len());
        let mut images: Vec<Vec<u8>> = ends.map(|end| whole[..end].to_vec()).collect();
        let first = self.synced.len() / SECTOR;
        let sectors = whole.len().div_ceil(SECTOR).saturating_sub(first);
        for _ in 0..(1_usize << sectors.min(6)) {
            let lost = dice.next();
            let mut image = whole.clone();
            for (at, byte) in image.iter_mut().enumerate().skip(self.synced.len()) {
                if lost >> ((at / SECTOR - first) % 64) & 1 == 1 {
                    *byte = 0;
                }
            }
            images.push(image);
        }
        images
    }

    /// What only a bad disk leaves: ends within what was synced, and sectors of zeros, swapped,
    /// doubled, or of another journal.
    fn damages(&self, dice: &SeededRng, other: &[u8]) -> Vec<Vec<u8>> {
        let whole = self.whole();
        let ends = self.lengths().into_iter();
        let ends = ends.filter(|end| *end < self.synced.len());
        let mut images: Vec<Vec<u8>> = ends.map(|end| whole[..end].to_vec()).collect();
        let sectors = whole.len() / SECTOR;
        for sector in 0..sectors {
            let here = sector * SECTOR..(sector + 1) * SECTOR;
            let there = below(dice, sectors) * SECTOR;
            let mut zeros = whole.clone();
            zeros[here.clone()].fill(0);
            let mut doubled = whole.clone();
            doubled.copy_within(here.clone(), there);
            let mut swapped = doubled.clone();
            swapped[here.clone()].copy_from_slice(&whole[there..there + SECTOR]);
            images.extend([zeros, doubled, swapped]);
            if let Some(foreign) = other.get(here.clone()) {
                let mut spliced = whole.clone();
                spliced[here].copy_from_slice(foreign);
                images.push(spliced);
            }
        }
        images
    }

    /// Whether all that is believed was written, in that order.
    fn is_true(&self, content: &Content) -> bool {
        self.truth.records.starts_with(&content.records)
    }

    /// Judges what a power loss left; it always goes on behind what was acknowledged.
    fn check_loss(&self, image: &[u8]) {
        let content = read(image);
        assert!(self.is_true(&content), "a corrupt record was believed");
        let kept = content.records.len();
        assert!(kept >= self.acknowledged, "an acknowledged record was lost");
        assert_eq!(content.tampered, None, "a crash is not taken for a hand");
        assert!(content.good >= self.synced.len() as u64);
    }

    /// Judges what a bad disk left; damage is never silent.
    fn check_damage(&self, image: &[u8]) {
        let content = read(image);
        if content.header() != self.truth.header() && content.header().is_some() {
            // Whole, but another run's; the name of the file tells.
            assert!(content.records.len() == 1);
            return;
        }
        assert!(self.is_true(&content), "a corrupt record was believed");
        let whole = content.good == image.len() as u64;
        assert!(
            whole || content.trouble().is_some(),
            "damage went unnoticed"
        );
    }
}

/// One seed: every image of its moment, and one of them resumed. Gives the number of images.
fn endure(seed: u64, other: &[u8]) -> (u64, Vec<u8>) {
    let dice = SeededRng::new(seed ^ 0x0d15c);
    let (desk, moment) = dying(seed, &dice);
    let _trace = Trace::of(&desk, seed, "power loss".to_owned());
    let Some(moment) = moment else {
        return (0, Vec::new());
    };
    let losses = moment.losses(&dice);
    for image in &losses {
        moment.check_loss(image);
    }
    let mut damages = moment.damages(&dice, other);
    // A share of each is enough, so that there are more journals.
    damages.retain(|_| dice.next().is_multiple_of(8));
    for image in &damages {
        moment.check_damage(image);
    }
    let left = &losses[below(&dice, losses.len())];
    desk.disk.lose_power(|path, synced, _| {
        if is_journal(path) {
            left.clone()
        } else {
            synced.to_vec()
        }
    });
    desk.until_done(|_| Fuse::new());
    desk.check();
    ((losses.len() + damages.len()) as u64, moment.whole())
}

#[test]
fn proof_t3_power_loss() {
    if let Some(seed) = proof::seed() {
        let (_, other) = endure(seed.wrapping_sub(1), &[]);
        endure(seed, &other);
        return;
    }
    let row = proof::Row::begin("T3", "power loss and bad sectors under real journals");
    let wanted = proof::sized(2_500, 25_000);
    let (mut images, mut journals, mut other) = (0, 0, Vec::new());
    while images < wanted {
        let (count, journal) = endure(journals, &other);
        images += count;
        journals += 1;
        other = journal;
    }
    row.end(
        &format!("{images} images of {journals} journals, each resumed"),
        0,
    );
}
