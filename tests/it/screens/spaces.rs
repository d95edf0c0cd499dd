//! The Spaces screen: who may what where, changed as everything else is.

use qroll::app::{Effect, Fate, Pane};
use qroll::domain::{
    Assignee, AssignmentId, Change, FindingCode, Group, GroupId, GroupProvider, Operation, Reading,
    SpaceAssignment, SpaceId, SpaceRole, SpaceType, SpaceWish, Target, User, UserId,
};
use qroll::text::{Raw, show_str};
use std::sync::Arc;

use super::Desk;
use super::desk::setup;
use super::world;

const SHARED: [&str; 4] = ["codeveloper", "consumer", "facilitator", "producer"];
const MANAGED: [&str; 4] = ["consumer", "contributor", "facilitator", "publisher"];
const DATA: [&str; 3] = ["consumer", "datapreview", "producer"];

fn row(id: &str, assignee: Assignee, roles: &[&str]) -> SpaceAssignment {
    SpaceAssignment {
        id: AssignmentId::from(id),
        assignee,
        roles: roles.iter().map(|role| SpaceRole::from(*role)).collect(),
    }
}

fn user(id: &str) -> Assignee {
    Assignee::User(UserId::from(id))
}

fn group(id: &str) -> Assignee {
    Assignee::Group(GroupId::from(id))
}

/// Two shared, two managed and a data space; Anna and Eva are in a group that Qlik knows, Zoe in one
/// that the directory does not have.
fn furnish(desk: &mut Desk) {
    // So few people would all be too many.
    desk.app.setup.guards.stop_percent = 100;
    let group_of = |id: &str, name: &str, provider| Group {
        id: GroupId::from(id),
        name: Raw::from(name),
        provider,
        roles: Vec::new(),
    };
    let tenant = &mut desk.tenant;
    tenant.groups.value = vec![
        group_of("q-ana", "QLIK_ANALYZERS", GroupProvider::Idp),
        group_of("q-own", "Reviewers", GroupProvider::Custom),
    ];
    for known in &mut tenant.users.value {
        let known: &mut User = Arc::make_mut(known);
        known.groups = match known.id.expose() {
            "u-anna" | "u-eva" => vec![GroupId::from("q-ana")],
            "u-zoe" => vec![GroupId::from("q-own")],
            _ => Vec::new(),
        };
    }
    let space = |id, name, kind, roles| world::space(id, name, kind, roles);
    tenant.spaces.value = vec![
        space("s-fin", "Finance", SpaceType::Managed, &MANAGED[..]),
        space("s-rep", "Reports", SpaceType::Managed, &MANAGED[..]),
        space("s-sal", "Sales", SpaceType::Shared, &SHARED[..]),
        space("s-mar", "Market", SpaceType::Shared, &SHARED[..]),
        space("s-raw", "Raw Zone", SpaceType::Data, &DATA[..]),
    ];
    tenant.spaces.value[2].owner = Some(UserId::from("u-eva"));
    let rows = [
        ("s-fin", vec![row("a-1", user("u-anna"), &["consumer"])]),
        ("s-rep", Vec::new()),
        (
            "s-sal",
            vec![
                row("a-2", group("q-ana"), &["consumer", "producer"]),
                row("a-3", user("u-anna"), &["consumer"]),
                row("a-4", user("u-giulia"), &["consumer", "producer"]),
                row("a-5", group("q-own"), &["consumer"]),
                row("a-6", user("u-zoe"), &["facilitator"]),
            ],
        ),
        ("s-mar", vec![row("a-7", user("u-hakon"), &["consumer"])]),
        ("s-raw", vec![row("a-8", group("q-ana"), &["consumer"])]),
    ];
    for (id, rows) in rows {
        let reading = Reading::proven(rows, "all pages");
        desk.assigned.insert(SpaceId::from(id), reading);
    }
}

fn open(columns: u16, rows: u16) -> Desk {
    let mut desk = Desk::unread(setup((columns, rows)));
    furnish(&mut desk);
    desk.begin();
    desk.keys("3");
    desk
}

/// The cursor on Sales, in the middle pane.
fn in_sales(columns: u16, rows: u16) -> Desk {
    let mut desk = open(columns, rows);
    desk.keys("/sales<enter><tab>");
    desk
}

fn asked(desk: &Desk) -> Vec<String> {
    let spaces = desk.asked.iter().filter_map(|effect| match effect {
        Effect::LoadAssignments(_, id) => Some(id.expose().to_owned()),
        _ => None,
    });
    spaces.collect()
}

