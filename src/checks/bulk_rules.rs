//! The rules that Gmail, Yahoo and Microsoft have for bulk senders, each looked at by itself. Everything follows from the evidence and from
//! what other checks make of it; whose rule is which is said by the providers' own checks.

use super::bulk_sender::{Answer, Said, not_visible, said};
use super::check::Subject;
use super::header_hygiene;
use super::list_unsubscribe::{self, Cover};
use super::spoken_for::{self, Outcome, SpokenFor};
use super::standing::{self, Standing};
use super::transport_tls::{self, How};
use super::web;
use crate::mail::links::{Link, Part};
use crate::mail::received;
use crate::mail::reverse_name::{self, ReverseName};
use crate::model::{Authentication, Category, DmarcResult, Finding, LinkKind, SpfFact, SpfResult, Verdict};
use std::collections::BTreeSet;

/// A message, with what several rules ask of it.
pub(super) struct Rules<'s> {
    subject: &'s Subject<'s>,
    auth: &'s Authentication,
    spoken: SpokenFor,
    hygiene: Vec<Finding>,
}

impl<'s> Rules<'s> {
    /// `None` where nothing was verified.
    pub(super) fn of(subject: &'s Subject<'s>) -> Option<Rules<'s>> {
        let auth = subject.evidence.authentication.as_ref()?;
        Some(Rules {
            subject,
            auth,
            spoken: spoken_for::ask(subject, auth),
            hygiene: header_hygiene::judge(subject),
        })
    }

    /// SPF passes, for whichever envelope domain.
    pub(super) fn spf(&self) -> Answer {
        let Some(SpfFact {
            result, domain, client, ..
        }) = &self.auth.spf
        else {
            return not_visible("the client's address or the envelope sender is not known");
        };
        match result {
            SpfResult::Pass => said(Said::Pass, format!("{client} may send for {domain}")),
            SpfResult::TempError => said(Said::Unknown, format!("DNS failed for {domain}")),
            other => {
                let word = format!("{other:?}").to_lowercase();
                said(Said::Fail, format!("the record of {domain} says {word} for {client}"))
            }
        }
    }

    /// A signature verifies; one of the From domain's organisation, if it is to be no more than flagged.
    pub(super) fn dkim(&self) -> Answer {
        let standings = || {
            self.auth
                .dkim
                .iter()
                .map(|fact| (fact, standing::of(fact, self.subject)))
        };
        let verified = standings().filter(|(_, standing)| standing.passes());
        let verified: BTreeSet<String> = verified.map(|(fact, _)| fact.domain.clone()).collect();
        let mut unknown = standings().filter(|(_, standing)| matches!(standing, Standing::Unknown(..)));
        let unknown = unknown
            .next()
            .map(|(fact, standing)| format!("{}: {}", fact.domain, standing.words()));
        let signed = format!("signed by {}", verified.iter().cloned().collect::<Vec<_>>().join(", "));
        match self.spoken.dkim {
            Outcome::Aligned | Outcome::Differs => said(Said::Pass, signed),
            _ if self.auth.from_domain.is_none() && !verified.is_empty() => said(Said::Pass, signed),
            Outcome::NotAligned if !verified.is_empty() => said(
                Said::Flagged,
                format!("{signed}, and not by the From domain, for which it is asked"),
            ),
            Outcome::NotAligned | Outcome::Unknown => match unknown {
                Some(words) => said(Said::Unknown, words),
                None if !verified.is_empty() => {
                    said(Said::Unknown, format!("{signed}; whether that aligns is not known"))
                }
                None if self.auth.dkim.is_empty() => said(Said::Fail, "not signed"),
                None => said(Said::Fail, "no signature verifies"),
            },
        }
    }

    /// A DMARC record is published.
    pub(super) fn dmarc_record(&self) -> Answer {
        let dmarc = &self.auth.dmarc;
        let Some(from) = &self.auth.from_domain else {
            return not_visible("there is not exactly one From address");
        };
        match dmarc.result {
            DmarcResult::TempError => said(Said::Unknown, format!("DNS failed for {from}")),
            DmarcResult::None => said(Said::Fail, format!("{from} has none")),
            DmarcResult::PermError => said(Said::Fail, format!("receivers do not use that of {from}")),
            DmarcResult::Pass | DmarcResult::Fail => {
                let policy = dmarc.policy.as_deref().unwrap_or("none");
                said(Said::Pass, format!("p={policy} for {from}"))
            }
        }
    }

    /// DKIM or SPF speaks for the From domain.
    pub(super) fn aligned(&self) -> Answer {
        let Some(from) = &self.auth.from_domain else {
            return not_visible("there is not exactly one From address");
        };
        let by = match (self.spoken.dkim, self.spoken.spf) {
            (Outcome::Aligned, Outcome::Aligned) => "DKIM and SPF",
            (Outcome::Aligned, _) => "DKIM",
            _ => "SPF",
        };
        match self.spoken.outcome {
            Outcome::Aligned => said(Said::Pass, format!("{by} with {from}")),
            Outcome::Differs => said(Said::Flagged, format!("with {from} by one reading of two")),
            Outcome::Unknown => said(Said::Unknown, format!("whether anything speaks for {from}")),
            Outcome::NotAligned => said(Said::Fail, format!("neither DKIM nor SPF with {from}")),
        }
    }

    /// Both of them do. Of a voice that is not known, its own rule tells.
    pub(super) fn both_aligned(&self) -> Answer {
        let (said, words) = self.aligned();
        let voices = [self.spoken.dkim, self.spoken.spf];
        match said {
            Said::Pass if voices.contains(&Outcome::Unknown) => (said, format!("{words}; the other is not known")),
            Said::Pass if voices != [Outcome::Aligned; 2] => (
                Said::Flagged,
                format!("{words} alone; one is enough, both are preferred"),
            ),
            said => (said, words),
        }
    }

    /// It came over TLS.
    pub(super) fn tls(&self) -> Answer {
        match transport_tls::last_hop(self.subject) {
            None => not_visible("no Received line of the provider says how it came"),
            Some((_, How::Plain)) => said(Said::Fail, "came in the clear"),
            Some((_, How::Tls(version))) if transport_tls::is_old(version) => {
                said(Said::Flagged, format!("came over {version}, which is withdrawn"))
            }
            Some((_, How::Tls(version))) => said(Said::Pass, format!("came over {version}")),
        }
    }

    /// Nothing of what `header-hygiene` says by these codes.
    pub(super) fn form(&self, codes: &[&str], sound: &str) -> Answer {
        let code = |finding: &Finding| finding.reason.rsplit('.').next().unwrap_or_default().to_owned();
        let wrong = self
            .hygiene
            .iter()
            .find(|finding| finding.verdict == Verdict::Fail && codes.contains(&code(finding).as_str()));
        match wrong {
            Some(finding) => said(Said::Fail, finding.summary.clone()),
            None => said(Said::Pass, sound),
        }
    }

    /// The address that sent it has a name that leads back to it.
    pub(super) fn reverse_name(&self) -> Answer {
        let line = received::trusted_client(
            self.subject.reading.received(),
            &self.subject.policy.provider.received_by,
        );
        let Some(client) = line
            .and_then(|line| line.client_ip)
            .filter(|ip| !received::is_private(*ip))
        else {
            return not_visible("the sending server's address is not known");
        };
        match reverse_name::of(&self.subject.evidence.dns, client) {
            ReverseName::Confirmed(name) => said(Said::Pass, format!("{client} is {name}")),
            ReverseName::Missing => said(Said::Fail, format!("{client} has no name")),
            ReverseName::NotConfirmed(names) => {
                let names = web::listed(&names);
                said(
                    Said::Fail,
                    format!("{client} is called {names}, which does not lead back"),
                )
            }
            ReverseName::Unknown => said(Said::Unknown, format!("DNS failed for {client}")),
            ReverseName::NotAsked => not_visible("DNS was not asked for the sending server's name"),
        }
    }

    /// One-click unsubscribing (RFC 8058), asked of marketing mail alone.
    pub(super) fn one_click(&self) -> Answer {
        if self.subject.policy.category != Category::Marketing {
            return said(
                Said::NotApplicable,
                format!("a {} message", self.subject.policy.category),
            );
        }
        let list = self.subject.reading.list_headers();
        let https = |uri: &String| uri.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
        if list.unsubscribe.is_empty() {
            return said(Said::Fail, "no List-Unsubscribe");
        }
        if !list.unsubscribe.iter().any(https) {
            return said(Said::Fail, "List-Unsubscribe has no https address");
        }
        if !list.one_click {
            return said(Said::Fail, "no List-Unsubscribe-Post: List-Unsubscribe=One-Click");
        }
        match list_unsubscribe::cover(self.auth, self.subject) {
            Cover::Signed => said(Said::Pass, "both fields are there and signed"),
            Cover::Unknown(_) => said(
                Said::Unknown,
                "both fields are there; whether they are signed is not known",
            ),
            Cover::Unsigned(_) => said(
                Said::Fail,
                "no signature that verifies covers both fields (RFC 8058 §4)",
            ),
        }
    }

    /// A List-Unsubscribe of any kind; one-click is advised.
    pub(super) fn list_unsubscribe(&self) -> Answer {
        match self.one_click() {
            (Said::Fail, words) if !self.subject.reading.list_headers().unsubscribe.is_empty() => {
                (Said::Flagged, format!("{words}; one-click is advised"))
            }
            answer => answer,
        }
    }

    /// A link to unsubscribe in the body. Who reads the HTML part does not see what stands in the text part.
    pub(super) fn body_link(&self) -> Answer {
        let reading = self.subject.reading;
        let seen = |link: &&Link| reading.html().is_none() || link.part == Part::Html;
        let mut links = reading.links().iter().filter(seen);
        let found = links.find(|link| link.kind == LinkKind::Unsubscribe);
        match (self.subject.policy.category, found, reading.page()) {
            (Category::Transactional, ..) => said(Said::NotApplicable, "a transactional message"),
            (_, Some(link), _) => said(Said::Pass, web::name(link)),
            (_, None, Err(why)) => not_visible(why.words()),
            (_, None, Ok(_)) => said(Said::Fail, "no link in the body unsubscribes"),
        }
    }

    /// Some way to unsubscribe, advised and not enforced.
    pub(super) fn any_unsubscribe(&self) -> Answer {
        match (
            self.body_link(),
            self.subject.reading.list_headers().unsubscribe.first(),
        ) {
            ((Said::Fail | Said::NotVisible, _), Some(uri)) => said(Said::Pass, web::short(uri)),
            ((Said::Fail, words), None) => (Said::Flagged, format!("{words}, and there is no List-Unsubscribe")),
            (answer, _) => answer,
        }
    }
}
