//! The real program in a real pseudo-terminal: keys as text in, the screen as a terminal would show
//! it out. Waiting is always for a condition, with a deadline that fails the test.

#![expect(dead_code, reason = "a harness: not every test needs every handle")]

mod keys;
mod svg;

pub(crate) use keys::pieces_of;
pub(crate) use svg::picture;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::ffi::OsString;
use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Where a program that is built for coverage (T21) writes what ran of it: the one thing that its clean
/// environment keeps of the test's own.
pub(crate) fn coverage() -> Option<(&'static str, OsString)> {
    let name = "LLVM_PROFILE_FILE";
    Some((name, std::env::var_os(name)?))
}

/// Long enough for a loaded machine; a test that needs it all has failed.
const PATIENCE: Duration = Duration::from_mins(1);

struct Display {
    parser: vt100::Parser,
    bytes: usize,
    raw: Vec<u8>,
    closed: bool,
    /// Nobody looks at the terminal: what is written piles up.
    paused: bool,
    /// The line is dropped: the reader lets go of it.
    dropped: bool,
}

/// A program in a terminal of its own.
pub(crate) struct Terminal {
    display: Arc<(Mutex<Display>, Condvar)>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
}

impl Terminal {
    /// Starts `qroll` with the arguments, its state and configuration below `home`.
    pub(crate) fn qroll(arguments: &[&str], home: &Path, columns: u16, rows: u16) -> Self {
        Self::qroll_with(arguments, home, columns, rows, &[])
    }

