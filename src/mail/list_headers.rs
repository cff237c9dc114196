//! The List-Unsubscribe fields (RFC 2369 §3.2, RFC 8058).

use super::headers::Headers;

/// What the headers say about unsubscribing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListHeaders {
    /// Every URI of every List-Unsubscribe field, in order, without the angle brackets.
    pub unsubscribe: Vec<String>,
    /// `List-Unsubscribe-Post: List-Unsubscribe=One-Click` is there (RFC 8058 §3.1).
    pub one_click: bool,
    /// `List-Id`, as written.
    pub id: Option<String>,
    /// `List-Post` names an address to write to (RFC 2369 §3.4): readers answer here, so it is a discussion.
    pub discussion: bool,
}

impl ListHeaders {
    /// Reads the fields.
    pub fn of(headers: &Headers<'_>) -> ListHeaders {
        let values = headers.all("List-Unsubscribe").map(|header| header.decoded());
        ListHeaders {
            unsubscribe: values.flat_map(|value| uris(&value)).collect(),
            one_click: headers
                .all("List-Unsubscribe-Post")
                .any(|header| header.unfolded().eq_ignore_ascii_case("List-Unsubscribe=One-Click")),
            id: headers.first("List-Id").map(|header| header.decoded()),
            discussion: headers
                .all("List-Post")
                .flat_map(|header| uris(&header.decoded()))
                .any(|uri| uri.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:"))),
        }
    }
}

/// The texts in angle brackets; folding white space inside is not part of a URI.
fn uris(value: &str) -> Vec<String> {
    let open = value.split('<').skip(1);
    open.filter_map(|rest| rest.split_once('>'))
        .map(|(uri, _)| uri.chars().filter(|char| !char.is_whitespace()).collect())
        .collect()
}
