//! `qroll plan`: reads both sides, stages what the options say, and writes the plan file.

use clap::{Args, ValueEnum};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::Global;
use super::gather::{Gathered, Wanted, gather};
use super::keep::keep_others;
use super::loading::loading;
use super::out::Out;
use super::pick::{self, Pick};
use super::session::Session;
use super::stage::{space_option, stage};
use super::world::{SERVE_A_WORLD, WorldArgs};
use super::{render, show};
use crate::commit::{self, Recall};
use crate::config::Environment;
use crate::domain::{
    Finding, FindingCode, Guards, Past, Person, Plan, Severity, SourceKind, SourceProof, SpaceRole,
    Summary,
};
use crate::planner::roster::Index;
use crate::planner::{IdentityRule, PLAN_TTL, PlanInput, Selection, file, plan_or_look};
use crate::ports::{Disk, Kind, Problem};
use crate::text::{Raw, nearest, show_str};

/// Findings that are repeated at the end when they block the plan.
const BLOCKING: usize = 3;

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
    /// Leave removals out of the plan and list them apart.
    #[arg(long, help_heading = "Plan", conflicts_with = "allow_removals")]
    pub hold_removals: bool,
    /// A tenant administrator from whom something may be taken; may be repeated.
    #[arg(long, value_name = "SUBJECT", help_heading = "Plan")]
    pub allow_admin: Vec<String>,
    /// A person whose name looks like another's and who is meant all the same; may be repeated.
    #[arg(long, value_name = "SUBJECT", help_heading = "Plan")]
    pub accept_lookalike: Vec<String>,
    /// A user, by subject, who is the person with the same e-mail; may be repeated.
    #[arg(long, value_name = "SUBJECT", help_heading = "Plan")]
    pub accept_email: Vec<String>,
    /// The size of a source that shrank and is right all the same, e.g. "all people=380"; may be
    /// repeated.
    #[arg(long, value_name = "NAME=N", value_parser = size_option, help_heading = "Plan")]
    pub accept_size: Vec<(String, u64)>,
    /// Where to write the plan. An older plan of the same tenant gives way; any other file is left
    /// alone.
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
    findings: Vec<Finding>,
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
    args.out
        .as_deref()
        .map_or(Ok(()), |path| keep_others(path, None))?;
    let now = session.clock.wall();
    let told = loading(session.clock.clone(), out);
    let mut gathered = gather(&*session.tenant, &*session.directory, now, &wanted, &told).await?;
    known_attributes(&session.rule, &gathered)?;
    let plan = make(args, &session, &mut gathered).await?;
    deliver(&*session.disk, args.out.as_deref(), &plan, out)?;
    advise(args.out.as_deref(), &plan, demo.is_some(), out);
    doubts(&plan, out);
    Ok(ExitCode::from(exit_code(&plan)))
}

/// Writes the plan where it is wanted, and prints it.
pub(super) fn deliver(
    disk: &dyn Disk,
    path: Option<&Path>,
    plan: &Plan,
    out: Out,
) -> Result<(), Problem> {
    if let Some(path) = path {
        write(disk, path, plan)?;
    }
    if out.json {
        out.json(&Said {
            hash: &plan.hash.0,
            summary: &plan.summary,
            findings: plan.findings.iter().map(|one| told(plan, one)).collect(),
        });
        return Ok(());
    }
    for line in render::plan(plan) {
        out.line(line);
    }
    Ok(())
}

/// A finding with the options by which somebody decides about it.
fn told(plan: &Plan, finding: &Finding) -> Finding {
    Finding {
        hint: Raw::from(render::hint(plan, finding)),
        ..finding.clone()
    }
}

/// What to do next: what blocks the plan before anything else.
pub(super) fn advise(path: Option<&Path>, plan: &Plan, demo: bool, out: Out) {
    if out.json {
        return;
    }
    let blocking: Vec<&Finding> = errors(plan).collect();
    if !blocking.is_empty() {
        out.note("\nNot to be applied:");
        for finding in blocking.iter().take(BLOCKING) {
            out.note(format!("  {}", finding.text.show()));
            let hint = render::hint(plan, finding);
            if !hint.is_empty() {
                out.note(format!("    {hint}"));
            }
        }
        if blocking.len() > BLOCKING {
            out.note(format!("  and {} more", blocking.len() - BLOCKING));
        }
    }
    let Some(path) = path.filter(|_| !plan.operations.is_empty()) else {
        return;
    };
    let path = path.display();
    if !blocking.is_empty() {
        out.note(format!("Written to {path}, to be looked at only."));
    } else if demo {
        out.note(format!(
            "\nWritten to {path}, to be looked at only: the demo's tenant ends here."
        ));
        for line in SERVE_A_WORLD {
            out.note(format!("  {line}"));
        }
    } else {
        out.note(format!("\nWritten to {path}. Next: qroll apply {path}"));
    }
}

/// What the plan does not rest on, last, so that it is not missed.
fn doubts(plan: &Plan, out: Out) {
    for source in unread(plan) {
        let cause = source.cause.as_deref().unwrap_or("not read to its end");
        out.note(format!(
            "\n{} {} is not proven whole: {}. Nothing is taken away on the strength of it.",
            source.role,
            show_str(&source.label),
            show_str(cause)
        ));
    }
}

/// Sources of which something is missing or hard to believe. A file that does not declare itself
/// complete was read as it is: it takes nothing, and that is no error.
fn unread(plan: &Plan) -> impl Iterator<Item = &SourceProof> {
    let doubted = has(plan, FindingCode::SourceDoubt);
    plan.sources.iter().filter(move |source| {
        let is_file = source.kind == Some(SourceKind::File);
        !source.complete && (doubted || !is_file)
    })
}

