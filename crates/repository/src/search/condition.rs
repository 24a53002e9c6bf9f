//! Conditions, as SQL about a row of the table `link`.

use taglink_domain::model::{AccountScope, Timestamp};
use taglink_domain::search::{Phrase, Site};

use super::resolved_tags::{ResolvedTag, ResolvedTags, rarest_first};
use crate::dialect::{DbId, DbTime, Dialect, SqlBuilder};
use crate::query::OF_LINK;

/// A condition.
pub(super) struct Condition {
    pub(super) is_negated: bool,
    pub(super) kind: ConditionKind,
}

pub(super) enum ConditionKind {
    /// The phrase is in the link's text, or in one of these tags.
    Text {
        phrase: Phrase,
        tags: ResolvedTags,
    },
    /// The link carries at least one of these.
    Tagged(Vec<ResolvedTags>),
    Site(Site),
    CreatedBefore(Timestamp),
    CreatedFrom(Timestamp),
    Untagged,
}

/// ` WHERE` and all conditions: that the link is in the scope, and those of the search.
pub(super) fn all_hold(
    dialect: Dialect,
    scope: AccountScope,
    conditions: &[Condition],
) -> SqlBuilder<'static> {
    let in_scope = match scope {
        AccountScope::All => SqlBuilder::new(" WHERE 1 = 1"),
        AccountScope::One(account) => SqlBuilder::new(" WHERE link.account_id = ?").id(DbId::of(account)),
    };
    conditions.iter().fold(in_scope, |sql, condition| {
        let sql = sql.sql(if condition.is_negated { " AND NOT (" } else { " AND (" });
        sql.then(condition.kind.holds(dialect)).sql(")")
    })
}

impl ConditionKind {
    fn holds(&self, dialect: Dialect) -> SqlBuilder<'static> {
        match self {
            Self::Text { phrase, tags } => {
                let own = dialect.contains("link.search_text", &phrase.needle());
                tags.are_carried(dialect).into_iter().fold(own, |own, tag| own.sql(" OR ").then(tag))
            }
            Self::Tagged(tags) => {
                let known: Vec<DbId> =
                    tags.iter().flat_map(ResolvedTags::few).map(|tag| tag.tag_id).collect();
                let known = (!known.is_empty()).then(|| is_carried(dialect, &known));
                let tests = tags.iter().filter(|tags| matches!(tags, ResolvedTags::Many(_)));
                let tests = tests.filter_map(|tags| tags.are_carried(dialect));
                let each: Vec<_> = known.into_iter().chain(tests).collect();
                let never = if each.is_empty() { "1 = 0" } else { "" };
                SqlBuilder::new(never).list(" OR ", each, SqlBuilder::then)
            }
            Self::Site(site) => dialect.contains("link.search_text", &site.needle()),
            Self::CreatedBefore(moment) => SqlBuilder::new("link.created_at < ?").time(DbTime::of(*moment)),
            Self::CreatedFrom(moment) => SqlBuilder::new("link.created_at >= ?").time(DbTime::of(*moment)),
            Self::Untagged => SqlBuilder::new("NOT ").then(on_link(dialect, SqlBuilder::empty())),
        }
    }

    /// The term that exactly those links have for which the condition holds, if there is one.
    pub(super) fn sole_term(&self) -> Option<String> {
        match self {
            Self::Text { phrase, .. } if phrase.terms().len() != 1 => None,
            _ => self.exact_term(),
        }
    }

    /// A term that every link has for which the condition holds, if there is one.
    pub(super) fn exact_term(&self) -> Option<String> {
        match self {
            Self::Text { phrase, tags } if tags.is_empty() => {
                let exact = rarest_first(phrase).into_iter().find(|(_, is_begun)| !is_begun);
                exact.map(|(term, _)| term.as_str().to_owned())
            }
            Self::Site(site) => Some(site.term()),
            _ => None,
        }
    }

    /// Whether no row can satisfy it.
    pub(super) fn is_hopeless(&self) -> bool {
        match self {
            Self::Tagged(tags) => tags.iter().all(ResolvedTags::is_empty),
            Self::Text { .. }
            | Self::Site(_)
            | Self::CreatedBefore(_)
            | Self::CreatedFrom(_)
            | Self::Untagged => false,
        }
    }
}

/// Whether the row has a taglink `taglink` for which the condition holds. `IS TRUE` keeps planners from making a join of
/// it, in which the links would no longer be read in their order.
fn on_link(dialect: Dialect, condition: SqlBuilder<'static>) -> SqlBuilder<'static> {
    let taglinks = SqlBuilder::new("(EXISTS (SELECT 1 FROM taglink").then(dialect.along(OF_LINK));
    let taglinks = taglinks.sql(
        " WHERE taglink.account_id = link.account_id AND taglink.link_created_at = link.created_at \
         AND taglink.link_id = link.link_id",
    );
    taglinks.then(condition).sql(")) IS TRUE")
}

/// Whether the row carries one of these tags.
fn is_carried(dialect: Dialect, tags: &[DbId]) -> SqlBuilder<'static> {
    on_link(dialect, SqlBuilder::new(" AND taglink.tag_id IN (").ids(tags).sql(")"))
}

impl ResolvedTags {
    /// The tags that are known.
    pub(super) fn few(&self) -> &[ResolvedTag] {
        match self {
            Self::Few(tags) => tags,
            Self::Many(_) => &[],
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Few(tags) if tags.is_empty())
    }

    /// Whether the row carries one of them; `None` if there are none.
    fn are_carried(&self, dialect: Dialect) -> Option<SqlBuilder<'static>> {
        match self {
            Self::Few(tags) if tags.is_empty() => None,
            Self::Few(tags) => {
                Some(is_carried(dialect, &tags.iter().map(|tag| tag.tag_id).collect::<Vec<_>>()))
            }
            Self::Many(test) => {
                let tags = SqlBuilder::new(" AND EXISTS (SELECT 1 FROM tag g WHERE g.account_id = ");
                let tags = tags.sql("taglink.account_id AND g.tag_id = taglink.tag_id AND ");
                Some(on_link(dialect, tags.then(test.holds(dialect)).sql(")")))
            }
        }
    }
}
