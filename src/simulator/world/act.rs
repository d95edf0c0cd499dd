//! What people do while a test watches: sign in, and make an app. Over HTTP by `POST /__sim/act`.

use jiff::Timestamp;

use super::audit::{AuditEvent, SESSION_BEGUN};
use super::build::World;

/// Content that somebody owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Qlik's key of the item.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Key of the app behind it, a GUID.
    pub resource: String,
    /// Id of the owner's user record.
    pub owner: String,
    /// When it was made.
    pub created: Timestamp,
}

impl World {
    /// The user of this subject signs in: an invited record becomes active, and the audit log has a
    /// line. False when there is no such user, or it is disabled.
    pub fn sign_in(&mut self, subject: &str, now: Timestamp) -> bool {
        let Some(user) = self.tenant.users.by_subject(subject) else {
            return false;
        };
        if user.status == "disabled" {
            return false;
        }
        let user = user.id.clone();
        self.tenant.users.update(&user, |user| {
            "active".clone_into(&mut user.status);
            user.updated = now;
        });
        let id = self.dice().guid();
        self.tenant.audits.insert(
            0,
            AuditEvent {
                id,
                time: now,
                kind: SESSION_BEGUN,
                source: "com.qlik/edge-auth",
                user,
            },
        );
        true
    }

    /// The user of this subject makes an app. False when there is no such user.
    pub fn make_app(&mut self, subject: &str, name: &str, now: Timestamp) -> bool {
        let Some(user) = self.tenant.users.by_subject(subject) else {
            return false;
        };
        let owner = user.id.clone();
        let id = self.new_id();
        let resource = self.dice().guid();
        self.tenant.items.push(Item {
            id,
            name: name.to_owned(),
            resource,
            owner,
            created: now,
        });
        true
    }
}
