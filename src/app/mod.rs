//! What the operator sees and wants: model, message, effect, update.
//!
//! Pure: no terminal, no connector, no runtime, no clock. Knows `crossterm` event types only.
//! [`App::update`] takes a [`Message`] (a fact) and gives [`Effect`]s (wishes); `view` draws `&App`.

mod actions;
mod applies;
mod chosen;
mod derived;
mod dialog;
mod effect;
mod export;
mod filter;
pub mod form;
mod hay;
mod help;
mod input;
mod key;
mod keymap;
mod layout;
mod licenses;
mod list;
mod menu;
mod message;
mod model;
mod planned;
mod roster;
mod runs;
mod sheet;
mod spaces;
mod tree;
mod update;
mod ways;
mod wrapped;

pub use actions::{ACTIONS, Action, Screen, Spec};
pub use chosen::{Chosen, Part};
pub use derived::{Derived, conflict_words, is_stranger, needs_decision};
pub use dialog::{Addresses, Confirm, Dialog, MenuKind, Number};
pub use effect::{Approval, Effect, PlanRequest, ReviewRequest};
pub use filter::{Facts, Filter, KEYS as FILTER_KEYS};
pub use help::{HELP_KEY, HelpLine};
pub use input::{Field, PASTE_CAP};
pub use key::{Key, keys};
pub use keymap::Keymap;
pub use layout::{Area, LICENSE_POOLS, Layout, PLAN_HEAD, RUN_HEAD};
pub use licenses::{LicensesScreen, Reviewed, SeatSort};
pub use list::{List, Step};
pub use menu::{About, Choice, Format, Item, MENU_ROWS, Menu, Switch};
pub use message::{
    AUDIT_LOG, Answer, Cautions, Epoch, Message, PeopleWish, RunRecord, Signal, Source, Trouble,
};
pub use model::{App, Capabilities, Data, Load, Palette, Setup, Stage, Status, Tone};
pub use planned::{GroupBy, PlanLine, PlanScreen, waits};
pub use roster::{Inspection, Listed, Pane, Preset, RosterScreen, SortBy};
pub use runs::{Live, Manner, Opened, Progress, RunsScreen, can_resume};
pub use spaces::{Fate, Holder, Regarded, Seat, SpaceLine, SpacesScreen, Told};
pub use tree::{Entry, Line, Tree};
pub use wrapped::wrap;
