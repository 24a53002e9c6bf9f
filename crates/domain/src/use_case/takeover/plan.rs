//! Sorting out what can be taken over, before any transaction.

use std::collections::HashMap;

use super::super::import::{ImportRows, ImportTagging};
use super::dataset::{Dataset, id_of, key, shown};
use super::report::TakeoverReport;
use super::source::{AccountRow, LinkRow, SourceRows, TagLinkRow, TagRow, UserRow};
use crate::model::id::made_at;
use crate::model::{AccountId, Email, LinkId, NewAccount, NewUser, TagId, Timestamp, UserId, Username};

/// What is to be taken over: valid, and sorted by accounts.
#[derive(Clone)]
pub struct Takeover {
    pub dry_run: bool,
    pub(super) at: Timestamp,
    pub(super) users: Vec<NewUser>,
    /// The rows of the shared account, and those of the others.
    pub(super) shared: ImportRows,
    pub(super) accounts: Vec<(NewAccount, ImportRows)>,
    /// What a row number stands for.
    pub(super) labels: Vec<String>,
    /// What was found out so far.
    pub(super) report: TakeoverReport,
}

impl Takeover {
    /// How many links there are, for whoever shows the progress.
    #[must_use]
    pub fn links(&self) -> usize {
        self.shared.links.len() + self.accounts.iter().map(|(_, rows)| rows.links.len()).sum::<usize>()
    }
}

/// Whose a row is: a place among the data sets, or nobody's because the account could not be taken over.
type OwnerPlace = Option<usize>;

const SHARED: usize = 0;

struct Planner {
    at: Timestamp,
    report: TakeoverReport,
    labels: Vec<String>,
    users: Vec<NewUser>,
    accounts: Vec<NewAccount>,
    has_accounts: bool,
    owners: HashMap<String, OwnerPlace>,
    /// The shared account's first, then one for each of `accounts`.
    datasets: Vec<Dataset>,
    tags: HashMap<String, (usize, TagId)>,
    links: HashMap<String, usize>,
}

/// Sorts out what can be taken over.
#[must_use]
pub fn plan(source: &SourceRows, dry_run: bool, at: Timestamp) -> Takeover {
    let mut planner = Planner {
        at,
        report: TakeoverReport { dry_run, ..TakeoverReport::default() },
        labels: Vec::new(),
        users: Vec::new(),
        accounts: Vec::new(),
        has_accounts: source.accounts.is_some(),
        owners: HashMap::new(),
        datasets: vec![Dataset::default()],
        tags: HashMap::new(),
        links: HashMap::new(),
    };
    source.users.iter().for_each(|row| planner.user(row));
    source.accounts.iter().flatten().for_each(|row| planner.account(row));
    source.tags.iter().for_each(|row| planner.tag(row));
    source.links.iter().for_each(|row| planner.link(row));
    source.taglinks.iter().for_each(|row| planner.taglink(row));
    let Planner { report, labels, users, accounts, datasets, .. } = planner;
    let mut rows = datasets.into_iter().map(Dataset::into_rows);
    let shared = rows.next().unwrap_or_default();
    let accounts = accounts.into_iter().zip(rows).collect();
    Takeover { dry_run, at, users, shared, accounts, labels, report }
}

impl Planner {
    fn user(&mut self, row: &UserRow) {
        self.report.users.read += 1;
        let name = shown(row.username.as_deref());
        let Ok(username) = Username::parse(row.username.as_deref().unwrap_or_default().trim()) else {
            self.report.users.skipped += 1;
            return self.tell(format!("user {name}: the username cannot be one here; skipped"));
        };
        if self.users.iter().any(|user| user.username.key() == username.key()) {
            self.report.users.merged += 1;
            return self.tell(format!("user {name}: there are several of this name, the first counts"));
        }
        let Some(hashed_password) = known_hash(row.hashed_password.as_deref()) else {
            self.report.users.skipped += 1;
            return self.tell(format!("user {name}: it has no bcrypt hash, so nobody could log in; skipped"));
        };
        let (id, problem): (UserId, _) = id_of(row.user_id.as_deref());
        self.tell_of("user", &name, problem);
        let created_at = made_at(id, self.at).unwrap_or(self.at);
        // In the tutorial every user may do everything.
        self.users.push(NewUser { id, username, hashed_password, is_admin: true, created_at });
    }

