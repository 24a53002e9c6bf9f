//! `/docs`: Swagger UI, and the document it shows.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{ContentType, LOCATION};
use actix_web::web::{self, Data, ServiceConfig};
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The OpenAPI document as it is served, rendered once.
pub struct DocumentText(pub Arc<str>);

/// Registers Swagger UI at `/docs/`, the way there from `/docs`, and `/openapi.json`.
pub fn configure(services: &mut ServiceConfig) {
    // The path is relative to the page, so that a proxy may serve all this below a prefix.
    let config = Config::from("../openapi.json")
        .persist_authorization(true)
        .try_it_out_enabled(true)
        .validator_url("none");
    services
        .route("/openapi.json", web::get().to(openapi_json))
        .route("/docs", web::get().to(to_docs))
        .service(SwaggerUi::new("/docs/{_:.*}").config(config));
}

async fn openapi_json(document: Data<DocumentText>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(document.0.to_string())
}

/// The page loads its files from beside itself, so it needs the trailing slash.
async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "docs/")).finish()
}
