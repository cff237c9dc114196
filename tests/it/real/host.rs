//! Mail that really travels: inboxqa ─► Postfix (login, STARTTLS, signed by OpenDKIM) ─► Postfix (verified by OpenDKIM) ─►
//! Dovecot (LMTP, Sieve, IMAPS), with the DNS records of the domains beside it. All of it on loopback ports, in one
//! temporary directory, gone when dropped.

use super::daemon::{Daemon, can_run, free_port};
use super::dovecot::{Dovecot, PASSWORD};
use super::opendkim::{OpenDkim, Signed};
use super::policy::Greylist;
use super::postfix;
use super::zone::Zone;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

/// The receiving side's name in Authentication-Results and Received.
pub const RECEIVER: &str = "mx.seeds.example";
/// Where the sending Postfix connects from: what SPF is judged by.
pub const CLIENT: &str = "127.0.0.25";
/// Messages with this header are filed into Junk.
pub const JUNK_HEADER: &str = "X-Test-Junk";
/// Login of the sending side.
pub const SMTP_USER: &str = "sender";

/// The domains that are signed for.
const SIGNED: &[Signed] = &[
    Signed {
        domain: "brand.example",
        selector: "post",
    },
    Signed {
        domain: "news.brand.example",
        selector: "news",
    },
];

/// The servers.
pub struct MailHost {
    /// Submission with STARTTLS, on `localhost`.
    pub smtp_port: u16,
    /// IMAP over TLS, on `localhost`.
    pub imap_port: u16,
    /// DNS, UDP and TCP, on 127.0.0.1.
    pub dns_port: u16,
    /// The authorities of the submission server and the IMAP server, PEM.
    pub ca_pem: String,
    /// Password of every user, for SMTP and IMAP.
    pub password: &'static str,
    /// The receiving side's switch.
    pub greylist: Greylist,
    sending: Daemon,
    receiving: Daemon,
    dkim: [OpenDkim; 2],
    _dns: Daemon,
    dovecot: Dovecot,
    _dir: TempDir,
}

impl MailHost {
    /// Starts everything; `None` (and a line that says so) where it can not run.
    pub fn start(test: &str) -> Option<MailHost> {
        if !can_run(
            test,
            &[
                "postfix",
                "opendkim",
                "opendkim-genkey",
                "dovecot",
                "doveadm",
                "dnsmasq",
            ],
        ) {
            return None;
        }
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
        let ca_pem = certify(dir);
        fs::write(dir.join("junk.sieve"), junk_rule()).unwrap();
        let dovecot = Dovecot::with(test, &dovecot_settings(dir))?;
        let mut zone = records();
        let signer = OpenDkim::signer(dir, SIGNED, &mut zone);
        let verifier = OpenDkim::verifier(dir, RECEIVER, &zone);
        let (dns_port, dns) = zone.serve(dir);
        let greylist = Greylist::default();
        let (smtp_port, mx_port) = (free_port(), free_port());
        let receiving = receiving(dir, mx_port, dovecot.lmtp_port, verifier.port, greylist.serve());
        let sending = sending(dir, smtp_port, mx_port, signer.port);
        Some(MailHost {
            smtp_port,
            imap_port: dovecot.port,
            dns_port,
            ca_pem: ca_pem + &dovecot.authority_pem,
            password: PASSWORD,
            greylist,
            sending,
            receiving,
            dkim: [signer, verifier],
            _dns: dns,
            dovecot,
            _dir: temp,
        })
    }

    /// The address of a seed, whose IMAP login name it also is. Names that begin with `nobody` are refused by the receiving
    /// side with 550 5.1.1, so that the sending side bounces them, though their mailbox can be looked into.
    pub fn address(name: &str) -> String {
        format!("{name}@seeds.example")
    }

    /// Ends every IMAP session of a user, as a server that restarts would.
    pub fn drop_sessions(&self, user: &str) -> bool {
        self.dovecot.kick(user)
    }

    /// The messages in a folder of a user, as text.
    pub fn messages(&self, user: &str, folder: &str) -> String {
        self.dovecot
            .doveadm(&["fetch", "-u", user, "text", "mailbox", folder, "ALL"])
    }

    /// What all servers logged.
    pub fn log(&self) -> String {
        let dkim = self.dkim.iter().map(OpenDkim::log);
        [self.sending.log(), self.receiving.log()]
            .into_iter()
            .chain(dkim)
            .collect()
    }
}

fn certify(dir: &Path) -> String {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    fs::write(dir.join("smtp.pem"), key.serialize_pem() + &certificate.pem()).unwrap();
    authority.pem()
}

fn junk_rule() -> String {
    format!("require [\"fileinto\"];\nif exists \"{JUNK_HEADER}\" {{ fileinto \"Junk\"; }}\n")
}

fn dovecot_settings(dir: &Path) -> String {
    let dir = dir.display();
    format!(
        "hostname = {RECEIVER}
auth_mechanisms = plain login
service auth {{
 unix_listener {dir}/auth {{
  mode = 0666
 }}
}}
plugin {{
 sieve_before2 = {dir}/junk.sieve
}}
"
    )
}

/// SPF and DMARC of the senders; keys come from the signer.
fn records() -> Zone {
    let mut zone = Zone::default();
    for domain in [
        "brand.example",
        "news.brand.example",
        "pm-bounces.brand.example",
        "bounces.news.brand.example",
    ] {
        zone.txt(domain, &format!("v=spf1 ip4:{CLIENT} -all"));
    }
    zone.txt(
        "_dmarc.brand.example",
        "v=DMARC1; p=reject; rua=mailto:dmarc@brand.example",
    );
    zone.host(RECEIVER, "127.0.0.1");
    zone
}

fn sending(dir: &Path, port: u16, mx_port: u16, milter: u16) -> Daemon {
    let tls = dir.join("smtp.pem");
    let settings = format!(
        "smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {tls}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_milters = inet:127.0.0.1:{milter}
smtp_bind_address = {CLIENT}
smtp_tls_security_level = encrypt
default_transport = smtp:[127.0.0.1]:{mx_port}
relay_transport = smtp:[127.0.0.1]:{mx_port}
",
        tls = tls.display(),
        auth = dir.join("auth").display(),
    );
    postfix::start("out.brand.example", &dir.join("sending"), port, &settings)
}

fn receiving(dir: &Path, port: u16, lmtp_port: u16, milter: u16, policy: u16) -> Daemon {
    let settings = format!(
        "mynetworks =
smtpd_tls_security_level = may
smtpd_tls_chain_files = {tls}
virtual_mailbox_domains = seeds.example
virtual_mailbox_maps = regexp:{{{{ !/^nobody/ OK }}}}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp_port}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = reject_unlisted_recipient, check_policy_service inet:127.0.0.1:{policy}
smtpd_milters = inet:127.0.0.1:{milter}
default_transport = error:nothing leaves this host
",
        tls = dir.join("smtp.pem").display()
    );
    postfix::start(RECEIVER, &dir.join("receiving"), port, &settings)
}
