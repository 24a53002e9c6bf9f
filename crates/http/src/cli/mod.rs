//! The command line. One file for each family of commands.

mod arguments;
mod bootstrap;
mod config_check;
mod error;
mod hash_password;
mod healthcheck;
mod migrate;
mod openapi;
mod password;
mod run;
mod serve;
mod user;
mod welcome;

pub use error::CliError;
pub use run::main;
