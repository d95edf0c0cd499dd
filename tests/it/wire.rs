//! The real wire against servers that misbehave: raw sockets on loopback, one answer each.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use qroll::connectors::http::{ReqwestWire, WireOptions};
use qroll::ports::{Method, Secret, Wire as _, WireFailure, WireRequest, WireResponse};

/// What a server does once it has read a request.
#[derive(Clone)]
enum Act {
    /// Sends these bytes and closes.
    Say(Vec<u8>),
    /// Closes with a reset.
    Reset,
    /// Sends these bytes, then nothing.
    Stall(Vec<u8>),
}

struct Server {
    port: u16,
    requests: Arc<AtomicUsize>,
    last: Arc<std::sync::Mutex<String>>,
}

async fn serve(act: Act) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("what the test set up");
    let server = Server {
        port: listener.local_addr().expect("what the test set up").port(),
        requests: Arc::default(),
        last: Arc::default(),
    };
    let (requests, last) = (server.requests.clone(), server.last.clone());
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (act, requests, last) = (act.clone(), requests.clone(), last.clone());
            tokio::spawn(answer(socket, act, requests, last));
        }
    });
    server
}

async fn answer(
    mut socket: TcpStream,
    act: Act,
    requests: Arc<AtomicUsize>,
    last: Arc<std::sync::Mutex<String>>,
) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        match socket.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => head.extend_from_slice(&buffer[..read]),
        }
    }
    requests.fetch_add(1, Ordering::SeqCst);
    *last.lock().expect("what the test set up") =
        String::from_utf8(head).expect("what the test set up");
    match act {
        Act::Say(bytes) => socket
            .write_all(&bytes)
            .await
            .expect("what the test set up"),
        Act::Reset => socket.set_zero_linger().expect("what the test set up"),
        Act::Stall(bytes) => {
            socket
                .write_all(&bytes)
                .await
                .expect("what the test set up");
            // Until the client gives up.
            let _ = socket.read(&mut buffer).await;
        }
    }
}

fn request(port: u16, method: Method) -> WireRequest {
    WireRequest {
        method,
        url: format!("http://127.0.0.1:{port}/api/v1/users")
            .parse()
            .expect("what the test set up"),
        headers: vec![("accept", "application/json".to_owned())],
        authorization: Some(Secret::new("Bearer t0ken")),
        body: None,
        deadline: Duration::from_secs(20),
        body_cap: 1 << 20,
    }
}

fn wire() -> ReqwestWire {
    ReqwestWire::new(&WireOptions {
        extra_ca: None,
        no_proxy: true,
    })
    .expect("what the test set up")
}

async fn exchange(act: Act) -> (Server, Result<WireResponse, WireFailure>) {
    let server = serve(act).await;
    let answer = wire().send(request(server.port, Method::Post)).await;
    assert_eq!(
        server.requests.load(Ordering::SeqCst),
        1,
        "one call is one request"
    );
    (server, answer)
}

fn said(text: &str) -> Act {
    Act::Say(text.as_bytes().to_vec())
}

fn is_ambiguous(answer: &Result<WireResponse, WireFailure>) -> bool {
    matches!(answer, Err(WireFailure::Ambiguous(_)))
}

