//! There is always an admin who can log in.

use std::sync::Arc;

use reqwest::Method;
use serde_json::json;

use crate::app::{Client, TestApp, USERNAME};
use crate::on_every_database;

on_every_database!(
    the_last_admin_cannot_be_removed_disabled_or_demoted,
    an_admin_that_cannot_log_in_is_none,
    an_admin_removes_itself_while_another_is_left,
    admins_that_remove_each_other_at_once_leave_one,
);

const DETAIL: &str = "The last admin cannot be removed, disabled or demoted";

async fn the_last_admin_cannot_be_removed_disabled_or_demoted(app: &TestApp) {
    let admin = app.admin().await;
    app.add_plain_user("bob");
    for id in [admin.id.clone(), admin.id.to_uppercase()] {
        let path = format!("/user/{id}");
        for change in [
            json!({"disabled": true}),
            json!({"is_admin": false}),
            json!({"is_admin": false, "disabled": true}),
            json!({"is_admin": true, "disabled": true}),
        ] {
            let problem = admin.patch(&path, &change).await.expect_problem(409, DETAIL);
            assert_eq!(problem["code"], "last_admin", "{change}");
        }
        assert_eq!(admin.delete(&path).await.expect_problem(409, DETAIL)["code"], "last_admin");
    }
    let same = json!({"is_admin": true, "disabled": false});
    admin.patch(&format!("/user/{}", admin.id), &same).await.expect(200);
    admin.is_accepted().await;
}

async fn an_admin_that_cannot_log_in_is_none(app: &TestApp) {
    let admin = app.admin().await;
    let disabled = app.add_admin("disabled");
    admin.patch(&format!("/user/{disabled}"), &json!({"disabled": true})).await.expect(200);
    admin.delete(&format!("/user/{}", admin.id)).await.expect_problem(409, DETAIL);
    // Who is no admin that could log in can always go.
    admin.patch(&format!("/user/{disabled}"), &json!({"is_admin": false})).await.expect(200);
    admin.delete(&format!("/user/{disabled}")).await.expect_ok();
}

async fn an_admin_removes_itself_while_another_is_left(app: &TestApp) {
    app.add_admin("another");
    let (admin, another) = (app.admin().await, Client::login(app, "another", "admin").await);
    admin.delete(&format!("/user/{}", admin.id)).await.expect_ok();
    admin.is_refused().await;
    another.delete(&format!("/user/{}", another.id)).await.expect_problem(409, DETAIL);
    app.login(USERNAME, crate::app::PASSWORD).await.expect(401);
}

async fn admins_that_remove_each_other_at_once_leave_one(app: &TestApp) {
    let mut admins = vec![app.admin().await];
    for name in ["second", "third", "fourth"] {
        app.add_admin(name);
        admins.push(Client::login(app, name, "admin").await);
    }
    let start = Arc::new(tokio::sync::Barrier::new(admins.len()));
    let removals: Vec<_> = admins
        .iter()
        .map(|admin| {
            let start = Arc::clone(&start);
            let request = admin.request(Method::DELETE, &format!("/user/{}", admin.id));
            tokio::spawn(async move {
                start.wait().await;
                request.send().await
            })
        })
        .collect();
    let mut removed = 0;
    for removal in removals {
        let answer = removal.await.unwrap();
        match answer.status {
            200 => removed += 1,
            409 => drop(answer.expect_problem(409, DETAIL)),
            odd => panic!("{odd}: {}", answer.json()),
        }
    }
    assert_eq!(removed, 3);
    let left =
        app.with_users(|uow| Ok(uow.users(&taglink_domain::model::PageRequest::default())?.items.len()));
    assert_eq!(left, 1);
}
