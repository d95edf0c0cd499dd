//! A panic in a task gives the terminal back, ends the program, and tells a place but never the data
//! that was at hand (reliability, E3). The program is this test binary itself, with the real screen
//! and a tenant that is broken: there is no switch for it in the product.

use futures_util::FutureExt as _;
use portable_pty::CommandBuilder;
use qroll::domain::{
    DirectoryGroup, DirectoryGroupId, Guards, Identity, Person, PersonId, Reading, SourceKind,
    SpaceAssignment, SpaceId, TenantInfo, TenantSnapshot, Way,
};
use qroll::host::{RealClock, RealDisk, RealRng};
use qroll::planner::{IdentityRule, SubjectTemplate};
use qroll::ports::{
    Directory, Durable, LoadProgress, MembersAndPeople, Observation, PeopleQuery, Prepared,
    Problem, Question, Reply, Tenant, Work, WriteCall,
};
use qroll::terminal::{Wiring, capabilities};
use std::sync::Arc;

use crate::pty::Terminal;

const CHILD: &str = "QROLL_CHILD";
const SECRET: &str = "Anna Andersson anna@corp.example";

struct Broken;

impl Tenant for Broken {
    fn identify(&self) -> Work<'_, Result<(TenantInfo, Identity), Problem>> {
        panic!("{SECRET}")
    }
    fn load<'a>(
        &'a self,
        _progress: &'a (dyn Fn(LoadProgress) + Send + Sync),
    ) -> Work<'a, Result<TenantSnapshot, Problem>> {
        async { panic!("{SECRET}") }.boxed()
    }
    fn assignments<'a>(
        &'a self,
        _space: &'a SpaceId,
    ) -> Work<'a, Result<Reading<Vec<SpaceAssignment>>, Problem>> {
        panic!("{SECRET}")
    }
    fn observe<'a>(&'a self, _question: &'a Question) -> Work<'a, Result<Observation, Problem>> {
        panic!("{SECRET}")
    }
    fn prepare(&self, _call: &WriteCall) -> Prepared {
        panic!("{SECRET}")
    }
    fn send(&self, _durable: Durable, _call: Prepared) -> Work<'_, Reply> {
        panic!("{SECRET}")
    }
}

impl Directory for Broken {
    fn describe(&self) -> (SourceKind, String) {
        (SourceKind::File, "people.csv".to_owned())
    }
    fn groups<'a>(
        &'a self,
        _search: Option<&'a str>,
    ) -> Work<'a, Result<Reading<Vec<DirectoryGroup>>, Problem>> {
        std::future::pending().boxed()
    }
    fn members<'a>(
        &'a self,
        _group: &'a DirectoryGroupId,
    ) -> Work<'a, Result<Reading<MembersAndPeople>, Problem>> {
        std::future::pending().boxed()
    }
    fn groups_of<'a>(
        &'a self,
        _person: &'a PersonId,
    ) -> Work<'a, Result<Reading<Vec<Way>>, Problem>> {
        std::future::pending().boxed()
    }
    fn people<'a>(
        &'a self,
        _query: &'a PeopleQuery,
    ) -> Work<'a, Result<Reading<Vec<Arc<Person>>>, Problem>> {
        std::future::pending().boxed()
    }
}

fn wiring(state: std::path::PathBuf) -> Wiring {
    Wiring {
        profile: "broken".to_owned(),
        host: "acme.example".to_owned(),
        tenant: Arc::new(Broken),
        directory: Arc::new(Broken),
        rule: IdentityRule::new(SubjectTemplate::parse("{id}").expect("a template")),
        guards: Guards::default(),
        entitled: qroll::domain::Entitled::default(),
        queries: std::collections::BTreeMap::new(),
        keymap: qroll::app::Keymap::default(),
        state,
        clock: Arc::new(RealClock::new()),
        rng: Arc::new(RealRng::new().expect("randomness")),
        disk: Arc::new(RealDisk),
        owner: "test".to_owned(),
        capabilities: capabilities(Some("C.UTF-8"), None, None),
    }
}

#[tokio::test]
#[ignore = "runs as a child of the test below"]
async fn a_child_that_panics() {
    let Some(state) = std::env::var_os(CHILD) else {
        return;
    };
    qroll::cli::panic::install();
    let ended = qroll::terminal::run(wiring(state.into()), Some("xterm")).await;
    // Not through a panic: that is what is looked at.
    let told = ended.err().map(|problem| problem.to_string());
    println!("ended: {}", told.unwrap_or_default());
}

#[test]
fn a_panic_gives_the_terminal_back_and_tells_no_names() {
    let state = tempfile::tempdir().expect("a directory");
    let mut command = CommandBuilder::new(std::env::current_exe().expect("this program"));
    command.args([
        "--exact",
        "tui::panics::a_child_that_panics",
        "--ignored",
        "--nocapture",
    ]);
    command.env(CHILD, state.path());
    let mut terminal = Terminal::spawn(command, 120, 36);
    let before = terminal.modes();
    let screen = terminal.wait("the end", |screen| screen.contains("ended: "));
    assert!(screen.contains("internal error at"), "{screen}");
    assert!(screen.contains("qroll resume"), "{screen}");
    assert!(screen.contains("ended: the screen ended"), "{screen}");
    assert_eq!(terminal.exit_code(), 0);
    assert_eq!(terminal.modes(), before);
    assert!(!terminal.is_full_screen());
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    assert!(raw.contains("\u{1b}[?1049h"), "the screen was there");
    assert!(
        !raw.contains("Andersson") && !raw.contains("anna@"),
        "{raw}"
    );
}
