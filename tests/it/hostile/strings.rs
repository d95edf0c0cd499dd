//! The hostile strings of T13: drawn from a seed, family by family, each between two tokens that no
//! screen of ours uses, so that a place where one is drawn can be found again.

/// How many the test plan asks for.
pub(crate) const FULL: u64 = 500;

/// Texts of one kind of mischief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Plain,
    Control,
    EscapeSequence,
    CommandString,
    Bidi,
    ZeroWidth,
    Tags,
    Selectors,
    Marks,
    LeadingMark,
    Wide,
    Emoji,
    PrivateUse,
    Fillers,
    Separators,
    Lines,
    Long,
    Formula,
    LookAlike,
    Blank,
    Escapes,
    Markup,
    RightToLeft,
}

use Family as F;

const FAMILIES: [Family; 23] = [
    F::Control,
    F::EscapeSequence,
    F::CommandString,
    F::Bidi,
    F::ZeroWidth,
    F::Tags,
    F::Selectors,
    F::Marks,
    F::LeadingMark,
    F::Wide,
    F::Emoji,
    F::PrivateUse,
    F::Fillers,
    F::Separators,
    F::Lines,
    F::Long,
    F::Formula,
    F::LookAlike,
    F::Blank,
    F::Escapes,
    F::Markup,
    F::RightToLeft,
    F::Plain,
];

/// One string, to be put into a field.
#[derive(Clone, Debug)]
pub(crate) struct Hostile {
    /// What draws it again.
    pub(crate) seed: u64,
    pub(crate) family: Family,
    body: String,
}

/// Splitmix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).expect("small")
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Some of them, with letters in between.
    fn some(&mut self, of: &[&str], most: usize) -> String {
        let mut text = String::new();
        for _ in 0..=self.below(most) {
            text.push_str(self.one(of));
            text.push_str(self.one(&["", "", "a", "Berg ", "-", "9"]));
        }
        text
    }

    /// A code point of one of these ranges.
    fn point(&mut self, ranges: &[(u32, u32)]) -> char {
        let (from, to) = ranges[self.below(ranges.len())];
        let span = usize::try_from(to - from + 1).expect("small");
        let point = from + u32::try_from(self.below(span)).expect("small");
        char::from_u32(point).unwrap_or('\u{fffd}')
    }

    fn points(&mut self, ranges: &[(u32, u32)], most: usize) -> String {
        (0..=self.below(most)).map(|_| self.point(ranges)).collect()
    }
}

impl Hostile {
    /// The string of a seed.
    pub(crate) fn drawn(seed: u64) -> Self {
        let place = usize::try_from(seed % FAMILIES.len() as u64).expect("small");
        let family = FAMILIES[place];
        let body = body(family, &mut Dice(seed));
        Self { seed, family, body }
    }

    /// Nothing hostile: what a screen looks like then.
    pub(crate) fn plain() -> Self {
        Self {
            seed: 0,
            family: F::Plain,
            body: "Plain".to_owned(),
        }
    }

    /// The string for a field, between the field's tokens. Where the first character matters, the
    /// token in front is left out.
    pub(crate) fn text(&self, field: char) -> String {
        let (head, tail) = tokens(field);
        match self.family {
            F::Formula | F::LeadingMark | F::Blank | F::Lines if self.seed.is_multiple_of(2) => {
                format!("{}{tail}", self.body)
            }
            F::Blank if self.seed.is_multiple_of(3) => self.body.clone(),
            _ => format!("{head}{}{tail}", self.body),
        }
    }
}

/// What stands before and behind a field's string.
pub(crate) fn tokens(field: char) -> (String, String) {
    (format!("Zq{field}"), format!("{field}qZ"))
}

