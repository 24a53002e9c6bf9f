//! The same requests get the same answers on SQLite, PostgreSQL and MariaDB, whatever they are and in whatever order.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};
use taglink_repository::Backend;

use crate::app::TestApp;

/// How many requests each service gets.
const REQUESTS: usize = 250;

/// What a client asks for; numbers choose among the ids that earlier answers told.
#[derive(Clone, Debug)]
enum Wish {
    CreateLink { url: u8, tag: u8, title: Option<u8> },
    CreateTag(u8),
    CreateTagLink(u8, u8),
    PatchLink { link: u8, title: Option<u8>, url: Option<u8> },
    SetTags { link: u8, tags: Vec<u8> },
    RenameTag(u8, u8),
    Merge(u8, u8),
    DeleteLink(u8),
    DeleteTag(u8),
    DeleteTagLinks(u8, u8),
    DeleteUnused,
    Batch(Vec<(u8, u8)>, bool),
    Search(u8, u8),
    List(u8),
}

const NAMES: [&str; 9] = ["rust", "Rust ", "café", "cafe\u{301}", "🍣", "dev/web", "dev", "ﬃ", "ΣΑΣ"];
const URLS: [&str; 7] = [
    "https://example.com/a",
    "HTTPS://EXAMPLE.com:443/a",
    "https://example.com/b?x=1",
    "http://münchen.example/straße",
    "https://sub.example.com/🍣",
    "https://[2001:db8::1]/x",
    "ftp://example.com",
];
const TITLES: [&str; 6] = ["Zero to Production", "über Rust", "", "日本語 の本", "100% \\ _ '", "ÉCOLE"];
const QUERIES: [&str; 12] = [
    "rus",
    "\"zero to\"",
    "tag:rust",
    "-tag:cafe",
    "tag:dev/*",
    "site:example.com",
    "is:untagged",
    "after:2020",
    "before:2020",
    "ube",
    "日",
    "\"open",
];
const SORTS: [&str; 6] = ["created", "-created", "title", "-title", "updated", "-updated"];

fn wish() -> impl Strategy<Value = Wish> {
    let some = any::<u8>;
    prop_oneof![
        4 => (some(), some(), any::<Option<u8>>()).prop_map(|(url, tag, title)| Wish::CreateLink { url, tag, title }),
        2 => some().prop_map(Wish::CreateTag),
        2 => (some(), some()).prop_map(|(tag, link)| Wish::CreateTagLink(tag, link)),
        2 => (some(), any::<Option<u8>>(), any::<Option<u8>>())
            .prop_map(|(link, title, url)| Wish::PatchLink { link, title, url }),
        2 => (some(), prop::collection::vec(some(), 0..4)).prop_map(|(link, tags)| Wish::SetTags { link, tags }),
        1 => (some(), some()).prop_map(|(tag, name)| Wish::RenameTag(tag, name)),
        1 => (some(), some()).prop_map(|(tag, source)| Wish::Merge(tag, source)),
        1 => some().prop_map(Wish::DeleteLink),
        1 => some().prop_map(Wish::DeleteTag),
        1 => (some(), some()).prop_map(|(tag, link)| Wish::DeleteTagLinks(tag, link)),
        1 => Just(Wish::DeleteUnused),
        1 => (prop::collection::vec((some(), some()), 1..5), any::<bool>())
            .prop_map(|(links, atomic)| Wish::Batch(links, atomic)),
        3 => (some(), some()).prop_map(|(query, sort)| Wish::Search(query, sort)),
        2 => some().prop_map(Wish::List),
    ]
}

fn pick<'a>(from: &[&'a str], number: u8) -> &'a str {
    from[usize::from(number) % from.len()]
}

/// A service, and the ids it has told so far, in the order in which it did.
struct Subject {
    app: TestApp,
    links: Vec<String>,
    tags: Vec<String>,
    seen: HashMap<String, usize>,
}

impl Subject {
    fn new(backend: Backend) -> Self {
        Self { app: TestApp::new(backend), links: Vec::new(), tags: Vec::new(), seen: HashMap::new() }
    }

    fn link(&self, number: u8) -> &str {
        self.links.get(usize::from(number) % self.links.len().max(1)).map_or("blah", String::as_str)
    }

    fn tag(&self, number: u8) -> &str {
        self.tags.get(usize::from(number) % self.tags.len().max(1)).map_or("blah", String::as_str)
    }

