//! Encoded words (RFC 2047) that some readers will show raw or garbled. Decoders are forgiving in different ways, so this goes by the
//! standard, not by what one of them makes of it.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use mail_parser::decoders::charsets::map::charset_decoder;

/// Characters an encoded word may have (RFC 2047 §2).
pub const MAX_WORD: usize = 75;
/// Words looked at in one field.
const MAX_WORDS: usize = 500;

/// Charsets that are registered or in wide use, and that are not decoded here.
const OTHERS: [&str; 10] = [
    "hz-gb-2312",
    "iso-2022-kr",
    "iso-2022-cn",
    "unicode-1-1-utf-7",
    "cp932",
    "ms932",
    "cp936",
    "cp949",
    "ms949",
    "cp950",
];

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What is wrong with a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// Longer than [`MAX_WORD`].
    Long,
    /// A charset nobody knows.
    Charset,
    /// A character begins in this word and ends in the next, or the other way round (RFC 2047 §5).
    Cut,
    /// Never closed, a blank inside, or not what its encoding or charset allows.
    Broken,
}

/// The flawed words of an unfolded value, in order, each as written.
pub fn flaws(value: &str) -> Vec<(Flaw, &str)> {
    let mut found = Vec::new();
    let mut rest = value;
    for _ in 0..MAX_WORDS {
        let Some(at) = rest.find("=?") else { break };
        rest = &rest[at..];
        let Some(word) = Word::at(rest) else {
            rest = &rest[2..];
            continue;
        };
        found.extend(word.flaws().into_iter().map(|flaw| (flaw, word.whole)));
        rest = &rest[word.whole.len()..];
    }
    found
}

/// `=?charset?encoding?text?=`.
struct Word<'v> {
    whole: &'v str,
    charset: &'v str,
    base64: bool,
    /// `None` where the word is not closed before it must be.
    text: Option<&'v str>,
}

impl<'v> Word<'v> {
    /// The word at the beginning of a text, if it is meant as one: charset and encoding are told.
    fn at(text: &'v str) -> Option<Word<'v>> {
        let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:+*()'".contains(&byte);
        let named = !charset.is_empty() && charset.len() <= 45 && charset.bytes().all(token);
        let (encoding, rest) = rest.split_once('?').filter(|_| named)?;
        let base64 = match encoding {
            "B" | "b" => true,
            "Q" | "q" => false,
            _ => return None,
        };
        let start = text.len() - rest.len();
        // A word without an end would swallow the next one.
        let end = rest.find("?=").filter(|end| !rest[..*end].contains("=?"));
        let whole = match end {
            Some(end) => &text[..start + end + 2],
            None => text.split(char::is_whitespace).next().unwrap_or(text),
        };
        Some(Word {
            whole,
            charset: charset.split('*').next().unwrap_or(charset),
            base64,
            text: end.map(|end| &rest[..end]),
        })
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        if self.whole.len() > MAX_WORD {
            flaws.push(Flaw::Long);
        }
        let bytes = self.text.filter(|text| !text.contains(char::is_whitespace));
        let bytes = bytes.and_then(|text| {
            if self.base64 {
                BASE64.decode(text).ok()
            } else {
                unquoted(text)
            }
        });
        flaws.extend(match bytes {
            None => Some(Flaw::Broken),
            Some(bytes) => in_charset(&bytes, self.charset),
        });
        flaws
    }
}

/// RFC 2047 §4.2.
fn unquoted(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'_' => b' ',
            b'=' => u8::try_from(digit(bytes.next())? * 16 + digit(bytes.next())?).ok()?,
            byte => byte,
        });
    }
    Some(out)
}

fn in_charset(bytes: &[u8], charset: &str) -> Option<Flaw> {
    let charset = charset.to_ascii_lowercase();
    if ["utf-8", "utf8"].contains(&charset.as_str()) {
        let error = std::str::from_utf8(bytes).err()?;
        let continues = |byte: &u8| byte & 0xc0 == 0x80;
        let begins_inside = error.valid_up_to() == 0 && bytes.first().is_some_and(continues);
        let ends_inside = error.error_len().is_none();
        return Some(if begins_inside || ends_inside {
            Flaw::Cut
        } else {
            Flaw::Broken
        });
    }
    if charset == "us-ascii" && bytes.is_ascii() || OTHERS.contains(&charset.as_str()) {
        return None;
    }
    match charset_decoder(charset.as_bytes()) {
        None => Some(Flaw::Charset),
        Some(decode) => decode(bytes).contains('\u{fffd}').then_some(Flaw::Broken),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Vec<Flaw> {
        flaws(value).into_iter().map(|(flaw, _)| flaw).collect()
    }

    #[test]
    fn sound_words_and_what_only_looks_like_one() {
        for sound in [
            "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=",
            "=?UTF-8?b?R3LDvMOfZQ==?= =?utf-8?q?_you?=",
            "=?iso-8859-1*de?Q?Gr=FC=DFe?=",
            "=?us-ascii?q?plain?=",
            "=?windows-1252?Q?=80_50?=",
            "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=",
            "https://brand.example/?a=?b&c=?d",
            "=?cp932?B?ko2Vtg==?= =?iso-2022-kr?B?GyQpQw5EKA8=?=",
            "Really =? yes ?=",
            "=?utf-8?x?no such encoding?=",
        ] {
            assert_eq!(of(sound), [], "{sound}");
        }
    }

    #[test]
    fn each_flaw() {
        let long = format!("=?utf-8?Q?{}?=", "a".repeat(70));
        for (value, flaw) in [
            (long.as_str(), Flaw::Long),
            ("=?utf-9?Q?x?=", Flaw::Charset),
            ("=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", Flaw::Cut),
            ("=?utf-8?Q?=C3?=", Flaw::Cut),
            ("=?utf-8?Q?Gr=FC=DFe?=", Flaw::Broken),
            ("=?utf-8?Q?Order 17?=", Flaw::Broken),
            ("=?utf-8?Q?Order", Flaw::Broken),
            ("=?utf-8?Q?50=%?=", Flaw::Broken),
            ("=?utf-8?B?a!?=", Flaw::Broken),
        ] {
            assert_eq!(of(value).first(), Some(&flaw), "{value}");
        }
        assert_eq!(of("=?utf-8?Q?open =?utf-8?Q?closed?="), [Flaw::Broken]);
    }

    #[test]
    fn a_flood_ends() {
        flaws(&"=?utf-8?Q?".repeat(100_000));
    }
}
