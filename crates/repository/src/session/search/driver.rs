//! Drivers: conditions that hold for few links, from which a search can begin.

use diesel::deserialize::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use taglink_domain::model::AccountScope;
use taglink_domain::port::Result;
use taglink_domain::search::{Phrase, Term};

use super::condition::{Clause, ClauseKind, host_range, ids};
use super::meant::{MeantTags, rarest_first, term_is};
use super::{Dialect, Sql};
use crate::connection::DbId;
use crate::error::Table;
use crate::session::Session;
use crate::session::time::to_column;

/// How many conditions are considered.
const CONSIDERED: usize = 8;

/// Where the links of a condition are read: each part yields ids of links, and all parts together those of all links
/// for which it holds, and maybe some more.
#[derive(Clone, Debug)]
pub(super) struct Driver(Vec<Source>);

#[derive(Clone, Debug)]
struct Source {
    column: &'static str,
    from: Sql,
}

/// How a search is to be run.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// There is nothing to be found.
    Nowhere,
    /// From the links of a condition.
    From(Driver),
    /// Along the links in their order.
    InOrder,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    driver: i64,
    #[diesel(sql_type = BigInt)]
    links: i64,
}

impl Session {
    /// Looks for the condition that holds for the fewest links, if that is not more than `most`.
    pub(super) fn way(&mut self, scope: AccountScope, clauses: &[Clause], most: i64) -> Result<Way> {
        if clauses.iter().any(|clause| !clause.negated && clause.kind.is_hopeless()) {
            return Ok(Way::Nowhere);
        }
        let dialect = Dialect::of(self.connection());
        let drivers = Driver::of_all(dialect, scope, clauses);
        let sources: Vec<(i64, &Source)> = (0..)
            .zip(&drivers)
            .flat_map(|(at, Driver(sources))| sources.iter().map(move |source| (at, source)))
            .collect();
        if sources.is_empty() {
            return Ok(Way::InOrder);
        }
        let count = Sql::default().list(" UNION ALL ", sources, |sql, (at, source)| {
            let sql =
                sql.sql("SELECT ").number(at).sql(" AS driver, COUNT(*) AS links FROM (SELECT 1 AS one");
            sql.then(source.from.clone()).sql(" LIMIT ").number(most.saturating_add(1)).sql(") counted")
        });
        let counted = self.query(Table::LinkTerm, |connection| count.load::<Counted>(connection))?;
        let links_of = |at: i64| -> i64 {
            counted.iter().filter(|counted| counted.driver == at).map(|counted| counted.links).sum()
        };
        let fewest =
            (0..).zip(drivers).map(|(at, driver)| (links_of(at), driver)).min_by_key(|(links, _)| *links);
        Ok(match fewest {
            Some((0, _)) => Way::Nowhere,
            Some((links, driver)) if links <= most => Way::From(driver),
            Some(_) | None => Way::InOrder,
        })
    }
}

impl Driver {
    /// Those that the conditions offer. A negated condition offers none.
    fn of_all(dialect: Dialect, scope: AccountScope, clauses: &[Clause]) -> Vec<Self> {
        let asked = || clauses.iter().filter(|clause| !clause.negated).map(|clause| &clause.kind);
        let mut words: Vec<(&Term, bool, &MeantTags)> = asked()
            .filter_map(|kind| match kind {
                ClauseKind::Text { phrase, tags } => Some((phrase, tags)),
                _ => None,
            })
            .flat_map(|(phrase, tags): (&Phrase, _)| {
                rarest_first(phrase).into_iter().map(move |(term, is_begun)| (term, is_begun, tags))
            })
            .collect();
        words.sort_by_key(|(term, ..)| std::cmp::Reverse(term.as_str().len()));
        let words = words.into_iter().take(CONSIDERED).map(|(term, is_begun, tags)| {
            let own = Source { column: "t.link_id", from: link_terms(scope, term, is_begun) };
            Self(std::iter::once(own).chain(tags.source(dialect, scope)).collect())
        });
        let tagged = asked().filter_map(|kind| match kind {
            ClauseKind::Tagged(tags) => {
                Some(Self(tags.iter().filter_map(|tags| tags.source(dialect, scope)).collect()))
            }
            _ => None,
        });
        let columns = columns(scope, asked());
        words.chain(tagged.take(CONSIDERED)).chain(columns).collect()
    }

    /// The ids of its links, each once.
    pub(super) fn candidates(self) -> Sql {
        // Even a single one must not be taken for a part of what is around it.
        let distinct = if self.0.len() == 1 { "SELECT DISTINCT " } else { "SELECT " };
        Sql::default().list(" UNION ", self.0, |sql, source| {
            sql.sql(distinct).sql(source.column).sql(" AS link_id").then(source.from)
        })
    }
}

fn link_terms(scope: AccountScope, term: &Term, is_begun: bool) -> Sql {
    let of_scope = match scope {
        // The index begins with the account.
        AccountScope::All => {
            Sql::new(" FROM account a CROSS JOIN link_term t WHERE t.account_id = a.account_id")
        }
        AccountScope::One(account) => {
            Sql::new(" FROM link_term t WHERE t.account_id = ").id(DbId::of(account))
        }
    };
    of_scope.sql(" AND ").then(term_is(term, is_begun))
}

/// Drivers of conditions about columns of the link, by indexes that begin with the account.
fn columns<'a>(scope: AccountScope, kinds: impl Iterator<Item = &'a ClauseKind>) -> Vec<Driver> {
    let AccountScope::One(account) = scope else { return Vec::new() };
    let of_account = || Sql::new(" FROM link l WHERE l.account_id = ").id(DbId::of(account));
    let driver = |from: Sql| Driver(vec![Source { column: "l.link_id", from }]);
    let (mut drivers, mut created) = (Vec::new(), Sql::default());
    let mut is_bounded = false;
    for kind in kinds {
        match kind {
            ClauseKind::Site(site) => {
                let (first, end) = host_range(site);
                let from = of_account().sql(" AND l.host_reversed >= ").text(first);
                drivers.push(driver(from.sql(" AND l.host_reversed < ").text(end)));
            }
            ClauseKind::CreatedBefore(moment) => {
                created = created.sql(" AND l.created_at < ").time(to_column(*moment));
                is_bounded = true;
            }
            ClauseKind::CreatedFrom(moment) => {
                created = created.sql(" AND l.created_at >= ").time(to_column(*moment));
                is_bounded = true;
            }
            ClauseKind::Text { .. } | ClauseKind::Tagged(_) | ClauseKind::Untagged => {}
        }
    }
    drivers.truncate(CONSIDERED);
    if is_bounded {
        drivers.push(driver(of_account().then(created)));
    }
    drivers
}

impl MeantTags {
    /// The links that carry one of them; nothing if there are none.
    fn source(&self, dialect: Dialect, scope: AccountScope) -> Option<Source> {
        let from = match self {
            Self::Few(tags) if tags.is_empty() => return None,
            Self::Few(tags) => Sql::new(" FROM taglink x WHERE x.tag_id IN (").then(ids(tags)).sql(")"),
            Self::Many(test) => {
                let tags = Sql::new(" FROM (SELECT DISTINCT g.tag_id").then(test.tags(dialect, scope));
                let joined = tags.sql(") meant").sql(dialect.join_in_this_order());
                joined.sql("taglink x ON x.tag_id = meant.tag_id")
            }
        };
        Some(Source { column: "x.link_id", from })
    }
}
