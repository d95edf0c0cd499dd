//! Which column means what. Names are matched without case, blanks, `_` and `-`, in the spellings
//! of the Entra portal's export, `Get-ADUser | Export-Csv`, csvde and plain lists.

use std::collections::BTreeMap;

use super::faults::{Faults, Place};
use super::rows::Row;
use crate::text::Raw;

/// What a column can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Field {
    Id,
    Name,
    Mail,
    Upn,
    Sam,
    Enabled,
    Department,
    Title,
    EmployeeId,
    Groups,
    UserType,
    Guest,
    OtherMails,
    ObjectClass,
}

/// Spellings in order of preference: with two columns for one field the earlier name wins and the
/// other stays an attribute of its own.
const NAMES: &[(Field, &[&str])] = &[
    (
        Field::Id,
        &[
            "id",
            "objectid",
            "objectguid",
            "guid",
            "entryuuid",
            "ipauniqueid",
            "nsuniqueid",
            "personid",
            "userid",
            "distinguishedname",
            "dn",
        ],
    ),
    (Field::Name, &["displayname", "name", "fullname", "cn"]),
    (
        Field::Mail,
        &["mail", "email", "emailaddress", "primarysmtpaddress"],
    ),
    (Field::Upn, &["userprincipalname", "upn"]),
    (
        Field::Sam,
        &[
            "samaccountname",
            "onpremisessamaccountname",
            "sam",
            "login",
            "username",
            "uid",
        ],
    ),
    (Field::Enabled, &["accountenabled", "enabled", "active"]),
    (Field::Department, &["department"]),
    (Field::Title, &["jobtitle", "title"]),
    (Field::EmployeeId, &["employeeid", "employeenumber"]),
    (Field::Groups, &["groups", "memberof", "group"]),
    (Field::UserType, &["usertype"]),
    (Field::Guest, &["guest", "isguest"]),
    (
        Field::OtherMails,
        &["proxyaddresses", "othermails", "alternateemailaddress"],
    ),
    (Field::ObjectClass, &["objectclass"]),
];

/// The columns of a file.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// Fields by column index.
    pub(super) fields: BTreeMap<usize, Field>,
    /// Names of the other columns, lower-cased.
    pub(super) others: BTreeMap<usize, Raw>,
    /// How many there are.
    pub(super) width: usize,
}

fn plain(name: &str) -> String {
    name.trim()
        .chars()
        .filter(|character| !matches!(character, ' ' | '_' | '-'))
        .collect::<String>()
        .to_lowercase()
}

fn rank(name: &str) -> Option<(Field, usize)> {
    let name = plain(name);
    NAMES.iter().find_map(|(field, names)| {
        let rank = names.iter().position(|known| *known == name)?;
        Some((*field, rank))
    })
}

/// The delimiter that makes the most known names of a header line, else the most columns.
pub(super) fn delimiter(line: &str) -> char {
    [',', ';', '\t']
        .into_iter()
        .rev()
        .max_by_key(|delimiter| {
            let names = line
                .split(*delimiter)
                .map(|name| name.trim().trim_matches('"'));
            (
                names.clone().filter(|name| rank(name).is_some()).count(),
                names.count(),
            )
        })
        .unwrap_or(',')
}

/// Whether a header of this name holds something that has no business here.
pub(super) fn is_secret(name: &str) -> bool {
    let name = plain(name);
    [
        "password",
        "passwd",
        "pwd",
        "secret",
        "krb",
        "hash",
        "privatekey",
    ]
    .iter()
    .any(|part| name.contains(part))
}

impl Header {
    /// Reads the header row.
    pub(super) fn read(row: &Row<'_>, faults: &mut Faults) -> Self {
        let mut header = Self {
            width: row.cells.len(),
            ..Self::default()
        };
        let mut best: BTreeMap<Field, (usize, usize)> = BTreeMap::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (index, cell) in row.cells.iter().enumerate() {
            let name = cell.text.trim();
            if name.is_empty() {
                faults.add(cell.at, format!("column {} has no name", index + 1));
            } else if let Some(first) = seen.insert(name.to_lowercase(), index) {
                faults.add(
                    cell.at,
                    format!("the name \"{name}\" stands over column {} too", first + 1),
                );
            }
            if let Some((field, rank)) = rank(name) {
                let entry = best.entry(field).or_insert((rank, index));
                *entry = (*entry).min((rank, index));
            }
        }
        header.fields = best
            .iter()
            .map(|(field, (_, index))| (*index, *field))
            .collect();
        header.others = (row.cells.iter().enumerate())
            .filter(|(index, cell)| !header.fields.contains_key(index) && !is_secret(&cell.text))
            .map(|(index, cell)| (index, Raw::from(cell.text.trim().to_lowercase())))
            .collect();
        if !best.contains_key(&Field::Id) {
            faults.add(
                Place::line(row.line),
                "no column holds an immutable id; name one of them id, objectId or objectGUID",
            );
        }
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::file::rows::table;

    fn header(line: &str) -> Result<Header, String> {
        let mut faults = Faults::default();
        let table = table(line, delimiter(line), &mut faults);
        let header = Header::read(&table.rows[0], &mut faults);
        faults
            .or("f", header)
            .map_err(|problem| problem.text().to_owned())
    }

    #[test]
    fn known_exports_are_understood() {
        let entra =
            header("userPrincipalName,displayName,mail,objectId,userType,accountEnabled").unwrap();
        assert_eq!(entra.fields.len(), 6);
        let ad = header(
            "\"SamAccountName\";\"Name\";\"DisplayName\";\"ObjectGUID\";\"Enabled\";\"SID\"",
        )
        .unwrap();
        assert_eq!(
            ad.fields.get(&2),
            Some(&Field::Name),
            "displayName wins over name"
        );
        assert_eq!(ad.others.get(&1).map(Raw::expose), Some("name"));
        assert_eq!(ad.others.get(&5).map(Raw::expose), Some("sid"));
        assert_eq!(header("ID\tE-Mail\tlogin").unwrap().fields.len(), 3);
        assert!(header("id,unicodePwd").unwrap().others.is_empty());
    }

    #[test]
    fn bad_headers_are_named() {
        assert!(
            header("name,mail")
                .unwrap_err()
                .contains("line 1, column 1: no column holds")
        );
        assert!(
            header("id,Mail,mail")
                .unwrap_err()
                .contains("line 1, column 9: the name \"mail\" stands over column 2")
        );
        assert!(
            header("id,,mail")
                .unwrap_err()
                .contains("line 1, column 4: column 2 has no name")
        );
    }
}
