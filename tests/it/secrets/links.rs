//! Hostile next links and redirects. Two servers: the one the credential belongs to, and one that
//! must never see it.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use qroll::connectors::entra::{Credential, EntraConfig, EntraDirectory};
use qroll::connectors::http::{ReqwestWire, WireOptions};
use qroll::connectors::qlik::{QlikCredential, QlikTenant};
use qroll::host::{RealClock, RealRng};
use qroll::ports::{Directory as _, Secret, Tenant as _};

use crate::proof;

const CANARY: &str = "canary-of-the-credential-4711";

/// A server that notes the heads of requests.
struct Server {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers each request with what `answer` makes of its head and the port.
    async fn start(answer: impl Fn(&str, u16) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let (noted, answer) = (Arc::clone(&heads), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
                tokio::spawn(async move {
                    let mut bytes = vec![0; 16_384];
                    let read = socket.read(&mut bytes).await.unwrap_or(0);
                    let head = String::from_utf8_lossy(&bytes[..read]).into_owned();
                    let said = answer(&head, port);
                    noted.lock().expect("no test panicked").push(head);
                    let _ = socket.write_all(said.as_bytes()).await;
                });
            }
        });
        Self { port, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no test panicked").clone()
    }
}

fn json(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Links that lead away, or that a careless reader takes for our own. `{home}` and `{away}` are
/// ports; `{path}` is the path that was asked for.
const LINKS: [&str; 28] = [
    "http://127.0.0.1:{away}{path}?next=c2",
    "http://127.0.0.2:{away}{path}?next=c2",
    "http://localhost:{away}{path}?next=c2",
    "http://[::1]:{away}{path}?next=c2",
    "//127.0.0.1:{away}{path}?next=c2",
    "///127.0.0.1:{away}{path}?next=c2",
    "\\\\127.0.0.1:{away}{path}?next=c2",
    "/\\127.0.0.1:{away}{path}?next=c2",
    "http:\\\\127.0.0.1:{away}{path}?next=c2",
    "http:/127.0.0.1:{away}{path}?next=c2",
    "http://127.0.0.1:{home}@127.0.0.1:{away}{path}?next=c2",
    "http://u:p@127.0.0.1:{away}{path}?next=c2",
    "http://127.0.0.1:{home}\\@127.0.0.1:{away}{path}?next=c2",
    "http://127.0.0.1:{away}#@127.0.0.1:{home}{path}?next=c2",
    "http://127.0.0.1:{away}?@127.0.0.1:{home}{path}&next=c2",
    "http://127。0。0。1:{away}{path}?next=c2",
    "http://１２７.0.0.1:{away}{path}?next=c2",
    "http://2130706433:{away}{path}?next=c2",
    "http://0x7f.1:{away}{path}?next=c2",
    "http://127.0.0.1:{away}/%2e%2e/{path}?next=c2",
    "https://127.0.0.1:{away}{path}?next=c2",
    "HTTP://127.0.0.1:{away}{path}?next=c2",
    " http://127.0.0.1:{away}{path}?next=c2",
    "ht\ntp://127.0.0.1:{away}{path}?next=c2",
    "ftp://127.0.0.1:{away}{path}?next=c2",
    "http://127.0.0.1:{home}/elsewhere?next=c2",
    "http://license/v1/licenses/assignments?page=c2",
    "javascript:fetch('//127.0.0.1:{away}')?next=c2",
];

fn link(form: &str, home: u16, away: u16, path: &str) -> String {
    form.replace("{home}", &home.to_string())
        .replace("{away}", &away.to_string())
        .replace("{path}", path)
}

fn wire() -> Arc<ReqwestWire> {
    let options = WireOptions {
        no_proxy: true,
        ..WireOptions::default()
    };
    Arc::new(ReqwestWire::new(&options).expect("a client"))
}

fn qlik(port: u16) -> QlikTenant {
    QlikTenant::new(
        wire(),
        Arc::new(RealClock::new()),
        Arc::new(RealRng::new().expect("randomness")),
        &format!("http://127.0.0.1:{port}").parse().expect("a url"),
        QlikCredential::ApiKey(Secret::new(CANARY)),
    )
    .expect("a tenant")
}

fn graph(port: u16) -> EntraDirectory {
    let url: url::Url = format!("http://127.0.0.1:{port}").parse().expect("a url");
    let config = EntraConfig {
        login_url: url.clone(),
        graph_url: url,
        tenant_id: "corp.example".into(),
        client_id: "c".into(),
        credential: Credential::Secret(Secret::new("s")),
    };
    EntraDirectory::new(
        wire(),
        Arc::new(RealClock::new()),
        Arc::new(RealRng::new().expect("randomness")),
        config,
    )
    .expect("a directory")
}

/// What the other server saw, and where at home the credential went besides `path`.
fn judge(form: &str, home: &Server, away: &Server, path: &str, wrong: &mut Vec<String>) {
    for head in away.heads() {
        wrong.push(format!("{form}: the other server was asked {head}"));
    }
    for head in home.heads() {
        let target = head.split(' ').nth(1).unwrap_or_default();
        let own = target == path || target.starts_with(&format!("{path}?"));
        let token = target.ends_with("/oauth2/v2.0/token");
        if !own && !token {
            wrong.push(format!("{form}: at home {target} was asked"));
        }
    }
}

/// Of a link of Qlik only the cursor is taken: the read goes on at the address we called.
async fn qlik_links(wrong: &mut Vec<String>) -> usize {
    let path = "/api/v1/spaces/s1/assignments";
    for form in LINKS {
        let away = Server::start(|_, _| json("{}")).await;
        let port = away.port;
        let home = Server::start(move |head, own| {
            if head.lines().next().unwrap_or_default().contains("c2") {
                return json(r#"{"data":[]}"#);
            }
            let href = serde_json::to_string(&link(form, own, port, path)).expect("json");
            json(&format!(
                r#"{{"data":[],"links":{{"next":{{"href":{href}}}}}}}"#
            ))
        })
        .await;
        // Whether it ends well or not, it ends at home.
        let _ = qlik(home.port).assignments(&"s1".into()).await;
        judge(form, &home, &away, path, wrong);
        if home.heads().iter().any(|head| !head.contains(CANARY)) {
            wrong.push(format!(
                "{form}: the server at home is to see the credential"
            ));
        }
    }
    LINKS.len()
}

/// A redirect is followed by hand for `/me` only, to the same origin below `/users/`.
async fn qlik_redirects(wrong: &mut Vec<String>) -> usize {
    for form in LINKS.iter().filter(|form| !form.contains('\n')) {
        let away = Server::start(|_, _| json("{}")).await;
        let port = away.port;
        let home = Server::start(move |_, own| {
            let to = link(form, own, port, "/api/v1/users/u1");
            format!(
                "HTTP/1.1 302 Found\r\nlocation: {to}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )
        })
        .await;
        let answer = qlik(home.port).identify().await;
        if answer.is_ok() {
            wrong.push(format!("{form}: a redirect told who we are"));
        }
        for head in away.heads() {
            wrong.push(format!("{form}: a redirect led to {head}"));
        }
    }
    LINKS.len() - 1
}

/// Links of Graph are followed as they stand, or not at all.
async fn graph_links(wrong: &mut Vec<String>) -> usize {
    let path = "/v1.0/groups";
    for form in LINKS {
        let away = Server::start(|_, _| json("{}")).await;
        let port = away.port;
        let home = Server::start(move |head, own| {
            if head.starts_with("POST") {
                return json(&format!(
                    r#"{{"access_token":"{CANARY}","expires_in":3600}}"#
                ));
            }
            let href = serde_json::to_string(&link(form, own, port, path)).expect("json");
            json(&format!(r#"{{"value":[],"@odata.nextLink":{href}}}"#))
        })
        .await;
        match graph(home.port).groups(None).await {
            Ok(reading) if reading.proof.is_proven() => {
                wrong.push(format!("{form}: taken for a whole list"));
            }
            _ => {}
        }
        judge(form, &home, &away, path, wrong);
    }
    LINKS.len()
}

#[tokio::test]
async fn proof_t14_hostile_links_never_carry_the_credential_away() {
    let row = proof::Row::begin("T14", "hostile links and redirects against two servers");
    let mut wrong = Vec::new();
    let forms = qlik_links(&mut wrong).await
        + qlik_redirects(&mut wrong).await
        + graph_links(&mut wrong).await;
    for line in &wrong {
        println!("{line}");
    }
    row.end(&format!("{forms} forms"), wrong.len());
}
