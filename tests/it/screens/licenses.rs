//! The Licenses screen: who holds which seat, picked, marked, staged.

use jiff::Timestamp;
use qroll::app::{Answer, Effect, Load, PeopleWish, Setup, Trouble};
use qroll::domain::{
    Completeness, Entitled, Exception, LicenseAssignment, LicenseType, LicenseWish, OtherTenant,
    PoolDay, Reading, RowKey, SeatHistory, Subject, SubscriptionModel, Target, Usage,
};
use qroll::planner::holders::{Pick, Standing};
use qroll::ports::{Kind, Problem};
use qroll::text::Raw;
use std::sync::Arc;

use super::Desk;
use super::desk::setup;
use super::world;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn approving(size: (u16, u16), groups: &[&str]) -> Setup {
    let mut setup = setup(size);
    setup.entitled = Entitled {
        groups: groups.iter().map(|group| Raw::from(*group)).collect(),
        except: vec![Exception {
            who: Raw::from("p-nobody"),
            why: Raw::from("left in May"),
            until: None,
        }],
    };
    setup
}

/// Seen: Anna, Eva; Giulia, Håkon and Zoe were not.
fn usage() -> Usage {
    Usage {
        from: at("2026-08-26T00:00:00Z"),
        until: at("2026-11-24T08:00:00Z"),
        only: None,
        last: [
            ("u-anna".into(), at("2026-11-22T08:00:00Z")),
            ("u-eva".into(), at("2026-10-01T08:00:00Z")),
        ]
        .into(),
    }
}

fn history() -> SeatHistory {
    let days = [(1, 291), (8, 294), (15, 295), (24, 298)].map(|(day, used)| {
        let pool = PoolDay {
            name: LicenseType::from("analyzer"),
            used,
            units: 300,
        };
        let day = format!("2026-11-{day:02}").parse().expect("a day");
        (day, vec![pool])
    });
    SeatHistory { days: days.into() }
}

/// The screen with `QLIK_ANALYZERS` approved, seats given in spring.
fn desk(columns: u16, rows: u16) -> Desk {
    let mut desk = Desk::unread(approving((columns, rows), &["QLIK_ANALYZERS"]));
    for seat in &mut desk.tenant.licensing.value.assignments {
        seat.created = Some(Raw::from("2026-03-02T10:00:00Z"));
    }
    desk.usage = Some(Arc::new(usage()));
    desk.history = history();
    desk.begin();
    desk.keys("2");
    desk
}

fn names(desk: &Desk) -> Vec<String> {
    let licenses = &desk.app.licenses;
    let shown = licenses.shown.iter().filter_map(|at| licenses.holder(*at));
    shown.map(|one| one.name.show().to_string()).collect()
}

fn count(desk: &Desk, pick: Pick) -> Option<usize> {
    let counts = desk.app.licenses.counts.iter();
    counts
        .filter(|(one, _)| *one == pick)
        .find_map(|(_, count)| *count)
}

/// The use read, the unused picked, one seat staged to be taken back.
fn worked(columns: u16, rows: u16) -> Desk {
    let mut desk = desk(columns, rows);
    desk.keys("L").keys("r");
    desk.keys("f3").keys("<end>").keys("d1");
    desk
}

#[test]
fn licenses_at_120x36() {
    insta::assert_snapshot!(worked(120, 36).screen());
}

#[test]
fn licenses_at_80x24() {
    insta::assert_snapshot!(worked(80, 24).screen());
}

#[test]
fn licenses_at_50x14() {
    insta::assert_snapshot!(worked(50, 14).screen());
}

#[test]
fn going_there_reads_everybody_and_the_approved_groups_once() {
    let mut desk = Desk::unread(approving((120, 36), &["QLIK_ANALYZERS", "g-pro"]));
    desk.begin();
    desk.asked.clear();
    desk.keys("2");
    let asked = |desk: &Desk, name: &str| {
        let all = desk.asked.iter().map(|effect| format!("{effect:?}"));
        all.filter(|effect| effect.starts_with(name)).count()
    };
    assert_eq!(asked(&desk, "LoadMembers"), 2, "by name and by id");
    assert_eq!(asked(&desk, "LoadPeople"), 1);
    desk.keys("1").keys("2").keys("<down><up>");
    assert_eq!(
        (asked(&desk, "LoadMembers"), asked(&desk, "LoadPeople")),
        (2, 1)
    );
    assert_eq!(count(&desk, Pick::Strangers), Some(1), "Zoe");
}

