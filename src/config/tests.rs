//! The contract of the file: what is read, and what every slip is answered with.

use std::path::Path;

use super::{Config, DEFAULTS, DirectoryConfig, EntraAuth, TenantAuth};
use crate::ports::{Kind, Problem};
use crate::text::Raw;

fn parse(text: &str) -> Result<Config, Problem> {
    Config::parse("config.toml", text, Path::new("/etc/qroll"))
}

fn file(directory: &str) -> String {
    format!(
        "[profile.a.tenant]\nurl = \"http://127.0.0.1:1\"\nauth = \"api-key\"\n\n[profile.a.directory]\n{directory}\n"
    )
}

fn said(text: &str) -> String {
    let problem = parse(text).unwrap_err();
    assert_eq!(problem.kind, Kind::Config);
    format!("{}\n{}", problem.text(), problem.hints().join("\n"))
}

#[test]
fn the_commented_defaults_are_a_configuration() {
    let config = parse(DEFAULTS).unwrap();
    let acme = config.profile(None).unwrap();
    assert_eq!(acme.tenant.url.as_str(), "https://acme.eu.qlikcloud.com/");
    assert!(
        matches!(&acme.tenant.auth, TenantAuth::OAuth { client_id } if client_id == "0123456789abcdef")
    );
    assert!(
        matches!(&acme.directory, DirectoryConfig::Entra(entra) if entra.auth == EntraAuth::ClientSecret)
    );
    assert_eq!(acme.identity.template.to_string(), "{id}");
    assert_eq!(
        acme.guards,
        crate::domain::Guards::default(),
        "the comments show the real defaults"
    );
}

#[test]
fn a_canary_is_one_name_or_several_and_never_nobody() {
    let guards = |canary: &str| {
        let config = parse(&file(&format!(
            "kind = \"file\"\npath = \"p.csv\"\n{canary}"
        )));
        config.map(|config| config.profile(None).unwrap().guards.canaries.clone())
    };
    assert_eq!(guards("").unwrap(), []);
    assert_eq!(
        guards("canary = \" ann@corp.example \"").unwrap(),
        [Raw::from("ann@corp.example")]
    );
    assert_eq!(
        guards("canary = [\"ann@corp.example\", \"p-7\"]").unwrap(),
        [Raw::from("ann@corp.example"), Raw::from("p-7")]
    );
    for nobody in ["canary = \"\"", "canary = [\"a\", \" \"]"] {
        let problem = guards(nobody).unwrap_err();
        assert!(
            problem.text().contains("names nobody"),
            "{}",
            problem.text()
        );
    }
    assert!(guards("canary = 7").is_err());
}

#[test]
fn the_other_kinds_hide_in_the_comments() {
    for kind in ["ldap", "file"] {
        let mut text = String::from(
            "[profile.a.tenant]\nurl = \"https://a.example\"\nauth = \"api-key\"\n[profile.a.directory]\n",
        );
        let mut on = false;
        for line in DEFAULTS.lines() {
            let line = line.strip_prefix("# ").unwrap_or("");
            on = (on || line.starts_with(&format!("kind = \"{kind}\""))) && !line.is_empty();
            if on {
                text.push_str(line);
                text.push('\n');
            }
        }
        let config = parse(&text).unwrap();
        match &config.profile(None).unwrap().directory {
            DirectoryConfig::Ldap(ldap) => assert_eq!(ldap.queries.len(), 1),
            DirectoryConfig::File(file) => {
                assert_eq!(file.path, Path::new("/etc/qroll/people.csv"));
            }
            DirectoryConfig::Entra(_) => panic!("not {kind}"),
        }
    }
}

#[test]
fn a_typo_is_answered_with_line_column_and_the_nearest_key() {
    let text = said("[profile.a.tenant]\nurl = \"https://a.example\"\nauht = \"oauth\"\n");
    assert!(
        text.contains("config.toml, line 3, column 1: there is no key `auht` here"),
        "{text}"
    );
    assert!(text.contains("Did you mean `auth`?"), "{text}");
    let text = said(&format!(
        "{}subjekt = 1\n",
        file("kind = \"file\"\npath = \"p\"\n[profile.a.identity]")
    ));
    assert!(
        text.contains("line 9, column 1: there is no key `subjekt`") && text.contains("`subject`"),
        "{text}"
    );
    let text = said("[profil.a]\n");
    assert!(
        text.contains("line 1") && text.contains("Did you mean `profile`?"),
        "{text}"
    );
    let text = said("default = \"a");
    assert!(text.contains("line 1, column"), "{text}");
}

