//! People and groups as Graph shows them, and `$select`.

use serde_json::{Value, json};

use super::super::world::{Directory, DirectoryGroup, GroupKind, Person};
use super::errors::Refusal;

/// Kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
    /// A user who was deleted less than 30 days ago.
    Deleted,
}

impl Kind {
    /// Every property that can be selected or filtered by.
    pub(super) fn properties(self) -> &'static [&'static str] {
        match self {
            Self::User | Self::Deleted => &[
                "id",
                "deletedDateTime",
                "userPrincipalName",
                "mail",
                "displayName",
                "givenName",
                "surname",
                "accountEnabled",
                "userType",
                "externalUserState",
                "department",
                "jobTitle",
                "employeeId",
                "companyName",
                "proxyAddresses",
                "onPremisesSamAccountName",
                "onPremisesDomainName",
                "onPremisesSecurityIdentifier",
                "onPremisesImmutableId",
                "onPremisesSyncEnabled",
                "businessPhones",
                "mobilePhone",
                "officeLocation",
                "preferredLanguage",
            ],
            Self::Group => &[
                "id",
                "displayName",
                "description",
                "mail",
                "mailNickname",
                "mailEnabled",
                "securityEnabled",
                "groupTypes",
                "membershipRule",
                "membershipRuleProcessingState",
                "isAssignableToRole",
                "onPremisesSyncEnabled",
                "onPremisesSamAccountName",
                "onPremisesSecurityIdentifier",
                "visibility",
            ],
        }
    }

    /// What comes without `$select` (directories.md 2.4: a small set for users).
    fn default_properties(self) -> &'static [&'static str] {
        match self {
            Self::User | Self::Deleted => &[
                "businessPhones",
                "displayName",
                "givenName",
                "id",
                "jobTitle",
                "mail",
                "mobilePhone",
                "officeLocation",
                "preferredLanguage",
                "surname",
                "userPrincipalName",
            ],
            Self::Group => self.properties(),
        }
    }

    /// Properties that can be searched.
    pub(super) fn searchable(self) -> &'static [&'static str] {
        match self {
            Self::User | Self::Deleted => &[
                "displayName",
                "mail",
                "userPrincipalName",
                "givenName",
                "surname",
            ],
            Self::Group => &["displayName", "description", "mail", "mailNickname"],
        }
    }

    /// The properties of a request, all known.
    pub(super) fn selection(self, select: Option<&[String]>) -> Result<Vec<String>, Refusal> {
        let Some(names) = select else {
            return Ok(self
                .default_properties()
                .iter()
                .map(|n| (*n).to_owned())
                .collect());
        };
        match names
            .iter()
            .find(|n| !self.properties().contains(&n.as_str()))
        {
            Some(name) => Err(Refusal::bad(format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}'."
            ))),
            None => Ok(names.to_vec()),
        }
    }
}

/// A person with every property.
pub(super) fn user(directory: &Directory, person: &Person) -> Value {
    let primary = person.mail.iter().map(|mail| format!("SMTP:{mail}"));
    let aliases = person.aliases.iter().map(|mail| format!("smtp:{mail}"));
    let proxies: Vec<String> = primary.chain(aliases).collect();
    let synced = !person.guest;
    json!({
        "id": person.id,
        "deletedDateTime": null,
        "userPrincipalName": person.upn,
        "mail": person.mail,
        "displayName": person.name,
        "givenName": person.given,
        "surname": person.surname,
        "accountEnabled": person.enabled,
        "userType": if person.guest { "Guest" } else { "Member" },
        "externalUserState": person.guest.then_some("Accepted"),
        "department": person.department,
        "jobTitle": person.title,
        "employeeId": (!person.employee.is_empty()).then_some(&person.employee),
        "companyName": directory.company,
        "proxyAddresses": proxies,
        "onPremisesSamAccountName": synced.then_some(&person.sam),
        "onPremisesDomainName": synced.then_some(&directory.domain),
        "onPremisesSecurityIdentifier": null,
        "onPremisesImmutableId": null,
        "onPremisesSyncEnabled": synced.then_some(true),
        "businessPhones": [],
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
    })
}

/// A person who was deleted: when, and a login that nobody else can be given meanwhile.
pub(super) fn deleted(directory: &Directory, person: &Person, when: &str) -> Value {
    let mut record = user(directory, person);
    let id = person.id.replace('-', "");
    record["deletedDateTime"] = json!(when);
    record["userPrincipalName"] = json!(format!("{id}{}", person.upn));
    record["accountEnabled"] = json!(person.enabled);
    record
}

/// Leaves nothing but the id.
pub(super) fn hollow(record: &mut Value) {
    let Value::Object(map) = record else { return };
    for (name, value) in map.iter_mut() {
        if name != "id" {
            *value = Value::Null;
        }
    }
}

/// A group with every property.
pub(super) fn group(directory: &Directory, group: &DirectoryGroup) -> Value {
    let mailed = matches!(
        group.kind,
        GroupKind::Microsoft365 | GroupKind::Distribution
    );
    let nickname: String = group
        .name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let types: &[&str] = match group.kind {
        GroupKind::Microsoft365 => &["Unified"],
        GroupKind::Dynamic => &["DynamicMembership"],
        GroupKind::Security | GroupKind::Distribution => &[],
    };
    let dynamic = group.kind == GroupKind::Dynamic;
    json!({
        "id": group.id,
        "displayName": group.name,
        "description": (!group.description.is_empty()).then_some(&group.description),
        "mail": mailed.then(|| format!("{nickname}@{}", directory.domain)),
        "mailNickname": nickname,
        "mailEnabled": mailed,
        "securityEnabled": group.kind != GroupKind::Distribution && group.kind != GroupKind::Microsoft365,
        "groupTypes": types,
        "membershipRule": dynamic.then_some("user.accountEnabled -eq true"),
        "membershipRuleProcessingState": dynamic.then_some("On"),
        "isAssignableToRole": group.role_assignable.then_some(true),
        "onPremisesSyncEnabled": null,
        "onPremisesSamAccountName": null,
        "onPremisesSecurityIdentifier": null,
        "visibility": group.hidden.then_some("HiddenMembership"),
    })
}

/// Keeps the selected properties, and `@odata.type` where the list is mixed.
pub(super) fn keep(record: Value, selected: &[String], odata_type: Option<&str>) -> Value {
    let Value::Object(map) = record else {
        return record;
    };
    let mut out: serde_json::Map<String, Value> = map
        .into_iter()
        .filter(|(name, _)| selected.iter().any(|s| s == name))
        .collect();
    if let Some(kind) = odata_type {
        out.insert("@odata.type".into(), json!(kind));
    }
    Value::Object(out)
}
