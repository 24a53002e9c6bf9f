//! What answers where no route does: 405 with `Allow` for a path that exists, 404 for any other.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::dev::ResourceDef;
use actix_web::http::header::HeaderValue;
use actix_web::web::Data;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

use crate::error::ApiError;

/// Each path and the methods it has, made from the OpenAPI document.
pub struct KnownPaths(Vec<(ResourceDef, HeaderValue)>);

impl KnownPaths {
    /// The paths of a document, and those of the documentation itself.
    pub fn new(document: &OpenApi) -> Self {
        let documented = document.paths.paths.iter().map(|(path, item)| {
            let pattern = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
            (ResourceDef::new(pattern), allowed(item))
        });
        let of_docs = ["/openapi.json", "/docs", "/docs/{file}*"]
            .map(|pattern| (ResourceDef::new(pattern), HeaderValue::from_static("GET, HEAD")));
        Self(documented.chain(of_docs).collect())
    }

    fn allowed_at(&self, path: &str) -> Option<&HeaderValue> {
        self.0.iter().find(|(pattern, _)| pattern.is_match(path)).map(|(_, allowed)| allowed)
    }
}

fn allowed(item: &PathItem) -> HeaderValue {
    let methods = [
        ("GET", item.get.is_some()),
        ("HEAD", item.get.is_some()),
        ("PUT", item.put.is_some()),
        ("POST", item.post.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
    ];
    let methods: Vec<&str> =
        methods.into_iter().filter_map(|(method, exists)| exists.then_some(method)).collect();
    HeaderValue::from_str(&methods.join(", ")).unwrap_or(HeaderValue::from_static(""))
}

/// The default service.
pub async fn fallback(request: HttpRequest, known: Data<KnownPaths>) -> Result<HttpResponse, ApiError> {
    Err(match known.allowed_at(request.path()) {
        Some(allow) => ApiError::method_not_allowed(allow.clone()),
        None => ApiError::unknown_path(),
    })
}
