//! Reads the live state of single things. Filters ignore case and services differ in it, so every
//! result is compared again here; an answer that is not whole is a problem, never an absence.

use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::client::{Ask, Client};
use super::filter::{Attribute, Filter};
use super::lists::{self, segment};
use super::load::{auto_assign, overview};
use super::pacing::Bucket;
use super::paging::{Chain, address};
use super::records::{GroupRecord, USER_FIELDS, UserRecord};
use super::refusal::Refused;
use super::since;
use super::tenant::QlikTenant;
use crate::connectors::http::parse_json;
use crate::domain::{
    Assignee, Completeness, Group, GroupProvider, LicenseAssignment, Reading, SpaceAssignment,
    SpaceId, Subject, User, UserId,
};
use crate::ports::{Kind, Method, Observation, Problem, Question};
use crate::text::{Pool, Raw};

/// Clauses of one filter action. How many fit is not published (dossier 2.2): start here, halve
/// on refusal, remember.
pub(super) struct BatchSize(AtomicUsize);

impl Default for BatchSize {
    fn default() -> Self {
        Self(AtomicUsize::new(50))
    }
}

/// Answers a question. See [`crate::ports::Tenant::observe`].
pub(super) async fn observe(
    tenant: &QlikTenant,
    question: &Question,
) -> Result<Observation, Problem> {
    let client = tenant.client();
    Ok(match question {
        Question::UsersBySubject(subjects) => {
            let values = subjects.iter().map(Subject::raw).collect();
            Observation::Users(users_by(tenant, Attribute::Subject, values).await?)
        }
        Question::UsersByEmail(emails) => {
            let values = emails.iter().collect();
            Observation::Users(users_by(tenant, Attribute::Email, values).await?)
        }
        Question::User(id) => Observation::User(user(client, id).await?),
        Question::GroupByName(name) => Observation::Groups(groups_named(client, name).await?),
        Question::LicensesOf(subjects) => {
            Observation::Licenses(licenses_of(tenant, subjects).await?)
        }
        Question::AssignmentOf { space, assignee } => {
            Observation::Assignment(assignment_of(client, space, assignee).await?)
        }
        Question::AutoAssign => Observation::AutoAssign(auto_assign(client).await?),
        Question::Allotments => Observation::Allotments(overview(client).await?.allotments),
        Question::SignInsSince(when) => Observation::SignIns(since::sign_ins(client, *when).await?),
        Question::OwnedSince { owner, since } => {
            Observation::Owned(since::owned(client, owner, *since).await?)
        }
    })
}

async fn users_by(
    tenant: &QlikTenant,
    attribute: Attribute,
    values: Vec<&Raw>,
) -> Result<Vec<User>, Problem> {
    let wanted: BTreeSet<String> = values.iter().map(|value| value.key()).collect();
    let size = tenant.batch_size();
    let most = size.0.load(Ordering::Relaxed).max(1);
    let mut batches: VecDeque<&[&Raw]> = values.chunks(most).collect();
    let mut found = BTreeMap::new();
    while let Some(batch) = batches.pop_front() {
        match filtered(tenant.client(), attribute, batch).await {
            Ok(users) => found.extend(users.into_iter().map(|user| (user.id.clone(), user))),
            Err(refused) if matches!(refused.status, Some(400 | 413)) && batch.len() > 1 => {
                let (one, two) = batch.split_at(batch.len() / 2);
                size.0.fetch_min(two.len(), Ordering::Relaxed);
                batches.push_front(two);
                batches.push_front(one);
            }
            Err(refused) => return Err(refused.problem),
        }
    }
    let mut users: Vec<User> = found.into_values().collect();
    users.retain(|user| match attribute {
        Attribute::Email => user
            .email
            .as_ref()
            .is_some_and(|own| wanted.contains(&own.key())),
        _ => wanted.contains(&user.subject.key()),
    });
    Ok(users)
}

