//! What a job, or a transaction, has changed so far: kept until its end, when the changes are numbered and stored.

use std::collections::{BTreeMap, HashMap};

use taglink_domain::model::{AccountId, LinkId, TagId};

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Row {
    Link(LinkId),
    Tag(TagId),
    TagLink(TagId, LinkId),
}

/// What has become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Stored,
    Removed,
}

/// Changes by account; each row once.
#[derive(Debug, Default)]
pub(super) struct Noted(BTreeMap<AccountId, Rows>);

#[derive(Debug, Default)]
struct Rows {
    /// Whether what was noted before is void.
    starts_anew: bool,
    /// In the order in which they are told; what was told again later leaves a gap.
    order: Vec<Option<Row>>,
    places: HashMap<Row, (usize, Fate)>,
}

impl Noted {
    /// Notes a change.
    pub(super) fn note(&mut self, account: AccountId, row: Row, fate: Fate) {
        self.0.entry(account).or_default().note(row, fate);
    }

    /// Forgets what was noted of an account, also by those that [`Self::append`] adds this to.
    pub(super) fn forget(&mut self, account: AccountId) {
        self.0.insert(account, Rows { starts_anew: true, ..Rows::default() });
    }

    /// Adds what was noted later.
    pub(super) fn append(&mut self, later: &mut Self) {
        for (account, later) in std::mem::take(&mut later.0) {
            let rows = self.0.entry(account).or_default();
            if later.starts_anew {
                *rows = later;
            } else {
                for row in later.order.into_iter().flatten() {
                    let fate = later.places.get(&row).map_or(Fate::Stored, |(_, fate)| *fate);
                    rows.note(row, fate);
                }
            }
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes everything out: what has changed in each account, accounts ascending.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (AccountId, Vec<Row>)> + use<> {
        let accounts = std::mem::take(&mut self.0);
        let told = accounts
            .into_iter()
            .map(|(account, rows)| (account, rows.order.into_iter().flatten().collect::<Vec<_>>()));
        told.filter(|(_, rows)| !rows.is_empty())
    }
}

impl Rows {
    /// What was stored keeps its first place, so that a tag comes before what it is on, also if it is changed once more;
    /// what was removed, or is there again, comes last, so that what hung on it goes first.
    fn note(&mut self, row: Row, fate: Fate) {
        let place = (self.order.len(), fate);
        match self.places.insert(row, place) {
            Some(before @ (_, Fate::Stored)) if fate == Fate::Stored => {
                self.places.insert(row, before);
                return;
            }
            Some((before, _)) => {
                if let Some(told) = self.order.get_mut(before) {
                    *told = None;
                }
            }
            None => {}
        }
        self.order.push(Some(row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(noted: &mut Noted) -> Vec<(AccountId, Vec<Row>)> {
        noted.take().collect()
    }

    #[test]
    fn each_row_is_told_once_and_the_last_word_counts() {
        let (account, tag, link) = (AccountId::SHARED, TagId::new(), LinkId::new());
        let mut noted = Noted::default();
        for row in [Row::Link(link), Row::Tag(tag), Row::TagLink(tag, link), Row::Link(link)] {
            noted.note(account, row, Fate::Stored);
        }
        noted.note(account, Row::Tag(tag), Fate::Removed);
        assert_eq!(
            taken(&mut noted),
            [(account, vec![Row::Link(link), Row::TagLink(tag, link), Row::Tag(tag)])]
        );
        assert_eq!(taken(&mut noted), []);
    }

    #[test]
    fn what_comes_back_after_its_removal_is_told_last() {
        let (account, tag, link) = (AccountId::SHARED, TagId::new(), LinkId::new());
        let mut noted = Noted::default();
        noted.note(account, Row::TagLink(tag, link), Fate::Removed);
        noted.note(account, Row::Link(link), Fate::Stored);
        noted.note(account, Row::TagLink(tag, link), Fate::Stored);
        assert_eq!(taken(&mut noted), [(account, vec![Row::Link(link), Row::TagLink(tag, link)])]);
    }

    #[test]
    fn what_is_added_later_is_the_last_word() {
        let (account, gone, tag, link) = (AccountId::SHARED, AccountId::new(), TagId::new(), LinkId::new());
        let [mut noted, mut later] = [Noted::default(), Noted::default()];
        noted.note(account, Row::Tag(tag), Fate::Stored);
        noted.note(account, Row::Link(link), Fate::Stored);
        noted.note(gone, Row::Tag(tag), Fate::Stored);
        later.note(account, Row::Tag(tag), Fate::Removed);
        later.note(account, Row::Link(link), Fate::Stored);
        later.forget(gone);
        noted.append(&mut later);
        assert_eq!(taken(&mut later), []);
        assert_eq!(taken(&mut noted), [(account, vec![Row::Link(link), Row::Tag(tag)])]);
    }

    #[test]
    fn accounts_are_told_apart_and_ascend() {
        let mut noted = Noted::default();
        let accounts = [AccountId::SHARED, AccountId::new(), AccountId::new()];
        for account in accounts.iter().rev() {
            noted.note(*account, Row::Tag(TagId::new()), Fate::Stored);
        }
        noted.forget(accounts[1]);
        let told: Vec<_> = noted.take().map(|(account, rows)| (account, rows.len())).collect();
        assert_eq!(told, [(accounts[0], 1), (accounts[2], 1)]);
    }
}
