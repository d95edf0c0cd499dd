//! Help for a screen in lines: the keys that mean something there, and the signs that are seen there.
//! The same lines are drawn and scrolled in.

use super::App;
use super::actions::{ACTIONS, Action, Screen};
use super::filter::KEYS;
use super::wrapped::wrap;
use crate::text::width;

/// Cells of the key before a line.
pub const HELP_KEY: usize = 8;

/// A line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpLine {
    /// The key or the sign; empty on a further line.
    pub key: String,
    /// What it does.
    pub text: String,
    /// Whether it works now.
    pub works: bool,
}

impl App {
    /// The keys of this screen and its signs, broken to the width of the terminal.
    pub fn help(&self) -> Vec<HelpLine> {
        let mut lines = Vec::new();
        for spec in ACTIONS.iter().filter(|spec| spec.on(self.screen)) {
            if spec.action.is_later() {
                continue;
            }
            let key = self.setup.keymap.key(spec.action);
            match (spec.applies)(self) {
                Ok(()) => self.tell(&mut lines, &key, spec.help, true),
                Err(why) => {
                    let text = format!("{} (not now: {why})", spec.help);
                    self.tell(&mut lines, &key, &text, false);
                }
            }
        }
        self.tell(&mut lines, "", "", true);
        for (sign, text) in self.signs() {
            self.tell(&mut lines, &sign, &text, true);
        }
        if self.screen == Screen::Roster {
            let text = format!("filter keys: {}", KEYS.join(" "));
            self.tell(&mut lines, "", &text, true);
        }
        lines
    }

    fn tell(&self, lines: &mut Vec<HelpLine>, key: &str, text: &str, works: bool) {
        let room = usize::from(self.layout.width).saturating_sub(6 + HELP_KEY);
        for (at, text) in wrap(text, room.max(20)).into_iter().enumerate() {
            lines.push(HelpLine {
                key: if at == 0 {
                    key.to_owned()
                } else {
                    String::new()
                },
                text,
                works,
            });
        }
    }

    /// The sign of a finding that waits for a decision: the key that asks about it.
    pub fn decision_sign(&self) -> String {
        let key = self.setup.keymap.key(Action::Decide);
        // A longer one has no room; the hint of the finding names it.
        if width(&key) == 1 {
            key
        } else {
            "?".to_owned()
        }
    }

    /// The signs of this screen.
    fn signs(&self) -> Vec<(String, String)> {
        let key = |action| self.setup.keymap.key(action);
        let sign = |sign: &str, text: &str| (sign.to_owned(), text.to_owned());
        match self.screen {
            Screen::Roster => vec![
                sign("+ ~ -", "staged: added, changed, taken away"),
                sign("*", "marked"),
                sign("!", "conflict: nothing is guessed"),
                sign(
                    "?",
                    &format!("same e-mail, other subject: {} decides", key(Action::Open)),
                ),
                sign("x", "disabled in the directory"),
            ],
            Screen::Licenses => vec![
                sign("+ ~ -", "staged: added, changed, taken away"),
                sign("*", "marked"),
                sign("!", "conflict: nothing is guessed"),
                sign(
                    "?",
                    "same e-mail, other subject; a number: it cannot be told yet",
                ),
                sign("x", "disabled in the directory"),
            ],
            Screen::Spaces => vec![
                sign("=", "redundant: another way gives all of it too"),
                sign("not read", "who is assigned there is not known yet"),
                sign("+ ~ -", "staged: added, changed, taken away"),
                sign("*", "marked"),
            ],
            Screen::Plan => vec![
                sign("+ ~ -", "added, changed, taken away"),
                sign(">", "a license goes to another subject"),
                sign(
                    &self.decision_sign(),
                    &format!(
                        "waits for a decision: {} asks about it",
                        key(Action::Decide)
                    ),
                ),
                sign("X", "with this the plan cannot be applied"),
                sign("W", "a warning"),
                sign("i", "good to know"),
            ],
            Screen::Runs => vec![
                sign("ok ==", "done; was so already"),
                sign("no --", "not done; skipped"),
                sign("??", "not known yet"),
            ],
        }
    }
}
