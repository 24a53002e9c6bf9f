//! Users, to the contract.

use serde_json::{Value, json};

use crate::app::{Client, PASSWORD, TestApp, USERNAME, text};
use crate::on_every_database;

on_every_database!(
    an_admin_makes_finds_and_removes_users,
    a_name_that_is_taken_is_a_conflict,
    everybody_finds_the_user_that_they_are,
    a_user_changes_its_password_with_the_one_it_has,
    ones_own_password_needs_the_current_one_by_any_route,
    a_new_password_a_demotion_and_a_disabling_end_credentials,
    who_is_enabled_again_logs_in_anew,
    users_are_paged,
);

const NEW: &str = "another password";

async fn an_admin_makes_finds_and_removes_users(app: &TestApp) {
    let admin = app.admin().await;
    let answer = admin.post("/user/", &json!({"username": " Bob ", "password": NEW})).await;
    let bob = answer.expect(200);
    let (id, created) = (text(&bob["user_id"]), text(&bob["created"]));
    assert_eq!(answer.header("location"), format!("/user/{id}"));
    let expected =
        json!({"user_id": id, "username": "Bob", "is_admin": false, "disabled": false, "created": created});
    assert_eq!(bob, expected);
    assert!(created.len() == "2026-01-31T12:30:00.000000Z".len() && created.ends_with('Z'), "{created}");
    for path in [format!("/user/{id}"), format!("/user/{}/", id.to_uppercase())] {
        assert_eq!(admin.get(&path).await.expect(200), bob, "{path}");
    }
    for list in ["/user/?username=Bob", "/user?username=%20bOB"] {
        assert_eq!(admin.get(list).await.expect(200), json!([bob]), "{list}");
    }
    for list in ["/user/?username=nobody", "/user/?username="] {
        assert_eq!(admin.get(list).await.expect(200), json!([]), "{list}");
    }
    let names: Vec<Value> =
        admin.get("/user/").await.list().iter().map(|user| user["username"].clone()).collect();
    assert_eq!(names, [USERNAME, "Bob"]);
    let login = Client::login_with(app, "bob", NEW, "").await;
    admin.delete(&format!("/user/{id}")).await.expect_ok();
    login.is_refused().await;
    for gone in [id.clone(), id.to_uppercase(), "blah".into()] {
        let detail = format!("User with user_id '{gone}' not found");
        let path = format!("/user/{gone}");
        assert_eq!(admin.get(&path).await.expect_problem(404, &detail)["code"], "user_not_found");
        admin.delete(&path).await.expect_problem(404, &detail);
        for change in
            [json!({}), json!({"disabled": true}), json!({"is_admin": true}), json!({"password": NEW})]
        {
            admin.patch(&path, &change).await.expect_problem(404, &detail);
        }
    }
}

async fn a_name_that_is_taken_is_a_conflict(app: &TestApp) {
    let admin = app.admin().await;
    for name in [USERNAME, "APIUSER"] {
        let made = admin.post("/user/", &json!({"username": name, "password": NEW, "is_admin": true})).await;
        let problem = made.expect_problem(409, &format!("User with username {name} exists"));
        assert_eq!(problem["code"], "user_exists");
    }
    let name = "username: a username has 1 to 255 characters, none of them a control character";
    for (body, detail) in [
        (json!({"username": "", "password": NEW}), name),
        (json!({"username": "a\nb", "password": NEW}), name),
        (json!({"username": "a", "password": "short"}), "password must be at least 8 bytes long"),
        (json!({"username": "a", "password": NEW, "disabled": true}), "disabled: unknown member"),
        (json!({"password": NEW}), "username: field required"),
    ] {
        admin.post("/user/", &body).await.expect_problem(422, detail);
    }
    let missing = admin.patch("/user/blah", &json!({"username": "b"})).await;
    missing.expect_problem(422, "username: unknown member");
}

async fn everybody_finds_the_user_that_they_are(app: &TestApp) {
    let bob = app.user().await;
    let admin = app.admin().await;
    let own = bob.get("/user/me").await.expect(200);
    assert_eq!((&own["user_id"], &own["username"]), (&json!(bob.id), &json!(bob.name)));
    assert_eq!((&own["is_admin"], &own["disabled"]), (&json!(false), &json!(false)));
    assert_eq!(admin.get(&format!("/user/{}", bob.id)).await.expect(200), own);
    for same in [bob.again("read").await, bob.api_token("").await, bob.api_token("read").await] {
        assert_eq!(same.get("/user/me").await.expect(200), own);
    }
    assert_eq!(admin.get("/user/me/").await.expect(200)["is_admin"], true);
    let account = app.account().await;
    account.get("/user/me").await.expect_problem(401, "Not enough permissions");
    // "me" is no id.
    admin.delete("/user/me").await.expect_problem(404, "User with user_id 'me' not found");
}

