//! Tokens of other scopes.

use reqwest::Method;
use serde_json::json;

use crate::app::{PASSWORD, TestApp, USERNAME, text};

/// A token of the first user.
pub(crate) async fn login(app: &TestApp, scope: &str) -> String {
    token(app, USERNAME, scope).await
}

/// A token of a new account, and its id.
pub(crate) async fn account(app: &TestApp, admin: &str, email: &str) -> (String, String) {
    let body = json!({"email": email, "password": PASSWORD});
    let made = app.request(Method::POST, "/account/").bearer(admin).json(&body).send().await.expect(200);
    (token(app, email, "account").await, text(&made["account_id"]))
}

async fn token(app: &TestApp, name: &str, scope: &str) -> String {
    let form = [("username", name), ("password", PASSWORD), ("scope", scope)];
    let tokens = app.request(Method::POST, "/token/").form(&form).send().await.expect(200);
    text(&tokens["access_token"])
}
