//! People who sign in: by a code typed in elsewhere, or by the address that their browser ended at.
//! Their waiting runs on a fast clock on both sides, so the pauses are kept and checked all the same.

use futures_util::future::join_all;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use url::Url;

use super::world::{Fast, Watched, browse, by, hasty};
use qroll::connectors::entra::{Attendant, Credential, DeviceCode};
use qroll::ports::{Directory as _, Kind, PeopleQuery, Problem, Secret, Work};
use qroll::simulator::Running;
use qroll::simulator::graph::{Decision, SignIns};

const SPEED: u32 = 60;

/// A person at a terminal, and what they do with an address to open.
#[derive(Default)]
struct Person {
    shown: Mutex<Vec<DeviceCode>>,
    /// Pasted one after the other; `BROWSER` is where the browser ends, with changes.
    pastes: Mutex<Vec<String>>,
    refused: Mutex<Vec<String>>,
}

const BROWSER: &str = "BROWSER";

impl Person {
    fn pasting(pastes: &[&str]) -> Self {
        let mut pastes: Vec<String> = pastes.iter().map(|text| (*text).to_owned()).collect();
        pastes.reverse();
        Self {
            pastes: Mutex::new(pastes),
            ..Self::default()
        }
    }

    fn code(&self) -> DeviceCode {
        self.shown.lock().expect("no test panicked")[0].clone()
    }
}

impl Attendant for Person {
    fn show(&self, code: &DeviceCode) {
        self.shown
            .lock()
            .expect("no test panicked")
            .push(code.clone());
    }

    fn paste<'a>(&'a self, address: &'a Url) -> Work<'a, Result<Option<Secret>, Problem>> {
        let next = self.pastes.lock().expect("no test panicked").pop();
        Box::pin(async move {
            let Some(next) = next else { return Ok(None) };
            let Some(change) = next.strip_prefix(BROWSER) else {
                return Ok(Some(Secret::new(next)));
            };
            // `BROWSER name=value` changes a parameter of the address before it is opened.
            let mut address = address.clone();
            if let Some((name, value)) = change.trim().split_once('=') {
                let pairs: Vec<(String, String)> = address.query_pairs().into_owned().collect();
                address.query_pairs_mut().clear().extend_pairs(
                    pairs
                        .iter()
                        .map(|(own, old)| (own, if own == name { value } else { old })),
                );
            }
            let (status, leads, body) = browse(address.as_str()).await;
            assert_eq!(status, 302, "{body}");
            Ok(Some(Secret::new(leads)))
        })
    }

    fn refused(&self, problem: &Problem) {
        let text = problem.text().to_owned();
        self.refused.lock().expect("no test panicked").push(text);
    }
}

fn decide(world: &Running, decision: Decision) {
    world.with_sign_ins(|ins| {
        for code in ins.user_codes() {
            assert!(ins.decide(&code, decision));
        }
    });
}

/// Signs in by a code on a world where `act` happens before each poll.
async fn by_code(
    world: &Arc<Running>,
    act: impl Fn(&Running, usize) + Send + Sync + 'static,
) -> (Result<(), Problem>, Arc<Watched>, Person) {
    let (acting, person) = (world.clone(), Person::default());
    let wire = Watched::new(move |poll| act(&acting, poll));
    let directory = wire.directory(by(world, Credential::DeviceCode), Fast::new(SPEED));
    let outcome = directory.sign_in(&person).await;
    if outcome.is_ok() {
        let people = directory.people(&PeopleQuery::All).await.expect("people");
        assert!(people.proof.is_proven() && !people.value.is_empty());
    }
    (outcome, wire, person)
}

