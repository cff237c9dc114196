//! Templates that a sending service holds: `template`, `transactional_message_id`, `event`, `broadcast` of a case or of `[case.on.ROUTE]`.

use super::address;
use super::content;
use super::either::WordOr;
use super::suite_asks::RawTemplate;
use super::suites::Reader;
use super::written::RawHeld;
use crate::model::route::RouteKind;
use crate::model::suite::{Asked, Case};
use crate::model::{Held, Route};
use std::ops::Range;
use toml::Spanned;

type Data = Option<Spanned<WordOr<toml::Table>>>;

impl Reader<'_> {
    /// What is asked for, and where it stands; at most one of the four.
    pub(super) fn held(&mut self, raw: RawHeld) -> Option<(Asked, Range<usize>)> {
        let mut found: Vec<(Held, Data, Range<usize>)> = Vec::new();
        if let Some(template) = raw.template {
            found.extend(self.template(template));
        }
        if let Some(id) = raw.transactional {
            let span = id.span();
            found.push((Held::Transactional(id.into_inner().to_string()), None, span));
        }
        if let Some(event) = raw.event {
            let (span, event) = (event.span(), event.into_inner());
            let carries_token = event.carries_token;
            found.extend(
                event
                    .name
                    .map(|name| (Held::Event { name, carries_token }, event.data, span)),
            );
        }
        if let Some(broadcast) = raw.broadcast {
            let (span, broadcast) = (broadcast.span(), broadcast.into_inner());
            let carries_token = broadcast.carries_token;
            found.extend(
                broadcast
                    .id
                    .map(|id| (Held::Broadcast { id, carries_token }, broadcast.data, span)),
            );
        }
        if let [_, (_, _, second), ..] = found.as_slice() {
            let message = "a case asks for one template".to_owned();
            let label = "a second one; what differs by route stands in [case.on.ROUTE]";
            self.at(second.clone(), message, label, None);
        }
        let (held, data, span) = found.into_iter().next()?;
        let data = match data {
            Some(data) => Some(content::data(Some(data), self.source, self.desk)?),
            None => None,
        };
        Some((Asked { held, data }, span))
    }

    fn template(&mut self, template: Spanned<RawTemplate>) -> Option<(Held, Data, Range<usize>)> {
        let (span, template) = (template.span(), template.into_inner());
        let name = match (template.alias, template.id) {
            (Some(alias), None) => alias,
            (None, Some(id)) => id.to_string(),
            _ => {
                let help = "write template = { alias = \"order-confirmation\" }";
                let message = "a template of Postmark's has an `alias` or an `id`".to_owned();
                self.at(span, message, "one of the two", Some(help));
                return None;
            }
        };
        Some((Held::Template(name), template.model, span))
    }

    /// Can the route be asked for it? Tells why not.
    pub(super) fn fits(&mut self, asked: &Asked, route: &Route, mailboxes: &[String], span: &Range<usize>) -> bool {
        let name = &route.name;
        let (kind, right) = match &asked.held {
            Held::Template(_) => ("postmark", matches!(route.kind, RouteKind::Postmark(_))),
            _ => ("customerio", matches!(route.kind, RouteKind::CustomerIo(_))),
        };
        if !right {
            let message = format!("route `{name}` can not be asked for this template");
            let help = format!("it needs kind = \"{kind}\" there; what other routes send is said by `html` and `text`");
            self.at(span.clone(), message, "held by another service", Some(&help));
            return false;
        }
        if matches!(asked.held, Held::Event { .. }) && route.kind.track_login().is_none() {
            let message = format!("route `{name}` can not send events");
            let help = format!("add `site_id` and `track_key` of the Track API to [route.{name}]");
            self.at(span.clone(), message, "it has no login of the Track API", Some(&help));
            return false;
        }
        self.can_be_found(asked, mailboxes, span)
    }

    /// The data of an event outranks what its campaign says of sender and recipient: a sender that the contract does not agree on is
    /// refused as one of the case's own is, and who gets a test is nobody's to say but the mailboxes file's.
    pub(super) fn triggers_are_agreed(&mut self, case: &Case, span: &Range<usize>) {
        for (name, on) in &case.on {
            let Some(asked) = &on.asked else { continue };
            if !matches!(asked.held, Held::Event { .. } | Held::Broadcast { .. }) {
                continue;
            }
            let data = asked.data.as_ref().unwrap_or(&case.data);
            if data.get("recipient").is_some() {
                let message = "`recipient` in the data of an event says who gets its message".to_owned();
                let help = "leave it out: messages go to the seed mailboxes and to nobody else";
                self.at(span.clone(), message, "in this case's data", Some(help));
            }
            let contract = self
                .routes
                .routes
                .get(name)
                .map(|route| route.contract.clone())
                .unwrap_or_default();
            for (key, agreed) in [("from_address", contract.from), ("reply_to", contract.reply_to)] {
                let stated = data.get(key).and_then(serde_json::Value::as_str);
                if let (Some(stated), Some(agreed)) = (stated, agreed)
                    && address::differ(&agreed, stated)
                {
                    let message = format!("route `{name}` agrees on another sender than `{key}` of the event's data");
                    let help = format!("leave `{key}` out of the data: [route.{name}.contract] says `{agreed}`");
                    self.forbidden(span.clone(), message, &help);
                }
            }
        }
    }

    /// A message that carries no token is found by its plus-address alone: where a seed has none, nobody could tell it from another.
    fn can_be_found(&mut self, asked: &Asked, mailboxes: &[String], span: &Range<usize>) -> bool {
        let aimed = matches!(asked.held, Held::Event { .. });
        let plus = |name: &&String| {
            let mailbox = self.mailboxes.seeds.get(*name);
            mailbox.is_some_and(|mailbox| mailbox.profile.plus && aimed)
        };
        let Some(lost) = mailboxes
            .iter()
            .find(|name| !plus(name))
            .filter(|_| !asked.held.carries_token())
        else {
            return true;
        };
        let (what, data) = match asked.held {
            Held::Broadcast { .. } => ("a broadcast", "trigger"),
            _ => ("an event's message", "event"),
        };
        let message = format!("{what} could not be found in mailbox `{lost}`");
        let help = format!(
            "give the message the custom header `X-InboxQA-Token: {{{{{data}.inboxqa}}}}` (or the line `<!-- inboxqa:{{{{{data}.inboxqa}}}} -->`) \
             in Customer.io, then write `carries_token = true` here"
        );
        let label = "nothing in it would say which test it belongs to: its provider has no plus-addresses, or it goes to the person";
        self.at(span.clone(), message, label, Some(&help));
        false
    }
}
