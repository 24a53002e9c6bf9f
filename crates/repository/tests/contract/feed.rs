//! Ways to follow the change feed.

use std::collections::BTreeMap;

use taglink_domain::model::{
    AccountId, AccountScope, Change, ChangeSeq, Changed, Limit, Link, LinkId, Page, PageRequest, Tag, TagId,
    TagLink, TagLinkPosition, TagPosition,
};
use taglink_domain::port::{RepositoryError, Store, TagLinkFilter, UnitOfWork};
use taglink_domain::search::LinkSearch;
use taglink_domain::use_case::changes::{self, Changes, ReadChanges, ReadChangesError, Start};

use crate::fixture::{links_by_pages, page};

/// Asks for changes as a client does.
pub(crate) fn read(
    store: &dyn Store,
    account: AccountId,
    start: Start,
    limit: u16,
) -> Result<Changes, ReadChangesError> {
    let limit = Limit::parse(&limit.to_string()).unwrap();
    let query = ReadChanges { account: Some(account), start, limit };
    futures_executor::block_on(changes::follow(store, query))
}

/// All changes from the beginning.
pub(crate) fn all(store: &dyn Store, account: AccountId) -> Vec<Change> {
    let (mut all, mut last) = (Vec::new(), ChangeSeq::START);
    loop {
        let found = read(store, account, Start::After(last), 1000).unwrap();
        if found.items.is_empty() {
            return all;
        }
        all.extend(found.items);
        last = found.last;
    }
}

/// The numbers of changes.
pub(crate) fn numbers(changes: &[Change]) -> Vec<i64> {
    changes.iter().map(|change| change.seq.get()).collect()
}

/// The number of the account's latest change.
pub(crate) fn latest(store: &dyn Store, account: AccountId) -> i64 {
    read(store, account, Start::Latest, 1).unwrap().last.get()
}

/// What a client knows of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Model {
    links: BTreeMap<LinkId, Link>,
    tags: BTreeMap<TagId, Tag>,
    taglinks: BTreeMap<(TagId, LinkId), TagLink>,
}

impl Model {
    /// Reads the lists, page by page, each in a transaction of its own.
    pub(crate) fn from_lists(store: &dyn Store, account: AccountId) -> Self {
        let scope = AccountScope::One(account);
        let links = links_by_pages(store, scope, &LinkSearch::default(), 5);
        let tags = walk(store, move |uow, page| uow.tags(scope, None, page), |tag| TagPosition::from(tag));
        let taglinks = walk(
            store,
            move |uow, page| uow.taglinks(scope, TagLinkFilter::default(), page),
            |taglink| TagLinkPosition::from(taglink),
        );
        Self {
            links: links.into_iter().map(|link| (link.id, link)).collect(),
            tags: tags.into_iter().map(|tag| (tag.id, tag)).collect(),
            taglinks: taglinks
                .into_iter()
                .map(|taglink| ((taglink.tag_id, taglink.link_id), taglink))
                .collect(),
        }
    }

    fn apply(&mut self, change: Change) {
        match change.now {
            Changed::Link(link) => {
                self.links.insert(link.id, link);
            }
            Changed::Tag(tag) => {
                self.tags.insert(tag.id, tag);
            }
            Changed::TagLink(taglink) => {
                self.taglinks.insert((taglink.tag_id, taglink.link_id), taglink);
            }
            Changed::LinkGone(id) => {
                self.links.remove(&id);
            }
            Changed::TagGone(id) => {
                self.tags.remove(&id);
            }
            Changed::TagLinkGone(tag, link) => {
                self.taglinks.remove(&(tag, link));
            }
        }
    }
}

fn walk<T: Send + 'static, P: Copy + Send + 'static>(
    store: &dyn Store,
    read: impl FnMut(&mut dyn UnitOfWork, &PageRequest<P>) -> Result<Page<T>, RepositoryError>
    + Clone
    + Send
    + 'static,
    position: impl Fn(&T) -> P,
) -> Vec<T> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (mut read, wanted) = (read.clone(), page(5, after));
        let found = futures_executor::block_on(store.read(move |uow| read(uow, &wanted))).unwrap();
        after = found.items.last().map(&position);
        all.extend(found.items);
        if !found.has_more {
            return all;
        }
    }
}

/// A client that follows an account.
pub(crate) struct Follower {
    account: AccountId,
    last: ChangeSeq,
    pub(crate) model: Model,
}

impl Follower {
    /// Follows from the beginning.
    pub(crate) fn from_the_beginning(account: AccountId) -> Self {
        Self { account, last: ChangeSeq::START, model: Model::default() }
    }

    /// Takes the latest number first, then reads the lists.
    pub(crate) fn from_now(store: &dyn Store, account: AccountId) -> Self {
        let last = read(store, account, Start::Latest, 1).unwrap().last;
        Self { account, last, model: Model::from_lists(store, account) }
    }

    /// Applies some changes; false if there are none.
    pub(crate) fn step(&mut self, store: &dyn Store, limit: u16) -> bool {
        let found = read(store, self.account, Start::After(self.last), limit).unwrap();
        let expected: Vec<_> = (self.last.get() + 1..).take(found.items.len()).collect();
        assert_eq!(numbers(&found.items), expected, "numbers have no gaps");
        self.last = found.last;
        let went_on = !found.items.is_empty();
        for change in found.items {
            self.model.apply(change);
        }
        went_on
    }
}
