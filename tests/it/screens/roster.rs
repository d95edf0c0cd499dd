use super::Desk;
use super::desk::setup;
use qroll::app::{Answer, Pane, Trouble};
use qroll::ports::Kind;

/// The group marked, license and space staged on it, the older subject accepted.
fn staged(columns: u16, rows: u16) -> Desk {
    let mut desk = Desk::new(columns, rows);
    desk.keys("<down> la");
    desk.keys("sfin<enter>").keys("<enter>");
    desk.keys("<tab>/hakon<enter>=<esc><home>");
    desk
}

#[test]
fn roster_at_120x36() {
    insta::assert_snapshot!(staged(120, 36).screen());
}

#[test]
fn roster_at_80x24() {
    insta::assert_snapshot!(staged(80, 24).screen());
}

#[test]
fn roster_at_50x16() {
    insta::assert_snapshot!(staged(50, 16).screen());
}

#[test]
fn the_right_pane_takes_the_place_of_the_left_one_at_80x24() {
    let mut desk = staged(80, 24);
    desk.keys("<tab>");
    assert_eq!(desk.app.roster.pane, Pane::Detail);
    insta::assert_snapshot!(desk.screen());
}

#[test]
fn groups_of_a_rule_and_groups_of_administrators_are_marked() {
    let mut desk = Desk::unread(setup((120, 36)));
    for group in &mut desk.groups {
        group.dynamic = group.id.expose() == "g-sales";
        group.role_assignable = ["g-sales", "g-pro"].contains(&group.id.expose());
    }
    desk.begin();
    let screen = desk.screen();
    let line = |name: &str| {
        let line = screen.lines().find(|line| line.contains(name));
        let line = line.unwrap_or_else(|| panic!("{name}: {screen}"));
        line.split('│')
            .next()
            .unwrap_or_default()
            .trim_end()
            .to_owned()
    };
    assert!(line("] Sales").ends_with("dyn role 640"), "{screen}");
    assert!(line("] QLIK_PRO").ends_with("role 1"), "{screen}");
    assert!(!line("] QLIK_ANALYZERS").contains("role"), "{screen}");
}

#[test]
fn without_utf8_everything_is_ascii() {
    let mut plain = setup((120, 30));
    plain.capabilities.unicode = false;
    let mut desk = Desk::with(plain);
    desk.keys("<down> la");
    let screen = desk.screen();
    assert!(screen.is_ascii(), "{screen}");
    assert!(screen.contains("Bj\\u{f6}rn"), "{screen}");
}

#[test]
fn filters_narrow_and_esc_goes_back_in_order() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> <tab>");
    assert_eq!(desk.app.roster.shown.len(), 8);
    desk.keys("/eva<enter> ");
    assert_eq!(desk.app.roster.shown.len(), 1);
    assert_eq!(desk.app.roster.marks.len(), 1);
    desk.keys("<esc>");
    assert_eq!(desk.app.roster.shown.len(), 8, "first the filter");
    assert_eq!(desk.app.roster.marks.len(), 1);
    desk.keys("<esc>");
    assert!(desk.app.roster.marks.is_empty(), "then the marks");
    desk.keys("/qlik:none !dir:disabled<enter>");
    assert_eq!(desk.app.roster.shown.len(), 4);
    desk.keys("<esc>f1");
    assert_eq!(desk.app.roster.shown.len(), 4, "preset: no user");
}

#[test]
fn ranges_and_all() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> <tab>v<down><down>v");
    assert_eq!(desk.app.roster.marks.len(), 3);
    desk.keys("*");
    assert_eq!(desk.app.roster.marks.len(), 8);
    desk.keys("*");
    assert!(desk.app.roster.marks.is_empty());
}

#[test]
fn later_screens_say_so() {
    let mut desk = Desk::new(120, 36);
    desk.keys("4");
    assert!(desk.status().contains("later version"), "{}", desk.status());
}

