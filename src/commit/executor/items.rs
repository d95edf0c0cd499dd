//! What an answer says of each item of a batch: matched by its echo, never by its place (B1 to B4).

use std::collections::BTreeMap;

use super::Executor;
use super::refusal::Refusal;
use super::state::Flight;
use crate::commit::call;
use crate::domain::{OperationKind, Verdict};
use crate::ports::{Bug, ItemReply, planted};
use crate::text::Raw;

/// What one item of a 207 says.
pub(super) enum ItemSays {
    Yes,
    No(Refusal),
    Conflict,
    Unclear,
}

impl Executor {
    /// Gives each operation what its echo says: matched by subject and type, never by position.
    pub(super) fn sort_items(
        &mut self,
        operations: &[usize],
        items: &[ItemReply],
    ) -> BTreeMap<usize, ItemSays> {
        let mut unasked = false;
        let mut says: BTreeMap<usize, Vec<&ItemReply>> = BTreeMap::new();
        for (position, item) in items.iter().enumerate() {
            let fits = operations
                .iter()
                .copied()
                .enumerate()
                .find(|(place, this)| {
                    if planted(Bug::MatchByPosition) {
                        return *place == position;
                    }
                    call::echo(self.change(*this)).is_some_and(|sent| {
                        sent.subject.key() == item.subject.key()
                            && item
                                .license
                                .as_ref()
                                .is_none_or(|license| *license == sent.license)
                    })
                });
            match fits {
                Some((_, this)) => says.entry(this).or_default().push(item),
                None => unasked = true,
            }
        }
        if unasked {
            self.stop_run(
                "the tenant answered for an item that was not asked for; the answer is not ours",
                false,
            );
            return BTreeMap::new();
        }
        let mut sorted = BTreeMap::new();
        for this in operations {
            let item = match says.get(this).map(Vec::as_slice) {
                Some([item]) => {
                    self.operations[*this].status = Some(item.status);
                    self.item_says(*this, item)
                }
                // Missing, or said twice: the worst is assumed and read back.
                _ => ItemSays::Unclear,
            };
            sorted.insert(*this, item);
        }
        sorted
    }

    fn item_says(&self, this: usize, item: &ItemReply) -> ItemSays {
        let kind = self.change(this).kind();
        match item.status {
            200 | 201 | 204 => ItemSays::Yes,
            409 => ItemSays::Conflict,
            404 if kind == OperationKind::RemoveLicense => ItemSays::Conflict,
            400..=407 | 410..=428 | 430..=499 => ItemSays::No(Refusal {
                status: item.status,
                code: item.code.clone(),
                reason: item
                    .title
                    .clone()
                    .unwrap_or_else(|| Raw::from("refused without a reason")),
            }),
            _ => ItemSays::Unclear,
        }
    }

    pub(super) fn items_replied(&mut self, flight: Flight, mut items: BTreeMap<usize, ItemSays>) {
        let (mut unclear, mut conflicts) = (Vec::new(), Vec::new());
        let mut clear = false;
        for this in flight.operations {
            match items.remove(&this) {
                Some(ItemSays::Yes) => {
                    clear = true;
                    self.judge(this, Verdict::Applied, None);
                }
                Some(ItemSays::No(refusal)) => {
                    clear = true;
                    self.doubt_pool(this, &refusal);
                    self.refuse(this, &refusal);
                }
                Some(ItemSays::Conflict) => conflicts.push(this),
                Some(ItemSays::Unclear) | None => unclear.push(this),
            }
        }
        if clear || !conflicts.is_empty() {
            self.heard();
        } else {
            self.heard_unclearly();
        }
        self.conflicted(conflicts);
        self.unclear(unclear);
    }
}
