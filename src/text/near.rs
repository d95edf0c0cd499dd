//! "Did you mean": names that are spelled almost like another.

/// The names nearest to `wanted`, best first, at most three; none that differs too much to be a slip.
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted: Vec<char> = wanted.trim().to_lowercase().chars().take(200).collect();
    let text: String = wanted.iter().collect();
    let bound = (wanted.len() / 3).max(2);
    let mut scored: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let other = name.trim().to_lowercase();
            let distance = distance(&wanted, &other.chars().take(200).collect::<Vec<_>>());
            let held = text.len() >= 3
                && (other.contains(&text) || other.len() >= 3 && text.contains(&other));
            match distance {
                distance if distance <= bound => Some((distance, name)),
                distance if held => Some((bound + distance, name)),
                _ => None,
            }
        })
        .collect();
    scored.sort_unstable();
    scored.dedup();
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Edits from one to the other: insertions, deletions, replacements (Levenshtein).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, left) in one.iter().enumerate() {
        let mut next = vec![above + 1];
        let mut diagonal = above;
        for (up, right) in row.iter().skip(1).zip(other) {
            let replace = diagonal + usize::from(left != right);
            let before = next.last().copied().unwrap_or(0);
            next.push(replace.min(up + 1).min(before + 1));
            diagonal = *up;
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let names = ["QLIK_ANALYZERS", "QLIK_PRO", "Finance"];
        assert_eq!(nearest("qlik_analysers", names), ["QLIK_ANALYZERS"]);
        assert_eq!(nearest("analyzers", names), ["QLIK_ANALYZERS"]);
        assert_eq!(nearest("Fimance", names), ["Finance"]);
        assert!(nearest("Marketing", names).is_empty());
        assert!(nearest("", ["a long name"]).is_empty());
    }
}
