//! Somebody who uses the service with a credential.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, PASSWORD, Request, Service, text};

/// A credential, and the service that it is used at.
pub(crate) struct Client<'a> {
    service: &'a Service,
    /// Whom it belongs to: the id of a user or an account; empty for an API token.
    pub(crate) id: String,
    /// What it logs in as: a user's name or an account's email.
    pub(crate) name: String,
    /// What is sent as `Authorization: Bearer …`.
    pub(crate) token: String,
    /// Empty for an API token.
    pub(crate) refresh_token: String,
}

impl<'a> Client<'a> {
    /// Logs in with the usual password.
    pub(crate) async fn login(service: &'a Service, name: &str, scope: &str) -> Self {
        Self::login_with(service, name, PASSWORD, scope).await
    }

    pub(crate) async fn login_with(service: &'a Service, name: &str, password: &str, scope: &str) -> Self {
        let form = [("username", name), ("password", password), ("scope", scope)];
        let tokens = service.form("/token/", &form).await.expect(200);
        Self::with_tokens(service, name, &tokens)
    }

    /// Whoever these tokens are for.
    pub(crate) fn with_tokens(service: &'a Service, name: &str, tokens: &Value) -> Self {
        let token = text(&tokens["access_token"]);
        let id = text(&claims(&token)["sub"]);
        Self { service, id, name: name.to_owned(), token, refresh_token: text(&tokens["refresh_token"]) }
    }

    /// The same holder with another login.
    pub(crate) async fn again(&self, scope: &str) -> Self {
        Self::login(self.service, &self.name, scope).await
    }

    /// The same holder at another process of the service.
    pub(crate) fn at<'b>(&self, service: &'b Service) -> Client<'b> {
        Client {
            service,
            id: self.id.clone(),
            name: self.name.clone(),
            token: self.token.clone(),
            refresh_token: self.refresh_token.clone(),
        }
    }

    /// An API token of this holder.
    pub(crate) async fn api_token(&self, scope: &str) -> Self {
        let made = self.post("/api-token/", &json!({"name": "script", "scope": scope})).await.expect(200);
        Self {
            service: self.service,
            id: text(&made["api_token_id"]),
            name: self.name.clone(),
            token: text(&made["token"]),
            refresh_token: String::new(),
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        self.service.request(method, path).bearer(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::POST, path).json(body).send().await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::PATCH, path).json(body).send().await
    }

    /// Exchanges the refresh token at one of the doors.
    pub(crate) async fn refresh(&self, door: &str) -> Answer {
        refresh(self.service, door, &self.refresh_token, "").await
    }

    /// Stores a link under a tag, for an account if that has to be told; the ids of both.
    pub(crate) async fn link(&self, url: &str, tag: &str, account_id: Option<&str>) -> (String, String) {
        let body = json!({"link": url, "tag": tag, "account_id": account_id});
        let link = self.post("/link/", &body).await.expect(200);
        let account = text(&link["account_id"]);
        let tags = self.get(&format!("/tag/?tag={tag}&account_id={account}")).await.expect(200);
        (text(&link["link_id"]), text(&tags[0]["tag_id"]))
    }

    /// Checks that the credential is accepted.
    #[track_caller]
    pub(crate) fn is_accepted(&self) -> impl Future<Output = ()> {
        let request = self.get("/tag/");
        async { drop(request.await.expect(200)) }
    }

    /// Checks that the credential is refused.
    #[track_caller]
    pub(crate) fn is_refused(&self) -> impl Future<Output = ()> {
        let request = self.get("/tag/");
        async {
            let answer = request.await;
            answer.expect_problem(401, "Could not validate credentials");
            assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        }
    }
}

/// Exchanges a refresh token at one of the doors.
pub(crate) async fn refresh(service: &Service, door: &str, token: &str, scope: &str) -> Answer {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
    service.form(door, &form).await
}

/// The claims of a real token.
pub(crate) fn claims(token: &str) -> Value {
    use base64::Engine;
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
