//! The table of Graph endpoints, and who may call them.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;

use super::super::clock::SimClock;
use super::super::http::{Reply, Request};
use super::super::world::{Directory, World};
use super::errors::Refusal;
use super::list::{Entry, List};
use super::query::Options;
use super::record::{self, Kind, keep};
use super::sign_ins::SignIns;
use super::token::{self, Asked};

/// State of the face: tokens, and numbers for requests.
#[derive(Debug)]
pub(in crate::simulator) struct Graph {
    base: String,
    clock: SimClock,
    tokens: HashMap<String, Duration>,
    ins: SignIns,
    requests: u64,
}

impl Graph {
    /// A face that answers at `base` (scheme, host, port; no slash).
    pub(in crate::simulator) fn new(base: &str, clock: SimClock) -> Self {
        Self {
            base: base.to_owned(),
            clock,
            tokens: HashMap::new(),
            ins: SignIns::default(),
            requests: 0,
        }
    }

    /// The app registration and its sign-ins.
    pub(in crate::simulator) fn sign_ins(&mut self) -> &mut SignIns {
        &mut self.ins
    }

    /// Makes every token issued so far expire.
    pub(in crate::simulator) fn expire_tokens(&mut self) {
        self.tokens.values_mut().for_each(|at| *at = Duration::ZERO);
    }

    /// The reply that a fault asks for.
    pub(in crate::simulator) fn refuse(
        &mut self,
        request: &Request,
        status: u16,
        seconds: u64,
    ) -> Reply {
        let id = self.request_id();
        Refusal::of_fault(status, seconds).reply(request, &id)
    }

    fn request_id(&mut self) -> String {
        self.requests += 1;
        uuid::Uuid::from_u128(0xc0ff_ee00_0000_4000_8000_0000_0000_0000 + u128::from(self.requests))
            .to_string()
    }

    /// The sign-in service, where a request goes there.
    fn sign_in(&mut self, world: &World, request: &Request, trace: &str) -> Option<Reply> {
        let segments = request.segments();
        if let ("GET", ["devicelogin"]) = (request.method.as_str(), segments.as_slice()) {
            return Some(token::device_login(request, &mut self.ins));
        }
        let [tenant, "oauth2", "v2.0", endpoint] = segments.as_slice() else {
            return None;
        };
        let Self {
            base,
            clock,
            tokens,
            ins,
            ..
        } = self;
        let now = clock.elapsed();
        let asked = Asked {
            directory: &world.directory,
            base,
            tenant,
            request,
            trace,
            now,
        };
        match (request.method.as_str(), *endpoint) {
            ("POST", "token") => Some(token::token(&asked, ins, |life| {
                let token = token::shaped(tokens.len() + 1);
                tokens.insert(token.clone(), now + Duration::from_secs(life));
                token
            })),
            ("POST", "devicecode") => Some(token::device_code(&asked, ins)),
            ("GET", "authorize") => Some(token::authorize(&asked, ins)),
            _ => None,
        }
    }

    fn check(&self, request: &Request) -> Result<(), Refusal> {
        let Some(bearer) = request.bearer() else {
            return Err(Refusal::unauthorized("Access token is empty."));
        };
        match self.tokens.get(bearer) {
            Some(expires) if *expires > self.clock.elapsed() => Ok(()),
            Some(_) => Err(Refusal::unauthorized(
                "Lifetime validation failed, the token is expired.",
            )),
            None => Err(Refusal::unauthorized("CompactToken parsing failed.")),
        }
    }
}

