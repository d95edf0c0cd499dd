//! The real program under siege: killed, starved of disk, started eight times at once, hung up on,
//! against a `qroll sim` child that throttles, fails and drops connections. Nothing is mocked: the
//! server's own log and state, and the journal on the disk, are the witnesses.

mod check;
pub(crate) mod crew;
mod crowd;
pub(crate) mod faster;
mod kill;
mod middle;
mod old;
mod signals;
mod site;
mod storage;
