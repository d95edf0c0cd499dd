//! Where everything is, from the size alone. Update needs the heights (cursor, window, offset are
//! known before drawing) and view draws into the same areas.

use super::actions::Screen;
use super::roster::Pane;

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "a rectangle")]
pub struct Area {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

impl Area {
    /// Whether nothing fits.
    pub fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }
}

/// Areas of everything that can be on screen. Empty ones are not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// Too small for anything but one line.
    pub tiny: bool,
    /// First line.
    pub header: Area,
    /// Second line.
    pub tabs: Area,
    /// A line about an incomplete reading.
    pub banner: Area,
    /// Roster: a line about the groups that narrow what is marked.
    pub narrowing: Area,
    /// Everything between tabs and the last lines.
    pub body: Area,
    /// Left pane: groups on Roster, spaces on Spaces.
    pub groups: Area,
    /// Middle pane: people on Roster, assignments on Spaces.
    pub people: Area,
    /// Right pane.
    pub detail: Area,
    /// The right pane folded into one line.
    pub folded: Area,
    /// The line of marks, filter, status.
    pub status: Area,
    /// The last line: keys.
    pub footer: Area,
}

/// Smallest size with a screen.
pub(super) const SMALLEST: (u16, u16) = (40, 10);
/// From this width on all three panes stand side by side.
pub(super) const THREE_PANES: u16 = 100;
/// From this width on two panes stand side by side.
const TWO_PANES: u16 = 60;

impl Layout {
    /// Areas for a size.
    pub fn new(size: (u16, u16), screen: Screen, pane: Pane, banner: bool, narrowed: bool) -> Self {
        let (width, height) = size;
        let row = |y: u16| Area {
            x: 0,
            y,
            width,
            height: 1,
        };
        if width < SMALLEST.0 || height < SMALLEST.1 {
            return Self {
                width,
                height,
                tiny: true,
                header: row(0),
                ..Self::default()
            };
        }
        let folds = has_panes(screen) && width < THREE_PANES;
        let narrowed = narrowed && screen == Screen::Roster;
        let above = 2 + u16::from(banner);
        let top = above + u16::from(narrowed);
        let bottom = height - 2 - u16::from(folds);
        let mut layout = Self {
            width,
            height,
            tiny: false,
            header: row(0),
            tabs: row(1),
            banner: if banner { row(2) } else { Area::default() },
            narrowing: if narrowed {
                row(above)
            } else {
                Area::default()
            },
            body: Area {
                x: 0,
                y: top,
                width,
                height: bottom - top,
            },
            folded: if folds { row(bottom) } else { Area::default() },
            status: row(height - 2),
            footer: row(height - 1),
            ..Self::default()
        };
        if has_panes(screen) {
            layout.panes(pane, lefts(screen, width));
        }
        layout
    }

    /// One rule of one column stands between two panes.
    fn panes(&mut self, pane: Pane, left: u16) {
        let body = self.body;
        let part = |x: u16, width: u16| Area { x, width, ..body };
        if body.width >= THREE_PANES {
            let right = (body.width / 4).clamp(28, 48);
            let middle = body.width - left - right - 2;
            self.groups = part(0, left);
            self.people = part(left + 1, middle);
            self.detail = part(left + middle + 2, right);
        } else if body.width >= TWO_PANES {
            match pane {
                Pane::Detail => {
                    let right = (body.width * 2 / 5).max(28);
                    self.people = part(0, body.width - right - 1);
                    self.detail = part(body.width - right, right);
                }
                Pane::Groups | Pane::People => {
                    self.groups = part(0, left);
                    self.people = part(left + 1, body.width - left - 1);
                }
            }
        } else {
            match pane {
                Pane::Groups => self.groups = body,
                Pane::People => self.people = body,
                Pane::Detail => self.detail = body,
            }
        }
    }

    /// Lines of the groups pane below heading and filter.
    pub fn group_rows(&self) -> usize {
        usize::from(self.groups.height.saturating_sub(2))
    }

    /// Lines of the middle pane below its two headings.
    pub fn people_rows(&self) -> usize {
        usize::from(self.people.height.saturating_sub(2))
    }

    /// Lines below the counts of a plan.
    pub fn plan_rows(&self) -> usize {
        usize::from(self.body.height.saturating_sub(PLAN_HEAD))
    }

    /// Cells of the name at the beginning of a line of a plan.
    pub fn name_cells(&self) -> usize {
        (usize::from(self.body.width).saturating_sub(4) / 5).clamp(12, 26)
    }

    /// Cells of what a finding says.
    pub fn finding_cells(&self) -> usize {
        usize::from(self.body.width).saturating_sub(6 + self.name_cells())
    }

    /// Cells of a line that says what stopped a plan.
    pub fn stop_cells(&self) -> usize {
        usize::from(self.body.width).saturating_sub(4)
    }

    /// Lines of the Licenses screen for what wants a look.
    pub fn pick_rows(&self) -> usize {
        if self.width < 110 { 2 } else { 1 }
    }

    /// Lines below the head of a run, or of the list of runs.
    pub fn run_rows(&self) -> usize {
        usize::from(self.body.height.saturating_sub(RUN_HEAD))
    }
}

/// Pools that the Licenses screen shows.
pub const LICENSE_POOLS: usize = 4;

/// Whether a screen has three panes side by side.
fn has_panes(screen: Screen) -> bool {
    matches!(screen, Screen::Roster | Screen::Spaces)
}

/// Width of the left pane.
fn lefts(screen: Screen, width: u16) -> u16 {
    match (screen, width >= THREE_PANES) {
        (Screen::Spaces, true) => (width * 3 / 10).clamp(30, 48),
        (Screen::Spaces, false) => (width * 3 / 10).clamp(20, 28),
        (_, true) => (width / 5).clamp(24, 40),
        (_, false) => (width / 4).clamp(16, 22),
    }
}

/// Lines of counts above the operations of a plan.
pub const PLAN_HEAD: u16 = 5;
/// Lines above the outcomes of a run.
pub const RUN_HEAD: u16 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_filled_and_never_left() {
        for width in (1..=500).step_by(7) {
            for height in (1..=200).step_by(3) {
                for pane in [Pane::Groups, Pane::People, Pane::Detail] {
                    for screen in [
                        Screen::Roster,
                        Screen::Licenses,
                        Screen::Spaces,
                        Screen::Plan,
                        Screen::Runs,
                    ] {
                        let layout = Layout::new((width, height), screen, pane, true, true);
                        for area in [
                            layout.header,
                            layout.tabs,
                            layout.banner,
                            layout.narrowing,
                            layout.body,
                            layout.groups,
                            layout.people,
                            layout.detail,
                            layout.folded,
                            layout.status,
                            layout.footer,
                        ] {
                            assert!(area.x + area.width <= width && area.y + area.height <= height);
                        }
                    }
                }
            }
        }
    }
}
