//! The roster's filter: fuzzy words, `key:value`, `!` to negate, `~` for a regular expression.
//!
//! Typing one more letter only narrows what already fits, so 100,000 rows answer within a key.

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use regex::{Regex, RegexBuilder};

use super::hay::fold;

/// What a filter may ask of a row.
pub trait Facts {
    /// Name, addresses and subject in one text.
    fn haystack(&self, row: u32) -> &str;
    /// The same words as they came, accents and all.
    fn text(&self, row: u32) -> String;
    /// Whether the value of a key fits; `None` when there is no such key.
    fn fits(&self, row: u32, key: &str, value: &str) -> Option<bool>;
}

/// Keys of `key:value`, for help and for the message about an unknown one.
pub const KEYS: &[&str] = &[
    "name", "mail", "subject", "dept", "dir", "qlik", "license", "is",
];

/// Values of `is:`.
const STATES: &[&str] = &["conflict", "owner", "staged", "stranger"];

/// A filter, ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    terms: Vec<Term>,
    text: String,
    trouble: Option<String>,
}

#[derive(Clone, Debug)]
struct Term {
    not: bool,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Fuzzy(Atom),
    Key(String, String),
    Pattern(Regex),
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Filter {
    /// Reads a filter; the error is a sentence about the first part that cannot be read. Such a
    /// filter fits nobody: what was meant is not known, and a guess could be acted upon.
    pub fn parse(text: &str) -> (Self, Option<String>) {
        let mut filter = Self {
            terms: Vec::new(),
            text: text.trim().to_owned(),
            trouble: None,
        };
        for word in text.split_whitespace() {
            match term(word) {
                Ok(Some(term)) => filter.terms.push(term),
                Ok(None) => {}
                Err(error) => filter.trouble = filter.trouble.or(Some(error)),
            }
        }
        let trouble = filter.trouble.clone();
        (filter, trouble)
    }

    /// Whether everything fits.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.trouble.is_none()
    }

    /// What cannot be read of it.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Whether it asks for this value of this key.
    pub fn asks(&self, key: &str, value: &str) -> bool {
        self.terms.iter().any(
            |term| matches!(&term.test, Test::Key(asked, wanted) if asked == key && wanted == value),
        )
    }

    /// Whether rows come with a score, best first.
    pub fn is_fuzzy(&self) -> bool {
        self.terms
            .iter()
            .any(|term| !term.not && matches!(term.test, Test::Fuzzy(_)))
    }

    /// Whether whatever fits `self` also fitted `before`.
    pub fn narrows(&self, before: &Self) -> bool {
        !before.text.is_empty()
            && before.trouble.is_none()
            && self.trouble.is_none()
            && self.text.starts_with(&before.text)
            && self.text.len() > before.text.len()
            && before
                .terms
                .iter()
                .all(|term| !term.not && matches!(term.test, Test::Fuzzy(_)))
            && self.terms.len() >= before.terms.len()
            && self
                .terms
                .iter()
                .take(before.terms.len())
                .all(|term| !term.not && matches!(term.test, Test::Fuzzy(_)))
    }

    /// The rows that fit, in their order; best first when the filter is fuzzy and `ranked`.
    pub fn run(&self, facts: &dyn Facts, rows: &[u32], ranked: bool) -> Vec<u32> {
        if self.is_empty() {
            return rows.to_vec();
        }
        if self.trouble.is_some() {
            return Vec::new();
        }
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut found: Vec<(u32, u32)> = rows
            .iter()
            .filter_map(|row| {
                let score = self.score(facts, *row, &mut matcher, &mut buffer)?;
                Some((score, *row))
            })
            .collect();
        if ranked && self.is_fuzzy() {
            found.sort_unstable_by_key(|(score, row)| (std::cmp::Reverse(*score), *row));
        }
        found.into_iter().map(|(_, row)| row).collect()
    }

    fn score(
        &self,
        facts: &dyn Facts,
        row: u32,
        matcher: &mut Matcher,
        buffer: &mut Vec<char>,
    ) -> Option<u32> {
        let mut total = 0;
        for term in &self.terms {
            let score = match &term.test {
                Test::Fuzzy(atom) => atom
                    .score(Utf32Str::new(facts.haystack(row), buffer), matcher)
                    .map(u32::from),
                Test::Key(key, value) => facts.fits(row, key, value)?.then_some(1),
                Test::Pattern(regex) => regex.is_match(&facts.text(row)).then_some(1),
            };
            match (score, term.not) {
                (Some(score), false) => total += score,
                (None, true) => {}
                _ => return None,
            }
        }
        Some(total)
    }
}

