//! What the screen is given, and what the terminal can do as far as the environment tells.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

pub use crate::app::Capabilities;
use crate::app::{Keymap, Palette};
use crate::commit::CommitPorts;
use crate::domain::{Entitled, Guards};
use crate::planner::IdentityRule;
use crate::ports::{Clock, Directory, Disk, Rng, Tenant};

/// Everything the screen works with, ready-made.
#[derive(Clone)]
pub struct Wiring {
    /// Name of the profile.
    pub profile: String,
    /// Host of the tenant, for the header.
    pub host: String,
    /// The tenant.
    pub tenant: Arc<dyn Tenant>,
    /// The directory.
    pub directory: Arc<dyn Directory>,
    /// How people and users belong together.
    pub rule: IdentityRule,
    /// What may be done.
    pub guards: Guards,
    /// Who may hold a seat.
    pub entitled: Entitled,
    /// Keys, rebound as the configuration says.
    pub keymap: Keymap,
    /// Saved queries of the profile, by name.
    pub queries: BTreeMap<String, String>,
    /// Where runs, locks, exports and the cached snapshot live.
    pub state: PathBuf,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// Files.
    pub disk: Arc<dyn Disk>,
    /// Who runs this, for the lock.
    pub owner: String,
    /// What the terminal can do.
    pub capabilities: Capabilities,
}

impl Wiring {
    /// What a run needs.
    pub(super) fn commit_ports(&self) -> CommitPorts {
        CommitPorts {
            tenant: Arc::clone(&self.tenant),
            disk: Arc::clone(&self.disk),
            clock: Arc::clone(&self.clock),
            rng: Arc::clone(&self.rng),
            owner: self.owner.clone(),
        }
    }
}

/// What a terminal can do, from its environment. `locale` is the first of `LC_ALL`, `LC_CTYPE`,
/// `LANG` that is set; `background` is `COLORFGBG` (`15;0` is dark, `0;15` light).
pub fn capabilities(
    locale: Option<&str>,
    no_color: Option<&str>,
    background: Option<&str>,
) -> Capabilities {
    let unicode = locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    let light = background
        .and_then(|pair| pair.rsplit(';').next())
        .is_some_and(|color| matches!(color, "7" | "15"));
    let palette = match (no_color.is_some_and(|value| !value.is_empty()), light) {
        (true, _) => Palette::None,
        (false, true) => Palette::Light,
        (false, false) => Palette::Dark,
    };
    Capabilities { unicode, palette }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_decides() {
        let plain = capabilities(Some("C"), Some("1"), None);
        assert_eq!((plain.unicode, plain.palette), (false, Palette::None));
        let light = capabilities(Some("de_CH.UTF-8"), Some(""), Some("0;15"));
        assert_eq!((light.unicode, light.palette), (true, Palette::Light));
        assert_eq!(
            capabilities(None, None, Some("15;0")).palette,
            Palette::Dark
        );
    }
}
