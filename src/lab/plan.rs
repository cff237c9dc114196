//! Who plays what: for every route of the blueprint the sending service behind it, its names, its addresses and the brand
//! domains it signs for. DNS and the sending service are both built from this one plan.

use crate::lab::names::{domain_of, organisation};
use crate::model::route::{RouteKind, Security, Tracking};
use crate::model::{Category, LogKind, Route};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

/// Host of Postmark's API.
pub const POSTMARK_API: &str = "api.postmarkapp.com";
/// Selector where the contract names none.
const DEFAULT_SELECTOR: &str = "lab1";

/// In whose style a sending service writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// Postmark.
    Postmark,
    /// Customer.io.
    CustomerIo,
    /// Nobody's in particular: opaque links, plain headers.
    Generic,
}

/// A domain the service signs for in the brand's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// The domain.
    pub domain: String,
    /// The published RSA selector.
    pub selector: String,
}

impl Brand {
    /// Selector of the Ed25519 key.
    pub fn modern_selector(&self) -> String {
        format!("{}-ed25519", self.selector)
    }

    /// A selector whose published key is not the one that signs.
    pub fn wrong_selector(&self) -> String {
        format!("{}-wrong", self.selector)
    }

    /// The selector of a key of so few bits.
    pub fn weak_selector(&self, bits: &str) -> String {
        format!("{}-{bits}", self.selector)
    }

    /// A selector that is not published.
    pub fn missing_selector(&self) -> String {
        format!("{}-missing", self.selector)
    }
}

/// One route's part in the lab.
#[derive(Debug, Clone)]
pub struct RoutePlan {
    /// Route name.
    pub name: String,
    /// Style.
    pub vendor: Vendor,
    /// Who hands the message over to the provider: Postmark behind Customer.io, else the same.
    pub transport: Vendor,
    /// In whose book messages are noted.
    pub service: LogKind,
    /// Submission host.
    pub host: String,
    /// Submission port.
    pub port: u16,
    /// STARTTLS (otherwise implicit TLS).
    pub starttls: bool,
    /// Is a login expected?
    pub login: bool,
    /// Taken in by an API, not by SMTP.
    pub api: bool,
    /// Promotional mail: unsubscribe headers, the bulk pool.
    pub marketing: bool,
    /// Domain of the contract's From.
    pub from_domain: Option<String>,
    /// Domains signed for in the brand's name.
    pub brands: Vec<Brand>,
    /// The service's own domain (its signature, its SPF record, its Message-IDs).
    pub esp_domain: String,
    /// Selector of the service's own key.
    pub esp_selector: String,
    /// Domain of the envelope sender.
    pub return_path: String,
    /// Name of the outgoing server.
    pub mta: String,
    /// The outgoing address, in the SPF record.
    pub client: Ipv4Addr,
    /// An address of the service that no SPF record lists.
    pub stray_client: Ipv4Addr,
    /// Click tracking: host, parts, exceptions.
    pub clicks: Option<Clicks>,
    /// Open tracking host.
    pub opens: Option<String>,
}

/// Click tracking as the contract states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clicks {
    /// Tracking host.
    pub host: String,
    /// Rewrite HTML?
    pub html: bool,
    /// Rewrite the text part?
    pub text: bool,
    /// Kinds (`unsubscribe`) and globs of URLs that stay.
    pub except: Vec<String>,
}

