//! The settings: typed, validated, one struct for each concern.
//!
//! Defaults (`config/default.toml`, compiled in) < `--config FILE` (TOML or YAML) < environment
//! (`TAGLINK__SECTION__KEY`). Unknown keys fail, wherever they stand.

mod authentication;
mod bootstrap;
mod change;
mod database;
mod environment;
mod file;
mod host;
mod import;
mod key_file;
mod links;
mod load;
mod log;
mod merge;
mod network;
mod origin;
mod problem;
mod secret;
mod server;
mod show;
mod throttle;
mod value;
mod yaml;

pub use authentication::AuthenticationSettings;
pub use bootstrap::BootstrapSettings;
pub use change::ChangeSettings;
pub use database::DatabaseSettings;
pub use environment::{Environment, NotUnicode};
pub use import::ImportSettings;
pub use key_file::{KeyFile, KeyFileError};
pub use links::LinksSettings;
pub use load::Settings;
pub use log::{InvalidLogLevel, LogFormat, LogLevel, LogSettings};
pub use network::{InvalidNetwork, Network};
pub use origin::InvalidOrigin;
pub use problem::{Problem, Problems};
pub use secret::{SecretError, SecretSource};
pub use server::{InvalidPublicUrl, ServerSettings};
pub use throttle::ThrottleSettings;
