//! The one table of what can be done: name in the configuration, default keys, title, the screens
//! where it applies, and whether it can work right now. Footer, help, palette and documentation are
//! made from it, so nothing is shown that cannot be done.

use super::App;
use super::applies as can;

/// A named wish of the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the table below says what each does")]
pub enum Action {
    ScreenRoster,
    ScreenLicenses,
    ScreenSpaces,
    ScreenRules,
    ScreenPlan,
    ScreenRuns,
    NextPane,
    PreviousPane,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    Mark,
    AlsoIn,
    NotIn,
    Range,
    MarkAll,
    SpaceRoles,
    PutIn,
    TakeOut,
    ReadAll,
    License,
    Spaces,
    Provision,
    Deprovision,
    Roles,
    Short,
    SamePerson,
    Subjects,
    Check,
    LastUse,
    AutoAssign,
    Drop,
    Undo,
    Redo,
    Plan,
    Apply,
    SavePlan,
    GroupBy,
    Decide,
    Hold,
    Resume,
    Revert,
    Discard,
    Stop,
    Filter,
    Presets,
    Sort,
    Open,
    Close,
    List,
    Refresh,
    Redraw,
    Suspend,
    Copy,
    Export,
    Help,
    Palette,
    Quit,
}

/// The screens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the tabs of the same names")]
pub enum Screen {
    #[default]
    Roster,
    Licenses,
    Spaces,
    Plan,
    Runs,
}

/// One line of the table.
pub struct Spec {
    /// What.
    pub action: Action,
    /// Its name in `[keys]` of the configuration.
    pub name: &'static str,
    /// Default keys, as [`super::Key`] reads them.
    pub keys: &'static [&'static str],
    /// One or two words, for the footer.
    pub title: &'static str,
    /// One sentence, for help and palette.
    pub help: &'static str,
    /// Where it applies.
    pub screens: &'static [Screen],
    /// Place in the footer, lowest first; 0 is not shown there.
    pub footer: u8,
    /// Why it cannot work now.
    pub applies: fn(&App) -> Result<(), String>,
}

const EVERYWHERE: &[Screen] = &[
    Screen::Roster,
    Screen::Licenses,
    Screen::Spaces,
    Screen::Plan,
    Screen::Runs,
];
const ROSTER: &[Screen] = &[Screen::Roster];
const SEATS: &[Screen] = &[Screen::Roster, Screen::Licenses];
const LICENSES: &[Screen] = &[Screen::Licenses];
const SPACES: &[Screen] = &[Screen::Spaces];
const PANES: &[Screen] = &[Screen::Roster, Screen::Spaces];
const LISTS: &[Screen] = &[Screen::Roster, Screen::Licenses, Screen::Spaces];
const PLAN: &[Screen] = &[Screen::Plan];
const RUNS: &[Screen] = &[Screen::Runs];

macro_rules! table {
    ($($action:ident $name:literal [$($key:literal),*] $title:literal $help:literal $screens:ident $footer:literal $applies:expr;)+) => {
        &[$(Spec {
            action: Action::$action,
            name: $name,
            keys: &[$($key),*],
            title: $title,
            help: $help,
            screens: $screens,
            footer: $footer,
            applies: $applies,
        }),+]
    };
}

