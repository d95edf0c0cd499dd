//! `auth = "kerberos"`: a build without it says which has it; one with it signs in to a real server by
//! tickets of a real KDC on loopback. That one is not part of the usual run; the README has its command.

#[cfg(not(feature = "gssapi"))]
use super::commands::run;
use super::slapd::{BASE, ca};
use crate::cli::place::{Done, Place, World};

/// A profile that signs in by Kerberos.
fn profile(place: &Place, world: &World, url: &str, more: &str) {
    let text = format!(
        "[profile.test.tenant]\nurl = \"{}\"\nauth = \"api-key\"\n\
         [profile.test.directory]\nkind = \"ldap\"\nurl = \"{url}\"\nca_file = \"{}\"\n\
         base_dn = \"{BASE}\"\nauth = \"kerberos\"\n{more}\
         [profile.test.identity]\nsubject = \"CORP\\\\{{sam}}\"\n",
        world.text("qlik_url"),
        ca().display(),
    );
    place.write("config.toml", &text);
}

/// Ten people, planned.
const WISH: [&str; 7] = [
    "plan",
    "--group",
    "analysts",
    "--license",
    "analyzer",
    "--out",
    "plan.json",
];

#[cfg(not(feature = "gssapi"))]
#[test]
fn a_build_without_kerberos_says_which_has_it() {
    let (place, world) = (Place::new(), World::scenario("s16"));
    profile(&place, &world, "ldaps://ldap.corp.example", "");
    let done: Done = run(&place, &world, "", &WISH);
    done.says(
        64,
        &[
            "this build of qroll cannot sign in by Kerberos",
            "--features gssapi",
            "libkrb5-dev",
        ],
    );
}

#[cfg(feature = "gssapi")]
mod realm {
    use std::fs;
    use std::net::TcpStream;
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use super::super::company::company;
    use super::super::slapd::{READER, Slapd, free_port};
    use super::*;
    use crate::cli::place::{done, plan};

    const REALM: &str = "CORP.EXAMPLE";

    /// A KDC of our own, with its database and the keytabs it gave out. Stopped when dropped.
    struct Kdc {
        child: Child,
        home: PathBuf,
    }

    impl Drop for Kdc {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    impl Kdc {
        /// The realm with the server's service and two accounts, `qroll` and `stranger`.
        fn start(home: &Path) -> Self {
            let port = free_port();
            write_configuration(home, port);
            called(
                home,
                "kdb5_util",
                &["create", "-s", "-P", "master", "-r", REALM],
            );
            for query in [
                "addprinc -randkey ldap/localhost",
                "addprinc -randkey qroll",
                "addprinc -randkey stranger",
                "ktadd -k server.keytab ldap/localhost",
                "ktadd -k qroll.keytab qroll",
                "ktadd -k stranger.keytab stranger",
            ] {
                called(home, "kadmin.local", &["-r", REALM, "-q", query]);
            }
            let child = command(home, "krb5kdc")
                .arg("-n")
                .spawn()
                .expect("krb5kdc starts");
            let kdc = Self {
                child,
                home: home.to_owned(),
            };
            let until = Instant::now() + Duration::from_secs(20);
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                assert!(Instant::now() < until, "the KDC does not listen");
                std::thread::sleep(Duration::from_millis(20));
            }
            kdc
        }

        /// Takes a ticket for `who` into the cache.
        fn ticket(&self, who: &str) {
            let keytab = format!("{who}.keytab");
            called(&self.home, "kinit", &["-k", "-t", &keytab, who]);
        }

        fn forget(&self) {
            let _ = fs::remove_file(self.home.join("tickets"));
        }

        /// A server that takes tickets of the realm and knows `qroll` as the reader.
        fn server(&self) -> Slapd {
            let global = format!(
                "sasl-host localhost\nsasl-realm {REALM}\n\
                 authz-regexp \"uid=qroll,cn=gssapi,cn=auth\" \"{READER}\"\n\
                 authz-regexp \"uid=qroll,cn={REALM},cn=gssapi,cn=auth\" \"{READER}\""
            );
            let (keytab, config) = (self.home.join("server.keytab"), self.home.join("krb5.conf"));
            let environment = [("KRB5_KTNAME", &*keytab), ("KRB5_CONFIG", &*config)];
            Slapd::start_in(&company(30), &global, "", &environment)
        }

        /// Plans, with `more` in the environment.
        fn plans(&self, place: &Place, world: &World, more: &[(&str, &str)]) -> Done {
            let mut command = place.unseen(&WISH);
            command
                .env("QROLL_TENANT_SECRET", world.text("api_key"))
                .env("KRB5_CONFIG", self.home.join("krb5.conf"))
                .env("KRB5CCNAME", self.home.join("tickets"))
                .envs(more.iter().copied());
            done(&command.output().expect("qroll runs"))
        }
    }