#[test]
fn who_is_a_stranger_is_told_by_approved_groups_only() {
    let mut desk = Desk::new(120, 36);
    desk.keys("2");
    assert_eq!(count(&desk, Pick::Strangers), None);
    assert!(desk.screen().contains("strangers ?"), "{}", desk.screen());
    assert!(
        desk.screen().contains("no groups are approved"),
        "{}",
        desk.screen()
    );
    desk.keys("f1");
    let said = desk.status();
    assert!(said.contains("[profile.acme.licenses] approved"), "{said}");
    assert_eq!(desk.app.licenses.pick, None);
}

#[test]
fn a_group_that_cannot_be_found_makes_no_strangers() {
    let mut desk = Desk::unread(approving((120, 36), &["QLIK_ANALYZERS", "QLIK_ANALISTS"]));
    desk.begin();
    desk.keys("2");
    let review = desk.app.licenses.review().expect("a review");
    let strangers = review
        .holders
        .iter()
        .filter(|one| one.standing == Standing::Stranger);
    assert_eq!(strangers.count(), 0);
    let screen = desk.screen();
    assert!(
        screen.contains("no approved group QLIK_ANALISTS"),
        "{screen}"
    );
}

#[test]
fn a_directory_that_was_not_read_whole_makes_no_strangers() {
    let mut desk = Desk::unread(approving((120, 36), &["QLIK_ANALYZERS"]));
    desk.hold = vec!["LoadPeople"];
    desk.begin();
    desk.keys("2");
    assert!(
        desk.screen().contains("still being read"),
        "{}",
        desk.screen()
    );
    let part = Reading {
        value: world::people(),
        proof: Completeness::Incomplete("page 3 of 5".to_owned()),
    };
    desk.tell(Answer::People(PeopleWish::All, Ok(part)));
    assert_eq!(count(&desk, Pick::Strangers), Some(0));
    let screen = desk.screen();
    assert!(
        screen.contains("not read whole: people of the directory"),
        "{screen}"
    );
    let asked = desk.asked.len();
    desk.keys("<down><up>");
    assert_eq!(
        desk.asked.len(),
        asked,
        "it is not asked for again by itself"
    );
}

#[test]
fn what_is_marked_is_taken_back_as_one_edit() {
    let mut desk = desk(120, 36);
    desk.keys("<home>  ");
    assert_eq!(desk.app.licenses.marks.len(), 2);
    desk.keys("l").keys("t");
    let taken: Vec<&Target> = desk.app.stage.staging.wishes.keys().collect();
    let wanted = ["p-anna", "p-eva"].map(|id| Target::Row(RowKey::Person(id.into())));
    assert_eq!(taken, wanted.iter().collect::<Vec<_>>());
    for wish in desk.app.stage.staging.wishes.values() {
        assert_eq!(wish.license, Some(LicenseWish::TakeBack));
    }
    assert!(desk.screen().contains("298/300 -2"), "{}", desk.screen());
    desk.keys("u");
    assert!(desk.app.stage.staging.is_empty());
    desk.keys("U").keys("x");
    assert!(desk.app.stage.staging.is_empty());
    desk.keys("U").keys("p");
    assert!(
        desk.app.stage.staging.is_empty(),
        "what was dropped anew ends the redo"
    );
}

#[test]
fn a_seat_of_an_older_subject_is_listed_and_can_be_moved() {
    let mut desk = desk(120, 36);
    desk.keys("f7");
    assert_eq!(names(&desk), ["Håkon Berg"]);
    let screen = desk.screen();
    assert!(screen.contains("on an older subject"), "{screen}");
    desk.keys("<enter>");
    let about = desk.screen();
    assert!(about.contains("CORP\\hb"), "{about}");
    assert!(about.contains("entitled by"), "{about}");
}

