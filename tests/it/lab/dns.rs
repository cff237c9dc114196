//! The lab's DNS, asked by an independent resolver.

use super::bench::Bench;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use inboxqa::lab::World;
use std::net::IpAddr;
use std::time::Duration;

fn resolver(world: &World) -> TokioResolver {
    let at = world.endpoints().dns[0];
    let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
    (udp.port, tcp.port) = (at.port(), at.port());
    let server = NameServerConfig::new(at.ip(), true, vec![udp, tcp]);
    let config = ResolverConfig::from_parts(None, vec![], vec![server]);
    let mut options = ResolverOpts::default();
    options.use_hosts_file = ResolveHosts::Never;
    options.cache_size = 0;
    options.attempts = 1;
    options.timeout = Duration::from_millis(500);
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        .with_options(options)
        .build()
        .unwrap()
}

pub async fn addresses(world: &World, host: &str) -> Result<Vec<IpAddr>, String> {
    let found = resolver(world)
        .ipv4_lookup(format!("{host}."))
        .await
        .map_err(|error| format!("{error:?}"))?;
    Ok(found
        .answers()
        .iter()
        .filter_map(|record| record.data.ip_addr())
        .collect())
}

/// The TXT records of a name, or what the resolver says.
pub async fn texts(world: &World, name: &str) -> Result<Vec<String>, String> {
    let found = resolver(world)
        .txt_lookup(format!("{name}."))
        .await
        .map_err(|error| format!("{error:?}"))?;
    let joined = |record: &hickory_resolver::proto::rr::Record| match &record.data {
        hickory_resolver::proto::rr::RData::TXT(text) => {
            Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned())
        }
        _ => None,
    };
    Ok(found.answers().iter().filter_map(joined).collect())
}

#[tokio::test]
async fn keys_policies_and_permitted_addresses_are_published() {
    let bench = Bench::start(&[]);
    let world = &bench.world;
    let key = texts(world, "lab1._domainkey.brand.example").await.unwrap();
    assert!(
        key[0].starts_with("v=DKIM1; k=rsa; p=MIIB") && key[0].len() > 390,
        "{key:?}"
    );
    let modern = texts(world, "krs-ed25519._domainkey.news.brand.example").await.unwrap();
    assert!(modern[0].starts_with("v=DKIM1; k=ed25519; p="));
    assert_eq!(
        texts(world, "_dmarc.brand.example").await.unwrap(),
        ["v=DMARC1; p=quarantine; rua=mailto:dmarc@brand.example"]
    );
    assert_eq!(
        texts(world, "pm-bounces.brand.example").await.unwrap(),
        ["v=spf1 include:spf.mtasv.net -all"]
    );
    let listed = texts(world, "spf.mtasv.net").await.unwrap();
    assert!(listed[0].starts_with("v=spf1 ip4:203.0.113."), "{listed:?}");
    let unknown = texts(world, "_dmarc.nobody.example").await.unwrap_err();
    assert!(unknown.contains("NXDomain"), "{unknown}");
    let no_text = texts(world, "shop.brand.example").await.unwrap_err();
    assert!(
        no_text.contains("NoRecordsFound") && !no_text.contains("NXDomain"),
        "{no_text}"
    );
}

#[tokio::test]
async fn servfail_of_addresses_spares_the_mail_hosts() {
    let bench = Bench::start(&["dns-servfail=a"]);
    for failing in ["shop.brand.example", "click.pstmrk.it"] {
        let error = addresses(&bench.world, failing).await.unwrap_err();
        assert!(error.contains("ServFail"), "{failing}: {error}");
    }
    for working in ["smtp.postmarkapp.com", "imap.gmail.example"] {
        addresses(&bench.world, working).await.unwrap();
    }
    texts(&bench.world, "_dmarc.brand.example").await.unwrap();
}

#[tokio::test]
async fn failing_text_questions_can_be_narrowed_to_a_route() {
    let bench = Bench::start(&["dns-servfail=txt@route=sales"]);
    for failing in [
        "krs._domainkey.news.brand.example",
        "bounces.mailer.example",
        "_dmarc.news.brand.example",
    ] {
        let error = texts(&bench.world, failing).await.unwrap_err();
        assert!(error.contains("ServFail"), "{failing}: {error}");
    }
    texts(&bench.world, "lab1._domainkey.brand.example").await.unwrap();
    texts(&bench.world, "pm-bounces.brand.example").await.unwrap();
    // The organisation's policy is every route's: it does not fail for one of them.
    texts(&bench.world, "_dmarc.brand.example").await.unwrap();
}

#[tokio::test]
async fn silence_is_not_an_answer() {
    let bench = Bench::start(&["dns-timeout=txt"]);
    let error = texts(&bench.world, "_dmarc.brand.example").await.unwrap_err();
    assert!(!error.contains("NXDomain") && !error.contains("ServFail"), "{error}");
    addresses(&bench.world, "shop.brand.example").await.unwrap();
}
