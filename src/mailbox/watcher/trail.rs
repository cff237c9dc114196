//! From sightings to copies: one message that was moved is one copy, and so is one that shows under several labels.

use super::moment::Moment;
use crate::model::{FolderRole, MatchedBy};
use time::OffsetDateTime;
use tokio::time::Instant;

/// One message at one place.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Folder, decoded.
    pub folder: String,
    /// Its role.
    pub role: FolderRole,
    /// UIDVALIDITY at the sighting.
    pub uid_validity: u32,
    /// UID.
    pub uid: u32,
    /// First sighting.
    pub at: Moment,
    /// Beginning of the last complete look at the folder without it.
    pub absent_until: Option<Instant>,
    /// Last time it was certainly there.
    pub last_present: Instant,
    /// Was it not there any more when last looked for?
    pub gone: bool,
    /// RFC822.SIZE.
    pub size: u64,
    /// INTERNALDATE.
    pub internal_date: Option<OffsetDateTime>,
    /// X-GM-MSGID.
    pub gmail_id: Option<u64>,
    /// Gmail's category.
    pub tab: Option<String>,
    /// What matched.
    pub matched_by: MatchedBy,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// The first address of its From.
    pub from: Option<String>,
    /// SHA-256 of the bytes, where they were read.
    pub digest: Option<[u8; 32]>,
}

/// The copies among sightings in order of time: for each the index of the sighting that says where it is now (or was last).
pub fn copies(seen: &[Seen]) -> Vec<usize> {
    let mut chains: Vec<Vec<usize>> = Vec::new();
    for (index, one) in seen.iter().enumerate() {
        let of = |chain: &&mut Vec<usize>, test: &dyn Fn(&[&Seen], &Seen) -> bool| {
            let members: Vec<&Seen> = chain.iter().map(|member| &seen[*member]).collect();
            test(&members, one)
        };
        let home = [is_view as fn(&[&Seen], &Seen) -> bool, is_move]
            .iter()
            .find_map(|test| (0..chains.len()).find(|at| of(&&mut chains[*at].clone(), test)));
        match home {
            Some(at) => chains[at].push(index),
            None => chains.push(vec![index]),
        }
    }
    chains.iter().filter_map(|chain| resting(seen, chain)).collect()
}

/// The same message under another label (RFC 6154 `\All` is a view; Gmail shows one message in many folders).
fn is_view(members: &[&Seen], one: &Seen) -> bool {
    let same_id = |member: &&Seen| member.gmail_id.is_some() && member.gmail_id == one.gmail_id;
    let same_bytes = |member: &&Seen| member.digest.is_some() && member.digest == one.digest;
    let has_all = members
        .iter()
        .any(|member| member.role == FolderRole::All && !member.gone);
    let only_all = members.iter().all(|member| member.role == FolderRole::All);
    members.iter().any(same_id)
        || (one.gmail_id.is_none()
            && members.iter().any(same_bytes)
            && ((one.role == FolderRole::All && !has_all) || (one.role != FolderRole::All && only_all)))
}

/// The same message at a new place: it is nowhere else any more, and was not seen elsewhere after it was seen here.
fn is_move(members: &[&Seen], one: &Seen) -> bool {
    members
        .iter()
        .all(|member| member.gone && member.last_present <= one.at.instant)
}

/// Where a copy is: of the places where it still is the most telling one, else the last place where it was.
fn resting(seen: &[Seen], chain: &[usize]) -> Option<usize> {
    let telling = |index: &usize| match seen[*index].role {
        FolderRole::All => 1,
        FolderRole::Other => 2,
        FolderRole::Archive => 3,
        FolderRole::Trash => 4,
        FolderRole::Junk => 5,
        FolderRole::Inbox => 6,
    };
    let present = chain
        .iter()
        .filter(|index| !seen[**index].gone)
        .max_by_key(|index| telling(index));
    present
        .or_else(|| chain.iter().max_by_key(|index| seen[**index].last_present))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A sighting in `folder` at second `at`; `until` is the last second it was there, `None` if it still is.
    fn seen(origin: Moment, role: FolderRole, at: u64, until: Option<u64>) -> Seen {
        let later = |seconds| Moment {
            instant: origin.instant + Duration::from_secs(seconds),
            wall: origin.wall,
        };
        Seen {
            folder: format!("{role:?}"),
            role,
            uid_validity: 1,
            uid: 1,
            at: later(at),
            absent_until: None,
            last_present: later(until.unwrap_or(100)).instant,
            gone: until.is_some(),
            size: 1,
            internal_date: None,
            gmail_id: None,
            tab: None,
            matched_by: MatchedBy::Header,
            message_id: None,
            from: None,
            digest: Some([0; 32]),
        }
    }

    use FolderRole::{All, Archive, Inbox, Junk, Trash};

    #[test]
    fn a_move_is_one_copy_and_two_at_a_time_are_two() {
        let now = Moment::now();
        assert_eq!(copies(&[seen(now, Inbox, 1, Some(2)), seen(now, Junk, 3, None)]), [1]);
        assert_eq!(copies(&[seen(now, Inbox, 1, None), seen(now, Junk, 3, None)]), [0, 1]);
        // Seen in the inbox after it was seen in junk: two, though one is gone now.
        assert_eq!(
            copies(&[seen(now, Inbox, 1, Some(4)), seen(now, Junk, 3, None)]),
            [0, 1]
        );
        // Twice in one folder.
        assert_eq!(copies(&[seen(now, Inbox, 1, None), seen(now, Inbox, 1, None)]), [0, 1]);
        // Through three folders and out.
        let through = [
            seen(now, Inbox, 1, Some(2)),
            seen(now, Junk, 3, Some(4)),
            seen(now, Trash, 5, Some(6)),
        ];
        assert_eq!(copies(&through), [2]);
        assert_eq!(copies(&[]), [0usize; 0]);
    }

    #[test]
    fn labels_of_one_message_are_one_copy() {
        let now = Moment::now();
        let labelled = |role, id| Seen {
            gmail_id: Some(id),
            ..seen(now, role, 1, None)
        };
        assert_eq!(
            copies(&[labelled(All, 7), labelled(Inbox, 7), labelled(Archive, 7)]),
            [1]
        );
        let two = [
            labelled(Inbox, 7),
            labelled(Inbox, 8),
            labelled(All, 7),
            labelled(All, 8),
        ];
        assert_eq!(copies(&two), [0, 1]);
    }

    #[test]
    fn without_ids_the_bytes_decide_what_all_mail_repeats() {
        let now = Moment::now();
        assert_eq!(copies(&[seen(now, Inbox, 1, None), seen(now, All, 1, None)]), [0]);
        assert_eq!(copies(&[seen(now, All, 1, None), seen(now, Inbox, 2, None)]), [1]);
        // Two deliveries of the same bytes show twice in both.
        let both = [Inbox, Inbox, All, All].map(|role| seen(now, role, 1, None));
        assert_eq!(copies(&both).len(), 2);
        let mut other = seen(now, All, 1, None);
        other.digest = Some([1; 32]);
        assert_eq!(copies(&[seen(now, Inbox, 1, None), other]).len(), 2);
    }
}
