//! Whose rows are whose: `account_id` in bodies, filters and objects, for each scope.

use serde_json::{Value, json};

use crate::app::{Client, SHARED, TestApp, text};
use crate::on_every_database;

on_every_database!(
    every_object_names_its_account,
    an_admin_must_say_for_whom_it_creates,
    an_account_that_does_not_exist_is_named_as_sent,
    an_account_may_name_only_itself,
    a_user_without_a_scope_may_name_only_the_shared_account,
    texts_name_the_account_to_those_who_know_of_accounts,
    urls_and_names_are_told_apart_by_account,
    lists_are_narrowed_to_an_account,
    a_cursor_belongs_to_the_account_it_was_given_for,
    an_admin_removes_anybodys_rows_and_an_account_its_own,
);

const REQUIRED: &str = "The account_id field is required for the admin scope";
const NOT_ALLOWED: &str = "The account_id field should not be provided for account scope";

/// A body for each route that creates rows.
fn bodies(account_id: &Value) -> [(&'static str, Value); 3] {
    [
        ("/link/", json!({"link": "https://a.example", "tag": "a", "account_id": account_id})),
        ("/tag/", json!({"tag": "b", "account_id": account_id})),
        ("/taglink/", json!({"tag_id": "blah", "link_id": "blah", "account_id": account_id})),
    ]
}

async fn every_object_names_its_account(app: &TestApp) {
    let (user, admin, account) = (app.user().await, app.admin().await, app.account().await);
    let other = app.account().await.id;
    for (client, named, owner) in [
        (&user, None, SHARED),
        (&user, Some(SHARED), SHARED),
        (&admin, Some(other.as_str()), &other),
        (&admin, Some(SHARED), SHARED),
        (&account, None, &account.id),
        (&account, Some(&account.id), &account.id),
    ] {
        let name = crate::app::unique("tag");
        let url = format!("https://{name}.example");
        let body = json!({"link": url, "tag": name, "account_id": named});
        let link = client.post("/link/", &body).await.expect(200);
        assert_eq!((&link["link"], &link["account_id"]), (&json!(url), &json!(owner)));
        let body = json!({"tag": format!("{name} 2"), "account_id": named});
        let tag = client.post("/tag/", &body).await.expect(200);
        assert_eq!((&tag["tag"], &tag["account_id"]), (&json!(format!("{name} 2")), &json!(owner)));
        let pair = json!({"tag_id": tag["tag_id"], "link_id": link["link_id"], "account_id": named});
        let taglink = client.post("/taglink/", &pair).await.expect(200);
        let pair = json!({"tag_id": tag["tag_id"], "link_id": link["link_id"], "account_id": owner});
        assert_eq!(taglink, pair);
        assert_eq!(client.get(&format!("/link/{}", text(&link["link_id"]))).await.expect(200), link);
        assert_eq!(client.get(&format!("/tag/{}", text(&tag["tag_id"]))).await.expect(200), tag);
        let taglinks = client.get(&format!("/taglink/?link_id={}", text(&link["link_id"]))).await.list();
        assert!(taglinks.contains(&taglink) && taglinks.len() == 2, "{taglinks:?}");
    }
}

async fn an_admin_must_say_for_whom_it_creates(app: &TestApp) {
    let admin = app.admin().await;
    for (path, body) in bodies(&Value::Null) {
        let problem = admin.post(path, &body).await.expect_problem(422, REQUIRED);
        assert_eq!(
            (&problem["code"], &problem["errors"][0]["loc"]),
            (&json!("account_id_required"), &json!(["body", "account_id"]))
        );
        let mut absent = body;
        absent.as_object_mut().unwrap().remove("account_id");
        admin.post(path, &absent).await.expect_problem(422, REQUIRED);
    }
    // What is wrong with the tag of a link is told before.
    let neither = admin.post("/link/", &json!({"link": "https://a.example"})).await;
    neither.expect_problem(422, "One of tag_id or tag must be specified");
    assert_eq!(admin.get("/link/").await.expect(200), json!([]));
}

async fn an_account_that_does_not_exist_is_named_as_sent(app: &TestApp) {
    let admin = app.admin().await;
    let missing = "018f3b1e-7c1a-7def-8a1b-0123456789ab";
    let of_a_user = text(&admin.get("/user/me").await.expect(200)["user_id"]);
    for id in [missing, &missing.to_uppercase(), "blah", "", "🍣", &of_a_user] {
        for (path, body) in bodies(&json!(id)) {
            let detail = format!("Account with account_id '{id}' not found");
            let problem = admin.post(path, &body).await.expect_problem(422, &detail);
            assert_eq!(problem["code"], "account_not_found", "{path}");
            assert_eq!(problem["errors"][0]["loc"], json!(["body", "account_id"]));
        }
    }
    for (path, body) in bodies(&json!("a\u{0}b")) {
        let detail = "account_id must not contain control characters";
        admin.post(path, &body).await.expect_problem(422, detail);
    }
    for list in ["/link/", "/tag/", "/taglink/"] {
        assert_eq!(admin.get(list).await.expect(200), json!([]), "nothing is left behind");
    }
}

async fn an_account_may_name_only_itself(app: &TestApp) {
    let (account, other) = (app.account().await, app.account().await.id);
    let missing = "018f3b1e-7c1a-7def-8a1b-0123456789ab";
    for id in [other.as_str(), missing, SHARED, "blah", ""] {
        for (path, body) in bodies(&json!(id)) {
            let problem = account.post(path, &body).await.expect_problem(422, NOT_ALLOWED);
            assert_eq!(problem["code"], "account_id_not_allowed", "{path} {id}");
        }
    }
    for id in [account.id.clone(), account.id.to_uppercase()] {
        let name = crate::app::unique("tag");
        let made = account.post("/tag/", &json!({"tag": name, "account_id": id})).await.expect(200);
        assert_eq!(made["account_id"], account.id.as_str());
    }
}

async fn a_user_without_a_scope_may_name_only_the_shared_account(app: &TestApp) {
    let (user, other) = (app.user().await, app.account().await.id);
    for (path, body) in bodies(&json!(other)) {
        user.post(path, &body).await.expect_problem(422, NOT_ALLOWED);
    }
    for list in ["/link/", "/tag/", "/taglink/"] {
        user.link("https://a.example", "a", Some(SHARED)).await;
        assert_eq!(user.get(&format!("{list}?account_id={SHARED}")).await.list().len(), 1);
        assert_eq!(user.get(&format!("{list}?account_id={other}")).await.expect(200), json!([]));
        assert_eq!(user.get(&format!("{list}?account_id=blah")).await.expect(200), json!([]));
    }
}

async fn texts_name_the_account_to_those_who_know_of_accounts(app: &TestApp) {
    let (user, admin, account) = (app.user().await, app.admin().await, app.account().await);
    let upper = account.id.to_uppercase();
    for (client, named, by_id, by_name) in [
        (&user, None, String::new(), String::new()),
        (&account, None, format!(" for account_id {}", account.id), format!(" for account {}", account.id)),
        (&admin, Some(SHARED), format!(" for account_id {SHARED}"), format!(" for account {SHARED}")),
        (&admin, Some(&upper), format!(" for account_id {upper}"), format!(" for account {upper}")),
    ] {
        let (link, tag) = client.link("https://own.example", "own", named).await;
        let create = async |path: &str, mut body: Value| {
            body["account_id"] = json!(named);
            client.post(path, &body).await
        };
        let answer = create("/link/", json!({"link": "https://a.example", "tag_id": "BLAH"})).await;
        answer.expect_problem(404, &format!("Tag with tag_id BLAH not found{by_id}"));
        let answer = create("/taglink/", json!({"tag_id": "blah", "link_id": link})).await;
        answer.expect_problem(422, &format!("Tag with tag_id blah not found{by_id}"));
        let answer = create("/taglink/", json!({"tag_id": tag, "link_id": "blah"})).await;
        answer.expect_problem(422, &format!("Link with link_id blah not found{by_id}"));
        let answer = create("/tag/", json!({"tag": " OWN "})).await;
        answer.expect_problem(409, &format!("Tag with name  OWN  exists{by_name}"));
        let answer = create("/taglink/", json!({"tag_id": tag, "link_id": link})).await;
        answer.expect_problem(409, &format!("TagLink with tag_id {tag} and link_id {link} exists"));
        for path in ["/link/blah", "/tag/blah"] {
            let kind = if path.starts_with("/link") { "Link with link_id" } else { "Tag with tag_id" };
            let detail = format!("{kind} blah not found");
            client.get(path).await.expect_problem(404, &detail);
            client.delete(path).await.expect_problem(404, &detail);
        }
    }
}

async fn urls_and_names_are_told_apart_by_account(app: &TestApp) {
    let (alice, bob) = (app.account().await, app.account().await);
    let of_alice = alice.link("https://example.com", "a", None).await;
    let of_bob = bob.link("https://example.com", "a", None).await;
    let of_shared = app.link("https://example.com", "a").await;
    assert!(of_alice.0 != of_bob.0 && of_bob.0 != of_shared.0);
    assert!(of_alice.1 != of_bob.1 && of_bob.1 != of_shared.1);
    assert_eq!(alice.link("https://example.com/", "A", None).await.0, of_alice.0);
    let admin = app.admin().await;
    assert_eq!(admin.get("/link/?tag=a").await.list().len(), 3);
    assert_eq!(admin.get("/tag/?tag=a").await.list().len(), 3);
    let body = json!({"tag_id": of_alice.1, "link_id": of_bob.0, "account_id": alice.id});
    let detail = format!("Link with link_id {} not found for account_id {}", of_bob.0, alice.id);
    admin.post("/taglink/", &body).await.expect_problem(422, &detail);
}

async fn lists_are_narrowed_to_an_account(app: &TestApp) {
    let (admin, alice, bob) = (app.admin().await, app.account().await, app.account().await);
    let (link, tag) = alice.link("https://1.example", "a", None).await;
    bob.link("https://2.example", "a", None).await;
    app.link("https://3.example", "a").await;
    for list in ["/link/", "/tag/", "/taglink/"] {
        let owners = async |client: &Client<'_>, query: &str| -> Vec<String> {
            let rows = client.get(&format!("{list}{query}")).await.list();
            rows.iter().map(|row| text(&row["account_id"])).collect()
        };
        assert_eq!(owners(&admin, "").await, [SHARED, &alice.id, &bob.id], "by the id of the account");
        for account in [&alice.id, &bob.id, SHARED] {
            assert_eq!(owners(&admin, &format!("?account_id={account}")).await, [account]);
            let upper = account.to_uppercase();
            assert_eq!(owners(&admin, &format!("?account_id={upper}")).await, [account]);
        }
        for nobody in ["018f3b1e-7c1a-7def-8a1b-0123456789ab", "blah", ""] {
            assert_eq!(owners(&admin, &format!("?account_id={nobody}")).await, Vec::<String>::new());
        }
        assert_eq!(owners(&alice, "").await, [alice.id.as_str()]);
        assert_eq!(owners(&alice, &format!("?account_id={}", alice.id)).await, [alice.id.as_str()]);
        for other in [bob.id.as_str(), SHARED, "blah"] {
            assert_eq!(owners(&alice, &format!("?account_id={other}")).await, Vec::<String>::new());
        }
        alice.get(&format!("{list}?account_id=a&account_id=b")).await.expect(422);
    }
    let bobs = format!("account_id={}", bob.id);
    for nothing in [format!("/link/?tag_id={tag}&{bobs}"), format!("/taglink/?link_id={link}&{bobs}")] {
        assert_eq!(admin.get(&nothing).await.expect(200), json!([]), "{nothing}");
    }
}

