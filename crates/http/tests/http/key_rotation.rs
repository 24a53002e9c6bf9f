//! The signing key is replaced while two processes run, without one refused valid token.

use std::time::Duration;

use taglink_repository::Backend;

use crate::app::{Client, SECRET, Service, TestApp, USERNAME};
use crate::client::refresh;

const OLD: &str = SECRET;
const NEW: &str = "c0ffee15b0f4d3b9a7e2d6c4b8a0f9e1d3c5b7a2e9d84417";

/// Starts a process with this key, accepting another.
fn start(app: &TestApp, key: &str, accepted: &str) -> Service {
    app.another_service(&[
        ("TAGLINK__AUTHENTICATION__SECRET_KEY", key),
        ("TAGLINK__AUTHENTICATION__PREVIOUS_SECRET_KEYS", accepted),
    ])
}

/// Logs in at both, and checks that both accept every token that either has ever given out.
async fn both_accept(services: [&Service; 2], tokens: &mut Vec<String>) {
    for service in services {
        tokens.push(Client::login(service, USERNAME, "").await.token);
    }
    for token in tokens {
        for service in services {
            service.get_as(token, "/tag/").await.expect(200);
        }
    }
}

async fn no_valid_token_is_refused_while_the_key_is_replaced(backend: Backend) {
    let app = TestApp::new(backend);
    let mut tokens = Vec::new();
    let (one, two) = (start(&app, OLD, ""), start(&app, OLD, ""));
    both_accept([&one, &two], &mut tokens).await;
    // Announce: one after the other accepts the new key.
    drop(one);
    let one = start(&app, OLD, NEW);
    both_accept([&one, &two], &mut tokens).await;
    drop(two);
    let two = start(&app, OLD, NEW);
    both_accept([&one, &two], &mut tokens).await;
    // Switch: one after the other signs with it.
    drop(one);
    let one = start(&app, NEW, OLD);
    both_accept([&one, &two], &mut tokens).await;
    drop(two);
    let two = start(&app, NEW, OLD);
    both_accept([&one, &two], &mut tokens).await;
    // Drop: when what the old key has signed has expired.
    let last_of_old = tokens[tokens.len() - 3].clone();
    assert_eq!(
        jsonwebtoken::decode_header(&last_of_old).unwrap().kid,
        jsonwebtoken::decode_header(&tokens[0]).unwrap().kid
    );
    two.clock.advance(Duration::from_mins(31));
    for token in &tokens {
        two.get_as(token, "/tag/").await.expect(401);
    }
    drop(one);
    let one = start(&app, NEW, "");
    one.clock.advance(Duration::from_mins(31));
    let mut tokens = Vec::new();
    both_accept([&one, &two], &mut tokens).await;
    drop(two);
    let two = start(&app, NEW, "");
    two.clock.advance(Duration::from_mins(31));
    both_accept([&one, &two], &mut tokens).await;
}

#[tokio::test]
async fn no_valid_token_is_refused_while_the_key_is_replaced_sqlite() {
    no_valid_token_is_refused_while_the_key_is_replaced(Backend::Sqlite).await;
}

#[tokio::test]
async fn no_valid_token_is_refused_while_the_key_is_replaced_postgres() {
    no_valid_token_is_refused_while_the_key_is_replaced(Backend::Postgres).await;
}

#[tokio::test]
async fn no_valid_token_is_refused_while_the_key_is_replaced_mariadb() {
    no_valid_token_is_refused_while_the_key_is_replaced(Backend::Mariadb).await;
}

#[tokio::test]
async fn a_key_that_has_leaked_ends_access_tokens_and_nothing_else() {
    let app = TestApp::sqlite();
    let before = start(&app, OLD, "");
    let bob = Client::login(&before, USERNAME, "").await;
    let script = bob.api_token("").await;
    bob.is_accepted().await;
    let after = start(&app, NEW, "");
    bob.at(&after).is_refused().await;
    script.at(&after).is_accepted().await;
    let tokens = refresh(&after, "/oauth/token", &bob.refresh_token, "").await.expect(200);
    Client::with_tokens(&after, USERNAME, &tokens).is_accepted().await;
}
