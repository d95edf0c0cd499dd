//! Copying through the terminal (OSC 52), which crosses SSH. Terminals may refuse silently.

use crossterm::clipboard::CopyToClipboard;

use super::session::Session;
use crate::app::{Answer, Epoch, Message};

/// Sends the text and says how much of it.
pub(super) fn copy(session: &mut Session, text: &str) -> Option<Message> {
    let sent = session.write(CopyToClipboard::to_clipboard_from(text.as_bytes()));
    sent.then_some(Message::Answer {
        epoch: Epoch(u64::MAX),
        answer: Answer::Sent(text.len()),
    })
}
