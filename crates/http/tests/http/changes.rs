//! The change feed, to the contract.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{Answer, Client, SHARED, TestApp, USERNAME, text};
use crate::on_every_database;

on_every_database!(
    a_client_starts_at_the_latest_change_and_follows,
    a_removal_is_told_by_its_ids,
    changes_are_told_from_the_beginning_page_by_page,
    the_end_of_the_feed_leads_to_itself,
    an_admin_names_the_account,
    an_account_follows_itself_only,
    what_is_no_longer_kept_is_gone,
    who_follows_an_account_that_is_removed_starts_again,
    parameters_that_are_not_valid_are_refused,
);

const EXPIRED: &str =
    "The changes that follow are no longer kept: start again with after=latest, then read the lists anew";
const NOT_OURS: &str = "after is no cursor of this account's changes: start again with after=latest";

/// Where to go on, which is told always.
#[track_caller]
fn next(answer: &Answer) -> String {
    answer.expect(200);
    answer.next().expect("there is always a way on")
}

/// What was done to what, change by change.
fn kinds(answer: &Answer) -> Vec<String> {
    let kind = |change: &Value| format!("{} {}", text(&change["change"]), text(&change["entity"]));
    answer.list().iter().map(kind).collect()
}

fn numbers(answer: &Answer) -> Vec<i64> {
    answer.list().iter().map(|change| change["seq"].as_i64().unwrap()).collect()
}

async fn a_client_starts_at_the_latest_change_and_follows(app: &TestApp) {
    app.link("https://before.example", "before").await;
    let latest = app.get("/change/?after=latest").await;
    assert_eq!(latest.list(), Vec::<Value>::new());
    let (link_id, tag_id) = app.link("https://example.com", "rust").await;
    let answer = app.get(&next(&latest)).await;
    let at = answer.list()[0]["changed_at"].clone();
    assert!(text(&at).ends_with('Z') && text(&at).len() == "2026-01-31T12:00:00.000000Z".len(), "{at}");
    let link = app.get(&format!("/link/{link_id}")).await.json();
    let tag = app.get(&format!("/tag/{tag_id}")).await.json();
    let taglink = app.get(&format!("/taglink/?link_id={link_id}")).await.list()[0].clone();
    assert_eq!(
        answer.json(),
        json!([
            {"change": "upsert", "entity": "tag", "seq": 4, "changed_at": at, "tag": tag},
            {"change": "upsert", "entity": "link", "seq": 5, "changed_at": at, "link": link},
            {"change": "upsert", "entity": "taglink", "seq": 6, "changed_at": at, "taglink": taglink},
        ])
    );
}

async fn a_removal_is_told_by_its_ids(app: &TestApp) {
    let (link, tag) = app.link("https://example.com", "rust").await;
    let latest = next(&app.get("/change?after=latest").await);
    app.delete(&format!("/link/{link}")).await.expect_ok();
    app.delete(&format!("/tag/{tag}")).await.expect_ok();
    let answer = app.get(&latest).await;
    assert_eq!(kinds(&answer), ["delete taglink", "delete link", "delete tag"]);
    let changes = answer.list();
    assert_eq!((&changes[0]["tag_id"], &changes[0]["link_id"]), (&json!(tag), &json!(link)));
    assert_eq!((&changes[1]["link_id"], changes[1].get("tag_id")), (&json!(link), None));
    assert_eq!((&changes[2]["tag_id"], changes[2].get("link_id")), (&json!(tag), None));
    let before = app.get("/change/").await;
    assert_eq!(kinds(&before)[..3], ["delete tag", "delete link", "delete taglink"], "as it is now");
}

async fn changes_are_told_from_the_beginning_page_by_page(app: &TestApp) {
    for number in 0..7 {
        app.post("/tag/", &json!({"tag": format!("tag {number}")})).await.expect(200);
    }
    for limit in [1, 3, 7, 1000] {
        let (mut path, mut seen) = (format!("/change/?limit={limit}"), Vec::new());
        loop {
            let answer = app.get(&path).await;
            path = next(&answer);
            assert!(path.starts_with(&format!("/change/?limit={limit}&after=")), "{path}");
            if answer.list().is_empty() {
                break;
            }
            assert!(answer.list().len() <= limit);
            seen.extend(numbers(&answer));
        }
        assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
    }
}

