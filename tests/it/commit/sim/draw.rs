//! A random plan with the world that it was made against: at least fifty operations of every kind, in
//! the chains that the planner makes, with pools that are too small, batches, records that collide,
//! and people whom nothing may be taken from.

use qroll::commit::Settings;
use qroll::domain::{
    Assignee, AutoAssign, Change, Guards, RolesState, SpaceRole, UserDraft, UserState, UserStatus,
};
use qroll::text::Raw;
use std::collections::BTreeMap;

use super::dice::Dice;
use crate::commit::plans::{Draft, place, state};

/// A plan, its world, and how it is run.
pub(super) struct Case {
    pub(super) draft: Draft,
    pub(super) settings: Settings,
}

/// Where in a plan an operation stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Switch,
    Groups,
    Strip,
    Free,
    Create,
    Move,
    Change,
    Seat,
    Rows,
    Rights,
    End,
}

struct Wish {
    stage: Stage,
    chapter: u64,
    change: Change,
    needs: Vec<usize>,
}

#[derive(Default)]
struct Lot {
    draft: Draft,
    wishes: Vec<Wish>,
    number: u64,
    protected: Vec<Raw>,
}

/// Draws one.
pub(super) fn draw(dice: &Dice) -> Case {
    let mut lot = Lot::default();
    if dice.chance(300) {
        lot.switch();
    }
    let wanted = dice.between(50, 75);
    while (lot.wishes.len() as u64) < wanted {
        lot.number += 1;
        match dice.below(20) {
            0..=7 => lot.joiner(dice),
            8..=10 => lot.leaver(dice),
            11..=12 => lot.mover(dice),
            13..=14 => lot.riser(dice),
            15..=18 => lot.staff(dice),
            _ => lot.group(dice),
        }
    }
    lot.pools(dice);
    let mut guards = Guards {
        allow_delete: dice.chance(800),
        ..Guards::default()
    };
    guards.protected.append(&mut lot.protected);
    let batch = *dice.pick(&[1, 2, 5, 50]).unwrap_or(&50);
    let settings = Settings {
        writes: usize::try_from(dice.between(1, 6)).unwrap_or(1),
        reads: usize::try_from(dice.between(1, 8)).unwrap_or(1),
        batch,
        guards,
        verify_only: None,
        discard: false,
    };
    Case {
        draft: lot.arranged(dice),
        settings,
    }
}

impl Lot {
    fn wish(&mut self, stage: Stage, change: Change, needs: &[usize]) -> usize {
        self.wishes.push(Wish {
            stage,
            chapter: self.number,
            change,
            needs: needs.to_vec(),
        });
        self.wishes.len() - 1
    }

    fn subject(&self, dice: &Dice, what: &str) -> String {
        let number = self.number;
        match dice.below(3) {
            0 => format!("CORP\\{}{number}", what.to_uppercase()),
            _ => format!("{what}{number}"),
        }
    }

    fn switch(&mut self) {
        let before = AutoAssign {
            professional: false,
            analyzer: true,
        };
        self.draft.world.auto_assign = before;
        let after = AutoAssign::default();
        self.wish(Stage::Switch, Change::SetAutoAssign { before, after }, &[]);
    }

    fn joiner(&mut self, dice: &Dice) {
        let subject = self.subject(dice, "new");
        let email = format!("new{}@corp.example", self.number);
        let after = UserDraft {
            name: Raw::from(format!("Name of {subject}")),
            email: dice.chance(900).then(|| Raw::from(email.as_str())),
            roles: if dice.chance(200) {
                vec!["role-1".into()]
            } else {
                Vec::new()
            },
            person: subject.as_str().into(),
        };
        self.collision(dice, &subject, &after);
        let create = Change::CreateUser {
            subject: subject.as_str().into(),
            before: (),
            after,
        };
        let made = self.wish(Stage::Create, create, &[]);
        let mut needs = vec![made];
        if dice.chance(800) {
            let license = if dice.chance(700) {
                "analyzer"
            } else {
                "professional"
            };
            if dice.chance(40) {
                self.draft.world.add_seat(&subject, license);
            } else if dice.chance(20) {
                self.draft.world.add_seat(&subject, "professional");
            }
            let add = Change::AddLicense {
                subject: subject.as_str().into(),
                before: (),
                after: state(&subject, license),
            };
            let seated = self.wish(Stage::Seat, add, &[made]);
            if dice.chance(300) {
                needs.push(seated);
            }
        }
        for number in 0..dice.below(3) {
            let who = Assignee::NewUser(subject.as_str().into());
            self.row(&format!("s{number}"), who, &needs);
        }
    }

