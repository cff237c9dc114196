//! Links are read as Lexbor reads them: on every HTML file of this repository, and on generated mail HTML.

use super::{Known, run};
use inboxqa::mail::list_headers::ListHeaders;
use inboxqa::mail::{links, page};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::{Command, Stdio};
use url::Url;

mod pages;

/// A page, handed over.
#[derive(Serialize)]
struct Page {
    name: String,
    html: String,
}

/// What the referee reads in it.
#[derive(Deserialize)]
struct Read {
    name: String,
    base: Option<String>,
    links: Vec<(String, String)>,
}

/// The Python in which selectolax can be imported: the one that has dkimpy.
fn python(test: &str) -> Option<String> {
    let python = super::python(test)?;
    let there = Command::new(&python)
        .args(["-c", "import selectolax"])
        .stderr(Stdio::null())
        .status();
    if there.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    let required = std::env::var("INBOXQA_REAL").is_ok_and(|value| value == "required");
    assert!(!required, "{test} needs selectolax in {python}");
    eprintln!("skipped: {test} needs selectolax in {python}");
    None
}

/// Disagreements, with who is right.
const KNOWN: &[Known] = &[
    Known {
        name: "generated / 118",
        why: "HTML §13.2.6.4.7 opens formatting elements again before many elements, not before <textarea>; Lexbor does, and has its text in a link",
    },
    Known {
        name: "generated / 287",
        why: "a </span> that nothing opened, in an SVG foreignObject in a link: html5ever leaves the link by it, Lexbor rightly does not; a word of the text",
    },
];

fn ours(html: &str) -> Vec<(String, String)> {
    let page = page::read(html).unwrap();
    let found = links::of_page(&page, &ListHeaders::default());
    found.into_iter().map(|link| (link.url, link.text)).collect()
}

/// Their attributes, cleaned and resolved as the URL standard has it.
fn theirs(read: &Read) -> Vec<(String, String)> {
    let clean = |url: &str| -> String {
        let kept = url.trim_matches(|char: char| char <= ' ').chars();
        kept.filter(|char| !matches!(char, '\t' | '\n' | '\r')).collect()
    };
    let base = read.base.as_deref().map(clean).and_then(|base| Url::parse(&base).ok());
    let resolved = |href: &String| {
        let href = clean(href);
        let relative = Url::parse(&href) == Err(url::ParseError::RelativeUrlWithoutBase);
        match &base {
            _ if href.starts_with("//") => format!("https:{href}"),
            Some(base) if relative && !href.is_empty() && !href.starts_with('#') => {
                base.join(&href).map_or(href, String::from)
            }
            _ => href,
        }
    };
    read.links
        .iter()
        .map(|(href, text)| (resolved(href), text.clone()))
        .collect()
}

fn agree(python: &str, pages: &[Page], known: &[Known]) -> usize {
    let lines: Vec<String> = pages.iter().map(|page| serde_json::to_string(page).unwrap()).collect();
    let answers = run(python, "links.py", &[], &(lines.join("\n") + "\n"));
    let answers: Vec<Read> = answers
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), pages.len());
    let (mut count, mut told, mut met) = (0, Vec::new(), vec![0; known.len()]);
    for (page, read) in pages.iter().zip(&answers) {
        assert_eq!(page.name, read.name);
        let (ours, theirs) = (ours(&page.html), theirs(read));
        count += ours.len();
        if ours == theirs {
            continue;
        }
        match known.iter().position(|known| known.is(&page.name)) {
            Some(index) => met[index] += 1,
            None => told.push(format!(
                "{}\n{}\nwe     {ours:?}\nthey   {theirs:?}",
                page.name, page.html
            )),
        }
    }
    assert!(
        told.is_empty(),
        "{} of {}:\n{}",
        told.len(),
        pages.len(),
        told[..told.len().min(5)].join("\n\n")
    );
    for (known, met) in known.iter().zip(&met) {
        assert!(*met > 0, "no disagreement any more: {} ({})", known.name, known.why);
    }
    count
}

/// The HTML files of this repository.
fn shipped(folder: &Path, pages: &mut Vec<Page>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            shipped(&path, pages);
        } else if path.extension().is_some_and(|ending| ending == "html") {
            let html = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            pages.push(Page {
                name: path.display().to_string(),
                html,
            });
        }
    }
}

#[test]
fn on_every_html_file_of_this_repository() {
    let Some(python) = python("referee::links::on_every_html_file_of_this_repository") else {
        return;
    };
    let mut pages = Vec::new();
    for folder in ["suites", "tests"] {
        shipped(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut pages);
    }
    pages.retain(|page| page::read(&page.html).is_ok());
    assert!(pages.len() >= 25, "{}", pages.len());
    let links = agree(&python, &pages, &[]);
    eprintln!("Lexbor agrees on {links} links of {} files", pages.len());
    assert!(links >= 90, "{links}");
}

#[test]
fn on_generated_mail() {
    let Some(python) = python("referee::links::on_generated_mail") else {
        return;
    };
    let pages: Vec<Page> = (1..=1500)
        .map(|seed| Page {
            name: format!("generated / {seed}"),
            html: pages::page(seed),
        })
        .collect();
    let links = agree(&python, &pages, KNOWN);
    eprintln!("Lexbor agrees on {links} links of {} generated pages", pages.len());
    assert!(links >= 5000, "{links}");
}
