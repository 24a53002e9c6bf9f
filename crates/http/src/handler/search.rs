//! `/link?q=` and `/link/facets`

use actix_web::get;
use actix_web::web::{self, Data};
use taglink_domain::model::AccountScope;
use taglink_domain::port::{RepositoryError, UnitOfWork};
use taglink_domain::search::{FoundLinks, LinkPlace};
use taglink_domain::use_case::search;

use crate::dto::{FacetParams, LinkDto, List, PageParams, Paged, SearchRequest, TagCountDto};
use crate::error::{ApiError, FieldError, Problem};
use crate::extract::needs::ReadData;
use crate::extract::{Auth, Query};
use crate::openapi::{Authenticated, problem};
use crate::state::AppState;

/// A page of the links that are looked for, for the list of links.
pub(super) async fn list_found(
    scope: Option<AccountScope>,
    with_tags: bool,
    list: &List<'_>,
    wanted: SearchRequest,
    page: &PageParams,
    state: &AppState,
) -> Result<Paged<LinkDto>, ApiError> {
    let SearchRequest { search: wanted, with_total, facets } = wanted;
    let request = page.request::<LinkPlace>(list)?;
    if request.after.as_ref().is_some_and(|place| place.value.field() != wanted.sort.field) {
        let msg = "cursor is not one of this list's: start again without it";
        return Err(ApiError::invalid(vec![FieldError::query("cursor", "value_error", msg)]));
    }
    let Some(scope) = scope else {
        let total = with_total.then_some(0);
        return Ok(page.answer_found::<LinkPlace, _>(list, Vec::new(), None, total).linking(facets));
    };
    // All links, or those of tags, need not be read in one state with anything else.
    let is_single = wanted.query.is_empty() && !with_total && !with_tags;
    let found = move |uow: &mut dyn UnitOfWork| -> Result<_, RepositoryError> {
        let (mut found, total) = search::links(uow, scope, &wanted, &request, with_total)?;
        let tags = if with_tags {
            Some(search::tags_of_found(uow, scope, &wanted, &request, &mut found)?)
        } else {
            None
        };
        Ok((found, total, tags))
    };
    let (FoundLinks { links, next }, total, tags) =
        if is_single { state.store.read(found).await? } else { state.store.read_snapshot(found).await? };
    let items = match tags {
        None => links.into_iter().map(LinkDto::from).collect(),
        Some(mut tags) => links
            .into_iter()
            .map(|link| {
                let own = tags.remove(&link.id).unwrap_or_default();
                LinkDto::with_tags(link, own)
            })
            .collect(),
    };
    Ok(page.answer_found(list, items, next.as_ref(), total).linking(facets))
}

/// Count the tags of links
///
/// Which tags the links carry that match, and how many of them each: the most frequent first. The list of links with the
/// same parameters has these links; with `facets=tags` it leads here.
#[utoipa::path(
    tag = "link", path = "/link/facets", params(FacetParams), security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The tags", body = Vec<TagCountDto>),
        Authenticated,
        (status = 422, description = "The query is not valid", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "validation_failed", "q is not valid at character 7: the quote is not closed"))),
    ),
)]
#[get("/link/facets")]
pub async fn list_link_facets(
    Auth(principal, Query(facets), _): Auth<ReadData, Query<FacetParams>>,
    state: Data<AppState>,
) -> Result<web::Json<Vec<TagCountDto>>, ApiError> {
    let (wanted, limit) = facets.request()?;
    let Some(scope) = facets.account_scope(&principal) else { return Ok(web::Json(Vec::new())) };
    let counted =
        state.store.read_snapshot(move |uow| search::tag_counts(uow, scope, &wanted, limit)).await?;
    Ok(web::Json(counted.into_iter().map(TagCountDto::from).collect()))
}
