//! What is read for a report, and which one is made of it.

use clap::{Args, ValueEnum};
use futures_util::stream::{self, StreamExt as _};
use std::process::ExitCode;

use super::access::accesses;
use super::idle::idle;
use super::reviewed::{judged, shelf, with_use};
use super::seats::{licenses, strangers};
use super::sheet::{Format, Sheet};
use crate::cli::args::Global;
use crate::cli::gather::{Wanted, gather};
use crate::cli::loading::loading;
use crate::cli::out::Out;
use crate::cli::session::Session;
use crate::cli::world::WorldArgs;
use crate::config::Environment;
use crate::domain::{DirectoryGroupId, Entitled, Snapshot, SpaceId};
use crate::planner::holders::Unused;
use crate::ports::{Kind, Problem};
use crate::review::{kept, note, past};
use crate::text::Raw;

/// Something was not read whole.
const PARTIAL: u8 = 3;
/// Spaces whose assignments are read at once.
const AT_ONCE: usize = 8;

/// Which report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Every seat and whoever holds it.
    Licenses,
    /// Holders in no approved group.
    Strangers,
    /// Holders who were not seen for a while.
    Unused,
    /// Who may what in which space, and where it comes from.
    Access,
}

/// Options of `qroll report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Which report.
    #[arg(value_enum)]
    what: What,
    /// How it is written; --json is the same as json.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// An approved group besides those of the profile; may be repeated.
    #[arg(long, value_name = "GROUP")]
    group: Vec<String>,
    /// Days without use that make a seat unused.
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// Seats that were given less than so many days ago are spared.
    #[arg(long, value_name = "N", default_value_t = 30)]
    older_than: u32,
    /// Only whose name holds this text (access).
    #[arg(long, value_name = "TEXT")]
    person: Option<String>,
}

pub(in crate::cli) async fn run(
    args: &ReportArgs,
    global: &Global,
    demo: Option<&WorldArgs>,
    environment: &Environment,
    out: Out,
) -> Result<ExitCode, Problem> {
    let session = Session::open(global, demo, environment, out).await?;
    let format = if out.json { Format::Json } else { args.format };
    let sheet = match args.what {
        What::Access => spaces(args, &session, out).await?,
        _ => seats(args, &session, out).await?,
    };
    sheet.write(format, out);
    if let Some(world) = session.world {
        world.stop().await;
    }
    Ok(if sheet.gaps.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(PARTIAL)
    })
}

/// Groups that count as approved, as they are named.
///
/// # Errors
/// There are none.
pub(in crate::cli) fn approved(
    entitled: &Entitled,
    more: &[String],
    profile: &str,
) -> Result<Vec<String>, Problem> {
    let own = entitled.groups.iter().map(Raw::expose);
    let all: Vec<String> = own.map(str::to_owned).chain(more.iter().cloned()).collect();
    if all.is_empty() {
        let problem = Problem::new(
            Kind::User,
            "no groups are approved, so nobody can be called a stranger",
        );
        return Err(problem
            .hint("Name them in the configuration:")
            .hint(format!("  [profile.{profile}.licenses]"))
            .hint("  approved = [\"QLIK_ANALYZERS\", \"QLIK_PRO\"]")
            .hint("For one report, or the demo: qroll report strangers --group QLIK_ANALYZERS --group QLIK_PRO"));
    }
    Ok(all)
}

async fn read(
    session: &Session,
    groups: Vec<String>,
    all: bool,
    out: Out,
) -> Result<(Snapshot, Vec<DirectoryGroupId>), Problem> {
    let wanted = Wanted {
        groups,
        all,
        ..Wanted::default()
    };
    let now = session.clock.wall();
    let told = loading(session.clock.clone(), out);
    let gathered = gather(&*session.tenant, &*session.directory, now, &wanted, &told).await?;
    Ok((gathered.snapshot, gathered.groups))
}

async fn seats(args: &ReportArgs, session: &Session, out: Out) -> Result<Sheet, Problem> {
    let approved = approved(&session.entitled, &args.group, &session.profile);
    let approved = match approved {
        // Other reports show the rest.
        Err(_) if args.what != What::Strangers => Vec::new(),
        all => all?,
    };
    let named = approved.clone();
    let read = read(session, approved, true, out).await;
    let (snapshot, groups) = read.map_err(|problem| match problem.kind {
        Kind::User if !session.entitled.groups.is_empty() => problem.hint(format!(
            "Approved groups stand in [profile.{}.licenses] of the configuration.",
            session.profile
        )),
        _ => problem,
    })?;
    let licensing = &snapshot.tenant.licensing.value;
    let shelf = shelf(session, &snapshot);
    if let Err(problem) = note(&shelf, &snapshot.tenant.licensing, session.clock.wall()) {
        out.note(format!("The seats of today are not kept: {problem}"));
    }
    if args.what == What::Unused {
        let rule = Unused {
            days: args.days,
            older_than: args.older_than,
        };
        let (review, looked) = with_use(session, &snapshot, &groups, rule, out).await?;
        let mut sheet = idle(&review, rule, &looked.usage, session.clock.wall());
        let gap = looked.gap.map(|gap| format!("use: {gap}"));
        sheet.gaps.extend(gap);
        return Ok(sheet);
    }
    // What an earlier look found is shown; looking costs many requests and is asked for.
    let now = session.clock.wall();
    let known = kept(shelf.disk, shelf.state, shelf.tenant, now);
    let history = past(&shelf);
    let review = judged(session, &snapshot, &groups, known.as_ref());
    Ok(match args.what {
        What::Strangers => strangers(&review, licensing, known.as_ref(), &named),
        _ => licenses(&review, licensing, known.as_ref(), &history),
    })
}

async fn spaces(args: &ReportArgs, session: &Session, out: Out) -> Result<Sheet, Problem> {
    let (mut snapshot, _) = read(session, Vec::new(), false, out).await?;
    let tenant = &snapshot.tenant;
    let open: Vec<SpaceId> = tenant
        .spaces
        .value
        .iter()
        .filter(|space| {
            let known = tenant.assignments.get(&space.id);
            !known.is_some_and(|reading| reading.proof.is_proven())
        })
        .map(|space| space.id.clone())
        .collect();
    let asked = stream::iter(open).map(|space| async {
        let rows = session.tenant.assignments(&space).await;
        (space, rows)
    });
    let mut answers = asked.buffer_unordered(AT_ONCE);
    let mut gaps = Vec::new();
    let mut read = Vec::new();
    while let Some((space, rows)) = answers.next().await {
        match rows {
            Ok(reading) => read.push((space, reading)),
            Err(problem) if problem.kind == Kind::Auth => return Err(problem),
            Err(problem) => gaps.push(format!("space {}: {problem}", space.show())),
        }
    }
    drop(answers);
    snapshot.tenant.assignments.extend(read);
    let tenant = &snapshot.tenant;
    let lists = [
        ("users", tenant.users.proof.gap()),
        ("spaces", tenant.spaces.proof.gap()),
    ];
    gaps.extend(
        lists
            .into_iter()
            .filter_map(|(what, gap)| Some(format!("{what}: {}", gap?))),
    );
    let cut = tenant.assignments.iter().filter_map(|(space, reading)| {
        Some(format!("space {}: {}", space.show(), reading.proof.gap()?))
    });
    gaps.extend(cut);
    gaps.sort();
    Ok(accesses(&snapshot, args.person.as_deref(), gaps))
}
