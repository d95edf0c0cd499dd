//! Our own schemas: one small file for each kind of answer. A reference to another file is replaced
//! by its content, so that the validator needs no registry.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// All schemas by file name without extension, references resolved.
pub(crate) struct Schemas(BTreeMap<String, Value>);

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/schemas")
}

fn read(name: &str) -> Value {
    let path = folder().join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut schema = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
    inline(&mut schema);
    schema
}

fn inline(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if let Some(file) = map.get("$ref").and_then(Value::as_str) {
                let name = file.strip_suffix(".json").unwrap_or(file).to_owned();
                *value = read(&name);
                return;
            }
            map.values_mut().for_each(inline);
        }
        Value::Array(list) => list.iter_mut().for_each(inline),
        _ => {}
    }
}

impl Schemas {
    pub(crate) fn load() -> Self {
        let names = std::fs::read_dir(folder())
            .expect("assets/schemas")
            .map(|entry| {
                let path = entry.expect("an entry").path();
                path.file_stem()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned()
            });
        Self(names.map(|name| (name.clone(), read(&name))).collect())
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What is wrong with a value; empty when nothing is.
    pub(crate) fn faults(&self, name: &str, value: &Value) -> Vec<String> {
        let schema = self
            .0
            .get(name)
            .unwrap_or_else(|| panic!("there is no schema {name}"));
        faults(schema, value)
    }
}

/// What a schema holds against a value.
pub(crate) fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap_or_else(|e| panic!("{e}"));
    validator
        .iter_errors(value)
        .map(|e| format!("{} at {}", e, e.instance_path()))
        .collect()
}

#[test]
fn a_schema_refuses_what_it_should() {
    let schemas = Schemas::load();
    let good = serde_json::json!({"total": 3});
    assert!(schemas.faults("user-count", &good).is_empty());
    for bad in [
        serde_json::json!({}),
        serde_json::json!({"total": 3, "more": 1}),
    ] {
        assert!(!schemas.faults("user-count", &bad).is_empty(), "{bad}");
    }
    let silent = serde_json::json!({"data": [{"subject": "a", "status": 403}]});
    assert!(
        !schemas.faults("license-results", &silent).is_empty(),
        "a failure must say its code"
    );
}