#[test]
fn a_key_that_cannot_work_says_why() {
    let mut desk = Desk::new(120, 36);
    desk.keys("p");
    assert!(
        desk.status().contains("nothing is staged"),
        "{}",
        desk.status()
    );
    desk.keys("u");
    assert!(
        desk.status().contains("nothing to undo"),
        "{}",
        desk.status()
    );
    desk.keys("w");
    assert!(desk.status().contains("seats suffice"), "{}", desk.status());
}

#[test]
fn the_inspector_and_the_dialog_about_a_row() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> <tab>/hakon<enter><enter>");
    let screen = desk.screen();
    assert!(screen.contains("same person"), "{screen}");
    insta::assert_snapshot!(screen);
    desk.keys("<enter>");
    assert_eq!(desk.app.stage.staging.accepted.len(), 1);
    desk.keys("u");
    assert!(desk.app.stage.staging.accepted.is_empty());
}

#[test]
fn a_list_of_addresses_becomes_the_selection_and_unknown_ones_are_named() {
    let mut desk = Desk::new(120, 36);
    desk.keys("g");
    desk.event(crossterm::event::Event::Paste(
        "Anna <anna.andersson@corp.example>,\nnobody@corp.example".to_owned(),
    ));
    desk.keys("<enter>");
    let screen = desk.screen();
    assert!(screen.contains("nobody@corp.example"), "{screen}");
    desk.keys("<esc>");
    assert_eq!(desk.app.roster.marks.len(), 1);
    assert_eq!(desk.app.roster.shown.len(), 1);
    desk.keys("<esc><esc>");
    assert!(desk.app.roster.listed.is_none());
}

#[test]
fn an_unread_source_shows_a_banner_with_the_cause() {
    let mut desk = Desk::new(120, 36);
    desk.hold.push("LoadMembers");
    desk.keys("<down> ");
    desk.fail_members(
        "g-ana",
        Trouble {
            kind: Kind::Denied,
            text: "Graph refused /groups".to_owned(),
            hints: vec!["grant GroupMember.Read.All".to_owned()],
        },
    );
    let screen = desk.screen();
    assert!(
        screen.contains("members of QLIK_ANALYZERS not read: Graph refused /groups"),
        "{screen}"
    );
}

#[test]
fn a_tenant_that_could_not_be_read_says_all_about_it_in_the_middle() {
    let mut desk = Desk::unread(setup((120, 36)));
    desk.hold.push("LoadTenant");
    desk.begin();
    desk.tell(Answer::Tenant(Err(Trouble {
        kind: Kind::Denied,
        text: "the tenant does not know this API key".to_owned(),
        hints: vec!["make a new key".to_owned(), "then qroll auth".to_owned()],
    })));
    let screen = desk.screen();
    for words in ["could not be read", "make a new key", "then qroll auth"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    assert!(!screen.contains("reading the tenant"), "{screen}");
}

#[test]
fn a_group_not_read_yet_says_so() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down>");
    let screen = desk.screen();
    assert!(screen.contains("not read yet: Enter reads it"), "{screen}");
    assert!(!screen.contains("0 people"), "{screen}");
}

#[test]
fn an_answer_of_an_older_epoch_is_dropped() {
    let mut desk = Desk::new(120, 36);
    let users = desk.app.data.snapshot.tenant.users.value.len();
    let mut other = desk.tenant.clone();
    other.users.value.clear();
    desk.send(qroll::app::Message::Answer {
        epoch: qroll::app::Epoch(0),
        answer: Answer::Tenant(Ok(std::sync::Arc::new(other))),
    });
    assert_eq!(desk.app.data.snapshot.tenant.users.value.len(), users);
}

#[test]
fn find_asks_the_directory_while_not_everybody_is_known() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<tab>/chlo<enter>");
    assert!(desk.screen().contains("Chloé Dubois"), "{}", desk.screen());
}

#[test]
fn whoever_was_not_read_yet_is_not_called_gone() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<tab><enter>");
    let screen = desk.screen();
    assert!(screen.contains("nobody of those read so far"), "{screen}");
    // Everybody is read, and who is in nobody's list is nobody.
    desk.folk.clear();
    desk.keys("<esc><s-tab><home><enter><tab><enter>");
    let screen = desk.screen();
    assert!(screen.contains("nobody found there"), "{screen}");
}