impl RoutePlan {
    /// The plan of one route; `addresses` remembers the address of each service.
    pub fn of(route: &Route, addresses: &mut BTreeMap<String, u8>) -> RoutePlan {
        let contract = &route.contract;
        let marketing = contract.categories.contains(&Category::Marketing);
        let clicks = match &contract.clicks {
            Tracking::Host { host, parts, except } => Some(Clicks {
                host: host.to_ascii_lowercase(),
                html: parts.is_empty() || parts.iter().any(|part| part == "html"),
                text: parts.iter().any(|part| part == "text"),
                except: except.clone(),
            }),
            Tracking::Off | Tracking::Unstated => None,
        };
        let opens = match &contract.opens {
            Tracking::Host { host, .. } => Some(host.to_ascii_lowercase()),
            Tracking::Off | Tracking::Unstated => None,
        };
        let door = Door::of(&route.kind);
        let host = door.host.clone();
        let postmark = [Some(&host), clicks.as_ref().map(|clicks| &clicks.host)]
            .into_iter()
            .flatten()
            .any(|name| within(name, "postmarkapp.com") || within(name, "pstmrk.it") || within(name, "mtasv.net"));
        let customerio = matches!(route.kind, RouteKind::CustomerIo(_));
        let vendor = match (customerio, postmark, marketing) {
            (true, ..) | (false, false, true) => Vendor::CustomerIo,
            (false, true, _) => Vendor::Postmark,
            (false, false, false) => Vendor::Generic,
        };
        // A log of Postmark's beside Customer.io's says that the workspace sends by a custom SMTP server.
        let relayed = customerio && route.logs.iter().any(|log| log.kind == LogKind::Postmark);
        let transport = if relayed { Vendor::Postmark } else { vendor };
        let from_domain = contract.from.as_deref().and_then(domain_of);
        // A relay under the brand's own name is run by nobody else: its operator gets a domain apart, or the service's own
        // signature would align.
        let own: Vec<String> = contract
            .dkim
            .iter()
            .chain(&from_domain)
            .map(|domain| organisation(domain))
            .collect();
        let (esp_domain, esp_selector) = service(transport, marketing, &host, &own);
        let next = (addresses.len() % 90) as u8;
        let number = *addresses.entry(esp_domain.clone()).or_insert(next);
        let bounces = match transport {
            Vendor::Postmark => "pm.mtasv.net".to_owned(),
            Vendor::CustomerIo | Vendor::Generic => format!("bounces.{esp_domain}"),
        };
        let selector = |domain: &str| {
            contract
                .selectors
                .get(domain)
                .cloned()
                .unwrap_or_else(|| DEFAULT_SELECTOR.to_owned())
        };
        RoutePlan {
            name: route.name.clone(),
            vendor,
            transport,
            service: if customerio {
                LogKind::CustomerIo
            } else {
                LogKind::Postmark
            },
            port: door.port,
            starttls: door.starttls,
            login: door.login,
            api: door.api,
            marketing,
            brands: contract
                .dkim
                .iter()
                .map(|domain| Brand {
                    domain: domain.to_ascii_lowercase(),
                    selector: selector(domain),
                })
                .collect(),
            from_domain,
            return_path: contract.return_path.clone().unwrap_or(bounces).to_ascii_lowercase(),
            mta: format!("mta{}.{esp_domain}", number + 10),
            esp_domain,
            esp_selector,
            client: Ipv4Addr::new(203, 0, 113, 10 + number),
            stray_client: Ipv4Addr::new(203, 0, 113, 110 + number),
            clicks,
            opens,
            host,
        }
    }

    /// Signs for a domain that the contract does not name.
    pub fn adopt(&mut self, domain: String) {
        let selector = DEFAULT_SELECTOR.to_owned();
        self.brands = vec![Brand {
            domain: domain.clone(),
            selector,
        }];
        self.from_domain = Some(domain);
    }

    /// Name of the service's SPF record, which return paths include.
    pub fn spf_name(&self) -> String {
        match self.transport {
            Vendor::Postmark => "spf.mtasv.net".to_owned(),
            Vendor::CustomerIo | Vendor::Generic => format!("spf.{}", self.esp_domain),
        }
    }

    /// Hosts that answer clicks, pixels and unsubscribes of this route.
    pub fn tracking_hosts(&self) -> Vec<String> {
        let mut hosts: Vec<String> = self.clicks.iter().map(|clicks| clicks.host.clone()).collect();
        hosts.extend(self.opens.clone());
        if let Some(clicks) = &self.clicks {
            hosts.push(self.wrong_tracking_host(&clicks.host).to_owned());
        }
        if let Some(opens) = &self.opens {
            hosts.push(self.wrong_tracking_host(opens).to_owned());
        }
        hosts.push(self.unsubscribe_host());
        hosts
    }

