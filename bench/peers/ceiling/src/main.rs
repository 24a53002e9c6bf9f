//! Answers recorded responses, byte for byte, to requests with a valid token: what actix-web could do at best.
//!
//! `CEILING_RESPONSES` names a JSON file, `[{"path", "headers": [[name, value]], "body"}]`. `CEILING_SECRET` is the
//! key of the tokens. Each request's token is verified anew.

use std::collections::HashMap;
use std::error::Error;

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Deserialize)]
struct Recorded {
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

struct Service {
    responses: HashMap<String, (Vec<(String, String)>, Bytes)>,
    key: DecodingKey,
    validation: Validation,
}

#[derive(Deserialize)]
struct Claims {}

async fn answer(request: HttpRequest, service: Data<Service>) -> HttpResponse {
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if !token.is_some_and(|token| decode::<Claims>(token, &service.key, &service.validation).is_ok()) {
        return HttpResponse::Unauthorized().finish();
    }
    let path = request.uri().path_and_query().map_or("", |path| path.as_str());
    let Some((headers, body)) = service.responses.get(path) else {
        return HttpResponse::NotFound().finish();
    };
    let mut response = HttpResponse::Ok();
    for (name, value) in headers {
        response.insert_header((name.as_str(), value.as_str()));
    }
    response.body(body.clone())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let recorded: Vec<Recorded> = serde_json::from_slice(&std::fs::read(std::env::var("CEILING_RESPONSES")?)?)?;
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&["urn:taglink:api"]);
    let responses = recorded.into_iter().map(|each| (each.path, (each.headers, each.body.into()))).collect();
    let key = DecodingKey::from_secret(std::env::var("CEILING_SECRET")?.as_bytes());
    let service = Data::new(Service { responses, key, validation });
    let server = HttpServer::new(move || {
        App::new().app_data(service.clone()).default_service(web::get().to(answer))
    })
    .bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    Ok(server.run().await?)
}
