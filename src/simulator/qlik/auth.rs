//! Who is calling and what they may do: API keys, OAuth client credentials, expiring tokens.

use std::collections::HashMap;
use std::time::Duration;

use super::super::world::OAUTH_CLIENT_ID;
use super::errors::Refusal;

/// API key of the tenant administrator.
pub const API_KEY: &str = "sim-api-key";
/// API key of the administrator that may read everything and write nothing.
pub const READ_ONLY_KEY: &str = "sim-read-key";
/// API key of a person without any administration right.
pub const NO_RIGHTS_KEY: &str = "sim-no-rights-key";
/// OAuth client id that may use client credentials.
pub const CLIENT_ID: &str = OAUTH_CLIENT_ID;
/// Its secret.
pub const CLIENT_SECRET: &str = "sim-client-secret";
/// Life of an OAuth token (dossier 1.2: six hours).
pub(super) const TOKEN_LIFE: Duration = Duration::from_hours(6);

/// How far a caller may go in an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Nothing,
    Read,
    Write,
}

/// Areas that published scopes tell apart (dossier 1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    /// Oneself and one's tenant: everybody may.
    Own,
    Users,
    Spaces,
    /// Licenses, groups, roles, identity providers, audits: only `admin_classic`.
    Rest,
}

/// Rights of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rights {
    users: Level,
    spaces: Level,
    rest: Level,
}

impl Rights {
    fn all(level: Level) -> Self {
        Self {
            users: level,
            spaces: level,
            rest: level,
        }
    }

    /// Rights of a scope list; no list is everything the client has.
    pub(super) fn of_scopes(scope: Option<&str>) -> Option<Self> {
        let Some(scope) = scope.filter(|s| !s.trim().is_empty()) else {
            return Some(Self::all(Level::Write));
        };
        let mut rights = Self::all(Level::Nothing);
        for word in scope.split_whitespace() {
            match word {
                "admin_classic" => rights = Self::all(Level::Write),
                "admin.users" => rights.users = Level::Write,
                "admin.users:read" => rights.users = rights.users.max(Level::Read),
                "admin.spaces" => rights.spaces = Level::Write,
                "admin.spaces:read" => rights.spaces = rights.spaces.max(Level::Read),
                "user_default" | "offline_access" => {}
                _ => return None,
            }
        }
        Some(rights)
    }

    fn level(self, area: Area) -> Level {
        match area {
            Area::Own => Level::Write,
            Area::Users => self.users,
            Area::Spaces => self.spaces,
            Area::Rest => self.rest,
        }
    }
}

/// A known caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    /// User id.
    pub(super) user: String,
    rights: Rights,
    expires: Option<Duration>,
}

impl Caller {
    /// Refuses with 403 when the caller may not read (or write) in the area.
    pub(super) fn may(&self, area: Area, write: bool) -> Result<(), Refusal> {
        let wanted = if write { Level::Write } else { Level::Read };
        if self.rights.level(area) >= wanted {
            return Ok(());
        }
        Err(Refusal::forbidden(
            "The caller's roles and scopes do not allow this.",
        ))
    }
}

/// Keys and tokens that are good here.
#[derive(Debug)]
pub(super) struct Auth {
    callers: HashMap<String, Caller>,
    bot: String,
    issued: u64,
}

impl Auth {
    pub(super) fn new(admin: &str, bot: &str) -> Self {
        let key = |level| Caller {
            user: admin.to_owned(),
            rights: Rights::all(level),
            expires: None,
        };
        let callers = HashMap::from([
            (API_KEY.to_owned(), key(Level::Write)),
            (READ_ONLY_KEY.to_owned(), key(Level::Read)),
            (NO_RIGHTS_KEY.to_owned(), key(Level::Nothing)),
        ]);
        Self {
            callers,
            bot: bot.to_owned(),
            issued: 0,
        }
    }

    /// The caller behind a bearer token.
    pub(super) fn caller(&self, bearer: Option<&str>, now: Duration) -> Result<Caller, Refusal> {
        let Some(bearer) = bearer else {
            return Err(Refusal::unauthorized("No bearer token was sent."));
        };
        match self.callers.get(bearer) {
            None => Err(Refusal::unauthorized("The token is not known.")),
            Some(caller) if caller.expires.is_some_and(|at| at <= now) => {
                Err(Refusal::unauthorized("The token has expired."))
            }
            Some(caller) => Ok(caller.clone()),
        }
    }

    /// A new token of the OAuth client.
    pub(super) fn issue(&mut self, rights: Rights, now: Duration) -> String {
        self.issued += 1;
        let token = format!("sim-token-{:06}", self.issued);
        let expires = Some(now + TOKEN_LIFE);
        self.callers.insert(
            token.clone(),
            Caller {
                user: self.bot.clone(),
                rights,
                expires,
            },
        );
        token
    }

    /// Makes every OAuth token issued so far expire.
    pub(super) fn expire_tokens(&mut self) {
        for caller in self.callers.values_mut().filter(|c| c.expires.is_some()) {
            caller.expires = Some(Duration::ZERO);
        }
    }

    /// Revokes one token; unknown ones are no error (RFC 7009).
    pub(super) fn revoke(&mut self, token: &str) {
        if self.callers.get(token).is_some_and(|c| c.expires.is_some()) {
            self.callers.remove(token);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_expire_and_keys_do_not() {
        let mut auth = Auth::new("admin", "bot");
        let rights = Rights::of_scopes(None).unwrap();
        let token = auth.issue(rights, Duration::ZERO);
        assert_eq!(
            auth.caller(Some(&token), Duration::from_secs(21_599))
                .unwrap()
                .user,
            "bot"
        );
        let late = auth.caller(Some(&token), TOKEN_LIFE).unwrap_err();
        assert_eq!(late.status, 401);
        assert!(auth.caller(Some(API_KEY), TOKEN_LIFE * 100).is_ok());
        assert_eq!(auth.caller(None, Duration::ZERO).unwrap_err().status, 401);
    }

    #[test]
    fn scopes_narrow() {
        let rights = Rights::of_scopes(Some("admin.users:read admin.spaces")).unwrap();
        let caller = Caller {
            user: "u".into(),
            rights,
            expires: None,
        };
        assert!(caller.may(Area::Users, false).is_ok());
        assert_eq!(caller.may(Area::Users, true).unwrap_err().status, 403);
        assert!(caller.may(Area::Spaces, true).is_ok());
        assert!(caller.may(Area::Rest, false).is_err());
        assert!(caller.may(Area::Own, false).is_ok());
        assert_eq!(Rights::of_scopes(Some("everything")), None);
    }
}
