//! Accounts, to the contract.

use serde_json::{Value, json};

use crate::app::{Client, PASSWORD, SHARED, TestApp, text};
use crate::on_every_database;

on_every_database!(
    an_admin_makes_finds_and_removes_accounts,
    an_email_that_is_taken_is_a_conflict_told_as_sent,
    values_that_break_a_rule_are_refused,
    an_account_sees_itself_alone,
    the_shared_account_is_nobodys_to_see,
    deleting_an_account_removes_its_rows_and_leaves_others,
    an_account_changes_itself_with_its_password,
    a_new_password_ends_every_credential_and_a_new_email_none,
    an_admin_changes_an_account_without_its_password,
    accounts_are_paged,
);

const NEW: &str = "another password";

async fn an_admin_makes_finds_and_removes_accounts(app: &TestApp) {
    let admin = app.admin().await;
    let answer = admin.post("/account/", &json!({"email": " Alice@Example.org ", "password": NEW})).await;
    let account = answer.expect(200);
    let id = text(&account["account_id"]);
    assert_eq!(answer.header("location"), format!("/account/{id}"));
    let created = text(&account["created"]);
    assert_eq!(account, json!({"account_id": id, "email": "Alice@Example.org", "created": created}));
    assert!(created.len() == "2026-01-31T12:30:00.000000Z".len() && created.ends_with('Z'), "{created}");
    for path in
        [format!("/account/{id}"), format!("/account/{id}/"), format!("/account/{}", id.to_uppercase())]
    {
        assert_eq!(admin.get(&path).await.expect(200), account, "{path}");
    }
    for list in ["/account/", "/account?email=alice@example.ORG", "/account/?email=%20Alice@Example.org"] {
        assert_eq!(admin.get(list).await.expect(200), json!([account]), "{list}");
    }
    for list in ["/account/?email=bob@example.org", "/account/?email=", "/account/?email=no+address"] {
        assert_eq!(admin.get(list).await.expect(200), json!([]), "{list}");
    }
    let alice = Client::login_with(app, "alice@example.org", NEW, "account").await;
    assert_eq!(alice.id, id);
    admin.delete(&format!("/account/{}", id.to_uppercase())).await.expect_ok();
    for gone in [id.clone(), id.to_uppercase(), "blah".into()] {
        let detail = format!("Account with account_id '{gone}' not found");
        let path = format!("/account/{gone}");
        let problem = admin.get(&path).await.expect_problem(404, &detail);
        assert_eq!(problem["code"], "account_not_found");
        admin.delete(&path).await.expect_problem(404, &detail);
        admin.patch(&path, &json!({"email": "bob@example.org"})).await.expect_problem(404, &detail);
    }
    alice.is_refused().await;
}

async fn an_email_that_is_taken_is_a_conflict_told_as_sent(app: &TestApp) {
    let admin = app.admin().await;
    app.add_account("alice@example.org");
    let bob = app.add_account("bob@example.org");
    for email in ["alice@example.org", "ALICE@example.org ", " Alice@Example.Org"] {
        let detail = format!("Account with email {email} exists");
        let made = admin.post("/account/", &json!({"email": email, "password": NEW})).await;
        assert_eq!(made.expect_problem(409, &detail)["code"], "account_exists");
        let changed = admin.patch(&format!("/account/{bob}"), &json!({"email": email})).await;
        assert_eq!(changed.expect_problem(409, &detail)["code"], "account_exists");
    }
    assert_eq!(admin.get("/account/").await.list().len(), 2);
    let own = admin.patch(&format!("/account/{bob}"), &json!({"email": "BOB@example.org"})).await.expect(200);
    assert_eq!(own["email"], "BOB@example.org", "one's own email is not taken by oneself");
}

async fn values_that_break_a_rule_are_refused(app: &TestApp) {
    let admin = app.admin().await;
    let email = "email must be an address such as alice@example.org, at most 255 characters long";
    let short = "password must be at least 8 bytes long";
    let (long, both) = ("x".repeat(1025), format!("{email}; {short}"));
    for (body, detail) in [
        (json!({"email": "alice", "password": NEW}), email),
        (json!({"email": "a\u{0}@example.org", "password": NEW}), email),
        (json!({"email": "a@example.org", "password": "seven77"}), short),
        (json!({"email": "a@example.org", "password": long}), "password must be at most 1024 bytes long"),
        (json!({"email": "@", "password": ""}), &both),
        (json!({"email": "a@example.org"}), "password: field required"),
        (json!({"email": null, "password": NEW}), "email: field required"),
        (json!({"email": "a@example.org", "password": NEW, "is_admin": true}), "is_admin: unknown member"),
    ] {
        let problem = admin.post("/account/", &body).await.expect_problem(422, detail);
        assert_eq!(problem["code"], "validation_failed", "{body}");
    }
    assert_eq!(admin.get("/account/").await.expect(200), json!([]));
}

