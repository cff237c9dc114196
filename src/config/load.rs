//! Suites, their routes files and the mailboxes file, read together.

use super::desk::{Desk, Problems};
use super::files::{self, Source};
use super::mailboxes::{self, Mailboxes};
use super::routes::{self, Routes};
use super::schema::{Schema, schema};
use super::suite_file::SuiteFile;
use super::suites::Reader;
use super::{mask, names, shape};
use crate::model::spam::SpamPolicy;
use crate::model::{Diagnostic, Place, Route, RoutePolicy, SeedMailbox, Suite};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use time::{Date, OffsetDateTime};

/// Exceptions from how the network is used (`[network]` of the routes file).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// Hosts that links may lead to although their addresses are private.
    pub allow: Vec<String>,
    /// DNS servers to ask instead of the system's.
    pub dns: Vec<SocketAddr>,
}

/// Everything the files say.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// In the order they were named.
    pub suites: Vec<Suite>,
    /// Routes of all routes files, by name.
    pub routes: BTreeMap<String, Route>,
    /// `[policy]` of all routes files.
    pub route_policy: RoutePolicy,
    /// Seed mailboxes, by name.
    pub mailboxes: BTreeMap<String, SeedMailbox>,
    /// Exceptions from how the network is used.
    pub network: Network,
    /// Spam engines that are asked about every message (`[spam]` of the routes files).
    pub spam: SpamPolicy,
    /// Texts by file name, for problems found later (templates are rendered after loading). Secrets are blanked out.
    pub sources: BTreeMap<String, String>,
    /// The folder each route's `ca` and `${file:…}` start from.
    pub route_dirs: BTreeMap<String, PathBuf>,
    /// The same for the mailboxes file.
    pub mailboxes_dir: PathBuf,
    /// Where each secret stands, by `mailbox` or `route.field`.
    pub(super) places: BTreeMap<String, Place>,
}

/// Where the seed mailboxes are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeedsFile {
    /// In a file.
    At {
        /// The file.
        path: PathBuf,
        /// What to do where it can not be read.
        otherwise: String,
    },
    /// In a text that the caller brings along.
    Text {
        /// What errors call it.
        name: &'static str,
        /// The text.
        text: &'static str,
    },
}

impl SeedsFile {
    /// A file, for callers that have nothing to add to its errors.
    pub fn at(path: &Path) -> SeedsFile {
        SeedsFile::At {
            path: path.to_owned(),
            otherwise: "copy mailboxes.example.toml and put your seed mailboxes in".to_owned(),
        }
    }

    /// What errors call it.
    pub fn name(&self) -> String {
        match self {
            SeedsFile::At { path, .. } => files::shown(path),
            SeedsFile::Text { name, .. } => (*name).to_owned(),
        }
    }

    fn dir(&self) -> PathBuf {
        match self {
            SeedsFile::At { path, .. } => folder(path),
            SeedsFile::Text { .. } => PathBuf::from("."),
        }
    }

    fn source(&self, desk: &mut Desk) -> Option<Source> {
        match self {
            SeedsFile::At { path, otherwise } => read_named(path, "mailboxes file", otherwise, desk),
            SeedsFile::Text { name, text } => Some(Source {
                file: (*name).to_owned(),
                text: (*text).to_owned(),
                dir: self.dir(),
            }),
        }
    }
}

/// Reads the suites with their routes files, and the mailboxes file. `Err` holds everything that is wrong with any of them.
pub fn load(suites: &[PathBuf], mailboxes: &Path) -> Result<Loaded, Problems> {
    load_as_of(suites, mailboxes, OffsetDateTime::now_utc().date())
}

/// The same on a given day (UTC): waivers end.
pub fn load_as_of(suites: &[PathBuf], mailboxes: &Path, today: Date) -> Result<Loaded, Problems> {
    load_with(suites, &SeedsFile::at(mailboxes), today)
}

/// The same with seed mailboxes from wherever they are written.
pub fn load_with(suites: &[PathBuf], mailboxes: &SeedsFile, today: Date) -> Result<Loaded, Problems> {
    let mut desk = Desk::default();
    let mut loaded = Loaded {
        mailboxes_dir: mailboxes.dir(),
        ..Loaded::default()
    };
    let seeds = read_mailboxes(mailboxes, &mut desk);
    let mut books: BTreeMap<PathBuf, Option<Routes>> = BTreeMap::new();
    for path in suites {
        if let Some(suite) = read_suite(path, seeds.as_ref(), today, &mut books, &mut desk) {
            if let Some(twin) = loaded.suites.iter().find(|known| known.slug == suite.slug) {
                let message = format!(
                    "suites `{}` and `{}` have the same short name `{}`",
                    twin.file, suite.file, suite.slug
                );
                desk.put(Diagnostic::plain(
                    message,
                    Some("it comes from the file's name and begins every delivery's id: rename one".to_owned()),
                ));
            }
            loaded.suites.push(suite);
        }
    }
    for (path, routes) in books {
        merge(&mut loaded, routes.unwrap_or_default(), &folder(&path), &mut desk);
    }
    let seeds = seeds.unwrap_or_default();
    loaded.places.extend(
        seeds
            .secrets
            .into_iter()
            .map(|(name, place)| (format!("mailbox {name}"), place)),
    );
    loaded.mailboxes = seeds.seeds;
    if !desk.is_clean() {
        return Err(desk.finish());
    }
    loaded.sources = desk.finish().sources;
    Ok(loaded)
}

