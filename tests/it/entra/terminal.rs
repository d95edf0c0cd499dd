//! The ways of signing in through the real program: in a terminal, and where there is none.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::certificate::{pem, upload};
use super::world::{browse, small};
use crate::cli::place::Place;
use crate::pty::Terminal;
use qroll::simulator::Running;

/// A profile that signs in to the directory by `auth`.
fn profile(place: &Place, world: &Running, auth: &str) {
    let text = format!(
        "[profile.test.tenant]\nurl = \"{}\"\nauth = \"api-key\"\n\
         [profile.test.directory]\nkind = \"entra\"\ntenant_id = \"{}\"\nclient_id = \"{}\"\n\
         login_url = \"{}\"\ngraph_url = \"{}\"\n{auth}\n",
        world.qlik_url,
        world.directory_tenant,
        world.graph_client_id,
        world.login_url,
        world.graph_url,
    );
    place.write("config.toml", &text);
}

const PLAN: [&str; 8] = [
    "plan",
    "--all",
    "--license",
    "analyzer",
    "--out",
    "plan.json",
    "--log",
    "debug.log",
];

/// What of a sign-in must be in no file and on no screen.
const SECRETS: [&str; 6] = [
    "sim-device-code",
    "sim-code",
    "sim-refresh-token",
    "sim-graph-token",
    "code_verifier",
    "PRIVATE KEY-----",
];

/// Looks into every file that a run left, but for the keys that the test put there, and at what the
/// terminal was sent.
fn nothing_leaked(place: &Place, terminal: Option<&Terminal>) {
    let mut looked_at = Vec::new();
    let mut todo = vec![place.path("")];
    while let Some(directory) = todo.pop() {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_none_or(|kind| kind != "key") {
                let text = fs::read(&path).expect("a file");
                looked_at.push((path.display().to_string(), text));
            }
        }
    }
    let log = looked_at
        .iter()
        .find(|(name, _)| name.ends_with("debug.log"));
    let log = String::from_utf8_lossy(&log.expect("a log").1).into_owned();
    assert!(log.contains("/oauth2/v2.0/token"), "{log}");
    looked_at.extend(terminal.map(|terminal| ("the terminal".to_owned(), terminal.raw())));
    for (name, text) in looked_at {
        let text = String::from_utf8_lossy(&text);
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} in {name}");
        }
    }
}

fn terminal(place: &Place, world: &Running, arguments: &[&str], columns: u16) -> Terminal {
    let (config, state) = (place.path("config.toml"), place.path("state"));
    let mut all = arguments.to_vec();
    let state = state.to_string_lossy();
    all.extend(["--state-dir", &state]);
    Terminal::qroll_with(
        &all,
        place.path("").as_path(),
        columns,
        40,
        &[
            ("QROLL_CONFIG", &config.to_string_lossy()),
            ("QROLL_TENANT_SECRET", world.api_key()),
        ],
    )
}

/// The code on the screen.
fn code_on(screen: &str) -> String {
    let line = screen.lines().find(|line| line.contains("  Type  "));
    let code = line.expect("a code").trim().trim_start_matches("Type");
    code.trim().to_owned()
}

