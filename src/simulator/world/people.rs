//! Makes people: names, unique addresses and account names, drawn from a seed.

use std::collections::{BTreeMap, HashMap};

use super::company::Person;
use super::dice::Dice;
use super::names::{DEPARTMENTS, GIVEN, SURNAMES, TITLES, ascii_fold, hostile};
use super::scenario::{NameStyle, PeopleSpec};

/// Draws people one after the other.
#[derive(Debug)]
pub(super) struct PeopleMaker {
    dice: Dice,
    domain: String,
    given: Vec<(&'static str, String)>,
    surnames: Vec<(&'static str, String)>,
    hostile: Vec<String>,
    hostile_at: usize,
    locals: HashMap<String, usize>,
    sams: HashMap<String, usize>,
}

impl PeopleMaker {
    pub(super) fn new(seed: u64, domain: &str) -> Self {
        let fold = |names: &[&'static str]| names.iter().map(|n| (*n, ascii_fold(n))).collect();
        Self {
            dice: Dice::new(seed ^ 0x5eed_0001),
            domain: domain.to_owned(),
            given: fold(GIVEN),
            surnames: fold(SURNAMES),
            hostile: hostile(),
            hostile_at: 0,
            locals: HashMap::new(),
            sams: HashMap::new(),
        }
    }

    /// The next person of a specification; `fixed` is a name chosen by hand.
    pub(super) fn next(&mut self, spec: &PeopleSpec, fixed: Option<&str>) -> Person {
        let id = self.dice.guid();
        let (given, surname, given_ascii, surname_ascii) = self.name_parts(fixed);
        let mut name = match fixed {
            Some(fixed) => fixed.to_owned(),
            None => format!("{given} {surname}"),
        };
        if spec.names == NameStyle::Hostile && fixed.is_none() {
            name = self.hostile.get(self.hostile_at).cloned().unwrap_or(name);
            self.hostile_at += 1;
        }
        let stem = if surname_ascii.is_empty() {
            given_ascii.clone()
        } else {
            format!("{given_ascii}.{surname_ascii}")
        };
        let local = unique(&mut self.locals, stem);
        let initial: String = given_ascii.chars().take(1).collect();
        let mut sam_stem = format!("{initial}{surname_ascii}");
        sam_stem.truncate(16);
        let sam = unique(&mut self.sams, sam_stem);
        let mail = format!("{local}@{}", self.domain);
        let (upn, mail) = if spec.guest {
            let home = format!("{local}@partner.example");
            (
                format!("{local}_partner.example#EXT#@{}", self.domain),
                home,
            )
        } else {
            (mail.clone(), mail)
        };
        Person {
            id,
            name,
            given,
            surname,
            upn,
            mail: Some(mail),
            enabled: spec.enabled,
            guest: spec.guest,
            department: self.word(spec.department.as_deref(), DEPARTMENTS),
            title: self.word(spec.title.as_deref(), TITLES),
            sam,
            employee: String::new(),
            aliases: Vec::new(),
        }
    }

    fn word(&mut self, fixed: Option<&str>, list: &[&str]) -> String {
        match fixed {
            Some(word) => word.to_owned(),
            None => self.dice.pick(list).copied().unwrap_or_default().to_owned(),
        }
    }

    fn name_parts(&mut self, fixed: Option<&str>) -> (String, String, String, String) {
        if let Some(name) = fixed {
            let (given, surname) = name.split_once(' ').unwrap_or((name, ""));
            return (
                given.into(),
                surname.into(),
                ascii_fold(given),
                ascii_fold(surname),
            );
        }
        let (given, given_ascii) = self.dice.pick(&self.given).cloned().unwrap_or_default();
        let (surname, surname_ascii) = self.dice.pick(&self.surnames).cloned().unwrap_or_default();
        (given.into(), surname.into(), given_ascii, surname_ascii)
    }
}

/// The stem, or the stem with the next free number.
fn unique(taken: &mut HashMap<String, usize>, stem: String) -> String {
    let stem = if stem.is_empty() {
        "user".to_owned()
    } else {
        stem
    };
    let count = taken.entry(stem.clone()).or_insert(0);
    *count += 1;
    if *count == 1 {
        stem
    } else {
        format!("{stem}{count}")
    }
}

/// Fills `{id} {sam} {upn} {mail} {name} {n}` in a template.
pub(super) fn fill(template: &str, person: &Person, number: usize) -> String {
    if !template.contains('{') {
        return template.to_owned();
    }
    let values = BTreeMap::from([
        ("{id}", person.id.clone()),
        ("{sam}", person.sam.clone()),
        ("{upn}", person.upn.clone()),
        ("{mail}", person.mail.clone().unwrap_or_default()),
        ("{name}", person.name.clone()),
        ("{n}", number.to_string()),
    ]);
    let mut out = template.to_owned();
    for (mark, value) in values {
        if out.contains(mark) {
            out = out.replace(mark, &value);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_unique_and_templates_fill() {
        let mut maker = PeopleMaker::new(1, "corp.example");
        let spec = PeopleSpec::default();
        let a = maker.next(&spec, Some("Anna Berg"));
        let b = maker.next(&spec, Some("Anna Berg"));
        assert_eq!(a.mail.as_deref(), Some("anna.berg@corp.example"));
        assert_eq!(b.mail.as_deref(), Some("anna.berg2@corp.example"));
        assert_eq!(fill("CORP\\{sam}", &b, 1), "CORP\\aberg2");
        assert_eq!(fill("{id}", &a, 1), a.id);
    }
}
