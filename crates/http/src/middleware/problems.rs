//! Every error leaves as a problem with the id of its request, whoever made it; a panic too.

use std::panic::AssertUnwindSafe;

use actix_cors::CorsError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse};
use futures_util::FutureExt;

use super::request_id::RequestId;
use crate::error::ApiError;

/// Turns errors into problems, and logs the causes that the client does not see.
pub async fn problems(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = request.extensions().get::<RequestId>().cloned();
    let id = id.as_ref().map_or("", RequestId::as_str);
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(Ok(response)) if is_error(response.status()) => {
            let (request, response) = response.into_parts();
            let error = problem_of(response.error(), response.status()).of_request(id);
            log(&error, id);
            let mut problem = HttpResponse::from_error(error);
            // Such as those of CORS, which a browser needs to read the problem.
            for (name, value) in response.headers() {
                if !problem.headers().contains_key(name) {
                    problem.headers_mut().append(name.clone(), value.clone());
                }
            }
            Ok(ServiceResponse::new(request, problem))
        }
        Ok(Ok(response)) => Ok(response.map_into_boxed_body()),
        Ok(Err(error)) => {
            let error = problem_of(Some(&error), error.as_response_error().status_code()).of_request(id);
            log(&error, id);
            Err(error.into())
        }
        Err(_) => {
            let error = ApiError::internal("the handler panicked".into()).of_request(id);
            log(&error, id);
            // The request went with the handler, so this error is all that reaches the client.
            Err(error.into())
        }
    }
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// Our own errors as they are, what a page of another origin may not do by its reason; those of other libraries by their
/// status alone.
fn problem_of(error: Option<&Error>, status: StatusCode) -> ApiError {
    if let Some(refusal) = error.and_then(|error| error.as_error::<CorsError>()) {
        return ApiError::new(status, "bad_request", refusal.to_string());
    }
    match error.and_then(|error| error.as_error::<ApiError>()) {
        Some(known) => known.clone(),
        None if status == StatusCode::NOT_FOUND => ApiError::unknown_path(),
        None if status.is_client_error() => {
            ApiError::new(status, "bad_request", status.canonical_reason().unwrap_or("Bad Request"))
        }
        None => ApiError::internal(error.map_or_else(String::new, ToString::to_string)),
    }
}

fn log(error: &ApiError, id: &str) {
    if let Some(cause) = &error.cause {
        if error.status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(request_id = id, code = error.code, cause, "request failed");
        } else {
            tracing::warn!(request_id = id, code = error.code, cause, "request refused");
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::{App, test, web};

    use super::*;

    async fn panics() -> HttpResponse {
        panic!("on purpose")
    }

    async fn fails_in_a_library() -> Result<HttpResponse, Error> {
        Err(actix_web::error::ErrorInternalServerError("a secret detail"))
    }

    #[actix_web::test]
    async fn a_panic_or_foreign_error_is_a_500_that_tells_nothing() {
        let app = App::new()
            .wrap(from_fn(problems))
            .route("/panics", web::get().to(panics))
            .route("/fails", web::get().to(fails_in_a_library));
        let app = test::init_service(app).await;
        for path in ["/panics", "/fails"] {
            let request = test::TestRequest::get().uri(path).to_request();
            let response = match test::try_call_service(&app, request).await {
                Ok(response) => response.into_parts().1,
                Err(error) => error.error_response(),
            };
            assert_eq!(response.status(), 500);
            assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
            let body = actix_web::body::to_bytes(response.into_body()).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["detail"], "Internal Server Error");
        }
    }
}
