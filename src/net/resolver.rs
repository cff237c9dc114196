//! DNS with the failures kept apart: no such name, no such data, server failed, no answer in time.

use crate::model::{DnsAnswer, RecordType, Why};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RData, RecordType as Kind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// One question may take this long in all; the resolver's own retries over UDP and TCP took four times its timeout when a
/// server was dead.
const PATIENCE: Duration = Duration::from_secs(6);

pub(super) struct Resolver {
    inner: TokioResolver,
}

impl Resolver {
    pub(super) fn new(servers: &[SocketAddr]) -> Result<Resolver, Why> {
        let built = if servers.is_empty() {
            TokioResolver::builder_tokio().and_then(|mut builder| {
                bound(builder.options_mut());
                builder.build()
            })
        } else {
            let mut options = ResolverOpts::default();
            bound(&mut options);
            options.use_hosts_file = ResolveHosts::Never;
            // A server that someone chose is asked each time: a cache would hide that its answers changed.
            options.cache_size = 0;
            let config = ResolverConfig::from_parts(None, vec![], servers.iter().map(name_server).collect());
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
                .with_options(options)
                .build()
        };
        let inner = built.map_err(|error| Why::new("dns-config", format!("no DNS resolver: {error}")))?;
        Ok(Resolver { inner })
    }

    pub(super) async fn lookup(&self, name: &str, kind: RecordType) -> DnsAnswer {
        // A final dot keeps the system's search list out of it.
        let Ok(absolute) = Name::from_ascii(format!("{}.", name.trim_end_matches('.'))) else {
            return DnsAnswer::NoName;
        };
        match tokio::time::timeout(PATIENCE, self.inner.lookup(absolute, wire_kind(kind))).await {
            Err(_) => DnsAnswer::Timeout,
            Ok(Err(error)) => refusal(&error),
            Ok(Ok(found)) => {
                let records: Vec<String> = found
                    .answers()
                    .iter()
                    .filter_map(|record| text_of(&record.data, kind))
                    .collect();
                if records.is_empty() {
                    DnsAnswer::NoData
                } else {
                    DnsAnswer::Records(records)
                }
            }
        }
    }

    pub(super) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Why> {
        if let Ok(ip) = host.trim_start_matches('[').trim_end_matches(']').parse() {
            return Ok(vec![ip]);
        }
        if host.eq_ignore_ascii_case("localhost") {
            return Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        }
        let (four, six) = tokio::join!(self.lookup(host, RecordType::A), self.lookup(host, RecordType::Aaaa));
        let found: Vec<IpAddr> = [&four, &six]
            .iter()
            .flat_map(|answer| answer.known().unwrap_or_default())
            .filter_map(|text| text.parse().ok())
            .collect();
        match (found.is_empty(), &four, &six) {
            (false, ..) => Ok(found),
            (true, DnsAnswer::Timeout, _) | (true, _, DnsAnswer::Timeout) => Err(Why::new(
                "dns-timeout",
                format!("no DNS answer for {host} within {} s", PATIENCE.as_secs()),
            )),
            (true, DnsAnswer::Failed(text), _) | (true, _, DnsAnswer::Failed(text)) => Err(Why::new(
                "dns-failed",
                format!("DNS could not answer for {host}: {text}"),
            )),
            _ => Err(Why::new("no-such-host", format!("{host} has no address in DNS"))),
        }
    }
}

fn bound(options: &mut ResolverOpts) {
    options.timeout = Duration::from_secs(2);
    options.attempts = 1;
}

fn name_server(server: &SocketAddr) -> NameServerConfig {
    let mut udp = ConnectionConfig::udp();
    udp.port = server.port();
    let mut tcp = ConnectionConfig::tcp();
    tcp.port = server.port();
    NameServerConfig::new(server.ip(), true, vec![udp, tcp])
}

fn wire_kind(kind: RecordType) -> Kind {
    match kind {
        RecordType::Txt => Kind::TXT,
        RecordType::A => Kind::A,
        RecordType::Aaaa => Kind::AAAA,
        RecordType::Mx => Kind::MX,
        RecordType::Cname => Kind::CNAME,
        RecordType::Ptr => Kind::PTR,
        RecordType::Ns => Kind::NS,
    }
}

/// Presentation form of the wanted type; aliases on the way to it are passed over.
fn text_of(data: &RData, kind: RecordType) -> Option<String> {
    let bare = |name: &Name| name.to_ascii().trim_end_matches('.').to_ascii_lowercase();
    match (data, kind) {
        (RData::TXT(txt), RecordType::Txt) => {
            let bytes: Vec<u8> = txt.txt_data.iter().flat_map(|part| part.iter().copied()).collect();
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
        (RData::A(ip), RecordType::A) => Some(ip.0.to_string()),
        (RData::AAAA(ip), RecordType::Aaaa) => Some(ip.0.to_string()),
        (RData::MX(mx), RecordType::Mx) => Some(format!("{} {}", mx.preference, bare(&mx.exchange))),
        (RData::CNAME(name), RecordType::Cname) => Some(bare(&name.0)),
        (RData::PTR(name), RecordType::Ptr) => Some(bare(&name.0)),
        (RData::NS(name), RecordType::Ns) => Some(bare(&name.0)),
        _ => None,
    }
}

fn refusal(error: &NetError) -> DnsAnswer {
    if error.is_nx_domain() {
        DnsAnswer::NoName
    } else if error.is_no_records_found() {
        DnsAnswer::NoData
    } else if matches!(error, NetError::Timeout) {
        DnsAnswer::Timeout
    } else {
        DnsAnswer::Failed(error.to_string())
    }
}
