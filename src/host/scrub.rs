//! The second net under the log (reliability 4.1): it knows the secrets of this process, and puts
//! `***` where one of them would be written. The first net is that only named fields are logged.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::ports::Secret;

/// Shorter ones are words; taking them out would make the log unreadable.
const SHORTEST: usize = 6;
const MASK: &[u8] = b"***";

/// The secrets in use. A process has one set of them, whoever logs.
static LIVE: Mutex<Vec<Secret>> = Mutex::new(Vec::new());

fn live() -> MutexGuard<'static, Vec<Secret>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers a secret that is in use from now on, also as JSON would write it.
pub fn keep_out_of_logs(secret: &Secret) {
    let text = secret.expose().trim_start_matches("Bearer ");
    if text.len() < SHORTEST {
        return;
    }
    let quoted = serde_json::to_string(text).unwrap_or_default();
    let escaped = quoted.trim_matches('"');
    let mut live = live();
    for form in [text, escaped] {
        if live.iter().all(|known| known.expose() != form) {
            live.push(Secret::new(form));
        }
    }
}

/// A writer that is given whole lines.
pub struct Scrubbed<W>(pub W);

impl<W: Write> Write for Scrubbed<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(&scrub(line))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn scrub(line: &[u8]) -> Vec<u8> {
    let mut line = line.to_vec();
    for secret in live().iter() {
        let wanted = secret.expose().as_bytes();
        while let Some(at) = line.windows(wanted.len()).position(|part| part == wanted) {
            line.splice(at..at + wanted.len(), MASK.iter().copied());
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_secret_is_masked_wherever_it_stands() {
        keep_out_of_logs(&Secret::new("Bearer tok\"en-4711"));
        keep_out_of_logs(&Secret::new("short"));
        let mut out = Scrubbed(Vec::new());
        let line = b"{\"a\":\"tok\\\"en-4711tok\\\"en-4711\",\"b\":\"tok\"en-4711 short\"}\n";
        assert_eq!(out.write(line).unwrap(), line.len());
        let said = String::from_utf8(out.0).unwrap();
        assert_eq!(said, "{\"a\":\"******\",\"b\":\"*** short\"}\n");
    }
}
