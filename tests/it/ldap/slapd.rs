//! A real OpenLDAP server for one test: its own data and ports on loopback, TLS by the tests' own CA,
//! a size limit of 500 as distributions ship it. Stopped when dropped.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) const BASE: &str = "dc=corp,dc=example";
pub(crate) const READER: &str = "cn=reader,dc=corp,dc=example";
pub(crate) const PASSWORD: &str = "reader's password";
const CERTIFICATES: &str = "tests/it/secrets/certificates";

/// A running server.
pub(crate) struct Slapd {
    child: Child,
    /// Its data, as long as it runs.
    _directory: TempDir,
    pub(crate) plain: u16,
    pub(crate) tls: u16,
}

impl Slapd {
    /// Loads the LDIF and starts. `extra` goes into the configuration of the database.
    pub(crate) fn start(ldif: &str, extra: &str) -> Self {
        Self::start_with(ldif, "", extra)
    }

    /// The same with `global` before any database: schema, TLS, how certificates are mapped.
    pub(crate) fn start_with(ldif: &str, global: &str, extra: &str) -> Self {
        Self::start_in(ldif, global, extra, &[])
    }

    /// The same with more in the server's environment.
    pub(crate) fn start_in(
        ldif: &str,
        global: &str,
        extra: &str,
        environment: &[(&str, &Path)],
    ) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let place = directory.path();
        fs::create_dir(place.join("data")).expect("a directory");
        let config = place.join("slapd.conf");
        fs::write(&config, configuration(place, global, extra)).expect("a file");
        let data = place.join("data.ldif");
        fs::write(&data, ldif).expect("a file");
        let loaded = Command::new(program("slapadd"))
            .arg("-q")
            .args([
                "-f".as_ref(),
                config.as_os_str(),
                "-l".as_ref(),
                data.as_os_str(),
            ])
            .output()
            .expect("slapadd runs");
        let said = String::from_utf8_lossy(&loaded.stderr);
        assert!(loaded.status.success(), "slapadd: {said}");
        let (plain, tls) = (free_port(), free_port());
        let child = Command::new(program("slapd"))
            .args(["-d", "0", "-f"])
            .arg(&config)
            .envs(environment.iter().copied())
            .arg("-h")
            .arg(format!("ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{tls}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("slapd starts");
        let server = Self {
            child,
            _directory: directory,
            plain,
            tls,
        };
        server.wait();
        server
    }

    /// The address with TLS from the first byte.
    pub(crate) fn ldaps(&self) -> String {
        format!("ldaps://127.0.0.1:{}", self.tls)
    }

    /// The address without.
    pub(crate) fn ldap(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.plain)
    }

    fn wait(&self) {
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", self.tls)).is_err() {
            assert!(Instant::now() < until, "slapd does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The CA that the server's certificate comes from.
pub(crate) fn ca() -> PathBuf {
    certificate("ca.pem")
}

pub(crate) fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(CERTIFICATES)
        .join(name)
}

fn configuration(place: &Path, global: &str, extra: &str) -> String {
    let schemas = ["core", "cosine", "nis", "inetorgperson"]
        .map(|name| format!("include /etc/ldap/schema/{name}.schema\n"))
        .concat();
    format!(
        "{schemas}\
         modulepath /usr/lib/ldap\n\
         moduleload back_mdb\n\
         moduleload memberof\n\
         pidfile {place}/slapd.pid\n\
         TLSCACertificateFile {ca}\n\
         TLSCertificateFile {here}\n\
         TLSCertificateKeyFile {key}\n\
         {global}\n\
         sizelimit size.soft=500 size.hard=500 size.prtotal=unlimited\n\
         database mdb\n\
         maxsize 1073741824\n\
         suffix {BASE}\n\
         rootdn cn=admin,{BASE}\n\
         rootpw admin\n\
         directory {place}/data\n\
         dbnosync\n\
         overlay memberof\n\
         memberof-group-oc groupOfNames\n\
         index objectClass,entryUUID,uid,mail,member,memberOf eq\n\
         access to * by dn.exact={READER} read by anonymous auth\n\
         {extra}\n",
        place = place.display(),
        ca = ca().display(),
        here = certificate("here.pem").display(),
        key = certificate("here.key").display(),
    )
}

/// The programs lie where only administrators' paths look.
fn program(name: &str) -> PathBuf {
    let here = Path::new("/usr/sbin").join(name);
    assert!(
        here.exists(),
        "{name} is not installed (apt-get install slapd ldap-utils); the tests need a real OpenLDAP"
    );
    here
}

pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
