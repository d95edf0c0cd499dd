//! The sign-in endpoints of Entra (directories.md 2.2): tokens by secret, by certificate, by device code,
//! by authorization code with PKCE and by refresh token; device codes; and the two pages that a
//! person would see in a browser, without the pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;
use url::form_urlencoded::Serializer;

use super::super::clock::SimClock;
use super::super::http::{Reply, Request, decode_pairs};
use super::super::world::Directory;
use super::assertion;
use super::sign_ins::{Decision, SignIns};

/// App registration that may read users and groups.
pub const CLIENT_ID: &str = "76d2ce8f-630b-4e5a-904b-a0d6a53aabc2";
/// Its secret.
pub const CLIENT_SECRET: &str = "sim-graph-secret";
/// Seconds a token lives.
pub(super) const TOKEN_LIFE: u64 = 3_599;
/// The only place that a browser is sent back to.
const REDIRECT: &str = "http://localhost";

/// The refusal of an endpoint: RFC 6749 with Microsoft's additions.
pub(super) struct Refused(u16, &'static str, u32, String);

type Form = BTreeMap<String, String>;

/// One request to the sign-in service.
pub(super) struct Asked<'a> {
    pub(super) directory: &'a Directory,
    /// Scheme, host and port.
    pub(super) base: &'a str,
    pub(super) tenant: &'a str,
    pub(super) request: &'a Request,
    pub(super) trace: &'a str,
    /// Time since the world began.
    pub(super) now: Duration,
}

/// Answers a token request; `issue` makes and remembers the token.
pub(super) fn token(
    asked: &Asked<'_>,
    ins: &mut SignIns,
    issue: impl FnOnce(u64) -> String,
) -> Reply {
    let checked = asked.form().and_then(|form| asked.grant(&form, ins));
    let refresh = match checked {
        Ok(delegated) => delegated.then(|| ins.refresh()),
        Err(refused) => return asked.refuse(refused),
    };
    let mut body = json!({
        "token_type": "Bearer",
        "expires_in": ins.life,
        "ext_expires_in": ins.life,
        "access_token": issue(ins.life),
    });
    if let Some(refresh) = refresh {
        body["refresh_token"] = Value::String(refresh);
    }
    Reply::ok(body)
}

/// A token with the claims that tell its permissions, and a signature that nobody checks.
pub(super) fn shaped(number: usize) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.sim-graph-token-{number:06}",
        part(&json!({"typ": "JWT", "alg": "RS256"})),
        part(&json!({"roles": ["GroupMember.Read.All", "User.Read.All"]})),
    )
}

/// Answers a request for a device code.
pub(super) fn device_code(asked: &Asked<'_>, ins: &mut SignIns) -> Reply {
    let checked = asked.form().and_then(|form| {
        asked.app(&form)?;
        asked.scopes(&form, ins)
    });
    if let Err(refused) = checked {
        return asked.refuse(refused);
    }
    let (device_code, user_code, life) = ins.device(asked.now);
    let address = format!("{}/devicelogin", asked.base);
    Reply::ok(json!({
        "device_code": device_code,
        "message": format!("To sign in, use a web browser to open the page {address} and enter the code {user_code} to authenticate."),
        "user_code": user_code,
        "verification_uri": address,
        "expires_in": life,
        "interval": ins.interval,
    }))
}

/// The page where codes are typed in: `?code=...`, with `&no=1` for a person who declines.
pub(super) fn device_login(request: &Request, ins: &mut SignIns) -> Reply {
    let code = request.parameter("code").unwrap_or_default();
    let decision = if request.parameter("no").is_some() {
        Decision::Declined
    } else {
        Decision::Approved
    };
    if ins.decide(code, decision) {
        Reply::text(200, "You have signed in. You may close this window.\n")
    } else {
        Reply::text(
            404,
            "There is no such code. Add ?code=... to the address.\n",
        )
    }
}

