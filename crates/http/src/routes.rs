//! Every route of the interface. What is registered here is documented, and the other way round.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::handler::{
    account, api_token, batch, change, health, link, lookup, oauth, search, session, tag, tag_tidying,
    taglink, token, transfer, user,
};

/// Registers the routes.
pub fn routes(services: &mut ServiceConfig<'_>) {
    services
        .service(token::create_token)
        .service(link::list_links)
        .service(link::create_link)
        .service(lookup::look_up_links)
        // Before the links by their ids, of which `facets` is none.
        .service(search::list_link_facets)
        .service(link::get_link)
        .service(link::change_link)
        .service(link::set_link_tags)
        .service(link::delete_link)
        .service(tag::list_tags)
        .service(tag::create_tag)
        .service(tag::get_tag)
        .service(tag::rename_tag)
        .service(tag::delete_tag)
        .service(tag_tidying::merge_tags)
        .service(tag_tidying::delete_unused_tags)
        .service(taglink::list_taglinks)
        .service(taglink::create_taglink)
        .service(taglink::delete_taglinks)
        .service(transfer::import_links)
        .service(transfer::export_links)
        .service(batch::run_batch)
        .service(change::list_changes)
        .service(account::list_accounts)
        .service(account::create_account)
        .service(account::get_account)
        .service(account::change_account)
        .service(account::delete_account)
        .service(user::list_users)
        .service(user::create_user)
        // Before the users by their ids, of which `me` is none.
        .service(user::get_own_user)
        .service(user::change_own_password)
        .service(user::get_user)
        .service(user::change_user)
        .service(user::delete_user)
        .service(session::list_sessions)
        .service(session::end_sessions)
        .service(session::end_session)
        .service(api_token::list_api_tokens)
        .service(api_token::create_api_token)
        .service(api_token::revoke_api_token)
        .service(oauth::create_oauth_token)
        .service(oauth::revoke_oauth_token)
        .service(oauth::describe_authorization_server)
        .service(health::live)
        .service(health::ready);
}
