//! The doors: a password becomes a token, a token becomes a principal.

mod auth;
mod login;

pub use auth::{AuthConfig, AuthService, AuthenticateError};
pub use login::{Login, LoginError};