async fn filtered(
    client: &Client,
    attribute: Attribute,
    values: &[&Raw],
) -> Result<Vec<User>, Refused> {
    let clauses = Filter::any_of(attribute, values.iter().map(|value| value.expose()));
    if clauses.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter::And(vec![Filter::every_status(), clauses]).to_string();
    let mut parameters = vec![("fields", USER_FIELDS.to_owned())];
    let ask = if values.len() == 1 {
        parameters.push(("filter", filter));
        Ask::get("/api/v1/users")
    } else {
        let body = serde_json::json!({ "filter": filter }).to_string();
        Ask {
            method: Method::Post,
            path: "/api/v1/users/actions/filter".to_owned(),
            body: Some(Bytes::from(body)),
            bucket: Bucket::UserFilter,
        }
    };
    let mut chain = Chain::<UserRecord>::new(client, ask, parameters);
    let (mut users, mut pool) = (Vec::new(), Pool::default());
    while !chain.ended() {
        let page = chain.next().await?;
        users.extend(page.into_iter().map(|record| record.into_user(&mut pool)));
    }
    Ok(users)
}

async fn user(client: &Client, id: &UserId) -> Result<Option<User>, Problem> {
    let ask = Ask::get(format!("/api/v1/users/{}", segment(id.expose())));
    match client.read(&ask).await {
        Ok(response) => {
            let record: UserRecord = parse_json(&response, &ask.label())?;
            Ok(Some(record.into_user(&mut Pool::default())))
        }
        Err(refused) if refused.status == Some(404) => Ok(None),
        Err(refused) => Err(refused.problem),
    }
}

/// Names are case-sensitive, the filter is not.
async fn groups_named(client: &Client, name: &Raw) -> Result<Vec<Group>, Problem> {
    let named = Filter::any_of(Attribute::Name, [name.expose()]);
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let idp = Filter::any_of(Attribute::ProviderType, ["idp"]);
    let filter = Filter::And(vec![named, idp]).to_string();
    let ask = Ask::get("/api/v1/groups");
    let mut chain = Chain::<GroupRecord>::new(client, ask, vec![("filter", filter)]);
    let mut groups = Vec::new();
    while !chain.ended() {
        groups.extend(
            chain
                .next()
                .await?
                .into_iter()
                .filter_map(GroupRecord::into_group),
        );
    }
    groups.retain(|group| group.provider == GroupProvider::Idp && group.name == *name);
    Ok(groups)
}

/// The list takes no published filter by subject, so it is read whole.
async fn licenses_of(
    tenant: &QlikTenant,
    subjects: &[Subject],
) -> Result<Vec<LicenseAssignment>, Problem> {
    let client = tenant.client();
    let seats = OnceLock::new();
    // Set once, from an answer that is worth one request: it tells where to stop.
    let _ = seats.set(overview(client).await?.seats);
    let all = lists::licenses(client, tenant.license_order(), &seats, &|_, _| {}).await?;
    let wanted: BTreeSet<String> = subjects.iter().map(Subject::key).collect();
    let mut seats = whole(all, "the licenses")?;
    seats.retain(|seat| wanted.contains(&seat.subject.key()));
    Ok(seats)
}

async fn assignment_of(
    client: &Client,
    space: &SpaceId,
    assignee: &Assignee,
) -> Result<Option<SpaceAssignment>, Problem> {
    let id = match assignee {
        Assignee::User(id) | Assignee::Bot(id) => id.expose(),
        Assignee::Group(id) => id.expose(),
        Assignee::NewUser(_) | Assignee::NewGroup(_) => {
            return Err(Problem::new(
                Kind::Internal,
                "An assignee that does not exist yet has no assignment to read.",
            ));
        }
    };
    let ask = Ask::get(address(
        &format!("/api/v1/spaces/{}/assignments", segment(space.expose())),
        &[("assigneeId", id.to_owned())],
        None,
    ));
    let narrowed = lists::assignments(client, space, Some(id), &|_, _| {}).await?;
    let rows = whole(narrowed, &ask.label())?;
    Ok(rows.into_iter().find(|row| match &row.assignee {
        Assignee::User(own) | Assignee::Bot(own) => own.expose() == id,
        Assignee::Group(own) => own.expose() == id,
        Assignee::NewUser(_) | Assignee::NewGroup(_) => false,
    }))
}

/// The value of a whole reading.
fn whole<T>(reading: Reading<T>, what: &str) -> Result<T, Problem> {
    match reading.proof {
        Completeness::Proven(_) | Completeness::Once(_) | Completeness::Moving(_) => {
            Ok(reading.value)
        }
        Completeness::Incomplete(cause) => Err(Problem::new(
            Kind::Network,
            format!("{what} could not be read whole: {cause}"),
        )),
        Completeness::Unread => Err(Problem::new(Kind::Internal, format!("{what} was not read"))),
    }
}
