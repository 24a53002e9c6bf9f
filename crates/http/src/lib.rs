//! The REST interface of taglink: settings, command line, logging, and the HTTP service itself.

pub mod application;
pub mod cli;
mod dto;
mod error;
mod extract;
mod fallback;
mod handler;
mod json_line;
mod log_queue;
pub mod logging;
mod middleware;
mod openapi;
mod response;
mod routes;
pub mod settings;
mod state;
mod transfer;

pub use state::AppState;