async fn a_user_changes_its_password_with_the_one_it_has(app: &TestApp) {
    let bob = app.user().await;
    let (other, script) = (bob.again("").await, bob.api_token("").await);
    let change = async |client: &Client<'_>, current: &str, new: &str| {
        let body = json!({"current_password": current, "password": new});
        client.post("/user/me/password", &body).await
    };
    let problem =
        change(&bob, "wrong", NEW).await.expect_problem(422, "current_password is not the password");
    assert_eq!(problem["code"], "wrong_current_password");
    change(&bob, PASSWORD, "short").await.expect_problem(422, "password must be at least 8 bytes long");
    let missing = bob.post("/user/me/password", &json!({"password": NEW})).await;
    missing.expect_problem(422, "current_password: field required");
    for credential in [&bob, &other, &script] {
        credential.is_accepted().await;
    }
    change(&bob, PASSWORD, NEW).await.expect_ok();
    for credential in [&bob, &other, &script] {
        credential.is_refused().await;
    }
    assert_eq!(other.refresh("/oauth/token").await.expect(400)["error"], "invalid_grant");
    app.login(&bob.name, PASSWORD).await.expect(401);
    Client::login_with(app, &bob.name, NEW, "").await.is_accepted().await;
}

async fn ones_own_password_needs_the_current_one_by_any_route(app: &TestApp) {
    let admin = app.admin().await;
    for id in [admin.id.clone(), admin.id.to_uppercase()] {
        let path = format!("/user/{id}");
        let problem = admin.patch(&path, &json!({"password": NEW})).await;
        problem.expect_problem(422, "current_password: field required");
        let wrong = json!({"password": NEW, "current_password": "wrong"});
        let problem = admin.patch(&path, &wrong).await;
        problem.expect_problem(422, "current_password is not the password");
    }
    admin.is_accepted().await;
    let right = json!({"password": NEW, "current_password": PASSWORD});
    admin.patch(&format!("/user/{}", admin.id), &right).await.expect(200);
    admin.is_refused().await;
    let admin = Client::login_with(app, USERNAME, NEW, "admin").await;
    let bob = app.user().await;
    admin.patch(&format!("/user/{}", bob.id), &json!({"password": NEW})).await.expect(200);
    Client::login_with(app, &bob.name, NEW, "").await.is_accepted().await;
}

async fn a_new_password_a_demotion_and_a_disabling_end_credentials(app: &TestApp) {
    let admin = app.admin().await;
    for change in [json!({"password": NEW}), json!({"is_admin": false}), json!({"disabled": true})] {
        let name = crate::app::unique("victim");
        app.add_admin(&name);
        let victim = Client::login(app, &name, "admin").await;
        let (plain, script) = (victim.again("").await, victim.api_token("admin read").await);
        let path = format!("/user/{}", victim.id);
        // What changes nothing ends nothing.
        for same in [json!({}), json!({"is_admin": true, "disabled": false})] {
            admin.patch(&path, &same).await.expect(200);
        }
        for credential in [&victim, &plain, &script] {
            credential.is_accepted().await;
        }
        let changed = admin.patch(&path, &change).await.expect(200);
        assert_eq!((&changed["user_id"], &changed["username"]), (&json!(victim.id), &json!(name)));
        assert_eq!(changed["is_admin"], json!(change["is_admin"] != false));
        assert_eq!(changed["disabled"], json!(change["disabled"] == true));
        for credential in [&victim, &plain, &script] {
            credential.is_refused().await;
        }
        for door in ["/token/", "/oauth/token"] {
            assert_eq!(plain.refresh(door).await.json()["error"], "invalid_grant", "{change}");
        }
    }
}

async fn who_is_enabled_again_logs_in_anew(app: &TestApp) {
    let admin = app.admin().await;
    let bob = app.user().await;
    let script = bob.api_token("").await;
    let path = format!("/user/{}", bob.id);
    admin.patch(&path, &json!({"disabled": true})).await.expect(200);
    app.login(&bob.name, PASSWORD).await.expect_problem(401, "Incorrect username or password");
    admin.patch(&path, &json!({"disabled": false})).await.expect(200);
    bob.is_refused().await;
    script.is_refused().await;
    bob.again("").await.is_accepted().await;
    let form = [("username", bob.name.as_str()), ("password", PASSWORD), ("scope", "admin")];
    app.form("/token/", &form).await.expect(401);
    admin.patch(&path, &json!({"is_admin": true})).await.expect(200);
    bob.again("admin").await.get("/user/").await.expect(200);
}

async fn users_are_paged(app: &TestApp) {
    let admin = app.admin().await;
    for number in 0..4 {
        app.add_plain_user(&format!("user {number}"));
    }
    let whole = admin.get("/user/").await.list();
    assert_eq!(whole.len(), 5);
    let (mut walked, mut next) = (Vec::new(), Some("/user/?limit=2".to_owned()));
    while let Some(path) = next {
        let page = admin.get(&path).await;
        walked.extend(page.list());
        next = page.next();
    }
    assert_eq!(walked, whole);
    let next = admin.get("/user/?limit=1").await.next().unwrap();
    let cursor = next.split_once("cursor=").unwrap().1;
    admin.get(&format!("/user/?username=a&cursor={cursor}")).await.expect(422);
}
