//! Merging tags.

use taglink_domain::model::{
    AccountId, AccountScope, Expected, IdRef, Link, LinkId, LinkUrl, Tag, TagId, TagLink, TagLinkPosition,
    Timestamp,
};
use taglink_domain::port::{RepositoryError, TagLinkFilter};
use taglink_domain::use_case::editing::EditError;
use taglink_domain::use_case::merging::{self, MergeError, MergeTags};

use crate::fixture::{Fixture, OURS, SHARED, failure_of, page};
use crate::on_every_database;
use crate::sql_literal::bytes_literal;

on_every_database!(
    links_of_the_sources_carry_the_target_once_and_the_sources_are_gone,
    tags_of_many_links_are_merged_to_the_last_link,
    a_source_that_the_account_does_not_have_changes_nothing,
    only_an_expected_target_of_the_scope_takes_part,
    tags_are_locked_in_their_account,
    a_tag_that_is_gone_cannot_be_removed_with_others,
);

pub(super) fn command(fixture: &Fixture, target: &Tag, sources: &[&Tag]) -> MergeTags {
    MergeTags {
        scope: OURS,
        target: target.id.into(),
        sources: sources.iter().map(|tag| tag.id.into()).collect(),
        expected: Expected::Anything,
        at: fixture.later(),
    }
}

pub(super) fn merge(fixture: &Fixture, command: MergeTags) -> Result<(Tag, i64), MergeError> {
    fixture.write(move |uow| merging::merge(uow, &command))
}

/// Which tag is on which link, in their order.
pub(super) fn pairs(fixture: &Fixture, account: AccountId) -> Vec<TagLink> {
    let all = TagLinkFilter::default();
    fixture.read(move |uow| uow.taglinks(AccountScope::One(account), all, &page(1000, None))).items
}

fn links<const N: usize>(fixture: &Fixture) -> [Link; N] {
    std::array::from_fn(|number| fixture.link(SHARED, &format!("https://example.com/{number}")))
}

fn links_of_the_sources_carry_the_target_once_and_the_sources_are_gone(fixture: &Fixture) {
    let [target, first, second, unused, bystander] =
        ["target", "first", "second", "unused", "bystander"].map(|name| fixture.tag(SHARED, name));
    let [both, with_target, of_second, alone, other] = links(fixture);
    let kept = [
        fixture.taglink(&target, &with_target),
        fixture.taglink(&target, &alone),
        fixture.taglink(&bystander, &other),
        fixture.taglink(&bystander, &both),
    ];
    for (tag, link) in [(&first, &both), (&second, &both), (&first, &with_target), (&second, &of_second)] {
        fixture.taglink(tag, link);
    }
    let command = command(fixture, &target, &[&second, &first, &unused, &first]);
    let at = command.at;
    assert_eq!(merge(fixture, command).unwrap(), (target.clone(), 4));
    let moved = [&both, &of_second].map(|link| TagLink { created_at: at, ..fixture.pair(&target, link) });
    let mut expected = [&kept[..], &moved[..]].concat();
    expected.sort_by_key(|pair| TagLinkPosition::from(pair));
    assert_eq!(pairs(fixture, SHARED), expected);
    let tags = fixture.read(|uow| uow.tags(OURS, None, &page(9, None))).items;
    assert_eq!(tags, [target, bystander]);
}

/// Stores tags with so many links each, quickly; all of them are on the first link, and so on.
fn fill(fixture: &Fixture, tags: &[(&str, usize)]) -> Vec<Tag> {
    let most = tags.iter().map(|(_, count)| *count).max().unwrap();
    let links: Vec<LinkId> = (0..most).map(|_| LinkId::new()).collect();
    let at = fixture.time_sql(Timestamp::from_micros(1_767_225_600_000_000).unwrap());
    let account = fixture.id_sql(SHARED);
    let rows = |links: &[LinkId], row: &dyn Fn(usize, LinkId) -> String| {
        links.iter().enumerate().map(|(number, link)| row(number, *link)).collect::<Vec<_>>().join(", ")
    };
    let link_rows = rows(&links, &|number, link| {
        let url = LinkUrl::parse(format!("https://example.com/{number}")).unwrap();
        let (link, hash) = (fixture.id_sql(link), bytes_literal(fixture.backend(), url.hash()));
        format!("({link}, {account}, '{}', {hash}, 1, {at}, {at}, '', '', 1)", url.as_str())
    });
    let columns = "link_id, account_id, url, url_hash, version, created_at, updated_at, title_key, search_text, \
                   search_version";
    fixture.sql(&format!("INSERT INTO link ({columns}) VALUES {link_rows}"));
    let columns = "account_id, tag_id, link_id, link_created_at, created_at";
    tags.iter()
        .map(|(name, count)| {
            let tag = fixture.tag(SHARED, name);
            let pairs = rows(&links[..*count], &|_, link| {
                format!("({account}, {}, {}, {at}, {at})", fixture.id_sql(tag.id), fixture.id_sql(link))
            });
            fixture.sql(&format!("INSERT INTO taglink ({columns}) VALUES {pairs}"));
            tag
        })
        .collect()
}

