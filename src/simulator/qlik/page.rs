//! Pages and their cursors: opaque, stable by id, expiring when the world says so (dossier 9.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::cmp::Ordering;

use super::super::http::Request;
use super::check;
use super::errors::Refusal;

/// A place between two items of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) backwards: bool,
    pub(super) key: String,
    pub(super) id: String,
}

impl Cursor {
    fn encode(&self, generation: u64) -> String {
        let parts = json!([generation, self.backwards, self.key, self.id]);
        URL_SAFE_NO_PAD.encode(parts.to_string())
    }

    fn decode(name: &str, text: &str, generation: u64) -> Result<Self, Refusal> {
        let broken = || Refusal::parameter(name, "The cursor is not valid.");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| broken())?;
        let (made, backwards, key, id): (u64, bool, String, String) =
            serde_json::from_slice(&bytes).map_err(|_| broken())?;
        if made != generation {
            return Err(Refusal::parameter(name, "The cursor has expired."));
        }
        Ok(Self { backwards, key, id })
    }
}

/// What part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) limit: usize,
    pub(super) cursor: Option<Cursor>,
    generation: u64,
}

impl Window {
    /// Reads `limit`, and `next` and `prev`.
    pub(super) fn read(
        request: &Request,
        default: usize,
        max: usize,
        generation: u64,
    ) -> Result<Self, Refusal> {
        Self::read_named(request, default, max, generation, &["next", "prev"])
    }

    /// The same with cursors in parameters of other names.
    pub(super) fn read_named(
        request: &Request,
        default: usize,
        max: usize,
        generation: u64,
        names: &[&str],
    ) -> Result<Self, Refusal> {
        let limit = check::limit(request, default, max)?;
        let mut cursor = None;
        for name in names {
            let Some(text) = request.parameter(name) else {
                continue;
            };
            if cursor.is_some() {
                return Err(Refusal::parameter(name, "Only one cursor may be sent."));
            }
            cursor = Some(Cursor::decode(name, text, generation)?);
        }
        Ok(Self {
            limit,
            cursor,
            generation,
        })
    }

    /// Whether the walk goes against the order of the list.
    pub(super) fn backwards(&self) -> bool {
        self.cursor.as_ref().is_some_and(|c| c.backwards)
    }

    /// Makes a page of items that were walked from the cursor on; `walk` may go on forever, only
    /// `limit + 1` items are taken.
    pub(super) fn collect<T>(
        &self,
        walk: impl Iterator<Item = T>,
        place: impl Fn(&T) -> (String, String),
    ) -> Page<T> {
        let mut items: Vec<T> = walk.take(self.limit + 1).collect();
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        if self.backwards() {
            items.reverse();
        }
        let came_from = self.cursor.is_some();
        let (has_next, has_prev) = if self.backwards() {
            (came_from, more)
        } else {
            (more, came_from)
        };
        let cursor = |item: Option<&T>, backwards| {
            let (key, id) = place(item?);
            Some(Cursor { backwards, key, id }.encode(self.generation))
        };
        let next = if has_next {
            cursor(items.last(), false)
        } else {
            None
        };
        let prev = if has_prev {
            cursor(items.first(), true)
        } else {
            None
        };
        Page { items, next, prev }
    }

    /// A page of a list that is small enough to be sorted each time.
    pub(super) fn slice<T>(
        &self,
        mut items: Vec<T>,
        down: bool,
        place: impl Fn(&T) -> (String, String),
    ) -> Page<T> {
        let order = |a: &(String, String), b: &(String, String)| {
            if down { b.cmp(a) } else { a.cmp(b) }
        };
        items.sort_by_cached_key(&place);
        if down {
            items.reverse();
        }
        let Some(cursor) = &self.cursor else {
            return self.collect(items.into_iter(), place);
        };
        let at = (cursor.key.clone(), cursor.id.clone());
        if cursor.backwards {
            let end = items.partition_point(|i| order(&place(i), &at) == Ordering::Less);
            items.truncate(end);
            return self.collect(items.into_iter().rev(), place);
        }
        let start = items.partition_point(|i| order(&place(i), &at) != Ordering::Greater);
        self.collect(items.into_iter().skip(start), place)
    }
}

/// A page with the cursors around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
    pub(super) prev: Option<String>,
}

impl<T> Page<T> {
    /// The `links` of a list: `self`, and `next` and `prev` where there is more.
    pub(super) fn links(&self, base: &str, request: &Request) -> Value {
        let here = format!("{base}{}", request.path);
        let mut links = json!({"self": {"href": with_cursor(&here, request, None)}});
        if let Some(next) = &self.next {
            links["next"] = json!({"href": with_cursor(&here, request, Some(("next", next)))});
        }
        if let Some(prev) = &self.prev {
            links["prev"] = json!({"href": with_cursor(&here, request, Some(("prev", prev)))});
        }
        links
    }
}

/// The request's address with its own parameters and another cursor.
pub(super) fn with_cursor(here: &str, request: &Request, cursor: Option<(&str, &str)>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let own = |name: &str| matches!(name, "next" | "prev" | "page");
    for (name, value) in &request.query {
        if cursor.is_none() || !own(name) {
            query.append_pair(name, value);
        }
    }
    if let Some((name, value)) = cursor {
        query.append_pair(name, value);
    }
    let query = query.finish();
    if query.is_empty() {
        here.to_owned()
    } else {
        format!("{here}?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(limit: usize, cursor: Option<&str>) -> Window {
        let cursor = cursor.map(|c| Cursor::decode("next", c, 3).unwrap());
        Window {
            limit,
            cursor,
            generation: 3,
        }
    }

    fn place() -> impl Fn(&u32) -> (String, String) {
        |item| (format!("{item:03}"), format!("id{item}"))
    }

    #[test]
    fn forward_and_back_again() {
        let all: Vec<u32> = (0..7).collect();
        let first = window(3, None).slice(all.clone(), false, place());
        assert_eq!(
            (first.items.as_slice(), &first.prev),
            (&[0, 1, 2][..], &None)
        );
        let second = window(3, first.next.as_deref()).slice(all.clone(), false, place());
        assert_eq!(second.items, [3, 4, 5]);
        let third = window(3, second.next.as_deref()).slice(all.clone(), false, place());
        assert_eq!((third.items.as_slice(), &third.next), (&[6][..], &None));
        let back = window(3, third.prev.as_deref()).slice(all, false, place());
        assert_eq!(back.items, [3, 4, 5]);
    }

    #[test]
    fn a_cursor_survives_the_removal_of_its_item() {
        let first = window(2, None).slice(vec![1, 2, 3, 4], true, place());
        assert_eq!(first.items, [4, 3]);
        let second = window(2, first.next.as_deref()).slice(vec![1, 2, 4], true, place());
        assert_eq!(second.items, [2, 1]);
    }

    #[test]
    fn old_and_broken_cursors_are_refused() {
        let old = Cursor {
            backwards: false,
            key: "k".into(),
            id: "i".into(),
        }
        .encode(2);
        assert!(
            Cursor::decode("next", &old, 3)
                .unwrap_err()
                .detail
                .unwrap()
                .contains("expired")
        );
        assert_eq!(Cursor::decode("next", "???", 3).unwrap_err().status, 400);
    }
}