    /// The same with further environment variables.
    pub(crate) fn qroll_with(
        arguments: &[&str],
        home: &Path,
        columns: u16,
        rows: u16,
        environment: &[(&str, &str)],
    ) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_qroll"));
        command.args(arguments);
        command.env_clear();
        command.cwd(home);
        for (name, value) in [
            ("HOME", home.to_string_lossy().as_ref()),
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("PATH", "/usr/bin:/bin"),
        ] {
            command.env(name, value);
        }
        for (name, value) in environment {
            command.env(name, value);
        }
        Self::spawn(command, columns, rows)
    }

    /// Any program, for instance a shell that starts `qroll`.
    pub(crate) fn spawn(mut command: CommandBuilder, columns: u16, rows: u16) -> Self {
        if let Some((name, file)) = coverage() {
            command.env(name, file);
        }
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).expect("a pty");
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        drop(pair.slave);
        let display = Arc::new((
            Mutex::new(Display {
                parser: vt100::Parser::new(cells(rows), cells(columns), 0),
                bytes: 0,
                raw: Vec::new(),
                closed: false,
                paused: false,
                dropped: false,
            }),
            Condvar::new(),
        ));
        let mut reader = Some(pair.master.try_clone_reader().expect("a reader"));
        let shared = Arc::clone(&display);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            let (lock, changed) = &*shared;
            loop {
                let mut display = lock.lock().unwrap_or_else(PoisonError::into_inner);
                while display.paused && !display.dropped {
                    display = changed
                        .wait(display)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                let dropped = display.dropped;
                drop(display);
                // The line is gone before anybody hears of it.
                let count = match reader.as_mut().filter(|_| !dropped) {
                    Some(reader) => reader.read(&mut buffer).unwrap_or(0),
                    None => 0,
                };
                reader = reader.filter(|_| count > 0);
                let mut display = lock.lock().unwrap_or_else(PoisonError::into_inner);
                display.parser.process(&buffer[..count]);
                display.raw.extend_from_slice(&buffer[..count]);
                display.bytes += count;
                display.closed = count == 0;
                changed.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().expect("a writer");
        Self {
            display,
            master: Some(pair.master),
            writer: Some(writer),
            child,
        }
    }

    /// Types keys: plain characters, and names in angle brackets (`<enter>`, `<tab>`, `<c-c>`).
    /// More keys than a person types at once are typed with pauses, or they would be a paste.
    pub(crate) fn keys(&mut self, keys: &str) {
        for (place, piece) in pieces_of(keys).iter().enumerate() {
            if place > 0 {
                std::thread::sleep(Duration::from_millis(60));
            }
            self.bytes(piece);
        }
        if keys.contains("</paste>") {
            // What comes right behind a paste belongs to it.
            std::thread::sleep(Duration::from_millis(80));
        }
    }

    /// Sends bytes as they are, however many.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let writer = self.writer.as_mut().expect("the terminal is still there");
        writer.write_all(bytes).expect("typing");
        writer.flush().expect("typing");
    }

    /// The modes of the terminal, to compare.
    pub(crate) fn modes(&self) -> String {
        let master = self.master.as_ref().expect("the terminal is still there");
        let modes = master.get_termios().expect("modes");
        format!(
            "{:?} {:?} {:?} {:?}",
            modes.input_flags, modes.output_flags, modes.control_flags, modes.local_flags
        )
    }

    /// Waits until the terminal's modes are these: a program leaves its screen before it gives the
    /// modes back.
    pub(crate) fn settles_to(&self, modes: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.modes() != modes {
            assert!(
                Instant::now() < deadline,
                "the modes stay {}, they were {modes}",
                self.modes()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops looking, or looks again.
    pub(crate) fn pause(&self, paused: bool) {
        self.with(|display| display.paused = paused);
        self.display.1.notify_all();
    }

    /// Waits until the screen's text satisfies the condition and returns it.
    pub(crate) fn wait(&self, what: &str, condition: impl Fn(&str) -> bool) -> String {
        let (lock, changed) = &*self.display;
        let deadline = Instant::now() + PATIENCE;
        let mut display = lock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let text = display.parser.screen().contents();
            if condition(&text) {
                return text;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !display.closed,
                "waited for {what}; the screen was\n{text}"
            );
            display = changed
                .wait_timeout(display, left.min(Duration::from_secs(1)))
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Waits for a text anywhere on the screen.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// Types the keys again and again until the condition holds: for a screen that ignores keys at
    /// first. Each round waits for the screen to change, at most a tenth of a second.
    pub(crate) fn type_until(
        &mut self,
        keys: &str,
        what: &str,
        condition: impl Fn(&str) -> bool,
    ) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = self.text();
            if condition(&text) {
                return text;
            }
            assert!(
                Instant::now() < deadline,
                "typed {keys} for {what}; the screen was\n{text}"
            );
            self.keys(keys);
            let (lock, changed) = &*self.display;
            let display = lock.lock().unwrap_or_else(PoisonError::into_inner);
            drop(changed.wait_timeout(display, Duration::from_millis(100)));
        }
    }

    /// The screen's text as it is.
    pub(crate) fn text(&self) -> String {
        self.with(|display| display.parser.screen().contents())
    }

    /// Bytes that the program wrote so far.
    pub(crate) fn written(&self) -> usize {
        self.with(|display| display.bytes)
    }

    /// Everything that the program wrote so far, byte by byte.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.with(|display| display.raw.clone())
    }

    /// The screen as an SVG picture.
    pub(crate) fn picture(&self) -> String {
        self.with(|display| picture(display.parser.screen()))
    }

    /// Whether the program uses the alternate screen and hides the cursor now.
    pub(crate) fn is_full_screen(&self) -> bool {
        self.with(|display| display.parser.screen().alternate_screen())
    }

    /// Changes the size of the terminal.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.with(|display| {
            display
                .parser
                .screen_mut()
                .set_size(cells(rows), cells(columns));
        });
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.master
            .as_ref()
            .expect("the terminal is still there")
            .resize(size)
            .expect("resizing");
    }

    /// The process id, for signals.
    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().expect("a process id")
    }

    /// Takes the terminal away, as a dropped connection does.
    pub(crate) fn hang_up(&mut self) {
        self.with(|display| display.dropped = true);
        self.display.1.notify_all();
        // The reader hangs in a read until something is written: a new size makes a new frame.
        let mut height = 20;
        let deadline = Instant::now() + PATIENCE;
        while !self.with(|display| display.closed) {
            assert!(Instant::now() < deadline, "the line could not be dropped");
            height = 41 - height;
            self.resize(100, height);
            std::thread::sleep(Duration::from_millis(20));
        }
        self.writer = None;
        self.master = None;
    }

    /// Whether the program has ended; its exit code stays there to be asked for.
    pub(crate) fn has_ended(&self) -> bool {
        state(self.pid()) == Some('Z')
    }

    /// User and system time so far, in clock ticks; also of a program that has ended.
    pub(crate) fn ticks(&self) -> u64 {
        let stat = stat(self.pid());
        let fields: Vec<&str> = stat.split(' ').collect();
        [11, 12]
            .iter()
            .filter_map(|at| fields.get(*at)?.parse::<u64>().ok())
            .sum()
    }

    /// Waits for the end and returns the exit code.
    pub(crate) fn exit_code(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("waiting for the program") {
                // What it said last may still be on its way to the screen.
                while !self.with(|display| display.closed || display.paused)
                    && Instant::now() < deadline
                {
                    std::thread::sleep(Duration::from_millis(2));
                }
                return status.exit_code();
            }
            assert!(
                Instant::now() < deadline,
                "the program did not end; screen:\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn with<T>(&self, read: impl FnOnce(&mut Display) -> T) -> T {
        read(
            &mut self
                .display
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Only the child that this test started; gone already in the good case.
        self.with(|display| display.dropped = true);
        self.display.1.notify_all();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the system says about a process, from its state on.
fn stat(pid: u32) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().unwrap_or_default().to_owned()
}

/// `R`, `S`, `T` (stopped), `Z` (ended, not yet asked for), ...
pub(crate) fn state(pid: u32) -> Option<char> {
    stat(pid).chars().next()
}

/// The model of a terminal has at least one cell; a pty may say zero.
fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}
