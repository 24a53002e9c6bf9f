//! Searching over the interface: each parameter, each status, and where it is told what else there is.

use reqwest::Method;
use serde_json::{Value, json};
use taglink_repository::Backend;

use crate::app::{Answer, TestApp, text};
use crate::on_every_database;

on_every_database!(
    a_query_finds_links_by_words_phrases_and_conditions,
    a_syntax_error_points_at_the_place,
    every_order_is_paged_by_its_own_cursors,
    a_total_and_facets_are_told_on_demand,
    a_tree_of_tags_filters_links_and_tags,
    a_search_stays_within_the_account,
);

/// Stores links that differ in everything, in this order.
async fn fill(app: &TestApp) {
    let links = [
        json!({"link": "https://doc.rust-lang.org/book/", "tag": "dev/rust", "title": "The Rust Book", "notes": "Chapter 4", "created_at": "2026-01-31T12:00:00Z"}),
        json!({"link": "https://www.example.com/zebra", "tag": "Dev", "title": "zebra", "created_at": "2026-02-01T12:00:00Z"}),
        json!({"link": "https://example.com/none", "tag": "later", "created_at": "2026-02-02T12:00:00Z"}),
        json!({"link": "https://日本語.jp/", "tag": "devops", "title": "日本語 rust", "created_at": "2026-03-01T12:00:00Z"}),
        json!({"link": "https://example.org/", "tag": "dev/rust/web", "title": "Äpfel", "created_at": "2026-04-01T12:00:00Z"}),
    ];
    for link in links {
        app.post("/link/", &link).await.expect(200);
    }
    // The last one has no tag.
    let (id, _) = app.link("https://untagged.example/", "gone").await;
    app.delete(&format!("/taglink/?link_id={id}")).await.expect(200);
}

/// The URLs of an answer, without scheme and what follows the host.
fn hosts(answer: &Answer) -> Vec<String> {
    let links = answer.expect(200);
    let host = |link: &Value| text(&link["link"]).split('/').nth(2).unwrap().to_owned();
    links.as_array().unwrap().iter().map(host).collect()
}

fn encoded(parameters: &[(&str, &str)]) -> String {
    let url = reqwest::Url::parse_with_params("http://x/", parameters).unwrap();
    url.query().unwrap_or_default().to_owned()
}

async fn found(app: &TestApp, q: &str) -> Vec<String> {
    hosts(&app.get(&format!("/link/?{}", encoded(&[("q", q)]))).await)
}

async fn a_query_finds_links_by_words_phrases_and_conditions(app: &TestApp) {
    fill(app).await;
    let all = hosts(&app.get("/link/").await);
    assert_eq!(all.len(), 6);
    let [doc, www, none, jp, org, untagged] = all.clone().try_into().unwrap();
    for (q, expected) in [
        ("", all.clone()),
        ("  ", all.clone()),
        ("rust", vec![doc.clone(), jp.clone(), org.clone()]),
        ("RU boo", vec![doc.clone()]),
        ("\"rust book\"", vec![doc.clone()]),
        ("\"book rust\"", vec![]),
        ("日本", vec![jp.clone()]),
        ("chapter", vec![doc.clone()]),
        ("https://www.example.com/z", vec![www.clone()]),
        ("tag:DEV", vec![www.clone()]),
        ("tag:dev/*", vec![doc.clone(), www.clone(), org.clone()]),
        ("-tag:dev/*", vec![none.clone(), jp.clone(), untagged.clone()]),
        ("site:example.com", vec![www.clone(), none.clone()]),
        ("site:日本語.jp", vec![jp.clone()]),
        ("is:untagged", vec![untagged.clone()]),
        ("before:2026-02", vec![doc.clone()]),
        ("after:2026-02-01 before:2026-04", vec![none.clone(), jp.clone()]),
        ("rust -tag:dev/rust -日本", vec![org.clone()]),
        ("a'; DROP TABLE link", vec![]),
    ] {
        assert_eq!(found(app, q).await, expected, "{q}");
    }
    let both = app.get(&format!("/link/?{}", encoded(&[("q", "rust"), ("tag", "dev/rust")]))).await;
    assert_eq!(hosts(&both), [doc.as_str()]);
    let with_tags = app.get("/link/?q=book&include=tags").await.expect(200);
    assert_eq!(with_tags[0]["tags"][0]["tag"], "dev/rust");
    assert!(app.get("/link/?q=book").await.expect(200)[0].get("tags").is_none());
    app.get("/link/?q=rust&include=all").await.expect_problem(422, "include must be tags");
}

