//! The subject template: which directory attributes make the subject that the identity provider
//! will send, e.g. `{id}`, `{upn}` or `CORP\{sam}`. Literal braces are written `{{` and `}}`.

use std::fmt;

use crate::domain::{Person, Subject};

/// A parsed template: literal text and attribute names in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectTemplate {
    source: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Attribute(String),
}

/// Why a template cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("subject template, character {position}: {reason}")]
pub struct TemplateError {
    /// Counted in characters from 1.
    pub position: usize,
    /// A clause in our words.
    pub reason: &'static str,
}

impl SubjectTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// An unclosed or stray brace, an empty or odd attribute name, or no attribute at all (everybody
    /// would get the same subject).
    pub fn parse(source: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = source.chars().enumerate().peekable();
        while let Some((at, character)) = rest.next() {
            let doubled = rest.peek().is_some_and(|(_, next)| *next == character);
            match character {
                '{' | '}' if doubled => {
                    rest.next();
                    literal.push(character);
                }
                '{' => {
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                    }
                    parts.push(Part::Attribute(attribute(at, &mut rest)?));
                }
                '}' => return Err(error(at, "`}` closes nothing (write `}}` for a brace)")),
                other => literal.push(other),
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        if !parts.iter().any(|part| matches!(part, Part::Attribute(_))) {
            return Err(error(
                0,
                "it names no attribute, so everybody would get one subject; try {id}, {upn} or {mail}",
            ));
        }
        Ok(Self {
            source: source.to_owned(),
            parts,
        })
    }

    /// The subject of a person.
    ///
    /// # Errors
    /// The name of the first attribute that is missing or blank.
    pub fn render(&self, person: &Person) -> Result<Subject, &str> {
        if let [Part::Attribute(name)] = self.parts.as_slice() {
            // The attribute itself: one text for both.
            let value = person.attribute(name).filter(|value| !value.is_blank());
            return value.cloned().map(Subject::from).ok_or(name);
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Attribute(name) => match person.attribute(name) {
                    Some(value) if !value.is_blank() => text.push_str(value.expose()),
                    _ => return Err(name),
                },
            }
        }
        Ok(Subject::new(text))
    }

    /// The attributes it needs, in order.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Attribute(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }
}

impl fmt::Display for SubjectTemplate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.source)
    }
}

/// How people and users belong together, from the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRule {
    /// What the identity provider sends as subject.
    pub template: SubjectTemplate,
    /// Whether a single e-mail match counts without a look (`match` holds `"email"`).
    pub accept_email: bool,
    /// Share in percent of existing users whom the template must give their subject before users
    /// are made by it without a typed number.
    pub share: u64,
}

impl IdentityRule {
    /// The share when the profile says none.
    pub const SHARE: u64 = 90;

    /// Subjects by this template, e-mail matches only when accepted one by one.
    pub fn new(template: SubjectTemplate) -> Self {
        Self {
            template,
            accept_email: false,
            share: Self::SHARE,
        }
    }
}

fn attribute(
    start: usize,
    rest: &mut impl Iterator<Item = (usize, char)>,
) -> Result<String, TemplateError> {
    let mut name = String::new();
    for (at, character) in rest {
        match character {
            '}' if name.is_empty() => return Err(error(at, "an attribute name is missing")),
            '}' => return Ok(name),
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '.' => name.push(character),
            _ => {
                return Err(error(
                    at,
                    "attribute names are letters, digits, `_`, `-` and `.`",
                ));
            }
        }
    }
    Err(error(start, "`{` is not closed"))
}

fn error(at: usize, reason: &'static str) -> TemplateError {
    TemplateError {
        position: at + 1,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PersonId;
    use crate::text::Raw;

    fn anna() -> Person {
        let mut person = Person::new(PersonId::from("41c0"), "Anna");
        person.sam = Some(Raw::from("anna"));
        person.mail = Some(Raw::from(" "));
        person.more.push(("sid".into(), Raw::from("S-1-5")));
        person
    }

    #[test]
    fn templates_give_subjects() {
        for (template, subject) in [
            ("{id}", "41c0"),
            ("CORP\\{sam}", "CORP\\anna"),
            ("{sid}/{name}", "S-1-5/Anna"),
            ("{{x}}{id}", "{x}41c0"),
        ] {
            let template = SubjectTemplate::parse(template).unwrap();
            assert_eq!(template.render(&anna()), Ok(Subject::from(subject)));
        }
    }

    #[test]
    fn a_missing_or_blank_attribute_is_named() {
        for (template, name) in [("{upn}", "upn"), ("{id}{mail}", "mail"), ("{nope}", "nope")] {
            let template = SubjectTemplate::parse(template).unwrap();
            assert_eq!(template.render(&anna()), Err(name));
        }
    }

    #[test]
    fn errors_say_where() {
        for (template, position) in [
            ("CORP\\{sam", 6),
            ("a}b", 2),
            ("{}", 2),
            ("x{a b}", 4),
            ("everybody", 1),
            ("", 1),
        ] {
            assert_eq!(
                SubjectTemplate::parse(template).unwrap_err().position,
                position
            );
        }
    }
}
