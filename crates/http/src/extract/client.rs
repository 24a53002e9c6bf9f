//! Who sends a request.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};

use actix_web::dev::Payload;
use actix_web::http::header::USER_AGENT;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use taglink_auth::service::Client;

/// The address that the outermost middleware has found to be the client's.
#[derive(Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

/// The client's address and what it calls itself.
pub struct ClientInfo(pub Client);

impl FromRequest for ClientInfo {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = request.extensions().get::<ClientAddress>().map(|ClientAddress(address)| *address);
        let address = known.or_else(|| request.peer_addr().map(|peer| peer.ip()));
        let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
        let is_visible = |character: &char| !character.is_control();
        ready(Ok(Self(Client {
            address: address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            user_agent: user_agent.map(|text| text.chars().filter(is_visible).collect()),
        })))
    }
}