#[tokio::test]
async fn a_code_is_shown_and_polled_for_until_the_person_is_done() {
    let world = hasty(SPEED).await;
    let (outcome, wire, person) = by_code(&world, |world, poll| {
        if poll == 3 {
            decide(world, Decision::Approved);
        }
    })
    .await;
    outcome.expect("signed in");
    let pending = "authorization_pending";
    assert_eq!(wire.said(), [pending, pending, "token"]);
    let code = person.code();
    let page = code.address.expose();
    assert_eq!(page, format!("{}/devicelogin", world.login_url));
    assert_eq!(code.life, Duration::from_mins(15));
    assert_eq!(code.code.expose().len(), 9);
    let (status, ..) = browse(&format!("{page}?code=NOBODYSCODE")).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn who_is_told_to_slow_down_does_so_for_good() {
    let world = hasty(SPEED).await;
    let (outcome, wire, _) = by_code(&world, |world, poll| match poll {
        // Between the first poll and the second the service wants longer pauses than it announced.
        2 => world.with_sign_ins(|ins| ins.poll_every(600)),
        3 => world.with_sign_ins(|ins| ins.poll_every(9)),
        5 => decide(world, Decision::Approved),
        _ => {}
    })
    .await;
    outcome.expect("signed in");
    let pending = "authorization_pending";
    assert_eq!(
        wire.said(),
        [pending, "slow_down", pending, pending, "token"]
    );
}

#[tokio::test]
async fn trouble_on_the_way_does_not_end_the_polling() {
    for fault in ["drop-before", "503=1", "429=1", "500"] {
        let world = hasty(SPEED).await;
        let fault = format!("{fault}@graph:POST:/*/oauth2/v2.0/token#2");
        world.add_fault(fault.parse().expect("a fault"));
        let (outcome, wire, _) = by_code(&world, |world, poll| {
            if poll == 3 {
                decide(world, Decision::Approved);
            }
        })
        .await;
        outcome.unwrap_or_else(|problem| panic!("{fault}: {problem}"));
        assert_eq!(wire.said().len(), 3, "{fault}: {:?}", wire.said());
    }
}

#[tokio::test]
async fn a_declined_an_expired_and_a_forbidden_code_are_told_apart() {
    let world = hasty(SPEED).await;
    let (outcome, wire, _) = by_code(&world, |world, _| decide(world, Decision::Declined)).await;
    let problem = outcome.unwrap_err();
    assert_eq!(problem.kind, Kind::Declined, "{problem}");
    assert!(problem.text().contains("declined"), "{problem}");
    assert_eq!(wire.said(), ["authorization_declined"]);

    let world = hasty(600).await;
    world.with_sign_ins(|ins| ins.poll_every(60));
    let person = Person::default();
    let wire = Watched::new(|_| {});
    let directory = wire.directory(by(&world, Credential::DeviceCode), Fast::new(600));
    let problem = directory.sign_in(&person).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Auth, "{problem}");
    assert!(problem.text().contains("expired"), "{problem}");
    assert!(problem.hints()[0].contains("new code"));
    assert!((2..=15).contains(&wire.said().len()), "{:?}", wire.said());

    let world = hasty(SPEED).await;
    world.with_sign_ins(|ins| ins.allow_public_client(false));
    let (outcome, ..) = by_code(&world, |_, _| {}).await;
    let problem = outcome.unwrap_err();
    assert_eq!(problem.kind, Kind::Auth, "{problem}");
    assert!(problem.hints()[0].contains("allow public client flows"));

    let world = hasty(SPEED).await;
    world.with_sign_ins(|ins| ins.withdraw("User.Read.All"));
    let (outcome, _, person) = by_code(&world, |_, _| {}).await;
    let problem = outcome.unwrap_err();
    assert!(problem.hints()[0].contains("consent"), "{problem:?}");
    assert!(person.shown.lock().expect("no test panicked").is_empty());
}

#[tokio::test]
async fn whoever_leaves_ends_the_polling() {
    let world = hasty(SPEED).await;
    let polled = Arc::new(Notify::new());
    let told = polled.clone();
    let wire = Watched::new(move |poll| {
        if poll == 2 {
            told.notify_one();
        }
    });
    let directory = wire.directory(by(&world, Credential::DeviceCode), Fast::new(SPEED));
    let person = Person::default();
    tokio::select! {
        outcome = directory.sign_in(&person) => panic!("{outcome:?}"),
        () = polled.notified() => {}
    }
    let before = wire.said().len();
    let problem = directory.groups(None).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Auth, "{problem}");
    assert!(problem.text().contains("Nobody is signed in"), "{problem}");
    assert_eq!(wire.said().len(), before, "nothing was asked any more");
}

