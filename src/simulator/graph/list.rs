//! Lists of people and groups: filtered, searched, ordered, paged with absolute next links.

use serde_json::{Value, json};

use super::super::http::{Reply, Request};
use super::super::world::Directory;
use super::errors::Refusal;
use super::filter::Filter;
use super::query::{Options, skip_token};
use super::record::{self, Kind, keep};
use super::search::Search;

/// The options every list takes.
pub(super) const LIST_OPTIONS: &[&str] = &[
    "$select",
    "$top",
    "$filter",
    "$search",
    "$count",
    "$orderby",
    "$skiptoken",
    "$format",
];

/// One entry of a list: a person or a group, by index.
pub(super) type Entry = (Kind, usize);

/// What a list is made of and how it is shown.
pub(super) struct List<'a> {
    pub(super) directory: &'a Directory,
    pub(super) base: &'a str,
    pub(super) generation: u64,
    /// Entries in the directory's order.
    pub(super) entries: Vec<Entry>,
    /// Entries are of both kinds and carry `@odata.type`.
    pub(super) mixed: bool,
    /// For `@odata.context`.
    pub(super) kind: Kind,
    /// The app may not read users: of people only the id is told (directories.md 2.3).
    pub(super) hollow: bool,
}

impl List<'_> {
    /// The page a request asks for.
    pub(super) fn page(mut self, request: &Request) -> Result<Reply, Refusal> {
        let options = Options::read(request, LIST_OPTIONS, self.generation)?;
        let selected = self.kind.selection(options.select.as_deref())?;
        self.narrow(&options)?;
        self.order(&options);
        let total = self.entries.len();
        let page = self.entries.iter().skip(options.skip).take(options.top);
        let value: Value = page
            .map(|entry| {
                let kind = match entry.0 {
                    Kind::User | Kind::Deleted => "#microsoft.graph.user",
                    Kind::Group => "#microsoft.graph.group",
                };
                let mut record = self.record(*entry);
                if self.hollow && entry.0 == Kind::User {
                    record::hollow(&mut record);
                }
                keep(record, &selected, self.mixed.then_some(kind))
            })
            .collect();
        let collection = match self.kind {
            Kind::User => "users",
            Kind::Deleted => "directory/deletedItems",
            Kind::Group => "groups",
        };
        let context = format!("{}/v1.0/$metadata#{collection}", self.base);
        let mut body = json!({"@odata.context": context, "value": value});
        if options.advanced && options.skip == 0 {
            body["@odata.count"] = json!(total);
        }
        let end = options.skip + options.top;
        if end < total {
            body["@odata.nextLink"] = json!(self.next_link(request, end, options.advanced));
        }
        Ok(Reply::ok(body))
    }

    /// How many there are, as text/plain.
    pub(super) fn count(mut self, request: &Request) -> Result<Reply, Refusal> {
        let options = Options::read(request, &["$filter", "$search"], self.generation)?;
        if request.consistency_level.is_none() {
            return Err(Refusal::bad("$count is not currently supported."));
        }
        self.narrow(&options)?;
        Ok(Reply::text(200, self.entries.len().to_string()))
    }

    fn record(&self, (kind, at): Entry) -> Value {
        let directory = self.directory;
        let found = match kind {
            Kind::User => directory.people.get(at).map(|p| record::user(directory, p)),
            Kind::Deleted => directory
                .deleted
                .get(at)
                .map(|(p, when)| record::deleted(directory, p, when)),
            Kind::Group => directory
                .groups
                .get(at)
                .map(|g| record::group(directory, g)),
        };
        found.unwrap_or(Value::Null)
    }

    fn narrow(&mut self, options: &Options) -> Result<(), Refusal> {
        let known = self.kind.properties();
        let filter = options
            .filter
            .as_ref()
            .map(|f| Filter::parse(f, known))
            .transpose()?;
        let search = options
            .search
            .as_ref()
            .map(|s| Search::parse(s, self.kind.searchable()))
            .transpose()?;
        if filter.as_ref().is_some_and(Filter::advanced) && !options.advanced {
            return Err(Refusal::unsupported(
                "Operator 'endsWith' needs $count=true and the header 'ConsistencyLevel: eventual'.",
            ));
        }
        if filter.is_none() && search.is_none() {
            return Ok(());
        }
        let entries = std::mem::take(&mut self.entries);
        self.entries = entries
            .into_iter()
            .filter(|entry| {
                let record = self.record(*entry);
                filter.as_ref().is_none_or(|f| f.matches(&record))
                    && search.as_ref().is_none_or(|s| s.matches(&record))
            })
            .collect();
        Ok(())
    }

    fn order(&mut self, options: &Options) {
        let Some((field, down)) = &options.order else {
            return;
        };
        let directory = self.directory;
        let whole = self.entries.len() == directory.people.len() && self.kind == Kind::User;
        if whole && field == "displayName" {
            // Everybody by name: the order is kept ready, so that each page is cheap.
            self.entries = directory
                .people_by_name()
                .iter()
                .map(|at| (Kind::User, *at))
                .collect();
        } else {
            self.entries.sort_by_cached_key(|(kind, at)| match kind {
                Kind::User => directory.people.get(*at).map(|p| {
                    let text = if field == "displayName" {
                        &p.name
                    } else {
                        &p.upn
                    };
                    (text.to_lowercase(), *at)
                }),
                Kind::Deleted => directory
                    .deleted
                    .get(*at)
                    .map(|(p, _)| (p.name.to_lowercase(), *at)),
                Kind::Group => directory
                    .groups
                    .get(*at)
                    .map(|g| (g.name.to_lowercase(), *at)),
            });
        }
        if *down {
            self.entries.reverse();
        }
    }

    fn next_link(&self, request: &Request, at: usize, advanced: bool) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in request
            .query
            .iter()
            .filter(|(name, _)| name != "$skiptoken")
        {
            query.append_pair(name, value);
        }
        query.append_pair("$skiptoken", &skip_token(at, self.generation, advanced));
        format!("{}{}?{}", self.base, request.path, query.finish())
    }
}
