//! A world of its own for one round: a small tenant, a directory file, and a plan of 48 operations
//! of five kinds (8 new users, 16 licenses in two batches, 8 role lists, 16 space assignments).

use qroll::commit::{Content, read};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use crate::cli::place::{Place, World, plan};

/// The space that everybody gets.
const SPACE: &str = "Room 01";
/// The tenant role that everybody gets.
const ROLE: &str = "SharedSpaceCreator";

/// A world, a place beside it, and a plan in `plan.json`.
pub(super) struct Site {
    pub(super) world: World,
    pub(super) place: Place,
    pub(super) plan: Value,
}

/// A journal as it lies there.
pub(super) struct Kept {
    pub(super) path: PathBuf,
    pub(super) content: Content,
}

impl Site {
    /// The usual site: 8 new and 8 old people.
    pub(super) fn new(faults: &[String], latency: u64) -> Self {
        Self::sized(8, faults, latency)
    }

    /// So many new people and as many old ones. The faults begin after the plan is made, which
    /// reads and writes nothing that they are about.
    pub(super) fn sized(people: u64, faults: &[String], latency: u64) -> Self {
        let place = Place::new();
        let scenario = format!(
            "title = \"A siege\"\nseed = 3\n[tenant]\nallotments = [\
             {{ name = \"professional\", units = 100 }}, {{ name = \"analyzer\", units = 300 }}]\n\
             [[users]]\ncount = {people}\n\
             user = {{ subject = \"old-{{n}}\", license = \"analyzer\", email = \"old-{{n}}@corp.example\" }}\n\
             [[spaces]]\nname = \"Room {{n}}\"\ncount = 2\n"
        );
        let scenario = place.write("world.toml", &scenario);
        let latency = latency.to_string();
        let scenario = scenario.to_string_lossy().into_owned();
        let mut arguments = vec!["--scenario", &scenario, "--latency-ms", &latency];
        for fault in faults {
            arguments.extend(["--fault", fault]);
        }
        let world = World::start(&arguments);
        place.with_file(&world, "people.csv");
        place.write("people.csv", &table(people));
        let mut site = Self {
            world,
            place,
            plan: Value::Null,
        };
        site.make_plan();
        site
    }

    /// Makes the plan anew, as somebody does who wishes the same again.
    pub(super) fn make_plan(&mut self) {
        for _ in 0..20 {
            let space = format!("{SPACE}=consumer");
            let arguments = ["--all", "--license", "professional", "--space", &space];
            let arguments = [&["plan"], &arguments[..], &["--role", ROLE]].concat();
            let made = [&arguments[..], &["--out", "plan.json"]].concat();
            let made = self.place.run_in(&self.world, &made);
            if made.code == 2 {
                self.plan = plan(&self.place.path("plan.json"));
                return;
            }
            // A read was struck by a fault.
            assert_eq!(made.code, 1, "{}{}", made.err, made.out);
        }
        panic!("no plan in twenty attempts");
    }

    /// Operations that a plan for the same wish still has; `None` when it could not be made.
    pub(super) fn left_to_do(&self) -> Option<u64> {
        let space = format!("{SPACE}=consumer");
        let arguments = ["plan", "--all", "--license", "professional"];
        let arguments = [&arguments[..], &["--space", &space, "--role", ROLE]].concat();
        let arguments = [&arguments[..], &["--json"]].concat();
        (0..20).find_map(|_| {
            let made = self.place.run_in(&self.world, &arguments);
            matches!(made.code, 0 | 2).then(|| {
                let said = made.last_json();
                said["summary"]["operations"].as_u64().unwrap_or(u64::MAX)
            })
        })
    }

    /// The program with the world's secret, its output piped.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.place.command(arguments);
        command
            .env("QROLL_TENANT_SECRET", self.world.text("api_key"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(super) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().expect("qroll starts")
    }

    /// The journal of the newest run, when there is one. Names tell the second only, and a run that
    /// died before its header leaves an empty journal.
    pub(super) fn kept(&self) -> Option<Kept> {
        let read = |path: PathBuf| {
            let bytes = fs::read(&path).expect("the journal");
            Kept {
                content: read(&bytes),
                path,
            }
        };
        let journals = self.journals().into_iter().map(read);
        journals.max_by_key(|kept| kept.content.header().map(|header| header.at))
    }

    /// All journals, oldest first.
    pub(super) fn journals(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.place.path("state/runs")) else {
            return Vec::new();
        };
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "journal"))
            .collect();
        paths.sort();
        paths
    }

    /// What goes on with the plan: `resume` when a run began, else `apply`.
    pub(super) fn go_on(&self) -> &'static [&'static str] {
        let begun = self
            .kept()
            .is_some_and(|kept| kept.content.header().is_some());
        if begun {
            &["resume", "--json"]
        } else {
            &["apply", "plan.json", "--yes", "--json"]
        }
    }

    /// Goes on until the run is finished; what the last process said. `None` after 40 processes.
    pub(super) fn finish(&self) -> Option<Output> {
        for _ in 0..40 {
            let child = self.start(self.go_on());
            let output = child.wait_with_output().expect("the end");
            if self.kept().is_some_and(|kept| kept.content.is_finished()) {
                return Some(output);
            }
        }
        None
    }

    /// Subjects of the tenant's users by id, asked of the tenant itself.
    pub(super) fn subjects(&self) -> BTreeMap<String, String> {
        let said = (0..20)
            .map(|_| ask(&self.world, "GET", "/api/v1/users?limit=100", ""))
            .find(|(status, _)| *status == 200);
        let (_, said) = said.expect("the users");
        let users = said["data"].as_array().cloned().unwrap_or_default();
        users
            .iter()
            .filter_map(|user| {
                let text = |name: &str| Some(user[name].as_str()?.to_owned());
                Some((text("id")?, text("subject")?))
            })
            .collect()
    }
}

/// The directory: people who have a user record, and people who have none.
fn table(people: u64) -> String {
    let mut text = "id,name,mail,enabled,groups\n".to_owned();
    for n in 1..=people {
        for kind in ["old", "new"] {
            writeln!(
                text,
                "{kind}-{n},{kind} {n},{kind}-{n}@corp.example,true,Staff"
            )
            .expect("a line");
        }
    }
    text
}

/// One request to the tenant past qroll, as a colleague's browser would send it. Status 0 when the
/// connection was dropped.
pub(super) fn ask(world: &World, method: &str, path: &str, body: &str) -> (u16, Value) {
    let host = world.text("qlik_url").trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("the world listens");
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        world.text("api_key"),
        body.len()
    )
    .expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap_or_default();
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    (
        status.unwrap_or(0),
        serde_json::from_str(body).unwrap_or(Value::Null),
    )
}
