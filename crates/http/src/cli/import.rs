//! `taglink import`

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use taglink_domain::model::{Clock, SystemClock};
use taglink_domain::use_case::import::{self, Import, ImportReport, ImportRows};
use taglink_transfer::{Convert, ReadOptions};

use super::arguments::{Choice, ImportArguments};
use super::database::{Missing, of_file, owner, with_store};
use super::error::CliError;
use super::progress;
use crate::settings::Settings;
use crate::transfer::read_rows;

/// Between two parts: who waits for the lock of an SQLite file looks for it only now and then.
const PAUSE: Duration = Duration::from_millis(10);

/// Imports a file.
pub(super) fn run(
    arguments: &ImportArguments,
    settings: &Settings,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let rows = read(arguments, settings)?;
    let dry_run = arguments.dry_run;
    let (report, whose) = with_store(settings, Missing::IsMade, |store| async move {
        let (owner, whose) = owner(store.as_ref(), &arguments.whose).await?;
        let bar = progress::bar("storing", u64::try_from(rows.links.len()).unwrap_or_default());
        let command = Import { owner, rows, dry_run, at: SystemClock.now() };
        let mut show = |done| {
            bar.set_position(u64::try_from(done).unwrap_or_default());
            thread::sleep(PAUSE);
        };
        let report = import::run(store.as_ref(), command, &mut show).await;
        bar.finish_and_clear();
        Ok((report?, whose))
    })?;
    tell(&report, &whose, out)
}

/// Reads the file before anything of the database is touched.
fn read(arguments: &ImportArguments, settings: &Settings) -> Result<ImportRows, CliError> {
    let path = arguments.file.as_path();
    if path == Path::new("-") {
        return read_from(arguments, settings, io::stdin().lock());
    }
    let file = File::open(path).map_err(of_file(path))?;
    let length = file.metadata().map_err(of_file(path))?.len();
    let bar = progress::bytes("reading", length);
    let rows = read_from(arguments, settings, bar.wrap_read(file));
    bar.finish_and_clear();
    rows
}

fn read_from(
    arguments: &ImportArguments,
    settings: &Settings,
    input: impl Read,
) -> Result<ImportRows, CliError> {
    let convert = |choice| match choice {
        Choice::Tags => Convert::ToTags,
        Choice::Ignore => Convert::Ignore,
    };
    let options = ReadOptions {
        folders: convert(arguments.folders),
        states: convert(arguments.states),
        charset: arguments.charset.clone(),
        max_rows: settings.import.max_rows,
        ..ReadOptions::new(SystemClock.now())
    };
    let rows = read_rows(arguments.format, &options, &settings.links.url_identity(), input);
    let file = arguments.file.display().to_string();
    rows.map_err(|source| CliError::Intake { file, source })
}

fn tell(report: &ImportReport, whose: &str, out: &mut dyn Write) -> Result<(), CliError> {
    let ImportReport { rows, created, merged, unchanged, failed, tags_created, .. } = report;
    let done = if report.dry_run { "dry run, nothing was stored" } else { "imported" };
    writeln!(
        out,
        "{done}: {rows} rows for {whose}: {created} created, {merged} merged, {unchanged} unchanged, {failed} failed; \
         {tags_created} tags created"
    )?;
    for problem in &report.problems {
        let skipped = if problem.skipped { " (skipped)" } else { "" };
        writeln!(out, "  row {}: {}{skipped}", problem.row, problem.message)?;
    }
    if report.problems_left_out > 0 {
        writeln!(out, "  and {} more", report.problems_left_out)?;
    }
    Ok(())
}
