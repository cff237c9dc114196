//! `merge-tags`: tags of every template language are found wherever a reader would meet them, and nowhere else.

use super::letters::{letter, unreadable};
use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::MergeTags;
use inboxqa::model::{Probe, Reason, Subject, Verdict};

fn scene(name: &str) -> Scene {
    delivered(&letter(MergeTags, name))
}

fn text(body: &str) -> Scene {
    delivered(format!("Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}").as_bytes())
}

#[test]
fn braces_percents_and_style_sheets_are_no_tags() {
    scene("clean").judged(MergeTags, Verdict::Pass, "ok");
    for innocent in [
        "100%off% today",
        "50 % and 20 %",
        "a{b}c",
        "$5 {x}",
        "costs $ {a}",
        "if (a < b % c)",
        "*starred* | piped",
    ] {
        text(innocent).judged(MergeTags, Verdict::Pass, "ok");
    }
}

#[test]
fn a_tag_left_over_fails() {
    let finding = scene("raw-tag").judged(MergeTags, Verdict::Fail, "raw-tag");
    assert_eq!(finding.observed, "{{ customer.first_name }} in the HTML part");
}

#[test]
fn a_tag_that_outlook_alone_shows_fails_too() {
    let html = "<!--[if mso]><v:rect href=\"https://shop.brand.example/{{ order.number }}\">Track</v:rect><![endif]--><p>Hello</p>";
    let scene = delivered(format!("Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}").as_bytes());
    let finding = scene.judged(MergeTags, Verdict::Fail, "raw-tag");
    assert_eq!(finding.observed, "{{ order.number }} in what Outlook alone shows");
}

#[test]
fn the_tags_of_a_template_are_filled_later() {
    let mut template = scene("raw-tag");
    let raw = template.arrival().raw.clone();
    template.evidence.subject = Subject::File("sale.html".into());
    template.evidence.arrival = Probe::NotAsked(Reason::new("template", "an HTML file"));
    template.evidence.file = Some(raw);
    template.judged(MergeTags, Verdict::Skip, "template");
}

#[test]
fn tags_are_found_in_every_place_and_language() {
    let finding = scene("everywhere").judged(MergeTags, Verdict::Fail, "raw-tag");
    assert_eq!(finding.observed.matches(" in ").count(), 5, "{}", finding.observed);
    assert!(
        finding.observed.contains("{{order.number}} in the subject"),
        "{}",
        finding.observed
    );
    for (body, tag) in [
        ("*|FNAME|*", "*|FNAME|*"),
        ("%%first_name%%", "%%first_name%%"),
        ("%recipient.name%", "%recipient.name%"),
        ("<%= name %>", "<%= name %>"),
        ("${user.name}", "${user.name}"),
        ("{% if a %}", "{% if a %}"),
        ("Hi {{ broken", "{{ broken"),
        ("https://shop.brand.example/?o=%7B%7Border%7D%7D", "{{order}}"),
        (
            "https://click.pstmrk.it/3s/shop.brand.example%2F%7B%7Border%7D%7D/a/b/AQ/c/1/d",
            "{{order}}",
        ),
    ] {
        let finding = text(body).judged(MergeTags, Verdict::Fail, "raw-tag");
        assert!(finding.observed.starts_with(tag), "{body}: {}", finding.observed);
    }
}

#[test]
fn texts_that_the_case_allows_do_not_count() {
    let mut scene = text("Write {{ name }} in your template");
    scene.judged(MergeTags, Verdict::Fail, "raw-tag");
    scene.policy.allowed_tags = vec!["{{ name }}".into()];
    scene.judged(MergeTags, Verdict::Pass, "ok");
}

#[test]
fn an_object_printed_as_such_warns() {
    scene("object").judged(MergeTags, Verdict::Warn, "unrendered-value");
}

#[test]
fn nothing_to_search_is_skipped_and_what_can_not_be_searched_is_blind() {
    delivered(b"Date: x\r\n\r\n").judged(MergeTags, Verdict::Skip, "no-content");
    delivered(&unreadable()).judged(MergeTags, Verdict::Blind, "unreadable");
}

#[test]
fn a_flood_of_braces_is_survived() {
    let finding = text(&"{{ % *| ${ %% ".repeat(60_000)).judged(MergeTags, Verdict::Fail, "raw-tag");
    assert!(finding.observed.len() < 2_000);
}

#[test]
fn the_words() {
    let all = ["clean", "raw-tag", "everywhere", "object"].map(|name| (name, scene(name)));
    let rows: Vec<(&str, &Scene)> = all.iter().map(|(name, scene)| (*name, scene)).collect();
    golden(MergeTags, &rows);
}
