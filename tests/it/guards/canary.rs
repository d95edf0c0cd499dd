//! Somebody who must be in every reading of the directory (C16): without them it is bad, however
//! whole it came.

use std::fs;

use super::s4::{codes, dark, removals};
use crate::cli::place::plan;

#[test]
fn without_the_canary_nothing_is_taken_and_the_rest_is_planned() {
    let (world, place) = dark("100%", &[]);
    let config = fs::read_to_string(place.path("config.toml")).expect("a profile");
    let with = |canary: &str| {
        let key = format!("kind = \"entra\"\ncanary = [{canary}]");
        place.write("config.toml", &config.replace("kind = \"entra\"", &key));
    };
    let query = "department eq 'Finance'";
    let give = "department eq 'Sales'";
    let arguments = [
        "plan",
        "--query",
        query,
        "--query",
        give,
        "--license",
        "analyzer",
        "--out",
        "plan.json",
    ];
    let made = place.run_in(&world, &arguments);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    let file = plan(&place.path("plan.json"));
    let taken = removals(&file);
    assert!(taken > 0, "demotions: {file}");
    let operations = file["operations"].as_array().expect("operations");
    let met = operations[0]["mail"].as_str().expect("an address");

    // Whoever was met is not asked for, in any case of letters.
    with(&format!("\"{}\"", met.to_uppercase()));
    let made = place.run_in(&world, &arguments);
    assert_eq!(made.code, 2, "{}{}", made.err, made.out);
    assert_eq!(removals(&plan(&place.path("plan.json"))), taken);

    with(&format!("\"{met}\", \"missing@corp.example\""));
    let made = place.run_in(&world, &arguments);
    made.says(1, &["missing@corp.example", "(canary)"]);
    let file = plan(&place.path("plan.json"));
    assert_eq!(removals(&file), 0);
    assert!(
        file["summary"]["add_license"].as_u64() > Some(0),
        "giving goes on: {file}"
    );
    let said = codes(&file, "source-doubt");
    let whole = said[0]["text"].as_str().expect("a sentence");
    assert!(whole.contains("removals are off"), "{whole}");
    assert!(
        said[0]
            .get("decision")
            .is_none_or(serde_json::Value::is_null)
    );
}
