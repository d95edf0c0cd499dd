//! From a person to the groups, into one of them, and back to the person.

use qroll::app::{Answer, Effect, Entry, Pane, Trouble};
use qroll::domain::DirectoryGroupId;
use qroll::ports::{Kind, Problem};

use super::Desk;

/// All about Dmitri, who is in `QLIK_ANALYZERS` through `Finance_EMEA`.
fn about(columns: u16, rows: u16) -> Desk {
    let mut desk = Desk::new(columns, rows);
    desk.keys("<down> <tab><down><down><down><enter>");
    desk
}

fn names(desk: &Desk) -> Vec<&str> {
    let rows = desk.app.derived.rows.iter();
    rows.filter_map(|row| row.name().map(qroll::text::Raw::expose))
        .collect()
}

#[test]
fn a_person_leads_to_the_groups_and_a_group_back_to_the_person() {
    let mut desk = about(120, 36);
    assert!(
        desk.screen().contains("QLIK_ANALYZERS via Finance_EMEA"),
        "{}",
        desk.screen()
    );
    desk.keys("g");
    let screen = desk.screen();
    assert!(screen.contains("Groups of Dmitri O'Brien"), "{screen}");
    assert!(screen.contains("QLIK_ANALYZERS > Finance_EMEA"), "{screen}");
    insta::assert_snapshot!("groups_of", screen);

    desk.keys("<enter>");
    assert_eq!(desk.app.roster.pane, Pane::Groups);
    assert_eq!(names(&desk), ["Dmitri O'Brien"]);
    let finance = DirectoryGroupId::from("g-fin");
    let line = desk.app.roster.tree.current().expect("a line");
    assert_eq!(
        (&line.entry, line.depth),
        (&Entry::Group(finance.clone()), 1)
    );
    let reads = |effect: &&Effect| matches!(effect, Effect::LoadMembers(_, id) if *id == finance);
    assert_eq!(desk.asked.iter().filter(reads).count(), 1, "its members");
    assert!(
        desk.screen().contains("Esc goes back to Dmitri O'Brien"),
        "{}",
        desk.screen()
    );

    desk.keys("<left>");
    assert_eq!(names(&desk).len(), 8, "the group above it, and its members");
    desk.keys("<esc>");
    assert_eq!(desk.app.roster.pane, Pane::People);
    let row = desk.app.current_row().and_then(|row| row.name());
    assert_eq!(row.expect("a row").expose(), "Dmitri O'Brien");
    assert!(desk.app.roster.tree.chosen.groups.contains(&"g-ana".into()));
    assert!(!desk.screen().contains("goes back"), "{}", desk.screen());
}

#[test]
fn what_is_marked_on_the_way_is_unmarked_before_the_way_back() {
    let mut desk = about(80, 24);
    desk.keys("g<enter>").keys(" ");
    assert!(!desk.app.roster.tree.chosen.is_unmarked());
    desk.keys("<esc>");
    assert_eq!(desk.app.roster.pane, Pane::Groups, "unmarked");
    desk.keys("<esc>");
    assert_eq!(desk.app.roster.pane, Pane::People, "and back");
}

/// All about Eva, who is in `QLIK_PRO` too, which was never opened; the directory has not answered yet.
fn about_eva() -> Desk {
    let mut desk = Desk::new(120, 36);
    desk.hold = vec!["LoadGroupsOf"];
    desk.keys("<down> <tab><down><down><down><down><enter>");
    desk
}

#[test]
fn the_directory_is_asked_for_the_groups_that_nobody_opened() {
    let mut desk = about_eva();
    assert!(desk.screen().contains("Eva"), "{}", desk.screen());
    desk.keys("g");
    let screen = desk.screen();
    assert!(screen.contains("the directory is being asked"), "{screen}");
    assert!(
        !screen.contains("> QLIK_PRO") && !screen.contains("│ QLIK_PRO "),
        "{screen}"
    );
    desk.release();
    let screen = desk.screen();
    insta::assert_snapshot!("groups_of_asked", screen);
    // The cursor stands where it stood; asked once.
    desk.keys("<enter>");
    let group = desk
        .app
        .roster
        .tree
        .current()
        .and_then(|line| line.group().cloned());
    assert_eq!(group, Some(DirectoryGroupId::from("g-ana")));
    desk.keys("<esc><enter>g");
    let asks = |effect: &&Effect| matches!(effect, Effect::LoadGroupsOf(..));
    assert_eq!(desk.asked.iter().filter(asks).count(), 1);
    desk.keys("<down><enter>");
    let group = desk
        .app
        .roster
        .tree
        .current()
        .and_then(|line| line.group().cloned());
    assert_eq!(group, Some(DirectoryGroupId::from("g-pro")));
}

#[test]
fn what_the_directory_does_not_tell_is_said() {
    let mut desk = about_eva();
    desk.keys("g");
    let person = desk
        .app
        .current_row()
        .and_then(|row| row.person.clone())
        .expect("Eva");
    let trouble = Trouble::from(Problem::new(Kind::Denied, "Graph refuses"));
    desk.tell(Answer::GroupsOf(person.id.clone(), Err(trouble)));
    let screen = desk.screen();
    assert!(screen.contains("Perhaps not all: "), "{screen}");
    assert!(
        screen.contains("QLIK_ANALYZERS"),
        "what was read stays: {screen}"
    );
}