/// The line of the middle pane with this name.
fn line<'a>(screen: &'a str, name: &str) -> &'a str {
    let line = screen.lines().find_map(|line| {
        let middle = line.split('│').nth(1)?;
        middle.contains(name).then_some(middle)
    });
    line.unwrap_or_else(|| panic!("{name}\n{screen}"))
}

fn operations(desk: &mut Desk) -> Vec<Operation> {
    desk.keys("p");
    desk.plan().operations.clone()
}

/// Anna to producer, Giulia down to consumer, Zoe out, Björn and Chloé in.
fn staged(columns: u16, rows: u16) -> Desk {
    let mut desk = open(columns, rows);
    desk.keys("1<down><enter><tab>/bjorn<enter> <esc>/chlo<enter> <esc>");
    desk.keys("3/sales<enter>+<enter>").keys("<enter>");
    desk.keys("<tab>/anna ander<enter>s<end> <enter>").keys("s");
    desk.keys("<esc>/giulia<enter>s<end> <enter>").keys("s");
    desk.keys("<esc>/zoe<enter>-<esc>/<enter><home>");
    desk
}

#[test]
fn spaces_at_120x36() {
    insta::assert_snapshot!(staged(120, 36).screen());
}

#[test]
fn spaces_at_80x24() {
    insta::assert_snapshot!(staged(80, 24).screen());
}

#[test]
fn spaces_at_50x16() {
    insta::assert_snapshot!(staged(50, 16).screen());
}

#[test]
fn effective_access_at_120x36() {
    let mut desk = in_sales(120, 36);
    desk.keys("r").keys("/anna<enter><enter>");
    insta::assert_snapshot!(desk.screen());
}

#[test]
fn effective_access_at_80x24() {
    let mut desk = in_sales(80, 24);
    desk.keys("r").keys("/anna<enter><tab>");
    insta::assert_snapshot!(desk.screen());
}

#[test]
fn without_utf8_it_is_ascii() {
    let mut plain = setup((120, 36));
    plain.capabilities.unicode = false;
    let mut desk = Desk::unread(plain);
    furnish(&mut desk);
    desk.begin();
    for keys in ["3", "<tab>", "s", "<esc>+", "<esc><enter>"] {
        desk.keys(keys);
        assert!(desk.screen().is_ascii(), "{}", desk.screen());
    }
}

#[test]
fn spaces_are_read_as_one_goes_through() {
    let mut desk = open(120, 36);
    assert_eq!(asked(&desk), ["s-mar"], "the first, and no other one");
    desk.quick("<down><down><down>");
    assert_eq!(asked(&desk), ["s-mar"], "nothing is read on the way");
    desk.rest();
    assert_eq!(asked(&desk), ["s-mar", "s-fin"]);
    let screen = desk.screen();
    assert!(screen.contains("3 of 5 not read"), "{screen}");
    assert!(
        line(&screen, "Anna Andersson").contains("consumer"),
        "{screen}"
    );
    desk.keys("<up><up>");
    assert_eq!(asked(&desk).len(), 3);
    desk.keys("<down><down>");
    assert_eq!(
        asked(&desk).len(),
        3,
        "what is known is not asked for again"
    );
}

#[test]
fn all_spaces_are_read_eight_at_once() {
    let mut desk = Desk::unread(setup((120, 36)));
    furnish(&mut desk);
    let more = (0..20).map(|n| {
        let (id, name) = (format!("s-{n:02}"), format!("Lab {n:02}"));
        world::space(&id, &name, SpaceType::Shared, &SHARED)
    });
    desk.tenant.spaces.value.extend(more);
    desk.begin();
    desk.keys("3");
    desk.hold.push("LoadAssignments");
    desk.keys("r");
    assert_eq!(desk.held.len(), 8);
    desk.release();
    let screen = desk.screen();
    assert_eq!(asked(&desk).len(), 25, "each once");
    assert!(
        screen.contains("the assignments of all 25 spaces are read"),
        "{screen}"
    );
    desk.keys("r");
    assert!(
        desk.status().contains("all spaces are read"),
        "{}",
        desk.status()
    );
}

