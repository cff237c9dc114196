//! Misbehaviour of one mailbox's server, by name: what happens, at which point, and how often before it recovers. Session
//! code asks [`ImapFaults::strike`] at each point and does what it is told; new points and acts are new variants.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A moment in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// LOGIN and AUTHENTICATE.
    Login,
    /// LIST.
    List,
    /// EXAMINE and SELECT.
    Examine,
    /// FETCH of anything.
    Fetch,
    /// FETCH that asks for bytes of messages.
    Message,
    /// IDLE, right after it began.
    Idle,
}

/// What happens there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A tagged NO in the provider's words.
    Refuse,
    /// A tagged NO in these words (`[THROTTLED] …`).
    RefuseWith(String),
    /// The provider's refusal of too many requests; Exchange says how many milliseconds to stay away.
    Throttle(u64),
    /// The provider's refusal of one connection too many.
    TooMany,
    /// `* BYE` with these words instead of an answer, then the end.
    Bye(String),
    /// The connection is cut without a word; in the middle of the answer, where there is one.
    Cut,
    /// Nothing more is ever said, and the connection stays open.
    Silence,
    /// The first literal of the answer announces this length instead of its own.
    FalseLiteral(u64),
}

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// So often, then it recovers.
    Count(u32),
    /// It never recovers.
    Always,
    /// So long from the first strike on, then it recovers.
    Lasting(Duration),
}

/// The faults of one mailbox. Clones share their counters.
#[derive(Clone, Default)]
pub struct ImapFaults {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    slowness: Duration,
    armed: Vec<Armed>,
}

struct Armed {
    name: String,
    point: Point,
    act: Act,
    left: Times,
    fired: u32,
    /// When a lasting fault struck first.
    since: Option<Instant>,
    /// What else happens when it strikes.
    along: Option<Along>,
}

/// Done when a fault strikes.
pub type Along = Arc<dyn Fn() + Send + Sync>;

impl Armed {
    /// Does it still strike?
    fn is_ready(&self) -> bool {
        match self.left {
            Times::Count(left) => left > 0,
            Times::Always => true,
            Times::Lasting(time) => self.since.is_none_or(|since| since.elapsed() < time),
        }
    }
}

/// What `huge-literal` announces, in bytes.
const HUGE: u64 = 400_000_000;

/// The words of a server that goes down for a moment.
fn goodbye() -> Act {
    Act::Bye("Connection closed. 14".to_owned())
}

/// The names understood by [`ImapFaults::arm`], with the form of their values.
pub const NAMES: &[(&str, &str)] = &[
    ("imap-refuse-login", "[TIMES|always], default always"),
    ("imap-drop", "idle|fetch|message[:TIMES|:always], default once"),
    ("imap-no", "fetch|examine|list[:TIMES|:always], default once"),
    ("imap-slow", "SECONDS before each answer"),
    ("imap-silent", "[TIMES|always], default once"),
    (
        "bye",
        "login|list|examine|fetch|message|idle[:TIMES|:always], default once",
    ),
    ("cut-literal", "[TIMES|always], default once"),
    ("huge-literal", "[TIMES|always], default once"),
    ("throttle", "SECONDS"),
    ("too-many-connections", "[TIMES|always], default once"),
    ("token-expired", "[TIMES|always], default once"),
];

impl ImapFaults {
    /// No faults.
    pub fn new() -> ImapFaults {
        ImapFaults::default()
    }

