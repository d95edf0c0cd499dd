//! The table of endpoints: method and path to handler, area, rate tier. One line each.

use std::collections::HashMap;

use jiff::Timestamp;

use super::super::clock::SimClock;
use super::super::faults::Faults;
use super::super::http::{Reply, Request};
use super::super::world::World;
use super::auth::{Area, Auth, Caller};
use super::errors::{Envelope, Refusal, too_many};
use super::limits::{Limits, Tier};
use super::{audits, groups, idps, items, licenses, patch, roles, spaces, tenants, users, write};

/// State of the face that is not the world: who is known, what was called, how errors are numbered.
#[derive(Debug)]
pub(in crate::simulator) struct Qlik {
    base: String,
    clock: SimClock,
    limited: bool,
    pub(super) auth: Auth,
    limits: Limits,
    traces: u64,
    counts: HashMap<String, (u64, usize)>,
}

impl Qlik {
    /// A face that answers at `base` (scheme, host, port; no slash).
    pub(in crate::simulator) fn new(
        base: &str,
        clock: SimClock,
        limited: bool,
        world: &World,
    ) -> Self {
        Self {
            base: base.to_owned(),
            clock,
            limited,
            auth: Auth::new(&world.tenant.admin, &world.tenant.bot),
            limits: Limits::default(),
            traces: 0,
            counts: HashMap::new(),
        }
    }

    /// Makes every OAuth token issued so far expire.
    pub(in crate::simulator) fn expire_tokens(&mut self) {
        self.auth.expire_tokens();
    }

    /// A refusal made for a fault, in the envelope of the path.
    pub(in crate::simulator) fn refuse(&mut self, path: &str, status: u16, seconds: u64) -> Reply {
        let refusal = match status {
            401 => Refusal::unauthorized("Asked for by a fault."),
            403 => Refusal::forbidden("Asked for by a fault."),
            429 => too_many(seconds),
            status => Refusal::new(status, format!("HTTP-{status}"), "Asked for by a fault"),
        };
        let trace = self.trace();
        refusal.reply(envelope(path), &trace)
    }

    fn trace(&mut self) -> String {
        self.traces += 1;
        format!("{:032x}", 0x79cf_1ebe_ae10_0000_u64 + self.traces)
    }

    fn admit(&mut self, caller: &str, tier: Tier) -> Result<(), Refusal> {
        if !self.limited {
            return Ok(());
        }
        let admitted = self.limits.admit(caller, tier, self.clock.elapsed());
        admitted.map_err(|wait| too_many(self.clock.wall_seconds(wait)))
    }
}

/// What a handler works with.
pub(super) struct Context<'a> {
    pub(super) world: &'a mut World,
    pub(super) request: &'a Request,
    pub(super) caller: &'a Caller,
    pub(super) base: &'a str,
    pub(super) now: Timestamp,
    pub(super) trace: &'a str,
    pub(super) counts: &'a mut HashMap<String, (u64, usize)>,
    pub(super) faults: &'a Faults,
}

type Handler = fn(&mut Context<'_>, &[&str]) -> Result<Reply, Refusal>;
type Endpoint = (Area, bool, Tier, Handler);

/// Answers a request to the Qlik face.
pub(in crate::simulator) fn route(
    qlik: &mut Qlik,
    world: &mut World,
    faults: &Faults,
    request: &Request,
) -> Reply {
    let trace = qlik.trace();
    let answer = answer(qlik, world, faults, request, &trace);
    answer.unwrap_or_else(|refusal| refusal.reply(envelope(&request.path), &trace))
}

fn answer(
    qlik: &mut Qlik,
    world: &mut World,
    faults: &Faults,
    request: &Request,
    trace: &str,
) -> Result<Reply, Refusal> {
    let segments = request.segments();
    let now = qlik.clock.elapsed();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", [".well-known", "oauth-authorization-server"]) => {
            return tenants::well_known(&qlik.base, request);
        }
        ("POST", ["oauth", "token"]) => {
            qlik.admit("oauth", Tier::Two)?;
            return tenants::token(&mut qlik.auth, request, now, SimClock::now());
        }
        ("POST", ["oauth", "revoke"]) => {
            qlik.admit("oauth", Tier::Two)?;
            return tenants::revoke(&mut qlik.auth, request);
        }
        _ => {}
    }
    let ["api", "v1", rest @ ..] = segments.as_slice() else {
        return Err(Refusal::missing("HTTP-404"));
    };
    let caller = qlik.auth.caller(request.bearer(), now)?;
    let Some((area, write, tier, handler)) = endpoint(&request.method, rest) else {
        let other = ["GET", "POST", "PUT", "PATCH", "DELETE"];
        return Err(if other.iter().any(|m| endpoint(m, rest).is_some()) {
            Refusal::new(405, "HTTP-405", "Method not allowed")
        } else {
            Refusal::missing("HTTP-404")
        });
    };
    qlik.admit(&caller.user, tier)?;
    caller.may(area, write)?;
    let mut context = Context {
        world,
        request,
        caller: &caller,
        base: &qlik.base,
        now: SimClock::now(),
        trace,
        counts: &mut qlik.counts,
        faults,
    };
    handler(&mut context, rest)
}

