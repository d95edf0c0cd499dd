//! A file as directory.

use super::talk::Talk;
use crate::config::{DirectoryConfig, FileConfig};
use crate::ports::Problem;

const EXPORT: &str = "\
\x20 A CSV with one row a person, or LDIF. For instance, without any right to write:
    Get-ADUser -Filter * -Properties mail | Export-Csv people.csv -NoTypeInformation -Encoding UTF8
    ldapsearch -LLL -o ldif-wrap=no ... '(objectClass=inetOrgPerson)' '*' entryUUID > people.ldif
  The file can add people at any time; only one that declares itself complete (a last line \"# rows: 412\") can lead to removals.";

pub(super) fn ask(talk: Talk, old: Option<&FileConfig>) -> Result<DirectoryConfig, Problem> {
    talk.say(EXPORT);
    let before = old.map(|old| old.path.display().to_string());
    let path = talk.path("Path of the file", before.as_deref())?;
    let queries = old.map(|old| old.queries.clone()).unwrap_or_default();
    Ok(DirectoryConfig::File(FileConfig { path, queries }))
}
