//! This machine: the state directory and the terminal.

use rustix::termios::tcgetwinsize;
use std::path::Path;

use super::report::Row;
use crate::cli::out::Out;
use crate::commit::{cautions, is_at_work, newest_interrupted};
use crate::config::Environment;
use crate::domain::TenantId;
use crate::host::{RealDisk, free_bytes};
use crate::ports::{Disk as _, Problem};
use crate::terminal::capabilities;

/// What the journal of a run of about ten thousand operations takes.
const JOURNAL: u64 = 32 * 1024 * 1024;

/// Whether runs can be kept there: tried with a file that is taken away again.
pub(super) fn state(state: &Path) -> Row {
    let shown = state.display();
    let free = match try_out(state) {
        Ok(()) => free_bytes(state),
        Err(problem) => return Row::failed("state directory", &problem),
    };
    let room = free.map_or_else(
        || "free space is not told".to_owned(),
        |bytes| format!("{} MiB free", bytes / (1024 * 1024)),
    );
    if let Some(caution) = cautions(&RealDisk, state).first() {
        return Row::warn("state directory", format!("{caution}; {room}"))
            .mend("Give a directory on a local disk with --state-dir; apply asks about this one.");
    }
    if free.is_some_and(|bytes| bytes < JOURNAL) {
        return Row::warn("state directory", format!("{shown}: {room}"))
            .mend("A run reserves 3 KiB for each operation before it begins: make room, or give another place with --state-dir.");
    }
    Row::ok(
        "state directory",
        format!("{shown}: ours alone, can be written and synced; {room}"),
    )
}

fn try_out(state: &Path) -> Result<(), Problem> {
    RealDisk.make_directory(state)?;
    let path = state.join(format!(".doctor.{}", std::process::id()));
    let tried = RealDisk.create(&path, 4096).and_then(|mut file| {
        file.append(b"tried\n")?;
        file.sync()
    });
    // It is gone, or it never came to be.
    let _ = std::fs::remove_file(&path);
    tried
}

/// Runs of this tenant that hold or want something.
pub(super) fn runs(state: &Path, tenant: &TenantId) -> Row {
    if is_at_work(&RealDisk, state, tenant) {
        return Row::warn("runs", "another process works on this tenant now")
            .mend("Nothing can be applied until it ends; `qroll runs` shows it.");
    }
    match newest_interrupted(&RealDisk, state, tenant) {
        Err(problem) => Row::failed("runs", &problem),
        Ok(None) => Row::ok("runs", "the lock is free, and no run is interrupted"),
        Ok(Some(run)) => Row::warn("runs", format!("{} was interrupted", run.show()))
            .mend("qroll resume goes on with it; qroll runs shows what it did."),
    }
}

/// Whether the screen can be shown, and how.
pub(super) fn terminal(environment: &Environment, out: Out) -> Row {
    let term = environment.term.as_deref().unwrap_or_default();
    if !out.screen {
        return Row::skipped(
            "terminal",
            "input or output is no terminal; the commands work without",
        );
    }
    let size = tcgetwinsize(std::io::stdout());
    let (columns, rows) = size.map_or((0, 0), |size| (size.ws_col, size.ws_row));
    let can = capabilities(
        environment.locale.as_deref(),
        environment.no_color.as_deref(),
        environment.background.as_deref(),
    );
    let signs = if can.unicode { "UTF-8" } else { "no UTF-8" };
    let colours = if environment
        .no_color
        .as_deref()
        .is_some_and(|value| !value.is_empty())
    {
        "no colours (NO_COLOR)"
    } else {
        "colours"
    };
    let said = format!("{term}, {columns}x{rows}, {signs}, {colours}");
    if term.is_empty() || term == "dumb" {
        return Row::warn(
            "terminal",
            format!("TERM is \"{term}\": the screen cannot be drawn"),
        )
        .mend(
            "Set TERM to what the terminal is, such as xterm-256color; the commands work without.",
        );
    }
    if columns < 80 || rows < 24 {
        return Row::warn("terminal", said).mend("The screen wants 80x24; 120x36 is comfortable.");
    }
    if !can.unicode {
        return Row::warn("terminal", said)
            .mend("Names beyond ASCII are shown poorly: set LANG=C.UTF-8, and let SSH pass it (SendEnv LANG).");
    }
    Row::ok("terminal", said)
}