/// Reads a routes file alone, for what needs contracts and no suite.
pub fn load_routes(path: &Path) -> Result<Loaded, Problems> {
    let mut desk = Desk::default();
    let mut loaded = Loaded::default();
    let otherwise = "give the path of a routes file, relative to the current folder";
    if let Some(source) = read_named(path, "routes file", otherwise, &mut desk) {
        let book = routes_of(&source, &mut desk);
        merge(&mut loaded, book.unwrap_or_default(), &folder(path), &mut desk);
    }
    if !desk.is_clean() {
        return Err(desk.finish());
    }
    loaded.sources = desk.finish().sources;
    Ok(loaded)
}

fn routes_of(source: &Source, desk: &mut Desk) -> Option<Routes> {
    let (raw, unknown) = shape::read(source, &schema(Schema::Routes), desk);
    desk.keep(&source.file, mask::masked(&source.text, &unknown));
    raw.map(|raw| routes::convert(raw, source, desk))
}

fn folder(path: &Path) -> PathBuf {
    path.parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// Reads a file named on the command line, or reports that it can not be read and what to do about it.
fn read_named(path: &Path, what: &str, otherwise: &str, desk: &mut Desk) -> Option<Source> {
    match files::read(path) {
        Ok(source) => Some(source),
        Err(why) => {
            let help = files::remedy(&why).unwrap_or(otherwise);
            desk.put(Diagnostic::plain(
                format!("{what} `{}` can not be read: {why}", files::shown(path)),
                Some(help.to_owned()),
            ));
            None
        }
    }
}

fn read_mailboxes(from: &SeedsFile, desk: &mut Desk) -> Option<Mailboxes> {
    let source = from.source(desk)?;
    let (raw, unknown) = shape::read(&source, &schema(Schema::Mailboxes), desk);
    desk.keep(&source.file, mask::masked(&source.text, &unknown));
    raw.map(|raw| mailboxes::convert(raw, &source, desk))
}

fn read_suite(
    path: &Path,
    seeds: Option<&Mailboxes>,
    today: Date,
    books: &mut BTreeMap<PathBuf, Option<Routes>>,
    desk: &mut Desk,
) -> Option<Suite> {
    let otherwise = "give the path of a suite, relative to the current folder";
    let source = read_named(path, "suite", otherwise, desk)?;
    let (raw, _) = shape::read::<SuiteFile>(&source, &schema(Schema::Suite), desk);
    desk.keep(&source.file, source.text.clone());
    let raw = raw?;
    let routes_path = routes_path(&raw, &source);
    if !books.contains_key(&routes_path) {
        let book = read_routes(&raw, &routes_path, &source, desk);
        books.insert(routes_path.clone(), book);
    }
    let (nothing, nobody) = (Routes::default(), Mailboxes::default());
    let book = books.get(&routes_path).and_then(Option::as_ref);
    let slug = names::slug(&path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default());
    let mut reader = Reader {
        source: &source,
        routes: book.unwrap_or(&nothing),
        mailboxes: seeds.unwrap_or(&nobody),
        routes_known: book.is_some(),
        mailboxes_known: seeds.is_some(),
        today,
        desk,
        refusals: None,
        refused: Vec::new(),
    };
    Some(reader.suite(slug, raw))
}

fn routes_path(raw: &SuiteFile, source: &Source) -> PathBuf {
    let named = raw.suite.as_ref().and_then(|head| head.routes_file.as_ref());
    files::join(&source.dir, named.map_or("routes.toml", |file| file.get_ref()))
}

fn read_routes(raw: &SuiteFile, path: &Path, suite: &Source, desk: &mut Desk) -> Option<Routes> {
    match files::read(path) {
        Ok(source) => routes_of(&source, desk),
        Err(why) => {
            let message = format!("routes file `{}` can not be read: {why}", files::shown(path));
            let remedy = files::remedy(&why);
            match raw.suite.as_ref().and_then(|head| head.routes_file.as_ref()) {
                Some(named) => desk.at(
                    suite,
                    named.span(),
                    message,
                    why,
                    Some(remedy.unwrap_or("the path is relative to the suite").to_owned()),
                ),
                None => desk.put(Diagnostic::plain(
                    message,
                    Some(
                        remedy
                            .unwrap_or("name it in the suite: [suite] routes_file = \"…\"")
                            .to_owned(),
                    ),
                )),
            }
            None
        }
    }
}

/// Adds one routes file to what is loaded. Several files may be in use at once, but a name means one route.
fn merge(loaded: &mut Loaded, routes: Routes, dir: &Path, desk: &mut Desk) {
    for (name, route) in routes.routes {
        if loaded.routes.get(&name).is_some_and(|known| *known != route) {
            let help = "give each a name of its own, or use one routes file for all suites".to_owned();
            desk.put(Diagnostic::plain(
                format!("two routes files define route `{name}` differently"),
                Some(help),
            ));
        }
        loaded.route_dirs.insert(name.clone(), dir.to_owned());
        loaded.routes.insert(name, route);
    }
    loaded.places.extend(routes.secrets);
    for (category, route) in routes.policy.default_route {
        loaded.route_policy.default_route.entry(category).or_insert(route);
    }
    for engine in routes.spam.engines {
        if !loaded.spam.engines.contains(&engine) {
            loaded.spam.engines.push(engine);
        }
    }
    loaded.spam.limit = loaded.spam.limit.or(routes.spam.limit);
    loaded.network.allow.extend(routes.allow);
    loaded.network.dns.extend(routes.dns);
}
