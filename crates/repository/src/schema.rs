//! The tables as diesel knows them; a test compares them with the catalogue of each live database.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
    use crate::connection::Id;

    account (account_id) {
        account_id -> Id,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        hashed_password -> Nullable<Text>,
        epoch -> BigInt,
        change_seq -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Text, Timestamp};
    use crate::connection::Id;

    user (user_id) {
        user_id -> Id,
        username -> Text,
        username_key -> Text,
        hashed_password -> Text,
        is_admin -> Bool,
        disabled -> Bool,
        epoch -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text, Timestamp};
    use crate::connection::Id;

    link (link_id) {
        link_id -> Id,
        account_id -> Id,
        url -> Text,
        url_hash -> Binary,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        title -> Nullable<Text>,
        notes -> Nullable<Text>,
        search_text -> Text,
        title_key -> Text,
        host_reversed -> Text,
        search_version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Text, Timestamp};
    use crate::connection::Id;

    tag (tag_id) {
        tag_id -> Id,
        account_id -> Id,
        name -> Text,
        name_key -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        search_text -> Text,
        search_version -> BigInt,
    }
}

table! {
    use diesel::sql_types::Timestamp;
    use crate::connection::Id;

    taglink (tag_id, link_id) {
        account_id -> Id,
        tag_id -> Id,
        link_id -> Id,
        link_created_at -> Timestamp,
        created_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
    use crate::connection::Id;

    session (session_id) {
        session_id -> Id,
        user_id -> Nullable<Id>,
        account_id -> Nullable<Id>,
        scope -> Text,
        epoch -> BigInt,
        user_agent -> Nullable<Text>,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{Binary, Nullable, Timestamp};
    use crate::connection::Id;

    refresh_token (token_hash) {
        token_hash -> Binary,
        session_id -> Id,
        predecessor -> Nullable<Binary>,
        created_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text, Timestamp};
    use crate::connection::Id;

    api_token (api_token_id) {
        api_token_id -> Id,
        user_id -> Nullable<Id>,
        account_id -> Nullable<Id>,
        name -> Text,
        token_hash -> Binary,
        scope -> Text,
        epoch -> BigInt,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
    }
}

table! {
    use diesel::sql_types::{Binary, Timestamp};

    login_origin (origin) {
        origin -> Binary,
        last_login_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text, Timestamp};
    use crate::connection::Id;

    idempotency (key_hash) {
        key_hash -> Binary,
        user_id -> Nullable<Id>,
        account_id -> Nullable<Id>,
        request_hash -> Binary,
        status -> BigInt,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        body -> Text,
        created_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
    use crate::connection::Id;

    change (account_id, seq) {
        account_id -> Id,
        seq -> BigInt,
        entity -> Text,
        link_id -> Nullable<Id>,
        tag_id -> Nullable<Id>,
        changed_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::connection::Id;

    link_term (account_id, term, link_id) {
        account_id -> Id,
        term -> Text,
        link_id -> Id,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::connection::Id;

    tag_term (account_id, term, tag_id) {
        account_id -> Id,
        term -> Text,
        tag_id -> Id,
    }
}

allow_tables_to_appear_in_same_query!(
    account, user, link, tag, taglink, session, api_token, change, link_term, tag_term
);
