//! The order of the checks. One that fails does not keep the others from being made.

use std::process::ExitCode;

use super::report::{Report, Row};
use super::{directory, place, secrets, subject, tenant};
use crate::cli::args::Global;
use crate::cli::out::Out;
use crate::cli::session::Ready;
use crate::config::{Environment, Paths};
use crate::domain::Snapshot;
use crate::ports::Problem;

/// What cannot be tried without a profile.
const OF_PROFILE: [&str; 11] = [
    "tenant secret",
    "directory secret",
    "tenant",
    "clock",
    "identity",
    "rights",
    "auto-assign",
    "directory",
    "people",
    "groups",
    "subject",
];

/// Makes all checks.
///
/// # Errors
/// There is nowhere to look: no home directory and no place named.
pub(in crate::cli) async fn run(
    global: &Global,
    environment: &Environment,
    out: Out,
) -> Result<ExitCode, Problem> {
    let paths = Paths::find(global.config.clone(), global.state_dir.clone(), environment)?;
    let mut report = Report::new(out);
    let known = match Ready::read(global, environment, out) {
        Ok(ready) => {
            report.add(&Row::ok(
                "configuration",
                format!(
                    "profile {} of {}",
                    ready.profile.name,
                    paths.config.display()
                ),
            ));
            report.add(&secrets::keyring().await);
            of_profile(&ready, &mut report, out).await
        }
        Err(problem) => {
            let row = Row::failed("configuration", &problem);
            report.add(&if problem.hints().is_empty() {
                row.mend("The least it holds: [profile.NAME.tenant] with url and auth, and [profile.NAME.directory] with kind.")
            } else {
                row
            });
            report.add(&secrets::keyring().await);
            report.skip(&OF_PROFILE, "there is no profile to try");
            None
        }
    };
    report.add(&place::state(&paths.state));
    match known {
        Some(tenant) => report.add(&place::runs(&paths.state, &tenant)),
        None => report.skip(&["runs"], "which tenant it is is not known"),
    }
    report.add(&place::terminal(environment, out));
    Ok(report.end())
}

async fn of_profile(
    ready: &Ready,
    report: &mut Report,
    out: Out,
) -> Option<crate::domain::TenantId> {
    let quiet = Out { quiet: true, ..out };
    report.add(&secrets::tenant(ready).await);
    report.add(&secrets::directory(ready).await);
    let there = tenant::check(ready, report, quiet).await;
    let here = directory::check(ready, report, out).await;
    let known = there.as_ref().map(|there| there.tenant.id.clone());
    match (there, here) {
        (Some(tenant), Some(directory)) => {
            let snapshot = Snapshot { tenant, directory };
            report.add(&subject::check(&snapshot, &ready.profile.identity));
        }
        (None, _) => report.skip(&["subject"], "the tenant's users could not be read"),
        (_, None) => report.skip(
            &["subject"],
            "the people of the directory could not be read",
        ),
    }
    known
}
