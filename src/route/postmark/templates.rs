//! What a template that Postmark holds looks like with a model: rendered by Postmark itself, which sends nothing for it.

pub use super::answers::Template;
use super::answers::{Validated, ValidatedPart};
use super::client::Client;
use crate::model::{Secret, Why};
use crate::net::Net;
use serde_json::{Value, json};

/// A rendered template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Subject.
    pub subject: String,
    /// HTML part, its styles put inline as on sending.
    pub html: Option<String>,
    /// Text part.
    pub text: Option<String>,
    /// What Postmark finds fault with, in its words.
    pub problems: Vec<String>,
}

/// `GET /templates/{id or alias}`, with the server's token. Codes as for [`crate::route::Log::story`], and `no-template`.
pub async fn find(net: &Net, token: &Secret, name: &str) -> Result<Template, Why> {
    let client = Client::new(net, token);
    let found: Option<Template> = client.get(&["templates", name], &[]).await?;
    found.ok_or_else(|| Why::new("no-template", format!("Postmark has no template {name}")))
}

/// `POST /templates/validate`: changes nothing, so it may be said twice.
pub async fn render(net: &Net, token: &Secret, template: &Template, model: &Value) -> Result<Rendered, Why> {
    let client = Client::new(net, token);
    let asked = json!({
        "Subject": template.subject, "HtmlBody": template.html_body, "TextBody": template.text_body,
        "TestRenderModel": model, "InlineCssForHtmlTestRender": true,
        "TemplateType": template.template_type, "LayoutTemplate": template.layout_template,
    });
    let told: Option<Validated> = client
        .repeat(&["templates", "validate"], asked.to_string().as_bytes())
        .await?;
    let told = told.unwrap_or_default();
    let parts = [
        ("Subject", &told.subject),
        ("HtmlBody", &told.html_body),
        ("TextBody", &told.text_body),
    ];
    let problems = parts.into_iter().flat_map(|(name, part)| problems(name, part.as_ref()));
    Ok(Rendered {
        problems: problems.collect(),
        subject: content(told.subject).unwrap_or_default(),
        html: content(told.html_body),
        text: content(told.text_body),
    })
}

fn content(part: Option<ValidatedPart>) -> Option<String> {
    part?.rendered_content.filter(|text| !text.is_empty())
}

fn problems(name: &str, part: Option<&ValidatedPart>) -> Vec<String> {
    let errors = part.map(|part| part.validation_errors.as_slice()).unwrap_or_default();
    let told = errors.iter().map(|error| match error.line {
        Some(line) => format!("{name}, line {line}: {}", error.message),
        None => format!("{name}: {}", error.message),
    });
    told.collect()
}
