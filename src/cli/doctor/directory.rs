//! The directory: reached how, what may be read there, how old it is.

use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::report::{Report, Row};
use crate::cli::out::Out;
use crate::cli::session::Ready;
use crate::config::{DirectoryConfig, EntraAuth};
use crate::domain::{Completeness, DirectorySnapshot, Reading, SourceKind};
use crate::ports::{Directory, PeopleQuery, Problem};
use crate::text::Shown;

/// A file that was made longer ago than this is spoken of.
const OLD_DAYS: i64 = 7;

/// Reads groups and all people; `None` when nobody could be read.
pub(in crate::cli) async fn check(
    ready: &Ready,
    report: &mut Report,
    out: Out,
) -> Option<DirectorySnapshot> {
    let now = ready.outside.clock.wall();
    let directory = match reach(ready, report, out, now).await {
        Ok(directory) => directory,
        Err(problem) => {
            report.add(&Row::failed("directory", &problem));
            report.skip(&["people", "groups"], "the directory was not reached");
            return None;
        }
    };
    let (kind, label) = directory.describe();
    let mut snapshot = DirectorySnapshot::empty(kind, label, now);
    let everybody = PeopleQuery::All;
    let (people, groups) = tokio::join!(directory.people(&everybody), directory.groups(None));
    report.add(&read("people", "User.Read.All", kind, &people));
    report.add(&read("groups", "GroupMember.Read.All", kind, &groups));
    if let Ok(groups) = groups {
        snapshot.groups = groups;
    }
    let Reading { value, proof } = people.ok()?;
    let by_id = value.into_iter().map(|person| (person.id.clone(), person));
    snapshot.people = Reading {
        value: by_id.collect::<BTreeMap<_, _>>(),
        proof,
    };
    Some(snapshot)
}

async fn reach(
    ready: &Ready,
    report: &mut Report,
    out: Out,
    now: Timestamp,
) -> Result<Arc<dyn Directory>, Problem> {
    // What a connector would say is said by the checks, but for how a person signs in.
    let quiet = match &ready.profile.directory {
        DirectoryConfig::Entra(config) => config.auth == EntraAuth::ClientSecret,
        DirectoryConfig::Ldap(_) | DirectoryConfig::File(_) => true,
    };
    let directory = ready.directory(Out { quiet, ..out }).await?;
    let about = directory.about().await?;
    let (kind, label) = directory.describe();
    let kind = match kind {
        SourceKind::Entra => "Microsoft Entra ID",
        SourceKind::Ldap => "LDAP server",
        SourceKind::File => "file",
    };
    let mut said = vec![format!("{kind} {label}")];
    said.extend(about.facts.iter().map(ToString::to_string));
    let age = about
        .as_of
        .map(|then| now.duration_since(then).as_hours() / 24);
    said.extend(age.map(|days| match days {
        ..1 => "of today".to_owned(),
        1 => "of yesterday".to_owned(),
        days => format!("{days} days old"),
    }));
    let said = said.join(", ");
    report.add(&if age.is_some_and(|days| days > OLD_DAYS) {
        Row::warn("directory", said)
            .mend("Who came or left since then is not in it: export it anew.")
    } else {
        Row::ok("directory", said)
    });
    if !about.beyond.is_empty() {
        let more: Vec<&str> = about.beyond.iter().map(Shown::as_str).collect();
        report.add(
            &Row::warn(
                "permissions",
                format!("more than qroll needs or uses: {}", more.join(", ")),
            )
            .mend("Take them from the app registration; User.Read.All and GroupMember.Read.All are enough."),
        );
    }
    Ok(directory)
}

/// Whether a list came, and whole.
fn read<T>(
    check: &'static str,
    permission: &str,
    kind: SourceKind,
    reading: &Result<Reading<Vec<T>>, Problem>,
) -> Row {
    let right = match kind {
        SourceKind::Entra => format!(" (permission {permission})"),
        SourceKind::Ldap | SourceKind::File => String::new(),
    };
    match reading {
        Err(problem) => Row::failed(check, problem),
        Ok(reading) => {
            let number = reading.value.len();
            match &reading.proof {
                Completeness::Incomplete(cause) => Row::warn(
                    check,
                    format!("{number} read{right}, and not all: {cause}"),
                )
                .mend(
                    "People can be added by such a reading; nothing is taken from anybody by it.",
                ),
                _ if number == 0 => Row::warn(check, format!("none found{right}"))
                    .mend("Does the account see them, and are they below the base?"),
                _ => Row::ok(check, format!("{number} read to the end{right}")),
            }
        }
    }
}