async fn type_code(world: &Running, screen: &str, and: &str) {
    let page = format!("{}/devicelogin", world.login_url);
    assert!(
        screen.contains(&format!("Open  {page}  in a browser")),
        "{screen}"
    );
    let (status, _, body) = browse(&format!("{page}?code={}{and}", code_on(screen))).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_command_waits_for_the_code_to_be_typed_in() {
    let (world, place) = (small().await, Place::new());
    world.with_sign_ins(|ins| ins.poll_every(1));
    profile(&place, &world, "auth = \"device-code\"");
    let mut terminal = terminal(&place, &world, &PLAN, 100);
    let screen = terminal.wait_for("waiting until somebody has signed in");
    assert!(screen.contains("good for 15 minutes"), "{screen}");
    type_code(&world, &screen, "").await;
    let screen = terminal.wait_for("Signed in to the directory.");
    assert!(!screen.contains("waiting until"), "{screen}");
    assert_eq!(terminal.exit_code(), 2, "{}", terminal.text());
    assert!(place.path("plan.json").exists());
    nothing_leaked(&place, Some(&terminal));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn who_declines_or_leaves_gets_the_terminal_back() {
    let (world, place) = (small().await, Place::new());
    world.with_sign_ins(|ins| ins.poll_every(1));
    profile(&place, &world, "auth = \"device-code\"");
    let mut declined = terminal(&place, &world, &PLAN, 100);
    let screen = declined.wait_for("waiting until");
    type_code(&world, &screen, "&no=1").await;
    declined.wait_for("The sign-in to the directory was declined.");
    assert_eq!(declined.exit_code(), 1);
    let mut left = terminal(&place, &world, &PLAN, 100);
    left.wait_for("waiting until");
    left.keys("<c-c>");
    assert_eq!(left.exit_code(), 130);
    assert!(!left.text().contains("waiting until"), "{}", left.text());
    assert!(!place.path("plan.json").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_screen_opens_once_somebody_has_signed_in() {
    let (world, place) = (small().await, Place::new());
    world.with_sign_ins(|ins| ins.poll_every(1));
    profile(&place, &world, "auth = \"device-code\"");
    let mut terminal = terminal(&place, &world, &[], 100);
    let screen = terminal.wait_for("waiting until");
    assert!(!terminal.is_full_screen(), "{screen}");
    type_code(&world, &screen, "").await;
    terminal.wait("the groups", |screen| {
        screen.contains("Groups") && screen.contains("All people")
    });
    assert!(terminal.is_full_screen());
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_address_is_pasted_at_the_terminal() {
    let (world, place) = (small().await, Place::new());
    profile(&place, &world, "auth = \"browser\"");
    let mut terminal = terminal(&place, &world, &PLAN, 900);
    let screen = terminal.wait_for("Paste the whole address");
    let line = screen
        .lines()
        .find(|line| line.starts_with(&world.login_url));
    let address = line.expect("an address").trim().to_owned();
    // A slip first: it is told, and asked again.
    terminal.bytes(b"http://localhost/?code=1\r");
    terminal.wait_for("cut off: it names no sign-in");
    terminal.wait("the question again", |screen| {
        screen
            .matches("Paste the whole address of that page")
            .count()
            == 2
    });
    let (status, leads, _) = browse(&address).await;
    assert_eq!(status, 302);
    terminal.bytes(format!("{leads}\r").as_bytes());
    terminal.wait_for("Signed in to the directory.");
    assert_eq!(terminal.exit_code(), 2, "{}", terminal.text());
    nothing_leaked(&place, Some(&terminal));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_signal_at_the_question_gives_the_echo_back() {
    let (world, place) = (small().await, Place::new());
    profile(&place, &world, "auth = \"browser\"");
    let mut terminal = terminal(&place, &world, &PLAN, 900);
    terminal.wait_for("Paste the whole address");
    let mute = terminal.modes();
    let pid = terminal.pid().to_string();
    let killed = std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status();
    assert!(killed.expect("kill runs").success());
    assert_eq!(terminal.exit_code(), 143);
    assert_ne!(terminal.modes(), mute);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn without_a_terminal_nobody_is_asked_to_sign_in() {
    let (world, place) = (small().await, Place::new());
    for auth in ["device-code", "browser"] {
        profile(&place, &world, &format!("auth = \"{auth}\""));
        let mut command = place.command(&PLAN);
        command.env("QROLL_TENANT_SECRET", world.api_key());
        let done = command.output().expect("qroll runs");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(1), "{said}");
        assert!(said.contains("no terminal here"), "{said}");
        assert!(said.contains("auth = \"certificate\""), "{said}");
        assert!(done.stdout.is_empty());
    }
    let asked = world.requests();
    assert!(asked.is_empty(), "no code was asked for: {asked:?}");
}

fn put(place: &Place, name: &str, mode: u32) {
    let path = place.path(name);
    fs::write(&path, pem(name)).expect("a file");
    chmod(&path, mode);
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_certificate_is_all_that_a_run_without_a_person_needs() {
    let (world, place) = (small().await, Place::new());
    upload(&world, "app.pem");
    put(&place, "app.pem", 0o644);
    put(&place, "app.key", 0o600);
    put(&place, "encrypted.key", 0o600);
    let auth = "auth = \"certificate\"\ncertificate_file = \"app.pem\"\nkey_file = \"app.key\"";
    profile(&place, &world, auth);
    let run = || {
        let mut command = place.command(&PLAN);
        command.env("QROLL_TENANT_SECRET", world.api_key());
        let done = command.output().expect("qroll runs");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        (done.status.code(), said)
    };
    let (code, said) = run();
    assert_eq!(code, Some(2), "{said}");
    nothing_leaked(&place, None);
    chmod(&place.path("app.key"), 0o644);
    let (code, said) = run();
    assert_eq!(code, Some(64), "{said}");
    assert!(said.contains("may be read by others"), "{said}");
    profile(&place, &world, &auth.replace("app.key", "encrypted.key"));
    let (code, said) = run();
    assert_eq!(code, Some(64), "{said}");
    assert!(said.contains("the private key is encrypted"), "{said}");
    assert!(!said.contains("ENCRYPTED PRIVATE"), "{said}");
}
