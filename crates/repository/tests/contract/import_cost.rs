//! The cost of the first import into a new PostgreSQL database, whose planner has no statistics yet: rows of `link` that
//! are read, not time.

use taglink_domain::model::{Owner, TagName};
use taglink_domain::use_case::import::ImportRows;
use taglink_repository::Backend;

use crate::fixture::{Fixture, SHARED};
use crate::importing::row;
use crate::schema::query;

/// How many rows of `link` PostgreSQL reads while so many links, each with two tags, are imported.
fn rows_read(links: usize) -> i64 {
    let fixture = Fixture::new(Backend::Postgres);
    let rows = ImportRows {
        names: (0..20).map(|number| TagName::parse(format!("tag {number}")).unwrap()).collect(),
        links: (0..links)
            .map(|number| {
                let mut link = row(number, &format!("https://example.org/{number}"));
                link.names = vec![number % 10, 10 + number % 7];
                link
            })
            .collect(),
        ..ImportRows::default()
    };
    let report = fixture.import(Owner::own(SHARED), rows, false).unwrap();
    assert_eq!(report.created, links);
    // The connections report what they have read when they end.
    fixture.store.close();
    let sql = "SELECT COALESCE(SUM(seq_tup_read + COALESCE(idx_tup_fetch, 0)), 0)::bigint::text, \
               (SELECT COALESCE(SUM(idx_tup_read), 0)::bigint::text FROM pg_stat_user_indexes WHERE relname = 'link'), \
               '', '' FROM pg_stat_user_tables WHERE relname = 'link'";
    let [heap, index, ..] = query(&fixture.database, sql).remove(0);
    heap.parse::<i64>().unwrap() + index.parse::<i64>().unwrap()
}

#[test]
fn twice_as_many_links_read_twice_as_many_rows() {
    let (once, twice) = (rows_read(8_000), rows_read(16_000));
    assert!(once > 8_000, "the reads are counted: {once}");
    assert!(twice < once * 5 / 2, "{once} rows for 8,000 links, {twice} for 16,000");
}
