//! Looking for links: what a client may ask of the list.

use serde::{Deserialize, Serialize};
use taglink_auth::principal::Principal;
use taglink_domain::model::{AccountScope, IdRef, Limit, TagId};
use taglink_domain::search::{LinkSearch, SearchQuery, SortOrder, TagCount, TagFilter, TagPattern};
use url::form_urlencoded;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::owner::account_scope;
use super::{List, ListLinks};
use crate::error::{ApiError, FieldError};

/// Which links to look for, and in which order to list them.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchParams {
    /// Conditions with spaces between them, all of which must hold: a word, or its beginning (in URL, title, notes and
    /// names of tags), `"some words"`, `tag:a`, `tag:dev/*`, `site:example.com`, `before:2026-11`, `after:2026-11-24`,
    /// `is:untagged`; a `-` in front turns one around.
    #[param(nullable = false, max_length = 1000)]
    q: Option<String>,
    /// The order: `created`, `title` or `updated`, descending with a `-` in front.
    #[param(nullable = false)]
    sort: Option<String>,
    /// `true`: `X-Total-Count` tells how many links there are on all pages.
    #[param(value_type = Option<bool>, nullable = false)]
    total: Option<String>,
    /// `tags`: a `Link` header with `rel="facets"` leads to the tags of all links that match.
    #[param(nullable = false)]
    facets: Option<String>,
}

/// Of which links the tags are counted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FacetParams {
    /// Only links that carry the tag with this id.
    #[param(nullable = false)]
    tag_id: Option<String>,
    /// Only links that carry the tag of this name; with `dev/*`, those that carry `dev` or a tag below it.
    #[param(nullable = false)]
    tag: Option<String>,
    /// Only rows of this account.
    #[param(nullable = false)]
    account_id: Option<String>,
    /// Only links that match, as in the list of links.
    #[param(nullable = false, max_length = 1000)]
    q: Option<String>,
    /// How many tags to answer at most, 1 to 1000.
    #[param(value_type = Option<u16>, nullable = false, minimum = 1, maximum = 1000, default = 100)]
    limit: Option<String>,
}

/// The links that a list is asked for.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    pub search: LinkSearch,
    pub with_total: bool,
    /// The value of the `Link` header that leads to the facets, if that is asked for.
    pub facets: Option<String>,
}

impl SearchParams {
    /// The request, together with the filter of the list.
    ///
    /// # Errors
    /// 422 if a parameter is not valid.
    pub fn request(&self, filter: &ListLinks) -> Result<SearchRequest, ApiError> {
        let mut invalid = Invalid::default();
        let query = invalid.query(self.q.as_deref());
        let sort = self.sort.as_deref().map(SortOrder::parse).transpose();
        let sort = invalid.or_default("sort", sort.map(Option::unwrap_or_default));
        let with_total = invalid.or_default("total", flag(self.total.as_deref()));
        let with_facets = invalid.or_default("facets", self.with_facets());
        invalid.into_result()?;
        let tags = tag_filters(filter.tag_id.as_deref(), filter.tag.as_deref());
        let facets = with_facets.then(|| self.link_to_facets(filter));
        Ok(SearchRequest { search: LinkSearch { query, tags, sort }, with_total, facets })
    }

    fn with_facets(&self) -> Result<bool, &'static str> {
        match self.facets.as_deref() {
            None => Ok(false),
            Some("tags") => Ok(true),
            Some(_) => Err("facets must be tags"),
        }
    }

    fn link_to_facets(&self, filter: &ListLinks) -> String {
        let list = filter.list().also(&[("q", self.q.as_deref())]);
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&list.filters).finish();
        let separator = if query.is_empty() { "" } else { "?" };
        format!("</link/facets{separator}{query}>; rel=\"facets\"")
    }

    /// The list of links, for its cursors.
    pub fn list<'a>(&'a self, filter: &'a ListLinks) -> List<'a> {
        filter
            .list()
            .also(&[("q", self.q.as_deref()), ("sort", self.sort.as_deref())])
            .carrying(&[("total", self.total.as_deref()), ("facets", self.facets.as_deref())])
    }
}

