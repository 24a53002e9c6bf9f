//! The rows as they stand in the tutorial's database: texts of which nothing is certain.

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub struct SourceRows {
    pub users: Vec<UserRow>,
    /// Nothing if there is no such table: then all rows are everybody's.
    pub accounts: Option<Vec<AccountRow>>,
    pub links: Vec<LinkRow>,
    pub tags: Vec<TagRow>,
    pub taglinks: Vec<TagLinkRow>,
}

/// A row of `user`.
#[derive(Clone, Default)]
pub struct UserRow {
    pub user_id: Option<String>,
    pub username: Option<String>,
    pub hashed_password: Option<String>,
}

/// A row of `account`.
#[derive(Clone, Default)]
pub struct AccountRow {
    pub account_id: Option<String>,
    pub email: Option<String>,
    pub hashed_password: Option<String>,
    /// Date and time in UTC.
    pub created: Option<String>,
}

/// A row of `link`.
#[derive(Clone, Debug, Default)]
pub struct LinkRow {
    pub link_id: Option<String>,
    pub link: Option<String>,
    pub account_id: Option<String>,
}

/// A row of `tag`.
#[derive(Clone, Debug, Default)]
pub struct TagRow {
    pub tag_id: Option<String>,
    pub tag: Option<String>,
    pub account_id: Option<String>,
}

/// A row of `taglink`.
#[derive(Clone, Debug, Default)]
pub struct TagLinkRow {
    pub tag_id: Option<String>,
    pub link_id: Option<String>,
}

/// Password hashes are not for logs.
macro_rules! debug_without_hash {
    ($row:ident, $name:ident) => {
        impl std::fmt::Debug for $row {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($row)).field(stringify!($name), &self.$name).finish_non_exhaustive()
            }
        }
    };
}

debug_without_hash!(UserRow, username);
debug_without_hash!(AccountRow, email);
