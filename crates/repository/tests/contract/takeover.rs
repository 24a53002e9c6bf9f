//! Taking over the tutorial's database: a MariaDB in the states that its parts leave it in, into each of ours.

use taglink_domain::model::{AccountScope, LinkId, TagId, Timestamp};
use taglink_domain::port::TagLinkFilter;
use taglink_domain::search::LinkSearch;
use taglink_domain::use_case::takeover::{self, Counts, TakeoverReport};
use taglink_repository::{Backend, TutorialError, read_tutorial};

use crate::database::{self, TestDatabase};
use crate::fixture::{Fixture, OURS, SHARED, page};
use crate::on_every_database;

on_every_database!(
    the_database_of_the_early_parts_is_taken_over,
    accounts_get_their_own_rows,
    a_second_time_changes_nothing,
    a_dry_run_leaves_nothing,
);

const HASH: &str = "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW";

/// What parts 2 to 5 make: no accounts.
const EARLY: &str = "
    CREATE TABLE user (user_id CHAR(36) NOT NULL DEFAULT UUID(), username VARCHAR(255),
        hashed_password VARCHAR(255), PRIMARY KEY (user_id), INDEX (username));
    CREATE TABLE link (link_id CHAR(36) NOT NULL DEFAULT UUID(), link VARCHAR(255), PRIMARY KEY (link_id));
    CREATE TABLE tag (tag_id CHAR(36) NOT NULL DEFAULT UUID(), tag VARCHAR(255), PRIMARY KEY (tag_id));
    CREATE TABLE taglink (tag_id CHAR(36) NOT NULL, link_id CHAR(36) NOT NULL);
    INSERT INTO user VALUES ('11111111-1111-4111-8111-111111111111', 'apiuser', 'HASH'),
        ('11111111-1111-4111-8111-111111111112', 'APIUSER', 'HASH'), ('x', NULL, 'HASH'),
        ('no-uuid', 'Bücher', 'HASH'), ('11111111-1111-4111-8111-111111111114', 'nohash', NULL);
    INSERT INTO tag VALUES ('22222222-2222-4222-8222-222222222221', 'Café'),
        ('22222222-2222-4222-8222-222222222222', 'CAFÉ '), ('22222222-2222-4222-8222-222222222223', NULL),
        ('short', 'test1');
    INSERT INTO link VALUES ('33333333-3333-4333-8333-333333333331', 'https://www.test1.com'),
        ('d9428888-122b-11e1-b85c-61cd3cbb3210', 'https://WWW.test1.com/'),
        ('33333333-3333-4333-8333-333333333333', 'www.test3.com'),
        ('33333333-3333-4333-8333-333333333334', NULL), ('l5', 'http://www.test5.com/ä');
    INSERT INTO taglink VALUES ('22222222-2222-4222-8222-222222222221', '33333333-3333-4333-8333-333333333331'),
        ('22222222-2222-4222-8222-222222222222', 'd9428888-122b-11e1-b85c-61cd3cbb3210'),
        ('SHORT', '33333333-3333-4333-8333-333333333331'), ('short', 'l5'),
        ('22222222-2222-4222-8222-222222222221', '33333333-3333-4333-8333-333333333333'),
        ('22222222-2222-4222-8222-222222222223', 'l5'), ('gone', 'l5');";

