//! Writing a profile into the text of the file. What stands there already stays byte for byte: a new
//! profile is appended, and of one that is there only the entries that differ are changed.

use std::path::Path;
use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use super::entries::{Entry, entries};
use super::profile::{Config, Profile};
use crate::ports::{Kind, Problem};

/// The head of a file that was not there.
const HEAD: &str = "\
# qroll's configuration. `qroll connect` adds and changes profiles, and you may edit it.
# Unknown keys are errors. Secrets never stand here.

# The profile to use when --profile names none.
";

/// What an operator may want to change later, with the defaults.
const LATER: &str = "\
# match = [\"subject\"]                   # add \"email\" to take an equal address for the same person
# evidence = \"90%\"                      # share of existing users the template must fit

[profile.NAME.guards]
read_only = false                       # true: plans can be made, nothing can be applied
# protected = []                        # subjects, addresses or ids nobody may take anything from
# removals_confirm = \"5% or 10\"         # above it the number of removals must be typed
# removals_stop = \"20%\"                 # above it only --allow-removals with the exact number goes on
# allow_delete = false                  # whether user records may be deleted at all
";

/// What may stand in a table of the directory and belongs to one kind of it.
const OF_ONE_KIND: [&str; 18] = [
    "kind",
    "tenant_id",
    "client_id",
    "auth",
    "certificate_file",
    "key_file",
    "cloud",
    "login_url",
    "graph_url",
    "url",
    "start_tls",
    "vendor",
    "ca_file",
    "bind_dn",
    "base_dn",
    "attributes",
    "path",
    "queries",
];
const OF_TENANT: [&str; 3] = ["url", "auth", "client_id"];

/// What is to be written.
#[derive(Clone, Debug)]
pub struct Amended {
    /// The whole text.
    pub text: String,
    /// What is new (`+`), goes (`-`) or becomes something else (`~`), a line each.
    pub changes: Vec<String>,
}

/// The text with this profile in it, and with this default where one is given; `name` is what to call
/// the file, `home` where relative paths begin.
///
/// # Errors
/// `Config` when the text is none, or holds its profiles in a form that cannot be added to.
pub fn amended(
    text: Option<&str>,
    profile: &Profile,
    default: Option<&str>,
    (name, home): (&str, &Path),
) -> Result<Amended, Problem> {
    let before = text
        .map(|text| Config::parse(name, text, home))
        .transpose()?
        .unwrap_or_default();
    let old = before.profiles.get(&profile.name);
    let changes = changes(old, profile);
    let made = match (text, old) {
        (None, _) => format!(
            "{HEAD}default = {}\n\n{}",
            quoted(&profile.name),
            block(profile)
        ),
        (Some(text), None) => appended(text, &block(profile)),
        (Some(text), Some(old)) => changed(text, old, profile)?,
    };
    let made = match default.filter(|_| text.is_some()) {
        Some(default) => with_default(&made, default)?,
        None => made,
    };
    // What was meant is what the file says, and nothing else in it is touched.
    let after = Config::parse(name, &made, home)?;
    let others = |config: &Config| {
        let mut others = config.profiles.clone();
        others.remove(&profile.name);
        others
    };
    let as_meant = after.profiles.get(&profile.name).is_some_and(|written| {
        written.tenant == profile.tenant
            && written.directory == profile.directory
            && written.identity == profile.identity
    });
    if !as_meant || others(&after) != others(&before) || after.keys != before.keys {
        return Err(by_hand(name));
    }
    Ok(Amended {
        text: made,
        changes,
    })
}

fn by_hand(name: &str) -> Problem {
    Problem::new(
        Kind::Config,
        format!("{name} is written in a form that qroll cannot add to"),
    )
    .hint("Write each profile as tables, [profile.NAME.tenant] and so on, and start again.")
}

/// The differences between the profile that is there and the one that is meant.
fn changes(old: Option<&Profile>, new: &Profile) -> Vec<String> {
    let old = old.map(entries).unwrap_or_default();
    let new = entries(new);
    let find = |all: &[Entry], one: &Entry| {
        let found = all
            .iter()
            .find(|other| (other.table, other.key) == (one.table, one.key));
        found.map(Entry::text)
    };
    let gone = old.iter().filter(|one| find(&new, one).is_none());
    let gone = gone.map(|one| format!("- {}", one.line()));
    let come = new.iter().filter_map(|one| match find(&old, one) {
        None => Some(format!("+ {}", one.line())),
        Some(before) if before == one.text() => None,
        Some(before) => Some(format!("~ {}   (was {before})", one.line())),
    });
    gone.chain(come).collect()
}

