//! What is read from a real server: everybody over many pages, groups with their ways, queries and
//! addresses; and that a part is never taken for the whole.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use qroll::connectors::ldap::{Bind, LdapDirectory, LdapOptions, Limits, Vendor};
use qroll::domain::{DirectoryGroup, DirectoryGroupId, Person, Reading};
use qroll::host::RealClock;
use qroll::ports::{Directory as _, Kind, PeopleQuery, Problem, Secret};
use qroll::text::Raw;

use super::company::{company, name};
use super::slapd::{BASE, PASSWORD, READER, Slapd, ca};

const PEOPLE: usize = 5_000;

/// The directory of a server, signed in as the reader over TLS.
pub(crate) fn options(url: &str) -> LdapOptions {
    LdapOptions {
        url: url.parse().expect("an address"),
        start_tls: false,
        extra_roots: Some(fs::read(ca()).expect("the CA")),
        bind: Bind::Simple {
            name: READER.to_owned(),
            secret: Secret::new(PASSWORD),
        },
        vendor: None,
        base: BASE.to_owned(),
        attributes: BTreeMap::new(),
        wanted: Vec::new(),
        limits: Limits::default(),
    }
}

fn directory(options: LdapOptions) -> LdapDirectory {
    LdapDirectory::new(Arc::new(RealClock::new()), options).expect("a directory")
}

fn ids(people: &[Arc<Person>]) -> Vec<&str> {
    let mut logins: Vec<&str> = people
        .iter()
        .filter_map(|person| person.sam.as_ref().map(Raw::expose))
        .collect();
    logins.sort_unstable();
    logins
}