async fn the_end_of_the_feed_leads_to_itself(app: &TestApp) {
    for path in ["/change/", "/change/?after=latest"] {
        let first = app.get(path).await;
        let second = app.get(&next(&first)).await;
        assert_eq!((second.list(), next(&second)), (Vec::new(), next(&first)));
    }
    let end = next(&app.get("/change/").await);
    // What changes nothing leads nowhere.
    app.delete("/link/blah").await.expect(404);
    app.delete("/taglink/?tag_id=blah").await.expect_ok();
    assert_eq!(next(&app.get("/change/?after=latest").await), end);
    app.link("https://example.com", "rust").await;
    assert_eq!(numbers(&app.get(&end).await), [1, 2, 3], "the end goes on");
    app.link("https://example.com", "rust").await;
    assert_eq!(app.get(&end).await.list().len(), 3);
}

async fn an_admin_names_the_account(app: &TestApp) {
    let (admin, account) = (app.admin().await, app.account().await);
    for path in ["/change/", "/change/?after=latest", "/change/?limit=0"] {
        let detail = "The account_id field is required for the admin scope";
        let problem = admin.get(path).await.expect_problem(422, detail);
        assert_eq!(problem["code"], "account_id_required");
        assert_eq!(problem["errors"][0]["loc"], json!(["query", "account_id"]));
    }
    let latest = next(&admin.get(&format!("/change/?after=latest&account_id={}", account.id)).await);
    account.link("https://example.com", "rust", None).await;
    admin.link("https://2.example.com", "rust", Some(&account.id)).await;
    let answer = admin.get(&latest).await;
    assert_eq!(numbers(&answer), [1, 2, 3, 4, 5]);
    assert!(next(&answer).contains(&format!("account_id={}", account.id)));
    assert_eq!(answer.json(), account.get("/change/").await.json());
    // The shared account has a feed of its own.
    app.link("https://example.com", "rust").await;
    let shared = admin.get(&format!("/change/?account_id={SHARED}")).await;
    assert_eq!(shared.json(), app.get("/change/").await.json());
    assert_eq!(numbers(&shared), [1, 2, 3]);
    for nobody in ["blah", "", "018f3b1e-7c1a-7def-8a1b-0123456789ab"] {
        let answer = admin.get(&format!("/change/?account_id={nobody}")).await;
        assert_eq!(answer.list(), Vec::<Value>::new(), "{nobody}");
        assert_eq!(admin.get(&next(&answer)).await.list(), Vec::<Value>::new(), "{nobody}");
    }
}

async fn an_account_follows_itself_only(app: &TestApp) {
    let (one, other) = (app.account().await, app.account().await);
    one.link("https://example.com", "rust", None).await;
    let own = one.get("/change/").await;
    assert_eq!(numbers(&own), [1, 2, 3]);
    let named = one.get(&format!("/change/?account_id={}", one.id.to_uppercase())).await;
    assert_eq!(named.json(), own.json());
    assert_eq!(one.again("account read").await.get("/change/").await.json(), own.json());
    assert_eq!(app.get("/change/").await.list(), Vec::<Value>::new(), "nothing of it is shared");
    // Another's is like that of nobody.
    let foreign = other.get(&format!("/change/?account_id={}", one.id)).await;
    assert_eq!(foreign.list(), Vec::<Value>::new());
    assert_eq!(other.get(&next(&foreign)).await.list(), Vec::<Value>::new());
    // A cursor is good for its own account, whoever names it in whatever way.
    let cursor = next(&one.get("/change/?limit=1").await);
    let cursor = cursor.rsplit_once("after=").unwrap().1;
    assert_eq!(numbers(&one.get(&format!("/change/?after={cursor}&account_id={}", one.id)).await), [2, 3]);
    other.get(&format!("/change/?after={cursor}")).await.expect_problem(422, NOT_OURS);
    app.get(&format!("/change/?after={cursor}")).await.expect_problem(422, NOT_OURS);
    other.get(&format!("/change/?after={cursor}&account_id={}", one.id)).await.expect_problem(410, EXPIRED);
    app.request(reqwest::Method::GET, "/change/").send().await.expect_problem(401, "Not authenticated");
}

