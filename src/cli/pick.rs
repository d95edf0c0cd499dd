//! People named one by one, in a list, or by a query. Whoever is not found, or is found twice, is
//! named; nobody is guessed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Completeness, Person, Reading};
use crate::planner::Gap;
use crate::ports::{Directory, Kind, PeopleQuery, Problem};
use crate::text::{Raw, show_str};

/// Unknown names that are listed one by one.
const NAMED: usize = 20;
/// A way to name people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// A filter in the directory's language.
    Query(String),
    /// Addresses, logins or ids.
    List {
        /// What to call the list.
        source: String,
        /// Line and entry.
        entries: Vec<(usize, Raw)>,
    },
    /// One person by name, address or login.
    Name(String),
}

/// Who was picked.
#[derive(Clone, Debug, Default)]
pub(super) struct Picked {
    pub(super) people: Vec<Arc<Person>>,
    /// Picks of which the directory did not send everything.
    pub(super) gaps: Vec<Gap>,
}

impl Picked {
    fn take(&mut self, name: String, reading: Reading<Vec<Arc<Person>>>) {
        if let Some(cause) = reading.proof.gap() {
            let people = reading.value.iter().map(|person| person.id.clone());
            self.gaps.push(Gap {
                name: Raw::from(name),
                people: people.collect(),
                cause: cause.to_owned(),
            });
        }
        self.people.extend(reading.value);
    }
}

/// Says that whoever is missing may only not have been read.
fn admit(problem: Problem, proof: &Completeness) -> Problem {
    match proof.gap() {
        None => problem,
        Some(cause) => problem.hint(format!(
            "The directory did not send everything, so this may be wrong: {cause}"
        )),
    }
}

/// Finds everybody who is meant.
pub(super) async fn people(directory: &dyn Directory, picks: &[Pick]) -> Result<Picked, Problem> {
    let mut picked = Picked::default();
    for pick in picks {
        let (name, reading) = match pick {
            Pick::Query(filter) => (filter, by_query(directory, filter).await?),
            Pick::List { source, entries } => (source, by_list(directory, source, entries).await?),
            Pick::Name(name) => (name, by_name(directory, name).await?),
        };
        picked.take(name.clone(), reading);
    }
    Ok(picked)
}

async fn by_query(
    directory: &dyn Directory,
    filter: &str,
) -> Result<Reading<Vec<Arc<Person>>>, Problem> {
    let found = directory
        .people(&PeopleQuery::Filter(filter.to_owned()))
        .await?;
    if found.value.is_empty() {
        let problem = Problem::new(Kind::User, format!("the query {filter} finds nobody"))
            .hint("Nothing was planned. Check the attribute names and the values.");
        return Err(admit(problem, &found.proof));
    }
    Ok(found)
}

async fn by_list(
    directory: &dyn Directory,
    source: &str,
    entries: &[(usize, Raw)],
) -> Result<Reading<Vec<Arc<Person>>>, Problem> {
    let addresses = entries.iter().map(|(_, entry)| entry.clone()).collect();
    let found = directory.people(&PeopleQuery::Addresses(addresses)).await?;
    let people = &found.value;
    let mut by_key: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, person) in people.iter().enumerate() {
        for key in keys(person) {
            let at_key = by_key.entry(key).or_default();
            if at_key.last() != Some(&at) {
                at_key.push(at);
            }
        }
    }
    let mut faults = Vec::new();
    for (line, entry) in entries {
        match by_key.get(&entry.key()).map_or(0, Vec::len) {
            1 => {}
            0 => faults.push(format!("line {line}: {} is nobody", entry.show())),
            several => faults.push(format!("line {line}: {} is {several} people", entry.show())),
        }
    }
    if faults.is_empty() {
        Ok(found)
    } else {
        Err(admit(not_all(source, &faults), &found.proof))
    }
}

fn not_all(source: &str, faults: &[String]) -> Problem {
    let mut problem = Problem::new(
        Kind::User,
        format!(
            "{} of the people in {source} cannot be told in the directory",
            faults.len()
        ),
    );
    for fault in faults.iter().take(NAMED) {
        problem = problem.hint(fault);
    }
    if faults.len() > NAMED {
        problem = problem.hint(format!("and {} more", faults.len() - NAMED));
    }
    problem.hint("Nothing was planned. Take them out of the list or correct them.")
}

async fn by_name(
    directory: &dyn Directory,
    name: &str,
) -> Result<Reading<Vec<Arc<Person>>>, Problem> {
    let Reading {
        value: found,
        proof,
    } = directory
        .people(&PeopleQuery::Find(name.to_owned()))
        .await?;
    let wanted = Raw::from(name).key();
    let exact = |person: &&Arc<Person>| {
        person.name.key() == wanted || keys(person).any(|key| key == wanted)
    };
    let mut exact = found.iter().filter(exact);
    match (exact.next(), exact.next()) {
        (Some(only), None) => Ok(Reading {
            // A namesake may be missing; nobody else has the address, login or id.
            proof: if keys(only).any(|key| key == wanted) {
                Completeness::proven("named by an address, a login or an id")
            } else {
                proof
            },
            value: vec![only.clone()],
        }),
        (Some(first), Some(second)) => {
            let all = [first, second].into_iter().chain(exact);
            let problem = Problem::new(Kind::User, format!("several people are called \"{name}\""));
            Err(list_people(problem, all).hint("Name one by address or id."))
        }
        (None, _) => {
            let problem = Problem::new(Kind::User, format!("there is nobody called \"{name}\""));
            Err(admit(list_people(problem, found.iter()), &proof))
        }
    }
}

