//! Gathering over a real DNS socket: what was asked for is what was recorded, and judging the record again says the same.

use super::signing::Signer;
use hickory_server::proto::op::{Message, OpCode, ResponseCode};
use hickory_server::proto::rr::rdata::{A, PTR, TXT};
use hickory_server::proto::rr::{RData, Record};
use inboxqa::mail::reverse_name::{self, ReverseName};
use inboxqa::model::{DkimResult, DmarcResult, DnsAnswer, DnsRecords, Endpoints, RecordType, SpfResult};
use inboxqa::net::Net;
use inboxqa::probe::auth::{AuthInput, gather, verify};
use std::net::SocketAddr;
use time::OffsetDateTime;
use tokio::net::UdpSocket;

/// A server that answers from `zone`, says NXDOMAIN to the rest, and fails every TXT question where `broken`.
pub async fn serve(zone: DnsRecords, broken: bool) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0u8; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            if let Ok(question) = Message::from_vec(&buffer[..length]) {
                let reply = answer(&question, &zone, broken);
                socket.send_to(&reply.to_vec().unwrap(), from).await.unwrap();
            }
        }
    });
    address
}

fn answer(question: &Message, zone: &DnsRecords, broken: bool) -> Message {
    let asked = &question.queries[0];
    let mut reply = Message::response(question.metadata.id, OpCode::Query);
    reply.add_query(asked.clone());
    let kind = match asked.query_type().to_string().as_str() {
        "TXT" => RecordType::Txt,
        "PTR" => RecordType::Ptr,
        _ => RecordType::A,
    };
    let txt = kind == RecordType::Txt;
    match zone.get(&asked.name().to_ascii(), kind) {
        _ if broken && txt => reply.metadata.response_code = ResponseCode::ServFail,
        Some(DnsAnswer::Records(records)) => {
            for record in records {
                let chunks = record
                    .as_bytes()
                    .chunks(255)
                    .map(|chunk| String::from_utf8_lossy(chunk).into_owned())
                    .collect();
                let data = match kind {
                    RecordType::Txt => RData::TXT(TXT::new(chunks)),
                    RecordType::Ptr => RData::PTR(PTR(record.parse().unwrap())),
                    _ => RData::A(A(record.parse().unwrap())),
                };
                reply.add_answer(Record::from_rdata(asked.name().clone(), 60, data));
            }
        }
        _ => reply.metadata.response_code = ResponseCode::NXDomain,
    }
    reply
}

fn zone(signer: &Signer) -> DnsRecords {
    let mut zone = DnsRecords::default();
    let mut put = |name: &str, kind, text: &str| zone.record(name, kind, DnsAnswer::Records(vec![text.to_owned()]));
    put("esp.example", RecordType::Txt, "v=spf1 include:_spf.esp.example -all");
    put("_spf.esp.example", RecordType::Txt, "v=spf1 a:out.esp.example -all");
    put("out.esp.example", RecordType::A, "203.0.113.9");
    put("_dmarc.brand.example", RecordType::Txt, "v=DMARC1; p=reject");
    put("9.113.0.203.in-addr.arpa", RecordType::Ptr, "out.esp.example.");
    put(&signer.key_name(), RecordType::Txt, &signer.key_record());
    zone
}

fn message(signer: &Signer) -> Vec<u8> {
    signer.sign(
        b"From: a@mail.brand.example\r\nSubject: x\r\n\r\nhello\r\n",
        &["from", "subject"],
        "",
    )
}

fn input(raw: &[u8]) -> AuthInput<'_> {
    AuthInput {
        raw,
        client: Some(("203.0.113.9".parse().unwrap(), "received".into())),
        helo: None,
        mail_from: Some("bounce@esp.example".into()),
        arrived_at: OffsetDateTime::UNIX_EPOCH,
    }
}

fn net(server: SocketAddr) -> Net {
    Net::open(
        Endpoints {
            dns: vec![server],
            ..Endpoints::default()
        },
        vec![],
    )
    .unwrap()
}

#[tokio::test]
async fn everything_wanted_is_looked_up_and_recorded() {
    let signer = Signer::new("brand.example", "k1", 3);
    let raw = message(&signer);
    let mut dns = DnsRecords::default();
    let found = gather(&net(serve(zone(&signer), false).await), &input(&raw), &mut dns).await;
    assert_eq!(found.dkim[0].result, DkimResult::Pass, "{found:?}");
    assert_eq!(found.spf.as_ref().unwrap().result, SpfResult::Pass, "{found:?}");
    assert_eq!(found.dmarc.result, DmarcResult::Pass);
    assert_eq!(found.dmarc.record_domain.as_deref(), Some("brand.example"));

    let again = verify(&input(&raw), &dns);
    assert_eq!(again.authentication, found);
    assert!(again.wanted.is_empty(), "{:?}", again.wanted);
    let stored: DnsRecords = serde_json::from_str(&serde_json::to_string(&dns).unwrap()).unwrap();
    assert_eq!(verify(&input(&raw), &stored).authentication, found);
}

#[tokio::test]
async fn the_sending_server_is_asked_for_its_name_and_nobodys_address_is_not() {
    let signer = Signer::new("brand.example", "k1", 3);
    let raw = message(&signer);
    let net = net(serve(zone(&signer), false).await);
    for (client, expected) in [
        ("203.0.113.9", ReverseName::Confirmed("out.esp.example".into())),
        ("203.0.113.8", ReverseName::Missing),
        ("10.0.0.1", ReverseName::NotAsked),
    ] {
        let client = client.parse().unwrap();
        let input = AuthInput {
            client: Some((client, "received".into())),
            ..input(&raw)
        };
        let mut dns = DnsRecords::default();
        gather(&net, &input, &mut dns).await;
        assert_eq!(reverse_name::of(&dns, client), expected, "{client}");
    }
}

#[tokio::test]
async fn a_server_that_fails_blinds_and_denies_nothing() {
    let signer = Signer::new("brand.example", "k1", 3);
    let raw = message(&signer);
    let mut dns = DnsRecords::default();
    let found = gather(&net(serve(zone(&signer), true).await), &input(&raw), &mut dns).await;
    assert_eq!(
        (found.dkim[0].result, found.dkim[0].reason.as_str()),
        (DkimResult::TempError, "dns-failed")
    );
    assert_eq!(found.spf.unwrap().result, SpfResult::TempError);
    assert_eq!(found.dmarc.result, DmarcResult::TempError);
}
