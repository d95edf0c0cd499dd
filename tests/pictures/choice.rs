//! The pictures of choosing people: groups with what narrows them and a saved query, a conflict with
//! both records, what the doctor says, how a
//! profile is set up, and a report.

use std::path::Path;

use crate::place::{Place, World};
use crate::pty::Terminal;
use crate::trouble::{keep_settled, open};

/// A group with leavers and builders in it, and two people with one mailbox.
const WORLD: &str = r#"
title = "Choosing people"
seed = 7
[tenant]
allotments = [{ name = "professional", units = 40 }, { name = "analyzer", units = 120 }]
[[groups]]
name = "Finance"
subgroups = ["Finance_EMEA"]
[[groups]]
name = "Finance_EMEA"
[[groups]]
name = "QLIK_ANALYZERS"
subgroups = ["Finance_EMEA"]
[[groups]]
name = "QLIK_PRO"
[[groups]]
name = "Leavers"
[[people]]
count = 14
groups = ["QLIK_ANALYZERS"]
user = { license = "analyzer" }
[[people]]
count = 9
groups = ["QLIK_ANALYZERS"]
[[people]]
count = 4
groups = ["QLIK_ANALYZERS", "QLIK_PRO"]
user = { license = "professional" }
[[people]]
count = 3
groups = ["QLIK_ANALYZERS", "Leavers"]
user = { license = "analyzer" }
[[people]]
count = 5
groups = ["Finance_EMEA"]
[[people]]
count = 2
groups = ["QLIK_ANALYZERS"]
mail = "reception@corp.example"
user = { subject = 'CORP\{sam}', license = "analyzer" }
[[people]]
count = 30
user = { license = "analyzer" }
"#;

pub(crate) fn all() {
    narrowed();
    doctor();
    connect();
    strangers();
}

fn setting() -> (World, Place) {
    let place = Place::new();
    let scenario = place.write("world.toml", WORLD);
    let world = World::start(&["--scenario", &scenario.to_string_lossy()]);
    let query = "[profile.test.directory.queries]\nnew-hires = \"startsWith(displayName,'A')\"";
    place.with_world(&world, query);
    (world, place)
}

fn narrowed() {
    let (world, place) = setting();
    let mut terminal = open(&world, &place);
    terminal.wait_for("read just now");
    // A query beside the groups, a group that is opened, and one whose people are left out.
    terminal.wait_for("[ ] new-hires");
    terminal.keys("<home><down><enter>");
    terminal.wait_for("query new-hires:");
    terminal.keys("<home><down><down>");
    for (group, key, shows) in [
        ("QLIK_ANALYZERS", "<space>", "[x] QLIK_ANALYZERS"),
        ("Leavers", "-", "[-] Leavers"),
        ("QLIK_PRO", "-", "[-] QLIK_PRO"),
    ] {
        terminal.keys("/");
        terminal.wait_for("/ ");
        terminal.keys(group);
        terminal.wait_for(&format!("[ ] {group}"));
        terminal.keys("<enter>");
        terminal.keys(key);
        terminal.wait_for(shows);
        terminal.keys("<esc>");
        terminal.wait_for("new-hires");
    }
    terminal.keys("l");
    terminal.wait_for("License for the people in");
    terminal.keys("a");
    terminal.wait_for("1 staged");
    keep_settled(&terminal, "narrowed");
    terminal.keys("f");
    terminal.wait_for("Show only");
    terminal.keys("5");
    terminal.wait_for("only: conflict");
    terminal.keys("<tab>");
    terminal.keys("<enter>");
    terminal.wait_for("2 people share this mailbox");
    keep_settled(&terminal, "conflict");
}

/// One line a check, with the mend.
fn doctor() {
    let (world, place) = (World::scenario("demo"), Place::new());
    place.with_world(&world, "");
    let terminal = place.terminal(&world, &["doctor"], 120);
    terminal.wait("its end", |screen| screen.contains("state directory"));
    keep_settled(&terminal, "doctor");
    // The directory of this test is nobody's; the words keep their places.
    let own = place.path(".");
    let own = own.to_string_lossy();
    let own = own.trim_end_matches("/.");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/doctor.svg");
    let drawn = std::fs::read_to_string(&path).expect("the picture");
    let home = format!("{:<1$}", "/home/ada/qroll", own.len());
    std::fs::write(&path, drawn.replace(own, home.trim_end())).expect("the picture");
}

/// A profile by questions, up to what speaks for the template.
fn connect() {
    let (world, place) = (World::scenario("demo"), Place::new());
    let arguments = ["connect", "--profile", "acme"];
    let mut terminal = Terminal::qroll_with(&arguments, &place.path("."), 120, 36, &[]);
    let demo = |name: &str| world.text(name).to_owned();
    let steps = [
        ("as the browser shows it", demo("qlik_url")),
        ("How does qroll sign in to it?", String::new()),
        ("Client ID", demo("client_id")),
        ("Client secret (not shown)", demo("client_secret")),
        ("Where do people come from?", "1".to_owned()),
        ("pastes the last address back", "2".to_owned()),
        ("such as those of qroll sim", "5".to_owned()),
        ("Address for signing in", demo("login_url")),
        ("Address of Graph", demo("graph_url")),
        ("or a domain of it", demo("directory_tenant")),
        ("(client) ID", demo("graph_client_id")),
        (
            "of the application (not shown)",
            demo("graph_client_secret"),
        ),
    ];
    for (question, answer) in steps {
        terminal.wait_for(question);
        terminal.keys(&answer);
        terminal.keys("<enter>");
    }
    terminal.wait_for("gives 457 of 463 existing users");
    keep_settled(&terminal, "connect");
}

/// Who holds a seat and is in no approved group.
fn strangers() {
    let (world, place) = (World::scenario("s3"), Place::new());
    let licenses = "[profile.test.licenses]\napproved = [\"QLIK_ANALYZERS\"]\n\
        except = [{ who = \"ingrid.solberg@corp.example\", why = \"board\" }, \
        { who = \"aiko.mori@corp.example\", why = \"pilot\" }]";
    place.with_world(&world, licenses);
    let terminal = place.terminal(&world, &["report", "strangers"], 120);
    terminal.wait_for("leaves the user record");
    keep_settled(&terminal, "strangers");
}
