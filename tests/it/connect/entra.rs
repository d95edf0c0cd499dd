//! Entra by a client secret, against the embedded Graph: a wrong secret is tried again, and the proposed
//! template is the one that existing users carry.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use qroll::simulator::Running;

use super::guided::{Guided, Machine, PASSPHRASE};
use super::screen::{answer, open};
use crate::cli::place::World;
use crate::entra::certificate::{pem, upload};
use crate::entra::world::{browse, small};

#[test]
fn a_wrong_secret_is_answered_again_and_the_profile_works() {
    let (world, machine) = (World::scenario("demo"), Machine::new());
    let mut guided = machine.connect(&["--profile", "sim"]);
    guided.answers("as the browser shows it:", world.text("qlik_url"));
    guided.answers("Number [1]:", "");
    let said = guided.answers("Client ID:", world.text("client_id"));
    for part in ["Allow Machine-to-Machine", "admin_classic", "Trusted"] {
        assert!(said.contains(part), "{said}");
    }
    guided.answers("Client secret (not shown):", world.text("client_secret"));
    guided.answers("Number [1]:", "1");
    let said = guided.answers("Number [1]:", "2");
    for part in ["User.Read.All", "GroupMember.Read.All"] {
        assert!(said.contains(part), "{said}");
    }
    let said = guided.answers("Number [1]:", "5");
    assert!(said.contains("Grant admin consent"), "{said}");
    guided.answers("Address for signing in:", world.text("login_url"));
    guided.answers("Address of Graph:", world.text("graph_url"));
    guided.answers("or a domain of it:", world.text("directory_tenant"));
    guided.answers("(client) ID:", world.text("graph_client_id"));
    guided.answers("of the application (not shown):", "wrong-secret-1");
    let said = guided.answers("Number [1]:", "");
    assert!(said.contains("[fail] directory:"), "{said}");
    // Enter keeps each answer but the wrong one.
    guided.answers("Number [1]:", "");
    guided.answers("Number [2]:", "");
    guided.answers("Number [5]:", "");
    guided.answers(&format!("[{}]:", world.text("login_url")), "");
    guided.answers(&format!("[{}]:", world.text("graph_url")), "");
    guided.answers(&format!("[{}]:", world.text("directory_tenant")), "");
    guided.answers(&format!("[{}]:", world.text("graph_client_id")), "");
    guided.answers(
        "typed before (not shown):",
        world.text("graph_client_secret"),
    );
    let said = guided.answers("Number [1]:", "3");
    assert!(
        said.contains("1 {id} gives 457 of 463 existing users"),
        "{said}"
    );
    // One that no user carries is not just taken.
    guided.answers("Template [{id}]:", "{department}");
    let said = guided.answers("Number [1]:", "");
    assert!(said.contains("[fail] subject:"), "{said}");
    guided.answers("Number [1]:", "");
    let said = guided.answers("Number [1]:", "1");
    assert!(said.contains("that proves it"), "{said}");
    guided.answers("A new passphrase (not shown):", PASSPHRASE);
    guided.answers("The same again (not shown):", PASSPHRASE);
    guided.sure("yes");
    guided.answers("sim.sealed (not shown):", PASSPHRASE);
    guided.ends_well();
    assert_eq!(world.writes(), 0);

    let config = machine.read_config();
    for part in [
        "[profile.sim.directory]",
        "auth = \"client-secret\"",
        "subject = \"{id}\"",
    ] {
        assert!(config.contains(part), "{config}");
    }
    for secret in ["client_secret", "graph_client_secret"] {
        machine.holds_nowhere(world.text(secret));
        assert!(!guided.all().contains(world.text(secret)));
    }
    let environment = [
        ("QROLL_TENANT_SECRET", world.text("client_secret")),
        ("QROLL_DIRECTORY_SECRET", world.text("graph_client_secret")),
    ];
    let arguments = [
        "plan",
        "--group",
        "QLIK_ANALYZERS",
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    machine.run(&arguments, &environment).says(2, &[]);
}

/// Up to the way in which qroll signs in to Entra, and on to the application's ID.
fn until_signed_in(guided: &mut Guided, world: &Running, way: &str) {
    guided.answers("as the browser shows it:", &world.qlik_url);
    guided.answers("Number [1]:", "2");
    guided.answers("API key (not shown):", world.api_key());
    guided.answers("Number [1]:", "1");
    guided.answers("Number [1]:", way);
    guided.answers("Number [1]:", "5");
    guided.answers("Address for signing in:", &world.login_url);
    guided.answers("Address of Graph:", &world.graph_url);
    guided.answers("or a domain of it:", &world.directory_tenant);
    guided.answers("(client) ID:", &world.graph_client_id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_certificate_is_tried_and_its_key_must_be_private() {
    let (world, machine) = (small().await, Machine::new());
    upload(&world, "app.pem");
    for name in ["app.pem", "app.key"] {
        fs::write(machine.path(name), pem(name)).expect("a file");
    }
    let mode = |mode| {
        let path = machine.path("app.key");
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    };
    mode(0o644);
    let mut guided = machine.connect(&["--profile", "sim"]);
    until_signed_in(&mut guided, &world, "1");
    guided.answers("certificate (PEM):", "nowhere.pem");
    guided.answers("certificate (PEM):", "app.pem");
    guided.answers("mode 0600):", "app.key");
    guided.hears("may be read by others");
    mode(0o600);
    guided.answers("Number [1]:", "1");
    // Everything again; Enter keeps it.
    guided.answers("Number [1]:", "");
    guided.answers("Number [1]:", "");
    guided.answers("Number [5]:", "");
    guided.answers(&format!("[{}]:", world.login_url), "");
    guided.answers(&format!("[{}]:", world.graph_url), "");
    guided.answers(&format!("[{}]:", world.directory_tenant), "");
    guided.answers(&format!("[{}]:", world.graph_client_id), "");
    guided.answers("app.pem]:", "");
    guided.answers("app.key]:", "");
    guided.answers("Number [1]:", "1");
    guided.keeps("sim");
    guided.ends_well();
    let config = machine.read_config();
    assert!(config.contains("auth = \"certificate\""), "{config}");
    assert!(config.contains("certificate_file = "), "{config}");
    assert!(!guided.all().contains("PRIVATE KEY-----"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_device_code_is_shown_and_waited_for() {
    let (world, machine) = (small().await, Machine::new());
    world.with_sign_ins(|ins| ins.poll_every(1));
    let mut guided = machine.connect(&["--profile", "sim"]);
    until_signed_in(&mut guided, &world, "3");
    let said = guided.hears("waiting until somebody has signed in");
    type_code(&world, &said).await;
    guided.answers("Number [1]:", "1");
    guided.keeps("sim");
    // The doctor signs in for itself.
    let said = guided.hears("waiting until somebody has signed in");
    type_code(&world, &said).await;
    guided.ends_well();
    assert!(machine.read_config().contains("auth = \"device-code\""));
}

async fn type_code(world: &Running, said: &str) {
    let code = said.rsplit("Type ").next().expect("a code");
    let code = code.split_whitespace().next().expect("a code");
    let page = format!("{}/devicelogin?code={code}", world.login_url);
    let (status, _, body) = browse(&page).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_device_code_stands_on_the_screen_while_it_is_waited_for() {
    let (world, machine) = (small().await, Machine::new());
    world.with_sign_ins(|ins| ins.poll_every(1));
    let mut terminal = machine.screen(&["connect", "--profile", "sim"], 80, 24);
    for (question, keys) in [
        ("as the browser shows it", world.qlik_url.as_str()),
        ("How does qroll sign in to it?", "2"),
        ("API key (not shown)", world.api_key()),
        ("Where do people come from?", "1"),
        ("pastes the last address back, at each start", "3"),
        ("Which cloud?", "5"),
        ("Address for signing in", &world.login_url),
        ("Address of Graph", &world.graph_url),
        ("or a domain of it", &world.directory_tenant),
        ("(client) ID", &world.graph_client_id),
    ] {
        answer(&mut terminal, question, keys);
    }
    let said = terminal.wait("the code", |screen| {
        screen.contains("waiting until somebody has signed in")
    });
    type_code(&world, &said).await;
    let text = open(&mut terminal, "Which template?");
    assert!(text.contains("Signed in to the directory."), "{text}");
    terminal.keys("<esc>");
    terminal.wait_for("Leave?");
    terminal.keys("y");
    assert_eq!(terminal.exit_code(), 1);
}