async fn an_account_sees_itself_alone(app: &TestApp) {
    let (alice, bob) = (app.account().await, app.account().await);
    let own = alice.get(&format!("/account/{}", alice.id)).await.expect(200);
    assert_eq!((&own["account_id"], &own["email"]), (&json!(alice.id), &json!(alice.name)));
    for list in ["/account/".to_owned(), format!("/account/?email={}", alice.name)] {
        assert_eq!(alice.get(&list).await.expect(200), json!([own]), "{list}");
    }
    assert_eq!(alice.get(&format!("/account/?email={}", bob.name)).await.expect(200), json!([]));
    let detail = format!("Account with account_id '{}' not found", bob.id);
    for answer in [
        alice.get(&format!("/account/{}", bob.id)).await,
        alice.delete(&format!("/account/{}", bob.id)).await,
        alice
            .patch(&format!("/account/{}", bob.id), &json!({"password": NEW, "current_password": PASSWORD}))
            .await,
    ] {
        answer.expect_problem(404, &detail);
    }
    bob.is_accepted().await;
}

async fn the_shared_account_is_nobodys_to_see(app: &TestApp) {
    let admin = app.admin().await;
    app.link("https://shared.example", "shared").await;
    assert_eq!(admin.get("/account/").await.expect(200), json!([]));
    let detail = format!("Account with account_id '{SHARED}' not found");
    let path = format!("/account/{SHARED}");
    admin.get(&path).await.expect_problem(404, &detail);
    admin.delete(&path).await.expect_problem(404, &detail);
    for body in [json!({}), json!({"email": "a@example.org"}), json!({"password": NEW})] {
        admin.patch(&path, &body).await.expect_problem(404, &detail);
    }
    assert_eq!(app.get("/link/").await.list().len(), 1);
    let form = [("username", SHARED), ("password", ""), ("scope", "account")];
    app.form("/token/", &form).await.expect(401);
}

async fn deleting_an_account_removes_its_rows_and_leaves_others(app: &TestApp) {
    let (admin, alice, bob) = (app.admin().await, app.account().await, app.account().await);
    for client in [&alice, &bob] {
        client.link("https://1.example", "a", None).await;
        client.link("https://2.example", "a", None).await;
        client.link("https://2.example", "b", None).await;
    }
    app.link("https://1.example", "a").await;
    let script = alice.api_token("account").await;
    let count = async |list: &str| admin.get(list).await.list().len();
    assert_eq!((count("/link/").await, count("/tag/").await, count("/taglink/").await), (5, 5, 7));
    alice.delete(&format!("/account/{}", alice.id)).await.expect_ok();
    assert_eq!((count("/link/").await, count("/tag/").await, count("/taglink/").await), (3, 3, 4));
    for list in ["/link/", "/tag/", "/taglink/"] {
        assert_eq!(admin.get(&format!("{list}?account_id={}", alice.id)).await.expect(200), json!([]));
        assert!(count(&format!("{list}?account_id={}", bob.id)).await >= 2);
    }
    for dead in [&alice, &script] {
        dead.is_refused().await;
    }
    for door in ["/token/", "/oauth/token"] {
        assert_eq!(alice.refresh(door).await.json()["error"], "invalid_grant");
    }
    let form = [("username", alice.name.as_str()), ("password", PASSWORD), ("scope", "account")];
    app.form("/token/", &form).await.expect(401);
    bob.is_accepted().await;
    app.add_account(&alice.name);
    assert_ne!(alice.again("account").await.id, alice.id, "the email is free for another account");
}

