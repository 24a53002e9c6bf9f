//! Long work is done in many transactions, and nothing of it is left or lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_executor::block_on;
use taglink_domain::model::{AccountId, AccountScope, Expected, IdRef, Owner, Tag, TagName};
use taglink_domain::port::{Access, Job, Store};
use taglink_domain::use_case::import::ImportRows;
use taglink_domain::use_case::taglinks::{self, TagLinkQuery};
use taglink_domain::use_case::{accounts, editing, merging};
use taglink_repository::DieselStore;

use crate::feed::latest;
use crate::fixture::{Fixture, OURS, SHARED, page};
use crate::importing::row;
use crate::merging::command;
use crate::on_every_database;

on_every_database!(
    a_tag_that_many_links_carry_is_deleted_in_parts,
    a_tag_is_taken_off_many_links_in_parts,
    tags_that_many_links_carry_are_merged_in_parts,
    what_is_refused_is_refused_before_anything_is_changed,
    an_account_with_many_rows_is_deleted_in_parts,
    the_deletion_of_an_account_goes_on_after_an_interruption,
);

/// How many links carry the tags.
const LINKS: usize = 1_300;

/// Counts the transactions that write.
struct Counting {
    store: Arc<DieselStore>,
    writes: AtomicUsize,
}

impl Counting {
    fn of(fixture: &Fixture) -> Self {
        Self { store: Arc::clone(&fixture.store), writes: AtomicUsize::new(0) }
    }

    fn writes(&self) -> usize {
        self.writes.load(Ordering::Relaxed)
    }
}

