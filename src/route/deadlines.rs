//! How long a server may be silent.

use std::time::Duration;

/// The longest wait for each answer of a submission server. RFC 5321 §4.5.3.2 allows minutes; here a person or a CI job waits,
/// and a try that is given up after the message is never repeated, so nothing is sent twice by being shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Each step until the login is done: greeting, EHLO, STARTTLS, AUTH.
    pub opening: Duration,
    /// MAIL, RCPT, DATA, RSET, QUIT.
    pub command: Duration,
    /// Handing over the message, without the final dot.
    pub body: Duration,
    /// The answer to the final dot.
    pub dot: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Deadlines {
            opening: Duration::from_secs(30),
            command: Duration::from_secs(60),
            body: Duration::from_secs(180),
            dot: Duration::from_secs(120),
        }
    }
}
