//! What lies on top: a blanked rectangle between two rules, no boxes in boxes.

use super::pen::{Pen, Piece, piece, taken};
use super::theme::Mean;
use super::words::{counted, number, span};
use crate::app::{
    Addresses, App, Area, Confirm, Dialog, Field, HELP_KEY, Item, List, Menu, Number, Tone, wrap,
};
use crate::domain::Plan;
use crate::planner::words;
use crate::text::{show, show_str, width};

type Lines = Vec<Vec<Piece>>;

pub(super) fn draw(app: &App, pen: &mut Pen<'_>) {
    let Some(dialog) = app.dialog() else {
        return;
    };
    let (title, lines) = match dialog {
        Dialog::Help(list) => ("Help".to_owned(), help(app, *list)),
        Dialog::Menu(_, menu) | Dialog::About(_, menu) => {
            (menu.title.clone(), menu_lines(app, menu))
        }
        Dialog::List(list) => ("A list of e-mails".to_owned(), list_lines(app, list)),
        Dialog::Confirm(confirm) => ("Apply this plan?".to_owned(), confirm_lines(app, confirm)),
        Dialog::Number(number) => ("Let so many pass?".to_owned(), number_lines(app, number)),
        Dialog::Text { title, lines, list } => {
            let window = list.window(lines.len());
            let shown = lines.iter().skip(window.start).take(window.len());
            (
                title.clone(),
                shown
                    .map(|line| vec![piece(Mean::Plain, line.clone())])
                    .collect(),
            )
        }
    };
    surface(app, pen, &title, &lines);
}

/// Draws lines in the middle of the screen.
fn surface(app: &App, pen: &mut Pen<'_>, title: &str, lines: &Lines) {
    let screen = app.layout;
    let longest = lines
        .iter()
        .map(|line| line.iter().map(|piece| taken(&piece.text)).sum())
        .max();
    let wanted = longest.unwrap_or(0).max(taken(title)).max(36) + 4;
    let most = usize::from(screen.width.saturating_sub(2));
    let wide = u16::try_from(wanted.min(most)).unwrap_or(screen.width);
    let high = u16::try_from(lines.len() + 3)
        .unwrap_or(u16::MAX)
        .min(screen.height.saturating_sub(2));
    let area = Area {
        x: (screen.width - wide) / 2,
        y: (screen.height - high) / 2,
        width: wide,
        height: high,
    };
    // A strip of the old screen beside the dialog would read as part of it.
    let margin = if screen.width - wide <= 16 {
        screen.width - wide
    } else {
        0
    };
    pen.clear(Area {
        x: if margin > 0 { 0 } else { area.x },
        width: wide + margin,
        ..area
    });
    pen.line(area, area.y);
    pen.line(area, area.y + area.height - 1);
    let cells = usize::from(wide).saturating_sub(4);
    pen.put(
        area.x + 2,
        area.y,
        cells,
        &format!(" {title} "),
        Mean::Title,
    );
    for (line, y) in lines.iter().zip(area.y + 1..area.y + area.height - 1) {
        pen.sentence(area.x + 2, y, cells, line);
    }
}

fn menu_lines(app: &App, menu: &Menu) -> Lines {
    let mut lines: Lines = menu
        .lead
        .iter()
        .map(|line| vec![piece(Mean::Quiet, line.clone())])
        .collect();
    if let Some(field) = &menu.filter {
        let text = show_str(field.text()).to_string();
        lines.push(vec![
            piece(Mean::Key, format!("/ {text}")),
            piece(Mean::Cursor, " "),
        ]);
    }
    let widest = menu
        .items
        .iter()
        .map(|item| taken(&item.text))
        .max()
        .unwrap_or(0)
        .min(50);
    let window = menu.list.window(menu.shown.len());
    let items = window.clone().filter_map(|place| {
        let item = menu.items.get(*menu.shown.get(place)?)?;
        Some(item_line(menu, item, place == menu.list.cursor, widest))
    });
    let items: Lines = items.collect();
    let below = usize::from(window.len() < menu.shown.len());
    let room = usize::from(app.layout.height).saturating_sub(5 + lines.len() + below);
    let cells = usize::from(app.layout.width).saturating_sub(6);
    let told: Lines = items.iter().flat_map(|item| in_full(item, cells)).collect();
    // A long list keeps one line an item; the notes of a short one are told in full.
    lines.extend(if told.len() <= room { told } else { items });
    if menu.shown.is_empty() {
        lines.push(vec![piece(Mean::Quiet, "nothing fits")]);
    } else if window.len() < menu.shown.len() {
        let text = format!(
            "{} to {} of {}",
            window.start + 1,
            window.end,
            menu.shown.len()
        );
        lines.push(vec![piece(Mean::Quiet, text)]);
    }
    lines
}