#[test]
fn the_look_says_first_what_it_costs_and_then_who_does_not_use_a_seat() {
    let mut desk = desk(120, 36);
    assert_eq!(count(&desk, Pick::Unused), None);
    desk.keys("f2");
    assert!(
        desk.status().contains("was not read yet"),
        "{}",
        desk.status()
    );
    desk.keys("<esc>").keys("L");
    assert!(
        desk.screen().contains("takes at most 15"),
        "{}",
        desk.screen()
    );
    desk.keys("n");
    let looked = |desk: &Desk| {
        let all = desk.asked.iter();
        all.filter(|effect| matches!(effect, Effect::LookAtUse(..)))
            .count()
    };
    assert_eq!(looked(&desk), 0);
    desk.keys("L").keys("r");
    assert_eq!(looked(&desk), 1);
    assert_eq!(count(&desk, Pick::Unused), Some(3));
    desk.keys("f2");
    assert_eq!(names(&desk), ["Giulia Rossi", "Håkon Berg", "Zoe Stranger"]);
    let screen = desk.screen();
    assert!(screen.contains("not since 26 Aug"), "{screen}");
    assert!(
        screen.contains("use known from 2026-08-26 to 2026-11-24"),
        "{screen}"
    );
}

#[test]
fn a_look_that_fails_says_why_and_changes_nothing() {
    let mut desk = desk(120, 36);
    desk.hold = vec!["LookAtUse"];
    desk.keys("L").keys("r");
    assert!(desk.app.data.loading.contains(&Load::Use));
    desk.keys("L");
    assert!(desk.status().contains("is being read"), "{}", desk.status());
    let problem = Problem::new(Kind::Auth, "the tenant refuses the audit log (403)");
    desk.tell(Answer::Used(Err(Trouble::from(problem))));
    assert!(desk.status().contains("403"), "{}", desk.status());
    assert!(!desk.app.data.loading.contains(&Load::Use));
    assert_eq!(count(&desk, Pick::Unused), None);
    assert_eq!(names(&desk).len(), 5);
}

#[test]
fn a_plan_does_not_wait_for_the_audit_log() {
    let mut desk = desk(120, 36);
    desk.hold = vec!["LookAtUse"];
    desk.keys("L").keys("r");
    desk.keys("<home>d1").keys("p");
    assert_eq!(desk.plan().operations.len(), 1);
}

#[test]
fn a_review_made_before_a_refresh_is_made_again() {
    let mut desk = desk(120, 36);
    desk.hold = vec!["Review"];
    desk.tell(Answer::Members(
        "g-ana".into(),
        Ok(world::members(&"g-ana".into(), &desk.folk)),
    ));
    assert!(desk.app.licenses.making);
    let old = desk.app.data.epoch;
    desk.keys("R");
    let found = desk.app.licenses.found.clone().expect("a review");
    desk.send(qroll::app::Message::Answer {
        epoch: old,
        answer: Answer::Reviewed(Ok(found)),
    });
    desk.release();
    assert!(!desk.app.licenses.making && !desk.app.licenses.stale);
}

#[test]
fn filter_sort_and_esc_go_back_in_order() {
    let mut desk = desk(120, 36);
    desk.keys("/eva<enter>");
    assert_eq!(names(&desk), ["Eva Fischer"]);
    desk.keys(" ").keys("<esc>");
    assert_eq!(names(&desk).len(), 5);
    desk.keys("/license:prof<enter>");
    assert_eq!(names(&desk), ["Zoe Stranger"]);
    desk.keys("<esc>").keys("f1");
    assert_eq!(names(&desk), ["Zoe Stranger"]);
    desk.keys("<esc>").keys("o5");
    assert_eq!(
        names(&desk).first().map(String::as_str),
        Some("Zoe Stranger")
    );
    assert_eq!(desk.app.licenses.marks.len(), 1);
    desk.keys("<esc>");
    assert!(desk.app.licenses.marks.is_empty());
    desk.keys("<esc>");
    assert_eq!(desk.app.screen, qroll::app::Screen::Roster);
}

