//! People and groups as Graph sends them, and what becomes of them (directories.md 2.6).

use serde::Deserialize;

use super::list::Entry;
use crate::connectors::common;
use crate::domain::{
    DirectoryGroup, DirectoryGroupId, Enabled, GroupKind, Person, PersonId, PersonKind,
};
use crate::text::{Pool, Raw};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PersonRecord {
    id: Raw,
    display_name: Option<Raw>,
    given_name: Option<Raw>,
    surname: Option<Raw>,
    user_principal_name: Option<Raw>,
    mail: Option<Raw>,
    account_enabled: Option<bool>,
    user_type: Option<Raw>,
    external_user_state: Option<Raw>,
    department: Option<Raw>,
    job_title: Option<Raw>,
    employee_id: Option<Raw>,
    company_name: Option<Raw>,
    proxy_addresses: Option<Vec<Raw>>,
    on_premises_sam_account_name: Option<Raw>,
    on_premises_domain_name: Option<Raw>,
    on_premises_security_identifier: Option<Raw>,
    on_premises_immutable_id: Option<Raw>,
    deleted_date_time: Option<Raw>,
}

impl Entry for PersonRecord {
    fn id(&self) -> &Raw {
        &self.id
    }
}

fn filled(text: Option<Raw>) -> Option<Raw> {
    text.and_then(common::filled)
}

impl PersonRecord {
    /// Whether nothing but the id came: what an app without permission to read users gets.
    pub(super) fn is_hollow(&self) -> bool {
        self.display_name.is_none()
            && self.user_principal_name.is_none()
            && self.account_enabled.is_none()
    }

    /// Somebody out of the list of the deleted: signs in nowhere, whatever the account says.
    pub(super) fn into_deleted(mut self, pool: &mut Pool) -> Person {
        self.account_enabled = Some(false);
        let upn = self.user_principal_name.take();
        self.user_principal_name = upn.map(|upn| without_id(upn, &self.id));
        self.into_person(pool)
    }

    /// What comes again in other records is shared through the pool.
    pub(super) fn into_person(self, pool: &mut Pool) -> Person {
        let kind = self.kind();
        let proxies = self.proxy_addresses.iter().flatten().map(Raw::expose);
        let (mail, other_mails) = common::addresses(self.mail, proxies);
        let upn = filled(self.user_principal_name);
        // Most have one address for both; it is held once.
        let mail = if mail == upn { upn.clone() } else { mail };
        let more = [
            ("given_name", self.given_name),
            ("surname", self.surname),
            ("company", self.company_name),
            ("domain", self.on_premises_domain_name),
            ("sid", self.on_premises_security_identifier),
            ("immutable_id", self.on_premises_immutable_id),
            ("external_state", self.external_user_state),
            ("deleted", self.deleted_date_time),
        ];
        let mut person = Person {
            id: PersonId::from(self.id),
            name: filled(self.display_name).unwrap_or_default(),
            kind,
            enabled: match self.account_enabled {
                Some(true) => Enabled::Yes,
                Some(false) => Enabled::No,
                None => Enabled::Unknown,
            },
            upn,
            mail,
            other_mails,
            sam: filled(self.on_premises_sam_account_name),
            department: filled(self.department).map(|text| pool.share(text)),
            title: filled(self.job_title).map(|text| pool.share(text)),
            employee_id: filled(self.employee_id),
            more: exact(
                more.into_iter()
                    .filter_map(|(key, value)| {
                        Some((pool.share(Raw::from(key)), pool.share(filled(value)?)))
                    })
                    .collect(),
            ),
        };
        common::called(&mut person);
        person
    }

    fn kind(&self) -> PersonKind {
        let is = |text: &Option<Raw>, word: &str| {
            text.as_ref()
                .is_some_and(|text| text.expose().eq_ignore_ascii_case(word))
        };
        // The login's `#EXT#` marks one too, in every source.
        let guest =
            is(&self.user_type, "Guest") || is(&self.external_user_state, "PendingAcceptance");
        if guest {
            PersonKind::Guest
        } else {
            PersonKind::Member
        }
    }
}

/// The login of somebody deleted as it was: Entra puts the id without its dashes in front.
fn without_id(upn: Raw, id: &Raw) -> Raw {
    let front = id.expose().replace('-', "");
    match upn.expose().split_at_checked(front.len()) {
        Some((start, own)) if start.eq_ignore_ascii_case(&front) => Raw::from(own),
        _ => upn,
    }
}

