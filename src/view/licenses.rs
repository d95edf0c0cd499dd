//! The Licenses screen: pools as bars, what wants a look in numbers, and who holds which seat.

use super::detail::bar;
use super::pen::{Pen, Piece, piece, taken};
use super::seat_words::{entitled, last_use, note};
use super::theme::Mean;
use super::words::{Cell, counted, license, number, sign};
use crate::app::{Action, App, LICENSE_POOLS, Load, SeatSort, wrap};
use crate::domain::{Allotment, LicenseType, SubscriptionModel};
use crate::planner::SeatMeter;
use crate::planner::holders::{Holder, Pick, day};
use crate::text::show_str;

/// Mark, sign, blank.
const SIGNS: usize = 3;
/// Days of the chart.
const CHART: usize = 14;
/// Heights of its columns; a terminal without UTF-8 gets the numbers only.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    let area = app.layout.body;
    let cells = usize::from(area.width).saturating_sub(2);
    let mut y = area.y;
    for line in pools(app, cells, pen.theme.unicode) {
        pen.pieces(area.x + 1, y, cells, &line);
        y += 1;
    }
    if app.data.snapshot.tenant.licensing.value.model == SubscriptionModel::Capacity {
        return capacity(app, pen, y + 1);
    }
    if let Some(line) = shortage(app) {
        pen.sentence(area.x + 1, y, cells, &line);
        y += 1;
    }
    for line in in_lines(picks(app), cells, app.layout.pick_rows()) {
        pen.sentence(area.x + 1, y, cells, &line);
        y += 1;
    }
    pen.sentence(area.x + 1, y, cells, &known(app));
    table(app, pen, y + 1);
}

/// Pieces in exactly so many lines; what has no room in the last one is cut.
fn in_lines(pieces: Vec<Piece>, cells: usize, count: usize) -> Vec<Vec<Piece>> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let mut used = 0;
    for piece in pieces {
        let wide = taken(&piece.text);
        let full = used + wide > cells && lines.len() < count;
        if let Some(line) = lines.last_mut().filter(|_| !full) {
            line.push(piece);
        } else {
            used = 0;
            lines.push(vec![piece]);
        }
        used += wide;
    }
    lines.resize_with(count, Vec::new);
    lines
}

/// One line a pool: bar, numbers, what is over, and how it moved.
fn pools(app: &App, cells: usize, unicode: bool) -> Vec<Vec<Piece>> {
    let licensing = &app.data.snapshot.tenant.licensing.value;
    let meters = app.derived.outlook.meters();
    let wide = (cells / 4).clamp(8, 40);
    let mut lines: Vec<Vec<Piece>> = meters
        .iter()
        .map(|meter| {
            pool(
                app,
                meter,
                licensing.allotment(&meter.license),
                wide,
                unicode,
            )
        })
        .collect();
    let others = licensing.allotments.iter();
    let others = others.filter(|pool| meters.iter().all(|meter| meter.license != pool.name));
    lines.extend(others.map(|pool| {
        let used = number(u64::try_from(pool.used).unwrap_or(0));
        let units = number(u64::try_from(pool.units).unwrap_or(0));
        let unit = if pool.name.expose() == "analyzer_time" {
            " min"
        } else {
            ""
        };
        vec![piece(
            Mean::Quiet,
            format!("{:13} {used} of {units}{unit}", title(&pool.name)),
        )]
    }));
    if lines.is_empty() {
        let text = if app.data.tenant_read {
            "the tenant shows no pool of seats to this credential (tenant admin needed)"
        } else {
            "reading the tenant…"
        };
        lines.push(vec![piece(Mean::Quiet, text)]);
    }
    lines.truncate(LICENSE_POOLS);
    lines
}

fn title(name: &LicenseType) -> String {
    let name = name.show().elided(13).to_string();
    let mut letters = name.chars();
    let first = letters.next().map(|one| one.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str()).replace('_', " ")
}

