//! Reads the sentences with which providers refuse: response codes are not standard (RFC 5530 is rarely used), so the text is
//! what there is. Each known sentence gets a remedy in words, and tells whether trying again makes sense.

use std::fmt;
use std::time::Duration;

/// Longest stay-away we obey; Exchange asks for up to five minutes.
const LONGEST_STAY: Duration = Duration::from_secs(300);

/// A refusal, understood as far as it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The server's words.
    pub text: String,
    /// What the user can do.
    pub remedy: Option<&'static str>,
    /// Only a person can change it: another try can only do harm.
    pub final_: bool,
    /// How long to stay away before another try.
    pub stay_away: Option<Duration>,
}

struct Known {
    /// All of these must occur, lower-case.
    says: &'static [&'static str],
    remedy: &'static str,
    final_: bool,
    stay_secs: u64,
}

const fn person(says: &'static [&'static str], remedy: &'static str) -> Known {
    Known {
        says,
        remedy,
        final_: true,
        stay_secs: 0,
    }
}

const fn passing(says: &'static [&'static str], remedy: &'static str, stay_secs: u64) -> Known {
    Known {
        says,
        remedy,
        final_: false,
        stay_secs,
    }
}

/// First match wins.
const KNOWN: &[Known] = &[
    person(
        &["application-specific password required"],
        "use an app password: the account has 2-Step Verification, its normal password is not accepted over IMAP",
    ),
    person(
        &["web login required"],
        "sign in to the account in a browser once and confirm that it was you, then try again",
    ),
    person(
        &["webalert"],
        "sign in to the account in a browser once and follow the notice there, then try again",
    ),
    person(
        &["oauth2 access token is invalid"],
        "the access token is invalid or expired: get a new one, or use an app password",
    ),
    person(
        &["user is authenticated but not connected"],
        "the login was right but no mailbox is behind it: check that the account has a mailbox, that IMAP is switched on for it, and the scope of its token",
    ),
    person(&["accesstokenexpired"], "the access token has expired: get a new one"),
    person(
        &["not enabled for imap"],
        "switch IMAP on in the settings of the account",
    ),
    person(
        &["imap access is disabled"],
        "switch IMAP on in the settings of the account",
    ),
    passing(
        &["too many simultaneous connections"],
        "other clients of this account hold all its connections: close some of them",
        15,
    ),
    passing(
        &["maximum number of connections"],
        "other clients hold all connections that the server allows for this user and address: close some of them",
        5,
    ),
    passing(
        &["request is throttled"],
        "the server throttles this account: fewer runs, or another seed",
        60,
    ),
    passing(
        &["account exceeded command or bandwidth limits"],
        "the account used up its bandwidth: it is usually open again after a day",
        LONGEST_STAY.as_secs(),
    ),
    passing(&["[overquota]"], "the account is over one of its limits", 60),
    passing(
        &["lockdown in sector"],
        "the account used up its bandwidth: try again later",
        60,
    ),
    passing(&["[throttled]"], "the server throttles this account", 30),
    passing(
        &["[limit]"],
        "the provider allows few logins in a short time: use one mailbox in one run at a time, and wait",
        60,
    ),
    passing(&["rate limit"], "too many requests in a short time: wait", 60),
    passing(&["[unavailable]"], "the server is not available just now", 2),
    passing(&["[serverbug]"], "the server made a mistake of its own", 2),
    passing(&["[inuse]"], "the mailbox is in use just now", 2),
    passing(&["server unavailable"], "the server is not available just now", 5),
    passing(&["session invalidated"], "the server ended the session", 2),
    passing(&["temporar"], "the server has a problem of its own", 2),
    passing(&["try again"], "the server has a problem of its own", 2),
    person(
        &["[authenticationfailed]"],
        "check user name and password; most providers want an app password here, not the account's own",
    ),
    person(
        &["[authorizationfailed]"],
        "the user may log in but not use this mailbox: check its rights",
    ),
    person(&["[expired]"], "the password has expired: set a new one"),
    person(&["[privacyrequired]"], "the server wants an encrypted connection"),
    person(
        &["authenticate failed"],
        "if this is a Microsoft mailbox: it takes no passwords over IMAP any more, not even app passwords",
    ),
    person(
        &["login failed"],
        "check user name and password; Microsoft mailboxes take no passwords over IMAP any more",
    ),
    person(&["invalid credentials"], "check user name and password"),
    person(&["authentication failed"], "check user name and password"),
];

impl Refusal {
    /// Reads a refusal's text. An unknown sentence has no remedy and is worth another try.
    pub fn of(text: &str) -> Refusal {
        let lower = text.to_lowercase();
        let known = KNOWN
            .iter()
            .find(|known| known.says.iter().all(|part| lower.contains(part)));
        let wise = known
            .filter(|known| known.stay_secs > 0)
            .map(|known| Duration::from_secs(known.stay_secs));
        Refusal {
            text: text.to_owned(),
            remedy: known.map(|known| known.remedy),
            final_: known.is_some_and(|known| known.final_),
            stay_away: suggested(&lower).or(wise),
        }
    }

    /// The same for the answer to a login: there, what is not known to pass is final.
    pub fn of_login(text: &str) -> Refusal {
        let mut refusal = Refusal::of(text);
        refusal.final_ |= refusal.remedy.is_none();
        refusal
    }
}

impl Refusal {
    /// The same for the answer to an access token: it is worth one more try with a new one, so only the remedy differs.
    pub fn of_token(text: &str) -> Refusal {
        let mut refusal = Refusal::of_login(text);
        let about_passwords = ["password", "passwords"]
            .iter()
            .any(|word| refusal.remedy.is_some_and(|remedy| remedy.contains(word)));
        if about_passwords || refusal.remedy.is_none() {
            refusal.remedy = Some(
                "the token is not taken: check that it is for this very account, that its scope covers IMAP, and that IMAP is switched on for the mailbox",
            );
        }
        refusal
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.remedy {
            Some(remedy) => write!(f, "{} ({remedy})", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// Exchange says for how long: `Suggested Backoff Time: 92415 milliseconds`.
fn suggested(lower: &str) -> Option<Duration> {
    let rest = lower.split_once("backoff time:")?.1.trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).take(9).collect();
    let millis = digits.parse().ok()?;
    Some(Duration::from_millis(millis).min(LONGEST_STAY))
}
