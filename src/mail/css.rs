//! What a style sheet or a `style` attribute uses: properties, values, functions, units, at-rules, selectors. Read by the tokens of
//! CSS Syntax Module Level 3; what is not valid CSS is passed over, as clients do.

use super::marks::{Marks, image_format};
use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, StyleSheetParser, Token,
};

/// Blocks inside blocks that are read.
const MAX_DEPTH: u8 = 16;
/// Pseudo-elements that CSS 2 wrote with one colon.
const OLD_PSEUDO_ELEMENTS: [&str; 4] = ["before", "after", "first-line", "first-letter"];

/// Reads a `style` attribute.
pub(super) fn attribute(text: &str, marks: &mut Marks) {
    let mut parser = Parser::new(text);
    parser.set_nested_block_limit(MAX_DEPTH);
    let mut sheet = Sheet {
        marks,
        within_rule: true,
    };
    RuleBodyParser::new(&mut parser, &mut sheet).for_each(drop);
}

/// Reads the text of a `<style>` element.
pub(super) fn sheet(text: &str, marks: &mut Marks) {
    let mut parser = Parser::new(text);
    parser.set_nested_block_limit(MAX_DEPTH);
    let mut sheet = Sheet {
        marks,
        within_rule: false,
    };
    StyleSheetParser::new(&mut parser, &mut sheet).for_each(drop);
}

struct Sheet<'m> {
    marks: &'m mut Marks,
    within_rule: bool,
}

type Read = Result<(), ParseError<()>>;

impl<'i> DeclarationParser<'i> for Sheet<'_> {
    type Declaration = ();
    type Error = ();

    fn parse_value(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i>, _: &ParserState) -> Read {
        let start = input.position();
        let mut found = Vec::new();
        values(input, &mut found)?;
        let name = name.to_ascii_lowercase();
        let example = format!("{name}:{}", input.slice_from(start).trim());
        let property = if name.starts_with("--") { "--*" } else { name.as_str() };
        self.marks.add(format!("property:{property}"), &example);
        for mark in found {
            if let Some(word) = mark.strip_prefix("ident:") {
                self.marks.add(format!("value:{name}:{word}"), &example);
            }
            self.marks.add(mark, &example);
        }
        Ok(())
    }
}

/// The marks of a value, functions from the inside too.
fn values(input: &mut Parser<'_>, found: &mut Vec<String>) -> Read {
    while let Ok(token) = input.next().cloned() {
        match token {
            Token::Ident(word) => found.push(format!("ident:{}", word.to_ascii_lowercase())),
            Token::Percentage { .. } => found.push("unit:%".to_owned()),
            Token::Dimension { unit, .. } => found.push(format!("unit:{}", unit.to_ascii_lowercase())),
            Token::Delim('!') => found.push("important".to_owned()),
            Token::UnquotedUrl(url) => found.extend(image_format(&url)),
            Token::Function(name) => {
                let url = name.eq_ignore_ascii_case("url");
                found.push(format!("function:{}", name.to_ascii_lowercase()));
                input.parse_nested_block(|inner| match (url, inner.expect_string_cloned()) {
                    (true, Ok(url)) => {
                        found.extend(image_format(&url));
                        Ok(())
                    }
                    _ => values(inner, found),
                })?;
            }
            // A block is no value: this was a rule.
            Token::CurlyBracketBlock => return Err(ParseError::unexpected_token()),
            Token::ParenthesisBlock | Token::SquareBracketBlock => {
                input.parse_nested_block(|inner| values(inner, found))?
            }
            _ => {}
        }
    }
    Ok(())
}

impl<'i> QualifiedRuleParser<'i> for Sheet<'_> {
    type Prelude = ();
    type QualifiedRule = ();
    type Error = ();

    fn parse_prelude(&mut self, input: &mut Parser<'i>) -> Read {
        let start = input.position();
        let mut found = Vec::new();
        selectors(input, &mut found);
        let example = format!("{} {{…}}", input.slice_from(start).trim());
        if self.within_rule {
            self.marks.add("nesting".to_owned(), &example);
        }
        found.into_iter().for_each(|mark| self.marks.add(mark, &example));
        Ok(())
    }

    fn parse_block(&mut self, (): (), _: &ParserState, input: &mut Parser<'i>) -> Read {
        let outside = std::mem::replace(&mut self.within_rule, true);
        RuleBodyParser::new(input, self).for_each(drop);
        self.within_rule = outside;
        Ok(())
    }
}