fn term(word: &str) -> Result<Option<Term>, String> {
    let (not, rest) = match word.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    if rest.is_empty() {
        return Ok(None);
    }
    let test = if let Some(pattern) = rest.strip_prefix('~') {
        if pattern.is_empty() {
            return Ok(None);
        }
        // The size cap keeps a hostile or mistyped pattern from eating the machine.
        let regex = RegexBuilder::new(pattern)
            .case_insensitive(true)
            .size_limit(1 << 20)
            .build()
            .map_err(|_| format!("{pattern} is no regular expression yet"))?;
        Test::Pattern(regex)
    } else if let Some((key, value)) = rest.split_once(':') {
        if !KEYS.contains(&key) {
            return Err(format!("no key {key}: known are {}", KEYS.join(" ")));
        }
        let value = value.to_lowercase();
        if key == "is" && !STATES.contains(&value.as_str()) {
            return Err(format!("no is:{value}: known are {}", STATES.join(" ")));
        }
        Test::Key(key.to_owned(), value)
    } else {
        Test::Fuzzy(Atom::new(
            &fold(rest),
            CaseMatching::Smart,
            Normalization::Smart,
            AtomKind::Fuzzy,
            false,
        ))
    };
    Ok(Some(Term { not, test }))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Names(Vec<&'static str>);

    impl Facts for Names {
        fn haystack(&self, row: u32) -> &str {
            self.0[row as usize]
        }
        fn text(&self, row: u32) -> String {
            self.haystack(row).to_owned()
        }
        fn fits(&self, row: u32, key: &str, value: &str) -> Option<bool> {
            (key == "name").then(|| self.haystack(row).to_lowercase().contains(value))
        }
    }

    fn run(text: &str) -> Vec<u32> {
        let names = Names(vec![
            "Anna Andersson",
            "Björn Ivanova",
            "Bob Admin",
            "Ada Dmin",
        ]);
        let (filter, trouble) = Filter::parse(text);
        assert_eq!(trouble, None);
        filter.run(&names, &[0, 1, 2, 3], true)
    }

    #[test]
    fn words_keys_negation_and_patterns() {
        assert_eq!(run("adm"), [2, 3]);
        assert_eq!(run("bjorn"), [1], "accents are optional");
        assert_eq!(run("!adm"), [0, 1]);
        assert_eq!(run("name:b"), [1, 2]);
        assert_eq!(run("~^a"), [0, 3]);
        assert_eq!(run("!~^a name:bob"), [2]);
        assert_eq!(run("   "), [0, 1, 2, 3]);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(
            Filter::parse("~[")
                .1
                .expect("a sentence")
                .contains("regular")
        );
        assert!(
            Filter::parse("colour:red")
                .1
                .expect("a sentence")
                .contains("license")
        );
    }

    #[test]
    fn what_cannot_be_read_fits_nobody() {
        let names = Names(vec!["Anna Andersson", "Bob Admin"]);
        for text in ["foo:bar", "~^Ann[(", "!foo:bar", "anna !is:strangr"] {
            let (filter, trouble) = Filter::parse(text);
            assert!(trouble.is_some(), "{text}");
            assert!(!filter.is_empty(), "{text}");
            assert!(filter.run(&names, &[0, 1], true).is_empty(), "{text}");
        }
        let (broken, whole) = (Filter::parse("fo:").0, Filter::parse("fo: an").0);
        assert!(!whole.narrows(&broken));
    }

    #[test]
    fn only_longer_fuzzy_text_narrows() {
        let filter = |text| Filter::parse(text).0;
        assert!(filter("ann").narrows(&filter("an")));
        assert!(filter("ann and").narrows(&filter("ann")));
        assert!(!filter("!ann").narrows(&filter("!an")));
        assert!(!filter("bo").narrows(&filter("an")));
        assert!(!filter("an:x").narrows(&filter("an")));
        assert!(!filter("a").narrows(&filter("")));
    }
}
