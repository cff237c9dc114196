//! Words and comments of a structured field body (RFC 5322 §3.2), read with all tolerance: an open quote or bracket simply runs to
//! the end.

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word; quotes and backslashes are resolved.
    Word(String),
    /// A comment without its outer brackets.
    Comment(String),
}

impl Token {
    /// The word, if it is one.
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Token::Word(word) => Some(word),
            Token::Comment(_) => None,
        }
    }
}

/// Splits at semicolons outside quotes and comments.
pub(super) fn segments(text: &str) -> Vec<Vec<Token>> {
    let mut segments = vec![Vec::new()];
    let mut word = String::new();
    let mut chars = text.chars();
    let end_word = |word: &mut String, segments: &mut Vec<Vec<Token>>| {
        if let (false, Some(segment)) = (word.is_empty(), segments.last_mut()) {
            segment.push(Token::Word(std::mem::take(word)));
        }
    };
    while let Some(char) = chars.next() {
        match char {
            '(' => {
                end_word(&mut word, &mut segments);
                let comment = comment(&mut chars);
                if let Some(segment) = segments.last_mut() {
                    segment.push(Token::Comment(comment));
                }
            }
            '"' => word.push_str(&quoted(&mut chars)),
            ';' => {
                end_word(&mut word, &mut segments);
                segments.push(Vec::new());
            }
            char if char.is_whitespace() => end_word(&mut word, &mut segments),
            char => word.push(char),
        }
    }
    end_word(&mut word, &mut segments);
    segments
}

fn comment(chars: &mut std::str::Chars<'_>) -> String {
    let mut text = String::new();
    let mut depth = 1;
    while let Some(char) = chars.next() {
        match char {
            '(' => depth += 1,
            ')' => depth -= 1,
            '\\' => {
                text.extend(chars.next());
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
        text.push(char);
    }
    text.trim().to_owned()
}

fn quoted(chars: &mut std::str::Chars<'_>) -> String {
    let mut text = String::new();
    while let Some(char) = chars.next() {
        match char {
            '"' => break,
            '\\' => text.extend(chars.next()),
            char => text.push(char),
        }
    }
    text
}
