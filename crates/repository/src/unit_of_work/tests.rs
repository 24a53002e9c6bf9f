//! SQLite parses each statement of a hot operation once: it is kept prepared, and its planner never comes back to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use taglink_domain::model::{
    AccountId, AccountScope, ApiToken, ApiTokenId, ChangeSeq, Limit, Link, LinkId, LinkUrl, LoginOrigin,
    NewTag, NewUser, Owner, PageRequest, SecretHash, Session, SessionId, Subject, TagId, TagLinkPosition,
    TagName, TagPosition, Timestamp, UserId, Username,
};
use taglink_domain::port::{TagLinkFilter, UnitOfWork};
use taglink_domain::search::{LinkSearch, TagFilter, TagPattern};
use taglink_domain::use_case::links::{self, CreateLink, TagChoice};

use super::DbUnitOfWork;
use crate::change_feed::FeedConfig;
use crate::connection::{AnyConnection, DatabaseUrl, connect};
use crate::migration;

const ACCOUNT: AccountId = AccountId::SHARED;
const OURS: AccountScope = AccountScope::One(ACCOUNT);

/// A connection, and the texts of the statements that have been executed on it.
struct Probe {
    uow: DbUnitOfWork,
    executed: Arc<Mutex<Vec<String>>>,
    tags: Vec<TagId>,
    links: Vec<Link>,
    session: SessionId,
    user: UserId,
    _folder: tempfile::TempDir,
}

/// A statement that SQLite has prepared.
#[derive(Debug, QueryableByName)]
struct Prepared {
    #[diesel(sql_type = Text)]
    sql: String,
    #[diesel(sql_type = BigInt)]
    reprep: i64,
    #[diesel(sql_type = BigInt)]
    run: i64,
}

fn time(number: u32) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + i64::from(number)).unwrap()
}

fn page<P>(limit: u32, after: Option<P>) -> PageRequest<P> {
    PageRequest { limit: Limit::parse(&limit.to_string()).unwrap(), after }
}

fn hash(number: u32) -> [u8; 32] {
    let mut hash = [7; 32];
    hash[..4].copy_from_slice(&number.to_be_bytes());
    hash
}

