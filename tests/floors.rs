//! Holds the house's rules that the compiler can not: imports go strictly down the floors, files of a room form no cycle,
//! each big crate is named in one room, and a few constructors and effects have exactly one place.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::Visit;

/// Which rooms a room may import. `model` may import nothing.
const FLOORS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("mail", &["model"]),
    ("compose", &["model"]),
    ("config", &["model"]),
    ("report", &["model"]),
    ("store", &["model"]),
    ("net", &["model"]),
    ("route", &["model", "compose", "net", "store"]),
    ("mailbox", &["model", "mail", "net"]),
    ("probe", &["model", "mail", "net"]),
    ("checks", &["model", "mail"]),
    ("lab", &["model"]),
    (
        "run",
        &[
            "model", "mail", "compose", "config", "report", "store", "net", "route", "mailbox", "probe", "checks",
        ],
    ),
    (
        "cli",
        &[
            "model", "mail", "compose", "config", "report", "store", "net", "route", "mailbox", "probe", "checks",
            "run", "lab",
        ],
    ),
];

/// A crate and the only places (path prefixes below `src`) that may name it.
const CRATES: &[(&str, &[&str])] = &[
    ("mail_auth", &["probe/auth"]),
    ("async_imap", &["mailbox/"]),
    ("lettre", &["route/smtp", "compose/"]),
    ("reqwest", &["net/"]),
    ("hickory_resolver", &["net/", "probe/auth"]),
    ("sqlx", &["store/"]),
    ("hickory_server", &["lab/"]),
    ("axum", &["lab/"]),
    ("scraper", &["mail/"]),
    ("cssparser", &["mail/css"]),
    ("liquid", &["compose/"]),
    ("junit_report", &["report/junit"]),
    ("maud", &["report/html"]),
    ("toml", &["config/", "mail/vendors"]),
    ("clap", &["cli/"]),
    ("indicatif", &["cli/", "report/live"]),
];

/// A path's ending and the only places that may use it.
const ONE_PLACE: &[(&str, &[&str])] = &[
    ("Looked::complete", &["mailbox/"]),
    ("Redacted::new", &["cli/", "report/growing.rs"]),
    ("OneClick::approved", &["checks/unsubscribe_drill.rs"]),
    ("unsubscribe_drill::approve", &["run/drill.rs"]),
    ("process::exit", &["cli/", "main.rs"]),
    ("env::var", &["cli/"]),
    ("env::args", &["cli/", "main.rs"]),
];

/// Macros that speak to the user's terminal.
const PRINTING: &[&str] = &["println", "print", "eprintln", "eprint", "dbg"];

struct File {
    /// Path below `src`, with `/`.
    path: String,
    room: String,
    syntax: syn::File,
    text: String,
}

fn sources() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let path = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            let text = std::fs::read_to_string(&file).unwrap();
            let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
            let room = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
            File {
                path,
                room,
                syntax,
                text,
            }
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// Every path a file names, as segments; `use` trees are flattened. Test modules are left out.
#[derive(Default)]
struct Paths {
    /// Paths in expressions, types and private imports.
    used: Vec<Vec<String>>,
    /// Paths that are only handed on (`pub use`).
    handed_on: Vec<Vec<String>>,
    macros: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let test = item.attrs.iter().any(|attr| attr.path().is_ident("cfg"));
        if !test {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut found = Vec::new();
        flatten(&item.tree, &mut Vec::new(), &mut found);
        match item.vis {
            syn::Visibility::Inherited => self.used.extend(found),
            _ => self.handed_on.extend(found),
        }
    }

    /// `pub(super)` names a path that imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.used
            .push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.macros.insert(mac.path.segments.last().unwrap().ident.to_string());
        // Most macros (format!, matches!, join!) hold expressions; what parses as a list of them is looked into.
        let parser = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        if let Ok(arguments) = mac.parse_body_with(parser) {
            for argument in &arguments {
                self.visit_path_list(argument);
            }
        }
        syn::visit::visit_macro(self, mac);
    }
}

impl Paths {
    fn visit_path_list(&mut self, expression: &syn::Expr) {
        let mut inner = Paths::default();
        inner.visit_expr(expression);
        self.used.append(&mut inner.used);
        self.macros.append(&mut inner.macros);
    }

    fn of(file: &File) -> Paths {
        let mut paths = Paths::default();
        paths.visit_file(&file.syntax);
        paths
    }

    fn all(&self) -> impl Iterator<Item = &Vec<String>> {
        self.used.iter().chain(&self.handed_on)
    }
}

fn flatten(tree: &syn::UseTree, prefix: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match tree {
        syn::UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            flatten(&path.tree, prefix, found);
            prefix.pop();
        }
        syn::UseTree::Group(group) => group.items.iter().for_each(|item| flatten(item, prefix, found)),
        syn::UseTree::Name(name) => found.push(with(prefix, &name.ident.to_string())),
        syn::UseTree::Rename(rename) => found.push(with(prefix, &rename.ident.to_string())),
        syn::UseTree::Glob(_) => found.push(with(prefix, "*")),
    }
}

fn with(prefix: &[String], last: &str) -> Vec<String> {
    let mut path = prefix.to_vec();
    path.push(last.to_owned());
    path
}