#[test]
fn when_seats_run_out_those_that_nobody_uses_are_one_key_away() {
    let mut desk = desk(120, 36);
    desk.keys("L").keys("r").keys("1");
    // Eight want professional, and nobody gives any back.
    desk.tenant.licensing.value.allotments[0].used = 199;
    desk.keys("R").keys("<home><down> lp");
    assert!(!desk.app.derived.outlook.meters()[0].short.is_empty());
    desk.keys("w").keys("t");
    assert_eq!(desk.app.screen, qroll::app::Screen::Licenses);
    assert_eq!(desk.app.licenses.pick, Some(Pick::ToTakeBack));
    let screen = desk.screen();
    assert!(screen.contains("not fit: w chooses"), "{screen}");
    insta::assert_snapshot!(screen);
}

#[test]
fn a_capacity_tenant_has_no_table_of_seats_and_says_where_the_gate_is() {
    let mut desk = Desk::unread(approving((120, 36), &["QLIK_ANALYZERS"]));
    let licensing = &mut desk.tenant.licensing.value;
    licensing.model = SubscriptionModel::Capacity;
    licensing.assignments.clear();
    licensing.auto_assign = None;
    licensing.allotments.truncate(1);
    licensing.allotments[0].name = LicenseType::from("users");
    licensing.allotments[0].units = 500;
    licensing.allotments[0].used = 488;
    desk.begin();
    desk.keys("2");
    insta::assert_snapshot!(desk.screen());
    desk.keys("l");
    assert!(desk.app.dialogs.is_empty(), "nothing to choose from");
    assert!(!desk.status().is_empty(), "and it says why");
}

#[test]
fn names_from_outside_cannot_reach_the_screen_raw() {
    let mut desk = Desk::unread(approving((120, 36), &["QLIK_ANALYZERS"]));
    for user in &mut desk.tenant.users.value {
        Arc::make_mut(user).name = Raw::from("\u{1b}[2J\u{202e}evil\nname");
    }
    for seat in &mut desk.tenant.licensing.value.assignments {
        seat.license = Some(LicenseType::from("ana\u{1b}[31mlyzer"));
    }
    desk.begin();
    desk.keys("2").keys("<end>").keys("<enter>");
    let screen = desk.screen();
    assert!(
        !screen.contains('\u{1b}') && !screen.contains('\u{202e}'),
        "{screen:?}"
    );
}

#[test]
fn what_is_shown_is_what_is_exported() {
    let mut desk = desk(120, 36);
    desk.keys("f1").keys("e").keys("c");
    let written = desk.asked.iter().rev().find_map(|effect| match effect {
        Effect::Write(_, name, content) => Some((name.clone(), content.clone())),
        _ => None,
    });
    let (name, content) = written.expect("a file");
    assert!(
        name.starts_with("licenses-2") && name.contains(".csv"),
        "{name}"
    );
    assert_eq!(
        content,
        "name,mail,subject,license,since,last_use,entitled_by,note\r\n\
         Zoe Stranger,zoe@else.example,p-zoe,professional,2026-03-02,,nothing: a stranger,not in the directory\r\n"
    );
}

#[test]
fn exceptions_that_fit_nobody_are_named() {
    let desk = desk(120, 36);
    let screen = desk.screen();
    assert!(screen.contains("p-nobody"), "{screen}");
}

/// Two seats of nobody here besides: `SOUTH\a` is a user in South when that is known.
fn orphaned(others: Vec<OtherTenant>) -> Desk {
    let mut desk = Desk::unread(approving((120, 36), &["QLIK_ANALYZERS"]));
    for subject in ["CORP\\left", "SOUTH\\a"] {
        let seat = LicenseAssignment {
            subject: Subject::from(subject),
            license: Some(LicenseType::from("analyzer")),
            excess: false,
            created: None,
        };
        desk.tenant.licensing.value.assignments.push(seat);
    }
    desk.tenant.others = others;
    desk.begin();
    desk.keys("2").keys("f3").keys("4");
    let left = names(&desk).iter().position(|name| name == "CORP\\left");
    let down = "<down>".repeat(left.expect("it is among the orphans"));
    desk.keys(&format!("<home>{down}"));
    desk
}

