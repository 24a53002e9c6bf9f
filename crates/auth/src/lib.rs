//! Who may do what: passwords, bearer tokens and the principals behind them.
//!
//! Storage is reached through the ports of [`taglink_domain::port`] only, and nothing here knows HTTP. The doors are
//! [`service::AuthService::login`] and [`service::AuthService::refresh`], which turn a password or a refresh token into
//! an access token, and [`service::AuthService::authenticate`], which turns a bearer token into a
//! [`principal::Principal`].

pub mod key;
pub mod password;
pub mod principal;
pub mod scope;
mod secret;
pub mod service;
mod throttle;
pub mod token;

pub use throttle::ThrottleLimits;
