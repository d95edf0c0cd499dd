//! S2 by keys in a real terminal: would the first login of these five just work? One passes; each of
//! the others fails with one cause, and its key stages the mend. Nothing is written.

use super::by_keys::Desk;
use super::place::plan;

/// What the right pane says of the person under the cursor.
fn inspected(screen: &str) -> String {
    let right = screen
        .lines()
        .filter_map(|line| Some(line.rsplit_once('│')?.1.trim()));
    let lines: Vec<&str> = right.skip_while(|line| *line != "First login").collect();
    lines.join("\n")
}

/// Lines of the check that failed, each with the words under it.
fn failed(screen: &str) -> Vec<String> {
    let check = inspected(screen);
    let mut all: Vec<String> = Vec::new();
    let mut fails = false;
    for line in check.lines().skip(1) {
        let sign = ["ok  ", "no  ", "..  ", "??  "]
            .into_iter()
            .find(|sign| line.starts_with(sign));
        match sign {
            Some("no  ") => {
                fails = true;
                all.push(line.to_owned());
            }
            Some(_) => fails = false,
            None if fails && !line.is_empty() => {
                let last = all.last_mut().expect("a line that failed");
                last.push(' ');
                last.push_str(line);
            }
            None => {}
        }
    }
    all
}

/// Puts the cursor on somebody and waits until the check is so; spaces are read while one looks.
fn look(desk: &mut Desk, name: &str, is_so: impl Fn(&str) -> bool) {
    let screen = desk.terminal.text();
    let rows = screen
        .lines()
        .filter_map(|line| line.split('│').nth(1))
        .skip_while(|row| !row.contains("Directory"))
        .skip(1);
    let at = rows.take_while(|row| !row.contains(name)).count();
    desk.terminal
        .keys(&format!("<home>{}", "<down>".repeat(at)));
    let title = format!("│ {name}");
    desk.terminal.wait(name, |screen| {
        let inspected = |line: &str| line.trim_end().ends_with(&title);
        screen.lines().any(inspected) && screen.contains("First login") && is_so(screen)
    });
}

/// Who fails, by what, and which key stands under it; Anna passes.
const CAUSES: [(&str, &[&str]); 5] = [
    (
        "Bea Nolicense",
        &["no  license there is no license l  license"],
    ),
    (
        "Carl Nested",
        &[
            "no  direct member QLIK_ANALYZERS member only through Finance_EMEA: nested members are not in the claim s  spaces",
        ],
    ),
    (
        "Dora Wrongrole",
        &[
            "no  role legal in space Finance producer is not legal in a managed space; legal here: contributor, publisher s  spaces",
        ],
    ),
    (
        "Emil Disabled",
        &["no  enabled in Qlik the record is disabled in Qlik n  provision"],
    ),
    // Last: by now all that a check looks at was read.
    ("Anna Complete", &[]),
];

/// For each who fails: keys, and what shows after each.
type Mend = (&'static str, &'static [(&'static str, &'static str)]);
const MENDS: [Mend; 4] = [
    (
        "Bea Nolicense",
        &[("l", "License for Bea"), ("a", "+ analyzer")],
    ),
    (
        "Carl Nested",
        &[
            ("s", "Spaces for Carl"),
            ("<enter>", "Roles in Finance"),
            ("<enter>", "+1"),
        ],
    ),
    (
        "Dora Wrongrole",
        &[
            ("s", "Spaces for Dora"),
            ("<enter>", "Roles in Finance"),
            ("<down><down>", ">[ ]    contributor"),
            ("<enter>", "1+1"),
        ],
    ),
    ("Emil Disabled", &[("n", "~ enable")]),
];

/// Kinds of operations in the plan that `e` wrote, and what Dora has after it.
fn planned(desk: &Desk) -> (Vec<String>, serde_json::Value) {
    let file = plan(&desk.place.path("plan.json"));
    let operations = file["operations"].as_array().expect("operations");
    let kind = |operation: &serde_json::Value| operation["kind"].as_str().map(str::to_owned);
    let mut kinds: Vec<String> = operations.iter().filter_map(kind).collect();
    kinds.sort_unstable();
    let changed = |one: &&serde_json::Value| one["kind"] == "change_space_assignment";
    let dora = operations.iter().find(changed).expect("hers");
    (kinds, dora["after"].clone())
}

#[test]
fn s2_each_of_five_first_logins_is_judged_and_mended_by_keys() {
    let mut desk = Desk::open("s2");
    desk.keys("<down><down><space>", "[x] QLIK_ANALYZERS");
    desk.terminal.wait_for("4 people");
    desk.keys("<down><space>", "[x] Sales");
    desk.terminal.wait_for("2 groups  35");
    desk.terminal.keys("<tab>");
    for (name, causes) in CAUSES {
        look(&mut desk, name, |screen| failed(screen) == causes);
    }
    // Each key that stands under a cause stages its mend.
    for (name, keys) in MENDS {
        look(&mut desk, name, |_| true);
        for (key, shows) in keys {
            desk.keys(key, shows);
        }
        let screen = desk.terminal.wait("the check again", |screen| {
            inspected(screen).contains("..  ")
        });
        assert_eq!(failed(&screen), [""; 0], "{name}\n{screen}");
    }
    desk.keys("p", "nothing was sent");
    desk.keys("e", "written:");
    let (kinds, dora) = planned(&desk);
    let wanted = [
        "add_license",
        "add_space_assignment",
        "change_space_assignment",
        "update_user",
    ];
    assert_eq!(kinds, wanted);
    assert_eq!(
        dora,
        serde_json::json!(["contributor"]),
        "what the space takes"
    );
    assert_eq!(desk.world.writes(), 0, "nothing was written");
}

#[test]
fn s2_five_first_logins_are_judged_in_one_list_and_a_cause_is_mended_from_it() {
    let mut desk = Desk::open("s2");
    desk.keys("<down><down><space>", "[x] QLIK_ANALYZERS");
    desk.terminal.wait_for("4 people");
    desk.keys("<down><space>", "[x] Sales");
    desk.terminal.wait_for("2 groups  35");
    desk.terminal
        .keys("<tab>/~complete|nolicense|nested|wrongrole|disabled<enter>");
    desk.terminal.wait_for("5 of 35");
    desk.keys("*", "5 marked");
    let screen = {
        desk.terminal.keys("k");
        desk.terminal
            .wait("the list, with all spaces read", |screen| {
                screen.contains("First login of 5 people") && screen.contains("4 would not")
            })
    };
    assert!(
        screen.contains(
            "1 would get in, 0 once what is staged is applied, 4 would not, 0 cannot be told."
        ),
        "{screen}"
    );
    for (name, cause) in [
        ("Bea Nolicense", "license: there is no license"),
        ("Carl Nested", "direct member in QLIK_ANALYZERS"),
        ("Dora Wrongrole", "role legal in space in Finance"),
        ("Emil Disabled", "enabled in Qlik: the record is disabled"),
    ] {
        let line = screen
            .lines()
            .find(|line| line.contains(name) && line.contains(cause));
        assert!(line.is_some(), "{name}: {cause}\n{screen}");
    }
    desk.keys("<enter>", "License for");
    desk.keys("a", "1 staged");
    // The five are still marked.
    desk.keys(
        "k",
        "1 would get in, 1 once what is staged is applied, 3 would not",
    );
    assert_eq!(desk.world.writes(), 0, "nothing was written");
}
