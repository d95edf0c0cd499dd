//! The executor: a step function without IO. Facts go in (answers, readings, time), wishes come
//! out (records, writes, questions, events). A write and its intent are one output, so that no
//! driver can send without having recorded. The rules are those of reliability 2.1 and 3.2.

mod core;
mod dispatch;
mod facts;
mod items;
mod pace;
mod readback;
mod refusal;
mod reply;
mod state;
mod unclear;
mod verdicts;

pub use core::Executor;
pub use facts::{Draft, Ending, Input, Output, Settings, Ticket};
