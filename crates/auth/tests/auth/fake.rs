//! A store in memory that knows users only, and a clock that is set by hand.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard};

use taglink_domain::model::{
    Clock, Link, LinkId, LinkPosition, NewLink, NewTag, NewUser, Page, PageRequest, Realm, Tag, TagId,
    TagLink, TagLinkPosition, TagPosition, Timestamp, User, UserId, Username,
};
use taglink_domain::port::{
    Access, Job, LinkFilter, LinkRepository, Outcome, RepositoryError, Result, Store, TagLinkFilter,
    TagLinkRepository, TagRepository, UnitOfWork, UserRepository,
};

pub(crate) struct FakeClock(AtomicI64);

impl FakeClock {
    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(1_700_000_000_250_000))
    }

    pub(crate) fn advance_micros(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Runs jobs in the caller's thread.
#[derive(Default)]
pub(crate) struct FakeStore(Mutex<State>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) users: Vec<User>,
    /// What was asked for so far.
    pub(crate) accesses: Vec<Access>,
    /// What every job is answered with instead of being run.
    pub(crate) failure: Option<RepositoryError>,
    /// What every writing job is answered with instead of being run.
    pub(crate) fail_writes: Option<RepositoryError>,
    /// Whether the answers of reads are held back.
    pub(crate) hold: bool,
    held: Vec<Box<dyn Job>>,
}

impl FakeStore {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(crate) fn reads(&self) -> usize {
        self.state().accesses.iter().filter(|access| **access == Access::Read).count()
    }

    pub(crate) fn writes(&self) -> usize {
        self.state().accesses.iter().filter(|access| **access == Access::Write).count()
    }

    /// Gives out the answers that were held back, and holds no more.
    pub(crate) fn release(&self) {
        self.state().hold = false;
        let held = std::mem::take(&mut self.state().held);
        for job in held {
            job.finish(Ok(()));
        }
    }
}

impl Store for FakeStore {
    fn submit(&self, access: Access, mut job: Box<dyn Job>) {
        let mut state = self.state();
        state.accesses.push(access);
        let write_failure = state.fail_writes.clone().filter(|_| access == Access::Write);
        if let Some(failure) = state.failure.clone().or(write_failure) {
            drop(state);
            return job.finish(Err(failure));
        }
        let before = state.users.clone();
        if job.run(&mut *state) != Outcome::Commit || access != Access::Write {
            state.users = before;
        }
        if state.hold && access == Access::Read {
            state.held.push(job);
        } else {
            drop(state);
            job.finish(Ok(()));
        }
    }
}

impl UnitOfWork for State {
    fn ping(&mut self) -> Result<()> {
        Ok(())
    }
}

impl UserRepository for State {
    fn user(&mut self, id: UserId) -> Result<Option<User>> {
        Ok(self.users.iter().find(|user| user.id == id).cloned())
    }

    fn user_by_name(&mut self, username_key: &str) -> Result<Option<User>> {
        let has_key = |user: &&User| Username::parse(&user.username).unwrap().key() == username_key;
        Ok(self.users.iter().find(has_key).cloned())
    }

    fn users(&mut self, _: Option<&str>, _: u16) -> Result<Vec<User>> {
        not_faked()
    }

    fn insert_user(&mut self, _: &NewUser) -> Result<()> {
        not_faked()
    }

    fn rehash_password(&mut self, id: UserId, old: &str, new: &str, _: Timestamp) -> Result<()> {
        if let Some(user) = self.users.iter_mut().find(|user| user.id == id && user.hashed_password == old) {
            new.clone_into(&mut user.hashed_password);
        }
        Ok(())
    }

    fn set_password(&mut self, _: UserId, _: &str, _: Timestamp) -> Result<bool> {
        not_faked()
    }

    fn delete_user(&mut self, _: UserId) -> Result<bool> {
        not_faked()
    }
}

impl LinkRepository for State {
    fn link(&mut self, _: Realm, _: LinkId) -> Result<Option<Link>> {
        not_faked()
    }

    fn links(&mut self, _: Realm, _: &LinkFilter, _: &PageRequest<LinkPosition>) -> Result<Page<Link>> {
        not_faked()
    }

    fn find_or_create_link(&mut self, _: &NewLink) -> Result<Link> {
        not_faked()
    }

    fn delete_link(&mut self, _: Realm, _: LinkId) -> Result<bool> {
        not_faked()
    }
}

impl TagRepository for State {
    fn tag(&mut self, _: Realm, _: TagId) -> Result<Option<Tag>> {
        not_faked()
    }

    fn tags(&mut self, _: Realm, _: Option<&str>, _: &PageRequest<TagPosition>) -> Result<Page<Tag>> {
        not_faked()
    }

    fn insert_tag(&mut self, _: &NewTag) -> Result<Tag> {
        not_faked()
    }

    fn find_or_create_tag(&mut self, _: &NewTag) -> Result<Tag> {
        not_faked()
    }

    fn delete_tag(&mut self, _: Realm, _: TagId) -> Result<bool> {
        not_faked()
    }
}

impl TagLinkRepository for State {
    fn taglinks(
        &mut self,
        _: Realm,
        _: TagLinkFilter,
        _: &PageRequest<TagLinkPosition>,
    ) -> Result<Page<TagLink>> {
        not_faked()
    }

    fn insert_taglink(&mut self, _: &TagLink) -> Result<()> {
        not_faked()
    }

    fn ensure_taglink(&mut self, _: &TagLink) -> Result<()> {
        not_faked()
    }

    fn delete_taglinks(&mut self, _: Realm, _: TagLinkFilter) -> Result<usize> {
        not_faked()
    }
}

fn not_faked<T>() -> Result<T> {
    Err(RepositoryError::Internal("the fake store knows users only".into()))
}
