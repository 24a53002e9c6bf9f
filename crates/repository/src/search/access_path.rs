//! Access paths: where a search begins to read.

use diesel::sql_types::BigInt;
use taglink_domain::model::AccountScope;
use taglink_domain::port::Result;
use taglink_domain::search::{Phrase, SortField, SortOrder, Term};

use super::condition::{Condition, ConditionKind};
use super::resolved_tags::{ResolvedTag, ResolvedTags, rarest_first, term_is};
use crate::dialect::{DbId, DbTime, Dialect, Index, SqlBuilder};
use crate::error::Table;
use crate::unit_of_work::DbUnitOfWork;

/// How many conditions are considered.
const CONSIDERED: usize = 8;

/// How a search is run.
pub(super) enum AccessPath {
    /// Nothing can be found.
    Empty,
    /// Along the links of these tags, which have them in the usual order. The tags are all that is asked for.
    Tags(Vec<ResolvedTag>),
    /// From the links of a condition that holds for few.
    Candidates(Candidates),
    /// Along the postings of a term, which have its links in the usual order: the condition holds for many.
    Postings { account: DbId, term: String },
    /// Along the links in their order.
    InOrder,
}

/// The links of a condition, and maybe some more, in parts.
pub(super) struct Candidates(Vec<Source>);

struct Source {
    /// `account_id` and `link_id`.
    columns: &'static str,
    /// `FROM` and `WHERE`.
    from: SqlBuilder<'static>,
}

impl AccessPath {
    /// The access path of a page in this order: along tags if they are all that is asked for, else as
    /// [`Self::for_all`] says.
    pub(super) fn for_page(
        uow: &mut DbUnitOfWork,
        scope: AccountScope,
        conditions: &[Condition],
        sort: SortOrder,
        most: i64,
    ) -> Result<Self> {
        if let [Condition { is_negated: false, kind: ConditionKind::Tagged(tags) }] = conditions
            && sort.field == SortField::Created
            && let Some(tags) = few(tags)
        {
            return Ok(if tags.is_empty() { Self::Empty } else { Self::Tags(tags) });
        }
        if let Some(path) = Self::sole_term(scope, conditions)
            && sort.field == SortField::Created
        {
            return Ok(path);
        }
        let path = Self::for_all(uow, scope, conditions, most)?;
        let mut exact = conditions.iter().filter(|condition| !condition.is_negated);
        Ok(match (path, scope, exact.find_map(|condition| condition.kind.exact_term())) {
            (Self::InOrder, AccountScope::One(account), Some(term)) if sort.field == SortField::Created => {
                Self::Postings { account: DbId::of(account), term }
            }
            (path, ..) => path,
        })
    }

    /// Along the postings of a term, if its links are all that is asked for.
    pub(super) fn sole_term(scope: AccountScope, conditions: &[Condition]) -> Option<Self> {
        let (AccountScope::One(account), [Condition { is_negated: false, kind }]) = (scope, conditions)
        else {
            return None;
        };
        kind.sole_term().map(|term| Self::Postings { account: DbId::of(account), term })
    }

    /// From the condition that holds for the fewest links, if these are not more than `most`; else along all.
    pub(super) fn for_all(
        uow: &mut DbUnitOfWork,
        scope: AccountScope,
        conditions: &[Condition],
        most: i64,
    ) -> Result<Self> {
        if conditions.is_empty() {
            return Ok(Self::InOrder);
        }
        if conditions.iter().any(|condition| !condition.is_negated && condition.kind.is_hopeless()) {
            return Ok(Self::Empty);
        }
        let candidates = || Candidates::of_all(uow.dialect(), scope, conditions);
        let count = SqlBuilder::empty().list(
            " UNION ALL ",
            (0..)
                .zip(candidates())
                .flat_map(|(at, Candidates(sources))| sources.into_iter().map(move |source| (at, source))),
            |sql, (at, source)| {
                let sql = sql.sql("SELECT ? AS place, COUNT(*) AS links FROM (SELECT 1 AS one").number(at);
                sql.then(source.from).sql(" LIMIT ?) counted").number(most.saturating_add(1))
            },
        );
        let all = candidates();
        if all.is_empty() {
            return Ok(Self::InOrder);
        }
        let count = count.with_rows::<(BigInt, BigInt)>();
        let counted = uow.load::<(i64, i64)>(Table::LinkTerm, count)?;
        let links_of = |at: i64| -> i64 {
            counted.iter().filter(|(place, _)| *place == at).map(|(_, links)| links).sum()
        };
        let fewest =
            (0..).zip(all).map(|(at, candidates)| (links_of(at), candidates)).min_by_key(|(links, _)| *links);
        Ok(match fewest {
            Some((0, _)) => Self::Empty,
            Some((links, candidates)) if links <= most => Self::Candidates(candidates),
            Some(_) | None => Self::InOrder,
        })
    }

