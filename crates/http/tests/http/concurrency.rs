//! Fifty clients at once: one row, documented statuses, nothing that says "server error".

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use taglink_repository::Backend;

use crate::app::{TestApp, text};

const CLIENTS: usize = 50;

macro_rules! on_every_shared_database {
    ($($name:ident),+ $(,)?) => {
        mod sqlite { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name(super::shared(super::Backend::Sqlite)).await; })+ }
        mod postgres { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name(super::shared(super::Backend::Postgres)).await; })+ }
        mod mariadb { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name(super::shared(super::Backend::Mariadb)).await; })+ }
    };
}
on_every_shared_database!(
    one_of_many_creates_the_tag,
    all_of_many_get_the_same_link,
    one_of_many_creates_the_taglink,
    creating_against_deleting_never_fails_oddly,
    a_deleted_account_leaves_no_orphans,
    an_account_that_is_deleted_in_mid_request_is_a_401,
);

fn shared(backend: Backend) -> Arc<TestApp> {
    Arc::new(TestApp::new(backend))
}

/// A request: its method, path, body and bearer token.
type Sent = (Method, String, Value, String);

/// Sends fifty requests at the same time, and returns the statuses and bodies.
async fn at_once(
    app: &Arc<TestApp>,
    request: impl Fn(usize) -> Sent + Send + Sync + 'static,
) -> Vec<(u16, Value)> {
    let request = Arc::new(request);
    let start = Arc::new(tokio::sync::Barrier::new(CLIENTS));
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (app, request, start) = (Arc::clone(app), Arc::clone(&request), Arc::clone(&start));
            tokio::spawn(async move {
                let (method, path, body, token) = request(number);
                start.wait().await;
                let sent = app.request(method, &path).bearer(&token);
                let answer = if body.is_null() { sent.send().await } else { sent.json(&body).send().await };
                (answer.status, answer.json())
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

fn count(answers: &[(u16, Value)], status: u16) -> usize {
    answers.iter().filter(|(got, _)| *got == status).count()
}

async fn one_of_many_creates_the_tag(app: Arc<TestApp>) {
    let token = app.token().await.to_owned();
    let answers =
        at_once(&app, move |_| (Method::POST, "/tag/".into(), json!({"tag": "rust"}), token.clone())).await;
    assert_eq!((count(&answers, 200), count(&answers, 409)), (1, CLIENTS - 1), "{answers:?}");
    assert_eq!(app.get("/tag/").await.expect(200).as_array().unwrap().len(), 1);
}

async fn all_of_many_get_the_same_link(app: Arc<TestApp>) {
    let body = json!({"link": "https://example.com", "tag": "rust"});
    let token = app.token().await.to_owned();
    let answers = at_once(&app, move |_| (Method::POST, "/link/".into(), body.clone(), token.clone())).await;
    assert!(answers.iter().all(|answer| answer.0 == 200 && answer == &answers[0]), "{answers:?}");
    for list in ["/link/", "/tag/", "/taglink/"] {
        assert_eq!(app.get(list).await.expect(200).as_array().unwrap().len(), 1, "{list}");
    }
}

async fn one_of_many_creates_the_taglink(app: Arc<TestApp>) {
    let (link, _) = app.link("https://example.com", "a").await;
    let tag = text(&app.post("/tag/", &json!({"tag": "b"})).await.expect(200)["tag_id"]);
    let body = json!({"tag_id": tag, "link_id": link});
    let token = app.token().await.to_owned();
    let answers =
        at_once(&app, move |_| (Method::POST, "/taglink/".into(), body.clone(), token.clone())).await;
    assert_eq!((count(&answers, 200), count(&answers, 409)), (1, CLIENTS - 1), "{answers:?}");
}

async fn creating_against_deleting_never_fails_oddly(app: Arc<TestApp>) {
    for round in 0..3 {
        let name = format!("tag {round}");
        let tag = text(&app.post("/tag/", &json!({"tag": name})).await.expect(200)["tag_id"]);
        let token = app.token().await.to_owned();
        let answers = at_once(&app, move |number| {
            let link = format!("https://{}.example", number % 5);
            let (method, path, body) = match number % 4 {
                0 => (Method::DELETE, format!("/tag/{tag}"), Value::Null),
                1 => (Method::POST, "/link/".into(), json!({"link": link, "tag": name})),
                2 => (Method::POST, "/link/".into(), json!({"link": link, "tag_id": tag})),
                _ => (Method::DELETE, format!("/taglink/?tag_id={tag}"), Value::Null),
            };
            (method, path, body, token.clone())
        })
        .await;
        let expected = count(&answers, 200) + count(&answers, 404);
        assert_eq!(expected, CLIENTS, "{answers:?}");
        assert!(count(&answers, 200) > 0);
    }
}

/// An account is deleted while others create links in it.
async fn a_deleted_account_leaves_no_orphans(app: Arc<TestApp>) {
    let admin = app.admin().await.token;
    let account = app.account().await;
    let (id, own) = (account.id.clone(), account.token.clone());
    account.link("https://first.example", "first", None).await;
    let body = json!({"account_id": id});
    let answers = at_once(&app, move |number| {
        if number == CLIENTS / 2 {
            return (Method::DELETE, format!("/account/{id}"), Value::Null, admin.clone());
        }
        let mut body = body.clone();
        body["link"] = json!(format!("https://{}.example", number % 7));
        body["tag"] = json!(format!("tag {}", number % 3));
        let token = if number % 2 == 0 { own.clone() } else { admin.clone() };
        (Method::POST, "/link/".into(), body, token)
    })
    .await;
    for (status, body) in &answers {
        let is_expected = match status {
            200 | 503 => true,
            401 => body["detail"] == "Could not validate credentials",
            422 => body["code"] == "account_not_found",
            _ => false,
        };
        assert!(is_expected, "{status}: {body}");
    }
    let admin = app.admin().await;
    // If the database was too busy for it.
    let path = format!("/account/{}", account.id);
    let last = admin.delete(&path).await;
    assert!([200, 404].contains(&last.status), "{}", last.json());
    for list in ["/link/", "/tag/", "/taglink/", "/account/"] {
        assert_eq!(admin.get(list).await.expect(200), json!([]), "{list}");
    }
    account.is_refused().await;
}

/// What this process still knows of an account is a second old at most; another process has deleted it meanwhile.
async fn an_account_that_is_deleted_in_mid_request_is_a_401(app: Arc<TestApp>) {
    let elsewhere = app.another_service(&[]);
    let account = app.account().await;
    let (link, tag) = account.link("https://example.com", "a", None).await;
    let script = account.api_token("account").await;
    app.clock.stop();
    account.is_accepted().await;
    script.is_accepted().await;
    account.at(&elsewhere).delete(&format!("/account/{}", account.id)).await.expect_ok();
    for client in [&account, &script] {
        // It is still let in, and finds nothing.
        assert_eq!(client.get("/link/").await.expect(200), json!([]));
        for (path, body) in [
            ("/link/", json!({"link": "https://example.com", "tag": "a"})),
            ("/link/", json!({"link": "https://example.com", "tag_id": tag})),
            ("/tag/", json!({"tag": "a"})),
            ("/taglink/", json!({"tag_id": tag, "link_id": link})),
        ] {
            let answer = client.post(path, &body).await;
            answer.expect_problem(401, "Could not validate credentials");
            assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        }
    }
    let answer = account.post("/api-token/", &json!({"name": "a"})).await;
    answer.expect_problem(401, "Could not validate credentials");
    app.clock.advance(std::time::Duration::from_secs(2));
    account.is_refused().await;
    script.is_refused().await;
}
