//! The document itself.

use actix_web::App;
use taglink_auth::scope;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{
    Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme,
};
use utoipa::{Modify, OpenApi};
use utoipa_actix_web::AppExt;

use crate::dto::FormatDto;
use crate::error::{FieldError, Problem};
use crate::routes::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "taglink",
        description = "Stores links, tags, and which tag is on which link.\n\n\
            Log in with **Authorize**, then try the operations. A user who asks for no scope acts on the shared \
            account. Lists are paged: while there is more, the answer \
            has a `Link` header with `rel=\"next\"`. Every error is `application/problem+json` (RFC 9457) with a \
            `code` for programs.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "This server")),
    components(schemas(Problem, FieldError, FormatDto)),
    tags(
        (name = "link", description = "Links: URLs that are kept"),
        (name = "tag", description = "Tags: names that are put on links"),
        (name = "taglink", description = "Taglinks: which tag is on which link"),
        (name = "batch", description = "Many operations at once"),
        (name = "change", description = "Changes: for clients that keep a copy"),
        (name = "transfer", description = "Files: links come in and go out"),
        (name = "account", description = "Accounts: end users, who own links and tags"),
        (name = "user", description = "Users: those who operate the service"),
        (name = "session", description = "Sessions: logins, and everything that came of them"),
        (name = "api-token", description = "API tokens: credentials for scripts"),
        (name = "oauth", description = "Tokens, to the letter of the standards"),
        (name = "token", description = "Tokens, as clients of the tutorial ask for them"),
        (name = "health", description = "For whatever watches over the service"),
    ),
    modifiers(&Security),
)]
struct Skeleton;

/// The names of the security schemes: logging in, and an API token.
const LOGIN: &str = "OAuth2PasswordBearer";
const API_TOKEN: &str = "ApiToken";

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let flow = Flow::Password(Password::with_refresh_url(
            "/oauth/token",
            Scopes::from_iter(scope::Scopes::ALL),
            "/oauth/token",
        ));
        let login = OAuth2::with_description(
            [flow],
            "Log in with username and password; leave the client empty. For the scope `account`, the username is the \
             account's email.",
        );
        let api_token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API token (`tgp_…`), made at `POST /api-token/`."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(LOGIN, SecurityScheme::OAuth2(login));
        components.add_security_scheme(API_TOKEN, SecurityScheme::Http(api_token));
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