    /// `FROM` of the links on it, as `link`, which are read along `index` where that is possible; `None` if nothing can
    /// be found.
    pub(super) fn links(self, dialect: Dialect, index: SqlBuilder<'static>) -> Option<SqlBuilder<'static>> {
        match self {
            Self::Empty => None,
            Self::InOrder => Some(SqlBuilder::new(" FROM link").then(index)),
            Self::Candidates(candidates) => {
                let candidates = SqlBuilder::new(" FROM (").then(candidates.select()).sql(") candidate");
                Some(candidates.then(dialect.join_each("link", None, LINK_OF_CANDIDATE)))
            }
            Self::Postings { account, term } => {
                let postings = SqlBuilder::new(" FROM link_term").then(dialect.along(Index::PRIMARY));
                let links = postings.then(LINK_OF_POSTING.join(dialect));
                Some(links.sql(" AND link_term.account_id = ? AND link_term.term = ?").id(account).text(term))
            }
            // A tag without other conditions is a candidate like any other where the order does not matter.
            Self::Tags(tags) => {
                let sources = tags.into_iter().map(|tag| tag_source(&[tag])).collect();
                Self::Candidates(Candidates(sources)).links(dialect, index)
            }
        }
    }
}

/// The condition that a link is that of a row `candidate`, by its id: see [`in_scope`](crate::query::in_scope).
pub(super) const LINK_OF_CANDIDATE: &str = "link.link_id = candidate.link_id \
    AND COALESCE(link.account_id, link.account_id) = candidate.account_id";

/// The link of a row of `link_term`.
const LINK_OF_POSTING: LinkOf = LinkOf {
    by_key: "link.account_id = link_term.account_id AND link.created_at = link_term.link_created_at \
        AND link.link_id = link_term.link_id",
    by_id: "link.link_id = link_term.link_id AND +link.account_id = link_term.account_id",
};

/// The link of a row, as a condition.
pub(super) struct LinkOf {
    pub(super) by_key: &'static str,
    /// For SQLite, where an index of fewer bytes is searched faster; `+` keeps it from searching another.
    pub(super) by_id: &'static str,
}

impl LinkOf {
    /// Joins the link of each row, in their order.
    pub(super) fn join(&self, dialect: Dialect) -> SqlBuilder<'static> {
        let on = if dialect == Dialect::Sqlite { self.by_id } else { self.by_key };
        dialect.join_each("link", None, on)
    }
}

/// The tags, if all of them are known; each once.
fn few(tags: &[ResolvedTags]) -> Option<Vec<ResolvedTag>> {
    let mut all = Vec::new();
    for tags in tags {
        let ResolvedTags::Few(tags) = tags else { return None };
        all.extend_from_slice(tags);
    }
    all.sort_by_key(|tag| (tag.account_id, tag.tag_id));
    all.dedup_by_key(|tag| (tag.account_id, tag.tag_id));
    Some(all)
}

impl Candidates {
    /// Those that the conditions offer. A negated condition offers none.
    fn of_all(dialect: Dialect, scope: AccountScope, conditions: &[Condition]) -> Vec<Self> {
        let asked =
            || conditions.iter().filter(|condition| !condition.is_negated).map(|condition| &condition.kind);
        let mut words: Vec<(&Term, bool, &ResolvedTags)> = asked()
            .filter_map(|kind| match kind {
                ConditionKind::Text { phrase, tags } => Some((phrase, tags)),
                _ => None,
            })
            .flat_map(|(phrase, tags): (&Phrase, _)| {
                rarest_first(phrase).into_iter().map(move |(term, is_begun)| (term, is_begun, tags))
            })
            .collect();
        words.sort_by_key(|(term, ..)| std::cmp::Reverse(term.as_str().len()));
        let words = words.into_iter().take(CONSIDERED).map(|(term, is_begun, tags)| {
            let own = term_source(scope, term_is(term, is_begun));
            Self(std::iter::once(own).chain(tags.source(dialect, scope)).collect())
        });
        let others = asked().filter_map(|kind| match kind {
            ConditionKind::Tagged(tags) => {
                Some(Self(tags.iter().filter_map(|tags| tags.source(dialect, scope)).collect()))
            }
            ConditionKind::Site(site) => {
                let term = SqlBuilder::new("t.term = ?").text(site.term());
                Some(Self(vec![term_source(scope, term)]))
            }
            _ => None,
        });
        words.chain(others.take(CONSIDERED)).chain(created(scope, asked())).collect()
    }

