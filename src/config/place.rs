//! Errors of the file, with line, column and the nearest name.

use std::ops::Range;

use crate::ports::{Kind, Problem};
use crate::text::nearest;

/// The text being read, for saying where something stands.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// What to call the file.
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// A problem at a span.
    pub(super) fn problem(self, span: Range<usize>, said: &str) -> Problem {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Problem::new(
            Kind::Config,
            format!("{}, line {line}, column {column}: {said}", self.name),
        )
    }

    /// What the parser says, with a suggestion for a mistyped key.
    pub(super) fn of_parser(self, error: &toml::de::Error) -> Problem {
        let message = error.message();
        let span = error.span().unwrap_or(0..0);
        let mut words = message.split('`').skip(1).step_by(2);
        let (Some(wrong), true) = (words.next(), message.starts_with("unknown field")) else {
            return self.problem(span, message.lines().next().unwrap_or(message));
        };
        let known: Vec<&str> = words.collect();
        let problem = self.problem(span, &format!("there is no key `{wrong}` here"));
        match nearest(wrong, known.iter().copied()).first() {
            Some(near) => problem.hint(format!("Did you mean `{near}`?")),
            None => problem.hint(format!("Known here: {}", known.join(", "))),
        }
    }
}
