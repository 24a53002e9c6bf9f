//! Who may do what: passwords, bearer tokens and the principals behind them.
//!
//! Storage is reached through the ports of [`taglink_domain::port`] only, and nothing here knows HTTP. The doors are
//! [`service::AuthService::login`], which turns a password into a token, and
//! [`service::AuthService::authenticate`], which turns a token into a [`principal::Principal`].

pub mod key;
pub mod password;
pub mod principal;
pub mod scope;
pub mod service;
pub mod token;
