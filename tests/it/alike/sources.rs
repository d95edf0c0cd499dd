//! The company in each kind of source: in a real OpenLDAP, in the embedded Graph, in an LDIF that
//! `ldapsearch` wrote, and in a CSV.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use qroll::simulator::world::{DirectoryGroup, GroupKind, Person, Scenario};
use qroll::simulator::{Running, SimulatorOptions, WorldSource, start};

use super::company::{Group, Human, TENANT, groups, people};
use crate::ldap::company::{entry, escaped, frame};
use crate::ldap::slapd::{BASE, PASSWORD, READER, Slapd, ca};

/// Attributes that inetOrgPerson does not have: the login of Active Directory and Entra, its proxy
/// addresses, and whether somebody is locked as 389ds says it.
const SCHEMA: &str = "\
attributetype ( 1.3.6.1.4.1.4203.666.1.9001 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )\n\
attributetype ( 1.3.6.1.4.1.4203.666.1.9002 NAME 'proxyAddresses' EQUALITY caseExactMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )\n\
attributetype ( 1.3.6.1.4.1.4203.666.1.9003 NAME 'nsAccountLock' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )\n\
objectclass ( 1.3.6.1.4.1.4203.666.3.9001 NAME 'corpPerson' SUP top AUXILIARY MAY ( userPrincipalName $ proxyAddresses $ nsAccountLock ) )";

/// A tenant, with the company behind its Graph.
pub(super) async fn world() -> Running {
    let scenario = Scenario::parse("alike", TENANT).expect("a scenario");
    let world = start(SimulatorOptions {
        world: WorldSource::Scenario(Box::new(scenario)),
        unlimited: true,
        ..SimulatorOptions::default()
    });
    let world = world.await.expect("a world");
    world.with_world(|world| {
        world.directory.people = people().into_iter().map(of_graph).collect();
        world.directory.groups = groups().into_iter().map(group_of_graph).collect();
        world.directory.deleted.clear();
        world.directory.reindex();
    });
    world
}

fn of_graph(human: Human) -> Person {
    Person {
        id: human.id,
        name: human.name,
        given: "Given".to_owned(),
        surname: "Family".to_owned(),
        upn: human.upn,
        mail: human.mail,
        enabled: human.enabled,
        guest: human.guest,
        department: human.department.to_owned(),
        title: human.title.to_owned(),
        sam: human.sam.unwrap_or_default(),
        employee: human.employee,
        aliases: human.aliases,
    }
}

fn group_of_graph(group: Group) -> DirectoryGroup {
    DirectoryGroup {
        id: group.id,
        name: group.name.to_owned(),
        description: group.description.to_owned(),
        kind: GroupKind::Security,
        members: group.people,
        subgroups: group.groups,
        role_assignable: false,
        hidden: false,
    }
}

/// A server with the company in it.
pub(super) fn server() -> Slapd {
    let mut out = frame();
    let (people, groups) = (people(), groups());
    for (number, human) in people.iter().enumerate() {
        person_of_ldap(&mut out, number, human);
    }
    for group in &groups {
        let named = group.people.iter().map(|at| dn(*at, &people[*at]));
        let below = group.groups.iter().map(|at| group_dn(&groups[*at]));
        group_of_ldap(&mut out, group, &named.chain(below).collect::<Vec<_>>());
    }
    Slapd::start_with(&out, SCHEMA, "")
}

fn dn(number: usize, human: &Human) -> String {
    // Many are called by their hostile name; blanks at its ends would want escapes of their own.
    let (kind, name) = (format!("employeeType=n{number}"), escaped(&human.name));
    match number % 3 {
        1 if number < 20 => format!("cn={name},ou=people,{BASE}"),
        2 if human.name.trim() == human.name => format!("cn={name}+{kind},ou=people,{BASE}"),
        _ => format!("{kind},ou=people,{BASE}"),
    }
}

fn group_dn(group: &Group) -> String {
    format!("cn={},ou=groups,{BASE}", escaped(group.name))
}

