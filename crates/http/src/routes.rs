//! Every route of the interface. What is registered here is documented, and the other way round.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::handler::{health, link, tag, taglink, token};

/// Registers the routes.
pub fn routes(services: &mut ServiceConfig<'_>) {
    services
        .service(token::create_token)
        .service(link::list_links)
        .service(link::create_link)
        .service(link::get_link)
        .service(link::delete_link)
        .service(tag::list_tags)
        .service(tag::create_tag)
        .service(tag::get_tag)
        .service(tag::delete_tag)
        .service(taglink::list_taglinks)
        .service(taglink::create_taglink)
        .service(taglink::delete_taglinks)
        .service(health::live)
        .service(health::ready);
}
