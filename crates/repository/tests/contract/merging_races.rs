//! Merging tags while others use them.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use taglink_domain::model::{IdRef, Link, LinkId, LinkUrl, Owner, Tag, TagId, TagName};
use taglink_domain::port::{RepositoryError, TagLinkFilter, UnitOfWork};
use taglink_domain::use_case::editing::EditError;
use taglink_domain::use_case::links::{self, CreateLink, CreateLinkError, TagChoice};
use taglink_domain::use_case::merging::MergeError;
use taglink_domain::use_case::taglinks::{self, CreateTagLink, CreateTagLinkError, TagLinkQuery};

use crate::fixture::{Fixture, OURS, SHARED, at_once};
use crate::merging::{command, merge, pairs};
use crate::on_every_database;

on_every_database!(
    nobody_puts_a_locked_tag_on_a_link,
    no_association_is_lost_to_a_merge,
    tags_that_are_taken_off_meanwhile_do_not_disturb_a_merge,
    merging_crosswise_never_fails_oddly,
);

const CLIENTS: usize = 40;

fn nobody_puts_a_locked_tag_on_a_link(fixture: &Fixture) {
    let (tag, link) = (fixture.tag(SHARED, "rust"), fixture.link(SHARED, "https://example.com"));
    let (pair, id) = (fixture.pair(&tag, &link), tag.id);
    let (locked, is_locked) = mpsc::channel::<()>();
    let (done, is_done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let pair = pair.clone();
        scope.spawn(move || {
            is_locked.recv().unwrap();
            fixture.write(move |uow| uow.insert_taglink(&pair)).unwrap();
            // The one who waited for it may have ended.
            done.send(()).ok();
        });
        let early = fixture.write(move |uow: &mut dyn UnitOfWork| -> Result<_, RepositoryError> {
            uow.lock_tags(SHARED, &[id])?;
            locked.send(()).unwrap();
            Ok(is_done.recv_timeout(Duration::from_millis(500)))
        });
        assert_eq!(early.unwrap(), Err(mpsc::RecvTimeoutError::Timeout));
    });
    assert_eq!(pairs(fixture, SHARED), [pair]);
}

/// Puts the tag on the link in one of the ways there are; the link if that was done.
fn put(fixture: &Fixture, number: usize, tag: &Tag, link: &Link) -> Result<Option<LinkId>, String> {
    let owner = Owner::shared();
    if number.is_multiple_of(3) {
        let command =
            CreateTagLink { owner, tag_id: tag.id.into(), link_id: link.id.into(), at: fixture.later() };
        return match fixture.write(move |uow| taglinks::create(uow, &command)) {
            Ok(pair) => Ok(Some(pair.link_id)),
            Err(CreateTagLinkError::Exists { .. }) => Ok(Some(link.id)),
            Err(
                CreateTagLinkError::TagNotFound { .. }
                | CreateTagLinkError::Repository(RepositoryError::Busy(_)),
            ) => Ok(None),
            Err(odd) => Err(odd.to_string()),
        };
    }
    let named = || TagChoice::Named(TagName::parse(tag.name.clone()).unwrap());
    let command = CreateLink {
        owner,
        url: LinkUrl::parse(link.url.clone()).unwrap(),
        tag: if number % 3 == 1 { TagChoice::Existing(tag.id.into()) } else { named() },
        title: None,
        notes: None,
        created_at: None,
        at: fixture.later(),
    };
    match fixture.write(move |uow| links::create(uow, &command)) {
        Ok(link) => Ok(Some(link.id)),
        Err(CreateLinkError::TagNotFound { .. } | CreateLinkError::Repository(RepositoryError::Busy(_))) => {
            Ok(None)
        }
        Err(odd) => Err(odd.to_string()),
    }
}

/// Whether tags were merged, or what else a merge may end with.
fn try_to_merge(fixture: &Fixture, target: &Tag, sources: &[&Tag]) -> Result<bool, String> {
    match merge(fixture, command(fixture, target, sources)) {
        Ok(_) => Ok(true),
        Err(
            MergeError::SourceNotFound(_)
            | MergeError::Target(EditError::NotFound | EditError::Repository(RepositoryError::Busy(_))),
        ) => Ok(false),
        Err(odd) => Err(odd.to_string()),
    }
}