fn person_of_ldap(out: &mut String, number: usize, human: &Human) {
    let kind = format!("n{number}");
    let proxies = proxies(human);
    let mut attributes = vec![
        ("objectClass", "inetOrgPerson"),
        ("objectClass", "corpPerson"),
        ("entryUUID", human.id.as_str()),
        ("employeeType", &kind),
        ("cn", &human.name),
        ("sn", "Family"),
        ("givenName", "Given"),
        ("displayName", &human.name),
        ("userPrincipalName", &human.upn),
        ("title", human.title),
        (
            "nsAccountLock",
            if human.enabled { "FALSE" } else { "TRUE" },
        ),
    ];
    attributes.extend(human.sam.as_deref().map(|sam| ("uid", sam)));
    attributes.extend(human.mail.as_deref().map(|mail| ("mail", mail)));
    attributes.extend(proxies.iter().map(|one| ("proxyAddresses", one.as_str())));
    for (name, value) in [
        ("departmentNumber", human.department),
        ("employeeNumber", &human.employee),
    ] {
        if !value.is_empty() {
            attributes.push((name, value));
        }
    }
    entry(out, &dn(number, human), &attributes);
}

fn group_of_ldap(out: &mut String, group: &Group, members: &[String]) {
    let mut attributes = vec![("entryUUID", group.id.as_str()), ("cn", group.name)];
    if !group.description.is_empty() {
        attributes.push(("description", group.description));
    }
    if members.is_empty() {
        // A group of names must have a name; a posix group may be empty.
        attributes.extend([("objectClass", "posixGroup"), ("gidNumber", "4711")]);
    } else {
        attributes.push(("objectClass", "groupOfNames"));
        attributes.extend(members.iter().map(|member| ("member", member.as_str())));
    }
    entry(out, &group_dn(group), &attributes);
}

/// Proxy addresses as Exchange and Graph hold them.
fn proxies(human: &Human) -> Vec<String> {
    let primary = human.mail.iter().map(|mail| format!("SMTP:{mail}"));
    let aliases = human.aliases.iter().map(|mail| format!("smtp:{mail}"));
    primary.chain(aliases).collect()
}

/// What the documentation tells to export from OpenLDAP, declared complete.
pub(super) fn ldif(server: &Slapd) -> String {
    let filter = "(|(objectClass=inetOrgPerson)(objectClass=groupOfNames)(objectClass=posixGroup))";
    let output = Command::new("ldapsearch")
        .env("LDAPTLS_CACERT", ca())
        .args([
            "-x",
            "-LLL",
            "-o",
            "ldif-wrap=no",
            "-E",
            "pr=20/noprompt",
            "-H",
        ])
        .args([&server.ldaps(), "-D", READER, "-w", PASSWORD, "-b", BASE])
        .args([filter, "*", "entryUUID"])
        .output()
        .expect("ldapsearch runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ldapsearch: {said}");
    let text = String::from_utf8(output.stdout).expect("LDIF is ASCII");
    let entries = text.lines().filter(|line| line.starts_with("dn:")).count();
    format!("{text}\n# rows: {entries}\n")
}

/// A table with one row a person and the groups that somebody is in, named in one cell.
pub(super) fn csv(groups_of: impl Fn(usize) -> Vec<&'static str>) -> String {
    let mut out = "id,displayName,mail,userPrincipalName,sAMAccountName,accountEnabled,userType,\
                   department,jobTitle,employeeId,proxyAddresses,memberOf\n"
        .to_owned();
    for (number, human) in people().iter().enumerate() {
        let cells = [
            human.id.clone(),
            human.name.clone(),
            human.mail.clone().unwrap_or_default(),
            human.upn.clone(),
            human.sam.clone().unwrap_or_default(),
            human.enabled.to_string(),
            if human.guest { "Guest" } else { "Member" }.to_owned(),
            human.department.to_owned(),
            human.title.to_owned(),
            human.employee.clone(),
            proxies(human).join(";"),
            groups_of(number).join(";"),
        ];
        let cells = cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        writeln!(out, "{}", cells.join(",")).expect("writing to a string");
    }
    writeln!(out, "# rows: {}", people().len()).expect("writing to a string");
    out
}

/// Groups that a person is in directly.
pub(super) fn direct(number: usize) -> Vec<&'static str> {
    let all = groups();
    let own = all.iter().filter(|group| group.people.contains(&number));
    own.map(|group| group.name).collect()
}

/// Writes a file source.
pub(super) fn file(place: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = place.join(name);
    fs::write(&path, text).expect("a file");
    path
}
