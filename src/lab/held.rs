//! Templates that the lab's services hold: what a case says its message looks like, filled in with the token of each request.

use crate::model::Held;

/// One template of one route's service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldTemplate {
    /// The route.
    pub route: String,
    /// How it is asked for.
    pub held: Held,
    /// From, as the campaign states it.
    pub from: String,
    /// Reply-To.
    pub reply_to: Option<String>,
    /// Subject.
    pub subject: String,
    /// HTML part.
    pub html: Option<String>,
    /// Text part.
    pub text: Option<String>,
    /// The token that stands in the parts, in the place of each message's own.
    pub token: String,
}

impl HeldTemplate {
    /// The parts with this token, by Postmark's names of the fields.
    pub fn parts(&self, token: &str) -> Vec<(&'static str, String)> {
        let filled = |text: &String| text.replace(&self.token, token);
        let parts = [
            ("Subject", Some(&self.subject)),
            ("HtmlBody", self.html.as_ref()),
            ("TextBody", self.text.as_ref()),
        ];
        parts
            .into_iter()
            .filter_map(|(field, text)| Some((field, filled(text?))))
            .collect()
    }
}

/// A route's template by its name.
pub fn find<'h>(held: &'h [HeldTemplate], route: &str, name: &str) -> Option<&'h HeldTemplate> {
    held.iter()
        .find(|template| template.route == route && template.held.name() == name)
}
