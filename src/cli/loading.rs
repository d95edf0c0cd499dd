//! The line at the foot while the tenant is read: a large one takes a while, and silence looks like
//! a hang.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::out::Out;
use crate::ports::{Clock, Instant, LoadProgress, Part};
use crate::text::width;

/// How often it is drawn.
const TICK: Duration = Duration::from_millis(100);

/// Draws how far the reading of the tenant is, where a line may be drawn.
pub(super) fn loading(clock: Arc<dyn Clock>, out: Out) -> impl Fn(LoadProgress) + Send + Sync {
    out.foot(|_| "Reading the tenant".to_owned());
    let state: Mutex<(BTreeMap<Part, u64>, Instant)> = Mutex::new((BTreeMap::new(), clock.now()));
    move |progress| {
        let now = clock.now();
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let (parts, told) = &mut *state;
        parts.insert(progress.part, progress.read);
        if now.since(*told) >= TICK {
            *told = now;
            out.foot(|cells| line(parts, cells));
        }
    }
}

/// As many parts as there is room for.
fn line(parts: &BTreeMap<Part, u64>, cells: usize) -> String {
    let mut line = "Reading the tenant".to_owned();
    let mut joint = ": ";
    for (part, read) in parts.iter().filter(|(_, read)| **read > 0) {
        let more = format!("{joint}{read} {}", word(*part));
        if width(&line) + width(&more) <= cells {
            line.push_str(&more);
            joint = ", ";
        }
    }
    line
}

fn word(part: Part) -> &'static str {
    match part {
        Part::Users => "users",
        Part::Licenses => "licenses",
        Part::Spaces => "spaces",
        Part::Groups => "groups",
        Part::Roles => "roles",
        Part::Settings => "settings",
        Part::Assignments => "assignments",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_as_far_as_there_is_room() {
        let parts = [(Part::Users, 4200), (Part::Licenses, 0), (Part::Spaces, 12)];
        let parts = parts.into_iter().collect();
        assert_eq!(
            line(&parts, 60),
            "Reading the tenant: 4200 users, 12 spaces"
        );
        assert_eq!(line(&parts, 35), "Reading the tenant: 4200 users");
        assert_eq!(line(&parts, 10), "Reading the tenant");
    }
}
