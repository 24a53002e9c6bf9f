//! Which tags are meant by a condition, looked up before the links are.
//!
//! There are few tags and many links, and most words are in no tag at all: then nobody has to look at the tags of each
//! link for them.

use std::cmp::Reverse;
use std::collections::HashMap;

use diesel::deserialize::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use taglink_domain::model::AccountScope;
use taglink_domain::port::Result;
use taglink_domain::search::{
    ConditionKind, LinkSearch, Phrase, TagFilter, TagKey, TagPattern, Term, prefix_end,
};

use super::condition::{Clause, ClauseKind};
use super::{Dialect, Sql};
use crate::connection::{DbId, Id};
use crate::error::Table;
use crate::session::Session;

/// How many tags are named by their ids.
const FEW: usize = 50;

/// Tags that a link may carry.
#[derive(Clone, Debug)]
pub(super) enum MeantTags {
    /// These.
    Few(Vec<DbId>),
    /// Those of the table `tag g` for which this holds.
    Many(TagTest),
}

/// What tags are looked for by.
#[derive(Clone, Debug)]
pub(super) enum TagTest {
    Pattern(TagPattern),
    Phrase(Phrase),
}

#[derive(QueryableByName)]
struct MeantTag {
    #[diesel(sql_type = BigInt)]
    clause: i64,
    #[diesel(sql_type = Id)]
    tag_id: DbId,
}

impl Session {
    /// The conditions of a search, those of its filter included.
    pub(super) fn clauses(&mut self, scope: AccountScope, search: &LinkSearch) -> Result<Vec<Clause>> {
        let dialect = Dialect::of(self.connection());
        let filters = search.tags.iter().map(|filters| (false, ClauseKind::filter(filters)));
        let conditions = search.query.conditions().iter();
        let conditions = conditions.map(|condition| (condition.negated, ClauseKind::of(&condition.kind)));
        let mut clauses: Vec<Clause> =
            filters.chain(conditions).map(|(negated, kind)| Clause { negated, kind }).collect();

        let tests: Vec<(i64, TagTest)> = (0..)
            .zip(&clauses)
            .flat_map(|(at, clause)| clause.kind.tag_tests().into_iter().map(move |test| (at, test)))
            .collect();
        if tests.is_empty() {
            return Ok(clauses);
        }
        let look_up = Sql::default().list(" UNION ALL ", &tests, |sql, (at, test)| {
            let sql = sql.sql("SELECT ").number(*at).sql(" AS clause, tag_id FROM (SELECT DISTINCT g.tag_id");
            let few = i64::try_from(FEW).unwrap_or(i64::MAX);
            sql.then(test.tags(dialect, scope)).sql(" LIMIT ").number(few.saturating_add(1)).sql(") meant")
        });
        let rows = self.query(Table::Tag, |connection| look_up.load::<MeantTag>(connection))?;
        let mut meant: HashMap<i64, Vec<DbId>> = HashMap::new();
        for row in rows {
            meant.entry(row.clause).or_default().push(row.tag_id);
        }
        for (at, clause) in (0..).zip(&mut clauses) {
            clause.kind.learn(meant.remove(&at).unwrap_or_default(), FEW);
        }
        Ok(clauses)
    }
}

impl ClauseKind {
    fn of(kind: &ConditionKind) -> Self {
        match kind {
            ConditionKind::Text(phrase) => {
                Self::Text { phrase: phrase.clone(), tags: MeantTags::Many(TagTest::Phrase(phrase.clone())) }
            }
            ConditionKind::Tag(pattern) => {
                Self::Tagged(vec![MeantTags::Many(TagTest::Pattern(pattern.clone()))])
            }
            ConditionKind::Site(site) => Self::Site(site.clone()),
            ConditionKind::CreatedBefore(moment) => Self::CreatedBefore(*moment),
            ConditionKind::CreatedFrom(moment) => Self::CreatedFrom(*moment),
            ConditionKind::Untagged => Self::Untagged,
        }
    }

