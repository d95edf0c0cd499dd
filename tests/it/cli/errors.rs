//! Bad input, each with its message: what, where, and what to do.

use super::place::Place;

#[test]
fn a_config_typo_names_line_column_and_the_nearest_key() {
    let place = Place::new();
    place.write(
        "config.toml",
        "[profile.a.tenant]\nulr = \"https://a.example\"\n",
    );
    place.run(&["plan", "--all"]).says(
        64,
        &[
            "config.toml, line 2, column 1: there is no key `ulr` here",
            "Did you mean `url`?",
        ],
    );
}

#[test]
fn mistakes_in_keys_stop_every_command() {
    let place = Place::new();
    place.write(
        "config.toml",
        "[profile.a.tenant]\nurl = \"https://acme.example\"\nauth = \"api-key\"\n[profile.a.directory]\nkind = \"file\"\npath = \"people.csv\"\n[keys]\nlicence = \"L\"\n",
    );
    place.run(&["plan", "--all"]).says(
        64,
        &[
            "[keys] of",
            "config.toml cannot be used",
            "no action \"licence\"",
            "\"license\"",
        ],
    );
}

#[test]
fn the_first_start_offers_the_demo_and_a_profile() {
    let place = Place::new();
    let mut command = place.command(&["plan", "--all"]);
    command.env_remove("QROLL_CONFIG");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(64));
    for part in [
        "there is no profile yet",
        "qroll --demo",
        "[profile.NAME.tenant]",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn without_a_terminal_the_screen_says_so() {
    Place::new()
        .run(&[])
        .says(64, &["the screen needs a terminal", "qroll plan"]);
    Place::new()
        .run(&["--demo"])
        .says(64, &["the screen needs a terminal"]);
}

#[test]
fn malformed_csv_and_ldif_are_named_by_line_and_column() {
    let place = Place::new();
    let profile = |file: &str| {
        let text = format!(
            "[profile.a.tenant]\nurl = \"https://acme.example\"\nauth = \"api-key\"\n[profile.a.directory]\nkind = \"file\"\npath = \"{file}\"\n"
        );
        place.write("config.toml", &text);
    };
    profile("people.csv");
    place.write("people.csv", "id,name\n1,Anna\n2,\"Bo\n");
    place.run(&["plan", "--all"]).says(
        64,
        &[
            "people.csv, line 3, column 3: the quote that opens here is never closed",
            "Nothing of the file was used",
        ],
    );
    profile("people.ldif");
    place.write("people.ldif", "dn: cn=a\ncn: a\nmail:: %%\n");
    place
        .run(&["plan", "--all"])
        .says(64, &["people.ldif, line 3, column 7: this is not base64"]);
    profile("gone.csv");
    place
        .run(&["plan", "--all"])
        .says(64, &["gone.csv cannot be read"]);
}

#[test]
fn a_missing_secret_says_where_it_was_looked_for() {
    let place = Place::new();
    place.write(
        "config.toml",
        "[profile.a.tenant]\nurl = \"https://acme.example\"\nauth = \"api-key\"\n[profile.a.directory]\nkind = \"file\"\npath = \"p.csv\"\n",
    );
    place.write("p.csv", "id,name\n1,Anna\n");
    place.run(&["plan", "--all"]).says(
        1,
        &[
            "(a.tenant) was found nowhere",
            "no keyring:",
            "--tenant-secret-fd is not given",
            "QROLL_TENANT_SECRET is not set",
        ],
    );
}

#[test]
fn an_ldap_profile_without_its_secret_says_where_it_was_looked_for() {
    let place = Place::new();
    place.write(
        "config.toml",
        "[profile.a.tenant]\nurl = \"https://acme.example\"\nauth = \"api-key\"\n[profile.a.directory]\nkind = \"ldap\"\nurl = \"ldaps://dc1.corp.example\"\nbind_dn = \"cn=a\"\nbase_dn = \"dc=b\"\n",
    );
    place.run(&["plan", "--all"]).says(
        1,
        &["the password of the directory (a.directory) was found nowhere"],
    );
}

#[test]
fn a_plan_for_nobody_and_a_plan_that_is_no_plan() {
    let place = Place::new();
    place
        .run(&["show", "none.json"])
        .says(64, &["none.json cannot be read"]);
    let file = place.write("plan.json", "{\"version\": 1,");
    place
        .run(&["show", file.to_str().unwrap()])
        .says(64, &["is not JSON, line 1 column"]);
}

#[test]
fn a_log_that_cannot_be_written_is_said() {
    let place = Place::new();
    place
        .run(&["--log", "/nonexistent/log", "runs"])
        .says(1, &["the log /nonexistent/log cannot be written"]);
}

#[test]
fn no_runs_is_no_error() {
    let done = Place::new().run(&["runs"]);
    assert_eq!((done.code, done.out.as_str()), (0, "No runs yet.\n"));
    let done = Place::new().run(&["runs", "nonsense"]);
    done.says(64, &["there is no run nonsense", "`qroll runs` lists them"]);
}
