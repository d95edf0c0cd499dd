//! The strict part: what may be in a query and in a body. Anything else is refused before it has
//! an effect, so that a client that invents parameters finds out here and not in production.

use serde::de::DeserializeOwned;

use super::super::http::Request;
use super::errors::Refusal;

/// Largest body taken (qlik.dev users: 413 over 500 kB).
const MAX_BODY: usize = 500_000;

/// Refuses query parameters that the endpoint does not have, and repeated ones.
pub(super) fn only(request: &Request, allowed: &[&str]) -> Result<(), Refusal> {
    for (at, (name, _)) in request.query.iter().enumerate() {
        if !allowed.contains(&name.as_str()) {
            return Err(Refusal::parameter(
                name,
                format!("Unknown query parameter '{name}'."),
            ));
        }
        if request
            .query
            .iter()
            .take(at)
            .any(|(other, _)| other == name)
        {
            return Err(Refusal::parameter(
                name,
                format!("Query parameter '{name}' is repeated."),
            ));
        }
    }
    Ok(())
}

/// Reads a JSON body into the endpoint's shape; unknown fields are refused by the shape itself.
pub(super) fn body<T: DeserializeOwned>(request: &Request) -> Result<T, Refusal> {
    if request.body.len() > MAX_BODY {
        return Err(
            Refusal::new(413, "HTTP-413", "Payload too large").detail(format!(
                "The body has {} bytes; {MAX_BODY} are allowed.",
                request.body.len()
            )),
        );
    }
    if request.media_type().as_deref() != Some("application/json") {
        return Err(Refusal::bad("The content type must be application/json."));
    }
    serde_json::from_slice(&request.body)
        .map_err(|e| Refusal::body("", format!("The body cannot be understood: {e}.")))
}

/// Refuses a body where none belongs.
pub(super) fn no_body(request: &Request) -> Result<(), Refusal> {
    if request.body.is_empty() {
        Ok(())
    } else {
        Err(Refusal::bad("No body is expected."))
    }
}

/// The `limit` parameter: a whole number from 1 to `max`.
pub(super) fn limit(request: &Request, default: usize, max: usize) -> Result<usize, Refusal> {
    let Some(text) = request.parameter("limit") else {
        return Ok(default);
    };
    match text.parse::<usize>() {
        Ok(limit) if (1..=max).contains(&limit) => Ok(limit),
        _ => Err(Refusal::parameter(
            "limit",
            format!("'limit' must be from 1 to {max}."),
        )),
    }
}

/// A parameter that is `true` or `false`; absent is false.
pub(super) fn flag(request: &Request, name: &str) -> Result<bool, Refusal> {
    match request.parameter(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Refusal::parameter(
            name,
            format!("'{name}' must be true or false."),
        )),
    }
}

/// A sort order: field and whether it runs downwards.
pub(super) fn sort(
    request: &Request,
    allowed: &[&str],
    default: &str,
) -> Result<(String, bool), Refusal> {
    let text = request.parameter("sort").unwrap_or(default);
    let (field, down) = match text.strip_prefix('-') {
        Some(field) => (field, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    if allowed.contains(&field) {
        return Ok((field.to_owned(), down));
    }
    Err(Refusal::parameter(
        "sort",
        format!("Cannot sort by '{text}'."),
    ))
}
