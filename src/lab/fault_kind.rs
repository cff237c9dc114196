//! The table of misbehaviours: every word of `--fault`, the value it takes, what it may be scoped by.

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
    /// How often: a number or `always`; what is left out is said with the fault.
    Times,
    /// Any text.
    Text,
    /// One of these words, and how often: `WORD[:TIMES|:always]`, once when left out.
    WordTimes(&'static [&'static str]),
}

/// What a fault can be scoped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopedBy {
    /// Case, route, mailbox and attempt.
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
use Takes::{Nothing, Refusal, Seconds, Text, Times, Word, WordTimes};

faults! {
    Reject = "reject", Refusal, Delivery, "the submission server refuses the message for good";
    Greylist = "greylist", Seconds, Delivery, "the submission server answers 451 until the time is over";
    Drop = "drop", Nothing, Delivery, "the message is accepted and never delivered";
    SuppressedSeed = "suppressed-seed", Nothing, Delivery, "the recipient is on the sending service's suppression list: the message is taken and not sent";
    TopicOptOut = "topic-opt-out", Text, Delivery, "at Customer.io the person has opted out of this topic, and the message belongs to it";
    Bounce = "bounce", Word(&["HardBounce", "SoftBounce", "SpamNotification", "Blocked", "DnsError", "DMARCPolicy"]), Delivery, "the provider refuses the message and the sending service's log says so, by this type";
    EspQueued = "esp-queued", Nothing, Delivery, "the sending service keeps the message in its queue";
    Esp429 = "esp-429", Seconds, Delivery, "the sending service's API answers 429 until the time is over";
    Esp500 = "esp-500-after-accept", Nothing, Delivery, "the sending service's API takes the message and answers 500";
    LateEvent = "late-event", Seconds, Delivery, "the campaign makes the message so long after its event";
    DuplicateEvent = "duplicate-event", Nothing, Delivery, "the campaign answers one event with two messages";
    PromoSpike = "promo-spike", Nothing, Delivery, "the service has one queue for everything: the message waits a second for each campaign message before it";
    Delay = "delay", Seconds, Delivery, "the sending service holds the message back";
    MxGreylist = "mx-greylist", Seconds, Delivery, "the provider's MX answers 451 until the time is over";
    Duplicate = "duplicate", Nothing, Delivery, "the message is delivered twice";
    Junk = "junk", Nothing, Delivery, "the provider files the message as junk";
    Promotions = "promotions", Nothing, Delivery, "Gmail files the message under the tab Promotions";
    UserRule = "user-rule", Text, Delivery, "a rule of the user's files the message in this folder, which it makes";
    MoveAfter = "move-after", Seconds, Delivery, "the provider moves the message to junk so long after it arrived";
    PlainDelivery = "plain-delivery", Nothing, Delivery, "the message reaches the provider without TLS";
    FromChanged = "from-changed", Word(&["name", "local", "domain"]), Delivery, "the From display name, local part or domain is changed before signing";
    FromNameDrift = "from-name-drift", Nothing, Delivery, "the From display name gets an addition of the stream's own";
    StripTokenHeader = "strip-token-header", Nothing, Delivery, "the correlation header is removed before signing";
    StripToken = "strip-token", Nothing, Delivery, "every trace of the correlation token is removed before signing, from headers and content";
    NewMessageId = "new-message-id", Nothing, Delivery, "the Message-ID is replaced before signing";
    TwoFromHeaders = "two-from-headers", Nothing, Delivery, "a second From field, of somebody else, is added before signing";
    DuplicateHeader = "duplicate-header", Nothing, Delivery, "the Subject field is written twice";
    LongLines = "long-lines", Nothing, Delivery, "header fields of more than 998 bytes are added without folding";
    Clipped = "clipped", Nothing, Delivery, "the HTML part is blown up beyond what Gmail shows";
    NoTextPart = "no-text-part", Nothing, Delivery, "the text part is dropped";
    BrokenImage = "broken-image", Nothing, Delivery, "the first picture leads to a page that is not there";
    Mojibake = "mojibake", Nothing, Delivery, "text parts in UTF-8 are taken for Windows-1252 and encoded once more";
    InsertedFooter = "inserted-footer", Nothing, Delivery, "the sending service puts its advertisement below the content";
    TruncatedHtml = "truncated-html", Nothing, Delivery, "the HTML part ends after three fifths of it";
    RawMergeTag = "raw-merge-tag", Nothing, Delivery, "a template tag is left unreplaced in the body";
    NoRewrite = "no-rewrite", Nothing, Delivery, "links are not rewritten for tracking";
    WrongTrackingHost = "wrong-tracking-host", Nothing, Delivery, "links go through another tracking host than the contract's";
    UnbrandedTracking = "unbranded-tracking", Nothing, Delivery, "links and pixel go through the sending service's own host";
    DoubleTracking = "double-tracking", Nothing, Delivery, "two services wrap every link, and each has its pixel";
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
    NoListUnsubscribe = "no-list-unsubscribe", Nothing, Delivery, "the List-Unsubscribe fields are left out";
    UnsignedListUnsubscribe = "unsigned-list-unsubscribe", Nothing, Delivery, "no signature covers the List-Unsubscribe fields";
    UnsubscribeRedirects = "unsubscribe-redirects", Nothing, Delivery, "the one-click POST is redirected to a page that asks";
    UnsubscribeNeedsCookie = "unsubscribe-needs-cookie", Nothing, Delivery, "the one-click POST is refused without a cookie";
    IgnoreUnsubscribe = "ignore-unsubscribe", Nothing, Delivery, "the one-click POST is answered 200, and nobody is unsubscribed";
    ReceiptSuppressed = "receipt-suppressed", Nothing, Delivery, "unsubscribing takes the reader off every stream, receipts as well";
    EmptyUnsubscribeLink = "empty-unsubscribe-link", Nothing, Delivery, "the unsubscribe link has no address";
    WrongStream = "wrong-stream", Nothing, Delivery, "order mail travels by the bulk stream, campaigns by the transactional one";
    BreakBody = "break-body", Nothing, Delivery, "an HTML comment is added after signing";
    StripSignature = "strip-signature", Nothing, Delivery, "no DKIM signature at all";
    EspSignatureOnly = "esp-signature-only", Nothing, Delivery, "only the sending service's own DKIM signature";
    WrongKey = "wrong-key", Nothing, Delivery, "signed with another key than the published one";
    MissingKey = "missing-key", Nothing, Delivery, "signed with a selector that is not published";
    WeakKey = "weak-key", Word(&["512", "1024"]), Delivery, "the brand signs by an RSA key of so few bits";
    BodyLengthTag = "body-length-tag", Nothing, Delivery, "signatures cover the first half of the body (l=)";
    UnsignedHeaders = "unsigned-headers", Nothing, Delivery, "signatures cover From and To alone";
    ExpiredSignature = "expired-signature", Nothing, Delivery, "the signature expired before it arrived";
    SpfFail = "spf-fail", Nothing, Delivery, "sent from an address the SPF record does not list";
    ManySpfLookups = "many-spf-lookups", Nothing, Route, "the return path's SPF record includes more services than an evaluation may look up";
    ArcBroken = "arc-broken", Nothing, Delivery, "a forwarder sealed the message by ARC, and the chain is broken";
    ForgedAuthResults = "forged-auth-results", Nothing, Delivery, "the message brings Authentication-Results in the provider's name that say it fails";
    ProviderFailsDkim = "provider-fails-dkim", Nothing, Delivery, "the provider says that every DKIM signature fails";
    MicrosoftRewrite = "microsoft-rewrite", Nothing, Delivery, "a Microsoft mailbox writes every text part anew, also that of a message of one part";
    ClockSkew = "clock-skew", Seconds, Mailbox, "the provider's clock is so far ahead";
    DnsServfail = "dns-servfail", Word(&["txt", "a"]), Route, "DNS answers SERVFAIL: to TXT of the mail domains, or to addresses of tracking and web hosts";
    DnsTimeout = "dns-timeout", Word(&["txt"]), Route, "DNS does not answer TXT of the mail domains";
    ImapRefuseLogin = "imap-refuse-login", Times, Mailbox, "the IMAP server refuses the login";
    ImapDrop = "imap-drop", WordTimes(&["idle", "fetch", "message"]), Mailbox, "the IMAP server drops the connection in IDLE, at a FETCH, or inside the message";
    ImapNo = "imap-no", WordTimes(&["fetch", "examine", "list"]), Mailbox, "the IMAP server answers NO";
    ImapSlow = "imap-slow", Seconds, Mailbox, "the IMAP server answers late";
    ImapSilent = "imap-silent", Times, Mailbox, "the IMAP server falls silent at a FETCH and keeps the connection open (once, or so often)";
    Bye = "bye", WordTimes(&["login", "list", "examine", "fetch", "message", "idle"]), Mailbox, "the IMAP server says BYE and ends the session at this point";
    CutLiteral = "cut-literal", Times, Mailbox, "the connection breaks inside a literal (once, or so often)";
    HugeLiteral = "huge-literal", Times, Mailbox, "a literal announces 400 MB (once, or so often)";
    Throttle = "throttle", Seconds, Mailbox, "the IMAP server refuses to open folders for so long, in the provider's words for it";
    TooManyConnections = "too-many-connections", Times, Mailbox, "the IMAP server refuses the login for too many connections (once, or so often)";
    TokenExpired = "token-expired", Times, Mailbox, "the access token ends in the middle of a session (once, or so often)";
    UidvalidityChange = "uidvalidity-change", Nothing, Mailbox, "the inbox gets a new UIDVALIDITY and new UIDs right before the first message arrives";
    HiddenSpamFolder = "hidden-spam-folder", Nothing, Mailbox, "the junk folder is there and not listed, as where a user switched off its IMAP access";
}
