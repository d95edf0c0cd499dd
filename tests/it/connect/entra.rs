//! Entra by a client secret, against the embedded Graph: a wrong secret is tried again, and the proposed
//! template is the one that existing users carry.

use super::guided::{Machine, PASSPHRASE};
use crate::cli::place::World;

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
    let said = guided.answers("Number [1]:", "");
    assert!(
        said.contains("1 {id} gives 457 of 463 existing users"),
        "{said}"
    );
    let said = guided.answers("Number [1]:", "1");
    assert!(said.contains("that proves it"), "{said}");
    guided.answers("A new passphrase (not shown):", PASSPHRASE);
    guided.answers("The same again (not shown):", PASSPHRASE);
    guided.sure("yes");
    guided.answers("sim.sealed (not shown):", PASSPHRASE);
    guided.hears("0 failed");
    assert_eq!(guided.terminal.exit_code(), 0, "{}", guided.terminal.text());
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
