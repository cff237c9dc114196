//! A message on its way, and what MAIL says of it beside its sender: SIZE (RFC 1870), BODY=8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531).

use super::failure::Failure;
use super::reply::Capabilities;
use lettre::Address;
use lettre::transport::smtp::extension::{MailBodyParameter, MailParameter};

/// A message on its way.
pub struct Parcel<'a> {
    /// MAIL FROM; `None` is the null sender.
    pub from: Option<Address>,
    /// RCPT TO.
    pub to: Address,
    /// The message, lines ending in CRLF.
    pub raw: &'a [u8],
}

impl Parcel<'_> {
    /// The parameters of MAIL, or why this server can not take this message.
    pub fn parameters(&self, capabilities: &Capabilities) -> Result<Vec<MailParameter>, Failure> {
        let mut parameters = Vec::new();
        if let Some(limit) = capabilities.size {
            let size = self.raw.len();
            if limit.is_some_and(|limit| u64::try_from(size).unwrap_or(u64::MAX) > limit) {
                let text = format!(
                    "the message has {size} bytes, the server takes {} (SIZE)",
                    limit.unwrap_or_default()
                );
                return Err(Failure::not_sent("too-large", text));
            }
            parameters.push(MailParameter::Size(size));
        }
        if !self.raw.is_ascii() {
            if !capabilities.eight_bit_mime {
                let text = "the message holds bytes above 127 and the server does not offer 8BITMIME";
                return Err(Failure::not_sent("8bitmime", text));
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let addresses = [self.from.as_ref(), Some(&self.to)];
        if addresses
            .into_iter()
            .flatten()
            .any(|address| !address.to_string().is_ascii())
        {
            if !capabilities.smtp_utf8 {
                let text = "an address holds characters above 127 and the server does not offer SMTPUTF8";
                return Err(Failure::not_sent("smtputf8", text));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        Ok(parameters)
    }
}
