//! What a review found, in words that the report and the screen share.

use jiff::Timestamp;

use super::judge::{Holder, LastUse, Note};
use super::standing::Standing;
use crate::domain::Claim;
use crate::text::Raw;

impl Standing {
    /// By what right, in a few words; empty when nobody asked.
    pub fn words(&self) -> Raw {
        let names = |groups: &[Raw], joint: &str| {
            let names: Vec<&str> = groups.iter().map(Raw::expose).collect();
            names.join(joint)
        };
        Raw::from(match self {
            Self::Member(groups) => names(groups, ", "),
            Self::Nested(way) => format!("only through {}", names(way, " > ")),
            Self::Excepted(why) => format!("exception: {}", why.expose()),
            Self::Protected(why) => (*why).to_owned(),
            Self::Elsewhere(name) => format!("used in {name}"),
            Self::Stranger => "nothing: a stranger".to_owned(),
            Self::Unknown(why) => format!("cannot be told: {why}"),
            Self::NotAsked => String::new(),
        })
    }
}

impl LastUse {
    /// By dates; empty when nobody looked.
    pub fn words(self) -> String {
        match self {
            Self::NotRead => String::new(),
            Self::NoUser => "no user here".to_owned(),
            Self::At(at) => day(at),
            Self::NotSince(at) => format!("not since {}", day(at)),
            Self::NeverSince(at) => format!("never since {}", day(at)),
        }
    }
}

impl Holder {
    /// The other tenant whose business the seat is: nobody has its subject here, and a user there does.
    pub fn used_only_in(&self) -> Option<&str> {
        match &self.claim {
            Some(Claim::There(name)) => Some(name),
            _ => None,
        }
    }

    /// What is odd about the seat, and how much its holder owns.
    pub fn oddities(&self) -> String {
        let words = |note: &Note| match (note, &self.elsewhere) {
            (Note::Elsewhere, Some(name)) if self.user.is_some() => format!("used in {name} too"),
            (Note::Elsewhere, Some(name)) => format!("used in {name}"),
            _ => note.words().to_owned(),
        };
        let mut notes: Vec<String> = self.notes.iter().map(words).collect();
        match self.owns.len() {
            0 => {}
            1 => notes.push("owns 1 thing".to_owned()),
            many => notes.push(format!("owns {many} things")),
        }
        notes.join(", ")
    }
}

/// A day (UTC).
pub fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
