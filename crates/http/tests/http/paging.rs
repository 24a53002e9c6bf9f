//! Paging: walking a list meets every item once, in order, whatever is deleted on the way.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, text};
use crate::on_every_database;

on_every_database!(
    walking_a_list_meets_every_item_once,
    a_cursor_outlives_its_row,
    a_union_of_two_tags_is_paged_as_one_list,
    pages_of_large_items_end_early,
    pages_end_early_for_many_long_tags,
    limits_and_cursors_that_are_not_valid_are_refused,
);

async fn walk(app: &TestApp, first: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut path = Some(first.to_owned());
    while let Some(at) = path {
        let answer = app.get(&at).await;
        items.extend(answer.expect(200).as_array().unwrap().clone());
        path = answer.next();
    }
    items
}

async fn walking_a_list_meets_every_item_once(app: &TestApp) {
    for number in 0..7 {
        app.post("/link/", &json!({"link": format!("https://{number}.example"), "tag": "a b&c"}))
            .await
            .expect(200);
        app.post("/tag/", &json!({"tag": format!("tag {number}")})).await.expect(200);
    }
    for (list, count) in [("/link/", 7), ("/tag/", 8), ("/taglink/", 7), ("/link/?tag=a+b%26c", 7)] {
        let whole = app.get(list).await;
        assert_eq!(whole.next(), None);
        let whole = whole.expect(200);
        assert_eq!(whole.as_array().unwrap().len(), count);
        let joint = if list.contains('?') { '&' } else { '?' };
        for limit in [1, 2, 3, 7, 8] {
            assert_eq!(walk(app, &format!("{list}{joint}limit={limit}")).await, *whole.as_array().unwrap());
        }
    }
    let full = app.get("/link/?limit=7").await;
    assert_eq!(full.next(), None, "nothing follows a page that is full to the last item");
}

async fn a_cursor_outlives_its_row(app: &TestApp) {
    let mut ids = Vec::new();
    for number in 0..3 {
        ids.push(app.link(&format!("https://{number}.example"), "a").await.0);
    }
    let first = app.get("/link/?limit=1").await;
    let rest = first.next().unwrap();
    app.delete(&format!("/link/{}", ids[0])).await.expect(200);
    assert_eq!(app.get(&rest).await.expect(200)[0]["link_id"], ids[1].as_str());
}

async fn a_union_of_two_tags_is_paged_as_one_list(app: &TestApp) {
    let mut a = String::new();
    for number in 0..6 {
        let url = format!("https://{number}.example");
        a = app.link(&url, "a").await.1;
        if number % 2 == 0 {
            app.link(&url, "b").await;
        }
        app.link(&format!("https://b{number}.example"), "b").await;
    }
    let whole = app.get(&format!("/link/?tag_id={a}&tag=b")).await.expect(200);
    assert_eq!(whole.as_array().unwrap().len(), 12);
    for limit in [1, 2, 5] {
        let walked = walk(app, &format!("/link/?tag_id={a}&tag=b&limit={limit}")).await;
        assert_eq!(walked, *whole.as_array().unwrap(), "in pages of {limit}");
    }
}

async fn pages_of_large_items_end_early(app: &TestApp) {
    const COUNT: usize = 90;
    let notes = "\u{20ac}".repeat(10_000);
    for part in 0..3 {
        let link = |number: usize| {
            let link = format!("https://{part}.example/{number}/{}", "x".repeat(8000));
            json!({"op": "create_link", "link": link, "notes": notes, "tag": "large"})
        };
        let links: Vec<Value> = (0..COUNT / 3).map(link).collect();
        app.post("/batch/", &json!({ "operations": links })).await.expect(200);
    }
    for list in
        ["/link/?limit=1000", "/link/?limit=1000&sort=title&tag=large", "/link/?limit=1000&include=tags"]
    {
        let first = app.get(list).await;
        let items = first.expect(200).as_array().unwrap().len();
        assert!((40..COUNT).contains(&items), "{items} of {list}");
        let found = walk(app, list).await;
        let mut ids: Vec<String> = found.iter().map(|link| text(&link["link_id"])).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((found.len(), ids.len()), (COUNT, COUNT), "{list}");
    }
    let changes = app.get("/change/?limit=1000").await;
    let first = changes.list().len();
    assert!(first < 2 * COUNT, "{first}");
    let rest = app.get(&changes.next().unwrap()).await;
    assert_eq!(first + rest.list().len(), 2 * COUNT + 1, "the tag, each link, each taglink");
}

async fn pages_end_early_for_many_long_tags(app: &TestApp) {
    let long = "\u{20ac}".repeat(240);
    let tags: Vec<String> = (0..60).map(|number| format!("{number} {long}")).collect();
    let body = json!({ "tags": tags });
    for number in 0..70 {
        let id = app.link(&format!("https://{number}.example"), "a").await.0;
        let set = app.request(Method::PUT, &format!("/link/{id}/tags")).json(&body);
        set.bearer(app.token().await).send().await.expect(200);
    }
    for list in ["/link/?limit=1000&include=tags", "/link/?limit=1000&include=tags&sort=title"] {
        let first = app.get(list).await.expect(200).as_array().unwrap().len();
        assert!((25..70).contains(&first), "{first} of {list}");
        assert_eq!(walk(app, list).await.len(), 70, "{list}");
    }
}

async fn limits_and_cursors_that_are_not_valid_are_refused(app: &TestApp) {
    for list in ["/link/", "/tag/", "/taglink/"] {
        for limit in ["0", "-1", "1001", "", "ten", "1.5", "18446744073709551616"] {
            let answer = app.get(&format!("{list}?limit={limit}")).await;
            let problem = answer.expect_problem(422, "limit must be a number from 1 to 1000");
            assert_eq!(problem["errors"][0]["loc"], json!(["query", "limit"]));
        }
        for cursor in ["", "x", "AAAA", "%F0%9F%8D%A3"] {
            let answer = app.get(&format!("{list}?cursor={cursor}")).await;
            let detail = "cursor is not one of this list's: start again without it";
            assert_eq!(answer.expect_problem(422, detail)["errors"][0]["loc"], json!(["query", "cursor"]));
        }
        app.get(&format!("{list}?limit=1000")).await.expect(200);
        app.get(&format!("{list}?limit=1&limit=1")).await.expect_problem(422, "limit: given more than once");
    }
    app.link("https://1.example", "a").await;
    app.link("https://2.example", "a").await;
    let cursor = app.get("/link/?limit=1").await.next().unwrap();
    let cursor = text(&json!(cursor.split_once("cursor=").unwrap().1));
    app.get(&format!("/link/?tag=a&cursor={cursor}")).await.expect(422);
    app.get(&format!("/tag/?cursor={cursor}")).await.expect(422);
    app.get(&format!("/link?cursor={cursor}&limit=5")).await.expect(200);
}
