//! What is exported is imported as the same, as far as the format carries it.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Client, TestApp};
use crate::importing::import;
use crate::on_every_database;

on_every_database!(
    json_carries_everything_into_an_empty_account,
    html_and_csv_carry_links_and_tags,
    links_of_a_tag_are_exported_with_their_tags_only,
);

async fn export(client: &Client<'_>, query: &str) -> (String, Vec<u8>) {
    let answer = client.get(&format!("/export{query}")).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    (answer.header("content-disposition").to_owned(), answer.body)
}

async fn fill(client: &Client<'_>) {
    let links = [
        json!({"link": "https://a.example", "tag": "Rust", "title": "A \"quoted\", title", "notes": " b\n\tc\r\n"}),
        json!({"link": "HTTPS://B.example:443?a=b&c=d#e", "tag": "🍣", "created_at": "2011-01-02T03:04:05.678901Z"}),
        json!({"link": "https://c.example/<x>", "tag": "rust", "title": "=1+1"}),
    ];
    for link in links {
        client.post("/link/", &link).await.expect(200);
    }
    client.post("/link/", &json!({"link": "https://a.example", "tag": "second"})).await.expect(200);
    client.post("/tag/", &json!({"tag": "unused"})).await.expect(200);
    let tag = client.post("/tag/", &json!({"tag": "to be renamed"})).await.expect(200);
    let path = format!("/tag/{}", tag["tag_id"].as_str().unwrap());
    client.patch(&path, &json!({"tag": "renamed"})).await.expect(200);
    let link =
        client.post("/link/", &json!({"link": "https://d.example", "tag": "second"})).await.expect(200);
    let path = format!("/link/{}", link["link_id"].as_str().unwrap());
    client.patch(&path, &json!({"title": "changed"})).await.expect(200);
}

async fn empty(client: &Client<'_>) {
    for (path, id) in [("/link/", "link_id"), ("/tag/", "tag_id")] {
        for row in client.get(path).await.expect(200).as_array().unwrap() {
            client.delete(&format!("{path}{}", row[id].as_str().unwrap())).await.expect(200);
        }
    }
}

async fn json_carries_everything_into_an_empty_account(app: &TestApp) {
    let client = app.account().await;
    fill(&client).await;
    let (name, file) = export(&client, "").await;
    assert!(name.starts_with("attachment; filename=\"taglink-20") && name.ends_with(".json\""), "{name}");
    let parsed: Value = serde_json::from_slice(&file).unwrap();
    assert_eq!((&parsed["format"], &parsed["version"]), (&json!("taglink"), &json!(1)));
    assert_eq!(parsed["tags"].as_array().unwrap().len(), 5);
    let links = client.get("/link/?include=tags").await.expect(200);
    empty(&client).await;
    let report = import(&client, "", "application/json", file.clone()).await.expect(200);
    assert_eq!((&report["created"], &report["tags_created"]), (&json!(4), &json!(5)));
    assert_eq!(report["problems"], json!([]));
    assert_eq!(export(&client, "?format=json").await.1, file, "ids, times, tags and taglinks are the same");
    // The same but for versions, which begin again.
    let without_versions = |links: &Value| {
        let mut links = links.clone();
        for link in links.as_array_mut().unwrap() {
            link.as_object_mut().unwrap().remove("version");
        }
        links
    };
    assert_eq!(
        without_versions(&client.get("/link/?include=tags").await.expect(200)),
        without_versions(&links)
    );
    let again = import(&client, "", "application/json", file.clone()).await.expect(200);
    assert_eq!((&again["unchanged"], &again["tags_created"]), (&json!(4), &json!(0)));
    assert_eq!(export(&client, "").await.1, file);
    // Into another account, where the ids are taken.
    let other = app.account().await;
    let report = import(&other, "", "application/json", file).await.expect(200);
    assert_eq!((&report["created"], &report["tags_created"]), (&json!(4), &json!(5)));
    assert_eq!(report["problems"].as_array().unwrap().len(), 9);
}

/// Each link with what other formats carry of it.
async fn carried(client: &Client<'_>) -> BTreeMap<String, Value> {
    let links = client.get("/link/?include=tags").await.expect(200);
    let carried = links.as_array().unwrap().iter().map(|link| {
        let mut tags: Vec<&Value> =
            link["tags"].as_array().unwrap().iter().map(|tag| tag.get("tag").unwrap_or(tag)).collect();
        tags.sort_by_key(ToString::to_string);
        let notes = link["notes"].as_str().map(str::trim);
        let value = json!({"title": link["title"], "notes": notes, "tags": tags});
        (link["link"].as_str().unwrap().to_owned(), value)
    });
    carried.collect()
}

async fn html_and_csv_carry_links_and_tags(app: &TestApp) {
    let client = app.account().await;
    fill(&client).await;
    let before = carried(&client).await;
    for (format, media_type) in [("html", "text/html"), ("csv", "text/csv")] {
        let (name, file) = export(&client, &format!("?format={format}")).await;
        assert!(name.ends_with(&format!(".{format}\"")), "{name}");
        let other = app.account().await;
        let report = import(&other, "", media_type, file).await.expect(200);
        assert_eq!((&report["created"], &report["problems"]), (&json!(4), &json!([])), "{report}");
        assert_eq!(carried(&other).await, before, "{format}");
    }
}

async fn links_of_a_tag_are_exported_with_their_tags_only(app: &TestApp) {
    let client = app.account().await;
    fill(&client).await;
    let (_, file) = export(&client, "?tag=second").await;
    let parsed: Value = serde_json::from_slice(&file).unwrap();
    let names = |list: &str, member: &str| {
        parsed[list]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row[member].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("links", "link"), ["https://a.example", "https://d.example"]);
    assert_eq!(names("tags", "tag"), ["Rust", "second"]);
    let (_, none) = export(&client, "?tag_id=blah&format=csv").await;
    assert_eq!(none, b"url,title,notes,tags,created_at,updated_at\r\n");
    let refused = client.request(Method::GET, "/export?format=pdf").send().await;
    refused.expect_problem(422, "format must be one of html, json, csv");
    let admin = app.admin().await;
    admin.get("/export").await.expect_problem(422, "The account_id field is required for the admin scope");
    let (_, theirs) = export(&admin, &format!("?account_id={}&tag=second", client.id)).await;
    assert_eq!(theirs, file);
}