/// Stores so many tags.
async fn store_tags(client: &Client<'_>, numbers: std::ops::Range<usize>) {
    for number in numbers {
        client.post("/tag/", &json!({"tag": format!("tag {number}")})).await.expect(200);
    }
}

async fn what_is_no_longer_kept_is_gone(app: &TestApp) {
    store_tags(&Client::login(app, USERNAME, "").await, 0..3).await;
    let old = next(&app.get("/change/?limit=1").await);
    app.clock.advance(Duration::from_hours(24 * 90 + 1));
    let client = Client::login(app, USERNAME, "").await;
    let before = next(&client.get("/change/?after=latest").await);
    client.get(&old).await.expect(200);
    store_tags(&client, 3..70).await;
    for path in ["/change/", &old] {
        let problem = client.get(path).await.expect_problem(410, EXPIRED);
        assert_eq!(problem["code"], "cursor_expired");
    }
    assert_eq!(numbers(&client.get(&before).await)[0], 4, "whoever had read that much misses nothing");
    let again = next(&client.get("/change/?after=latest").await);
    assert_eq!(client.get(&again).await.list(), Vec::<Value>::new());
}

async fn who_follows_an_account_that_is_removed_starts_again(app: &TestApp) {
    let (admin, account) = (app.admin().await, app.account().await);
    account.link("https://example.com", "rust", None).await;
    let path = format!("/change/?account_id={}", account.id);
    let end = next(&admin.get(&path).await);
    admin.delete(&format!("/account/{}", account.id)).await.expect_ok();
    admin.get(&end).await.expect_problem(410, EXPIRED);
    let latest = next(&admin.get(&format!("{path}&after=latest")).await);
    assert_eq!(admin.get(&latest).await.list(), Vec::<Value>::new(), "as the lists are");
}

async fn parameters_that_are_not_valid_are_refused(app: &TestApp) {
    app.link("https://example.com", "rust").await;
    for limit in ["0", "-1", "1001", "", "ten", "1.5", "18446744073709551616"] {
        let answer = app.get(&format!("/change/?limit={limit}")).await;
        let problem = answer.expect_problem(422, "limit must be a number from 1 to 1000");
        assert_eq!(problem["errors"][0]["loc"], json!(["query", "limit"]));
    }
    let cursor = next(&app.get("/change/?limit=1").await).rsplit_once("after=").unwrap().1.to_owned();
    let mut damaged = vec![String::new(), "x".into(), "AAAA".into(), "Latest".into(), format!("{cursor}A")];
    for at in 0..cursor.len() {
        let other = if cursor.as_bytes()[at] == b'A' { "B" } else { "A" };
        damaged.push(format!("{}{other}{}", &cursor[..at], &cursor[at + 1..]));
    }
    app.link("https://2.example.com", "go").await;
    let of_links = next(&app.get("/link/?limit=1").await);
    damaged.push(of_links.rsplit_once("cursor=").unwrap().1.to_owned());
    for cursor in damaged {
        let problem = app.get(&format!("/change/?after={cursor}")).await.expect_problem(422, NOT_OURS);
        assert_eq!(problem["errors"][0]["loc"], json!(["query", "after"]), "{cursor}");
    }
    let both = app.get("/change/?after=x&limit=0").await.expect(422);
    assert_eq!(both["errors"].as_array().unwrap().len(), 2);
    app.get("/change/?after=latest&after=latest").await.expect_problem(422, "after: given more than once");
    assert_eq!(numbers(&app.get(&format!("/change/?after={cursor}&limit=1000")).await), [2, 3, 4, 5, 6]);
}
