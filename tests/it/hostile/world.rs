//! A world whose names are hostile, for the real program: people, groups, spaces and records, one of
//! each string, beside the group that the tests of the screen open.

use std::fmt::Write as _;

use super::strings::Hostile;
use crate::cli::place::{Place, World};

/// A served world and a place with its profile.
pub(super) struct Town {
    pub(super) strings: Vec<Hostile>,
    pub(super) world: World,
    pub(super) place: Place,
}

impl Town {
    /// Hostile itself.
    pub(super) fn of(strings: Vec<Hostile>) -> Self {
        let scenario = scenario(&strings);
        Self::with(strings, &scenario)
    }

    /// Harmless: what is hostile comes from files.
    pub(super) fn plain(strings: Vec<Hostile>) -> Self {
        Self::with(strings, &scenario(&[Hostile::plain()]))
    }

    fn with(strings: Vec<Hostile>, scenario: &str) -> Self {
        let place = Place::new();
        let path = place.write("town.toml", scenario);
        let world = World::start(&["--scenario", &path.to_string_lossy()]);
        place.with_world(&world, "");
        Self {
            strings,
            world,
            place,
        }
    }
}

/// The scenario file: everything that is not plain ASCII is escaped.
pub(super) fn scenario(strings: &[Hostile]) -> String {
    let mut text = "title = \"hostile\"\nseed = 5\n[tenant]\nallotments = [\
        { name = \"professional\", units = 900 }, { name = \"analyzer\", units = 900 }]\n\
        [[groups]]\nname = \"QLIK_ANALYZERS\"\n"
        .to_owned();
    for one in strings {
        let say = |field| quoted(&one.text(field));
        write!(
            text,
            "[[groups]]\nname = {group}\ndescription = {group}\n\
             [[people]]\nnamed = [{name}]\ndepartment = {more}\ntitle = {more}\ngroups = [\"QLIK_ANALYZERS\", {group}]\n\
             [[people]]\nnamed = [{other}]\ngroups = [{group}]\nuser = {{ license = \"analyzer\" }}\n\
             [[users]]\nnamed = [{user}]\nuser = {{ subject = {subject}, email = \"x{seed}@corp.example\" }}\n\
             [[spaces]]\nname = {space}\n",
            group = say('f'),
            name = say('a'),
            other = say('h'),
            more = say('e'),
            user = say('i'),
            subject = say('j'),
            space = say('l'),
            seed = one.seed,
        )
        .expect("text");
    }
    text
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() || letter == ' ' {
            out.push(letter);
        } else {
            write!(out, "\\U{:08X}", u32::from(letter)).expect("text");
        }
    }
    out.push('"');
    out
}
