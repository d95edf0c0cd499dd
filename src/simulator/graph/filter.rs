//! `$filter`: `eq`, `startswith`, `endswith`, `any` on group types, `and`, `or`, parentheses.

use super::errors::Refusal;

/// A value a property can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Flag(bool),
    Null,
}

/// A parsed filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Equal(String, Value),
    StartsWith(String, String),
    EndsWith(String, String),
    /// A list property contains the text.
    Any(String, String),
}

impl Filter {
    /// Parses; `known` are the properties of the record.
    pub(super) fn parse(text: &str, known: &[&str]) -> Result<Self, Refusal> {
        let mut parser = Parser {
            rest: text.trim(),
            known,
        };
        let filter = parser.or()?;
        if parser.rest.is_empty() {
            Ok(filter)
        } else {
            Err(parser.broken())
        }
    }

    /// Whether it needs the advanced query mode (directories.md 2.4).
    pub(super) fn advanced(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::advanced),
            Self::EndsWith(..) => true,
            _ => false,
        }
    }

    /// Evaluates over a record's JSON; text compares without case.
    pub(super) fn matches(&self, record: &serde_json::Value) -> bool {
        let text = |name: &str| record[name].as_str().map(str::to_lowercase);
        match self {
            Self::And(parts) => parts.iter().all(|p| p.matches(record)),
            Self::Or(parts) => parts.iter().any(|p| p.matches(record)),
            Self::Equal(name, Value::Text(want)) => text(name).is_some_and(|have| have == *want),
            Self::Equal(name, Value::Flag(want)) => record[name].as_bool() == Some(*want),
            Self::Equal(name, Value::Null) => record[name].is_null(),
            Self::StartsWith(name, want) => text(name).is_some_and(|t| t.starts_with(want)),
            Self::EndsWith(name, want) => text(name).is_some_and(|t| t.ends_with(want)),
            Self::Any(name, want) => {
                let list = record[name].as_array().into_iter().flatten();
                list.filter_map(|v| v.as_str())
                    .any(|have| have.eq_ignore_ascii_case(want))
            }
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    known: &'a [&'a str],
}

impl Parser<'_> {
    fn broken(&self) -> Refusal {
        let near: String = self.rest.chars().take(30).collect();
        Refusal::bad(format!(
            "Invalid filter clause: syntax error near '{near}'."
        ))
    }

    /// Consumes the text if it comes next.
    fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn need(&mut self, text: &str) -> Result<(), Refusal> {
        if self.eat(text) {
            Ok(())
        } else {
            Err(self.broken())
        }
    }

    fn or(&mut self) -> Result<Filter, Refusal> {
        let mut parts = vec![self.and()?];
        while self.eat("or ") {
            parts.push(self.and()?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Filter::Or(parts)
        })
    }

    fn and(&mut self) -> Result<Filter, Refusal> {
        let mut parts = vec![self.term()?];
        while self.eat("and ") {
            parts.push(self.term()?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Filter::And(parts)
        })
    }

    fn term(&mut self) -> Result<Filter, Refusal> {
        if self.eat("(") {
            let inner = self.or()?;
            self.need(")")?;
            return Ok(inner);
        }
        let word = self.word();
        if self.eat("(") {
            return self.call(&word);
        }
        if let Some(list) = word.strip_suffix("/any") {
            self.property(list)?;
            return Err(self.broken());
        }
        self.property(&word)?;
        self.need("eq ")?;
        Ok(Filter::Equal(word, self.value()?))
    }

    fn call(&mut self, name: &str) -> Result<Filter, Refusal> {
        if let Some(list) = name.strip_suffix("/any") {
            self.property(list)?;
            let variable = self.word();
            self.need(":")?;
            self.need(&variable)?;
            self.need("eq ")?;
            let Value::Text(want) = self.value()? else {
                return Err(self.broken());
            };
            self.need(")")?;
            return Ok(Filter::Any(list.to_owned(), want));
        }
        let property = self.word();
        self.property(&property)?;
        self.need(",")?;
        let Value::Text(want) = self.value()? else {
            return Err(self.broken());
        };
        self.need(")")?;
        match name.to_ascii_lowercase().as_str() {
            "startswith" => Ok(Filter::StartsWith(property, want)),
            "endswith" => Ok(Filter::EndsWith(property, want)),
            _ => Err(Refusal::bad(format!(
                "An unknown function with name '{name}' was found."
            ))),
        }
    }

    fn property(&self, name: &str) -> Result<(), Refusal> {
        if self.known.contains(&name) {
            return Ok(());
        }
        Err(Refusal::bad(format!(
            "Could not find a property named '{name}'."
        )))
    }

    fn word(&mut self) -> String {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !"_/".contains(c))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        word.to_owned()
    }

    fn value(&mut self) -> Result<Value, Refusal> {
        if !self.rest.starts_with('\'') {
            return match self.word().as_str() {
                "true" => Ok(Value::Flag(true)),
                "false" => Ok(Value::Flag(false)),
                "null" => Ok(Value::Null),
                _ => Err(self.broken()),
            };
        }
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            if c != '\'' {
                out.push(c);
            } else if chars.next_if(|(_, c)| *c == '\'').is_some() {
                out.push('\'');
            } else {
                self.rest = self.rest.get(at + 1..).unwrap_or_default().trim_start();
                return Ok(Value::Text(out.to_lowercase()));
            }
        }
        Err(self.broken())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KNOWN: &[&str] = &[
        "displayName",
        "mail",
        "accountEnabled",
        "userType",
        "groupTypes",
    ];

    #[test]
    fn the_documented_filters_work() {
        let record = json!({
            "displayName": "O'Brien", "mail": "a@Example.com", "accountEnabled": true,
            "userType": "Member", "groupTypes": ["Unified"],
        });
        let hit = |text: &str| Filter::parse(text, KNOWN).unwrap().matches(&record);
        assert!(hit("startswith(displayName,'o''br')"));
        assert!(hit("endsWith(mail,'@example.com')"));
        assert!(hit("accountEnabled eq true and userType eq 'Member'"));
        assert!(hit("groupTypes/any(c:c eq 'Unified')"));
        assert!(hit(
            "(userType eq 'Guest' or mail eq 'a@example.com') and accountEnabled eq true"
        ));
        assert!(!hit("userType eq 'Guest'"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "displayName",
            "displayName eq",
            "displayName eq 'a",
            "nope eq 'a'",
            "contains(displayName,'a')",
            "displayName eq 'a' displayName",
            "(displayName eq 'a'",
            "groupTypes/any(c:d eq 'x')",
        ] {
            assert_eq!(
                Filter::parse(text, KNOWN).unwrap_err().status,
                400,
                "{text}"
            );
        }
    }
}
