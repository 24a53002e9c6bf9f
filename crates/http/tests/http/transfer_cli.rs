//! `taglink import`, `export` and `import-tutorial`.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use taglink_repository::Backend;
use tempfile::tempdir;

use crate::database::{self, TestDatabase};
use crate::process::{failure, run, stdout, taglink};

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

#[test]
fn a_file_is_imported_and_exported_again() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    write(
        folder,
        "links.csv",
        "url,title,tags\nhttps://a.example,A,\"x,y\"\nnonsense,,\nhttps://a.example/,,\n",
    );
    assert!(failure(&run(folder, &["export"], &[])).contains("there is no database"));
    let tried = stdout(&run(folder, &["import", "links.csv", "--dry-run"], &[]));
    assert!(
        tried.starts_with("dry run, nothing was stored: 3 rows for the shared account: 1 created"),
        "{tried}"
    );
    let told = stdout(&run(folder, &["import", "links.csv"], &[]));
    assert_eq!(
        told,
        "imported: 3 rows for the shared account: 1 created, 0 merged, 1 unchanged, 1 failed; 2 tags created\n  \
         row 3: link must start with http:// or https:// (skipped)\n"
    );
    let first = stdout(&run(folder, &["export"], &[]));
    assert!(first.starts_with("{\"format\":\"taglink\"") && first.contains("https://a.example"), "{first}");
    assert_eq!(stdout(&run(folder, &["export", "-o", "backup.json", "--shared"], &[])), "");
    assert_eq!(std::fs::read_to_string(folder.join("backup.json")).unwrap(), first);
    let elsewhere = [("TAGLINK__DATABASE__URL", "sqlite:other.db")];
    let told = stdout(&run(folder, &["import", "backup.json"], &elsewhere));
    assert!(told.contains("1 created") && told.contains("2 tags created"), "{told}");
    assert_eq!(stdout(&run(folder, &["export"], &elsewhere)), first);
    let html = stdout(&run(folder, &["export", "--format", "html"], &elsewhere));
    assert!(html.starts_with("<!DOCTYPE NETSCAPE-Bookmark-file-1>"), "{html}");
}

#[test]
fn an_import_that_is_killed_leaves_whole_rows_and_the_same_file_completes_it() {
    const ROWS: usize = 20_000;
    let folder = tempdir().unwrap();
    let folder = folder.path();
    write(folder, "one.csv", "url,tags\nhttps://example.com,\"a,b\"\n");
    stdout(&run(folder, &["import", "one.csv"], &[]));
    let rows = (0..ROWS).map(|number| format!("https://example.org/{number},\"a,b\"\n"));
    write(folder, "many.csv", &format!("url,tags\n{}", rows.collect::<String>()));
    let size = || {
        let files =
            ["taglink.db", "taglink.db-wal"].map(|file| std::fs::metadata(folder.join("data").join(file)));
        files.into_iter().flatten().map(|file| file.len()).sum::<u64>()
    };
    let before = size();
    let mut import = taglink(folder).args(["import", "many.csv"]).stdout(Stdio::null()).spawn().unwrap();
    while size() < before + 2_000_000 {
        assert!(import.try_wait().unwrap().is_none(), "it must not be over yet");
        std::thread::sleep(Duration::from_millis(2));
    }
    import.kill().unwrap();
    import.wait().unwrap();
    let told = stdout(&run(folder, &["import", "many.csv"], &[]));
    let count = |what: &str| -> usize {
        let (before, _) = told.split_once(what).unwrap();
        before.trim().rsplit(' ').next().unwrap().parse().unwrap()
    };
    let [created, unchanged] = [count(" created,"), count(" unchanged,")];
    assert!(unchanged > 0 && created > 0, "{told}");
    assert_eq!((created + unchanged, count(" merged,")), (ROWS, 0), "no row lacks a tag: {told}");
}

#[test]
fn what_cannot_be_imported_is_told_and_leaves_nothing() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    write(folder, "nonsense", "nonsense");
    write(folder, "damaged.json", "[{\"href\": \"https://a.example\"},");
    write(folder, "long.txt", &"https://a.example\n".repeat(5));
    assert!(failure(&run(folder, &["import", "missing"], &[])).contains("cannot read missing"));
    assert!(failure(&run(folder, &["import", "nonsense"], &[])).contains("none of the known formats"));
    assert!(failure(&run(folder, &["import", "damaged.json"], &[])).contains("damaged at line 1"));
    let limit = [("TAGLINK__IMPORT__MAX_ROWS", "4")];
    assert!(failure(&run(folder, &["import", "long.txt"], &limit)).contains("more than 4 rows"));
    assert!(!folder.join("data").exists(), "no database was made");
    let unknown = run(folder, &["import", "long.txt", "--account", "a@example.org"], &[]);
    assert!(failure(&unknown).contains("there is no account with the email a@example.org"));
    assert_eq!(run(folder, &["import", "long.txt", "--format", "pdf"], &[]).status.code(), Some(2));
    let both = ["import", "long.txt", "--shared", "--account", "a@example.org"];
    assert_eq!(run(folder, &both, &[]).status.code(), Some(2));
}

#[test]
fn the_tutorials_database_is_taken_over() {
    let source = TestDatabase::new(Backend::Mariadb);
    database::execute(
        Backend::Mariadb,
        &source.text,
        "CREATE TABLE user (user_id CHAR(36) PRIMARY KEY, username VARCHAR(255), hashed_password VARCHAR(255));
         CREATE TABLE link (link_id CHAR(36) PRIMARY KEY, link VARCHAR(255));
         CREATE TABLE tag (tag_id CHAR(36) PRIMARY KEY, tag VARCHAR(255));
         CREATE TABLE taglink (tag_id CHAR(36), link_id CHAR(36));
         INSERT INTO user VALUES (UUID(), 'apiuser', '$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW');
         INSERT INTO link VALUES (UUID(), 'https://www.test1.com'), ('x', 'www.test2.com');
         INSERT INTO tag VALUES (UUID(), 'test1');
         INSERT INTO taglink SELECT tag_id, link_id FROM tag, link;",
    );
    let folder = tempdir().unwrap();
    let folder = folder.path();
    let tried = stdout(&run(folder, &["import-tutorial", &source.text, "--dry-run"], &[]));
    assert!(tried.starts_with("dry run, nothing was stored: mariadb://"), "{tried}");
    assert_eq!(stdout(&run(folder, &["user", "list"], &[])), "");
    let told = stdout(&run(folder, &["import-tutorial", &source.text], &[]));
    let line = |table: &str| {
        let line = told.lines().find(|line| line.trim_start().starts_with(table)).unwrap();
        line.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("users"), "1 read 1 stored 0 merged 0 skipped", "{told}");
    assert_eq!(line("links"), "2 read 1 stored 0 merged 1 skipped", "{told}");
    assert_eq!(line("taglinks"), "2 read 1 stored 0 merged 1 skipped", "{told}");
    assert!(
        told.contains("link x: link must start with http:// or https://: www.test2.com; skipped"),
        "{told}"
    );
    assert!(stdout(&run(folder, &["user", "list"], &[])).contains("apiuser  admin"));
    let wrong = [("SOURCE_PASSWORD", "not-the-password")];
    let refused = failure(&run(folder, &["import-tutorial", &source.text], &wrong));
    assert!(refused.contains("cannot connect") && !refused.contains("not-the-password"), "{refused}");
    let other = failure(&run(folder, &["import-tutorial", "sqlite:x.db"], &[]));
    assert!(other.contains("mariadb://"), "{other}");
}
