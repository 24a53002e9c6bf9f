//! Importing: what is merged, what is kept, and that rows are stored as a whole, in parts between which others go on.

use std::future::Future;
use std::task::Poll;
use std::time::Duration;

use taglink_domain::model::{
    AccountId, AccountScope, LinkId, LinkUrl, Notes, Owner, Tag, TagId, TagName, Timestamp, Title,
};
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::import::{
    self, Import, ImportError, ImportLink, ImportReport, ImportRows, ImportTag, ImportTagging,
};
use taglink_repository::{DieselStore, ExecutorConfig};

use crate::fixture::{Fixture, OURS, SHARED, at_once, page};
use crate::on_every_database;

on_every_database!(
    rows_become_links_with_their_tags_and_times,
    a_second_import_changes_nothing,
    what_is_there_gets_what_it_lacks_and_keeps_what_it_has,
    ids_and_times_are_kept_where_they_are_free,
    ids_that_others_have_are_not_taken_from_them,
    a_url_that_comes_twice_is_one_link,
    a_dry_run_tells_everything_and_leaves_nothing,
    an_account_that_is_gone_gets_nothing,
    thousands_of_rows_are_imported,
    imports_at_the_same_time_are_merged,
    others_write_while_an_import_goes_on,
    an_import_that_is_cut_short_leaves_whole_rows_and_is_completed_by_the_next,
    a_part_has_a_bounded_amount_of_text,
);

pub(crate) fn row(number: usize, url: &str) -> ImportLink {
    ImportLink {
        row: number,
        id: None,
        url: LinkUrl::parse(url.into()).unwrap(),
        title: None,
        notes: None,
        names: Vec::new(),
        taggings: Vec::new(),
        created_at: None,
        updated_at: None,
    }
}

fn names(names: &[&str]) -> Vec<TagName> {
    names.iter().map(|name| TagName::parse((*name).into()).unwrap()).collect()
}

fn time(micros: i64) -> Timestamp {
    Timestamp::from_micros(1_600_000_000_000_000 + micros).unwrap()
}

fn imported(fixture: &Fixture, owner: Owner, rows: ImportRows) -> ImportReport {
    let account = owner.id().unwrap();
    let before = fixture.rows_of(account);
    let tried = fixture.import(owner.clone(), rows.clone(), true).unwrap();
    assert!(tried.dry_run);
    assert_eq!(fixture.rows_of(account), before, "a dry run stores nothing");
    let report = fixture.import(owner, rows, false).unwrap();
    // Ids that are made up differ.
    let told = |report: &ImportReport| -> Vec<_> {
        report.problems.iter().map(|problem| (problem.row, problem.message.len(), problem.skipped)).collect()
    };
    assert_eq!((counts(&tried), told(&tried)), (counts(&report), told(&report)), "a dry run tells the same");
    assert_eq!(tried.taglinks_created, report.taglinks_created);
    report
}

fn counts(report: &ImportReport) -> [usize; 6] {
    let ImportReport { rows, created, merged, unchanged, failed, tags_created, .. } = report;
    [*rows, *created, *merged, *unchanged, *failed, *tags_created]
}

fn tags_of(fixture: &Fixture, link: LinkId) -> Vec<Tag> {
    let tags = fixture.read(move |uow| uow.tags_of_links(OURS, &[link]));
    tags.into_iter().map(|(_, tag)| tag).collect()
}

fn rows_become_links_with_their_tags_and_times(fixture: &Fixture) {
    let rows = ImportRows {
        names: names(&["Rust", "🍣"]),
        links: vec![
            ImportLink {
                title: Title::parse("A").unwrap(),
                notes: Notes::parse("b\n".into()).unwrap(),
                names: vec![0, 1, 0],
                created_at: Some(time(0)),
                updated_at: Some(time(1)),
                ..row(3, "https://a.example")
            },
            ImportLink { names: vec![1], created_at: Some(time(2)), ..row(4, "https://b.example") },
            row(5, "https://c.example"),
        ],
        ..ImportRows::default()
    };
    let report = imported(fixture, Owner::shared(), rows);
    assert_eq!(counts(&report), [3, 3, 0, 0, 0, 2]);
    assert_eq!((report.problems.len(), report.taglinks_created), (0, 3));
    let links = fixture.all_links(OURS);
    let [a, b, c] = links.as_slice() else { panic!("{links:?}") };
    assert_eq!((a.url.as_str(), a.created_at, a.updated_at), ("https://a.example", time(0), time(1)));
    assert_eq!((a.title.as_deref(), a.notes.as_deref(), a.version), (Some("A"), Some("b\n"), 1));
    assert_eq!((b.created_at, b.updated_at), (time(2), time(2)));
    assert!(c.created_at > time(2) && c.updated_at == c.created_at && c.title.is_none());
    let shown: Vec<_> = tags_of(fixture, a.id).into_iter().map(|tag| tag.name).collect();
    assert_eq!(shown, ["Rust", "🍣"]);
    assert_eq!(fixture.rows_of(SHARED), [3, 2, 3]);
}

