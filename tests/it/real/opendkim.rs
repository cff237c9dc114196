//! OpenDKIM as a milter: one that signs for the sending side, one that verifies for the receiving side.

use super::daemon::{Daemon, free_port, run};
use super::zone::Zone;
use std::fs;
use std::path::Path;

/// A running OpenDKIM.
pub struct OpenDkim {
    /// Port of the milter, on 127.0.0.1.
    pub port: u16,
    daemon: Daemon,
}

/// A domain it signs for, with the selector its key is published under.
pub struct Signed {
    /// `d=`; also signs for senders below it.
    pub domain: &'static str,
    /// `s=`.
    pub selector: &'static str,
}

impl OpenDkim {
    /// Signs for these domains with 2048-bit keys of its own, and publishes them in the zone.
    pub fn signer(dir: &Path, domains: &[Signed], zone: &mut Zone) -> OpenDkim {
        let (mut keys, mut senders) = (String::new(), String::new());
        for Signed { domain, selector } in domains {
            let folder = dir.display().to_string();
            run(
                "opendkim-genkey",
                &["-b", "2048", "-d", domain, "-s", selector, "-D", &folder],
            );
            let key = dir.join(format!("{domain}.private"));
            fs::rename(dir.join(format!("{selector}.private")), &key).unwrap();
            let record = fs::read_to_string(dir.join(format!("{selector}.txt"))).unwrap();
            zone.txt(&format!("{selector}._domainkey.{domain}"), &quoted(&record));
            keys += &format!("{domain} {domain}:{selector}:{}\n", key.display());
            senders += &format!("*@{domain} {domain}\n");
        }
        fs::write(dir.join("keys"), keys).unwrap();
        fs::write(dir.join("senders"), senders).unwrap();
        let tables = format!(
            "Mode s\nKeyTable file:{0}/keys\nSigningTable refile:{0}/senders\nInternalHosts 127.0.0.0/8\nOversignHeaders From\n\
             SignHeaders *,+list-unsubscribe,+list-unsubscribe-post\n",
            dir.display()
        );
        OpenDkim::start("opendkim-signer", dir, &tables)
    }

    /// Verifies what arrives, by the records of the zone, and says so in `Authentication-Results: NAME`.
    pub fn verifier(dir: &Path, name: &str, zone: &Zone) -> OpenDkim {
        let records: String = zone.texts().map(|(name, text)| format!("{name} {text}\n")).collect();
        fs::write(dir.join("records"), records).unwrap();
        let verify = format!(
            "Mode v\nAuthservID {name}\nAlwaysAddARHeader yes\nTestDNSData refile:{}/records\nOn-Default accept\n",
            dir.display()
        );
        OpenDkim::start("opendkim-verifier", dir, &verify)
    }

    /// What it logged.
    pub fn log(&self) -> String {
        self.daemon.log()
    }

    fn start(name: &str, dir: &Path, settings: &str) -> OpenDkim {
        let port = free_port();
        let config = dir.join(format!("{name}.conf"));
        let common = format!(
            "Socket inet:{port}@127.0.0.1\nCanonicalization relaxed/relaxed\nRequireSafeKeys no\nSyslog no\nBackground no\n\
             PidFile {}/{name}.pid\n",
            dir.display()
        );
        fs::write(&config, common + settings).unwrap();
        let arguments = ["-f", "-v", "-x", config.to_str().unwrap()];
        let mut daemon = Daemon::start(name, dir, "opendkim", &arguments).without_grace();
        daemon.wait_for_port(port);
        OpenDkim { port, daemon }
    }
}

/// The strings of a zone-file record, joined.
fn quoted(record: &str) -> String {
    record.split('"').skip(1).step_by(2).collect()
}