fn item_line(menu: &Menu, item: &Item, cursor: bool, widest: usize) -> Vec<Piece> {
    let tick = match (menu.several, item.ticked) {
        (true, true) => "[x] ",
        (true, false) => "[ ] ",
        (false, _) => "",
    };
    let hot = if menu.filter.is_some() {
        String::new()
    } else {
        item.hot
            .map_or_else(|| "   ".to_owned(), |key| format!("{key}  "))
    };
    let mean = match (cursor, item.refused.is_some()) {
        (true, _) => Mean::Cursor,
        (false, true) => Mean::Quiet,
        (false, false) => Mean::Plain,
    };
    let note = item
        .refused
        .as_ref()
        .map_or_else(|| item.note.clone(), |why| format!("not now: {why}"));
    let gap = widest.saturating_sub(taken(&item.text)) + 2;
    vec![
        piece(Mean::Key, if cursor { ">" } else { " " }),
        piece(if item.ticked { Mean::Mark } else { Mean::Plain }, tick),
        piece(Mean::Key, hot),
        piece(mean, item.text.clone()),
        piece(Mean::Quiet, format!("{}{note}", " ".repeat(gap))),
    ]
}

/// A line of a menu, broken where its last piece has no room.
fn in_full(line: &[Piece], cells: usize) -> Lines {
    let long = |pieces: &[Piece]| -> usize { pieces.iter().map(|one| taken(&one.text)).sum() };
    let copy = |one: &Piece| piece(one.mean, one.text.clone());
    let whole: Vec<Piece> = line.iter().map(copy).collect();
    let Some((note, head)) = line.split_last().filter(|_| long(line) > cells) else {
        return vec![whole];
    };
    let words = note.text.trim_start();
    let gap = note.text.len() - words.len();
    let beside = long(head) + gap;
    // Beside the text when there is room for a few words, else below it.
    let indent = if beside + 24 <= cells { beside } else { 6 };
    let texts = wrap(words, cells.saturating_sub(indent).max(1));
    let mut lines = vec![head.iter().map(copy).collect::<Vec<Piece>>()];
    for (at, text) in texts.into_iter().enumerate() {
        let blanks = if indent == beside && at == 0 {
            gap
        } else {
            indent
        };
        let told = piece(note.mean, format!("{}{text}", " ".repeat(blanks)));
        match lines.last_mut().filter(|_| indent == beside && at == 0) {
            Some(first) => first.push(told),
            None => lines.push(vec![told]),
        }
    }
    lines
}

fn list_lines(app: &App, list: &Addresses) -> Lines {
    let how = "paste addresses, type one, or give the path of a file; Enter takes it";
    let how = wrap(how, app.dialog_room()).into_iter();
    let mut lines: Lines = how.map(|line| vec![piece(Mean::Quiet, line)]).collect();
    lines.extend([
        vec![
            piece(Mean::Key, format!("> {}", show_str(list.field.text()))),
            piece(Mean::Cursor, " "),
        ],
        vec![piece(
            Mean::Plain,
            format!(
                "{} addresses; Enter on an empty line looks them up",
                list.taken.len()
            ),
        )],
    ]);
    let last = list
        .taken
        .iter()
        .rev()
        .take(6)
        .map(|address| vec![piece(Mean::Quiet, format!("  {}", show(address)))]);
    lines.extend(last);
    if list.cut {
        lines.push(vec![piece(
            Mean::Warn,
            "! some was cut off; read longer lists from a file",
        )]);
    }
    lines
}

