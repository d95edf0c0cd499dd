//! What a tenant answers to reads: pages, waits, next links; and the filters we send.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use qroll::domain::{DirectorySnapshot, Snapshot, SourceKind, Subject};
use qroll::planner::roster::Index;
use qroll::planner::{IdentityRule, SubjectTemplate};
use qroll::ports::{Kind, Observation, Question, Tenant as _};
use qroll::text::Raw;
use url::form_urlencoded;

use super::corpus::{corpus, folder, name};
use super::engine::{Target, Verdict, fuzz};
use super::wire::{TENANT, reply, tenant};

const WORDS: &[&str] = &[
    "data",
    "links",
    "next",
    "prev",
    "href",
    "meta",
    "count",
    "totalResults",
    "id",
    "subject",
    "email",
    "name",
    "status",
    "active",
    "invited",
    "disabled",
    "provisioned",
    "assignedRoles",
    "level",
    "assignedGroups",
    "type",
    "shared",
    "managed",
    "ownerId",
    "spaceId",
    "assigneeId",
    "roles",
    "excess",
    "created",
    "2026-11-24T09:00:00Z",
    "9999-12-31T23:59:59Z",
    "analyzer",
    "professional",
    "units",
    "usage",
    "overage",
    "allotments",
    "unlimited",
    "TenantAdmin",
];

/// Good answers to everything that loading a tenant asks, by path.
static GOOD: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
    let entries = std::fs::read_dir(folder("tenant")).expect("the corpus is part of the tree");
    entries
        .map(|entry| {
            let path = entry.expect("the corpus can be read").path();
            let stem = path.file_stem().expect("a name").to_string_lossy();
            let path_name = stem.trim_start_matches("get-").trim_end_matches("-200");
            (
                path_name.to_owned(),
                std::fs::read(&path).expect("the corpus can be read"),
            )
        })
        .collect()
});

