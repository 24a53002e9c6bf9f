//! Many operations in one transaction, and the savepoints beneath.

use taglink_domain::model::{AccountId, AccountScope, Expected, IdRef, LinkUrl, Owner, TagId, TagName};
use taglink_domain::port::{RepositoryError, TagLinkFilter};
use taglink_domain::use_case::batch::{
    Batch, BatchError, Done, Mode, Operation, OperationError, Outcome, run,
};
use taglink_domain::use_case::links::{CreateLink, CreateLinkError, TagChoice};
use taglink_domain::use_case::tags::{CreateTag, CreateTagError};
use taglink_domain::use_case::{attempt, tags};

use crate::fixture::{Fixture, OURS, SHARED, at_once, page};
use crate::on_every_database;

on_every_database!(
    a_failed_part_leaves_nothing_and_the_rest_is_stored,
    savepoints_nest,
    a_savepoint_that_is_not_there_is_a_defect,
    of_an_atomic_batch_all_is_stored_or_nothing,
    of_an_independent_batch_each_operation_stands_for_itself,
    an_account_that_is_not_there_is_told_of_the_operation_that_names_it,
    a_dry_run_tells_what_would_be_and_stores_nothing,
    an_independent_batch_of_failures_stores_nothing,
    batches_that_cross_each_other_are_all_done,
);

fn named(fixture: &Fixture, name: &str) -> CreateTag {
    CreateTag { owner: Owner::shared(), name: TagName::parse(name.into()).unwrap(), at: fixture.later() }
}

fn create_tag(fixture: &Fixture, name: &str) -> Operation {
    Operation::CreateTag(named(fixture, name))
}

fn create_link(fixture: &Fixture, url: &str, tag: TagChoice) -> Operation {
    Operation::CreateLink(CreateLink {
        owner: Owner::shared(),
        url: LinkUrl::parse(url.into()).unwrap(),
        tag,
        title: None,
        notes: None,
        created_at: None,
        at: fixture.later(),
    })
}

fn batch(fixture: &Fixture, mode: Mode, operations: Vec<Operation>) -> Batch {
    Batch { operations, mode, dry_run: false, scope: OURS, at: fixture.later() }
}

fn execute(fixture: &Fixture, batch: Batch) -> Result<Vec<Outcome>, BatchError> {
    fixture.write(move |uow| run(uow, &batch))
}

fn undone(result: Result<Vec<Outcome>, BatchError>) -> Vec<Outcome> {
    match result {
        Err(BatchError::Undone(outcomes)) => outcomes,
        other => panic!("{other:?}"),
    }
}

fn names(fixture: &Fixture) -> Vec<String> {
    let tags = fixture.read(|uow| uow.tags(OURS, None, &page(100, None)));
    tags.items.into_iter().map(|tag| tag.name).collect()
}

fn a_failed_part_leaves_nothing_and_the_rest_is_stored(fixture: &Fixture) {
    let commands = ["a", "b", "c"].map(|name| named(fixture, name));
    fixture.tag(SHARED, "taken");
    let taken = named(fixture, "taken");
    let result = fixture.write(move |uow| -> Result<_, RepositoryError> {
        let [a, b, c] = &commands;
        drop(attempt(uow, |uow| tags::create(uow, a))?);
        let failed = attempt(uow, |uow| {
            tags::create(uow, b)?;
            tags::create(uow, &taken)
        })?;
        assert!(matches!(failed, Err(CreateTagError::NameTaken { .. })));
        uow.insert_tag(&taglink_domain::model::NewTag {
            id: TagId::new(),
            account_id: SHARED,
            name: c.name.clone(),
            created_at: c.at,
        })
    });
    assert!(result.is_ok(), "a failure that was undone is forgotten: {result:?}");
    assert_eq!(names(fixture), ["a", "c", "taken"]);
}

