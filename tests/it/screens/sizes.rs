//! Any size can be drawn, with anything on top.

use super::Desk;

#[test]
fn no_size_panics() {
    let sizes: Vec<(u16, u16)> = [1, 2, 20, 39, 40, 41, 59, 60, 80, 99, 100, 120, 220, 500]
        .into_iter()
        .flat_map(|columns| [1, 2, 5, 9, 10, 11, 16, 24, 36, 200].map(|rows| (columns, rows)))
        .collect();
    for keys in [
        "",
        "<down> la",
        "<down> s",
        "?",
        ":pla",
        "g",
        "<down> lap",
        "<down> lapa",
        "6",
        "<tab><tab>",
        "3<down><down>",
        "3<down><down><tab>",
        "3<down><down><tab><tab>",
        "3<down><down><tab><enter>",
        "3<down><down><tab>s",
        "3+",
    ] {
        let mut desk = Desk::new(80, 24);
        desk.keys(keys);
        for (columns, rows) in &sizes {
            desk.resize(*columns, *rows);
            let screen = desk.screen();
            assert_eq!(
                screen.split('\n').count(),
                usize::from(*rows),
                "{columns}x{rows}"
            );
        }
    }
}

#[test]
fn a_frame_smaller_than_the_model_thinks_is_clipped() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> la?");
    let backend = ratatui::backend::TestBackend::new(30, 7);
    let mut terminal = ratatui::Terminal::new(backend).expect("a terminal");
    terminal
        .draw(|frame| qroll::view::screen(&desk.app, frame))
        .expect("drawn");
}

#[test]
fn below_40x10_one_line_says_so() {
    let mut desk = Desk::new(39, 9);
    assert_eq!(desk.screen().trim(), "qroll needs 40x10 · 0 staged · q");
    desk.keys("q");
    assert_eq!(desk.app.finished(), Some(0));
}

#[test]
fn a_resize_storm_is_one_frame() {
    let mut desk = Desk::new(120, 36);
    let _ = desk.app.take_dirty();
    for columns in (60..200).chain(60..120) {
        desk.resize(columns, 30);
    }
    assert!(desk.app.take_dirty());
    assert!(!desk.app.take_dirty());
    assert_eq!(desk.app.layout.width, 119);
}