fn has(plan: &Plan, code: FindingCode) -> bool {
    plan.findings.iter().any(|finding| finding.code == code)
}

fn errors(plan: &Plan) -> impl Iterator<Item = &Finding> {
    plan.findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
}

/// What `--accept-size` gave: `NAME=N`.
fn size_option(text: &str) -> Result<(String, u64), String> {
    let said = || "expected NAME=N, for example \"all people=380\"".to_owned();
    let (name, number) = text.rsplit_once('=').ok_or_else(said)?;
    let number = number.trim().parse().map_err(|_| said())?;
    Ok((name.trim().to_owned(), number))
}

fn guards(args: &PlanArgs, session: &Session) -> Guards {
    let mut guards = session.guards.clone();
    guards.allow_removals = args.allow_removals;
    guards.hold_removals = args.hold_removals;
    let named = args.allow_admin.iter().map(|name| Raw::from(name.as_str()));
    guards.allow_admins.extend(named);
    guards
}

async fn make(
    args: &PlanArgs,
    session: &Session,
    gathered: &mut Gathered,
) -> Result<Plan, Problem> {
    let staging = stage(args, gathered)?;
    let guards = guards(args, session);
    let vouched = args.accept_size.iter().cloned().collect();
    let recall = Recall {
        state: &session.state,
        profile: &session.profile,
        vouched: &vouched,
        now: session.clock.wall(),
    };
    // The embedded world begins anew each time: yesterday's says nothing about it.
    let mut past = if session.world.is_some() {
        Past::default()
    } else {
        recall.past(&*session.disk, &gathered.snapshot, &staging)?
    };
    let read = &gathered.snapshot.directory;
    let missing = commit::missing_canaries(&*session.directory, read, &guards.canaries);
    past.doubts.extend(missing.await);
    let selection = Selection {
        groups: gathered.groups.clone(),
        people: u64::try_from(gathered.snapshot.directory.people.value.len()).unwrap_or(u64::MAX),
        gaps: gathered.gaps.clone(),
    };
    let plan = loop {
        let planned = plan_or_look(&PlanInput {
            index: &Index::new(&gathered.snapshot, &session.rule),
            snapshot: &gathered.snapshot,
            staging: &staging,
            guards: &guards,
            selection: &selection,
            past: &past,
            now: session.clock.wall(),
            ttl: PLAN_TTL,
        });
        match planned {
            Ok(plan) => break plan,
            // Only now is it known that something would be taken on the strength of them.
            Err(lists) => {
                let live = &mut gathered.snapshot.tenant;
                let doubts = commit::look_again(&*session.tenant, live, &lists).await?;
                past.doubts.extend(doubts);
            }
        }
    };
    if session.world.is_none()
        && let Err(problem) = recall.remember(&*session.disk, &gathered.snapshot, &staging)
    {
        // Looking works without a state directory (reliability F4).
        tracing::warn!(%problem, "the sizes of this reading were not kept");
    }
    Ok(plan)
}

/// Refuses a subject template that nobody can fill: the source has no such attribute.
fn known_attributes(rule: &IdentityRule, gathered: &Gathered) -> Result<(), Problem> {
    let people = &gathered.snapshot.directory.people.value;
    let held = |name: &str| {
        let mut values = people.values().filter_map(|person| person.attribute(name));
        values.any(|value| !value.is_blank())
    };
    let missing = rule.template.attributes().find(|name| !held(name));
    let Some(missing) = missing.filter(|_| !people.is_empty()) else {
        return Ok(());
    };
    let more: BTreeSet<&str> = people
        .values()
        .flat_map(|person| person.more.iter().map(|(name, _)| &**name))
        .collect();
    let known: Vec<&str> = Person::ATTRIBUTES
        .into_iter()
        .chain(more)
        .filter(|name| held(name))
        .collect();
    let problem = Problem::new(
        Kind::User,
        format!(
            "the subject template {} needs the attribute \"{missing}\", and none of the {} people read has it",
            rule.template,
            people.len()
        ),
    );
    let problem = match nearest(missing, known.iter().copied()).as_slice() {
        [] => problem,
        [near, ..] => problem.hint(format!("Did you mean \"{near}\"?")),
    };
    Err(problem
        .hint(format!("They have: {}", known.join(", ")))
        .hint("Change identity.subject in the profile, or fill the attribute in the directory."))
}

/// Writes the file and reads it back: what is reviewed and applied is what stands there.
fn write(disk: &dyn Disk, path: &Path, plan: &Plan) -> Result<(), Problem> {
    keep_others(path, Some(&plan.tenant))?;
    disk.replace(path, file::to_json(plan).as_bytes())?;
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

/// 0 nothing to do, 2 changes, 3 something is held by a limit, 1 a source was not read whole or is
/// hard to believe; a plan that may not be applied says why by its code.
pub(super) fn exit_code(plan: &Plan) -> u8 {
    let mut errors = errors(plan).peekable();
    if errors.peek().is_none() {
        return if unread(plan).next().is_some() {
            1
        } else if has(plan, FindingCode::RemovalHeld) {
            3
        } else if plan.operations.is_empty() {
            0
        } else {
            2
        };
    }
    let guarded = errors.all(|finding| {
        matches!(
            finding.code,
            FindingCode::RemovalGuard
                | FindingCode::Protected
                | FindingCode::DeleteNotArmed
                | FindingCode::LookAlike
        )
    });
    if guarded { Kind::Guard.exit_code() } else { 1 }
}
