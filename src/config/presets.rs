//! Submission servers of well-known services, so that a route names the service and its secret alone.

use super::desk::Desk;
use super::files::Source;
use super::suggest;
use toml::Spanned;

/// A service's submission server. Ports with STARTTLS everywhere: the one door all of them have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Preset {
    /// Host; `*` stands for the region until it is filled in.
    pub host: String,
    /// Port.
    pub port: Option<u16>,
    /// The login name, where the service gives everybody the same.
    pub username: Option<&'static str>,
}

/// Name, host, port, login name. Postmark: postmarkapp.com/developer/user-guide/send-email-with-smtp. SES: docs.aws.amazon.com/ses,
/// "Connecting to an SMTP endpoint". SendGrid: "Building an SMTP email". Mailgun: "Send via SMTP". Resend: "Send with SMTP".
const PRESETS: [(&str, &str, u16, Option<&str>); 7] = [
    ("postmark", "smtp.postmarkapp.com", 587, None),
    ("postmark-broadcasts", "smtp-broadcasts.postmarkapp.com", 587, None),
    ("ses", "email-smtp.*.amazonaws.com", 587, None),
    ("sendgrid", "smtp.sendgrid.net", 587, Some("apikey")),
    ("mailgun", "smtp.mailgun.org", 587, None),
    ("mailgun-eu", "smtp.eu.mailgun.org", 587, None),
    ("resend", "smtp.resend.com", 587, Some("resend")),
];

/// The preset of that name; what is wrong is reported.
pub(super) fn find(
    name: &Spanned<String>,
    region: Option<&Spanned<String>>,
    source: &Source,
    desk: &mut Desk,
) -> Option<Preset> {
    let written = name.get_ref();
    let Some((_, host, port, username)) = PRESETS.iter().find(|(known, ..)| known == written) else {
        let message = format!("`{}` is no preset", written.escape_debug());
        let names: Vec<&str> = PRESETS.iter().map(|(known, ..)| *known).collect();
        let help =
            suggest::help(written, names.iter().copied()).unwrap_or_else(|| format!("there are {}", names.join(", ")));
        desk.at(
            source,
            name.span(),
            message,
            "not a service that is known here",
            Some(help),
        );
        return None;
    };
    let host = match (host.contains('*'), region) {
        (false, None) => (*host).to_owned(),
        (false, Some(region)) => {
            let message = format!("preset \"{written}\" has no regions");
            desk.at(source, region.span(), message, "has no meaning here", None);
            return None;
        }
        (true, Some(region)) if is_region(region.get_ref()) => host.replace('*', region.get_ref()),
        (true, region) => {
            let message = format!("preset \"{written}\" needs a `region`");
            let span = region.map_or_else(|| name.span(), Spanned::span);
            let help = "add `region = \"eu-west-1\"`: the region of the SMTP credentials".to_owned();
            desk.at(source, span, message, "which region's server?", Some(help));
            return None;
        }
    };
    Some(Preset {
        host,
        port: Some(*port),
        username: *username,
    })
}

/// `eu-west-1`: letters, digits and hyphens, as it becomes part of a host name.
fn is_region(region: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !region.is_empty() && region.bytes().all(plain) && region.contains('-') && !region.starts_with('-')
}