/// The table, in the order of help.
pub const ACTIONS: &[Spec] = table! {
    ScreenRoster "roster" ["1"] "Roster" "Screen 1: groups, people, seats" EVERYWHERE 0 can::always;
    ScreenLicenses "licenses" ["2"] "Licenses" "Screen 2: who holds which seat" EVERYWHERE 0 can::always;
    ScreenSpaces "space-list" ["3"] "Spaces" "Screen 3: spaces and who may what there" EVERYWHERE 0 can::always;
    ScreenRules "rules" ["4"] "Rules" "Screen 4: group to license, spaces, roles" EVERYWHERE 0 can::rules_screen;
    ScreenPlan "plan-screen" ["5"] "Plan" "Screen 5: the plan that was built" EVERYWHERE 0 can::always;
    ScreenRuns "runs" ["6"] "Runs" "Screen 6: past and interrupted runs" EVERYWHERE 0 can::always;
    NextPane "next-pane" ["Tab"] "pane" "Next pane" PANES 0 can::always;
    PreviousPane "previous-pane" ["S-Tab"] "pane back" "Previous pane" PANES 0 can::always;
    Up "up" ["Up"] "up" "Move up" EVERYWHERE 0 can::always;
    Down "down" ["Down"] "down" "Move down" EVERYWHERE 0 can::always;
    Left "left" ["Left"] "close" "Close the branch, or go to the pane on the left" PANES 0 can::always;
    Right "right" ["Right"] "open" "Open the branch, or go to the pane on the right" PANES 0 can::always;
    PageUp "page-up" ["PgUp"] "page up" "Move up by a page" EVERYWHERE 0 can::always;
    PageDown "page-down" ["PgDn"] "page down" "Move down by a page" EVERYWHERE 0 can::always;
    Home "home" ["Home"] "first" "Move to the first line" EVERYWHERE 0 can::always;
    End "end" ["End"] "last" "Move to the last line" EVERYWHERE 0 can::always;
    Mark "mark" ["Space"] "mark" "Mark what is under the cursor: a row, a group, a space, an assignment" LISTS 1 can::mark;
    AlsoIn "also-in" ["&"] "also in" "Narrow to those who are in the group under the cursor too; once more takes it away" ROSTER 0 can::narrow;
    NotIn "not-in" ["-"] "not in" "Narrow to those who are not in the group under the cursor; once more takes it away" ROSTER 0 can::narrow;
    Range "range" ["v"] "range" "Mark a range: once to begin, move, once more to end" LISTS 0 can::rows;
    MarkAll "mark-all" ["*"] "all" "Mark all that are shown, or none if all are" LISTS 2 can::rows;
    SpaceRoles "space-roles" ["s"] "roles" "Roles of the marked assignments, else of the one under the cursor, old and new beside each other" SPACES 3 can::seats;
    PutIn "put-in" ["+"] "put in" "Put a group, or the rows marked on Roster, into the marked spaces, else into the one under the cursor" SPACES 4 can::put_in;
    TakeOut "take-out" ["-"] "take out" "Take the marked assignments away, else the one under the cursor" SPACES 5 can::seats;
    ReadAll "read-all" ["r"] "read all" "Read who is assigned in every space" SPACES 6 can::read_all;
    License "license" ["l"] "license" "License for the marked rows or groups, else the one under the cursor" SEATS 3 can::license;
    Spaces "spaces" ["s"] "spaces" "Spaces and roles for them" SEATS 4 can::spaces;
    Provision "provision" ["n"] "provision" "Create the user record ahead of the first login" ROSTER 5 can::provision;
    Deprovision "deprovision" ["d"] "deprovision" "Ladder: take license, strip spaces, disable, delete" SEATS 6 can::deprovision;
    Roles "roles" ["r"] "roles" "Tenant roles for them" SEATS 0 can::roles;
    Short "short" ["w"] "who waits" "When seats do not suffice: wait, fall back or leave out" SEATS 0 can::short;
    SamePerson "same-person" ["="] "same person" "Accept the e-mail matches of the marked rows, else of the row under the cursor, as the same person" SEATS 0 can::same_person;
    Subjects "subjects" ["i"] "subjects" "What speaks for the subject template: existing users, the identity provider, who differs" ROSTER 0 can::subjects;
    Check "check" ["k"] "check" "First-login check of the marked rows, else of all shown: who would not get in and why, with the mend" SEATS 0 can::check;
    LastUse "last-use" ["L"] "last use" "Read when everybody with a seat was last seen; says first what it costs" LICENSES 5 can::last_use;
    AutoAssign "auto-assign" ["A"] "auto-assign" "Stage the automatic license switches" SEATS 0 can::auto_assign;
    Drop "drop" ["x"] "drop" "Drop what is staged for these rows" EVERYWHERE 0 can::drop;
    Undo "undo" ["u"] "undo" "Undo the last staging" EVERYWHERE 8 can::undo;
    Redo "redo" ["U"] "redo" "Redo what was undone" EVERYWHERE 0 can::redo;
    Plan "plan" ["p"] "plan" "Build the plan from what is staged and show it" EVERYWHERE 7 can::plan;
    Apply "apply" ["a"] "apply" "Apply this plan, after confirming" PLAN 1 can::apply;
    Decide "decide" ["!"] "decide" "Go to the next finding that waits for a decision, and ask about it" PLAN 2 can::decide;
    Hold "hold" ["h"] "hold removals" "Leave the removals out and plan the rest; once more takes them in again" PLAN 3 can::hold;
    SavePlan "save-plan" ["e"] "save" "Save this plan as plan.json" PLAN 4 can::planned;
    GroupBy "group-by" ["g"] "by space" "Group the operations by person or by space" PLAN 5 can::planned;
    Resume "resume" ["c"] "resume" "Go on with this interrupted run" RUNS 1 can::resume;
    Revert "revert" ["t"] "take back" "Plan the inverse of this run, to be reviewed; nothing is sent yet" RUNS 2 can::revert;
    Discard "discard" ["D"] "discard" "End this interrupted run for good: read back what has no answer, send nothing, offer it no more" RUNS 3 can::discard;
    Stop "stop" ["C-c"] "stop" "Stop the run after what is in flight; twice: leave at once" EVERYWHERE 0 can::stop;
    Filter "filter" ["/"] "filter" "Filter: fuzzy words, key:value, ! negates, ~ regex" LISTS 9 can::always;
    Presets "presets" ["f"] "presets" "Ready-made filters" SEATS 0 can::presets;
    Sort "sort" ["o"] "sort" "Sort by a column" SEATS 0 can::always;
    Open "open" ["Enter"] "open" "Read the group; all about the row, with what can be decided; open the entry" EVERYWHERE 0 can::open;
    Close "close" ["Esc"] "back" "Close, clear the filter, unmark, in that order" EVERYWHERE 0 can::always;
    List "list" ["g"] "list" "Paste or read a list of e-mails into a selection" ROSTER 0 can::always;
    Refresh "refresh" ["R"] "refresh" "Read directory and tenant again" EVERYWHERE 0 can::refresh;
    Redraw "redraw" ["C-l"] "redraw" "Clear the screen and draw it anew" EVERYWHERE 0 can::always;
    Suspend "suspend" ["C-z"] "suspend" "Give the terminal to the shell; fg comes back" EVERYWHERE 0 can::always;
    Copy "copy" ["y"] "copy" "Copy cell, row or subject to the terminal's clipboard (OSC 52)" EVERYWHERE 0 can::copy;
    Export "export" ["e"] "export" "Export what is shown as CSV, JSON or Markdown" LISTS 0 can::export;
    Help "help" ["?"] "help" "Help for here" EVERYWHERE 10 can::always;
    Palette "palette" [":"] "commands" "All commands, fuzzy" EVERYWHERE 11 can::always;
    Quit "quit" ["q"] "quit" "Quit; asks when something is staged" EVERYWHERE 12 can::always;
};

