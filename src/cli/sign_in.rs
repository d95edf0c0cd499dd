//! A person signs in to the directory at this terminal, before the screen opens or a command works.
//! Everything is said on the error stream and only to a terminal: a code in a log or in a pipe is of
//! use to the wrong people alone.

use url::Url;

use super::connect::host;
use super::out::{Out, clear_foot};
use super::signals::leave_at_signal;
use crate::connectors::entra::{Attendant, Credential, DeviceCode, EntraDirectory};
use crate::host::{ask_unseen, keep_out_of_logs, unmute};
use crate::ports::{Kind, Problem, Secret, Work};
use crate::terminal::close_form;

/// Signs in, where a person has to.
///
/// # Errors
/// There is no terminal for it, or as [`EntraDirectory::sign_in`].
pub(super) async fn sign_in(
    directory: &EntraDirectory,
    credential: &Credential,
    login: &Url,
    out: Out,
) -> Result<(), Problem> {
    let there = match credential {
        Credential::DeviceCode => out.messages,
        Credential::Browser => out.interactive,
        Credential::Secret(_) | Credential::Certificate(_) => return Ok(()),
    };
    if !there {
        return Err(Problem::new(
            Kind::Auth,
            "a person has to sign in to the directory, and there is no terminal here to do it at",
        )
        .hint("For runs without a person: auth = \"certificate\" or \"client-secret\"."));
    }
    leave_at_signal(|| {
        close_form();
        clear_foot();
        unmute();
    })?;
    out.note(format!("Sign in to the directory ({}):", host(login)));
    let outcome = directory.sign_in(&Desk { out }).await;
    clear_foot();
    if outcome.is_ok() {
        out.note("Signed in to the directory.");
    }
    outcome
}

/// The terminal.
struct Desk {
    out: Out,
}

impl Attendant for Desk {
    fn show(&self, code: &DeviceCode) {
        let minutes = code.life.as_secs() / 60;
        self.out.note(format!(
            "  Open  {}  in a browser on any machine",
            code.address.show()
        ));
        self.out.note(format!("  Type  {}", code.code.show()));
        self.out.note(format!(
            "  The code is good for {minutes} minutes. Ctrl-C leaves."
        ));
        self.out
            .foot(|_| "  waiting until somebody has signed in".to_owned());
    }

    fn paste<'a>(&'a self, address: &'a Url) -> Work<'a, Result<Option<Secret>, Problem>> {
        self.out
            .note("  Open this address in a browser on any machine, and sign in:");
        self.out.note(address.as_str());
        self.out.note(
            "  At the end the browser cannot open a page at http://localhost; that is as it should be.",
        );
        Box::pin(async {
            let question = "  Paste the whole address of that page (not shown): ";
            let pasted = ask_unseen(question).await?;
            if let Some(pasted) = &pasted {
                keep_out_of_logs(pasted);
            }
            Ok(pasted)
        })
    }

    fn refused(&self, problem: &Problem) {
        self.out.note(format!("  {problem}"));
        for hint in problem.hints() {
            self.out.note(format!("  {hint}"));
        }
    }
}