/// What later parts make of it.
const LATE: &str = "
    CREATE TABLE account (account_id CHAR(36) NOT NULL DEFAULT UUID(), email VARCHAR(255),
        hashed_password VARCHAR(255), created DATETIME, PRIMARY KEY (account_id));
    CREATE TABLE link (link_id CHAR(36) NOT NULL, link TEXT, account_id CHAR(36), PRIMARY KEY (link_id));
    CREATE TABLE tag (tag_id CHAR(36) NOT NULL, tag VARCHAR(255), account_id CHAR(36), PRIMARY KEY (tag_id));
    CREATE TABLE taglink (tag_id CHAR(36), link_id CHAR(36), account_id CHAR(36));
    INSERT INTO account VALUES ('44444444-4444-4444-8444-444444444441', 'alice@example.org', 'HASH', '2023-01-02 03:04:05'),
        ('44444444-4444-4444-8444-444444444442', 'Alice@example.org', 'HASH', NULL),
        ('44444444-4444-4444-8444-444444444443', 'nobody', 'HASH', NULL);
    INSERT INTO tag VALUES ('22222222-2222-4222-8222-222222222221', 'a', '44444444-4444-4444-8444-444444444441'),
        ('22222222-2222-4222-8222-222222222222', 'a', NULL),
        ('22222222-2222-4222-8222-222222222223', 'b', '44444444-4444-4444-8444-444444444442'),
        ('22222222-2222-4222-8222-222222222224', 'c', '44444444-4444-4444-8444-444444444443');
    INSERT INTO link VALUES ('33333333-3333-4333-8333-333333333331', 'https://a.example', '44444444-4444-4444-8444-444444444441'),
        ('33333333-3333-4333-8333-333333333332', 'https://a.example', NULL),
        ('33333333-3333-4333-8333-333333333333', 'https://b.example', '44444444-4444-4444-8444-444444444444');
    INSERT INTO taglink VALUES ('22222222-2222-4222-8222-222222222221', '33333333-3333-4333-8333-333333333331', NULL),
        ('22222222-2222-4222-8222-222222222223', '33333333-3333-4333-8333-333333333331', NULL),
        ('22222222-2222-4222-8222-222222222222', '33333333-3333-4333-8333-333333333331', NULL);";

/// A tutorial's database in this character set.
fn source(charset: &str, sql: &str) -> TestDatabase {
    let source = TestDatabase::new(Backend::Mariadb);
    let name = source.text.rsplit_once('/').unwrap().1.to_owned();
    database::execute(
        Backend::Mariadb,
        &source.text,
        &format!("ALTER DATABASE {name} CHARACTER SET {charset}; {}", sql.replace("HASH", HASH)),
    );
    source
}

fn take(fixture: &Fixture, source: &TestDatabase, dry_run: bool) -> TakeoverReport {
    let rows = read_tutorial(&source.url, None).unwrap();
    let plan = takeover::plan(&rows, dry_run, fixture.later());
    takeover::settle(fixture.write(move |uow| takeover::run(uow, &plan, &mut |_| ()))).unwrap()
}

fn counted(read: usize, stored: usize, merged: usize, skipped: usize) -> Counts {
    Counts { read, stored, merged, skipped }
}

fn id<T: From<uuid::Uuid> + Copy>(text: &str) -> T {
    taglink_domain::model::IdRef::new(text.to_owned()).id().unwrap()
}

fn the_database_of_the_early_parts_is_taken_over(fixture: &Fixture) {
    for charset in ["latin1", "utf8mb4"] {
        let fixture = &Fixture::new(fixture.database.url.backend());
        let report = take(fixture, &source(charset, EARLY), false);
        assert_eq!(report.users, counted(5, 2, 1, 2), "{:#?}", report.problems);
        assert_eq!(report.accounts, Counts::default());
        assert_eq!(report.tags, counted(4, 2, 1, 1), "{:#?}", report.problems);
        assert_eq!(report.links, counted(5, 2, 1, 2), "{:#?}", report.problems);
        assert_eq!(report.taglinks, counted(7, 3, 1, 3), "{:#?}", report.problems);
        let told = |text: &str| report.problems.iter().any(|problem| problem.contains(text));
        assert!(told("www.test3.com") && told("the link is NULL") && told("link l5: its id is no UUID"));
        assert!(told("tag 22222222-2222-4222-8222-222222222222: CAFÉ was merged into the tag"));

        let user = fixture.read(|uow| uow.user_by_name("apiuser")).unwrap();
        assert_eq!(user.id, id("11111111-1111-4111-8111-111111111111"));
        assert_eq!((user.hashed_password.as_str(), user.is_admin), (HASH, true));
        assert!(fixture.read(|uow| uow.user_by_name("bücher")).is_some());
        // Of two links of one URL the older id counts: version 1 tells when it was made.
        let oldest: LinkId = id("d9428888-122b-11e1-b85c-61cd3cbb3210");
        let link = fixture.read(move |uow| uow.link(OURS, oldest)).unwrap();
        assert_eq!(link.created_at.to_string(), "2011-11-18T21:25:33.573543Z");
        let tags = fixture.read(move |uow| uow.tags_of_links(OURS, &[oldest]));
        assert_eq!(tags.len(), 2);
        let cafe = tags.iter().find(|(_, tag)| tag.name == "Café").unwrap();
        assert_eq!(cafe.1.id, id::<TagId>("22222222-2222-4222-8222-222222222221"));
        let links = fixture.all_links(OURS);
        assert_eq!(links[1].url, "http://www.test5.com/ä");
    }
}

