//! `/docs`: Swagger UI, and the document it shows. They do not change while the service runs.

mod static_file;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use actix_web::http::header::LOCATION;
use actix_web::web::{self, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::{Config, serve};

use self::static_file::StaticFile;
use crate::error::ApiError;
use crate::openapi;

/// The files of Swagger UI that the page loads. Without the bar on top, which would ask for another document and is a
/// file of its own, they are less than 0.5 MB with the document.
const SWAGGER_UI: [&str; 4] = ["swagger-ui-bundle.js", "swagger-ui.css", "index.css", "favicon-32x32.png"];

/// The files below `/docs/`, by their names.
static FILES: LazyLock<HashMap<&str, StaticFile>> = LazyLock::new(|| {
    let page = StaticFile::compress("text/html; charset=utf-8", include_bytes!("index.html"));
    let own = [
        ("", page.clone()),
        ("index.html", page),
        ("initializer.js", StaticFile::compress("text/javascript", include_bytes!("initializer.js"))),
    ];
    let config = Arc::new(Config::default());
    let found = |name: &&'static str| Some((*name, serve(name, Arc::clone(&config)).ok()??));
    let swagger_ui = SWAGGER_UI.iter().filter_map(found);
    own.into_iter().chain(swagger_ui.map(|(name, file)| (name, file.into()))).collect()
});

static DOCUMENT: LazyLock<Result<StaticFile, serde_json::Error>> = LazyLock::new(|| {
    let text = openapi::to_json(&openapi::document())?;
    Ok(StaticFile::compress("application/json", text.as_bytes()))
});

/// Registers Swagger UI at `/docs/`, the redirect from `/docs`, and `/openapi.json`.
pub fn configure(services: &mut ServiceConfig) {
    services
        .route("/openapi.json", web::get().to(openapi_json))
        .route("/docs", web::get().to(to_docs))
        .route("/docs/{file:.*}", web::get().to(file));
}

async fn openapi_json(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let document = DOCUMENT.as_ref().map_err(|error| ApiError::internal(error.to_string()))?;
    document.respond(&request)
}

/// The page loads its files from beside itself, so it needs the trailing slash.
async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "docs/")).finish()
}

async fn file(request: HttpRequest, name: Path<String>) -> Result<HttpResponse, ApiError> {
    FILES.get(name.as_str()).ok_or_else(ApiError::unknown_path)?.respond(&request)
}
