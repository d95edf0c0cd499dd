//! People who must be in every reading of the directory: without one of them the reading is bad,
//! whatever it counts (reliability C16). A filter with a slip and rights that shrank come whole.

use crate::domain::{DirectorySnapshot, Doubt, Person};
use crate::ports::{Directory, PeopleQuery};
use crate::text::Raw;

/// Which of these are missing. A reading of everybody has to hold them; of one that is about some
/// people only nobody can say so, and the directory is asked for who was not met.
pub async fn missing_canaries(
    directory: &dyn Directory,
    read: &DirectorySnapshot,
    canaries: &[Raw],
) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    for name in canaries {
        if let Some(cause) = missing(directory, read, name).await {
            doubts.push(Doubt {
                what: Raw::from(read.label.as_str()),
                cause,
                count: None,
                of_tenant: false,
            });
        }
    }
    doubts
}

/// Why a reading without this person is bad.
async fn missing(
    directory: &dyn Directory,
    read: &DirectorySnapshot,
    name: &Raw,
) -> Option<String> {
    let mut met = read.people.value.values();
    let aged = read.people.proof.is_of_last_session();
    if !aged && met.any(|person| is_named(person, name)) {
        return None;
    }
    let gone = format!(
        "does not hold {}, who must be in every reading of it (canary)",
        name.show()
    );
    if read.people.proof.is_proven() {
        return Some(gone);
    }
    let query = PeopleQuery::Addresses(vec![name.clone()]);
    match directory.people(&query).await {
        Ok(found) if found.value.iter().any(|person| is_named(person, name)) => None,
        Ok(_) => Some(gone),
        Err(problem) => Some(format!(
            "could not be asked for {}, who must be in every reading of it (canary): {problem}",
            name.show()
        )),
    }
}

fn is_named(person: &Person, name: &Raw) -> bool {
    let wanted = name.key();
    person.signs().any(|sign| sign.key() == wanted)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::domain::{
        Completeness, DirectoryGroup, DirectoryGroupId, Membership, PersonId, Reading, SourceKind,
        Way,
    };
    use crate::ports::{Kind, Problem, Work};

    /// A directory that finds these people, or breaks; counts how often it was asked.
    struct Source {
        finds: Option<Vec<Arc<Person>>>,
        asked: AtomicUsize,
    }

    type People = Reading<Vec<Arc<Person>>>;

    impl Directory for Source {
        fn describe(&self) -> (SourceKind, String) {
            (SourceKind::File, "people.csv".to_owned())
        }

        fn groups<'a>(
            &'a self,
            _: Option<&'a str>,
        ) -> Work<'a, Result<Reading<Vec<DirectoryGroup>>, Problem>> {
            Box::pin(async { Err(Problem::new(Kind::Internal, "not asked for here")) })
        }

        fn members<'a>(
            &'a self,
            _: &'a DirectoryGroupId,
        ) -> Work<'a, Result<Reading<(Vec<Membership>, Vec<Arc<Person>>)>, Problem>> {
            Box::pin(async { Err(Problem::new(Kind::Internal, "not asked for here")) })
        }

        fn groups_of<'a>(
            &'a self,
            _: &'a PersonId,
        ) -> Work<'a, Result<Reading<Vec<Way>>, Problem>> {
            Box::pin(async { Err(Problem::new(Kind::Internal, "not asked for here")) })
        }

        fn people<'a>(&'a self, _: &'a PeopleQuery) -> Work<'a, Result<People, Problem>> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let found = self.finds.clone();
            Box::pin(async move {
                let broken = || Problem::new(Kind::Network, "the line broke");
                found
                    .map(|all| Reading::proven(all, "a test"))
                    .ok_or_else(broken)
            })
        }
    }

    fn person(id: &str) -> Person {
        let mut person = Person::new(PersonId::from(id), "Somebody");
        person.mail = Some(Raw::new(format!("{id}@corp.example")));
        person.upn = Some(Raw::new(format!("{id}@login.example")));
        person
    }

    fn read(ids: &[&str], proof: Completeness) -> DirectorySnapshot {
        let label = "people.csv";
        let mut read = DirectorySnapshot::empty(SourceKind::File, label, jiff::Timestamp::MIN);
        let people = ids
            .iter()
            .map(|id| (PersonId::from(*id), Arc::new(person(id))));
        let value: BTreeMap<_, _> = people.collect();
        read.people = Reading { value, proof };
        read
    }

    async fn ask(
        read: &DirectorySnapshot,
        finds: Option<&[&str]>,
        canaries: &[&str],
    ) -> (Vec<String>, usize) {
        let source = Source {
            finds: finds.map(|ids| ids.iter().map(|id| Arc::new(person(id))).collect()),
            asked: AtomicUsize::new(0),
        };
        let canaries: Vec<Raw> = canaries.iter().map(|name| Raw::from(*name)).collect();
        let doubts = missing_canaries(&source, read, &canaries).await;
        assert!(doubts.iter().all(|one| one.what.expose() == "people.csv"));
        assert!(
            doubts
                .iter()
                .all(|one| !one.of_tenant && one.count.is_none())
        );
        let causes = doubts.into_iter().map(|doubt| doubt.cause).collect();
        (causes, source.asked.load(Ordering::SeqCst))
    }

    fn whole() -> Completeness {
        Completeness::proven("a test")
    }

    #[tokio::test]
    async fn whoever_was_met_is_not_asked_for() {
        let read = read(&["ann", "bob"], whole());
        for name in ["ANN@corp.example", "ann@login.example", "ann"] {
            let found = ask(&read, None, &[name]).await;
            assert_eq!(found, (Vec::new(), 0), "{name}");
        }
        assert_eq!(ask(&read, None, &[]).await, (Vec::new(), 0));
    }

    #[tokio::test]
    async fn a_reading_of_everybody_without_the_canary_is_bad() {
        let read = read(&["bob"], whole());
        let (causes, asked) = ask(&read, Some(&["ann"]), &["ann@corp.example", "bob"]).await;
        assert_eq!(
            causes,
            ["does not hold ann@corp.example, who must be in every reading of it (canary)"]
        );
        assert_eq!(asked, 0, "whatever a question would find");
    }

    #[tokio::test]
    async fn of_some_people_only_the_directory_is_asked() {
        for proof in [Completeness::Unread, Completeness::Incomplete("cut".into())] {
            let read = read(&["bob"], proof);
            let (causes, asked) = ask(&read, Some(&["ann"]), &["ann@corp.example"]).await;
            assert_eq!((causes.len(), asked), (0, 1), "{causes:?}");
            // Somebody else is not who was asked for.
            let (causes, _) = ask(&read, Some(&["anna"]), &["ann@corp.example"]).await;
            assert!(causes[0].starts_with("does not hold"), "{causes:?}");
            let (causes, _) = ask(&read, None, &["ann@corp.example"]).await;
            assert!(causes[0].contains("the line broke"), "{causes:?}");
        }
    }

    #[tokio::test]
    async fn whom_another_session_met_proves_nothing() {
        let mut read = read(&["ann"], whole());
        read.people.proof.age();
        let (causes, asked) = ask(&read, Some(&[]), &["ann"]).await;
        assert_eq!((causes.len(), asked), (1, 1));
    }
}
