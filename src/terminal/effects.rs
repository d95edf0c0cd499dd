//! The one place where work is started. Every effect becomes a task that answers through the
//! inbox; what can touch a tenant is `LoadTenant`, `LoadAssignments`, `LookAtUse`,
//! `BuildPlan` (which reads canaries and looks again), `Revert` and `Discard` (which read), `Apply` and
//! `Resume`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::alarm::Alarm;
use super::wiring::Wiring;
use crate::app::{
    Answer, Cautions, Effect, Epoch, Message, PeopleWish, PlanRequest, RunRecord, Trouble,
};
use crate::commit::{self, Recall};
use crate::domain::{Allowed, Doubt, List, Plan, RunId, Snapshot, TenantId};
use crate::host::cache;
use crate::planner::roster::Index;
use crate::planner::{
    PLAN_TTL, PlanInput, RevertInput, file, plan_or_look, revert_or_look, reverted_people,
};
use crate::ports::{Kind, LoadProgress, Part, PeopleQuery, Problem};
use crate::review::{Shelf, note};
use crate::text::Raw;

/// Largest list of addresses read from a file, in bytes.
const LIST_CAP: u64 = 4 << 20;

/// Starts effects and keeps track of them.
pub(super) struct Effects {
    pub(super) wiring: Arc<Wiring>,
    pub(super) inbox: UnboundedSender<Message>,
    pub(super) tasks: TaskTracker,
    /// Stops the run under way after what is in flight.
    pub(super) stop: CancellationToken,
}

