//! Between hyper and the faces: reads a request whole, applies faults, writes the reply, keeps the log.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{HeaderMap, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::clock::SimClock;
use super::faults::FaultKind;
use super::http::{Reply, Request, decode_pairs};
use super::log::{Face, LoggedRequest, loggable_body};
use super::serve::{Shared, State};
use super::{graph, qlik};

/// Largest request body read at all.
const READ_CAP: usize = 8 * 1024 * 1024;

/// Why a connection ends without an answer.
#[derive(Debug, Error)]
enum Hangup {
    #[error("the connection is dropped on purpose")]
    Dropped,
    #[error("the request cannot be read: {0}")]
    Unreadable(Box<dyn std::error::Error + Send + Sync>),
}

/// Accepts connections of one face until told to stop.
pub(super) async fn serve_face(
    face: Face,
    listener: TcpListener,
    shared: Arc<Shared>,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                tasks.spawn(serve_connection(face, stream, shared.clone(), stop.clone()));
            }
            // Out of descriptors, or the peer left again: let others run, then go on.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

async fn serve_connection(
    face: Face,
    stream: TcpStream,
    shared: Arc<Shared>,
    stop: CancellationToken,
) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request| {
        let shared = shared.clone();
        async move { answer(face, request, &shared).await }
    });
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        () = stop.cancelled() => {}
        // Hang-ups are part of the game on both sides.
        _ = connection => {}
    }
}

async fn answer(
    face: Face,
    request: hyper::Request<Incoming>,
    shared: &Shared,
) -> Result<Response<Outgoing>, Hangup> {
    let request = read(request).await?;
    if face == Face::Qlik
        && let Some(reply) = control(&request, shared)
    {
        return Ok(respond(&reply, &[]));
    }
    let faults = shared
        .lock()
        .faults
        .strike(face, &request.method, &request.path);
    let wait = faults
        .iter()
        .fold(shared.latency, |sum, fault| match fault {
            FaultKind::Delay(ms) => sum + Duration::from_millis(*ms),
            _ => sum,
        });
    if !wait.is_zero() {
        pause(wait).await;
    }
    let mut state = shared.lock();
    let mut effect = 0;
    let reply = decide(face, &request, &faults, &mut state, &mut effect);
    state.log.push(LoggedRequest {
        face,
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.raw_query.clone(),
        body: loggable_body(&request.path, &request.body),
        status: reply.as_ref().map_or(0, |r| r.status),
        effect,
        at: SimClock::now(),
        authorization_present: request.authorization.is_some(),
    });
    drop(state);
    reply.map(|reply| respond(&reply, &faults))
}

#[expect(
    clippy::disallowed_methods,
    reason = "latency is what is asked for here"
)]
async fn pause(wait: Duration) {
    tokio::time::sleep(wait).await;
}

/// What is answered, with the effect taken or not as the faults say; `effect` becomes the status
/// that the world itself gave.
fn decide(
    face: Face,
    request: &Request,
    faults: &[FaultKind],
    state: &mut State,
    effect: &mut u16,
) -> Result<Reply, Hangup> {
    let mut short = None;
    for fault in faults {
        match fault {
            FaultKind::DropBefore => return Err(Hangup::Dropped),
            FaultKind::Status(status, seconds) => {
                return Ok(refuse(face, request, *status, *seconds, state));
            }
            FaultKind::ExpireCursor => state.world.expire_cursors(),
            FaultKind::ExpireToken => match face {
                Face::Qlik => state.qlik.expire_tokens(),
                Face::Graph => state.graph.expire_tokens(),
            },
            FaultKind::DropWithin(items) => short = first_items(request, *items),
            _ => {}
        }
    }
    let request = short.as_ref().unwrap_or(request);
    let reply = match face {
        Face::Qlik => {
            let State {
                world,
                qlik,
                faults,
                ..
            } = state;
            qlik::route(qlik, world, faults, request)
        }
        Face::Graph => graph::route(&mut state.graph, &state.world, request),
    };
    *effect = reply.status;
    for fault in faults {
        match fault {
            FaultKind::DropAfter | FaultKind::DropWithin(_) => return Err(Hangup::Dropped),
            FaultKind::StatusAfter(status) => return Ok(refuse(face, request, *status, 1, state)),
            _ => {}
        }
    }
    Ok(reply)
}

