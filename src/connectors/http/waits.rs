//! How long to wait: what the server asked for, or a growing pause with jitter where it did not.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use std::time::Duration;

use crate::ports::{Rng, WireResponse};

/// A wait beyond a day is a mistake of the server, not a wish (reliability A2).
const ABSURD: Duration = Duration::from_hours(24);

/// `Retry-After` in seconds or as an HTTP date (RFC 9110); `None` for absent, zero, negative,
/// absurd or unreadable values. A date is measured against the answer's own `Date` if it has one,
/// so that a wrong clock here does no harm.
pub(in crate::connectors) fn retry_after(
    response: &WireResponse,
    wall: Timestamp,
) -> Option<Duration> {
    let text = response.header("retry-after")?.expose().trim();
    let wait = if let Ok(seconds) = text.parse::<f64>() {
        Duration::try_from_secs_f64(seconds).ok()?
    } else {
        let until = http_date(text)?;
        let now = server_time(response).unwrap_or(wall);
        Duration::try_from(until.duration_since(now)).ok()?
    };
    (!wait.is_zero() && wait <= ABSURD).then_some(wait)
}

/// The server's own time, from the answer's `Date` (RFC 9110).
pub(in crate::connectors) fn server_time(response: &WireResponse) -> Option<Timestamp> {
    http_date(response.header("date")?.expose().trim())
}

fn http_date(text: &str) -> Option<Timestamp> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    PARSER.parse_timestamp(text).ok()
}

/// Full jitter between `floor` and `most`.
pub(in crate::connectors) fn jittered(rng: &dyn Rng, floor: Duration, most: Duration) -> Duration {
    let room = most.saturating_sub(floor);
    // 53 bits are what a float holds exactly.
    let share = (rng.next() >> 11) as f64 / (1_u64 << 53) as f64;
    floor + room.mul_f64(share)
}

/// The pause before the attempt after the `failed`-th (1 for the first) failed one: half to all of
/// 0.5, 1, 2, 4, ... seconds, 30 at most.
pub(in crate::connectors) fn backoff(rng: &dyn Rng, failed: u32) -> Duration {
    let most = Duration::from_millis(500 << failed.saturating_sub(1).min(6));
    let most = most.min(Duration::from_secs(30));
    jittered(rng, most / 2, most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::testing::{Dice, reply};

    fn asked(headers: &[(&str, &str)]) -> Option<Duration> {
        let mut response = reply(429, "");
        for (name, value) in headers {
            response.headers.push(((*name).to_owned(), (*value).into()));
        }
        retry_after(&response, "2026-11-24T06:00:00Z".parse().unwrap())
    }

    #[test]
    fn seconds_and_dates_are_understood() {
        assert_eq!(
            asked(&[("retry-after", "13")]),
            Some(Duration::from_secs(13))
        );
        assert_eq!(
            asked(&[("retry-after", "Tue, 24 Nov 2026 06:00:40 GMT")]),
            Some(Duration::from_secs(40))
        );
        assert_eq!(
            asked(&[
                ("retry-after", "Tue, 24 Nov 2026 09:00:40 GMT"),
                ("date", "Tue, 24 Nov 2026 09:00:30 GMT")
            ]),
            Some(Duration::from_secs(10))
        );
    }

    #[test]
    fn nonsense_counts_as_nothing() {
        for value in ["0", "-5", "soon", "", "1e300", "NaN", "inf", "9999999"] {
            assert_eq!(asked(&[("retry-after", value)]), None, "{value}");
        }
        assert_eq!(asked(&[]), None);
        assert_eq!(
            asked(&[("retry-after", "Tue, 24 Nov 2020 06:00:40 GMT")]),
            None
        );
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let dice = Dice::new(7);
        for failed in 1..40 {
            let pause = backoff(&dice, failed);
            assert!(pause >= Duration::from_millis(250) && pause <= Duration::from_secs(30));
        }
        assert!(backoff(&dice, 5) >= Duration::from_secs(4));
    }
}