async fn a_syntax_error_points_at_the_place(app: &TestApp) {
    for (q, at, detail) in [
        ("é \"rust", 2, "q is not valid at character 2: the quote is not closed"),
        ("tag:", 0, "q is not valid at character 0: tag must be 1 to 255 characters long"),
        (
            "a before:x",
            9,
            "q is not valid at character 9: a date such as 2026, 2026-11 or 2026-11-24, or an RFC 3339 time, is expected",
        ),
        ("a ---", 2, "q is not valid at character 2: there is no letter or digit to look for"),
    ] {
        for path in ["/link/", "/link/facets"] {
            let answer = app.get(&format!("{path}?{}", encoded(&[("q", q)]))).await;
            let problem = answer.expect_problem(422, detail);
            assert_eq!(problem["code"], "validation_failed");
            assert_eq!(problem["at"], at, "{q}");
            assert_eq!(problem["errors"][0]["loc"], json!(["query", "q"]));
            assert_eq!(problem["errors"][0]["msg"], detail);
        }
    }
    let long = "a".repeat(1001);
    assert_eq!(app.get(&format!("/link/?q={long}")).await.expect(422)["at"], 1000);
    for (query, parameter, detail) in [
        ("sort=url", "sort", "sort must be one of created, -created, title, -title, updated and -updated"),
        ("sort=", "sort", "sort must be one of created, -created, title, -title, updated and -updated"),
        ("total=1", "total", "total must be true or false"),
        ("facets=links", "facets", "facets must be tags"),
        ("q=a&q=b", "q", "q: given more than once"),
    ] {
        let problem = app.get(&format!("/link/?{query}")).await.expect_problem(422, detail);
        assert_eq!(problem["errors"][0]["loc"], json!(["query", parameter]));
        assert!(problem.get("at").is_none());
    }
    app.get("/link/facets?limit=0").await.expect_problem(422, "limit must be a number from 1 to 1000");
    let two = app.get("/link/?q=tag:&sort=x").await.expect(422);
    assert_eq!(two["errors"].as_array().unwrap().len(), 2);
}

/// The target of a `Link` header with this relation.
fn target(answer: &Answer, relation: &str) -> Option<String> {
    let end = format!(">; rel=\"{relation}\"");
    let links = answer.headers.get_all("link").iter().map(|link| link.to_str().unwrap());
    links
        .filter_map(|link| link.strip_suffix(&end))
        .map(|link| link.trim_start_matches('<').to_owned())
        .next()
}

async fn walk(app: &TestApp, first: &str) -> Vec<String> {
    let (mut all, mut path) = (Vec::new(), Some(first.to_owned()));
    while let Some(at) = path {
        let answer = app.get(&at).await;
        all.extend(hosts(&answer));
        path = target(&answer, "next");
    }
    all
}

