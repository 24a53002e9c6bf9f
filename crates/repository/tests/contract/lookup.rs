//! Looking many URLs up at once, and storing only what is new.

use taglink_domain::model::{Link, LinkUrl, Owner, TagName, UrlHash};
use taglink_domain::use_case::links::{self, CreateLink, CreateLinkError, TagChoice};
use taglink_domain::use_case::lookup;

use crate::fixture::{Fixture, OURS, SHARED, at_once, page};
use crate::on_every_database;

on_every_database!(
    urls_are_found_in_their_account_by_their_canonical_form,
    a_thousand_urls_are_looked_up_at_once,
    a_link_that_is_there_is_refused_and_nothing_is_left_behind,
    one_of_many_creates_a_link_that_must_be_new,
);

fn url(text: &str) -> LinkUrl {
    LinkUrl::parse(text.into()).unwrap()
}

fn urls_are_found_in_their_account_by_their_canonical_form(fixture: &Fixture) {
    let other = fixture.other_account();
    let [first, second] = ["https://a.example/", "HTTPS://b.example"].map(|url| fixture.link(SHARED, url));
    fixture.link(other, "https://c.example/");
    let tags = ["x", "y"].map(|name| fixture.tag(SHARED, name));
    for tag in &tags {
        fixture.taglink(tag, &second);
    }
    let asked = ["https://A.example", "https://b.example:443/", "https://c.example/", "https://a.example/"];
    let urls = asked.map(url);
    let found = {
        let urls = urls.clone();
        fixture.write(move |uow| lookup::find(uow, &Owner::shared(), &urls)).unwrap()
    };
    assert_eq!(found.len(), 2);
    assert_eq!(found[urls[0].hash()], (first, Vec::new()));
    assert_eq!(found[urls[1].hash()], (second, tags.to_vec()));
    assert_eq!(fixture.read(|uow| uow.links_by_url(SHARED, &[])), []);
}

fn a_thousand_urls_are_looked_up_at_once(fixture: &Fixture) {
    let last: Link = fixture.link(SHARED, "https://example.com/999");
    let hashes: Vec<UrlHash> =
        (0..1000).map(|number| *url(&format!("https://example.com/{number}")).hash()).collect();
    let hash = hashes[999];
    assert_eq!(fixture.read(move |uow| uow.links_by_url(SHARED, &hashes)), [(hash, last)]);
}

fn create_new(fixture: &Fixture, url_text: &str, tag: &str) -> Result<Link, CreateLinkError> {
    let command = CreateLink {
        owner: Owner::shared(),
        url: url(url_text),
        tag: TagChoice::Named(TagName::parse(tag.into()).unwrap()),
        title: None,
        notes: None,
        created_at: None,
        at: fixture.later(),
    };
    fixture.write(move |uow| links::create_new(uow, &command))
}

fn a_link_that_is_there_is_refused_and_nothing_is_left_behind(fixture: &Fixture) {
    let link = create_new(fixture, "https://example.com", "a").unwrap();
    let refused = create_new(fixture, "https://EXAMPLE.com/", "b");
    assert_eq!(refused.unwrap_err().to_string(), "Link with link https://EXAMPLE.com/ exists");
    assert_eq!(fixture.rows_of(SHARED), [1, 1, 1]);
    let id = link.id;
    assert_eq!(fixture.read(move |uow| uow.link(OURS, id)), Some(link));
}

fn one_of_many_creates_a_link_that_must_be_new(fixture: &Fixture) {
    const CLIENTS: usize = 50;
    let results = at_once(CLIENTS, |number| create_new(fixture, "https://example.com", &number.to_string()));
    let created = results.iter().filter(|result| result.is_ok()).count();
    let refused = results.iter().filter(|result| matches!(result, Err(CreateLinkError::Exists(_)))).count();
    assert_eq!((created, refused), (1, CLIENTS - 1), "{results:?}");
    assert_eq!(fixture.read(|uow| uow.tags(OURS, None, &page(9, None))).items.len(), 1);
}
