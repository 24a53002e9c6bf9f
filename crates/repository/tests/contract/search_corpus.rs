//! Links that are hard to search, what is looked for among them, and what must be found: told by [`matches`].

use taglink_domain::model::{AccountId, Link, NewLink, Notes, TagLink, Timestamp, Title};
use taglink_domain::port::RepositoryError;
use taglink_domain::search::{
    Document, FoundLinks, LinkPlace, LinkSearch, SearchQuery, SortField, TagFilter, matches, title_key,
};

use crate::fixture::{Fixture, OURS, SHARED, links_by_pages};

/// A link with the names of its tags.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) link: Link,
    pub(crate) tags: Vec<String>,
}

/// URL, title, notes and tags.
pub(crate) type Text = (&'static str, &'static str, &'static str, &'static [&'static str]);

pub(crate) const CORPUS: [Text; 48] = [
    ("https://www.rust-lang.org/", "The Rust Programming Language", "", &["dev/rust", "Language"]),
    ("https://doc.rust-lang.org/book/", "The Rust Book", "Read chapter 4.\nAgain!", &["dev/rust", "to read"]),
    ("https://doc.rust-lang.org/book/ch04-01.html", "Ownership", "the book of rust", &["dev/rust/ownership"]),
    ("https://kits.example/crates/actix-web", "actix-web", "a web framework", &["dev/rust/web", "dev/web"]),
    (
        "https://kits.example/crates/diesel",
        "Diesel",
        "ORM for SQLite, PostgreSQL and MariaDB",
        &["dev", "Database"],
    ),
    ("https://example.com", "", "", &[]),
    ("https://example.com/", "", "", &["same as before"]),
    ("https://www.example.com/", "Example Domain", "", &["example"]),
    ("https://sub.a.example.com/?q=rust#top", "", "", &[]),
    ("https://notexample.com/", "Not an example", "", &["example"]),
    ("https://example.com.evil.org/", "Phishing", "", &["security"]),
    ("http://example.org:8080/path_to/foo-bar?a=b&c=d", "Foo", "", &["foo-bar", "foo bar"]),
    ("https://user:secret@private.example.net/", "Behind a password", "", &["security"]),
    ("https://Bücher.example/caf%C3%A9", "Bücher", "Ein Café in Köln", &["Bücher"]),
    ("https://xn--bcher-kva.example/", "Punycode", "", &["bücher"]),
    ("https://日本語.jp/検索", "日本語の検索", "全文検索を試す", &["日本", "言語/日本語"]),
    ("https://example.jp/%E6%97%A5%E6%9C%AC", "東京 日本", "カタカナ と ひらがな", &["日本"]),
    ("https://ko.example/", "한국어 위키", "", &["언어"]),
    ("https://gr.example/", "ΟΔΟΣ ΣΙΣΥΦΟΥ", "οδός", &["Ελλάδα"]),
    ("https://tr.example/", "İstanbul ISPARTA ıspanak", "", &["türkiye"]),
    ("https://de.example/", "Straße STRASSE", "Weiß ẞ", &["straße"]),
    ("https://ar.example/", "مرحبا بالعالم", "ﷺ", &["عربي"]),
    ("https://hi.example/", "नमस्ते दुनिया", "", &["हिन्दी"]),
    ("https://wide.example/", "ＲＵＳＴ ｆｕｌｌ ｗｉｄｔｈ", "ﬁne ligature", &["ＷＩＤＥ"]),
    ("https://combining.example/", "Cafe\u{301} resume\u{301}", "", &["cafe\u{301}"]),
    ("https://plain.example/", "Cafe resume", "", &["cafe"]),
    ("https://names.example/c++", "C++ in depth", "C# and F#, not Objective-C", &["c++", ".net"]),
    ("https://names.example/net", "The .NET of AT&T", "ASP.NET with node.js", &["at&t"]),
    ("https://cats.example/", "Cooking with cats", "look at the net", &["c"]),
    ("https://runs.example/", "リレーショナルデータベース入門", "북마크관리프로그램 ﾃﾞｰﾀ", &["データ"]),
    ("https://emoji.example/🍣", "🍣 sushi 🍺", "1\u{fe0f}\u{20e3} keycap", &["🍣", "🍺"]),
    ("http://[::1]:3000/", "Loopback", "IPv6", &["ip"]),
    ("http://[2001:db8::1]/rust", "Documentation address", "", &["ip"]),
    ("http://127.0.0.1/", "Loopback", "IPv4", &["ip"]),
    ("http://127.1/other", "Loopback again", "", &[]),
    ("http://localhost:3000", "loopback", "", &["dev/"]),
    ("https://like.example/100%25_off", "100% off_now [a-z]* \\ ' \" ;--", "%_%", &["100%", "_"]),
    ("https://case.example/A", "aaa", "", &["AAA"]),
    ("https://case.example/a", "AAA", "", &["aaa/b"]),
    ("https://space.example/", "  two   spaces  ", "tab\there", &["a b"]),
    (
        "https://long.example/",
        "wordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordXYZ",
        "",
        &["devops"],
    ),
    ("https://digits.example/2024", "3.14 version 1.93", "", &["2024", "2024/11"]),
    ("https://repeat.example/repeat/repeat", "repeat repeat", "repeat", &["repeat"]),
    ("https://apostrophe.example/", "Don't panic", "it's O'Reilly", &["o'reilly"]),
    ("https://quote.example/", "\"Quoted\" title", "", &["say \"hi\""]),
    ("https://backslash.example/", "C:\\Windows", "", &["back\\slash"]),
    ("https://none.example/", "———", "", &["DEV/Rust/Web/actix"]),
    ("https://astral.example/", "𝕌𝕟𝕚𝕔𝕠𝕕𝕖 𐐀𐐁", "", &["𐐀"]),
];

pub(crate) const QUERIES: [&str; 97] = [
    "",
    "rust",
    "Rust BOOK",
    "rus",
    "ust",
    "\"rust book\"",
    "\"rust boo\"",
    "\"book rust\"",
    "rust -book",
    "-rust",
    "-rust -example",
    "book -\"rust book\"",
    "example",
    "exam com",
    "foo-bar",
    "fo-bar",
    "foo-ba",
    "\"foo bar\"",
    "\"to read\"",
    "\"chapter 4 again\"",
    "https://www.example.com/",
    "https://example.com",
    "www.rust-lang.org",
    "https://doc.rust-lang.org/bo",
    "user",
    "secret",
    "8080",
    "tag:dev/rust",
    "tag:DEV/RUST",
    "tag:dev/*",
    "-tag:dev/* -is:untagged",
    "tag:dev",
    "tag:dev/rust/*",
    "tag:\"to read\"",
    "tag:nothing",
    "-tag:nothing",
    "tag:example -site:example.com",
    "tag:bücher",
    "tag:aaa",
    "tag:aaa/*",
    "tag:日本",
    "tag:言語/*",
    "tag:🍣",
    "tag:🍺",
    "tag:_",
    "tag:100%",
    "tag:a",
    "tag:dev/* tag:dev/web",
    "site:example.com",
    "-site:example.com",
    "site:com",
    "site:www.example.com",
    "site:bücher.example",
    "site:[::1]",
    "site:127.0.0.1",
    "site:localhost",
    "site:example.com.evil.org",
    "is:untagged",
    "-is:untagged",
    "is:untagged rust",
    "before:2023-11-15",
    "after:2023-11-14T22:13:20.000040Z",
    "after:2023 before:2024",
    "after:2024",
    "bücher",
    "café",
    "cafe",
    "\"café\"",
    "\"cafe resume\"",
    "-cafe",
    "c",
    "\"c\"",
    "c++",
    "-c++",
    "\"c++ in\"",
    "c#",
    ".net",
    "\"the .net\"",
    "net",
    "at&t",
    "node.js",
    "データベース",
    "\"ベース\"",
    "ﾃﾞｰﾀ",
    "관리",
    "\"북마크관리\"",
    "日本",
    "日本語",
    "\"日本 語\"",
    "カタカ",
    "οδος",
    "istanbul",
    "straße",
    "strasse",
    "fine",
    "1\u{fe0f}\u{20e3}",
    "wordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordother",
];

impl Fixture {
    /// Stores a link of an account with its tags.
    pub(crate) fn store_text(
        &self,
        account_id: AccountId,
        url: &str,
        title: &str,
        notes: &str,
        tags: &[impl AsRef<str>],
    ) -> Stored {
        let new = NewLink {
            title: Title::parse(title).unwrap(),
            notes: Notes::parse(notes.to_owned()).unwrap(),
            ..self.new_link(account_id, url)
        };
        let new_tags: Vec<_> = tags.iter().map(|name| self.new_tag(account_id, name.as_ref())).collect();
        let (link, tags) = self
            .write(move |uow| -> Result<_, RepositoryError> {
                let link = uow.find_or_create_link(&new)?;
                let mut names = Vec::new();
                for tag in &new_tags {
                    let tag = uow.find_or_create_tag(tag)?;
                    uow.ensure_taglink(&TagLink {
                        account_id,
                        tag_id: tag.id,
                        link_id: link.id,
                        link_created_at: link.created_at,
                        created_at: link.created_at,
                    })?;
                    names.push(tag.name);
                }
                Ok((link, names))
            })
            .unwrap();
        Stored { link, tags }
    }

    /// The corpus, and links of another account with the same texts, which must never be found.
    pub(crate) fn corpus(&self) -> Vec<Stored> {
        let other = self.other_account();
        for (url, title, notes, tags) in CORPUS.iter().take(9) {
            self.store_text(other, url, title, notes, tags);
        }
        let stored: Vec<_> = CORPUS
            .iter()
            .map(|(url, title, notes, tags)| self.store_text(SHARED, url, title, notes, tags))
            .collect();
        // Two of the URLs are one link.
        stored.into_iter().fold(Vec::new(), |mut all: Vec<Stored>, one| {
            match all.iter_mut().find(|known| known.link.id == one.link.id) {
                Some(known) => known.tags.extend(one.tags),
                None => all.push(one),
            }
            all
        })
    }

    pub(crate) fn search(&self, search: &LinkSearch, limit: u16, after: Option<LinkPlace>) -> FoundLinks {
        self.page_of_links(OURS, search, limit, after)
    }

    /// Everything that is found, read by pages of `limit`.
    pub(crate) fn search_all(&self, search: &LinkSearch, limit: u16) -> Vec<Link> {
        links_by_pages(self.store.as_ref(), OURS, search, limit)
    }
}

/// A search for what a client writes.
pub(crate) fn search(q: &str) -> LinkSearch {
    LinkSearch {
        query: SearchQuery::parse(q).unwrap_or_else(|error| panic!("{q}: {error}")),
        ..LinkSearch::default()
    }
}

/// What must be found, without a database.
pub(crate) fn expected(stored: &[Stored], search: &LinkSearch) -> Vec<Link> {
    let is_found = |stored: &&Stored| {
        let tags: Vec<&str> = stored.tags.iter().map(String::as_str).collect();
        let link = &stored.link;
        let document = Document {
            url: &link.url,
            title: link.title.as_deref(),
            notes: link.notes.as_deref(),
            created_at: link.created_at,
            tags: &tags,
        };
        let is_filtered = search.tags.as_ref().is_none_or(|filters| {
            filters.iter().any(|filter| match filter {
                TagFilter::Id(_) => panic!("not told by names"),
                TagFilter::Pattern(pattern) => tags.iter().any(|name| pattern.matches(&key(name))),
            })
        });
        is_filtered && matches(&search.query, &document)
    };
    let mut found: Vec<Link> = stored.iter().filter(is_found).map(|stored| stored.link.clone()).collect();
    let place = |link: &Link| -> (String, Timestamp) {
        let none = Timestamp::from_micros(0).unwrap();
        match search.sort.field {
            SortField::Created => (String::new(), link.created_at),
            SortField::Title => (title_key(link.title.as_deref()), none),
            SortField::Updated => (String::new(), link.updated_at),
        }
    };
    found.sort_by_key(|link| (place(link), link.id));
    if search.sort.descending {
        found.reverse();
    }
    found
}

pub(crate) fn key(name: &str) -> String {
    taglink_domain::model::TagName::parse(name.to_owned()).unwrap().key().to_owned()
}
