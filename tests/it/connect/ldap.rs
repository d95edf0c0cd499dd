//! A real OpenLDAP by TLS: a wrong password is told before the base is asked for, and the server names
//! the base itself.

use super::guided::Machine;
use crate::cli::place::World;
use crate::ldap::certificate::{certificate, server};
use crate::ldap::{company, slapd};

#[test]
fn a_server_is_set_up_step_by_step() {
    let server = slapd::Slapd::start(&company::company(20), "");
    let (world, machine) = (World::scenario("s16"), Machine::new());
    let mut guided = machine.connect(&["--profile", "corp"]);
    guided.answers("as the browser shows it:", world.text("qlik_url"));
    guided.answers("Number [1]:", "2");
    guided.answers("API key (not shown):", world.text("api_key"));
    guided.answers("Number [1]:", "2");
    guided.answers("Address of the server:", "ldap://");
    guided.answers("Address of the server:", &server.ldaps());
    guided.answers("Number [1]:", "1");
    guided.answers("Number [1]:", "1");
    guided.answers("or DOMAIN\\user:", slapd::READER);
    guided.answers("of the account (not shown):", slapd::PASSWORD);
    let said = guided.answers("Number [1]:", "1");
    assert!(
        said.contains("certificate"),
        "the CA is not known here: {said}"
    );
    guided.answers(&format!("[{}]:", server.ldaps()), "");
    guided.answers("Number [1]:", "2");
    guided.answers("of the CA (PEM):", &slapd::ca().display().to_string());
    guided.answers("Number [1]:", "");
    guided.answers(&format!("[{}]:", slapd::READER), "");
    guided.answers("typed before (not shown):", "wrong-password-1");
    let said = guided.answers("Number [1]:", "");
    assert!(said.contains("This step failed"), "{said}");
    guided.answers(&format!("[{}]:", server.ldaps()), "");
    guided.answers("Number [2]:", "");
    guided.answers(&format!("[{}]:", slapd::ca().display()), "");
    guided.answers("Number [1]:", "");
    guided.answers(&format!("[{}]:", slapd::READER), "");
    guided.answers("typed before (not shown):", slapd::PASSWORD);
    let said = guided.answers(&format!("[{}]:", slapd::BASE), "");
    assert!(
        said.contains("The server answers, and the account is let in"),
        "{said}"
    );
    let said = guided.answers("Template [{id}]:", "CORP\\{{sam}");
    assert!(said.contains("[ok] directory: LDAP server"), "{said}");
    guided.answers("Template [{id}]:", "CORP\\{sam}");
    guided.keeps("corp");
    guided.ends_well();
    assert_eq!(world.writes(), 0);
    machine.holds_nowhere(slapd::PASSWORD);
    let environment = [
        ("QROLL_TENANT_SECRET", world.text("api_key")),
        ("QROLL_DIRECTORY_SECRET", slapd::PASSWORD),
    ];
    let arguments = [
        "plan",
        "--all",
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    let done = machine.run(&arguments, &environment);
    done.says(2, &[]);
}

#[test]
fn a_certificate_signs_in_behind_start_tls() {
    let (world, machine) = (World::scenario("s16"), Machine::new());
    let home = machine.path("");
    let own = certificate(&home, "qroll");
    let server = server(&home, &[&own]);
    let mut guided = machine.connect(&["--profile", "corp"]);
    guided.answers("as the browser shows it:", world.text("qlik_url"));
    guided.answers("Number [1]:", "2");
    guided.answers("API key (not shown):", world.text("api_key"));
    guided.answers("Number [1]:", "2");
    guided.answers("Address of the server:", &server.ldap());
    // Not needed to this machine, and offered first.
    guided.answers("Number [1]:", "1");
    guided.answers("Number [1]:", "2");
    guided.answers("of the CA (PEM):", &slapd::ca().display().to_string());
    guided.answers("Number [1]:", "2");
    guided.answers("certificate (PEM):", "qroll.pem");
    guided.answers("mode 0600):", "qroll.key");
    let said = guided.answers(&format!("[{}]:", slapd::BASE), "");
    assert!(said.contains("the account is let in"), "{said}");
    guided.answers("Template [{id}]:", "CORP\\{sam}");
    guided.keeps("corp");
    guided.ends_well();
    let config = machine.read_config();
    for part in ["start_tls = true", "auth = \"certificate\""] {
        assert!(config.contains(part), "{config}");
    }
}
