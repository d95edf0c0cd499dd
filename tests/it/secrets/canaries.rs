//! The embedded world's own secrets as canaries: wherever they come from, they turn up nowhere.

use std::fs;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use crate::cli::place::{Place, World};
use crate::proof;
use crate::pty::Terminal;

/// What must be nowhere: secrets, and the forms in which they travel.
const CANARIES: [&str; 7] = [
    "sim-api-key",
    "sim-client-secret",
    "sim-graph-secret",
    // base64 of the first two, without the ends that depend on what is beside them.
    "c2ltLWFwaS1rZX",
    "c2ltLWNsaWVudC1zZWNyZX",
    "Bearer ",
    "CANARY-IN-THE-CONFIG",
];

struct Hunt {
    places: usize,
    hits: Vec<String>,
}

impl Hunt {
    fn look(&mut self, what: &str, bytes: &[u8]) {
        self.places += 1;
        for canary in CANARIES {
            let canary = canary.as_bytes();
            if bytes.windows(canary.len()).any(|part| part == canary) {
                let said = String::from_utf8_lossy(canary);
                self.hits.push(format!("{said} in {what}"));
            }
        }
    }

    fn output(&mut self, what: &str, output: &Output) {
        self.look(&format!("{what}, stdout"), &output.stdout);
        self.look(&format!("{what}, stderr"), &output.stderr);
    }

    /// Every file below, its name included.
    fn files(&mut self, below: &Path) {
        for entry in fs::read_dir(below).expect("a directory") {
            let path = entry.expect("an entry").path();
            let name = path.display().to_string();
            self.look("a file name", name.as_bytes());
            if path.ends_with("credentials") || path.ends_with("config.toml") {
                continue;
            }
            if path.is_dir() {
                self.files(&path);
            } else {
                self.look(&name, &fs::read(&path).expect("a file"));
            }
        }
    }

    fn process(&mut self, pid: u32) {
        for part in ["cmdline", "comm", "status"] {
            let bytes = fs::read(format!("/proc/{pid}/{part}")).unwrap_or_default();
            self.look(&format!("/proc/PID/{part}"), &bytes);
        }
    }
}

const PLAN: [&str; 9] = [
    "plan",
    "--group",
    "QLIK_ANALYZERS",
    "--license",
    "analyzer",
    "--short",
    "wait",
    "--out",
    "plan.json",
];

/// Plan, apply, look, and fail in several ways, with the secrets out of the environment.
fn by_environment(world: &World, hunt: &mut Hunt) {
    let place = Place::new();
    place.with_world(world, "");
    let log = ["--log", "log.txt"];
    for (key, arguments) in [
        ("sim-api-key", &PLAN[..]),
        ("sim-read-key", &["apply", "plan.json", "--yes"]),
        ("sim-api-key", &["apply", "plan.json", "--yes", "--json"]),
        ("sim-api-key", &["apply", "plan.json", "--yes"]),
        ("sim-api-key", &["runs", "--json"]),
        ("sim-api-key", &["show", "plan.json"]),
        ("sim-api-key", &["resume"]),
        ("sim-client-secret", &PLAN[..]),
        ("sim-api-key\n\u{1b}[31m", &PLAN[..]),
    ] {
        let mut command = place.command(&[arguments, &log[..]].concat());
        command
            .env("QROLL_TENANT_SECRET", key)
            .env("QROLL_DIRECTORY_SECRET", "sim-graph-secret");
        let output = command.output().expect("qroll runs");
        hunt.output(arguments[0], &output);
    }
    assert!(place.path("log.txt").exists() && place.path("state/runs").exists());
    hunt.files(place.path("state").parent().expect("the place"));
}

