//! Colours and glyphs. Every meaning has a sign or an attribute beside its colour, so that nothing
//! is lost with `NO_COLOR`, and every glyph has an ASCII twin for terminals without UTF-8.

use ratatui::style::{Color, Modifier, Style};

use crate::app::{Capabilities, Palette};

/// What a piece of text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mean {
    /// Ordinary.
    Plain,
    /// Of little weight.
    Quiet,
    /// A heading.
    Title,
    /// The heading of the pane that has the keys.
    Focus,
    /// Under the cursor.
    Cursor,
    /// Marked.
    Mark,
    /// Something is added.
    Add,
    /// Something changes.
    Change,
    /// Something is taken away.
    Remove,
    /// Look here.
    Warn,
    /// Went wrong.
    Error,
    /// A key.
    Key,
    /// The tab that is open.
    Tab,
}

/// Colours and glyphs for one terminal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Theme {
    palette: Palette,
    /// Whether more than ASCII may be drawn.
    pub(super) unicode: bool,
}

impl Theme {
    pub(super) fn new(capabilities: Capabilities) -> Self {
        Self {
            palette: capabilities.palette,
            unicode: capabilities.unicode,
        }
    }

    /// How a meaning looks.
    pub(super) fn style(self, mean: Mean) -> Style {
        let style = Style::new().add_modifier(attributes(mean));
        match self.palette {
            Palette::None => style,
            Palette::Dark => dark(mean).map_or(style, |color| style.fg(color)),
            Palette::Light => light(mean).map_or(style, |color| style.fg(color)),
        }
    }
}

fn attributes(mean: Mean) -> Modifier {
    match mean {
        Mean::Plain | Mean::Add | Mean::Change => Modifier::empty(),
        Mean::Quiet => Modifier::DIM,
        Mean::Title | Mean::Mark | Mean::Key | Mean::Warn | Mean::Remove => Modifier::BOLD,
        Mean::Focus => Modifier::BOLD.union(Modifier::UNDERLINED),
        Mean::Cursor | Mean::Tab => Modifier::REVERSED,
        Mean::Error => Modifier::BOLD.union(Modifier::REVERSED),
    }
}

fn dark(mean: Mean) -> Option<Color> {
    Some(match mean {
        Mean::Add => Color::Green,
        Mean::Change | Mean::Warn => Color::Yellow,
        Mean::Remove | Mean::Error => Color::Red,
        Mean::Mark | Mean::Key => Color::Cyan,
        _ => return None,
    })
}

/// Yellow and cyan vanish on white; brown and blue do not.
fn light(mean: Mean) -> Option<Color> {
    Some(match mean {
        Mean::Add => Color::Indexed(28),
        Mean::Change | Mean::Warn => Color::Indexed(94),
        Mean::Remove | Mean::Error => Color::Indexed(124),
        Mean::Mark | Mean::Key => Color::Indexed(25),
        _ => return None,
    })
}

/// The text in ASCII: our own glyphs by a twin, everything else by its number. A letter without its
/// accent would be another name (reliability, G4).
pub(super) fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let twin = match letter {
            _ if letter.is_ascii() => letter,
            '…' | '⋯' => '~',
            '│' => '|',
            '─' => '-',
            '█' => '#',
            '•' => '*',
            '▒' => '+',
            '░' | '·' => '.',
            '⟨' => '<',
            '⟩' => '>',
            '␊' => {
                out.push_str("\\n");
                continue;
            }
            '␉' => {
                out.push_str("\\t");
                continue;
            }
            '␍' => {
                out.push_str("\\r");
                continue;
            }
            _ => {
                out.extend(letter.escape_unicode());
                continue;
            }
        };
        out.push(twin);
    }
    out
}
