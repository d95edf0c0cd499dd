//! The tenant: reached how, as whom, with which rights; its clock and its automatic switches.

use super::report::{Report, Row, State};
use crate::cli::out::Out;
use crate::cli::session::Ready;
use crate::commit::clock_caution;
use crate::domain::{Completeness, Identity, OtherTenant, Role, TenantInfo, TenantSnapshot, User};
use crate::ports::{Problem, Tenant};
use crate::text::{Raw, show_str};

const ADMINISTRATOR: &str = "TenantAdmin";
/// What hangs on the reading of the tenant.
const READ: [&str; 3] = ["identity", "rights", "auto-assign"];

/// Reads the tenant; `None` when it cannot be read.
pub(in crate::cli) async fn check(
    ready: &Ready,
    report: &mut Report,
    out: Out,
) -> Option<TenantSnapshot> {
    let reached = reach(ready, out).await;
    let (tenant, info, me) = match reached {
        Ok(reached) => reached,
        Err(problem) => {
            report.add(&Row::failed("tenant", &problem));
            report.skip(&["clock"], "the tenant was not reached");
            report.skip(&READ, "the tenant was not reached");
            return None;
        }
    };
    report.add(&Row::ok("tenant", address(ready, &info, &*tenant)));
    report.add(&clock(&*tenant));
    match tenant.load(&|_| {}).await {
        Ok(snapshot) => {
            report.add(&identity(&me, &snapshot));
            report.add(&rights(&snapshot, tenant.scopes()));
            report.add(&auto_assign(&snapshot));
            for other in &snapshot.others {
                report.add(&shared(other));
            }
            Some(snapshot)
        }
        Err(problem) => {
            report.add(&Row::failed("rights", &problem));
            report.skip(&["identity", "auto-assign"], "the tenant could not be read");
            None
        }
    }
}

type Reached = (std::sync::Arc<dyn Tenant>, TenantInfo, Identity);

async fn reach(ready: &Ready, out: Out) -> Result<Reached, Problem> {
    let tenant = ready.tenant(out).await?;
    let (info, me) = tenant.identify().await?;
    Ok((tenant, info, me))
}

/// Address, name, and what lies between.
fn address(ready: &Ready, info: &TenantInfo, tenant: &dyn Tenant) -> String {
    let tls = match ready.profile.tenant.url.scheme() {
        "https" => "its certificate is trusted",
        _ => "plain http on this machine",
    };
    let way = tenant.through().map_or_else(
        || "reached directly".to_owned(),
        |proxy| format!("reached through the proxy {proxy}"),
    );
    format!(
        "{} is {} ({}); {tls}; {way}",
        info.url.show(),
        info.name.show(),
        show_str(info.id.expose())
    )
}

fn clock(tenant: &dyn Tenant) -> Row {
    match (tenant.skew(), clock_caution(tenant)) {
        (_, Some(caution)) => Row::warn("clock", caution)
            .mend("Set it by NTP (timedatectl set-ntp true); sign-in by certificate fails by such a clock."),
        (Some(skew), None) => Row::ok(
            "clock",
            format!("{} s from the tenant's", skew.abs().as_secs()),
        ),
        (None, None) => Row::skipped("clock", "the tenant's answers have no Date"),
    }
}

/// Who we are there, and whether we administer.
fn identity(me: &Identity, snapshot: &TenantSnapshot) -> Row {
    let user = snapshot.users.value.iter().find(|user| user.id == me.user);
    let who = format!("{} ({})", me.name.show(), me.subject.show());
    let Some(user) = user else {
        return Row::warn(
            "identity",
            format!("{who}; its record is not among the users that it may read"),
        )
        .mend("Whether it is a tenant administrator is not known; give it the role TenantAdmin.");
    };
    let roles = roles(user, snapshot);
    let names: Vec<String> = roles
        .iter()
        .map(|role| role.name.show().to_string())
        .collect();
    let bot = if user.bot {
        ", a bot of an OAuth client"
    } else {
        ""
    };
    let said = if names.is_empty() {
        format!("{who}{bot}; no roles are told")
    } else {
        format!("{who}{bot}; {}", names.join(", "))
    };
    if user.bot || roles.iter().any(|role| role.name.expose() == ADMINISTRATOR) {
        return Row::ok("identity", said);
    }
    Row::warn("identity", format!("{said}; it is no tenant administrator"))
        .mend("Enough to look, not to enroll: give this user the role TenantAdmin, or use an OAuth client (machine to machine, consent Trusted).")
}

