//! How each provider words its answers. The texts follow what the real servers were seen to send, because clients match on
//! them: greeting, capabilities, refusals, and where a response code is missing although one would expect it.

use crate::model::profile::Dialect;

/// A command that is refused although it is well-formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Wrong user or password.
    Credentials,
    /// Wrong or expired OAuth token.
    Token,
    /// No folder of that name.
    NoFolder(String),
    /// A change in a folder that was opened by EXAMINE.
    ReadOnly,
    /// The server has a bad moment.
    Unavailable,
    /// Too many requests; come back after so many milliseconds.
    Throttled(u64),
    /// One connection too many.
    TooManyConnections,
}

/// The greeting line.
pub fn greeting(dialect: Dialect) -> String {
    match dialect {
        Dialect::Gmail => "* OK Gimap ready for requests from 192.0.2.44 q13mb102938475edb".to_owned(),
        Dialect::Yahoo => format!(
            "* OK [CAPABILITY {}] IMAP4rev1 imapgate-1.9.20 ready",
            capabilities(dialect, false)
        ),
        Dialect::Outlook => {
            "* OK The Microsoft Exchange IMAP4 service is ready. [TQBBADAAUABSADAAMQBDAEEAMAAwADAAMQA=]".to_owned()
        }
        Dialect::Generic => format!("* OK [CAPABILITY {}] Dovecot ready.", capabilities(dialect, false)),
    }
}

/// The capability list before and after login.
pub fn capabilities(dialect: Dialect, logged_in: bool) -> &'static str {
    match (dialect, logged_in) {
        (Dialect::Gmail, false) => {
            "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 XYZZY SASL-IR AUTH=XOAUTH2 AUTH=PLAIN \
             AUTH=PLAIN-CLIENTTOKEN AUTH=OAUTHBEARER"
        }
        (Dialect::Gmail, true) => {
            "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE ENABLE MOVE \
             CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584"
        }
        (Dialect::Yahoo, _) => {
            "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER ID MOVE NAMESPACE XYMHIGHESTMODSEQ UIDPLUS \
             LITERAL+ CHILDREN X-MSG-EXT UNSELECT OBJECTID"
        }
        (Dialect::Outlook, false) => {
            "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+"
        }
        (Dialect::Outlook, true) => {
            "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CLIENTACCESSRULES \
             CLIENTNETWORKPRESENCELOCATION BACKENDAUTHENTICATE CHILDREN IDLE NAMESPACE LITERAL+"
        }
        (Dialect::Generic, false) => {
            "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER"
        }
        (Dialect::Generic, true) => {
            "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ NAMESPACE UIDPLUS LIST-EXTENDED LIST-STATUS \
             CHILDREN UNSELECT MOVE SPECIAL-USE"
        }
    }
}

/// Does the dialect know a capability after login?
pub fn has(dialect: Dialect, capability: &str) -> bool {
    capabilities(dialect, true).split(' ').any(|word| word == capability)
}

/// The answer to ID; Exchange calls an empty list a bad command.
pub fn id(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Gmail => {
            "* ID (\"name\" \"GImap\" \"vendor\" \"Google, Inc.\" \"support-url\" \"https://support.google.com/mail\" \
             \"version\" \"gmail_imap_251110.06_p1\" \"remote-host\" \"192.0.2.44\")"
        }
        Dialect::Yahoo => {
            "* ID (\"vendor\" \"Yahoo! Inc.\" \"support-url\" \"https://help.yahoo.com/\" \"host\" \"imapgate-1.mail.example\")"
        }
        Dialect::Outlook => "* ID (\"name\" \"Microsoft.Exchange.Imap4.Imap4Server\" \"version\" \"15.20\")",
        Dialect::Generic => "* ID (\"name\" \"Dovecot\")",
    }
}

/// Text of the tagged OK after a login, `verb` being LOGIN or AUTHENTICATE. Gmail tells its capabilities in an untagged
/// line of its own, Dovecot within the OK, the others only when asked.
pub fn logged_in(dialect: Dialect, verb: &str, user: &str) -> String {
    match dialect {
        Dialect::Gmail => format!("{user} authenticated (Success)"),
        Dialect::Yahoo => format!("{verb} completed"),
        Dialect::Outlook => format!("{verb} completed."),
        Dialect::Generic => format!("[CAPABILITY {}] Logged in", capabilities(dialect, true)),
    }
}

/// Text of a tagged OK.
pub fn done(dialect: Dialect, verb: &str) -> String {
    match dialect {
        Dialect::Gmail => "Success".to_owned(),
        Dialect::Yahoo => format!("{verb} completed"),
        Dialect::Outlook => format!("{} completed.", verb.trim_start_matches("UID ")),
        Dialect::Generic => format!("{verb} completed (0.001 + 0.000 secs)."),
    }
}

