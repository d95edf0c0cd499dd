//! T1c: the proofs can fail. Each bug of `ports::Bug` is planted, and must be seen within a thousand
//! seeds; then it is taken out. Only with the cargo feature `planted`:
//! `cargo test --features planted --test it proof_t1c -- --nocapture | grep ^T1c`

use qroll::ports::{Bug, plant};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::pages;
use super::proofs::live;
use crate::proof;

const SEEDS: u64 = 1000;

/// What one seed shows under a bug.
fn look(bug: Bug, seed: u64) -> Option<String> {
    plant(Some(bug));
    let seen = catch_unwind(AssertUnwindSafe(|| match bug {
        Bug::WrongPageEnd | Bug::TokenToNextLink => pages::read(seed),
        _ => live(seed, false).violations,
    }));
    plant(None);
    match seen {
        Ok(violations) => violations.into_iter().next(),
        Err(_) => Some("a panic".to_owned()),
    }
}

#[test]
fn proof_t1c_every_planted_bug_is_caught() {
    let mut missed = 0;
    for bug in Bug::ALL {
        let row = proof::Row::begin("T1c", "a planted bug is caught within 1,000 seeds");
        let caught = (0..SEEDS).find_map(|seed| Some((seed, look(bug, seed)?)));
        if let Some((seed, violation)) = caught {
            let violation: String = violation.chars().take(90).collect();
            row.end(&format!("{bug:?} by seed {seed}: {violation}"), 0);
        } else {
            println!("T1c | {bug:?} was not caught");
            missed += 1;
        }
    }
    assert_eq!(missed, 0, "of {} planted bugs", Bug::ALL.len());
}
