//! `/import` and `/export`

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpResponse, get, post};
use futures_util::TryStreamExt;
use taglink_domain::use_case::export::{self, LinkSource};
use taglink_domain::use_case::import::{self, Import};
use taglink_transfer::{ExportFormat, Format, ReadOptions};

use crate::dto::{ExportParams, FileDto, FormDto, ImportParams, ImportReportDto, file_name};
use crate::error::{ApiError, Problem, account_not_found};
use crate::extract::needs::{ReadData, WriteData};
use crate::extract::{Auth, Query, Upload};
use crate::openapi::{Authenticated, WithFile, problem};
use crate::state::AppState;
use crate::transfer::{Export, read_rows};

/// Media types that leave the format to the beginning of the file.
const UNSPECIFIC: [&str; 6] = [
    "",
    "application/octet-stream",
    "application/json",
    "text/plain",
    "application/zip",
    "application/x-zip-compressed",
];

/// Import a file
///
/// The body is the file itself, or a form with one file: bookmarks as every browser exports them, the exports of many
/// bookmark services, our own JSON, CSV, or a list of URLs. Links that are there get the tags, the title and the notes
/// that they lack; nothing is overwritten. Bad rows are skipped and reported. The file is read and checked as a whole
/// first: of a damaged one nothing is stored. Then the rows are stored in parts, and what others do comes in between.
/// Each row is stored as a whole or not at all; if the import is cut short, send the same file again to complete it.
#[utoipa::path(
    tag = "transfer", path = "/import", params(ImportParams),
    security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    request_body(
        description = "The file",
        content(
            (FileDto = "application/json"), (FormDto = "multipart/form-data"), (String = "text/html"), (String = "text/csv"),
            (String = "text/uri-list", example = "https://www.example.com\n"), (String = "text/plain"),
            (String = "application/octet-stream"),
        ),
    ),
    responses(
        (status = 200, description = "What became of the rows", body = ImportReportDto),
        Authenticated, WithFile,
        (status = 422, description = "The file is not of that format, or damaged, or a parameter is wrong. Nothing was stored", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "file_damaged", "the file is damaged at line 7: the file ends too early"))),
    ),
)]
#[post("/import")]
pub async fn import_links(
    Auth(principal, (Query(params), upload), _): Auth<WriteData, (Query<ImportParams>, Upload)>,
    state: Data<AppState>,
) -> Result<web::Json<ImportReportDto>, ApiError> {
    let (owner, dry_run, asked) = (params.owner(&principal)?, params.is_dry_run()?, params.format()?);
    let (folders, states) = (params.folders()?, params.states()?);
    if asked.is_none() && !upload.is_form() {
        // Before the file arrives.
        format_of(&upload.media_type(), false)?;
    }
    let file = upload.spool(state.import.max_bytes).await?;
    let format =
        asked.map_or_else(|| format_of(&file.media_type, file.is_of_form), |asked| Ok(Some(asked)))?;
    let options = ReadOptions {
        folders,
        states,
        charset: charset(&file.media_type),
        max_rows: state.import.max_rows,
        ..ReadOptions::new(state.now())
    };
    // Rows take memory from here on until they are stored.
    let _permit =
        state.import_permits.acquire().await.map_err(|error| ApiError::internal(error.to_string()))?;
    let identity = state.url_identity.clone();
    let rows = web::block(move || read_rows(format, &options, &identity, file.content))
        .await
        .map_err(|error| ApiError::internal(error.to_string()))??;
    let command = Import { owner, rows, dry_run, at: state.now() };
    Ok(web::Json(import::run(state.store.as_ref(), command, &mut |_| ()).await?.into()))
}

/// The format that the media type names; nothing if the file has to be looked at, as always where a browser has chosen the
/// type.
fn format_of(media_type: &str, is_of_form: bool) -> Result<Option<Format>, ApiError> {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    match Format::from_media_type(essence) {
        _ if is_of_form || UNSPECIFIC.contains(&essence) => Ok(None),
        None => Err(ApiError::unsupported_media_type(
            "The body must be the file itself, with its Content-Type or the parameter format, or a form with one file",
        )),
        named => Ok(named),
    }
}

/// The character set that a media type names.
fn charset(media_type: &str) -> Option<String> {
    media_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"').to_owned()).filter(|label| !label.is_empty())
    })
}

/// Export links
///
/// Everything of an account, or the links that match, as a file. Links come in the order in which they were stored. The
/// file is read while it is sent: what others change meanwhile may be in it or not. If the connection ends before the file
/// does, the file is incomplete.
#[utoipa::path(
    tag = "transfer", path = "/export", params(ExportParams),
    security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The file",
            content(
                (FileDto = "application/json"), (String = "text/html"),
                (String = "text/csv", example = "url,title,notes,tags,created_at,updated_at\r\n"),
            ),
            headers(("Content-Disposition" = String, description = "The name to save it under, with the date"))),
        Authenticated,
        (status = 422, description = "A parameter is wrong", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "validation_failed", "format must be one of html, json, csv"))),
    ),
)]
#[get("/export")]
pub async fn export_links(
    Auth(principal, Query(params), _): Auth<ReadData, Query<ExportParams>>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let (format, owner, search) = (params.format()?, params.owner(&principal)?, params.search()?);
    let wanted = owner.clone();
    let account = state.store.read(move |uow| export::account(uow, &wanted)).await?;
    let account = account.ok_or_else(|| account_not_found(&owner))?;
    let (store, name) = (Arc::clone(&state.store), file_name(format, state.now()));
    let export = Export::new(store, LinkSource { account, search }, format);
    Ok(download(export, format, &name))
}

/// A file that is sent while it is read. A failure breaks the connection, so that nobody takes a part for the whole.
fn download(export: Export, format: ExportFormat, name: &str) -> HttpResponse {
    let pieces = export.into_stream().map_ok(Bytes::from).inspect_err(|error| {
        tracing::error!(%error, "an export was cut off");
    });
    HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(pieces)
}
