//! Holders as they are judged for a session, with their use and what they own where that is wanted.

use crate::cli::out::Out;
use crate::cli::session::Session;
use crate::domain::{DirectoryGroupId, Snapshot, Usage};
use crate::planner::holders::{Inquiry, Review, Unused, review};
use crate::planner::roster::{Accepted, Index};
use crate::ports::{Problem, UsageTold};
use crate::review::{self, Looked, Shelf, Told};

/// Where looks at this tenant are kept.
pub(in crate::cli) fn shelf<'a>(session: &'a Session, snapshot: &'a Snapshot) -> Shelf<'a> {
    Shelf {
        disk: &*session.disk,
        state: &session.state,
        tenant: &snapshot.tenant.tenant.id,
    }
}

/// Everybody who holds a seat.
pub(in crate::cli) fn judged(
    session: &Session,
    snapshot: &Snapshot,
    groups: &[DirectoryGroupId],
    usage: Option<&Usage>,
) -> Review {
    let index = Index::new(snapshot, &session.rule);
    review(&Inquiry {
        usage,
        ..inquiry(session, snapshot, &index, groups)
    })
}

fn inquiry<'a>(
    session: &'a Session,
    snapshot: &'a Snapshot,
    index: &'a Index,
    groups: &'a [DirectoryGroupId],
) -> Inquiry<'a> {
    Inquiry {
        index,
        snapshot,
        entitled: &session.entitled,
        groups,
        // What is accepted stands in the profile's rule; nothing is staged here.
        accepted: const { &Accepted::new() },
        guards: &session.guards,
        usage: None,
        now: session.clock.wall(),
    }
}

/// The same after a look at when they were last seen, and at what those own who would be proposed.
///
/// # Errors
/// What the tenant says.
pub(in crate::cli) async fn with_use(
    session: &Session,
    snapshot: &Snapshot,
    groups: &[DirectoryGroupId],
    rule: Unused,
    out: Out,
) -> Result<(Review, Looked), Problem> {
    let index = Index::new(snapshot, &session.rule);
    let inquiry = inquiry(session, snapshot, &index, groups);
    let told = |told| tell(told, out);
    let shelf = shelf(session, snapshot);
    review::with_use(&*session.tenant, &shelf, &inquiry, rule, &told).await
}

fn tell(told: Told, out: Out) {
    match told {
        Told::Use(UsageTold::Estimated(cost)) => {
            let (way, other) = if cost.is_by_person() {
                ("person by person", cost.by_event)
            } else {
                ("event by event", cost.by_person)
            };
            let requests = cost.requests();
            out.note(format!(
                "Reading when people were last seen, {way}: about {requests} requests ({other} the other way)."
            ));
        }
        Told::Use(UsageTold::Read(read)) => {
            out.foot(|_| format!("Reading the audit log: {read} answers"));
        }
        Told::Owned(read, all) => {
            out.foot(|_| format!("Asking what {all} people own: {read} answers"));
        }
        Told::NotKept(problem) => {
            out.note(format!(
                "What was found is not kept for the next time: {problem}"
            ));
        }
    }
}
