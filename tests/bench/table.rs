//! A Markdown table that can be pasted into the README.

use std::fmt;
use std::time::Duration;

/// What was measured, against which bar.
#[derive(Default)]
pub(crate) struct Table(Vec<[String; 4]>);

impl Table {
    /// One more row; also printed at once, since some take a while.
    pub(crate) fn row(&mut self, what: &str, size: &str, bar: &str, reached: String) {
        println!("{what} | {size} | {bar} | {reached}");
        self.0
            .push([what.to_owned(), size.to_owned(), bar.to_owned(), reached]);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "| what | at | bar | reached |\n| --- | --- | --- | --- |"
        )?;
        for [what, size, bar, reached] in &self.0 {
            writeln!(out, "| {what} | {size} | {bar} | {reached} |")?;
        }
        Ok(())
    }
}

/// Milliseconds with two digits.
pub(crate) fn ms(span: Duration) -> String {
    format!("{:.2} ms", span.as_secs_f64() * 1_000.0)
}

/// Median and 99th percentile.
pub(crate) fn quantiles(mut spans: Vec<Duration>) -> (Duration, Duration) {
    spans.sort();
    let at = |share: usize| {
        spans
            .get((spans.len() * share / 100).min(spans.len() - 1))
            .copied()
    };
    (at(50).unwrap_or_default(), at(99).unwrap_or_default())
}

/// `12,345`.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
