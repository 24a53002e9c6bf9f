//! `taglink export`

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use taglink_domain::port::Store;
use taglink_domain::search::LinkSearch;
use taglink_domain::use_case::export::{self, LinkSource};
use tempfile::NamedTempFile;

use super::arguments::ExportArguments;
use super::database::{Missing, of_file, owner, with_store};
use super::error::CliError;
use super::progress;
use crate::settings::Settings;
use crate::transfer::Export;

/// Writes the links of an account to a file, or to `out`.
pub(super) fn run(
    arguments: &ExportArguments,
    settings: &Settings,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let Some(path) = &arguments.output else { return write(arguments, settings, out, CliError::Output) };
    // Beside the file, so that it takes its place in one step, complete.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = BufWriter::new(NamedTempFile::new_in(folder).map_err(of_file(path))?);
    write(arguments, settings, &mut file, of_file(path))?;
    let file = file.into_inner().map_err(|error| of_file(path)(error.into_error()))?;
    file.as_file().sync_all().map_err(of_file(path))?;
    file.persist(path).map_err(|error| of_file(path)(error.error))?;
    Ok(())
}

fn write(
    arguments: &ExportArguments,
    settings: &Settings,
    out: &mut dyn Write,
    failed: impl Fn(io::Error) -> CliError,
) -> Result<(), CliError> {
    with_store(settings, Missing::IsRefused, |store: Arc<dyn Store>| async move {
        let (owner, _) = owner(store.as_ref(), &arguments.whose).await?;
        let wanted = owner.clone();
        let account = store.read(move |uow| export::account(uow, &wanted)).await?;
        let account = account.ok_or_else(|| CliError::NoAccount(owner.as_sent().to_string()))?;
        let source = LinkSource { account, search: LinkSearch::default() };
        let mut export = Export::new(store, source, arguments.format);
        let counter = progress::counter("links exported:");
        while let Some(piece) = export.next_piece().await? {
            out.write_all(&piece).map_err(&failed)?;
            counter.set_position(export.links());
        }
        counter.finish_and_clear();
        out.flush().map_err(&failed)
    })
}
