//! What clients and operators rely on, told through the public doors of the crate.

#![cfg(test)]

mod authenticate;
mod fake;
mod forgery;
mod login;
mod setting;