fn pool(
    app: &App,
    meter: &SeatMeter,
    allotment: Option<&Allotment>,
    wide: usize,
    unicode: bool,
) -> Vec<Piece> {
    let mut pieces = vec![piece(Mean::Title, format!("{:13} ", title(&meter.license)))];
    pieces.extend(bar(meter, wide));
    pieces.push(piece(
        Mean::Plain,
        format!(" {}/{}", meter.used, meter.total),
    ));
    if meter.staged != 0 {
        let mean = if meter.staged > 0 {
            Mean::Add
        } else {
            Mean::Remove
        };
        pieces.push(piece(mean, format!(" {:+}", meter.staged)));
    }
    let over = meter.used - meter.total;
    if over > 0 {
        pieces.push(piece(Mean::Warn, format!(" ({over} in excess)")));
    }
    if !meter.short.is_empty() {
        pieces.push(piece(Mean::Warn, format!(" = {} short", meter.short.len())));
    }
    // Overage is money, not room.
    match allotment.map_or(0, |pool| pool.overage) {
        overage if overage > 0 => {
            pieces.push(piece(Mean::Quiet, format!("  {overage} more at a price")));
        }
        -1 => pieces.push(piece(Mean::Quiet, "  more at a price")),
        _ => {}
    }
    pieces.extend(chart(app, &meter.license, unicode));
    pieces
}

/// How a pool moved over the days that are known.
fn chart(app: &App, license: &LicenseType, unicode: bool) -> Option<Piece> {
    let history = &app.licenses.found.as_ref()?.history;
    let days = history.of(license);
    let since = history.since()?;
    let (first, last) = (*days.first()?, *days.last()?);
    if days.len() < 2 {
        return None;
    }
    let shown = days
        .get(days.len().saturating_sub(CHART)..)
        .unwrap_or_default();
    let (low, high) = (shown.iter().min()?, shown.iter().max()?);
    let steps = i64::try_from(HEIGHTS.len()).unwrap_or(8) - 1;
    let column = |used: &i64| {
        let height = (used - low) * steps / (high - low).max(1);
        HEIGHTS.get(usize::try_from(height).unwrap_or(0)).copied()
    };
    let columns: String = shown.iter().filter_map(column).collect();
    let columns = if unicode { columns } else { String::new() };
    let text = format!("  {columns} {:+} since {since}", last - first);
    Some(piece(Mean::Quiet, text))
}

/// What can be done when seats do not suffice.
fn shortage(app: &App) -> Option<Vec<Piece>> {
    let short: usize = app
        .derived
        .outlook
        .meters()
        .iter()
        .map(|one| one.short.len())
        .sum();
    if short == 0 {
        return None;
    }
    let key = app.setup.keymap.key(Action::Short);
    let candidates = app.licenses.counts.iter();
    let mut candidates = candidates.filter(|(pick, _)| *pick == Pick::ToTakeBack);
    let candidates = candidates.find_map(|(_, count)| *count);
    let (fit, wait) = if short == 1 {
        ("does", "waits")
    } else {
        ("do", "wait")
    };
    let look = app.setup.keymap.key(Action::LastUse);
    let more = candidates.map_or_else(
        || format!("fall back, leave out; {look} finds seats that nobody uses"),
        |count| format!("fall back, leave out, or take back seats that nobody uses: {count}"),
    );
    let text = format!(" chooses: {wait}, {more}");
    Some(vec![
        piece(Mean::Warn, format!("{short} {fit} not fit: ")),
        piece(Mean::Key, key),
        piece(Mean::Plain, text),
    ])
}

/// What wants a look, in numbers; what cannot be told has a question mark.
fn picks(app: &App) -> Vec<Piece> {
    let licenses = &app.licenses;
    let Some(review) = licenses.review() else {
        return vec![piece(Mean::Quiet, "working out who holds the seats…")];
    };
    let seats = counted(review.holders.len() as u64, "seat", "seats");
    let mut pieces = vec![piece(Mean::Quiet, format!("{seats}: "))];
    for (pick, count) in &licenses.counts {
        let open = licenses.pick == Some(*pick);
        if *count == Some(0) && !open {
            continue;
        }
        let mean = match (open, pick) {
            (true, _) => Mean::Mark,
            (false, Pick::Strangers | Pick::ToTakeBack | Pick::Excess) => Mean::Warn,
            (false, _) => Mean::Plain,
        };
        let title = match pick {
            Pick::Unused => format!("unused {} d", licenses.rule.days),
            _ => pick.title().to_owned(),
        };
        let count = count.map_or_else(|| "?".to_owned(), |count| number(count as u64));
        let open = if open { ">" } else { "" };
        pieces.push(piece(mean, format!("{open}{title} {count}   ")));
    }
    pieces
}