/// The page where a person signs in: everybody is who they say, and the browser is sent back at once.
pub(super) fn authorize(asked: &Asked<'_>, ins: &mut SignIns) -> Reply {
    let form: Form = asked.request.query.iter().cloned().collect();
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let redirect = field("redirect_uri");
    // An address that is not registered is never sent to.
    if let Err(refused) = asked.app(&form) {
        return asked.refuse(refused);
    }
    if redirect != REDIRECT {
        let text =
            format!("The redirect URI '{redirect}' specified in the request does not match.");
        return asked.refuse(Refused(400, "invalid_request", 50_011, text));
    }
    let mut back = Serializer::new(String::new());
    let asks = field("response_type") == "code"
        && field("code_challenge_method") == "S256"
        && field("code_challenge").len() == 43;
    match asked.scopes(&form, ins) {
        Ok(()) if asks => {
            let code = ins.code(redirect, field("code_challenge"), asked.now);
            back.append_pair("code", &code);
        }
        Ok(()) => {
            back.append_pair("error", "invalid_request")
                .append_pair("error_description", "AADSTS900144: PKCE is wanted.");
        }
        Err(Refused(_, error, number, text)) => {
            back.append_pair("error", error)
                .append_pair("error_description", &format!("AADSTS{number}: {text}"));
        }
    }
    back.append_pair("state", field("state"))
        .append_pair("session_state", asked.trace);
    Reply::empty(302).header("Location", format!("{redirect}/?{}", back.finish()))
}

