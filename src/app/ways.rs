//! What can be done about a finding on the screen, in keys; the command line says it in options.

use super::App;
use super::actions::Action;
use crate::domain::{Decision, Finding, FindingCode, Plan, Severity};

impl App {
    /// The hint of a finding with the key by which somebody decides; empty when there is neither.
    pub fn hint(&self, finding: &Finding) -> String {
        let hint = self.keyed(finding.hint.show().as_str());
        match self.way(finding) {
            Some(way) if hint.is_empty() => way,
            Some(way) => format!("{hint}; {way}"),
            None => hint,
        }
    }

    /// What a plan advises knows no keys: they can be bound anew. Those of its words for which there
    /// is one get it here.
    fn keyed(&self, hint: &str) -> String {
        let key = |action| self.setup.keymap.key(action);
        hint.replace("refresh", &format!("refresh with {}", key(Action::Refresh)))
            .replace(
                "deprovision on Roster",
                &format!("{} on Roster", key(Action::Deprovision)),
            )
    }

    /// Why a guard stopped the whole plan, when one did, and what can be done about it here.
    pub fn stopped(&self, plan: &Plan) -> Option<String> {
        let guard = plan.findings.iter().find(|finding| {
            finding.code == FindingCode::RemovalGuard && finding.severity == Severity::Error
        })?;
        let way = self.way(guard).unwrap_or_default();
        Some(format!(
            "a guard stopped this plan: {}; {way}, or raise removals_stop in the profile",
            guard.text.show()
        ))
    }

    fn way(&self, finding: &Finding) -> Option<String> {
        let key = |action| self.setup.keymap.key(action);
        let decide = key(Action::Decide);
        Some(match finding.decision.as_ref()? {
            // It is confirmed; the text says so.
            _ if finding.is_settled() => return None,
            Decision::LookAlike(_) | Decision::Size { .. } => format!("{decide} confirms it"),
            Decision::Admin(_) => format!("{decide} allows it for this one"),
            Decision::Removals { number, rest } => {
                let pass = format!("{decide} lets exactly {number} pass");
                if *rest > 0 {
                    let hold = key(Action::Hold);
                    format!("{hold} holds the removals and plans the other {rest}, {pass}")
                } else if self.plan.reverts().is_some() {
                    pass
                } else {
                    let drop = key(Action::Drop);
                    format!(
                        "all of it takes something away: stage fewer ({drop} on Roster), {pass}"
                    )
                }
            }
            Decision::Orphans { number } => format!("{decide} takes exactly these {number} back"),
            Decision::Unproven { number } => format!("{decide} lets exactly {number} pass"),
            Decision::Held => format!("{} takes them in again", key(Action::Hold)),
            Decision::Include(_) => format!("{decide} asks about it"),
        })
    }
}
