//! The bytes that `b=` is made over (RFC 6376 §3.4.1, §3.4.2, §3.7): the signed fields in canonical form, then the signature's own. Our
//! own, because mail-auth takes any control character for a blank and loses blanks before a colon.

use crate::mail::headers::Header;

/// What is signed, of `fields`, by the signature at `own`. Fields of one name are taken from the bottom up (§5.4.2); a name of which
/// there is no field left adds nothing.
pub fn signed(fields: &[Header<'_>], own: usize, names: &[String], relaxed: bool) -> Vec<u8> {
    let mut data = Vec::new();
    let mut used = vec![false; fields.len()];
    used[own] = true;
    for name in names {
        let found = (0..fields.len()).rev().find(|at| !used[*at] && fields[*at].is(name));
        if let Some(at) = found {
            used[at] = true;
            push(&mut data, fields[at].name, fields[at].whole, relaxed);
        }
    }
    push(&mut data, fields[own].name, &without_signature(&fields[own]), relaxed);
    // The last field goes without its line break.
    let end = data
        .strip_suffix(b"\n")
        .map(|rest| rest.strip_suffix(b"\r").unwrap_or(rest));
    let end = end.map_or(data.len(), <[u8]>::len);
    data.truncate(end);
    data
}

fn push(out: &mut Vec<u8>, name: &str, whole: &[u8], relaxed: bool) {
    if !relaxed {
        return out.extend_from_slice(whole);
    }
    let colon = whole.iter().position(|byte| *byte == b':').unwrap_or(whole.len());
    out.extend_from_slice(name.to_ascii_lowercase().as_bytes());
    out.push(b':');
    push_value(out, whole.get(colon + 1..).unwrap_or_default());
    out.extend_from_slice(b"\r\n");
}

/// Unfolded; runs of blanks and tabs become one blank, those at both ends go.
fn push_value(out: &mut Vec<u8>, value: &[u8]) {
    let (start, mut gap, mut at) = (out.len(), false, 0);
    let value = value.strip_suffix(b"\n").unwrap_or(value);
    while at < value.len() {
        match value[at] {
            b' ' | b'\t' => gap = true,
            b'\r' if value[at + 1..].first().is_none_or(|next| *next == b'\n') => at += 1,
            byte => {
                if std::mem::take(&mut gap) && out.len() > start {
                    out.push(b' ');
                }
                out.push(byte);
            }
        }
        at += 1;
    }
}

/// The field with the value of `b=` taken out, blanks around it too; its line break stays.
fn without_signature(field: &Header<'_>) -> Vec<u8> {
    let start = field.whole.len() - field.raw.len();
    let mut out = field.whole[..start].to_vec();
    for (index, part) in field.raw.split(|byte| *byte == b';').enumerate() {
        if index > 0 {
            out.push(b';');
        }
        let equals = part.iter().position(|byte| *byte == b'=');
        match equals {
            Some(equals) if part[..equals].trim_ascii() == b"b" => out.extend_from_slice(&part[..=equals]),
            _ => out.extend_from_slice(part),
        }
    }
    if !out.ends_with(b"\n") {
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::headers::Headers;

    fn data(raw: &[u8], names: &[&str], relaxed: bool) -> String {
        let headers = Headers::of(raw);
        let own = headers
            .fields
            .iter()
            .position(|field| field.is("DKIM-Signature"))
            .unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        String::from_utf8(signed(&headers.fields, own, &names, relaxed)).unwrap()
    }

    const RAW: &[u8] = b"A : x\t \r\n  y \r\nDKIM-Signature: b = abc\r\n def ;\r\n d=e; bh=b\r\nA:z\r\n\r\n";

    #[test]
    fn relaxed_is_as_the_rfc_says() {
        assert_eq!(
            data(RAW, &["a", "a", "a"], true),
            "a:z\r\na:x y\r\ndkim-signature:b =; d=e; bh=b"
        );
    }

    #[test]
    fn simple_changes_nothing() {
        assert_eq!(
            data(RAW, &["a", "a"], false),
            "A:z\r\nA : x\t \r\n  y \r\nDKIM-Signature: b =;\r\n d=e; bh=b"
        );
    }

    #[test]
    fn only_a_whole_line_break_unfolds() {
        let raw = b"A: x\ry\x0c\x0bz\r\nDKIM-Signature: b=abc\r\n\r\n";
        assert_eq!(data(raw, &["a"], true), "a:x\ry\x0c\x0bz\r\ndkim-signature:b=");
    }
}
