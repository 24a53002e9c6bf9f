//! One file for each table: its rows as they are read, and as they are stored. A column is added here, in `schema.rs`
//! and in the migrations.

mod link;
mod tag;
mod taglink;

pub(crate) use self::link::{LinkRow, NewLinkRow};
pub(crate) use self::tag::{NewTagRow, TagRow};
pub(crate) use self::taglink::{NewTagLinkRow, TagLinkRow};

#[cfg(test)]
mod tests {
    use diesel::query_builder::{QueryBuilder, QueryFragment};
    use diesel::sqlite::{Sqlite, SqliteQueryBuilder};

    use super::*;
    use crate::dialect::Columns;

    fn columns_of_diesel<R: diesel::Selectable<Sqlite>>() -> String
    where
        R::SelectExpression: QueryFragment<Sqlite>,
    {
        let mut sql = SqliteQueryBuilder::new();
        R::construct_selection().to_sql(&mut sql, &Sqlite).unwrap();
        sql.finish().replace('`', "")
    }

    #[test]
    fn the_columns_are_those_that_diesel_selects() {
        assert_eq!(columns_of_diesel::<LinkRow>(), LinkRow::COLUMNS);
        assert_eq!(columns_of_diesel::<TagRow>(), TagRow::COLUMNS);
        assert_eq!(columns_of_diesel::<TagLinkRow>(), TagLinkRow::COLUMNS);
    }
}
