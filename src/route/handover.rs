//! What a route is given of a letter: the message itself by SMTP, a request by an API.

use super::request::Request;
use super::{customerio, postmark};
use crate::compose::message::Letter;
use crate::model::route::RouteKind;
use crate::model::{Category, Held, Route};
use serde_json::Value;

/// The request that hands a letter over, or that makes the service send the template it holds; `None` by SMTP. `person` is the seed's
/// plain address.
pub fn handover(
    route: &Route,
    letter: &Letter,
    held: Option<(&Held, &Value)>,
    category: Category,
    person: &str,
) -> Option<Request> {
    let consent = category == Category::Marketing;
    match (&route.kind, held) {
        (RouteKind::Smtp(_), _) => None,
        (RouteKind::Postmark(server), Some((Held::Template(name), model))) => {
            Some(postmark::with_template(server, letter, name, model))
        }
        (RouteKind::Postmark(server), _) => Some(postmark::payload(server, letter)),
        (RouteKind::CustomerIo(_), Some((held, data))) => Some(match held {
            Held::Event { name, .. } => customerio::event(letter, name, person, data),
            Held::Broadcast { id, .. } => customerio::broadcast(letter, *id, person, data),
            Held::Transactional(name) | Held::Template(name) => customerio::held(letter, name, person, consent, data),
        }),
        (RouteKind::CustomerIo(_), None) => Some(customerio::transactional(letter, person, consent)),
    }
}
