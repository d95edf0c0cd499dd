//! Where runs lie in the state directory: `runs/<run>.journal`, `runs/<run>.plan.json`,
//! `<tenant>.lock`. Names from outside become safe file names here.

use jiff::Timestamp;
use std::path::{Path, PathBuf};

use super::reader::{Content, read};
use super::record::Header;
use crate::domain::{Plan, PlanHash, RunId, TenantId};
use crate::planner::file;
use crate::ports::{Disk, Kind, Problem, Rng};

const JOURNAL: &str = "journal";
const PLAN: &str = "plan.json";

/// Letters, digits, `-`; everything else as `_hex`.
fn file_name(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
            other => format!("_{other:02x}"),
        })
        .collect()
}

/// The state directory of runs.
#[derive(Clone, Debug)]
pub(super) struct Files {
    root: PathBuf,
}

impl Files {
    pub(super) fn new(state_dir: &Path) -> Self {
        Self {
            root: state_dir.to_owned(),
        }
    }

    pub(super) fn make(&self, disk: &dyn Disk) -> Result<(), Problem> {
        disk.make_directory(&self.root)?;
        disk.make_directory(&self.runs())
    }

    pub(super) fn runs(&self) -> PathBuf {
        self.root.join("runs")
    }

    pub(super) fn lock(&self, tenant: &TenantId) -> PathBuf {
        self.root
            .join(format!("{}.lock", file_name(tenant.expose())))
    }

    pub(super) fn journal(&self, run: &RunId) -> PathBuf {
        self.runs()
            .join(format!("{}.{JOURNAL}", file_name(run.expose())))
    }

    pub(super) fn plan(&self, run: &RunId) -> PathBuf {
        self.runs()
            .join(format!("{}.{PLAN}", file_name(run.expose())))
    }

    /// A name that sorts by time and shows its plan.
    pub(super) fn name(
        &self,
        disk: &dyn Disk,
        plan: &PlanHash,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<RunId, Problem> {
        let time = now.strftime("%Y%m%dT%H%M%SZ");
        let known = self.list(disk, Some(plan))?;
        loop {
            let number = rng.next() & 0xffff;
            let run = RunId::new(format!("{time}-{}-{number:04x}", hash_part(plan)));
            if !known.contains(&run) {
                return Ok(run);
            }
        }
    }

    /// Runs with a journal, newest first; those of one plan if asked.
    pub(super) fn list(
        &self,
        disk: &dyn Disk,
        plan: Option<&PlanHash>,
    ) -> Result<Vec<RunId>, Problem> {
        let wanted = plan.map(|plan| format!("-{}-", hash_part(plan)));
        let mut runs: Vec<RunId> = disk
            .list(&self.runs())?
            .iter()
            .filter(|path| path.extension().is_some_and(|ending| ending == JOURNAL))
            .filter_map(|path| path.file_stem()?.to_str())
            .filter(|name| wanted.as_ref().is_none_or(|wanted| name.contains(wanted)))
            .map(RunId::new)
            .collect();
        runs.sort();
        runs.reverse();
        Ok(runs)
    }

    pub(super) fn content(&self, disk: &dyn Disk, run: &RunId) -> Result<Content, Problem> {
        let bytes = disk.read(&self.journal(run))?.ok_or_else(|| {
            Problem::new(Kind::NotFound, format!("there is no run {}", run.show()))
                .hint("`qroll runs` lists them")
        })?;
        Ok(checked_name(read(&bytes), run))
    }

    pub(super) fn store_plan(
        &self,
        disk: &dyn Disk,
        run: &RunId,
        plan: &Plan,
    ) -> Result<(), Problem> {
        let kept = disk.replace(&self.plan(run), file::to_json(plan).as_bytes());
        // A run whose plan cannot be kept is a run whose journal cannot: nothing may be sent.
        kept.map_err(|problem| {
            let hints = problem.hints().to_vec();
            let text = format!(
                "the plan of run {} cannot be kept: {}",
                run.show(),
                problem.text()
            );
            let told = Problem::new(Kind::Journal, text);
            let told = hints.iter().fold(told, Problem::hint);
            told.hint("nothing was sent").because(problem)
        })
    }

    /// The plan of a run, which must be the one that its journal began with.
    pub(super) fn begun_plan(
        &self,
        disk: &dyn Disk,
        run: &RunId,
        header: &Header,
    ) -> Result<Plan, Problem> {
        let plan = self.load_plan(disk, run)?;
        if header.plan == plan.hash && header.tenant == plan.tenant.id {
            return Ok(plan);
        }
        let text = format!(
            "the plan beside run {} is not the one it began with",
            run.show()
        );
        Err(Problem::new(Kind::Journal, text))
    }

    /// The plan of a run, as it was approved.
    pub(super) fn load_plan(&self, disk: &dyn Disk, run: &RunId) -> Result<Plan, Problem> {
        let path = self.plan(run);
        let bytes = disk.read(&path)?.ok_or_else(|| {
            Problem::new(
                Kind::Journal,
                format!("the plan of run {} is missing", run.show()),
            )
            .hint("a new plan against the tenant shows what is left to do")
        })?;
        file::parse(&bytes).map_err(|problem| {
            Problem::new(
                Kind::Journal,
                format!("the plan of run {}: {}", run.show(), problem.text()),
            )
            .because(problem)
        })
    }
}

/// A journal under another run's name was moved or mixed up; each names its run in its header.
fn checked_name(mut content: Content, run: &RunId) -> Content {
    let other = content.header().filter(|header| header.run != *run);
    if let Some(other) = other.map(|header| header.run.show().to_string()) {
        let reason = format!("its first record belongs to run {other}");
        content.tampered.get_or_insert(reason);
    }
    content
}

fn hash_part(plan: &PlanHash) -> String {
    plan.0
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(8)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_outside_stay_in_their_directory() {
        let files = Files::new(Path::new("/state"));
        let lock = files.lock(&TenantId::from("../../etc/passwd"));
        assert_eq!(
            lock,
            Path::new("/state/_2e_2e_2f_2e_2e_2fetc_2fpasswd.lock")
        );
        let journal = files.journal(&RunId::from("/abs"));
        assert_eq!(journal, Path::new("/state/runs/_2fabs.journal"));
    }
}