impl FacetParams {
    /// Whose links were asked for; nothing if the principal cannot see them.
    pub fn account_scope(&self, principal: &Principal) -> Option<AccountScope> {
        account_scope(principal, self.account_id.as_deref())
    }

    /// The links whose tags are counted, and how many tags are wanted.
    ///
    /// # Errors
    /// 422 if a parameter is not valid.
    pub fn request(&self) -> Result<(LinkSearch, Limit), ApiError> {
        let mut invalid = Invalid::default();
        let search = search(self.q.as_deref(), self.tag_id.as_deref(), self.tag.as_deref(), &mut invalid);
        let limit = self.limit.as_deref().map_or_else(|| Ok(Limit::default()), Limit::parse);
        let limit = invalid.or_default("limit", limit);
        invalid.into_result()?;
        Ok((search, limit))
    }
}

/// The links that are asked for.
///
/// # Errors
/// 422 if the query is not valid.
pub(super) fn valid_search(
    q: Option<&str>,
    tag_id: Option<&str>,
    tag: Option<&str>,
) -> Result<LinkSearch, ApiError> {
    let mut invalid = Invalid::default();
    let search = search(q, tag_id, tag, &mut invalid);
    invalid.into_result()?;
    Ok(search)
}

fn search(q: Option<&str>, tag_id: Option<&str>, tag: Option<&str>, invalid: &mut Invalid) -> LinkSearch {
    LinkSearch { query: invalid.query(q), tags: tag_filters(tag_id, tag), ..LinkSearch::default() }
}

/// The tags that a filter asks for; nothing if it does not. One that cannot exist is left out.
fn tag_filters(tag_id: Option<&str>, tag: Option<&str>) -> Option<Vec<TagFilter>> {
    if tag_id.is_none() && tag.is_none() {
        return None;
    }
    let by_id = tag_id.and_then(|id| IdRef::<TagId>::new(id.to_owned()).id()).map(TagFilter::Id);
    let by_name = tag.and_then(|name| TagPattern::parse(name).ok()).map(TagFilter::Pattern);
    Some(by_id.into_iter().chain(by_name).collect())
}

fn flag(text: Option<&str>) -> Result<bool, &'static str> {
    match text {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err("total must be true or false"),
    }
}

/// Collects what is not valid.
#[derive(Default)]
struct Invalid {
    errors: Vec<FieldError>,
    at: Option<usize>,
}

impl Invalid {
    fn query(&mut self, q: Option<&str>) -> SearchQuery {
        let query = q.map(SearchQuery::parse).transpose();
        if let Err(error) = &query {
            self.at = Some(error.at);
        }
        self.or_default("q", query.map(Option::unwrap_or_default))
    }

    fn or_default<T: Default, E: ToString>(&mut self, parameter: &str, value: Result<T, E>) -> T {
        value.unwrap_or_else(|error| {
            self.errors.push(FieldError::query(parameter, "value_error", &error));
            T::default()
        })
    }

    fn into_result(self) -> Result<(), ApiError> {
        let Self { errors, at } = self;
        if errors.is_empty() { Ok(()) } else { Err(ApiError::invalid(errors).at_character(at)) }
    }
}

/// A tag, and how many of the links that match carry it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TagCount)]
pub struct TagCountDto {
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    tag_id: Uuid,
    /// The name as it was first written.
    #[schema(example = "example")]
    tag: String,
    /// The account that it belongs to.
    #[schema(example = "018f3b1e-7c1c-7123-8a1b-0123456789ab")]
    account_id: Uuid,
    /// How many of the links carry it.
    #[schema(example = 3)]
    count: i64,
}

impl From<TagCount> for TagCountDto {
    fn from(TagCount { tag, links }: TagCount) -> Self {
        Self { tag_id: tag.id.into(), tag: tag.name, account_id: tag.account_id.into(), count: links }
    }
}
