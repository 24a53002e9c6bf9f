//! Conditions, as SQL about a row of the table `link`.

use taglink_domain::model::{AccountScope, Timestamp};
use taglink_domain::search::{Phrase, Site, prefix_end, reversed_host};

use super::meant::MeantTags;
use super::{Dialect, Sql};
use crate::connection::DbId;
use crate::session::time::to_column;

/// A condition.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    pub(super) negated: bool,
    pub(super) kind: ClauseKind,
}

#[derive(Clone, Debug)]
pub(super) enum ClauseKind {
    /// The phrase is in the link's text, or in one of these tags.
    Text {
        phrase: Phrase,
        tags: MeantTags,
    },
    /// The link carries at least one of these.
    Tagged(Vec<MeantTags>),
    Site(Site),
    CreatedBefore(Timestamp),
    CreatedFrom(Timestamp),
    Untagged,
}

/// What a row must be: of the scope, and each condition.
pub(super) fn all_hold(dialect: Dialect, scope: AccountScope, clauses: &[Clause]) -> Sql {
    let of_scope = match scope {
        AccountScope::All => Sql::new("1 = 1"),
        AccountScope::One(account) => Sql::new("link.account_id = ").id(DbId::of(account)),
    };
    clauses.iter().fold(of_scope, |sql, clause| {
        let sql = sql.sql(if clause.negated { " AND NOT (" } else { " AND (" });
        sql.then(clause.kind.holds(dialect)).sql(")")
    })
}

impl ClauseKind {
    fn holds(&self, dialect: Dialect) -> Sql {
        match self {
            Self::Text { phrase, tags } => {
                let own = dialect.contains("link.search_text", &phrase.needle());
                tags.is_carried(dialect).into_iter().fold(own, |own, tag| own.sql(" OR ").then(tag))
            }
            Self::Tagged(tags) => {
                let each: Vec<Sql> = tags.iter().filter_map(|tags| tags.is_carried(dialect)).collect();
                let none = if each.is_empty() { "1 = 0" } else { "" };
                Sql::new(none).list(" OR ", each, Sql::then)
            }
            Self::Site(site) => {
                let (first, end) = host_range(site);
                let from = Sql::new("link.host_reversed >= ").text(first);
                from.sql(" AND link.host_reversed < ").text(end)
            }
            Self::CreatedBefore(moment) => Sql::new("link.created_at < ").time(to_column(*moment)),
            Self::CreatedFrom(moment) => Sql::new("link.created_at >= ").time(to_column(*moment)),
            Self::Untagged => Sql::new("NOT ").then(exists("taglink x WHERE ", ON_LINK)),
        }
    }

    /// Whether no row can satisfy it.
    pub(super) fn is_hopeless(&self) -> bool {
        match self {
            Self::Tagged(tags) => tags.iter().all(MeantTags::is_empty),
            Self::Text { .. }
            | Self::Site(_)
            | Self::CreatedBefore(_)
            | Self::CreatedFrom(_)
            | Self::Untagged => false,
        }
    }
}

/// The reversed hosts of a site.
pub(super) fn host_range(site: &Site) -> (String, String) {
    let first = reversed_host(site.as_str());
    let end = prefix_end(&first);
    (first, end)
}

/// Whether a taglink `x` is one of the row's.
const ON_LINK: &str = "x.account_id = link.account_id AND x.link_id = link.link_id";

fn exists(from: &'static str, condition: &'static str) -> Sql {
    Sql::new("(EXISTS (SELECT 1 FROM ").sql(from).sql(condition).sql(")) IS TRUE")
}

impl MeantTags {
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Few(tags) if tags.is_empty())
    }

    /// Whether the row carries one of them; nothing if there are none. `IS TRUE` keeps planners from making a join of it,
    /// in which the links would no longer be read in their order. The index is named because MariaDB may otherwise read
    /// all links of the tags for each link.
    fn is_carried(&self, dialect: Dialect) -> Option<Sql> {
        let taglinks = dialect.along("taglink_account_id_link_id_created_at_tag_id_idx");
        let sql = Sql::new("(EXISTS (SELECT 1 FROM taglink x").then(taglinks);
        let sql = match self {
            Self::Few(tags) if tags.is_empty() => return None,
            Self::Few(tags) => {
                sql.sql(" WHERE ").sql(ON_LINK).sql(" AND x.tag_id IN (").then(ids(tags)).sql(")")
            }
            Self::Many(test) => {
                let joined = sql.sql(dialect.join_in_this_order()).sql("tag g ON g.tag_id = x.tag_id WHERE ");
                joined.sql(ON_LINK).sql(" AND ").then(test.holds(dialect))
            }
        };
        Some(sql.sql(")) IS TRUE"))
    }
}

/// Ids with commas between them.
pub(super) fn ids(ids: &[DbId]) -> Sql {
    Sql::default().list(", ", ids, |sql, id| sql.id(*id))
}
