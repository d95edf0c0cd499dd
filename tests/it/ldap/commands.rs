//! The commands on a profile with a directory server: a group gets its licenses, and what is wrong
//! with the server stands in words and ends with the code for it.

use crate::cli::place::{Done, Place, World, plan};

use super::company::company;
use super::slapd::{BASE, PASSWORD, READER, Slapd, ca};

/// A profile on the embedded tenant and this server; `more` goes into the directory's section.
fn profile(place: &Place, world: &World, server: &Slapd, more: &str) {
    profile_at(place, world, &server.ldaps(), more);
}

/// The same at an address.
pub(super) fn profile_at(place: &Place, world: &World, url: &str, more: &str) {
    let text = format!(
        "[profile.test.tenant]\nurl = \"{}\"\nauth = \"api-key\"\n\
         [profile.test.directory]\nkind = \"ldap\"\nurl = \"{}\"\nca_file = \"{}\"\n\
         bind_dn = \"{READER}\"\nbase_dn = \"{BASE}\"\n{more}\n\
         [profile.test.identity]\nsubject = \"CORP\\\\{{sam}}\"\n",
        world.text("qlik_url"),
        url,
        ca().display(),
    );
    place.write("config.toml", &text);
}

pub(super) fn run(place: &Place, world: &World, password: &str, arguments: &[&str]) -> Done {
    let mut command = place.unseen(arguments);
    command
        .env("QROLL_TENANT_SECRET", world.text("api_key"))
        .env("QROLL_DIRECTORY_SECRET", password);
    crate::cli::place::done(&command.output().expect("qroll runs"))
}

#[test]
fn a_group_of_a_real_server_gets_its_licenses() {
    let (server, world, place) = (
        Slapd::start(&company(200), ""),
        World::scenario("s16"),
        Place::new(),
    );
    profile(&place, &world, &server, "");
    let arguments = [
        "plan",
        "--group",
        "analysts",
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    run(&place, &world, PASSWORD, &arguments).says(2, &[]);
    let plan = plan(&place.path("plan.json"));
    assert_eq!(plan["summary"]["people"], 10);
    assert_eq!(plan["summary"]["create_user"], 10);
    let made = plan["operations"].as_array().expect("operations");
    let subjects: Vec<&str> = made
        .iter()
        .filter(|operation| operation["kind"] == "create_user")
        .filter_map(|operation| operation["subject"].as_str())
        .collect();
    assert!(subjects.contains(&"CORP\\u1"), "{subjects:?}");
    let source = &plan["sources"][1];
    assert_eq!(source["complete"], true, "{}", plan["sources"]);
}

#[test]
fn a_saved_query_and_its_typo() {
    let (server, world, place) = (
        Slapd::start(&company(100), ""),
        World::scenario("s16"),
        Place::new(),
    );
    profile(
        &place,
        &world,
        &server,
        "queries = { sales = \"(departmentNumber=Sales)\", typo = \"(departmentNumber=Sales\" }",
    );
    let ask = |query: &str| {
        let arguments = [
            "plan",
            "--query",
            query,
            "--license",
            "analyzer",
            "--out",
            "plan.json",
        ];
        run(&place, &world, PASSWORD, &arguments)
    };
    ask("sales").says(2, &[]);
    let people = plan(&place.path("plan.json"))["summary"]["people"].clone();
    assert_eq!(people, 50);
    ask("typo").says(64, &["no LDAP filter"]);
}

#[test]
fn what_is_wrong_with_the_server_is_said() {
    let (server, world, place) = (
        Slapd::start(&company(10), ""),
        World::scenario("s16"),
        Place::new(),
    );
    let arguments = [
        "plan",
        "--group",
        "top",
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    profile(&place, &world, &server, "");
    run(&place, &world, "wrong", &arguments).says(1, &["refuses the sign-in", "bind_dn"]);
    profile(&place, &world, &server, "vendor = \"novell\"");
    run(&place, &world, PASSWORD, &arguments).says(64, &["line 10, column 10", "openldap"]);
    assert!(!place.path("plan.json").exists(), "nothing was planned");
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let (server, world, place) = (
        Slapd::start(&company(5), ""),
        World::scenario("s16"),
        Place::new(),
    );
    let key = place.write("client.key", "no key");
    place.write("client.pem", "no certificate");
    let mode = |mode| {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(&key, permissions).expect("a mode");
    };
    let more =
        "auth = \"certificate\"\ncertificate_file = \"client.pem\"\nkey_file = \"client.key\"";
    profile(&place, &world, &server, more);
    let arguments = ["plan", "--all", "--license", "analyzer"];
    mode(0o644);
    run(&place, &world, "", &arguments).says(64, &["the private key", "may be read by others"]);
    mode(0o600);
    run(&place, &world, "", &arguments).says(64, &["holds no certificate"]);
}
