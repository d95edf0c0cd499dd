//! `App::update`: one message in, effects out. One file per kind of thing that happens.

mod again;
mod answers;
mod check;
mod choice;
mod choose;
mod confirm;
mod decide;
mod dialogs;
mod dispatch;
mod dropping;
mod inspect;
mod keys;
mod licenses;
mod listed;
mod lists;
mod moves;
mod outcome;
mod pickers;
mod plans;
mod resuming;
mod roster;
mod runs;
mod same_person;
mod staging;
mod subjects;
mod walk;