impl Effects {
    pub(super) fn new(wiring: Arc<Wiring>, inbox: UnboundedSender<Message>) -> Self {
        Self {
            wiring,
            inbox,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    /// Starts one. Clipboard and redrawing are the terminal's and done by the main loop.
    pub(super) fn start(&mut self, effect: Effect) {
        match effect {
            Effect::LoadTenant(epoch) => self.load_tenant(epoch),
            Effect::LoadGroups(epoch) => self.spawn(epoch, |wiring| async move {
                Answer::Groups(wiring.directory.groups(None).await.map_err(Trouble::from))
            }),
            Effect::LoadMembers(epoch, group) => self.spawn(epoch, |wiring| async move {
                let result = wiring
                    .directory
                    .members(&group)
                    .await
                    .map_err(Trouble::from);
                Answer::Members(group, result)
            }),
            Effect::LoadPeople(epoch, wish) => self.spawn(epoch, |wiring| async move {
                let query = query(&wish);
                let result = wiring.directory.people(&query).await.map_err(Trouble::from);
                Answer::People(wish, result)
            }),
            Effect::LoadGroupsOf(epoch, person) => self.spawn(epoch, |wiring| async move {
                let result = wiring.directory.groups_of(&person).await;
                Answer::GroupsOf(person, result.map_err(Trouble::from))
            }),
            Effect::LoadAssignments(epoch, space) => self.spawn(epoch, |wiring| async move {
                let result = wiring
                    .tenant
                    .assignments(&space)
                    .await
                    .map_err(Trouble::from);
                Answer::Assignments(space, result)
            }),
            Effect::Review(epoch, request) => self.review(epoch, *request),
            Effect::LookAtUse(epoch, request) => self.look_at_use(epoch, *request),
            Effect::BuildPlan(epoch, request) => self.spawn(epoch, |wiring| async move {
                let generation = request.generation;
                let plan = plan(&wiring, *request).await;
                Answer::Planned(generation, plan.map(Arc::new).map_err(Trouble::from))
            }),
            Effect::Revert(epoch, run, include, pass) => {
                self.spawn(epoch, move |wiring| async move {
                    let made = reversal(&wiring, &run, &include, pass).await;
                    Answer::Reverted(made.map(Arc::new).map_err(Trouble::from))
                });
            }
            Effect::ListRuns(epoch) => self.compute(epoch, |wiring| {
                Answer::Runs(commit::runs(&*wiring.disk, &wiring.state).map_err(Trouble::from))
            }),
            Effect::ReadRun(epoch, run) => self.compute(epoch, move |wiring| read_run(wiring, run)),
            Effect::Apply(plan, approval) => self.apply(plan, *approval),
            Effect::Resume(run, allowed) => self.resume(run, &allowed),
            Effect::Discard(run) => self.discard(run),
            Effect::Cautions(epoch, tenant) => self.compute(epoch, move |wiring| {
                Answer::Cautions(cautions(wiring, tenant.as_ref()))
            }),
            Effect::StopRun => self.stop.cancel(),
            Effect::Copy(_)
            | Effect::Redraw
            | Effect::Suspend
            | Effect::Reopen
            | Effect::Detach => {}
            Effect::Write(epoch, name, content) => self.compute(epoch, move |wiring| {
                let path = wiring.state.join("exports").join(name);
                Answer::Written(write(wiring, &path, content.as_bytes()))
            }),
            Effect::SavePlan(epoch, plan) => self.compute(epoch, move |wiring| {
                Answer::Written(save_plan(wiring, &plan))
            }),
            Effect::ReadList(epoch, path) => {
                self.compute(epoch, move |wiring| Answer::List(read_list(wiring, &path)));
            }
            Effect::Keep(snapshot) => self.keep(snapshot),
        }
    }

    pub(super) fn spawn<F>(&self, epoch: Epoch, work: impl FnOnce(Arc<Wiring>) -> F)
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let (inbox, work) = (self.inbox.clone(), work(Arc::clone(&self.wiring)));
        self.tasks.spawn(async move {
            let _alarm = Alarm::new(&inbox);
            let answer = work.await;
            // The loop may be over; then nobody asks any more.
            let _ = inbox.send(Message::Answer { epoch, answer });
        });
    }

    pub(super) fn compute(
        &self,
        epoch: Epoch,
        work: impl FnOnce(&Wiring) -> Answer + Send + 'static,
    ) {
        let (inbox, wiring) = (self.inbox.clone(), Arc::clone(&self.wiring));
        self.tasks.spawn_blocking(move || {
            let _alarm = Alarm::new(&inbox);
            let answer = work(&wiring);
            let _ = inbox.send(Message::Answer { epoch, answer });
        });
    }

    fn load_tenant(&self, epoch: Epoch) {
        let inbox = self.inbox.clone();
        self.spawn(epoch, |wiring| async move {
            let told = |progress: LoadProgress| {
                let answer = Answer::Progress {
                    part: part(progress.part),
                    read: progress.read,
                    total: progress.total,
                };
                let _ = inbox.send(Message::Answer { epoch, answer });
            };
            let result = wiring.tenant.load(&told).await;
            Answer::Tenant(result.map(Arc::new).map_err(Trouble::from))
        });
    }

    /// The first screen of the last snapshot at once, the whole of it when it is decoded.
    pub(super) fn fetch_cached(&self, epoch: Epoch) {
        self.compute(epoch, |wiring| {
            let paths = cache::cache_paths(&wiring.state, &wiring.profile);
            let whole = cache::fetch(&*wiring.disk, &paths.whole);
            Answer::Cached(whole.map(Box::new))
        });
    }

    /// A cache that cannot be written is no trouble worth a line.
    fn keep(&self, snapshot: Arc<Snapshot>) {
        let (inbox, wiring) = (self.inbox.clone(), Arc::clone(&self.wiring));
        self.tasks.spawn_blocking(move || {
            let _alarm = Alarm::new(&inbox);
            let paths = cache::cache_paths(&wiring.state, &wiring.profile);
            let kept = wiring
                .disk
                .make_directory(&wiring.state)
                .and_then(|()| cache::store(&*wiring.disk, &paths, &snapshot));
            if let Err(problem) = kept {
                tracing::warn!(%problem, "the snapshot was not kept");
            }
            let shelf = Shelf {
                disk: &*wiring.disk,
                state: &wiring.state,
                tenant: &snapshot.tenant.tenant.id,
            };
            if let Err(problem) = note(&shelf, &snapshot.tenant.licensing, wiring.clock.wall()) {
                tracing::warn!(%problem, "the seats of today were not kept");
            }
        });
    }

    /// Waits for what is under way, but not for long: reads may be dropped at any time.
    pub(super) async fn finish(self) {
        self.tasks.close();
        let patience = self.wiring.clock.sleep(Duration::from_millis(300));
        tokio::select! {
            () = self.tasks.wait() => {}
            () = patience => {}
        }
    }
}

fn query(wish: &PeopleWish) -> PeopleQuery {
    match wish {
        PeopleWish::All => PeopleQuery::All,
        PeopleWish::Find(text) => PeopleQuery::Find(text.clone()),
        PeopleWish::Addresses(list) => PeopleQuery::Addresses(list.clone()),
        PeopleWish::Query(_, filter) => PeopleQuery::Filter(filter.clone()),
        PeopleWish::Again(ids) => PeopleQuery::Ids(ids.clone()),
    }
}

fn part(part: Part) -> &'static str {
    match part {
        Part::Users => "users",
        Part::Licenses => "licenses",
        Part::Spaces => "spaces",
        Part::Groups => "groups",
        Part::Roles => "roles",
        Part::Settings => "settings",
        Part::Assignments => "assignments",
    }
}

/// Builds the plan beside the loop; where it would take something on the strength of a list that was
/// read once only, that list is read again first (C2).
async fn plan(wiring: &Arc<Wiring>, request: PlanRequest) -> Result<Plan, Problem> {
    let (read, canaries) = (&request.snapshot.directory, &wiring.guards.canaries);
    let mut doubts = commit::missing_canaries(&*wiring.directory, read, canaries).await;
    let mut request = Arc::new(request);
    loop {
        let (own, asked, known) = (Arc::clone(wiring), Arc::clone(&request), doubts.clone());
        let work = tokio::task::spawn_blocking(move || planned(&own, &asked, known));
        let planned = match work.await {
            Ok(planned) => planned?,
            // A panic there is a panic here: the alarm of this task sees it.
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(error) => {
                let problem = Problem::new(Kind::Internal, "the plan was not built to its end");
                return Err(problem.because(error));
            }
        };
        match planned {
            Ok(plan) => return Ok(plan),
            Err(lists) => {
                let request = Arc::make_mut(&mut request);
                request.index = None;
                let live = &mut Arc::make_mut(&mut request.snapshot).tenant;
                doubts.extend(commit::look_again(&*wiring.tenant, live, &lists).await?);
            }
        }
    }
}