    /// Sometimes the record is there already, in this or another form, or its e-mail is taken.
    fn collision(&mut self, dice: &Dice, subject: &str, draft: &UserDraft) {
        let world = &mut self.draft.world;
        let email = draft.email.as_ref().map(Raw::expose);
        let id = format!("there-{subject}");
        match dice.below(30) {
            0 => world.add_user(&id, &format!("other-{subject}"), email),
            1 => {
                world.add_user(&id, subject, email);
                let user = world.users.get_mut(&id.as_str().into());
                let user = user.expect("just added");
                user.name = draft.name.clone();
                user.roles.clone_from(&draft.roles);
            }
            2 => world.add_user(&id, subject, Some("elsewhere@corp.example")),
            _ => {}
        }
    }

    fn row(&mut self, space: &str, who: Assignee, needs: &[usize]) {
        let add = Change::AddSpaceAssignment {
            target: place(space, who, None),
            before: (),
            after: vec!["consumer".into()],
        };
        self.wish(Stage::Rows, add, needs);
    }

    fn leaver(&mut self, dice: &Dice) {
        let subject = self.subject(dice, "leaver");
        let user = self.draft.existing_user(&subject);
        if dice.chance(100) {
            self.protected.push(Raw::from(subject.as_str()));
        }
        let mut needs = Vec::new();
        if dice.chance(600) {
            let target = self.draft.existing_row("s-old", &user);
            let strip = Change::RemoveSpaceAssignment {
                target,
                before: vec!["consumer".into()],
                after: (),
            };
            needs.push(self.wish(Stage::Strip, strip, &[]));
        }
        if dice.chance(700) {
            self.draft.world.add_seat(&subject, "analyzer");
            let free = Change::RemoveLicense {
                subject: subject.as_str().into(),
                before: state(&subject, "analyzer"),
                after: (),
            };
            needs.push(self.wish(Stage::Free, free, &[]));
        }
        let before = UserState {
            name: user.name.clone(),
            status: UserStatus::Active,
        };
        match dice.below(10) {
            0..=4 => {
                let after = UserState {
                    status: UserStatus::Disabled,
                    ..before.clone()
                };
                let target = user;
                let disable = Change::DisableUser {
                    target,
                    before,
                    after,
                };
                self.wish(Stage::End, disable, &needs);
            }
            5..=7 => {
                let delete = Change::DeleteUser {
                    target: user,
                    before,
                    after: (),
                };
                self.wish(Stage::End, delete, &needs);
            }
            _ => {}
        }
    }

    fn mover(&mut self, dice: &Dice) {
        let subject = self.subject(dice, "mover");
        let old = format!("old-{subject}");
        self.draft.world.add_seat(&old, "professional");
        let moved = Change::MoveLicense {
            subject: subject.as_str().into(),
            before: state(&old, "professional"),
            after: state(&subject, "professional"),
        };
        self.wish(Stage::Move, moved, &[]);
    }

    fn riser(&mut self, dice: &Dice) {
        let subject = self.subject(dice, "riser");
        let (from, to) = if dice.chance(700) {
            ("analyzer", "professional")
        } else {
            ("professional", "analyzer")
        };
        if dice.chance(100) {
            self.protected.push(Raw::from(subject.as_str()));
        }
        self.draft.world.add_seat(&subject, from);
        let change = Change::ChangeLicense {
            subject: subject.as_str().into(),
            before: state(&subject, from),
            after: state(&subject, to),
        };
        self.wish(Stage::Change, change, &[]);
    }

