//! The whole tenant in one go: every list side by side, eight requests under way. While the long
//! user and license chains run (two requests each, no more can be under way), the idle places read
//! space assignments, which have to be read anyway; when the lists are done this stops.

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Notify, oneshot};

use super::client::{Ask, Client, PARALLEL};
use super::ends::{Watch, is_fatal};
use super::lists;
use super::others;
use super::refusal::Refused;
use super::seat_records::{LicenseSettingsRecord, Overview, OverviewRecord};
use super::tenant::QlikTenant;
use crate::connectors::http::parse_json;
use crate::domain::{
    AutoAssign, Completeness, LicenseAssignment, Licensing, List, Listing, Reading,
    SpaceAssignment, SpaceId, SubscriptionModel, TenantSnapshot,
};
use crate::ports::{LoadProgress, Part, Problem};
use crate::text::show_str;

type Progress<'a> = &'a (dyn Fn(LoadProgress) + Send + Sync);
type Assignments = BTreeMap<SpaceId, Reading<Vec<SpaceAssignment>>>;

/// Requests that lists may have under way at the moment.
#[derive(Default)]
struct Busy {
    lanes: AtomicUsize,
    freed: Notify,
}

struct Lanes<'a>(&'a Busy, usize);

impl Drop for Lanes<'_> {
    fn drop(&mut self) {
        self.0.lanes.fetch_sub(self.1, Ordering::SeqCst);
        self.0.freed.notify_one();
    }
}

impl Busy {
    /// Takes `lanes` from now until the work is done.
    fn during<T>(&self, lanes: usize, work: impl Future<Output = T>) -> impl Future<Output = T> {
        self.lanes.fetch_add(lanes, Ordering::SeqCst);
        let taken = Lanes(self, lanes);
        async move {
            let done = work.await;
            drop(taken);
            done
        }
    }

    fn lanes(&self) -> usize {
        self.lanes.load(Ordering::SeqCst)
    }
}

/// Reads everything. See [`crate::ports::Tenant::load`].
pub(super) async fn load(
    tenant: &QlikTenant,
    progress: Progress<'_>,
) -> Result<TenantSnapshot, Problem> {
    let (tell, over) = oneshot::channel();
    let own = async {
        let own = Box::pin(own(tenant, progress)).await;
        // The others are not waited for much longer; nobody listens when they are done.
        let _ = tell.send(());
        own
    };
    let clock = &*tenant.client().clock;
    let others = async { Ok(others::read(tenant.sharers(), clock, over).await) };
    let (mut own, told) = tokio::try_join!(own, others)?;
    own.others = others::settle(told, &own.tenant.id);
    Ok(own)
}

async fn own(tenant: &QlikTenant, progress: Progress<'_>) -> Result<TenantSnapshot, Problem> {
    let client = tenant.client();
    let read_at = client.clock.wall();
    let watch = |part| move |read, total| progress(LoadProgress { part, read, total });
    let (on_users, on_licenses) = (watch(Part::Users), watch(Part::Licenses));
    let (on_spaces, on_groups) = (watch(Part::Spaces), watch(Part::Groups));
    let (on_roles, on_settings) = (watch(Part::Roles), watch(Part::Settings));
    let on_assignments = watch(Part::Assignments);
    let (busy, seats) = (Busy::default(), OnceLock::new());
    let (found, wanted) = oneshot::channel();
    let spaces = async {
        let spaces = lists::spaces(client, &on_spaces).await;
        let ids = spaces.iter().flat_map(|spaces| &spaces.value);
        // Nobody listens only when nothing is left to read.
        let _ = found.send(ids.map(|space| space.id.clone()).collect());
        spaces
    };
    let order = tenant.license_order();
    let (identity, users, licenses, overview, auto, spaces, groups, roles, providers, assignments) = tokio::join!(
        busy.during(1, tenant.identity()),
        // The list of those who are not active is short and over before anything is read ahead.
        busy.during(2, lists::users(client, &on_users)),
        busy.during(2, lists::licenses(client, order, &seats, &on_licenses)),
        busy.during(1, counted_overview(client, &seats)),
        busy.during(1, auto_assign(client)),
        busy.during(1, spaces),
        busy.during(1, lists::groups(client, &on_groups)),
        busy.during(1, lists::roles(client, &on_roles)),
        busy.during(1, lists::identity_providers(client, &on_settings)),
        read_ahead(client, &busy, wanted, &on_assignments),
    );
    let (info, me) = identity?;
    let licensing = licensing(licenses?, overview, auto)?;
    Ok(TenantSnapshot {
        tenant: info,
        identity: me,
        users: users?,
        groups: groups?,
        roles: roles?,
        spaces: spaces?,
        licensing,
        identity_providers: providers?,
        assignments,
        others: Vec::new(),
        read_at,
    })
}

