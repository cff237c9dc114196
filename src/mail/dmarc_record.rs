//! DMARC records as texts: their tags, and the policy that each of the two standards reads out of them.

/// The two standards that receivers follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// RFC 7489: organisations by the public suffix list; knows `p=`, `sp=` and `pct=`.
    SuffixList,
    /// RFC 9989: organisations by the tree walk; knows `np=`, `psd=` and `t=` besides, and no `pct=`.
    TreeWalk,
}

/// The value of a policy tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// The tag is not there.
    Absent,
    /// `none`, `quarantine` or `reject`.
    Policy(String),
    /// Anything else, as written.
    Mistyped(String),
}

impl Word {
    fn policy(&self) -> Option<&str> {
        match self {
            Word::Policy(policy) => Some(policy),
            _ => None,
        }
    }
}

/// A DMARC record (RFC 7489 §6.3, RFC 9989 §4.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The domain it stands at, without `_dmarc.`.
    pub domain: String,
    /// Its text.
    pub text: String,
    /// `p=`.
    pub policy: Word,
    /// `sp=`: the policy of subdomains.
    pub subdomain_policy: Word,
    /// `np=`: the policy of subdomains that do not exist (RFC 9989 alone).
    pub missing_policy: Word,
    /// `rua=` names at least one address for reports.
    pub reports: bool,
    /// `adkim=s`.
    pub strict_dkim: bool,
    /// `aspf=s`.
    pub strict_spf: bool,
    /// `psd=`: `y` for a public suffix, `n` for an organisational domain (RFC 9989 alone).
    pub psd: Option<char>,
    /// `t=y`: receivers are asked not to apply the policy yet (RFC 9989 alone).
    pub testing: bool,
    /// `pct=` below 100: the part of failing mail that the policy is for (RFC 7489 alone).
    pub percent: Option<u8>,
}

/// What a record says of one domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// `none`, `quarantine` or `reject`.
    pub policy: String,
    /// The tag that says it: `p`, `sp` or `np`.
    pub tag: &'static str,
    /// What else there is to know, in words.
    pub notes: Vec<String>,
}

impl Record {
    /// Reads a record; `None` where the text is none: `v=DMARC1` comes first, in capitals.
    pub fn parse(domain: &str, text: &str) -> Option<Record> {
        let mut version = text.split(';').next()?.splitn(2, '=').map(str::trim);
        if version.next() != Some("v") || version.next() != Some("DMARC1") {
            return None;
        }
        let tag = |wanted: &str| tag(text, wanted);
        Some(Record {
            domain: domain.to_owned(),
            text: text.to_owned(),
            policy: word(tag("p")),
            subdomain_policy: word(tag("sp")),
            missing_policy: word(tag("np")),
            reports: tag("rua").is_some_and(|list| list.split(',').any(|uri| is_uri(uri.trim()))),
            strict_dkim: tag("adkim").as_deref() == Some("s"),
            strict_spf: tag("aspf").as_deref() == Some("s"),
            psd: tag("psd")
                .filter(|flag| flag == "y" || flag == "n")
                .and_then(|flag| flag.chars().next()),
            testing: tag("t").as_deref() == Some("y"),
            percent: tag("pct")
                .and_then(|percent| percent.parse().ok())
                .filter(|percent| *percent < 100),
        })
    }

    /// Does it matter whether a domain exists? Only RFC 9989 knows `np=`, and it is for subdomains.
    pub fn asks_existence(&self, standard: Standard, domain: &str) -> bool {
        standard == Standard::TreeWalk
            && domain != self.domain
            && self.spoilt(standard).is_none()
            && self.missing_policy.policy().is_some()
    }

    /// The policy for mail from `domain`, which is this record's or below it. `exists` is `None` where that is not known. Fails, in
    /// words, where receivers apply no DMARC because of it.
    pub fn policy_for(&self, standard: Standard, domain: &str, exists: Option<bool>) -> Result<Stated, String> {
        let mut notes = self.requests(standard);
        if let Some(what) = self.spoilt(standard) {
            if !self.reports {
                return Err(format!("the record at _dmarc.{} {what}: {}", self.domain, self.text));
            }
            notes.push(format!("it {what}, so receivers act as if it said p=none"));
            return Ok(Stated {
                policy: "none".to_owned(),
                tag: "p",
                notes,
            });
        }
        let (tag, policy) = self.chosen(standard, domain, exists);
        if exists.is_none() && self.asks_existence(standard, domain) {
            let missing = self.missing_policy.policy().unwrap_or_default();
            notes.push(format!(
                "np={missing} applies instead where {domain} does not exist in DNS"
            ));
        }
        Ok(Stated {
            policy: policy.to_owned(),
            tag,
            notes,
        })
    }

    fn chosen(&self, standard: Standard, domain: &str, exists: Option<bool>) -> (&'static str, &str) {
        let own = ("p", self.policy.policy().unwrap_or("none"));
        if domain == self.domain {
            return own;
        }
        let missing = (standard == Standard::TreeWalk && exists == Some(false))
            .then(|| self.missing_policy.policy())
            .flatten();
        let below = missing.map(|policy| ("np", policy));
        below
            .or(self.subdomain_policy.policy().map(|policy| ("sp", policy)))
            .unwrap_or(own)
    }

    /// Why the record says no policy (RFC 7489 §6.6.3, RFC 9989 §4.10.1): no usable `p=`, or a mistyped policy for subdomains. A
    /// receiver that does not know `np=` passes over it.
    fn spoilt(&self, standard: Standard) -> Option<String> {
        let below = [("sp", &self.subdomain_policy), ("np", &self.missing_policy)];
        let known = if standard == Standard::TreeWalk { 2 } else { 1 };
        let mistyped = |(tag, word): (&str, &Word)| match word {
            Word::Mistyped(text) => Some(format!("has {tag}={text}, which is no policy")),
            _ => None,
        };
        match &self.policy {
            Word::Absent => Some("says no policy".to_owned()),
            own => mistyped(("p", own)).or_else(|| below.into_iter().take(known).find_map(mistyped)),
        }
    }

    /// What it asks of receivers beside the policy.
    fn requests(&self, standard: Standard) -> Vec<String> {
        match standard {
            Standard::TreeWalk if self.testing => vec!["t=y: receivers are asked not to apply it yet".to_owned()],
            Standard::SuffixList => self
                .percent
                .map(|percent| format!("pct={percent}: the rest of what fails is treated one step milder"))
                .into_iter()
                .collect(),
            Standard::TreeWalk => Vec::new(),
        }
    }
}

/// The first value of a tag, in lower case.
fn tag(text: &str, wanted: &str) -> Option<String> {
    let pairs = text.split(';').filter_map(|part| part.split_once('='));
    let mut values = pairs
        .filter(|(key, _)| key.trim().eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.trim());
    values.next().map(str::to_ascii_lowercase)
}

fn word(value: Option<String>) -> Word {
    match value {
        None => Word::Absent,
        Some(policy) if ["none", "quarantine", "reject"].contains(&policy.as_str()) => Word::Policy(policy),
        Some(other) => Word::Mistyped(other),
    }
}

/// A scheme and something after it (RFC 3986 §3).
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ['+', '-', '.'].contains(&letter);
    let address = scheme != "mailto"
        || rest
            .split_once('@')
            .is_some_and(|(who, host)| !who.is_empty() && !host.is_empty());
    scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.chars().all(plain)
        && !rest.is_empty()
        && !rest.contains(char::is_whitespace)
        && address
}
