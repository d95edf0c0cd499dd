//! A tenant whose lists change from one reading to the next.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use super::*;
use crate::domain::{
    Identity, LicenseAssignment, Listing, Reading, SpaceAssignment, SpaceId, TenantInfo, User,
    testing,
};
use crate::ports::{
    Durable, LoadProgress, Method, Observation, Prepared, Question, Reply, Work, WriteCall,
};

type Answer = Result<Listing, Problem>;

/// Answers each further reading of a list from a script.
struct Script(Mutex<VecDeque<Answer>>);

impl Script {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self(Mutex::new(answers.into_iter().collect()))
    }

    fn left(&self) -> usize {
        self.0.lock().expect("no panic").len()
    }
}

fn never<T: Send + 'static>() -> Work<'static, Result<T, Problem>> {
    Box::pin(async { Err(Problem::new(Kind::Internal, "not asked for here")) })
}

impl Tenant for Script {
    fn identify(&self) -> Work<'_, Result<(TenantInfo, Identity), Problem>> {
        never()
    }

    fn load<'a>(
        &'a self,
        _: &'a (dyn Fn(LoadProgress) + Send + Sync),
    ) -> Work<'a, Result<TenantSnapshot, Problem>> {
        never()
    }

    fn assignments<'a>(
        &'a self,
        _: &'a SpaceId,
    ) -> Work<'a, Result<Reading<Vec<SpaceAssignment>>, Problem>> {
        never()
    }

    fn again<'a>(&'a self, _: &'a List) -> Work<'a, Answer> {
        let next = self.0.lock().expect("no panic").pop_front();
        Box::pin(async move { next.expect("one reading too many") })
    }

    fn observe<'a>(&'a self, _: &'a Question) -> Work<'a, Result<Observation, Problem>> {
        never()
    }

    fn prepare(&self, _: &WriteCall) -> Prepared {
        Prepared {
            method: Method::Get,
            path: String::new(),
            body: Vec::new(),
            tier: crate::domain::Tier::One,
        }
    }

    fn remember(&self, _: crate::domain::Tier, _: &[Duration], _: Duration) {}

    fn send(&self, _: Durable, _: Prepared) -> Work<'_, Reply> {
        Box::pin(async {
            Reply::NotSent {
                cause: "nothing is sent here".into(),
            }
        })
    }
}

fn once() -> Completeness {
    Completeness::Once("read to the last page".to_owned())
}

