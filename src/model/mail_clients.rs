//! What mail clients support of HTML and CSS: a dated copy of the facts of Can I email (caniemail.com), see
//! `caniemail/LICENSE`. A client is named `family` or `family/platform`: `gmail`, `outlook/windows`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

const FACTS: &str = include_str!("caniemail/facts.jsonl");

/// How far a client goes along with a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// It shows it.
    Yes,
    /// In part.
    Partly,
    /// It does not.
    No,
}

/// One feature of HTML or CSS, or an image format.
#[derive(Debug, Clone, Deserialize)]
pub struct Feature {
    /// Stable name: `css-border-radius`. Its facts are at `https://www.caniemail.com/features/SLUG/`.
    pub slug: String,
    /// Name for people: `border-radius`.
    pub title: String,
    /// By family, then by platform: `y`, `a` (in part), `n` or `u` (unknown), then numbers of notes: `a #1 #2`.
    clients: BTreeMap<String, BTreeMap<String, String>>,
    /// By number.
    notes: BTreeMap<String, String>,
}

/// The facts.
#[derive(Debug)]
pub struct MailClients {
    /// The day they were published: `2025-09-09`.
    pub date: String,
    /// Every feature, in the order of the file.
    pub features: Vec<Feature>,
    families: BTreeMap<String, String>,
    platforms: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Head {
    date: String,
    families: BTreeMap<String, String>,
    platforms: BTreeMap<String, String>,
}

/// One client that a feature was tested in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MailClient<'f> {
    /// `outlook`.
    pub family: &'f str,
    /// `windows`.
    pub platform: &'f str,
}

/// The facts, read once.
pub fn mail_clients() -> &'static MailClients {
    static READ: OnceLock<MailClients> = OnceLock::new();
    READ.get_or_init(read)
}

/// The copy is part of the program, and a test reads every line of it.
fn read() -> MailClients {
    let mut lines = FACTS.lines();
    let head: Option<Head> = lines.next().and_then(|line| serde_json::from_str(line).ok());
    let head = head.unwrap_or(Head {
        date: String::new(),
        families: BTreeMap::new(),
        platforms: BTreeMap::new(),
    });
    MailClients {
        date: head.date,
        features: lines.filter_map(|line| serde_json::from_str(line).ok()).collect(),
        families: head.families,
        platforms: head.platforms,
    }
}

impl MailClients {
    /// Every name a client may be stated by, `family` and `family/platform`.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (family, platforms) in self.features.iter().flat_map(|feature| &feature.clients) {
            names.push(family.clone());
            names.extend(platforms.keys().map(|platform| format!("{family}/{platform}")));
        }
        names.sort();
        names.dedup();
        names
    }

    /// Every name a feature may be stated by.
    pub fn slugs(&self) -> Vec<String> {
        self.features.iter().map(|feature| feature.slug.clone()).collect()
    }

    /// For people: `Outlook (Windows)`.
    pub fn shown(&self, client: &MailClient<'_>) -> String {
        let name =
            |names: &BTreeMap<String, String>, key: &str| names.get(key).cloned().unwrap_or_else(|| key.to_owned());
        let family = name(&self.families, client.family);
        format!("{family} ({})", name(&self.platforms, client.platform))
    }
}

impl Feature {
    /// What the clients of a name make of it; a client it was not tested in is not among them. Notes are in words.
    pub fn support(&self, name: &str) -> Vec<(MailClient<'_>, Support, Vec<&str>)> {
        let (family, wanted) = match name.split_once('/') {
            Some((family, platform)) => (family, Some(platform)),
            None => (name, None),
        };
        let Some((family, platforms)) = self.clients.get_key_value(family) else {
            return Vec::new();
        };
        let platforms = platforms
            .iter()
            .filter(|(platform, _)| wanted.is_none_or(|wanted| wanted == *platform));
        let told = platforms.filter_map(|(platform, told)| {
            let mut words = told.split_whitespace();
            let support = match words.next()? {
                "y" => Support::Yes,
                "a" => Support::Partly,
                "n" => Support::No,
                _ => return None,
            };
            let notes = words.filter_map(|word| Some(self.notes.get(word.strip_prefix('#')?)?.as_str()));
            Some((MailClient { family, platform }, support, notes.collect()))
        });
        told.collect()
    }
}
