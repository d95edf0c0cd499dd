//! Names that try to be more than names.

use super::Desk;
use super::desk::setup;
use qroll::domain::UserStatus;

use super::world;

fn desk_with(names: &[&str]) -> Desk {
    let mut desk = Desk::unread(setup((120, 36)));
    desk.tenant.users.value = names
        .iter()
        .enumerate()
        .map(|(n, name)| {
            world::user(
                &format!("u{n}"),
                &format!("s{n}"),
                name,
                "x@corp.example",
                UserStatus::Active,
            )
        })
        .collect();
    desk.tenant.licensing.value.assignments.clear();
    desk.begin();
    desk
}

#[test]
fn columns_stay_aligned_and_nothing_escapes() {
    let names = [
        "A plain name",
        "B\u{1b}[2J\u{1b}]0;owned\u{7}",
        "C\u{202e}nimda",
        "D 山田太郎 山田太郎 山田太郎",
        "E zero\u{200b}width",
        "F e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
        "G 👩‍👩‍👧‍👦 family ❤️",
        "H two\nlines\tand tab",
    ];
    let mut desk = desk_with(&names);
    desk.keys("<tab>");
    let mut terminal = desk.terminal();
    terminal
        .draw(|frame| qroll::view::screen(&desk.app, frame))
        .expect("drawn");
    let buffer = terminal.backend().buffer();
    let rows: Vec<u16> = (4..4 + u16::try_from(names.len()).expect("few")).collect();
    let status_at = |y: u16| {
        (0..buffer.area.width).find(|x| {
            let word: String = (0..6)
                .filter_map(|n| buffer.cell((x + n, y)))
                .map(|cell| cell.symbol().to_owned())
                .collect();
            word == "active"
        })
    };
    let first = status_at(rows[0]).expect("the Qlik column");
    for y in rows {
        assert_eq!(status_at(y), Some(first), "row {y}\n{}", desk.screen());
    }
    for cell in &buffer.content {
        assert!(
            !cell.symbol().chars().any(char::is_control),
            "{:?}",
            cell.symbol()
        );
    }
    assert!(desk.screen().contains("⟨U+202E⟩"), "{}", desk.screen());
}
