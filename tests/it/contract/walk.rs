//! Makes one call of the walk and checks its answer twice.

use std::collections::BTreeSet;

use serde_json::Value;

use super::openapi::{OpenApi, say};
use super::schemas::Schemas;
use crate::simulator::client::Lab;

/// Statuses the simulator uses though the document does not list them for the operation: strict
/// refusals of what a client should never send, where the dossier says "handle both" (sections 5, 9.3).
const BEYOND: &[(&str, &str, u16)] = &[
    ("POST", "/api/v1/spaces/{spaceId}/assignments", 400),
    (
        "PUT",
        "/api/v1/spaces/{spaceId}/assignments/{assignmentId}",
        400,
    ),
    ("PATCH", "/api/v1/spaces/{spaceId}", 400),
    ("GET", "/api/v1/licenses/overview", 403),
];

/// The walk so far.
pub(crate) struct Walk {
    pub(crate) lab: Lab,
    schemas: Schemas,
    openapi: Option<OpenApi>,
    seen: BTreeSet<(String, String)>,
    used: BTreeSet<String>,
    checked: usize,
}

impl Walk {
    pub(crate) fn new(lab: Lab) -> Self {
        Self {
            lab,
            schemas: Schemas::load(),
            openapi: OpenApi::find(),
            seen: BTreeSet::new(),
            used: BTreeSet::new(),
            checked: 0,
        }
    }

    /// Calls `path` (ids in place of `{...}` come from `ids`) and expects `status` and `schema`.
    pub(crate) async fn step(
        &mut self,
        call: (&str, &str),
        ids: &[&str],
        query: &str,
        body: Option<Value>,
        expect: (u16, &str),
    ) -> Value {
        let (method, template) = call;
        let path = format!("{}{query}", fill(template, ids));
        let answer = match &body {
            Some(body) => self.lab.with(method, &path, body).await,
            None => self.lab.send(self.lab.request(method, &path)).await,
        };
        let what = format!("{method} {path} -> {} {}", answer.status, answer.text);
        assert_eq!(answer.status, expect.0, "{what}");
        self.seen.insert((method.to_owned(), template.to_owned()));
        self.checked += 1;
        if expect.1.is_empty() {
            assert!(answer.text.is_empty(), "{what}");
            self.check_openapi(call, answer.status, None, &what);
            return Value::Null;
        }
        let value = answer.json();
        let faults = self.schemas.faults(expect.1, &value);
        assert!(
            faults.is_empty(),
            "{what}\nagainst {}: {faults:#?}",
            expect.1
        );
        self.used.insert(expect.1.to_owned());
        self.check_openapi(call, answer.status, Some(&value), &what);
        value
    }

    fn check_openapi(&self, call: (&str, &str), status: u16, body: Option<&Value>, what: &str) {
        let Some(openapi) = &self.openapi else { return };
        match openapi.faults(call.0, call.1, status, body) {
            Ok(faults) => assert!(faults.is_empty(), "{what}\nagainst OpenAPI: {faults:#?}"),
            Err(missing) => {
                assert!(
                    BEYOND.contains(&(call.0, call.1, status)),
                    "{what}: {missing}"
                );
            }
        }
    }

    /// Every schema was used, and every operation of the document walked except those named.
    pub(crate) fn finish(self, not_served: &[(&str, &str)]) {
        let unused: Vec<&str> = self
            .schemas
            .names()
            .filter(|n| !self.used.contains(*n))
            .collect();
        assert_eq!(unused, ["role-reference"], "schemas without an answer");
        if let Some(openapi) = &self.openapi {
            let missed: Vec<_> = openapi
                .operations()
                .into_iter()
                .filter(|(m, p)| !self.seen.contains(&(m.clone(), p.clone())))
                .filter(|(m, p)| !not_served.contains(&(m.as_str(), p.as_str())))
                .collect();
            assert!(
                missed.is_empty(),
                "operations that nobody walked: {missed:#?}"
            );
        }
        say(&format!(
            "{} answers checked, {} operations",
            self.checked,
            self.seen.len()
        ));
    }
}

fn fill(template: &str, ids: &[&str]) -> String {
    let mut ids = ids.iter();
    let segments = template.split('/').map(|segment| {
        if segment.starts_with('{') {
            *ids.next().unwrap_or(&"missing")
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}
