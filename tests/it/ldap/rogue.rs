//! A directory server that does what no server should. It speaks just enough of LDAP (RFC 4511) to
//! be asked, and answers as the script of a test says.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Bind,
    /// A search below this base.
    Search(String),
    Other,
}

/// One connection, as a script sees it.
pub(crate) struct Caller {
    stream: TcpStream,
    /// Of the message that is answered.
    id: i64,
    /// The filter of the last search, as bytes: names and values stand in it as they are.
    pub(crate) filter: Vec<u8>,
    /// The attributes that it asked for.
    pub(crate) wanted: Vec<String>,
    /// Searches answered on this connection.
    pub(crate) searches: usize,
    /// Connections before this one.
    pub(crate) before: usize,
}

/// A listening server; it ends with the test's process.
pub(crate) struct Rogue {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
}

impl Rogue {
    /// Listens. Binds succeed and the root is OpenLDAP's unless the script answers first: it returns
    /// whether it did.
    pub(crate) fn start(
        script: impl Fn(&mut Caller, &Asked) -> bool + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (script, counted) = (Arc::new(script), Arc::clone(&connections));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let before = counted.fetch_add(1, Ordering::SeqCst);
                let script = Arc::clone(&script);
                std::thread::spawn(move || {
                    let mut caller = Caller {
                        stream,
                        id: 0,
                        filter: Vec::new(),
                        wanted: Vec::new(),
                        searches: 0,
                        before,
                    };
                    while let Some(asked) = caller.receive() {
                        if !script(&mut caller, &asked) {
                            caller.behave(&asked);
                        }
                    }
                });
            }
        });
        Self { port, connections }
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Caller {
    fn receive(&mut self) -> Option<Asked> {
        let (tag, body) = self.element()?;
        assert_eq!(tag, 0x30, "a message");
        let (_, id, rest) = split(&body);
        self.id = id.iter().fold(0, |sum, byte| sum << 8 | i64::from(*byte));
        let (operation, content, _) = split(rest);
        Some(match operation {
            0x60 => Asked::Bind,
            0x63 => {
                let (_, base, rest) = split(content);
                // Scope, aliases, size limit, time limit, types only; then filter and attributes.
                let rest = (0..5).fold(rest, |rest, _| split(rest).2);
                let (_, filter, rest) = split(rest);
                self.filter = filter.to_vec();
                self.wanted = texts(split(rest).1);
                Asked::Search(String::from_utf8_lossy(base).into_owned())
            }
            _ => Asked::Other,
        })
    }

    fn element(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.stream.read_exact(&mut head).ok()?;
        let mut size = usize::from(head[1]);
        if size & 0x80 != 0 {
            let mut bytes = vec![0; size & 0x7f];
            self.stream.read_exact(&mut bytes).ok()?;
            size = bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        }
        let mut body = vec![0; size];
        self.stream.read_exact(&mut body).ok()?;
        Some((head[0], body))
    }

    fn behave(&mut self, asked: &Asked) {
        match asked {
            Asked::Bind => self.send(&result(0x61, 0, b"", &[])),
            Asked::Search(base) if base.is_empty() => {
                self.entry("", &[("objectClass", &[b"OpenLDAProotDSE"])]);
                self.done(0, "", None);
            }
            Asked::Search(_) => self.done(0, "", None),
            Asked::Other => {}
        }
    }

    /// A whole message of this operation.
    pub(crate) fn send(&mut self, operation: &[u8]) {
        let id = tlv(2, &self.id.to_be_bytes());
        self.raw(&tlv(0x30, &[id, operation.to_vec()].concat()));
    }

    /// These bytes. Nobody may be there any more.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// A person.
    pub(crate) fn person(&mut self, number: usize) {
        let uid = format!("u{number}");
        let id = format!("id-{number}");
        self.entry(
            &format!("uid={uid},dc=x"),
            &[
                ("objectClass", &[b"inetOrgPerson"]),
                ("uid", &[uid.as_bytes()]),
                ("entryUUID", &[id.as_bytes()]),
            ],
        );
    }

    pub(crate) fn entry(&mut self, dn: &str, attributes: &[(&str, &[&[u8]])]) {
        let attributes: Vec<u8> = attributes
            .iter()
            .flat_map(|(name, values)| attribute(name.as_bytes(), values))
            .collect();
        let body = [tlv(4, dn.as_bytes()), tlv(0x30, &attributes)].concat();
        self.send(&tlv(0x64, &body));
    }

    /// The end of a search or of a page of it.
    pub(crate) fn done(&mut self, code: u8, text: &str, cookie: Option<&[u8]>) {
        self.searches += 1;
        let operation = result(0x65, code, text.as_bytes(), &[]);
        let Some(cookie) = cookie else {
            self.send(&operation);
            return;
        };
        let value = tlv(0x30, &[tlv(2, &[0]), tlv(4, cookie)].concat());
        let control = [tlv(4, b"1.2.840.113556.1.4.319"), tlv(4, &value)].concat();
        let controls = tlv(0xa0, &tlv(0x30, &control));
        self.send(&[operation, controls].concat());
    }

    /// Whether the last search's filter holds these bytes.
    pub(crate) fn asks(&self, bytes: &[u8]) -> bool {
        self.filter.windows(bytes.len()).any(|part| part == bytes)
    }

    pub(crate) fn hang_up(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// A result with referrals.
pub(crate) fn result(operation: u8, code: u8, text: &[u8], referrals: &[&str]) -> Vec<u8> {
    let mut body = [tlv(0x0a, &[code]), tlv(4, b""), tlv(4, text)].concat();
    if !referrals.is_empty() {
        let all: Vec<u8> = referrals
            .iter()
            .flat_map(|one| tlv(4, one.as_bytes()))
            .collect();
        body.extend(tlv(0xa3, &all));
    }
    tlv(operation, &body)
}

pub(crate) fn attribute(name: &[u8], values: &[&[u8]]) -> Vec<u8> {
    let values: Vec<u8> = values.iter().flat_map(|value| tlv(4, value)).collect();
    tlv(0x30, &[tlv(4, name), tlv(0x31, &values)].concat())
}

/// Tag, length, value (X.690, definite form).
pub(crate) fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    if let Ok(size @ 0..0x80) = u8::try_from(body.len()) {
        out.push(size);
    } else {
        out.push(0x84);
        out.extend(u32::try_from(body.len()).expect("a size").to_be_bytes());
    }
    out.extend(body);
    out
}

fn texts(mut bytes: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let (_, text, rest) = split(bytes);
        all.push(String::from_utf8_lossy(text).into_owned());
        bytes = rest;
    }
    all
}

/// The first element: its tag, its value, and what follows.
fn split(bytes: &[u8]) -> (u8, &[u8], &[u8]) {
    let (tag, mut size, mut at) = (bytes[0], usize::from(bytes[1]), 2);
    if size & 0x80 != 0 {
        let count = size & 0x7f;
        size = bytes[2..2 + count]
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        at += count;
    }
    (tag, &bytes[at..at + size], &bytes[at + size..])
}
