//! What may go wrong on purpose.
//!
//! A specification is `KIND@[FACE:]METHOD:PATH[#WHEN]`:
//! - KIND: `429` (or `429=7`, seconds to wait), any other status from 400 on (`500-before` is the same
//!   as `500`), `500-after` (the effect happens, then the error is sent), `drop-before`, `drop-after`
//!   (the connection closes without an answer, before or after the effect), `drop-within=N` (after
//!   the effect of the first N items of a batch), `cut-body`, `malformed`, `html`, `delay=MS`, `expire-cursor`, `expire-token`.
//! - FACE: `qlik` or `graph`; both when absent. METHOD: `GET`, `POST`, ... or `*`.
//! - PATH: with or without `/api/v1` or `/v1.0`; `*` is one segment, `**` at the end is any rest.
//! - WHEN: `#3` the third time, `#3+` from the third on, `#3-5` third to fifth, `#*4` every fourth,
//!   `#25%` in a quarter of the cases (seeded). Always when absent.
//!
//! `license-011@SUBJECT` makes that license code the answer for one subject's items, with no effect.

use super::log::Face;
use super::world::Dice;

/// What happens to a matching request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// Refused with this status, no effect; the second is seconds to wait on 429 and 503.
    Status(u16, u64),
    /// Done, then answered with this status.
    StatusAfter(u16),
    /// Connection closed, no effect.
    DropBefore,
    /// Done, then the connection is closed without an answer.
    DropAfter,
    /// Only so many items of a batch are done, then the connection is closed without an answer.
    DropWithin(u64),
    /// The answer breaks off in the middle of its body.
    CutBody,
    /// The answer's JSON is incomplete though its length is right.
    Malformed,
    /// An HTML page instead of the answer, done or not.
    Html,
    /// Milliseconds of waiting before anything else.
    Delay(u64),
    /// Cursors handed out so far are refused from now on.
    ExpireCursor,
    /// OAuth tokens handed out so far are refused from now on.
    ExpireToken,
}

/// When a rule strikes, counting the requests that match it from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Each time.
    Always,
    /// From the first number to the second, both included.
    Range(u64, u64),
    /// Every n-th time.
    Every(u64),
    /// In this many of 100 cases.
    Percent(u8),
}

/// One `--fault`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// About requests.
    Request {
        /// What happens.
        kind: FaultKind,
        /// On which server; both when absent.
        face: Option<Face>,
        /// Method, or `*`.
        method: String,
        /// Path pattern.
        path: String,
        /// When.
        when: When,
    },
    /// About one subject's license items.
    License {
        /// Such as `LICENSES-011`.
        code: String,
        /// The subject, compared without case.
        subject: String,
    },
}

/// The faults of a world, with their counters.
#[derive(Debug)]
pub(super) struct Faults {
    rules: Vec<(Fault, u64)>,
    dice: Dice,
}

impl Faults {
    pub(super) fn new(faults: &[Fault], seed: u64) -> Self {
        let rules = faults.iter().map(|f| (f.clone(), 0)).collect();
        Self {
            rules,
            dice: Dice::new(seed ^ 0xfa17),
        }
    }

    /// What happens to this request; counts it.
    pub(super) fn strike(&mut self, on: Face, sent: &str, to: &str) -> Vec<FaultKind> {
        let mut out = Vec::new();
        for (fault, seen) in &mut self.rules {
            let Fault::Request {
                kind,
                face,
                method,
                path,
                when,
            } = fault
            else {
                continue;
            };
            let matching = face.is_none_or(|f| f == on)
                && (method == "*" || method == sent)
                && path_matches(path, to);
            if !matching {
                continue;
            }
            *seen += 1;
            let strikes = match *when {
                When::Always => true,
                When::Range(from, last) => (from..=last).contains(seen),
                When::Every(n) => *seen % n == 0,
                When::Percent(p) => self.dice.percent(f64::from(p)),
            };
            if strikes {
                out.push(kind.clone());
            }
        }
        out
    }