/// The module path of a file, without the crate: `net/http.rs` → [net, http], `net/mod.rs` → [net].
fn module_of(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// A path made absolute within the crate, or `None` where it leads outside.
fn absolute(path: &[String], module: &[String]) -> Option<Vec<String>> {
    let mut base: Vec<String> = match path.first()?.as_str() {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module[..module.len().checked_sub(1)?].to_vec(),
        _ => return None,
    };
    for segment in &path[1..] {
        if segment == "super" {
            base.pop();
        } else {
            base.push(segment.clone());
        }
    }
    Some(base)
}

#[test]
fn imports_go_strictly_down() {
    let allowed: BTreeMap<&str, &[&str]> = FLOORS.iter().copied().collect();
    let mut wrong = Vec::new();
    for file in sources()
        .iter()
        .filter(|file| !matches!(file.room.as_str(), "lib" | "main"))
    {
        let may = allowed
            .get(file.room.as_str())
            .unwrap_or_else(|| panic!("room `{}` has no floor", file.room));
        for path in Paths::of(file).all() {
            let Some(target) = absolute(path, &module_of(&file.path)) else {
                continue;
            };
            let Some(room) = target.first().filter(|room| **room != file.room) else {
                continue;
            };
            if !may.contains(&room.as_str()) {
                wrong.push(format!("{}: {}", file.path, path.join("::")));
            }
            if room == "lab" && file.path != "cli/world.rs" && file.path != "cli/lab.rs" {
                wrong.push(format!(
                    "{}: only cli/world.rs and cli/lab.rs may import the lab",
                    file.path
                ));
            }
            if file.room == "route" && room == "store" && !names_only_the_journal(&target) {
                wrong.push(format!(
                    "{}: route may take only Intent, Sent and their words from store",
                    file.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn names_only_the_journal(target: &[String]) -> bool {
    target
        .last()
        .is_some_and(|last| matches!(last.as_str(), "Intent" | "Sent" | "journal" | "store"))
}

#[test]
fn files_of_a_room_form_no_cycle() {
    let files = sources();
    let modules: BTreeMap<Vec<String>, String> = files
        .iter()
        .map(|file| (module_of(&file.path), file.path.clone()))
        .collect();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in &files {
        let module = module_of(&file.path);
        let paths = Paths::of(file);
        for path in &paths.used {
            let child = || {
                path.first()
                    .map(|first| with(&module, first))
                    .filter(|child| modules.contains_key(child))
            };
            let Some(mut target) = absolute(path, &module).or_else(child) else {
                continue;
            };
            while !target.is_empty() && !modules.contains_key(&target) {
                target.pop();
            }
            let Some(other) = modules.get(&target) else { continue };
            if *other != file.path && other.split('/').next() == file.path.split('/').next() {
                edges.entry(file.path.clone()).or_default().insert(other.clone());
            }
        }
    }
    let mut done = BTreeSet::new();
    for start in edges.keys() {
        let mut trail = Vec::new();
        walk(start, &edges, &mut trail, &mut done);
    }
}

fn walk(file: &str, edges: &BTreeMap<String, BTreeSet<String>>, trail: &mut Vec<String>, done: &mut BTreeSet<String>) {
    if let Some(begin) = trail.iter().position(|seen| seen == file) {
        panic!("cycle: {} -> {file}", trail[begin..].join(" -> "));
    }
    if !done.contains(file) {
        trail.push(file.to_owned());
        edges
            .get(file)
            .into_iter()
            .flatten()
            .for_each(|next| walk(next, edges, trail, done));
        trail.pop();
        done.insert(file.to_owned());
    }
}

#[test]
fn each_big_crate_has_one_room() {
    let mut wrong = Vec::new();
    for file in sources() {
        for path in Paths::of(&file).all() {
            let Some((name, places)) = CRATES
                .iter()
                .find(|(name, _)| path.first().is_some_and(|first| first == name))
            else {
                continue;
            };
            if !places.iter().any(|place| file.path.starts_with(place)) {
                wrong.push(format!("{}: {name} belongs to {places:?}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn guarded_words_have_one_place() {
    let mut wrong = Vec::new();
    for file in sources() {
        let paths = Paths::of(&file);
        for path in paths.all().map(|path| path.join("::")) {
            for (word, places) in ONE_PLACE.iter().filter(|(word, _)| path.ends_with(word)) {
                if !places.iter().any(|place| file.path.starts_with(place)) {
                    wrong.push(format!("{}: {word} belongs to {places:?}", file.path));
                }
            }
        }
        if file.room != "cli" && paths.macros.iter().any(|name| PRINTING.contains(&name.as_str())) {
            wrong.push(format!("{}: only cli prints", file.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Nothing unsubscribes but the drill, and it uses the approved URI up.
#[test]
fn one_place_presses() {
    let pressing = sources().into_iter().filter(|file| file.text.contains(".press("));
    let files: Vec<String> = pressing.map(|file| file.path).collect();
    assert_eq!(files, ["run/drill.rs"]);
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| file.path)
        .collect();
    assert!(silent.is_empty(), "no //! header: {silent:?}");
}

#[test]
fn one_place_writes_to_a_seed() {
    let writing = [
        "UID STORE",
        "\"STORE",
        "UID EXPUNGE",
        "UID MOVE",
        "UID COPY",
        "\"SELECT",
        "APPEND",
    ];
    for file in sources()
        .iter()
        .filter(|file| file.room == "mailbox" && file.path != "mailbox/cleaning.rs")
    {
        for word in writing {
            let named = file
                .text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .any(|line| line.contains(word));
            assert!(!named, "{} names {word}", file.path);
        }
    }
}