async fn every_order_is_paged_by_its_own_cursors(app: &TestApp) {
    fill(app).await;
    let all = hosts(&app.get("/link/").await);
    let [doc, www, none, jp, org, untagged] = all.clone().try_into().unwrap();
    let by_title = vec![none, untagged, doc, www, org, jp];
    for (sort, ascending) in [("created", &all), ("title", &by_title), ("updated", &all)] {
        for limit in [1, 2, 4, 6, 100] {
            let path = |sort: &str, more: &str| format!("/link/?sort={sort}&limit={limit}{more}");
            assert_eq!(walk(app, &path(sort, "")).await, *ascending, "{sort}");
            assert_eq!(walk(app, &path(sort, "&q=-nothing&total=true")).await, *ascending, "{sort}");
            let descending: Vec<_> = ascending.iter().rev().cloned().collect();
            assert_eq!(walk(app, &path(&format!("-{sort}"), "")).await, descending, "{sort}");
        }
    }
    let next = |path: &str| {
        let path = path.to_owned();
        async move { target(&app.get(&path).await, "next").unwrap() }
    };
    let cursor = |next: &str| next.split_once("cursor=").unwrap().1.to_owned();
    let of_title = cursor(&next("/link/?sort=title&limit=1").await);
    let of_query = cursor(&next("/link/?q=rust&limit=1").await);
    let detail = "cursor is not one of this list's: start again without it";
    for path in ["/link/?", "/link/?sort=-title&", "/link/?sort=updated&", "/link/?sort=title&q=rust&"] {
        app.get(&format!("{path}cursor={of_title}")).await.expect_problem(422, detail);
    }
    for path in ["/link/?", "/link/?q=Rust&", "/link/?q=rust&tag=dev&", "/link/?q=rust&sort=created&"] {
        app.get(&format!("{path}cursor={of_query}")).await.expect_problem(422, detail);
    }
    app.get(&format!("/link/?q=rust&total=true&include=tags&cursor={of_query}")).await.expect(200);
    // Asking for the total does not make another list of it.
    let usual = cursor(&next("/link/?limit=2").await);
    let rest = app.get(&format!("/link/?total=true&limit=2&cursor={usual}")).await;
    assert_eq!((hosts(&rest).as_slice(), rest.header("x-total-count")), (&all[2..4], "6"));
    let usual = cursor(&target(&rest, "next").unwrap());
    assert_eq!(hosts(&app.get(&format!("/link/?cursor={usual}")).await), all[4..]);
}

async fn a_total_and_facets_are_told_on_demand(app: &TestApp) {
    fill(app).await;
    let plain = app.get("/link/?q=rust&limit=1").await;
    assert_eq!((plain.header("x-total-count"), target(&plain, "facets")), ("", None));
    let asked = app.get("/link/?q=rust&limit=1&total=true&facets=tags").await;
    assert_eq!(asked.header("x-total-count"), "3");
    assert!(asked.expect(200).is_array(), "the shape of the list stays");
    let next = target(&asked, "next").unwrap();
    assert!(next.contains("total=true") && next.contains("facets=tags"), "{next}");
    let facets = target(&asked, "facets").unwrap();
    assert_eq!(facets, "/link/facets?q=rust");
    let counts = |answer: &Answer| -> Vec<(String, i64)> {
        let counts = answer.expect(200);
        let count = |count: &Value| (text(&count["tag"]), count["count"].as_i64().unwrap());
        counts.as_array().unwrap().iter().map(count).collect()
    };
    let one = |tag: &str| (tag.to_owned(), 1);
    let answer = app.get(&facets).await;
    assert_eq!(counts(&answer), [one("dev/rust"), one("dev/rust/web"), one("devops")]);
    let tag = app.get("/tag/?tag=devops").await.expect(200);
    assert_eq!(answer.json()[2]["tag_id"], tag[0]["tag_id"]);
    assert_eq!(answer.json()[2]["account_id"], tag[0]["account_id"]);

    app.link("https://www.example.com/zebra", "later").await;
    let answer = app.get("/link/facets?limit=2").await;
    assert_eq!(counts(&answer), [("later".into(), 2), one("Dev")]);
    assert_eq!(counts(&app.get("/link/facets?tag=later").await), [("later".into(), 2), one("Dev")]);
    assert_eq!(counts(&app.get("/link/facets?q=is:untagged").await), []);
    assert_eq!(counts(&app.get("/link/facets?tag=nothing").await), []);
    let asked = app.get("/link/?tag=dev/*&facets=tags&sort=title").await;
    assert_eq!(target(&asked, "facets").unwrap(), "/link/facets?tag=dev%2F*");
    let asked = app.get("/link/?facets=tags&total=false").await;
    assert_eq!(
        (target(&asked, "facets").as_deref(), asked.header("x-total-count")),
        (Some("/link/facets"), "")
    );
    for (path, total) in
        [("/link/?total=true", "6"), ("/link/?tag=nothing&total=true", "0"), ("/link/?tag=&total=true", "0")]
    {
        assert_eq!(app.get(path).await.header("x-total-count"), total, "{path}");
    }
    app.delete("/link/facets").await.expect_problem(404, "Link with link_id facets not found");
    let anonymous = app.request(Method::GET, "/link/facets?q=%22").send().await;
    anonymous.expect_problem(401, "Not authenticated");
}

