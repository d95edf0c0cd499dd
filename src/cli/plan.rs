//! `qroll plan`: reads both sides, stages what the options say, and writes the plan file.

use clap::{Args, ValueEnum};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use super::args::Global;
use super::deliver::{advise, deliver, doubts, exit_code};
use super::gather::{Gathered, Wanted, gather};
use super::holders::holders;
use super::keep::keep_others;
use super::list::list;
use super::loading::loading;
use super::out::Out;
use super::pick::Pick;
use super::report;
use super::session::Session;
use super::stage::{NO_LICENSE, space_option, stage};
use super::world::WorldArgs;
use crate::commit::{self, Recall};
use crate::config::Environment;
use crate::domain::{Entitled, Guards, Past, Person, Plan, SpaceRole, Subject};
use crate::planner::roster::Index;
use crate::planner::{IdentityRule, PLAN_TTL, PlanInput, Selection, plan_or_look};
use crate::ports::{Kind, Problem};
use crate::text::nearest;

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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own on the command line"
)]
pub struct PlanArgs {
    /// Everybody below this directory group (name or id); may be repeated.
    #[arg(long, value_name = "GROUP", help_heading = "Who")]
    pub group: Vec<String>,
    /// Only those who are below this group too (name or id); may be repeated.
    #[arg(long, value_name = "GROUP", help_heading = "Who")]
    pub also_in: Vec<String>,
    /// Only those who are not below this group (name or id); may be repeated.
    #[arg(long, value_name = "GROUP", help_heading = "Who")]
    pub not_in: Vec<String>,
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
    /// Holders of a seat who are in no approved group of the profile, as `qroll report strangers` lists
    /// them; with --license none.
    #[arg(
        long,
        help_heading = "Who",
        requires = "license",
        conflicts_with_all = ["group", "also_in", "not_in", "query", "people", "person", "all", "space", "role", "short", "fallback"]
    )]
    pub strangers: bool,
    /// Seats of nobody here: no user has the subject, and nobody in the directory. What another tenant
    /// of `licenses.tenants` uses is left out.
    #[arg(
        long,
        help_heading = "Who",
        requires = "license",
        conflicts_with_all = ["strangers", "group", "also_in", "not_in", "query", "people", "person", "all", "space", "role", "short", "fallback"]
    )]
    pub orphans: bool,
    /// Holders of a seat who were not seen for so many days and are not spared, as `qroll report
    /// unused` proposes them.
    #[arg(
        long,
        value_name = "DAYS",
        help_heading = "Who",
        requires = "license",
        value_parser = clap::value_parser!(u32).range(1..=3650),
        conflicts_with_all = ["strangers", "orphans", "group", "also_in", "not_in", "query", "people", "person", "all", "space", "role", "short", "fallback"]
    )]
    pub unused: Option<u32>,
    /// The license they shall hold, or "none" to take theirs back. By --group and --all nobody is
    /// demoted; who is picked by --person, --people or --query gets exactly this one.
    #[arg(long, value_name = "TYPE", help_heading = "What")]
    pub license: Option<String>,
    /// Move licenses that are held under an older subject to the one that the template gives, for
    /// people whom their e-mail finds. Nobody is made and no seat is used.
    #[arg(long, help_heading = "What", conflicts_with_all = ["license", "space", "role", "short", "fallback"])]
    pub rekey: bool,
    /// A space (name or id) and the roles there; may be repeated.
    #[arg(long, value_name = "SPACE=ROLE[,ROLE]", value_parser = space_option, help_heading = "What")]
    pub space: Vec<SpaceOption>,
    /// A tenant role beside those already held; may be repeated.
    #[arg(long, value_name = "ROLE", help_heading = "What")]
    pub role: Vec<String>,
    /// Switch off that whoever signs in without a license is given one; that comes first.
    #[arg(long, help_heading = "What")]
    pub auto_assign_off: bool,
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
    /// Give exactly this number of people subjects although something speaks against the template.
    #[arg(long, value_name = "N", help_heading = "Plan")]
    pub allow_unproven: Option<u64>,
    /// Take back exactly this number of seats of nobody here, though another tenant on the license may
    /// use them.
    #[arg(long, value_name = "N", help_heading = "Plan")]
    pub allow_orphans: Option<u64>,
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
    pub(super) fn wanted(
        &self,
        queries: &BTreeMap<String, String>,
        entitled: &Entitled,
        profile: &str,
    ) -> Result<Wanted, Problem> {
        let takes = self.strangers || self.orphans || self.unused.is_some();
        if takes && self.license.as_deref() != Some(NO_LICENSE) {
            let text = "--strangers, --orphans and --unused take seats back, and go with --license none only";
            return Err(Problem::new(Kind::User, text)
                .hint("To give them something else, name them: --person, --people FILE."));
        }
        if self.strangers {
            return Ok(Wanted {
                groups: report::approved(entitled, &[], profile)?,
                all: true,
                ..Wanted::default()
            });
        }
        if self.orphans || self.unused.is_some() {
            return Ok(Wanted {
                all: true,
                ..Wanted::default()
            });
        }
        let nobody = self.group.is_empty()
            && self.query.is_empty()
            && self.people.is_empty()
            && self.person.is_empty();
        if nobody && !self.all && !self.auto_assign_off {
            return Err(Problem::new(Kind::User, "the plan is for nobody")
                .hint("Name whom it is for: --group, --person, --people FILE, --query or --all."));
        }
        let saved = |text: &String| Pick::Query(queries.get(text).unwrap_or(text).clone());
        let mut people: Vec<Pick> = self.query.iter().map(saved).collect();
        for path in &self.people {
            people.push(list(path)?);
        }
        people.extend(self.person.iter().cloned().map(Pick::Name));
        Ok(Wanted {
            groups: self.group.clone(),
            also_in: self.also_in.clone(),
            not_in: self.not_in.clone(),
            spaces: self.space.iter().map(|space| space.name.clone()).collect(),
            people,
            all: self.all,
        })
    }
}