/// Roles given directly and by groups.
fn roles<'a>(user: &User, snapshot: &'a TenantSnapshot) -> Vec<&'a Role> {
    let groups = &snapshot.groups.value;
    let by_group = groups
        .iter()
        .filter(|group| user.groups.contains(&group.id))
        .flat_map(|group| &group.roles);
    let ids: Vec<_> = user.roles.iter().chain(by_group).collect();
    let all = snapshot.roles.value.iter();
    all.filter(|role| ids.contains(&&role.id)).collect()
}

/// Another tenant on the same license, whose users are read.
fn shared(other: &OtherTenant) -> Row {
    match other.gap() {
        None => Row::ok(
            "license",
            format!("{}: {} users read", other.name, other.subjects.value.len()),
        ),
        Some(gap) => Row::warn("license", gap)
            .mend("Seats of nobody here are left alone until the users of all tenants on the license are read."),
    }
}

/// What may be read. Without users, licenses and spaces nothing can be planned; the rest is missed.
fn rights(snapshot: &TenantSnapshot, scopes: Option<Raw>) -> Row {
    let parts: [(&str, usize, &Completeness, bool); 6] = [
        (
            "users",
            snapshot.users.value.len(),
            &snapshot.users.proof,
            true,
        ),
        (
            "licenses",
            snapshot.licensing.value.assignments.len(),
            &snapshot.licensing.proof,
            true,
        ),
        (
            "spaces",
            snapshot.spaces.value.len(),
            &snapshot.spaces.proof,
            true,
        ),
        (
            "groups",
            snapshot.groups.value.len(),
            &snapshot.groups.proof,
            false,
        ),
        (
            "roles",
            snapshot.roles.value.len(),
            &snapshot.roles.proof,
            false,
        ),
        (
            "identity providers",
            snapshot.identity_providers.value.len(),
            &snapshot.identity_providers.proof,
            false,
        ),
    ];
    let (mut read, mut missed, mut state) = (Vec::new(), Vec::new(), State::Ok);
    for (name, number, proof, needed) in parts {
        match proof {
            Completeness::Incomplete(cause) => {
                missed.push(format!("{name} not whole: {cause}"));
                state = if needed || state == State::Fail {
                    State::Fail
                } else {
                    State::Warn
                };
            }
            Completeness::Unread => missed.push(format!("{name} not read")),
            _ => read.push(format!("{name} {number}")),
        }
    }
    let said = match (read.is_empty(), missed.is_empty()) {
        (_, true) => format!("reads all: {}", read.join(", ")),
        (true, false) => missed.join("; "),
        (false, false) => format!("reads all: {}; {}", read.join(", "), missed.join("; ")),
    };
    let said = match scopes {
        Some(scopes) => format!("{said}; the token's scopes: {}", scopes.show()),
        None => said,
    };
    let row = Row::new("rights", state, said);
    if state == State::Ok {
        return row;
    }
    row.mend("An API key has the rights of its owner: that user needs the role TenantAdmin.")
        .mend("An OAuth client needs the scope admin_classic; none narrower is published for licenses, groups, roles and identity providers.")
}

fn auto_assign(snapshot: &TenantSnapshot) -> Row {
    let Some(auto) = snapshot.licensing.value.auto_assign else {
        return Row::skipped(
            "auto-assign",
            "the switches could not be read, or the tenant has none",
        );
    };
    let on: Vec<&str> = [
        (auto.professional, "professional"),
        (auto.analyzer, "analyzer"),
    ]
    .iter()
    .filter_map(|(on, name)| on.then_some(*name))
    .collect();
    if on.is_empty() {
        return Row::ok("auto-assign", "off: nobody takes a seat by signing in");
    }
    Row::warn(
        "auto-assign",
        format!("on for {}: whoever signs in takes a seat", on.join(" and ")),
    )
    .mend("Stage the switches off with A on the roster of the screen, then p and a.")
}
