//! A real Secret Service: a session bus and gnome-keyring of the test's own, unlocked, and what the
//! program keeps in it and finds there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::file::begin;
use super::guided::Machine;
use crate::cli::place::World;

/// A bus with a keyring on it, in the home directory of a machine.
struct SecretService {
    bus: Child,
    keyring: Child,
    address: String,
}

impl SecretService {
    fn start(home: &Path) -> Self {
        let mut bus = Command::new("/usr/bin/dbus-daemon");
        bus.args(["--session", "--nofork", "--print-address=1"])
            .arg(format!("--address=unix:path={}/bus", home.display()));
        clean(&mut bus, home);
        let mut bus = bus
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon starts (apt-get install dbus-daemon)");
        let mut address = String::new();
        let said = bus.stdout.take().expect("a pipe");
        BufReader::new(said)
            .read_line(&mut address)
            .expect("an address");
        let address = address.trim().to_owned();
        let mut keyring = Command::new("/usr/bin/gnome-keyring-daemon");
        keyring.args(["--foreground", "--unlock", "--components=secrets"]);
        clean(&mut keyring, home);
        let mut keyring = keyring
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon starts (apt-get install gnome-keyring)");
        let mut password = keyring.stdin.take().expect("a pipe");
        password.write_all(b"of this test").expect("a password");
        drop(password);
        // Whoever asks before it is unlocked finds a locked one for good.
        let login = home.join("data/keyrings/login.keyring");
        let until = Instant::now() + Duration::from_secs(20);
        while !login.exists() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        Self {
            bus,
            keyring,
            address,
        }
    }
}

/// Directories of its own and nothing of the machine's.
fn clean(command: &mut Command, home: &Path) {
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_RUNTIME_DIR", home)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
}

impl Drop for SecretService {
    fn drop(&mut self) {
        for child in [&mut self.keyring, &mut self.bus] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Waits until the keyring takes entries; the state of the doctor's line about it.
fn answers(machine: &Machine) {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let doctor = machine.run(&["doctor"], &[]);
        if doctor
            .out
            .contains("[ok] keyring: an entry could be set, read and deleted")
        {
            return;
        }
        assert!(Instant::now() < until, "no keyring: {}", doctor.out);
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn secrets_go_into_a_real_secret_service_and_are_found_there() {
    let service = tempfile::tempdir().expect("a temporary directory");
    let running = SecretService::start(service.path());
    let machine = Machine::new().with("DBUS_SESSION_BUS_ADDRESS", running.address.as_str());
    answers(&machine);
    let world = World::scenario("s16");
    machine.write("people.csv", "id,name\n1,Ann\n");
    let mut guided = machine.connect(&[]);
    begin(&mut guided, &world, "");
    let said = guided.answers("Number [1]:", "");
    assert!(said.contains("The keyring of this session works"), "{said}");
    guided.sure("yes");
    let said = guided.hears("0 failed");
    assert!(
        said.contains("main.tenant") || said.contains("from the keyring"),
        "{said}"
    );
    assert_eq!(guided.terminal.exit_code(), 0, "{}", guided.terminal.text());
    assert!(!machine.sealed("main").exists());
    machine.holds_nowhere(world.text("api_key"));

    let began = Instant::now();
    let doctor = machine.run(&["doctor"], &[]);
    assert!(
        doctor.out.contains("[ok] tenant secret: from the keyring"),
        "{}",
        doctor.out
    );
    assert_eq!(doctor.code, 0, "{}", doctor.out);
    let arguments = [
        "plan",
        "--all",
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    machine.run(&arguments, &[]).says(2, &[]);
    assert!(
        began.elapsed() < Duration::from_mins(1),
        "{:?}",
        began.elapsed()
    );

    // What is there already is offered, and stays.
    let mut guided = machine.connect(&["--profile", "main"]);
    guided.answers(&format!("[{}]:", world.text("qlik_url")), "");
    guided.answers("Number [2]:", "");
    guided.answers("from the keyring (not shown):", "");
    guided.answers("Number [3]:", "");
    guided.answers("people.csv]:", "");
    guided.answers("Number [1]:", "");
    let said = guided.sure("yes");
    assert!(
        said.contains("main.tenant stays where it is: the keyring"),
        "{said}"
    );
    assert!(said.contains("nothing: it stands there already"), "{said}");
    guided.hears("0 failed");
    assert_eq!(guided.terminal.exit_code(), 0);
}
