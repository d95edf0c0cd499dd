//! S12 through the real binary: two tenants on one license, each an embedded world of its own.

use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::place::{Done, Place, World, done, plan};

/// North, whose profile is `test`, and South on the same license.
struct Both {
    north: World,
    south: World,
    place: Place,
}

impl Both {
    fn start() -> Self {
        let (north, south) = (World::scenario("s12"), World::scenario("s12-south"));
        let place = Place::new();
        let both = Self {
            north,
            south,
            place,
        };
        both.secret(both.south.text("read_only_key"));
        both.configure("tenants = [\"South\"]");
        both
    }

    /// What South's profile signs in with.
    fn secret(&self, key: &str) {
        let directory = self.place.path("credentials");
        fs::create_dir_all(&directory).expect("a directory");
        let path = directory.join("qroll.South.tenant");
        fs::write(&path, key).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("its mode");
    }

    /// North's profile with this in its licenses, and South's.
    fn configure(&self, licenses: &str) {
        let more = format!(
            "[profile.test.licenses]\napproved = [\"QLIK_ANALYZERS\"]\n{licenses}\n\
             [profile.South.tenant]\nurl = \"{}\"\nauth = \"api-key\"\n\
             [profile.South.directory]\nkind = \"file\"\npath = \"people.csv\"",
            self.south.text("qlik_url")
        );
        self.place.with_world(&self.north, &more);
        let text = fs::read_to_string(self.place.path("config.toml")).expect("written");
        self.place
            .write("config.toml", &format!("default = \"test\"\n{text}"));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.place.command(arguments);
        command
            .env("QROLL_TENANT_SECRET", self.north.text("api_key"))
            .env(
                "QROLL_DIRECTORY_SECRET",
                self.north.text("graph_client_secret"),
            )
            .env("CREDENTIALS_DIRECTORY", self.place.path("credentials"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Done {
        done(&self.command(arguments).output().expect("qroll runs"))
    }

    /// Plans to take seats of nobody back, and gives the plan.
    fn take(&self, code: i32, more: &[&str]) -> (Done, Value) {
        let take = [
            "plan",
            "--orphans",
            "--license",
            "none",
            "--out",
            "plan.json",
        ];
        let made = self.run(&[&take[..], more].concat());
        assert_eq!(made.code, code, "{}{}", made.err, made.out);
        let file = plan(&self.place.path("plan.json"));
        (made, file)
    }

    fn seats(&self) -> usize {
        let state = self.north.state();
        let all = state["licenses"].as_object().expect("by subject").values();
        all.map(|kinds| kinds.as_array().map_or(0, Vec::len)).sum()
    }

    /// Only the users of South were read, and who we are there.
    fn south_was_only_read(&self) {
        let asked = self.south.requests();
        assert!(!asked.is_empty(), "South was asked");
        for request in asked {
            let path = request["path"].as_str().expect("a path");
            let of_users = path.starts_with("/api/v1/users") || path.starts_with("/api/v1/tenants");
            assert!(of_users && request["method"] == "GET", "{request}");
        }
    }
}

fn taken(plan: &Value) -> Vec<&str> {
    let all = plan["operations"].as_array().expect("operations");
    let kinds = all.iter().map(|one| &one["kind"]);
    assert!(kinds.clone().all(|kind| kind == "remove_license"), "{plan}");
    let subjects = all.iter().filter_map(|one| one["subject"].as_str());
    subjects.collect()
}

fn decisions(plan: &Value) -> Vec<&Value> {
    let findings = plan["findings"].as_array().expect("findings").iter();
    let decisions = findings.map(|one| &one["decision"]["orphans"]);
    decisions.filter(|one| !one.is_null()).collect()
}

#[test]
fn s12_eighty_are_used_in_south_and_nine_are_taken_back() {
    let both = Both::start();
    let told = both.run(&["report", "licenses", "--format", "json"]);
    assert_eq!(told.code, 0, "{}{}", told.err, told.out);
    let told: Value = serde_json::from_str(told.out.trim()).expect("JSON");
    let notes = &told["summary"]["notes"];
    assert_eq!(told["summary"]["seats"], 209);
    assert_eq!(notes["no user here"], 89);
    assert_eq!(notes["used in another tenant"], 80);
    assert_eq!(notes["in no tenant that was asked"], 9);
    let rows = told["rows"].as_array().expect("rows").iter();
    assert_eq!(rows.filter(|row| row["elsewhere"] == "South").count(), 80);
    for (format, least) in [("text", 80), ("csv", 80), ("md", 80)] {
        let done = both.run(&["report", "licenses", "--format", format]);
        let labelled = done.out.matches("used in South").count();
        assert!(labelled >= least, "{format}: {labelled}\n{}", done.out);
    }

    let text = both.run(&["report", "licenses"]).out;
    assert!(
        text.contains("in no tenant that was asked (9): qroll plan --orphans"),
        "{text}"
    );

    let (made, file) = both.take(2, &[]);
    assert!(
        made.err
            .contains("80 seats of nobody here are used in another tenant on the license"),
        "{}",
        made.err
    );
    let gone = taken(&file);
    assert_eq!(gone.len(), 9);
    assert!(gone.iter().all(|one| one.starts_with("CORP\\left")));
    assert_eq!(file["orphans"].as_array().map(Vec::len), Some(9));
    assert_eq!(decisions(&file), Vec::<&Value>::new());

    let sure = ["apply", "plan.json", "--yes", "--allow-removals", "9"];
    let done = both.run(&sure);
    assert_eq!(done.code, 0, "{}{}", done.err, done.out);
    assert_eq!(both.seats(), 200);
    both.take(0, &[]);
    both.south_was_only_read();
}

#[test]
fn s12_strangers_are_the_nine_and_never_the_eighty() {
    let both = Both::start();
    let told = both.run(&["report", "strangers", "--json"]);
    assert_eq!(told.code, 0, "{}{}", told.err, told.out);
    let told = told.last_json();
    for (name, count) in [("strangers", 9), ("members", 120), ("elsewhere", 80)] {
        assert_eq!(told["summary"][name], count, "{name}: {}", told["summary"]);
    }
    let text = both.run(&["report", "strangers"]).out;
    assert!(text.contains("80 used in another tenant"), "{text}");
    assert!(text.contains("is used in South"), "{text}");
    let made = both.run(&[
        "plan",
        "--strangers",
        "--license",
        "none",
        "--out",
        "plan.json",
    ]);
    assert_eq!(made.code, 2, "{}", made.err);
    assert_eq!(taken(&plan(&both.place.path("plan.json"))).len(), 9);
}

#[test]
fn s12_without_south_none_goes_without_the_number() {
    let both = Both::start();
    both.configure("");
    let (_, file) = both.take(0, &[]);
    assert_eq!(taken(&file), Vec::<&str>::new());
    assert_eq!(decisions(&file), [&json!({ "number": 89 })]);
    let shown = both.run(&["show", "plan.json"]);
    for part in [
        "no other tenant of the license is configured",
        "would lose their license at once",
        "--allow-orphans 89 takes exactly these 89 back",
        "licenses.tenants",
    ] {
        assert!(shown.out.contains(part), "{part}\n{}", shown.out);
    }
    // Another number is none, and this one passes no other guard.
    let (_, file) = both.take(0, &["--allow-orphans", "9"]);
    assert_eq!(taken(&file), Vec::<&str>::new());
    let (_, file) = both.take(5, &["--allow-orphans", "89"]);
    assert_eq!(taken(&file), Vec::<&str>::new(), "a guard stopped it");
    let (_, file) = both.take(2, &["--allow-orphans", "89", "--allow-removals", "89"]);
    assert_eq!(taken(&file).len(), 89);
    assert_eq!(both.south.requests(), Vec::<Value>::new());

    // Whoever is asked after all before anything is sent says no.
    both.configure("tenants = [\"South\"]");
    let sure = ["apply", "plan.json", "--yes", "--allow-removals", "89"];
    let stopped = both.run(&sure);
    stopped.says(
        7,
        &["80 rows moved since the plan was made; nothing was sent"],
    );
    assert!(stopped.out.contains("now used in South"), "{}", stopped.out);
    assert_eq!(both.north.writes(), 0);
}

#[test]
fn a_south_that_cannot_be_read_is_said_and_proves_nothing() {
    let both = Both::start();
    let (_, before) = both.take(2, &[]);
    assert_eq!(taken(&before).len(), 9);
    let no_rights = "users of South:";
    both.secret("not a key of South");
    let told = both.run(&["report", "licenses"]);
    assert_eq!(told.code, 3, "{}{}", told.err, told.out);
    let all = told.out + &told.err;
    assert!(all.contains(no_rights), "{all}");
    // What was planned while it could be read is compared again.
    let sure = ["apply", "plan.json", "--yes", "--allow-removals", "9"];
    both.run(&sure).says(
        7,
        &["9 rows moved since the plan was made; nothing was sent"],
    );
    fs::remove_file(both.place.path("plan.json")).expect("the plan");
    let (_, file) = both.take(0, &[]);
    assert_eq!(taken(&file), Vec::<&str>::new());
    assert_eq!(decisions(&file), [&json!({ "number": 89 })]);

    fs::remove_file(both.place.path("credentials/qroll.South.tenant")).expect("the secret");
    let (made, _) = both.take(0, &[]);
    made.says(
        0,
        &[
            "who is a user in South is not known",
            "(South.tenant) was found nowhere",
            "--tenant-secret-fd and QROLL_TENANT_SECRET are for the profile that runs",
        ],
    );
    let doctor = both.run(&["doctor"]);
    assert!(doctor.out.contains("users of South"), "{}", doctor.out);
    assert_eq!(both.north.writes() + both.south.writes(), 0);
}

#[test]
fn north_under_another_name_proves_nothing() {
    let both = Both::start();
    let text = fs::read_to_string(both.place.path("config.toml")).expect("the configuration");
    let (south, north) = (both.south.text("qlik_url"), both.north.text("qlik_url"));
    both.place.write("config.toml", &text.replace(south, north));
    let told = both.run(&["report", "licenses"]);
    assert_eq!(told.code, 3, "{}{}", told.err, told.out);
    let all = told.out + &told.err;
    assert!(
        all.contains("its address is that of this very tenant"),
        "{all}"
    );
    let (_, file) = both.take(0, &[]);
    assert_eq!(taken(&file), Vec::<&str>::new());
}

#[test]
fn names_of_tenants_are_checked() {
    let both = Both::start();
    both.configure("tenants = [\"Sauth\"]");
    both.run(&["report", "licenses"]).says(
        64,
        &[
            "there is no profile \"Sauth\"",
            "Did you mean \"South\"?",
            "config.toml, line 13",
        ],
    );
    both.configure("tenants = [\"test\"]");
    both.run(&["report", "licenses"])
        .says(64, &["\"test\" is this profile", "config.toml, line 13"]);
}