#[tokio::test]
async fn a_whole_answer_arrives_whole() {
    let (server, answer) = exchange(said(
        "HTTP/1.1 201 Created\r\nX-B3-TraceId: abc\r\nContent-Length: 2\r\n\r\n{}",
    ))
    .await;
    let answer = answer.expect("what the test set up");
    assert_eq!((answer.status, &answer.body[..]), (201, &b"{}"[..]));
    assert_eq!(
        answer
            .header("x-b3-traceid")
            .expect("what the test set up")
            .expose(),
        "abc"
    );
    let head = server
        .last
        .lock()
        .expect("what the test set up")
        .to_lowercase();
    assert!(head.contains("user-agent: qroll/"), "{head}");
    assert!(head.contains("authorization: bearer t0ken"), "{head}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let other = serve(said("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")).await;
    for status in [301, 302, 307, 308] {
        let (_, answer) = exchange(said(&format!(
            "HTTP/1.1 {status} Go\r\nLocation: http://127.0.0.1:{}/x\r\nContent-Length: 0\r\n\r\n",
            other.port
        )))
        .await;
        assert_eq!(answer.expect("what the test set up").status, status);
    }
    assert_eq!(other.requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn broken_answers_are_ambiguous_and_never_sent_again() {
    for act in [
        said("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":["),
        said("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
        said("HTTP/1.1 200 OK\r\nContent-Len"),
        said("this is not HTTP\r\n\r\n"),
        said(""),
        Act::Reset,
    ] {
        let (_, answer) = exchange(act).await;
        assert!(is_ambiguous(&answer), "{answer:?}");
    }
}

#[tokio::test]
async fn a_body_beyond_the_cap_is_refused() {
    let big = "x".repeat((1 << 20) + 1);
    let (_, answer) = exchange(said(&format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{big}",
        big.len()
    )))
    .await;
    assert!(is_ambiguous(&answer), "{answer:?}");
}

#[tokio::test]
async fn a_gzip_bomb_is_refused_by_its_decoded_size() {
    // Four mebibytes of zeros in less than thirty kilobytes, against a cap of one mebibyte.
    let bomb = bomb(4 << 20);
    assert!(bomb.len() < 30_000);
    let mut bytes = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        bomb.len()
    )
    .into_bytes();
    bytes.extend_from_slice(&bomb);
    let (_, answer) = exchange(Act::Say(bytes)).await;
    assert!(is_ambiguous(&answer), "{answer:?}");
}

/// A gzip stream of one fixed-Huffman block: a zero byte, then 258-byte matches at distance one,
/// `size` bytes in all.
pub(crate) fn bomb(size: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push(0b1, 1);
    bits.push(0b01, 2);
    bits.huffman(0b0011_0000, 8);
    for _ in 0..size / 258 {
        // Length 258 is code 285, eight bits 11000101; distance 1 is code 0, five bits.
        bits.huffman(0b1100_0101, 8);
        bits.huffman(0, 5);
    }
    bits.huffman(0, 7);
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    bytes.extend(bits.finish());
    bytes.extend([0; 8]);
    bytes
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for at in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let bit = u8::try_from((value >> at) & 1).expect("what the test set up");
            *self.bytes.last_mut().expect("what the test set up") |= bit << (self.used % 8);
            self.used += 1;
        }
    }

    /// Huffman codes are packed from their most significant bit.
    fn huffman(&mut self, code: u32, count: u32) {
        for at in (0..count).rev() {
            self.push((code >> at) & 1, 1);
        }
    }

    fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

#[tokio::test]
async fn a_slow_answer_ends_at_the_deadline() {
    for start in ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"] {
        let server = serve(Act::Stall(start.as_bytes().to_vec())).await;
        let mut request = request(server.port, Method::Patch);
        request.deadline = Duration::from_millis(300);
        let answer = wire().send(request).await;
        assert!(is_ambiguous(&answer), "{answer:?}");
        assert_eq!(server.requests.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_line_without_a_byte_is_given_up_long_before_the_deadline() {
    let start = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec();
    for start in [Vec::new(), start] {
        let server = serve(Act::Stall(start)).await;
        let options = WireOptions {
            no_proxy: true,
            ..WireOptions::default()
        };
        let wire = ReqwestWire::with_idle(&options, Duration::from_millis(200));
        let wire = wire.expect("what the test set up");
        let begun = std::time::Instant::now();
        let answer = wire.send(request(server.port, Method::Post)).await;
        assert!(is_ambiguous(&answer), "{answer:?}");
        assert!(
            begun.elapsed() < Duration::from_secs(15),
            "the deadline is 20 s"
        );
        assert_eq!(server.requests.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn nobody_at_home_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("what the test set up");
    let port = listener.local_addr().expect("what the test set up").port();
    drop(listener);
    let answer = wire().send(request(port, Method::Post)).await;
    assert!(matches!(answer, Err(WireFailure::NotSent(_))), "{answer:?}");
    let mut request = request(port, Method::Post);
    request.url = "https://no-such-host.invalid/"
        .parse()
        .expect("what the test set up");
    let answer = wire().send(request).await;
    assert!(matches!(answer, Err(WireFailure::NotSent(_))), "{answer:?}");
}

#[tokio::test]
async fn clear_http_to_another_host_is_not_sent() {
    let mut request = request(80, Method::Get);
    request.url = "http://license/v1/licenses/assignments?page=x"
        .parse()
        .expect("what the test set up");
    let answer = wire().send(request).await;
    assert!(matches!(answer, Err(WireFailure::NotSent(_))), "{answer:?}");
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_got_nothing() {
    let server = serve(said("HTTP/1.1 400 Bad Request\r\n\r\n")).await;
    let mut request = request(server.port, Method::Post);
    request.url = format!("https://127.0.0.1:{}/", server.port)
        .parse()
        .expect("what the test set up");
    request.deadline = Duration::from_secs(2);
    let answer = wire().send(request).await;
    assert!(!matches!(answer, Ok(_) | Err(WireFailure::Untrusted(_))));
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);
}