/// The request with only the first items of its batch; `None` when it carries no batch.
fn first_items(request: &Request, items: u64) -> Option<Request> {
    let mut body: Value = serde_json::from_slice(&request.body).ok()?;
    let batch = body
        .as_object_mut()?
        .values_mut()
        .find_map(Value::as_array_mut)?;
    batch.truncate(usize::try_from(items).unwrap_or(usize::MAX));
    Some(Request {
        body: Bytes::from(body.to_string()),
        ..request.clone()
    })
}

fn refuse(face: Face, request: &Request, status: u16, seconds: u64, state: &mut State) -> Reply {
    match face {
        Face::Qlik => state.qlik.refuse(&request.path, status, seconds),
        Face::Graph => state.graph.refuse(request, status, seconds),
    }
}

/// `GET /__sim/state`, `GET /__sim/requests` and `POST /__sim/act?who=SUBJECT[&app=NAME]` (sign in,
/// and make an app), for tests through the real binary.
fn control(request: &Request, shared: &Shared) -> Option<Reply> {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/__sim/state") => Some(Reply::ok(shared.lock().world.digest())),
        ("GET", "/__sim/requests") => Some(Reply::ok(json!(shared.lock().log))),
        ("POST", "/__sim/act") => Some(act(request, shared)),
        _ => None,
    }
}

fn act(request: &Request, shared: &Shared) -> Reply {
    let who = request.parameter("who").unwrap_or_default();
    let world = &mut shared.lock().world;
    let now = SimClock::now();
    let mut done = world.sign_in(who, now);
    if let Some(app) = request.parameter("app") {
        done &= world.make_app(who, app, now);
    }
    Reply::ok(json!({ "done": done }))
}

async fn read(request: hyper::Request<Incoming>) -> Result<Request, Hangup> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, READ_CAP)
        .collect()
        .await
        .map_err(Hangup::Unreadable)?
        .to_bytes();
    let raw_query = parts.uri.query().unwrap_or_default().to_owned();
    Ok(Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: decode_pairs(raw_query.as_bytes()),
        raw_query,
        content_type: header(&parts.headers, "content-type"),
        authorization: header(&parts.headers, "authorization"),
        consistency_level: header(&parts.headers, "consistencylevel"),
        client_request_id: header(&parts.headers, "client-request-id"),
        body,
    })
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(String::from_utf8_lossy(headers.get(name)?.as_bytes()).into_owned())
}

fn respond(reply: &Reply, faults: &[FaultKind]) -> Response<Outgoing> {
    let (mut bytes, mut kind) = reply.body().unwrap_or((Bytes::new(), ""));
    let has = |fault: &FaultKind| faults.contains(fault);
    let mut status =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if has(&FaultKind::Html) {
        bytes = Bytes::from_static(b"<html><body><h1>Gateway sign-in</h1></body></html>");
        (kind, status) = ("text/html", StatusCode::OK);
    }
    if has(&FaultKind::Malformed) {
        bytes.truncate(bytes.len() * 2 / 3);
    }
    let cut = has(&FaultKind::CutBody) && bytes.len() > 1;
    let mut response = Response::new(Outgoing {
        length: bytes.len(),
        bytes: Some(bytes),
        cut,
        waited: false,
    });
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if !kind.is_empty()
        && let Ok(kind) = kind.parse()
    {
        headers.insert("content-type", kind);
    }
    for (name, value) in &reply.headers {
        if let Ok(value) = value.parse() {
            headers.insert(*name, value);
        }
    }
    response
}

/// A body of known length that can break off half way.
struct Outgoing {
    bytes: Option<Bytes>,
    length: usize,
    cut: bool,
    waited: bool,
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Hangup;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Hangup>>> {
        if let Some(mut bytes) = self.bytes.take() {
            if self.cut {
                bytes.truncate(self.length / 2);
            }
            return Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))));
        }
        if !self.cut {
            return Poll::Ready(None);
        }
        // Waiting once lets hyper put the head and the first half on the wire.
        if std::mem::replace(&mut self.waited, true) {
            return Poll::Ready(Some(Err(Hangup::Dropped)));
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        !self.cut && self.bytes.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        let sent = self.bytes.is_none();
        SizeHint::with_exact(if sent { 0 } else { self.length as u64 })
    }
}
