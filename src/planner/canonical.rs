//! Canonical JSON: keys sorted, no white space, strings escaped as `serde_json` does. What is hashed.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// SHA-256 over the canonical form of one object, told field by field, so that a hundred thousand
/// operations are never all values at once.
pub(super) struct Hasher {
    sha: Sha256,
    text: String,
    fields: usize,
}

impl Hasher {
    /// An object without fields.
    pub(super) fn new() -> Self {
        let mut sha = Sha256::new();
        sha.update("{");
        Self {
            sha,
            text: String::new(),
            fields: 0,
        }
    }

    /// The next field; fields come sorted by name.
    pub(super) fn field(&mut self, name: &str, value: &impl Serialize) {
        self.name(name);
        self.value(value);
    }

    /// The next field, which is a list.
    pub(super) fn list<T: Serialize>(&mut self, name: &str, items: impl IntoIterator<Item = T>) {
        self.name(name);
        self.sha.update("[");
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.sha.update(",");
            }
            self.value(&item);
        }
        self.sha.update("]");
    }

    /// The next field as it stands in a file. What is no value of ours, a number beyond any or lists
    /// nested without end, is an error: as nothing it would be hashed like something else.
    fn raw(&mut self, name: &str, raw: &RawValue) -> Result<(), serde_json::Error> {
        self.name(name);
        if !raw.get().starts_with('[') {
            self.hash(&serde_json::from_str(raw.get())?);
            return Ok(());
        }
        let items: Vec<&RawValue> = serde_json::from_str(raw.get())?;
        self.sha.update("[");
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.sha.update(",");
            }
            self.hash(&serde_json::from_str(item.get())?);
        }
        self.sha.update("]");
        Ok(())
    }

    fn name(&mut self, name: &str) {
        let comma = if self.fields > 0 { "," } else { "" };
        self.fields += 1;
        self.sha.update(format!("{comma}{}:", Value::from(name)));
    }

    fn hash(&mut self, value: &Value) {
        self.text.clear();
        write(value, &mut self.text);
        self.sha.update(&self.text);
    }

    fn value(&mut self, value: &impl Serialize) {
        // Plain data with text keys always becomes a value.
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        self.hash(&value);
    }

    /// Lower-case hex.
    pub(super) fn digest(mut self) -> String {
        self.sha.update("}");
        hex(&self.sha.finalize())
    }
}

/// The digest of an object as it stands in a file, without one of its fields; every other field
/// counts, known or not.
///
/// # Errors
/// A field cannot be read as JSON of ours, whatever it is called.
pub(super) fn digest_of_file(
    fields: &BTreeMap<String, &RawValue>,
    without: &str,
) -> Result<String, serde_json::Error> {
    let mut hasher = Hasher::new();
    for (name, raw) in fields.iter().filter(|(name, _)| *name != without) {
        hasher.raw(name, raw)?;
    }
    Ok(hasher.digest())
}

/// The canonical form of a value.
#[cfg(test)]
pub(super) fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for (at, key) in keys.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                let _ = write!(out, "{}:", Value::from(key.as_str()));
                write(fields.get(key).unwrap_or(&Value::Null), out);
            }
            out.push('}');
        }
        plain => {
            let _ = write!(out, "{plain}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let value: Value =
            serde_json::from_str(r#"{ "b": [ {"z":1, "a":"\u001b"} ], "a": null }"#).unwrap();
        assert_eq!(
            canonical(&value),
            r#"{"a":null,"b":[{"a":"\u001b","z":1}]}"#
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_hashed_as_nothing() {
        let digest = |text: &str| {
            let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap();
            digest_of_file(&fields, "hash").ok()
        };
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        assert!(digest(r#"{"x":null}"#).is_some());
        for value in [
            "1e999",
            r#"{"y":-1e999}"#,
            "[0,1e999]",
            &format!("[{deep}]"),
        ] {
            assert_eq!(digest(&format!("{{\"x\":{value}}}")), None, "{value}");
        }
    }
}
