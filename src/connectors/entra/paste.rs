//! The authorization code flow with PKCE (RFC 7636) for a machine without a browser: the person opens
//! the address anywhere, the browser ends at `http://localhost`, where nobody listens, and the person
//! pastes back what stands in its address bar.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use url::{Position, Url};

use super::refusal::{Granted, text_hints, token_answer, token_refusal};
use super::sign_in::{Attendant, SignIn};
use crate::ports::{Kind, Problem, Rng, Secret};

/// Registered as "Mobile and desktop applications"; Entra does not look at the port.
const REDIRECT: &str = "http://localhost";
/// Longer is no address of a browser.
const LONGEST: usize = 32 << 10;

impl SignIn {
    /// Signs a person in by the address that the browser ends at.
    ///
    /// # Errors
    /// `Declined` when the person left, `Guard` when the address belongs to another sign-in, `Auth`
    /// when the service refuses.
    pub(super) async fn by_browser(&self, attendant: &dyn Attendant) -> Result<Granted, Problem> {
        // 64 characters, of the 43 to 128 that PKCE wants.
        let (verifier, state) = (random(&*self.rng, 6), random(&*self.rng, 3));
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let scope = self.scope();
        let mut address = self.address("authorize");
        address.query_pairs_mut().extend_pairs([
            ("client_id", self.config.client_id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("response_mode", "query"),
            ("scope", &scope),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let code = loop {
            let Some(pasted) = attendant.paste(&address).await? else {
                return Err(Problem::new(
                    Kind::Declined,
                    "The sign-in to the directory was left.",
                ));
            };
            match code_in(pasted.expose(), &state, &address) {
                Err(problem) if problem.kind == Kind::User => attendant.refused(&problem),
                other => break other?,
            }
        };
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", self.config.client_id.as_str()),
            ("scope", &scope),
            ("code", code.expose()),
            ("redirect_uri", REDIRECT),
            ("code_verifier", &verifier),
        ];
        let response = self.post("token", &fields).await?;
        match response.status {
            200 => token_answer(&response),
            _ => Err(token_refusal(&response, &self.origin.label())),
        }
    }
}

/// Eight bytes a word, base64url.
fn random(rng: &dyn Rng, words: usize) -> String {
    let bytes: Vec<u8> = (0..words).flat_map(|_| rng.next().to_be_bytes()).collect();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The code in a pasted address. `User` for what may be pasted better.
fn code_in(pasted: &str, state: &str, page: &Url) -> Result<Secret, Problem> {
    let slip = |text: &str| {
        Problem::new(Kind::User, text).hint(
            "Paste the whole address that the browser shows at the end: http://localhost/?code=...",
        )
    };
    let pasted = unbracketed(pasted);
    if pasted.is_empty() {
        return Err(slip("Nothing was pasted."));
    }
    if pasted.len() > LONGEST {
        return Err(slip("What was pasted is too long for an address."));
    }
    let Ok(url) = Url::parse(pasted) else {
        return Err(slip("What was pasted is no address."));
    };
    if url[..Position::AfterPath] == page[..Position::AfterPath] {
        return Err(slip(
            "That is the address of the sign-in page: open it, sign in, and paste where it leads.",
        ));
    }
    let home = url.scheme() == "http"
        && url.host_str() == Some("localhost")
        && url.path() == "/"
        && url.username().is_empty()
        && url.password().is_none();
    if !home {
        let host = url.host_str().unwrap_or("no host");
        return Err(slip(&format!(
            "The address is one of {host}, not the http://localhost that the sign-in ends at."
        )));
    }
    let one = |name: &str| {
        let mut values = url.query_pairs().filter(|(key, _)| key == name);
        let first = values.next().map(|(_, value)| value.into_owned());
        first.filter(|value| !value.is_empty() && values.next().is_none())
    };
    match one("state") {
        None => return Err(slip("The address is cut off: it names no sign-in.")),
        Some(own) if own != state => {
            return Err(Problem::new(
                Kind::Guard,
                "The address belongs to another sign-in; it was not used.",
            )
            .hint("Start again, and paste the address of the sign-in that was just shown."));
        }
        Some(_) => {}
    }
    if let Some(error) = one("error") {
        return Err(refusal(
            &error,
            &one("error_description").unwrap_or_default(),
        ));
    }
    one("code")
        .map(Secret::new)
        .ok_or_else(|| slip("The address is cut off: it holds no code."))
}

/// Without the marks that a terminal may put around a paste, and blanks.
fn unbracketed(pasted: &str) -> &str {
    let pasted = pasted.trim();
    let pasted = pasted.strip_prefix("\u{1b}[200~").unwrap_or(pasted);
    pasted.strip_suffix("\u{1b}[201~").unwrap_or(pasted).trim()
}

fn refusal(error: &str, description: &str) -> Problem {
    let first_line = description.lines().next().unwrap_or_default();
    let kind = match error {
        "access_denied" => Kind::Declined,
        _ => Kind::Auth,
    };
    let text = format!("The sign-in to the directory was refused: {error} {first_line}");
    text_hints(first_line)
        .into_iter()
        .fold(Problem::new(kind, text.trim_end()), Problem::hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::testing::Dice;

    fn read(pasted: &str) -> Result<Secret, Problem> {
        let page = "https://login.example/t/oauth2/v2.0/authorize?state=right"
            .parse()
            .unwrap();
        code_in(pasted, "right", &page)
    }

    #[test]
    fn the_code_is_found_in_the_whole_address_only() {
        for pasted in [
            "http://localhost/?code=1.abc&state=right&session_state=x",
            "  http://localhost/?state=right&code=1.abc#  \n",
            "http://localhost:8400/?code=1.abc&state=right",
            "\u{1b}[200~http://localhost/?code=1.abc&state=right\u{1b}[201~",
        ] {
            assert_eq!(read(pasted).unwrap().expose(), "1.abc", "{pasted}");
        }
    }

    #[test]
    fn slips_are_told_and_may_be_mended() {
        for (pasted, words) in [
            ("", "Nothing was pasted"),
            ("1.abc", "no address"),
            ("http://localhost/?code=1.abc", "cut off"),
            ("http://localhost/?state=right", "holds no code"),
            ("http://localhost/?state=right&code=", "holds no code"),
            (
                "http://localhost/?state=right&code=a&code=b",
                "holds no code",
            ),
            (
                "https://localhost/?code=1.abc&state=right",
                "not the http://localhost",
            ),
            (
                "http://evil.example/?code=1.abc&state=right",
                "one of evil.example",
            ),
            (
                "http://localhost@evil.example/?code=1&state=right",
                "one of evil.example",
            ),
            (
                "http://localhost/other?code=1.abc&state=right",
                "not the http://localhost",
            ),
            (
                "https://login.example/t/oauth2/v2.0/authorize?state=right&code=1",
                "sign-in page",
            ),
            ("mailto:a@b", "no host"),
        ] {
            let problem = read(pasted).unwrap_err();
            assert_eq!(problem.kind, Kind::User, "{pasted}: {problem}");
            assert!(problem.text().contains(words), "{pasted}: {problem}");
            assert!(!problem.text().contains("1.abc"), "{problem}");
        }
        assert!(
            read(&"x".repeat(40_000))
                .unwrap_err()
                .text()
                .contains("too long")
        );
    }

    #[test]
    fn another_sign_in_and_a_refusal_end_it() {
        for state in ["wrong", "Right", "right%20"] {
            let problem = read(&format!("http://localhost/?code=1&state={state}")).unwrap_err();
            assert_eq!(problem.kind, Kind::Guard, "{state}: {problem}");
        }
        let refused = |rest: &str| read(&format!("http://localhost/?state=right&{rest}"));
        let problem = refused("error=access_denied").unwrap_err();
        assert_eq!(problem.kind, Kind::Declined);
        let problem =
            refused("error=invalid_grant&error_description=AADSTS53003%3a+Blocked.%0d%0aTrace")
                .unwrap_err();
        assert_eq!(problem.kind, Kind::Auth);
        assert!(
            problem.text().ends_with("AADSTS53003: Blocked."),
            "{problem}"
        );
        assert!(problem.hints()[0].contains("Conditional Access"));
    }

    #[test]
    fn verifiers_are_as_long_as_pkce_wants() {
        let dice = Dice::new(1);
        let (one, two) = (random(&dice, 6), random(&dice, 6));
        assert_eq!((one.len(), two.len()), (64, 64));
        assert_ne!(one, two);
    }
}