fn no_association_is_lost_to_a_merge(fixture: &Fixture) {
    for round in 0..4 {
        let tag = |name: &str| fixture.tag(SHARED, &format!("{name} {round}"));
        let (target, sources) = (tag("target"), [tag("a"), tag("b"), tag("c")]);
        let links: Vec<Link> = (0..CLIENTS)
            .map(|number| fixture.link(SHARED, &format!("https://example.com/{round}/{number}")))
            .collect();
        fixture.taglink(&sources[0], &links[1]);
        fixture.taglink(&target, &links[1]);
        let results = at_once(CLIENTS, |number| {
            if number.is_multiple_of(10) {
                let [a, b, c] = &sources;
                try_to_merge(fixture, &target, &[a, b, c]).map(|_| None)
            } else {
                put(fixture, number, &sources[number % 3], &links[number])
            }
        });
        // One that was too late by a moment merges what is left, or finds nothing to merge.
        for source in &sources {
            try_to_merge(fixture, &target, &[source]).unwrap();
        }
        for (number, result) in results.into_iter().enumerate() {
            let Some(link) = result.unwrap() else { continue };
            let tags = fixture.read(move |uow| uow.tags_of_links(OURS, &[link]));
            // A tag that was named again after it had been merged is a new one.
            let name = &sources[number % 3].name;
            let is_kept = |tag: &Tag| tag.id == target.id || &tag.name == name;
            assert!(tags.iter().any(|(_, tag)| is_kept(tag)), "{number}: {tags:?}");
            assert!(tags.iter().all(|(_, tag)| sources.iter().all(|source| source.id != tag.id)));
        }
    }
}

fn tags_that_are_taken_off_meanwhile_do_not_disturb_a_merge(fixture: &Fixture) {
    for round in 0..3 {
        let tag = |name: &str| fixture.tag(SHARED, &format!("{name} {round}"));
        let (target, source) = (tag("target"), tag("source"));
        let links: Vec<Link> = (0..CLIENTS)
            .map(|number| fixture.link(SHARED, &format!("https://example.com/{round}/{number}")))
            .collect();
        for link in &links {
            fixture.taglink(&source, link);
        }
        let results = at_once(CLIENTS, |number| -> Result<bool, String> {
            if number == 0 {
                return try_to_merge(fixture, &target, &[&source]);
            }
            let id = links[number].id;
            let deleted = if number % 2 == 0 {
                let query = TagLinkQuery { tag_id: Some(source.id.into()), link_id: Some(id.into()) };
                fixture.write(move |uow| taglinks::delete(uow, OURS, &query)).map(|_| true)
            } else {
                let id = IdRef::from(id);
                fixture.write(move |uow| links::delete(uow, OURS, &id))
            };
            match deleted {
                Ok(_) | Err(RepositoryError::Busy(_)) => Ok(true),
                Err(odd) => Err(odd.to_string()),
            }
        });
        assert_eq!(results[0], Ok(true), "merging can be tried again until it is done");
        assert_eq!(results.iter().find(|result| result.is_err()), None);
        let (kept, target) = (links[0].id, target.id);
        let of_target = TagLinkFilter { tag_id: Some(target), link_id: Some(kept) };
        assert_eq!(fixture.write(move |uow| uow.delete_taglinks(OURS, of_target)), Ok(1));
    }
}

fn merging_crosswise_never_fails_oddly(fixture: &Fixture) {
    let tags: Arc<[Tag]> = ["a", "b", "c"].map(|name| fixture.tag(SHARED, name)).into();
    let link = fixture.link(SHARED, "https://example.com");
    fixture.taglink(&tags[0], &link);
    let results = at_once(CLIENTS, |number| {
        let target = &tags[number % 3];
        let sources: Vec<&Tag> = tags.iter().filter(|tag| tag.id != target.id).collect();
        try_to_merge(fixture, target, &sources)
    });
    let merged = results.into_iter().filter(|result| *result.as_ref().unwrap()).count();
    assert_eq!(merged, 1);
    let left: Vec<TagId> = pairs(fixture, SHARED).iter().map(|pair| pair.tag_id).collect();
    let unused = fixture.read(|uow| uow.unused_tags(OURS, None, 9));
    assert_eq!((left.len(), unused), (1, Vec::new()));
}