async fn group(directory: &LdapDirectory, wanted: &str) -> DirectoryGroup {
    let groups = directory.groups(None).await.expect("groups");
    let found = groups
        .value
        .into_iter()
        .find(|group| group.name.expose() == wanted);
    found.unwrap_or_else(|| panic!("a group {wanted}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_comes_over_many_pages_and_it_is_proven() {
    let server = Slapd::start(&company(PEOPLE), "");
    let directory = directory(options(&server.ldaps()));
    let everybody = directory.people(&PeopleQuery::All).await.expect("people");
    assert!(everybody.proof.is_proven(), "{:?}", everybody.proof);
    assert_eq!(everybody.value.len(), PEOPLE);
    let mut names: Vec<String> = everybody
        .value
        .iter()
        .map(|person| person.name.expose().to_owned())
        .collect();
    let mut wanted: Vec<String> = (0..PEOPLE).map(name).collect();
    names.sort();
    wanted.sort();
    assert_eq!(names, wanted, "names as they are, hostile ones too");
    let without_mail = everybody
        .value
        .iter()
        .filter(|person| person.mail.is_none());
    assert_eq!(without_mail.count(), PEOPLE / 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_walked_with_their_ways() {
    let server = Slapd::start(&company(PEOPLE), "");
    let directory = directory(options(&server.ldaps()));
    let groups = directory.groups(None).await.expect("groups");
    assert!(groups.proof.is_proven());
    let names: Vec<&str> = groups
        .value
        .iter()
        .map(|group| group.name.expose())
        .collect();
    assert_eq!(
        names,
        [
            "analysts",
            "bottom",
            "empty",
            "everybody",
            "leavers",
            "logins",
            "middle",
            "top"
        ]
    );
    let id = |name: &str| {
        let found = groups
            .value
            .iter()
            .find(|group| group.name.expose() == name);
        found.expect(name).id.clone()
    };
    let read = async |name: &str| directory.members(&id(name)).await.expect(name);

    let top = read("top").await;
    assert!(top.proof.is_proven(), "{:?}", top.proof);
    let (members, people) = &top.value;
    let ways: BTreeMap<&str, Vec<DirectoryGroupId>> = people
        .iter()
        .map(|person| {
            let member = members.iter().find(|member| member.person == person.id);
            let via = member.expect("each person has a way").via.clone();
            (person.sam.as_ref().expect("a login").expose(), via)
        })
        .collect();
    assert_eq!(ways["u1"], [], "direct, though also a member further down");
    assert_eq!(ways["u2"], [id("middle")]);
    assert_eq!(ways["u3"], [id("middle"), id("bottom")]);
    assert_eq!(ways.len(), 3, "the cycle ends");

    assert_eq!(
        ids(&read("analysts").await.value.1).len(),
        10,
        "spelled in other letters"
    );
    assert_eq!(ids(&read("logins").await.value.1), ["u5", "u6"]);
    let leavers = read("leavers").await;
    assert_eq!(ids(&leavers.value.1), ["u4"]);
    assert!(
        leavers.proof.is_proven(),
        "who left is nobody: {:?}",
        leavers.proof
    );
    let everybody = read("everybody").await;
    assert!(everybody.proof.is_proven(), "{:?}", everybody.proof);
    let came: std::collections::BTreeSet<&str> = ids(&everybody.value.1).into_iter().collect();
    let missing = (0..PEOPLE).filter(|number| !came.contains(format!("u{number}").as_str()));
    let missing: Vec<String> = missing.map(name).collect();
    assert_eq!(missing, [""; 0], "everybody is found by DN");
    // Its only member cannot be read, and why is not told: nobody loses anything by that.
    assert!(!read("empty").await.proof.is_proven());
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_person_up_to_every_group() {
    let server = Slapd::start(&company(200), "");
    let directory = directory(options(&server.ldaps()));
    let groups = directory.groups(None).await.expect("groups").value;
    let id = |name: &&str| {
        let found = groups.iter().find(|group| group.name.expose() == *name);
        found.expect("a group").id.clone()
    };
    let above = async |login: &str| {
        let query = PeopleQuery::Addresses(vec![login.into()]);
        let found = directory.people(&query).await.expect(login);
        let person = found.value[0].id.clone();
        let reading = directory.groups_of(&person).await.expect("groups");
        assert!(reading.proof.is_proven(), "{:?}", reading.proof);
        reading.value
    };
    let ways = above("u3").await;
    for names in [
        &["bottom"][..],
        &["middle", "bottom"],
        &["top", "middle", "bottom"],
    ] {
        let way: Vec<DirectoryGroupId> = names.iter().map(id).collect();
        assert!(ways.contains(&way), "{names:?}: {ways:?}");
    }
    let way = vec![id(&"logins")];
    assert!(above("u5").await.contains(&way), "by login");
    let problem = directory.groups_of(&"nobody".into()).await;
    assert_eq!(problem.expect_err("nobody").kind, Kind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_text_id_address_and_query() {
    let server = Slapd::start(&company(200), "");
    let directory = directory(options(&server.ldaps()));
    let ask = async |query: PeopleQuery| {
        let reading: Reading<Vec<Arc<Person>>> = directory.people(&query).await.expect("people");
        assert!(reading.proof.is_proven());
        reading.value
    };
    let jane = ask(PeopleQuery::Find("doe, ja".to_owned())).await;
    assert_eq!(jane.len(), 3, "{jane:?}");
    let star = ask(PeopleQuery::Find("(Paren) *star*".to_owned())).await;
    assert_eq!(star.len(), 3, "an asterisk is a letter: {star:?}");
    let one = ask(PeopleQuery::Ids(vec![jane[0].id.clone()])).await;
    assert_eq!(one, [jane[0].clone()]);
    let addresses = [
        "U7@corp.example",
        "u8",
        "nobody@corp.example",
        "shared@corp.EXAMPLE",
    ];
    let addressed = ask(PeopleQuery::Addresses(addresses.map(Into::into).to_vec())).await;
    assert_eq!(ids(&addressed), ["u149", "u199", "u49", "u7", "u8", "u99"]);
    let sales = ask(PeopleQuery::Filter("departmentNumber=Sales".to_owned())).await;
    assert_eq!(sales.len(), 100);
    assert!(ask(PeopleQuery::Ids(Vec::new())).await.is_empty());
    let problem = directory
        .people(&PeopleQuery::Filter("(department=".to_owned()))
        .await
        .expect_err("no filter");
    assert_eq!(problem.kind, Kind::User);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_the_server_make_a_part() {
    let server = Slapd::start(&company(1200), "sizelimit size.prtotal=1000");
    let directory = directory(options(&server.ldaps()));
    let part = directory.people(&PeopleQuery::All).await.expect("a part");
    assert!(!part.proof.is_proven());
    assert!(
        format!("{:?}", part.proof).contains("size limit"),
        "{:?}",
        part.proof
    );
    assert!(!part.value.is_empty() && part.value.len() < 1200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_too_large_is_halved() {
    let server = Slapd::start(
        &company(1200),
        "sizelimit size.pr=300 size.prtotal=unlimited",
    );
    let directory = directory(options(&server.ldaps()));
    let whole = directory.people(&PeopleQuery::All).await.expect("people");
    assert!(whole.proof.is_proven(), "{:?}", whole.proof);
    assert_eq!(whole.value.len(), 1200);
}

async fn refused(options: LdapOptions) -> Problem {
    match LdapDirectory::new(Arc::new(RealClock::new()), options) {
        Err(problem) => problem,
        Ok(directory) => directory.groups(None).await.expect_err("a refusal"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_fail_says_what_and_what_to_do() {
    let server = Slapd::start(&company(10), "security simple_bind=128");
    let tls = server.ldaps();
    // Over StartTLS it works as well.
    let mut start_tls = options(&server.ldap());
    start_tls.start_tls = true;
    assert_eq!(
        group(&directory(start_tls), "top").await.name.expose(),
        "top"
    );

    let wrong = |change: fn(&mut LdapOptions)| {
        let mut options = options(&tls);
        change(&mut options);
        options
    };
    for (options, kind, said) in [
        (
            wrong(|options| {
                options.bind = Bind::Simple {
                    name: READER.to_owned(),
                    secret: Secret::new("wrong"),
                };
            }),
            Kind::Auth,
            "invalidCredentials, 49",
        ),
        (
            wrong(|options| {
                options.bind = Bind::Simple {
                    name: READER.to_owned(),
                    secret: Secret::new(""),
                };
            }),
            Kind::Auth,
            "password of the directory is empty",
        ),
        (
            wrong(|options| options.extra_roots = None),
            Kind::Network,
            "not accepted: UnknownIssuer",
        ),
        (
            wrong(|options| options.base = "dc=elsewhere,dc=example".to_owned()),
            Kind::Config,
            "has no entry dc=elsewhere",
        ),
        (
            wrong(|options| options.base = "no dn".to_owned()),
            Kind::Config,
            "is no DN",
        ),
        (options(&server.ldap()), Kind::Config, "over TLS only"),
        (
            options(&format!("ldaps://127.0.0.1:{}", server.plain)),
            Kind::Network,
            "no TLS with",
        ),
        (
            options("ldaps://127.0.0.1:9"),
            Kind::Network,
            "cannot be reached",
        ),
    ] {
        let problem = refused(options).await;
        assert_eq!(problem.kind, kind, "{}", problem.text());
        assert!(problem.text().contains(said), "{}", problem.text());
        assert!(!problem.hints().is_empty(), "{} has a hint", problem.text());
    }
    let mut vendor = options(&tls);
    vendor.vendor = Some(Vendor::ActiveDirectory);
    let none = directory(vendor).groups(None).await;
    // A map for another server finds nothing and must not prove anything by that.
    assert!(none.is_err() || none.is_ok_and(|reading| reading.value.is_empty()));
}