#[test]
fn roles_are_replaced_with_old_and_new_beside_each_other() {
    let mut desk = in_sales(120, 36);
    desk.keys("/giulia<enter>s");
    let screen = desk.screen();
    for words in ["[x] consumer", "[x] producer", "[ ] facilitator"] {
        let ticked = words.replace("] ", "]    ");
        assert!(screen.contains(&ticked), "{screen}");
    }
    // Producer goes, facilitator comes: codeveloper, consumer, facilitator, producer.
    desk.keys("<end> <up> <enter>");
    let screen = desk.screen();
    let words = "Giulia Rossi in Sales: consumer + producer -> consumer + facilitator";
    assert!(screen.contains(words), "{screen}");
    assert!(
        desk.app.stage.staging.is_empty(),
        "nothing before it was seen"
    );
    desk.keys("s");
    let shown = desk.screen();
    let shown = line(&shown, "Giulia");
    assert!(
        shown.contains("~ Giulia") && shown.contains("+facilitator -producer"),
        "{shown}"
    );

    let all = operations(&mut desk);
    let [one] = all.as_slice() else {
        panic!("{all:?}")
    };
    let Change::ChangeSpaceAssignment {
        target,
        before,
        after,
    } = &one.change
    else {
        panic!("{one:?}")
    };
    assert_eq!(target.assignee, user("u-giulia"));
    let words = |roles: &[SpaceRole]| {
        roles
            .iter()
            .map(|r| r.expose().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(words(before), ["consumer", "producer"]);
    assert_eq!(words(after), ["consumer", "facilitator"]);
    let plan = desk.plan();
    assert_eq!(plan.summary.removals, 1, "{:?}", plan.findings);
}

#[test]
fn a_role_that_is_taken_counts_as_a_removal_and_can_be_undone() {
    let mut desk = in_sales(120, 36);
    desk.keys("/giulia<enter>s<end> <enter>").keys("s");
    let all = operations(&mut desk);
    assert!(all.iter().all(|one| one.change.is_removal()), "{all:?}");
    assert_eq!(desk.plan().summary.removals, 1);
    let told = desk.plan();
    let replaced = told.findings.iter();
    let replaced: Vec<String> = replaced
        .filter(|one| one.code == FindingCode::RolesReplaced)
        .map(|one| format!("{}; {}", one.text.show(), one.hint.show()))
        .collect();
    assert!(
        replaced[0].contains("consumer + producer to consumer"),
        "{replaced:?}"
    );
    assert!(
        replaced[0].contains("producer is taken by it"),
        "{replaced:?}"
    );
    desk.keys("3u");
    assert!(desk.app.stage.staging.is_empty());
    assert!(line(&desk.screen(), "Giulia").contains("consumer + producer"));
}

#[test]
fn marked_assignments_are_taken_out_together_and_dropped_again() {
    let mut desk = in_sales(120, 36);
    desk.keys("/'user<enter>*");
    assert_eq!(desk.app.spaces.chosen.len(), 3);
    desk.keys("-");
    assert!(
        desk.status().contains("3 are taken out"),
        "{}",
        desk.status()
    );
    assert!(desk.app.spaces.chosen.is_empty());
    let fates = desk.app.spaces.seats.iter();
    assert_eq!(fates.filter(|seat| seat.fate() == Fate::Taken).count(), 3);
    // Of Zoe it is dropped again.
    desk.keys("<end>x");
    let all = operations(&mut desk);
    let removed: Vec<_> = all
        .iter()
        .filter_map(|one| match &one.change {
            Change::RemoveSpaceAssignment { target, .. } => Some(target.name.expose().to_owned()),
            _ => None,
        })
        .collect();
    assert_eq!(removed, ["Anna Andersson", "Giulia Rossi"]);
    assert_eq!(desk.plan().summary.removals, 2);
}

#[test]
fn a_group_of_qlik_is_changed_as_a_group_and_nobody_in_it_by_the_way() {
    let mut desk = in_sales(120, 36);
    desk.keys("/qlik_ana<enter>s<end> <enter>").keys("s");
    let target = Target::QlikGroup(GroupId::from("q-ana"));
    let wish = desk
        .app
        .stage
        .staging
        .wishes
        .get(&target)
        .cloned()
        .expect("a wish");
    let here = wish.spaces.get(&SpaceId::from("s-sal"));
    assert_eq!(
        here,
        Some(&SpaceWish::Exactly([SpaceRole::from("consumer")].into()))
    );
    let all = operations(&mut desk);
    let [one] = all.as_slice() else {
        panic!("{all:?}\n{:?}", desk.plan().findings)
    };
    assert!(
        matches!(&one.change, Change::ChangeSpaceAssignment { target, .. }
        if target.assignee == group("q-ana"))
    );
    // Its members were read for it: whoever is protected keeps the group where it is.
    let read = desk
        .asked
        .iter()
        .any(|effect| matches!(effect, Effect::LoadMembers(..)));
    assert!(read, "{:?}", desk.asked);
    assert_eq!(desk.plan().summary.people, 0);
}

#[test]
fn a_protected_member_keeps_the_group_where_it_is() {
    let mut desk = in_sales(120, 36);
    desk.app.setup.guards.protected = vec![Raw::from("eva.fischer@corp.example")];
    desk.keys("/qlik_ana<enter>-");
    assert!(operations(&mut desk).is_empty());
    let plan = desk.plan();
    let why: Vec<String> = plan
        .findings
        .iter()
        .map(|one| one.text.show().to_string())
        .collect();
    assert!(
        why.iter()
            .any(|text| text.contains("stays in Sales: Eva Fischer")),
        "{why:?}"
    );
}

#[test]
fn redundant_grants_are_named_and_one_key_takes_them() {
    let mut desk = in_sales(120, 36);
    desk.keys("r").keys("/anna<enter>");
    let screen = desk.screen();
    assert!(screen.contains("may see 3 spaces, 1 redundant"), "{screen}");
    desk.keys("<enter>");
    let screen = desk.screen();
    for words in [
        "What Anna Andersson may see",
        "Sales (shared): consumer, direct, redundant",
        "Sales (shared): consumer + producer, group QLIK_ANALYZERS, an analyzer only consumes",
        "Raw Zone (data): consumer, group QLIK_ANALYZERS",
        "Finance (managed): consumer, direct",
        "1 of their own that another way gives too",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    desk.keys("t");
    assert!(
        line(&desk.screen(), "Anna").contains("- consumer"),
        "{}",
        desk.screen()
    );
    let all = operations(&mut desk);
    assert!(matches!(&all[..], [one] if matches!(&one.change,
        Change::RemoveSpaceAssignment { target, .. } if target.space.name.expose() == "Sales")));
}

#[test]
fn an_owner_is_shown_and_has_nothing_to_be_taken() {
    let mut desk = in_sales(120, 36);
    let screen = desk.screen();
    assert!(
        screen.contains("Sales  shared  owner Eva Fischer  3 users, 2 groups"),
        "{screen}"
    );
    assert!(
        line(&screen, "Eva Fischer      owner").contains("all"),
        "{screen}"
    );
    desk.keys("<home>-");
    assert!(
        desk.status().contains("an owner has every role"),
        "{}",
        desk.status()
    );
    desk.keys("<enter>");
    let screen = desk.screen();
    assert!(
        screen.contains("Sales (shared): all roles, owner"),
        "{screen}"
    );
}

#[test]
fn rows_marked_on_roster_are_put_into_marked_spaces() {
    let mut desk = open(120, 36);
    desk.keys("1<down><enter><tab>/bjorn<enter> <esc>/eva<enter> <esc>");
    // Both managed spaces, by their type.
    desk.keys("3/managed<enter><home> +");
    assert!(
        desk.screen().contains("the 2 rows marked on Roster"),
        "{}",
        desk.screen()
    );
    desk.keys("<enter>");
    let roles = desk.screen();
    assert!(
        roles.contains("analyzers gain little: 1 of them"),
        "{roles}"
    );
    desk.keys("<enter>");
    assert_eq!(desk.app.stage.staging.wishes.len(), 2);
    desk.keys("<down><tab>");
    let screen = desk.screen();
    assert!(line(&screen, "Björn").contains("+ consumer"), "{screen}");
    let all = operations(&mut desk);
    let given = all
        .iter()
        .filter(|one| matches!(one.change, Change::AddSpaceAssignment { .. }));
    assert_eq!(given.count(), 4, "{all:?}");
}

#[test]
fn a_group_goes_into_spaces_and_the_nearest_legal_roles_are_offered() {
    let mut desk = open(120, 36);
    desk.keys("*+").keys("analyz<enter>");
    assert_eq!(desk.app.spaces.whom.len(), 1);
    let screen = desk.screen();
    let words = "not legal in 2 of 5 (managed): left out there; nearest: contributor, publisher";
    assert!(screen.contains(words), "{screen}");
    // The last ones are producer, publisher and the removal.
    desk.keys("<end><up><up><enter>");
    let screen = desk.screen();
    for words in [
        "Not legal in 2 of 5 spaces",
        "Finance (managed): producer is not legal; nearest: contributor, publisher",
        "Reports (managed): producer is not legal; nearest: contributor, publisher",
        "in 2 of them instead",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    desk.keys("<down><enter>");
    let wishes = &desk.app.stage.staging.wishes;
    let (_, wish) = wishes.iter().next().expect("a wish");
    let roles = |id: &str| match wish.spaces.get(&SpaceId::from(id)) {
        Some(SpaceWish::Add(roles)) => roles.iter().map(|r| r.expose().to_owned()).collect(),
        _ => Vec::new(),
    };
    assert_eq!(roles("s-fin"), ["contributor"]);
    assert_eq!(roles("s-sal"), ["producer"]);
    operations(&mut desk);
    let plan = desk.plan();
    let of = |code| plan.findings.iter().filter(|one| one.code == code).count();
    assert_eq!(of(FindingCode::IllegalRole), 0, "{:?}", plan.findings);
    assert!(of(FindingCode::PointlessRole) > 0, "{:?}", plan.findings);
}

#[test]
fn roles_that_a_space_does_not_take_are_refused_for_assignments_too() {
    let mut desk = open(120, 36);
    desk.keys("r")
        .keys("/finance<enter><tab> <s-tab><esc>/sales<enter><tab>/anna<enter> s");
    let screen = desk.screen();
    assert!(
        screen.contains("Roles of 2 assignments in 2 spaces"),
        "{screen}"
    );
    assert!(
        screen.contains("not legal in 1 of 2 (managed); nearest: contributor + publisher"),
        "{screen}"
    );
    // codeveloper, consumer, contributor, facilitator, producer, publisher
    desk.keys("<down><down><down><down> <enter>");
    let screen = desk.screen();
    for words in [
        "Anna Andersson in Sales: consumer -> consumer + producer",
        "Anna Andersson in Finance: consumer, as it is",
        "Finance (managed): producer is not legal; nearest: contributor, publisher",
        "1 of them are analyzers, who gain little from producer",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    desk.keys("n");
    let all = operations(&mut desk);
    // Producer in Sales reaches Anna through her group already.
    assert_eq!(all.len(), 1, "{all:?}\n{:?}", desk.plan().findings);
    assert_eq!(desk.plan().summary.removals, 0);
}

#[test]
fn what_was_not_read_whole_can_only_add() {
    let mut desk = Desk::unread(setup((120, 36)));
    furnish(&mut desk);
    let cut = desk
        .assigned
        .get_mut(&SpaceId::from("s-sal"))
        .expect("rows");
    *cut = Reading::incomplete(cut.value.clone(), &show_str("the connection was cut"));
    desk.begin();
    desk.keys("3/sales<enter><tab>");
    let screen = desk.screen();
    assert!(
        screen.contains("incomplete: the connection was cut"),
        "{screen}"
    );
    desk.keys("/zoe<enter>-");
    assert!(operations(&mut desk).is_empty());
    let plan = desk.plan();
    let incomplete = plan
        .findings
        .iter()
        .any(|one| one.code == FindingCode::IncompleteSource);
    assert!(incomplete, "{:?}", plan.findings);
}

#[test]
fn who_is_disabled_in_the_directory_loses_roles_and_gets_none() {
    let mut desk = in_sales(120, 36);
    // Giulia is known to be disabled once she was read.
    desk.keys("1<home><enter>3");
    desk.keys("/giulia<enter>s<up> <enter>").keys("s");
    let target = desk.app.stage.staging.wishes.keys().next().cloned();
    assert!(
        matches!(target, Some(Target::Row(qroll::domain::RowKey::Person(_)))),
        "{target:?}"
    );
    assert!(operations(&mut desk).is_empty(), "nothing is given");
    desk.keys("3us<end> <enter>").keys("s");
    assert_eq!(operations(&mut desk).len(), 1, "{:?}", desk.plan().findings);
}

#[test]
fn esc_clears_the_filter_then_the_marks_then_goes_back() {
    let mut desk = open(120, 36);
    desk.keys("*").keys("/fin<enter>");
    assert_eq!(desk.app.spaces.lines.len(), 2);
    desk.keys("<esc>");
    assert_eq!(desk.app.spaces.lines.len(), 8);
    assert_eq!(desk.app.spaces.marks.len(), 5);
    desk.keys("<esc>");
    assert!(desk.app.spaces.marks.is_empty());
    desk.keys("<esc>");
    assert_eq!(desk.app.screen, qroll::app::Screen::Roster);
}

#[test]
fn what_is_shown_leaves_in_three_forms() {
    let written = |desk: &mut Desk, keys: &str| {
        desk.keys(keys);
        match desk.asked.last() {
            Some(Effect::Write(_, name, text)) => (name.clone(), text.clone()),
            other => panic!("{other:?}"),
        }
    };
    let mut desk = in_sales(120, 36);
    desk.keys("/anna<enter>-<esc>");
    let (name, csv) = written(&mut desk, "ec");
    assert!(name.starts_with("assignments-"), "{name}");
    let anna =
        "Sales,shared,user,Anna Andersson,anna.andersson@corp.example,consumer,taken out,u-anna";
    assert!(csv.contains(anna), "{csv}");
    let (_, json) = written(&mut desk, "ej");
    let rows: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(rows.as_array().map(Vec::len), Some(6));
    assert_eq!(
        rows[1]["roles"],
        serde_json::json!(["consumer", "producer"])
    );
    let (name, spaces) = written(&mut desk, "<s-tab><esc>em");
    assert!(name.starts_with("spaces-"), "{name}");
    assert!(
        spaces.contains("| shared | Sales | Eva Fischer | 5 | 3 | 2 |"),
        "{spaces}"
    );
    assert!(
        spaces.contains("| managed | Finance |  | not read |"),
        "{spaces}"
    );
    let (name, access) = written(&mut desk, "/sales<enter><tab>/anna<enter><tab>ec");
    assert!(name.starts_with("accesses-"), "{name}");
    assert!(
        access.contains(",Sales,shared,consumer,direct,redundant,u-anna"),
        "{access}"
    );
}

#[test]
fn what_a_person_may_see_is_told_on_roster_too() {
    let mut desk = open(120, 36);
    desk.keys("r").keys("1<tab>/anna<enter><enter>");
    assert!(
        desk.screen().contains("what this person may see"),
        "{}",
        desk.screen()
    );
    desk.keys("w");
    let screen = desk.screen();
    assert!(
        screen.contains("Sales (shared): consumer, direct, redundant"),
        "{screen}"
    );
    desk.keys("t").keys("p");
    assert_eq!(desk.plan().operations.len(), 1);
}

#[test]
fn panes_are_walked_and_one_is_shown_where_there_is_no_room() {
    let mut desk = in_sales(50, 16);
    assert_eq!(desk.app.spaces.pane, Pane::People);
    assert!(
        desk.screen().contains("QLIK_ANALYZERS"),
        "{}",
        desk.screen()
    );
    desk.keys("<tab>");
    assert!(
        desk.screen().contains("Effective access"),
        "{}",
        desk.screen()
    );
    desk.keys("<left><left>");
    assert_eq!(desk.app.spaces.pane, Pane::Groups);
}

#[test]
fn a_bot_keeps_what_it_has() {
    let mut desk = Desk::unread(setup((120, 36)));
    furnish(&mut desk);
    let bot = row("a-9", Assignee::Bot(UserId::from("u-zoe")), &["consumer"]);
    let rows = vec![bot];
    let reading = Reading::proven(rows, "all pages");
    desk.assigned.insert(SpaceId::from("s-mar"), reading);
    desk.begin();
    desk.keys("3<tab>-");
    assert!(
        desk.status().contains("1 are left alone"),
        "{}",
        desk.status()
    );
    assert!(desk.app.stage.staging.is_empty());
}

#[test]
fn marks_in_a_space_that_is_not_open_are_named_before_they_are_taken_out() {
    let mut desk = in_sales(120, 36);
    desk.keys("/'user<enter>*");
    assert_eq!(desk.app.spaces.chosen.len(), 3);
    // Another space is opened, and the cursor stands on somebody of it.
    desk.keys("<esc>").keys("<left>/");
    desk.keys(&"<backspace>".repeat(5)).keys("fin<enter><end>");
    desk.keys("<tab><end>");
    assert_ne!(desk.app.spaces.open, Some("s-sal".into()));
    desk.keys("-");
    let screen = desk.screen();
    assert!(desk.app.stage.staging.is_empty(), "{screen}");
    assert!(
        screen.contains("Take out 3 assignments in Sales?"),
        "{screen}"
    );
    assert!(screen.contains("in Sales"), "{screen}");
    desk.keys("b");
    assert!(desk.app.stage.staging.is_empty());
    desk.keys("-").keys("t");
    assert_eq!(desk.app.stage.staging.wishes.len(), 3, "{}", desk.status());
    assert!(
        desk.status()
            .starts_with("3 assignments in Sales: 3 are taken out"),
        "{}",
        desk.status()
    );
}
