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

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

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

/// Why a specification is not one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{spec}` is not a fault: {reason}; an example is `429@POST:/users#3`")]
pub struct FaultParseError {
    /// As given.
    pub spec: String,
    /// What is wrong with it.
    pub reason: String,
}

impl FromStr for Fault {
    type Err = FaultParseError;

    fn from_str(spec: &str) -> Result<Self, Self::Err> {
        let fail = |reason: &str| FaultParseError {
            spec: spec.into(),
            reason: reason.into(),
        };
        let (kind, rest) = spec
            .split_once('@')
            .ok_or_else(|| fail("there is no `@`"))?;
        if let Some(number) = kind.strip_prefix("license-") {
            if rest.is_empty() || !number.chars().all(|c| c.is_ascii_digit()) || number.is_empty() {
                return Err(fail("expected license-NNN@SUBJECT"));
            }
            return Ok(Self::License {
                code: format!("LICENSES-{number}"),
                subject: rest.into(),
            });
        }
        let kind = parse_kind(kind).ok_or_else(|| fail("the kind is not known"))?;
        let (rest, when) = match rest.split_once('#') {
            None => (rest, When::Always),
            Some((rest, when)) => (
                rest,
                parse_when(when).ok_or_else(|| fail("the part after `#` is not known"))?,
            ),
        };
        let (face, rest) = match rest.split_once(':') {
            Some(("qlik", rest)) => (Some(Face::Qlik), rest),
            Some(("graph", rest)) => (Some(Face::Graph), rest),
            _ => (None, rest),
        };
        let (method, path) = rest
            .split_once(':')
            .ok_or_else(|| fail("expected METHOD:PATH"))?;
        let method_ok = method == "*" || method.chars().all(|c| c.is_ascii_uppercase());
        if method.is_empty() || !method_ok || !path.starts_with('/') {
            return Err(fail(
                "expected METHOD:PATH with a method in capitals and a path from `/`",
            ));
        }
        Ok(Self::Request {
            kind,
            face,
            method: method.into(),
            path: path.into(),
            when,
        })
    }
}

fn parse_kind(text: &str) -> Option<FaultKind> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.parse::<u64>().ok()?)),
        None => (text, None),
    };
    let kind = match (name, value) {
        ("delay", Some(ms)) => FaultKind::Delay(ms),
        ("drop-before", None) => FaultKind::DropBefore,
        ("drop-after", None) => FaultKind::DropAfter,
        ("drop-within", Some(items)) => FaultKind::DropWithin(items),
        ("cut-body", None) => FaultKind::CutBody,
        ("malformed", None) => FaultKind::Malformed,
        ("html", None) => FaultKind::Html,
        ("expire-cursor", None) => FaultKind::ExpireCursor,
        ("expire-token", None) => FaultKind::ExpireToken,
        (name, seconds) => {
            let status = |text: &str| text.parse::<u16>().ok().filter(|s| (400..=599).contains(s));
            match (name.strip_suffix("-after"), seconds) {
                (Some(number), None) => FaultKind::StatusAfter(status(number)?),
                (Some(_), Some(_)) => return None,
                (None, seconds) => {
                    let number = name.strip_suffix("-before").unwrap_or(name);
                    FaultKind::Status(status(number)?, seconds.unwrap_or(1))
                }
            }
        }
    };
    Some(kind)
}

fn parse_when(text: &str) -> Option<When> {
    let number = |text: &str| text.parse::<u64>().ok().filter(|n| *n > 0);
    if let Some(every) = text.strip_prefix('*') {
        return Some(When::Every(number(every)?));
    }
    if let Some(percent) = text.strip_suffix('%') {
        return percent
            .parse::<u8>()
            .ok()
            .filter(|p| *p <= 100)
            .map(When::Percent);
    }
    if let Some(from) = text.strip_suffix('+') {
        return Some(When::Range(number(from)?, u64::MAX));
    }
    if let Some((from, to)) = text.split_once('-') {
        let (from, to) = (number(from)?, number(to)?);
        return (from <= to).then_some(When::Range(from, to));
    }
    number(text).map(|n| When::Range(n, n))
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status, 1) => write!(f, "{status}"),
            Self::Status(status, seconds) => write!(f, "{status}={seconds}"),
            Self::StatusAfter(status) => write!(f, "{status}-after"),
            Self::DropBefore => f.write_str("drop-before"),
            Self::DropAfter => f.write_str("drop-after"),
            Self::DropWithin(items) => write!(f, "drop-within={items}"),
            Self::CutBody => f.write_str("cut-body"),
            Self::Malformed => f.write_str("malformed"),
            Self::Html => f.write_str("html"),
            Self::Delay(ms) => write!(f, "delay={ms}"),
            Self::ExpireCursor => f.write_str("expire-cursor"),
            Self::ExpireToken => f.write_str("expire-token"),
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => Ok(()),
            Self::Range(from, to) if from == to => write!(f, "#{from}"),
            Self::Range(from, u64::MAX) => write!(f, "#{from}+"),
            Self::Range(from, to) => write!(f, "#{from}-{to}"),
            Self::Every(n) => write!(f, "#*{n}"),
            Self::Percent(p) => write!(f, "#{p}%"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::License { code, subject } => {
                write!(
                    f,
                    "license-{}@{subject}",
                    code.trim_start_matches("LICENSES-")
                )
            }
            Self::Request {
                kind,
                face,
                method,
                path,
                when,
            } => {
                write!(f, "{kind}@")?;
                match face {
                    Some(Face::Qlik) => f.write_str("qlik:")?,
                    Some(Face::Graph) => f.write_str("graph:")?,
                    None => {}
                }
                write!(f, "{method}:{path}{when}")
            }
        }
    }
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
