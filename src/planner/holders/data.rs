//! A seat and its holder for programs: nothing is lost, nothing is made safe.

use serde_json::{Value, json};

use super::judge::{Holder, LastUse};
use super::standing::Standing;
use crate::text::Raw;

impl Holder {
    /// All of it, for programs.
    pub fn data(&self) -> Value {
        let holder = self;
        let (seen, not_since) = match holder.last_use {
            LastUse::At(at) => (Some(at), None),
            LastUse::NotSince(at) | LastUse::NeverSince(at) => (None, Some(at)),
            LastUse::NotRead | LastUse::NoUser => (None, None),
        };
        let (word, groups) = match &holder.standing {
            Standing::Member(groups) => ("member", Some(groups)),
            Standing::Nested(way) => ("nested", Some(way)),
            Standing::Excepted(_) => ("excepted", None),
            Standing::Protected(_) => ("protected", None),
            Standing::Elsewhere(_) => ("elsewhere", None),
            Standing::Stranger => ("stranger", None),
            Standing::Unknown(_) => ("unknown", None),
            Standing::NotAsked => ("not-asked", None),
        };
        json!({
            "name": holder.name,
            "email": holder.email,
            "subject": holder.subject,
            "user": holder.user,
            "status": holder.status,
            "license": holder.license,
            "since": holder.since,
            "last_use": seen,
            "not_seen_since": not_since,
            "standing": word,
            "groups": groups,
            "why": match &holder.standing {
                Standing::Excepted(why) => Some(why.clone()),
                Standing::Protected(why) => Some(Raw::from(*why)),
                Standing::Unknown(why) => Some(Raw::from(why.as_str())),
                _ => None,
            },
            "notes": holder.notes.iter().map(|note| note.words()).collect::<Vec<_>>(),
            "elsewhere": holder.elsewhere,
            "owns": holder.owns,
        })
    }
}
