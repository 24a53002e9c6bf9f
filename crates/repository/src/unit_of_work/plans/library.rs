//! A database with an account of any number of links, everything else growing with it, and a small account beside it.

use std::ops::Range;

use taglink_domain::model::{
    AccountId, ApiToken, ApiTokenId, DatedTag, Email, Link, LinkId, LinkUrl, NewAccount, NewLink, NewTag,
    NewUser, RefreshToken, SecretHash, Session, SessionId, Subject, Tag, TagId, TagLink, TagName, Timestamp,
    Title, UserId, Username,
};
use taglink_domain::port::UnitOfWork;

use crate::unit_of_work::DbUnitOfWork;

pub(super) const OURS: AccountId = AccountId::SHARED;

/// Every so many links there is a tag more, which this number of links carry, and a user more.
const PER_TAG: usize = 10;

/// How many links have the word `seldom`, the site `rare.example` and the tag `seldom`.
const SELDOM: usize = 5;

/// How many links the other account has.
const OF_THE_OTHER: usize = 200;

/// What is stored, in the order of lists.
#[derive(Default)]
pub(super) struct Library {
    pub(super) links: Vec<Link>,
    /// The last two are on every other link, and on [`SELDOM`].
    pub(super) tags: Vec<Tag>,
    pub(super) users: Vec<UserId>,
    pub(super) sessions: Vec<SessionId>,
}

impl Library {
    /// Fills a database.
    pub(super) fn fill(uow: &mut DbUnitOfWork, links: usize) -> Self {
        let mut library = Self::default();
        // The changes of the later links stay without numbers.
        let first = links - links / 3;
        committed(uow, |uow| {
            Self::store_the_other(uow);
            library.store_tags(uow, OURS, links);
            library.store_links(uow, OURS, 0..first, links);
        });
        committed(uow, |uow| while uow.number_changes(OURS).unwrap() {});
        committed(uow, |uow| {
            library.store_links(uow, OURS, first..links, links);
            (0..links / PER_TAG).for_each(|number| library.store_credentials(uow, number));
        });
        library
    }

    fn store_the_other(uow: &mut dyn UnitOfWork) {
        let account = NewAccount {
            id: AccountId::new(),
            email: Email::parse("other@example.org".into()).unwrap(),
            hashed_password: String::new(),
            created_at: time(0),
        };
        uow.insert_account(&account).unwrap();
        let mut library = Self::default();
        library.store_tags(uow, account.id, OF_THE_OTHER);
        library.store_links(uow, account.id, 0..OF_THE_OTHER, OF_THE_OTHER);
    }

    /// The tag that every other link carries.
    pub(super) fn common_tag(&self) -> &Tag {
        &self.tags[self.tags.len() - 2]
    }

    pub(super) fn rare_tag(&self) -> &Tag {
        &self.tags[self.tags.len() - 1]
    }

    /// One of the tags that [`PER_TAG`] links carry; another one for each round.
    pub(super) fn tag(&self, round: usize) -> &Tag {
        let few = self.tags.len() - 2;
        &self.tags[(few / 3 + 17 * round) % few]
    }

    /// A link in the middle of every list; another one for each round.
    pub(super) fn link(&self, round: usize) -> &Link {
        &self.links[self.links.len() / 3 + 37 * round]
    }

    /// A tag that [`Self::link`] carries.
    pub(super) fn tag_of_link(&self, round: usize) -> &Tag {
        let few = self.tags.len() - 2;
        &self.tags[(self.links.len() / 3 + 37 * round) % few]
    }

    fn store_tags(&mut self, uow: &mut dyn UnitOfWork, account_id: AccountId, links: usize) {
        let names = (0..links / PER_TAG).map(|number| format!("tag {number}"));
        let names = names.chain(["common".to_owned(), "seldom".to_owned()]);
        let tags: Vec<DatedTag> =
            (0..).zip(names).map(|(at, name)| dated_tag(account_id, name, at)).collect();
        self.tags = uow.find_or_create_tags(&tags).unwrap();
    }

