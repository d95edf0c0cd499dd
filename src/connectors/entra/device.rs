//! The device code flow (RFC 8628, directories.md 2.2): a code is shown, a person types it into a
//! browser anywhere, and the token endpoint is polled until the person is done. The server's answer
//! decides, the announced life only ends the waiting. Dropping the future ends the polling.

use serde::Deserialize;
use std::time::Duration;
use url::Url;

use super::client::{is_final, pause_for};
use super::refusal::{Granted, token_answer, token_error, token_refusal};
use super::sign_in::{Attendant, DeviceCode, SignIn};
use crate::connectors::http::{backoff, check_answer};
use crate::ports::{Kind, Problem, WireResponse};
use crate::text::Raw;

/// Of RFC 8628.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Pause between polls where the server names none (RFC 8628).
const PAUSE: u64 = 5;
/// What `slow_down` adds, for good (RFC 8628).
const SLOWER: Duration = Duration::from_secs(5);
/// Longest pause and longest life that are believed, in seconds.
const LONGEST_PAUSE: u64 = 60;
const LONGEST_LIFE: u64 = 3_600;
/// Longer is no code that anybody would type.
const LONGEST_CODE: usize = 40;

#[derive(Deserialize)]
struct Body {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: u64,
    interval: Option<u64>,
}

impl SignIn {
    /// Signs a person in by a code.
    ///
    /// # Errors
    /// `Declined` when the person said no, `Auth` when the code expired or the service refuses.
    pub(super) async fn by_device(&self, attendant: &dyn Attendant) -> Result<Granted, Problem> {
        let scope = self.scope();
        let client = self.config.client_id.as_str();
        let fields = [("client_id", client), ("scope", &scope)];
        let response = self.post("devicecode", &fields).await?;
        if response.status != 200 {
            return Err(token_refusal(&response, &self.origin.label()));
        }
        let body = read(&response)?;
        let life = Duration::from_secs(body.expires_in.clamp(1, LONGEST_LIFE));
        let until = self.clock.now().plus(life);
        attendant.show(&DeviceCode {
            address: Raw::from(body.verification_uri.as_str()),
            code: Raw::from(body.user_code.as_str()),
            life,
        });
        let mut pause = Duration::from_secs(body.interval.unwrap_or(PAUSE).clamp(1, LONGEST_PAUSE));
        let mut failed = 0;
        loop {
            // After a failure longer, and never shorter than asked for.
            let grown = if failed > 0 {
                backoff(&*self.rng, failed)
            } else {
                Duration::ZERO
            };
            self.clock.sleep(pause.max(grown)).await;
            if self.clock.now() >= until {
                return Err(expired());
            }
            let poll = [
                ("grant_type", GRANT),
                ("client_id", client),
                ("device_code", body.device_code.as_str()),
            ];
            match self.wire.send(self.form("token", &poll)).await {
                Ok(response) => match self.judge(&response)? {
                    Polled::Granted(granted) => return Ok(granted),
                    Polled::Pending => failed = 0,
                    Polled::Slower => pause += SLOWER,
                    Polled::Failed(wait) => {
                        failed += 1;
                        self.clock.sleep(wait).await;
                    }
                },
                Err(failure) if !is_final(&failure) => failed += 1,
                Err(failure) => return Err(self.unreachable(failure)),
            }
        }
    }

    fn judge(&self, response: &WireResponse) -> Result<Polled, Problem> {
        if response.status == 200 {
            return token_answer(response).map(Polled::Granted);
        }
        // The first of many attempts, however many there were: the life of the code ends them.
        if let Some(wait) = pause_for(response, 1, &*self.rng, self.clock.wall()) {
            return Ok(Polled::Failed(wait));
        }
        match token_error(response).code() {
            "authorization_pending" => Ok(Polled::Pending),
            "slow_down" => Ok(Polled::Slower),
            "authorization_declined" | "access_denied" => Err(Problem::new(
                Kind::Declined,
                "The sign-in to the directory was declined.",
            )),
            "expired_token" => Err(expired()),
            _ => Err(token_refusal(response, &self.origin.label())),
        }
    }
}

/// What became of one poll.
enum Polled {
    Granted(Granted),
    Pending,
    Slower,
    /// Try again after so long.
    Failed(Duration),
}

fn expired() -> Problem {
    Problem::new(
        Kind::Auth,
        "The code to sign in with expired before anybody signed in.",
    )
    .hint("Start again for a new code.")
}

/// The answer with the codes; the page must be one that may be shown to a person.
fn read(response: &WireResponse) -> Result<Body, Problem> {
    // The parser's words could quote the code, so they are dropped.
    let bad = |text: &str| check_answer(Problem::new(Kind::Protocol, text), response);
    let body: Body = serde_json::from_slice(&response.body)
        .map_err(|_| bad("The answer of the sign-in service holds no usable device code."))?;
    let page = Url::parse(&body.verification_uri).ok();
    let fine = page.is_some_and(|page| {
        let here = matches!(page.host_str(), Some("127.0.0.1" | "localhost"));
        (page.scheme() == "https" || (page.scheme() == "http" && here))
            && page.username().is_empty()
            && page.password().is_none()
    });
    let typed = !body.user_code.is_empty()
        && body.user_code.len() <= LONGEST_CODE
        && body.user_code.chars().all(|c| c.is_ascii_graphic());
    match (fine, typed) {
        (true, true) => Ok(body),
        (false, _) => Err(bad(
            "The sign-in service names a page that is not safe to open.",
        )),
        (true, false) => Err(bad("The sign-in service gave a code that nobody can type.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::testing::reply;

    #[test]
    fn pages_and_codes_that_nobody_should_be_shown_are_refused() {
        let body = |page: &str, code: &str| {
            let text = serde_json::json!({"device_code": "d", "user_code": code,
                "verification_uri": page, "expires_in": 900});
            read(&reply(200, &text.to_string()))
        };
        assert!(body("https://microsoft.com/devicelogin", "ABCD-1234").is_ok());
        assert!(body("http://127.0.0.1:80/devicelogin", "ABCD1234").is_ok());
        for page in [
            "http://evil.example/devicelogin",
            "https://microsoft.com@evil.example/",
            "javascript:alert(1)",
            "",
        ] {
            let Err(problem) = body(page, "ABCD") else {
                panic!("{page} was taken");
            };
            assert!(problem.text().contains("not safe"), "{page}: {problem}");
        }
        for code in ["", "A\u{1b}[2JB", "A B", "\u{202e}DCBA", &"A".repeat(41)] {
            assert!(body("https://microsoft.com/devicelogin", code).is_err());
        }
        assert!(read(&reply(200, r#"{"device_code":"secret"}"#)).is_err());
    }
}
