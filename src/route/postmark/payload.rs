//! A letter as `POST /email` takes it.

use crate::compose::message::{self, Letter};
use crate::model::delivery::{DELIVERY_HEADER, TOKEN_HEADER};
use crate::model::route::PostmarkRoute;
use serde_json::{Value, json};

/// Postmark finds messages by this key.
pub(super) const METADATA_KEY: &str = "inboxqa";

/// The JSON body. Tracking and stream are fields here: as headers they are not read by this door.
pub fn payload(route: &PostmarkRoute, letter: &Letter) -> Vec<u8> {
    let (html, text) = message::marked(letter);
    let delivery = letter.delivery_id.to_string();
    let own = [
        (TOKEN_HEADER, letter.token.as_str()),
        (DELIVERY_HEADER, delivery.as_str()),
    ];
    let added = letter
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let headers: Vec<Value> = own
        .into_iter()
        .chain(added)
        .map(|(name, value)| json!({"Name": name, "Value": value}))
        .collect();
    let mut body = json!({
        "From": letter.from, "To": letter.to, "Subject": letter.subject, "MessageStream": route.stream,
        "Headers": headers, "Metadata": {METADATA_KEY: letter.token.as_str()},
    });
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body[name] = value;
        }
    };
    add("HtmlBody", html.map(Value::from));
    add("TextBody", text.map(Value::from));
    add("ReplyTo", letter.reply_to.clone().map(Value::from));
    add("Tag", route.tag.clone().map(Value::from));
    add("TrackOpens", route.track_opens.map(Value::from));
    add("TrackLinks", route.track_links.map(|links| json!(links)));
    body.to_string().into_bytes()
}
