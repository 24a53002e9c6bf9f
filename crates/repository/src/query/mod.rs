//! The queries of the ports, one file for each aggregate.

/// A page of the rows of `$source`, a part of `$table`, in the order `(created_at, id)`.
macro_rules! page_by_creation {
    ($uow:expr, $source:expr, $table:ident, $id:ident, $row:ty, $name:expr, $page:expr) => {{
        let mut query = $source
            .select(<$row>::as_select())
            .order(($table::created_at, $table::$id))
            .limit(i64::from($page.limit.get()) + 1)
            .into_boxed();
        if let Some(after) = $page.after {
            let (created_at, id) = (DbTime::of(after.created_at), DbId::of(after.id));
            let is_later = $table::created_at.gt(created_at).or($table::$id.gt(id));
            query = query.filter($table::created_at.ge(created_at)).filter(is_later);
        }
        $uow.load_page($name, query, $page.limit, |row: $row| Ok(row.into()))
    }};
}

mod account;
mod api_token;
mod bulk;
mod idempotency;
mod link;
mod merge_tags;
mod session;
mod subject;
mod tag;
mod taglink;
mod user;

pub(crate) use self::link::in_scope;
pub(crate) use self::tag::{OF_LINK, in_order as tags_in_order};
