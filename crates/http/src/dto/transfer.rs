//! Files that come in and go out.

use serde::{Deserialize, Serialize};
use taglink_auth::principal::{OwnerError, Principal};
use taglink_domain::model::{IdRef, Owner, Timestamp};
use taglink_domain::search::LinkSearch;
use taglink_domain::use_case::import::{ImportReport, Problem};
use taglink_transfer::{Convert, ExportFormat, Format};
use utoipa::{IntoParams, ToSchema};

use super::search::valid_search;
use crate::error::{ApiError, FieldError};

/// How to import.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportParams {
    /// The format. Without it, the `Content-Type` decides, or the beginning of the file.
    #[param(nullable = false, value_type = Option<FormatDto>)]
    format: Option<String>,
    /// `true`: report what would be stored, without storing it.
    #[param(nullable = false, value_type = Option<bool>, default = false)]
    dry_run: Option<String>,
    /// `tags`: the folders of bookmarks become tags such as `work/rust`. `ignore`: they are forgotten.
    #[param(nullable = false, default = "tags")]
    folders: Option<String>,
    /// `tags`: what other services know of a link becomes the tags `state/unread`, `state/archived` and `state/favorite`. `ignore`: it is forgotten.
    #[param(nullable = false, default = "tags")]
    states: Option<String>,
    /// The account that everything shall belong to: needed with the scope `admin`, otherwise it may be left out.
    #[param(nullable = false)]
    account_id: Option<String>,
}

impl ImportParams {
    /// The format, if it was told.
    ///
    /// # Errors
    /// 422 if there is no such format.
    pub fn format(&self) -> Result<Option<Format>, ApiError> {
        let unknown = || {
            let names = Format::ALL.map(Format::name).join(", ");
            refuse("format", &format!("format must be one of {names}"))
        };
        self.format.as_deref().map(|name| Format::from_name(name).ok_or_else(unknown)).transpose()
    }

    /// Whether to store nothing.
    ///
    /// # Errors
    /// 422 for anything but `true` and `false`.
    pub fn is_dry_run(&self) -> Result<bool, ApiError> {
        match self.dry_run.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(refuse("dry_run", "dry_run must be true or false")),
        }
    }

    /// What becomes of folders.
    ///
    /// # Errors
    /// 422 for anything but `tags` and `ignore`.
    pub fn folders(&self) -> Result<Convert, ApiError> {
        convert("folders", self.folders.as_deref())
    }

    /// What becomes of states.
    ///
    /// # Errors
    /// 422 for anything but `tags` and `ignore`.
    pub fn states(&self) -> Result<Convert, ApiError> {
        convert("states", self.states.as_deref())
    }

    /// For whom to import.
    ///
    /// # Errors
    /// 422 if the principal must name an account and does not, or may not name this one.
    pub fn owner(&self, principal: &Principal) -> Result<Owner, ApiError> {
        owner(principal, self.account_id.clone())
    }
}

/// A format in which links come in.
#[derive(ToSchema)]
#[schema(as = ImportFormat, rename_all = "lowercase")]
#[expect(dead_code, reason = "describes the names of `Format`")]
pub enum FormatDto {
    Html,
    Json,
    Csv,
    Urls,
    Pinboard,
    Firefox,
    Chrome,
    Omnivore,
    Wallabag,
    Linkwarden,
    Karakeep,
}

fn convert(parameter: &str, value: Option<&str>) -> Result<Convert, ApiError> {
    match value {
        None | Some("tags") => Ok(Convert::ToTags),
        Some("ignore") => Ok(Convert::Ignore),
        Some(_) => Err(refuse(parameter, &format!("{parameter} must be tags or ignore"))),
    }
}

/// What to export.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportParams {
    /// `json` carries everything. `html` is a bookmark file for browsers, `csv` a table; they carry no ids and no unused tags.
    #[param(nullable = false, default = "json")]
    format: Option<String>,
    /// The account whose links are wanted: needed with the scope `admin`, otherwise it may be left out.
    #[param(nullable = false)]
    account_id: Option<String>,
    /// Only links that carry the tag with this id.
    #[param(nullable = false)]
    tag_id: Option<String>,
    /// Only links that carry the tag of this name; with `dev/*`, those that carry `dev` or a tag below it.
    #[param(nullable = false)]
    tag: Option<String>,
    /// Only links that match, as in the list of links.
    #[param(nullable = false, max_length = 1000)]
    q: Option<String>,
}