/// Answers a request to the Graph face.
pub(in crate::simulator) fn route(graph: &mut Graph, world: &World, request: &Request) -> Reply {
    let id = graph.request_id();
    if let Some(reply) = graph.sign_in(world, request, &id) {
        return reply;
    }
    let segments = request.segments();
    let answer = match segments.as_slice() {
        ["v1.0", rest @ ..] => graph.check(request).and_then(|()| {
            if request.method == "GET" {
                permitted(&graph.ins, rest)?;
                answer(graph, world, request, rest)
            } else {
                Err(Refusal::new(
                    405,
                    "Request_BadRequest",
                    "Specified HTTP method is not allowed.",
                ))
            }
        }),
        _ => Err(Refusal::new(404, "UnknownError", "")),
    };
    match answer {
        Ok(reply) => reply.header("request-id", id),
        Err(refusal) => refusal.reply(request, &id),
    }
}

/// Whether the app may ask that (directories.md 2.3).
fn permitted(ins: &SignIns, path: &[&str]) -> Result<(), Refusal> {
    let needs = match path {
        ["users", ..] | ["directory", "deletedItems", ..] => "User.Read.All",
        ["groups", ..] => "GroupMember.Read.All",
        _ => return Ok(()),
    };
    if ins.may(needs) {
        return Ok(());
    }
    Err(Refusal::of_fault(403, 0))
}

fn answer(
    graph: &Graph,
    world: &World,
    request: &Request,
    path: &[&str],
) -> Result<Reply, Refusal> {
    let directory = &world.directory;
    let (path, count) = match path {
        [path @ .., "$count"] => (path, true),
        path => (path, false),
    };
    let found = match path {
        ["organization"] if !count => return organization(directory, request),
        ["users"] => people(0..directory.people.len(), Kind::User),
        ["groups"] => people(0..directory.groups.len(), Kind::Group),
        ["directory", "deletedItems", "microsoft.graph.user"] => {
            people(0..directory.deleted.len(), Kind::Deleted)
        }
        ["users", id] if !count => return one_user(graph, directory, request, id),
        ["groups", id] if !count => return one_group(graph, directory, request, id),
        ["users", id, "transitiveMemberOf", rest @ ..] => {
            let person = directory.person(id).ok_or_else(|| Refusal::missing(id))?;
            let groups = people(directory.transitive_groups_of(person), Kind::Group);
            cast(groups, rest, request, true)?
        }
        ["users", id, "memberOf", rest @ ..] => {
            let person = directory.person(id).ok_or_else(|| Refusal::missing(id))?;
            let groups = people(directory.direct_groups_of(person), Kind::Group);
            cast(groups, rest, request, true)?
        }
        ["groups", id, "memberOf", rest @ ..] => {
            let at = directory.group(id).ok_or_else(|| Refusal::missing(id))?;
            let groups = people(directory.groups_above(at), Kind::Group);
            cast(groups, rest, request, true)?
        }
        ["groups", id, "members", rest @ ..] => {
            let at = directory.group(id).ok_or_else(|| Refusal::missing(id))?;
            let all = told(graph, directory, at, || direct(directory, at));
            cast(all, rest, request, false)?
        }
        ["groups", id, "transitiveMembers", rest @ ..] => {
            let at = directory.group(id).ok_or_else(|| Refusal::missing(id))?;
            let all = told(graph, directory, at, || transitive(directory, at));
            cast(all, rest, request, true)?
        }
        _ => return Err(unknown(path)),
    };
    let list = List {
        directory,
        base: &graph.base,
        generation: world.cursor_generation,
        entries: found.entries,
        mixed: found.mixed,
        kind: found.kind,
        hollow: !graph.ins.may("User.Read.All"),
    };
    if count {
        list.count(request)
    } else {
        list.page(request)
    }
}

fn unknown(path: &[&str]) -> Refusal {
    let segment = path.last().copied().unwrap_or_default();
    Refusal::bad(format!("Resource not found for the segment '{segment}'."))
}

/// Entries before paging.
struct Found {
    entries: Vec<Entry>,
    mixed: bool,
    kind: Kind,
}

fn people(indices: impl IntoIterator<Item = usize>, kind: Kind) -> Found {
    let entries = indices.into_iter().map(|at| (kind, at)).collect();
    Found {
        entries,
        mixed: false,
        kind,
    }
}

