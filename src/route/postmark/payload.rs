//! A letter as `POST /email` takes it.

use crate::compose::message::{self, Letter};
use crate::model::route::PostmarkRoute;
use crate::route::request::{Request, marked_data};
use serde_json::{Value, json};

/// Postmark finds messages by this key.
pub(super) const METADATA_KEY: &str = "inboxqa";

/// The request. Tracking and stream are fields here: as headers they are not read by this door.
pub fn payload(route: &PostmarkRoute, letter: &Letter) -> Request {
    let (html, text) = message::marked(letter);
    let mut body = envelope(route, letter);
    body["Subject"] = letter.subject.clone().into();
    if let Some(html) = html {
        body["HtmlBody"] = html.into();
    }
    if let Some(text) = text {
        body["TextBody"] = text.into();
    }
    match route.batch {
        false => Request::new(&["email"], &body),
        true => Request::new(&["email", "batch"], &json!([body])),
    }
}

/// The same for a template that Postmark holds, by alias or id. Its model gets our token too, for templates that print it.
pub fn with_template(route: &PostmarkRoute, letter: &Letter, name: &str, model: &Value) -> Request {
    let mut body = envelope(route, letter);
    match name.parse::<u64>() {
        Ok(id) => body["TemplateId"] = id.into(),
        Err(_) => body["TemplateAlias"] = name.into(),
    }
    body["TemplateModel"] = marked_data(letter, model);
    match route.batch {
        false => Request::new(&["email", "withTemplate"], &body),
        true => Request::new(&["email", "batchWithTemplates"], &json!({"Messages": [body]})),
    }
}

/// The model that a request of [`with_template`] gives its template.
pub fn template_model(request: &Request) -> Value {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let model = body
        .pointer("/Messages/0/TemplateModel")
        .or_else(|| body.get("TemplateModel"));
    model.cloned().unwrap_or_default()
}

fn envelope(route: &PostmarkRoute, letter: &Letter) -> Value {
    let headers: Vec<Value> = letter
        .all_headers()
        .map(|(name, value)| json!({"Name": name, "Value": value}))
        .collect();
    let mut body = json!({
        "From": letter.from, "To": letter.to, "MessageStream": route.stream,
        "Headers": headers, "Metadata": {METADATA_KEY: letter.token.as_str()},
    });
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body[name] = value;
        }
    };
    add("ReplyTo", letter.reply_to.clone().map(Value::from));
    add("Tag", route.tag.clone().map(Value::from));
    add("TrackOpens", route.track_opens.map(Value::from));
    add("TrackLinks", route.track_links.map(|links| json!(links)));
    body
}
