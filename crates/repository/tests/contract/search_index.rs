//! The index of the search is true: after every change, for rows that another version has derived, for any text.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use taglink_domain::model::{AccountScope, IdRef, Link, LinkUrl, Notes, TagId, TagName, Title};
use taglink_domain::port::TagLinkFilter;
use taglink_domain::search::{INDEX_VERSION, LinkIndex, LinkSearch, SearchQuery, SearchText};
use taglink_domain::use_case::{links, tags};
use taglink_repository::reindex;
use uuid::Uuid;

use crate::database::TestDatabase;
use crate::fixture::{Fixture, OURS, SHARED, page};
use crate::on_every_database;
use crate::schema::query;
use crate::search_corpus::{CORPUS, QUERIES, Stored, expected, search};
use crate::sql_literal::{bytes_literal, id_as_text, number_as_text, time_as_text};

on_every_database!(
    any_text_is_found_by_any_query_that_means_it,
    the_index_follows_every_change,
    what_is_not_indexed_yet_is_found_after_reindexing,
    what_an_older_version_derived_is_derived_anew,
    an_account_takes_its_words_with_it,
);

/// The postings, and the columns that links and tags are searched by, as they are.
pub(crate) fn index(database: &TestDatabase) -> BTreeSet<[String; 4]> {
    let backend = database.url.backend();
    let [account, link, tag] = ["account_id", "link_id", "tag_id"].map(|column| id_as_text(backend, column));
    let (time, version) =
        (time_as_text(backend, "link_created_at"), number_as_text(backend, "search_version"));
    let mut rows = BTreeSet::new();
    for sql in [
        format!("SELECT {account} AS a, term AS b, {time} AS c, {link} AS d FROM link_term"),
        format!("SELECT {account} AS a, term AS b, 'tag' AS c, {tag} AS d FROM tag_term"),
        format!("SELECT {link} AS a, search_text AS b, title_key AS c, {version} AS d FROM link"),
        format!("SELECT {tag} AS a, search_text AS b, '' AS c, {version} AS d FROM tag"),
    ] {
        rows.extend(query(database, &sql));
    }
    rows
}

/// What the index must be.
pub(crate) fn rebuilt(fixture: &Fixture) -> BTreeSet<[String; 4]> {
    let simple = |id: Uuid| id.simple().to_string();
    let tags = fixture.read(|uow| uow.tags(OURS, None, &page(1000, None))).items;
    let mut rows = BTreeSet::new();
    let version = INDEX_VERSION.to_string();
    for link in fixture.all_links(OURS) {
        let index = LinkIndex::of(&link.url, link.title.as_deref(), link.notes.as_deref());
        let (account, id) = (simple(link.account_id.into()), simple(link.id.into()));
        for term in SearchText::terms_of(index.text.as_str()) {
            let created_at = link.created_at.micros().to_string();
            rows.insert([account.clone(), term.to_owned(), created_at, id.clone()]);
        }
        rows.insert([id, index.text.as_str().to_owned(), index.title_key, version.clone()]);
    }
    for tag in tags {
        let (account, id) = (simple(tag.account_id.into()), simple(tag.id.into()));
        let text = SearchText::of_tag(&tag.name);
        for term in SearchText::terms_of(text.as_str()) {
            rows.insert([account.clone(), term.to_owned(), "tag".into(), id.clone()]);
        }
        rows.insert([id, text.as_str().to_owned(), String::new(), version.clone()]);
    }
    rows
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 50, ..Config::default() })
}

/// Texts that have words in common.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "(rust|Rust|RUSTY|book|café|日本語|ß|Σς|1|a|-|/|\\.)",
        1 => "\\PC{1,3}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.join(" "))
}

