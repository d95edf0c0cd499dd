//! Which key does what: the defaults of the table, changed by `[keys]` of the configuration.

use super::actions::{ACTIONS, Action, Screen};
use super::key::Key;

/// Keys by action.
#[derive(Clone, Debug, PartialEq)]
pub struct Keymap {
    bound: Vec<(Key, Action)>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bound = ACTIONS
            .iter()
            .flat_map(|spec| spec.keys.iter().map(move |key| (key, spec.action)))
            .filter_map(|(key, action)| Some((Key::parse(key)?, action)))
            .collect();
        Self { bound }
    }
}

impl Keymap {
    /// The defaults with `changes` (action name, key) on top.
    ///
    /// # Errors
    /// All changes that cannot be made, one sentence each: unknown actions (with a suggestion),
    /// unknown keys, a key that would mean two things on one screen.
    pub fn rebound<'a>(
        changes: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<String>> {
        let (mut map, mut troubles) = (Self::default(), Vec::new());
        let mut new = Vec::new();
        for (name, text) in changes {
            match read(name, text) {
                Ok(pair) => new.push(pair),
                Err(trouble) => troubles.push(trouble),
            }
        }
        for (_, action) in &new {
            map.bound.retain(|(_, bound)| bound != action);
        }
        map.bound.extend(new);
        troubles.extend(map.clashes());
        if troubles.is_empty() {
            Ok(map)
        } else {
            Err(troubles)
        }
    }

    /// What a key does on a screen.
    pub fn action(&self, key: Key, screen: Screen) -> Option<Action> {
        self.bound
            .iter()
            .find(|(bound, action)| *bound == key && action.spec().on(screen))
            .map(|(_, action)| *action)
    }

    /// The first key of an action, as it is written.
    pub fn key(&self, action: Action) -> String {
        self.bound
            .iter()
            .find(|(_, bound)| *bound == action)
            .map_or_else(String::new, |(key, _)| key.to_string())
    }

    fn clashes(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (index, (key, action)) in self.bound.iter().enumerate() {
            for (other_key, other) in self.bound.iter().skip(index + 1) {
                let meet = action
                    .spec()
                    .screens
                    .iter()
                    .any(|screen| other.spec().on(*screen));
                if key == other_key && action != other && meet {
                    found.push(format!(
                        "key {key} would mean both \"{}\" and \"{}\"",
                        action.spec().name,
                        other.spec().name
                    ));
                }
            }
        }
        found
    }
}

fn read(name: &str, text: &str) -> Result<(Key, Action), String> {
    let spec = ACTIONS
        .iter()
        .find(|spec| spec.name == name)
        .ok_or_else(|| {
            let near = ACTIONS
                .iter()
                .map(|spec| spec.name)
                .max_by_key(|known| {
                    known
                        .chars()
                        .filter(|letter| name.contains(*letter))
                        .count()
                        .saturating_sub(known.len().abs_diff(name.len()))
                })
                .unwrap_or("license");
            format!("no action \"{name}\"; did you mean \"{near}\"?")
        })?;
    let key = Key::parse(text).ok_or_else(|| {
        format!("no key \"{text}\" for \"{name}\"; keys look like a, U, C-c, S-Tab, PgUp")
    })?;
    Ok((key, spec.action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_replaces_the_default() {
        let map = Keymap::rebound([("license", "K"), ("plan", "C-p")]).expect("good changes");
        let key = |text| Key::parse(text).expect("a key");
        assert_eq!(map.action(key("K"), Screen::Roster), Some(Action::License));
        assert_eq!(map.action(key("l"), Screen::Roster), None);
        assert_eq!(map.key(Action::Plan), "C-p");
        assert_eq!(map.action(key("g"), Screen::Plan), Some(Action::GroupBy));
        assert_eq!(map.action(key("g"), Screen::Roster), Some(Action::List));
    }

    #[test]
    fn all_bad_changes_are_said_together() {
        let troubles = Keymap::rebound([("licence", "L"), ("plan", "Hyper-p"), ("roles", "l")])
            .expect_err("three mistakes");
        assert_eq!(troubles.len(), 3, "{troubles:?}");
        assert!(troubles[0].contains("\"license\""));
        assert!(troubles[2].contains("key l"));
    }
}