impl Probe {
    /// A database with some tags and links.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("taglink.db").display());
        let url = DatabaseUrl::parse(&url).unwrap();
        migration::run(&url).unwrap();
        let mut probe = Self {
            uow: DbUnitOfWork::new(connect(&url).unwrap(), FeedConfig::default()),
            executed: Arc::default(),
            tags: Vec::new(),
            links: Vec::new(),
            session: SessionId::new(),
            user: UserId::new(),
            _folder: folder,
        };
        probe.fill();
        let executed = Arc::clone(&probe.executed);
        probe.uow.connection().set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let text = query.to_string();
                let text = text.split_once(" -- binds: ").map_or(text.as_str(), |(sql, _)| sql);
                executed.lock().unwrap().push(text.to_owned());
            }
        });
        probe
    }

    fn fill(&mut self) {
        self.uow.control(self.uow.dialect().begin()).unwrap();
        for number in 0..3 {
            let uow: &mut dyn UnitOfWork = &mut self.uow;
            let name = TagName::parse(format!("tag {number}")).unwrap();
            let new = NewTag { id: TagId::new(), account_id: ACCOUNT, name, created_at: time(number) };
            self.tags.push(uow.insert_tag(&new).unwrap().id);
        }
        for number in 0..30 {
            self.create_link(number);
        }
        let (user, subject) = (self.user, Subject::User(self.user));
        let uow: &mut dyn UnitOfWork = &mut self.uow;
        let new_user = NewUser {
            id: user,
            username: Username::parse("ada").unwrap(),
            hashed_password: String::new(),
            is_admin: true,
            created_at: time(0),
        };
        uow.insert_user(&new_user).unwrap();
        let session = Session {
            id: self.session,
            subject,
            scope: String::new(),
            epoch: 0,
            user_agent: None,
            created_at: time(0),
            last_used_at: time(0),
            expires_at: time(1_000_000),
        };
        uow.insert_session(&session).unwrap();
        for number in 0..3 {
            let token = ApiToken {
                id: ApiTokenId::new(),
                subject,
                name: String::new(),
                scope: String::new(),
                epoch: 0,
                created_at: time(0),
                expires_at: None,
                last_used_at: None,
            };
            uow.insert_api_token(&token, hash(number).into()).unwrap();
        }
        while uow.number_changes(ACCOUNT).unwrap() {}
        self.uow.control("COMMIT").unwrap();
    }

    /// Stores a link of the same number of words under a tag that is there.
    fn create_link(&mut self, number: u32) {
        let tag = self.tags[usize::try_from(number).unwrap() % self.tags.len()];
        let command = CreateLink {
            owner: Owner::shared(),
            url: LinkUrl::parse(format!("https://example.com/{number}")).unwrap(),
            tag: TagChoice::Existing(tag.into()),
            title: None,
            notes: None,
            created_at: None,
            at: time(number),
        };
        self.links.push(links::create(&mut self.uow, &command).unwrap());
    }

    /// All hot operations once, each with values that no other round has.
    fn round(&mut self, number: u32) {
        let at = usize::try_from(number).unwrap();
        self.read_links(number, &[self.links[at].clone(), self.links[at + 5].clone()]);
        self.read_lists(number);
        self.let_in(number);
        self.write(number);
        self.follow(number);
    }

    fn read_links(&mut self, number: u32, links: &[Link]) {
        let uow: &mut dyn UnitOfWork = &mut self.uow;
        for scope in [OURS, AccountScope::All] {
            assert!(uow.link(scope, links[0].id).unwrap().is_some());
            assert!(uow.tag(scope, self.tags[usize::try_from(number).unwrap()]).unwrap().is_some());
        }
        let some: Vec<LinkId> = self.links.iter().skip(links.len()).take(20).map(|link| link.id).collect();
        for ids in [&[links[0].id][..], &[links[1].id, links[0].id], &some] {
            assert!(!uow.tags_of_links(OURS, ids).unwrap().is_empty());
        }
        assert!(!uow.count_links(OURS, &self.tags).unwrap().is_empty());
    }

    fn read_lists(&mut self, number: u32) {
        self.uow.control(self.uow.dialect().begin_snapshot()).unwrap();
        let (uow, limit): (&mut dyn UnitOfWork, _) = (&mut self.uow, 2 + number);
        let tag = self.tags[usize::try_from(number).unwrap()];
        let pattern = TagPattern::parse(&format!("tag {number}")).unwrap();
        for tags in [None, Some(vec![TagFilter::Id(tag)]), Some(vec![TagFilter::Pattern(pattern)])] {
            let search = LinkSearch { tags, ..LinkSearch::default() };
            let first = uow.search_links(OURS, &search, &page(limit, None)).unwrap();
            assert!(first.next.is_some());
            assert!(!uow.search_links(OURS, &search, &page(limit, first.next)).unwrap().links.is_empty());
        }
        let first = uow.tags(OURS, None, &page(1, None)).unwrap();
        let after = first.items.last().map(TagPosition::from);
        assert!(!uow.tags(OURS, None, &page(limit, after)).unwrap().items.is_empty());
        let [of_tag, of_link] = [(Some(tag), None), (None, Some(self.links[0].id))]
            .map(|(tag_id, link_id)| TagLinkFilter { tag_id, link_id });
        for filter in [TagLinkFilter::default(), of_tag, of_link] {
            let first = uow.taglinks(OURS, filter, &page(limit, None)).unwrap();
            let after = first.items.last().map(TagLinkPosition::from);
            assert_eq!(
                uow.taglinks(OURS, filter, &page(limit, after)).unwrap().items.is_empty(),
                !first.has_more
            );
        }
        self.uow.control("COMMIT").unwrap();
    }

    /// What every request asks before its work, and what a login asks and notes.
    fn let_in(&mut self, number: u32) {
        let uow: &mut dyn UnitOfWork = &mut self.uow;
        let origin: LoginOrigin = hash(number).into();
        let token: SecretHash = hash(number).into();
        assert!(uow.session_subject_status(self.session, time(number)).unwrap().is_some());
        assert!(uow.api_token_with_status(token).unwrap().is_some());
        assert!(!uow.is_known_origin(origin, time(number)).unwrap());
        uow.remember_origin(origin, time(number)).unwrap();
        assert!(uow.is_known_origin(origin, time(number)).unwrap());
    }

    /// A job by itself, and then two that share a commit, one of which fails.
    fn write(&mut self, number: u32) {
        for jobs in [1, 2] {
            self.uow.control(self.uow.dialect().begin()).unwrap();
            for job in 0..jobs {
                self.uow.begin_job(false);
                if jobs > 1 {
                    self.uow.control("SAVEPOINT job").unwrap();
                }
                self.create_link(1000 + 100 * number + 10 * jobs + job);
                if job == 1 {
                    self.links.pop();
                    self.uow.control("ROLLBACK TO job").unwrap();
                }
                if jobs > 1 {
                    self.uow.control("RELEASE job").unwrap();
                }
            }
            self.uow.control("COMMIT").unwrap();
        }
    }

    fn follow(&mut self, number: u32) {
        let uow: &mut dyn UnitOfWork = &mut self.uow;
        assert!(uow.has_pending_changes(ACCOUNT).unwrap());
        assert!(uow.latest_change(ACCOUNT).unwrap() > ChangeSeq::START);
        let after = ChangeSeq::new(number.into()).unwrap();
        let limit = page::<()>(2 + number, None).limit;
        assert_eq!(uow.changes(ACCOUNT, after, limit).unwrap().len(), usize::from(limit.get()));
    }

    fn prepared(&mut self) -> BTreeMap<String, Prepared> {
        let AnyConnection::Sqlite(connection) = self.uow.connection() else { panic!("it is SQLite") };
        let all = "SELECT sql, reprep, run FROM sqlite_stmt WHERE sql NOT LIKE '%sqlite_stmt%'";
        let all: Vec<Prepared> = diesel::sql_query(all).load(connection).unwrap();
        let count = all.len();
        let by_text: BTreeMap<_, _> = all.into_iter().map(|one| (one.sql.clone(), one)).collect();
        assert_eq!(by_text.len(), count, "one of the texts was prepared twice");
        self.executed.lock().unwrap().retain(|sql| !sql.contains("sqlite_stmt"));
        by_text
    }
}

#[test]
fn statements_of_hot_operations_are_prepared_once() {
    let mut probe = Probe::new();
    probe.round(0);
    probe.round(1);
    let before = probe.prepared();
    probe.executed.lock().unwrap().clear();
    probe.round(2);
    let after = probe.prepared();
    assert!(after.keys().eq(before.keys()), "a statement was prepared in the third round");
    let mut runs: BTreeMap<String, i64> = BTreeMap::new();
    for sql in std::mem::take(&mut *probe.executed.lock().unwrap()) {
        *runs.entry(sql).or_default() += 1;
    }
    assert!(runs.len() > 25, "{runs:#?}");
    for (sql, runs) in runs {
        let kept = after.get(&sql).map(|now| now.run - before[&sql].run);
        assert_eq!(kept, Some(runs), "it is prepared for each use: {sql}");
    }
    for Prepared { sql, reprep, .. } in after.into_values() {
        assert_eq!(reprep, 0, "it was planned again: {sql}");
    }
}
