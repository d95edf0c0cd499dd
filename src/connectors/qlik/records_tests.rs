//! Odd records, and what becomes of them.

use super::super::seat_records::*;
use super::*;
use crate::domain::SubscriptionModel;

fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_user_keeps_what_is_unknown_and_survives_what_is_missing() {
    let user = read::<UserRecord>(
        r#"{"id":"u1","subject":"ACME\\jdoe","name":null,"email":"","status":"frozen",
            "assignedRoles":[{"id":"r2","name":"B"},{"id":"r1"}],"inviteExpiry":1700000000.0,
            "surprise":{"deep":[1]}}"#,
    )
    .into_user(&mut Pool::default());
    assert_eq!(user.name.expose(), "ACME\\jdoe");
    assert_eq!(user.email, None);
    assert_eq!(user.status, UserStatus::Other(Raw::from("frozen")));
    assert_eq!(user.roles, [RoleId::from("r1"), RoleId::from("r2")]);
    assert_eq!(user.invite_expiry, Some(1_700_000_000));
    assert!(!user.bot);
    let bot = r#"{"id":"b","subject":"qlikbot\\c1","name":"B","status":"active"}"#;
    assert!(read::<UserRecord>(bot).into_user(&mut Pool::default()).bot);
}

#[test]
fn the_subscription_model_follows_the_pools() {
    let model = |names: &[&str]| {
        let pools: Vec<Value> = names
            .iter()
            .map(|name| serde_json::json!({"name": name, "units": 5, "unitsUsed": 2}))
            .collect();
        let text = serde_json::json!({"allotments": pools}).to_string();
        read::<OverviewRecord>(&text).into_overview().model
    };
    assert_eq!(
        model(&["professional", "analyzer"]),
        SubscriptionModel::UserBased
    );
    assert_eq!(model(&["fullUser"]), SubscriptionModel::Capacity);
    assert_eq!(
        model(&["professional", "fullUser"]),
        SubscriptionModel::Capacity
    );
    assert_eq!(model(&["seats"]), SubscriptionModel::Unknown);
    assert_eq!(model(&[]), SubscriptionModel::Unknown);
}

#[test]
fn minutes_are_not_seats() {
    let overview = read::<OverviewRecord>(
        r#"{"allotments":[{"name":"analyzer","usageClass":"assigned","units":200,"unitsUsed":2,"overage":0},
            {"name":"analyzer_time","usageClass":"time","units":300,"unitsUsed":242,"overage":-1}]}"#,
    )
    .into_overview();
    assert_eq!(overview.seats, 2);
    assert_eq!(overview.allotments[1].overage, -1);
}

#[test]
fn unknown_kinds_are_left_out_not_guessed() {
    let group = r#"{"id":"g","name":"G","providerType":"scim"}"#;
    assert!(read::<GroupRecord>(group).into_group().is_none());
    let row = r#"{"id":"a","type":"robot","assigneeId":"x","roles":["consumer"]}"#;
    let row = read::<AssignmentRecord>(row).into_assignment(&mut Pool::default());
    assert!(row.is_none());
    let role = read::<RoleRecord>(r#"{"id":"r","name":"R","level":"super"}"#).into_role();
    assert_eq!(role.level, RoleLevel::Admin);
}

#[test]
fn claims_come_as_one_or_many() {
    for sub in [r#""sub""#, r#"["sub"]"#] {
        let text = format!(
            r#"{{"id":"i","protocol":"OIDC","options":{{"realm":"ACME","clientSecret":"x","claimsMapping":{{"sub":{sub}}}}}}}"#
        );
        let provider = read::<ProviderRecord>(&text).into_provider();
        assert_eq!(provider.subject_claims, [Raw::from("sub")]);
        assert_eq!(provider.realm.unwrap().expose(), "ACME");
    }
}

#[test]
fn a_sign_in_test_is_read_when_it_succeeded_and_in_no_other_shape() {
    let read_test = |result: &str| {
        let text = format!(r#"{{"id":"i","pendingResult":{result}}}"#);
        read::<ProviderRecord>(&text).into_provider().tested
    };
    let claims =
        r#"{"status":"success","resultantClaims":{"sub":"41c0","email":"a@corp.example"}}"#;
    let test = read_test(claims).expect("a test");
    assert_eq!(test.subject, "41c0".into());
    assert_eq!(test.email, Some(Raw::from("a@corp.example")));
    for odd in [
        "null",
        "7",
        r#"{"status":"error","resultantClaims":{"sub":"41c0"}}"#,
        r#"{"status":"success","resultantClaims":{"sub":["41c0"]}}"#,
        r#"{"status":"success","resultantClaims":{"sub":" "}}"#,
        r#"{"status":"success"}"#,
    ] {
        assert_eq!(read_test(odd), None, "{odd}");
    }
}
