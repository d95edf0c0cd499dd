//! From an empty machine to a plan, with a file as directory and an API key in an encrypted file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::guided::{Guided, Machine, PASSPHRASE};
use crate::cli::place::World;

const PEOPLE: &str =
    "id,name,mail,enabled,groups\n9b1c-7f,Ada Test,ada@corp.example,true,QLIK_TEST\n";

/// Up to the place where secrets go.
pub(super) fn begin(guided: &mut Guided, world: &World, name: &str) {
    guided.answers("production [main]:", name);
    guided.answers("as the browser shows it:", world.text("qlik_url"));
    guided.answers("Number [1]:", "2");
    guided.answers("API key (not shown):", world.text("api_key"));
    guided.answers("Number [1]:", "3");
    guided.answers("Path of the file:", "people.csv");
    guided.answers("Number [1]:", "");
}

#[test]
fn from_an_empty_machine_to_a_plan() {
    let (world, machine) = (World::scenario("s16"), Machine::new());
    machine.write("people.csv", PEOPLE);
    let mut guided = machine.connect(&[]);
    guided.answers("production [main]:", "no name");
    guided.answers("production [main]:", "");
    guided.answers("as the browser shows it:", "http://tenant.example");
    let page = format!("{}/console/?x=1", world.text("qlik_url"));
    let said = guided.answers("as the browser shows it:", &page);
    assert!(
        said.contains("plain http is accepted for loopback addresses only"),
        "{said}"
    );
    let said = guided.answers("Number [1]:", "2");
    assert!(said.contains("127.0.0.1 answers as a tenant"), "{said}");
    guided.answers("API key (not shown):", "wrong-key-1");
    let said = guided.answers("Number [1]:", "1");
    assert!(said.contains("[fail] tenant:"), "{said}");
    // Everything again; Enter keeps what was right.
    guided.answers(&format!("[{}]:", world.text("qlik_url")), "");
    guided.answers("Number [2]:", "");
    guided.answers("was typed before (not shown):", world.text("api_key"));
    let said = guided.answers("Number [1]:", "3");
    assert!(
        said.contains("[ok] tenant:") && said.contains("[ok] rights:"),
        "{said}"
    );
    guided.answers("Path of the file:", "nobody.csv");
    guided.answers("Path of the file:", "people.csv");
    let said = guided.answers("Number [1]:", "2");
    assert!(said.contains("[warn] people: 1 read"), "{said}");
    assert!(said.contains("{id}: no existing user to compare"), "{said}");
    guided.answers("Template [{id}]:", "{");
    guided.answers("Template [{id}]:", "");
    guided.seals();
    let said = guided.sure("yes");
    assert!(said.contains("+ tenant.auth = \"api-key\""), "{said}");
    assert!(!machine.config().exists(), "nothing before the last answer");
    assert!(!machine.sealed("main").exists());
    // The doctor opens what was stored.
    let said = guided.answers("main.sealed (not shown):", PASSPHRASE);
    assert!(said.contains("Written:"), "{said}");
    guided.hears("0 failed");
    assert_eq!(guided.terminal.exit_code(), 0, "{}", guided.terminal.text());

    works_as_a_service(&machine);
    assert_eq!(world.writes(), 0, "the tenant is only read");
    machine.holds_nowhere(world.text("api_key"));
    let all = guided.all();
    for secret in [world.text("api_key"), "wrong-key-1", PASSPHRASE] {
        assert!(!all.contains(secret), "{secret} stands on the terminal");
    }
}

/// What was written plans for a service that brings the passphrase, and each thing that can be wrong with
/// the encrypted file is told.
fn works_as_a_service(machine: &Machine) {
    let config = machine.read_config();
    assert!(config.contains("# the origin alone"), "{config}");
    let mode = fs::metadata(machine.config())
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let credentials = machine.write("credentials/qroll.main.passphrase", PASSPHRASE);
    fs::set_permissions(&credentials, fs::Permissions::from_mode(0o600)).expect("a mode");
    let directory = machine.path("credentials").display().to_string();
    let service = [("CREDENTIALS_DIRECTORY", directory.as_str())];
    let arguments = [
        "plan",
        "--all",
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    machine.run(&arguments, &service).says(2, &[]);
    let doctor = machine.run(&["doctor"], &service);
    assert!(
        doctor.out.contains("from the encrypted file"),
        "{}",
        doctor.out
    );
    assert_eq!(doctor.code, 0, "{}", doctor.out);
    machine
        .run(&arguments, &[])
        .says(1, &["its passphrase is not given"]);

    fs::write(&credentials, "another passphrase").expect("a file");
    machine
        .run(&arguments, &service)
        .says(1, &["does not open the encrypted file"]);
    fs::write(&credentials, PASSPHRASE).expect("a file");
    let open = fs::Permissions::from_mode(0o644);
    fs::set_permissions(machine.sealed("main"), open).expect("a mode");
    machine
        .run(&arguments, &service)
        .says(1, &["may be read by others"]);
    let bytes = fs::read(machine.sealed("main")).expect("a file");
    fs::write(machine.sealed("main"), &bytes[..bytes.len() / 2]).expect("a file");
    let close = fs::Permissions::from_mode(0o600);
    fs::set_permissions(machine.sealed("main"), close).expect("a mode");
    machine.run(&arguments, &service).says(1, &["is not whole"]);
}