fn seats(subjects: &[&str]) -> Reading<Vec<LicenseAssignment>> {
    let seat = |subject: &&str| LicenseAssignment {
        subject: (*subject).into(),
        license: Some("analyzer".into()),
        excess: false,
        created: None,
    };
    Reading {
        value: subjects.iter().map(seat).collect(),
        proof: once(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a script holds failures too")]
fn licenses(subjects: &[&str]) -> Answer {
    Ok(Listing::Licenses(seats(subjects)))
}

fn users(names: &[&str]) -> Reading<Vec<std::sync::Arc<User>>> {
    Reading {
        value: names
            .iter()
            .map(|name| testing::user(name, false))
            .collect(),
        proof: once(),
    }
}

fn live() -> TenantSnapshot {
    let mut live = testing::live(Vec::new());
    live.users = users(&["a", "b"]);
    live.put(Listing::Licenses(seats(&["a", "b"])));
    live
}

async fn look(answers: Vec<Answer>, list: List) -> (TenantSnapshot, Vec<Doubt>, usize) {
    let (script, mut live) = (Script::new(answers), live());
    let doubts = look_again(&script, &mut live, &[list].into()).await;
    (live, doubts.expect("looked"), script.left())
}

fn held(live: &TenantSnapshot) -> Vec<&str> {
    let seats = live.licensing.value.assignments.iter();
    seats.map(|seat| seat.subject.expose()).collect()
}

#[tokio::test]
async fn two_equal_readings_prove_a_list_and_no_more_are_asked_for() {
    let answers = vec![licenses(&["b", "a"]), licenses(&["x"])];
    let (live, doubts, left) = look(answers, List::Licenses).await;
    assert!(doubts.is_empty());
    assert_eq!(left, 1, "one further reading is enough");
    assert!(!live.licensing.proof.wants_second_look() && live.licensing.proof.is_proven());
}

#[tokio::test]
async fn a_list_that_settles_later_is_taken_as_it_settled() {
    let answers = vec![licenses(&["a", "b", "c"]), licenses(&["a", "b", "c"])];
    let (live, doubts, left) = look(answers, List::Licenses).await;
    assert_eq!((doubts.len(), left), (0, 0));
    assert_eq!(held(&live), ["a", "b", "c"], "the later reading counts");
}

#[tokio::test]
async fn three_failures_switch_removals_off_with_the_cause() {
    let answers = vec![
        licenses(&["a"]),
        licenses(&["a", "b"]),
        licenses(&["a", "c"]),
        licenses(&["a", "c"]),
    ];
    let (live, doubts, left) = look(answers, List::Licenses).await;
    assert_eq!((doubts.len(), left), (1, 1), "no fourth further reading");
    let doubt = &doubts[0];
    assert_eq!((doubt.what.expose(), doubt.of_tenant), ("licenses", true));
    assert!(doubt.cause.contains("4 times in a row"), "{}", doubt.cause);
    assert!(doubt.cause.ends_with("(last 2 and 2, of which 2 differ)"));
    assert_eq!(doubt.count, None, "nobody can vouch for it");
    assert!(live.licensing.proof.wants_second_look());
}

#[tokio::test]
async fn a_second_reading_that_fails_or_is_cut_proves_nothing() {
    let lost = Problem::new(Kind::Network, "the line broke");
    let (_, doubts, _) = look(vec![Err(lost)], List::Licenses).await;
    assert!(doubts[0].cause.contains("the line broke"));
    let mut cut = seats(&["a", "b"]);
    cut.proof = Completeness::Incomplete("page 2 of 3".to_owned());
    let (live, doubts, _) = look(vec![Ok(Listing::Licenses(cut))], List::Licenses).await;
    assert!(doubts[0].cause.contains("page 2 of 3"));
    assert!(live.licensing.proof.wants_second_look());
    let (_, doubts, _) = look(Vec::new(), List::Assignments("s".into())).await;
    assert_eq!(doubts[0].cause, "were not read");
}

#[tokio::test]
async fn a_credential_that_is_refused_ends_it() {
    let refused = Problem::new(Kind::Auth, "401");
    let script = Script::new([Err(refused)]);
    let looked = look_again(&script, &mut live(), &[List::Licenses].into()).await;
    assert_eq!(looked.expect_err("refused").kind, Kind::Auth);
}

#[tokio::test]
async fn before_a_send_only_what_tells_who_is_protected_is_read_again() {
    let guards = crate::domain::Guards::default();
    let plan = testing::plan(vec![testing::unseat("a")]);
    let refused = crate::commit::guarded(&guards, &live(), Some(&plan));
    assert_eq!(refused.expect_err("nobody looked").kind, Kind::Guard);

    let script = Script::new([Ok(Listing::Users(users(&["a", "b"])))]);
    let mut now = live();
    let settled = settle_protection(&script, &mut now, &[testing::unseat("a")]).await;
    settled.expect("looked");
    assert_eq!(script.left(), 0, "users, and not the licenses");
    assert!(crate::commit::guarded(&guards, &now, Some(&plan)).is_ok());

    let moving = [["a"], ["b"], ["a"]].map(|names| Ok(Listing::Users(users(&names))));
    let script = Script::new(moving);
    let mut now = live();
    let settled = settle_protection(&script, &mut now, &[testing::unseat("a")]).await;
    settled.expect("looked");
    let refused = crate::commit::guarded(&guards, &now, Some(&plan));
    assert_eq!(refused.expect_err("it did not settle").kind, Kind::Guard);

    let script = Script::new([]);
    let nothing = settle_protection(&script, &mut live(), &[]).await;
    nothing.expect("nothing is taken, nothing is asked");
}
