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
);

fn shared(backend: Backend) -> Arc<TestApp> {
    Arc::new(TestApp::new(backend))
}

/// Sends fifty requests at the same time, and returns the statuses and bodies.
async fn at_once(
    app: &Arc<TestApp>,
    request: impl Fn(usize) -> (Method, String, Value) + Send + Sync + 'static,
) -> Vec<(u16, Value)> {
    app.token().await;
    let request = Arc::new(request);
    let start = Arc::new(tokio::sync::Barrier::new(CLIENTS));
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (app, request, start) = (Arc::clone(app), Arc::clone(&request), Arc::clone(&start));
            tokio::spawn(async move {
                let (method, path, body) = request(number);
                start.wait().await;
                let sent = app.request(method, &path).bearer(app.token().await);
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
    let answers = at_once(&app, |_| (Method::POST, "/tag/".into(), json!({"tag": "rust"}))).await;
    assert_eq!((count(&answers, 200), count(&answers, 409)), (1, CLIENTS - 1), "{answers:?}");
    assert_eq!(app.get("/tag/").await.expect(200).as_array().unwrap().len(), 1);
}

async fn all_of_many_get_the_same_link(app: Arc<TestApp>) {
    let body = json!({"link": "https://example.com", "tag": "rust"});
    let answers = at_once(&app, move |_| (Method::POST, "/link/".into(), body.clone())).await;
    assert!(answers.iter().all(|answer| answer.0 == 200 && answer == &answers[0]), "{answers:?}");
    for list in ["/link/", "/tag/", "/taglink/"] {
        assert_eq!(app.get(list).await.expect(200).as_array().unwrap().len(), 1, "{list}");
    }
}

async fn one_of_many_creates_the_taglink(app: Arc<TestApp>) {
    let (link, _) = app.link("https://example.com", "a").await;
    let tag = text(&app.post("/tag/", &json!({"tag": "b"})).await.expect(200)["tag_id"]);
    let body = json!({"tag_id": tag, "link_id": link});
    let answers = at_once(&app, move |_| (Method::POST, "/taglink/".into(), body.clone())).await;
    assert_eq!((count(&answers, 200), count(&answers, 409)), (1, CLIENTS - 1), "{answers:?}");
}

async fn creating_against_deleting_never_fails_oddly(app: Arc<TestApp>) {
    for round in 0..3 {
        let name = format!("tag {round}");
        let tag = text(&app.post("/tag/", &json!({"tag": name})).await.expect(200)["tag_id"]);
        let answers = at_once(&app, move |number| {
            let link = format!("https://{}.example", number % 5);
            match number % 4 {
                0 => (Method::DELETE, format!("/tag/{tag}"), Value::Null),
                1 => (Method::POST, "/link/".into(), json!({"link": link, "tag": name})),
                2 => (Method::POST, "/link/".into(), json!({"link": link, "tag_id": tag})),
                _ => (Method::DELETE, format!("/taglink/?tag_id={tag}"), Value::Null),
            }
        })
        .await;
        let expected = count(&answers, 200) + count(&answers, 404);
        assert_eq!(expected, CLIENTS, "{answers:?}");
        assert!(count(&answers, 200) > 0);
    }
}
