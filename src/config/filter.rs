//! The `-E` language that selects deliveries: `case(GLOB) route(GLOB) mailbox(GLOB) provider(gmail) category(marketing) tag(x)` with
//! `&`, `|`, `!` and brackets. `!` binds tightest, then `&`, then `|`.

use super::{providers, suggest};
use crate::model::{Category, Diagnostic, Place};
use globset::{Glob, GlobMatcher};

/// The name under which a filter's text stands in diagnostics.
pub const SOURCE: &str = "-E";
/// Deepest nesting of brackets and negations.
const DEEPEST: usize = 64;
const FIELDS: [&str; 6] = ["case", "route", "mailbox", "provider", "category", "tag"];

/// What a filter looks at.
#[derive(Debug, Clone, Copy)]
pub struct FilterSubject<'a> {
    /// Case name.
    pub case: &'a str,
    /// Route name.
    pub route: &'a str,
    /// Mailbox name.
    pub mailbox: &'a str,
    /// The mailbox's provider key.
    pub provider: &'a str,
    /// The case's category.
    pub category: Category,
    /// Tags of the case and of the mailbox.
    pub tags: &'a [&'a str],
}

/// A parsed filter.
#[derive(Debug, Clone)]
pub struct Filter(Expr);

#[derive(Debug, Clone)]
enum Expr {
    Is(usize, GlobMatcher),
    Not(Box<Expr>),
    All(Vec<Expr>),
    Any(Vec<Expr>),
}

impl Filter {
    /// Parses a filter. The diagnostic's place points into the text, under the file name [`SOURCE`].
    pub fn parse(text: &str) -> Result<Filter, Diagnostic> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        let expr = parser.any()?;
        parser.blanks();
        match parser.rest().is_empty() {
            true => Ok(Filter(expr)),
            false => Err(parser.problem("expected `&`, `|` or the end", parser.at..text.len(), None)),
        }
    }

    /// Is the delivery selected?
    pub fn matches(&self, subject: &FilterSubject<'_>) -> bool {
        self.0.matches(subject)
    }
}

impl Expr {
    fn matches(&self, subject: &FilterSubject<'_>) -> bool {
        match self {
            Expr::Not(inner) => !inner.matches(subject),
            Expr::All(parts) => parts.iter().all(|part| part.matches(subject)),
            Expr::Any(parts) => parts.iter().any(|part| part.matches(subject)),
            Expr::Is(field, glob) => match FIELDS[*field] {
                "case" => glob.is_match(subject.case),
                "route" => glob.is_match(subject.route),
                "mailbox" => glob.is_match(subject.mailbox),
                "provider" => glob.is_match(subject.provider),
                "category" => glob.is_match(subject.category.to_string()),
                _ => subject.tags.iter().any(|tag| glob.is_match(tag)),
            },
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Expr, Diagnostic> {
        let mut parts = vec![self.all()?];
        while self.takes('|') {
            parts.push(self.all()?);
        }
        Ok(Expr::Any(parts))
    }

    fn all(&mut self) -> Result<Expr, Diagnostic> {
        let mut parts = vec![self.one()?];
        while self.takes('&') {
            parts.push(self.one()?);
        }
        Ok(Expr::All(parts))
    }

    fn one(&mut self) -> Result<Expr, Diagnostic> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.problem("too deeply nested", self.at..self.at + 1, None));
        }
        let expr = if self.takes('!') {
            Expr::Not(Box::new(self.one()?))
        } else if self.takes('(') {
            let open = self.at - 1;
            let inner = self.any()?;
            self.close(open)?;
            inner
        } else {
            self.field()?
        };
        self.depth -= 1;
        Ok(expr)
    }

    /// `name(GLOB)`.
    fn field(&mut self) -> Result<Expr, Diagnostic> {
        self.blanks();
        let start = self.at;
        let length = self
            .rest()
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
            .unwrap_or(self.rest().len());
        let name = &self.text[start..start + length];
        let Some(field) = FIELDS.iter().position(|field| *field == name) else {
            let message = if name.is_empty() {
                "expected a condition".to_owned()
            } else {
                format!("`{name}` can not be filtered by")
            };
            let doubled = [b'&', b'|']
                .into_iter()
                .find(|sign| start > 0 && self.text.as_bytes()[start - 1..].starts_with(&[*sign, *sign]));
            let help = match doubled.map(char::from) {
                Some(sign) => Some(format!("write `{sign}` once: case(order-*) {sign} provider(gmail)")),
                None => suggest::help(name, FIELDS).map(|help| format!("{help} A condition looks like case(order-*)")),
            };
            return Err(self.problem(&message, start..start + length.max(1), help));
        };
        self.at += length;
        let open = self.at;
        if !self.takes('(') {
            return Err(self.problem(
                &format!("expected `(` after `{name}`"),
                open..open + 1,
                Some(format!("write {name}(GLOB)")),
            ));
        }
        let from = self.at;
        // A glob may hold brackets of its own kinds, but no round ones.
        let Some(length) = self.rest().find(')') else {
            return Err(self.problem("the bracket is never closed", open..open + 1, None));
        };
        let pattern = self.text[from..from + length].trim();
        self.at = from + length + 1;
        if FIELDS[field] == "category"
            && !["transactional", "marketing", "hybrid"].contains(&pattern)
            && !pattern.contains(['*', '?', '{', '['])
        {
            let help = suggest::help(pattern, ["transactional", "marketing", "hybrid"]);
            return Err(self.problem(
                &format!("`{}` is not a category", pattern.escape_debug()),
                from..from + length.max(1),
                help,
            ));
        }
        if FIELDS[field] == "provider"
            && !providers::keys().any(|key| key == pattern)
            && !pattern.contains(['*', '?', '{', '['])
        {
            let help = suggest::help(pattern, providers::keys());
            return Err(self.problem(
                &format!("`{}` is not a provider", pattern.escape_debug()),
                from..from + length.max(1),
                help,
            ));
        }
        match Glob::new(pattern) {
            Ok(glob) if !pattern.is_empty() => Ok(Expr::Is(field, glob.compile_matcher())),
            _ => Err(self.problem("expected a glob such as order-*", from..from + length.max(1), None)),
        }
    }

    fn close(&mut self, open: usize) -> Result<(), Diagnostic> {
        match self.takes(')') {
            true => Ok(()),
            false if self.rest().is_empty() => Err(self.problem("the bracket is never closed", open..open + 1, None)),
            false => Err(self.problem("expected `&`, `|` or `)`", self.at..self.text.len(), None)),
        }
    }

    fn takes(&mut self, wanted: char) -> bool {
        self.blanks();
        let taken = self.rest().starts_with(wanted);
        self.at += if taken { wanted.len_utf8() } else { 0 };
        taken
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn problem(&self, message: &str, span: std::ops::Range<usize>, help: Option<String>) -> Diagnostic {
        let place = Place::locate(SOURCE, self.text, span);
        Diagnostic {
            message: format!("the filter can not be read: {message}"),
            place: Some(place),
            label: message.to_owned(),
            help,
        }
    }
}