#[test]
fn wrong_values_are_named() {
    for (text, expected) in [
        (
            file("kind = \"fiel\"\npath = \"p\""),
            "line 6, column 8: \"fiel\" is none of entra, ldap, file",
        ),
        (file("kind = \"file\""), "needs `path`"),
        (
            file("kind = \"file\"\npath = \"\""),
            "line 7, column 8: `path` is empty",
        ),
        (
            file("kind = \"file\"\npath = \"p\"\nvendor = \"ad\""),
            "line 8, column 10: `vendor` belongs to a directory of kind \"ldap\"",
        ),
        (
            file(
                "kind = \"ldap\"\nurl = \"ldap://dc.corp.example\"\nbind_dn = \"a\"\nbase_dn = \"b\"",
            ),
            "plain ldap:// is accepted for loopback only",
        ),
        (
            file("kind = \"entra\"\ntenant_id = \"t\"\nclient_id = \"c\"\nauth = \"certificate\""),
            "needs `certificate_file`",
        ),
        (
            file("kind = \"entra\"\ntenant_id = \"t\"\nclient_id = \"c\"\nkey_file = \"k\""),
            "line 9, column 12: `key_file` goes with auth = \"certificate\"",
        ),
        (
            file("kind = \"entra\"\ntenant_id = \"t\"\nclient_id = \"c\"\nauth = \"secret\""),
            "\"secret\" is none of client-secret, certificate, device-code, browser",
        ),
        (
            file("kind = \"entra\"\ntenant_id = \"t\"\nclient_id = \"c\"\ncloud = \"dod\""),
            "none of global, us-gov, us-gov-dod, china",
        ),
        (
            file("kind = \"file\"\npath = \"p\"\n[profile.a.identity]\nsubject = \"same\""),
            "names no attribute, so everybody",
        ),
        (
            file("kind = \"file\"\npath = \"p\"\n[profile.a.guards]\nremovals_confirm = \"lots\""),
            "line 9, column 20: a limit looks like",
        ),
        (
            file("kind = \"file\"\npath = \"p\"").replace("http:", "ftp:"),
            "must begin with https://",
        ),
        (
            file("kind = \"file\"\npath = \"p\"").replace("127.0.0.1:1", "corp.example"),
            "line 2, column 7: plain http is accepted for loopback",
        ),
        (
            file("kind = \"file\"\npath = \"p\"").replace("127.0.0.1:1", "127.0.0.1:1/console"),
            "the origin alone",
        ),
        (
            file("kind = \"file\"\npath = \"p\"").replace("api-key", "oauth"),
            "needs `client_id`",
        ),
        (
            format!("default = \"b\"\n{}", file("kind = \"file\"\npath = \"p\"")),
            "line 1, column 11: there is no profile \"b\"",
        ),
        ("[profile.a]\n".to_owned(), "has no [profile.a.tenant]"),
    ] {
        let text = said(&text);
        assert!(text.contains(expected), "{text} should hold {expected}");
    }
}

#[test]
fn everything_that_is_documented_is_read() {
    let text = file(
        "kind = \"ldap\"\nurl = \"ldap://127.0.0.1:389\"\nstart_tls = false\nvendor = \"openldap\"\nbind_dn = \"cn=a\"\nbase_dn = \"dc=b\"\nattributes = { sam = \"uid\" }\n\
         [profile.a.identity]\nsubject = \"CORP\\\\{sam}\"\nmatch = [\"subject\", \"email\"]\nevidence = \"75 %\"\n\
         [profile.a.guards]\nread_only = true\nprotected = [\"x@corp.example\"]\nremovals_confirm = \"7\"\nremovals_stop = \"30%\"\n\
         [keys]\nquit = \"Q\"",
    );
    let config = parse(&text).unwrap();
    let profile = config.profile(Some("a")).unwrap();
    assert_eq!(profile.identity.template.to_string(), "CORP\\{sam}");
    assert!(profile.identity.accept_email && profile.guards.read_only);
    assert_eq!(profile.identity.share, 75);
    assert_eq!(profile.guards.protected, [Raw::from("x@corp.example")]);
    assert_eq!(
        (
            profile.guards.confirm_percent,
            profile.guards.confirm_count,
            profile.guards.stop_percent
        ),
        (100, 7, 30)
    );
    assert_eq!(config.keys.get("quit").map(String::as_str), Some("Q"));
    let problem = config.profile(Some("b")).unwrap_err();
    assert!(problem.hints()[0].contains('a'), "{problem}");
}