/// The endpoint of a method and the path after `/api/v1`.
fn endpoint(method: &str, path: &[&str]) -> Option<Endpoint> {
    use Area::{Own, Rest, Spaces, Users};
    const READ: bool = false;
    const WRITE: bool = true;
    let (one, two) = (Tier::One, Tier::Two);
    let found: Endpoint = match (method, path) {
        ("GET", ["users"]) => (Users, READ, one, users::list),
        ("POST", ["users"]) => (Users, WRITE, two, users::create),
        ("GET", ["users", "me"]) => (Own, READ, one, users::me),
        ("GET", ["users", "actions", "count"]) => (Users, READ, one, users::count),
        ("POST", ["users", "actions", "filter"]) => (Users, READ, Tier::UserFilter, users::filter),
        ("GET", ["users", _]) => (Own, READ, one, users::get),
        ("PATCH", ["users", _]) => (Users, WRITE, two, patch::user),
        ("DELETE", ["users", _]) => (Users, WRITE, two, users::delete),
        ("GET", ["groups"]) => (Rest, READ, one, groups::list),
        ("POST", ["groups"]) => (Rest, WRITE, two, groups::create),
        ("POST", ["groups", "actions", "filter"]) => {
            (Rest, READ, Tier::GroupFilter, groups::filter)
        }
        ("GET", ["groups", "settings"]) => (Rest, READ, one, groups::settings),
        ("PATCH", ["groups", "settings"]) => (Rest, WRITE, two, groups::patch_settings),
        ("GET", ["groups", _]) => (Rest, READ, one, groups::get),
        ("PATCH", ["groups", _]) => (Rest, WRITE, two, groups::patch),
        ("DELETE", ["groups", _]) => (Rest, WRITE, two, groups::delete),
        ("GET", ["roles"]) => (Rest, READ, one, roles::list),
        ("GET", ["roles", _]) => (Rest, READ, one, roles::get),
        ("GET", ["licenses", "overview"]) => (Rest, READ, one, licenses::overview),
        ("GET", ["licenses", "status"]) => (Rest, READ, one, licenses::status),
        ("GET", ["licenses", "settings"]) => (Rest, READ, one, licenses::settings),
        ("PUT", ["licenses", "settings"]) => (Rest, WRITE, two, licenses::put_settings),
        ("GET", ["licenses", "assignments"]) => (Rest, READ, one, licenses::list),
        ("GET", ["licenses", "consumption"]) => (Rest, READ, one, licenses::consumption),
        ("POST", ["licenses", "assignments", "actions", "add"]) => (Rest, WRITE, two, write::add),
        ("POST", ["licenses", "assignments", "actions", "update"]) => {
            (Rest, WRITE, two, write::update)
        }
        ("POST", ["licenses", "assignments", "actions", "delete"]) => {
            (Rest, WRITE, two, write::delete)
        }
        ("GET", ["spaces"]) => (Spaces, READ, one, spaces::list),
        ("GET", ["spaces", "types"]) => (Spaces, READ, one, spaces::types),
        ("GET", ["spaces", _]) => (Spaces, READ, one, spaces::get),
        ("PATCH", ["spaces", _]) => (Spaces, WRITE, two, spaces::patch),
        ("GET", ["spaces", _, "assignments"]) => (Spaces, READ, one, spaces::assignments),
        ("POST", ["spaces", _, "assignments"]) => (Spaces, WRITE, two, spaces::assign),
        ("GET", ["spaces", _, "assignments", _]) => (Spaces, READ, one, spaces::assignment),
        ("PUT", ["spaces", _, "assignments", _]) => (Spaces, WRITE, two, spaces::set_roles),
        ("DELETE", ["spaces", _, "assignments", _]) => (Spaces, WRITE, two, spaces::unassign),
        ("GET", ["items"]) => (Rest, READ, one, items::list),
        ("GET", ["tenants", "me"]) => (Own, READ, one, tenants::me),
        ("GET", ["tenants", _]) => (Own, READ, one, tenants::get),
        ("GET", ["identity-providers"]) => (Rest, READ, one, idps::list),
        ("GET", ["identity-providers", "status"]) => (Rest, READ, one, idps::status),
        ("GET", ["identity-providers", "me", "meta"]) => (Rest, READ, one, idps::meta),
        ("GET", ["identity-providers", _]) => (Rest, READ, one, idps::get),
        ("GET", ["audits"]) => (Rest, READ, Tier::Audits, audits::list),
        ("GET", ["audits", "types"]) => (Rest, READ, Tier::Audits, audits::types),
        ("GET", ["audits", "sources"]) => (Rest, READ, Tier::Audits, audits::sources),
        ("GET", ["audits", "settings"]) => (Rest, READ, Tier::Audits, audits::settings),
        ("GET", ["consumption", "executions"]) => (Rest, READ, one, audits::executions),
        _ => return None,
    };
    Some(found)
}

fn envelope(path: &str) -> Envelope {
    match path.split('/').nth(3) {
        Some("licenses") => Envelope::Licenses,
        Some("spaces") => Envelope::Spaces,
        Some("tenants") => Envelope::Tenants,
        _ => Envelope::Usual,
    }
}
