//! The lab's authoritative DNS on hickory-server: a zone at the root answers every invented name and denies the rest, so no
//! question leaves loopback. A handler in front gives SERVFAIL or silence where a fault says so.

use crate::lab::zone::{Data, ZoneRecord};
use crate::model::Why;
use async_trait::async_trait;
use hickory_server::Server;
use hickory_server::net::runtime::{Time, TokioRuntimeProvider};
use hickory_server::proto::op::{Header, Metadata, ResponseCode};
use hickory_server::proto::rr::rdata::{A, AAAA, MX, NS, PTR, SOA, TXT};
use hickory_server::proto::rr::{LowerName, Name, RData, Record, RecordType};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, MessageResponseBuilder, ZoneType};
use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, UdpSocket};

/// Seconds an answer may be cached.
const TTL: u32 = 60;
/// Idle TCP connections are closed after this.
const TCP_IDLE: Duration = Duration::from_secs(10);

/// How a question is left unanswered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// SERVFAIL.
    ServFail,
    /// Nothing comes back.
    Silence,
}

/// Which questions fail.
#[derive(Debug, Clone)]
pub struct Outage {
    /// How.
    pub failure: Failure,
    /// Address questions (A and AAAA) rather than TXT.
    pub addresses: bool,
    /// Only these names (lower-case, no final dot); `None`: all.
    pub names: Option<BTreeSet<String>>,
}

impl Outage {
    fn hits(&self, name: &str, kind: RecordType) -> bool {
        let kind_fits = match kind {
            RecordType::A | RecordType::AAAA => self.addresses,
            RecordType::TXT => !self.addresses,
            _ => false,
        };
        kind_fits && self.names.as_ref().is_none_or(|names| names.contains(name))
    }
}

/// What the server says: records can be added while it runs.
#[derive(Clone)]
pub struct Zone(Arc<InMemoryZoneHandler<TokioRuntimeProvider>>);

impl Zone {
    /// An empty zone at the root.
    ///
    /// # Errors
    /// `lab-dns`.
    pub fn new() -> Result<Zone, Why> {
        let mut zone = InMemoryZoneHandler::empty(Name::root(), ZoneType::Primary, AxfrPolicy::Deny);
        let authority = name("ns.lab.example")?;
        let soa = SOA::new(
            authority.clone(),
            name("hostmaster.lab.example")?,
            1,
            3600,
            600,
            86400,
            TTL,
        );
        zone.upsert_mut(Record::from_rdata(Name::root(), TTL, RData::SOA(soa)), 1);
        zone.upsert_mut(Record::from_rdata(Name::root(), TTL, RData::NS(NS(authority))), 1);
        Ok(Zone(Arc::new(zone)))
    }

    /// Adds records; those that are there already stay once.
    ///
    /// # Errors
    /// `lab-dns`: what is no domain name.
    pub async fn publish(&self, records: &[ZoneRecord]) -> Result<(), Why> {
        for record in records {
            let data = match &record.data {
                Data::Address(IpAddr::V4(address)) => RData::A(A(*address)),
                Data::Address(IpAddr::V6(address)) => RData::AAAA(AAAA(*address)),
                Data::Txt(text) => RData::TXT(TXT::from_bytes(text.as_bytes().chunks(255).collect())),
                Data::Mx(preference, host) => RData::MX(MX::new(*preference, name(host)?)),
                Data::Ptr(host) => RData::PTR(PTR(name(host)?)),
            };
            self.0
                .upsert(Record::from_rdata(name(&record.name)?, TTL, data), 1)
                .await;
        }
        Ok(())
    }
}

/// The running server; stops when dropped.
pub struct DnsServer {
    /// Where it listens, UDP and TCP.
    pub address: SocketAddr,
    _server: Server<Faulty>,
}

/// Starts the server on a free loopback port.
///
/// # Errors
/// `lab-dns`.
pub async fn start(zone: &Zone, outages: Vec<Outage>) -> Result<DnsServer, Why> {
    let (udp, tcp) = bind().await?;
    let address = udp.local_addr().map_err(failed)?;
    let mut catalog = Catalog::new();
    catalog.upsert(LowerName::new(&Name::root()), vec![zone.0.clone()]);
    let mut server = Server::new(Faulty { catalog, outages });
    server.register_socket(udp);
    server.register_listener(tcp, TCP_IDLE, 64);
    Ok(DnsServer {
        address,
        _server: server,
    })
}

/// A UDP and a TCP socket of one port number.
async fn bind() -> Result<(UdpSocket, TcpListener), Why> {
    let mut last = None;
    for _ in 0..20 {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        match TcpListener::bind(udp.local_addr().map_err(failed)?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) => last = Some(error),
        }
    }
    Err(failed(last.map_or_else(String::new, |error| error.to_string())))
}

fn name(text: &str) -> Result<Name, Why> {
    let mut name = Name::from_utf8(text).map_err(|error| failed(format!("'{text}': {error}")))?;
    name.set_fqdn(true);
    Ok(name)
}

struct Faulty {
    catalog: Catalog,
    outages: Vec<Outage>,
}

#[async_trait]
impl RequestHandler for Faulty {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, mut out: R) -> ResponseInfo {
        let failure = request.request_info().ok().and_then(|info| {
            let asked = info.query.name().to_string().trim_end_matches('.').to_ascii_lowercase();
            let kind = info.query.query_type();
            self.outages
                .iter()
                .find(|outage| outage.hits(&asked, kind))
                .map(|outage| outage.failure)
        });
        let silent = || {
            ResponseInfo::from(Header {
                metadata: Metadata::response_from_request(&request.metadata),
                counts: Default::default(),
            })
        };
        match failure {
            None => self.catalog.handle_request::<R, T>(request, out).await,
            Some(Failure::Silence) => silent(),
            Some(Failure::ServFail) => {
                let answer = MessageResponseBuilder::from_message_request(request)
                    .error_msg(&request.metadata, ResponseCode::ServFail);
                out.send_response(answer).await.unwrap_or_else(|_| silent())
            }
        }
    }
}

fn failed(error: impl fmt::Display) -> Why {
    Why::new("lab-dns", format!("the lab's DNS server: {error}"))
}