fn any_text_is_found_by_any_query_that_means_it(fixture: &Fixture) {
    let stored = std::cell::RefCell::new(Vec::<Stored>::new());
    let document = (
        text(),
        text(),
        "[a-cß/?.%é日]{0,6}",
        prop::collection::vec("(a|dev|dev/a|\\PC{1,4}|rust book)", 0..3),
    );
    let condition = prop_oneof![
        4 => "-?(rust|rus|book|caf|日|ß|σ|1|a-?b?)",
        2 => "-?\"(rust|book|café|日本) ?(rust|語|book)?\"",
        2 => "-?tag:(a|dev|dev/\\*|\"rust book\")",
        1 => "-?site:(example|x\\.example|b\\.example)",
        1 => "-?(is:untagged|before:2024|after:2023-11-14T22:13:20\\.00002Z)",
        1 => text().prop_map(|text| text.replace('"', "")),
    ];
    let query = prop::collection::vec(condition, 0..3).prop_map(|conditions| conditions.join(" "));
    let cases = (document, prop::collection::vec(query, 6));
    let checked = runner(25).run(&cases, |((title, notes, path, tags), queries)| {
        let number = stored.borrow().len();
        let url = format!("https://{}.example/{path}{number}", ["x", "b", "www.x"][number % 3]);
        let tags: Vec<String> =
            tags.into_iter().filter(|name| TagName::parse(name.clone()).is_ok()).collect();
        if LinkUrl::parse(url.clone()).is_ok() {
            let one = fixture.store_text(SHARED, &url, &title, &notes, &tags);
            let mut stored = stored.borrow_mut();
            if stored.iter().all(|known| known.link.id != one.link.id) {
                stored.push(one);
            }
        }
        for q in queries {
            let Ok(query) = SearchQuery::parse(&q) else { continue };
            let search = LinkSearch { query, ..LinkSearch::default() };
            prop_assert_eq!(fixture.search_all(&search, 100), expected(&stored.borrow(), &search), "{}", q);
        }
        Ok(())
    });
    checked.unwrap();
}

