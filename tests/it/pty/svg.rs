//! A terminal screen as an SVG picture, for the README: one `<text>` a run of equal style, each
//! stretched to its cells so that the columns stay aligned whatever font is at hand.

use std::fmt::Write as _;

const CELL: (usize, usize) = (9, 19);
const PAD: usize = 10;
const BACKGROUND: &str = "#14171c";
const FOREGROUND: &str = "#d5d9e0";

/// Draws the screen.
pub(crate) fn picture(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) = (
        usize::from(columns) * CELL.0 + 2 * PAD,
        usize::from(rows) * CELL.1 + 2 * PAD,
    );
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" \
         font-size=\"15\" xml:space=\"preserve\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..rows {
        for run in runs(screen, row, columns) {
            run.draw(usize::from(row), &mut out);
        }
    }
    out.push_str("</svg>\n");
    out
}

struct Run {
    start: usize,
    cells: usize,
    text: String,
    style: Style,
}

#[derive(Clone, PartialEq)]
struct Style {
    fore: String,
    back: Option<String>,
    bold: bool,
    underline: bool,
    dim: bool,
}

fn runs(screen: &vt100::Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else {
            continue;
        };
        if cell.is_wide_continuation() {
            continue;
        }
        let style = style(cell);
        let cells = if cell.is_wide() { 2 } else { 1 };
        let text = if cell.has_contents() {
            cell.contents()
        } else {
            " "
        };
        match runs.last_mut() {
            Some(run) if run.style == style => {
                run.cells += cells;
                run.text.push_str(text);
            }
            _ => runs.push(Run {
                start: usize::from(column),
                cells,
                text: text.to_owned(),
                style,
            }),
        }
    }
    runs
}

fn style(cell: &vt100::Cell) -> Style {
    let fore = colour(cell.fgcolor()).unwrap_or_else(|| FOREGROUND.to_owned());
    let back = colour(cell.bgcolor());
    let (fore, back) = if cell.inverse() {
        (back.unwrap_or_else(|| BACKGROUND.to_owned()), Some(fore))
    } else {
        (fore, back)
    };
    Style {
        fore,
        back,
        bold: cell.bold(),
        underline: cell.underline(),
        dim: cell.dim(),
    }
}

impl Run {
    fn draw(&self, row: usize, out: &mut String) {
        let (x, y) = (PAD + self.start * CELL.0, PAD + row * CELL.1);
        let width = self.cells * CELL.0;
        if let Some(back) = &self.style.back {
            let _ = writeln!(
                out,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{back}\"/>",
                CELL.1
            );
        }
        if self.text.trim().is_empty() {
            return;
        }
        let weight = if self.style.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        let line = if self.style.underline {
            " text-decoration=\"underline\""
        } else {
            ""
        };
        let dim = if self.style.dim {
            " opacity=\"0.6\""
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "<text x=\"{x}\" y=\"{}\" fill=\"{}\" textLength=\"{width}\" \
             lengthAdjust=\"spacingAndGlyphs\"{weight}{line}{dim}>{}</text>",
            y + CELL.1 - 5,
            self.style.fore,
            escape(&self.text)
        );
    }
}

fn escape(text: &str) -> String {
    // No-break spaces keep blanks whatever a viewer does with `xml:space`.
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace(' ', "\u{a0}")
}

fn colour(colour: vt100::Color) -> Option<String> {
    const BASIC: [&str; 16] = [
        "#2b303b", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4",
        "#6b7280", "#ff7b86", "#b5e890", "#ffd68a", "#82c4ff", "#dd9af0", "#7fdbe6", "#ffffff",
    ];
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        vt100::Color::Idx(index) => Some(match index {
            0..16 => BASIC[usize::from(index)].to_owned(),
            16..232 => {
                let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
                let cube = index - 16;
                let (red, green, blue) = (level(cube / 36), level(cube / 6 % 6), level(cube % 6));
                format!("#{red:02x}{green:02x}{blue:02x}")
            }
            _ => {
                let grey = 8 + 10 * (index - 232);
                format!("#{grey:02x}{grey:02x}{grey:02x}")
            }
        }),
    }
}
