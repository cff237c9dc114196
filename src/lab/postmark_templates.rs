//! Templates as the lab's Postmark tells of them: with one tag, in the place of each message's token.

use crate::lab::held::HeldTemplate;
use serde_json::{Value, json};

/// The tag, in Postmark's template language.
const TAG: &str = "{{inboxqa}}";

/// `GET /templates/{id or alias}`.
pub fn record(template: &HeldTemplate) -> Value {
    let mut record = json!({
        "TemplateId": 4711, "Name": template.held.name(), "Alias": template.held.name(), "Subject": null, "HtmlBody": null,
        "TextBody": null, "AssociatedServerId": 1_234_567, "Active": true, "TemplateType": "Standard", "LayoutTemplate": null
    });
    for (field, text) in template.parts(TAG) {
        record[field] = text.into();
    }
    record
}

/// `POST /templates/validate`.
pub fn validated(body: &[u8]) -> Value {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let token = asked["TestRenderModel"]["inboxqa"].as_str().unwrap_or_default();
    let mut told = json!({"AllContentIsValid": true, "SuggestedTemplateModel": {"inboxqa": "inboxqa_Value"}});
    for field in ["Subject", "HtmlBody", "TextBody"] {
        let rendered = asked[field].as_str().map(|text| text.replace(TAG, token));
        told[field] = json!({"ContentIsValid": true, "ValidationErrors": [], "RenderedContent": rendered});
    }
    told
}
