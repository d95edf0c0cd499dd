//! Whole files through the port: what is read, what is refused, what is proven.

use futures_util::FutureExt as _;
use proptest::prelude::*;

use std::sync::Arc;

use super::FileDirectory;
use crate::domain::{DirectoryGroupId, Enabled, Members, Person, PersonKind, Reading};
use crate::ports::{Directory as _, PeopleQuery, Problem};
use crate::text::Raw;

const PEOPLE: &str = "objectId;displayName;mail;userPrincipalName;accountEnabled;userType;groups;cost center\n\
    1;Anna Ek;anna@corp.example;anna@corp.example;true;Member;\"QLIK|Finance\";77\n\
    2;\"Bo; \u{1b}[2J\";bo@corp.example;bo@corp.example;False;Guest;QLIK;\n";

fn open(name: &str, text: &str) -> Result<FileDirectory, Problem> {
    FileDirectory::parse(name, text.as_bytes())
}

fn people(directory: &FileDirectory, query: &PeopleQuery) -> Reading<Vec<Arc<Person>>> {
    directory.people(query).now_or_never().unwrap().unwrap()
}

fn members(directory: &FileDirectory, group: &str) -> Reading<(Members, Vec<Arc<Person>>)> {
    directory
        .members(&DirectoryGroupId::from(group))
        .now_or_never()
        .unwrap()
        .unwrap()
}

fn said(problem: &Problem) -> String {
    format!("{}\n{}", problem.text(), problem.hints().join("\n"))
}

#[test]
fn a_csv_gives_people_groups_and_no_proof() {
    let directory = open("people.csv", PEOPLE).unwrap();
    let all = people(&directory, &PeopleQuery::All);
    assert!(
        !all.proof.is_proven(),
        "an undeclared file proves no absence"
    );
    let [anna, bo] = all.value.as_slice() else {
        panic!("two people")
    };
    assert_eq!(anna.attribute("cost center").map(Raw::expose), Some("77"));
    assert_eq!((bo.enabled, bo.kind), (Enabled::No, PersonKind::Guest));
    let groups = directory
        .groups(Some("qli"))
        .now_or_never()
        .unwrap()
        .unwrap()
        .value;
    assert_eq!(
        groups
            .iter()
            .map(|group| (group.name.expose(), group.size))
            .collect::<Vec<_>>(),
        [("QLIK", Some(2))]
    );
    assert_eq!(members(&directory, "Finance").value.0.len(), 1);
    let unknown = DirectoryGroupId::from("none");
    assert!(directory.members(&unknown).now_or_never().unwrap().is_err());
}

#[test]
fn a_declaration_proves_or_refuses() {
    let whole = open("p.csv", &format!("# complete: 2\n{PEOPLE}")).unwrap();
    assert!(people(&whole, &PeopleQuery::All).proof.is_proven());
    assert!(members(&whole, "QLIK").proof.is_proven());
    let cut = open("p.csv", &format!("{PEOPLE}# rows: 3\n")).unwrap_err();
    assert!(said(&cut).contains("line 4, column 1: the file declares 3 rows but holds 2"));
}