impl Store for Counting {
    fn submit(&self, access: Access, job: Box<dyn Job>) {
        if access == Access::Write {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        self.store.submit(access, job);
    }
}

/// Links that carry these tags, all of them.
fn tagged(fixture: &Fixture, account: AccountId, names: &[&str]) -> Vec<Tag> {
    let rows = ImportRows {
        names: names.iter().map(|name| TagName::parse((*name).into()).unwrap()).collect(),
        links: (0..LINKS)
            .map(|number| {
                let mut link = row(number, &format!("https://example.org/{number}"));
                link.names = (0..names.len()).collect();
                link
            })
            .collect(),
        ..ImportRows::default()
    };
    fixture.import(Owner::own(account), rows, false).unwrap();
    fixture.read(move |uow| uow.tags(AccountScope::One(account), None, &page(9, None))).items
}

fn links_of(fixture: &Fixture, tag: &Tag) -> i64 {
    let tag = tag.id;
    fixture.read(move |uow| uow.count_links(OURS, &[tag])).first().map_or(0, |(_, links)| *links)
}

fn a_tag_that_many_links_carry_is_deleted_in_parts(fixture: &Fixture) {
    let tags = tagged(fixture, SHARED, &["gone", "kept"]);
    let (store, gone) = (Counting::of(fixture), IdRef::from(tags[0].id));
    let deletion = || editing::delete_tag_in_parts(&store, OURS, gone.clone(), Expected::Anything);
    assert!(block_on(deletion()).unwrap());
    assert!(store.writes() > 3, "{} transactions", store.writes());
    assert!(!block_on(deletion()).unwrap(), "it is gone");
    assert_eq!((links_of(fixture, &tags[0]), links_of(fixture, &tags[1])), (0, 1_300));
    assert_eq!(fixture.all_links(OURS).len(), LINKS);
}

fn a_tag_is_taken_off_many_links_in_parts(fixture: &Fixture) {
    let tags = tagged(fixture, SHARED, &["off", "on"]);
    let store = Counting::of(fixture);
    let query = TagLinkQuery { tag_id: Some(tags[0].id.into()), link_id: None };
    block_on(taglinks::delete_in_parts(&store, OURS, query)).unwrap();
    assert!(store.writes() > 3, "{} transactions", store.writes());
    assert_eq!((links_of(fixture, &tags[0]), links_of(fixture, &tags[1])), (0, 1_300));
}

fn tags_that_many_links_carry_are_merged_in_parts(fixture: &Fixture) {
    let tags = tagged(fixture, SHARED, &["one", "two"]);
    let target = fixture.tag(SHARED, "target");
    let before = latest(fixture.store.as_ref(), SHARED);
    let (store, wish) = (Counting::of(fixture), command(fixture, &target, &[&tags[0], &tags[1]]));
    block_on(merging::prepare(&store, &wish)).unwrap();
    assert!(store.writes() > 3, "{} transactions", store.writes());
    let (merged, links) = fixture.write(move |uow| merging::merge(uow, &wish)).unwrap();
    assert_eq!((merged.id, merged.version, links), (target.id, 1, 1_300));
    let left = fixture.read(|uow| uow.tags(OURS, None, &page(9, None))).items;
    assert_eq!(left.iter().map(|tag| tag.id).collect::<Vec<_>>(), [target.id]);
    assert_eq!(latest(fixture.store.as_ref(), SHARED) - before, 3 * 1_300 + 2, "each is told");
}

fn what_is_refused_is_refused_before_anything_is_changed(fixture: &Fixture) {
    let tags = tagged(fixture, SHARED, &["one", "two"]);
    let store = Counting::of(fixture);
    let other = Expected::Versions(vec!["7".into()]);
    let refused = editing::delete_tag_in_parts(&store, OURS, tags[0].id.into(), other.clone());
    assert!(matches!(block_on(refused), Err(editing::EditError::Changed)));
    let wish = merging::MergeTags { expected: other, ..command(fixture, &tags[0], &[&tags[1]]) };
    block_on(merging::prepare(&store, &wish)).unwrap();
    assert!(fixture.write(move |uow| merging::merge(uow, &wish)).is_err());
    assert_eq!((links_of(fixture, &tags[0]), links_of(fixture, &tags[1])), (1_300, 1_300));
}

fn an_account_with_many_rows_is_deleted_in_parts(fixture: &Fixture) {
    let account = fixture.other_account();
    tagged(fixture, account, &["one"]);
    let store = Counting::of(fixture);
    let at = fixture.later();
    let scope = AccountScope::One(account);
    assert_eq!(fixture.write(move |uow| accounts::begin_deletion(uow, scope, &account.into(), at)), Ok(true));
    assert_eq!(
        fixture.write(move |uow| accounts::begin_deletion(uow, scope, &account.into(), at)),
        Ok(false)
    );
    assert!(!fixture.read(move |uow| uow.account_exists(account)), "from the beginning");
    assert!(fixture.read(move |uow| uow.account(account)).is_none());
    block_on(accounts::finish_deletion(&store, account)).unwrap();
    assert!(store.writes() > 3, "{} transactions", store.writes());
    assert_eq!(fixture.rows_of(account), [0, 0, 0]);
    assert_eq!(fixture.read(|uow| uow.retired_accounts()), []);
}

fn the_deletion_of_an_account_goes_on_after_an_interruption(fixture: &Fixture) {
    let account = fixture.other_account();
    tagged(fixture, account, &["one"]);
    tagged(fixture, SHARED, &["one"]);
    let at = fixture.later();
    let begun = move |uow: &mut dyn taglink_domain::port::UnitOfWork| {
        accounts::begin_deletion(uow, AccountScope::All, &account.into(), at)?;
        uow.delete_some_rows_of_account(account, 700)
    };
    assert_eq!(fixture.write(begun), Ok(true));
    assert_eq!(fixture.read(|uow| uow.retired_accounts()), [account]);
    block_on(accounts::finish_deletions(fixture.store.as_ref())).unwrap();
    assert_eq!(fixture.rows_of(account), [0, 0, 0]);
    assert_eq!(fixture.read(|uow| uow.retired_accounts()), []);
    assert_eq!(fixture.all_links(OURS).len(), LINKS, "those of others stay");
}
