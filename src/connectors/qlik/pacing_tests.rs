use super::*;
use crate::connectors::testing::{Dice, VirtualClock};
use proptest::prelude::*;

fn run<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(work)
}

async fn send(pacer: &Pacer, clock: &VirtualClock, bucket: Bucket, count: usize) -> Vec<Instant> {
    let mut times = Vec::new();
    for _ in 0..count {
        pacer.turn(bucket).await;
        times.push(clock.now());
    }
    times
}

/// The most that any window of this length holds.
fn densest(times: &[Instant], span: Duration) -> usize {
    let within = |from: usize| {
        let end = times[from].plus(span);
        times[from..].iter().take_while(|time| **time < end).count()
    };
    (0..times.len()).map(within).max().unwrap_or(0)
}

#[test]
fn a_burst_of_the_window_goes_at_once() {
    let clock = VirtualClock::shared();
    let pacer = Pacer::new(clock.clone());
    run(async {
        send(&pacer, &clock, Bucket::Writes, 490).await;
        assert_eq!(clock.now(), Instant::default());
        assert_eq!(pacer.window(Bucket::Writes), (490, 490));
        send(&pacer, &clock, Bucket::Reads, 4_900).await;
        assert_eq!(clock.now(), Instant::default());
        pacer.turn(Bucket::Writes).await;
        assert_eq!(clock.now(), Instant(FIVE_MINUTES));
    });
}

#[test]
fn no_window_ever_exceeds_the_published_rate() {
    let clock = VirtualClock::shared();
    let pacer = Pacer::new(clock.clone());
    let times = run(send(&pacer, &clock, Bucket::Writes, 3_000));
    assert!(densest(&times, FIVE_MINUTES) <= 500);
    let filters = run(send(&pacer, &clock, Bucket::UserFilter, 1_000));
    assert!(densest(&filters, MINUTE) <= 200);
    // 1,000 a five minutes at most, so at least this long; and no longer than needed.
    assert_eq!(times.last().unwrap().0, FIVE_MINUTES * 6);
}

#[test]
fn the_room_is_what_goes_without_waiting() {
    let clock = VirtualClock::shared();
    let pacer = Pacer::new(clock.clone());
    run(async {
        send(&pacer, &clock, Bucket::Writes, 488).await;
        assert_eq!(pacer.room(Bucket::Writes, 0).free, 2);
        assert_eq!(pacer.room(Bucket::Writes, 1).free, 1);
        clock.advance(Duration::from_mins(1));
        send(&pacer, &clock, Bucket::Writes, 2).await;
        let wait = Duration::from_mins(4);
        assert_eq!(pacer.room(Bucket::Writes, 0), Room { free: 0, wait });
        assert_eq!(pacer.room(Bucket::Writes, 1), Room { free: 0, wait });
        clock.advance(wait);
        assert_eq!(pacer.room(Bucket::Writes, 1).free, 487);
        pacer.refused(Bucket::Writes, Some(Duration::from_secs(9)), &Dice::new(2));
        let paused = pacer.room(Bucket::Writes, 0);
        assert!(paused.free == 0 && paused.wait >= Duration::from_secs(9));
    });
}

#[test]
fn what_another_process_sent_counts_once() {
    let clock = VirtualClock::shared();
    let pacer = Pacer::new(clock.clone());
    let ages = [10, 299, 300, 4_000].map(Duration::from_secs);
    pacer.remember(Bucket::Writes, &ages, Duration::ZERO);
    pacer.remember(Bucket::Writes, &ages, Duration::from_hours(1));
    assert_eq!(pacer.room(Bucket::Writes, 0).free, 488);
    clock.advance(Duration::from_secs(1));
    assert_eq!(pacer.room(Bucket::Writes, 0).free, 489);
    let pacer = Pacer::new(clock.clone());
    pacer.remember(Bucket::Writes, &[], Duration::from_secs(70));
    let wait = Duration::from_secs(70);
    assert_eq!(pacer.room(Bucket::Writes, 0), Room { free: 0, wait });
}

#[test]
fn a_refusal_pauses_its_tier_only() {
    let clock = VirtualClock::shared();
    let pacer = Pacer::new(clock.clone());
    let dice = Dice::new(1);
    run(async {
        pacer.refused(Bucket::Writes, Some(Duration::from_secs(13)), &dice);
        pacer.turn(Bucket::Reads).await;
        assert_eq!(clock.now(), Instant::default());
        pacer.turn(Bucket::Writes).await;
        let waited = clock.now().0;
        assert!(waited >= Duration::from_secs(13) && waited < Duration::from_secs(14));
    });
}

#[test]
fn without_a_usable_wait_the_pause_grows_to_a_minute() {
    let clock = VirtualClock::shared();
    let pacer = Pacer::new(clock.clone());
    let dice = Dice::new(3);
    for round in 0..12 {
        let before = clock.now();
        assert_eq!(pacer.refused(Bucket::Reads, None, &dice), round + 1);
        run(pacer.turn(Bucket::Reads));
        let waited = clock.now().since(before);
        let most = FALLBACK.get(round).or(FALLBACK.last()).unwrap();
        assert!(waited >= Duration::from_secs(1) && waited <= Duration::from_secs(*most));
    }
    pacer.passed(Bucket::Reads);
    assert_eq!(pacer.refused(Bucket::Reads, None, &dice), 1);
}

proptest! {
    #[test]
    fn pauses_of_any_length_keep_the_rate(gaps in proptest::collection::vec(0_u64..4_000, 1..900)) {
        let clock = VirtualClock::shared();
        let pacer = Pacer::new(clock.clone());
        let times = run(async {
            let mut times = Vec::new();
            for gap in gaps {
                clock.advance(Duration::from_millis(gap));
                pacer.turn(Bucket::Writes).await;
                times.push(clock.now());
            }
            times
        });
        prop_assert!(densest(&times, FIVE_MINUTES) <= 500);
    }

    #[test]
    fn the_estimate_is_what_then_happens(before in 0_usize..600, later in 0_u64..400, count in 0_usize..1_200) {
        let clock = VirtualClock::shared();
        let pacer = Pacer::new(clock.clone());
        run(async {
            send(&pacer, &clock, Bucket::Writes, before).await;
            clock.advance(Duration::from_secs(later));
            let start = clock.now();
            let estimate = pacer.time_for(Bucket::Writes, count);
            send(&pacer, &clock, Bucket::Writes, count).await;
            assert_eq!(clock.now().since(start), estimate);
        });
    }
}
