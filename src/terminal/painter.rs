//! Writes frames on a thread of its own, so that a terminal that takes nothing (flow control, a dead
//! line) holds up neither the loop nor a run (reliability, G8). There is room for one frame: until
//! it is out, no other is drawn, and then the newest state is.

use std::sync::mpsc::{Sender, channel};
use tokio::sync::mpsc::UnboundedSender;

use super::tty;
use crate::app::Message;
use crate::ports::{Clock, Kind, Problem};
use std::sync::Arc;

/// Bytes written at once; between two pieces the terminal may be given back.
const PIECE: usize = 4 * 1024;

/// A frame to be written.
struct Sheet {
    bytes: Vec<u8>,
    /// Its number, when somebody wants to hear that it is out.
    frame: Option<u64>,
}

/// The thread that writes. It ends with this handle, or with the program when the terminal is stuck.
pub(super) struct Painter {
    sheets: Sender<Sheet>,
}

impl Painter {
    /// Starts the thread; it reports through the inbox.
    ///
    /// # Errors
    /// No thread is left.
    pub(super) fn start(
        inbox: UnboundedSender<Message>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Problem> {
        let (sheets, queue) = channel::<Sheet>();
        let paint = move || {
            for sheet in queue {
                let told = match paint(&sheet.bytes) {
                    Ok(()) => sheet.frame.map(|frame| Message::Painted {
                        frame,
                        at: clock.now().0,
                    }),
                    // Whoever took the terminal away speaks for itself.
                    Err(_) if !tty::is_ours() => Some(Message::Painted {
                        frame: 0,
                        at: clock.now().0,
                    }),
                    Err(_) => Some(Message::InputClosed),
                };
                if told.is_some_and(|told| inbox.send(told).is_err()) {
                    return;
                }
            }
        };
        std::thread::Builder::new()
            .name("terminal-output".to_owned())
            .spawn(paint)
            .map_err(|error| Problem::new(Kind::Host, "no thread for drawing").because(error))?;
        Ok(Self { sheets })
    }

    /// Hands over what is to be written.
    pub(super) fn put(&self, bytes: Vec<u8>, frame: Option<u64>) -> bool {
        self.sheets.send(Sheet { bytes, frame }).is_ok()
    }
}

fn paint(bytes: &[u8]) -> std::io::Result<()> {
    bytes.chunks(PIECE).try_for_each(tty::write)
}