#[test]
fn a_seat_that_another_tenant_uses_can_be_neither_marked_nor_taken() {
    let south = OtherTenant {
        name: "South".to_owned(),
        subjects: Reading::proven(["south\\a".to_owned()].into(), "all pages"),
    };
    let mut desk = orphaned(vec![south]);
    let screen = desk.screen();
    assert!(screen.contains("used in South"), "{screen}");
    desk.keys("  ");
    let marks: Vec<&RowKey> = desk.app.licenses.marks.iter().collect();
    assert_eq!(marks, [&RowKey::Seat(Subject::from("CORP\\left"))]);
    assert!(
        desk.screen().contains("nothing is taken from here"),
        "{}",
        desk.screen()
    );
    desk.app.licenses.marks.clear();
    desk.keys("l").keys("t");
    assert!(desk.app.stage.staging.is_empty(), "{}", desk.screen());
    let said = "used in South: it is taken back there";
    assert!(desk.screen().contains(said), "{}", desk.screen());
}

#[test]
fn what_cannot_be_told_is_taken_back_when_its_number_is_typed() {
    let mut desk = orphaned(Vec::new());
    desk.keys("l").keys("t").keys("p");
    assert!(desk.plan().orphans.is_empty(), "{}", desk.screen());
    desk.keys("!");
    let screen = desk.screen();
    assert!(
        screen.contains("Take seats back that another tenant may use?"),
        "{screen}"
    );
    assert!(screen.contains("would lose their license"), "{screen}");
    desk.keys("x");
    let screen = desk.screen();
    assert!(screen.contains("(the seats)"), "{screen}");
    assert!(
        screen.contains("no other tenant of the license is configured"),
        "{screen}"
    );
    desk.keys("2<enter>");
    assert_eq!(
        desk.app.stage.staging.allowed.orphans, None,
        "another number"
    );
    desk.keys("<bs>1<enter>");
    assert_eq!(desk.app.stage.staging.allowed.orphans, Some(1));
    desk.keys("u");
    assert_eq!(
        desk.app.stage.staging.allowed.orphans, None,
        "and can be undone"
    );
}

#[test]
fn a_log_that_was_not_read_whole_proposes_nobody() {
    let mut desk = desk(120, 36);
    desk.gap = Some("the log has no sign-in".to_owned());
    desk.keys("L").keys("r");
    assert!(
        desk.status().contains("not read whole"),
        "{}",
        desk.status()
    );
    for pick in [Pick::Unused, Pick::ToTakeBack] {
        assert_eq!(count(&desk, pick), None);
    }
    desk.keys("f3");
    assert!(
        desk.status().contains("the log has no sign-in"),
        "{}",
        desk.status()
    );
    assert_eq!(desk.app.licenses.pick, None);
}

#[test]
fn a_longer_time_than_is_known_cannot_be_told() {
    let mut desk = desk(120, 36);
    desk.keys("L").keys("r");
    desk.keys("fd");
    assert_eq!(count(&desk, Pick::Unused), None);
    let screen = desk.screen();
    assert!(screen.contains("unused 180 d ?"), "{screen}");
    assert!(screen.contains("less than 180 days"), "{screen}");
}

#[test]
fn nobody_is_proposed_who_was_not_asked_what_they_own() {
    let mut desk = desk(120, 36);
    desk.asks_owned = false;
    desk.keys("L").keys("r");
    assert_eq!(count(&desk, Pick::Unused), Some(3));
    assert_eq!(count(&desk, Pick::ToTakeBack), Some(0));
}

/// Eva holds a second seat, in excess.
fn with_second_seat() -> Desk {
    let mut desk = Desk::unread(approving((120, 36), &["QLIK_ANALYZERS"]));
    let mut second = desk.tenant.licensing.value.assignments[1].clone();
    second.license = Some(LicenseType::from("professional"));
    second.excess = true;
    desk.tenant.licensing.value.assignments.push(second);
    desk.begin();
    desk.keys("2");
    desk
}

#[test]
fn seats_that_are_not_shown_are_not_taken_with_those_that_are() {
    let mut desk = with_second_seat();
    desk.keys("f5");
    assert_eq!(names(&desk), ["Eva Fischer"]);
    desk.keys("*");
    assert!(desk.app.licenses.marks.is_empty(), "{}", desk.status());
    assert!(desk.status().contains("1 is left out"), "{}", desk.status());
    // Meant singly, it is said what it means.
    desk.keys(" ");
    assert!(desk.status().contains("holds 2 seats"), "{}", desk.status());
    assert_eq!(desk.app.licenses.marks.len(), 1);
}