fn a_second_import_changes_nothing(fixture: &Fixture) {
    let rows = ImportRows {
        names: names(&["rust"]),
        links: vec![
            ImportLink { names: vec![0], title: Title::parse("A").unwrap(), ..row(1, "https://a.example") },
            row(2, "https://b.example"),
        ],
        ..ImportRows::default()
    };
    imported(fixture, Owner::shared(), rows.clone());
    let before = fixture.all_links(OURS);
    assert_eq!(counts(&imported(fixture, Owner::shared(), rows)), [2, 0, 0, 2, 0, 0]);
    assert_eq!(fixture.all_links(OURS), before);
    assert_eq!(fixture.rows_of(SHARED), [2, 1, 1]);
}

fn what_is_there_gets_what_it_lacks_and_keeps_what_it_has(fixture: &Fixture) {
    let link = fixture.link(SHARED, "https://a.example");
    let tag = fixture.tag(SHARED, "RUST");
    let rows = ImportRows {
        names: names(&["rust", "new"]),
        links: vec![
            ImportLink {
                names: vec![0, 1],
                title: Title::parse("first").unwrap(),
                created_at: Some(time(0)),
                ..row(1, "HTTPS://A.example/")
            },
            ImportLink { title: Title::parse("second").unwrap(), ..row(2, "https://a.example") },
        ],
        ..ImportRows::default()
    };
    let report = imported(fixture, Owner::shared(), rows);
    assert_eq!(counts(&report), [2, 0, 1, 1, 0, 1]);
    let id = link.id;
    let now = fixture.read(move |uow| uow.link(OURS, id)).unwrap();
    assert_eq!((now.url.as_str(), now.title.as_deref()), ("https://a.example", Some("first")));
    assert_eq!((now.created_at, now.version), (link.created_at, 2));
    assert!(now.updated_at > link.updated_at);
    let tags = tags_of(fixture, link.id);
    assert_eq!(tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["RUST", "new"]);
    assert_eq!(tags[0].id, tag.id);
}

fn with_ids(link: LinkId, tag: TagId) -> ImportRows {
    let tagging = ImportTagging { tag_id: tag, created_at: time(5) };
    let unknown = ImportTagging { tag_id: TagId::new(), created_at: time(5) };
    ImportRows {
        tags: vec![ImportTag {
            row: 1,
            id: tag,
            name: TagName::parse("rust".into()).unwrap(),
            created_at: time(3),
            updated_at: time(4),
        }],
        links: vec![ImportLink {
            id: Some(link),
            taggings: vec![tagging, unknown],
            created_at: Some(time(1)),
            updated_at: Some(time(2)),
            ..row(1, "https://a.example")
        }],
        ..ImportRows::default()
    }
}

fn ids_and_times_are_kept_where_they_are_free(fixture: &Fixture) {
    let (link, tag) = (LinkId::new(), TagId::new());
    let rows = with_ids(link, tag);
    let report = imported(fixture, Owner::shared(), rows.clone());
    assert_eq!(counts(&report), [1, 1, 0, 0, 0, 1]);
    assert_eq!(report.problems.len(), 1, "of the tag that is not in the file: {:?}", report.problems);
    let (stored, tags, pairs) = fixture.read(move |uow| {
        Ok((
            uow.link(OURS, link)?.unwrap(),
            uow.tag(OURS, tag)?.unwrap(),
            uow.taglinks_of_links(SHARED, &[link])?,
        ))
    });
    assert_eq!((stored.created_at, stored.updated_at), (time(1), time(2)));
    assert_eq!((tags.created_at, tags.updated_at, tags.version), (time(3), time(4), 1));
    assert_eq!(
        pairs.iter().map(|pair| (pair.created_at, pair.link_created_at)).collect::<Vec<_>>(),
        [(time(5), time(1))]
    );
    assert_eq!(counts(&imported(fixture, Owner::shared(), rows)), [1, 0, 0, 1, 0, 0]);
}