/// One list once more. See [`crate::ports::Tenant::again`].
pub(super) async fn again(tenant: &QlikTenant, list: &List) -> Result<Listing, Problem> {
    let (client, watch): (_, Watch<'_>) = (tenant.client(), &|_, _| {});
    Ok(match list {
        List::Users => Listing::Users(lists::users(client, watch).await?),
        List::Groups => Listing::Groups(lists::groups(client, watch).await?),
        List::Roles => Listing::Roles(lists::roles(client, watch).await?),
        List::Licenses => {
            // How many there are tells both ends where to stop.
            let seats = OnceLock::new();
            counted_overview(client, &seats)
                .await
                .map_err(|refused| refused.problem)?;
            let order = tenant.license_order();
            Listing::Licenses(lists::licenses(client, order, &seats, watch).await?)
        }
        List::Assignments(space) => {
            let rows = lists::assignments(client, space, None, watch).await?;
            Listing::Assignments(space.clone(), rows)
        }
    })
}

/// The pools. A tenant without license answers 404 and has none.
pub(super) async fn overview(client: &Client) -> Result<Overview, Refused> {
    let ask = Ask::get("/api/v1/licenses/overview");
    let record: OverviewRecord = match client.read(&ask).await {
        Ok(response) => parse_json(&response, &ask.label())?,
        Err(refused) if refused.status == Some(404) => OverviewRecord::default(),
        Err(refused) => return Err(refused),
    };
    Ok(record.into_overview())
}

async fn counted_overview(client: &Client, seats: &OnceLock<u64>) -> Result<Overview, Refused> {
    let overview = overview(client).await?;
    // Set once; the list of licenses looks here to stop in time.
    let _ = seats.set(overview.seats);
    Ok(overview)
}

/// The automatic switches.
pub(super) async fn auto_assign(client: &Client) -> Result<AutoAssign, Refused> {
    let ask = Ask::get("/api/v1/licenses/settings");
    let response = client.read(&ask).await?;
    let record: LicenseSettingsRecord = parse_json(&response, &ask.label())?;
    Ok(record.into_auto_assign())
}

fn licensing(
    assignments: Reading<Vec<LicenseAssignment>>,
    overview: Result<Overview, Refused>,
    auto: Result<AutoAssign, Refused>,
) -> Result<Reading<Licensing>, Problem> {
    let mut proof = assignments.proof;
    let (model, allotments) = match overview {
        Ok(overview) => (overview.model, overview.allotments),
        Err(refused) if is_fatal(&refused.problem) => return Err(refused.problem),
        Err(refused) => {
            proof = Completeness::incomplete(&show_str(&refused.problem.to_string()));
            (SubscriptionModel::Unknown, Vec::new())
        }
    };
    Ok(Reading {
        value: Licensing {
            model,
            allotments,
            assignments: assignments.value,
            auto_assign: auto.ok(),
        },
        proof,
    })
}

/// Reads space assignments in the places that the lists leave idle. Only whole readings are kept;
/// the rest is read on demand.
async fn read_ahead(
    client: &Client,
    busy: &Busy,
    wanted: oneshot::Receiver<Vec<SpaceId>>,
    watch: Watch<'_>,
) -> Assignments {
    let mut read = Assignments::new();
    let queue = wanted.await.unwrap_or_default();
    let total = queue.len() as u64;
    let mut queue = queue.into_iter().peekable();
    let mut flights = FuturesUnordered::new();
    while queue.peek().is_some() || !flights.is_empty() {
        let lanes = busy.lanes();
        while lanes > 0 && lanes + flights.len() < PARALLEL {
            let Some(space) = queue.next() else { break };
            flights.push(async move {
                let rows = lists::assignments(client, &space, None, &|_, _| {}).await;
                (space, rows)
            });
        }
        if flights.is_empty() {
            if lanes == 0 {
                break;
            }
            busy.freed.notified().await;
            continue;
        }
        if let Some((space, Ok(rows))) = flights.next().await
            && rows.proof.is_proven()
        {
            read.insert(space, rows);
            watch(read.len() as u64, Some(total));
        }
    }
    read
}
