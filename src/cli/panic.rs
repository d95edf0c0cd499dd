//! What happens when the program itself is wrong: place and advice, never the payload, which may
//! hold a name or a secret.

use std::io::Write as _;

/// Replaces the standard hook.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(
            || "an unknown place".to_owned(),
            |at| format!("{}:{}", at.file(), at.line()),
        );
        if crate::connectors::ldap::is_contained() {
            tracing::warn!(place, "a panic of the LDAP library, contained");
            return;
        }
        let _ = writeln!(
            std::io::stderr(),
            "qroll: internal error at {place}\n  Nothing was lost: `qroll runs` shows what was done, `qroll resume` goes on."
        );
        tracing::error!(place, "panic");
    }));
}