/// The tenant is loaded with one list replaced; whatever comes of it must bear being joined.
fn loaded(list: &'static str, input: &[u8]) -> Verdict {
    let body = input.to_vec();
    let (tenant, wire, clock) = tenant(move |request, _| {
        let key = name(request.url.path());
        if key == list {
            return reply(200, &body);
        }
        match GOOD.get(&key) {
            Some(good) => reply(200, good),
            None => reply(404, br#"{"errors":[{"code":"X-1","title":"no"}]}"#),
        }
    });
    let snapshot = clock.run(tenant.load(&|_| {}));
    wire.stayed(TENANT)?;
    let tenant = match snapshot {
        Ok(snapshot) => snapshot,
        Err(problem) => return Ok(format!("{:?} {problem}", problem.kind)),
    };
    let outcome = format!(
        "{:?} {:?} {:?} {:?}",
        tenant.users.proof, tenant.spaces.proof, tenant.licensing.proof, tenant.groups.proof
    );
    let directory = DirectorySnapshot::empty(SourceKind::File, "x", tenant.read_at);
    let rule = IdentityRule::new(SubjectTemplate::parse("{id}").expect("a template"));
    let _ = Index::new(&Snapshot { tenant, directory }, &rule);
    Ok(outcome)
}

fn page(title: &'static str, list: &'static str) {
    let mut seeds: Vec<Vec<u8>> = GOOD.get(list).cloned().into_iter().collect();
    seeds.extend(GOOD.values().cloned());
    let target = Target {
        name: title,
        seeds,
        words: WORDS,
        short: 150,
        longest: 10 << 20,
    };
    fuzz(&target, |input| loaded(list, input));
}

#[test]
fn proof_t10_users_page() {
    page("users page", "users");
}

#[test]
fn proof_t10_spaces_page() {
    page("spaces page", "spaces");
}

#[test]
fn proof_t10_licenses_page() {
    page("licenses page", "licenses-assignments");
}

#[test]
fn proof_t10_license_overview() {
    page("license overview", "licenses-overview");
}

/// A read by subject: what is not asked for is not found, whatever the server sends.
#[test]
fn proof_t10_found_users() {
    let target = Target {
        name: "found users",
        seeds: corpus("tenant"),
        words: WORDS,
        short: 1_000,
        longest: 10 << 20,
    };
    let asked = Question::UsersBySubject(vec![Subject::from("a"), Subject::from("B\\b")]);
    fuzz(&target, |input| {
        let body = input.to_vec();
        let (tenant, wire, clock) = tenant(move |_, _| reply(200, &body));
        let found = clock.run(tenant.observe(&asked));
        wire.stayed(TENANT)?;
        match found {
            Ok(Observation::Users(users)) => {
                let stray = users
                    .iter()
                    .find(|user| !["a", "b\\b"].contains(&user.subject.key().as_str()));
                stray.map_or_else(
                    || Ok(format!("{} users", users.len())),
                    |user| Err(format!("found {:?}, who was not asked for", user.subject)),
                )
            }
            Ok(other) => Err(format!("answered with {other:?}")),
            Err(problem) => Ok(format!("{:?} {problem}", problem.kind)),
        }
    });
}

/// I9: whatever stands in a next link, the next request goes to the path we called.
#[test]
fn proof_t10_next_link() {
    let seeds = [
        "http://license/v1/licenses/assignments?page=abc",
        "/api/v1/users?next=abc&limit=100",
        "?page=2",
        "https://acme.eu.qlikcloud.com/api/v1/users?next=a%26filter%3Dx",
        "https://user:pass@acme.eu.qlikcloud.com:444/x?next=1#y",
        "\\\\evil.example\\?next=1",
        "javascript:next=1",
        "http://[::1]:80/?next=%00",
    ];
    let target = Target {
        name: "next link",
        seeds: seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect(),
        words: &[
            "next=",
            "page=",
            "https://",
            "http://",
            "evil.example",
            "@",
            "#",
            "?",
            "&",
            "%2F",
            "//",
            ":443",
            "[::1]",
            "\\",
        ],
        short: 2_000,
        longest: 4 << 10,
    };
    fuzz(&target, |input| {
        let href = String::from_utf8_lossy(input).into_owned();
        let body = serde_json::json!({ "data": [], "links": { "next": { "href": href } } });
        let body = body.to_string();
        let (tenant, wire, clock) = tenant(move |_, number| match number {
            0 => reply(200, body.as_bytes()),
            _ => reply(200, br#"{"data":[]}"#),
        });
        let asked = Question::UsersBySubject(vec![Subject::from("a")]);
        let found = clock.run(tenant.observe(&asked));
        wire.stayed("https://acme.eu.qlikcloud.com/api/v1/users?")?;
        for (_, request) in wire.asked() {
            let filters = request
                .url
                .query_pairs()
                .filter(|(name, _)| name == "filter");
            if filters.count() != 1 {
                return Err(format!("a link changed the question: {}", request.url));
            }
        }
        Ok(format!(
            "{} requests, {}",
            wire.asked().len(),
            found.is_ok()
        ))
    });
}

/// A wait that was asked for is kept; nothing waits beyond five minutes by itself.
#[test]
fn proof_t10_retry_after() {
    let seeds = [
        "13",
        "0",
        "-1",
        "300",
        "301",
        "1.5",
        "1e9",
        "Tue, 24 Nov 2026 06:00:40 GMT",
        "Thu, 01 Jan 1970 00:01:00 GMT",
        "99999999999999999999",
        "NaN",
        "+5",
        " 7 ",
        "0x10",
    ];
    let target = Target {
        name: "Retry-After",
        seeds: seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect(),
        words: &[
            "GMT", "UTC", "+0000", "-", "Jan", "Thu,", "1970", "9999", "inf", "e", ".", ":",
        ],
        short: 2_000,
        longest: 4 << 10,
    };
    fuzz(&target, |input| {
        let value = String::from_utf8_lossy(input).into_owned();
        let sent = value.clone();
        let (tenant, wire, clock) = tenant(move |_, number| {
            let mut answer = reply(
                if number == 0 { 429 } else { 200 },
                br#"{"autoAssignAnalyzer":true,"autoAssignProfessional":true}"#,
            );
            answer
                .headers
                .push(("retry-after".to_owned(), Raw::from(sent.as_str())));
            answer
        });
        let found = clock.run(tenant.observe(&Question::AutoAssign));
        let asked = wire.asked();
        let waited = asked.get(1).map(|(at, _)| at.since(asked[0].0));
        let wished = value
            .trim()
            .parse::<u64>()
            .ok()
            .filter(|wished| *wished > 0);
        match (wished, waited) {
            (Some(wished), Some(waited))
                if wished <= 86_400 && waited < Duration::from_secs(wished) =>
            {
                return Err(format!("asked to wait {wished} s, waited {waited:?}"));
            }
            (_, Some(waited)) if waited > Duration::from_secs(302) => {
                return Err(format!("waited {waited:?} without asking anybody"));
            }
            _ => {}
        }
        match found {
            Ok(_) => Ok(format!("{wished:?} {}", waited.is_some())),
            Err(problem) if problem.kind == Kind::Throttled => Ok(problem.to_string()),
            Err(problem) => Err(format!("{problem}")),
        }
    });
}

/// Texts between quotes of a filter, and the rest without them; `None` when it does not add up.
fn strings(filter: &str) -> Option<(Vec<String>, String)> {
    let (mut found, mut rest, mut text) = (Vec::new(), String::new(), filter);
    while let Some(start) = text.find('"') {
        rest.push_str(&text[..start]);
        let mut read = serde_json::Deserializer::from_str(&text[start..]).into_iter::<String>();
        found.push(read.next()?.ok()?);
        text = &text[start + read.byte_offset()..];
    }
    rest.push_str(text);
    Some((found, rest))
}

/// What a person or a directory calls itself cannot leave its place in a filter.
#[test]
fn proof_t10_qlik_filter() {
    let seeds = [
        "ACME\\jdoe\nb",
        "a\" or subject eq \"b",
        "\\",
        "x\\\"\ny",
        "ä\u{301}\u{202e}",
    ];
    let target = Target {
        name: "Qlik filter",
        seeds: seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect(),
        words: &[
            "\" or ", " eq ", "\\\"", "subject", "(", ")", " and ", "status", "'",
        ],
        short: 1_000,
        longest: 4 << 10,
    };
    fuzz(&target, |input| {
        let text = String::from_utf8_lossy(input).into_owned();
        let subjects: Vec<Subject> = text.split('\n').take(5).map(Subject::from).collect();
        let (tenant, wire, clock) = tenant(|_, _| reply(200, br#"{"data":[]}"#));
        let found = clock.run(tenant.observe(&Question::UsersBySubject(subjects.clone())));
        let Some((_, request)) = wire.asked().into_iter().next() else {
            return Ok(format!("nothing to ask, {}", found.is_ok()));
        };
        let filter = match &request.body {
            Some(body) => serde_json::from_slice::<serde_json::Value>(body)
                .ok()
                .and_then(|body| Some(body.get("filter")?.as_str()?.to_owned())),
            None => form_urlencoded::parse(request.url.query().unwrap_or("").as_bytes())
                .find(|(name, _)| name == "filter")
                .map(|(_, value)| value.into_owned()),
        };
        let filter = filter.ok_or("no filter was sent")?;
        let (values, rest) = strings(&filter).ok_or(format!("unreadable: {filter}"))?;
        let plain =
            |letter: char| letter.is_ascii_alphabetic() || matches!(letter, ' ' | '(' | ')');
        let wanted: Vec<&str> = subjects
            .iter()
            .map(Subject::expose)
            .filter(|text| !text.chars().any(char::is_control))
            .collect();
        if !rest.chars().all(plain)
            || !values.ends_with(
                &wanted
                    .iter()
                    .map(|text| (*text).to_owned())
                    .collect::<Vec<_>>(),
            )
            || values.len() != wanted.len() + 4
        {
            return Err(format!("{wanted:?} became {filter}"));
        }
        Ok(format!("{} values", values.len()))
    });
}