async fn a_tree_of_tags_filters_links_and_tags(app: &TestApp) {
    fill(app).await;
    let links = hosts(&app.get("/link/?tag=Dev/*").await);
    assert_eq!(links, ["doc.rust-lang.org", "www.example.com", "example.org"]);
    assert_eq!(walk(app, "/link/?tag=dev/*&limit=1").await, links);
    assert_eq!(hosts(&app.get("/link/?tag=dev/rust/*").await), ["doc.rust-lang.org", "example.org"]);
    assert_eq!(hosts(&app.get("/link/?tag=dev").await), ["www.example.com"], "alone it is the tag itself");
    assert_eq!(hosts(&app.get("/link/?tag=none/*").await), [""; 0]);
    let later = text(&app.get("/tag/?tag=later").await.expect(200)[0]["tag_id"]);
    let either = hosts(&app.get(&format!("/link/?tag=dev/rust/*&tag_id={later}")).await);
    assert_eq!(either, ["doc.rust-lang.org", "example.com", "example.org"]);

    let names = |answer: &Answer| -> Vec<String> {
        answer.expect(200).as_array().unwrap().iter().map(|tag| text(&tag["tag"])).collect()
    };
    assert_eq!(names(&app.get("/tag/?tag=DEV/*").await), ["dev/rust", "Dev", "dev/rust/web"]);
    let first = app.get("/tag/?tag=dev/*&limit=2&include=count").await;
    assert_eq!(first.expect(200)[0]["link_count"], 1);
    let second = app.get(&target(&first, "next").unwrap()).await;
    assert_eq!((names(&second), target(&second, "next")), (vec!["dev/rust/web".to_owned()], None));
    assert_eq!(names(&app.get("/tag/?tag=/*").await), [""; 0]);
}

async fn a_search_stays_within_the_account(app: &TestApp) {
    let (ours, theirs, admin) = (app.account().await, app.account().await, app.admin().await);
    let link = json!({"link": "https://secret.example", "tag": "secret", "title": "Secret"});
    let link = theirs.post("/link/", &link).await.expect(200);
    let account = text(&link["account_id"]);
    for path in
        ["/link/?q=secret&total=true", "/link/?tag=secret/*&total=true", "/link/?sort=title&total=true"]
    {
        let answer = ours.get(path).await;
        assert_eq!((answer.expect(200), answer.header("x-total-count")), (json!([]), "0"), "{path}");
        let foreign = ours.get(&format!("{path}&account_id={account}")).await;
        assert_eq!((foreign.expect(200), foreign.header("x-total-count")), (json!([]), "0"));
        for client in [&theirs, &admin] {
            let answer = client.get(&format!("{path}&account_id={account}")).await;
            assert_eq!(answer.expect(200)[0]["link_id"], link["link_id"], "{path}");
            assert_eq!(answer.header("x-total-count"), "1");
        }
        assert_eq!(admin.get(path).await.header("x-total-count"), "1");
    }
    for path in ["/link/facets?q=secret", "/tag/?tag=secret/*"] {
        assert_eq!(ours.get(path).await.expect(200), json!([]));
        assert_eq!(ours.get(&format!("{path}&account_id={account}")).await.expect(200), json!([]));
        assert_eq!(admin.get(path).await.expect(200)[0]["account_id"], link["account_id"]);
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_read_the_total() {
    let app = TestApp::with_settings(Backend::Sqlite, &[("TAGLINK__ORIGINS", "https://app.example")]);
    let request = app.request(Method::GET, "/link/?total=true").bearer(app.token().await);
    let answer = request.header("origin", "https://app.example").send().await;
    let exposed = answer.header("access-control-expose-headers").to_lowercase();
    assert!(exposed.contains("x-total-count") && exposed.contains("link"), "{exposed}");
}
