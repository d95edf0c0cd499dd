//! An invented company as LDIF: people with the names that directories really hold, groups nested and
//! in a cycle, one large, one empty, one with members who left, logins instead of DNs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

use super::slapd::{BASE, PASSWORD, READER};

/// Names that are data and never anything else.
pub(crate) const NAMES: [&str; 12] = [
    "Doe, Jane",
    "\"Quoted\" O'Neil",
    "Back\\slash",
    "Plus+Equal=Hash#",
    "(Paren) *star*",
    "\u{1b}]0;owned\u{7}Escape",
    "\u{202e}gnp.exe Right-to-left",
    "שרה כהן",
    "山田 太郎",
    "👩‍🔬 Emoji",
    "Zoe\u{301} Combining",
    "Line\nBreak\tTab",
];

/// Writes `people` people and the groups.
pub(crate) fn company(people: usize) -> String {
    company_with(people, 0)
}

/// The same with a group `above`, which holds ten groups, which hold `below` people.
pub(crate) fn company_with(people: usize, below: usize) -> String {
    let mut out = frame();
    for number in 0..people {
        person(&mut out, number);
    }
    groups(&mut out, people);
    if below > 0 {
        nested(&mut out, below);
    }
    out
}

/// What every company hangs from: the base, the reader, a place for people and one for groups.
pub(crate) fn frame() -> String {
    let mut out = String::new();
    entry(
        &mut out,
        BASE,
        &[
            ("objectClass", "dcObject"),
            ("objectClass", "organization"),
            ("o", "Corp"),
            ("dc", "corp"),
        ],
    );
    entry(
        &mut out,
        READER,
        &[
            ("objectClass", "organizationalRole"),
            ("objectClass", "simpleSecurityObject"),
            ("cn", "reader"),
            ("userPassword", PASSWORD),
        ],
    );
    for unit in ["people", "groups"] {
        let dn = format!("ou={unit},{BASE}");
        entry(
            &mut out,
            &dn,
            &[("objectClass", "organizationalUnit"), ("ou", unit)],
        );
    }
    out
}

fn nested(out: &mut String, below: usize) {
    let part = |part: usize| group_dn(&format!("part {part}"));
    for number in 0..10 {
        let members: Vec<String> = (0..below).skip(number).step_by(10).map(dn).collect();
        group(out, &format!("part {number}"), &members);
    }
    group(out, "above", &(0..10).map(part).collect::<Vec<_>>());
}

fn group(out: &mut String, name: &str, members: &[String]) {
    let dn = group_dn(name);
    let mut attributes = vec![("objectClass", "groupOfNames"), ("cn", name)];
    attributes.extend(members.iter().map(|member| ("member", member.as_str())));
    entry(out, &dn, &attributes);
}

/// The DN of a person. Each seventh is spelled by its hostile name.
pub(crate) fn dn(number: usize) -> String {
    match number % 7 {
        0 => format!("cn={},ou=people,{BASE}", escaped(&name(number))),
        _ => format!("uid=u{number},ou=people,{BASE}"),
    }
}

/// What a person is called.
pub(crate) fn name(number: usize) -> String {
    match number % 7 {
        0 => format!("{} {number}", NAMES[number / 7 % NAMES.len()]),
        _ => format!("Person {number}"),
    }
}

fn person(out: &mut String, number: usize) {
    let (uid, name, mail) = (
        format!("u{number}"),
        name(number),
        format!("u{number}@corp.example"),
    );
    let employee = format!("E{number:06}");
    let department = ["Sales", "Finance"][number % 2];
    let mut attributes = vec![
        ("objectClass", "inetOrgPerson"),
        ("uid", &uid),
        ("cn", &name),
        ("sn", "Person"),
        ("displayName", &name),
        ("employeeNumber", &employee),
        ("departmentNumber", department),
        ("title", "Analyst"),
    ];
    match number % 50 {
        // Nobody reaches them by mail.
        48 => {}
        // Two people with one address, in different case.
        49 => attributes.push(("mail", "Shared@Corp.example")),
        _ => attributes.push(("mail", &mail)),
    }
    entry(out, &dn(number), &attributes);
}

fn groups(out: &mut String, people: usize) {
    // In other letters than the entries have them.
    let upper: Vec<String> = (0..10)
        .map(|number| dn(number).replace("ou=people", "OU=People"))
        .collect();
    group(out, "analysts", &upper);
    let everybody: Vec<String> = (0..people).map(dn).collect();
    group(out, "everybody", &everybody);
    // top > middle > bottom > top, and a person on two ways.
    group(out, "top", &[dn(1), group_dn("middle")]);
    group(out, "middle", &[dn(2), dn(1), group_dn("bottom")]);
    group(out, "bottom", &[dn(3), group_dn("top")]);
    // A group of names must have one; nobody stands there.
    group(out, "empty", &[format!("cn=nobody,{BASE}")]);
    group(
        out,
        "leavers",
        &[dn(4), format!("uid=gone,ou=people,{BASE}")],
    );
    let dn = group_dn("logins");
    let attributes = [
        ("objectClass", "posixGroup"),
        ("cn", "logins"),
        ("gidNumber", "4711"),
        ("memberUid", "u5"),
        ("memberUid", "u6"),
        ("memberUid", "gone"),
    ];
    entry(out, &dn, &attributes);
}

/// The DN of a group.
pub(crate) fn group_dn(name: &str) -> String {
    format!("cn={name},ou=groups,{BASE}")
}

/// One record; everything in base64 that is not plain.
pub(crate) fn entry(out: &mut String, dn: &str, attributes: &[(&str, &str)]) {
    line(out, "dn", dn);
    for (name, value) in attributes {
        line(out, name, value);
    }
    out.push('\n');
}

fn line(out: &mut String, name: &str, value: &str) {
    let plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && !value.starts_with([' ', ':', '<'])
        && !value.ends_with(' ');
    let written = if plain {
        writeln!(out, "{name}: {value}")
    } else {
        writeln!(out, "{name}:: {}", STANDARD.encode(value))
    };
    written.expect("writing to a string");
}

/// A value as one part of a DN (RFC 4514, 2.4).
pub(crate) fn escaped(value: &str) -> String {
    let mut out = String::new();
    for character in value.chars() {
        match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' | '#' => {
                out.push('\\');
                out.push(character);
            }
            other => out.push(other),
        }
    }
    out
}
