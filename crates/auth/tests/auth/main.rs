//! What clients and operators rely on, told through the public doors of the crate.

#![cfg(test)]

mod api_token;
mod authenticate;
mod clock;
mod login;
mod occupied;
mod setting;
mod store;
