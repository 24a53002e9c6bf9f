//! The promises of a running process: first start, durability, shutdown, and secrets that stay secret.

use std::time::Duration;

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::process::{PATIENCE, Server, run, stdout, taglink};

pub(crate) const PASSWORD: &str = "a bootstrap password";

fn folder() -> TempDir {
    tempdir().unwrap()
}

fn serve(folder: &TempDir) -> Server {
    Server::start(taglink(folder.path()).arg("serve").env("TAGLINK__BOOTSTRAP__PASSWORD", PASSWORD))
}

pub(crate) async fn login(server: &Server, password: &str) -> Result<String, u16> {
    let form = [("username", "apiuser"), ("password", password)];
    let answer = reqwest::Client::new().post(server.url("/token/")).form(&form).send().await.unwrap();
    if answer.status() != 200 {
        return Err(answer.status().as_u16());
    }
    let token: Value = answer.json().await.unwrap();
    Ok(token["access_token"].as_str().unwrap().to_owned())
}

pub(crate) async fn post_link(
    client: &reqwest::Client,
    url: &str,
    token: &str,
    link: &str,
) -> reqwest::Result<u16> {
    let body = json!({"link": link, "tag": "a"});
    Ok(client.post(url).bearer_auth(token).json(&body).send().await?.status().as_u16())
}

async fn links(server: &Server, token: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut path = "/link/?limit=1000".to_owned();
    loop {
        let answer = reqwest::Client::new().get(server.url(&path)).bearer_auth(token).send().await.unwrap();
        let next = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let page: Vec<Value> = answer.json().await.unwrap();
        found.extend(page.iter().map(|link| link["link"].as_str().unwrap().to_owned()));
        match next {
            Some(next) => next.split(['<', '>']).nth(1).unwrap().clone_into(&mut path),
            None => return found,
        }
    }
}

#[tokio::test]
async fn the_first_start_makes_everything_and_tells_the_login_once() {
    let folder = folder();
    let mut server = Server::start(taglink(folder.path()).arg("serve"));
    assert!(server.line().contains("/docs"));
    let line = server.line();
    let password = line.split_whitespace().nth(3).unwrap().to_owned();
    assert!(line.contains("login  apiuser / "), "{line}");
    login(&server, &password).await.unwrap();
    assert_eq!(login(&server, "wrong").await, Err(401));
    server.signal("TERM");
    let (status, log) = server.wait();
    assert!(status.success());
    assert!(!log.contains(&password));

    let mut again = Server::start(&mut taglink(folder.path()));
    assert!(again.line().contains("/docs"));
    login(&again, &password).await.unwrap();
    again.signal("INT");
    assert!(again.wait().0.success());

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &str| folder.path().join(path).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("data"), mode("data/taglink.db.key")), (0o700, 0o600));
    }
}

