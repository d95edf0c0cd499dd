//! Texts that come again and again in one list, held once: departments, titles, license types, role
//! ids. A reader has one for as long as it reads.

use std::collections::BTreeSet;

use super::raw::Raw;

/// Beyond so many texts they are not the kind that comes again; those known by then still do.
const MOST: usize = 4_096;

/// Texts met so far.
#[derive(Debug, Default)]
pub struct Pool(BTreeSet<Raw>);

impl Pool {
    /// The same text, shared with the ones before it.
    pub fn share(&mut self, text: Raw) -> Raw {
        if let Some(known) = self.0.get(&text) {
            return known.clone();
        }
        if self.0.len() < MOST {
            self.0.insert(text.clone());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_one(one: &Raw, other: &Raw) -> bool {
        std::ptr::eq(one.expose(), other.expose())
    }

    #[test]
    fn a_text_that_comes_again_is_held_once() {
        let mut pool = Pool::default();
        let first = pool.share(Raw::from("Finance"));
        assert!(is_one(&first, &pool.share(Raw::from("Finance"))));
        let other = pool.share(Raw::from("finance"));
        assert!(!is_one(&first, &other), "nothing is folded");
        assert_eq!(other.expose(), "finance");
    }

    #[test]
    fn texts_that_are_all_different_do_not_fill_it() {
        let mut pool = Pool::default();
        for number in 0..MOST + 10 {
            let text = Raw::from(number.to_string());
            assert_eq!(pool.share(text.clone()), text);
        }
        assert_eq!(pool.0.len(), MOST);
        let (known, late) = (Raw::from("7"), Raw::from((MOST + 1).to_string()));
        assert!(!is_one(&pool.share(known.clone()), &known));
        assert!(is_one(&pool.share(late.clone()), &late));
    }
}