/// What is known of the use, and what keeps the numbers from being all.
fn known(app: &App) -> Vec<Piece> {
    let licenses = &app.licenses;
    let Some(found) = &licenses.found else {
        return Vec::new();
    };
    let look = app.setup.keymap.key(Action::LastUse);
    let mut pieces = vec![match &found.usage {
        _ if app.data.loading.contains(&Load::Use) => piece(Mean::Plain, "reading the audit log…"),
        Some(usage) => piece(
            Mean::Quiet,
            format!("use known from {} to {}", day(usage.from), day(usage.until)),
        ),
        None => piece(Mean::Quiet, format!("last use not read: {look} reads it")),
    }];
    let gap = app.why_not_all();
    pieces.extend(gap.map(|gap| piece(Mean::Warn, format!("   {gap}"))));
    pieces
}

/// Cells of each column; 0 leaves it out.
struct Columns {
    name: usize,
    license: usize,
    since: usize,
    last: usize,
    entitled: usize,
    spaces: usize,
    note: usize,
}

impl Columns {
    fn new(cells: usize) -> Self {
        let (name, license, since, last, entitled, spaces) = match cells {
            0..46 => (cells.saturating_sub(SIGNS + 23), 10, 0, 11, 0, 0),
            46..70 => (18, 12, 0, 15, 0, 0),
            70..90 => (18, 14, 0, 16, 16, 0),
            90..110 => (22, 14, 10, 16, 18, 0),
            _ => (22, 14, 10, 16, 18, 6),
        };
        let taken = [name, license, since, last, entitled, spaces];
        let taken = SIGNS
            + taken
                .iter()
                .filter(|one| **one > 0)
                .map(|one| one + 1)
                .sum::<usize>();
        Self {
            name,
            license,
            since,
            last,
            entitled,
            spaces,
            note: cells.saturating_sub(taken),
        }
    }

