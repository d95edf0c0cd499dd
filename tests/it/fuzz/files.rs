//! Files that people hand in: configuration, CSV, LDIF.

use futures_util::FutureExt as _;
use std::path::Path;

use qroll::config::{Config, DEFAULTS};
use qroll::connectors::file::FileDirectory;
use qroll::ports::{Directory as _, PeopleQuery};

use super::corpus::corpus;
use super::engine::{Target, Verdict, fuzz};

#[test]
fn proof_t10_config() {
    let mut seeds = corpus("config");
    seeds.push(DEFAULTS.as_bytes().to_vec());
    let target = Target {
        name: "config",
        seeds,
        words: &[
            "[profile.",
            "[",
            "]",
            "tenant",
            "directory",
            "guards",
            "identity",
            "url",
            "auth",
            "kind",
            "ldap",
            "entra",
            "file",
            "removals_confirm",
            "5% or 10",
            "200%",
            "{id}",
            "{upn}",
            "{",
            "\\\\",
            "https://",
            "http://127.0.0.1",
            "\"\"\"",
            "'''",
            "= ",
            "#",
            "protected",
            "match",
        ],
        short: 800,
        longest: 10 << 20,
    };
    fuzz(&target, |input| {
        let text = String::from_utf8_lossy(input);
        match Config::parse("config.toml", &text, Path::new("/home/x")) {
            Ok(config) => {
                for profile in config.profiles.values() {
                    let guards = &profile.guards;
                    if guards.stop_percent > 100 || guards.confirm_percent > 100 {
                        return Err(format!("{guards:?}"));
                    }
                    let url = &profile.tenant.url;
                    if url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
                        return Err(format!("{url} is no origin"));
                    }
                }
                Ok(format!("{} profiles", config.profiles.len()))
            }
            Err(problem) => Ok(problem.text().to_owned()),
        }
    });
}

/// Reads a file and asks it everything; no answer may name what is not in it.
fn opened(name: &str, input: &[u8]) -> Verdict {
    let directory = match FileDirectory::parse(name, input) {
        Ok(directory) => directory,
        Err(problem) => return Ok(problem.text().to_owned()),
    };
    let all = directory.people(&PeopleQuery::All).now_or_never();
    let all = all
        .ok_or("it waits")?
        .map_err(|problem| problem.to_string())?;
    let groups = directory.groups(None).now_or_never();
    let groups = groups
        .ok_or("it waits")?
        .map_err(|problem| problem.to_string())?;
    let mut outcome = format!("{:?}", all.proof);
    for group in groups.value.iter().take(20) {
        let members = directory
            .members(&group.id)
            .now_or_never()
            .ok_or("it waits")?;
        let (members, people) = members.map_err(|problem| problem.to_string())?.value;
        if members.len() < people.len() {
            return Err(format!(
                "{} members, {} people",
                members.len(),
                people.len()
            ));
        }
        outcome.push_str(if members.is_empty() { "-" } else { "+" });
    }
    for notice in directory.notices().take(3) {
        outcome.push_str(notice.as_str());
    }
    Ok(outcome)
}

#[test]
fn proof_t10_csv() {
    let target = Target {
        name: "csv",
        seeds: corpus("csv"),
        words: &[
            "id",
            "objectId",
            "displayName",
            "mail",
            "userPrincipalName",
            "accountEnabled",
            "groups",
            "manager",
            ",",
            ";",
            "\t",
            "|",
            "\"",
            "\"\"",
            "\r\n",
            "\u{feff}",
            "true",
            "False",
            "# rows: ",
            "sep=;",
        ],
        short: 2_000,
        longest: 10 << 20,
    };
    fuzz(&target, |input| opened("people.csv", input));
}

#[test]
fn proof_t10_ldif() {
    let target = Target {
        name: "ldif",
        seeds: corpus("ldif"),
        words: &[
            "dn: ",
            "dn:: ",
            "objectClass: ",
            "member: ",
            "member;range=0-1499: ",
            "memberOf: ",
            "uid: ",
            "cn=",
            ",dc=corp,dc=example",
            "\n ",
            "\n\n",
            "version: 1",
            "# ",
            "changetype: add",
            ":< file:",
            "userAccountControl: 514",
            "objectGUID:: ",
            "\\2c",
            "\\,",
            "+",
        ],
        short: 2_000,
        longest: 10 << 20,
    };
    fuzz(&target, |input| opened("people.ldif", input));
}