    /// The license code that a subject's items must fail with.
    pub(super) fn license_code(&self, subject: &str) -> Option<&str> {
        self.rules.iter().find_map(|(fault, _)| match fault {
            Fault::License { code, subject: s } if s.eq_ignore_ascii_case(subject) => {
                Some(code.as_str())
            }
            _ => None,
        })
    }

    /// Adds faults while the world runs.
    pub(super) fn add(&mut self, fault: Fault) {
        self.rules.push((fault, 0));
    }

    /// Removes all faults.
    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }
}

fn path_matches(pattern: &str, path: &str) -> bool {
    let short = path
        .strip_prefix("/api/v1")
        .or_else(|| path.strip_prefix("/v1.0"));
    segments_match(pattern, path) || short.is_some_and(|short| segments_match(pattern, short))
}

fn segments_match(pattern: &str, path: &str) -> bool {
    let mut path = path.split('/');
    for want in pattern.split('/') {
        if want == "**" {
            return true;
        }
        match path.next() {
            Some(have) if want == "*" || want == have => {}
            _ => return false,
        }
    }
    path.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifications_survive_a_round_trip() {
        for spec in [
            "429@POST:/users#3",
            "429=7@qlik:POST:/users/*/x#*4",
            "503@graph:GET:/groups/**",
            "500-after@POST:/licenses/assignments/actions/add#2-5",
            "drop-before@*:/users#25%",
            "drop-after@POST:/users#3+",
            "drop-within=20@POST:/licenses/assignments/actions/add#3",
            "cut-body@GET:/users",
            "delay=120@*:/**",
            "license-011@CORP\\x",
            "expire-cursor@GET:/users#2",
        ] {
            let fault: Fault = spec.parse().unwrap();
            assert_eq!(fault.to_string(), spec);
        }
        assert_eq!(
            "500-before@GET:/a".parse::<Fault>().unwrap().to_string(),
            "500@GET:/a"
        );
    }

    #[test]
    fn nonsense_is_named() {
        for spec in [
            "",
            "429",
            "429@users",
            "200@GET:/a",
            "boom@GET:/a",
            "429@get:/a",
            "429@GET:a",
            "429@GET:/a#0",
            "429@GET:/a#5-2",
            "429@GET:/a#x",
            "license-@x",
            "license-011@",
            "delay@GET:/a",
        ] {
            let error = spec.parse::<Fault>().unwrap_err();
            assert!(error.to_string().contains("429@POST:/users#3"), "{error}");
        }
    }

    #[test]
    fn the_third_request_is_struck_and_no_other() {
        let mut faults = Faults::new(&["429@POST:/users#3".parse().unwrap()], 1);
        let mut hit = |method, path| faults.strike(Face::Qlik, method, path).len();
        let hits: Vec<_> = (0..4).map(|_| hit("POST", "/api/v1/users")).collect();
        assert_eq!(hits, [0, 0, 1, 0]);
        assert_eq!(hit("GET", "/api/v1/users"), 0);
        assert_eq!(hit("POST", "/api/v1/users/actions/filter"), 0);
    }

    #[test]
    fn patterns_match_segments() {
        assert!(path_matches(
            "/spaces/*/assignments",
            "/api/v1/spaces/1/assignments"
        ));
        assert!(!path_matches(
            "/spaces/*/assignments",
            "/api/v1/spaces/1/assignments/2"
        ));
        assert!(path_matches("/spaces/**", "/api/v1/spaces/1/assignments/2"));
        assert!(path_matches("/groups", "/v1.0/groups"));
        assert!(path_matches("/oauth/token", "/oauth/token"));
    }

    #[test]
    fn chance_is_seeded() {
        let run = |seed| {
            let mut faults = Faults::new(&["500@*:/**#50%".parse().unwrap()], seed);
            (0..64)
                .map(|_| faults.strike(Face::Qlik, "GET", "/a").len())
                .collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }
}
