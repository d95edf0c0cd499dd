//! The door that all text from outside goes through, the exports behind it, and filters as typed.

use futures_util::FutureExt as _;
use qroll::app::{Facts, Filter};
use qroll::connectors::file::FileDirectory;
use qroll::ports::{Directory as _, PeopleQuery};
use qroll::text::{Raw, csv_cell, elide_middle, json_line, show_str, width};

use super::engine::{Target, Verdict, fuzz};

const SEEDS: [&str; 8] = [
    "Zoë 🎉 O'Brien",
    "e\u{317}\u{317}\u{317}\u{317}\u{317}\u{317}",
    "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m",
    "a\u{202e}b\u{2066}c\u{200b}d\u{feff}\u{e0041}",
    "=HYPERLINK(\"x\")\t\r\n",
    "👩\u{200d}👩\u{200d}👧 ❤\u{fe0f} 🇩🇪",
    "한글 ㅤ ﾠ 山田 ﷺ",
    "مرحبا \u{600} \u{6dd}",
];

/// Everything that must not come out of the door; said anew here, so that a slip there shows.
fn forbidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{e000}'..='\u{f8ff}'
                | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}'
        )
}

fn shown(text: &str) -> Verdict {
    let once = show_str(text);
    let twice = show_str(once.as_str());
    if once.as_str() != twice.as_str() {
        return Err(format!("shown twice it differs: {:?}", once.as_str()));
    }
    if let Some(letter) = once.as_str().chars().find(|letter| forbidden(*letter)) {
        return Err(format!("{} came out of the door", letter.escape_unicode()));
    }
    let cut = elide_middle(once.as_str(), 17);
    if width(&cut) > 17 {
        return Err(format!("{cut:?} is wider than 17 cells"));
    }
    let line = json_line(&text).map_err(|error| error.to_string())?;
    if serde_json::from_str::<String>(&line).ok().as_deref() != Some(text) {
        return Err("JSON lost something".to_owned());
    }
    if line.chars().any(char::is_control) {
        return Err(format!("a control in {line}"));
    }
    let cell = csv_cell(&Raw::from(text));
    let runs = matches!(
        cell.trim_start().chars().next(),
        Some('=' | '+' | '-' | '@')
    );
    if runs || cell.chars().any(forbidden) {
        return Err(format!("a spreadsheet runs {cell:?}"));
    }
    Ok(format!("{} {}", once.altered(), once.as_str().len() / 16))
}

#[test]
fn proof_t10_sanitiser() {
    let target = Target {
        name: "sanitiser",
        seeds: SEEDS.iter().map(|seed| seed.as_bytes().to_vec()).collect(),
        words: &[
            "\u{fe0f}",
            "\u{200d}",
            "🎉",
            "\u{20e3}",
            "\u{1f3fb}",
            "\u{64b}",
            "\u{0e47}",
            "\u{1ab0}",
            "가",
            "\u{1100}",
        ],
        short: 4_000,
        longest: 1 << 20,
    };
    fuzz(&target, |input| shown(&String::from_utf8_lossy(input)));
}

struct Names(Vec<&'static str>);

impl Facts for Names {
    fn haystack(&self, row: u32) -> &str {
        self.0.get(row as usize).copied().unwrap_or("")
    }
    fn text(&self, row: u32) -> String {
        self.haystack(row).to_owned()
    }
    fn fits(&self, row: u32, key: &str, value: &str) -> Option<bool> {
        (key == "name").then(|| self.haystack(row).to_lowercase().contains(value))
    }
}

/// What an operator types into the roster's filter, and as a query of a file.
#[test]
fn proof_t10_typed_filters() {
    let seeds = [
        "adm !bob name:anna",
        "~^a.*(b|c)+$",
        "is:staged dept:x",
        "(&(department=Sales)(!(title=*intern*)))",
        "mail=*@corp.example",
        "(|(a=b)(c=\\2a))",
        "~(a{1,100}){1,100}",
        "!~[[:alpha:]]",
        "(((((((a=b)))))))",
    ];
    let target = Target {
        name: "typed filters",
        seeds: seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect(),
        words: &[
            "(&", "(|", "(!", "=", "*", "\\2a", "~", "!", "name:", "is:", "{1000}", "(?i)", "[^",
            "\\p{L}", "|",
        ],
        short: 1_000,
        longest: 4 << 10,
    };
    let names = Names(vec![
        "Anna Andersson",
        "Björn Ivanova",
        "Bob Admin",
        "山田 太郎",
    ]);
    let file = "id,displayName,department\n1,Anna Ek,Sales\n2,Bo Li,\n";
    let directory = FileDirectory::parse("people.csv", file.as_bytes()).expect("a file");
    fuzz(&target, |input| {
        let text = String::from_utf8_lossy(input);
        let (filter, trouble) = Filter::parse(&text);
        let rows = filter.run(&names, &[0, 1, 2, 3], true);
        let mut sorted = rows.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() != rows.len() || rows.iter().any(|row| *row > 3) {
            return Err(format!("rows {rows:?}"));
        }
        if trouble.is_some() && !rows.is_empty() {
            return Err(format!("what cannot be read fits {rows:?}"));
        }
        let query = PeopleQuery::Filter(text.into_owned());
        let people = directory.people(&query).now_or_never().ok_or("it waits")?;
        let said = people.map_or_else(
            |problem| problem.to_string(),
            |read| read.value.len().to_string(),
        );
        Ok(format!("{trouble:?} {} {said}", rows.len()))
    });
}
