//! The fence around URLs that came in a message: only public addresses, http and https, and never a credential.
//! Ranges: IANA special-purpose address registries (RFC 6890 and successors).

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

/// Special-purpose ranges with the name shown to people.
const FORBIDDEN: &[(&str, &str)] = &[
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link-local, cloud metadata"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "protocol assignments"),
    ("192.0.2.0/24", "documentation"),
    ("192.88.99.0/24", "6to4 relay"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("64:ff9b:1::/48", "local NAT64"),
    ("100::/64", "discard"),
    ("2001::/23", "protocol assignments"),
    ("2001:db8::/32", "documentation"),
    ("3fff::/20", "documentation"),
    ("5f00::/16", "segment routing"),
    ("fc00::/7", "unique local"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("ff00::/8", "multicast"),
];

static RANGES: LazyLock<Vec<(IpNet, &'static str)>> = LazyLock::new(|| {
    FORBIDDEN
        .iter()
        .filter_map(|(net, name)| Some((net.parse().ok()?, *name)))
        .collect()
});

/// `None` where the address is public; otherwise what kind of address it is. An IPv4 address inside an IPv6 one
/// (mapped, compatible, NAT64, 6to4) is judged by the IPv4 address.
pub(super) fn forbidden(ip: IpAddr) -> Option<String> {
    let inner = match ip {
        IpAddr::V6(six) => embedded(six).map(IpAddr::V4),
        IpAddr::V4(_) => None,
    };
    [Some(ip), inner].into_iter().flatten().find_map(|ip| {
        let (range, name) = RANGES.iter().find(|(range, _)| range.contains(&ip))?;
        Some(format!("{ip} is in {range} ({name})"))
    })
}

fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let four = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff | 0) if (g, h) != (0, 0) && (g, h) != (0, 1) => Some(four(g, h)),
        (0x64, 0xff9b, 0, 0, 0, 0) => Some(four(g, h)),
        (0x2002, high, low, ..) => Some(four(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_of_the_table_parses() {
        assert_eq!(RANGES.len(), FORBIDDEN.len());
    }

    #[test]
    fn private_addresses_are_refused_in_every_disguise() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "fc00::1",
            "fe80::1",
            "203.0.113.9",
            "255.255.255.255",
            "::",
        ] {
            assert!(forbidden(text.parse().unwrap()).is_some(), "{text} passed the fence");
        }
    }

    #[test]
    fn public_addresses_pass() {
        for text in [
            "1.1.1.1",
            "93.184.216.34",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "172.32.0.1",
            "100.128.0.1",
        ] {
            assert_eq!(forbidden(text.parse().unwrap()), None, "{text}");
        }
    }
}
