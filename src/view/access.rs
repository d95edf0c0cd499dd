//! The right pane of the Spaces screen: what the assignee under the cursor may see, and by what.

use super::pen::{Pen, Piece, piece};
use super::theme::Mean;
use super::words::counted;
use crate::app::{Action, App, Pane, Regarded, Told, wrap};
use crate::domain::SpaceRole;
use crate::planner::access::Access;
use crate::text::{Raw, width};

type Lines = Vec<Vec<Piece>>;

pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.detail;
    let cells = usize::from(area.width).saturating_sub(1);
    let lines = lines(app, cells);
    let room = usize::from(area.height);
    let most = lines.len().saturating_sub(room);
    let offset = app.spaces.detail_offset.min(most);
    for (line, y) in lines.iter().skip(offset).zip(area.y..area.y + area.height) {
        pen.pieces(area.x + 1, y, cells, line);
    }
}

/// The pane in one line, where it does not fit beside the others.
pub(super) fn folded(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.folded;
    let cells = usize::from(area.width);
    let text = match &app.spaces.regarded {
        None => " nobody under the cursor".to_owned(),
        Some(one) => format!(" {}: {}", one.name.show(), in_short(&one.told)),
    };
    let hint = format!("{} access ", app.setup.keymap.key(Action::Open));
    let room = cells.saturating_sub(width(&hint) + 1);
    pen.put(area.x, area.y, room, &text, Mean::Quiet);
    pen.right(area.x, area.y, cells, &hint, Mean::Quiet);
}

fn in_short(told: &Told) -> String {
    match told {
        Told::User(_, ways) => {
            let redundant = ways.iter().filter(|way| way.redundant).count();
            let text = format!("may see {}", spaces(ways));
            match redundant {
                0 => text,
                some => format!("{text}, {some} redundant"),
            }
        }
        Told::Group { places, people } => {
            let places = counted(places.len() as u64, "space", "spaces");
            format!(
                "{} known to Qlik, {places}",
                counted(*people as u64, "person", "people")
            )
        }
        Told::Nobody => "nobody in Qlik yet".to_owned(),
    }
}

fn spaces(ways: &[Access]) -> String {
    let all: std::collections::BTreeSet<_> = ways.iter().map(|way| &way.place).collect();
    counted(all.len() as u64, "space", "spaces")
}

fn lines(app: &App, cells: usize) -> Lines {
    let focus = app.spaces.pane == Pane::Detail;
    let title = if focus { Mean::Focus } else { Mean::Title };
    let mut lines = vec![vec![piece(title, "Effective access")]];
    let Some(one) = &app.spaces.regarded else {
        lines.push(vec![piece(Mean::Quiet, "nobody under the cursor")]);
        return lines;
    };
    lines.push(vec![piece(Mean::Title, one.name.show().to_string())]);
    if !one.mail.is_blank() {
        let mail = Raw::show(&one.mail).elided(cells).to_string();
        lines.push(vec![piece(Mean::Plain, mail)]);
    }
    lines.push(vec![piece(Mean::Quiet, one.state.clone())]);
    let short = wrap(&in_short(&one.told), cells);
    lines.extend(short.into_iter().map(|line| vec![piece(Mean::Plain, line)]));
    lines.extend(gaps(app, cells));
    lines.push(Vec::new());
    match &one.told {
        Told::User(_, ways) => lines.extend(ways_lines(one, ways, cells)),
        Told::Group { places, .. } => {
            for (space, kind, roles) in places {
                lines.push(place(space, kind));
                lines.push(vec![piece(Mean::Quiet, format!("  {}", sum(roles)))]);
            }
        }
        Told::Nobody => {}
    }
    lines
}

/// What was not read, and so may be missing.
fn gaps(app: &App, cells: usize) -> Lines {
    let all = app.data.snapshot.tenant.spaces.value.len();
    let mut words = Vec::new();
    let unread = app.unread_spaces().count();
    if unread > 0 {
        let key = app.setup.keymap.key(Action::ReadAll);
        words.push(format!(
            "of {} of {all} spaces read; {key} reads all",
            all - unread
        ));
    }
    words.extend(app.access_gap());
    let wrapped = words.iter().flat_map(|text| wrap(text, cells));
    wrapped.map(|line| vec![piece(Mean::Warn, line)]).collect()
}

fn place(space: &Raw, kind: &Raw) -> Vec<Piece> {
    vec![
        piece(Mean::Plain, space.show().to_string()),
        piece(Mean::Quiet, format!("  {}", kind.show())),
    ]
}

/// Each space once, with every way into it below.
fn ways_lines(one: &Regarded, ways: &[Access], cells: usize) -> Lines {
    let mut lines = Vec::new();
    let mut last = None;
    for way in ways {
        if last != Some(&way.place) {
            lines.push(place(&way.space, &way.kind));
            last = Some(&way.place);
        }
        let (roles, from, notes) = way.words(one.analyzer);
        let mean = if way.redundant {
            Mean::Warn
        } else {
            Mean::Quiet
        };
        let sign = if way.redundant { "= " } else { "  " };
        let text = format!("{roles}, {from}");
        if width(&text) + 2 <= cells {
            lines.push(vec![piece(mean, sign), piece(Mean::Quiet, text)]);
        } else {
            lines.push(vec![piece(mean, sign), piece(Mean::Quiet, roles)]);
            lines.push(vec![piece(Mean::Quiet, format!("  {from}"))]);
        }
        for note in notes {
            lines.push(vec![piece(Mean::Warn, format!("  {note}"))]);
        }
    }
    lines
}

fn sum(roles: &[SpaceRole]) -> String {
    let all: Vec<String> = roles.iter().map(|role| role.show().to_string()).collect();
    all.join(" + ")
}
