//! Query options: what is selected, and values on their way into `$filter` and `$search`
//! (directories.md 2.4). Percent-encoding is the address's business.

/// Fields of a person.
pub(super) const PERSON: &str = "id,userPrincipalName,mail,displayName,givenName,surname,\
accountEnabled,userType,externalUserState,department,jobTitle,employeeId,companyName,\
proxyAddresses,onPremisesSamAccountName,onPremisesDomainName,onPremisesSecurityIdentifier,\
onPremisesImmutableId";

/// Fields of a group.
pub(super) const GROUP: &str =
    "id,displayName,description,mailEnabled,securityEnabled,groupTypes,isAssignableToRole";

/// Largest page of users and groups.
pub(super) const TOP: &str = "999";

/// `$search` for any of these properties; the text is quoted, its quotes and backslashes escaped.
pub(super) fn search(properties: &[&str], text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|character| !character.is_control())
        .flat_map(|character| {
            let escape = matches!(character, '"' | '\\').then_some('\\');
            escape.into_iter().chain([character])
        })
        .collect();
    let clauses: Vec<String> = properties
        .iter()
        .map(|property| format!("\"{property}:{text}\""))
        .collect();
    clauses.join(" OR ")
}

/// A text literal of `$filter`.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// `$filter` for any of these ids.
pub(super) fn any_id<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    let clauses: Vec<String> = ids
        .into_iter()
        .map(|id| format!("id eq {}", literal(id)))
        .collect();
    clauses.join(" or ")
}

/// `$filter` for people who have one of these as mail address, login or on-premises account.
pub(super) fn any_address<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let clauses: Vec<String> = values
        .into_iter()
        .map(|value| {
            let own = literal(value);
            let alias = literal(&format!("smtp:{value}"));
            format!(
                "mail eq {own} or userPrincipalName eq {own} or \
                 onPremisesSamAccountName eq {own} or proxyAddresses/any(p:p eq {alias})"
            )
        })
        .collect();
    clauses.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_literals() {
        assert_eq!(
            literal("O'Brien' or 'a' eq 'a"),
            "'O''Brien'' or ''a'' eq ''a'"
        );
        assert_eq!(
            search(&["displayName", "mail"], "a\" OR \"id:*\\"),
            r#""displayName:a\" OR \"id:*\\" OR "mail:a\" OR \"id:*\\""#
        );
        assert_eq!(any_id(["a", "b'"]), "id eq 'a' or id eq 'b'''");
    }
}
