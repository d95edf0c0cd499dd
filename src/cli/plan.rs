//! `qroll plan`: reads both sides, stages what the options say, and writes the plan file.

use clap::{Args, ValueEnum};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::Global;
use super::gather::{Gathered, Wanted, gather};
use super::out::Out;
use super::pick::{self, Pick};
use super::session::Session;
use super::stage::{space_option, stage};
use super::world::WorldArgs;
use super::{render, show};
use crate::config::Environment;
use crate::domain::{Finding, FindingCode, Plan, Severity, SpaceRole, Summary};
use crate::planner::roster::Index;
use crate::planner::{PLAN_TTL, PlanInput, Selection, build, file};
use crate::ports::{Kind, Problem};

/// What to do when seats do not suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Short {
    /// In order; the rest wait, with everything else done for them.
    Wait,
    /// The next license of --fallback with room, then wait.
    Fallback,
    /// People who do not fit are left out altogether.
    LeaveOut,
}

/// One `--space`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceOption {
    /// Name or id.
    pub name: String,
    /// Roles.
    pub roles: BTreeSet<SpaceRole>,
}

/// Options of `qroll plan`.
#[derive(Clone, Debug, Default, Args)]
pub struct PlanArgs {
    /// Everybody below this directory group (name or id); may be repeated.
    #[arg(long, value_name = "GROUP", help_heading = "Who")]
    pub group: Vec<String>,
    /// Everybody who fits this filter, or a query saved in the profile; may be repeated.
    #[arg(long, value_name = "FILTER", help_heading = "Who")]
    pub query: Vec<String>,
    /// Everybody named in this list: a mail address, login or id a line, or a table's first column.
    #[arg(long, value_name = "FILE", help_heading = "Who")]
    pub people: Vec<PathBuf>,
    /// One person by name, address or login; may be repeated.
    #[arg(long, value_name = "PERSON", help_heading = "Who")]
    pub person: Vec<String>,
    /// Everybody in the directory.
    #[arg(long, help_heading = "Who")]
    pub all: bool,
    /// The license they shall hold; nobody is demoted.
    #[arg(long, value_name = "TYPE", help_heading = "What")]
    pub license: Option<String>,
    /// A space (name or id) and the roles there; may be repeated.
    #[arg(long, value_name = "SPACE=ROLE[,ROLE]", value_parser = space_option, help_heading = "What")]
    pub space: Vec<SpaceOption>,
    /// A tenant role beside those already held; may be repeated.
    #[arg(long, value_name = "ROLE", help_heading = "What")]
    pub role: Vec<String>,
    /// What to do when seats do not suffice; wait when absent.
    #[arg(long, value_enum, value_name = "CHOICE", help_heading = "What")]
    pub short: Option<Short>,
    /// Licenses to fall back to, in order.
    #[arg(
        long,
        value_name = "TYPE[,TYPE]",
        value_delimiter = ',',
        help_heading = "What"
    )]
    pub fallback: Vec<String>,
    /// Allow exactly this number of removals beyond the profile's limit.
    #[arg(long, value_name = "N", help_heading = "Plan")]
    pub allow_removals: Option<u64>,
    /// Where to write the plan.
    #[arg(long, value_name = "FILE", help_heading = "Plan")]
    pub out: Option<PathBuf>,
}

impl PlanArgs {
    /// What has to be read.
    pub(super) fn wanted(&self, queries: &BTreeMap<String, String>) -> Result<Wanted, Problem> {
        let nobody = self.group.is_empty()
            && self.query.is_empty()
            && self.people.is_empty()
            && self.person.is_empty();
        if nobody && !self.all {
            return Err(Problem::new(Kind::User, "the plan is for nobody")
                .hint("Name whom it is for: --group, --person, --people FILE, --query or --all."));
        }
        let saved = |text: &String| Pick::Query(queries.get(text).unwrap_or(text).clone());
        let mut people: Vec<Pick> = self.query.iter().map(saved).collect();
        for path in &self.people {
            people.push(pick::list(path)?);
        }
        people.extend(self.person.iter().cloned().map(Pick::Name));
        Ok(Wanted {
            groups: self.group.clone(),
            spaces: self.space.iter().map(|space| space.name.clone()).collect(),
            people,
            all: self.all,
        })
    }
}

/// `qroll plan --json`.
#[derive(Serialize)]
struct Said<'a> {
    hash: &'a str,
    summary: &'a Summary,
    findings: &'a [Finding],
}

pub(super) async fn run(
    args: &PlanArgs,
    global: &Global,
    demo: Option<&WorldArgs>,
    environment: &Environment,
    out: Out,
) -> Result<ExitCode, Problem> {
    let session = Session::open(global, demo, environment, out).await?;
    let wanted = args.wanted(&session.queries)?;
    let now = session.clock.wall();
    let gathered = gather(&*session.tenant, &*session.directory, now, &wanted, &|_| {}).await?;
    let plan = make(args, &session, &gathered)?;
    if let Some(path) = &args.out {
        write(&session, path, &plan)?;
    }
    if out.json {
        out.json(&Said {
            hash: &plan.hash.0,
            summary: &plan.summary,
            findings: &plan.findings,
        });
    } else {
        for line in render::plan(&plan) {
            out.line(line);
        }
        if let Some(path) = args.out.as_ref().filter(|_| !plan.operations.is_empty()) {
            out.note(format!(
                "\nWritten to {0}. Next: qroll apply {0}",
                path.display()
            ));
        }
    }
    Ok(ExitCode::from(exit_code(&plan)))
}

fn make(args: &PlanArgs, session: &Session, gathered: &Gathered) -> Result<Plan, Problem> {
    let staging = stage(args, gathered)?;
    let mut guards = session.guards.clone();
    guards.allow_removals = args.allow_removals;
    let selection = Selection {
        groups: gathered.groups.clone(),
        people: u64::try_from(gathered.snapshot.directory.people.value.len()).unwrap_or(u64::MAX),
        gaps: gathered.gaps.clone(),
    };
    Ok(build(&PlanInput {
        index: &Index::new(&gathered.snapshot, &session.rule),
        snapshot: &gathered.snapshot,
        staging: &staging,
        guards: &guards,
        selection: &selection,
        now: session.clock.wall(),
        ttl: PLAN_TTL,
    }))
}

/// Writes the file and reads it back: what is reviewed and applied is what stands there.
fn write(session: &Session, path: &Path, plan: &Plan) -> Result<(), Problem> {
    session.disk.replace(path, file::to_json(plan).as_bytes())?;
    let written = show::read(path)?;
    if written == *plan {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Internal,
        format!(
            "the plan file {} does not read back as it was made",
            path.display()
        ),
    )
    .hint("Do not apply it."))
}

/// 0 nothing to do, 2 changes; a plan that may not be applied says why by its code.
fn exit_code(plan: &Plan) -> u8 {
    let mut errors = plan
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .peekable();
    if errors.peek().is_none() {
        return if plan.operations.is_empty() { 0 } else { 2 };
    }
    let guarded = errors.all(|finding| {
        matches!(
            finding.code,
            FindingCode::RemovalGuard | FindingCode::Protected | FindingCode::DeleteNotArmed
        )
    });
    if guarded { Kind::Guard.exit_code() } else { 1 }
}
