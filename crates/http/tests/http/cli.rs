//! The command line.

use std::path::Path;

use tempfile::tempdir;

use crate::process::{Server, failure, run, stdout, taglink};

fn user(folder: &Path, arguments: &[&str]) -> std::process::Output {
    run(folder, &[&["user"], arguments].concat(), &[("PASSWORD", "a good password")])
}

#[test]
fn users_are_added_listed_and_removed() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    stdout(&user(folder, &["add", "Ada", "--admin"]));
    stdout(&user(folder, &["add", "bob"]));
    let list = stdout(&user(folder, &["list"]));
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 2, "{list}");
    assert!(lines[0].contains("Ada") && lines[0].contains("admin"), "{list}");
    assert!(lines[1].contains("bob") && !lines[1].contains("admin"), "{list}");
    assert!(failure(&user(folder, &["add", "ADA"])).contains("exists"));
    stdout(&user(folder, &["remove", "bob"]));
    assert!(failure(&user(folder, &["remove", "bob"])).contains("not found"));
    assert!(failure(&user(folder, &["passwd", "bob"])).contains("not found"));
    let weak = run(folder, &["user", "add", "carl"], &[("PASSWORD", "short")]);
    assert!(failure(&weak).contains('8'), "the limit is told");
}

#[test]
fn migrations_are_told_run_and_reverted() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    let ran = stdout(&run(folder, &["migrate", "run"], &[]));
    assert!(ran.contains("initial"), "{ran}");
    assert!(stdout(&run(folder, &["migrate", "status"], &[])).contains("initial"));
    let latest = ran.split_whitespace().last().unwrap();
    assert_eq!(stdout(&run(folder, &["migrate", "revert"], &[])), format!("reverted  {latest}\n"));
    let refused = run(folder, &["serve"], &[("TAGLINK__DATABASE__MIGRATE_ON_START", "false")]);
    assert!(failure(&refused).contains("taglink migrate run"));
}

#[test]
fn a_hash_is_printed_and_needs_no_database() {
    let folder = tempdir().unwrap();
    let hash = stdout(&run(folder.path(), &["hash-password"], &[("PASSWORD", "a good password")]));
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn the_printed_document_is_the_committed_one() {
    let folder = tempdir().unwrap();
    let printed = stdout(&run(folder.path(), &["openapi"], &[]));
    assert_eq!(
        printed,
        include_str!("../../../../openapi.json"),
        "run `make openapi` and commit openapi.json"
    );
}

#[test]
fn a_health_check_tells_whether_the_service_is_ready() {
    let folder = tempdir().unwrap();
    let server = Server::start(taglink(folder.path()).arg("serve"));
    let port = server.address.rsplit(':').next().unwrap().to_owned();
    let check = || run(folder.path(), &["healthcheck"], &[("TAGLINK__SERVER__PORT", &port)]);
    stdout(&check());
    server.signal("TERM");
    server.wait();
    failure(&check());
}

#[test]
fn the_tutorials_settings_are_accepted_and_shown_without_secrets() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("config.yaml");
    let secret = "b1c2d3e4f5a6978869504132aabbccdd0011223344556677";
    let text = format!(
        "# database config\ndatabase:\n  username: apiservice_user\n  password: 'p@ss:w0rd'\n  host: 127.0.0.1\n  \
         name: apiservice\n  port: 3306\nauthentication:\n  secret_key: {secret}\norigins:\n  - http://localhost:3000\n"
    );
    std::fs::write(&file, text).unwrap();
    let shown = stdout(&run(folder.path(), &["--config", "config.yaml", "config", "check"], &[]));
    assert!(shown.contains("mariadb://apiservice_user:<redacted>@127.0.0.1:3306/apiservice"), "{shown}");
    assert!(shown.contains("http://localhost:3000"), "{shown}");
    assert!(!shown.contains(secret) && !shown.contains("p@ss") && !shown.contains("p%40ss"), "{shown}");
}

#[test]
fn weak_secrets_and_unknown_settings_are_refused() {
    let folder = tempdir().unwrap();
    let check = |variables: &[(&str, &str)]| failure(&run(folder.path(), &["config", "check"], variables));
    for weak in [
        "SECRET_KEY",
        "changeme",
        "short",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    ] {
        let text = check(&[("TAGLINK__AUTHENTICATION__SECRET_KEY", weak)]);
        assert!(text.to_lowercase().contains("secret"), "{text}");
        let refused = run(folder.path(), &["serve"], &[("TAGLINK__AUTHENTICATION__SECRET_KEY", weak)]);
        failure(&refused);
    }
    assert!(check(&[("TAGLINK__SERVER__PROT", "1")]).contains("TAGLINK__SERVER__PROT"));
    assert!(check(&[("TAGLINK__DATABASE__URL", "sqlte:x")]).contains("sqlite:"));
    assert!(check(&[("TAGLINK__ORIGINS", "*")]).contains("TAGLINK__ORIGINS"));
    let no_secret = [("TAGLINK__DATABASE__URL", "postgres://u@127.0.0.1/x")];
    assert!(check(&no_secret).contains("TAGLINK__AUTHENTICATION__SECRET_KEY"));
}

#[test]
fn a_port_that_is_taken_is_told() {
    let folder = tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let text = failure(&run(folder.path(), &["serve"], &[("TAGLINK__SERVER__PORT", &port)]));
    assert!(text.lines().any(|line| line.starts_with("error: ") && line.contains("in use")), "{text}");
}