#[tokio::test]
async fn an_address_pasted_back_signs_in() {
    let world = hasty(SPEED).await;
    let person = Person::pasting(&[
        "",
        "https://login.example/",
        "http://localhost/?code=stolen",
        BROWSER,
    ]);
    let wire = Watched::new(|_| {});
    let directory = wire.directory(by(&world, Credential::Browser), Fast::new(SPEED));
    directory.sign_in(&person).await.expect("signed in");
    let refused = person.refused.lock().expect("no test panicked").clone();
    assert_eq!(refused.len(), 3, "{refused:?}");
    assert!(refused[1].contains("one of login.example"), "{refused:?}");
    assert_eq!(
        wire.said(),
        ["token"],
        "nothing but the right address is redeemed"
    );
    let people = directory.people(&PeopleQuery::All).await.expect("people");
    assert!(people.proof.is_proven());
}

#[tokio::test]
async fn codes_of_other_sign_ins_are_of_no_use() {
    for (paste, kind, words) in [
        // Somebody else's state: it is not even redeemed.
        ("BROWSER state=other", Kind::Guard, "another sign-in"),
        // A code that was asked for with another challenge: Entra refuses the verifier.
        (
            "BROWSER code_challenge=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            Kind::Auth,
            "code_verifier does not match",
        ),
        // The page itself refuses.
        ("BROWSER code_challenge_method=plain", Kind::Auth, "PKCE"),
    ] {
        let world = hasty(SPEED).await;
        let wire = Watched::new(|_| {});
        let directory = wire.directory(by(&world, Credential::Browser), Fast::new(SPEED));
        let person = Person::pasting(&[paste]);
        let problem = directory.sign_in(&person).await.unwrap_err();
        assert_eq!(problem.kind, kind, "{paste}: {problem}");
        assert!(problem.text().contains(words), "{paste}: {problem}");
        let redeemed = usize::from(words.contains("verifier"));
        assert_eq!(wire.said().len(), redeemed, "{paste}");
    }
    let world = hasty(SPEED).await;
    let wire = Watched::new(|_| {});
    let directory = wire.directory(by(&world, Credential::Browser), Fast::new(SPEED));
    let problem = directory.sign_in(&Person::pasting(&[])).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Declined, "{problem}");
}

#[tokio::test]
async fn a_sign_in_lasts_by_its_refresh_token() {
    let world = hasty(1).await;
    world.with_sign_ins(|ins| ins.tokens_live(1_000));
    let clock = Fast::new(1);
    let wire = Watched::new(|_| {});
    let directory = wire.directory(by(&world, Credential::Browser), clock.clone());
    let person = Person::pasting(&[BROWSER]);
    directory.sign_in(&person).await.expect("signed in");
    let read = async || directory.groups(None).await.map(|groups| groups.proof);
    clock.advance(Duration::from_mins(13));
    read().await.expect("groups");
    assert_eq!(wire.said().len(), 1, "before four fifths of its life");
    clock.advance(Duration::from_secs(20));
    read().await.expect("groups");
    assert_eq!(wire.said(), ["token", "token"]);
    // A token that is refused is renewed once for everybody.
    world.add_fault("expire-token@graph:GET:/groups#3".parse().expect("a fault"));
    for proof in join_all((0..6).map(|_| read())).await {
        assert!(proof.expect("groups").is_proven());
    }
    assert_eq!(wire.said().len(), 3, "{:?}", wire.said());
    // Revoked, as by a new password: there is nothing left to renew with, and no second try.
    world.with_sign_ins(SignIns::revoke);
    clock.advance(Duration::from_mins(15));
    for _ in 0..2 {
        let problem = read().await.unwrap_err();
        assert_eq!(problem.kind, Kind::Auth, "{problem}");
        let hints = problem.hints().join(" ");
        assert!(hints.contains("Sign in again"), "{hints}");
    }
    assert_eq!(wire.said().len(), 4, "{:?}", wire.said());
}

#[tokio::test]
async fn what_a_person_may_not_read_is_named_as_theirs() {
    let world = hasty(1).await;
    let wire = Watched::new(|_| {});
    let directory = wire.directory(by(&world, Credential::Browser), Fast::new(1));
    let person = Person::pasting(&[BROWSER]);
    directory.sign_in(&person).await.expect("signed in");
    world.with_sign_ins(|ins| ins.withdraw("GroupMember.Read.All"));
    let problem = directory.groups(None).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Denied);
    let hint = &problem.hints()[0];
    assert!(
        hint.contains("delegated permission GroupMember.Read.All"),
        "{hint}"
    );
}