    fn request(&self, wish: &Wish) -> (Method, String, Value) {
        let name = |number: u8| pick(&NAMES, number);
        match wish {
            Wish::CreateLink { url, tag, title } => {
                let title = title.map(|title| pick(&TITLES, title));
                (
                    Method::POST,
                    "/link/".into(),
                    json!({"link": pick(&URLS, *url), "tag": name(*tag), "title": title}),
                )
            }
            Wish::CreateTag(tag) => (Method::POST, "/tag/".into(), json!({"tag": name(*tag)})),
            Wish::CreateTagLink(tag, link) => {
                let body = json!({"tag_id": self.tag(*tag), "link_id": self.link(*link)});
                (Method::POST, "/taglink/".into(), body)
            }
            Wish::PatchLink { link, title, url } => {
                let mut body = json!({"title": title.map(|title| pick(&TITLES, title))});
                if let Some(url) = url {
                    body["link"] = json!(pick(&URLS, *url));
                }
                (Method::PATCH, format!("/link/{}", self.link(*link)), body)
            }
            Wish::SetTags { link, tags } => {
                let tags: Vec<&str> = tags.iter().map(|tag| name(*tag)).collect();
                (Method::PUT, format!("/link/{}/tags", self.link(*link)), json!({ "tags": tags }))
            }
            Wish::RenameTag(tag, to) => {
                (Method::PATCH, format!("/tag/{}", self.tag(*tag)), json!({"tag": name(*to)}))
            }
            Wish::Merge(tag, source) => {
                let body = json!({"source_ids": [self.tag(*source)]});
                (Method::POST, format!("/tag/{}/merge", self.tag(*tag)), body)
            }
            Wish::DeleteLink(link) => (Method::DELETE, format!("/link/{}", self.link(*link)), Value::Null),
            Wish::DeleteTag(tag) => (Method::DELETE, format!("/tag/{}", self.tag(*tag)), Value::Null),
            Wish::DeleteTagLinks(tag, link) => {
                let path = format!("/taglink/?tag_id={}&link_id={}", self.tag(*tag), self.link(*link));
                (Method::DELETE, path, Value::Null)
            }
            Wish::DeleteUnused => (Method::DELETE, "/tag/?unused=true".into(), Value::Null),
            Wish::Batch(links, atomic) => {
                let operations: Vec<Value> = links
                    .iter()
                    .map(|(url, tag)| json!({"op": "create_link", "link": pick(&URLS, *url), "tag": name(*tag)}))
                    .collect();
                let mode = if *atomic { "atomic" } else { "independent" };
                (Method::POST, "/batch/".into(), json!({"mode": mode, "operations": operations}))
            }
            Wish::Search(query, sort) => {
                let mut parameters = url::form_urlencoded::Serializer::new(String::new());
                parameters.append_pair("q", pick(&QUERIES, *query)).append_pair("sort", pick(&SORTS, *sort));
                parameters
                    .append_pair("total", "true")
                    .append_pair("include", "tags")
                    .append_pair("limit", "3");
                (Method::GET, format!("/link/?{}", parameters.finish()), Value::Null)
            }
            Wish::List(number) => {
                let lists =
                    ["/link/?include=tags", "/tag/?include=count", "/taglink/", "/link/facets", "/change/"];
                (Method::GET, pick(&lists, *number).into(), Value::Null)
            }
        }
    }

    /// Sends a request, and tells what can be compared of the answer.
    async fn answer(&mut self, wish: &Wish) -> String {
        let (method, path, body) = self.request(wish);
        let request = self.app.request(method, &path).bearer(self.app.token().await);
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await;
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        self.learn(&body);
        self.make_comparable(&mut body);
        let has_next = answer.header("link").contains("rel=\"next\"");
        let (total, etag) =
            (answer.header("x-total-count"), answer.header("etag").split('.').next().unwrap_or(""));
        format!("{} next={has_next} total={total} etag={etag} {body}", answer.status)
    }

    /// Remembers the ids of new links and tags.
    fn learn(&mut self, body: &Value) {
        match body {
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            Value::Object(members) => {
                for (ids, name) in [(&mut self.links, "link_id"), (&mut self.tags, "tag_id")] {
                    if let Some(id) = members.get(name).and_then(Value::as_str).filter(|id| id.len() == 36)
                        && ids.iter().all(|known| known != id)
                    {
                        ids.push(id.to_owned());
                    }
                }
                members.values().for_each(|inner| self.learn(inner));
            }
            _ => {}
        }
    }

    /// Ids become numbers in the order in which they were first told; times and request ids go.
    fn make_comparable(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.make_comparable(item)),
            Value::Object(members) => {
                for transient in ["request_id", "created_at", "updated_at", "changed_at", "etag", "location"]
                {
                    members.remove(transient);
                }
                members.values_mut().for_each(|member| self.make_comparable(member));
            }
            Value::String(text) => {
                for id in self.links.iter().chain(&self.tags) {
                    if text.contains(id.as_str()) {
                        let next = self.seen.len();
                        let number = *self.seen.entry(id.clone()).or_insert(next);
                        *text = text.replace(id.as_str(), &format!("id {number}"));
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[tokio::test]
async fn random_requests_get_the_same_answers_on_every_database() {
    // A fixed seed: what fails here fails everywhere.
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let wishes = prop::collection::vec(wish(), REQUESTS).new_tree(&mut runner).unwrap().current();
    let mut subjects = [Backend::Sqlite, Backend::Postgres, Backend::Mariadb].map(Subject::new);
    let mut succeeded = 0;
    for (number, wish) in wishes.iter().enumerate() {
        let [sqlite, postgres, mariadb] = &mut subjects;
        let expected = sqlite.answer(wish).await;
        assert!(!expected.starts_with('5'), "request {number}, {wish:?}: {expected}");
        assert_eq!(postgres.answer(wish).await, expected, "request {number}, {wish:?}");
        assert_eq!(mariadb.answer(wish).await, expected, "request {number}, {wish:?}");
        succeeded += usize::from(expected.starts_with("200"));
    }
    assert!(succeeded > REQUESTS / 2, "most requests should do something: {succeeded}");
}