/// Text of the tagged OK of SELECT and EXAMINE.
pub fn opened(dialect: Dialect, verb: &str, folder: &str, read_only: bool) -> String {
    let access = if read_only { "[READ-ONLY]" } else { "[READ-WRITE]" };
    match dialect {
        Dialect::Gmail => format!("{access} {folder} selected. (Success)"),
        Dialect::Yahoo => format!("{access} {verb} completed; now in selected state"),
        Dialect::Outlook => format!("{access} {verb} completed."),
        Dialect::Generic => format!("{access} {verb} completed (0.001 + 0.000 secs)."),
    }
}

/// Text of a tagged NO.
pub fn refused(dialect: Dialect, verb: &str, refusal: &Refusal) -> String {
    use Dialect::{Generic, Gmail, Outlook, Yahoo};
    match (refusal, dialect) {
        (Refusal::Credentials | Refusal::Token, Outlook) => format!("{verb} failed."),
        (Refusal::Token, Yahoo) => {
            "[AUTHENTICATIONFAILED] (#AUTH901) The provided OAuth2 access token is invalid".to_owned()
        }
        (Refusal::Credentials, Yahoo) => format!("[AUTHENTICATIONFAILED] {verb} Invalid credentials"),
        (Refusal::Credentials | Refusal::Token, Gmail) => {
            "[AUTHENTICATIONFAILED] Invalid credentials (Failure)".to_owned()
        }
        (Refusal::Credentials | Refusal::Token, Generic) => "[AUTHENTICATIONFAILED] Authentication failed.".to_owned(),
        (Refusal::NoFolder(name), Gmail) => format!("[NONEXISTENT] Unknown Mailbox: {name} (Failure)"),
        (Refusal::NoFolder(_), Yahoo) => {
            format!("[TRYCREATE] {verb} error - Folder does not exist or server encountered an error")
        }
        (Refusal::NoFolder(name), Outlook) => format!("{name} doesn't exist."),
        (Refusal::NoFolder(name), Generic) => {
            format!("[NONEXISTENT] Mailbox doesn't exist: {name} (0.001 + 0.000 secs).")
        }
        (Refusal::ReadOnly, Gmail) => "[READ-ONLY] Folder is read-only. (Failure)".to_owned(),
        (Refusal::ReadOnly, Outlook) => "Command received in a read-only mailbox.".to_owned(),
        (Refusal::ReadOnly, Yahoo) => format!("[READ-ONLY] {verb} failure, mailbox is read-only"),
        (Refusal::ReadOnly, Generic) => "[READ-ONLY] Mailbox is read-only".to_owned(),
        (Refusal::Throttled(_), Gmail) => {
            "[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)".to_owned()
        }
        (Refusal::Throttled(_), Yahoo) => format!("[LIMIT] {verb} Rate limit hit."),
        (Refusal::Throttled(millis), Outlook) => {
            format!("Request is throttled. Suggested Backoff Time: {millis} milliseconds")
        }
        (Refusal::Throttled(_), Generic) => format!("[UNAVAILABLE] {verb} throttled, try again later"),
        (Refusal::TooManyConnections, Gmail) => "[ALERT] Too many simultaneous connections. (Failure)".to_owned(),
        (Refusal::TooManyConnections, Yahoo) => format!("[LIMIT] {verb} Rate limit hit."),
        (Refusal::TooManyConnections, Outlook) => "User is authenticated but not connected.".to_owned(),
        (Refusal::TooManyConnections, Generic) => {
            "[UNAVAILABLE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)"
                .to_owned()
        }
        (Refusal::Unavailable, Gmail) => "System Error (Failure)".to_owned(),
        (Refusal::Unavailable, Yahoo) => format!("[SERVERBUG] {verb} Server error - Please try again later"),
        (Refusal::Unavailable, Outlook) => "Server Unavailable. 15".to_owned(),
        (Refusal::Unavailable, Generic) => {
            "[SERVERBUG] Internal error occurred. Refer to server log for more information.".to_owned()
        }
    }
}

/// Text of a tagged BAD, given what our reader found wrong.
pub fn bad(dialect: Dialect, verb: &str, wrong: &str) -> String {
    match dialect {
        Dialect::Gmail => format!("Could not parse command ({wrong})"),
        Dialect::Yahoo => format!("[CLIENTBUG] {verb} Command arguments invalid ({wrong})"),
        Dialect::Outlook => "Command Error. 12".to_owned(),
        Dialect::Generic => format!("Error in IMAP command {verb}: {wrong} (0.001 + 0.000 secs)."),
    }
}

/// The challenge that tells of a refused OAuth token, before its base64 (RFC 7628 §3.2.3, Gmail's XOAUTH2).
pub fn token_challenge(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Generic => r#"{"status":"invalid_token"}"#,
        _ => r#"{"status":"400","schemes":"Bearer","scope":"https://mail.mailbox.example/"}"#,
    }
}

/// The line that ends a session on the client's wish.
pub fn bye(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Gmail => "* BYE LOGOUT Requested",
        Dialect::Yahoo => "* BYE IMAP4rev1 Server logging out",
        Dialect::Outlook => "* BYE Microsoft Exchange Server IMAP4 server signing off.",
        Dialect::Generic => "* BYE Logging out",
    }
}
