//! Searching finds on each database what `matches` says, in each order, page by page.

use std::collections::BTreeMap;

use taglink_domain::model::{AccountScope, Link, LinkId};
use taglink_domain::search::{LinkSearch, SortOrder, TagFilter, TagPattern};

use crate::fixture::{Fixture, OURS, SHARED, links_by_pages, page};
use crate::on_every_database;
use crate::search_corpus::{QUERIES, Stored, expected, key, search};

on_every_database!(
    every_query_finds_what_it_means,
    every_order_is_paged_without_gaps_and_duplicates,
    filters_by_tags_and_queries_hold_together,
    totals_and_tags_are_counted_over_everything_that_is_found,
    operators_search_the_links_of_every_account,
    over_all_accounts_every_order_begins_with_the_account,
    a_tag_is_listed_with_everything_below_it,
    common_words_are_found_in_every_order_too,
);

fn urls(links: &[Link]) -> Vec<&str> {
    links.iter().map(|link| link.url.as_str()).collect()
}

fn every_query_finds_what_it_means(fixture: &Fixture) {
    let stored = fixture.corpus();
    for q in QUERIES {
        let search = search(q);
        let found = fixture.search(&search, 1000, None);
        assert_eq!(urls(&found.links), urls(&expected(&stored, &search)), "{q}");
        assert_eq!(found.links, expected(&stored, &search), "{q}");
        assert_eq!(found.next, None);
    }
}

fn every_order_is_paged_without_gaps_and_duplicates(fixture: &Fixture) {
    let mut stored = fixture.corpus();
    // The order of changes is another one than that of creation.
    for at in [3, 11, 7, 20] {
        let (mut link, updated_at) = (stored[at].link.clone(), fixture.later());
        link.updated_at = updated_at;
        link.title = Some(format!("Changed {}", at % 2));
        let changed = link.clone();
        assert!(fixture.write(move |uow| uow.update_link(&changed, None)).unwrap());
        link.version += 1;
        stored[at].link = link;
    }
    for order in ["created", "-created", "title", "-title", "updated", "-updated"] {
        for q in ["", "rust", "example -rust", "loopback", "tag:dev/*", "tag:nothing"] {
            let search = LinkSearch { sort: SortOrder::parse(order).unwrap(), ..search(q) };
            let expected = expected(&stored, &search);
            for limit in 1..=7 {
                let found = fixture.search_all(&search, limit);
                assert_eq!(urls(&found), urls(&expected), "{order} {q} by {limit}");
                assert_eq!(found, expected);
            }
        }
    }
    let other_order = fixture.search(&search("rust"), 1, None).next;
    let by_title = LinkSearch { sort: SortOrder::parse("title").unwrap(), ..search("rust") };
    assert_eq!(fixture.search(&by_title, 9, other_order).links, [], "a place of another order");
}

fn pattern(text: &str) -> TagFilter {
    TagFilter::Pattern(TagPattern::parse(text).unwrap())
}

fn filters_by_tags_and_queries_hold_together(fixture: &Fixture) {
    let stored = fixture.corpus();
    for filters in [vec![], vec![pattern("dev/*")], vec![pattern("Dev/Rust")], vec![pattern("nothing")]] {
        for q in ["", "rust", "-rust", "rust -book", "tag:dev/web", "is:untagged"] {
            let search = LinkSearch { tags: Some(filters.clone()), ..search(q) };
            assert_eq!(fixture.search_all(&search, 2), expected(&stored, &search), "{filters:?} {q}");
        }
    }
    let tags = fixture.read(|uow| uow.tags(OURS, Some("database"), &page(9, None))).items;
    let by_id = |tags: Vec<TagFilter>| LinkSearch { tags: Some(tags), ..search("") };
    let id = TagFilter::Id(tags[0].id);
    assert_eq!(
        urls(&fixture.search_all(&by_id(vec![id.clone()]), 9)),
        ["https://kits.example/crates/diesel"]
    );
    let either = fixture.search_all(&by_id(vec![id, pattern("dev/web")]), 1);
    assert_eq!(
        urls(&either),
        ["https://kits.example/crates/actix-web", "https://kits.example/crates/diesel"]
    );
    let foreign = fixture.other_account();
    let foreign = TagFilter::Id(fixture.tag(foreign, "foreign").id);
    assert_eq!(fixture.search_all(&by_id(vec![foreign]), 1), []);
}

