//! Filters of users and groups: a small tree that prints as the RFC 7644 subset Qlik documents.
//! Only `eq`, only on attributes named here, values escaped as JSON strings; a value with control
//! characters cannot be asked for at all (reliability 4.4).

use std::fmt;

/// Attributes that are asked about (qlik.dev, users and groups).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Subject,
    Email,
    Status,
    Name,
    ProviderType,
}

impl Attribute {
    fn word(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Email => "email",
            Self::Status => "status",
            Self::Name => "name",
            Self::ProviderType => "providerType",
        }
    }
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// Attribute equals value; the server ignores case.
    Eq(Attribute, Value),
    /// All of these.
    And(Vec<Filter>),
    /// Any of these.
    Or(Vec<Filter>),
}

/// A value without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value(String);

impl Value {
    /// Takes a value; `None` when it holds control characters, which no real key does.
    pub(super) fn new(text: &str) -> Option<Self> {
        (!text.chars().any(char::is_control)).then(|| Self(text.to_owned()))
    }
}

impl Filter {
    /// Attribute equals one of the values; values that cannot be asked for are left out, since
    /// nothing can equal them.
    pub(super) fn any_of<'a>(
        attribute: Attribute,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let clauses = values
            .into_iter()
            .filter_map(Value::new)
            .map(|value| Self::Eq(attribute, value));
        Self::Or(clauses.collect())
    }

    /// Every status but the tombstone. Always sent: whether a request without it hides people who
    /// are not active is not published (dossier 2.2).
    pub(super) fn every_status() -> Self {
        Self::statuses(&["active", "invited", "disabled", "provisioned"])
    }

    /// These statuses, as the one group that the reference demands.
    pub(super) fn statuses(words: &[&str]) -> Self {
        Self::any_of(Attribute::Status, words.iter().copied())
    }

    /// Whether it can match anything at all.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Eq(..) => false,
            Self::And(parts) => parts.iter().any(Self::is_empty),
            Self::Or(parts) => parts.is_empty(),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, word) = match self {
            Self::Eq(attribute, value) => {
                let text = value.0.replace('\\', "\\\\").replace('"', "\\\"");
                return write!(out, "{} eq \"{text}\"", attribute.word());
            }
            Self::And(parts) => (parts, " and "),
            Self::Or(parts) => (parts, " or "),
        };
        out.write_str("(")?;
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                out.write_str(word)?;
            }
            write!(out, "{part}")?;
        }
        out.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::holds;
    use proptest::prelude::*;

    #[test]
    fn backslashes_and_quotes_are_doubled_and_escaped() {
        let filter = Filter::And(vec![
            Filter::every_status(),
            Filter::any_of(Attribute::Subject, ["ACME\\jdoe", "a\" or subject eq \"b"]),
        ]);
        assert_eq!(
            filter.to_string(),
            "((status eq \"active\" or status eq \"invited\" or status eq \"disabled\" or \
             status eq \"provisioned\") and (subject eq \"ACME\\\\jdoe\" or \
             subject eq \"a\\\" or subject eq \\\"b\"))"
        );
    }

    #[test]
    fn controls_cannot_be_asked_for() {
        assert_eq!(Value::new("a\nb"), None);
        assert_eq!(Value::new("a\u{9b}b"), None);
        assert!(Filter::any_of(Attribute::Email, ["a\0b"]).is_empty());
    }

    /// A reader of the printed form that shares no code with the printer.
    struct Reader<'a>(&'a str);

    impl Reader<'_> {
        fn eat(&mut self, word: &str) -> bool {
            let rest = self.0.strip_prefix(word);
            self.0 = rest.unwrap_or(self.0);
            rest.is_some()
        }

        fn filter(&mut self) -> Filter {
            if !self.eat("(") {
                return self.clause();
            }
            let mut parts = vec![self.filter()];
            let mut or = false;
            while !self.eat(")") {
                or = self.eat(" or ");
                assert!(or || self.eat(" and "), "at {}", self.0);
                parts.push(self.filter());
            }
            if or {
                Filter::Or(parts)
            } else {
                Filter::And(parts)
            }
        }

        fn clause(&mut self) -> Filter {
            let attribute = [
                Attribute::Subject,
                Attribute::Email,
                Attribute::Status,
                Attribute::Name,
                Attribute::ProviderType,
            ]
            .into_iter()
            .find(|attribute| self.eat(attribute.word()))
            .expect("an attribute");
            assert!(self.eat(" eq "));
            let mut values = serde_json::Deserializer::from_str(self.0).into_iter::<String>();
            let value = values.next().expect("a value").expect("a JSON string");
            let read = values.byte_offset();
            self.0 = &self.0[read..];
            Filter::Eq(attribute, Value(value))
        }
    }

    fn any_filter() -> impl Strategy<Value = Filter> {
        let attribute = prop_oneof![
            Just(Attribute::Subject),
            Just(Attribute::Email),
            Just(Attribute::Name),
            Just(Attribute::Status),
            Just(Attribute::ProviderType),
        ];
        let clause = (attribute, "\\PC*").prop_map(|(attribute, text)| {
            let text: String = text.chars().filter(|c| !c.is_control()).collect();
            Filter::Eq(attribute, Value(text))
        });
        clause.prop_recursive(3, 24, 4, |inner| {
            let parts = proptest::collection::vec(inner, 2..4);
            prop_oneof![
                parts.clone().prop_map(Filter::And),
                parts.prop_map(Filter::Or)
            ]
        })
    }

    #[test]
    fn proof_t9_reading_what_was_printed_gives_the_same_filter() {
        holds(
            "a filter read is the filter printed",
            any_filter(),
            |filter| {
                let text = filter.to_string();
                let mut reader = Reader(&text);
                prop_assert_eq!(reader.filter(), filter);
                prop_assert_eq!(reader.0, "");
                Ok(())
            },
        );
    }
}
