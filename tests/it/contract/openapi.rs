//! The reconciled `OpenAPI` document, when it lies beside the repository or `QROLL_OPENAPI` names it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::schemas::faults;

/// The document, with `OpenAPI` 3.0's `nullable` turned into plain JSON Schema.
pub(crate) struct OpenApi(Value);

/// Says something on the real standard output, which the test harness does not swallow.
pub(crate) fn say(text: &str) {
    writeln!(std::io::stdout(), "{text}").expect("standard output");
}

fn place() -> PathBuf {
    let beside =
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/qlik-openapi.json");
    std::env::var_os("QROLL_OPENAPI").map_or_else(beside, PathBuf::from)
}

impl OpenApi {
    /// The document, or `None` (said on stdout) when there is none.
    pub(crate) fn find() -> Option<Self> {
        let place = place();
        let Ok(text) = std::fs::read_to_string(&place) else {
            say(&format!(
                "no OpenAPI document at {}: own schemas only",
                place.display()
            ));
            return None;
        };
        let mut document = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}"));
        denull(&mut document);
        Some(Self(document))
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str().and_then(|r| r.strip_prefix('#')) {
            Some(pointer) => self
                .0
                .pointer(pointer)
                .unwrap_or_else(|| panic!("{pointer}")),
            None => value,
        }
    }

    /// Every method and path of the document.
    pub(crate) fn operations(&self) -> Vec<(String, String)> {
        let paths = self.0["paths"].as_object().expect("paths");
        let methods = |item: &Value| {
            item.as_object()
                .expect("an item of paths")
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        let known = ["get", "post", "put", "patch", "delete"];
        paths
            .iter()
            .flat_map(|(path, item)| methods(item).into_iter().map(move |m| (m, path.clone())))
            .filter(|(method, _)| known.contains(&method.as_str()))
            .map(|(method, path)| (method.to_uppercase(), path))
            .collect()
    }

    /// Checks an answer: `Err` when the status is not in the document, else what is wrong.
    pub(crate) fn faults(
        &self,
        method: &str,
        path: &str,
        status: u16,
        body: Option<&Value>,
    ) -> Result<Vec<String>, String> {
        let operation = &self.0["paths"][path][method.to_lowercase()];
        let responses = &operation["responses"];
        let response = [&responses[status.to_string()], &responses["default"]]
            .into_iter()
            .find(|r| !r.is_null())
            .ok_or_else(|| format!("{method} {path} has no {status}"))?;
        let content = &self.resolve(response)["content"]["application/json"]["schema"];
        let (false, Some(body)) = (content.is_null(), body) else {
            return Ok(Vec::new());
        };
        let mut schema = content.as_object().cloned().unwrap_or_else(Map::new);
        schema.insert("components".into(), self.0["components"].clone());
        Ok(faults(&Value::Object(schema), body))
    }
}

/// `{"type": "string", "nullable": true}` becomes `{"type": ["string", "null"]}`.
fn denull(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.remove("nullable") == Some(json!(true))
                && let Some(kind) = map.get("type").cloned()
            {
                map.insert("type".into(), json!([kind, "null"]));
            }
            map.values_mut().for_each(denull);
        }
        Value::Array(list) => list.iter_mut().for_each(denull),
        _ => {}
    }
}

#[test]
fn the_document_refuses_what_it_should() {
    let Some(openapi) = OpenApi::find() else {
        return;
    };
    let user = json!({"id": "1", "tenantId": "t", "name": "n"});
    let faults = openapi
        .faults("GET", "/api/v1/users/{userId}", 200, Some(&user))
        .unwrap();
    assert!(faults.iter().any(|f| f.contains("subject")), "{faults:?}");
    assert!(
        openapi
            .faults("GET", "/api/v1/users/{userId}", 418, None)
            .is_err()
    );
}
