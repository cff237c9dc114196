//! SMTP replies (RFC 5321 §4.2) and what a server says it can do (EHLO, §4.1.1.1). Server text is hostile: it is cut, its
//! broken UTF-8 replaced, and never trusted to be well formed.

use crate::model::SmtpReply;

/// Longest line that is kept, in bytes; the rest is cut off (RFC 5321 §4.5.3.1.5 allows 512).
const LINE: usize = 900;

/// One complete reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Code of the last line, 200 to 599.
    pub code: u16,
    /// The lines without codes.
    pub lines: Vec<String>,
}

impl Reply {
    /// The reply as it is reported.
    pub fn during(&self, phase: &str) -> SmtpReply {
        let enhanced = self.lines.first().and_then(|line| enhanced_code(line));
        let repeated = enhanced.unwrap_or_default();
        let after_first = self.lines.iter().skip(1).map(|line| match line.strip_prefix(repeated) {
            // Many servers write the enhanced code on every line.
            Some(rest) if !repeated.is_empty() && rest.starts_with(' ') => rest.trim_start(),
            _ => line,
        });
        let lines = self.lines.first().map(String::as_str).into_iter().chain(after_first);
        SmtpReply {
            phase: phase.to_owned(),
            code: self.code,
            enhanced: enhanced.map(str::to_owned),
            text: lines.collect::<Vec<_>>().join(" "),
        }
    }
}

/// The enhanced status code a line begins with (RFC 3463 §2): `5.7.26`. Its class may differ from the basic code's (real
/// servers write `421 5.7.32`): the basic code decides, this is kept as it was written.
fn enhanced_code(line: &str) -> Option<&str> {
    let word = line.split(' ').next()?;
    let mut parts = word.split('.');
    let class = matches!(parts.next()?, "2" | "4" | "5");
    let number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let rest = number(parts.next()?) && number(parts.next()?);
    (class && rest && parts.next().is_none()).then_some(word)
}

/// Collects lines until a reply is complete.
#[derive(Debug, Default)]
pub struct Gathering {
    lines: Vec<String>,
}

impl Gathering {
    /// Takes a cleaned line; gives the reply when it was the last one.
    pub fn push(&mut self, line: &str) -> Option<Reply> {
        let (code, rest) = line.split_at_checked(3)?;
        let code: u16 = code.parse().ok().filter(|code| (200..600).contains(code))?;
        self.lines.push(rest.get(1..).unwrap_or_default().to_owned());
        let lines = rest.starts_with(' ').then(|| std::mem::take(&mut self.lines))?;
        Some(Reply { code, lines })
    }
}

/// A line as the parsers want it: without line end, valid UTF-8, not too long; a bare code (`250`) gets its blank.
pub fn clean(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut text = String::from_utf8_lossy(line).replace(['\r', '\0'], " ");
    if text.len() == 3 {
        text.push(' ');
    }
    while text.len() > LINE {
        text.pop();
    }
    text
}

/// What the server offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// RFC 3207.
    pub starttls: bool,
    /// RFC 6152.
    pub eight_bit_mime: bool,
    /// RFC 6531.
    pub smtp_utf8: bool,
    /// RFC 1870; the inner value is the limit in bytes, where one is stated.
    pub size: Option<Option<u64>>,
    /// SASL mechanisms, upper-case (RFC 4954).
    pub auth: Vec<String>,
    /// The extension lines as they came.
    pub lines: Vec<String>,
}

impl Capabilities {
    /// Reads the answer to EHLO; its first line is the greeting, not an extension.
    pub fn of(ehlo: &Reply) -> Capabilities {
        let mut found = Capabilities {
            lines: ehlo.lines.iter().skip(1).cloned().collect(),
            ..Capabilities::default()
        };
        for line in ehlo.lines.iter().skip(1) {
            let upper = line.to_ascii_uppercase();
            let mut words = upper.split_whitespace();
            match words.next().unwrap_or_default() {
                "STARTTLS" => found.starttls = true,
                "8BITMIME" => found.eight_bit_mime = true,
                "SMTPUTF8" => found.smtp_utf8 = true,
                // `SIZE 0` means: no fixed limit.
                "SIZE" => {
                    let limit = words.next().and_then(|number| number.parse().ok());
                    found.size = Some(limit.filter(|limit| *limit > 0));
                }
                "AUTH" => found.auth.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(text: &str) -> Reply {
        let mut gathering = Gathering::default();
        let replies = text.lines().filter_map(|line| gathering.push(&clean(line.as_bytes())));
        replies.last().unwrap()
    }

    #[test]
    fn an_enhanced_code_on_every_line_is_told_once() {
        let reply = reply(
            "550-5.7.26 Your email has been blocked\n550-5.7.26 because the sender\n550 5.7.26 is unauthenticated. x - gsmtp",
        );
        let told = reply.during("dot");
        assert_eq!((told.code, told.enhanced.as_deref()), (550, Some("5.7.26")));
        assert_eq!(
            told.text,
            "5.7.26 Your email has been blocked because the sender is unauthenticated. x - gsmtp"
        );
    }

    #[test]
    fn an_enhanced_code_of_another_class_is_kept() {
        assert_eq!(
            reply("421 5.7.32 blocked").during("rcpt").enhanced.as_deref(),
            Some("5.7.32")
        );
    }

    #[test]
    fn what_only_looks_like_an_enhanced_code_is_none() {
        for text in [
            "550 10.0.0.1 refused",
            "550 5.7 short",
            "550 5.7.1.2 long",
            "550 5.7.1234 wide",
            "550 no",
            "550 ",
        ] {
            assert_eq!(reply(text).during("rcpt").enhanced, None, "{text}");
        }
    }

    #[test]
    fn lines_are_made_harmless() {
        assert_eq!(clean(b"250\r\n"), "250 ");
        assert_eq!(clean(b"550 na\xefve\n"), "550 na\u{fffd}ve");
        assert_eq!(clean(b"550 a\rb\0c\r\n"), "550 a b c");
        assert!(clean("5".repeat(5000).as_bytes()).len() <= LINE);
        assert!(clean("é".repeat(5000).as_bytes()).len() <= LINE);
    }

    #[test]
    fn what_is_no_reply_completes_nothing() {
        for line in ["", "25", "hello", "100 too small", "600 too big", "٢٥٠ ok"] {
            assert_eq!(Gathering::default().push(&clean(line.as_bytes())), None, "{line}");
        }
    }

    #[test]
    fn capabilities_are_read_whatever_their_case() {
        let found = Capabilities::of(&reply(
            "250-STARTTLS.example AUTH PLAIN\n250-size 1000\n250-auth login plain\n250-8bitmime\n250 HELP",
        ));
        assert_eq!(
            (found.starttls, found.eight_bit_mime, found.smtp_utf8),
            (false, true, false)
        );
        assert_eq!(found.size, Some(Some(1000)));
        assert_eq!(found.auth, ["LOGIN", "PLAIN"]);
        assert_eq!(Capabilities::of(&reply("250-x\n250 SIZE 0")).size, Some(None));
    }
}
