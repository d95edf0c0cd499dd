//! `$search`: quoted `"property:text"` clauses joined by AND and OR. By word, not "contains":
//! displayName and description are split into words, other properties match from their start.

use super::errors::Refusal;

/// A parsed search: any of the lists, each of whose clauses must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Search(Vec<Vec<(String, String)>>);

impl Search {
    /// Parses; `known` are the properties that can be searched.
    pub(super) fn parse(text: &str, known: &[&str]) -> Result<Self, Refusal> {
        let broken = || Refusal::bad("Syntax error: invalid $search clause.");
        let mut any = vec![Vec::new()];
        let mut rest = text.trim();
        loop {
            let (clause, after) = quoted(rest).ok_or_else(broken)?;
            let (property, value) = clause.split_once(':').ok_or_else(broken)?;
            if !known.contains(&property) {
                return Err(Refusal::unsupported(format!(
                    "Property '{property}' cannot be searched."
                )));
            }
            if let Some(all) = any.last_mut() {
                all.push((property.to_owned(), value.to_lowercase()));
            }
            rest = after.trim_start();
            if rest.is_empty() {
                return Ok(Self(any));
            }
            if let Some(after) = rest.strip_prefix("OR ") {
                any.push(Vec::new());
                rest = after.trim_start();
            } else {
                rest = rest.strip_prefix("AND ").ok_or_else(broken)?.trim_start();
            }
        }
    }

    /// Evaluates over a record's JSON.
    pub(super) fn matches(&self, record: &serde_json::Value) -> bool {
        let hit = |(property, want): &(String, String)| {
            let Some(text) = record[property].as_str() else {
                return false;
            };
            if matches!(property.as_str(), "displayName" | "description") {
                return words_hit(text, want);
            }
            text.to_lowercase().starts_with(want)
        };
        self.0.iter().any(|all| all.iter().all(hit))
    }
}

/// A quoted clause and what follows it; a backslash escapes.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.strip_prefix('"')?.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, text.get(at + 2..)?)),
            '\\' => out.push(chars.next()?.1),
            c => out.push(c),
        }
    }
    None
}

/// Each wanted word is the beginning of some word of the text.
fn words_hit(text: &str, want: &str) -> bool {
    let have = words(text);
    words(want)
        .iter()
        .all(|w| have.iter().any(|h| h.starts_with(w.as_str())))
}

/// Splits at everything that is no letter, at digits, and where lower case turns to upper.
fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut last: Option<char> = None;
    for c in text.chars() {
        let turns = last.is_some_and(|l| {
            (l.is_lowercase() && c.is_uppercase()) || (l.is_numeric() != c.is_numeric())
        });
        if !c.is_alphanumeric() || turns {
            out.push(std::mem::take(&mut current));
        }
        if c.is_alphanumeric() {
            current.extend(c.to_lowercase());
            last = Some(c);
        } else {
            last = None;
        }
    }
    out.push(current);
    out.retain(|word| !word.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hit(text: &str, name: &str) -> bool {
        let known = ["displayName", "mail"];
        let record = json!({"displayName": name, "mail": "anna.berg@corp.example"});
        Search::parse(text, &known).unwrap().matches(&record)
    }

    #[test]
    fn search_is_by_word() {
        assert!(hit(r#""displayName:finance""#, "QLIK_Finance-EMEA"));
        assert!(!hit(r#""displayName:nance""#, "QLIK_Finance-EMEA"));
        assert!(hit(r#""displayName:emea fin""#, "Finance EMEA"));
        assert!(hit(r#""displayName:desk""#, "HelpDesk2"));
        assert!(hit(r#""displayName:nope" OR "mail:anna""#, "x"));
        assert!(!hit(r#""displayName:nope" AND "mail:anna""#, "x"));
        assert!(hit(r#""displayName:say \"hi\"""#, "Say \"hi\""));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "finance",
            "\"finance\"",
            "\"displayName:a",
            "\"nope:a\"",
            "\"mail:a\" or \"mail:b\"",
        ] {
            assert_eq!(
                Search::parse(text, &["displayName", "mail"])
                    .unwrap_err()
                    .status,
                400
            );
        }
    }
}
