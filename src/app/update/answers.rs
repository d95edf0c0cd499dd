//! What effects answer. Answers to questions of an older epoch are dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::message::{Answer, Epoch, PeopleWish, Trouble};
use crate::app::model::{App, Load, Tone};
use crate::domain::{
    Completeness, DirectoryGroup, DirectoryGroupId, Members, People, Person, Reading, Snapshot,
    SpaceAssignment, SpaceId, TenantSnapshot, Way,
};
use crate::text::show_str;

/// So many spaces may still be read while each one that comes is worked in at once.
const AT_HAND: usize = 32;
impl App {
    pub(super) fn answer(&mut self, epoch: Epoch, answer: Answer) -> Vec<Effect> {
        let stale = epoch < self.data.epoch;
        match answer {
            Answer::Written(result) => self.written(result),
            Answer::List(Ok(text)) => self.list_read(&text),
            Answer::Sent(bytes) => self.say(
                Tone::Plain,
                format!("sent {bytes} bytes to the terminal (OSC 52); it may refuse silently"),
            ),
            Answer::Runs(Ok(runs)) => self.runs_listed(runs),
            Answer::Runs(Err(trouble)) | Answer::List(Err(trouble)) => {
                self.say(Tone::Error, trouble.line());
            }
            Answer::RunRead(run, result) => self.run_read(&run, result),
            Answer::Planned(generation, result) => {
                self.planned(!stale && generation == self.stage.generation, result);
            }
            Answer::Reverted(result) => self.planned(true, result),
            Answer::Cached(Some(snapshot)) => self.cached(*snapshot),
            Answer::Cached(None) => {}
            Answer::Reviewed(_) if stale => {
                self.licenses.making = false;
                self.licenses.stale = true;
            }
            Answer::Reviewed(result) => self.reviewed(result),
            Answer::Used(result) => self.use_read(result),
            Answer::Cautions(cautions) => return self.cautioned(&cautions),
            _ if stale => {}
            Answer::Tenant(result) => return self.tenant_read(result),
            Answer::Progress { part, read, total } => {
                self.data.progress.insert(part, (read, total));
                self.dirty = true;
            }
            Answer::Groups(result) => {
                if let Some(groups) = self.read(&Load::Groups, result) {
                    self.snapshot().directory.groups = groups;
                    self.find_approved();
                    self.rebuild_tree();
                    self.settle();
                }
            }
            Answer::Members(group, result) => self.members_read(group, result),
            Answer::People(wish, result) => self.people_read(wish, result),
            Answer::GroupsOf(person, result) => self.groups_of_read(&person, result),
            Answer::Assignments(space, result) => self.assignments_read(space, result),
        }
        self.keep_when_quiet()
    }

    fn snapshot(&mut self) -> &mut Snapshot {
        Arc::make_mut(&mut self.data.snapshot)
    }

    /// Notes the end of a reading; its value when there is one.
    fn read<T>(&mut self, load: &Load, result: Result<T, Trouble>) -> Option<T> {
        self.data.loading.remove(load);
        self.dirty = true;
        let value = match result {
            Ok(value) => {
                self.data.troubles.remove(load);
                Some(value)
            }
            Err(trouble) => {
                self.say(Tone::Error, trouble.line());
                self.data.troubles.insert(load.clone(), trouble);
                None
            }
        };
        self.arrange();
        value
    }

    fn tenant_read(&mut self, result: Result<Arc<TenantSnapshot>, Trouble>) -> Vec<Effect> {
        let Some(tenant) = self.read(&Load::Tenant, result) else {
            return Vec::new();
        };
        let mut tenant = Arc::unwrap_or_clone(tenant);
        let known = std::mem::take(&mut self.snapshot().tenant.assignments);
        for (space, reading) in known {
            tenant.assignments.entry(space).or_insert(reading);
        }
        self.snapshot().tenant = tenant;
        self.data.tenant_read = true;
        self.data.cached = false;
        self.data.progress.clear();
        self.rejoin();
        self.arrange();
        self.keep_when_quiet()
    }

    fn members_read(
        &mut self,
        group: DirectoryGroupId,
        result: Result<Reading<(Members, People)>, Trouble>,
    ) {
        let load = Load::Members(group.clone());
        let reading = match result {
            Ok(reading) => reading,
            Err(trouble) => {
                let proof = trouble.as_proof();
                self.read::<()>(&load, Err(trouble));
                // What was known stays, but proves nothing any more.
                let old = self.snapshot().directory.members.entry(group).or_default();
                old.proof = proof;
                // Who is not in it cannot be told any more.
                self.rescope();
                self.restage();
                return;
            }
        };
        self.read(&load, Ok(()));
        let (members, people) = reading.value;
        self.seen(&people);
        let directory = &mut self.snapshot().directory;
        nest(&mut directory.groups.value, &group, &members);
        merge(&mut directory.people.value, people);
        directory.members.insert(
            group,
            Reading {
                value: members,
                proof: reading.proof,
            },
        );
        self.rebuild_tree();
        self.roster.rest = None;
        self.rejoin();
        self.refresh_space_roles();
        self.refresh_check();
        self.arrange();
    }