fn tags_of_many_links_are_merged_to_the_last_link(fixture: &Fixture) {
    let sizes = [("target", 700), ("a", 3), ("b", 2300), ("c", 1000), ("d", 997), ("e", 1)];
    let tags = fill(fixture, &sizes);
    let sources: Vec<&Tag> = tags[1..].iter().collect();
    assert_eq!(merge(fixture, command(fixture, &tags[0], &sources)).unwrap(), (tags[0].clone(), 2300));
    let ids: Vec<TagId> = tags.iter().map(|tag| tag.id).collect();
    assert_eq!(fixture.read(move |uow| uow.count_links(OURS, &ids)), [(tags[0].id, 2300)]);
    assert_eq!(fixture.read(|uow| uow.tags(OURS, None, &page(9, None))).items, tags[..1]);
}

fn a_source_that_the_account_does_not_have_changes_nothing(fixture: &Fixture) {
    let other = fixture.other_account();
    let [target, source] = ["target", "source"].map(|name| fixture.tag(SHARED, name));
    let foreign = fixture.tag(other, "foreign");
    let [link] = links(fixture);
    let before = [fixture.taglink(&source, &link)];
    let unknown: Vec<IdRef<TagId>> = vec![foreign.id.into(), TagId::new().into(), IdRef::new("blah".into())];
    for id in unknown {
        for scope in [OURS, AccountScope::All] {
            let mut command = command(fixture, &target, &[&source]);
            command.scope = scope;
            command.sources.push(id.clone());
            let text = format!("Tag with tag_id {id} not found");
            assert_eq!(merge(fixture, command).unwrap_err().to_string(), text);
        }
    }
    let itself = merge(fixture, command(fixture, &target, &[&source, &target]));
    assert!(matches!(itself, Err(MergeError::TargetAmongSources)), "{itself:?}");
    assert_eq!(pairs(fixture, SHARED), before);
    assert_eq!(fixture.rows_of(other), [0, 1, 0]);
}

fn only_an_expected_target_of_the_scope_takes_part(fixture: &Fixture) {
    let other = fixture.other_account();
    let [target, source] = ["target", "source"].map(|name| fixture.tag(SHARED, name));
    let with = |scope, expected| {
        let command = MergeTags { scope, expected, ..command(fixture, &target, &[&source]) };
        merge(fixture, command)
    };
    let foreign = with(AccountScope::One(other), Expected::Anything);
    assert!(matches!(foreign, Err(MergeError::Target(EditError::NotFound))), "{foreign:?}");
    let changed = with(OURS, Expected::Versions(vec!["7".into()]));
    assert!(matches!(changed, Err(MergeError::Target(EditError::Changed))), "{changed:?}");
    assert_eq!(
        with(AccountScope::All, Expected::Versions(vec!["7".into(), "1".into()])).unwrap(),
        (target, 0)
    );
}

fn tags_are_locked_in_their_account(fixture: &Fixture) {
    let other = fixture.other_account();
    let mut tags = ["a", "b"].map(|name| fixture.tag(SHARED, name)).to_vec();
    tags.sort_by_key(|tag| tag.id);
    let ids: Vec<TagId> = tags.iter().rev().map(|tag| tag.id).chain([TagId::new()]).collect();
    let lock = |account, ids: &[TagId]| {
        let ids = ids.to_vec();
        fixture.write(move |uow| uow.lock_tags(account, &ids)).unwrap()
    };
    assert_eq!(lock(SHARED, &ids), tags);
    assert_eq!(lock(other, &ids), []);
    assert_eq!(lock(SHARED, &[]), []);
}

fn a_tag_that_is_gone_cannot_be_removed_with_others(fixture: &Fixture) {
    let [first, second] = ["a", "b"].map(|name| fixture.tag(SHARED, name).id);
    let gone = TagId::new();
    let other = fixture.other_account();
    for tags in [
        [(SHARED, first), (SHARED, gone)],
        [(other, first), (other, second)],
        [(SHARED, first), (other, second)],
    ] {
        let failure = failure_of(fixture.store.as_ref(), move |uow| uow.delete_tags(&tags));
        assert!(matches!(failure, RepositoryError::Busy(_)), "{failure:?}");
    }
    assert_eq!(fixture.rows_of(SHARED), [0, 2, 0]);
    let foreign = fixture.tag(other, "foreign").id;
    fixture
        .write(move |uow| uow.delete_tags(&[(SHARED, first), (SHARED, second), (other, foreign)]))
        .unwrap();
    assert_eq!([fixture.rows_of(SHARED), fixture.rows_of(other)], [[0, 0, 0]; 2]);
}