    fn filter(filters: &[TagFilter]) -> Self {
        let meant = filters.iter().map(|filter| match filter {
            TagFilter::Id(id) => MeantTags::Few(vec![DbId::of(*id)]),
            TagFilter::Pattern(pattern) => MeantTags::Many(TagTest::Pattern(pattern.clone())),
        });
        Self::Tagged(meant.collect())
    }

    /// What tags are to be looked up by; one for each clause at most, as there is one pattern in a filter.
    fn tag_tests(&self) -> Option<TagTest> {
        let many = |tags: &MeantTags| match tags {
            MeantTags::Many(test) => Some(test.clone()),
            MeantTags::Few(_) => None,
        };
        match self {
            Self::Text { tags, .. } => many(tags),
            Self::Tagged(tags) => tags.iter().find_map(many),
            Self::Site(_) | Self::CreatedBefore(_) | Self::CreatedFrom(_) | Self::Untagged => None,
        }
    }

    /// Takes note of the tags that were found, if those are all.
    fn learn(&mut self, found: Vec<DbId>, few: usize) {
        let tags = match self {
            Self::Text { tags, .. } => Some(tags),
            Self::Tagged(tags) => tags.iter_mut().find(|tags| matches!(tags, MeantTags::Many(_))),
            Self::Site(_) | Self::CreatedBefore(_) | Self::CreatedFrom(_) | Self::Untagged => None,
        };
        if let Some(tags) = tags.filter(|_| found.len() <= few) {
            *tags = MeantTags::Few(found);
        }
    }
}

impl TagTest {
    /// From where the tags are read, as `g`.
    pub(super) fn tags(&self, dialect: Dialect, scope: AccountScope) -> Sql {
        match self {
            Self::Pattern(_) => {
                let of_scope = match scope {
                    AccountScope::All => Sql::new(" FROM tag g WHERE "),
                    AccountScope::One(account) => {
                        Sql::new(" FROM tag g WHERE g.account_id = ").id(DbId::of(account)).sql(" AND ")
                    }
                };
                of_scope.then(self.holds(dialect))
            }
            Self::Phrase(phrase) => {
                let terms = match scope {
                    AccountScope::All => Sql::new(
                        " FROM account a CROSS JOIN tag_term t CROSS JOIN tag g WHERE t.account_id = a.account_id",
                    ),
                    AccountScope::One(account) => {
                        Sql::new(" FROM tag_term t CROSS JOIN tag g WHERE t.account_id = ")
                            .id(DbId::of(account))
                    }
                };
                let terms = rarest_first(phrase)
                    .first()
                    .into_iter()
                    .fold(terms, |terms, (term, is_begun)| terms.sql(" AND ").then(term_is(term, *is_begun)));
                terms.sql(" AND g.tag_id = t.tag_id AND ").then(self.holds(dialect))
            }
        }
    }

    /// Whether a tag `g` is meant.
    pub(super) fn holds(&self, dialect: Dialect) -> Sql {
        match self {
            Self::Pattern(TagPattern::Exact(key)) => Sql::new("g.name_key = ").text(key.as_str()),
            Self::Pattern(TagPattern::Tree(root)) => is_below(root),
            Self::Phrase(phrase) => dialect.contains("g.search_text", &phrase.needle()),
        }
    }
}

/// Whether a tag `g` has this key or is below it.
pub(super) fn is_below(root: &TagKey) -> Sql {
    let below = format!("{}/", root.as_str());
    let end = prefix_end(&below);
    Sql::new("(g.name_key = ")
        .text(root.as_str())
        .sql(" OR (g.name_key >= ")
        .text(below)
        .sql(" AND g.name_key < ")
        .text(end)
        .sql("))")
}

/// Whether a row `t` of words is that of a term.
pub(super) fn term_is(term: &Term, is_begun: bool) -> Sql {
    let term = term.as_str();
    if is_begun {
        Sql::new("t.term >= ").text(term).sql(" AND t.term < ").text(prefix_end(term))
    } else {
        Sql::new("t.term = ").text(term)
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
