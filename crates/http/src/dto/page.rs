//! Pages of a list: a bare JSON array, and a `Link` header (RFC 8288) while there is more.

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::{Deserialize, Serialize};
use taglink_domain::model::{Limit, Page, PageRequest};
use url::form_urlencoded;
use utoipa::IntoParams;

use super::{List, Place};
use crate::error::{ApiError, FieldError};
use crate::response::json;

/// How many items a list has, or how many rows an answer is about that does not tell.
pub const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// How long most items are as JSON, in bytes.
const ITEM_BYTES: usize = 384;

/// Which page of a list is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// How many items to answer at most, 1 to 1000.
    #[param(value_type = Option<u16>, nullable = false, minimum = 1, maximum = 1000, default = 100)]
    limit: Option<String>,
    /// Where to go on: taken from the `Link` header of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
}

impl PageParams {
    /// The page that is wanted.
    ///
    /// # Errors
    /// 422 if the limit or the cursor is not valid, or the cursor is another list's.
    pub fn request<P: Place>(&self, list: &List<'_>) -> Result<PageRequest<P>, ApiError> {
        let limit = self.limit.as_deref().map_or_else(|| Ok(Limit::default()), Limit::parse);
        let limit = limit.map_err(|error| FieldError::query("limit", "value_error", &error));
        let after = self.cursor.as_deref().map(|cursor| {
            let msg = "cursor is not one of this list's: start again without it";
            list.decode(cursor).ok_or_else(|| FieldError::query("cursor", "value_error", msg))
        });
        match (limit, after.transpose()) {
            (Ok(limit), Ok(after)) => Ok(PageRequest { limit, after }),
            (limit, after) => Err(ApiError::invalid(limit.err().into_iter().chain(after.err()).collect())),
        }
    }

    /// A page as it is answered: each item as its DTO, and the way to the next page.
    pub fn answer<P, T, D>(&self, list: &List<'_>, page: Page<T>) -> Paged<D>
    where
        P: Place + for<'t> From<&'t T>,
        D: From<T>,
    {
        self.answer_with::<P, T, D>(list, page, D::from)
    }

    /// [`Self::answer`], for DTOs that say more than their item does.
    pub fn answer_with<P, T, D>(&self, list: &List<'_>, page: Page<T>, to_dto: impl FnMut(T) -> D) -> Paged<D>
    where
        P: Place + for<'t> From<&'t T>,
    {
        let before_more = page.items.last().filter(|_| page.has_more);
        let next = before_more.map(|item| self.link_to_next(list, &list.encode(&P::from(item))));
        let links = next.into_iter().collect();
        Paged { items: page.items.into_iter().map(to_dto).collect(), links, total: None }
    }

    /// A page of what was looked for, whose items do not tell their places.
    pub fn answer_found<P: Place, D>(
        &self,
        list: &List<'_>,
        items: Vec<D>,
        next: Option<&P>,
        total: Option<i64>,
    ) -> Paged<D> {
        let next = next.map(|place| self.link_to_next(list, &list.encode(place)));
        Paged { items, links: next.into_iter().collect(), total }
    }

    fn link_to_next(&self, list: &List<'_>, cursor: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(list.filters.iter().chain(&list.carried));
        query.extend_pairs(self.limit.as_deref().map(|limit| ("limit", limit)));
        query.append_pair("cursor", cursor);
        format!("</{}/?{}>; rel=\"next\"", list.collection, query.finish())
    }
}

/// A page on its way out.
#[derive(Debug)]
pub struct Paged<T> {
    items: Vec<T>,
    /// The values of `Link` headers.
    links: Vec<String>,
    /// How many items all pages have together, if that was asked for.
    total: Option<i64>,
}

impl<T> Paged<T> {
    /// Points to something else as well.
    #[must_use]
    pub fn linking(mut self, link: Option<String>) -> Self {
        self.links.extend(link);
        self
    }
}

impl<T: Serialize> Responder for Paged<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::Ok();
        for link in self.links {
            response.append_header((header::LINK, link));
        }
        if let Some(total) = self.total {
            response.insert_header((TOTAL_COUNT, total));
        }
        json(&mut response, &self.items, ITEM_BYTES * (self.items.len() + 1))
    }
}
