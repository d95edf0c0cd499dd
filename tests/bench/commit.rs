//! Onboarding 200 people with license and two spaces, through the real binary: `plan`, then `apply`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;

use qroll::simulator::world::Scenario;
use qroll::simulator::{Face, Running, SimulatorOptions, WorldSource};

use crate::table::Table;
use crate::world;

const LATENCY_MS: u64 = 50;

/// By group, and person by person (the same 200 as a list of addresses).
pub(crate) fn measure(table: &mut Table) {
    onboard(
        table,
        "by group",
        "10 s",
        "207 writes: 200 + 4 + 1 + 2",
        |_| vec!["--group".into(), "QLIK_WAVE".into()],
    );
    onboard(
        table,
        "by person",
        "-",
        "604 writes: 200 + 4 + 400",
        |running| {
            let list = running.with_world(|world| {
                let people = world.directory.people.iter().take(200);
                people
                    .map(|person| person.upn.clone())
                    .collect::<Vec<_>>()
                    .join("\n")
            });
            vec!["--people".into(), list]
        },
    );
}

fn onboard(
    table: &mut Table,
    how: &str,
    bar: &str,
    minimum: &str,
    selection: impl Fn(&Running) -> Vec<String>,
) {
    let runtime = world::runtime();
    let running = runtime.block_on(async {
        let scenario = Scenario::parse("onboard", include_str!("onboard.toml")).expect("scenario");
        let options = SimulatorOptions {
            world: WorldSource::Scenario(Box::new(scenario)),
            latency_ms: LATENCY_MS,
            ..SimulatorOptions::default()
        };
        world::serve(options).await
    });
    let home = tempfile::tempdir().expect("a directory");
    let config = world::configuration(&running, home.path());
    let mut arguments = selection(&running);
    if arguments.first().is_some_and(|flag| flag == "--people") {
        let file = home.path().join("people.txt");
        std::fs::write(&file, &arguments[1]).expect("a list");
        arguments[1] = file.display().to_string();
    }
    let rest = [
        "--license",
        "analyzer",
        "--space",
        "Finance=consumer",
        "--space",
        "Sales=consumer",
        "--out",
        "plan.json",
    ];
    arguments.extend(rest.map(str::to_owned));
    let mut plan: Vec<&str> = vec!["plan"];
    plan.extend(arguments.iter().map(String::as_str));
    let made = qroll(&running, home.path(), &config, &plan);
    assert_eq!(
        made.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    qroll(&running, home.path(), &config, &["show", "plan.json"]);
    running.clear_requests();
    let begun = Instant::now();
    let applied = qroll(
        &running,
        home.path(),
        &config,
        &["apply", "plan.json", "--yes"],
    );
    let wall = begun.elapsed();
    assert_eq!(
        applied.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&applied.stderr)
    );
    let (reads, writes) = split(&running.counts(Face::Qlik));
    let throttled = running
        .requests()
        .iter()
        .filter(|request| request.status == 429)
        .count();
    let size = format!("200 people, license, 2 spaces, {how}, 50 ms latency");
    table.row(
        "apply, wall",
        &size,
        bar,
        format!("{:.2} s, {throttled} throttled", wall.as_secs_f64()),
    );
    table.row(
        "apply, requests",
        &size,
        minimum,
        format!("{writes} writes, {reads} reads"),
    );
}

fn split(counts: &BTreeMap<String, usize>) -> (usize, usize) {
    let is_read = |call: &str| call.starts_with("GET") || call.ends_with("/actions/filter");
    let (reads, writes): (Vec<_>, Vec<_>) = counts.iter().partition(|(call, _)| is_read(call));
    (
        reads.into_iter().map(|(_, count)| count).sum(),
        writes.into_iter().map(|(_, count)| count).sum(),
    )
}

fn qroll(running: &Running, home: &Path, config: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_qroll"))
        .args(["--config", &config.display().to_string(), "--state-dir"])
        .arg(home.join("state"))
        .args(arguments)
        .current_dir(home)
        .env("QROLL_TENANT_SECRET", running.api_key())
        .env("QROLL_DIRECTORY_SECRET", &running.graph_client_secret)
        .output()
        .expect("the program runs")
}
