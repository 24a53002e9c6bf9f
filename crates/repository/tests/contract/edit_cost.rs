//! The cost of an edit on MariaDB: postings that are read, whatever there are.

use taglink_domain::model::{IdRef, Title};
use taglink_domain::use_case::links;
use taglink_repository::Backend;

use crate::fixture::{Fixture, OURS, SHARED};
use crate::schema::query;

fn postings_read(fixture: &Fixture) -> u64 {
    let sql = "SELECT CONCAT(COALESCE(SUM(rows_read), 0), ''), '', '', '' FROM information_schema.table_statistics \
               WHERE table_schema = DATABASE() AND table_name IN ('link_term', 'tag_term')";
    query(&fixture.database, sql)[0][0].parse().unwrap()
}

#[test]
fn an_edit_and_a_deletion_read_the_postings_of_their_row_only() {
    let fixture = Fixture::new(Backend::Mariadb);
    let mut stored = None;
    for number in 0..200 {
        let url = format!("https://example.org/{number}");
        stored =
            Some(fixture.store_text(SHARED, &url, "Some words of a title", "", &[format!("tag {number}")]));
    }
    let link = stored.unwrap().link;
    fixture.sql("SET GLOBAL userstat = 1");
    assert_eq!(postings_read(&fixture), 0);
    let (id, mut edited) = (IdRef::from(link.id), link);
    edited.title = Title::parse("Another").unwrap().map(|title| title.as_str().to_owned());
    assert!(fixture.write(move |uow| uow.update_link(&edited, None)).unwrap());
    assert!(fixture.write(move |uow| links::delete(uow, OURS, &id)).unwrap());
    let read = postings_read(&fixture);
    assert!((1..50).contains(&read), "{read} of more than 1,000");
}