#[test]
fn what_is_staged_for_groups_is_not_dropped_from_the_seats() {
    let mut desk = Desk::unread(approving((120, 36), &["QLIK_ANALYZERS"]));
    desk.begin();
    desk.keys("<down> ").keys("<down>-").keys("la");
    assert!(!desk.app.stage.staging.is_empty(), "{}", desk.screen());
    desk.keys("2").keys("x");
    assert!(!desk.app.stage.staging.is_empty(), "{}", desk.status());
}

#[test]
fn a_mend_in_the_dialog_is_about_whom_it_tells() {
    let mut desk = Desk::new(120, 36);
    desk.keys("<down> <tab>").keys("<home>  ");
    assert_eq!(desk.app.roster.marks.len(), 2);
    desk.keys("/chloe<enter>").keys("<enter>").keys("n");
    let wished: Vec<&Target> = desk.app.stage.staging.wishes.keys().collect();
    assert_eq!(wished, [&Target::Row(RowKey::Person("p-chloe".into()))]);
    assert_eq!(desk.app.roster.marks.len(), 2, "and marks stay");
}

#[test]
fn an_accepted_match_is_settled_here_too() {
    let mut desk = desk(120, 36);
    desk.keys("f7").keys("=");
    desk.keys("y");
    assert_eq!(
        desk.app.stage.staging.accepted.len(),
        1,
        "{}",
        desk.screen()
    );
    let holder = desk.app.licenses.current().expect("Håkon");
    assert!(matches!(holder.standing, Standing::Member(_)), "{holder:?}");
}

#[test]
fn enter_on_a_space_reads_it_though_the_cursor_did_not_rest() {
    let mut desk = Desk::new(120, 36);
    desk.keys("3").keys("<home>");
    desk.quick("<down><enter>");
    desk.rest();
    assert!(
        desk.app.data.loading.is_empty(),
        "{:?}",
        desk.app.data.loading
    );
}

#[test]
fn marks_that_are_not_shown_are_told_in_the_question() {
    let mut desk = desk(120, 36);
    desk.keys("*").keys("f1").keys("l");
    let screen = desk.screen();
    assert!(
        screen.contains("License for 5 marked rows, 4 of them not shown here"),
        "{screen}"
    );
}

#[test]
fn nobody_is_said_to_be_skipped_of_whom_a_seat_is_taken() {
    let mut desk = desk(120, 36);
    desk.keys("*").keys("l").keys("t");
    assert!(!desk.status().contains("skipped"), "{}", desk.status());
}

#[test]
fn nobody_is_marked_while_it_is_not_known_whose_seats_these_are() {
    let mut desk = Desk::unread(approving((120, 36), &["QLIK_ANALYZERS"]));
    desk.hold = vec!["LoadPeople"];
    desk.begin();
    desk.keys("2").keys(" ");
    assert!(
        desk.status().contains("still being read"),
        "{}",
        desk.status()
    );
    desk.keys("d");
    assert!(desk.app.dialogs.is_empty() && desk.app.licenses.marks.is_empty());
    desk.release();
    desk.keys(" ");
    assert_eq!(desk.app.licenses.marks.len(), 1);
}

#[test]
fn a_seat_that_is_being_taken_back_does_not_count_as_a_way_in() {
    let mut desk = desk(120, 36);
    desk.keys("/anna<enter>").keys("d1").keys("k");
    let screen = desk.screen();
    assert!(screen.contains("it is being taken back"), "{screen}");
    assert!(screen.contains("0 would get in"), "{screen}");
}

#[test]
fn groups_that_come_last_make_the_review_anew() {
    let mut desk = Desk::unread(approving((120, 36), &["QLIK_ANALYZERS"]));
    desk.hold = vec!["LoadGroups"];
    desk.begin();
    desk.keys("2");
    assert_eq!(count(&desk, Pick::Strangers), None, "{}", desk.screen());
    desk.release();
    assert_eq!(count(&desk, Pick::Strangers), Some(1));
}
