//! The RFC 7644 subset that Qlik's filters speak: `eq`, `co`, `and`, `or`, parentheses (dossier 2.2),
//! and `ge` where Qlik's own tools use it.

use super::super::world::lower;
use super::errors::Refusal;

/// More clauses than this are "too complex" (qlik.dev users, filter action: up to 100 ids).
const MAX_CLAUSES: usize = 100;
/// Parentheses deeper than this are "too complex".
const MAX_DEPTH: usize = 16;

/// How an attribute is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Eq,
    Co,
    Ge,
}

/// An attribute a resource can be filtered by, with the operators it takes.
pub(super) type Attribute = (&'static str, &'static [Op]);

/// One comparison; the value is folded already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) attribute: &'static str,
    pub(super) op: Op,
    pub(super) value: String,
}

impl Clause {
    /// Whether a value of the attribute satisfies the clause; letters compare without case.
    pub(super) fn hits(&self, candidate: &str) -> bool {
        match self.op {
            Op::Eq if candidate.is_ascii() => candidate.eq_ignore_ascii_case(&self.value),
            Op::Eq => lower(candidate) == self.value,
            Op::Co => lower(candidate).contains(&self.value),
            Op::Ge => lower(candidate) >= self.value,
        }
    }
}

/// A parsed filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    One(Clause),
}

impl Filter {
    /// Parses a filter over the given attributes.
    pub(super) fn parse(text: &str, attributes: &[Attribute]) -> Result<Self, Refusal> {
        let refuse = |detail: String| Refusal::parameter("filter", detail);
        let tokens = tokens(text).map_err(refuse)?;
        let mut parser = Parser {
            tokens,
            at: 0,
            clauses: 0,
            depth: 0,
            attributes,
        };
        let filter = parser.or().map_err(refuse)?;
        if parser.at < parser.tokens.len() {
            return Err(refuse(
                "Unexpected text after the end of the filter.".into(),
            ));
        }
        Ok(filter)
    }

    /// Evaluates with the resource's own test of a clause.
    pub(super) fn matches(&self, test: &impl Fn(&Clause) -> bool) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|p| p.matches(test)),
            Self::Or(parts) => parts.iter().any(|p| p.matches(test)),
            Self::One(clause) => test(clause),
        }
    }

    /// Checks the rule that all clauses on `attribute` form one group joined by `and` to the rest.
    pub(super) fn grouped(&self, attribute: &str) -> bool {
        let single;
        let parts = match self {
            Self::And(parts) => parts.as_slice(),
            other => {
                single = [other.clone()];
                &single
            }
        };
        let mut groups = 0;
        for part in parts {
            let (with, without) = part.count(attribute);
            if with > 0 && without > 0 {
                return false;
            }
            groups += usize::from(with > 0);
        }
        groups <= 1
    }

    fn count(&self, attribute: &str) -> (usize, usize) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().fold((0, 0), |sum, part| {
                let (with, without) = part.count(attribute);
                (sum.0 + with, sum.1 + without)
            }),
            Self::One(clause) if clause.attribute == attribute => (1, 0),
            Self::One(_) => (0, 1),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => {}
            '(' => out.push(Token::Open),
            ')' => out.push(Token::Close),
            '"' => out.push(Token::Text(quoted(&mut chars)?)),
            c if c.is_ascii_alphanumeric() || c == '_' => {
                let mut word = String::from(c);
                while let Some(c) =
                    chars.next_if(|c| c.is_ascii_alphanumeric() || "._".contains(*c))
                {
                    word.push(c);
                }
                out.push(Token::Word(word));
            }
            other => return Err(format!("Unexpected character '{other}' in the filter.")),
        }
    }
    Ok(out)
}

/// A quoted value: backslash escapes the quote and itself, nothing else.
fn quoted(chars: &mut impl Iterator<Item = char>) -> Result<String, String> {
    let mut out = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok(out),
            '\\' => match chars.next() {
                Some(c @ ('"' | '\\')) => out.push(c),
                _ => return Err("A backslash in a value must be doubled.".into()),
            },
            c => out.push(c),
        }
    }
    Err("A quoted value does not end.".into())
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    clauses: usize,
    depth: usize,
    attributes: &'a [Attribute],
}

