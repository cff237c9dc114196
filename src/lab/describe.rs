//! How to reach a running lab, in plain lines for people who point their own tools at it.

use crate::lab::addresses::Addresses;
use crate::lab::plan::RoutePlan;
use crate::model::{Endpoints, Secret, SeedMailbox};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

/// The lines. Passwords are minted for this lab and protect nothing.
pub fn lines(
    plans: &[RoutePlan],
    logins: &BTreeMap<String, Option<(String, Secret)>>,
    mailboxes: &[SeedMailbox],
    passwords: &BTreeMap<String, Secret>,
    addresses: &Addresses,
    net: &Endpoints,
) -> String {
    let mut out = String::new();
    let socket = |host: &str, port: u16| -> Option<SocketAddr> {
        let (_, address) = addresses.iter().find(|(name, _)| *name == host.to_ascii_lowercase())?;
        net.forward.get(&(address, port)).copied()
    };
    for dns in &net.dns {
        let _ = writeln!(out, "DNS          {dns} (UDP and TCP)");
    }
    for plan in plans {
        let Some(at) = socket(&plan.host, plan.port) else {
            continue;
        };
        let security = if plan.starttls { "STARTTLS" } else { "TLS" };
        let _ = write!(
            out,
            "submission   {at} {security}, as {}:{}, route {}",
            plan.host, plan.port, plan.name
        );
        let _ = match logins.get(&plan.name) {
            Some(Some((user, password))) => writeln!(out, ", login {user} {}", password.expose()),
            _ => writeln!(out, ", no login"),
        };
    }
    for seed in mailboxes {
        let (host, port) = (&seed.profile.host, seed.profile.port);
        let (Some(at), Some(password)) = (socket(host, port), passwords.get(&seed.name)) else {
            continue;
        };
        let (name, user) = (&seed.name, &seed.username);
        let _ = writeln!(
            out,
            "IMAP         {at} TLS, as {host}:{port}, mailbox {name}, login {user} {}",
            password.expose()
        );
    }
    for (host, address) in addresses.iter() {
        for (port, scheme) in [(443, "https"), (80, "http")] {
            if let Some(at) = web_socket(net, address, port) {
                let _ = writeln!(out, "web          {at}, as {scheme}://{host}/");
            }
        }
    }
    out
}

fn web_socket(net: &Endpoints, address: IpAddr, port: u16) -> Option<SocketAddr> {
    net.forward.get(&(address, port)).copied()
}