    fn store_links(
        &mut self,
        uow: &mut dyn UnitOfWork,
        account: AccountId,
        numbers: Range<usize>,
        all: usize,
    ) {
        let links: Vec<NewLink> = numbers.clone().map(|number| numbered_link(account, number, all)).collect();
        let links = uow.find_or_create_links(&links).unwrap();
        let mut taglinks = Vec::new();
        for (number, link) in numbers.zip(&links) {
            let few = self.tags.len() - 2;
            taglinks.push(pair(&self.tags[number % few], link));
            if number % 2 == 0 {
                taglinks.push(pair(self.common_tag(), link));
            }
            if is_seldom(number, all) {
                taglinks.push(pair(self.rare_tag(), link));
            }
        }
        uow.ensure_taglinks(&taglinks).unwrap();
        self.links.extend(links);
    }

    fn store_credentials(&mut self, uow: &mut dyn UnitOfWork, number: usize) {
        let (user, session) = (UserId::new(), SessionId::new());
        let new_user = NewUser {
            id: user,
            username: Username::parse(&username(number)).unwrap(),
            hashed_password: String::new(),
            is_admin: false,
            created_at: time(number),
        };
        uow.insert_user(&new_user).unwrap();
        uow.insert_session(&session_of(Subject::User(user), session, number)).unwrap();
        let refresh_token = RefreshToken {
            hash: hash(number),
            session_id: session,
            predecessor: None,
            created_at: time(number),
            used_at: None,
        };
        uow.insert_refresh_token(&refresh_token).unwrap();
        uow.insert_api_token(&api_token(Subject::User(user), number), hash(number)).unwrap();
        uow.remember_origin((*hash(number).as_bytes()).into(), time(number)).unwrap();
        self.users.push(user);
        self.sessions.push(session);
    }
}

fn committed(uow: &mut DbUnitOfWork, work: impl FnOnce(&mut dyn UnitOfWork)) {
    uow.control(uow.dialect().begin()).unwrap();
    work(uow);
    uow.control("COMMIT").unwrap();
}

pub(super) fn time(number: usize) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + i64::try_from(number).unwrap()).unwrap()
}

pub(super) fn hash(number: usize) -> SecretHash {
    let mut hash = [7; 32];
    hash[..8].copy_from_slice(&number.to_be_bytes());
    hash.into()
}

pub(super) fn username(number: usize) -> String {
    format!("user{number}")
}

/// A tag that does not exist yet.
pub(super) fn dated_tag(account_id: AccountId, name: String, at: usize) -> DatedTag {
    let name = TagName::parse(name).unwrap();
    let tag = NewTag { id: TagId::new(), account_id, name, created_at: time(at) };
    DatedTag { tag, updated_at: time(at) }
}

pub(super) fn pair(tag: &Tag, link: &Link) -> TagLink {
    TagLink {
        account_id: tag.account_id,
        tag_id: tag.id,
        link_id: link.id,
        link_created_at: link.created_at,
        created_at: time(0),
    }
}

pub(super) fn url(number: usize) -> LinkUrl {
    LinkUrl::parse(format!("https://common.example/{number}")).unwrap()
}

/// A link that does not exist yet.
pub(super) fn new_link(number: usize) -> NewLink {
    NewLink {
        id: LinkId::new(),
        account_id: OURS,
        url: url(number),
        title: Title::parse(&format!("Page {number:06}")).unwrap(),
        notes: None,
        created_at: time(number),
        updated_at: time(number),
    }
}

/// One of `all` links, whose titles and last changes are in other orders.
fn numbered_link(account_id: AccountId, number: usize, all: usize) -> NewLink {
    let rank = number * 7919 % all;
    let word = if is_seldom(number, all) { "seldom" } else { "frequent" };
    let host = if is_seldom(number, all) { "rare" } else { "common" };
    NewLink {
        account_id,
        url: LinkUrl::parse(format!("https://{host}.example/{number}")).unwrap(),
        title: Title::parse(&format!("Page {rank:06} everywhere {word}")).unwrap(),
        updated_at: time(rank),
        ..new_link(number)
    }
}

fn is_seldom(number: usize, all: usize) -> bool {
    number % (all / SELDOM) == 3
}

fn session_of(subject: Subject, id: SessionId, number: usize) -> Session {
    Session {
        id,
        subject,
        scope: String::new(),
        epoch: 0,
        user_agent: None,
        created_at: time(number),
        last_used_at: time(number),
        expires_at: time(1_000_000 + number),
    }
}

fn api_token(subject: Subject, number: usize) -> ApiToken {
    ApiToken {
        id: ApiTokenId::new(),
        subject,
        name: String::new(),
        scope: String::new(),
        epoch: 0,
        created_at: time(number),
        expires_at: None,
        last_used_at: None,
    }
}
