//! How long searches take with 100,000 links in one account. Not run unless asked for, because it only tells:
//! `scripts/with-databases.sh cargo test --release -p taglink-repository --test contract -- --ignored --nocapture search_measure`

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use taglink_domain::model::{LinkUrl, NewLink, NewTag, Tag, TagLink, Timestamp, Title};
use taglink_domain::search::{LinkSearch, SortOrder};
use taglink_repository::Backend;

use crate::fixture::{Fixture, OURS, SHARED, page};
use crate::search_corpus::search;

const LINKS: u32 = 100_000;
const WORDS: [&str; 12] = [
    "rust", "python", "database", "search", "index", "howto", "review", "news", "garden", "music", "paper",
    "tool",
];

fn title(number: u32) -> String {
    let at = |step: u32| WORDS[usize::try_from((number / step) % 12).unwrap()];
    format!("{} {} about {} {}", at(1), at(12), at(144), number)
}

fn fill(fixture: &Fixture) -> Duration {
    let tags: Vec<NewTag> = (0..200)
        .map(|number| fixture.new_tag(SHARED, &format!("area{}/topic{number}", number % 10)))
        .collect();
    let tags: Vec<Tag> =
        tags.into_iter().map(|tag| fixture.write(move |uow| uow.find_or_create_tag(&tag)).unwrap()).collect();
    let begun = Instant::now();
    for first in (0..LINKS).step_by(1000) {
        let tags = tags.clone();
        let micros = fixture.later().micros();
        fixture
            .write(move |uow| {
                for number in first..first + 1000 {
                    let at = Timestamp::from_micros(micros + i64::from(number) * 1000).unwrap();
                    let url =
                        format!("https://host{}.example{}.com/path/page-{number}", number % 50, number % 400);
                    let link = uow.find_or_create_link(&NewLink {
                        id: taglink_domain::model::LinkId::new(),
                        account_id: SHARED,
                        url: LinkUrl::parse(url).unwrap(),
                        title: Title::parse(&title(number)).unwrap(),
                        notes: None,
                        created_at: at,
                        updated_at: at,
                    })?;
                    for step in [7, 13] {
                        let tag = &tags[usize::try_from(number * step % 199).unwrap()];
                        uow.ensure_taglink(&TagLink {
                            account_id: SHARED,
                            tag_id: tag.id,
                            link_id: link.id,
                            link_created_at: at,
                            created_at: at,
                        })?;
                    }
                }
                Ok::<_, taglink_domain::port::RepositoryError>(())
            })
            .unwrap();
    }
    begun.elapsed()
}

fn measure(backend: Backend) {
    let fixture = Fixture::new(backend);
    println!("{backend:?}: {LINKS} links in {:?}", fill(&fixture));
    if backend == Backend::Postgres {
        fixture.sql("VACUUM ANALYZE");
    }
    for q in [
        "",
        "rust",
        "\"rust python\"",
        "99999",
        "page",
        "com -example",
        "rust python garden",
        "ru 4711",
        "topic7",
        "nothing",
        "tag:area3/*",
        "tag:area3/topic3",
        "tag:area3/* rust",
        "-tag:area3/* rust",
        "site:host7.example7.com",
        "site:example7.com rust",
        "site:com",
        "is:untagged",
        "rust before:2023-11-14T22:15",
        "example1 example2",
        "-page",
    ] {
        let mut line = format!("{q:32}");
        for order in ["created", "-created", "title", "-updated"] {
            let search = LinkSearch { sort: SortOrder::parse(order).unwrap(), ..search(q) };
            let begun = Instant::now();
            let found = fixture.search(&search, 100, None);
            let first = begun.elapsed();
            let begun = Instant::now();
            let second = found.next.clone().map(|next| fixture.search(&search, 100, Some(next)));
            let second = second.map_or(0.0, |_| millis(begun.elapsed()));
            write!(line, " {order}: {:6.1} {second:6.1} ms", millis(first)).unwrap();
        }
        let (counted, of_tags) = (search(q), search(q));
        let begun = Instant::now();
        let total = fixture.snapshot(move |uow| uow.count_found_links(OURS, &counted));
        write!(line, " total {total}: {:6.1} ms", millis(begun.elapsed())).unwrap();
        let begun = Instant::now();
        let limit = page::<()>(100, None).limit;
        fixture.snapshot(move |uow| uow.count_found_tags(OURS, &of_tags, limit));
        println!("{line} facets: {:6.1} ms", millis(begun.elapsed()));
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[test]
#[ignore = "measures"]
fn sqlite() {
    measure(Backend::Sqlite);
}

#[test]
#[ignore = "measures"]
fn postgres() {
    measure(Backend::Postgres);
}

#[test]
#[ignore = "measures"]
fn mariadb() {
    measure(Backend::Mariadb);
}