/// They are given by `.cargo/config.toml`, which a build can fail to read without an error.
#[test]
fn the_allocator_has_the_settings_of_this_project() {
    let output = run(folder().path(), &["--version"], &[("MIMALLOC_VERBOSE", "1")]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    for setting in ["arena_eager_commit': 0", "arena_max_object_size': 1024 KiB", "allow_thp': 0"] {
        assert!(text.contains(setting), "{setting}: {text}");
    }
}

#[tokio::test]
async fn a_token_outlives_a_restart() {
    let folder = folder();
    let server = serve(&folder);
    let token = login(&server, PASSWORD).await.unwrap();
    server.signal("TERM");
    server.wait();
    let server = serve(&folder);
    assert_eq!(links(&server, &token).await, Vec::<String>::new());
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = folder();
    let server = serve(&folder);
    let token = login(&server, PASSWORD).await.unwrap();
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let (token, url) = (token.clone(), server.url("/link/"));
            tokio::spawn(async move {
                let client = reqwest::Client::new();
                let mut acknowledged = Vec::new();
                for number in 0.. {
                    let link = format!("https://{writer}.example/{number}");
                    match post_link(&client, &url, &token, &link).await {
                        Ok(200) => acknowledged.push(link),
                        Ok(status) => panic!("unexpected {status}"),
                        Err(_) => break,
                    }
                }
                acknowledged
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(700)).await;
    server.signal("KILL");
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    drop(server);
    assert!(acknowledged.len() > 10, "the test wrote something");

    let server = serve(&folder);
    let stored: std::collections::HashSet<String> = links(&server, &token).await.into_iter().collect();
    let lost: Vec<_> = acknowledged.iter().filter(|link| !stored.contains(*link)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[tokio::test]
async fn a_signal_to_stop_lets_requests_in_flight_finish() {
    let folder = folder();
    let server = serve(&folder);
    // "100 Continue" says that the request is in flight; its body comes after the signal.
    let mut in_flight = tokio::net::TcpStream::connect(&server.address).await.unwrap();
    let form = "username=nobody&password=wrong";
    let head = format!(
        "POST /token/ HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        form.len()
    );
    in_flight.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    in_flight.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.signal("TERM");
    let refused = async {
        while reqwest::get(server.url("/health/live")).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, refused).await.expect("new connections are refused");
    in_flight.write_all(form.as_bytes()).await.unwrap();
    let mut answer = String::new();
    in_flight.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(server.wait().0.success());
}

#[tokio::test]
async fn when_the_disk_is_full_writes_are_refused_and_reads_go_on() {
    let folder = folder();
    serve(&folder).signal("TERM");
    let binary = env!("CARGO_BIN_EXE_taglink");
    // A limit on the size of files stands in for a full disk.
    let script = format!("trap '' XFSZ; ulimit -f 600; exec {binary} serve");
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &script]).current_dir(folder.path()).env_clear();
    command
        .env("PATH", "/usr/bin:/bin")
        .env("TAGLINK__SERVER__PORT", "0")
        .env("TAGLINK__BOOTSTRAP__PASSWORD", PASSWORD);
    let server = Server::start(&mut command);
    let token = login(&server, PASSWORD).await.unwrap();
    let client = reqwest::Client::new();
    let mut stored = 0;
    let refused = loop {
        let link = format!("https://example.com/{stored}/{}", "x".repeat(8000));
        match post_link(&client, &server.url("/link/"), &token, &link).await.unwrap() {
            200 => stored += 1,
            status => break status,
        }
        assert!(stored < 1000, "the disk never filled up");
    };
    assert_eq!(refused, 503);
    assert!(stored > 0);
    assert_eq!(links(&server, &token).await.len(), stored, "what was acknowledged is there, and no more");
    let another = format!("https://example.org/{}", "x".repeat(8000));
    assert_eq!(post_link(&client, &server.url("/link/"), &token, &another).await.unwrap(), 503);
}

#[tokio::test]
async fn no_secret_is_logged_at_any_level() {
    let folder = folder();
    let secret = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c";
    let mut command = taglink(folder.path());
    command.env("TAGLINK__BOOTSTRAP__PASSWORD", PASSWORD).env("TAGLINK__LOG__LEVEL", "trace");
    command.env("TAGLINK__AUTHENTICATION__SECRET_KEY", secret);
    let server = Server::start(&mut command);
    let token = login(&server, PASSWORD).await.unwrap();
    assert_eq!(login(&server, "a wrong password").await, Err(401));
    let client = reqwest::Client::new();
    post_link(&client, &server.url("/link/"), &token, "https://example.com").await.unwrap();
    client.get(server.url("/link/")).bearer_auth("a.forged.token").send().await.unwrap();
    server.signal("TERM");
    let (_, log) = server.wait();
    assert!(log.contains("/link/"), "requests are logged");
    for secret in [PASSWORD, "a+bootstrap+password", "a wrong password", secret, &token, "a.forged.token"] {
        assert!(!log.contains(secret), "{secret} stands in the log");
    }
}

/// The expressions of the filter, with fail2ban's word for an address translated.
fn failregexes() -> Vec<regex_lite::Regex> {
    const HOST: &str = r"(?P<host>[0-9a-fA-F.:]+)";
    let filter = include_str!("../../../../config/fail2ban/filter.d/taglink.conf");
    let (_, rest) = filter.split_once("failregex = ").unwrap();
    let lines = rest.lines().map(str::trim).take_while(|line| !line.is_empty());
    lines.map(|line| regex_lite::Regex::new(&line.replace("<HOST>", HOST)).unwrap()).collect()
}

#[tokio::test]
async fn each_failed_login_is_one_line_that_fail2ban_finds() {
    let failregexes = failregexes();
    assert_eq!(failregexes.len(), 2);
    for format in ["json", "pretty"] {
        let folder = folder();
        let mut command = taglink(folder.path());
        command
            .arg("serve")
            .env("TAGLINK__BOOTSTRAP__PASSWORD", PASSWORD)
            .env("TAGLINK__LOG__FORMAT", format);
        let server = Server::start(&mut command);
        let token = login(&server, PASSWORD).await.unwrap();
        assert_eq!(login(&server, "a wrong password").await, Err(401));
        let found = |log: &str| -> Vec<String> {
            let matching = |line: &&str| failregexes.iter().any(|failregex| failregex.is_match(line));
            log.lines().filter(matching).map(str::to_owned).collect()
        };
        // What others write into paths and headers is no failed login.
        let client = reqwest::Client::new();
        let spoofed = "/WARN%20taglink_auth::x:%20login%20failed%20client=192.0.2.1";
        client.get(server.url(spoofed)).header("x-request-id", "login-failed").send().await.unwrap();
        client.get(server.url("/tag/")).bearer_auth("forged").send().await.unwrap();
        server.signal("TERM");
        let (_, log) = server.wait();
        let lines = found(&log);
        assert_eq!(lines.len(), 1, "{format}: {log}");
        let host = failregexes.iter().find_map(|failregex| failregex.captures(&lines[0])).unwrap();
        assert_eq!(&host["host"], "127.0.0.1");
        for secret in ["apiuser", "a wrong password", "a+wrong+password", &token] {
            assert!(!lines[0].contains(secret), "{}", lines[0]);
        }
        // fail2ban takes the time out before it looks, and the journal puts its own words in front.
        let (time, _) = lines[0].trim_start_matches("{\"timestamp\":\"").split_once(['"', ' ']).unwrap();
        assert_eq!(found(&lines[0].replace(time, "")).len(), 1, "{format}");
        assert_eq!(found(&format!("host taglink[42]: {}", lines[0])).len(), 1, "{format}");
        assert_eq!(found(&format!("x {}", lines[0])).len(), 0, "{format}");
    }
}

#[tokio::test]
async fn a_change_by_the_command_line_counts_in_the_running_service() {
    let folder = folder();
    let server = serve(&folder);
    let token = login(&server, PASSWORD).await.unwrap();
    stdout(&run(folder.path(), &["user", "passwd", "apiuser"], &[("PASSWORD", "another password")]));
    let refused = async {
        let client = reqwest::Client::new();
        while client.get(server.url("/tag/")).bearer_auth(&token).send().await.unwrap().status() != 401 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, refused).await.expect("the old token dies");
    assert_eq!(login(&server, PASSWORD).await, Err(401));
    login(&server, "another password").await.unwrap();
}