fn savepoints_nest(fixture: &Fixture) {
    let tags = ["a", "b", "c", "d"].map(|name| fixture.new_tag(SHARED, name));
    fixture
        .write(move |uow| {
            let [a, b, c, d] = &tags;
            uow.set_savepoint()?;
            uow.insert_tag(a)?;
            uow.set_savepoint()?;
            uow.insert_tag(b)?;
            uow.roll_back_to_savepoint()?;
            uow.set_savepoint()?;
            uow.insert_tag(c)?;
            uow.release_savepoint()?;
            uow.release_savepoint()?;
            uow.set_savepoint()?;
            uow.insert_tag(d)?;
            uow.roll_back_to_savepoint()
        })
        .unwrap();
    assert_eq!(names(fixture), ["a", "c"]);
}

fn a_savepoint_that_is_not_there_is_a_defect(fixture: &Fixture) {
    let left = fixture.write(|uow| uow.set_savepoint());
    assert_eq!(left, Ok(()), "one that is left open goes with its transaction");
    for result in
        [fixture.write(|uow| uow.release_savepoint()), fixture.write(|uow| uow.roll_back_to_savepoint())]
    {
        assert!(matches!(result, Err(RepositoryError::Internal(_))), "{result:?}");
    }
}

fn of_an_atomic_batch_all_is_stored_or_nothing(fixture: &Fixture) {
    let by_name = TagChoice::Named(TagName::parse("a".into()).unwrap());
    let operations = vec![
        create_tag(fixture, "a"),
        create_link(fixture, "https://example.com", by_name),
        create_tag(fixture, "A"),
        create_tag(fixture, "b"),
    ];
    let outcomes = undone(execute(fixture, batch(fixture, Mode::Atomic, operations.clone())));
    assert!(
        matches!(
            outcomes[..],
            [None, None, Some(Err(OperationError::CreateTag(CreateTagError::NameTaken { .. }))), None]
        ),
        "{outcomes:?}"
    );
    assert_eq!(fixture.rows_of(SHARED), [0, 0, 0]);
    let outcomes = execute(fixture, batch(fixture, Mode::Atomic, operations[..2].to_vec())).unwrap();
    assert!(matches!(outcomes[..], [Some(Ok(Done::TagCreated(_))), Some(Ok(Done::LinkCreated(_)))]));
    assert_eq!(fixture.rows_of(SHARED), [1, 1, 1], "the second has found the tag of the first");
    assert!(execute(fixture, batch(fixture, Mode::Atomic, Vec::new())).unwrap().is_empty());
}

fn of_an_independent_batch_each_operation_stands_for_itself(fixture: &Fixture) {
    let missing = IdRef::from(TagId::new());
    let operations = vec![
        create_tag(fixture, "a"),
        create_tag(fixture, "a"),
        create_link(fixture, "https://1.example", TagChoice::Existing(missing.clone())),
        Operation::DeleteTag { id: missing.clone(), expected: Expected::Anything },
        create_link(fixture, "https://2.example", TagChoice::Named(TagName::parse("b".into()).unwrap())),
        Operation::RenameTag {
            id: missing,
            name: TagName::parse("c".into()).unwrap(),
            expected: Expected::Anything,
        },
    ];
    let outcomes = execute(fixture, batch(fixture, Mode::Independent, operations)).unwrap();
    let is_done: Vec<bool> = outcomes.iter().map(|outcome| matches!(outcome, Some(Ok(_)))).collect();
    assert_eq!(is_done, [true, false, false, false, true, false], "{outcomes:?}");
    assert_eq!(names(fixture), ["a", "b"]);
    assert_eq!(fixture.rows_of(SHARED), [1, 2, 1]);
}

