//! Whoever follows the feed ends with what is stored, whatever many writers do at the same time.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use taglink_domain::model::{AccountId, AccountScope, IdRef, LinkId, LinkUrl, Owner, TagId, TagName};
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::links::{CreateLink, CreateLinkError, TagChoice};
use taglink_domain::use_case::taglinks::{CreateTagLink, CreateTagLinkError, TagLinkQuery};
use taglink_domain::use_case::tags::{CreateTag, CreateTagError};
use taglink_domain::use_case::{links, taglinks, tags};

use crate::feed::{Follower, Model, latest};
use crate::fixture::{Fixture, at_once};
use crate::on_every_database;

on_every_database!(whoever_follows_ends_with_what_is_stored);

const WRITERS: usize = 6;
const OPERATIONS: usize = 60;

/// Random numbers that a failed test can be repeated with.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % limit
    }

    fn one_of<T: Copy>(&mut self, of: &Mutex<Vec<T>>) -> Option<T> {
        let of = of.lock().unwrap();
        (!of.is_empty()).then(|| of[self.below(of.len())])
    }
}

/// A writer that is at work; dropped when it has ended, however that came.
struct AtWork<'a>(&'a AtomicUsize);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What writers know of each other.
struct World<'a> {
    fixture: &'a Fixture,
    accounts: [AccountId; 2],
    tags: Mutex<Vec<TagId>>,
    links: Mutex<Vec<LinkId>>,
}

impl World<'_> {
    /// Does something, or tries to.
    fn act(&self, random: &mut Random) -> Result<(), String> {
        let account = self.accounts[random.below(2)];
        let (owner, at) = (Owner::chosen(account.into()), self.fixture.later());
        let scope = if random.below(4) == 0 { AccountScope::All } else { AccountScope::One(account) };
        let name = TagName::parse(format!("tag {}", random.below(6))).unwrap();
        let url = LinkUrl::parse(format!("https://example.com/{}", random.below(10))).unwrap();
        let tag_id = random.one_of(&self.tags).unwrap_or_default();
        let link_id = random.one_of(&self.links).unwrap_or_default();
        let (tag_ref, link_ref) = (IdRef::from(tag_id), IdRef::from(link_id));
        match random.below(12) {
            0..=3 => {
                let named = random.below(3) > 0;
                let tag = if named { TagChoice::Named(name) } else { TagChoice::Existing(tag_ref) };
                let gives_up = random.below(5) == 0;
                let command = CreateLink { owner, url, tag, title: None, notes: None, created_at: None, at };
                match self.fixture.write(move |uow| {
                    let link = links::create(uow, &command)?;
                    if gives_up { Err(RepositoryError::Internal("gave up".into()).into()) } else { Ok(link) }
                }) {
                    Ok(link) => self.links.lock().unwrap().push(link.id),
                    Err(CreateLinkError::TagNotFound { .. }) => {}
                    Err(CreateLinkError::Repository(error)) => return tolerate(error),
                    Err(odd) => return Err(odd.to_string()),
                }
            }
            4 | 5 => {
                let command = CreateTag { owner, name, at };
                match self.fixture.write(move |uow| tags::create(uow, &command)) {
                    Ok(tag) => self.tags.lock().unwrap().push(tag.id),
                    Err(CreateTagError::NameTaken { .. }) => {}
                    Err(CreateTagError::Repository(error)) => return tolerate(error),
                    Err(odd) => return Err(odd.to_string()),
                }
            }
            6 | 7 => {
                let command = CreateTagLink { owner, tag_id: tag_ref, link_id: link_ref, at };
                match self.fixture.write(move |uow| taglinks::create(uow, &command)) {
                    Ok(_)
                    | Err(
                        CreateTagLinkError::TagNotFound { .. }
                        | CreateTagLinkError::LinkNotFound { .. }
                        | CreateTagLinkError::Exists { .. },
                    ) => {}
                    Err(CreateTagLinkError::Repository(error)) => return tolerate(error),
                    Err(odd) => return Err(odd.to_string()),
                }
            }
            8 => {
                let deleted = self.fixture.write(move |uow| links::delete(uow, scope, &link_ref));
                return deleted.map(drop).or_else(tolerate);
            }
            9 => {
                let deleted = self.fixture.write(move |uow| tags::delete(uow, scope, &tag_ref));
                return deleted.map(drop).or_else(tolerate);
            }
            10 => {
                let filter = random.below(3);
                let query = TagLinkQuery {
                    tag_id: (filter != 0).then_some(tag_ref),
                    link_id: (filter != 1).then_some(link_ref),
                };
                let deleted = self.fixture.write(move |uow| taglinks::delete(uow, scope, &query));
                return deleted.map(drop).or_else(tolerate);
            }
            _ => {
                // Several at once, and once more the same.
                let command = CreateLink {
                    owner,
                    url,
                    tag: TagChoice::Named(name),
                    title: None,
                    notes: None,
                    created_at: None,
                    at,
                };
                let done = self.fixture.write(move |uow| {
                    let link = links::create(uow, &command)?;
                    links::delete(uow, scope, &link.id.into())?;
                    links::create(uow, &command)
                });
                match done {
                    Ok(link) => self.links.lock().unwrap().push(link.id),
                    Err(CreateLinkError::Repository(error)) => return tolerate(error),
                    Err(odd) => return Err(odd.to_string()),
                }
            }
        }
        Ok(())
    }
}

/// What a client would see as 503, and what was asked for.
fn tolerate(error: RepositoryError) -> Result<(), String> {
    match error {
        RepositoryError::Busy(_) => Ok(()),
        RepositoryError::Internal(text) if text == "gave up" => Ok(()),
        odd => Err(odd.to_string()),
    }
}

fn whoever_follows_ends_with_what_is_stored(fixture: &Fixture) {
    let seed = RandomState::new().build_hasher().finish() | 1;
    println!("seed {seed}");
    let accounts = [fixture.other_account(), fixture.other_account()];
    let world = World { fixture, accounts, tags: Mutex::default(), links: Mutex::default() };
    let (store, working) = (fixture.store.as_ref(), AtomicUsize::new(WRITERS));
    thread::scope(|scope| {
        let followers: Vec<_> = (0..4)
            .map(|number| {
                let (account, working) = (accounts[number % 2], &working);
                scope.spawn(move || {
                    let mut follower = if number < 2 {
                        Follower::from_the_beginning(account)
                    } else {
                        while latest(store, account) < 30 && working.load(Ordering::SeqCst) > 0 {
                            thread::yield_now();
                        }
                        Follower::from_now(store, account)
                    };
                    let limit = [7, 1000, 3, 100][number];
                    while working.load(Ordering::SeqCst) > 0 {
                        follower.step(store, limit);
                    }
                    while follower.step(store, limit) {}
                    (account, follower)
                })
            })
            .collect();
        at_once(WRITERS, |writer| {
            let _at_work = AtWork(&working);
            let mut random = Random(seed.wrapping_mul(2 * u64::try_from(writer).unwrap() + 1));
            let done: Result<Vec<()>, String> = (0..OPERATIONS).map(|_| world.act(&mut random)).collect();
            assert_eq!(done.map(drop), Ok(()), "seed {seed}");
        });
        for follower in followers {
            let (account, follower) = follower.join().unwrap();
            let stored = Model::from_lists(store, account);
            assert_eq!(follower.model, stored, "seed {seed}");
            assert!(stored != Model::default() && latest(store, account) > 30, "nothing happened");
        }
    });
}