fn body(family: Family, dice: &mut Dice) -> String {
    match family {
        F::Plain => dice.some(&["Anna", "O'Brien", "Björn", "Zoë", "Łukasz"], 3),
        F::Control => dice.points(&[(0, 0x1f), (0x7f, 0x9f)], 6),
        F::EscapeSequence => dice.some(
            &[
                "\u{1b}[2J",
                "\u{1b}[5mBlink",
                "\u{1b}[31;5m",
                "\u{9b}8m",
                "\u{1b}[1;1Hhome",
                "\u{1b}c",
                "\u{1b}[?1049l",
                "\u{1b}[?1000h",
                "\u{1b}(0",
                "\u{1b}[6n",
            ],
            3,
        ),
        F::CommandString => dice.some(
            &[
                "\u{1b}]0;owned\u{7}",
                "\u{1b}]2;owned\u{1b}\\",
                "\u{1b}]8;;http://evil.example\u{7}click\u{1b}]8;;\u{7}",
                "\u{1b}]52;c;ZXZpbA==\u{7}",
                "\u{1b}P+q544e\u{1b}\\",
                "\u{1b}_Gi=1;AAAA\u{1b}\\",
                "\u{1b}^pm\u{1b}\\",
                "\u{9d}0;owned\u{9c}",
                "\u{90}dcs\u{9c}",
                "\u{1b}]1337;File=:AA==\u{7}",
            ],
            2,
        ),
        F::Bidi => dice.some(
            &[
                "\u{202a}",
                "\u{202b}",
                "\u{202c}",
                "\u{202d}",
                "\u{202e}nimda",
                "\u{2066}",
                "\u{2067}",
                "\u{2068}",
                "\u{2069}",
                "\u{200e}",
                "\u{200f}",
                "\u{61c}",
            ],
            4,
        ),
        F::ZeroWidth => dice.some(
            &[
                "\u{200b}", "\u{200c}", "\u{200d}", "\u{2060}", "\u{2061}", "\u{2064}", "\u{feff}",
                "\u{180e}", "\u{34f}",
            ],
            5,
        ),
        F::Tags => dice.points(&[(0xe_0000, 0xe_007f), (0xe_0020, 0xe_007e)], 9),
        F::Selectors => dice.some(
            &[
                "\u{fe00}",
                "\u{fe0e}",
                "A\u{fe0f}",
                "\u{e0100}",
                "\u{e01ef}",
                "\u{180b}",
                "\u{ad}",
            ],
            4,
        ),
        F::Marks => {
            let base = dice.one(&["e", "Z", "ا", "क", "ก"]).to_owned();
            let marks = dice.points(
                &[
                    (0x300, 0x34e),
                    (0x483, 0x489),
                    (0x1ab0, 0x1ac0),
                    (0x20d0, 0x20f0),
                    (0xe47, 0xe4e),
                    (0x64b, 0x652),
                ],
                60,
            );
            format!("{base}{marks}")
        }
        F::LeadingMark => format!(
            "{}x",
            dice.points(&[(0x300, 0x30f), (0x20d0, 0x20dc), (0x93e, 0x94c)], 5)
        ),
        F::Wide => dice.some(
            &[
                "山田太郎",
                "宽度",
                "スペース",
                "한글",
                "ﾊﾝｶｸ",
                "Ａｄａ",
                "\u{1100}\u{1161}\u{11a8}",
                "\u{3000}",
                "㍿",
                "﷽",
                "ﷺ",
            ],
            6,
        ),
        F::Emoji => dice.some(
            &[
                "👩\u{200d}👩\u{200d}👧\u{200d}👦",
                "❤\u{fe0f}",
                "👍🏽",
                "🇩🇪🇫🇷",
                "🇩",
                "1\u{fe0f}\u{20e3}",
                "🏴\u{e0067}\u{e0062}\u{e007f}",
                "☺",
                "⌚\u{fe0e}",
                "🏻",
                "🧑🏿\u{200d}🚀",
                "🎉",
            ],
            4,
        ),
        F::PrivateUse => dice.points(
            &[
                (0xe000, 0xf8ff),
                (0xf_0000, 0xf_fffd),
                (0x10_0000, 0x10_fffd),
                (0x378, 0x379),
                (0x2_fe00, 0x2_fe20),
                (0xfff0, 0xfff8),
            ],
            5,
        ),
        F::Fillers => dice.some(
            &[
                "\u{115f}",
                "\u{1160}",
                "\u{3164}",
                "\u{ffa0}",
                "\u{2800}",
                "\u{17b4}",
                "\u{17b5}",
                "\u{fff9}a\u{fffa}b\u{fffb}",
                "\u{fffc}",
            ],
            4,
        ),
        F::Separators => dice.some(
            &["\u{2028}", "\u{2029}", "\u{85}", "\u{b}", "\u{c}", "\u{1c}"],
            4,
        ),
        F::Lines => dice.some(
            &[
                "\n",
                "\r\n",
                "\t",
                "\r",
                "\ny\n",
                "\n\nqroll: all is well\n",
            ],
            4,
        ),
        F::Long => {
            let piece = dice
                .one(&[
                    "abc ",
                    "x",
                    "山",
                    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
                    "\u{202e}rtl ",
                    "\u{1b}[8m",
                ])
                .to_owned();
            piece.repeat(200 + dice.below(1800))
        }
        F::Formula => {
            let lead = dice
                .one(&[
                    "=", "+", "-", "@", "\t=", "\r=", " =", "\"=", "'=", "\u{ff1d}", "\u{ff0b}",
                    "\u{ff20}",
                ])
                .to_owned();
            format!(
                "{lead}{}",
                dice.one(&[
                    "cmd|'/c calc'!A1",
                    "HYPERLINK(\"http://evil.example\",\"x\")",
                    "1+1;=2",
                    "SUM(1,2)"
                ])
            )
        }
        F::LookAlike => dice.some(
            &[
                "Аdа Admin",
                "ᏢauI",
                "mıke",
                "раураl",
                "Αdmin",
                "𝐀dmin",
                "ᴮᴵᴳ",
            ],
            2,
        ),
        F::Blank => dice
            .one(&[
                "",
                " ",
                "   ",
                "\u{a0}",
                "\u{2003}\u{2003}",
                "\u{3000}",
                "\u{205f}",
                "\t",
                "\u{feff}",
            ])
            .to_owned(),
        F::Escapes => dice.some(
            &[
                "\\u{1b}[2J",
                "\\ud800",
                "\\x1b",
                "⟨U+202E⟩",
                "%1b",
                "&#27;",
                "\\u0000",
                "␊",
                "\\",
            ],
            4,
        ),
        F::Markup => dice.some(
            &[
                "|",
                "\\|",
                "<img src=x>",
                "[a](javascript:b)",
                "`",
                "\"",
                ",",
                ";",
                "'",
                "{n}",
                "{0}",
                "%s",
                "$(id)",
                "!",
            ],
            5,
        ),
        F::RightToLeft => dice.some(&["محمد", "שלום", "\u{600}", "\u{6dd}", "لا", "نُور"], 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_family_is_drawn_and_a_seed_draws_the_same_again() {
        let drawn: Vec<Hostile> = (0..FULL).map(Hostile::drawn).collect();
        let different: BTreeSet<String> = drawn.iter().map(|one| one.text('a')).collect();
        assert!(different.len() > 400, "{} different ones", different.len());
        for family in FAMILIES {
            assert!(drawn.iter().filter(|one| one.family == family).count() > 20);
        }
        assert_eq!(Hostile::drawn(7).text('b'), Hostile::drawn(7).text('b'));
    }
}