fn an_account_that_is_not_there_is_told_of_the_operation_that_names_it(fixture: &Fixture) {
    let nobody = Owner::chosen(AccountId::new().into());
    let by_name = TagChoice::Named(TagName::parse("b".into()).unwrap());
    let Operation::CreateLink(link) = create_link(fixture, "https://1.example", by_name) else { panic!() };
    let operations = vec![
        create_tag(fixture, "a"),
        Operation::CreateTag(CreateTag { owner: nobody.clone(), ..named(fixture, "b") }),
        Operation::CreateLink(CreateLink { owner: nobody, ..link }),
        create_tag(fixture, "c"),
    ];
    let wish = |mode| Batch { scope: AccountScope::All, ..batch(fixture, mode, operations.clone()) };
    let outcomes = undone(execute(fixture, wish(Mode::Atomic)));
    let refused = |outcome: &Outcome| match outcome {
        Some(Err(OperationError::CreateTag(error))) => matches!(error, CreateTagError::AccountNotFound(_)),
        Some(Err(OperationError::CreateLink(error))) => matches!(error, CreateLinkError::AccountNotFound(_)),
        _ => false,
    };
    assert_eq!(outcomes.iter().map(refused).collect::<Vec<_>>(), [false, true, false, false], "{outcomes:?}");
    assert_eq!(names(fixture), [""; 0]);
    let outcomes = execute(fixture, wish(Mode::Independent)).unwrap();
    assert_eq!(outcomes.iter().map(refused).collect::<Vec<_>>(), [false, true, true, false], "{outcomes:?}");
    assert_eq!(names(fixture), ["a", "c"]);
}

fn a_dry_run_tells_what_would_be_and_stores_nothing(fixture: &Fixture) {
    for mode in [Mode::Atomic, Mode::Independent] {
        let operations = vec![create_tag(fixture, "a"), create_tag(fixture, "b")];
        let wish = Batch { dry_run: true, ..batch(fixture, mode, operations) };
        let outcomes = undone(execute(fixture, wish));
        assert!(matches!(outcomes[..], [Some(Ok(_)), Some(Ok(_))]), "{outcomes:?}");
    }
    assert_eq!(names(fixture), Vec::<String>::new());
}

fn an_independent_batch_of_failures_stores_nothing(fixture: &Fixture) {
    fixture.tag(SHARED, "a");
    let operations = vec![create_tag(fixture, "a"), create_tag(fixture, "A")];
    let outcomes = undone(execute(fixture, batch(fixture, Mode::Independent, operations)));
    assert!(matches!(outcomes[..], [Some(Err(_)), Some(Err(_))]), "{outcomes:?}");
}

/// Half of them take the rows in the other order, so that servers find deadlocks: the whole batch is tried again.
fn batches_that_cross_each_other_are_all_done(fixture: &Fixture) {
    const CLIENTS: usize = 8;
    let tags = [fixture.tag(SHARED, "a"), fixture.tag(SHARED, "b")];
    for mode in [Mode::Atomic, Mode::Independent] {
        let results = at_once(CLIENTS, |number| {
            let mut operations: Vec<_> = tags
                .iter()
                .map(|tag| Operation::RenameTag {
                    id: tag.id.into(),
                    name: TagName::parse(format!("{} {number} {mode:?}", tag.name)).unwrap(),
                    expected: Expected::Anything,
                })
                .collect();
            if number % 2 == 0 {
                operations.reverse();
            }
            let wish = batch(fixture, mode, operations);
            execute(fixture, Batch { scope: AccountScope::All, ..wish })
        });
        for result in results {
            let outcomes = result.unwrap();
            assert!(outcomes.iter().all(|outcome| matches!(outcome, Some(Ok(_)))), "{outcomes:?}");
        }
        let names = names(fixture);
        let numbers: Vec<_> = names.iter().map(|name| name.split(' ').nth(1)).collect();
        assert_eq!(numbers[0], numbers[1], "no batch was mixed with another: {names:?}");
    }
    let filter = TagLinkFilter::default();
    assert!(fixture.read(move |uow| uow.taglinks(OURS, filter, &page(9, None))).items.is_empty());
}
