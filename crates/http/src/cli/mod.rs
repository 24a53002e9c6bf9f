//! The command line. One file for each family of commands.

mod arguments;
mod bootstrap;
mod config_check;
mod database;
mod error;
mod export;
mod hash_password;
mod healthcheck;
mod import;
mod import_tutorial;
mod migrate;
mod openapi;
mod password;
mod progress;
mod run;
mod serve;
mod user;
mod welcome;

pub use error::CliError;
pub use run::main;
