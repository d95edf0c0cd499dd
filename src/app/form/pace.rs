//! Whether somebody types or pastes, at a question that only typing answers (reliability, G5 and G6):
//! all letters of one reading of the terminal carry the same time.

use std::time::Duration;

/// Keys that were on their way before the question could be read.
pub(super) const DEAF: Duration = Duration::from_millis(400);
/// More letters than this in one reading are no typing; a slow line may bring two at once.
const AT_ONCE: usize = 2;
/// Nobody presses Enter so soon after a letter.
const BREATH: Duration = Duration::from_millis(30);
/// A paste is over when nothing came for so long.
const QUIET: Duration = Duration::from_millis(200);

/// When the last keys came.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<Duration>,
    together: usize,
    /// A paste is still going on until then.
    until: Option<Duration>,
}

/// What a key at this time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    /// Typed.
    Typed,
    /// The key that shows that all this is a paste.
    Pasted,
    /// More of it.
    More,
}

impl Pace {
    /// Takes a letter, or Enter.
    pub(super) fn key(&mut self, at: Duration, enter: bool) -> Pressed {
        if self.until.is_some_and(|until| at < until) {
            self.until = Some(at + QUIET);
            return Pressed::More;
        }
        let since = self.last.map(|last| at.saturating_sub(last));
        self.together = if since == Some(Duration::ZERO) {
            self.together + 1
        } else {
            1
        };
        let hasty = enter && since.is_some_and(|since| since < BREATH);
        if self.together > AT_ONCE || hasty {
            self.paste(at);
            return Pressed::Pasted;
        }
        self.last = Some(at);
        Pressed::Typed
    }

    /// Takes a paste that the terminal told of.
    pub(super) fn paste(&mut self, at: Duration) {
        *self = Self {
            until: Some(at + QUIET),
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys with their times in milliseconds; `\r` is Enter.
    fn pressed(keys: &[(char, u64)]) -> Vec<Pressed> {
        let mut pace = Pace::default();
        keys.iter()
            .map(|(key, at)| pace.key(Duration::from_millis(*at), *key == '\r'))
            .collect()
    }

    #[test]
    fn typing_is_told_from_pasting() {
        use Pressed::{More, Pasted, Typed};
        assert_eq!(
            pressed(&[('n', 0), ('o', 0), ('\r', 300)]),
            [Typed, Typed, Typed]
        );
        assert_eq!(
            pressed(&[('y', 0), ('e', 0), ('s', 0), ('\r', 0)]),
            [Typed, Typed, Pasted, More]
        );
        assert_eq!(pressed(&[('y', 0), ('\r', 10)]), [Typed, Pasted]);
        assert_eq!(
            pressed(&[('y', 0), ('\r', 10), ('y', 150), ('y', 500)]),
            [Typed, Pasted, More, Typed]
        );
    }
}
