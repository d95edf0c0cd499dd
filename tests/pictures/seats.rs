//! The pictures of the Licenses screen: strangers, who does not use a seat, too few seats with those that
//! could be taken back, the first-login check of five people, and a capacity tenant.

use crate::place::{Place, World};
use crate::pty::Terminal;
use crate::trouble::{keep_settled, open_at};

/// Two sizes: comfortable, and all there is.
const SIZES: [(u16, u16, &str); 2] = [(120, 36, ""), (80, 24, "-80x24")];

pub(crate) fn all() {
    for (columns, rows, end) in SIZES {
        let size = (columns, rows);
        strangers(size, &format!("seats-strangers{end}"));
        unused(size, &format!("seats-unused{end}"));
        capacity(size, &format!("seats-capacity{end}"));
        check(size, &format!("check{end}"));
    }
    shortage((120, 36), "seats-short");
    shortage((80, 24), "seats-short-80x24");
}

fn desk(scenario: &str, licenses: &str, size: (u16, u16)) -> (World, Place, Terminal) {
    let (world, place) = (World::scenario(scenario), Place::new());
    place.with_world(&world, &format!("[profile.test.licenses]\n{licenses}"));
    let terminal = open_at(&world, &place, size);
    terminal.wait("both sides", |screen| screen.contains("just now"));
    (world, place, terminal)
}

fn strangers(size: (u16, u16), name: &str) {
    let licenses = "approved = [\"QLIK_ANALYZERS\"]\n\
        except = [{ who = \"ingrid.solberg@corp.example\", why = \"board\" }, \
        { who = \"aiko.mori@corp.example\", why = \"pilot\" }]";
    let (_world, _place, mut terminal) = desk("s3", licenses, size);
    terminal.keys("2");
    terminal.wait("the directory", |screen| {
        screen.contains("strangers 13") && !screen.contains("still being read")
    });
    terminal.keys("f");
    terminal.wait_for("Show only");
    terminal.keys("1");
    terminal.wait_for(">strangers 13");
    terminal.keys("<space><space><space>");
    terminal.keys("l");
    terminal.wait_for("License for 3 marked rows");
    terminal.keys("t");
    terminal.wait_for("-3");
    keep_settled(&terminal, name);
}

/// The last use read, of everybody with a seat.
fn looked(size: (u16, u16)) -> (World, Place, Terminal) {
    let licenses = "approved = [\"QLIK_PRO\", \"QLIK_ANALYZERS\"]";
    let (world, place, mut terminal) = desk("s5", licenses, size);
    terminal.keys("2");
    terminal.wait("the directory", |screen| {
        screen.contains("230 seats") && !screen.contains("still being read")
    });
    terminal.keys("L");
    terminal.wait_for("When were they last seen?");
    terminal.keys("r");
    terminal.wait_for("unused 90 d 35");
    (world, place, terminal)
}

fn unused(size: (u16, u16), name: &str) {
    let (_world, _place, mut terminal) = looked(size);
    terminal.keys("f");
    terminal.wait_for("Show only");
    terminal.keys("2");
    terminal.wait_for("only: unused");
    keep_settled(&terminal, name);
}

/// Two hundred seats are taken, four more are wished for.
fn shortage(size: (u16, u16), name: &str) {
    let (_world, _place, mut terminal) = looked(size);
    terminal.keys("/");
    terminal.wait_for("/ ");
    terminal.keys("license:analyzer<enter>");
    terminal.wait_for("0 marked of 30 shown");
    terminal.keys("<space><space><space><space>");
    terminal.keys("l");
    terminal.wait_for("License for 4 marked rows");
    terminal.keys("p");
    terminal.wait_for("4 short");
    terminal.keys("w");
    terminal.wait_for("Seats do not suffice");
    terminal.keys("t");
    terminal.wait_for("of 22 shown");
    keep_settled(&terminal, name);
}

fn capacity(size: (u16, u16), name: &str) {
    let (_world, _place, mut terminal) = desk("s11", "approved = [\"QLIK_USERS\"]", size);
    terminal.keys("2");
    terminal.wait_for("A capacity subscription");
    keep_settled(&terminal, name);
}

/// Five people: one would get in, four would not, each for one cause.
fn check(size: (u16, u16), name: &str) {
    let (_world, _place, mut terminal) = desk("s2", "approved = [\"QLIK_ANALYZERS\"]", size);
    terminal.keys("<home><down><down><space>");
    terminal.wait_for("[x] QLIK");
    terminal.keys("<down><space>");
    terminal.wait_for("[x] Sales");
    terminal.keys("<tab>/~complete|nolicense|nested|wrongrole|disabled<enter>");
    terminal.wait_for("5 of 35");
    for _ in 0..5 {
        // What people may in spaces is read while one looks at them.
        terminal.keys("<down>");
        std::thread::sleep(std::time::Duration::from_millis(400));
    }
    terminal.keys("k");
    terminal.wait_for("4 would not");
    keep_settled(&terminal, name);
}
