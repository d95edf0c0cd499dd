//! The order in which spaces are planned: groups first, since whoever they reach needs nothing more.

use super::by_group::{self, Tally};
use super::work::Work;
use super::{by_assignee, by_person, exact, strip, talk};
use crate::planner::build::{Pad, Selection};

pub(in crate::planner) fn plan<'a>(pad: &mut Pad<'_, 'a>, selection: &'a Selection) {
    let mut work = Work::new(pad);
    let mut tally = Tally::default();
    talk::illegal(pad, &work);
    talk::pointless(pad, &work);
    by_group::staged(pad, &mut work, &mut tally);
    by_group::convert(pad, &mut work, &mut tally, selection);
    by_assignee::plan(pad, &work);
    by_person::plan(pad, &work, &mut tally);
    exact::plan(pad, &work);
    talk::writes(pad, &tally);
    strip::plan(pad, &work);
}