fn list_people<'a>(problem: Problem, people: impl Iterator<Item = &'a Arc<Person>>) -> Problem {
    people.take(5).fold(problem, |problem, person| {
        let address = person
            .mail
            .as_ref()
            .or(person.upn.as_ref())
            .unwrap_or(person.id.raw());
        problem.hint(format!(
            "{}  {}",
            show_str(person.name.expose()),
            address.show()
        ))
    })
}

fn keys(person: &Person) -> impl Iterator<Item = String> {
    person.signs().map(Raw::key)
}

#[cfg(test)]
mod tests {
    use super::super::list::entries;
    use super::*;
    use crate::connectors::file::FileDirectory;
    use crate::domain::{DirectoryGroup, DirectoryGroupId, PersonId, SourceKind, Way};
    use crate::ports::{MembersAndPeople, Work};

    fn directory() -> FileDirectory {
        let text = "id,name,mail,sam\n1,Ingrid Solberg,ingrid@corp.example,iso\n2,Rafael Monteiro,rafael@corp.example,\n\
                    3,Claire B,shared@corp.example,\n4,Claire B,shared@corp.example,\n";
        FileDirectory::parse("p.csv", text.as_bytes()).unwrap()
    }

    async fn ids(pick: Pick) -> Result<Vec<String>, String> {
        match people(&directory(), &[pick]).await {
            Ok(picked) => Ok(picked
                .people
                .iter()
                .map(|person| person.id.expose().to_owned())
                .collect()),
            Err(problem) => Err(format!(
                "{} | {}",
                problem.text(),
                problem.hints().join(" | ")
            )),
        }
    }

    /// Sends what a file holds, and says that there is more.
    struct Cut(FileDirectory);

    impl Directory for Cut {
        fn describe(&self) -> (SourceKind, String) {
            self.0.describe()
        }

        fn groups<'a>(
            &'a self,
            search: Option<&'a str>,
        ) -> Work<'a, Result<Reading<Vec<DirectoryGroup>>, Problem>> {
            self.0.groups(search)
        }

        fn members<'a>(
            &'a self,
            group: &'a DirectoryGroupId,
        ) -> Work<'a, Result<Reading<MembersAndPeople>, Problem>> {
            self.0.members(group)
        }

        fn groups_of<'a>(
            &'a self,
            person: &'a PersonId,
        ) -> Work<'a, Result<Reading<Vec<Way>>, Problem>> {
            self.0.groups_of(person)
        }

        fn people<'a>(
            &'a self,
            query: &'a PeopleQuery,
        ) -> Work<'a, Result<Reading<Vec<Arc<Person>>>, Problem>> {
            Box::pin(async move {
                let mut reading = self.0.people(query).await?;
                reading.proof = Completeness::Incomplete("the server hung up".to_owned());
                Ok(reading)
            })
        }
    }

    #[tokio::test]
    async fn what_did_not_come_whole_is_said() {
        let cut = Cut(directory());
        for (pick, name, count) in [
            (
                Pick::Query("(mail=*@corp.example)".into()),
                "(mail=*@corp.example)",
                4,
            ),
            (list_of("iso\n2\n"), "list.txt", 2),
            (Pick::Name("Ingrid Solberg".into()), "Ingrid Solberg", 1),
        ] {
            let picked = people(&cut, std::slice::from_ref(&pick)).await.unwrap();
            assert_eq!(picked.gaps.len(), 1, "{pick:?}");
            let gap = &picked.gaps[0];
            assert_eq!(gap.name.expose(), name);
            assert_eq!(gap.cause, "the server hung up");
            assert_eq!(gap.people.len(), count);
        }
        let sure = people(&cut, &[Pick::Name("iso".into())]).await.unwrap();
        assert!(sure.gaps.is_empty(), "a login is one person's");
        let problem = people(&cut, &[list_of("nobody\n")]).await.unwrap_err();
        let hints = problem.hints().join(" | ");
        assert!(hints.contains("did not send everything"), "{hints}");
    }

    fn list_of(text: &str) -> Pick {
        Pick::List {
            source: "list.txt".into(),
            entries: entries(text),
        }
    }

    #[tokio::test]
    async fn lists_name_everybody_or_say_who_is_missing() {
        let found = ids(list_of(
            "\u{feff}Mail;Name\n# board\n\"Ingrid@corp.example\";x\n\nRAFAEL@corp.example\n",
        ))
        .await;
        assert_eq!(found.unwrap(), ["1", "2"]);
        let said = ids(list_of("iso\nnobody@corp.example\nshared@corp.example\n"))
            .await
            .unwrap_err();
        assert!(said.starts_with("2 of the people in list.txt"), "{said}");
        assert!(
            said.contains(
                "line 2: nobody@corp.example is nobody | line 3: shared@corp.example is 2 people"
            ),
            "{said}"
        );
    }

    #[tokio::test]
    async fn a_name_is_one_person_or_a_question() {
        assert_eq!(
            ids(Pick::Name("ingrid solberg".into())).await.unwrap(),
            ["1"]
        );
        assert_eq!(ids(Pick::Name("ISO".into())).await.unwrap(), ["1"]);
        let said = ids(Pick::Name("Claire B".into())).await.unwrap_err();
        assert!(
            said.starts_with("several people are called \"Claire B\""),
            "{said}"
        );
        let said = ids(Pick::Name("Ingrid".into())).await.unwrap_err();
        assert!(
            said.contains("nobody called \"Ingrid\" | Ingrid Solberg  ingrid@corp.example"),
            "{said}"
        );
    }

    #[tokio::test]
    async fn a_query_that_finds_nobody_is_said() {
        assert_eq!(
            ids(Pick::Query("(mail=*@corp.example)".into()))
                .await
                .unwrap()
                .len(),
            4
        );
        assert!(
            ids(Pick::Query("(mail=x)".into()))
                .await
                .unwrap_err()
                .contains("finds nobody")
        );
    }
}