    fn titled(&self) -> [(&'static str, usize); 7] {
        [
            ("Name", self.name),
            ("License", self.license),
            ("Since", self.since),
            ("Last use", self.last),
            ("Entitled by", self.entitled),
            ("Space", self.spaces),
            ("Note", self.note),
        ]
    }
}

fn table(app: &App, pen: &mut Pen<'_>, y: u16) {
    let area = app.layout.body;
    let cells = usize::from(area.width).saturating_sub(2);
    let columns = Columns::new(cells);
    let mut x = area.x + 1 + u16::try_from(SIGNS).unwrap_or(0);
    for (title, wide) in columns.titled().into_iter().filter(|(_, wide)| *wide > 0) {
        pen.put(x, y, wide, title, Mean::Quiet);
        x += u16::try_from(wide + 1).unwrap_or(0);
    }
    let licenses = &app.licenses;
    let window = licenses.list.window(licenses.shown.len());
    if window.is_empty() {
        return empty(app, pen, y + 2);
    }
    for (index, y) in window.zip(y + 1..area.y + area.height) {
        let at = licenses.shown.get(index);
        if let Some(holder) = at.and_then(|at| licenses.holder(*at)) {
            draw_holder(app, pen, holder, (index, y), &columns);
        }
    }
}

fn draw_holder(
    app: &App,
    pen: &mut Pen<'_>,
    holder: &Holder,
    (index, y): (usize, u16),
    columns: &Columns,
) {
    let licenses = &app.licenses;
    let row = licenses
        .review()
        .and_then(|review| review.rows.get(&holder.row));
    let pending = app.derived.pending(&holder.row);
    let cursor = index == licenses.list.cursor;
    let ranged = licenses.range.is_some_and(|start| {
        (start.min(licenses.list.cursor)..=start.max(licenses.list.cursor)).contains(&index)
    });
    let marked = licenses.marks.contains(&holder.row);
    let mut x = app.layout.body.x + 1;
    pen.mark(x, y, marked, ranged);
    let (text, mean) = row.map_or((" ", Mean::Plain), |row| sign(row, pending));
    pen.put(x + 1, y, 1, text, mean);
    x += u16::try_from(SIGNS).unwrap_or(0);
    let name = holder.name.show().to_string();
    pen.name((x, y), columns.name, &name, (cursor, marked));
    x += u16::try_from(columns.name + 1).unwrap_or(0);
    let held = holder
        .user
        .as_ref()
        .map_or(0, |user| app.derived.spaces_of(user));
    let seat = match (row.filter(|_| pending.is_some()), &holder.license) {
        (Some(row), _) => license(row, pending),
        (None, Some(license)) => (license.show().to_string(), Mean::Plain),
        (None, None) => ("?".to_owned(), Mean::Warn),
    };
    let cells: [(Cell, usize); 5] = [
        (seat, columns.license),
        (
            (holder.since.map(day).unwrap_or_default(), Mean::Plain),
            columns.since,
        ),
        (last_use(holder.last_use, app.wall), columns.last),
        (entitled(&holder.standing), columns.entitled),
        (super::words::spaces(held, pending), columns.spaces),
    ];
    for ((text, mean), wide) in cells {
        if wide > 0 {
            pen.put(x, y, wide, &text, mean);
            x += u16::try_from(wide + 1).unwrap_or(0);
        }
    }
    let (text, mean) = note(holder);
    pen.prose(x, y, columns.note, &text, mean);
}

fn empty(app: &App, pen: &mut Pen<'_>, y: u16) {
    let area = app.layout.body;
    let cells = usize::from(area.width).saturating_sub(2);
    let key = |action| app.setup.keymap.key(action);
    let text = match app.licenses.review() {
        None => String::new(),
        Some(review) if review.holders.is_empty() => "nobody holds a seat".to_owned(),
        Some(_) => match app.licenses.pick {
            Some(Pick::Strangers) if app.why_no_picked_strangers().is_some() => {
                app.why_no_picked_strangers().unwrap_or_default()
            }
            Some(pick) if app.licenses.why_untold(pick, app.wall).is_some() => {
                let why = app.licenses.why_untold(pick, app.wall).unwrap_or_default();
                format!("{why}; {} reads it", key(Action::LastUse))
            }
            Some(pick) => format!(
                "nobody is among \"{}\"; {} shows all",
                pick.title(),
                key(Action::Close)
            ),
            None => format!("nobody fits; {} clears the filter", key(Action::Close)),
        },
    };
    for (line, y) in wrap(&text, cells).iter().zip(y..area.y + area.height) {
        pen.put(area.x + 1, y, cells, line, Mean::Quiet);
    }
}

/// What seats mean where whoever signs in takes one.
fn capacity(app: &App, pen: &mut Pen<'_>, y: u16) {
    let area = app.layout.body;
    let cells = usize::from(area.width).saturating_sub(2);
    let left: u64 = app
        .derived
        .outlook
        .meters()
        .iter()
        .map(SeatMeter::left)
        .sum();
    let texts = [
        format!("A capacity subscription: {left} people more may sign in before it is full."),
        "Whoever signs in takes a seat. Seats cannot be given or taken back, and there is no license type: \
         the gate is the assignment of the Qlik app at the identity provider."
            .to_owned(),
        format!(
            "Strangers are kept out there: whoever is not assigned cannot sign in. {} on Roster shows who has a \
             user record and is in no group; disabling the record keeps somebody out here too.",
            app.setup.keymap.key(Action::ScreenRoster)
        ),
        format!(
            "What is staged on Roster is counted above: {} shows who does not fit.",
            app.setup.keymap.key(Action::Plan)
        ),
    ];
    let lines = texts.iter().flat_map(|text| {
        let mut lines = wrap(text, cells);
        lines.push(String::new());
        lines
    });
    for (line, y) in lines.zip(y..area.y + area.height) {
        pen.put(area.x + 1, y, cells, &line, Mean::Plain);
    }
}

/// The line of marks, filter and order.
pub(super) fn status(app: &App) -> Vec<Piece> {
    let licenses = &app.licenses;
    let marked = licenses.marks.len();
    let mean = if marked > 0 { Mean::Mark } else { Mean::Quiet };
    let mut pieces = vec![piece(
        mean,
        format!("{marked} marked of {} shown   ", licenses.shown.len()),
    )];
    // Verbs are about all that is marked, seen or not.
    let hidden = marked.saturating_sub(licenses.marked_shown());
    if hidden > 0 {
        pieces.push(piece(
            Mean::Warn,
            format!("{hidden} marked are not shown   "),
        ));
    }
    if licenses.filter.is_empty() {
        pieces.push(piece(Mean::Quiet, "filter: -   "));
    } else {
        let text = show_str(licenses.filter.text()).elided(40);
        pieces.push(piece(Mean::Mark, format!("filter: {text}   ")));
    }
    if let Some(pick) = licenses.pick {
        pieces.push(piece(Mean::Mark, format!("only: {}   ", pick.title())));
    }
    if licenses.range.is_some() {
        pieces.push(piece(Mean::Mark, "range…   "));
    }
    let by_use = licenses.pick.is_some_and(Pick::wants_use) && licenses.sort == SeatSort::Name;
    let order = if by_use {
        "longest unused first".to_owned()
    } else {
        format!("sorted by {}", licenses.sort.title())
    };
    pieces.push(piece(Mean::Quiet, order));
    pieces
}
