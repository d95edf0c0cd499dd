//! Fills an empty world from a scenario: groups, people with their records, outsiders, orphans.
//! Spaces come last, in `furnish`.

use std::collections::HashMap;

use super::audit::{AuditEvent, Consumption, SESSION_BEGIN, SESSION_BEGUN};
use super::build::{BuildError, World, days_after, days_before, tenant_group};
use super::company::Person;
use super::license::LicenseAssignment;
use super::people::{PeopleMaker, fill};
use super::scenario::{OrphanSpec, OutsiderSpec, PeopleSpec, Scenario, UserSpec};
use super::users::User;

/// The work in progress.
pub(super) struct Populate<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) world: World,
    /// Directory person index to user id, for space assignments.
    pub(super) records: HashMap<usize, String>,
    maker: PeopleMaker,
    /// Directory group index to the id of the idp group of that name, where the tenant has one.
    known: Vec<Option<String>>,
}

impl<'a> Populate<'a> {
    pub(super) fn new(scenario: &'a Scenario, world: World) -> Self {
        let maker = PeopleMaker::new(scenario.seed, &scenario.company.domain);
        Self {
            scenario,
            world,
            records: HashMap::new(),
            maker,
            known: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> Result<World, BuildError> {
        self.groups()?;
        for spec in &self.scenario.people {
            self.people(spec)?;
        }
        for spec in &self.scenario.users {
            self.outsiders(spec)?;
        }
        for spec in &self.scenario.licenses {
            self.orphans(spec)?;
        }
        self.spaces()?;
        self.world.directory.reindex();
        let tenant = &mut self.world.tenant;
        tenant
            .audits
            .sort_by(|a, b| b.time.cmp(&a.time).then_with(|| a.id.cmp(&b.id)));
        tenant
            .consumption
            .sort_by(|a, b| b.end.cmp(&a.end).then_with(|| a.id.cmp(&b.id)));
        Ok(self.world)
    }

    pub(super) fn undefined(&self, place: &str, what: &'static str, name: &str) -> BuildError {
        BuildError {
            scenario: self.scenario.title.clone(),
            place: place.to_owned(),
            what,
            name: name.to_owned(),
        }
    }

    fn groups(&mut self) -> Result<(), BuildError> {
        let created = days_before(self.world.epoch, 400, 0);
        for spec in &self.scenario.groups {
            if spec.known || spec.custom {
                let provider = if spec.custom { "custom" } else { "idp" };
                let id = self.world.new_id();
                let mut group = tenant_group(id.clone(), &spec.name, provider, created);
                group.description.clone_from(&spec.description);
                group.roles = self.role_ids(&format!("group {}", spec.name), &spec.roles)?;
                self.world.tenant.groups.insert(id, group);
            }
            for child in &spec.subgroups {
                let place = format!("subgroups of {}", spec.name);
                let child = self.directory_group(&place, child)?;
                let parent = self.directory_group(&place, &spec.name)?;
                if let Some(group) = self.world.directory.groups.get_mut(parent) {
                    group.subgroups.push(child);
                }
            }
        }
        let tenant = &self.world.tenant;
        let id_of = |name: &str| tenant.group_named(name, "idp").map(|g| g.id.clone());
        self.known = self
            .world
            .directory
            .groups
            .iter()
            .map(|g| id_of(&g.name))
            .collect();
        Ok(())
    }

    pub(super) fn directory_group(&self, place: &str, name: &str) -> Result<usize, BuildError> {
        self.world
            .directory
            .group_named(name)
            .ok_or_else(|| self.undefined(place, "group", name))
    }

    fn role_ids(&self, place: &str, names: &[String]) -> Result<Vec<String>, BuildError> {
        names
            .iter()
            .map(|name| {
                let role = self.world.tenant.role_named(name);
                role.map(|r| r.id.clone())
                    .ok_or_else(|| self.undefined(place, "role", name))
            })
            .collect()
    }

    fn people(&mut self, spec: &PeopleSpec) -> Result<(), BuildError> {
        let mut groups = Vec::new();
        for name in &spec.groups {
            groups.push(self.directory_group("people", name)?);
        }
        let claims = self.claims_of(&groups);
        let count = if spec.named.is_empty() {
            spec.count
        } else {
            spec.named.len()
        };
        for at in 0..count {
            let mut person = self
                .maker
                .next(spec, spec.named.get(at).map(String::as_str));
            if let Some(template) = &spec.mail {
                let mail = fill(template, &person, at + 1);
                person.mail = (!mail.is_empty()).then_some(mail);
            }
            let index = self.world.directory.people.len();
            let mut joined = groups.clone();
            self.scatter(spec.scatter, &mut joined);
            for group in &joined {
                if let Some(group) = self.world.directory.groups.get_mut(*group) {
                    group.members.push(index);
                }
            }
            if let Some(user) = &spec.user {
                let claims = if spec.scatter > 0 {
                    self.claims_of(&joined)
                } else {
                    claims.clone()
                };
                let id = self.record(user, &person, at + 1, &claims)?;
                self.records.insert(index, id);
            }
            self.world.directory.people.push(person);
        }
        Ok(())
    }

    /// Joins `count` groups at random.
    fn scatter(&mut self, count: usize, joined: &mut Vec<usize>) {
        let groups = self.world.directory.groups.len();
        for _ in 0..count {
            let at = self.world.dice().below(groups);
            if at < groups && !joined.contains(&at) {
                joined.push(at);
            }
        }
    }

    /// Ids of the tenant groups that a login with these directory groups leaves on the record.
    fn claims_of(&self, groups: &[usize]) -> Vec<String> {
        groups
            .iter()
            .filter_map(|at| self.known.get(*at)?.clone())
            .collect()
    }

    /// Makes the user record of a person, and what hangs on it.
    fn record(
        &mut self,
        spec: &UserSpec,
        person: &Person,
        number: usize,
        claims: &[String],
    ) -> Result<String, BuildError> {
        let template = spec
            .subject
            .as_ref()
            .unwrap_or(&self.scenario.tenant.subject);
        let subject = fill(template, person, number);
        let email = fill(spec.email.as_deref().unwrap_or("{mail}"), person, number);
        let place = "the user record of people";
        let roles = self.role_ids(place, &spec.roles)?;
        let mut groups = if spec.status == "invited" {
            Vec::new()
        } else {
            claims.to_vec()
        };
        for name in &spec.groups {
            let group = self.world.tenant.group_named(name, "custom");
            groups.push(
                group
                    .ok_or_else(|| self.undefined(place, "group", name))?
                    .id
                    .clone(),
            );
        }
        let id = if number.is_multiple_of(10) {
            self.world.dice().id32()
        } else {
            self.world.new_id()
        };
        let age = self.draw(spec.licensed);
        let created = days_before(self.world.epoch, age + 1, 0);
        let invited = spec.status == "invited";
        let mail = email.clone();
        self.world.tenant.users.insert(User {
            id: id.clone(),
            subject: subject.clone(),
            name: person.name.clone(),
            email: (!email.is_empty()).then_some(email),
            status: spec.status.clone(),
            roles,
            groups,
            client_id: None,
            created,
            updated: created,
            invite_expiry: if invited {
                days_after(self.world.epoch, 10)
            } else {
                None
            },
            preferred_locale: None,
            preferred_zoneinfo: None,
        });
        if let Some(kind) = &spec.license {
            self.license(place, &subject, kind, spec.excess, age)?;
        }
        if let Some(range) = spec.seen {
            self.seen(&id, range, spec.license.as_deref());
        }
        let idp = self.world.tenant.idps.first_mut();
        if let Some(idp) = idp
            && spec.subject.is_none()
            && idp.sample_subject.is_empty()
        {
            idp.sample_subject = subject;
            idp.sample_mail = mail;
        }
        Ok(id)
    }

    fn draw(&mut self, (low, high): (u32, u32)) -> u32 {
        let width = usize::try_from(high.saturating_sub(low)).unwrap_or(0) + 1;
        low + u32::try_from(self.world.dice().below(width)).unwrap_or(0)
    }

    fn license(
        &mut self,
        place: &str,
        subject: &str,
        kind: &str,
        excess: bool,
        age: u32,
    ) -> Result<(), BuildError> {
        if self.world.tenant.licenses.allotment(kind).is_none() {
            return Err(self.undefined(place, "license", kind));
        }
        let minutes = self.draw((0, 600));
        self.world.tenant.licenses.insert(LicenseAssignment {
            subject: subject.to_owned(),
            kind: kind.to_owned(),
            excess,
            created: days_before(self.world.epoch, age, minutes),
        });
        Ok(())
    }

    /// A login, and an app visit for those who hold a license.
    fn seen(&mut self, user: &str, range: (u32, u32), license: Option<&str>) {
        let (days, minutes) = (self.draw(range), self.draw((0, 700)));
        let time = days_before(self.world.epoch, days, minutes);
        let id = self.world.dice().guid();
        let kind = if days > 60 {
            SESSION_BEGIN
        } else {
            SESSION_BEGUN
        };
        let tenant = &mut self.world.tenant;
        let user = user.to_owned();
        tenant.audits.push(AuditEvent {
            id,
            time,
            kind,
            source: "com.qlik/edge-auth",
            user: user.clone(),
        });
        if let Some(kind) = license {
            let id = self.world.new_id();
            let app = self.world.dice().guid();
            let allotment = kind.to_owned();
            let visit = Consumption {
                id,
                user,
                app,
                end: time,
                duration_ms: 1_020_000,
                allotment,
            };
            self.world.tenant.consumption.push(visit);
        }
    }

    fn outsiders(&mut self, spec: &OutsiderSpec) -> Result<(), BuildError> {
        let count = if spec.named.is_empty() {
            spec.count
        } else {
            spec.named.len()
        };
        let plain = PeopleSpec::default();
        for at in 0..count {
            let person = self
                .maker
                .next(&plain, spec.named.get(at).map(String::as_str));
            self.record(&spec.user, &person, at + 1, &[])?;
        }
        Ok(())
    }

    fn orphans(&mut self, spec: &OrphanSpec) -> Result<(), BuildError> {
        let plain = PeopleSpec::default();
        for at in 0..spec.count {
            let person = self.maker.next(&plain, None);
            let subject = fill(&spec.subject, &person, at + 1);
            let age = self.draw((200, 700));
            self.license("licenses", &subject, &spec.license, spec.excess, age)?;
        }
        Ok(())
    }
}
