//! Who may hold a seat, as the profile says: whoever is in an approved group, and exceptions, each
//! with its reason.

use jiff::civil::Date;

use crate::text::Raw;

/// Somebody who may hold a seat although no approved group holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Subject, e-mail or id.
    pub who: Raw,
    /// Why; shown wherever it counts.
    pub why: Raw,
    /// The last day on which it counts; without one it counts until it is taken out.
    pub until: Option<Date>,
}

/// Approved groups and exceptions of a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entitled {
    /// Directory groups, by name or id. Without any nobody can be called a stranger.
    pub groups: Vec<Raw>,
    /// Exceptions, in the order in which they stand.
    pub except: Vec<Exception>,
}

impl Entitled {
    /// Places of the exceptions that name somebody of whom these are the signs, run out or not.
    pub fn naming<'a>(&self, signs: impl IntoIterator<Item = &'a str>) -> Vec<usize> {
        let signs: Vec<String> = signs.into_iter().map(str::to_lowercase).collect();
        let all = self.except.iter().enumerate();
        all.filter(|(_, one)| signs.contains(&one.who.key()))
            .map(|(place, _)| place)
            .collect()
    }

    /// The exception that counts on this day for somebody of whom these are the signs.
    pub fn exception<'a>(
        &self,
        signs: impl IntoIterator<Item = &'a str>,
        today: Date,
    ) -> Option<&Exception> {
        let signs: Vec<String> = signs.into_iter().map(str::to_lowercase).collect();
        self.except.iter().find(|one| {
            one.until.is_none_or(|until| today <= until) && signs.contains(&one.who.key())
        })
    }
}