/// The same from a directory of systemd credentials and from a descriptor.
fn by_files(world: &World, hunt: &mut Hunt) {
    let place = Place::new();
    place.with_world(world, "");
    let credentials = place.path("credentials");
    fs::create_dir(&credentials).expect("a directory");
    for (name, secret) in [
        ("qroll.test.tenant", "sim-api-key"),
        ("qroll.test.directory", "sim-graph-secret"),
    ] {
        let path = credentials.join(name);
        fs::write(&path, secret).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }
    let mut command = place.command(&[&PLAN[..], &["--log", "log.txt"]].concat());
    command.env("CREDENTIALS_DIRECTORY", &credentials);
    let output = command.output().expect("qroll runs");
    assert_eq!(output.status.code(), Some(2), "the credentials serve");
    hunt.output("plan with credentials", &output);
    fs::set_permissions(
        credentials.join("qroll.test.tenant"),
        fs::Permissions::from_mode(0o644),
    )
    .expect("a mode");
    let mut command = place.command(&PLAN);
    command.env("CREDENTIALS_DIRECTORY", &credentials);
    let output = command.output().expect("qroll runs");
    assert_eq!(output.status.code(), Some(64), "open to others");
    hunt.output("plan with open credentials", &output);

    let secret = fs::File::open(credentials.join("qroll.test.tenant")).expect("a file");
    let open = rustix::io::fcntl_dupfd_cloexec(&secret, 60).expect("a descriptor");
    rustix::io::fcntl_setfd(&open, rustix::io::FdFlags::empty()).expect("kept over exec");
    let number = open.as_raw_fd().to_string();
    let arguments = [&PLAN[..], &["--tenant-secret-fd", &number]].concat();
    let mut command = place.command(&arguments);
    command.env("QROLL_DIRECTORY_SECRET", "sim-graph-secret");
    let output = command.output().expect("qroll runs");
    assert_eq!(output.status.code(), Some(2), "the descriptor serves");
    hunt.output("plan with a descriptor", &output);
    hunt.files(place.path("state").parent().expect("the place"));
}

/// Somebody puts a secret into the configuration: it is refused and not repeated.
fn by_configuration(world: &World, hunt: &mut Hunt) {
    let place = Place::new();
    let url = world.text("qlik_url");
    for wrong in [
        format!("[profile.test.tenant]\nurl = \"{url}\"\nauth = \"api-key\"\nsecret = \"CANARY-IN-THE-CONFIG\"\n"),
        format!("[profile.test.tenant]\nurl = \"{url}\"\nauth = \"api-key\"\nsecret = \"CANARY-IN-THE-CONFIG\n"),
        format!("[profile.test.tenant]\nurl = \"{url}\"\nauth = \"CANARY-IN-THE-CONFIG\"\n"),
        "[profile.test.tenant]\nurl = \"https://u:CANARY-IN-THE-CONFIG@acme.example\"\nauth = \"api-key\"\n".to_owned(),
        "api_key = CANARY-IN-THE-CONFIG\n".to_owned(),
    ] {
        place.write("config.toml", &wrong);
        let mut command = place.command(&["plan", "--all", "--log", "log.txt"]);
        let output = command.output().expect("qroll runs");
        assert_eq!(output.status.code(), Some(64), "{wrong}");
        hunt.output("plan with a secret in the configuration", &output);
    }
    hunt.files(place.path("state").parent().expect("the place"));
}

/// The screen: plan, apply, leave.
fn by_screen(world: &World, hunt: &mut Hunt) {
    let place = Place::new();
    place.with_world(world, "");
    let home = place.path("state").parent().expect("the place").to_owned();
    let config = place.path("config.toml").display().to_string();
    let mut terminal = Terminal::qroll_with(
        &["--log", "log.txt"],
        &home,
        120,
        36,
        &[
            ("QROLL_CONFIG", config.as_str()),
            ("QROLL_TENANT_SECRET", "sim-api-key"),
            ("QROLL_DIRECTORY_SECRET", "sim-graph-secret"),
        ],
    );
    terminal.wait_for("QLIK_ANALYZERS");
    hunt.process(terminal.pid());
    terminal.keys("/QLIK_ANALYZERS<enter><space>");
    terminal.wait_for("40 people");
    hunt.look("the screen", terminal.text().as_bytes());
    terminal.keys("?");
    terminal.wait_for("Close the branch");
    hunt.look("the screen with help", terminal.text().as_bytes());
    terminal.keys("<esc>");
    terminal.wait("the roster", |screen| !screen.contains("Close the branch"));
    terminal.keys("q");
    terminal.exit_code();
    hunt.look("everything on the terminal", &terminal.raw());
    hunt.files(&home);
}

#[test]
fn proof_t14_canaries_turn_up_nowhere() {
    let row = proof::Row::begin("T14", "secret canaries in every source");
    let mut hunt = Hunt {
        places: 0,
        hits: Vec::new(),
    };
    let start = || World::scenario("s1");
    by_environment(&start(), &mut hunt);
    by_files(&start(), &mut hunt);
    by_configuration(&start(), &mut hunt);
    by_screen(&start(), &mut hunt);
    for hit in &hunt.hits {
        println!("{hit}");
    }
    row.end(
        &format!("{} places looked at", hunt.places),
        hunt.hits.len(),
    );
}