    fn people_read(&mut self, wish: PeopleWish, result: Result<Reading<People>, Trouble>) {
        if let (PeopleWish::Query(name, _), Err(trouble)) = (&wish, &result) {
            // Who was known stays, but it proves nothing any more.
            let proof = trouble.as_proof();
            let queries = &mut self.snapshot().directory.queries;
            queries.entry(name.clone()).or_default().proof = proof;
            self.rescope();
            self.restage();
        }
        let Some(reading) = self.read(&Load::People(wish.clone()), result) else {
            // A plan for people of whom only another session knows would be built on nothing.
            self.plan.wanted &= !matches!(wish, PeopleWish::Again(_));
            return;
        };
        let found = reading.value.len();
        let proven = reading.proof.is_proven();
        self.seen(&reading.value);
        if proven && wish == PeopleWish::All {
            self.data.old_people.clear();
        }
        let directory = &mut self.snapshot().directory;
        match &wish {
            PeopleWish::All => {
                if proven {
                    directory.people.value = BTreeMap::new();
                }
                directory.people.proof = reading.proof.clone();
            }
            PeopleWish::Again(ids) if proven => {
                for id in ids {
                    directory.people.value.remove(id);
                }
            }
            PeopleWish::Query(name, _) => {
                let found = reading.value.iter().map(|person| person.id.clone());
                let found = Reading {
                    value: found.collect(),
                    proof: reading.proof.clone(),
                };
                directory.queries.insert(name.clone(), found);
            }
            _ => {}
        }
        merge(&mut directory.people.value, reading.value);
        self.rejoin();
        self.arrange();
        match wish {
            PeopleWish::All => self.say(Tone::Plain, format!("{found} people read")),
            PeopleWish::Find(text) => self.say(
                Tone::Plain,
                format!("{found} people in the directory fit {}", show_str(&text)),
            ),
            PeopleWish::Query(name, filter) => {
                let (name, filter) = (show_str(&name), show_str(&filter));
                let who = match found {
                    0 => "nobody fits".to_owned(),
                    1 => "1 person fits".to_owned(),
                    many => format!("{many} people fit"),
                };
                self.say(Tone::Plain, format!("query {name}: {who} {filter}"));
            }
            PeopleWish::Addresses(addresses) => self.select_list(&addresses),
            PeopleWish::Again(ids) if proven => {
                for id in ids {
                    self.data.old_people.remove(&id);
                }
            }
            PeopleWish::Again(_) => self.plan.wanted = false,
        }
        if let Completeness::Incomplete(cause) = &reading.proof {
            self.say(Tone::Error, format!("incomplete: {cause}"));
        }
    }

    /// This session has read these records.
    fn seen(&mut self, people: &[Arc<Person>]) {
        if self.data.old_people.is_empty() {
            return;
        }
        for person in people {
            self.data.old_people.remove(&person.id);
        }
    }

    fn assignments_read(
        &mut self,
        space: SpaceId,
        result: Result<Reading<Vec<SpaceAssignment>>, Trouble>,
    ) {
        let load = Load::Assignments(space.clone());
        let reading = match result {
            Ok(reading) => {
                self.read(&load, Ok(()));
                reading
            }
            Err(trouble) => {
                let proof = trouble.as_proof();
                self.read::<()>(&load, Err(trouble));
                Reading {
                    value: Vec::new(),
                    proof,
                }
            }
        };
        self.snapshot().tenant.assignments.insert(space, reading);
        // Of many spaces that are being read the last one tells what follows from all of them.
        let more = |load: &Load| matches!(load, Load::Assignments(_));
        if self.data.loading.iter().filter(|load| more(load)).count() > AT_HAND {
            self.dirty = true;
            return;
        }
        self.derived.count_spaces(&self.data.snapshot);
        self.restage();
        self.refresh_space_roles();
        self.refresh_check();
        self.arrange();
    }

    /// Keeps the snapshot for the next start, once everything asked for is there.
    fn keep_when_quiet(&mut self) -> Vec<Effect> {
        let quiet = !self.is_reading() && self.data.troubles.is_empty();
        if !quiet || !self.data.tenant_read || self.data.cached || self.data.kept {
            return Vec::new();
        }
        self.data.kept = true;
        vec![Effect::Keep(Arc::clone(&self.data.snapshot))]
    }

    fn written(&mut self, result: Result<crate::text::Raw, Trouble>) {
        match result {
            Ok(path) => self.say(Tone::Plain, format!("written: {}", path.show())),
            Err(trouble) => self.say(Tone::Error, trouble.line()),
        }
    }
}

/// Notes which groups turned out to be inside which: some sources tell only with the members.
fn nest(groups: &mut [DirectoryGroup], top: &DirectoryGroupId, members: &Members) {
    let mut inside = Inside::new();
    for member in members {
        let mut above = top;
        for group in &member.via {
            inside.entry(above).or_default().insert(group);
            above = group;
        }
    }
    put_inside(groups, &inside);
}

/// The same of the groups on one way.
pub(super) fn nest_way(groups: &mut [DirectoryGroup], way: &Way) {
    let pairs = way.iter().zip(way.iter().skip(1));
    let inside = pairs.map(|(above, group)| (above, BTreeSet::from([group])));
    put_inside(groups, &inside.collect());
}

type Inside<'a> = BTreeMap<&'a DirectoryGroupId, BTreeSet<&'a DirectoryGroupId>>;

fn put_inside(groups: &mut [DirectoryGroup], inside: &Inside<'_>) {
    for group in groups {
        let Some(found) = inside.get(&group.id) else {
            continue;
        };
        let known: BTreeSet<&DirectoryGroupId> = group.subgroups.iter().collect();
        let new: Vec<DirectoryGroupId> = found
            .iter()
            .filter(|id| !known.contains(*id))
            .map(|id| (*id).clone())
            .collect();
        group.subgroups.extend(new);
    }
}

fn merge(known: &mut BTreeMap<crate::domain::PersonId, Arc<Person>>, people: People) {
    let people = people.into_iter().map(|person| (person.id.clone(), person));
    if known.is_empty() {
        // All at once, which leaves no room in the nodes.
        *known = people.collect();
    } else {
        known.extend(people);
    }
}
