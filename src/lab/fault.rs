//! Named misbehaviours of the lab, each scopable to cases, routes and mailboxes: `NAME[=VALUE][@case=GLOB,route=GLOB,mailbox=GLOB]`.
//! A fault acts on the deliveries it matches and on nothing else.

use crate::model::DeliveryId;
use globset::{Glob, GlobMatcher};
use std::fmt;
use std::time::Duration;

/// The value a fault takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// No value.
    Nothing,
    /// Seconds, decimals allowed.
    Seconds,
    /// A permanent SMTP reply code (550 when left out).
    Refusal,
    /// One of these words.
    Word(&'static [&'static str]),
    /// How often: a number or `always` (also when left out).
    Times,
    /// One of these words, and how often: `WORD[:TIMES|:always]`, once when left out.
    WordTimes(&'static [&'static str]),
}

/// What a fault can be scoped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopedBy {
    /// Case, route and mailbox.
    Delivery,
    /// Route only: names in DNS do not belong to one case.
    Route,
    /// Mailbox only: an IMAP server does not know cases and routes.
    Mailbox,
}

macro_rules! faults {
    ($($variant:ident = $name:literal, $takes:expr, $scoped:expr, $about:literal;)*) => {
        /// Every misbehaviour the lab knows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FaultKind { $(#[doc = $about] $variant,)* }

        impl FaultKind {
            /// All of them, in the order of a message's way.
            pub const ALL: &'static [FaultKind] = &[$(FaultKind::$variant),*];
            /// The word used in `--fault`.
            pub fn name(self) -> &'static str { match self { $(FaultKind::$variant => $name),* } }
            /// The value it takes.
            pub fn takes(self) -> Takes { match self { $(FaultKind::$variant => $takes),* } }
            /// What it may be scoped by.
            pub fn scoped_by(self) -> ScopedBy { match self { $(FaultKind::$variant => $scoped),* } }
            /// What it does, for people.
            pub fn about(self) -> &'static str { match self { $(FaultKind::$variant => $about),* } }
        }
    };
}

use ScopedBy::{Delivery, Mailbox, Route};
use Takes::{Nothing, Refusal, Seconds, Times, Word, WordTimes};

faults! {
    Reject = "reject", Refusal, Delivery, "the submission server refuses the message for good";
    Greylist = "greylist", Seconds, Delivery, "the submission server answers 451 until the time is over";
    Drop = "drop", Nothing, Delivery, "the message is accepted and never delivered";
    Delay = "delay", Seconds, Delivery, "the sending service holds the message back";
    MxGreylist = "mx-greylist", Seconds, Delivery, "the provider's MX answers 451 until the time is over";
    Duplicate = "duplicate", Nothing, Delivery, "the message is delivered twice";
    Junk = "junk", Nothing, Delivery, "the provider files the message as junk";
    PlainDelivery = "plain-delivery", Nothing, Delivery, "the message reaches the provider without TLS";
    FromChanged = "from-changed", Word(&["name", "local", "domain"]), Delivery, "the From display name, local part or domain is changed before signing";
    StripTokenHeader = "strip-token-header", Nothing, Delivery, "the correlation header is removed before signing";
    NewMessageId = "new-message-id", Nothing, Delivery, "the Message-ID is replaced before signing";
    RawMergeTag = "raw-merge-tag", Nothing, Delivery, "a template tag is left unreplaced in the body";
    NoRewrite = "no-rewrite", Nothing, Delivery, "links are not rewritten for tracking";
    WrongTrackingHost = "wrong-tracking-host", Nothing, Delivery, "links go through another tracking host than the contract's";
    WrongDestination = "wrong-destination", Nothing, Delivery, "the first tracked link leads to another page";
    LostQuery = "lost-query", Nothing, Delivery, "tracked links lose their query";
    MangledAmpersand = "mangled-ampersand", Nothing, Delivery, "`&` of tracked links becomes a literal `&amp;`";
    DeadLink = "dead-link", Nothing, Delivery, "the tracking host answers 404 to clicks";
    RedirectLoop = "redirect-loop", Nothing, Delivery, "the tracking host redirects to itself";
    Downgrade = "downgrade", Nothing, Delivery, "the tracking host redirects from https to http";
    BadCertificate = "bad-certificate", Nothing, Delivery, "the chain passes a server with a certificate for another name";
    PrivateRedirect = "private-redirect", Nothing, Delivery, "the tracking host redirects to a link-local address";
    Link429 = "link-429", Nothing, Delivery, "the tracking host answers 429 to clicks";
    NoPixel = "no-pixel", Nothing, Delivery, "the open pixel is left out";
    TwoPixels = "two-pixels", Nothing, Delivery, "the open pixel is put in twice";
    DeadPixel = "dead-pixel", Nothing, Delivery, "the open pixel answers 404";
    PixelNotImage = "pixel-not-image", Nothing, Delivery, "the open pixel is an HTML page";
    BreakBody = "break-body", Nothing, Delivery, "an HTML comment is added after signing";
    StripSignature = "strip-signature", Nothing, Delivery, "no DKIM signature at all";
    EspSignatureOnly = "esp-signature-only", Nothing, Delivery, "only the sending service's own DKIM signature";
    WrongKey = "wrong-key", Nothing, Delivery, "signed with another key than the published one";
    MissingKey = "missing-key", Nothing, Delivery, "signed with a selector that is not published";
    ExpiredSignature = "expired-signature", Nothing, Delivery, "the signature expired before it arrived";
    SpfFail = "spf-fail", Nothing, Delivery, "sent from an address the SPF record does not list";
    DnsServfail = "dns-servfail", Word(&["txt", "a"]), Route, "DNS answers SERVFAIL: to TXT of the mail domains, or to addresses of tracking and web hosts";
    DnsTimeout = "dns-timeout", Word(&["txt"]), Route, "DNS does not answer TXT of the mail domains";
    ImapRefuseLogin = "imap-refuse-login", Times, Mailbox, "the IMAP server refuses the login";
    ImapDrop = "imap-drop", WordTimes(&["idle", "fetch"]), Mailbox, "the IMAP server drops the connection in IDLE or inside a FETCH";
    ImapNo = "imap-no", WordTimes(&["fetch", "examine", "list"]), Mailbox, "the IMAP server answers NO";
    ImapSlow = "imap-slow", Seconds, Mailbox, "the IMAP server answers late";
}

