//! Errors are recognised whatever the language of the server: `make test` runs this suite with German servers as well.

use mysql_async::prelude::Queryable;
use taglink_repository::Backend;

use crate::fixture::Fixture;

/// What the server says of a table that is not there, to a client that asks for no language.
fn complaint(fixture: &Fixture) -> String {
    const SQL: &str = "SELECT * FROM no_such_table";
    let url = &fixture.database.text;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if fixture.backend() == Backend::Postgres {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            let error = client.batch_execute(SQL).await.unwrap_err();
            error.as_db_error().unwrap().message().to_owned()
        } else {
            let url = url.replacen("mariadb://", "mysql://", 1);
            let mut connection = mysql_async::Conn::from_url(url).await.unwrap();
            connection.query_drop(SQL).await.unwrap_err().to_string()
        }
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "scripts/with-databases.sh takes the language from the environment"
)]
fn the_servers_speak_the_language_that_was_asked_for(backend: Backend) {
    let is_german = std::env::var("TAGLINK_TEST_LANGUAGE").is_ok_and(|language| language == "de");
    let complaint = complaint(&Fixture::new(backend));
    assert_eq!(complaint.contains("existiert nicht"), is_german, "{complaint}");
}

#[test]
fn postgres_speaks_the_language_that_was_asked_for() {
    the_servers_speak_the_language_that_was_asked_for(Backend::Postgres);
}

#[test]
fn mariadb_speaks_the_language_that_was_asked_for() {
    the_servers_speak_the_language_that_was_asked_for(Backend::Mariadb);
}