/// The kinds of selectors of a list.
fn selectors(input: &mut Parser<'_>, found: &mut Vec<String>) {
    // What the compound selector has so far, and whether a blank stands behind it.
    let (mut parts, mut blank) = (0usize, false);
    while let Ok(token) = input.next_including_whitespace().cloned() {
        let (mark, combines) = match &token {
            Token::WhiteSpace(_) => {
                blank = parts > 0;
                continue;
            }
            Token::Delim('>') => ("selector:>", true),
            Token::Delim('+') => ("selector:+", true),
            Token::Delim('~') => ("selector:~", true),
            Token::Comma => ("selector:,", true),
            Token::Delim('*') => ("selector:*", false),
            Token::Delim('.') => {
                let _ = input.expect_ident();
                ("selector:.", false)
            }
            Token::IDHash(_) => ("selector:#", false),
            Token::SquareBracketBlock => ("selector:[]", false),
            Token::Ident(_) => ("selector:type", false),
            Token::Colon => {
                pseudo(input, found);
                ("", false)
            }
            _ => continue,
        };
        if blank && parts > 0 && !combines {
            found.push("selector:descendant".to_owned());
            parts = 0;
        } else if parts == 1 && !combines && !mark.is_empty() {
            found.push("selector:chained".to_owned());
        }
        parts = if combines {
            0
        } else {
            parts + usize::from(!mark.is_empty())
        };
        blank = false;
        if !mark.is_empty() {
            found.push(mark.to_owned());
        }
    }
}

/// What stands behind a colon.
fn pseudo(input: &mut Parser<'_>, found: &mut Vec<String>) {
    let (name, twice) = match input.next_including_whitespace().cloned() {
        Ok(Token::Colon) => (input.next_including_whitespace().cloned(), true),
        other => (other, false),
    };
    let (Ok(Token::Ident(name)) | Ok(Token::Function(name))) = name else {
        return;
    };
    let name = name.to_ascii_lowercase();
    let kind = match twice || OLD_PSEUDO_ELEMENTS.contains(&name.as_str()) {
        true => "pseudo-element",
        false => "pseudo-class",
    };
    found.push(format!("{kind}:{name}"));
}

impl<'i> AtRuleParser<'i> for Sheet<'_> {
    type Prelude = String;
    type AtRule = ();
    type Error = ();

    fn parse_prelude(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i>) -> Result<String, ParseError<()>> {
        let start = input.position();
        let mut features = Vec::new();
        media_features(input, &mut features);
        let name = name.to_ascii_lowercase();
        let example = format!("@{name} {}", input.slice_from(start).trim());
        self.marks
            .add(format!("at:{}", name.trim_start_matches("-webkit-")), &example);
        if name == "media" {
            features
                .into_iter()
                .for_each(|feature| self.marks.add(feature, &example));
        }
        Ok(name)
    }

    fn rule_without_block(&mut self, _: String, _: &ParserState) -> Result<(), ()> {
        Ok(())
    }

    fn parse_block(&mut self, name: String, _: &ParserState, input: &mut Parser<'i>) -> Read {
        // What a font is made of is no property of an element, and a frame of an animation is no nested rule.
        if name == "font-face" || name.ends_with("keyframes") {
            while input.next().is_ok() {}
            return Ok(());
        }
        RuleBodyParser::new(input, self).for_each(drop);
        Ok(())
    }
}

/// `media:hover` for `(hover: hover)`; `min-`, `max-` and the vendor's prefix left out.
fn media_features(input: &mut Parser<'_>, found: &mut Vec<String>) {
    while let Ok(token) = input.next().cloned() {
        if token == Token::ParenthesisBlock {
            let _: Read = input.parse_nested_block(|inner| {
                if let Ok(name) = inner.try_parse(|inner| inner.expect_ident_cloned()) {
                    let name = name.to_ascii_lowercase();
                    let name = name.trim_start_matches("-webkit-");
                    let name = name.trim_start_matches("min-").trim_start_matches("max-");
                    found.push(format!("media:{name}"));
                }
                media_features(inner, found);
                Ok(())
            });
        }
    }
}

impl<'i> RuleBodyItemParser<'i, (), ()> for Sheet<'_> {
    fn parse_declarations(&self) -> bool {
        self.within_rule
    }

    fn parse_qualified(&self) -> bool {
        true
    }
}