impl ExportParams {
    /// The format.
    ///
    /// # Errors
    /// 422 if there is no such format.
    pub fn format(&self) -> Result<ExportFormat, ApiError> {
        let unknown = || refuse("format", "format must be one of html, json, csv");
        self.format
            .as_deref()
            .map_or(Ok(ExportFormat::Json), |name| ExportFormat::from_name(name).ok_or_else(unknown))
    }

    /// Whose links to export.
    ///
    /// # Errors
    /// 422 if the principal must name an account and does not, or may not name this one.
    pub fn owner(&self, principal: &Principal) -> Result<Owner, ApiError> {
        owner(principal, self.account_id.clone())
    }

    /// The links that were asked for.
    ///
    /// # Errors
    /// 422 if the query is not valid.
    pub fn search(&self) -> Result<LinkSearch, ApiError> {
        valid_search(self.q.as_deref(), self.tag_id.as_deref(), self.tag.as_deref())
    }
}

/// The name under which a file is saved.
pub fn file_name(format: ExportFormat, now: Timestamp) -> String {
    let time = now.to_string();
    let day = time.split('T').next().unwrap_or_default();
    format!("taglink-{day}.{}", format.name())
}

fn owner(principal: &Principal, account_id: Option<String>) -> Result<Owner, ApiError> {
    principal.owner(account_id.map(IdRef::new)).map_err(|error| {
        let (code, kind) = match error {
            OwnerError::Required => ("account_id_required", "missing"),
            OwnerError::NotAllowed => ("account_id_not_allowed", "value_error"),
        };
        ApiError::broken_rule(code, FieldError::query("account_id", kind, &error))
    })
}

fn refuse(parameter: &str, msg: &str) -> ApiError {
    ApiError::invalid(vec![FieldError::query(parameter, "value_error", msg)])
}

/// What became of an import. `created`, `merged`, `unchanged` and `failed` together are the `rows`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub struct ImportReportDto {
    /// Whether nothing was stored, as asked for.
    #[schema(example = false)]
    dry_run: bool,
    /// Links of the file, and rows that could not be read.
    #[schema(example = 3)]
    rows: usize,
    /// Links that are new.
    #[schema(example = 1)]
    created: usize,
    /// Links that were there, or came earlier in the file, and got tags, a title or notes that they lacked.
    #[schema(example = 1)]
    merged: usize,
    /// Links that were there and lacked nothing.
    #[schema(example = 0)]
    unchanged: usize,
    /// Rows that were skipped.
    #[schema(example = 1)]
    failed: usize,
    /// Tags that are new.
    #[schema(example = 2)]
    tags_created: usize,
    /// What is to be told of single rows, at most 1000.
    problems: Vec<ImportProblemDto>,
    /// How many problems more there were.
    #[schema(example = 0)]
    problems_left_out: usize,
}

/// Something to be told of a row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportProblem)]
pub struct ImportProblemDto {
    /// The line it begins on; in JSON its number in its list. From 1.
    #[schema(example = 7)]
    row: usize,
    #[schema(example = "link must start with http:// or https://")]
    message: String,
    /// Whether the row was skipped; else it was taken, but not quite as it is.
    #[schema(example = true)]
    skipped: bool,
}

impl From<ImportReport> for ImportReportDto {
    fn from(report: ImportReport) -> Self {
        Self {
            dry_run: report.dry_run,
            rows: report.rows,
            created: report.created,
            merged: report.merged,
            unchanged: report.unchanged,
            failed: report.failed,
            tags_created: report.tags_created,
            problems: report.problems.into_iter().map(ImportProblemDto::from).collect(),
            problems_left_out: report.problems_left_out,
        }
    }
}

impl From<Problem> for ImportProblemDto {
    fn from(Problem { row, message, skipped }: Problem) -> Self {
        Self { row, message, skipped }
    }
}
