//! Link rewriting, open pixel and merge tags: what a sending service does to the text parts, and how it goes wrong.

use crate::lab::esp::{forms, spoil};
use crate::lab::fault::Active;
use crate::lab::fault_kind::FaultKind;
use crate::lab::html;
use crate::lab::letter::Letter;
use crate::lab::mime::{TextKind, change_texts, keep_html_alone};
use crate::lab::plan::{Clicks, RoutePlan, Vendor};
use crate::lab::tracking::{ClickManner, PixelManner, Tracked, Tracking};
use globset::{Glob, GlobSet, GlobSetBuilder};

/// Bytes before a URL in a text part in which its label is looked for.
const LABEL: usize = 200;
/// The template tag that `raw-merge-tag` leaves in the body.
const RAW_TAG: &str = "Dear {{ customer.first_name }},";

/// Rewrites links and adds the pixel, as the contract says and the faults spoil it.
pub fn track(letter: &mut Letter, plan: &RoutePlan, id: &str, active: &Active<'_>, tracking: &Tracking) {
    let mut rewriter = Rewriter::new(plan, id, active, tracking);
    let raw_tag = active.has(FaultKind::RawMergeTag);
    let mut pixels = plan.opens.as_deref().map_or(0, |_| pixel_count(active));
    change_texts(letter, &mut |kind, text| {
        let mut out = match (kind, rewriter.as_mut()) {
            (TextKind::Html, Some(rewriter)) if rewriter.clicks.html => rewriter.html(text),
            (TextKind::Plain, Some(rewriter)) if rewriter.clicks.text => rewriter.text(text),
            _ => text.to_vec(),
        };
        out = spoil::words(out, kind, active);
        if kind == TextKind::Html {
            if active.has(FaultKind::BrokenImage) {
                out = spoil::break_image(out);
            }
            if active.has(FaultKind::Clipped) {
                out = html::before_body_end(&out, &format!("<!--\n{}-->\n", ballast()));
            }
            let tag = format!("<p>{RAW_TAG}</p>");
            out = if raw_tag {
                html::before_body_end(&out, &tag)
            } else {
                out
            };
            // One HTML part carries the pixels; a second one (a forwarded copy, say) gets none.
            for _ in 0..std::mem::take(&mut pixels) {
                out = html::before_body_end(&out, &pixel(plan, id, active, tracking));
            }
            if active.has(FaultKind::TruncatedHtml) {
                out = spoil::cut(out);
            }
        } else if raw_tag {
            out.extend_from_slice(format!("\r\n{RAW_TAG}\r\n").as_bytes());
        }
        (out != text).then_some(out)
    });
    if active.has(FaultKind::NoTextPart) {
        keep_html_alone(letter);
    }
}

/// What an editor leaves behind: nothing to see, and more than the 102 KB after which Gmail stops.
fn ballast() -> String {
    ".mj-column-per-100 { width: 100% !important; max-width: 100%; }\n".repeat(2_000)
}

fn pixel_count(active: &Active<'_>) -> usize {
    match (active.has(FaultKind::NoPixel), active.has(FaultKind::TwoPixels)) {
        (true, _) => 0,
        (false, true) => 2,
        (false, false) => 1,
    }
}

fn pixel(plan: &RoutePlan, id: &str, active: &Active<'_>, tracking: &Tracking) -> String {
    let manner = match (active.has(FaultKind::DeadPixel), active.has(FaultKind::PixelNotImage)) {
        (true, _) => PixelManner::Dead,
        (false, true) => PixelManner::Page,
        (false, false) => PixelManner::Image,
    };
    let host = match (active.has(FaultKind::UnbrandedTracking), plan.opens.as_deref()) {
        (true, Some(host)) => plan.wrong_tracking_host(host),
        (_, host) => host.unwrap_or_default(),
    };
    // Two pixels of one message come from two services: each has an id of its own.
    let written = match active.has(FaultKind::TwoPixels) {
        true => forms::message_id(plan.vendor),
        false => id.to_owned(),
    };
    let (url, html) = forms::pixel(plan.vendor, host, &written);
    tracking.register(&url, id, Tracked::Pixel(manner));
    if !active.has(FaultKind::DoubleTracking) {
        return html;
    }
    let (vendor, host) = plan.other_opens();
    let (url, second) = forms::pixel(vendor, host, &forms::message_id(vendor));
    tracking.register(&url, id, Tracked::Pixel(manner));
    format!("{html}{second}")
}

struct Rewriter<'a> {
    clicks: &'a Clicks,
    vendor: Vendor,
    host: &'a str,
    id: &'a str,
    active: &'a Active<'a>,
    tracking: &'a Tracking,
    manner: ClickManner,
    kept: GlobSet,
    keep_unsubscribe: bool,
    /// Unsubscribe links lose their address.
    empties: bool,
    /// The host of a second service.
    other_host: &'static str,
    count: u32,
}