/// Without room for more: a hundred thousand people would each keep some.
fn exact<T>(mut list: Vec<T>) -> Vec<T> {
    list.shrink_to_fit();
    list
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupRecord {
    id: Raw,
    display_name: Option<Raw>,
    description: Option<Raw>,
    mail_enabled: Option<bool>,
    group_types: Option<Vec<Raw>>,
    is_assignable_to_role: Option<bool>,
}

impl Entry for GroupRecord {
    fn id(&self) -> &Raw {
        &self.id
    }
}

impl GroupRecord {
    pub(super) fn into_group(self) -> DirectoryGroup {
        let types = self.group_types.unwrap_or_default();
        let has = |word: &str| types.iter().any(|own| own.expose() == word);
        let kind = if has("Unified") {
            GroupKind::Microsoft365
        } else if self.mail_enabled == Some(true) {
            GroupKind::Mail
        } else {
            GroupKind::Security
        };
        DirectoryGroup {
            name: filled(self.display_name).unwrap_or_else(|| self.id.clone()),
            id: DirectoryGroupId::from(self.id),
            description: filled(self.description),
            kind,
            dynamic: has("DynamicMembership"),
            role_assignable: self.is_assignable_to_role == Some(true),
            subgroups: Vec::new(),
            size: None,
        }
    }
}

/// A group on the walk, of which little is wanted.
#[derive(Deserialize)]
pub(super) struct SubgroupRecord {
    pub(super) id: Raw,
    visibility: Option<Raw>,
}

impl SubgroupRecord {
    /// Whether its members are told only to those who may read hidden ones.
    pub(super) fn is_hidden(&self) -> bool {
        self.visibility.as_ref().map(Raw::expose) == Some("HiddenMembership")
    }
}

impl Entry for SubgroupRecord {
    fn id(&self) -> &Raw {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deleted(text: &str) -> Person {
        serde_json::from_str::<PersonRecord>(text)
            .unwrap()
            .into_deleted(&mut Pool::default())
    }

    fn person(text: &str) -> Person {
        serde_json::from_str::<PersonRecord>(text)
            .unwrap()
            .into_person(&mut Pool::default())
    }

    #[test]
    fn guests_are_known_by_any_of_three_signs() {
        for text in [
            r#"{"id":"1","userType":"Guest"}"#,
            r#"{"id":"1","userPrincipalName":"ann_partner.example#EXT#@corp.example"}"#,
            r#"{"id":"1","userType":"Member","externalUserState":"PendingAcceptance"}"#,
        ] {
            assert_eq!(person(text).kind, PersonKind::Guest, "{text}");
        }
        let member = r#"{"id":"1","userType":"Member","externalUserState":null}"#;
        assert_eq!(person(member).kind, PersonKind::Member);
    }

    #[test]
    fn the_primary_address_may_hide_among_the_proxies() {
        let found = person(
            r#"{"id":"1","proxyAddresses":["smtp:b@corp.example","SMTP:A@corp.example","sip:x","x500:/o=y","smtp:a@corp.example"]}"#,
        );
        assert_eq!(found.mail.unwrap().expose(), "A@corp.example");
        assert_eq!(found.other_mails, [Raw::from("b@corp.example")]);
        let found = person(
            r#"{"id":"1","mail":"m@corp.example","proxyAddresses":["SMTP:a@corp.example"]}"#,
        );
        assert_eq!(found.mail.unwrap().expose(), "m@corp.example");
        assert_eq!(found.other_mails, [Raw::from("a@corp.example")]);
    }

    #[test]
    fn whether_somebody_is_enabled_is_not_guessed() {
        let enabled = |text| person(text).enabled;
        assert_eq!(enabled(r#"{"id":"1","accountEnabled":true}"#), Enabled::Yes);
        assert_eq!(enabled(r#"{"id":"1","accountEnabled":false}"#), Enabled::No);
        assert_eq!(
            enabled(r#"{"id":"1","accountEnabled":null}"#),
            Enabled::Unknown
        );
    }

    #[test]
    fn whoever_was_deleted_is_disabled_and_keeps_the_login() {
        let found = deleted(
            r#"{"id":"0f0e-1","accountEnabled":true,"deletedDateTime":"2026-11-01T08:00:00Z",
                "userPrincipalName":"0F0E1ann@corp.example"}"#,
        );
        assert_eq!(found.enabled, Enabled::No);
        assert_eq!(found.upn.as_ref().unwrap().expose(), "ann@corp.example");
        let when = found.attribute("deleted").unwrap();
        assert_eq!(when.expose(), "2026-11-01T08:00:00Z");
        let other = r#"{"id":"é","deletedDateTime":"x","userPrincipalName":"zann@corp.example"}"#;
        assert_eq!(
            deleted(other).upn.unwrap().expose(),
            "zann@corp.example",
            "as it stands"
        );
    }

    #[test]
    fn groups_have_their_kinds() {
        let group = |text: &str| {
            let group = serde_json::from_str::<GroupRecord>(text)
                .unwrap()
                .into_group();
            (group.kind, group.dynamic, group.role_assignable)
        };
        let dynamic =
            r#"{"id":"1","groupTypes":["Unified","DynamicMembership"],"mailEnabled":true}"#;
        assert_eq!(group(dynamic), (GroupKind::Microsoft365, true, false));
        assert_eq!(
            group(r#"{"id":"1","groupTypes":[],"mailEnabled":true}"#),
            (GroupKind::Mail, false, false)
        );
        assert_eq!(
            group(r#"{"id":"1","isAssignableToRole":true}"#),
            (GroupKind::Security, false, true)
        );
        assert_eq!(
            group(r#"{"id":"1","isAssignableToRole":null}"#),
            (GroupKind::Security, false, false)
        );
    }
}
