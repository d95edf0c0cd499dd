//! TLS and HTTP/2 as the real wire meets them: a certificate that is not trusted is final and got
//! nothing, `--ca-file` adds to what is trusted, and what HTTP/2 lets a library resend is not.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use qroll::connectors::http::{ReqwestWire, WireOptions};
use qroll::ports::{Method, Secret, Wire as _, WireFailure, WireRequest};

use crate::proof;

const CA: &[u8] = include_bytes!("certificates/ca.pem");
// Keys of certificates for 127.0.0.1 and for elsewhere.example that nobody but these tests trusts.
const HERE: [&[u8]; 2] = [
    include_bytes!("certificates/here.pem"),
    include_bytes!("certificates/here.key"),
];
const ELSEWHERE: [&[u8]; 2] = [
    include_bytes!("certificates/elsewhere.pem"),
    include_bytes!("certificates/elsewhere.key"),
];

type Line<'a> = Stream<'a, ServerConnection, TcpStream>;

struct Server {
    port: u16,
    requests: Arc<AtomicUsize>,
}

/// Serves connections with this certificate and protocol, each as `talk` does.
fn serve(
    [certificate, key]: [&[u8]; 2],
    protocol: &[u8],
    talk: fn(&mut Line<'_>, &AtomicUsize) -> std::io::Result<()>,
) -> Server {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate)
        .map(|one| one.expect("a certificate"))
        .collect();
    let key = PrivateKeyDer::from_pem_slice(key).expect("a key");
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("they belong together");
    config.alpn_protocols = vec![protocol.to_vec()];
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let server = Server {
        port: listener.local_addr().expect("an address").port(),
        requests: Arc::default(),
    };
    let requests = Arc::clone(&server.requests);
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let (config, requests) = (Arc::clone(&config), Arc::clone(&requests));
            std::thread::spawn(move || {
                let mut socket = socket.expect("a connection");
                let mut tls = ServerConnection::new(config).expect("a session");
                // A client that turns away is what some of these are about.
                let _ = talk(&mut Stream::new(&mut tls, &mut socket), &requests);
            });
        }
    });
    server
}

fn one(line: &mut Line<'_>, requests: &AtomicUsize) -> std::io::Result<()> {
    let mut head = [0; 8192];
    if line.read(&mut head)? > 0 {
        requests.fetch_add(1, Ordering::SeqCst);
        line.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")?;
    }
    line.conn.send_close_notify();
    line.flush()
}

fn frame(kind: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, 0];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Speaks just enough HTTP/2 to refuse every request with the frames that `refuse` makes.
fn refusing(
    line: &mut Line<'_>,
    requests: &AtomicUsize,
    refuse: fn(u32) -> Vec<u8>,
) -> std::io::Result<()> {
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    let mut preface = [0; 24];
    line.read_exact(&mut preface)?;
    line.write_all(&frame(SETTINGS, 0, &[]))?;
    loop {
        let mut head = [0; 9];
        line.read_exact(&mut head)?;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        line.read_exact(&mut vec![0; length])?;
        if head[3] == HEADERS {
            requests.fetch_add(1, Ordering::SeqCst);
            line.write_all(&refuse(stream))?;
            line.flush()?;
        }
    }
}

/// `RST_STREAM` with `REFUSED_STREAM` (RFC 9113, 7): "may be retried".
fn refused_stream(line: &mut Line<'_>, requests: &AtomicUsize) -> std::io::Result<()> {
    refusing(line, requests, |stream| {
        frame(3, stream, &7_u32.to_be_bytes())
    })
}

/// GOAWAY with `NO_ERROR` that leaves out the request's stream: "was not processed".
fn goaway(line: &mut Line<'_>, requests: &AtomicUsize) -> std::io::Result<()> {
    refusing(line, requests, |_| frame(7, 0, &[0; 8]))
}

async fn post(port: u16, extra_ca: Option<&[u8]>) -> Result<u16, WireFailure> {
    let options = WireOptions {
        no_proxy: true,
        extra_ca: extra_ca.map(<[u8]>::to_vec),
    };
    let wire = ReqwestWire::new(&options).expect("a client");
    let request = WireRequest {
        method: Method::Post,
        url: format!("https://127.0.0.1:{port}/api/v1/users")
            .parse()
            .expect("a url"),
        headers: Vec::new(),
        authorization: Some(Secret::new("Bearer canary")),
        body: Some("{}".into()),
        deadline: Duration::from_secs(20),
        body_cap: 1 << 20,
    };
    wire.send(request).await.map(|response| response.status)
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_final_and_a_ca_file_adds_trust() {
    let here = serve(HERE, b"http/1.1", one);
    let answer = post(here.port, None).await;
    assert!(
        matches!(answer, Err(WireFailure::Untrusted(_))),
        "{answer:?}"
    );
    assert_eq!(here.requests.load(Ordering::SeqCst), 0);
    assert_eq!(post(here.port, Some(CA)).await, Ok(204));
    let elsewhere = serve(ELSEWHERE, b"http/1.1", one);
    let answer = post(elsewhere.port, Some(CA)).await;
    assert!(
        matches!(answer, Err(WireFailure::Untrusted(_))),
        "{answer:?}"
    );
    assert_eq!(elsewhere.requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn proof_t6_http2_refusals_are_not_sent_again_by_the_library() {
    let row = proof::Row::begin("T6", "REFUSED_STREAM and GOAWAY over TLS and HTTP/2");
    let mut wrong = Vec::new();
    for (name, talk) in [
        (
            "REFUSED_STREAM",
            refused_stream as fn(&mut Line<'_>, &AtomicUsize) -> _,
        ),
        ("GOAWAY", goaway),
    ] {
        let server = serve(HERE, b"h2", talk);
        let answer = post(server.port, Some(CA)).await;
        let sent = server.requests.load(Ordering::SeqCst);
        if sent != 1 || !matches!(answer, Err(WireFailure::Ambiguous(_))) {
            wrong.push(format!("{name}: {sent} on the wire, {answer:?}"));
        }
    }
    for line in &wrong {
        println!("{line}");
    }
    row.end("2 faults", wrong.len());
}