impl Asked<'_> {
    fn refuse(&self, Refused(status, error, number, text): Refused) -> Reply {
        let trace = self.trace;
        Reply::json(
            status,
            json!({
                "error": error,
                "error_description": format!("AADSTS{number}: {text} Trace ID: {trace}"),
                "error_codes": [number],
                "trace_id": trace,
                "correlation_id": trace,
                "error_uri": format!("https://login.microsoftonline.com/error?code={number}"),
            }),
        )
    }

    /// The form of a request to a tenant that is known.
    fn form(&self) -> Result<Form, Refused> {
        if self.request.media_type().as_deref() != Some("application/x-www-form-urlencoded") {
            let text = "The request body must contain the following parameter: 'grant_type'.";
            return Err(Refused(400, "invalid_request", 900_144, text.into()));
        }
        Ok(decode_pairs(&self.request.body).into_iter().collect())
    }

    fn app(&self, form: &Form) -> Result<(), Refused> {
        let (tenant, directory) = (self.tenant, self.directory);
        let known = tenant.eq_ignore_ascii_case(&directory.tenant_id)
            || tenant.eq_ignore_ascii_case(&directory.domain);
        if !known {
            let text = format!("Tenant '{tenant}' not found.");
            return Err(Refused(400, "invalid_request", 90_002, text));
        }
        let client = form.get("client_id").map_or("", String::as_str);
        if client != CLIENT_ID {
            let text =
                format!("Application with identifier '{client}' was not found in the directory.");
            return Err(Refused(400, "unauthorized_client", 700_016, text));
        }
        Ok(())
    }

    /// Whether a token may be had, and whether it is a person's.
    fn grant(&self, form: &Form, ins: &mut SignIns) -> Result<bool, Refused> {
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        let kind = field("grant_type");
        if kind == "client_credentials" {
            self.default_scope(field("scope"))?;
            self.app(form)?;
            self.own_credential(form, ins)?;
            return Ok(false);
        }
        self.app(form)?;
        if !ins.public_client {
            let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
            return Err(Refused(401, "invalid_client", 7_000_218, text.into()));
        }
        match kind {
            "urn:ietf:params:oauth:grant-type:device_code" => {
                self.by_device(field("device_code"), ins)?;
            }
            "authorization_code" => self.by_code(form, ins)?,
            "refresh_token" => {
                self.scopes(form, ins)?;
                if !ins.refresh.contains(field("refresh_token")) {
                    let text = "The provided grant has expired due to it being revoked.";
                    return Err(Refused(400, "invalid_grant", 50_173, text.into()));
                }
            }
            _ => {
                let text = "The grant type is not supported here.";
                return Err(Refused(400, "unsupported_grant_type", 70_003, text.into()));
            }
        }
        Ok(true)
    }

    fn default_scope(&self, scope: &str) -> Result<(), Refused> {
        let scopes = [
            "https://graph.microsoft.com/.default".to_owned(),
            format!("{}/.default", self.base),
        ];
        if scopes.iter().any(|own| own == scope) {
            return Ok(());
        }
        let text =
            format!("The provided value for the input parameter 'scope' ({scope}) is not valid.");
        Err(Refused(400, "invalid_scope", 70_011, text))
    }

    /// Delegated scopes: of this cloud, consented to, and `offline_access` with them.
    fn scopes(&self, form: &Form, ins: &SignIns) -> Result<(), Refused> {
        let scope = form.get("scope").map_or("", String::as_str);
        let mut lasting = false;
        for one in scope.split(' ').filter(|one| !one.is_empty()) {
            if ["offline_access", "openid", "profile"].contains(&one) {
                lasting |= one == "offline_access";
                continue;
            }
            let name = one
                .strip_prefix(self.base)
                .and_then(|rest| rest.strip_prefix('/'));
            let Some(name) = name else {
                let text = format!("The scope '{one}' is not valid.");
                return Err(Refused(400, "invalid_scope", 70_011, text));
            };
            if !ins.may(name) {
                let text = "The user or administrator has not consented to use the application.";
                return Err(Refused(400, "invalid_grant", 65_001, text.into()));
            }
        }
        if lasting {
            return Ok(());
        }
        let text = "The scope 'offline_access' is wanted here.";
        Err(Refused(400, "invalid_scope", 70_011, text.into()))
    }

    fn own_credential(&self, form: &Form, ins: &mut SignIns) -> Result<(), Refused> {
        let field = |name: &str| form.get(name).map(String::as_str);
        let Some(assertion) = field("client_assertion") else {
            if field("client_secret") == Some(CLIENT_SECRET) {
                return Ok(());
            }
            let text = "Invalid client secret provided.".into();
            return Err(Refused(401, "invalid_client", 7_000_215, text));
        };
        let jwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        if field("client_assertion_type") != Some(jwt) {
            let text = "The client assertion type is not supported.".into();
            return Err(Refused(400, "invalid_request", 900_144, text));
        }
        let audience = format!("{}{}", self.base, self.request.path);
        assertion::check(
            assertion,
            CLIENT_ID,
            &audience,
            &ins.certificates,
            &mut ins.used,
            SimClock::now(),
        )
        .map_err(|(number, text)| Refused(401, "invalid_client", number, text))
    }

    fn by_device(&self, code: &str, ins: &mut SignIns) -> Result<(), Refused> {
        let interval = Duration::from_secs(ins.interval);
        let Some(device) = ins.devices.get_mut(code) else {
            let text = "The device code is not known.".into();
            return Err(Refused(400, "bad_verification_code", 70_018, text));
        };
        if self.now >= device.ends {
            let text = "The device code has expired.".into();
            return Err(Refused(400, "expired_token", 70_019, text));
        }
        // A tenth is for the way and for clocks that tick in steps.
        let soon = |last: Duration| self.now.saturating_sub(last) < interval.mul_f64(0.9);
        let hasty = device.polled.is_some_and(soon);
        device.polled = Some(self.now);
        match device.decision {
            _ if hasty => {
                let text = "The device polls too often.".into();
                Err(Refused(400, "slow_down", 70_016, text))
            }
            Decision::Pending => {
                let text = "Authorization is pending. Continue polling.".into();
                Err(Refused(400, "authorization_pending", 70_016, text))
            }
            Decision::Declined => {
                let text = "The user declined.".into();
                Err(Refused(400, "authorization_declined", 70_000, text))
            }
            Decision::Approved => {
                ins.devices.remove(code);
                Ok(())
            }
        }
    }

    fn by_code(&self, form: &Form, ins: &mut SignIns) -> Result<(), Refused> {
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        let wrong = |number, text: &str| Refused(400, "invalid_grant", number, text.to_owned());
        // Whether it fits or not: it is used up.
        let Some(code) = ins.codes.remove(field("code")) else {
            return Err(wrong(
                54_005,
                "The authorization code was already redeemed.",
            ));
        };
        if self.now >= code.ends {
            return Err(wrong(70_008, "The authorization code has expired."));
        }
        if code.redirect != field("redirect_uri") {
            return Err(wrong(50_011, "The redirect URI does not match."));
        }
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
        if code.challenge != challenge {
            return Err(wrong(50_148, "The code_verifier does not match."));
        }
        self.scopes(form, ins)
    }
}