#[derive(Clone, Debug)]
enum Change {
    Link(String, String),
    Tag(String),
    EditLink(usize, Option<String>, Option<String>),
    MoveLink(usize, u8),
    RenameTag(usize, String),
    DeleteLink(usize),
    DeleteTag(usize),
    Attach(String, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let name = || "[a-c]{1,2}(/[a-c日é]{1,2})? ?\\PC?";
    prop_oneof![
        3 => (text(), text()).prop_map(|(title, notes)| Change::Link(title, notes)),
        2 => name().prop_map(Change::Tag),
        3 => (any::<usize>(), prop::option::of(text()), prop::option::of(text()))
            .prop_map(|(at, title, notes)| Change::EditLink(at, title, notes)),
        1 => (any::<usize>(), any::<u8>()).prop_map(|(at, path)| Change::MoveLink(at, path)),
        2 => (any::<usize>(), name()).prop_map(|(at, name)| Change::RenameTag(at, name)),
        1 => any::<usize>().prop_map(Change::DeleteLink),
        1 => any::<usize>().prop_map(Change::DeleteTag),
        1 => (name(), any::<usize>()).prop_map(|(name, at)| Change::Attach(name, at)),
    ]
}

/// Makes a change; those that cannot be made change nothing.
fn make(fixture: &Fixture, change: Change) {
    let links = fixture.all_links(OURS);
    let tags = fixture.read(|uow| uow.tags(OURS, None, &page(1000, None))).items;
    let link = |at: usize| -> Option<Link> { links.get(at % links.len().max(1)).cloned() };
    match change {
        Change::Link(title, notes) => {
            let url = format!("https://{}.example/", links.len() % 5);
            let untagged: [&str; 0] = [];
            fixture.store_text(SHARED, &url, &title, &notes, &untagged);
        }
        Change::Tag(name) => {
            let new = fixture.new_tag(SHARED, &name);
            drop(fixture.write(move |uow| uow.insert_tag(&new)));
        }
        Change::EditLink(at, title, notes) => {
            let Some(mut link) = link(at) else { return };
            link.title =
                title.and_then(|title| Title::parse(&title).unwrap()).map(|title| title.as_str().to_owned());
            link.notes =
                notes.and_then(|notes| Notes::parse(notes).unwrap()).map(|notes| notes.as_str().to_owned());
            let mut outdated = link.clone();
            outdated.version += 7;
            assert!(!fixture.write(move |uow| uow.update_link(&outdated, None)).unwrap());
            assert!(fixture.write(move |uow| uow.update_link(&link, None)).unwrap());
        }
        Change::MoveLink(at, path) => {
            let Some(mut link) = link(at) else { return };
            let url = LinkUrl::parse(format!("https://moved.example/{path}")).unwrap();
            url.as_str().clone_into(&mut link.url);
            drop(fixture.write(move |uow| uow.update_link(&link, Some(&url))));
        }
        Change::RenameTag(at, name) => {
            let Some(tag) = tags.get(at % tags.len().max(1)).cloned() else { return };
            let (name, now) = (TagName::parse(name).unwrap(), fixture.later());
            drop(fixture.write(move |uow| uow.rename_tag(&tag, &name, now)));
        }
        Change::DeleteLink(at) => {
            let Some(id) = link(at).map(|link| IdRef::from(link.id)) else { return };
            assert!(fixture.write(move |uow| links::delete(uow, OURS, &id)).unwrap());
        }
        Change::DeleteTag(at) => {
            let Some(id) = tags.get(at % tags.len().max(1)).map(|tag| IdRef::from(tag.id)) else { return };
            assert!(fixture.write(move |uow| tags::delete(uow, OURS, &id)).unwrap());
        }
        Change::Attach(name, at) => {
            let Some(link) = link(at) else { return };
            fixture.store_text(SHARED, &link.url, "", "", &[name]);
        }
    }
}

fn the_index_follows_every_change(fixture: &Fixture) {
    let changes = prop::collection::vec(change(), 12);
    let checked = runner(8).run(&changes, |changes| {
        for change in changes {
            make(fixture, change);
        }
        prop_assert_eq!(index(&fixture.database), rebuilt(fixture));
        Ok(())
    });
    checked.unwrap();
}

/// Stores 1,100 links and as many tags that are not indexed yet: more than one batch of each.
pub(crate) fn store_outdated(fixture: &Fixture) {
    let backend = fixture.backend();
    let account = fixture.id_sql(SHARED);
    let (mut links, mut tags) = (Vec::new(), Vec::new());
    for number in 0..1100 {
        let (link, tag) = (fixture.new_link(SHARED, &format!("https://old.example/{number}")), TagId::new());
        let [id, tag] = [fixture.id_sql(link.id), fixture.id_sql(tag)];
        let (at, hash) = (fixture.time_sql(link.created_at), bytes_literal(backend, link.url.hash()));
        links.push(format!(
            "({id}, {account}, '{}', {hash}, 1, {at}, {at}, 'Old {number}', '', '', 0)",
            link.url.as_str()
        ));
        tags.push(format!("({tag}, {account}, 'Old/{number}', 'old/{number}', 1, {at}, {at}, ' wrong ', 0)"));
    }
    fixture.sql(&format!(
        "INSERT INTO link (link_id, account_id, url, url_hash, version, created_at, updated_at, title, title_key, \
         search_text, search_version) VALUES {}",
        links.join(", ")
    ));
    fixture.sql(&format!(
        "INSERT INTO tag (tag_id, account_id, name, name_key, version, created_at, updated_at, search_text, \
         search_version) VALUES {}",
        tags.join(", ")
    ));
}

fn what_is_not_indexed_yet_is_found_after_reindexing(fixture: &Fixture) {
    let stored = fixture.corpus();
    store_outdated(fixture);
    assert_eq!(fixture.search_all(&search("old"), 1000), []);
    assert_eq!(reindex(&fixture.database.url), Ok(2200));
    for q in QUERIES {
        let search = search(&format!("{q} -site:old.example"));
        assert_eq!(fixture.search_all(&search, 100), expected(&stored, &search), "{q}");
    }
    for (q, number) in [("old", 1100), ("\"old 1099\"", 1), ("site:old.example", 1100), ("old 109", 11)] {
        assert_eq!(fixture.search_all(&search(q), 1000).len(), number, "{q}");
    }
    assert!(index(&fixture.database).is_superset(&rebuilt(fixture)), "links and tags alike");
    assert_eq!(reindex(&fixture.database.url), Ok(0));
}

fn what_an_older_version_derived_is_derived_anew(fixture: &Fixture) {
    fixture.corpus();
    for name in ["links", "others"] {
        fixture.store_text(SHARED, &format!("https://{name}.example"), "Rust Book", "notes", &[name]);
    }
    let whole = index(&fixture.database);
    fixture.sql("DELETE FROM link_term WHERE term >= 'l' AND term < 's'");
    fixture.sql("DELETE FROM tag_term");
    fixture.sql(
        "INSERT INTO link_term (account_id, term, link_created_at, link_id) \
         SELECT account_id, 'wrong', created_at, link_id FROM link",
    );
    fixture.sql("UPDATE link SET search_version = 0, title_key = 'z', search_text = ' wrong other '");
    fixture.sql("UPDATE tag SET search_version = 0, search_text = ''");
    assert_ne!(index(&fixture.database), whole);
    assert!(reindex(&fixture.database.url).unwrap() > 40);
    assert_eq!(index(&fixture.database), whole);
    assert!(CORPUS.len() > 40);
}

fn an_account_takes_its_words_with_it(fixture: &Fixture) {
    let before = index(&fixture.database);
    let account = fixture.other_account();
    let stored = fixture.store_text(account, "https://a.example", "Title", "Notes", &["a tag"]);
    let filter = TagLinkFilter { link_id: Some(stored.link.id), tag_id: None };
    assert_ne!(index(&fixture.database), before);
    assert_eq!(fixture.read(move |uow| uow.taglinks(OURS, filter, &page(9, None))).items, []);
    assert!(fixture.delete_account(AccountScope::One(account), account));
    assert_eq!(index(&fixture.database), before);
}