fn accounts_get_their_own_rows(fixture: &Fixture) {
    let report = take(fixture, &source("latin1", LATE), false);
    assert_eq!((report.users, report.accounts), (Counts::default(), counted(3, 1, 1, 1)));
    assert_eq!(report.tags, counted(4, 3, 0, 1), "{:#?}", report.problems);
    assert_eq!(report.links, counted(3, 2, 0, 1), "{:#?}", report.problems);
    assert_eq!(report.taglinks, counted(3, 2, 0, 1), "{:#?}", report.problems);
    let alice = fixture.read(|uow| uow.account_by_email("alice@example.org")).unwrap();
    assert_eq!(alice.id, id("44444444-4444-4444-8444-444444444441"));
    assert_eq!(Some(alice.created_at), Timestamp::parse_rfc3339("2023-01-02T03:04:05Z"));
    assert_eq!(alice.hashed_password, HASH);
    assert_eq!(fixture.rows_of(alice.id), [1, 2, 2]);
    assert_eq!(fixture.rows_of(SHARED), [1, 1, 0]);
}

fn a_second_time_changes_nothing(fixture: &Fixture) {
    for source in [source("utf8mb4", EARLY), source("utf8mb4", LATE)] {
        take(fixture, &source, false);
        let state = || {
            fixture.snapshot(|uow| {
                Ok((
                    uow.search_links(AccountScope::All, &LinkSearch::default(), &page(99, None))?,
                    uow.tags(AccountScope::All, None, &page(99, None))?,
                    uow.taglinks(AccountScope::All, TagLinkFilter::default(), &page(99, None))?,
                ))
            })
        };
        let before = state();
        let report = take(fixture, &source, false);
        assert_eq!(state(), before);
        for counts in [report.users, report.accounts, report.tags, report.links, report.taglinks] {
            assert_eq!(counts.stored, 0, "{report:#?}");
        }
    }
}

fn a_dry_run_leaves_nothing(fixture: &Fixture) {
    let report = take(fixture, &source("utf8mb4", EARLY), true);
    assert_eq!((report.dry_run, report.links), (true, counted(5, 2, 1, 2)));
    assert_eq!(fixture.rows_of(SHARED), [0, 0, 0]);
    assert!(fixture.read(|uow| uow.users(&page(9, None))).items.is_empty());
}

#[test]
fn another_database_is_not_the_tutorials() {
    let other = source("utf8mb4", "CREATE TABLE link (link_id CHAR(36) PRIMARY KEY, link TEXT)");
    assert!(matches!(read_tutorial(&other.url, None), Err(TutorialError::NoTable("tag"))));
    let url = taglink_repository::DatabaseUrl::parse("sqlite:x.db").unwrap();
    assert!(matches!(read_tutorial(&url, None), Err(TutorialError::NotMariadb)));
    let refused = read_tutorial(&other.url, Some("wrong"));
    assert!(matches!(refused, Err(TutorialError::Connect(_))), "{refused:?}");
}
