//! Text comes back to the byte, and is compared by its bytes.

use taglink_domain::model::{LinkUrl, Timestamp};

use crate::fixture::{Fixture, OURS, SHARED};
use crate::on_every_database;

on_every_database!(
    texts_survive,
    names_differ_by_a_single_byte,
    the_longest_values_fit,
    times_survive_to_the_microsecond
);

const NAMES: [&str; 8] = ["🍣", "🍺", "cafe", "café", "naïve", "日本語", "a'b\"c\\d%e_f", "a b"];

fn texts_survive(fixture: &Fixture) {
    for name in NAMES {
        let tag = fixture.tag(SHARED, name);
        assert_eq!(tag.name, name);
        assert_eq!(fixture.read(move |uow| uow.tag(OURS, tag.id)).unwrap().name, name);
    }
    let url = "https://example.com/ü?q=🍣&x='\"\\%25 ";
    let link = fixture.link(SHARED, url);
    assert_eq!(fixture.read(move |uow| uow.link(OURS, link.id)).unwrap().url, url);
}

fn names_differ_by_a_single_byte(fixture: &Fixture) {
    let ids: std::collections::HashSet<_> = ["a", "á", "ä", "à", "å", "ａ", "a.", "ß", "ss", "ı", "i"]
        .map(|name| fixture.tag(SHARED, name).id)
        .into();
    assert_eq!(ids.len(), 11);
}

fn the_longest_values_fit(fixture: &Fixture) {
    let name = "🍣".repeat(255);
    assert_eq!(fixture.tag(SHARED, &name).name, name);
    let url = format!("https://example.com/{}", pseudo_random(LinkUrl::MAX_BYTES - 20));
    assert_eq!(fixture.link(SHARED, &url).url, url, "also where it cannot be compressed");
}

fn times_survive_to_the_microsecond(fixture: &Fixture) {
    for micros in
        [0, 1_700_000_000_000_000, 1_700_000_000_123_000, 1_700_000_000_123_456, 1_700_000_000_999_999]
    {
        let mut new = fixture.new_link(SHARED, &format!("https://example.com/{micros}"));
        new.created_at = Timestamp::from_micros(micros).unwrap();
        let (id, created_at) = (new.id, new.created_at);
        fixture.write(move |uow| uow.find_or_create_link(&new)).unwrap();
        assert_eq!(fixture.read(move |uow| uow.link(OURS, id)).unwrap().created_at, created_at);
    }
}

/// Letters and digits from a linear congruential generator.
fn pseudo_random(length: usize) -> String {
    let mut state = 42_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_digit((state >> 16) % 36, 36).unwrap()
    };
    (0..length).map(|_| next()).collect()
}
