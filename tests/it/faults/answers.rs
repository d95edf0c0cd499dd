//! Broken answers, byte by byte.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::table::{Say, Twist};

/// An answer taken apart.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("a whole head");
        let head = String::from_utf8(bytes[..end].to_vec()).expect("a head");
        let status = head.split(' ').nth(1).expect("a status");
        Self {
            status: status.parse().expect("a number"),
            body: bytes[end + 4..].to_vec(),
            head,
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{}\r\n\r\n", self.head).into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

fn plain(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {status} Said\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

const JSON: &str = "content-type: application/json\r\n";

/// Takes the refused item out of a batch before it reaches the tenant.
pub(super) fn twist_request(twist: Twist, body: &[u8]) -> Vec<u8> {
    let Twist::Refuse(at) = twist else {
        return body.to_vec();
    };
    let mut body: Value = serde_json::from_slice(body).expect("our own");
    let list = body.as_object_mut().expect("an object").values_mut().next();
    list.and_then(Value::as_array_mut)
        .expect("a list")
        .remove(at);
    serde_json::to_vec(&body).expect("json")
}

fn sent_item(sent: &[u8], at: usize) -> Value {
    let body: Value = serde_json::from_slice(sent).expect("our own");
    let list = body.as_object().and_then(|object| object.values().next());
    list.and_then(|list| list.get(at))
        .cloned()
        .expect("an item")
}

fn twisted(twist: Twist, answer: &Answer, sent: &[u8]) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(&answer.body).expect("the tenant's own");
    let items = body["data"].as_array_mut().expect("a list");
    match twist {
        Twist::Refuse(at) => {
            let mut item = sent_item(sent, at);
            item["status"] = json!(403);
            item["code"] = json!("LICENSES-007");
            item["title"] = json!("Not for this subject");
            items.insert(at, item);
        }
        Twist::Reorder => items.reverse(),
        Twist::Missing(at) => {
            items.remove(at);
        }
        Twist::Double(at) => {
            let mut again = items[at].clone();
            again["status"] = json!(500);
            items.push(again);
        }
        Twist::Unasked(at) => {
            items.insert(
                at,
                json!({"subject": "corp\\somebody", "type": "analyzer", "status": 201}),
            );
        }
        Twist::Strange(at) => items[at]["status"] = json!(299),
        Twist::Words => {
            for item in items.iter_mut() {
                item["status"] = json!(item["status"].to_string());
            }
        }
        Twist::NoStatus(at) => {
            items[at]
                .as_object_mut()
                .expect("an object")
                .remove("status");
        }
    }
    plain(207, JSON, &serde_json::to_vec(&body).expect("json"))
}

/// Says it, and closes. `answer` is what the tenant said, if it was asked.
pub(super) async fn say(
    socket: &mut TcpStream,
    say: &Say,
    answer: Option<Answer>,
    sent: &[u8],
    other: &str,
) {
    let whole = answer.as_ref().map(Answer::bytes).unwrap_or_default();
    match say {
        Say::Reset => socket.set_zero_linger().expect("a socket"),
        Say::Nothing => {}
        Say::CutHead => send(socket, &whole[..20.min(whole.len())]).await,
        Say::CutBody => {
            let answer = answer.expect("it was asked");
            let half = &answer.body[..answer.body.len() / 2];
            let mut bytes = plain(answer.status.max(200), JSON, b"");
            let text = String::from_utf8(bytes).expect("a head");
            bytes = text
                .replace("content-length: 0", "content-length: 900")
                .into();
            bytes.extend_from_slice(half);
            send(socket, &bytes).await;
        }
        Say::CutChunk => {
            let bytes = format!(
                "HTTP/1.1 200 OK\r\n{JSON}transfer-encoding: chunked\r\n\r\n5\r\n{{\"id\"\r\n"
            );
            send(socket, bytes.as_bytes()).await;
        }
        Say::HalfJson => {
            let body = answer.map(|answer| answer.body).unwrap_or_default();
            let half = if body.is_empty() {
                b"{\"id\":"
            } else {
                &body[..body.len() / 2]
            };
            send(socket, &plain(201, JSON, half)).await;
        }
        Say::Stall => hold(socket).await,
        Say::Loris => {
            for byte in whole.iter().cycle() {
                if socket.write_all(&[*byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
        }
        Say::StallInBody => {
            send(
                socket,
                b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"id\"",
            )
            .await;
            hold(socket).await;
        }
        Say::Bomb => {
            let bomb = crate::wire::bomb(17 << 20);
            let kind = format!("{JSON}content-encoding: gzip\r\n");
            send(socket, &plain(200, &kind, &bomb)).await;
        }
        Say::Endless => {
            // Ten gigabytes are announced, and as many come as are taken.
            let head = format!("HTTP/1.1 200 OK\r\n{JSON}content-length: 10737418240\r\n\r\n");
            let block = vec![b' '; 1 << 18];
            if socket.write_all(head.as_bytes()).await.is_ok() {
                while socket.write_all(&block).await.is_ok() {}
            }
        }
        Say::Status(status, headers, body) => {
            let headers = headers.replace("{other}", other);
            send(socket, &plain(*status, &headers, body.as_bytes())).await;
        }
        Say::Item(twist) => {
            let answer = answer.expect("it was asked");
            send(socket, &twisted(*twist, &answer, sent)).await;
        }
    }
}

async fn send(socket: &mut TcpStream, bytes: &[u8]) {
    // The other side may have left; that is its right.
    let _ = socket.write_all(bytes).await;
}

async fn hold(socket: &mut TcpStream) {
    let mut buffer = [0; 64];
    while socket.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}
