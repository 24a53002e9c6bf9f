//! The tags of a condition, looked up before the links are.
//!
//! There are few tags and many links, and most words are in no tag at all: then the tags of each link need not be looked
//! at for them.

use std::cmp::Reverse;
use std::collections::HashMap;

use diesel::sql_types::BigInt;
use taglink_domain::model::AccountScope;
use taglink_domain::port::Result;
use taglink_domain::search::{
    ConditionKind as Asked, LinkSearch, Phrase, TagFilter, TagKey, TagPattern, Term, prefix_end,
};

use super::condition::{Condition, ConditionKind};
use crate::dialect::{DbId, Dialect, Id, SqlBuilder};
use crate::error::Table;
use crate::unit_of_work::DbUnitOfWork;

/// How many tags are named by their ids.
const FEW: usize = 50;

/// The tags of a condition.
pub(super) enum ResolvedTags {
    /// These.
    Few(Vec<ResolvedTag>),
    /// Those of the table `tag g` for which this holds.
    Many(TagTest),
}

/// A tag, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResolvedTag {
    pub(super) account_id: DbId,
    pub(super) tag_id: DbId,
}

/// How tags are looked up.
#[derive(Clone, Debug)]
pub(super) enum TagTest {
    Id(DbId),
    Pattern(TagPattern),
    Phrase(Phrase),
}

/// The conditions of a search, those of its filter included.
pub(super) fn conditions(
    uow: &mut DbUnitOfWork,
    scope: AccountScope,
    search: &LinkSearch,
) -> Result<Vec<Condition>> {
    let dialect = uow.dialect();
    let filters = search.tags.iter().map(|filters| (false, ConditionKind::filter(scope, filters)));
    let asked = search.query.conditions().iter();
    let asked = asked.map(|condition| (condition.negated, ConditionKind::of(&condition.kind)));
    let mut conditions: Vec<Condition> = Vec::new();
    // Of the tags that a link must not carry none is there: one look at its tags tells.
    let mut unwanted = Vec::new();
    for (is_negated, kind) in filters.chain(asked) {
        match kind {
            ConditionKind::Tagged(tags) if is_negated => unwanted.extend(tags),
            kind => conditions.push(Condition { is_negated, kind }),
        }
    }
    if !unwanted.is_empty() {
        conditions.push(Condition { is_negated: true, kind: ConditionKind::Tagged(unwanted) });
    }

    let sets = || conditions.iter().flat_map(|condition| condition.kind.tags());
    let tests: Vec<(i64, TagTest)> = (0..)
        .zip(sets())
        .filter_map(|(at, tags)| match tags {
            ResolvedTags::Many(test) => Some((at, test.clone())),
            ResolvedTags::Few(_) => None,
        })
        .collect();
    if tests.is_empty() {
        return Ok(conditions);
    }
    let look_up = SqlBuilder::empty().list(" UNION ALL ", &tests, |sql, (at, test)| {
        let few = i64::try_from(FEW).unwrap_or(i64::MAX);
        let distinct = "SELECT ? AS place, account_id, tag_id FROM (SELECT DISTINCT g.account_id, g.tag_id";
        let tags = sql.sql(distinct).number(*at).then(test.tags(dialect, scope));
        tags.sql(" LIMIT ?) found").number(few.saturating_add(1))
    });
    let look_up = look_up.cached_if(tests.len() == 1).with_rows::<(BigInt, Id, Id)>();
    let rows = uow.load::<(i64, DbId, DbId)>(Table::Tag, look_up)?;
    let mut found: HashMap<i64, Vec<ResolvedTag>> = HashMap::new();
    for (at, account_id, tag_id) in rows {
        found.entry(at).or_default().push(ResolvedTag { account_id, tag_id });
    }
    let sets = conditions.iter_mut().flat_map(|condition| condition.kind.tags_mut());
    for (at, tags) in (0..).zip(sets) {
        let found = found.remove(&at).unwrap_or_default();
        if matches!(tags, ResolvedTags::Many(_)) && found.len() <= FEW {
            *tags = ResolvedTags::Few(found);
        }
    }
    Ok(conditions)
}

impl ConditionKind {
    fn of(kind: &Asked) -> Self {
        match kind {
            Asked::Text(phrase) => Self::Text {
                phrase: phrase.clone(),
                tags: ResolvedTags::Many(TagTest::Phrase(phrase.clone())),
            },
            Asked::Tag(pattern) => Self::Tagged(vec![ResolvedTags::Many(TagTest::Pattern(pattern.clone()))]),
            Asked::Site(site) => Self::Site(site.clone()),
            Asked::CreatedBefore(moment) => Self::CreatedBefore(*moment),
            Asked::CreatedFrom(moment) => Self::CreatedFrom(*moment),
            Asked::Untagged => Self::Untagged,
        }
    }

