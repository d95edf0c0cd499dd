//! Faults as they are written on the command line and in scenarios: read and said again. The form is
//! told in `faults`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::faults::{Fault, FaultKind, When};
use super::log::Face;

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
