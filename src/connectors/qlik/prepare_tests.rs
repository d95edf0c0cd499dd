//! Every call as it stands on the wire.

use super::*;
use crate::domain::{LicenseType, PersonId, UserStatus};

fn seat(subject: &str, license: &str) -> LicenseState {
    LicenseState {
        subject: Subject::from(subject),
        license: LicenseType::from(license),
    }
}

fn stands(call: &WriteCall, method: Method, path: &str, body: &str) {
    let prepared = prepare(call);
    assert_eq!(prepared, prepare(call));
    assert_eq!((prepared.method, prepared.path.as_str()), (method, path));
    assert_eq!(String::from_utf8(prepared.body).unwrap(), body);
    assert_eq!(prepared.tier, Tier::Two);
}

#[test]
fn users_stand_on_the_wire_as_the_reference_shows_them() {
    let draft = UserDraft {
        name: "Carol Weiss".into(),
        email: Some("carol.weiss@acme.example".into()),
        roles: vec![RoleId::from("r1")],
        person: PersonId::from("p1"),
    };
    let subject = Subject::from("ACME\\cweiss");
    stands(
        &WriteCall::CreateUser { subject, draft },
        Method::Post,
        "/api/v1/users",
        r#"{"subject":"ACME\\cweiss","name":"Carol Weiss","email":"carol.weiss@acme.example","status":"invited","assignedRoles":[{"id":"r1"}]}"#,
    );
    let state = |name: &str, status| UserState {
        name: name.into(),
        status,
    };
    stands(
        &WriteCall::UpdateUser {
            user: "u/1".into(),
            before: state("A", UserStatus::Active),
            after: state("A", UserStatus::Disabled),
        },
        Method::Patch,
        "/api/v1/users/u%2F1",
        r#"[{"op":"replace","path":"/status","value":"disabled"}]"#,
    );
    stands(
        &WriteCall::SetRoles {
            user: "u1".into(),
            roles: vec!["r1".into(), "r2".into()],
        },
        Method::Patch,
        "/api/v1/users/u1",
        r#"[{"op":"replace","path":"/assignedRoles","value":[{"id":"r1"},{"id":"r2"}]}]"#,
    );
    let user = "u1".into();
    stands(
        &WriteCall::DeleteUser { user },
        Method::Delete,
        "/api/v1/users/u1",
        "",
    );
}

#[test]
fn seats_are_changed_by_naming_only_what_changes() {
    let (old, new) = (
        seat("acme\\BNovak", "analyzer"),
        seat("acme\\BNovak", "professional"),
    );
    let rekeyed = seat("ACME\\bnovak", "analyzer");
    stands(
        &WriteCall::UpdateLicenses {
            items: vec![(old.clone(), new), (old.clone(), rekeyed)],
        },
        Method::Post,
        "/api/v1/licenses/assignments/actions/update",
        r#"{"update":[{"subject":"acme\\BNovak","type":"professional","sourceType":"analyzer"},{"subject":"ACME\\bnovak","sourceSubject":"acme\\BNovak"}]}"#,
    );
    stands(
        &WriteCall::RemoveLicenses { items: vec![old] },
        Method::Post,
        "/api/v1/licenses/assignments/actions/delete",
        r#"{"delete":[{"subject":"acme\\BNovak","type":"analyzer"}]}"#,
    );
}

#[test]
fn assignments_name_ids_and_the_unborn_is_never_sent() {
    let roles: Vec<SpaceRole> = vec!["consumer".into(), "contributor".into()];
    let add = |assignee| WriteCall::AddAssignment {
        space: "s1".into(),
        assignee,
        roles: roles.clone(),
    };
    stands(
        &add(Assignee::Group("g1".into())),
        Method::Post,
        "/api/v1/spaces/s1/assignments",
        r#"{"type":"group","assigneeId":"g1","roles":["consumer","contributor"]}"#,
    );
    assert_eq!(prepare(&add(Assignee::NewUser("x".into()))).path, "");
    stands(
        &WriteCall::ChangeAssignment {
            space: "s1".into(),
            assignment: "a1".into(),
            roles: roles.clone(),
        },
        Method::Put,
        "/api/v1/spaces/s1/assignments/a1",
        r#"{"roles":["consumer","contributor"]}"#,
    );
}
