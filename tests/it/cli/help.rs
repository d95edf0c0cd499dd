//! Help, completions, man page: what people read before anything else.

use super::place::Place;

#[test]
fn help_of_every_command() {
    let place = Place::new();
    for command in [
        &[][..],
        &["connect"],
        &["doctor"],
        &["plan"],
        &["show"],
        &["apply"],
        &["runs"],
        &["resume"],
        &["revert"],
        &["report"],
        &["sim"],
        &["completions"],
        &["man"],
    ] {
        let mut arguments = command.to_vec();
        arguments.push("--help");
        let done = place.run(&arguments);
        assert_eq!((done.code, done.err.as_str()), (0, ""), "{arguments:?}");
        let name = command.first().copied().unwrap_or("qroll");
        insta::assert_snapshot!(format!("help_{name}"), done.out);
    }
}

#[test]
fn commands_of_later_versions_are_neither_listed_nor_there() {
    let place = Place::new();
    let help = place.run(&["--help"]).out;
    assert!(!help.contains("  rules "), "{help}");
    place.run(&["rules"]).says(64, &["unrecognized subcommand"]);
}

#[test]
fn wrong_usage_is_64_and_help_is_0() {
    let place = Place::new();
    place
        .run(&["plan", "--bogus"])
        .says(64, &["unexpected argument '--bogus'"]);
    place.run(&["apply"]).says(64, &["<PLAN>"]);
    place
        .run(&["plan", "--space", "Finance"])
        .says(64, &["expected NAME=role[,role]"]);
    place
        .run(&["sim", "--fault", "boom"])
        .says(64, &["is not a fault"]);
    assert_eq!(place.run(&["--version"]).code, 0);
}

#[test]
fn completions_and_the_man_page_name_every_command() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        let done = place.run(&["completions", shell]);
        assert_eq!(done.code, 0);
        for word in ["connect", "plan", "apply", "--allow-removals", "resume"] {
            assert!(
                done.out.contains(word.trim_start_matches("--")),
                "{shell}: {word}"
            );
        }
    }
    let man = place.run(&["man"]).out;
    for part in [
        ".TH qroll 1",
        "COMMAND CONNECT",
        "COMMAND PLAN",
        "COMMAND RESUME",
        "\\-\\-tenant\\-secret\\-fd",
    ] {
        assert!(man.contains(part), "{part}");
    }
}