async fn a_cursor_belongs_to_the_account_it_was_given_for(app: &TestApp) {
    let (admin, alice, bob) = (app.admin().await, app.account().await, app.account().await);
    for number in 0..5 {
        for client in [&alice, &bob] {
            client.link(&format!("https://{number}.example"), &format!("tag {number}"), None).await;
        }
    }
    for list in ["/link/", "/tag/", "/taglink/"] {
        let of_alice = format!("{list}?account_id={}", alice.id);
        for client in [&admin, &alice] {
            let whole = client.get(&of_alice).await.list();
            assert_eq!(whole.len(), 5);
            let (mut walked, mut next) = (Vec::new(), Some(format!("{of_alice}&limit=2")));
            while let Some(path) = next {
                let page = client.get(&path).await;
                walked.extend(page.list());
                next = page.next();
            }
            assert_eq!(walked, whole, "{list}");
        }
        let next = admin.get(&format!("{of_alice}&limit=2")).await.next().unwrap();
        let cursor = next.split_once("cursor=").unwrap().1;
        let detail = "cursor is not one of this list's: start again without it";
        for other in
            [format!("{list}?cursor={cursor}"), format!("{list}?account_id={}&cursor={cursor}", bob.id)]
        {
            admin.get(&other).await.expect_problem(422, detail);
        }
        // What a cursor says is a place, no permission: others find nothing of Alice's behind it.
        assert_eq!(bob.get(&next).await.expect(200), json!([]));
    }
}

async fn an_admin_removes_anybodys_rows_and_an_account_its_own(app: &TestApp) {
    let (admin, alice, bob) = (app.admin().await, app.account().await, app.account().await);
    let (link, tag) = alice.link("https://1.example", "a", None).await;
    bob.delete(&format!("/taglink/?tag_id={tag}")).await.expect_ok();
    assert_eq!(alice.get("/taglink/").await.list().len(), 1, "nothing of others is removed");
    admin.delete(&format!("/taglink/?link_id={link}")).await.expect_ok();
    assert_eq!(alice.get("/taglink/").await.expect(200), json!([]));
    admin.delete(&format!("/link/{link}")).await.expect_ok();
    admin.delete(&format!("/tag/{tag}")).await.expect_ok();
    alice.get(&format!("/link/{link}")).await.expect(404);
    let (link, tag) = alice.link("https://1.example", "a", None).await;
    alice.delete(&format!("/link/{link}")).await.expect_ok();
    alice.delete(&format!("/tag/{tag}")).await.expect_ok();
    admin.get(&format!("/link/{link}")).await.expect(404);
}