    /// Adds a fault from its name and value, or says what is wrong with them.
    pub fn arm(&self, name: &str, value: Option<&str>) -> Result<(), String> {
        let form = NAMES.iter().find(|(known, _)| *known == name);
        let (_, form) = form.ok_or_else(|| format!("unknown fault '{name}'"))?;
        let wrong = || format!("'{name}' wants {form}");
        let (place, times) = match value {
            Some(value) => value.split_once(':').unwrap_or((value, "1")),
            None => ("", "1"),
        };
        let (always, once) = (value.unwrap_or("always"), value.unwrap_or("1"));
        let (point, act, times) = match (name, place) {
            ("imap-slow", seconds) => {
                let seconds: f64 = seconds.parse().map_err(|_| wrong())?;
                self.lock().slowness = Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?;
                return Ok(());
            }
            ("throttle", seconds) => {
                let seconds: f64 = seconds.parse().map_err(|_| wrong())?;
                let time = Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?;
                let millis = u64::try_from(time.as_millis()).map_err(|_| wrong())?;
                self.plan(name, Point::Examine, Act::Throttle(millis), Times::Lasting(time));
                return Ok(());
            }
            ("imap-silent", _) => (Point::Fetch, Act::Silence, once),
            ("cut-literal", _) => (Point::Message, Act::Cut, once),
            ("huge-literal", _) => (Point::Message, Act::FalseLiteral(HUGE), once),
            ("too-many-connections", _) => (Point::Login, Act::TooMany, once),
            ("token-expired", _) => {
                let words = "Session invalidated - AccessTokenExpired".to_owned();
                (Point::Fetch, Act::Bye(words), once)
            }
            ("bye", "login") => (Point::Login, goodbye(), times),
            ("bye", "list") => (Point::List, goodbye(), times),
            ("bye", "examine") => (Point::Examine, goodbye(), times),
            ("bye", "fetch") => (Point::Fetch, goodbye(), times),
            ("bye", "message") => (Point::Message, goodbye(), times),
            ("bye", "idle") => (Point::Idle, goodbye(), times),
            ("imap-refuse-login", _) => (Point::Login, Act::Refuse, always),
            ("imap-drop", "idle") => (Point::Idle, Act::Cut, times),
            ("imap-drop", "fetch") => (Point::Fetch, Act::Cut, times),
            ("imap-drop", "message") => (Point::Message, Act::Cut, times),
            ("imap-no", "fetch") => (Point::Fetch, Act::Refuse, times),
            ("imap-no", "examine") => (Point::Examine, Act::Refuse, times),
            ("imap-no", "list") => (Point::List, Act::Refuse, times),
            _ => return Err(wrong()),
        };
        let times = match times {
            "always" => Times::Always,
            count => Times::Count(count.parse().map_err(|_| wrong())?),
        };
        self.plan(name, point, act, times);
        Ok(())
    }

    /// Adds a fault that has no name in configuration, under a name of the caller's for [`ImapFaults::fired`].
    pub fn plan(&self, name: &str, point: Point, act: Act, times: Times) {
        self.lock().armed.push(Armed {
            name: name.to_owned(),
            point,
            act,
            left: times,
            fired: 0,
            since: None,
            along: None,
        });
    }

    /// Lets `along` happen whenever a fault of this name strikes.
    pub fn along(&self, name: &str, along: Along) {
        for armed in self.lock().armed.iter_mut().filter(|armed| armed.name == name) {
            armed.along = Some(along.clone());
        }
    }

    /// What happens at a point now; each call uses up one occurrence.
    pub fn strike(&self, point: Point) -> Option<Act> {
        let mut state = self.lock();
        let ready = |armed: &&mut Armed| armed.point == point && armed.is_ready();
        let armed = state.armed.iter_mut().find(ready)?;
        if let Times::Count(left) = &mut armed.left {
            *left -= 1;
        }
        armed.fired += 1;
        armed.since.get_or_insert_with(Instant::now);
        armed.along.iter().for_each(|along| along());
        Some(armed.act.clone())
    }

    /// Lets the time pass that goes before each answer; without slowness no time at all.
    pub(super) async fn pause(&self) {
        let slowness = self.lock().slowness;
        if !slowness.is_zero() {
            tokio::time::sleep(slowness).await;
        }
    }

    /// How often faults of a name have struck.
    pub fn fired(&self, name: &str) -> u32 {
        let state = self.lock();
        let named = state.armed.iter().filter(|armed| armed.name == name);
        named.map(|armed| armed.fired).sum()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_as_often_as_it_says_and_only_there() {
        let faults = ImapFaults::new();
        faults.arm("imap-drop", Some("message:2")).unwrap();
        faults.arm("imap-no", Some("fetch")).unwrap();
        assert_eq!(faults.strike(Point::Idle), None);
        let struck: Vec<_> = (0..3).map(|_| faults.strike(Point::Message)).collect();
        assert_eq!(struck, [Some(Act::Cut), Some(Act::Cut), None]);
        let struck: Vec<_> = (0..2).map(|_| faults.strike(Point::Fetch)).collect();
        assert_eq!(struck, [Some(Act::Refuse), None]);
        assert_eq!((faults.fired("imap-drop"), faults.fired("imap-no")), (2, 1));
    }

    #[test]
    fn refused_logins_do_not_recover_unless_told() {
        let faults = ImapFaults::new();
        faults.arm("imap-refuse-login", None).unwrap();
        assert!((0..9).all(|_| faults.strike(Point::Login).is_some()));
    }

    #[test]
    fn values_that_mean_nothing_are_refused() {
        let faults = ImapFaults::new();
        for (name, value) in [
            ("imap-nope", None),
            ("imap-drop", None),
            ("imap-drop", Some("list")),
            ("imap-drop", Some("fetch:")),
            ("imap-no", Some("idle")),
            ("imap-no", Some("fetch:-1")),
            ("imap-slow", Some("soon")),
            ("imap-slow", Some("-1")),
            ("imap-slow", None),
            ("imap-refuse-login", Some("maybe")),
        ] {
            assert!(faults.arm(name, value).is_err(), "{name}={value:?}");
        }
    }
}