impl<'a> Rewriter<'a> {
    fn new(plan: &'a RoutePlan, id: &'a str, active: &'a Active<'a>, tracking: &'a Tracking) -> Option<Rewriter<'a>> {
        let clicks = plan.clicks.as_ref()?;
        if active.has(FaultKind::NoRewrite) {
            return None;
        }
        let astray = active.has(FaultKind::WrongTrackingHost) || active.has(FaultKind::UnbrandedTracking);
        let mut kept = GlobSetBuilder::new();
        for glob in clicks.except.iter().filter_map(|glob| Glob::new(glob).ok()) {
            kept.add(glob);
        }
        Some(Rewriter {
            clicks,
            // An opaque link of a strange host could not be told from a page: astray it takes a known form.
            vendor: match (plan.vendor, astray) {
                (Vendor::Generic, true) => Vendor::CustomerIo,
                (vendor, _) => vendor,
            },
            host: if astray {
                plan.wrong_tracking_host(&clicks.host)
            } else {
                &clicks.host
            },
            id,
            active,
            tracking,
            manner: manner(active),
            kept: kept.build().unwrap_or_default(),
            keep_unsubscribe: clicks.except.iter().any(|except| except == "unsubscribe"),
            empties: active.has(FaultKind::EmptyUnsubscribeLink)
                || (active.has(FaultKind::WrongStream) && plan.marketing),
            other_host: plan.other_clicks(),
            count: 0,
        })
    }

    fn html(&mut self, source: &[u8]) -> Vec<u8> {
        let mut changes = Vec::new();
        for anchor in html::anchors(source) {
            let href = html::unescape(&String::from_utf8_lossy(&source[anchor.href.clone()]));
            let untracked = anchor.tag.contains("data-pm-no-track") || anchor.tag.contains("class=\"untracked\"");
            if !untracked && let Some(url) = self.rewrite(href.trim(), &anchor.inner, TextKind::Html) {
                changes.push((anchor.href, html::escape(&url)));
            }
        }
        html::splice(source, &changes)
    }

    fn text(&mut self, source: &[u8]) -> Vec<u8> {
        let mut changes = Vec::new();
        for range in html::urls(source) {
            let url = String::from_utf8_lossy(&source[range.clone()]).into_owned();
            let nearby = &source[range.start.saturating_sub(LABEL)..range.start];
            let before = String::from_utf8_lossy(nearby);
            let label = before.lines().last().unwrap_or_default();
            if let Some(url) = self.rewrite(&url, label, TextKind::Plain) {
                changes.push((range, url));
            }
        }
        html::splice(source, &changes)
    }

    /// The tracking link for `url`, or `None` where it stays.
    fn rewrite(&mut self, url: &str, label: &str, part: TextKind) -> Option<String> {
        let web = url.starts_with("https://") || url.starts_with("http://");
        if self.empties && unsubscribes(url, label) {
            return Some(String::new());
        }
        let stays = self.keep_unsubscribe && unsubscribes(url, label);
        if !web || stays || self.kept.is_match(url) {
            return None;
        }
        self.count += 1;
        let destination = self.distort(url);
        if self.active.has(FaultKind::DoubleTracking) {
            return Some(self.twice(part, destination));
        }
        let link = forms::link(self.vendor, self.host, self.id, self.count, part, &destination);
        self.tracking.register(
            &link,
            self.id,
            Tracked::Click {
                destination,
                manner: self.manner,
            },
        );
        Some(link)
    }

    /// Customer.io's link inside Postmark's, whichever of them the route's contract names.
    fn twice(&self, part: TextKind, destination: String) -> String {
        let (inner, outer) = match self.vendor {
            Vendor::Postmark => (self.other_host, self.host),
            Vendor::CustomerIo | Vendor::Generic => (self.host, self.other_host),
        };
        let inner = forms::link(Vendor::CustomerIo, inner, self.id, self.count, part, &destination);
        let manner = self.manner;
        let hop = |destination| Tracked::Click { destination, manner };
        self.tracking.register(&inner, self.id, hop(destination));
        let outer = forms::link(Vendor::Postmark, outer, self.id, self.count, part, &inner);
        self.tracking.register(&outer, self.id, hop(inner));
        outer
    }

    fn distort(&self, url: &str) -> String {
        if self.count == 1 && self.active.has(FaultKind::WrongDestination) {
            let host_end = url
                .find("://")
                .and_then(|at| url[at + 3..].find(['/', '?', '#']).map(|end| at + 3 + end));
            return format!("{}/somewhere-else", &url[..host_end.unwrap_or(url.len())]);
        }
        if self.active.has(FaultKind::LostQuery) {
            return url.split('?').next().unwrap_or(url).to_owned();
        }
        if self.active.has(FaultKind::MangledAmpersand) {
            return url.replace('&', "&amp;");
        }
        url.to_owned()
    }
}

fn manner(active: &Active<'_>) -> ClickManner {
    [
        (FaultKind::DeadLink, ClickManner::Dead),
        (FaultKind::RedirectLoop, ClickManner::Loop),
        (FaultKind::Downgrade, ClickManner::Downgrade),
        (FaultKind::BadCertificate, ClickManner::BadCertificate),
        (FaultKind::PrivateRedirect, ClickManner::Private),
        (FaultKind::Link429, ClickManner::TooMany),
    ]
    .into_iter()
    .find(|(kind, _)| active.has(*kind))
    .map_or(ClickManner::Redirect, |(_, manner)| manner)
}

/// Does a link unsubscribe, by its address or its words?
fn unsubscribes(url: &str, label: &str) -> bool {
    let words = ["unsubscribe", "opt-out", "optout", "opt_out", "abmelden", "abbestellen"];
    let (url, label) = (url.to_ascii_lowercase(), label.to_lowercase());
    words.iter().any(|word| url.contains(word) || label.contains(word))
}
