//! Would a browser that knows the brand open the http links of a message? Under HSTS with `includeSubDomains` (RFC 6797 §6.1.2,
//! §8.3) it asks https, whatever the link says. So the front page of each such host is asked over https; where that does not work,
//! the front pages of the domains above it are asked for their policy. No URL of the message itself is requested.

use super::links;
use crate::mail::{Reading, suffix};
use crate::model::{Policy, Purpose, UrlProbe};
use crate::net::Net;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use url::{Host, Url};

/// Hosts of one message that are looked at.
const MAX_HOSTS: usize = 4;

/// Asks about every host of http links, where links may be requested at all.
pub async fn ask(net: &Net, reading: &Reading<'_>, policy: &Policy) -> Vec<UrlProbe> {
    let hosts = match policy.links.probe {
        true => plain_hosts(reading),
        false => BTreeSet::new(),
    };
    let mut found = join_all(hosts.iter().map(|host| front_page(net, host))).await;
    let refused = hosts.iter().zip(&found).filter(|(_, own)| !links::answered(own));
    let mut known: BTreeSet<&str> = hosts.iter().map(String::as_str).collect();
    let parents: Vec<&str> = refused.flat_map(|(host, _)| above(host)).collect();
    let parents = parents.into_iter().filter(|parent| known.insert(parent));
    found.extend(join_all(parents.map(|parent| front_page(net, parent))).await);
    found
}

/// Names (no addresses) that http links on the usual port lead to.
fn plain_hosts(reading: &Reading<'_>) -> BTreeSet<String> {
    let urls = reading.links().iter().filter_map(|link| Url::parse(&link.url).ok());
    let plain = urls.filter(|url| url.scheme() == "http" && url.port().is_none());
    let names = plain.filter_map(|url| match url.host() {
        Some(Host::Domain(name)) => Some(name.trim_end_matches('.').to_owned()),
        _ => None,
    });
    names.collect::<BTreeSet<_>>().into_iter().take(MAX_HOSTS).collect()
}

/// The domains above a host, up to its organisation's.
pub fn above(host: &str) -> Vec<&str> {
    let Some(organisation) = suffix::organisation(host) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut rest = host;
    while let Some((_, parent)) = rest.split_once('.') {
        if parent.len() < organisation.len() {
            break;
        }
        found.push(parent);
        rest = parent;
    }
    found
}

/// The front page of a host over https.
pub fn url_of(host: &str) -> String {
    format!("https://{host}/")
}

async fn front_page(net: &Net, host: &str) -> UrlProbe {
    links::once(net, &url_of(host), Purpose::Hsts).await
}
