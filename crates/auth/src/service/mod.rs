//! The doors: a password becomes a session with its tokens, and a token becomes a principal.

mod admission;
mod api_token;
mod auth;
mod login;
mod password;
mod refresh;
mod session;

pub use api_token::{CreateApiToken, CreateApiTokenError, NewApiToken};
pub use auth::{AuthConfig, AuthService, AuthenticateError};
pub use login::{Client, Login, LoginError};
pub use password::ConfirmError;
pub use refresh::{Refresh, RefreshError};
pub use session::Tokens;
