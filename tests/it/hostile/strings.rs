//! The hostile strings of T13: drawn from a seed, family by family, each between two tokens that no
//! screen of ours uses, so that a place where one is drawn can be found again.

use super::families::{FORMULAS, PIECES, RANGES};

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
    let pieces = PIECES.iter().find(|one| one.0 == family);
    let (pieces, most) = pieces.map_or(("", 1), |one| (one.1, one.2));
    let pieces: Vec<&str> = pieces.split('¦').collect();
    let ranges = RANGES.iter().find(|one| one.0 == family);
    let (ranges, many) = ranges.map_or((&[(0x20, 0x20)][..], 1), |one| (one.1, one.2));
    match family {
        F::Control | F::Tags | F::PrivateUse => dice.points(ranges, many),
        F::Marks => format!("{}{}", dice.one(&pieces), dice.points(ranges, many)),
        F::LeadingMark => format!("{}x", dice.points(ranges, many)),
        F::Long => dice.one(&pieces).repeat(200 + dice.below(1800)),
        F::Formula => {
            let formulas: Vec<&str> = FORMULAS.split('¦').collect();
            format!("{}{}", dice.one(&pieces), dice.one(&formulas))
        }
        F::Blank => dice.one(&pieces).to_owned(),
        _ => dice.some(&pieces, most),
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