impl Parser<'_> {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    /// Consumes the joining word if it comes next.
    fn join(&mut self, word: &str) -> bool {
        let here = matches!(self.tokens.get(self.at), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(here);
        here
    }

    fn or(&mut self) -> Result<Filter, String> {
        let mut parts = vec![self.and()?];
        while self.join("or") {
            parts.push(self.and()?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Filter::Or(parts)
        })
    }

    fn and(&mut self) -> Result<Filter, String> {
        let mut parts = vec![self.term()?];
        while self.join("and") {
            parts.push(self.term()?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Filter::And(parts)
        })
    }

    fn term(&mut self) -> Result<Filter, String> {
        match self.next() {
            Some(Token::Open) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err("The filter is too complex.".into());
                }
                let inner = self.or()?;
                self.depth -= 1;
                match self.next() {
                    Some(Token::Close) => Ok(inner),
                    _ => Err("A parenthesis is not closed.".into()),
                }
            }
            Some(Token::Word(name)) => self.clause(&name),
            _ => Err("An attribute is expected in the filter.".into()),
        }
    }

    fn clause(&mut self, name: &str) -> Result<Filter, String> {
        let Some((attribute, ops)) = self
            .attributes
            .iter()
            .find(|(a, _)| a.eq_ignore_ascii_case(name))
        else {
            return Err(format!("Cannot filter by '{name}'."));
        };
        let op = match self.next() {
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "eq" => Op::Eq,
                "co" => Op::Co,
                "ge" => Op::Ge,
                _ => return Err(format!("Unknown operator '{word}'.")),
            },
            _ => return Err(format!("An operator is expected after '{name}'.")),
        };
        if !ops.contains(&op) {
            return Err(format!("'{name}' cannot be compared that way."));
        }
        let Some(Token::Text(value)) = self.next() else {
            return Err(format!("A quoted value is expected for '{name}'."));
        };
        self.clauses += 1;
        if self.clauses > MAX_CLAUSES {
            return Err("The filter is too complex.".into());
        }
        Ok(Filter::One(Clause {
            attribute,
            op,
            value: lower(&value),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTRIBUTES: &[Attribute] = &[
        ("status", &[Op::Eq]),
        ("subject", &[Op::Eq, Op::Co]),
        ("assignedGroups.id", &[Op::Eq]),
    ];

    fn parse(text: &str) -> Result<Filter, Refusal> {
        Filter::parse(text, ATTRIBUTES)
    }

    #[test]
    fn precedence_case_and_escapes() {
        let filter =
            parse(r#"STATUS Eq "Active" AND (subject eq "ACME\\jd" or subject co "x")"#).unwrap();
        let with = |subject: &str| {
            filter.matches(&|c: &Clause| match c.attribute {
                "status" => c.hits("active"),
                _ => c.hits(subject),
            })
        };
        assert!(with("acme\\JD"));
        assert!(with("aXb"));
        assert!(!with("acme\\jdoe"));
    }

    #[test]
    fn nonsense_is_refused_with_400() {
        for text in [
            "",
            "status",
            "status eq",
            "status eq active",
            "status ne \"a\"",
            "status co \"a\"",
            "nope eq \"a\"",
            "(status eq \"a\"",
            "status eq \"a\" status eq \"b\"",
            "status eq \"a",
            "subject eq \"ACME\\jd\"",
            "not (status eq \"a\")",
            "status eq \"a\") or",
        ] {
            assert_eq!(parse(text).unwrap_err().status, 400, "{text}");
        }
        let many = vec!["subject eq \"a\""; 101].join(" or ");
        assert!(
            parse(&many)
                .unwrap_err()
                .detail
                .unwrap()
                .contains("complex")
        );
        let deep = format!("{}status eq \"a\"{}", "(".repeat(99), ")".repeat(99));
        assert!(
            parse(&deep)
                .unwrap_err()
                .detail
                .unwrap()
                .contains("complex")
        );
    }

    #[test]
    fn status_clauses_must_form_one_group() {
        let ok = |text: &str| parse(text).unwrap().grouped("status");
        assert!(ok(
            r#"(status eq "active" or status eq "invited") and subject co "a""#
        ));
        assert!(ok(r#"status eq "active""#));
        assert!(ok(r#"subject co "a""#));
        assert!(!ok(r#"status eq "active" or subject co "a""#));
        assert!(!ok(
            r#"(status eq "active" and subject co "a") and subject co "b""#
        ));
        assert!(!ok(r#"status eq "active" and status eq "invited""#));
    }
}