    fn account(&mut self, row: &AccountRow) {
        self.report.accounts.read += 1;
        let name = shown(row.email.as_deref());
        let source_id = key(row.account_id.as_deref().unwrap_or_default());
        let email = row.email.as_deref().and_then(|email| Email::parse(email.trim().to_owned()).ok());
        let Some(email) = email else {
            self.report.accounts.skipped += 1;
            self.owners.insert(source_id, None);
            return self.tell(format!("account {name}: the email cannot be one here; skipped with its rows"));
        };
        let known = self.accounts.iter().position(|account| account.email.key() == email.key());
        if let Some(known) = known {
            self.report.accounts.merged += 1;
            self.owners.insert(source_id, Some(known + 1));
            return self
                .tell(format!("account {name}: there are several of this email, merged into the first"));
        }
        let Some(hashed_password) = known_hash(row.hashed_password.as_deref()) else {
            self.report.accounts.skipped += 1;
            self.owners.insert(source_id, None);
            return self.tell(format!("account {name}: it has no bcrypt hash; skipped with its rows"));
        };
        let (mut id, problem): (AccountId, _) = id_of(row.account_id.as_deref());
        if id == AccountId::SHARED {
            id = AccountId::new();
        }
        self.tell_of("account", &name, problem);
        let created_at = row.created.as_deref().and_then(moment).or_else(|| made_at(id, self.at));
        let created_at = created_at.unwrap_or(self.at);
        self.owners.insert(source_id, Some(self.datasets.len()));
        self.datasets.push(Dataset::default());
        self.accounts.push(NewAccount { id, email, hashed_password, created_at });
    }

    fn tag(&mut self, row: &TagRow) {
        self.report.tags.read += 1;
        let name = shown(row.tag_id.as_deref());
        let (id, problem): (TagId, _) = id_of(row.tag_id.as_deref());
        let label = self.label(format!("tag {name}"));
        let added = self.owner(row.account_id.as_deref()).and_then(|owner| {
            let dataset = self.datasets.get_mut(owner).ok_or("its account was not taken over")?;
            dataset.add_tag(label, id, row, self.at)?;
            Ok(owner)
        });
        match added {
            Ok(owner) => {
                self.tell_of("tag", &name, problem);
                self.tags.entry(key(row.tag_id.as_deref().unwrap_or_default())).or_insert((owner, id));
            }
            Err(reason) => {
                self.report.tags.skipped += 1;
                self.tell(format!("tag {name}: {reason}; skipped"));
            }
        }
    }

    fn link(&mut self, row: &LinkRow) {
        self.report.links.read += 1;
        let name = shown(row.link_id.as_deref());
        let (id, problem): (LinkId, _) = id_of(row.link_id.as_deref());
        let label = self.label(format!("link {name}"));
        let added = self.owner(row.account_id.as_deref()).and_then(|owner| {
            let dataset = self.datasets.get_mut(owner).ok_or("its account was not taken over")?;
            dataset.add_link(label, id, row, self.at)?;
            Ok(owner)
        });
        match added {
            Ok(owner) => {
                self.tell_of("link", &name, problem);
                self.links.entry(key(row.link_id.as_deref().unwrap_or_default())).or_insert(owner);
            }
            Err(reason) => {
                self.report.links.skipped += 1;
                self.tell(format!("link {name}: {reason}; skipped"));
            }
        }
    }

    fn taglink(&mut self, row: &TagLinkRow) {
        self.report.taglinks.read += 1;
        let tag = row.tag_id.as_deref().unwrap_or_default();
        let link = row.link_id.as_deref().unwrap_or_default();
        let reason = match (self.tags.get(&key(tag)), self.links.get(&key(link))) {
            (None, _) => "its tag is not there, or was skipped",
            (_, None) => "its link is not there, or was skipped",
            (Some((owner, _)), Some(other)) if owner != other => "its tag and its link are of two accounts",
            (Some((owner, tag_id)), Some(_)) => {
                let tagging = ImportTagging { tag_id: *tag_id, created_at: self.at };
                if let Some(link) = self.datasets.get_mut(*owner).and_then(|dataset| dataset.link(link)) {
                    link.taggings.push(tagging);
                }
                return;
            }
        };
        self.report.taglinks.skipped += 1;
        let (tag, link) = (shown(row.tag_id.as_deref()), shown(row.link_id.as_deref()));
        self.tell(format!("taglink of tag {tag} and link {link}: {reason}; skipped"));
    }

    /// Whose a row with this account is.
    fn owner(&self, account: Option<&str>) -> Result<usize, String> {
        let account = account.map(str::trim).filter(|id| !id.is_empty());
        let Some(account) = account.filter(|_| self.has_accounts) else { return Ok(SHARED) };
        match self.owners.get(&key(account)) {
            Some(Some(owner)) => Ok(*owner),
            Some(None) => Err("its account was skipped".to_owned()),
            None => Err(format!("its account {} is not there", shown(Some(account)))),
        }
    }

    fn label(&mut self, label: String) -> usize {
        self.labels.push(label);
        self.labels.len() - 1
    }

    fn tell(&mut self, problem: String) {
        self.report.problems.push(problem);
    }

    fn tell_of(&mut self, kind: &str, name: &str, problem: Option<String>) {
        if let Some(problem) = problem {
            self.tell(format!("{kind} {name}: {problem}"));
        }
    }
}

/// A password hash that a login can check: the tutorial's bcrypt, or argon2id.
fn known_hash(hash: Option<&str>) -> Option<String> {
    let hash = hash?.trim();
    let is_known = ["$2a$", "$2b$", "$2x$", "$2y$", "$argon2id$"].iter().any(|kind| hash.starts_with(kind));
    is_known.then(|| hash.to_owned())
}

/// Date and time in UTC, as MariaDB shows it.
fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(&format!("{}Z", text.trim().replacen(' ', "T", 1)))
        .filter(|time| time.is_storable())
}