/// Members, unless they are hidden from this app.
fn told(graph: &Graph, directory: &Directory, at: usize, members: impl FnOnce() -> Found) -> Found {
    let hidden = directory.groups.get(at).is_some_and(|group| group.hidden);
    if hidden && !graph.ins.may("Member.Read.Hidden") {
        let mut none = people([], Kind::User);
        none.mixed = true;
        return none;
    }
    members()
}

fn transitive(directory: &Directory, at: usize) -> Found {
    let mut all = people(directory.transitive_members(at), Kind::User);
    let below = directory.groups_below(at).into_iter().filter(|g| *g != at);
    all.entries.extend(below.map(|g| (Kind::Group, g)));
    all.mixed = true;
    all
}

fn direct(directory: &Directory, at: usize) -> Found {
    let Some(group) = directory.groups.get(at) else {
        return people([], Kind::User);
    };
    let mut found = people(group.members.iter().copied(), Kind::User);
    found
        .entries
        .extend(group.subgroups.iter().map(|g| (Kind::Group, *g)));
    found.mixed = true;
    found
}

/// Narrows to one kind where the path ends in a cast; on transitive lists that needs the advanced
/// mode (directories.md 2.4).
fn cast(
    found: Found,
    rest: &[&str],
    request: &Request,
    transitive: bool,
) -> Result<Found, Refusal> {
    let kind = match rest {
        [] => return Ok(found),
        ["microsoft.graph.user"] => Kind::User,
        ["microsoft.graph.group"] => Kind::Group,
        _ => return Err(unknown(rest)),
    };
    let counting = request.path.ends_with("/$count") || request.parameter("$count") == Some("true");
    if transitive && !(counting && request.consistency_level.is_some()) {
        return Err(Refusal::unsupported(
            "The specified cast needs $count=true and the header 'ConsistencyLevel: eventual'.",
        ));
    }
    let entries = found
        .entries
        .into_iter()
        .filter(|(k, _)| *k == kind)
        .collect();
    Ok(Found {
        entries,
        mixed: false,
        kind,
    })
}

fn organization(directory: &Directory, request: &Request) -> Result<Reply, Refusal> {
    let options = Options::read(request, &["$select"], 0)?;
    let record = json!({
        "id": directory.tenant_id,
        "displayName": directory.company,
        "verifiedDomains": [{"name": directory.domain, "isDefault": true, "isInitial": true}],
    });
    let all = ["id", "displayName", "verifiedDomains"]
        .map(String::from)
        .to_vec();
    let record = keep(record, options.select.as_ref().unwrap_or(&all), None);
    Ok(Reply::ok(json!({"value": [record]})))
}

fn one_user(
    graph: &Graph,
    directory: &Directory,
    request: &Request,
    id: &str,
) -> Result<Reply, Refusal> {
    let person = directory.person(id).and_then(|at| directory.people.get(at));
    let person = person.ok_or_else(|| Refusal::missing(id))?;
    one(graph, request, Kind::User, record::user(directory, person))
}

fn one_group(
    graph: &Graph,
    directory: &Directory,
    request: &Request,
    id: &str,
) -> Result<Reply, Refusal> {
    let group = directory.group(id).and_then(|at| directory.groups.get(at));
    let group = group.ok_or_else(|| Refusal::missing(id))?;
    one(graph, request, Kind::Group, record::group(directory, group))
}

fn one(
    graph: &Graph,
    request: &Request,
    kind: Kind,
    record: serde_json::Value,
) -> Result<Reply, Refusal> {
    let options = Options::read(request, &["$select"], 0)?;
    let selected = kind.selection(options.select.as_deref())?;
    let mut record = keep(record, &selected, None);
    let collection = if kind == Kind::User {
        "users"
    } else {
        "groups"
    };
    record["@odata.context"] = json!(format!(
        "{}/v1.0/$metadata#{collection}/$entity",
        graph.base
    ));
    Ok(Reply::ok(record))
}
