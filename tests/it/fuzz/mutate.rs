//! Mutations: of the tree when the input is JSON, of the bytes always, with the words of the target's
//! language and with numbers, names and characters that have broken readers before.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde_json::Value;

use super::json;

/// Pieces that break readers of any language.
const NASTY: &[&str] = &[
    "",
    "null",
    "true",
    "-1",
    "0",
    "18446744073709551616",
    "1e309",
    "NaN",
    "\u{0}",
    "\r\n",
    "\n",
    "\\",
    "\"",
    "'",
    ",",
    ";",
    "{",
    "}",
    "[",
    "]",
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "\u{1b}[2J",
    "\u{9b}",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "ﬁ",
    "İ",
    "ß",
    "𝕬",
    "../..",
    "%00",
    "%2e%2e%2f",
    "//evil.example",
    "@evil.example",
    "=cmd|' /C calc'!A0",
    "\\u0000",
    "\\ud800",
];

/// Mutates.
pub(super) struct Mutator {
    dice: ChaCha8Rng,
    words: Vec<&'static str>,
}

impl Mutator {
    pub(super) fn new(seed: u64, words: &'static [&'static str]) -> Self {
        Self {
            dice: ChaCha8Rng::seed_from_u64(seed),
            words: words.iter().chain(NASTY).copied().collect(),
        }
    }

    /// A number below `most`; 0 when there is none.
    pub(super) fn below(&mut self, most: usize) -> usize {
        let dice = usize::try_from(self.dice.next_u64() >> 1).unwrap_or(0);
        dice.checked_rem(most).unwrap_or(0)
    }

    /// One of the words.
    pub(super) fn word(&mut self) -> &'static str {
        let at = self.below(self.words.len());
        self.words.get(at).copied().unwrap_or("")
    }

    /// A mutation of one of the pool.
    pub(super) fn next(&mut self, pool: &[Vec<u8>]) -> Vec<u8> {
        let at = self.below(pool.len());
        let mut input = pool.get(at).cloned().unwrap_or_default();
        if self.below(2) == 0
            && let Ok(mut tree) = serde_json::from_slice::<Value>(&input)
        {
            let at = self.below(pool.len());
            let other = pool.get(at).map(Vec::as_slice).unwrap_or_default();
            let donor = serde_json::from_slice::<Value>(other).unwrap_or(Value::Null);
            for _ in 0..=self.below(4) {
                json::mutate(&mut tree, &donor, self);
            }
            input = serde_json::to_vec(&tree).unwrap_or(input);
            if self.below(4) > 0 {
                return input;
            }
        }
        for _ in 0..=self.below(5) {
            let at = self.below(pool.len());
            let other = pool.get(at).map(Vec::as_slice).unwrap_or_default();
            self.bytes(&mut input, other);
        }
        input
    }

    fn bytes(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(input.len() + 1);
        let end = (at + self.below(1 + (input.len() - at).min(64))).min(input.len());
        match self.below(9) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << (self.dice.next_u32() % 8);
                }
            }
            1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = self.dice.next_u32().to_le_bytes()[0];
                }
            }
            2 => input.truncate(at),
            3 => drop(input.drain(at..end)),
            4 => {
                let piece = input.get(at..end).unwrap_or_default().to_vec();
                let to = self.below(input.len() + 1);
                input.splice(to..to, piece);
            }
            5 => {
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(other.get(from..).unwrap_or_default());
            }
            6 => drop(input.splice(at..end, self.word().bytes())),
            7 => {
                let word = self.word();
                let times = 1 + self.below(40);
                input.splice(at..at, word.repeat(times).into_bytes());
            }
            _ => self.line(input),
        }
    }

    /// Moves, doubles or takes out a whole line.
    fn line(&mut self, input: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> = input
            .split_inclusive(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect();
        let (from, to) = (self.below(lines.len()), self.below(lines.len()));
        if lines.is_empty() {
            return;
        }
        match self.below(3) {
            0 => lines.swap(from, to),
            1 => drop(lines.remove(from)),
            _ => lines.insert(to, lines[from].clone()),
        }
        *input = lines.concat();
    }

    /// A few long inputs: the corpus over and over, a bomb of brackets, one endless word.
    pub(super) fn large(&mut self, seeds: &[Vec<u8>], size: usize) -> Vec<Vec<u8>> {
        let fill = |piece: &[u8]| -> Vec<u8> { piece.iter().copied().cycle().take(size).collect() };
        let at = self.below(seeds.len());
        let seed = seeds.get(at).cloned().unwrap_or_default();
        let mut all = vec![fill(b"["), fill(b"{\"a\":"), fill("\u{202e}ä,".as_bytes())];
        if !seed.is_empty() {
            all.push(fill(&seed));
            if let Ok(tree) = serde_json::from_slice::<Value>(&seed) {
                all.push(json::grown(&tree, size));
            }
        }
        all
    }
}
