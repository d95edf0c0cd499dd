//! What Microsoft Graph answers, and the queries we send there.

use qroll::ports::{Directory as _, PeopleQuery};
use qroll::text::Raw;

use super::corpus::corpus;
use super::engine::{Target, fuzz};
use super::wire::{graph, reply};

const ROOT: &str = "https://graph.example/v1.0/";

const WORDS: &[&str] = &[
    "value",
    "@odata.nextLink",
    "@odata.count",
    "@odata.type",
    "#microsoft.graph.user",
    "#microsoft.graph.group",
    "id",
    "displayName",
    "mail",
    "userPrincipalName",
    "accountEnabled",
    "userType",
    "Guest",
    "Member",
    "proxyAddresses",
    "smtp:",
    "SMTP:",
    "groupTypes",
    "DynamicMembership",
    "Unified",
    "error",
    "code",
    "message",
    "members",
];

#[test]
fn proof_t10_graph_page() {
    let target = Target {
        name: "Graph page",
        seeds: corpus("graph"),
        words: WORDS,
        short: 400,
        longest: 10 << 20,
    };
    fuzz(&target, |input| {
        let body = input.to_vec();
        let (directory, wire, clock) = graph(move |_, _| reply(200, &body));
        let groups = clock.run(directory.groups(None));
        let people = clock.run(directory.people(&PeopleQuery::All));
        let group = groups.as_ref().ok().and_then(|groups| groups.value.first());
        let members = group.map(|group| clock.run(directory.members(&group.id)));
        for (_, request) in wire.asked() {
            let url = request.url.as_str();
            if request.authorization.is_some() && !url.starts_with(ROOT) {
                return Err(format!("the token went to {url}"));
            }
        }
        let words = |proof: Result<String, String>| proof.unwrap_or_else(|error| error);
        Ok(format!(
            "{} {} {:?}",
            words(
                groups
                    .map(|one| format!("{:?}", one.proof))
                    .map_err(|e| e.to_string())
            ),
            words(
                people
                    .map(|one| format!("{:?}", one.proof))
                    .map_err(|e| e.to_string())
            ),
            members.map(|members| members.is_ok())
        ))
    });
}

/// I9: followed as it stands, or not at all.
#[test]
fn proof_t10_graph_next_link() {
    let seeds = [
        "https://graph.example/v1.0/users?$skiptoken=abc",
        "https://graph.example/v1.0/../beta/users",
        "https://graph.example.evil.example/v1.0/users",
        "https://graph.example@evil.example/v1.0/users",
        "http://graph.example/v1.0/users",
        "https://graph.example:8443/v1.0/users",
        "https://graph.example\\@evil.example/v1.0/users",
        "/v1.0/users",
    ];
    let target = Target {
        name: "Graph next link",
        seeds: seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect(),
        words: &[
            "https://",
            "http://",
            "graph.example",
            "evil.example",
            "@",
            "/v1.0/",
            "/..",
            "%2e%2e",
            "\\",
            ":443",
            "?",
            "#",
        ],
        short: 1_000,
        longest: 4 << 10,
    };
    fuzz(&target, |input| {
        let link = String::from_utf8_lossy(input).into_owned();
        let body = serde_json::json!({ "value": [], "@odata.nextLink": link }).to_string();
        let (directory, wire, clock) = graph(move |request, _| {
            let first = request
                .url
                .query()
                .is_some_and(|query| query.contains("select"));
            if first {
                reply(200, body.as_bytes())
            } else {
                reply(200, br#"{"value":[]}"#)
            }
        });
        let people = clock.run(directory.people(&PeopleQuery::All));
        for (_, request) in wire.asked() {
            let below = request.url.as_str().starts_with(ROOT);
            if request.authorization.is_some() && !below {
                return Err(format!("the token went to {}", request.url));
            }
            if !below && !request.url.path().ends_with("/token") {
                return Err(format!("asked {}", request.url));
            }
        }
        Ok(format!(
            "{} requests, {}",
            wire.asked().len(),
            people.is_ok()
        ))
    });
}

/// Literals between `'` where `''` stands for one, and the rest without them.
fn literals(filter: &str) -> (Vec<String>, String) {
    let (mut found, mut rest) = (Vec::new(), String::new());
    let mut letters = filter.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\'' {
            rest.push(letter);
            continue;
        }
        let mut text = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '\'' if letters.peek() == Some(&'\'') => text.extend(letters.next()),
                '\'' => break,
                letter => text.push(letter),
            }
        }
        found.push(text);
    }
    (found, rest)
}

#[test]
fn proof_t10_graph_filter() {
    let seeds = [
        "O'Brien",
        "a' or 'a' eq 'a",
        "b@corp.example",
        "''",
        "x\" OR \"id:*\\",
    ];
    let target = Target {
        name: "Graph filter",
        seeds: seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect(),
        words: &[
            "'", "''", " or ", " eq ", "id", "smtp:", "(", ")", "\" OR \"", "\\",
        ],
        short: 1_000,
        longest: 4 << 10,
    };
    fuzz(&target, |input| {
        let text = String::from_utf8_lossy(input).into_owned();
        let (directory, wire, clock) = graph(|_, _| reply(200, br#"{"value":[]}"#));
        let list = vec![Raw::from(text.as_str())];
        let listed = clock.run(directory.people(&PeopleQuery::Addresses(list)));
        let asked = clock.run(directory.people(&PeopleQuery::Find(text.clone())));
        // Addresses are compared without case, and so asked for.
        let meant = text.trim().to_lowercase();
        for (_, request) in wire.asked() {
            for (name, value) in request.url.query_pairs() {
                if name == "$filter" {
                    let (values, rest) = literals(&value);
                    let kept = values
                        .iter()
                        .all(|one| meant.contains(one.trim_start_matches("smtp:")));
                    let plain = |c: char| c.is_ascii_alphabetic() || " ():/".contains(c);
                    if !kept || !values.len().is_multiple_of(4) || !rest.chars().all(plain) {
                        return Err(format!("{text:?} became {value}"));
                    }
                }
                if name == "$search" && !quotes(&value).is_multiple_of(2) {
                    return Err(format!("{text:?} became {value}"));
                }
            }
        }
        Ok(format!(
            "{} {} {}",
            wire.asked().len(),
            listed.is_ok(),
            asked.is_ok()
        ))
    });
}

/// Quotes that no backslash takes back.
fn quotes(search: &str) -> usize {
    let (mut count, mut escaped) = (0, false);
    for letter in search.chars() {
        count += usize::from(letter == '"' && !escaped);
        escaped = letter == '\\' && !escaped;
    }
    count
}