async fn an_account_changes_itself_with_its_password(app: &TestApp) {
    let alice = app.account().await;
    let path = format!("/account/{}", alice.id);
    let wrong = json!({"password": NEW, "current_password": "wrong"});
    let problem =
        alice.patch(&path, &wrong).await.expect_problem(422, "current_password is not the password");
    assert_eq!(problem["code"], "wrong_current_password");
    assert_eq!(problem["errors"][0]["loc"], json!(["body", "current_password"]));
    for change in [json!({"password": NEW}), json!({"email": "new@example.org"})] {
        let problem = alice.patch(&path, &change).await;
        let problem = problem.expect_problem(422, "current_password: field required");
        assert_eq!(problem["errors"][0]["type"], "missing");
        let mut change = change;
        change["current_password"] = json!("");
        alice.patch(&path, &change).await.expect_problem(422, "current_password is not the password");
    }
    let short = json!({"password": "short", "current_password": PASSWORD});
    alice.patch(&path, &short).await.expect_problem(422, "password must be at least 8 bytes long");
    assert_eq!(alice.get(&path).await.expect(200)["email"], alice.name.as_str(), "nothing has changed");
    let unchanged = alice.patch(&path, &json!({})).await.expect(200);
    assert_eq!(unchanged["email"], alice.name.as_str());
    let change = json!({"email": "new@example.org", "password": NEW, "current_password": PASSWORD});
    let changed =
        alice.patch(&path.to_uppercase().replace("/ACCOUNT/", "/account/"), &change).await.expect(200);
    assert_eq!((&changed["email"], &changed["account_id"]), (&json!("new@example.org"), &json!(alice.id)));
    assert_eq!(changed["created"], unchanged["created"]);
    let again = Client::login_with(app, "new@example.org", NEW, "account").await;
    assert_eq!(again.id, alice.id);
}

async fn a_new_password_ends_every_credential_and_a_new_email_none(app: &TestApp) {
    let alice = app.account().await;
    let path = format!("/account/{}", alice.id);
    let (other, script) = (alice.again("account read").await, alice.api_token("account").await);
    let all = [&alice, &other, &script];
    let change = json!({"email": "new@example.org", "current_password": PASSWORD});
    alice.patch(&path, &change).await.expect(200);
    for credential in all {
        credential.is_accepted().await;
    }
    let change = json!({"password": NEW, "current_password": PASSWORD});
    alice.patch(&path, &change).await.expect(200);
    for credential in all {
        credential.is_refused().await;
    }
    assert_eq!(alice.refresh("/oauth/token").await.expect(400)["error"], "invalid_grant");
    let form = [("username", "new@example.org"), ("password", PASSWORD), ("scope", "account")];
    app.form("/token/", &form).await.expect(401);
}

async fn an_admin_changes_an_account_without_its_password(app: &TestApp) {
    let (admin, alice) = (app.admin().await, app.account().await);
    let path = format!("/account/{}", alice.id);
    let changed = admin.patch(&path, &json!({"email": "new@example.org"})).await.expect(200);
    assert_eq!(changed["email"], "new@example.org");
    alice.is_accepted().await;
    // What is sent for nothing is not looked at.
    admin.patch(&path, &json!({"password": NEW, "current_password": "wrong"})).await.expect(200);
    alice.is_refused().await;
    Client::login_with(app, "new@example.org", NEW, "account").await.is_accepted().await;
    admin.is_accepted().await;
}

async fn accounts_are_paged(app: &TestApp) {
    let admin = app.admin().await;
    for number in 0..5 {
        app.add_account(&format!("{number}@example.org"));
    }
    let whole = admin.get("/account/").await.list();
    let emails: Vec<Value> = whole.iter().map(|account| account["email"].clone()).collect();
    assert_eq!(emails, (0..5).map(|number| json!(format!("{number}@example.org"))).collect::<Vec<_>>());
    let (mut walked, mut next) = (Vec::new(), Some("/account/?limit=2".to_owned()));
    while let Some(path) = next {
        let page = admin.get(&path).await;
        walked.extend(page.list());
        next = page.next();
    }
    assert_eq!(walked, whole);
    let first = admin.get("/account/?limit=1").await.next().unwrap();
    let cursor = first.split_once("cursor=").unwrap().1;
    let detail = "cursor is not one of this list's: start again without it";
    for other in ["/account/?email=1@example.org&", "/user/?", "/link/?"] {
        admin.get(&format!("{other}cursor={cursor}")).await.expect_problem(422, detail);
    }
}
