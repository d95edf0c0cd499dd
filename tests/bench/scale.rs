//! T12 of the test plan: 100,000 people, 50,000 users, 500 spaces. How long a plan takes, how much
//! memory the program needs, how it answers keys, and how long a journal of 100,000 operations takes
//! to be read again.

use jiff::Timestamp;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use qroll::commit::{self, Answer, Class, Header, Intent, Journal, Judgement, Record, ReplyClass};
use qroll::domain::{
    Allotment, Assignee, Counts, Guards, LicenseAssignment, LicenseWish, Operation, Outcome, Past,
    Plan, Reading, RunId, Snapshot, Space, SpaceAssignment, SpaceType, SpaceWish, Staging, Target,
    Verdict, Wish,
};
use qroll::host::RealDisk;
use qroll::planner::roster::Index;
use qroll::planner::{IdentityRule, PLAN_TTL, PlanInput, Selection, SubjectTemplate, build, file};
use qroll::simulator::world::WorldSize;
use qroll::simulator::{Running, SimulatorOptions};

use crate::start::{memory, open, peak, processor_ticks, shows_everybody};
use crate::table::{Table, thousands};
use crate::{screen, world};

const PEOPLE: usize = 100_000;
const USERS: usize = 50_000;
const SPACES: usize = 500;
/// Assignments of each space.
const ROWS: usize = 40;
const OPERATIONS: usize = 100_000;
const SIZE: &str = "100,000 people, 50,000 users, 500 spaces";

/// All bars of T12, in the order of the test plan.
pub(crate) fn measure(table: &mut Table) {
    let plan = planned(table);
    journal(table, plan);
    screen::staged(table, company(), SIZE);
    processes(table);
}

/// The company of T12, made without a network.
fn company() -> Snapshot {
    let mut snapshot = world::company(PEOPLE, USERS);
    let tenant = &mut snapshot.tenant;
    let users = &tenant.users.value;
    let licenses = users.iter().step_by(2).map(|user| LicenseAssignment {
        subject: user.subject.clone(),
        license: Some("analyzer".into()),
        excess: false,
        created: None,
    });
    tenant.licensing.value.assignments = licenses.collect();
    tenant.licensing.value.allotments = vec![Allotment {
        name: "analyzer".into(),
        units: 90_000,
        used: i64::try_from(USERS / 2).unwrap_or(0),
        overage: 0,
    }];
    tenant.licensing.proof = tenant.users.proof.clone();
    tenant.roles.proof = tenant.users.proof.clone();
    tenant.groups.proof = tenant.users.proof.clone();
    let rows = |space: usize| -> Vec<SpaceAssignment> {
        let row = |number: usize| SpaceAssignment {
            id: format!("row-{space}-{number}").as_str().into(),
            assignee: Assignee::User(users[(space * ROWS + number) % USERS].id.clone()),
            roles: vec!["consumer".into()],
        };
        (0..ROWS).map(row).collect()
    };
    let spaces = (0..SPACES).map(|number| Space {
        id: format!("space-{number}").as_str().into(),
        name: format!("Space {number}").into(),
        kind: SpaceType::Managed,
        owner: None,
        assignable_roles: vec!["consumer".into(), "contributor".into()],
    });
    tenant.spaces = Reading::proven(spaces.collect(), "made for a bench");
    tenant.assignments = (0..SPACES)
        .map(|number| {
            let rows = Reading::proven(rows(number), "made for a bench");
            (format!("space-{number}").as_str().into(), rows)
        })
        .collect();
    snapshot
}