fn counts(stored: &[Stored], search: &LinkSearch) -> Vec<(String, i64)> {
    let found = expected(stored, search);
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for stored in stored.iter().filter(|stored| found.contains(&stored.link)) {
        for tag in &stored.tags {
            *counts.entry(key(tag)).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(key, count)| (-count, key.clone()));
    counts
}

fn totals_and_tags_are_counted_over_everything_that_is_found(fixture: &Fixture) {
    let stored = fixture.corpus();
    for q in
        ["", "rust", "-rust", "tag:dev/*", "site:example.com", "nothing at all", "is:untagged", "loopback"]
    {
        let search = search(q);
        let wanted = search.clone();
        let total = fixture.snapshot(move |uow| uow.count_found_links(OURS, &wanted));
        assert_eq!(usize::try_from(total).unwrap(), expected(&stored, &search).len(), "{q}");
        let counts = counts(&stored, &search);
        for limit in [2, 1000] {
            let wanted = search.clone();
            let found = fixture
                .snapshot(move |uow| uow.count_found_tags(OURS, &wanted, page::<()>(limit, None).limit));
            let found: Vec<_> = found.into_iter().map(|count| (key(&count.tag.name), count.links)).collect();
            let expected: Vec<_> = counts.iter().take(limit.into()).cloned().collect();
            assert_eq!(found, expected, "{q}");
        }
    }
}

fn operators_search_the_links_of_every_account(fixture: &Fixture) {
    let other = fixture.other_account();
    let ours = fixture.store_text(SHARED, "https://a.example", "Rust B", "", &["dev/x"]);
    let theirs = fixture.store_text(other, "https://a.example", "Rust A", "", &["Dev/Y"]);
    fixture.store_text(other, "https://b.example", "Go", "", &["x"]);
    for (q, order) in
        [("rust", "-title"), ("tag:dev/*", "created"), ("rust site:a.example", "updated"), ("dev", "created")]
    {
        let search = LinkSearch { sort: SortOrder::parse(order).unwrap(), ..search(q) };
        let (wanted, counted, tags) = (search.clone(), search.clone(), search.clone());
        let found = fixture.snapshot(move |uow| uow.search_links(AccountScope::All, &wanted, &page(9, None)));
        let mut expected = [ours.link.clone(), theirs.link.clone()];
        if search.sort.descending {
            expected.reverse();
        }
        assert_eq!(found.links, expected, "{q}");
        assert_eq!(fixture.snapshot(move |uow| uow.count_found_links(AccountScope::All, &counted)), 2);
        let limit = page::<()>(9, None).limit;
        let tags = fixture.snapshot(move |uow| uow.count_found_tags(AccountScope::All, &tags, limit));
        assert_eq!(tags.iter().map(|count| count.tag.name.as_str()).collect::<Vec<_>>(), ["dev/x", "Dev/Y"]);
        let theirs_only =
            fixture.snapshot(move |uow| uow.search_links(AccountScope::One(other), &search, &page(9, None)));
        assert_eq!(theirs_only.links, std::slice::from_ref(&theirs.link));
    }
}

fn over_all_accounts_every_order_begins_with_the_account(fixture: &Fixture) {
    let others = [fixture.other_account(), fixture.other_account()];
    let mut stored: Vec<Stored> = Vec::new();
    for (number, title) in ["c", "a", "", "b", "a"].into_iter().enumerate() {
        for account in [others[1], SHARED, others[0]] {
            let tags: &[&str] = if number % 2 == 0 { &["odd"] } else { &["even", "x"] };
            stored.push(fixture.store_text(account, &format!("https://{number}.example"), title, "", tags));
        }
    }
    for at in [4, 7, 1] {
        let (mut link, updated_at) = (stored[at].link.clone(), fixture.later());
        link.updated_at = updated_at;
        let changed = link.clone();
        assert!(fixture.write(move |uow| uow.update_link(&changed, None)).unwrap());
        link.version += 1;
        stored[at].link = link;
    }
    for order in ["created", "-created", "title", "-title", "updated", "-updated"] {
        for q in ["", "example", "tag:odd", "tag:x site:example", "a", "-is:untagged"] {
            let search = LinkSearch { sort: SortOrder::parse(order).unwrap(), ..search(q) };
            let mut expected = expected(&stored, &search);
            // Those of one account are in their order already.
            expected.sort_by_key(|link| link.account_id);
            if search.sort.descending {
                let mut accounts: Vec<_> =
                    expected.chunk_by(|one, other| one.account_id == other.account_id).collect();
                accounts.reverse();
                expected = accounts.concat();
            }
            for limit in [1, 2, 4, 50] {
                let store = fixture.store.as_ref();
                let found = links_by_pages(store, AccountScope::All, &search, limit);
                assert_eq!(found, expected, "{order} {q} by {limit}");
            }
        }
    }
}

fn a_tag_is_listed_with_everything_below_it(fixture: &Fixture) {
    let names = ["dev/rust", "Dev", "devops", "dev0", "dev.", "dev/rust/web", "dev/\u{10ffff}x", "other/dev"];
    for name in names {
        fixture.tag(SHARED, name);
    }
    let theirs = fixture.other_account();
    fixture.tag(theirs, "dev/theirs");
    let Ok(TagPattern::Tree(root)) = TagPattern::parse("dev/*") else { panic!("it is a tree") };
    for (scope, expected) in [
        (OURS, vec!["dev/rust", "Dev", "dev/rust/web", "dev/\u{10ffff}x"]),
        (AccountScope::All, vec!["dev/rust", "Dev", "dev/rust/web", "dev/\u{10ffff}x", "dev/theirs"]),
    ] {
        let mut seen: Vec<taglink_domain::model::Tag> = Vec::new();
        loop {
            let (root, after) = (root.clone(), seen.last().map(taglink_domain::model::TagPosition::from));
            let found = fixture.read(move |uow| uow.tags_below(scope, &root, &page(3, after)));
            seen.extend(found.items);
            if !found.has_more {
                break;
            }
        }
        assert_eq!(seen.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), expected);
    }
}