/// A profile that is new, with what each entry means.
fn block(profile: &Profile) -> String {
    let mut text = String::new();
    let mut table = "";
    for entry in entries(profile) {
        if entry.table != table {
            table = entry.table;
            let gap = if text.is_empty() { "" } else { "\n" };
            let head = format!("{gap}[profile.{}.{table}]\n", profile.name);
            text.push_str(&head);
        }
        let line = format!("{} = {}", entry.key, entry.text());
        let line = match entry.comment {
            "" => line,
            comment => format!("{line:<39} # {comment}"),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text + &LATER.replace("NAME", &profile.name)
}

fn appended(text: &str, block: &str) -> String {
    let gap = match text {
        "" => "",
        text if text.ends_with("\n\n") => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    format!("{text}{gap}{block}")
}

fn document(text: &str) -> Result<DocumentMut, Problem> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let text = format!("the configuration cannot be changed: {}", error.message());
        Problem::new(Kind::Config, text)
    })
}

fn with_default(text: &str, default: &str) -> Result<String, Problem> {
    let mut document = document(text)?;
    if document.contains_key("default") {
        set(document.as_table_mut(), "default", Value::from(default));
        return Ok(document.to_string());
    }
    let (mark, rest) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text),
    };
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    Ok(format!("{mark}default = {}{end}{rest}", quoted(default)))
}

/// The profile that is there, with the entries that differ changed in their places.
fn changed(text: &str, old: &Profile, new: &Profile) -> Result<String, Problem> {
    let mut document = document(text)?;
    let faithful = document.to_string().trim_end() == text.trim_end();
    let mut touched = false;
    let tables = document
        .get_mut("profile")
        .and_then(|all| all.get_mut(&new.name))
        .and_then(Item::as_table_like_mut)
        .ok_or_else(|| by_hand("the configuration"))?;
    let (old, new) = (entries(old), entries(new));
    let kind = |all: &[Entry]| {
        let kind = all.iter().find(|one| one.key == "kind");
        kind.map(Entry::text)
    };
    let other_kind = kind(&old) != kind(&new);
    for (name, owned) in [
        ("tenant", &OF_TENANT[..]),
        ("directory", &OF_ONE_KIND),
        ("identity", &[]),
    ] {
        let of_table = |entry: &&Entry| entry.table == name;
        let meant: Vec<&Entry> = new.iter().filter(of_table).collect();
        let differ = meant.iter().filter(|entry| {
            let before = old.iter().filter(of_table).find(|one| one.key == entry.key);
            before.is_none_or(|before| before.text() != entry.text())
        });
        let differ: Vec<&&Entry> = differ.collect();
        if tables.get(name).is_none() && !differ.is_empty() {
            tables.insert(name, Item::Table(Table::new()));
        }
        let Some(table) = tables.get_mut(name).and_then(Item::as_table_like_mut) else {
            continue;
        };
        for key in owned {
            // What the operator wrote though it says nothing stays, unless another kind refuses it.
            let listed = old.iter().filter(of_table).any(|entry| entry.key == *key);
            if (listed || other_kind) && meant.iter().all(|entry| entry.key != *key) {
                touched |= table.remove(key).is_some();
            }
        }
        for entry in differ {
            set(table, entry.key, entry.value.clone());
            touched = true;
        }
    }
    if !touched {
        return Ok(text.to_owned());
    }
    if !faithful {
        return Err(by_hand("the configuration"));
    }
    Ok(document.to_string())
}

