//! The document itself.

use actix_web::App;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{Flow, OAuth2, Password, Scopes, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_actix_web::AppExt;

use crate::error::{FieldError, Problem};
use crate::routes::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "taglink",
        description = "Stores links, tags, and which tag is on which link.\n\n\
            Log in with **Authorize**, then try the operations. Lists are paged: while there is more, the answer \
            has a `Link` header with `rel=\"next\"`. Every error is `application/problem+json` (RFC 9457) with a \
            `code` for programs.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "This server")),
    components(schemas(Problem, FieldError)),
    tags(
        (name = "link", description = "Links: URLs that are kept"),
        (name = "tag", description = "Tags: names that are put on links"),
        (name = "taglink", description = "Taglinks: which tag is on which link"),
        (name = "token", description = "Logging in"),
        (name = "health", description = "For whatever watches over the service"),
    ),
    modifiers(&Security),
)]
struct Skeleton;

/// The name of the security scheme.
pub(super) const SCHEME: &str = "OAuth2PasswordBearer";

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let flow = Flow::Password(Password::new("/token/", Scopes::new()));
        let scheme =
            OAuth2::with_description([flow], "Log in with username and password; leave the client empty.");
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(SCHEME, SecurityScheme::OAuth2(scheme));
    }
}

/// The document of all routes. Made from the routes themselves, so it cannot forget one.
#[must_use]
pub fn document() -> Document {
    let (_, document) =
        App::new().into_utoipa_app().openapi(Skeleton::openapi()).configure(routes).split_for_parts();
    document
}

/// The document as it is committed and served: pretty JSON.
///
/// # Errors
/// Never in practice: the document holds nothing that JSON cannot.
pub fn to_json(document: &Document) -> serde_json::Result<String> {
    document.to_pretty_json()
}