impl Action {
    /// Whether it is a screen that comes with a later version: its key says what to use now, and
    /// nothing offers it.
    pub fn is_later(self) -> bool {
        self == Self::ScreenRules
    }

    /// Its line of the table.
    pub fn spec(self) -> &'static Spec {
        // The test below proves that every action stands in the table.
        ACTIONS
            .iter()
            .find(|spec| spec.action == self)
            .unwrap_or(&ACTIONS[0])
    }
}

impl Spec {
    /// Whether it is known on a screen.
    pub fn on(&self, screen: Screen) -> bool {
        self.screens.contains(&screen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_every_key_can_be_read() {
        let names: BTreeSet<&str> = ACTIONS.iter().map(|spec| spec.name).collect();
        assert_eq!(names.len(), ACTIONS.len());
        let actions: BTreeSet<Action> = ACTIONS.iter().map(|spec| spec.action).collect();
        assert_eq!(actions.len(), ACTIONS.len());
        for spec in ACTIONS {
            for key in spec.keys {
                assert!(super::super::Key::parse(key).is_some(), "{key}");
            }
        }
    }

    #[test]
    fn no_key_means_two_things_on_one_screen() {
        for screen in EVERYWHERE {
            let mut seen = BTreeSet::new();
            for spec in ACTIONS.iter().filter(|spec| spec.on(*screen)) {
                for key in spec.keys {
                    assert!(seen.insert(*key), "{key} twice on {screen:?}");
                }
            }
        }
    }
}