    /// The keys of its links, each once.
    fn select(self) -> SqlBuilder<'static> {
        // Even a single one must not be merged into the statement around it.
        let distinct = if self.0.len() == 1 { "SELECT DISTINCT " } else { "SELECT " };
        SqlBuilder::empty()
            .list(" UNION ", self.0, |sql, source| sql.sql(distinct).sql(source.columns).then(source.from))
    }
}

fn term_source(scope: AccountScope, term: SqlBuilder<'static>) -> Source {
    let postings = match scope {
        // The index begins with the account.
        AccountScope::All => {
            SqlBuilder::new(" FROM account a CROSS JOIN link_term t WHERE t.account_id = a.account_id")
        }
        AccountScope::One(account) => {
            SqlBuilder::new(" FROM link_term t WHERE t.account_id = ?").id(DbId::of(account))
        }
    };
    let columns = "t.account_id AS account_id, t.link_id AS link_id";
    Source { columns, from: postings.sql(" AND ").then(term) }
}

/// The links of a period, in an account.
fn created<'a>(scope: AccountScope, kinds: impl Iterator<Item = &'a ConditionKind>) -> Option<Candidates> {
    let AccountScope::One(account) = scope else { return None };
    let mut period = SqlBuilder::new(" FROM link l WHERE l.account_id = ?").id(DbId::of(account));
    let mut is_bounded = false;
    for kind in kinds {
        let (bound, moment) = match kind {
            ConditionKind::CreatedBefore(moment) => (" AND l.created_at < ?", moment),
            ConditionKind::CreatedFrom(moment) => (" AND l.created_at >= ?", moment),
            _ => continue,
        };
        period = period.sql(bound).time(DbTime::of(*moment));
        is_bounded = true;
    }
    let columns = "l.account_id AS account_id, l.link_id AS link_id";
    is_bounded.then(|| Candidates(vec![Source { columns, from: period }]))
}

const OF_TAGLINK: &str = "x.account_id AS account_id, x.link_id AS link_id";

/// The links of tags of one account.
fn tag_source(tags: &[ResolvedTag]) -> Source {
    let from = match tags {
        [first, ..] => {
            let ids: Vec<DbId> = tags.iter().map(|tag| tag.tag_id).collect();
            let from = SqlBuilder::new(" FROM taglink x WHERE x.account_id = ? AND x.tag_id IN (");
            from.id(first.account_id).ids(&ids).sql(")")
        }
        [] => SqlBuilder::new(" FROM taglink x WHERE 1 = 0"),
    };
    Source { columns: OF_TAGLINK, from }
}

impl ResolvedTags {
    /// The links that carry one of them; `None` if there are none.
    fn source(&self, dialect: Dialect, scope: AccountScope) -> Option<Source> {
        let tags = match self {
            Self::Few(tags) if tags.is_empty() => return None,
            Self::Few(tags) if matches!(scope, AccountScope::One(_)) => return Some(tag_source(tags)),
            Self::Few(tags) => {
                let ids: Vec<DbId> = tags.iter().map(|tag| tag.tag_id).collect();
                SqlBuilder::new(" FROM tag g WHERE g.tag_id IN (").ids(&ids).sql(")")
            }
            Self::Many(test) => test.tags(dialect, scope),
        };
        let tags = SqlBuilder::new(" FROM (SELECT DISTINCT g.account_id, g.tag_id").then(tags);
        let joined = tags.sql(") found").sql(dialect.join_in_this_order());
        let from = joined.sql("taglink x ON x.account_id = found.account_id AND x.tag_id = found.tag_id");
        Some(Source { columns: OF_TAGLINK, from })
    }
}