fn confirm_lines(app: &App, confirm: &Confirm) -> Lines {
    let plan = &confirm.plan;
    let summary = &plan.summary;
    let room = app.dialog_room();
    let line = |mean, text: String| vec![piece(mean, text)];
    let mut lines = vec![
        line(Mean::Plain, format!("to        {}", plan.tenant.url.show())),
        line(
            Mean::Plain,
            format!("as        {}", plan.identity.name.show()),
        ),
    ];
    lines.extend(
        name_of(plan, room)
            .into_iter()
            .map(|text| line(Mean::Mark, text)),
    );
    lines.extend([
        line(
            Mean::Plain,
            format!(
                "does      {} for {}",
                counted(summary.operations, "operation", "operations"),
                counted(summary.people, "person", "people")
            ),
        ),
        line(
            Mean::Plain,
            format!(
                "takes     {}, about {}",
                counted(summary.requests, "request", "requests"),
                span(i64::try_from(summary.seconds).unwrap_or(i64::MAX))
            ),
        ),
        line(
            if summary.removals > 0 {
                Mean::Remove
            } else {
                Mean::Plain
            },
            format!("removes   {}", number(summary.removals)),
        ),
    ]);
    let means = [Mean::Remove, Mean::Quiet];
    for (mean, texts) in means.into_iter().zip(app.finals(plan)) {
        lines.extend(texts.into_iter().map(|text| line(mean, text)));
    }
    lines.extend(cautions(app, confirm));
    lines.push(Vec::new());
    if !app.confirm_fits() {
        lines.push(line(
            Mean::Error,
            "the terminal is too small to approve a plan".to_owned(),
        ));
        return lines;
    }
    if let Some(status) = app
        .status
        .as_ref()
        .filter(|status| status.tone == Tone::Refusal)
    {
        let why = wrap(&format!("not now: {}", status.text), room);
        lines.extend(why.into_iter().map(|text| line(Mean::Warn, text)));
    }
    match confirm.number {
        // Keys do not count yet: they may have been meant for what was here before.
        _ if !app.listens() || confirm.cautions.is_none() => {
            lines.push(line(Mean::Quiet, "...".to_owned()));
        }
        Some(number) => lines.extend(typing(number, "removals", &confirm.typed)),
        None => lines.push(vec![
            piece(Mean::Key, "y"),
            piece(Mean::Plain, " apply   "),
            piece(Mean::Key, "Esc"),
            piece(Mean::Plain, " leave"),
        ]),
    }
    lines
}

/// The hash and its words, whole: half a word would be compared wrongly.
fn name_of(plan: &Plan, room: usize) -> Vec<String> {
    let named = words(&plan.hash);
    let one = format!("plan      {} {named}", plan.hash.short());
    let parts: Vec<&str> = named.split('-').collect();
    if width(&one) <= room {
        return vec![one];
    }
    let (first, second) = parts.split_at(parts.len() / 2);
    vec![
        format!("plan      {} {}-", plan.hash.short(), first.join("-")),
        format!("          {}", second.join("-")),
    ]
}

/// What speaks against this machine; a bad place for the journal has to be taken into account. And
/// whether the run shall outlive the session.
fn cautions(app: &App, confirm: &Confirm) -> Lines {
    let tick = |ticked| if ticked { "[x]" } else { "[ ]" };
    let choice = |key, ticked, text| {
        vec![
            piece(Mean::Key, key),
            piece(Mean::Mark, format!(" {} ", tick(ticked))),
            piece(Mean::Plain, text),
        ]
    };
    let alone = choice("d", confirm.unattended, "continue if I disconnect");
    let Some(known) = &confirm.cautions else {
        return vec![alone];
    };
    let room = app.dialog_room();
    let all = known.place.iter().chain(&known.clock);
    let mut lines: Lines = all
        .flat_map(|text| wrap(&format!("! {}", show_str(text)), room))
        .map(|line| vec![piece(Mean::Warn, line)])
        .collect();
    if !known.place.is_empty() {
        lines.push(choice("s", confirm.heeded, "apply all the same"));
    }
    lines.push(alone);
    lines
}

fn number_lines(app: &App, asked: &Number) -> Lines {
    let lines = asked.lines.iter();
    let mut lines: Lines = lines
        .map(|line| vec![piece(Mean::Warn, line.clone())])
        .collect();
    lines.push(Vec::new());
    if app.listens() {
        lines.extend(typing(asked.wanted, asked.of(), &asked.typed));
    } else {
        lines.push(vec![piece(Mean::Quiet, "...")]);
    }
    lines
}

/// The number that is asked for, and what was typed of it.
fn typing(number: u64, of: &str, typed: &Field) -> Lines {
    // Short enough for 60 columns with any number.
    let text = format!("type {number} (the {of}), then Enter; Esc leaves");
    vec![
        vec![piece(Mean::Warn, text)],
        vec![
            piece(Mean::Key, format!("> {}", show_str(typed.text()))),
            piece(Mean::Cursor, " "),
        ],
    ]
}

/// The keys of this screen, and its signs.
fn help(app: &App, list: List) -> Lines {
    let all = app.help();
    let room = list.height.max(1);
    let offset = list.cursor.min(all.len().saturating_sub(room));
    let shown = all.into_iter().skip(offset).take(room);
    let lines = shown.map(|line| {
        let mean = if line.works { Mean::Plain } else { Mean::Quiet };
        vec![
            piece(Mean::Key, format!("{:<HELP_KEY$}", line.key)),
            piece(mean, line.text),
        ]
    });
    lines.collect()
}
