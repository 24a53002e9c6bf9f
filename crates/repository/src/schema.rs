//! The tables, for diesel; a test compares them with the catalogue of each database.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::dialect::{Id, UtcTime};

    account (account_id) {
        account_id -> Id,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        hashed_password -> Nullable<Text>,
        epoch -> BigInt,
        created_at -> UtcTime,
        updated_at -> UtcTime,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Text};
    use crate::dialect::{Id, UtcTime};

    user (user_id) {
        user_id -> Id,
        username -> Text,
        username_key -> Text,
        hashed_password -> Text,
        is_admin -> Bool,
        disabled -> Bool,
        epoch -> BigInt,
        created_at -> UtcTime,
        updated_at -> UtcTime,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::dialect::{Id, UtcTime};

    link (account_id, created_at, link_id) {
        account_id -> Id,
        created_at -> UtcTime,
        link_id -> Id,
        url -> Text,
        url_hash -> Binary,
        title -> Nullable<Text>,
        notes -> Nullable<Text>,
        version -> BigInt,
        updated_at -> UtcTime,
        title_key -> Text,
        search_text -> Text,
        search_version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::dialect::{Id, UtcTime};

    tag (account_id, tag_id) {
        account_id -> Id,
        tag_id -> Id,
        name -> Text,
        name_key -> Text,
        version -> BigInt,
        created_at -> UtcTime,
        updated_at -> UtcTime,
        search_text -> Text,
        search_version -> BigInt,
    }
}

table! {
    use crate::dialect::{Id, UtcTime};

    taglink (account_id, tag_id, link_created_at, link_id) {
        account_id -> Id,
        tag_id -> Id,
        link_id -> Id,
        link_created_at -> UtcTime,
        created_at -> UtcTime,
    }
}

table! {
    use crate::dialect::Id;

    account_lock (account_id) {
        account_id -> Id,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::dialect::{Id, UtcTime};

    session (session_id) {
        session_id -> Id,
        user_id -> Nullable<Id>,
        account_id -> Nullable<Id>,
        scope -> Text,
        epoch -> BigInt,
        user_agent -> Nullable<Text>,
        created_at -> UtcTime,
        last_used_at -> UtcTime,
        expires_at -> UtcTime,
    }
}

table! {
    use diesel::sql_types::{Binary, Nullable};
    use crate::dialect::{Id, UtcTime};

    refresh_token (token_hash) {
        token_hash -> Binary,
        session_id -> Id,
        predecessor -> Nullable<Binary>,
        created_at -> UtcTime,
        used_at -> Nullable<UtcTime>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::dialect::{Id, UtcTime};

    api_token (api_token_id) {
        api_token_id -> Id,
        user_id -> Nullable<Id>,
        account_id -> Nullable<Id>,
        name -> Text,
        token_hash -> Binary,
        scope -> Text,
        epoch -> BigInt,
        created_at -> UtcTime,
        expires_at -> Nullable<UtcTime>,
        last_used_at -> Nullable<UtcTime>,
    }
}

table! {
    use diesel::sql_types::Binary;
    use crate::dialect::UtcTime;

    login_origin (origin) {
        origin -> Binary,
        last_login_at -> UtcTime,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::dialect::{Id, UtcTime};

    idempotency (key_hash) {
        key_hash -> Binary,
        user_id -> Nullable<Id>,
        account_id -> Nullable<Id>,
        request_hash -> Binary,
        status -> BigInt,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        body -> Text,
        created_at -> UtcTime,
    }
}

table! {
    use diesel::sql_types::{Bool, Nullable};
    use crate::dialect::{Id, UtcTime};

    change_pending (account_id, id) {
        account_id -> Id,
        id -> Id,
        link_id -> Nullable<Id>,
        tag_id -> Nullable<Id>,
        removed -> Bool,
        changed_at -> UtcTime,
    }
}

table! {
    use diesel::sql_types::BigInt;
    use crate::dialect::Id;

    change_head (account_id) {
        account_id -> Id,
        seq -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable};
    use crate::dialect::{Id, UtcTime};

    change (account_id, seq) {
        account_id -> Id,
        seq -> BigInt,
        link_id -> Nullable<Id>,
        tag_id -> Nullable<Id>,
        changed_at -> UtcTime,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::dialect::{Id, UtcTime};

    link_term (account_id, term, link_created_at, link_id) {
        account_id -> Id,
        term -> Text,
        link_created_at -> UtcTime,
        link_id -> Id,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::dialect::Id;

    tag_term (account_id, term, tag_id) {
        account_id -> Id,
        term -> Text,
        tag_id -> Id,
    }
}

allow_tables_to_appear_in_same_query!(
    account, user, link, tag, taglink, session, api_token, change, link_term, tag_term
);