/// A fault's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// None.
    Nothing,
    /// A time.
    Time(Duration),
    /// An SMTP code, 500..=599.
    Code(u16),
    /// One of the fault's words.
    Word(&'static str),
    /// As written: what the IMAP server reads by itself (`fetch:2`, `always`).
    Written(String),
}

/// One fault with its value and scope.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Which.
    pub kind: FaultKind,
    /// Its value.
    pub value: Value,
    /// As written, without the scope (`delay=5`).
    pub spec: String,
    case: Option<GlobMatcher>,
    route: Option<GlobMatcher>,
    mailbox: Option<GlobMatcher>,
}

/// Longest time a fault may take, in seconds.
const MOST_SECONDS: f64 = 86_400.0;

impl Fault {
    /// Reads `NAME[=VALUE][@case=GLOB,route=GLOB,mailbox=GLOB]`.
    ///
    /// # Errors
    /// A sentence that names the wrong word and, where one is near, the right one.
    pub fn parse(text: &str) -> Result<Fault, String> {
        let (spec, scope) = match text.split_once('@') {
            Some((spec, scope)) => (spec, Some(scope)),
            None => (text, None),
        };
        let (name, value) = match spec.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (spec.trim(), None),
        };
        let kind = FaultKind::ALL
            .iter()
            .copied()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| unknown("fault", name, FaultKind::ALL.iter().map(|kind| kind.name())))?;
        let mut fault = Fault {
            kind,
            value: read_value(kind, value)?,
            spec: spec.trim().to_owned(),
            case: None,
            route: None,
            mailbox: None,
        };
        if let Some(scope) = scope {
            for item in split_scope(scope) {
                fault.narrow(item)?;
            }
        }
        Ok(fault)
    }

    fn narrow(&mut self, item: &str) -> Result<(), String> {
        let (key, glob) = item
            .split_once('=')
            .ok_or_else(|| format!("'{item}' is no scope: write case=GLOB, route=GLOB or mailbox=GLOB"))?;
        let (key, glob) = (key.trim(), glob.trim());
        let place = match key {
            "case" => &mut self.case,
            "route" => &mut self.route,
            "mailbox" => &mut self.mailbox,
            _ => return Err(unknown("scope", key, ["case", "route", "mailbox"].into_iter())),
        };
        let allowed = match self.kind.scoped_by() {
            Delivery => true,
            Route => key == "route",
            Mailbox => key == "mailbox",
        };
        if !allowed {
            let (name, only) = (
                self.kind.name(),
                if self.kind.scoped_by() == Route {
                    "route"
                } else {
                    "mailbox"
                },
            );
            return Err(format!("fault '{name}' can be scoped by {only} only, not by {key}"));
        }
        let glob = Glob::new(glob).map_err(|error| format!("'{glob}' is no glob: {error}"))?;
        *place = Some(glob.compile_matcher());
        Ok(())
    }

    /// Does it act on this delivery?
    pub fn matches(&self, id: &DeliveryId) -> bool {
        fits(&self.case, &id.case) && fits(&self.route, &id.route) && fits(&self.mailbox, &id.mailbox)
    }

    /// Does it act on this route (whatever the case and mailbox)?
    pub fn matches_route(&self, route: &str) -> bool {
        fits(&self.route, route)
    }

    /// Does it act on this mailbox (whatever the case and route)?
    pub fn matches_mailbox(&self, mailbox: &str) -> bool {
        fits(&self.mailbox, mailbox)
    }

    /// Was it narrowed to some routes?
    pub fn names_routes(&self) -> bool {
        self.route.is_some()
    }

    /// The time, for faults that take seconds; zero otherwise.
    pub fn time(&self) -> Duration {
        match self.value {
            Value::Time(time) => time,
            _ => Duration::ZERO,
        }
    }

    /// The value as the IMAP part of the lab reads it.
    pub fn written(&self) -> Option<String> {
        match &self.value {
            Value::Written(text) => Some(text.clone()),
            Value::Time(time) => Some(time.as_secs_f64().to_string()),
            _ => None,
        }
    }

    /// The word, for faults that take one; empty otherwise.
    pub fn word(&self) -> &'static str {
        match self.value {
            Value::Word(word) => word,
            _ => "",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spec)
    }
}

