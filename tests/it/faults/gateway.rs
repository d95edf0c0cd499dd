//! A gateway on raw sockets: passes every request on to the embedded tenant and every answer back,
//! but breaks the n-th write in the way of the case. Keeps what arrived and what it did.

use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::answers::{self, Answer};
use super::table::{Effect, Fault, Say};

/// A write as it arrived.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wired {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: Vec<u8>,
}

/// What the tenant really did, by the key of the operation.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) writes: Vec<Wired>,
    pub(super) effects: Vec<String>,
    /// The write that was broken.
    pub(super) struck: Option<Wired>,
    armed: Option<(Fault, usize)>,
    count: usize,
    /// What reads below a path are answered with.
    reads: Option<(&'static str, Say)>,
}

#[derive(Clone)]
pub(super) struct Gateway {
    pub(super) url: String,
    upstream: SocketAddr,
    /// Where redirects point.
    other: String,
    pub(super) seen: Arc<Mutex<Seen>>,
}

impl Gateway {
    /// Starts before the tenant at `upstream`.
    pub(super) async fn start(upstream: &str, other: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let gateway = Self {
            url: format!("http://{}", listener.local_addr().expect("an address")),
            upstream: upstream
                .trim_start_matches("http://")
                .parse()
                .expect("an address"),
            other: other.to_owned(),
            seen: Arc::default(),
        };
        let accepting = gateway.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let one = accepting.clone();
                tokio::spawn(async move { one.serve(socket).await });
            }
        });
        gateway
    }

    /// Breaks the `at`-th write from now on, counted from 0.
    pub(super) fn arm(&self, fault: &Fault, at: usize) {
        let mut seen = self.seen.lock().expect("no test panicked");
        seen.count = 0;
        seen.armed = Some((fault.clone(), at));
    }

    /// Answers reads below this path with that from now on, or no more.
    pub(super) fn on_reads(&self, instead: Option<(&'static str, Say)>) {
        self.seen.lock().expect("no test panicked").reads = instead;
    }

    fn instead(&self, path: &str) -> Option<Say> {
        let seen = self.seen.lock().expect("no test panicked");
        let (below, say) = seen.reads.clone()?;
        path.starts_with(below).then_some(say)
    }

    /// Notes a request; the fault when it is the one to break.
    fn note(&self, wired: &Wired) -> Option<Fault> {
        let mut seen = self.seen.lock().expect("no test panicked");
        seen.writes.push(wired.clone());
        let at = seen.count;
        seen.count += 1;
        let (fault, place) = seen.armed.clone()?;
        if at != place {
            return None;
        }
        seen.armed = None;
        seen.struck = Some(wired.clone());
        Some(fault)
    }

    async fn serve(&self, mut socket: TcpStream) {
        let Some((head, mut body)) = read_head(&mut socket).await else {
            return;
        };
        let wired = Wired {
            method: head.split(' ').next().unwrap_or_default().to_owned(),
            path: head.split(' ').nth(1).unwrap_or_default().to_owned(),
            body: Vec::new(),
        };
        let length = content_length(&head);
        while body.len() < length {
            let mut buffer = [0; 4096];
            match socket.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(read) => body.extend_from_slice(&buffer[..read]),
            }
        }
        if !is_write(&wired) {
            if let Some(say) = self.instead(&wired.path) {
                answers::say(&mut socket, &say, None, &body, &self.other).await;
                return;
            }
            let answer = self.forward(&head, &body, None).await;
            let _ = socket.write_all(&answer.bytes()).await;
            return;
        }
        let wired = Wired {
            body: body.clone(),
            ..wired
        };
        match self.note(&wired) {
            None => {
                let answer = self.forward(&head, &body, Some(&wired)).await;
                let _ = socket.write_all(&answer.bytes()).await;
            }
            Some(fault) => self.break_it(socket, fault, &head, &wired).await,
        }
    }

    async fn break_it(&self, mut socket: TcpStream, fault: Fault, head: &str, wired: &Wired) {
        let mut body = wired.body.clone();
        if let Say::Item(twist) = fault.say {
            body = answers::twist_request(twist, &body);
        }
        let answer = match fault.effect {
            Effect::Yes => Some(self.forward(head, &body, Some(wired)).await),
            Effect::No => None,
            Effect::Late => {
                // Once the client has given up and looked for the first time.
                let mut rest = Vec::new();
                let _ = socket.read_to_end(&mut rest).await;
                tokio::time::sleep(super::desk::scaled(3)).await;
                self.forward(head, &body, Some(wired)).await;
                return;
            }
        };
        answers::say(&mut socket, &fault.say, answer, &wired.body, &self.other).await;
    }

    /// Has the tenant do it, and notes what it did.
    async fn forward(&self, head: &str, body: &[u8], write: Option<&Wired>) -> Answer {
        let mut upstream = TcpStream::connect(self.upstream)
            .await
            .expect("the tenant runs");
        let lines = head.lines().filter(|line| {
            let line = line.to_ascii_lowercase();
            !line.starts_with("connection:") && !line.starts_with("content-length:")
        });
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        let request = format!(
            "{}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            lines.join("\r\n"),
            body.len()
        );
        let mut request = request.into_bytes();
        request.extend_from_slice(body);
        upstream.write_all(&request).await.expect("it listens");
        let mut bytes = Vec::new();
        upstream.read_to_end(&mut bytes).await.expect("it answers");
        let answer = Answer::parse(&bytes);
        if let Some(wired) = write {
            let done = effects(wired, &answer);
            self.seen
                .lock()
                .expect("no test panicked")
                .effects
                .extend(done);
        }
        answer
    }
}

async fn read_head(socket: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            return Some((String::from_utf8(bytes).expect("a head"), body));
        }
        match socket.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

fn content_length(head: &str) -> usize {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().expect("a number"))
}

/// A request that may change the tenant; searches and token requests are posts too.
fn is_write(wired: &Wired) -> bool {
    wired.method != "GET"
        && wired.path != "/oauth/token"
        && !wired.path.ends_with("/actions/filter")
        && !wired.path.ends_with("/actions/count")
}

/// Keys of the operations that the tenant did.
fn effects(wired: &Wired, answer: &Answer) -> Vec<String> {
    if !(200..300).contains(&answer.status) {
        return Vec::new();
    }
    if answer.status == 207 {
        let body: Value = serde_json::from_slice(&answer.body).expect("the tenant's own");
        let items = body["data"].as_array().cloned().unwrap_or_default();
        return items
            .iter()
            .filter(|item| item["status"].as_u64().is_some_and(|status| status < 300))
            .map(|item| item["subject"].as_str().unwrap_or_default().to_owned())
            .collect();
    }
    vec![key(&wired.method, &wired.path, &wired.body)]
}

/// What an operation is recognised by on the wire.
pub(super) fn key(method: &str, path: &str, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    match (method, path) {
        ("POST", "/api/v1/users") => text("subject"),
        ("POST", "/api/v1/groups") => text("name"),
        ("POST", _) => format!("{path} {}", text("assigneeId")),
        _ => path.to_owned(),
    }
}
