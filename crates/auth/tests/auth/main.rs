//! What clients and operators rely on, told through the public doors of the crate.

#![cfg(test)]

mod api_token;
mod authenticate;
mod clock;
mod ending;
mod forgery;
mod login;
mod occupied;
mod principal;
mod refresh;
mod revoke;
mod setting;
mod store;
mod throttle;