fn fits(glob: &Option<GlobMatcher>, name: &str) -> bool {
    glob.as_ref().is_none_or(|glob| glob.is_match(name))
}

fn read_value(kind: FaultKind, value: Option<&str>) -> Result<Value, String> {
    let name = kind.name();
    match (kind.takes(), value) {
        (Nothing, None) => Ok(Value::Nothing),
        (Nothing, Some(_)) => Err(format!("fault '{name}' takes no value")),
        (Refusal, None) => Ok(Value::Code(550)),
        (Refusal, Some(code)) => match code.parse() {
            Ok(code @ 500..=599) => Ok(Value::Code(code)),
            _ => Err(format!(
                "'{code}' is no permanent reply code: write {name}=550 (500 to 599)"
            )),
        },
        (Seconds, None) => Err(format!("fault '{name}' needs seconds: write {name}=5")),
        (Seconds, Some(text)) => match text.strip_suffix('s').unwrap_or(text).parse::<f64>() {
            Ok(seconds) if (0.0..=MOST_SECONDS).contains(&seconds) => Ok(Value::Time(Duration::from_secs_f64(seconds))),
            _ => Err(format!("'{text}' is no number of seconds (0 to 86400): write {name}=5")),
        },
        (Word(words) | WordTimes(words), None) => {
            Err(format!("fault '{name}' needs a value: {name}={}", words.join("|")))
        }
        (Word(words), Some(text)) => known_word(name, words, text).map(Value::Word),
        (Times, None) => Ok(Value::Nothing),
        (Times, Some(text)) => times(name, text).map(|()| Value::Written(text.to_owned())),
        (WordTimes(words), Some(text)) => {
            let (word, often) = text.split_once(':').unwrap_or((text, "1"));
            known_word(name, words, word)?;
            times(name, often)?;
            Ok(Value::Written(text.to_owned()))
        }
    }
}

fn known_word(name: &str, words: &[&'static str], text: &str) -> Result<&'static str, String> {
    let found = words.iter().copied().find(|word| *word == text);
    found.ok_or_else(|| unknown(&format!("value of '{name}'"), text, words.iter().copied()))
}

fn times(name: &str, text: &str) -> Result<(), String> {
    match text == "always" || text.parse::<u32>().is_ok() {
        true => Ok(()),
        false => Err(format!(
            "'{text}' is no number of times for '{name}': write a number or 'always'"
        )),
    }
}

/// Splits at commas, but not inside the braces of a glob.
fn split_scope(text: &str) -> Vec<&str> {
    let mut depth = 0i32;
    text.split(|letter: char| {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth <= 0
    })
    .collect()
}

fn unknown(what: &str, word: &str, known: impl Iterator<Item = &'static str>) -> String {
    let known: Vec<&str> = known.collect();
    let near = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), *candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|left, right| left.0.total_cmp(&right.0));
    match near {
        Some((_, candidate)) => format!("unknown {what} '{word}': did you mean '{candidate}'?"),
        None => format!("unknown {what} '{word}': known are {}", known.join(", ")),
    }
}

/// The faults that act on one delivery.
#[derive(Debug, Clone, Default)]
pub struct Active<'a>(Vec<&'a Fault>);

impl<'a> Active<'a> {
    /// Those of `faults` that match.
    pub fn of(faults: &'a [Fault], id: &DeliveryId) -> Active<'a> {
        Active(faults.iter().filter(|fault| fault.matches(id)).collect())
    }

    /// The fault, if it acts here (the last one given wins).
    pub fn get(&self, kind: FaultKind) -> Option<&'a Fault> {
        self.0.iter().rev().find(|fault| fault.kind == kind).copied()
    }

    /// Does it act here?
    pub fn has(&self, kind: FaultKind) -> bool {
        self.get(kind).is_some()
    }

    /// The time of a fault that takes seconds; zero where it does not act.
    pub fn time(&self, kind: FaultKind) -> Duration {
        self.get(kind).map_or(Duration::ZERO, Fault::time)
    }

    /// As written, in the order given.
    pub fn specs(&self) -> Vec<String> {
        self.0.iter().map(|fault| fault.spec.clone()).collect()
    }
}
