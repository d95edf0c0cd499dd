//! Mutations of a JSON tree: they keep the brackets, and so come past the parser.

use serde_json::{Map, Number, Value};

use super::mutate::Mutator;

/// Changes one node, perhaps with a piece of `donor`.
pub(super) fn mutate(tree: &mut Value, donor: &Value, dice: &mut Mutator) {
    let count = size(tree);
    let at = dice.below(count);
    if let Some(node) = nth(tree, &mut { at }) {
        change(node, donor, dice);
    }
}

fn size(tree: &Value) -> usize {
    1 + match tree {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum(),
        _ => 0,
    }
}

fn nth<'v>(tree: &'v mut Value, at: &mut usize) -> Option<&'v mut Value> {
    if *at == 0 {
        return Some(tree);
    }
    *at -= 1;
    match tree {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, at)),
        Value::Object(fields) => fields.values_mut().find_map(|field| nth(field, at)),
        _ => None,
    }
}

fn change(node: &mut Value, donor: &Value, dice: &mut Mutator) {
    match (dice.below(8), node) {
        (0, node) => *node = odd(dice),
        (1, node) => {
            let at = dice.below(size(donor));
            let mut donor = donor.clone();
            if let Some(piece) = nth(&mut donor, &mut { at }) {
                *node = piece.take();
            }
        }
        (_, Value::Array(items)) => array(items, dice),
        (_, Value::Object(fields)) => object(fields, dice),
        (_, Value::String(text)) => string(text, dice),
        (_, node) => *node = odd(dice),
    }
}

fn odd(dice: &mut Mutator) -> Value {
    match dice.below(10) {
        0 => Value::Null,
        1 => Value::Bool(true),
        2 => Value::from(0),
        3 => Value::from(-1),
        4 => Value::from(u64::MAX),
        5 => Value::from(i64::MIN),
        6 => Number::from_f64(1e300).map_or(Value::Null, Value::Number),
        7 => (0..60).fold(Value::Null, |inner, _| Value::Array(vec![inner])),
        8 => Value::Object(Map::new()),
        _ => Value::String(dice.word().repeat(1 + dice.below(3))),
    }
}

fn array(items: &mut Vec<Value>, dice: &mut Mutator) {
    let (at, to) = (dice.below(items.len()), dice.below(items.len()));
    match dice.below(4) {
        _ if items.is_empty() => items.push(odd(dice)),
        0 => drop(items.remove(at)),
        1 => items.swap(at, to),
        2 => items.push(items[at].clone()),
        _ => items.truncate(at),
    }
}

fn object(fields: &mut Map<String, Value>, dice: &mut Mutator) {
    let at = dice.below(fields.len());
    let key = fields.keys().nth(at).cloned();
    match (dice.below(3), key) {
        (0, Some(key)) => drop(fields.remove(&key)),
        (1, Some(key)) => {
            let value = fields.remove(&key).unwrap_or(Value::Null);
            fields.insert(dice.word().to_owned(), value);
        }
        _ => drop(fields.insert(dice.word().to_owned(), odd(dice))),
    }
}

fn string(text: &mut String, dice: &mut Mutator) {
    let letters: Vec<char> = text.chars().collect();
    let at = dice.below(letters.len() + 1);
    let (head, tail): (String, String) = (
        letters[..at].iter().collect(),
        letters[at..].iter().collect(),
    );
    *text = match dice.below(4) {
        0 => head,
        1 => format!("{head}{}{tail}", dice.word()),
        2 => dice.word().to_owned(),
        _ => format!("{tail}{head}"),
    };
}

/// The tree with its longest list repeated until the text is about this long.
pub(super) fn grown(tree: &Value, bytes: usize) -> Vec<u8> {
    let mut tree = tree.clone();
    let own = serde_json::to_vec(&tree).map_or(1, |text| text.len().max(1));
    if let Some(items) = longest(&mut tree) {
        let once = items.clone();
        let part = serde_json::to_vec(&once).map_or(own, |text| text.len().max(2));
        for _ in 0..(bytes / part.max(64)).min(200_000) {
            items.extend(once.iter().cloned());
        }
    }
    serde_json::to_vec(&tree).unwrap_or_default()
}

fn longest(tree: &mut Value) -> Option<&mut Vec<Value>> {
    match tree {
        Value::Array(items) => Some(items),
        Value::Object(fields) => fields
            .values_mut()
            .filter_map(longest)
            .max_by_key(|items| items.len()),
        _ => None,
    }
}
