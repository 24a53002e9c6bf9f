//! `taglink import-tutorial`

use std::io::Write;

use secrecy::ExposeSecret;
use taglink_domain::model::{Clock, SystemClock};
use taglink_domain::use_case::takeover::{self, TakeoverReport};
use taglink_repository::{DatabaseUrl, lacks_password, read_tutorial};

use super::arguments::TutorialArguments;
use super::database::{Missing, with_store};
use super::error::CliError;
use super::{password, progress};
use crate::settings::{Environment, Settings};

/// Takes the tutorial's database over.
pub(super) fn run(
    arguments: &TutorialArguments,
    settings: &Settings,
    environment: &Environment,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let url = DatabaseUrl::parse(&arguments.url)?;
    let password = if lacks_password(&url) { password::of_source(environment)? } else { None };
    let password = password.as_ref().map(ExposeSecret::expose_secret);
    let source = read_tutorial(&url, password)?;
    let takeover = takeover::plan(&source, arguments.dry_run, SystemClock.now());
    let report = with_store(settings, Missing::IsMade, |store| async move {
        let bar = progress::bar("storing", u64::try_from(takeover.links()).unwrap_or_default());
        let shown = bar.clone();
        let taken = store.write(move |uow| {
            takeover::run(uow, &takeover, &mut |done| {
                shown.set_position(u64::try_from(done).unwrap_or_default());
            })
        });
        let report = takeover::settle(taken.await);
        bar.finish_and_clear();
        Ok(report?)
    })?;
    tell(&report, &url, out)
}

fn tell(report: &TakeoverReport, url: &DatabaseUrl, out: &mut dyn Write) -> Result<(), CliError> {
    let done = if report.dry_run { "dry run, nothing was stored" } else { "taken over" };
    writeln!(out, "{done}: {url}")?;
    let TakeoverReport { users, accounts, tags, links, taglinks, .. } = report;
    for (table, counts) in
        [("users", users), ("accounts", accounts), ("tags", tags), ("links", links), ("taglinks", taglinks)]
    {
        writeln!(out, "  {table:9}{counts}")?;
    }
    if users.stored > 0 {
        writeln!(out, "the users are admins here, as in the tutorial every user may do everything")?;
    }
    if !report.problems.is_empty() {
        writeln!(out, "not as it was:")?;
    }
    for problem in &report.problems {
        writeln!(out, "  {problem}")?;
    }
    if report.problems_left_out > 0 {
        writeln!(out, "  and {} more", report.problems_left_out)?;
    }
    Ok(())
}