fn ids_that_others_have_are_not_taken_from_them(fixture: &Fixture) {
    let other = fixture.other_account();
    let (link, tag) = (LinkId::new(), TagId::new());
    imported(fixture, Owner::shared(), with_ids(link, tag));
    let report = imported(fixture, Owner::own(other), with_ids(link, tag));
    assert_eq!(counts(&report), [1, 1, 0, 0, 0, 1]);
    let messages: Vec<_> = report.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert!(messages.iter().any(|text| text.starts_with("tag: the id of rust is in use")), "{messages:?}");
    assert!(messages.iter().any(|text| text.contains("is in use, so the link was given")), "{messages:?}");
    assert_eq!(fixture.rows_of(other), [1, 1, 1]);
    assert_eq!(fixture.rows_of(SHARED), [1, 1, 1]);
    // Within the account another id is told as well, and merged.
    let report = imported(fixture, Owner::shared(), with_ids(LinkId::new(), TagId::new()));
    assert_eq!(counts(&report), [1, 0, 0, 1, 0, 0]);
    assert_eq!(report.problems.len(), 3, "{:?}", report.problems);
    assert_eq!(fixture.read(move |uow| uow.link(AccountScope::One(other), link)), None);
}

fn a_url_that_comes_twice_is_one_link(fixture: &Fixture) {
    let rows = ImportRows {
        names: names(&["a", "b"]),
        links: vec![
            ImportLink { names: vec![0], id: Some(LinkId::new()), ..row(1, "https://a.example") },
            ImportLink { names: vec![1], ..row(2, "https://a.example/") },
            ImportLink { names: vec![1, 0], ..row(3, "HTTPS://a.example:443") },
        ],
        ..ImportRows::default()
    };
    assert_eq!(counts(&imported(fixture, Owner::shared(), rows)), [3, 1, 1, 1, 0, 2]);
    assert_eq!(fixture.rows_of(SHARED), [1, 2, 2]);
}

fn a_dry_run_tells_everything_and_leaves_nothing(fixture: &Fixture) {
    let rows = with_ids(LinkId::new(), TagId::new());
    let report = fixture.import(Owner::shared(), rows, true).unwrap();
    assert!(report.dry_run);
    assert_eq!(counts(&report), [1, 1, 0, 0, 0, 1]);
    assert_eq!(fixture.rows_of(SHARED), [0, 0, 0]);
}

fn an_account_that_is_gone_gets_nothing(fixture: &Fixture) {
    let gone = Owner::chosen(AccountId::new().into());
    let rows = with_ids(LinkId::new(), TagId::new());
    for dry_run in [false, true] {
        let refused = fixture.import(gone.clone(), rows.clone(), dry_run);
        assert!(matches!(refused, Err(ImportError::AccountNotFound(_))), "{refused:?}");
    }
}

fn thousands_of_rows_are_imported(fixture: &Fixture) {
    const ROWS: usize = 20_000;
    let all = (0..500).map(|number| format!("tag {number}")).collect::<Vec<_>>();
    let rows = ImportRows {
        names: names(&all.iter().map(String::as_str).collect::<Vec<_>>()),
        links: (0..ROWS)
            .map(|number| ImportLink {
                names: vec![number % 500, (number * 7 + 1) % 500],
                title: Title::parse(&format!("Title {number}")).unwrap(),
                // Every third one is there already when it comes.
                ..row(
                    number,
                    &format!("https://example.org/{}", if number % 3 == 2 { number - 1 } else { number }),
                )
            })
            .collect(),
        ..ImportRows::default()
    };
    let mut told = Vec::new();
    let report = fixture.import_in_parts(rows, &mut |done| told.push(done)).unwrap();
    assert_eq!((report.rows, report.created), (ROWS, 13_334));
    assert_eq!(report.merged + report.unchanged, 6_666);
    assert!(told.len() > 20 && told.is_sorted(), "{told:?}");
    assert_eq!(told.last(), Some(&ROWS));
}

