//! From a user to the row that stands for them.

use super::index::Index;
use super::join::Accepted;
use crate::domain::{PersonId, Row, RowKey, UserId};

impl Index {
    /// The row of a user: the person's when one is matched to the user and the match counts, else the
    /// user's own. `None` for a user who is not among those read.
    pub fn row_of(&self, id: &UserId, accepted: &Accepted) -> Option<Row> {
        let user = self.user(id)?;
        let by_subject = self.people_with_subject(&user.subject);
        let said = accepted.iter().filter(|(_, said)| *said == id);
        let mails = user.email.iter();
        let by_mail = mails.flat_map(|mail| self.people_with_mail(mail));
        let people = by_subject
            .chain(said.map(|(person, _)| person))
            .chain(by_mail.map(|person| &person.id));
        let joined = |person: &PersonId| {
            let row = self.row(&RowKey::Person(person.clone()), accepted)?;
            let theirs = row.joined_user().is_some_and(|user| user.id == *id);
            theirs.then_some(row)
        };
        let mut people = people;
        people
            .find_map(joined)
            .or_else(|| self.row(&RowKey::User(id.clone()), accepted))
    }
}
