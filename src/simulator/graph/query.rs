//! `OData` query options as far as directories.md 2.4 uses them; everything else is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::http::Request;
use super::errors::Refusal;

/// Largest page (directories.md 2.5).
const MAX_TOP: usize = 999;
/// Page size when none is asked for.
const DEFAULT_TOP: usize = 100;

/// The options of one list request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) select: Option<Vec<String>>,
    pub(super) top: usize,
    pub(super) filter: Option<String>,
    pub(super) search: Option<String>,
    pub(super) order: Option<(String, bool)>,
    /// `$count=true` and the header: the total is wanted and advanced queries are allowed.
    pub(super) advanced: bool,
    /// Where this page starts.
    pub(super) skip: usize,
}

impl Options {
    /// Reads the options; the parameters in `allowed` may be present, others not.
    pub(super) fn read(
        request: &Request,
        allowed: &[&str],
        generation: u64,
    ) -> Result<Self, Refusal> {
        for (name, _) in &request.query {
            if !allowed.contains(&name.as_str()) {
                return Err(Refusal::bad(format!(
                    "The query parameter '{name}' is not supported."
                )));
            }
        }
        let text = |name: &str| request.parameter(name).map(str::to_owned);
        let eventual = request
            .consistency_level
            .as_deref()
            .is_some_and(|level| level.eq_ignore_ascii_case("eventual"));
        let count = match request.parameter("$count") {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Refusal::bad("Invalid value specified for '$count'.")),
        };
        let options = Self {
            select: text("$select")
                .map(|list| list.split(',').map(|n| n.trim().to_owned()).collect()),
            top: top(request)?,
            filter: text("$filter"),
            search: text("$search"),
            order: text("$orderby").map(|order| order_by(&order)).transpose()?,
            advanced: count && eventual,
            skip: text("$skiptoken").map_or(Ok(0), |token| skip(&token, generation, eventual))?,
        };
        if options.search.is_some() && !eventual {
            return Err(Refusal::unsupported(
                "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
            ));
        }
        let refine = options.filter.is_some() || options.search.is_some();
        if options.order.is_some() && refine && !options.advanced {
            return Err(Refusal::unsupported(
                "Sorting not supported for current query.",
            ));
        }
        Ok(options)
    }
}

fn top(request: &Request) -> Result<usize, Refusal> {
    let Some(text) = request.parameter("$top") else {
        return Ok(DEFAULT_TOP);
    };
    match text.parse::<usize>() {
        Ok(top) if (1..=MAX_TOP).contains(&top) => Ok(top),
        _ => Err(Refusal::bad(format!(
            "Invalid page size specified: '{text}'. Must be between 1 and {MAX_TOP} inclusive."
        ))),
    }
}

fn order_by(text: &str) -> Result<(String, bool), Refusal> {
    let mut words = text.split_whitespace();
    let field = words.next().unwrap_or_default();
    let down = match words.next() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => return Err(Refusal::bad("Invalid $orderby.")),
    };
    if words.next().is_some() || !["displayName", "userPrincipalName"].contains(&field) {
        return Err(Refusal::unsupported(
            "Sorting not supported for current query.",
        ));
    }
    Ok((field.to_owned(), down))
}

/// A list that began in the advanced mode goes on in it or not at all: the link does not carry the
/// header (directories.md 2.5).
fn skip(token: &str, generation: u64, eventual: bool) -> Result<usize, Refusal> {
    let broken = || Refusal::bad("The skip token is not valid.");
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| broken())?;
    let (made, at, advanced): (u64, usize, bool) =
        serde_json::from_slice(&bytes).map_err(|_| broken())?;
    if advanced && !eventual {
        return Err(Refusal::unsupported(
            "The page belongs to a list with the header 'ConsistencyLevel: eventual'.",
        ));
    }
    if made == generation {
        return Ok(at);
    }
    Err(Refusal::new(
        400,
        "Directory_ExpiredPageToken",
        "The page token has expired.",
    ))
}

/// The token of the page that starts at `at`.
pub(super) fn skip_token(at: usize, generation: u64, advanced: bool) -> String {
    URL_SAFE_NO_PAD.encode(format!("[{generation},{at},{advanced}]"))
}