    fn staff(&mut self, dice: &Dice) {
        let subject = self.subject(dice, "staff");
        let user = self.draft.existing_user(&subject);
        match dice.below(5) {
            0 => {
                let target = self.draft.existing_row("s-old", &user);
                let after: Vec<SpaceRole> = if dice.chance(500) {
                    vec!["consumer".into(), "producer".into()]
                } else {
                    vec!["publisher".into()]
                };
                let change = Change::ChangeSpaceAssignment {
                    target,
                    before: vec!["consumer".into()],
                    after,
                };
                self.wish(Stage::Rows, change, &[]);
            }
            1 => {
                let before = UserState {
                    name: user.name.clone(),
                    status: UserStatus::Active,
                };
                let after = UserState {
                    name: Raw::from(format!("New name of {subject}")),
                    ..before.clone()
                };
                let rename = Change::UpdateUser {
                    target: user,
                    before,
                    after,
                };
                self.wish(Stage::Rights, rename, &[]);
            }
            2 => self.row(&format!("s{}", dice.below(3)), Assignee::User(user.id), &[]),
            _ => {
                let before = RolesState { roles: Vec::new() };
                let after = RolesState {
                    roles: vec!["role-1".into()],
                };
                let roles = Change::SetRoles {
                    target: user,
                    before,
                    after,
                };
                self.wish(Stage::Rights, roles, &[]);
            }
        }
    }

    fn group(&mut self, dice: &Dice) {
        let name = format!("QLIK_{}", self.number);
        let create = Change::CreateGroup {
            target: Raw::from(name.as_str()),
            before: (),
            after: Raw::from(name.as_str()),
        };
        let made = self.wish(Stage::Groups, create, &[]);
        for number in 0..dice.between(1, 3) {
            let who = Assignee::NewGroup(Raw::from(name.as_str()));
            self.row(&format!("s{number}"), who, &[made]);
        }
    }

    /// Seats bought: endless, enough, or a few too few; some subjects are refused all the same.
    fn pools(&mut self, dice: &Dice) {
        for license in ["analyzer", "professional"] {
            if dice.chance(500) {
                continue;
            }
            let seats = self.draft.world.seats.values();
            let used = seats
                .filter(|seat| seat.license.expose() == license)
                .count() as u64;
            let units = used + dice.below(25);
            let units = i64::try_from(units).unwrap_or(i64::MAX);
            self.draft.world.pools.insert(license.to_owned(), units);
        }
        if dice.chance(200) {
            self.draft
                .world
                .refused
                .push(format!("new{}", dice.between(1, 9)));
        }
        if dice.chance(200) {
            let most = usize::try_from(dice.between(1, 8)).unwrap_or(1);
            self.draft.world.largest = most;
        }
    }

    /// In the order of the planner, or person by person; neighbours in any order.
    fn arranged(mut self, dice: &Dice) -> Draft {
        let mut order: Vec<usize> = (0..self.wishes.len()).collect();
        if dice.chance(800) {
            dice.shuffle(&mut order);
            order.sort_by_key(|this| self.wishes[*this].stage);
        } else {
            order.sort_by_key(|this| (self.wishes[*this].chapter, self.wishes[*this].stage));
        }
        let mut names: BTreeMap<usize, String> = BTreeMap::new();
        for this in order {
            let wish = &self.wishes[this];
            let needs: Vec<&str> = wish
                .needs
                .iter()
                .filter_map(|need| names.get(need).map(String::as_str))
                .collect();
            assert_eq!(needs.len(), wish.needs.len(), "needs stand before");
            let name = self.draft.add(wish.change.clone(), &needs);
            names.insert(this, name);
        }
        self.draft
    }
}
