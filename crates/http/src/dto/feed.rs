//! The change feed: which changes are wanted, and where to go on.

use actix_web::body::BoxBody;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Deserialize;
use taglink_auth::principal::{OwnerError, Principal};
use taglink_domain::model::{AccountId, AccountScope, ChangeSeq, Limit};
use taglink_domain::use_case::changes::{Changes, ReadChanges, Start};
use url::form_urlencoded;
use utoipa::IntoParams;

use super::owner::account_scope;
use super::{ChangeDto, List, Place};
use crate::error::{ApiError, FieldError};

/// The word that stands for what has happened so far.
const LATEST: &str = "latest";

/// Which changes are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FollowChanges {
    /// Where to go on: taken from the `Link` header of the answer before. `latest` begins behind what has happened so
    /// far. Without it, the changes are told from the beginning, if they are still kept.
    #[param(nullable = false)]
    after: Option<String>,
    /// How many changes to answer at most, 1 to 1000.
    #[param(value_type = Option<u16>, nullable = false, minimum = 1, maximum = 1000, default = 100)]
    limit: Option<String>,
    /// Whose changes: needed with the scope `admin`, otherwise it may be left out.
    #[param(nullable = false)]
    account_id: Option<String>,
}

/// The number of a change, as a place in an account's feed.
impl Place for ChangeSeq {
    fn to_bytes(&self) -> Vec<u8> {
        self.get().to_be_bytes().into()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::new(i64::from_be_bytes(bytes.try_into().ok()?))
    }
}

impl FollowChanges {
    /// What is to be read.
    ///
    /// # Errors
    /// 422 if an admin names no account, or the limit or the cursor is not valid, or the cursor is another account's.
    pub fn query(&self, principal: &Principal) -> Result<ReadChanges, ApiError> {
        let account = self.account(principal)?;
        let limit = self.limit.as_deref().map_or_else(|| Ok(Limit::default()), Limit::parse);
        let limit = limit.map_err(|error| FieldError::query("limit", "value_error", &error));
        let start = match self.after.as_deref() {
            None => Ok(Start::After(ChangeSeq::START)),
            Some(LATEST) => Ok(Start::Latest),
            Some(cursor) => {
                let msg = "after is no cursor of this account's changes: start again with after=latest";
                let seq = self.with_list(account, |list| list.decode(cursor));
                seq.map(Start::After).ok_or_else(|| FieldError::query("after", "value_error", msg))
            }
        };
        match (limit, start) {
            (Ok(limit), Ok(start)) => Ok(ReadChanges { account, start, limit }),
            (limit, start) => Err(ApiError::invalid(limit.err().into_iter().chain(start.err()).collect())),
        }
    }

    /// The changes as they are answered.
    pub fn answer(&self, account: Option<AccountId>, changes: Changes) -> Followed {
        let cursor = self.with_list(account, |list| list.encode(&changes.last));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.account_id.as_deref().map(|id| ("account_id", id)));
        query.extend_pairs(self.limit.as_deref().map(|limit| ("limit", limit)));
        query.append_pair("after", &cursor);
        let next = format!("</change/?{}>; rel=\"next\"", query.finish());
        Followed { items: changes.items.into_iter().map(ChangeDto::from).collect(), next }
    }

    /// Whose changes were asked for; nothing if the principal cannot see them.
    fn account(&self, principal: &Principal) -> Result<Option<AccountId>, ApiError> {
        match account_scope(principal, self.account_id.as_deref()) {
            Some(AccountScope::One(account)) => Ok(Some(account)),
            None => Ok(None),
            Some(AccountScope::All) => Err(ApiError::broken_rule(
                "account_id_required",
                FieldError::query("account_id", "missing", &OwnerError::Required),
            )),
        }
    }

    /// Works with the list that cursors belong to: the changes of this account, however the client has named it.
    fn with_list<T>(&self, account: Option<AccountId>, work: impl FnOnce(&List<'_>) -> T) -> T {
        let known = account.map(|id| id.to_string());
        work(&List::new("change", &[("account_id", known.as_deref().or(self.account_id.as_deref()))]))
    }
}

/// Changes on their way out. There is always a way on: whoever comes to the end asks again later.
#[derive(Debug)]
pub struct Followed {
    items: Vec<ChangeDto>,
    next: String,
}

impl Responder for Followed {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse<BoxBody> {
        HttpResponse::Ok().insert_header((header::LINK, self.next)).json(self.items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_account() {
        let params = FollowChanges { after: None, limit: None, account_id: None };
        let (one, other, seq) = (AccountId::new(), AccountId::new(), ChangeSeq::new(42).unwrap());
        let cursor = params.with_list(Some(one), |list| list.encode(&seq));
        assert_eq!(params.with_list(Some(one), |list| list.decode(&cursor)), Some(seq));
        assert_eq!(params.with_list(Some(other), |list| list.decode::<ChangeSeq>(&cursor)), None);
        assert_eq!(params.with_list(None, |list| list.decode::<ChangeSeq>(&cursor)), None);
    }

    #[test]
    fn numbers_that_no_change_has_are_no_place() {
        for bytes in [&(-1_i64).to_be_bytes()[..], &[0; 7], &[0; 9], &[]] {
            assert_eq!(ChangeSeq::from_bytes(bytes), None, "{bytes:?}");
        }
    }
}
