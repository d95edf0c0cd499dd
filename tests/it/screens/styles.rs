//! Where colour carries a meaning, a sign or an attribute carries it too.

use qroll::app::Palette;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::Desk;
use super::desk::setup;

fn drawn(palette: Palette) -> Buffer {
    let mut setup = setup((120, 36));
    setup.capabilities.palette = palette;
    let mut desk = Desk::with(setup);
    desk.keys("<down> la<tab>").keys("/giulia<enter>d1<esc>");
    let mut terminal = desk.terminal();
    terminal
        .draw(|frame| qroll::view::screen(&desk.app, frame))
        .expect("drawn");
    terminal.backend().buffer().clone()
}

/// The first cell of a text on screen.
fn find<'a>(buffer: &'a Buffer, text: &str) -> &'a Cell {
    let width = usize::from(buffer.area.width);
    for line in buffer.content.chunks(width) {
        let symbols: Vec<&str> = line.iter().map(Cell::symbol).collect();
        let joined = symbols.concat();
        if let Some(at) = joined.find(text) {
            let column = joined[..at].chars().count();
            return &line[column];
        }
    }
    panic!("{text} is not on screen");
}

#[test]
fn additions_are_green_and_removals_red() {
    for (palette, add, remove) in [
        (Palette::Dark, Color::Green, Color::Red),
        (Palette::Light, Color::Indexed(28), Color::Indexed(124)),
    ] {
        let buffer = drawn(palette);
        assert_eq!(find(&buffer, "+ analyzer").fg, add);
        assert_eq!(find(&buffer, "- analyzer").fg, remove);
        assert_eq!(find(&buffer, "x disabled").modifier, Modifier::BOLD);
    }
}

#[test]
fn without_colour_signs_and_attributes_remain() {
    let buffer = drawn(Palette::None);
    let coloured = |cell: &&Cell| cell.fg != Color::Reset || cell.bg != Color::Reset;
    assert_eq!(buffer.content.iter().filter(coloured).count(), 0);
    assert_eq!(find(&buffer, "- analyzer").modifier, Modifier::BOLD);
    assert_eq!(find(&buffer, " 1 Roster").modifier, Modifier::REVERSED);
    let cursor = |cell: &&Cell| cell.modifier.contains(Modifier::REVERSED);
    assert!(
        buffer.content.iter().filter(cursor).count() > 10,
        "the cursor is seen"
    );
}
