//! Ports: what the use cases need from storage. One repository trait for each aggregate, and the [`Store`] that runs
//! a use case in a transaction.

mod account;
mod bulk;
mod change;
mod credential;
mod error;
mod idempotency;
mod link;
mod search;
mod store;
mod tag;
mod taglink;
mod user;

pub use account::AccountRepository;
pub use bulk::BulkRepository;
pub use change::ChangeRepository;
pub use credential::{ApiTokenRepository, SessionRepository, SubjectRepository};
pub use error::{Constraint, RepositoryError, Table};
pub use idempotency::IdempotencyRepository;
pub use link::LinkRepository;
pub use search::SearchRepository;
pub use store::{Access, Job, Outcome, Store, UnitOfWork, UseCaseError};
pub use tag::TagRepository;
pub use taglink::{TagLinkFilter, TagLinkRepository};
pub use user::UserRepository;

/// What a repository method answers.
pub type Result<T> = std::result::Result<T, RepositoryError>;
