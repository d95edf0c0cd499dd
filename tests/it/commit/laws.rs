//! What holds for every run and every journal (T9): what was applied is not applied again, and what
//! was written is what is read.

use jiff::Timestamp;
use proptest::prelude::*;
use qroll::commit::{Journal, Judgement, Record, read};
use qroll::domain::{Outcome, SkipReason, Tier, Verdict};
use qroll::host::memory::MemoryDisk;
use qroll::ports::Disk as _;
use qroll::text::Raw;
use std::path::Path;

use super::desk::Desk;
use super::plans::forty;
use super::tenant::{ABSURD, Rates};
use crate::proof::holds;

#[test]
fn proof_t9_a_second_apply_writes_nothing() {
    holds("a second apply sends no write", any::<u64>(), |seed| {
        let rates = if seed % 2 == 0 {
            Rates::default()
        } else {
            ABSURD
        };
        let desk = Desk::new(&forty(), seed, rates, false);
        desk.until_done(|_| qroll::host::memory::Fuse::new());
        let sent = || desk.tenant.state.lock().expect("tenant").sent.len();
        let once = sent();
        prop_assert!(once > 0);
        prop_assert!(desk.apply().is_err(), "a finished plan is refused");
        prop_assert!(desk.resume().is_err(), "nothing is left to resume");
        prop_assert_eq!(sent(), once);
        Ok(())
    });
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Applied),
        Just(Verdict::Already),
        (proptest::option::of(".*"), ".*").prop_map(|(code, reason)| Verdict::NotApplied {
            code: code.map(Raw::from),
            reason: Raw::from(reason),
        }),
        ".*".prop_map(|check| Verdict::Unknown {
            check: Raw::from(check)
        }),
        ".*".prop_map(|detail| Verdict::Skipped {
            why: SkipReason::Drift,
            detail: Raw::from(detail),
        }),
    ]
}

fn record() -> impl Strategy<Value = Record> {
    let at = (0i64..4_000_000_000).prop_map(|at| Timestamp::from_second(at).expect("a time"));
    let note = (".*", at.clone()).prop_map(|(text, at)| Record::Note {
        text: Raw::from(text),
        at,
    });
    let pause =
        (any::<u64>(), any::<bool>(), at.clone()).prop_map(|(millis, asked, at)| Record::Pause {
            tier: Tier::Two,
            millis,
            asked,
            at,
        });
    let given_up = (".*", at.clone()).prop_map(|(by, at)| Record::GivenUp {
        by: Raw::from(by),
        at,
    });
    let judged = (
        ".*",
        verdict(),
        proptest::option::of(any::<u16>()),
        any::<u64>(),
        at,
    );
    let judged = judged.prop_map(|(operation, verdict, status, millis, at)| {
        Record::Verdict(Judgement {
            outcome: Outcome {
                operation: operation.as_str().into(),
                verdict,
                status,
                millis,
                trace: None,
            },
            id: Some(operation),
            at,
        })
    });
    prop_oneof![note, pause, given_up, judged]
}

#[test]
fn proof_t9_a_journal_read_is_the_journal_written() {
    let records = proptest::collection::vec(record(), 0..20);
    holds(
        "a journal read is the journal written",
        records,
        |records| {
            let disk = MemoryDisk::new();
            let path = Path::new("/state/a.journal");
            let mut journal = Journal::create(&disk, path, 1).expect("a journal");
            for record in &records {
                journal.append(record).expect("appended");
            }
            journal.sync().expect("synced");
            let content = read(&disk.read(path).expect("read").expect("there"));
            prop_assert_eq!(content.trouble(), None);
            let found: Vec<Record> = content
                .records
                .into_iter()
                .map(|(_, record)| record)
                .collect();
            prop_assert_eq!(found, records);
            Ok(())
        },
    );
}
