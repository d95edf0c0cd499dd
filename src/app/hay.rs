//! The texts that the fuzzy filter searches: name, address, login and subject of each row, without
//! accents, since the matcher is several times faster on plain ASCII and accents are optional
//! anyway. One string for all rows, so that a hundred thousand of them cost no allocation each.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::domain::Row;
use crate::text::Raw;

/// One text a row, end to end.
#[derive(Clone, Debug, Default)]
pub(super) struct Hay {
    text: String,
    ends: Vec<u32>,
}

impl Hay {
    /// The texts of these rows.
    pub(super) fn of(rows: &[Row]) -> Self {
        let mut length = 0;
        for row in rows {
            for_each_word(row, |word| length += word.len() + 1);
        }
        let mut hay = Self {
            text: String::with_capacity(length),
            ends: Vec::with_capacity(rows.len()),
        };
        for row in rows {
            for_each_word(row, |word| {
                fold_into(word, &mut hay.text);
                hay.text.push(' ');
            });
            hay.ends
                .push(u32::try_from(hay.text.len()).unwrap_or(u32::MAX));
        }
        hay.text.shrink_to_fit();
        hay
    }

    /// The text of a row; empty beyond the end.
    pub(super) fn get(&self, row: u32) -> &str {
        let at = row as usize;
        let begin = at
            .checked_sub(1)
            .map_or(Some(0), |before| self.ends.get(before).copied());
        let span = begin.zip(self.ends.get(at).copied());
        span.and_then(|(begin, end)| self.text.get(begin as usize..end as usize))
            .unwrap_or("")
    }
}

/// The same words as they came, for patterns.
pub(super) fn words_of(row: &Row) -> String {
    let mut text = String::new();
    for_each_word(row, |word| {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    });
    text
}

/// Without accents: decomposed, the marks left out.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

fn fold_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.push_str(text);
    } else {
        out.extend(
            text.nfd()
                .filter(|character| !is_combining_mark(*character)),
        );
    }
}

fn for_each_word(row: &Row, mut word: impl FnMut(&str)) {
    let mut add = |text: Option<&Raw>| {
        if let Some(text) = text.filter(|text| !text.is_blank()) {
            word(text.expose());
        }
    };
    add(row.name());
    match &row.person {
        Some(person) => {
            add(person.mail.as_ref().or(person.upn.as_ref()));
            add(person.sam.as_ref());
        }
        None => add(row.user.as_ref().and_then(|user| user.email.as_ref())),
    }
    let subject = row.user.as_ref().map(|user| user.subject.raw());
    add(subject.or(row.licenses.first().map(|seat| seat.subject.raw())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_are_taken_off_and_the_rest_stays() {
        assert_eq!(fold("Björn Ólafsdóttir"), "Bjorn Olafsdottir");
        assert_eq!(fold("Søren 山田"), "Søren 山田");
        assert_eq!(fold("plain"), "plain");
    }

    #[test]
    fn beyond_the_end_there_is_nothing() {
        let hay = Hay::of(&[]);
        assert_eq!(hay.get(0), "");
        assert_eq!(hay.get(7), "");
    }
}
