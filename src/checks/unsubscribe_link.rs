//! `unsubscribe-link`: does a reader find a way out in the message itself?

use super::check::{Check, Needs, Rule, Subject};
use super::words::count;
use super::{merge_tags, web};
use crate::mail::links::{Link, Part};
use crate::mail::{unsubscribe, vendors};
use crate::model::{Category, CheckId, Finding, LinkKind, Verdict};

const ID: CheckId = CheckId::UnsubscribeLink;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "a marketing message has an unsubscribe link that leads somewhere",
    explain: "A marketing message has a visible link that unsubscribes, in the HTML part and in the text part where there is one. Its address is not empty and not `#` (Customer.io's \
`{{unsubscribe_url}}` renders empty, the tag is `{% unsubscribe_url %}`), it is https, and where a sending service wrapped it for counting clicks, an address is inside. The link is \
judged by what is written: nothing is requested, since that could unsubscribe the seed. Transactional messages need none.\n\
Why it matters: the law asks for it (CAN-SPAM §5, GDPR Art. 7(3), ePrivacy Art. 13), and who finds no link presses \"spam\".\n\
What to do: put the sending service's own tag into the footer of the template, with words a reader knows (\"Unsubscribe\").",
    sources: &[
        "15 U.S.C. §7704(a)(3) (CAN-SPAM)",
        "GDPR Art. 7(3) and Directive 2002/58/EC Art. 13",
        "Google, Email sender guidelines",
    ],
    reasons: &[
        ("ok", "there, and it leads somewhere"),
        ("not-needed", "no marketing message"),
        ("missing", "no link unsubscribes"),
        ("empty", "a link that says it unsubscribes leads nowhere"),
        ("hidden", "the only links that unsubscribe are hidden from readers"),
        ("wordless", "the link has no visible words"),
        ("not-https", "the link is not https"),
        ("not-in-text", "the text part has none"),
        ("unreadable", "the HTML part could not be searched for links"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

const WHY: &str = "The law asks for it, and who finds no way out presses \"spam\". ";

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    if subject.policy.category != Category::Marketing {
        let summary = "no marketing message, so none is needed";
        return vec![Finding::new(ID, Verdict::Pass, "not-needed", summary)];
    }
    let links = subject.reading.links();
    if let Some(empty) = links.iter().find(|link| says_so(link) && is_empty(link)) {
        return vec![leads_nowhere(empty)];
    }
    let found: Vec<&Link> = links
        .iter()
        .filter(|link| link.kind == LinkKind::Unsubscribe && (link.is_web() || is_tag(subject, link)))
        .collect();
    let (hidden, found): (Vec<&Link>, Vec<&Link>) = found.into_iter().partition(|link| link.hidden);
    if let (Some(link), false) = (hidden.first(), found.iter().any(|link| link.part == Part::Html)) {
        return vec![out_of_sight(link)];
    }
    if let (None, Err(unreadable)) = (found.first(), subject.reading.page()) {
        let finding = Finding::new(
            ID,
            Verdict::Blind,
            "unreadable",
            "the HTML part could not be searched for links",
        );
        return vec![
            finding
                .with("a link that unsubscribes", unreadable.words())
                .help("Nothing is known about its links."),
        ];
    }
    // Who reads the HTML part does not see what stands in the text part.
    let shown = subject.reading.html().is_none() || found.iter().any(|link| link.part == Part::Html);
    match shown && !found.is_empty() {
        false => vec![missing(subject, links)],
        true => there(subject, &found),
    }
}

fn out_of_sight(link: &Link) -> Finding {
    Finding::new(
        ID,
        Verdict::Fail,
        "hidden",
        "the link that unsubscribes is hidden from readers",
    )
    .with("a link that readers see", told(link))
    .help(format!(
        "{WHY}Take `hidden`, `display:none`, a font size of 0 or the like off the link and what it stands in."
    ))
}

fn there(subject: &Subject<'_>, found: &[&Link]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let has_html = subject.reading.html().is_some();
    let of = |part: Part| found.iter().filter(move |link| link.part == part);
    if let Some(link) = of(Part::Html).find(|link| link.text.is_empty())
        && of(Part::Html).all(|link| link.text.is_empty())
    {
        let finding = Finding::new(
            ID,
            Verdict::Fail,
            "wordless",
            "the unsubscribe link has no visible words",
        );
        findings.push(
            finding
                .with("a link with words a reader knows", web::short(&link.url))
                .help(format!("{WHY}Give the link a text, or its image an alternative text.")),
        );
    }
    let plain: Vec<String> = found
        .iter()
        .filter(|link| leads_over_http(link))
        .map(|link| told(link))
        .collect();
    if !plain.is_empty() {
        let finding = Finding::new(ID, Verdict::Warn, "not-https", "an unsubscribe link is not https");
        findings.push(finding.with("https", web::listed(&plain)).help(
            "Under HSTS the browser may refuse it. Switch https on for the tracking domain (Customer.io: HTTPS link tracking).",
        ));
    }
    if subject.reading.text().is_some() && has_html && of(Part::Text).next().is_none() {
        let finding = Finding::new(
            ID,
            Verdict::Warn,
            "not-in-text",
            "the text part has no unsubscribe link",
        );
        findings.push(
            finding
                .with("a link in both parts", "one in the HTML part only")
                .help("Who reads plain text finds none, and presses \"spam\"."),
        );
    }
    if findings.is_empty() {
        let names: Vec<String> = found.iter().map(|link| told(link)).collect();
        findings.push(Finding::new(ID, Verdict::Pass, "ok", web::listed(&names)));
    }
    findings
}

fn missing(subject: &Subject<'_>, links: &[Link]) -> Finding {
    let list = match subject.reading.list_headers().unsubscribe.is_empty() {
        true => "",
        false => "; List-Unsubscribe is there, but the reader does not see it",
    };
    let in_text = links
        .iter()
        .any(|link| link.kind == LinkKind::Unsubscribe && link.part == Part::Text);
    let observed = match in_text {
        true => "one in the text part, none in the HTML part that readers see".to_owned(),
        false => format!("none among {}", count(links.len(), "link", "links")),
    };
    Finding::new(ID, Verdict::Fail, "missing", "no link that a reader sees unsubscribes")
        .with("a visible link that unsubscribes", format!("{observed}{list}"))
        .help(format!("{WHY}Put the sending service's tag into the footer: Postmark `{{{{{{ pm:unsubscribe }}}}}}`, Customer.io `{{% unsubscribe_url %}}` (a message that is composed here prints the data's `unsubscribe_url` there)."))
}

fn leads_nowhere(link: &Link) -> Finding {
    let written = if link.url.is_empty() {
        "an empty address".to_owned()
    } else {
        web::short(&link.url)
    };
    Finding::new(ID, Verdict::Fail, "empty", format!("{} leads nowhere", web::name(link)))
        .with("the address of the unsubscribe page", written)
        .help(format!(
            "{WHY}A tag that the sending service does not know renders empty: Customer.io's is `{{% unsubscribe_url %}}`, not `{{{{unsubscribe_url}}}}`."
        ))
}

/// Do its words promise to unsubscribe?
fn says_so(link: &Link) -> bool {
    unsubscribe::by_text(&link.text).is_some()
}

/// Nothing, a fragment, or a wrapper around nothing.
fn is_empty(link: &Link) -> bool {
    let bare = |url: &str| {
        let url = url.trim();
        url.is_empty() || url.starts_with('#') || ["http://", "https://", "about:blank"].contains(&url)
    };
    let peeled = vendors::peel(&link.url);
    bare(&link.url) || peeled.destination.as_deref().is_some_and(bare)
}

/// In a template the sending service's tag stands for the address.
fn is_tag(subject: &Subject<'_>, link: &Link) -> bool {
    subject.is_template() && !merge_tags::find_tags(&link.url).is_empty()
}

fn leads_over_http(link: &Link) -> bool {
    link.url
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case("http://"))
}

fn told(link: &Link) -> String {
    format!("{} → {}", web::name(link), web::short(&link.url))
}