/// Everybody gets a record, a license and a space, planned and written as a file.
fn planned(table: &mut Table) -> Plan {
    let snapshot = company();
    let wish = Wish {
        provision: true,
        license: Some(LicenseWish::Hold("analyzer".into())),
        spaces: [("space-1".into(), SpaceWish::Add(["consumer".into()].into()))].into(),
        ..Wish::default()
    };
    let staging = Staging {
        wishes: [(Target::AllPeople, wish)].into(),
        ..Staging::default()
    };
    let rule = IdentityRule::new(SubjectTemplate::parse("{id}").expect("a template"));
    let watch = Watch::start();
    let index = Index::new(&snapshot, &rule);
    let joined = watch.read();
    let plan = build(&PlanInput {
        index: &index,
        snapshot: &snapshot,
        staging: &staging,
        guards: &Guards::default(),
        selection: &Selection::default(),
        past: &Past::default(),
        now: Timestamp::UNIX_EPOCH,
        ttl: PLAN_TTL,
    });
    let built = watch.read();
    let text = file::to_json(&plan);
    let written = watch.read();
    let size = format!("{SIZE}, {} operations", thousands(plan.operations.len()));
    table.row(
        "plan: joined, built, written as a file",
        &size,
        "5 s",
        format!("{joined}, {built}, {written}"),
    );
    let watch = Watch::start();
    file::parse(text.as_bytes()).expect("what was written is read back");
    let what = "plan file read and checked";
    let size = format!("{} MiB", text.len() >> 20);
    table.row(what, &size, "-", watch.read());
    plan
}

/// A run of 100,000 operations on disk, read again as `qroll runs` does.
fn journal(table: &mut Table, mut plan: Plan) {
    plan.operations.truncate(OPERATIONS);
    let plan = file::seal(plan);
    let home = tempfile::tempdir().expect("a directory");
    let run = RunId::from("20260101T000000Z-bench-0001");
    write_run(home.path(), &run, &plan);
    let size = format!("{} operations", thousands(plan.operations.len()));
    let watch = Watch::start();
    let runs = commit::runs(&RealDisk, home.path()).expect("the runs");
    assert_eq!(runs.len(), 1);
    let listed = watch.read();
    let watch = Watch::start();
    let (_, outcomes) = commit::outcomes(&RealDisk, home.path(), &run).expect("the outcomes");
    assert_eq!(outcomes.len(), plan.operations.len());
    let read = watch.read();
    let what = "journal re-read; then with its plan, every outcome";
    table.row(what, &size, "3 s", format!("{listed}, {read}"));
}

fn write_run(home: &Path, run: &RunId, plan: &Plan) {
    let runs = home.join("runs");
    std::fs::create_dir(&runs).expect("a directory");
    let name = run.expose();
    std::fs::write(runs.join(format!("{name}.plan.json")), file::to_json(plan)).expect("the plan");
    let total = plan.operations.len() as u64;
    let path = runs.join(format!("{name}.journal"));
    let mut journal = Journal::create(&RealDisk, &path, 0).expect("a journal");
    let mut put = |record: &Record| journal.append(record).expect("a record");
    put(&Record::Header(header(run, plan)));
    for operation in &plan.operations {
        let intent = put(&Record::Intent(intent(operation)));
        put(&Record::Outcome(answer(intent)));
        put(&Record::Verdict(judgement(operation)));
    }
    let counts = Counts {
        total,
        applied: total,
        ..Counts::default()
    };
    put(&Record::End {
        counts,
        discarded: false,
        at: Timestamp::UNIX_EPOCH,
    });
    journal.sync().expect("on disk");
}

fn header(run: &RunId, plan: &Plan) -> Header {
    Header {
        run: run.clone(),
        plan: plan.hash.clone(),
        tenant: plan.tenant.id.clone(),
        url: plan.tenant.url.clone(),
        identity: plan.identity.user.clone(),
        tool: "qroll bench".to_owned(),
        owner: "bench".to_owned(),
        proxy: None,
        reverts: None,
        total: plan.operations.len() as u64,
        at: Timestamp::UNIX_EPOCH,
    }
}

fn intent(operation: &Operation) -> Intent {
    Intent {
        operations: vec![operation.id.clone()],
        attempt: 1,
        class: Class::Keyed,
        method: "POST".to_owned(),
        path: "/api/v1/users".to_owned(),
        digest: "0".repeat(64),
        items: Vec::new(),
        at: Timestamp::UNIX_EPOCH,
    }
}

fn answer(intent: u64) -> Answer {
    Answer {
        intent,
        class: ReplyClass::Yes,
        status: Some(201),
        trace: Some("000000000000000000000000".into()),
        id: Some("0123456789abcdef01234567".to_owned()),
        cause: None,
        items: Vec::new(),
        at: Timestamp::UNIX_EPOCH,
    }
}