    /// The same with the hosts that its faults lead to.
    pub fn web_hosts(&self) -> Vec<String> {
        let others = [self.other_clicks(), self.other_opens().1].map(str::to_owned);
        self.tracking_hosts().into_iter().chain(others).collect()
    }

    /// Another tracking host, one that exists in real life: what a link looks like when the brand's own is not set up.
    pub fn wrong_tracking_host(&self, right: &str) -> &'static str {
        match (self.vendor, right) {
            (Vendor::Postmark, "track.pstmrk.it") => "click.pstmrk.it",
            (Vendor::Postmark, _) => "track.pstmrk.it",
            (_, "e.customeriomail.com") => "e-eu.customeriomail.com",
            _ => "e.customeriomail.com",
        }
    }

    /// Where a second service counts clicks: Customer.io's and Postmark's own hosts.
    pub fn other_clicks(&self) -> &'static str {
        match self.vendor {
            Vendor::Postmark => "e.customeriomail.com",
            Vendor::CustomerIo | Vendor::Generic => "click.pstmrk.it",
        }
    }

    /// Who counts opens besides, and where.
    pub fn other_opens(&self) -> (Vendor, &'static str) {
        match self.vendor {
            Vendor::Postmark => (Vendor::CustomerIo, "e.customeriomail.com"),
            Vendor::CustomerIo | Vendor::Generic => (Vendor::Postmark, "ea.pstmrk.it"),
        }
    }

    /// The domain of the service's own signature, in the stream that a message takes.
    pub fn signs_as(&self, wrong_stream: bool) -> String {
        match (self.transport, wrong_stream) {
            (Vendor::Postmark, true) => service(self.transport, !self.marketing, &self.host, &[]).0,
            _ => self.esp_domain.clone(),
        }
    }

    /// Host of List-Unsubscribe URLs.
    pub fn unsubscribe_host(&self) -> String {
        match (self.vendor, &self.clicks) {
            (Vendor::Postmark, _) => "subscriptions.pstmrk.it".to_owned(),
            (_, Some(clicks)) => clicks.host.clone(),
            (_, None) => format!("unsubscribe.{}", self.esp_domain),
        }
    }
}

/// Where a route's messages come in.
struct Door {
    host: String,
    port: u16,
    starttls: bool,
    login: bool,
    api: bool,
}

impl Door {
    fn api(host: &str) -> Door {
        Door {
            host: host.to_owned(),
            port: 443,
            starttls: false,
            login: true,
            api: true,
        }
    }

    fn of(kind: &RouteKind) -> Door {
        match kind {
            RouteKind::Smtp(smtp) => Door {
                host: smtp.host.to_ascii_lowercase(),
                port: smtp.port,
                starttls: smtp.security == Security::Starttls,
                login: smtp.username.is_some(),
                api: false,
            },
            RouteKind::Postmark(_) => Door::api(POSTMARK_API),
            RouteKind::CustomerIo(workspace) => Door::api(workspace.region.app_host()),
        }
    }
}

/// The service's own signing domain and selector.
fn service(vendor: Vendor, marketing: bool, host: &str, own: &[String]) -> (String, String) {
    match (vendor, marketing) {
        (Vendor::Postmark, false) => ("pm.mtasv.net".to_owned(), "pm20260301".to_owned()),
        (Vendor::Postmark, true) => ("ab.mtasv.net".to_owned(), "pm20260301".to_owned()),
        (Vendor::CustomerIo, _) => (service_domain(host, own), "mg".to_owned()),
        (Vendor::Generic, _) => (service_domain(host, own), "esp1".to_owned()),
    }
}

fn service_domain(host: &str, own: &[String]) -> String {
    let domain = organisation(host);
    match host.parse::<IpAddr>().is_ok() || !host.contains('.') || own.contains(&domain) {
        true => "relay.example".to_owned(),
        false => domain,
    }
}

fn within(name: &str, domain: &str) -> bool {
    name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}
