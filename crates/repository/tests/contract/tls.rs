//! TLS to the servers: asked for by the URL, and never without a certificate that is known.

use taglink_repository::{Backend, DatabaseUrl, migration};

use crate::database::TestDatabase;

#[expect(clippy::disallowed_methods, reason = "the test servers' certificate comes from the environment")]
fn certificate() -> String {
    std::env::var("TAGLINK_TEST_CERTIFICATE").expect("TAGLINK_TEST_CERTIFICATE is set by with-databases.sh")
}

/// Requires TLS of everybody who logs in as this user.
fn make_user_that_needs_tls(database: &TestDatabase) -> String {
    let name = database.text.rsplit('/').next().unwrap();
    let sql = format!("CREATE USER '{name}'@'%' REQUIRE SSL; GRANT ALL ON {name}.* TO '{name}'@'%'");
    crate::database::execute(Backend::Mariadb, &database.text, &sql);
    database.text.replace("root@", &format!("{name}@"))
}

fn connects(url: &str) -> Result<(), String> {
    let url = DatabaseUrl::parse(url).unwrap();
    migration::run(&url).map(drop).map_err(|error| error.to_string())
}

#[test]
fn postgres_is_reached_over_tls_with_a_known_certificate_only() {
    let database = TestDatabase::new(Backend::Postgres);
    let known = format!("{}?sslmode=verify-full&sslrootcert={}", database.text, certificate());
    connects(&known).unwrap();
    let unknown = connects(&format!("{}?sslmode=require", database.text)).unwrap_err();
    assert!(unknown.to_lowercase().contains("certificate"), "{unknown}");
    let missing =
        connects(&format!("{}?sslmode=require&sslrootcert=/nowhere.pem", database.text)).unwrap_err();
    assert!(missing.contains("/nowhere.pem"), "{missing}");
}

#[test]
fn mariadb_is_reached_over_tls_with_a_known_certificate_only() {
    let database = TestDatabase::new(Backend::Mariadb);
    let url = make_user_that_needs_tls(&database);
    connects(&url).unwrap_err();
    connects(&format!("{url}?sslmode=verify-full&sslrootcert={}", certificate())).unwrap();
    let unknown = connects(&format!("{url}?sslmode=require")).unwrap_err();
    assert!(unknown.to_lowercase().contains("certificate"), "{unknown}");
}