pub(super) async fn run(
    args: &PlanArgs,
    global: &Global,
    demo: Option<&WorldArgs>,
    environment: &Environment,
    out: Out,
) -> Result<ExitCode, Problem> {
    let session = Session::open(global, demo, environment, out).await?;
    let wanted = args.wanted(&session.queries, &session.entitled, &session.profile)?;
    args.out
        .as_deref()
        .map_or(Ok(()), |path| keep_others(path, None))?;
    let now = session.clock.wall();
    let told = loading(session.clock.clone(), out);
    let mut gathered = gather(&*session.tenant, &*session.directory, now, &wanted, &told).await?;
    if args.strangers {
        // Whoever is in none of them loses a seat: one that shrank is looked at before that.
        gathered.chosen_by.clone_from(&gathered.groups);
        gathered.without.clone_from(&gathered.groups);
    }
    known_attributes(&session.rule, &gathered)?;
    let plan = make(args, &session, &mut gathered, out).await?;
    deliver(&*session.disk, args.out.as_deref(), &plan, out)?;
    advise(args.out.as_deref(), &plan, demo.is_some(), out);
    doubts(&plan, out);
    Ok(ExitCode::from(exit_code(&plan)))
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
    let named = args
        .allow_admin
        .iter()
        .map(|name| Subject::from(name.as_str()));
    guards.allow_subjects.extend(named);
    guards
}

async fn make(
    args: &PlanArgs,
    session: &Session,
    gathered: &mut Gathered,
    out: Out,
) -> Result<Plan, Problem> {
    let holders = holders(args, session, gathered, out).await?;
    let staging = stage(args, gathered, holders.as_deref())?;
    let guards = guards(args, session);
    let vouched = args.accept_size.iter().cloned().collect();
    let recall = Recall {
        state: &session.state,
        profile: &session.profile,
        vouched: &vouched,
        chosen_by: &gathered.chosen_by,
        without: &gathered.without,
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
    // Whose licenses move is named one by one in the plan; asking for it accepts the matches.
    let rule = IdentityRule {
        accept_email: session.rule.accept_email || args.rekey,
        ..session.rule.clone()
    };
    let plan = loop {
        let planned = plan_or_look(&PlanInput {
            index: &Index::new(&gathered.snapshot, &rule),
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
        && let Err(problem) = recall.settle(&*session.disk, &gathered.snapshot, &staging)
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
        .flat_map(|person| person.more.iter().map(|(name, _)| name.expose()))
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