    fn write_configuration(home: &Path, port: u16) {
        let client = format!(
            "[libdefaults]\ndefault_realm = {REALM}\ndns_lookup_kdc = false\ndns_lookup_realm = false\n\
             dns_canonicalize_hostname = false\nrdns = false\nudp_preference_limit = 1\n\
             [realms]\n{REALM} = {{\n kdc = 127.0.0.1:{port}\n}}\n\
             [domain_realm]\nlocalhost = {REALM}\n"
        );
        fs::write(home.join("krb5.conf"), client).expect("a file");
        let place = home.display();
        let server = format!(
            "[kdcdefaults]\nkdc_listen = 127.0.0.1:{port}\nkdc_tcp_listen = 127.0.0.1:{port}\n\
             [realms]\n{REALM} = {{\n database_name = {place}/principal\n key_stash_file = {place}/stash\n\
             acl_file = {place}/acl\n max_life = 1h\n}}\n\
             [logging]\nkdc = FILE:{place}/kdc.log\n"
        );
        fs::write(home.join("kdc.conf"), server).expect("a file");
    }

    fn command(home: &Path, name: &str) -> Command {
        let admin = Path::new("/usr/sbin").join(name);
        let mut command = Command::new(if admin.exists() {
            admin
        } else {
            PathBuf::from(name)
        });
        command
            .current_dir(home)
            .env("KRB5_CONFIG", home.join("krb5.conf"))
            .env("KRB5_KDC_PROFILE", home.join("kdc.conf"))
            .env("KRB5CCNAME", home.join("tickets"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn called(home: &Path, name: &str, arguments: &[&str]) {
        let done = command(home, name)
            .args(arguments)
            .stderr(Stdio::piped())
            .output();
        let done = done.unwrap_or_else(|error| {
            panic!("{name}: {error} (krb5-kdc krb5-admin-server krb5-user)")
        });
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{name} {arguments:?}: {said}");
    }

    #[test]
    fn tickets_and_keytabs_sign_in_and_nothing_else_does() {
        let (place, world) = (Place::new(), World::scenario("s16"));
        let realm = tempfile::tempdir().expect("a directory");
        let kdc = Kdc::start(realm.path());
        let server = kdc.server();
        let url = format!("ldaps://localhost:{}", server.tls);
        profile(&place, &world, &url, "");

        kdc.plans(&place, &world, &[])
            .says(1, &["no Kerberos sign-in to localhost", "kinit"]);

        kdc.ticket("qroll");
        kdc.plans(&place, &world, &[]).says(2, &[]);
        assert_eq!(plan(&place.path("plan.json"))["summary"]["people"], 10);

        // Let in by its ticket, and nobody the server knows: never an empty company.
        kdc.ticket("stranger");
        kdc.plans(&place, &world, &[]).says(64, &["may not see it"]);

        kdc.forget();
        let keytab = realm.path().join("qroll.keytab");
        let keytab = ("KRB5_CLIENT_KTNAME", keytab.to_str().expect("a path"));
        kdc.plans(&place, &world, &[keytab]).says(2, &[]);

        // The same with StartTLS; without TLS it is not tried.
        let plain = format!("ldap://localhost:{}", server.plain);
        profile(&place, &world, &plain, "start_tls = true\n");
        kdc.plans(&place, &world, &[keytab]).says(2, &[]);
        profile(&place, &world, &plain, "");
        kdc.plans(&place, &world, &[keytab])
            .says(64, &["wants TLS"]);

        // A name that the realm has no service for.
        profile(
            &place,
            &world,
            &format!("ldaps://127.0.0.1:{}", server.tls),
            "",
        );
        kdc.plans(&place, &world, &[keytab])
            .says(1, &["no Kerberos sign-in to 127.0.0.1", "ldap/HOST"]);
    }

    #[test]
    fn a_silent_kdc_costs_its_time_limit_and_no_more() {
        let (place, world) = (Place::new(), World::scenario("s16"));
        let realm = tempfile::tempdir().expect("a directory");
        let kdc = Kdc::start(realm.path());
        let server = kdc.server();
        profile(
            &place,
            &world,
            &format!("ldaps://localhost:{}", server.tls),
            "",
        );
        kdc.ticket("qroll");
        // From here on a listener that never says anything stands where the KDC was.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        write_configuration(
            realm.path(),
            silent.local_addr().expect("an address").port(),
        );
        let began = Instant::now();
        kdc.plans(&place, &world, &[])
            .says(1, &["Kerberos", "localhost"]);
        assert!(
            began.elapsed() < Duration::from_secs(40),
            "{:?}",
            began.elapsed()
        );
    }
}