    fn filter(scope: AccountScope, filters: &[TagFilter]) -> Self {
        let tags = filters.iter().map(|filter| match (filter, scope) {
            (TagFilter::Id(id), AccountScope::One(account)) => {
                ResolvedTags::Few(vec![ResolvedTag { account_id: DbId::of(account), tag_id: DbId::of(*id) }])
            }
            (TagFilter::Id(id), AccountScope::All) => ResolvedTags::Many(TagTest::Id(DbId::of(*id))),
            (TagFilter::Pattern(pattern), _) => ResolvedTags::Many(TagTest::Pattern(pattern.clone())),
        });
        Self::Tagged(tags.collect())
    }

    fn tags(&self) -> &[ResolvedTags] {
        match self {
            Self::Text { tags, .. } => std::slice::from_ref(tags),
            Self::Tagged(tags) => tags,
            Self::Site(_) | Self::CreatedBefore(_) | Self::CreatedFrom(_) | Self::Untagged => &[],
        }
    }

    fn tags_mut(&mut self) -> &mut [ResolvedTags] {
        match self {
            Self::Text { tags, .. } => std::slice::from_mut(tags),
            Self::Tagged(tags) => tags,
            Self::Site(_) | Self::CreatedBefore(_) | Self::CreatedFrom(_) | Self::Untagged => &mut [],
        }
    }
}

impl TagTest {
    /// `FROM` and `WHERE` of these tags, as `g`.
    pub(super) fn tags(&self, dialect: Dialect, scope: AccountScope) -> SqlBuilder<'static> {
        match self {
            Self::Id(_) | Self::Pattern(_) => {
                let tags = match scope {
                    AccountScope::All => SqlBuilder::new(" FROM tag g WHERE "),
                    AccountScope::One(account) => {
                        SqlBuilder::new(" FROM tag g WHERE g.account_id = ? AND ").id(DbId::of(account))
                    }
                };
                tags.then(self.holds(dialect))
            }
            Self::Phrase(phrase) => {
                let terms = match scope {
                    AccountScope::All => SqlBuilder::new(
                        " FROM account a CROSS JOIN tag_term t CROSS JOIN tag g WHERE t.account_id = a.account_id",
                    ),
                    AccountScope::One(account) => {
                        SqlBuilder::new(" FROM tag_term t CROSS JOIN tag g WHERE t.account_id = ?")
                            .id(DbId::of(account))
                    }
                };
                let rarest = rarest_first(phrase).into_iter().take(1);
                let terms = rarest
                    .fold(terms, |terms, (term, is_begun)| terms.sql(" AND ").then(term_is(term, is_begun)));
                let tags = terms.sql(" AND g.account_id = t.account_id AND g.tag_id = t.tag_id AND ");
                tags.then(self.holds(dialect))
            }
        }
    }

    /// The condition about a tag `g`.
    pub(super) fn holds(&self, dialect: Dialect) -> SqlBuilder<'static> {
        match self {
            Self::Id(id) => SqlBuilder::new("g.tag_id = ?").id(*id),
            Self::Pattern(TagPattern::Exact(key)) => {
                SqlBuilder::new("g.name_key = ?").text(key.as_str().to_owned())
            }
            Self::Pattern(TagPattern::Tree(root)) => is_below("g.name_key", root),
            Self::Phrase(phrase) => dialect.contains("g.search_text", &phrase.needle()),
        }
    }
}

/// The condition that a column holds this key or one below it. Both are in one range, which an index can be searched for;
/// what else is in it is left out.
pub(super) fn is_below(column: &'static str, root: &TagKey) -> SqlBuilder<'static> {
    let below = format!("{}/", root.as_str());
    let end = prefix_end(&below);
    let range = SqlBuilder::empty().sql(column).sql(" >= ? AND ").text(root.as_str().to_owned());
    let range = range.sql(column).sql(" < ? AND (").text(end).sql(column);
    range.sql(" = ? OR ").text(root.as_str().to_owned()).sql(column).sql(" >= ?)").text(below)
}

/// The condition that a row `t` of postings is that of a term, or of one that begins so.
pub(super) fn term_is(term: &Term, is_begun: bool) -> SqlBuilder<'static> {
    let term = term.as_str().to_owned();
    if is_begun {
        let end = prefix_end(&term);
        SqlBuilder::new("t.term >= ? AND t.term < ?").text(term).text(end)
    } else {
        SqlBuilder::new("t.term = ?").text(term)
    }
}

/// The terms of a phrase, and whether each may go on; first those that are likely to be rare, which are the long ones.
pub(super) fn rarest_first(phrase: &Phrase) -> Vec<(&Term, bool)> {
    let terms = phrase.terms();
    let last = terms.len().saturating_sub(1);
    let mut terms: Vec<_> =
        terms.iter().enumerate().map(|(at, term)| (term, phrase.is_begun() && at == last)).collect();
    terms.sort_by_key(|(term, _)| Reverse(term.as_str().len()));
    terms
}
