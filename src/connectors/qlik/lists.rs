//! The lists of a tenant, each read whole in the cheapest way that its reference allows.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::client::{Ask, Client};
use super::ends::{Expected, Keyed, Watch, both, convert, read_list};
use super::filter::Filter;
use super::paging::Chain;
use super::records::{
    AssignmentRecord, GroupRecord, ProviderRecord, RoleRecord, SpaceRecord, USER_FIELDS, UserRecord,
};
use super::seat_records::LicenseRecord;
use crate::domain::{
    Group, IdentityProvider, LicenseAssignment, Reading, Role, Space, SpaceAssignment, SpaceId,
    User,
};
use crate::ports::Problem;
use crate::text::Pool;

pub(super) type Listed<T> = Result<Reading<Vec<T>>, Problem>;

/// Whether the license list takes `sort=subject`: the fields it sorts by are not published, so it
/// is tried once and remembered.
#[derive(Default)]
pub(super) struct LicenseOrder {
    refused: AtomicBool,
}

/// Every user of every status but the tombstone. Two lists with disjoint filters, the first (most
/// people are active) from both ends.
pub(super) async fn users(client: &Client, watch: Watch<'_>) -> Listed<Arc<User>> {
    let counts = [
        std::sync::Mutex::new((0, None)),
        std::sync::Mutex::new((0, None)),
    ];
    let [active, rest] = &counts;
    let sum = |own: &std::sync::Mutex<(u64, Option<u64>)>, read, total| {
        if let Ok(mut count) = own.lock() {
            *count = (read, total);
        }
        let get = |count: &std::sync::Mutex<(u64, Option<u64>)>| {
            count.lock().map_or((0, None), |count| *count)
        };
        let (one, two) = (get(active), get(rest));
        watch(one.0 + two.0, one.1.zip(two.1).map(|(one, two)| one + two));
    };
    let watch_active = |read, total| sum(active, read, total);
    let watch_rest = |read, total| sum(rest, read, total);
    let (one, two) = tokio::join!(
        users_of(client, &["active"], &watch_active),
        users_of(client, &["invited", "disabled", "provisioned"], &watch_rest),
    );
    let mut pool = Pool::default();
    let mut users = convert(both(one?, two?), "users", |record: UserRecord| {
        Some(Arc::new(record.into_user(&mut pool)))
    });
    users.value.sort_by(|one, two| one.id.cmp(&two.id));
    Ok(users)
}

async fn users_of(client: &Client, statuses: &[&str], watch: Watch<'_>) -> Listed<UserRecord> {
    let chain = |order: &str| {
        let parameters = vec![
            ("filter", Filter::statuses(statuses).to_string()),
            ("fields", USER_FIELDS.to_owned()),
            ("sort", order.to_owned()),
            ("totalResults", "true".to_owned()),
        ];
        Chain::new(client, Ask::get("/api/v1/users"), parameters)
    };
    read_list(chain("+id"), Some(chain("-id")), || Expected::ByList, watch).await
}

/// Every seat of the license, over all tenants and sites on it. `seats` is how many the overview
/// counts, once it is known.
pub(super) async fn licenses(
    client: &Client,
    order: &LicenseOrder,
    seats: &OnceLock<u64>,
    watch: Watch<'_>,
) -> Listed<LicenseAssignment> {
    let chain = |order: Option<&str>| {
        let parameters = order.map(|order| ("sort", order.to_owned()));
        let ask = Ask::get("/api/v1/licenses/assignments");
        Chain::<LicenseRecord>::new(client, ask, parameters.into_iter().collect())
    };
    let expected = || Expected::AtLeast(seats.get().copied().unwrap_or(u64::MAX));
    let sorted = !order.refused.load(Ordering::Relaxed);
    let mut reading = if sorted {
        let (front, back) = (chain(Some("+subject")), chain(Some("-subject")));
        read_list(front, Some(back), expected, watch).await?
    } else {
        read_list(chain(None), None, expected, watch).await?
    };
    if sorted && !reading.proof.is_proven() && reading.value.is_empty() {
        order.refused.store(true, Ordering::Relaxed);
        reading = read_list(chain(None), None, expected, watch).await?;
    }
    let mut pool = Pool::default();
    Ok(convert(reading, "licenses", |record| {
        Some(record.into_assignment(&mut pool))
    }))
}

async fn simple<T: Keyed>(
    client: &Client,
    path: &str,
    parameters: &[(&'static str, &str)],
    watch: Watch<'_>,
) -> Listed<T> {
    let parameters = parameters
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    let chain = Chain::new(client, Ask::get(path), parameters);
    read_list(chain, None, || Expected::ByList, watch).await
}

/// Every group, system groups aside.
pub(super) async fn groups(client: &Client, watch: Watch<'_>) -> Listed<Group> {
    let counted = [("totalResults", "true")];
    let reading = simple(client, "/api/v1/groups", &counted, watch).await?;
    Ok(convert(reading, "groups", GroupRecord::into_group))
}

/// Every tenant role.
pub(super) async fn roles(client: &Client, watch: Watch<'_>) -> Listed<Role> {
    let counted = [("totalResults", "true")];
    let reading = simple(client, "/api/v1/roles", &counted, watch).await?;
    Ok(convert(reading, "roles", |record: RoleRecord| {
        Some(record.into_role())
    }))
}

/// Every space that the credential may see.
pub(super) async fn spaces(client: &Client, watch: Watch<'_>) -> Listed<Space> {
    let reading = simple(client, "/api/v1/spaces", &[], watch).await?;
    Ok(convert(reading, "spaces", |record: SpaceRecord| {
        Some(record.into_space())
    }))
}

/// Identity providers.
pub(super) async fn identity_providers(
    client: &Client,
    watch: Watch<'_>,
) -> Listed<IdentityProvider> {
    let reading = simple(client, "/api/v1/identity-providers", &[], watch).await?;
    Ok(convert(
        reading,
        "identity providers",
        |record: ProviderRecord| Some(record.into_provider()),
    ))
}

/// Who holds what in one space; `assignee` narrows it to one row.
pub(super) async fn assignments(
    client: &Client,
    space: &SpaceId,
    assignee: Option<&str>,
    watch: Watch<'_>,
) -> Listed<SpaceAssignment> {
    let path = format!("/api/v1/spaces/{}/assignments", segment(space.expose()));
    let narrowed: Vec<_> = assignee.map(|id| ("assigneeId", id)).into_iter().collect();
    let reading = simple(client, &path, &narrowed, watch).await?;
    let mut pool = Pool::default();
    Ok(convert(
        reading,
        "assignments",
        |record: AssignmentRecord| record.into_assignment(&mut pool),
    ))
}

/// An id as one segment of a path, whatever it holds.
pub(super) fn segment(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_segment() {
        assert_eq!(segment("63f8-a_1"), "63f8-a_1");
        assert_eq!(segment("../me?x#y"), "%2E%2E%2Fme%3Fx%23y");
        assert_eq!(segment("ä"), "%C3%A4");
    }
}
