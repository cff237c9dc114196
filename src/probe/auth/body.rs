//! The canonical body and its hash (RFC 6376 §3.4.3 to §3.4.5, §3.7). Our own, because mail-auth cuts `l=` on the raw body where the
//! RFC counts canonical octets, and keeps lines of white space that relaxed canonicalisation drops at the end.

use ring::digest::{SHA256, digest};

/// The body in canonical form.
pub fn canonical(body: &[u8], relaxed: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 2);
    let mut rest = body;
    while !rest.is_empty() {
        let end = rest.windows(2).position(|pair| pair == b"\r\n");
        let line = &rest[..end.unwrap_or(rest.len())];
        if relaxed {
            push_relaxed(&mut out, line)
        } else {
            out.extend_from_slice(line)
        }
        out.extend_from_slice(b"\r\n");
        rest = &rest[end.map_or(rest.len(), |end| end + 2)..];
    }
    while out.ends_with(b"\r\n\r\n") || out == b"\r\n" {
        out.truncate(out.len() - 2);
    }
    // An empty simple body is one line break, an empty relaxed body is nothing at all.
    if out.is_empty() && !relaxed {
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Runs of blanks and tabs become one blank; those at the end of the line go.
fn push_relaxed(out: &mut Vec<u8>, line: &[u8]) {
    let mut gap = false;
    for byte in line {
        match byte {
            b' ' | b'\t' => gap = true,
            byte => {
                if std::mem::take(&mut gap) {
                    out.push(b' ');
                }
                out.push(*byte);
            }
        }
    }
}

/// SHA-256 of the first `length` octets of a canonical body; `None` where it is shorter than that.
pub fn hash(canonical: &[u8], length: Option<u64>) -> Option<Vec<u8>> {
    let length = length.map_or(Ok(canonical.len()), usize::try_from).ok()?;
    canonical
        .get(..length)
        .map(|signed| digest(&SHA256, signed).as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_keeps_everything_but_empty_lines_at_the_end() {
        assert_eq!(canonical(b" a \t b \r\n\r\n\r\n", false), b" a \t b \r\n");
        assert_eq!(canonical(b"a", false), b"a\r\n");
        assert_eq!(canonical(b"", false), b"\r\n");
        assert_eq!(canonical(b"\r\n\r\n", false), b"\r\n");
        assert_eq!(canonical(b"a\r\n \r\n", false), b"a\r\n \r\n");
    }

    #[test]
    fn relaxed_is_the_example_of_the_rfc() {
        // RFC 6376 §3.4.5
        assert_eq!(canonical(b" C \r\nD \t E\r\n\r\n\r\n", true), b" C\r\nD E\r\n");
        assert_eq!(canonical(b"a\r\n \t\r\n\r\n", true), b"a\r\n");
        assert_eq!(canonical(b"", true), b"");
        assert_eq!(canonical(b" \r\n\t\r\n", true), b"");
    }

    #[test]
    fn length_counts_canonical_octets_and_zero_is_a_length() {
        let body = canonical(b"a  b\r\n\r\n", true);
        assert_eq!(hash(&body, Some(3)), hash(b"a b", None));
        assert_eq!(hash(&body, Some(0)), hash(b"", None));
        assert_eq!(hash(&body, Some(99)), None);
    }
}