fn judgement(operation: &Operation) -> Judgement {
    Judgement {
        outcome: Outcome {
            operation: operation.id.clone(),
            verdict: Verdict::Applied,
            status: Some(201),
            millis: 50,
            trace: Some("000000000000000000000000".into()),
        },
        id: Some("0123456789abcdef01234567".to_owned()),
        at: Timestamp::UNIX_EPOCH,
    }
}

/// The real program against a world of that size: the screen with everybody loaded and a plan made,
/// and `qroll plan` over both sides.
fn processes(table: &mut Table) {
    let runtime = world::runtime();
    let running = runtime.block_on(world::serve(SimulatorOptions {
        unlimited: true,
        ..SimulatorOptions::sized(WorldSize {
            people: PEOPLE,
            users: Some(USERS),
            groups: 200,
            spaces: SPACES,
            ..WorldSize::default()
        })
    }));
    let home = tempfile::tempdir().expect("a directory");
    let config = world::configuration(&running, home.path());
    on_screen(table, &running, home.path(), &config);
    by_command(table, &running, home.path(), &config);
}

fn on_screen(table: &mut Table, running: &Running, home: &Path, config: &Path) {
    let mut terminal = open(running, home, config);
    terminal.wait_for("Groups");
    terminal.keys("<enter>");
    terminal.wait("everybody", |screen| {
        screen.lines().any(|line| shows_everybody(line, PEOPLE))
    });
    let loaded = memory(terminal.pid());
    terminal.wait("the tenant", |screen| screen.contains("active"));
    terminal.keys("<tab>");
    // Each key once: a second one would take the first back.
    terminal.keys("*");
    let marked = |screen: &str| screen.lines().filter(|line| line.contains("│ *")).count();
    terminal.wait("marks", |screen| marked(screen) > 10);
    terminal.keys("n");
    terminal.wait("something staged", |screen| !screen.contains(" 0 staged"));
    terminal.keys("p");
    terminal.wait_for("nothing was sent");
    let planned = memory(terminal.pid());
    let what = "peak memory of the screen: everybody loaded, then a plan for everybody";
    table.row(what, SIZE, "512 MiB", format!("{loaded}, {planned}"));
    terminal.keys("q");
    terminal.wait("the question", |screen| screen.contains("staged"));
    terminal.keys("y");
    drop(terminal);
}

fn by_command(table: &mut Table, running: &Running, home: &Path, config: &Path) {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_qroll"))
        .arg("--config")
        .arg(config)
        .arg("--state-dir")
        .arg(home.join("cli"))
        .args(["plan", "--all", "--license", "analyzer", "--json"])
        .args(["--out", "plan.json"])
        .current_dir(home)
        .env("QROLL_TENANT_SECRET", running.api_key())
        .env("QROLL_DIRECTORY_SECRET", &running.graph_client_secret)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the program runs");
    let mut most = 0;
    let status = loop {
        most = most.max(peak(child.id()));
        if let Some(status) = child.try_wait().expect("the program ends") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let wall = begun.elapsed();
    assert_eq!(status.code(), Some(2), "the plan has changes");
    table.row(
        "qroll plan --all over HTTP: wall, peak memory",
        SIZE,
        "-, 512 MiB",
        format!("{}, {} MiB", seconds(wall), most / 1024),
    );
}

fn seconds(span: Duration) -> String {
    format!("{:.2} s", span.as_secs_f64())
}

/// Wall and processor time side by side: on a machine that others use only the latter says how much
/// work it was.
struct Watch {
    begun: Instant,
    ticks: u64,
}

impl Watch {
    fn start() -> Self {
        Self {
            begun: Instant::now(),
            ticks: processor_ticks(std::process::id()),
        }
    }

    fn read(&self) -> String {
        let ticks = processor_ticks(std::process::id()) - self.ticks;
        let processor = Duration::from_millis(ticks * 10);
        let wall = self.begun.elapsed();
        format!("{} (processor {})", seconds(wall), seconds(processor))
    }
}