/// So many links, each with a title and two tags.
fn many(links: usize) -> ImportRows {
    ImportRows {
        names: names(&["one", "two"]),
        links: (0..links)
            .map(|number| ImportLink {
                names: vec![0, 1],
                title: Title::parse(&format!("Title {number}")).unwrap(),
                ..row(number, &format!("https://example.org/{number}"))
            })
            .collect(),
        ..ImportRows::default()
    }
}

fn others_write_while_an_import_goes_on(fixture: &Fixture) {
    let mut parts = 0;
    let write = &mut |_| {
        parts += 1;
        std::thread::scope(|scope| {
            let written = scope.spawn(|| fixture.link(SHARED, &format!("https://example.com/{parts}")));
            assert!(written.join().is_ok(), "a link is stored before the import is over");
        });
    };
    fixture.import_in_parts(many(1_000), write).unwrap();
    assert!(parts > 2, "{parts} parts");
    assert_eq!(fixture.all_links(OURS).len(), 1_000 + parts);
}

fn an_import_that_is_cut_short_leaves_whole_rows_and_is_completed_by_the_next(fixture: &Fixture) {
    let import = Import { owner: Owner::shared(), rows: many(1_000), dry_run: false, at: fixture.later() };
    let (sender, told) = std::sync::mpsc::channel();
    let mut show = |done| sender.send(done).unwrap();
    let config = ExecutorConfig { connections: 1, queue: 9, deadline: Duration::from_secs(30) };
    let store = DieselStore::open(&fixture.database.url, config).unwrap();
    let cut_short = import::run(&store, import, &mut show);
    futures_executor::block_on(async {
        let mut cut_short = std::pin::pin!(cut_short);
        std::future::poll_fn(|context| {
            let polled = cut_short.as_mut().poll(context);
            if polled.is_ready() || told.try_recv().is_ok() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    });
    // The part that was on its way is stored.
    store.close();
    let links = fixture.all_links(OURS).len();
    assert!((1..1_000).contains(&links), "{links} links");
    let tagged = || {
        let tags = fixture.read(|uow| uow.tags(OURS, None, &page(9, None))).items;
        let tags = tags.iter().map(|tag| tag.id).collect::<Vec<_>>();
        let counted = fixture.read(move |uow| uow.count_links(OURS, &tags));
        counted.iter().map(|(_, links)| usize::try_from(*links).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(tagged(), [links, links], "each link has both tags");
    let report = imported(fixture, Owner::shared(), many(1_000));
    assert_eq!((report.created, report.merged), (1_000 - links, 0));
    assert_eq!((fixture.all_links(OURS).len(), tagged()), (1_000, vec![1_000; 2]));
}

fn a_part_has_a_bounded_amount_of_text(fixture: &Fixture) {
    let mut rows = many(50);
    for link in &mut rows.links {
        link.notes = Notes::parse("long notes ".repeat(900)).unwrap();
    }
    let mut told = vec![0];
    fixture.import_in_parts(rows, &mut |done| told.push(done)).unwrap();
    assert!(told.windows(2).all(|pair| pair[1] - pair[0] <= 13), "{told:?}");
    assert_eq!(told.last(), Some(&50));
}

fn imports_at_the_same_time_are_merged(fixture: &Fixture) {
    let (link, tag) = (LinkId::new(), TagId::new());
    let other = fixture.other_account();
    let reports = at_once(8, |client| {
        let owner = if client % 2 == 0 { Owner::shared() } else { Owner::own(other) };
        let mut rows = with_ids(link, tag);
        rows.links.extend((0..50).map(|number| row(number, &format!("https://example.org/{number}"))));
        fixture.import(owner, rows, false)
    });
    for report in reports {
        match report {
            Ok(report) => assert_eq!(report.rows, 51),
            Err(ImportError::Repository(RepositoryError::Busy(_))) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    let count = |scope| fixture.all_links(scope).len();
    assert_eq!((count(OURS), count(AccountScope::One(other))), (51, 51));
}