/// More links than a search begins with: they are read in their order instead.
fn common_words_are_found_in_every_order_too(fixture: &Fixture) {
    let stored: Vec<_> = (0..5)
        .map(|number| {
            let title = format!("common {}", number % 2);
            fixture.store_text(SHARED, &format!("https://{number}.example"), &title, "", &["often", "x"])
        })
        .collect();
    // Postings as they would be, without their links.
    let (account, ids) = (fixture.id_sql(SHARED), (0..5100).map(|_| LinkId::new()).collect::<Vec<_>>());
    for ids in ids.chunks(1000) {
        let posting = |id: &LinkId| {
            format!("({account}, 'common', {}, {})", fixture.time_sql(fixture.later()), fixture.id_sql(*id))
        };
        let rows: Vec<String> = ids.iter().map(posting).collect();
        fixture.sql(&format!(
            "INSERT INTO link_term (account_id, term, link_created_at, link_id) VALUES {}",
            rows.join(", ")
        ));
    }
    for order in ["created", "-created", "title", "-title", "updated", "-updated"] {
        for q in ["common", "comm -is:untagged", "common 1", "-often", "common site:2.example after:2020"] {
            let search = LinkSearch { sort: SortOrder::parse(order).unwrap(), ..search(q) };
            assert_eq!(fixture.search_all(&search, 2), expected(&stored, &search), "{order} {q}");
            let wanted = search.clone();
            let all =
                fixture.snapshot(move |uow| uow.search_links(AccountScope::All, &wanted, &page(9, None)));
            assert_eq!(all.links, expected(&stored, &search), "{order} {q}");
        }
    }
}
