//! A reading: everything derived from a message's bytes, built once a message and lazily. Every accessor is total.

use super::address::{self, Address};
use super::authres::{self, TrustedAuthres};
use super::embedded;
use super::headers::{Header, Headers};
use super::links::{self, Link};
use super::list_headers::ListHeaders;
use super::page::{self, Page, Unreadable};
use super::pixel::{self, Pixel};
use super::received::{self, Received};
use crate::model::profile::AuthresTrust;
use mail_parser::{MessageParser, PartType};
use std::sync::OnceLock;

/// Bytes of a message that are parsed for its parts.
pub const MAX_MESSAGE: usize = 64 * 1024 * 1024;

/// One message, read.
#[derive(Debug)]
pub struct Reading<'a> {
    raw: &'a [u8],
    headers: Headers<'a>,
    list: OnceLock<ListHeaders>,
    bodies: OnceLock<Bodies>,
    page: OnceLock<Result<Page, Unreadable>>,
    links: OnceLock<Vec<Link>>,
    pixels: OnceLock<Vec<Pixel>>,
    received: OnceLock<Vec<Received>>,
}

#[derive(Debug, Default)]
struct Bodies {
    html: Option<String>,
    text: Option<String>,
}

impl<'a> Reading<'a> {
    /// Begins a reading; only the header section is scanned now.
    pub fn new(raw: &'a [u8]) -> Reading<'a> {
        Reading {
            raw,
            headers: Headers::of(raw),
            list: OnceLock::new(),
            bodies: OnceLock::new(),
            page: OnceLock::new(),
            links: OnceLock::new(),
            pixels: OnceLock::new(),
            received: OnceLock::new(),
        }
    }

    /// The bytes.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The header section as it came.
    pub fn header_section(&self) -> &'a [u8] {
        self.raw.get(..self.headers.body_at).unwrap_or(self.raw)
    }

    /// Every header field, top to bottom.
    pub fn headers(&self) -> &Headers<'a> {
        &self.headers
    }

    /// The topmost field of a name.
    pub fn header(&self, name: &str) -> Option<&Header<'a>> {
        self.headers.first(name)
    }

    /// Every address of every From field.
    pub fn from(&self) -> Vec<Address> {
        self.headers.all("From").flat_map(address::of_header).collect()
    }

    /// Every address of every Reply-To field.
    pub fn reply_to(&self) -> Vec<Address> {
        self.headers.all("Reply-To").flat_map(address::of_header).collect()
    }

    /// The subject, decoded.
    pub fn subject(&self) -> Option<String> {
        self.header("Subject").map(|header| header.decoded())
    }

    /// The Message-ID, as written.
    pub fn message_id(&self) -> Option<String> {
        self.header("Message-ID").map(|header| header.unfolded())
    }

    /// The HTML of the message itself (several inline parts are joined), decoded.
    pub fn html(&self) -> Option<&str> {
        self.bodies().html.as_deref()
    }

    /// The plain text of the message itself, decoded. Text that would have to be made from HTML does not count.
    pub fn text(&self) -> Option<&str> {
        self.bodies().text.as_deref()
    }

    /// The HTML part, parsed; without one an empty page.
    pub fn page(&self) -> Result<&Page, Unreadable> {
        let page = self.page.get_or_init(|| match self.html() {
            Some(html) => page::read(html),
            None => Ok(Page::default()),
        });
        page.as_ref().map_err(|unreadable| *unreadable)
    }

    /// Links of the HTML part, then of the text part, in order. An HTML part that can not be read ([`Reading::page`]) has none.
    pub fn links(&self) -> &[Link] {
        self.links.get_or_init(|| {
            let mut found = self
                .page()
                .map_or_else(|_| Vec::new(), |page| links::of_page(page, self.list_headers()));
            found.extend(
                self.text()
                    .map(|text| links::of_text(text, self.list_headers()))
                    .unwrap_or_default(),
            );
            found
        })
    }

    /// Open pixels, in order.
    pub fn pixels(&self) -> &[Pixel] {
        self.pixels
            .get_or_init(|| self.page().map_or_else(|_| Vec::new(), pixel::of_page))
    }

    /// Received lines, top (newest) to bottom.
    pub fn received(&self) -> &[Received] {
        self.received.get_or_init(|| received::of_headers(&self.headers))
    }

    /// Is it a bounce or an automatic reply, which answers another message and is nobody's campaign or receipt? By its empty envelope
    /// sender (RFC 5321 §4.5.5), its type (RFC 6522) or its own word (RFC 3834 §5).
    pub fn is_automatic_answer(&self) -> bool {
        let is = |name: &str, wanted: fn(&str) -> bool| {
            let value = self.header(name).map(|field| field.unfolded().to_ascii_lowercase());
            value.is_some_and(|value| wanted(value.trim()))
        };
        is("Return-Path", |path| path == "<>")
            || is("Content-Type", |kind| kind.starts_with("multipart/report"))
            || is("Auto-Submitted", |word| word.starts_with("auto-replied"))
    }

    /// The List-Unsubscribe fields.
    pub fn list_headers(&self) -> &ListHeaders {
        self.list.get_or_init(|| ListHeaders::of(&self.headers))
    }

    /// The Authentication-Results fields, told apart by who wrote them.
    pub fn authentication_results(&self, trust: &AuthresTrust) -> TrustedAuthres {
        authres::read(&self.headers, trust)
    }

    fn bodies(&self) -> &Bodies {
        self.bodies
            .get_or_init(|| bodies(&self.raw[..self.raw.len().min(MAX_MESSAGE)]))
    }
}

fn bodies(raw: &[u8]) -> Bodies {
    let raw = embedded::closed(raw);
    let Some(message) = MessageParser::default().parse(&raw) else {
        return Bodies::default();
    };
    let html = message.html_bodies().filter_map(|part| match &part.body {
        PartType::Html(html) => Some(html.as_ref()),
        _ => None,
    });
    let text = message.text_bodies().filter_map(|part| match &part.body {
        PartType::Text(text) => Some(text.as_ref()),
        _ => None,
    });
    Bodies {
        html: join(html),
        text: join(text),
    }
}

fn join<'p>(parts: impl Iterator<Item = &'p str>) -> Option<String> {
    parts.map(str::to_owned).reduce(|all, part| all + "\n" + &part)
}
