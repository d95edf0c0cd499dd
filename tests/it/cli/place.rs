//! A place of its own for each test: configuration and state in a temporary directory, a clean
//! environment, and the embedded world as a child process.

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

use crate::pty::{Terminal, coverage};

/// A directory with a configuration and a state directory.
pub(crate) struct Place {
    directory: TempDir,
}

/// What a command printed and how it ended.
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("a file");
        path
    }

    /// A profile on the embedded tenant with a file as directory.
    pub(crate) fn with_file(&self, world: &World, file: &str) {
        let text = format!(
            "[profile.test.tenant]\nurl = \"{}\"\nauth = \"api-key\"\n[profile.test.directory]\nkind = \"file\"\npath = \"{file}\"\n",
            world.text("qlik_url")
        );
        self.write("config.toml", &text);
    }

    /// A profile on both faces of the embedded world; `more` is appended.
    pub(crate) fn with_world(&self, world: &World, more: &str) {
        let text = format!(
            "[profile.test.tenant]\nurl = \"{}\"\nauth = \"api-key\"\n\
             [profile.test.directory]\nkind = \"entra\"\ntenant_id = \"{}\"\nclient_id = \"{}\"\nlogin_url = \"{}\"\ngraph_url = \"{}\"\n{more}\n",
            world.text("qlik_url"),
            world.text("directory_tenant"),
            world.text("graph_client_id"),
            world.text("login_url"),
            world.text("graph_url"),
        );
        self.write("config.toml", &text);
    }

    /// The command with this place's configuration and state and no other environment. A plan that
    /// is to be applied without a question is looked at first, as the first run on a tenant wants.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let apply = arguments.iter().position(|one| *one == "apply");
        if let Some(["apply", plan, rest @ ..]) = apply.map(|at| &arguments[at..])
            && rest.contains(&"--yes")
            && !rest.contains(&"--expect")
        {
            let shown = self.unseen(&["show", plan]).output();
            drop(shown.expect("qroll show"));
        }
        self.unseen(arguments)
    }

    /// The same without looking at anything first.
    pub(crate) fn unseen(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin("qroll"));
        command
            .args(arguments)
            .env_clear()
            .envs(coverage())
            .env("HOME", self.directory.path())
            .env("QROLL_CONFIG", self.path("config.toml"))
            .current_dir(self.directory.path())
            .stdin(Stdio::null());
        command.arg("--state-dir").arg(self.path("state"));
        command
    }

    /// Runs without a world's secrets.
    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        done(&self.command(arguments).output().expect("qroll runs"))
    }

    /// Runs with the world's secrets in the environment.
    pub(crate) fn run_in(&self, world: &World, arguments: &[&str]) -> Done {
        self.run_as(world, world.text("api_key"), arguments)
    }

    /// The same without looking at anything first.
    pub(crate) fn run_unseen(&self, world: &World, arguments: &[&str]) -> Done {
        let mut command = self.unseen(arguments);
        command
            .env("QROLL_TENANT_SECRET", world.text("api_key"))
            .env("QROLL_DIRECTORY_SECRET", world.text("graph_client_secret"));
        done(&command.output().expect("qroll runs"))
    }

    /// Runs in a terminal with the world's secrets.
    pub(crate) fn terminal(&self, world: &World, arguments: &[&str], columns: u16) -> Terminal {
        let config = self.path("config.toml");
        let state = self.path("state");
        let mut all = arguments.to_vec();
        let state = state.to_string_lossy();
        all.extend(["--state-dir", &state]);
        Terminal::qroll_with(
            &all,
            self.directory.path(),
            columns,
            40,
            &[
                ("QROLL_CONFIG", &config.to_string_lossy()),
                ("QROLL_TENANT_SECRET", world.text("api_key")),
                ("QROLL_DIRECTORY_SECRET", world.text("graph_client_secret")),
            ],
        )
    }

    /// Runs with another API key.
    pub(crate) fn run_as(&self, world: &World, key: &str, arguments: &[&str]) -> Done {
        let mut command = self.command(arguments);
        command
            .env("QROLL_TENANT_SECRET", key)
            .env("QROLL_DIRECTORY_SECRET", world.text("graph_client_secret"));
        done(&command.output().expect("qroll runs"))
    }
}

pub(crate) fn done(output: &Output) -> Done {
    Done {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Done {
    /// Asserts the exit code, and that the error stream holds each of the parts.
    #[track_caller]
    pub(crate) fn says(&self, code: i32, parts: &[&str]) {
        for part in parts {
            assert!(
                self.err.contains(part),
                "stderr should hold {part:?}:\n{}\n{}",
                self.err,
                self.out
            );
        }
        assert_eq!(self.code, code, "exit code\n{}\n{}", self.err, self.out);
    }

    /// The last line as JSON.
    #[track_caller]
    pub(crate) fn last_json(&self) -> Value {
        let line = self.out.lines().last().unwrap_or_default();
        serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }
}

/// A `qroll sim` child; stopped when dropped.
pub(crate) struct World {
    child: Child,
    said: Value,
}

impl World {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(cargo_bin("qroll"))
            .args(["sim", "--json", "--seconds", "1200"])
            .args(arguments)
            .env_clear()
            .envs(coverage())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("qroll sim starts");
        let mut line = String::new();
        let pipe = child.stdout.take().expect("a pipe");
        BufReader::new(pipe).read_line(&mut line).expect("a line");
        let said = serde_json::from_str(&line).expect("addresses as JSON");
        Self { child, said }
    }

    pub(crate) fn scenario(name: &str) -> Self {
        Self::start(&["--scenario", name])
    }

    pub(crate) fn text(&self, key: &str) -> &str {
        self.said[key]
            .as_str()
            .unwrap_or_else(|| panic!("sim says {key}"))
    }

    /// The end state, as the world itself sees it.
    pub(crate) fn state(&self) -> Value {
        self.get("/__sim/state")
    }

    /// The requests answered so far.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.get("/__sim/requests")
            .as_array()
            .cloned()
            .expect("a list")
    }

    /// Requests to the tenant that change something, token requests left out.
    pub(crate) fn writes(&self) -> usize {
        self.requests()
            .iter()
            .filter(|request| {
                let path = request["path"].as_str().unwrap_or_default();
                request["face"] == "qlik"
                    && request["method"] != "GET"
                    && !path.contains("/oauth/")
                    && !path.ends_with("/actions/filter")
            })
            .count()
    }

    /// Somebody signs in, and makes an app if one is named; whether they could.
    pub(super) fn act(&self, who: &str, app: Option<&str>) -> bool {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("who", who);
        if let Some(app) = app {
            query.append_pair("app", app);
        }
        let path = format!("/__sim/act?{}", query.finish());
        self.call("POST", &path, &Value::Null)["done"] == true
    }

    /// Another administrator calls the tenant.
    pub(super) fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let head = format!(
            "Authorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            self.text("api_key"),
            body.len()
        );
        let text = self.exchange(method, path, &head, &body);
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 2"), "{head}\n{body}");
        serde_json::from_str(body).unwrap_or(Value::Null)
    }

    fn exchange(&self, method: &str, path: &str, head: &str, body: &str) -> String {
        let host = self
            .text("qlik_url")
            .trim_start_matches("http://")
            .to_owned();
        let mut stream = TcpStream::connect(&host).expect("the world listens");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{head}Connection: close\r\n\r\n{body}"
        )
        .expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, path: &str) -> Value {
        let text = self.exchange("GET", path, "", "");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {head}\n{body}"))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads a plan file.
pub(crate) fn plan(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("the plan")).expect("JSON")
}
