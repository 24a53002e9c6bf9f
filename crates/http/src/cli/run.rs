//! From the command line to a command and an exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use super::arguments::{Arguments, Command, ConfigCommand};
use super::error::CliError;
use super::{
    config_check, export, hash_password, healthcheck, import, import_tutorial, migrate, openapi, serve, user,
};
use crate::log_queue::LogQueue;
use crate::settings::{Environment, Settings};

/// Runs the command of this process: exit code 0 if all went well, 1 with a line on stderr if not, 2 for wrong usage.
#[must_use]
pub fn main() -> ExitCode {
    match run(Arguments::parse(), &mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

/// Writes the reason to the standard error, unless its reader has stalled: the process must end all the same.
fn report(error: &CliError) {
    if let Ok((queue, _thread)) = LogQueue::start(io::stderr()) {
        drop(writeln!(&*queue, "error: {}", error.with_causes()));
    }
}

fn run(Arguments { config, command }: Arguments, out: &mut dyn Write) -> Result<(), CliError> {
    let environment = Environment::of_process()?;
    let settings = || Settings::load(config.as_deref(), &environment);
    match command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&settings()?, out),
        Command::Migrate(command) => migrate::run(&command, &settings()?.database, out),
        Command::User(command) => user::run(command, &settings()?.database, &environment, out),
        Command::Import(arguments) => import::run(&arguments, &settings()?, out),
        Command::Export(arguments) => export::run(&arguments, &settings()?, out),
        Command::ImportTutorial(arguments) => {
            import_tutorial::run(&arguments, &settings()?, &environment, out)
        }
        Command::HashPassword => hash_password::run(&environment, out),
        Command::Openapi => openapi::run(out),
        Command::Healthcheck => healthcheck::run(&settings()?.server, out),
        Command::Config(ConfigCommand::Check) => config_check::run(config.as_deref(), &environment, out),
    }
}
