//! What Entra knows of the app registration and of sign-ins that are under way: certificates, consent,
//! device codes, authorization codes, refresh tokens. Tests hold it by
//! [`super::super::Running::with_sign_ins`].

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Microsoft's default life of a device code and of an authorization code.
const DEVICE_LIFE: Duration = Duration::from_mins(15);
const CODE_LIFE: Duration = Duration::from_mins(10);
/// Seconds between two polls that are no faster than asked for.
const INTERVAL: u64 = 5;
/// Letters of user codes: none that look alike.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// What the person did with the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing yet.
    Pending,
    /// Signed in and consented.
    Approved,
    /// Said no.
    Declined,
}

/// A device code that was handed out.
#[derive(Debug, Clone)]
pub(super) struct Device {
    pub(super) user_code: String,
    pub(super) decision: Decision,
    pub(super) ends: Duration,
    pub(super) polled: Option<Duration>,
}

/// An authorization code that was handed out.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) redirect: String,
    pub(super) challenge: String,
    pub(super) ends: Duration,
}

/// The app registration and its sign-ins.
#[derive(Debug, Clone)]
pub struct SignIns {
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) granted: BTreeSet<String>,
    pub(super) public_client: bool,
    pub(super) used: BTreeSet<String>,
    pub(super) devices: BTreeMap<String, Device>,
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) refresh: BTreeSet<String>,
    /// Seconds between two polls.
    pub(super) interval: u64,
    pub(super) life: u64,
    serial: u64,
}

impl Default for SignIns {
    fn default() -> Self {
        Self {
            certificates: Vec::new(),
            granted: ["User.Read.All", "GroupMember.Read.All"]
                .map(str::to_owned)
                .into(),
            public_client: true,
            used: BTreeSet::new(),
            devices: BTreeMap::new(),
            codes: BTreeMap::new(),
            refresh: BTreeSet::new(),
            interval: INTERVAL,
            life: super::token::TOKEN_LIFE,
            serial: 0,
        }
    }
}

impl SignIns {
    /// Uploads a certificate (DER) to the app registration.
    pub fn upload_certificate(&mut self, der: impl Into<Vec<u8>>) {
        self.certificates.push(der.into());
    }

    /// Takes a permission of Microsoft Graph from the app, application and delegated.
    pub fn withdraw(&mut self, permission: &str) {
        self.granted.remove(permission);
    }

    /// Whether the app may be used without a credential of its own ("Allow public client flows").
    pub fn allow_public_client(&mut self, allowed: bool) {
        self.public_client = allowed;
    }

    /// How long to wait between two polls of a device code, in seconds.
    pub fn poll_every(&mut self, seconds: u64) {
        self.interval = seconds;
    }

    /// How long access tokens live from here on, in seconds.
    pub fn tokens_live(&mut self, seconds: u64) {
        self.life = seconds;
    }

    /// User codes handed out so far, in no order that means anything.
    pub fn user_codes(&self) -> Vec<String> {
        self.devices.values().map(|d| d.user_code.clone()).collect()
    }

    /// What a person does with a user code; whether there is such a code.
    pub fn decide(&mut self, user_code: &str, decision: Decision) -> bool {
        let device = self
            .devices
            .values_mut()
            .find(|device| device.user_code.eq_ignore_ascii_case(user_code));
        device.map(|device| device.decision = decision).is_some()
    }

    /// Revokes every refresh token, as a new password does.
    pub fn revoke(&mut self) {
        self.refresh.clear();
    }

    pub(super) fn may(&self, permission: &str) -> bool {
        self.granted.contains(permission)
    }

    /// A device code and its user code.
    pub(super) fn device(&mut self, now: Duration) -> (String, String, u64) {
        self.serial += 1;
        let mut rest = self.serial.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let user_code: String = (0..9)
            .map(|_| {
                let at = usize::try_from(rest % 32).unwrap_or(0);
                rest /= 32;
                LETTERS.get(at).map_or('A', |letter| char::from(*letter))
            })
            .collect();
        let device = Device {
            user_code: user_code.clone(),
            decision: Decision::Pending,
            ends: now + DEVICE_LIFE,
            polled: None,
        };
        let code = format!("sim-device-code-{:06}", self.serial);
        self.devices.insert(code.clone(), device);
        (code, user_code, DEVICE_LIFE.as_secs())
    }

    /// An authorization code for what the browser asked.
    pub(super) fn code(&mut self, redirect: &str, challenge: &str, now: Duration) -> String {
        self.serial += 1;
        let code = format!("1.sim-code-{:06}", self.serial);
        let held = Code {
            redirect: redirect.to_owned(),
            challenge: challenge.to_owned(),
            ends: now + CODE_LIFE,
        };
        self.codes.insert(code.clone(), held);
        code
    }

    /// A refresh token.
    pub(super) fn refresh(&mut self) -> String {
        self.serial += 1;
        let token = format!("sim-refresh-token-{:06}", self.serial);
        self.refresh.insert(token.clone());
        token
    }
}
