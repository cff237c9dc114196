//! The DNS records of the test's domains, served by dnsmasq on a loopback port.

use super::daemon::{Daemon, free_port};
use std::path::Path;

/// Records to be served. Names below `.example` that are not here do not exist.
#[derive(Default)]
pub struct Zone {
    texts: Vec<(String, String)>,
    hosts: Vec<(String, String)>,
}

impl Zone {
    /// A TXT record.
    pub fn txt(&mut self, name: &str, text: &str) {
        self.texts.push((name.to_owned(), text.to_owned()));
    }

    /// An A record.
    pub fn host(&mut self, name: &str, address: &str) {
        self.hosts.push((name.to_owned(), address.to_owned()));
    }

    /// All TXT records.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Serves them; the port is for UDP and TCP on 127.0.0.1.
    pub fn serve(&self, dir: &Path) -> (u16, Daemon) {
        let port = free_port();
        let mut config = format!(
            "port={port}\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nlocal=/example/\nuser=root\n\
             pid-file={}/dnsmasq.pid\n",
            dir.display()
        );
        for (name, text) in &self.texts {
            let strings: Vec<String> = pieces(text).map(|piece| format!("\"{piece}\"")).collect();
            config += &format!("txt-record={name},{}\n", strings.join(","));
        }
        for (name, address) in &self.hosts {
            config += &format!("host-record={name},{address}\n");
        }
        let file = dir.join("dnsmasq.conf");
        std::fs::write(&file, config).unwrap();
        let mut daemon = Daemon::start(
            "dnsmasq",
            dir,
            "dnsmasq",
            &["-k", "-C", file.to_str().unwrap(), "--log-facility=-"],
        );
        daemon.wait_for_port(port);
        (port, daemon)
    }
}

/// A string of a TXT record holds at most 255 bytes (RFC 1035 §3.3.14).
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    (0..text.len().max(1))
        .step_by(200)
        .map(|start| &text[start..text.len().min(start + 200)])
}
