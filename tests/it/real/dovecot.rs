//! A Dovecot of a test's own: IMAPS with a test certificate, LMTP with Sieve where that is installed, Maildirs below its
//! directory. Every user exists and has [`PASSWORD`].

use super::daemon::{Daemon, can_run, free_port, run};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Every user's password.
pub const PASSWORD: &str = "seed-secret";

/// A running Dovecot.
pub struct Dovecot {
    /// Port of IMAP over TLS, on 127.0.0.1; the certificate is for `localhost`.
    pub port: u16,
    /// Port of LMTP, on 127.0.0.1.
    pub lmtp_port: u16,
    /// The authority that signed its certificate, DER.
    pub authority: Vec<u8>,
    /// The same as PEM.
    pub authority_pem: String,
    config: PathBuf,
    // Before the directory: it must be gone before its files are.
    _daemon: Daemon,
    dir: TempDir,
}

impl Dovecot {
    /// Starts one; `None` (and a line that says so) where it can not run.
    pub fn start(test: &str) -> Option<Dovecot> {
        Dovecot::with(test, "")
    }

    /// Starts one with lines of configuration on top, in which `DIR` stands for its directory.
    pub fn with(test: &str, extra: &str) -> Option<Dovecot> {
        Dovecot::with_file(test, extra, "extra.conf", "")
    }

    /// The same with a file that those lines name, below its directory.
    pub fn with_file(test: &str, extra: &str, path: &str, text: &str) -> Option<Dovecot> {
        if !can_run(test, &["dovecot", "doveadm"]) {
            return None;
        }
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        open_to_all(dir);
        for name in ["mail", "sieve"] {
            fs::create_dir(dir.join(name)).unwrap();
        }
        run("chown", &["-R", "nobody:nogroup", dir.join("mail").to_str().unwrap()]);
        let file = dir.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        let (authority, authority_pem) = certify(dir);
        let (port, lmtp_port) = (free_port(), free_port());
        let config = dir.join("dovecot.conf");
        fs::write(&config, configuration(dir, port, lmtp_port, extra)).unwrap();
        let log = dir.join("mail.log");
        let mut daemon =
            Daemon::start("dovecot", dir, "dovecot", &["-F", "-c", config.to_str().unwrap()]).with_log(log);
        daemon.wait_for_port(port);
        Some(Dovecot {
            port,
            lmtp_port,
            authority,
            authority_pem,
            config,
            _daemon: daemon,
            dir: temp,
        })
    }

    /// Writes a file that Dovecot's mail user owns, below its directory.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let top = path.strip_prefix(self.dir.path()).unwrap().components().next().unwrap();
        run(
            "chown",
            &["-R", "nobody:nogroup", self.dir.path().join(top).to_str().unwrap()],
        );
    }

    /// Puts a message into a folder, as a local delivery would.
    pub fn deliver(&self, user: &str, folder: &str, raw: &[u8]) {
        let mut child = Command::new("/usr/lib/dovecot/dovecot-lda")
            .args(["-c", self.config.to_str().unwrap(), "-d", user, "-m", folder, "-e"])
            .args(["-o", "lda_mailbox_autocreate=yes"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), raw).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Ends a user's sessions; was there one?
    pub fn kick(&self, user: &str) -> bool {
        let mut kick = Command::new("doveadm");
        let kick = kick.args(["-c", self.config.to_str().unwrap(), "kick", user]);
        kick.output().unwrap().status.success()
    }

    /// Asks Dovecot's own tool.
    pub fn doveadm(&self, arguments: &[&str]) -> String {
        let mut all = vec!["-c", self.config.to_str().unwrap()];
        all.extend(arguments);
        run("doveadm", &all)
    }
}

fn open_to_all(dir: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Writes `cert.pem` and `key.pem` for `localhost`; returns the authority's certificate.
fn certify(dir: &Path) -> (Vec<u8>, String) {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    fs::write(dir.join("cert.pem"), certificate.pem()).unwrap();
    fs::write(dir.join("key.pem"), key.serialize_pem()).unwrap();
    (authority.der().to_vec(), authority.pem())
}

fn configuration(dir: &Path, port: u16, lmtp_port: u16, extra: &str) -> String {
    let dir = dir.display();
    let extra = extra.replace("DIR", &dir.to_string());
    let sieve = if Path::new("/usr/lib/dovecot/modules/lib90_sieve_plugin.so").exists() {
        format!(
            "protocol lmtp {{\n mail_plugins = $mail_plugins sieve\n}}\nplugin {{\n sieve = file:{dir}/sieve/%u\n sieve_before = {dir}/sieve/before.sieve\n}}\n"
        )
    } else {
        String::new()
    };
    format!(
        r#"protocols = imap{lmtp}
listen = 127.0.0.1
base_dir = {dir}/run
state_dir = {dir}/run
log_path = {dir}/mail.log
auth_verbose = yes
ssl = required
ssl_cert = <{dir}/cert.pem
ssl_key = <{dir}/key.pem
mail_location = maildir:{dir}/mail/%u
mail_home = {dir}/mail/%u
first_valid_uid = 1
first_valid_gid = 1
passdb {{
 driver = static
 args = password={PASSWORD}
}}
userdb {{
 driver = static
 args = uid=nobody gid=nogroup home={dir}/mail/%u
}}
service imap-login {{
 inet_listener imap {{
  port = 0
 }}
 inet_listener imaps {{
  port = {port}
  ssl = yes
 }}
}}
service lmtp {{
 inet_listener lmtp {{
  address = 127.0.0.1
  port = {lmtp_port}
 }}
}}
namespace inbox {{
 inbox = yes
 separator = /
 mailbox Junk {{
  auto = create
  special_use = \Junk
 }}
 mailbox Archive {{
  auto = create
  special_use = \Archive
 }}
 mailbox Trash {{
  special_use = \Trash
 }}
 mailbox "Größen & Maße" {{
  auto = create
 }}
}}
{extra}{sieve}
"#,
        lmtp = if Path::new("/usr/lib/dovecot/lmtp").exists() {
            " lmtp"
        } else {
            ""
        },
    )
}