/// Puts a value into its place, with what stood around the one before it.
fn set(table: &mut dyn TableLike, key: &str, value: Value) {
    if let Some(before) = table.get_mut(key).and_then(Item::as_value_mut) {
        let decor = before.decor().clone();
        *before = value;
        *before.decor_mut() = decor;
    } else {
        table.insert(key, Item::Value(value));
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::DEFAULTS;

    const HOME: &str = "/etc/qroll";

    fn config(text: &str) -> Config {
        Config::parse("config.toml", text, Path::new(HOME)).unwrap()
    }

    fn write(text: Option<&str>, profile: &Profile, default: Option<&str>) -> Amended {
        amended(text, profile, default, ("config.toml", Path::new(HOME))).unwrap()
    }

    fn text(directory: &str) -> String {
        format!(
            "[profile.a.tenant]\nurl = \"https://a.example\"\nauth = \"oauth\"\nclient_id = \"c\"\n\
             [profile.a.directory]\n{directory}\n[profile.a.identity]\nsubject = 'CORP\\{{sam}}'\n"
        )
    }

    const KINDS: [&str; 5] = [
        "kind = \"entra\"\ntenant_id = \"t\"\nclient_id = \"c\"\nauth = \"browser\"\ncloud = \"us-gov-dod\"",
        "kind = \"entra\"\ntenant_id = \"t\"\nclient_id = \"c\"\nauth = \"certificate\"\ncertificate_file = \"/c\"\nkey_file = \"/k\"",
        "kind = \"ldap\"\nurl = \"ldaps://dc.example:3269\"\nca_file = \"/ca\"\nbind_dn = 'CORP\\svc \"x\"'\nbase_dn = \"dc=k\u{f6}ln\"\nvendor = \"ad\"\nattributes = { mail = \"m\" }\nqueries = { s = \"(a=b)\" }",
        "kind = \"ldap\"\nurl = \"ldap://dc.example\"\nstart_tls = true\nauth = \"certificate\"\ncertificate_file = \"/c\"\nkey_file = \"/k\"\nbase_dn = \"dc=b\"",
        "kind = \"file\"\npath = \"/p.csv\"",
    ];

    #[test]
    fn what_is_written_anew_says_what_was_meant_and_explains_it() {
        for kind in KINDS {
            let meant = config(&text(kind)).profiles["a"].clone();
            let made = write(None, &meant, None);
            let read = config(&made.text);
            assert_eq!(read.profiles["a"], meant, "{}", made.text);
            assert_eq!(read.default.as_deref(), Some("a"));
            assert!(made.text.contains("# people and groups") == kind.contains("ldap"));
            assert!(made.changes.iter().all(|line| line.starts_with("+ ")));
        }
    }

    #[test]
    fn what_is_there_stays_byte_for_byte() {
        let headed = format!(
            "# ours

# of b
{}",
            text(KINDS[4]).replace("profile.a", "profile.b")
        );
        for before in [
            headed,
            DEFAULTS.to_owned(),
            format!("{DEFAULTS}# no line end"),
            text(KINDS[4]).replace("profile.a", "profile.b"),
        ] {
            let meant = config(&text(KINDS[0])).profiles["a"].clone();
            let made = write(Some(&before), &meant, None).text;
            assert!(made.starts_with(&before), "{made}");
            let with_default = write(Some(&before), &meant, Some("a")).text;
            assert_eq!(config(&with_default).default.as_deref(), Some("a"));
            let without = |text: &str| {
                let lines = text.lines().filter(|line| !line.starts_with("default ="));
                lines.collect::<Vec<_>>().join("\n").trim_start().to_owned()
            };
            assert_eq!(without(&with_default), without(&made));
        }
    }

    #[test]
    fn of_a_profile_that_is_there_only_what_differs_is_changed() {
        let mut meant = config(DEFAULTS).profiles["acme"].clone();
        meant.tenant.url = "https://other.eu.qlikcloud.com".parse().unwrap();
        let made = write(Some(DEFAULTS), &meant, None);
        assert_eq!(
            made.changes,
            [
                "~ tenant.url = \"https://other.eu.qlikcloud.com\"   (was \"https://acme.eu.qlikcloud.com\")"
            ]
        );
        let expected = DEFAULTS.replace("\"https://acme.eu", "\"https://other.eu");
        assert_eq!(made.text, expected, "comments and order stay");

        let relative = text("kind = \"file\"\npath = \"people.csv\"  # ours");
        let mut meant = config(&relative).profiles["a"].clone();
        assert_eq!(write(Some(&relative), &meant, None).text, relative);
        meant.directory = config(&text(KINDS[2])).profiles["a"].directory.clone();
        let made = write(Some(&relative), &meant, None);
        assert!(
            made.changes
                .contains(&"- directory.path = \"/etc/qroll/people.csv\"".to_owned()),
            "{:?}",
            made.changes
        );
        assert_eq!(config(&made.text).profiles["a"], meant, "{}", made.text);
    }

    #[test]
    fn what_says_nothing_and_line_ends_stay() {
        let ldap = "kind = \"ldap\"\nurl = \"ldaps://dc.example\"\nstart_tls = false # c\nauth = \"password\"\nbind_dn = \"x\"\nbase_dn = \"dc=b\"";
        let before = text(ldap);
        let meant = config(&before).profiles["a"].clone();
        assert_eq!(write(Some(&before), &meant, None).text, before);
        for before in [
            before.replace('\n', "\r\n"),
            format!("\u{feff}{}", before.replace('\n', "\r\n")),
        ] {
            assert_eq!(write(Some(&before), &meant, None).text, before);
            let made = write(Some(&before), &meant, Some("a")).text;
            assert_eq!(made.replacen("default = \"a\"\r\n", "", 1), before);
        }
    }

    #[test]
    fn a_form_that_cannot_be_added_to_is_refused_and_not_broken() {
        let inline = "profile = { b = { tenant = { url = \"https://b.example\", auth = \"api-key\" }, directory = { kind = \"file\", path = \"p\" } } }\n";
        let meant = config(&text(KINDS[4])).profiles["a"].clone();
        let home = Path::new(HOME);
        let problem = amended(Some(inline), &meant, None, ("config.toml", home)).unwrap_err();
        assert_eq!(problem.kind, Kind::Config);
    }
}
