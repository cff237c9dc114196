//! `merge-tags`: no template tag reaches a reader unreplaced.

use super::check::{Check, Needs, Rule, Subject};
use super::web;
use crate::mail::vendors;
use crate::model::{CheckId, Finding, Verdict};
use percent_encoding::percent_decode_str;

const ID: CheckId = CheckId::MergeTags;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "no template tag left over",
    explain: "Subject, From name, text part, and the text, links, images and alternative texts of the HTML part hold no tag of a template language: \
`{{ … }}` and `{% … %}` (Liquid, Mustache, Handlebars), `<% … %>`, `${…}`, `*|…|*` (Mailchimp, Mandrill), `%%…%%`, `%recipient.…%` (Mailgun). \
Links are read through their wrappers, and percent-encoded. Style and script are not searched. Texts of the case's `allowed_tags` do not count. \
`[object Object]` is a value that was never rendered and warns.\n\
Why it matters: \"Dear {{ customer.first_name }}\" is the mistake readers remember.\n\
What to do: the tag names what was not replaced; mind that a tag of one system is plain text to another (Liquid sent through an SMTP route).",
    sources: &[
        "Liquid, Template syntax",
        "Postmark, Template syntax (Mustachio)",
        "Mailchimp, Merge tags",
        "Mailgun, Batch sending (recipient variables)",
    ],
    reasons: &[
        ("ok", "none found"),
        ("raw-tag", "a template tag stands in what the reader sees or clicks"),
        ("unrendered-value", "a value was printed as `[object Object]`"),
        (
            "template",
            "an HTML file that is a template: its tags are filled when it is sent",
        ),
        ("no-content", "the message has nothing to search"),
        ("unreadable", "the HTML part could not be searched"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

const HELP: &str = "Readers see it as it stands. Give the template the value, a default, or, where the text is meant, list it in the case's `allowed_tags`.";
const OBJECT: &str = "[object Object]";
/// Bytes between the two ends of a tag.
const MAX_TAG: usize = 300;
/// Tags collected of one text.
const MAX_FOUND: usize = 50;

/// What may stand inside a tag.
#[derive(Clone, Copy)]
enum Inside {
    Anything,
    /// `first_name`, `customer.first_name`.
    Name,
    /// A name with a dot or an underscore, since `100%off%` is none.
    LongName,
}

/// Openings, endings, and what must be between.
const TAGS: &[(&str, &str, Inside)] = &[
    ("{{", "}}", Inside::Anything),
    ("{%", "%}", Inside::Anything),
    ("<%", "%>", Inside::Anything),
    ("*|", "|*", Inside::Anything),
    ("${", "}", Inside::Name),
    ("%%", "%%", Inside::Name),
    ("%", "%", Inside::LongName),
];

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let texts = texts(subject);
    let page = subject.reading.page();
    let mut tags: Vec<String> = Vec::new();
    let mut objects: Vec<String> = Vec::new();
    for (place, text) in &texts {
        let text = without_allowed(text, &subject.policy.allowed_tags);
        tags.extend(find_tags(&text).into_iter().map(|tag| format!("{tag} in {place}")));
        objects.extend(text.contains(OBJECT).then(|| format!("{OBJECT} in {place}")));
    }
    tags.dedup();
    let mut findings = Vec::new();
    if let (Some(_), true) = (tags.first(), subject.is_template()) {
        let summary = format!(
            "not judged: the template holds {}, filled when it is sent",
            counted(tags.len())
        );
        let finding = Finding::new(ID, Verdict::Skip, "template", summary).with("", web::listed(&tags));
        findings.push(finding);
    } else if let Some(first) = tags.first() {
        findings.push(spoken(
            Verdict::Fail,
            "raw-tag",
            format!("template tag left over: {first}"),
            &tags,
        ));
    }
    if let Some(first) = objects.first() {
        findings.push(spoken(Verdict::Warn, "unrendered-value", first.clone(), &objects));
    }
    if let (true, Err(unreadable)) = (findings.is_empty(), page) {
        findings.push(spoken(
            Verdict::Blind,
            "unreadable",
            "the HTML part could not be searched",
            &[unreadable.words().to_owned()],
        ));
    }
    if findings.is_empty() && texts.is_empty() {
        findings.push(Finding::new(
            ID,
            Verdict::Skip,
            "no-content",
            "the message has no subject and no text",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::new(ID, Verdict::Pass, "ok", "no template tag left over"));
    }
    findings
}

fn counted(tags: usize) -> String {
    match tags {
        MAX_FOUND.. => format!("{MAX_FOUND} template tags or more"),
        1 => "a template tag".to_owned(),
        more => format!("{more} template tags"),
    }
}

fn spoken(verdict: Verdict, code: &str, summary: impl Into<String>, found: &[String]) -> Finding {
    Finding::new(ID, verdict, code, summary)
        .with("no template tags", web::listed(found))
        .help(HELP)
}

/// Everything a reader sees or clicks, with the name of its place.
fn texts(subject: &Subject<'_>) -> Vec<(&'static str, String)> {
    let reading = subject.reading;
    let mut texts = Vec::new();
    texts.extend(reading.subject().map(|text| ("the subject", text)));
    texts.extend(
        reading
            .from()
            .into_iter()
            .filter_map(|from| from.name)
            .map(|name| ("the From name", name)),
    );
    texts.extend(reading.text().map(|text| ("the text part", text.to_owned())));
    if let Ok(page) = reading.page() {
        texts.push(("the HTML part", page.texts.join("\n")));
        let attributes = page.attributes.iter().filter(|value| vendors::host(value).is_none());
        texts.extend(attributes.map(|value| ("an attribute of the HTML part", value.clone())));
        texts.push(("what Outlook alone shows", page.outlook_only.join("\n")));
    }
    let links = reading.links().iter().map(|link| ("a link", link.url.as_str()));
    let images = reading.page().map_or(&[][..], |page| &page.images);
    let urls = links.chain(images.iter().map(|image| ("an image's address", image.src.as_str())));
    for (place, url) in urls {
        let chain = vendors::peel(url);
        let decoded = chain
            .urls()
            .map(|url| percent_decode_str(url).decode_utf8_lossy().into_owned());
        texts.extend(decoded.map(|url| (place, url)));
    }
    texts.retain(|(_, text)| !text.trim().is_empty());
    texts
}

fn without_allowed(text: &str, allowed: &[String]) -> String {
    let texts = allowed.iter().filter(|allowed| !allowed.is_empty());
    texts.fold(text.to_owned(), |text, allowed| text.replace(allowed.as_str(), " "))
}

/// Every tag in a text, in order of kind. What lies inside a found tag is not searched again.
pub fn find_tags(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut text = text.to_owned();
    for (open, close, inside) in TAGS {
        let mut rest = text.as_str();
        let mut left = String::new();
        while let Some(at) = rest.find(open).filter(|_| found.len() < MAX_FOUND) {
            let (before, from) = rest.split_at(at);
            left.push_str(before);
            let body = &from[open.len()..];
            let near = &body[..body.floor_char_boundary(MAX_TAG + close.len())];
            let end = near.find(close).filter(|end| fits(&body[..*end], *inside));
            rest = match end {
                Some(end) => {
                    found.push(
                        from[..open.len() + end + close.len()]
                            .split_whitespace()
                            .collect::<Vec<_>>()
                            .join(" "),
                    );
                    left.push(' ');
                    &body[end + close.len()..]
                }
                None => {
                    // Two braces that nothing closes are still a tag that went wrong.
                    if *open == "{{" {
                        found.push(from.chars().take(40).collect::<String>().trim().to_owned());
                    }
                    left.push_str(open);
                    body
                }
            };
        }
        left.push_str(rest);
        text = left;
    }
    found
}

fn fits(inside: &str, wanted: Inside) -> bool {
    let starts = inside.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_');
    let is_name = starts
        && inside
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || "_.".contains(char));
    match wanted {
        Inside::Anything => true,
        Inside::Name => is_name,
        Inside::LongName => is_name && inside.contains(['_', '.']),
    }
}
