//! Whoever cannot be joined without a guess is shown with both records: several users for one person,
//! one user for several people, a mailbox or a subject that people share; whatever their status.

use qroll::domain::{Subject, UserStatus};
use std::sync::Arc;

use super::Desk;
use super::desk::setup;
use super::world::{person, user};

/// The desk with more users and people, and everybody in the group.
fn desk(size: (u16, u16), change: impl FnOnce(&mut Desk)) -> Desk {
    let mut desk = Desk::unread(setup(size));
    change(&mut desk);
    desk.begin();
    desk.keys("<down> <tab>");
    desk
}

fn add(desk: &mut Desk, id: &str, subject: &str, mail: &str, status: UserStatus) {
    let name = format!("Record {id}");
    let user = user(id, subject, &name, mail, status);
    desk.tenant.users.value.push(user);
}

/// All about somebody, found by the filter.
fn about(desk: &mut Desk, name: &str) -> String {
    desk.keys(&format!("/{name}<enter><enter>")).screen()
}

fn two_users(desk: &mut Desk) {
    add(
        desk,
        "u-1",
        "p-bjorn",
        "bjorn@else.example",
        UserStatus::Active,
    );
    add(
        desk,
        "u-2",
        "P-BJORN",
        "bjorn.ivanova@corp.example",
        UserStatus::Disabled,
    );
}

#[test]
fn several_users_for_one_person_are_shown_at_every_size() {
    for (columns, rows) in [(120, 36), (80, 24), (60, 20)] {
        let mut desk = desk((columns, rows), two_users);
        let list = desk.screen();
        assert!(list.contains("! Bj"), "{list}");
        let mut screen = about(&mut desk, "bjo");
        if rows == 20 {
            assert!(screen.contains("both sides of the conflict"), "{screen}");
            screen = desk.keys("b").screen();
        } else {
            assert!(screen.contains("2 users fit this person"), "{screen}");
        }
        for part in ["Record u-1", "p-bjorn", "P-BJORN", "disabled"] {
            assert!(screen.contains(part), "{part}: {screen}");
        }
        if rows != 20 {
            insta::assert_snapshot!(format!("two_users_{columns}x{rows}"), screen);
        }
    }
}

#[test]
fn a_plan_names_both_records() {
    let mut desk = desk((120, 36), two_users);
    desk.keys("<tab><tab>lap");
    let plan = desk.plan();
    let finding = plan
        .findings
        .iter()
        .find(|one| one.who.expose().contains("Björn"))
        .expect("a finding");
    assert_eq!(
        finding.text.expose(),
        "2 users fit; skipped: user p-bjorn (active), user P-BJORN (disabled)"
    );
}

#[test]
fn people_who_share_a_mailbox_are_shown_with_the_user_of_it_whatever_its_status() {
    for status in [
        UserStatus::Active,
        UserStatus::Invited,
        UserStatus::Disabled,
    ] {
        let word = status.word().to_owned();
        let mut desk = desk((120, 36), |desk| {
            for one in &mut desk.folk {
                if ["p-bjorn", "p-chloe"].contains(&one.id.expose()) {
                    Arc::make_mut(one).mail = Some("Desk@corp.example".into());
                }
            }
            add(desk, "u-desk", "CORP\\desk", "desk@corp.example", status);
        });
        let screen = about(&mut desk, "chlo");
        for part in [
            "2 people share this mailbox",
            "- person",
            "Björn Ivanova",
            "CORP\\desk",
            &word,
        ] {
            assert!(screen.contains(part), "{part}: {screen}");
        }
    }
}

#[test]
fn one_user_for_several_people_is_shown_with_all_of_them() {
    let mut desk = desk((120, 36), |desk| {
        // Her subject and his mail.
        add(
            desk,
            "u-1",
            "p-chloe",
            "bjorn.ivanova@corp.example",
            UserStatus::Active,
        );
    });
    let screen = about(&mut desk, "bjo");
    for part in [
        "2 people fit this user",
        "Chloé Dubois",
        "Record u-1",
        "subject p-chloe",
    ] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    assert!(
        !desk.keys("<esc>=").status().contains("accepted"),
        "a conflict is never guessed"
    );
}

#[test]
fn people_who_would_get_one_subject_are_shown() {
    let mut with = setup((120, 36));
    let template = qroll::planner::SubjectTemplate::parse("{upn}").expect("a template");
    with.rule = qroll::planner::IdentityRule::new(template);
    let mut desk = Desk::unread(with);
    let mut twin = person("p-twin", "Anna Twin");
    twin.upn = Some("ANNA.andersson@corp.example".into());
    desk.folk.push(Arc::new(twin));
    desk.begin();
    desk.keys("<down> <tab>");
    let screen = about(&mut desk, "twin");
    for part in [
        "2 people get this same subject",
        "Anna Andersson",
        "id p-twin",
    ] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
}

#[test]
fn other_capitals_and_an_older_subject_are_explained() {
    let mut desk = desk((120, 36), |desk| {
        let users = desk.tenant.users.value.iter_mut();
        for user in users.filter(|user| user.id.expose() == "u-anna") {
            Arc::make_mut(user).subject = Subject::from("P-Anna");
        }
    });
    let screen = about(&mut desk, "anna");
    assert!(
        screen.contains("p-anna; Qlik writes P-Anna: the same but for capitals"),
        "{screen}"
    );
    desk.keys("<esc><esc>");
    let screen = about(&mut desk, "hakon");
    for part in [
        "Qlik knows CORP\\hb, the person will sign in",
        "no second seat",
    ] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    insta::assert_snapshot!("same_person", screen);
}

#[test]
fn the_preset_shows_conflicts_only() {
    let mut desk = desk((120, 36), two_users);
    desk.keys("f5");
    let rows = desk.app.roster.shown.len();
    assert_eq!(rows, 2, "Björn and the candidate Håkon: {}", desk.screen());
}