#[test]
fn queries_find_by_address_login_id_and_filter() {
    let directory = open("p.csv", PEOPLE).unwrap();
    let names = |query| {
        people(&directory, &query)
            .value
            .iter()
            .map(|person| person.id.expose().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(PeopleQuery::Addresses(vec![
            "ANNA@corp.example".into(),
            "2".into()
        ])),
        ["1", "2"]
    );
    assert_eq!(
        names(PeopleQuery::Addresses(vec!["Anna Ek".into()])),
        [""; 0],
        "a name is no address"
    );
    assert_eq!(names(PeopleQuery::Find("ek".into())), ["1"]);
    assert_eq!(
        names(PeopleQuery::Filter("(accountEnabled=false)".into())),
        ["2"]
    );
    assert_eq!(names(PeopleQuery::Ids(vec!["2".into()])), ["2"]);
}

#[test]
fn bad_csv_is_named_by_line_and_column_and_nothing_is_used() {
    for (text, expected) in [
        ("", "line 1, column 1: the file is empty"),
        (
            "id,name\n1\n",
            "line 2, column 1: 1 cells where the header names 2",
        ),
        ("id,name\n1,a,b\n", "line 2, column 5: 3 cells where"),
        (
            "id,name\n1,a\n1,b\n",
            "line 3, column 1: this id stands on line 2 already",
        ),
        ("id,name\n ,a\n", "line 2, column 1: the id is empty"),
        (
            "id,enabled\n1,maybe\n",
            "line 2, column 3: neither true nor false",
        ),
        (
            "id,name\n1,\"cut",
            "line 2, column 3: the quote that opens here",
        ),
    ] {
        let problem = open("p.csv", text).unwrap_err();
        assert!(
            said(&problem).contains(expected),
            "{} should hold {expected}",
            said(&problem)
        );
    }
    let both = open("p.csv", "id,name\n1\n2,a,b\n").unwrap_err();
    assert!(said(&both).contains("these 2 places"));
}

const LDIF: &str = "version: 1

dn: cn=Anna,ou=p,dc=c
objectClass: inetOrgPerson
entryUUID: u-1
uid: anna
cn: Anna
mail: anna@corp.example

dn: cn=Doe\\, Jane,ou=p,dc=c
objectClass: user
objectGUID:: AAECAwQFBgcICQoLDA0ODw==
userAccountControl: 514
sAMAccountName: jane
cn: Doe, Jane

dn: cn=all,dc=c
objectClass: groupOfNames
entryUUID: g-1
cn: all
member: CN=anna,OU=P,DC=C
member: cn=inner,dc=c
member: cn=gone,dc=c

dn: cn=inner,dc=c
objectClass: groupOfUniqueNames
entryUUID: g-2
cn: inner
uniqueMember: cn=Doe\\2C Jane,ou=p,dc=c#'01'B
uniqueMember: cn=all,dc=c

dn: cn=logins,dc=c
objectClass: posixGroup
entryUUID: g-3
cn: logins
memberUid: ANNA
memberUid: nobody

# search result
search: 2
result: 0 Success

# numEntries: 5";

#[test]
fn an_ldif_joins_nested_groups_by_any_spelling_of_a_dn() {
    let directory = open("export.ldif", LDIF).unwrap();
    let all = members(&directory, "g-1");
    assert!(
        all.proof.is_proven(),
        "ldapsearch ended with success and its count agrees"
    );
    let ways: Vec<_> = all
        .value
        .0
        .iter()
        .map(|way| (way.person.expose(), way.via.len()))
        .collect();
    assert_eq!(
        ways,
        [("03020100-0504-0706-0809-0a0b0c0d0e0f", 1), ("u-1", 0)]
    );
    let jane = &people(&directory, &PeopleQuery::Find("jane".into())).value[0];
    assert_eq!(jane.enabled, Enabled::No);
    assert_eq!(members(&directory, "g-3").value.0.len(), 1);
    assert!(
        directory
            .notices()
            .any(|notice| notice.as_str() == "2 group members are not in the file and left out")
    );
}

#[test]
fn a_cut_search_or_group_proves_nothing() {
    let limited = LDIF.replace("result: 0 Success", "result: 4 Size limit exceeded");
    assert!(
        !members(&open("e.ldif", &limited).unwrap(), "g-1")
            .proof
            .is_proven()
    );
    let ranged = LDIF.replace("member: CN=anna", "member;range=0-0: CN=anna");
    assert!(
        !members(&open("e.ldif", &ranged).unwrap(), "g-1")
            .proof
            .is_proven()
    );
    let short = LDIF.replace("numEntries: 5", "numEntries: 9");
    assert!(said(&open("e.ldif", &short).unwrap_err()).contains("declares 9 entries but holds 5"));
}

#[test]
fn bad_ldif_is_named() {
    let doubled = format!("{LDIF}\n\ndn: CN=all,dc=c\ncn: again\n");
    assert!(
        said(&open("e.ldif", &doubled).unwrap_err())
            .contains("the entry of line 17 has the same DN")
    );
    let problem = open("e.ldif", "dn: cn=a\nmail:: !!\n").unwrap_err();
    assert!(
        problem
            .text()
            .contains("e.ldif, line 2, column 7: this is not base64")
    );
}

/// RFC 4180, written anew: every value in quotes, its quotes doubled.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}

#[test]
fn proof_t9_a_csv_read_is_the_csv_written() {
    let name = "[^\\pC\\pZ][^\\pC]{0,12}";
    let rows = prop::collection::btree_map("[a-z0-9]{1,8}", (name, "[^\\pC]{0,12}"), 1..9);
    let law = |(rows, separator): (std::collections::BTreeMap<String, (String, String)>, char)| {
        let mut text = format!(
            "# rows: {}\nid{separator}displayName{separator}note",
            rows.len()
        );
        for (id, (name, note)) in &rows {
            let values = [id.as_str(), name, note].map(quoted);
            text.push('\n');
            text.push_str(&values.join(&separator.to_string()));
        }
        let directory = open("people.csv", &text)
            .map_err(|problem| TestCaseError::fail(format!("{problem} in {text:?}")))?;
        let all = people(&directory, &PeopleQuery::All);
        prop_assert!(all.proof.is_proven());
        prop_assert_eq!(all.value.len(), rows.len());
        for person in &all.value {
            let (name, note) = &rows[person.id.expose()];
            prop_assert_eq!(person.name.expose(), name.trim());
            let found = person.attribute("note").map_or("", Raw::expose);
            prop_assert_eq!(found.trim(), note.trim());
        }
        Ok(())
    };
    let separators = prop_oneof![Just(','), Just(';'), Just('\t')];
    crate::proof::holds("a CSV read is the CSV written", (rows, separators), law);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = FileDirectory::parse("a.csv", &bytes);
        let _ = FileDirectory::parse("a.ldif", &bytes);
    }

    #[test]
    fn no_damage_panics(at in 0usize..900, byte in any::<u8>(), cut in 0usize..900) {
        for (name, text) in [("a.csv", PEOPLE), ("a.ldif", LDIF)] {
            let mut bytes = text.as_bytes().to_vec();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            bytes.truncate(cut);
            if let Ok(directory) = FileDirectory::parse(name, &bytes) {
                people(&directory, &PeopleQuery::All);
            }
        }
    }
}
