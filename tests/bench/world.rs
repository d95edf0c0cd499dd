//! Worlds to measure in, and clients for them.

use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use qroll::connectors::http::{ReqwestWire, WireOptions};
use qroll::connectors::qlik::{QlikCredential, QlikTenant};
use qroll::domain::{
    DirectorySnapshot, Enabled, Identity, Person, Reading, Snapshot, SourceKind, TenantInfo,
    TenantSnapshot, User, UserStatus,
};
use qroll::host::{RealClock, RealRng};
use qroll::ports::{Secret, Wire};
use qroll::simulator::{Running, SimulatorOptions, start};
use qroll::text::Raw;

/// A runtime as the program has one.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A running world.
pub(crate) async fn serve(options: SimulatorOptions) -> Running {
    start(options).await.expect("the embedded world starts")
}

/// The wire as the program uses it.
pub(crate) fn wire() -> Arc<dyn Wire> {
    let options = WireOptions {
        extra_ca: None,
        no_proxy: true,
    };
    Arc::new(ReqwestWire::new(&options).expect("a wire"))
}

/// The tenant of a world.
pub(crate) fn tenant(world: &Running) -> QlikTenant {
    QlikTenant::new(
        wire(),
        Arc::new(RealClock::new()),
        Arc::new(RealRng::new().expect("randomness")),
        &world.qlik_url.parse().expect("a URL"),
        QlikCredential::ApiKey(Secret::new(world.api_key())),
    )
    .expect("a tenant")
}

/// A configuration for the binary that points at a world.
pub(crate) fn configuration(world: &Running, home: &Path) -> std::path::PathBuf {
    let path = home.join("config.toml");
    let text = format!(
        "default = \"bench\"\n\
         [profile.bench.tenant]\nurl = \"{}\"\nauth = \"api-key\"\n\
         [profile.bench.directory]\nkind = \"entra\"\ntenant_id = \"{}\"\nclient_id = \"{}\"\n\
         auth = \"client-secret\"\nlogin_url = \"{}\"\ngraph_url = \"{}\"\n\
         [profile.bench.identity]\nsubject = \"{{id}}\"\n",
        world.qlik_url,
        world.directory_tenant,
        world.graph_client_id,
        world.login_url,
        world.graph_url
    );
    std::fs::write(&path, text).expect("the configuration");
    path
}

/// A snapshot of so many people and users, made without a network.
pub(crate) fn company(people: usize, users: usize) -> Snapshot {
    let directory = DirectorySnapshot {
        people: Reading::proven(
            (0..people)
                .map(person)
                .map(|person| (person.id.clone(), Arc::new(person)))
                .collect(),
            "made for a bench",
        ),
        ..DirectorySnapshot::empty(SourceKind::Entra, "corp.example", Timestamp::UNIX_EPOCH)
    };
    let tenant = TenantSnapshot {
        tenant: TenantInfo {
            id: "t".into(),
            name: "Acme".into(),
            url: "https://x".into(),
            created_by: None,
        },
        identity: Identity {
            user: "u".into(),
            subject: "s".into(),
            name: "n".into(),
        },
        users: Reading::proven(
            (0..users).map(user).map(Arc::new).collect(),
            "made for a bench",
        ),
        groups: Reading::default(),
        roles: Reading::default(),
        spaces: Reading::default(),
        licensing: Reading::default(),
        identity_providers: Reading::default(),
        assignments: BTreeMap::new(),
        others: Vec::new(),
        read_at: Timestamp::UNIX_EPOCH,
    };
    Snapshot { tenant, directory }
}

fn name(number: usize) -> String {
    const GIVEN: [&str; 8] = [
        "Anna", "Björn", "Chloé", "Dmitri", "Eva", "Giulia", "Håkon", "Inés",
    ];
    const FAMILY: [&str; 7] = [
        "Andersson",
        "Ivanova",
        "Dubois",
        "O'Brien",
        "Fischer",
        "Rossi",
        "Berg",
    ];
    format!(
        "{} {} {number}",
        GIVEN[number % GIVEN.len()],
        FAMILY[number % FAMILY.len()]
    )
}

fn id(number: usize) -> String {
    format!("0b0e5c1e-6a71-4b8e-9d7c-{number:012}")
}

fn person(number: usize) -> Person {
    let mut person = Person::new(id(number).as_str().into(), name(number));
    person.enabled = Enabled::Yes;
    person.upn = Some(Raw::from(format!("person{number}@corp.example")));
    person.mail.clone_from(&person.upn);
    person.sam = Some(Raw::from(format!("p{number}")));
    person.department = Some(Raw::from("Finance"));
    person
}

fn user(number: usize) -> User {
    User {
        id: format!("{number:024x}").as_str().into(),
        subject: id(number).as_str().into(),
        name: Raw::from(name(number)),
        email: Some(Raw::from(format!("person{number}@corp.example"))),
        status: UserStatus::Active,
        roles: Vec::new(),
        groups: Vec::new(),
        created: None,
        invite_expiry: None,
        bot: false,
    }
}
