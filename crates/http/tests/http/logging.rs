//! A log that is not read delays neither requests nor the end.

use std::fs::File;
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::mpsc;

use tempfile::tempdir;

use crate::process::{Server, failure, taglink};

/// Sends requests until more is logged than the pipe and the service together hold.
async fn fill_the_log(server: &Server) {
    let client = reqwest::Client::new();
    let path = format!("/{}", "x".repeat(32 * 1024));
    for _ in 0..200 {
        let answer = client.get(server.url(&path)).send().await.unwrap();
        assert_eq!(answer.status(), 404);
    }
}

#[tokio::test]
async fn a_log_that_nobody_reads_stops_neither_answers_nor_the_end() {
    let folder = tempdir().unwrap();
    let (reader, reads) = mpsc::channel();
    let mut server = Server::start_with_reader(&mut taglink(folder.path()), reads);
    fill_the_log(&server).await;
    server.signal("TERM");
    assert!(server.end().success());
    drop(reader);
    let (_, log) = server.wait();
    assert!(log.contains("/xxx"), "what fits into the pipe is written");
}

#[tokio::test]
async fn lines_that_were_dropped_are_counted_in_the_log() {
    let folder = tempdir().unwrap();
    let (reader, reads) = mpsc::channel();
    let server = Server::start_with_reader(&mut taglink(folder.path()), reads);
    fill_the_log(&server).await;
    drop(reader);
    server.signal("TERM");
    let (status, log) = server.wait();
    assert!(status.success());
    let reported = log.lines().rfind(|line| line.contains("were dropped")).unwrap();
    let reported: serde_json::Value = serde_json::from_str(reported).unwrap();
    let written = log.lines().filter(|line| line.contains("/xxx")).count();
    assert_eq!(reported["dropped"], 200 - written, "{reported}");
    assert!(log.contains("stopping"), "lines after those that were dropped are written");
}

#[test]
fn the_log_of_a_start_that_fails_is_complete() {
    let folder = tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    // The first login cannot be shown there, which is logged.
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut command = taglink(folder.path());
    command.arg("serve").env("TAGLINK__SERVER__PORT", port).stdout(full).stderr(Stdio::piped());
    let log = failure(&command.spawn().unwrap().wait_with_output().unwrap());
    let (warning, error) = log.split_once('\n').unwrap();
    assert!(warning.contains("cannot write the address and the first login"), "{log}");
    assert!(error.starts_with("error: cannot serve: "), "{log}");
}