fn planned(
    wiring: &Wiring,
    request: &PlanRequest,
    doubts: Vec<Doubt>,
) -> Result<Result<Plan, BTreeSet<List>>, Problem> {
    let fresh = || Arc::new(Index::new(&request.snapshot, &wiring.rule));
    let index = request.index.clone().unwrap_or_else(fresh);
    let recall = Recall {
        state: &wiring.state,
        profile: &wiring.profile,
        vouched: &request.staging.allowed.sizes,
        chosen_by: &[],
        without: &[],
        now: wiring.clock.wall(),
    };
    let (snapshot, staging) = (&request.snapshot, &request.staging);
    let mut past = recall.past(&*wiring.disk, snapshot, staging)?;
    past.doubts.extend(doubts);
    if let Err(problem) = recall.remember(&*wiring.disk, snapshot, staging) {
        tracing::warn!(%problem, "the sizes of this reading were not kept");
    }
    Ok(plan_or_look(&PlanInput {
        index: &index,
        snapshot: &request.snapshot,
        staging: &request.staging,
        guards: &wiring.guards.allowing(&request.staging.allowed),
        selection: &request.selection,
        past: &past,
        now: wiring.clock.wall(),
        ttl: PLAN_TTL,
    }))
}

/// The inverse of a run against what the tenant holds now.
async fn reversal(
    wiring: &Wiring,
    run: &RunId,
    include: &[Raw],
    pass: Option<u64>,
) -> Result<Plan, Problem> {
    let guards = wiring.guards.allowing(&Allowed {
        removals: pass,
        ..Allowed::default()
    });
    let past = commit::past(&*wiring.disk, &wiring.state, run)?;
    let mut live = commit::survey(&*wiring.tenant, &past.plan).await?;
    let people = reverted_people(&past, &live);
    let signs = commit::use_since(&*wiring.tenant, &people, past.began).await;
    let mut doubts = Vec::new();
    loop {
        let made = revert_or_look(&RevertInput {
            past: &past,
            live: &live,
            signs: &signs,
            include,
            guards: &guards,
            doubts: &doubts,
            now: wiring.clock.wall(),
            ttl: PLAN_TTL,
        });
        match made {
            Ok(plan) => return Ok(plan),
            Err(lists) => {
                doubts.extend(commit::look_again(&*wiring.tenant, &mut live, &lists).await?);
            }
        }
    }
}

fn cautions(wiring: &Wiring, tenant: Option<&TenantId>) -> Cautions {
    let (disk, state, now) = (&*wiring.disk, &wiring.state, wiring.clock.wall());
    // What cannot be read here cannot be read when the plan is applied either, and is said then.
    let week = tenant.and_then(|tenant| commit::week(disk, state, tenant, now).ok());
    Cautions {
        place: commit::cautions(disk, state),
        clock: commit::clock_caution(&*wiring.tenant),
        week: week.unwrap_or_default(),
    }
}

fn read_run(wiring: &Wiring, run: RunId) -> Answer {
    let record = commit::outcomes(&*wiring.disk, &wiring.state, &run)
        .map(|(plan, outcomes)| RunRecord {
            plan: Some(Arc::new(plan)),
            outcomes,
        })
        .map_err(Trouble::from);
    Answer::RunRead(run, record)
}

/// Writes `plan.json` where the program was started. A file of that name that is no older plan of
/// the same tenant stays.
fn save_plan(wiring: &Wiring, plan: &Plan) -> Result<Raw, Trouble> {
    let path = PathBuf::from("plan.json");
    let there = wiring
        .disk
        .read_head(&path, file::HEAD)?
        .unwrap_or_default();
    file::gives_way(&there, Some(&plan.tenant)).map_err(|why| {
        Problem::new(
            Kind::User,
            format!("plan.json {why}; it is not overwritten"),
        )
        .hint("move that file away, or start qroll in another directory")
    })?;
    write(wiring, &path, file::to_json(plan).as_bytes())
}

fn write(wiring: &Wiring, path: &Path, content: &[u8]) -> Result<Raw, Trouble> {
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        wiring.disk.make_directory(parent)?;
    }
    wiring.disk.replace(path, content)?;
    let shown = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Ok(Raw::from(shown.display().to_string()))
}

fn read_list(wiring: &Wiring, path: &str) -> Result<Raw, Trouble> {
    let name = Path::new(path.trim());
    let bytes = wiring.disk.read(name)?.ok_or_else(|| {
        Problem::new(Kind::User, format!("there is no file {}", name.display()))
            .hint("one address a line, or separated by commas")
    })?;
    if bytes.len() as u64 > LIST_CAP {
        return Err(Problem::new(Kind::User, "the list is longer than 4 MiB").into());
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Problem::new(Kind::User, "the list is not UTF-8 text"))?;
    Ok(Raw::from(text))
}
