-- Ids are the 16 bytes of UUIDs, times are UTC in microseconds since 1970, and a *_key is what names are compared by.
-- Keys begin with the account, except those by which operators find one row among all accounts.

CREATE TABLE account (
    account_id BLOB NOT NULL,
    email TEXT NULL,
    email_key TEXT NULL,
    hashed_password TEXT NULL,
    epoch INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT account_account_id_key PRIMARY KEY (account_id),
    CONSTRAINT account_email_key_key UNIQUE (email_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_created_at_account_id_idx ON account (created_at, account_id);

-- The shared account: nobody logs in as it; tokens without a scope act on it.
INSERT INTO account (account_id, epoch, created_at, updated_at)
VALUES (zeroblob(16), 0, 0, 0);

CREATE TABLE "user" (
    user_id BLOB NOT NULL,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL,
    hashed_password TEXT NOT NULL,
    is_admin INTEGER NOT NULL,
    disabled INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT user_user_id_key PRIMARY KEY (user_id),
    CONSTRAINT user_username_key_key UNIQUE (username_key),
    CONSTRAINT user_is_admin_check CHECK (is_admin IN (0, 1)),
    CONSTRAINT user_disabled_check CHECK (disabled IN (0, 1))
) STRICT;
CREATE INDEX user_created_at_user_id_idx ON "user" (created_at, user_id);

-- In the order of lists. Title key, text and version of the index are derived by the program: see crates/domain/src/search.
-- Rows of a lower search_version than its own are derived again after the migrations.
CREATE TABLE link (
    account_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    link_id BLOB NOT NULL,
    url TEXT NOT NULL,
    url_hash BLOB NOT NULL,
    title TEXT NULL,
    notes TEXT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    title_key TEXT NOT NULL,
    search_text TEXT NOT NULL,
    search_version INTEGER NOT NULL,
    CONSTRAINT link_account_id_created_at_link_id_key PRIMARY KEY (account_id, created_at, link_id),
    CONSTRAINT link_link_id_key UNIQUE (link_id),
    CONSTRAINT link_account_id_url_hash_key UNIQUE (account_id, url_hash),
    CONSTRAINT link_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
) STRICT;
CREATE INDEX link_account_id_title_key_link_id_idx ON link (account_id, title_key, link_id);
CREATE INDEX link_account_id_updated_at_link_id_idx ON link (account_id, updated_at, link_id);

CREATE TABLE tag (
    account_id BLOB NOT NULL,
    tag_id BLOB NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    search_text TEXT NOT NULL,
    search_version INTEGER NOT NULL,
    CONSTRAINT tag_account_id_tag_id_key PRIMARY KEY (account_id, tag_id),
    CONSTRAINT tag_tag_id_key UNIQUE (tag_id),
    CONSTRAINT tag_account_id_name_key_key UNIQUE (account_id, name_key),
    CONSTRAINT tag_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
) STRICT;
CREATE INDEX tag_account_id_created_at_tag_id_idx ON tag (account_id, created_at, tag_id);

-- Which tag is on which link: the links of a tag in the order of lists. The composite foreign keys make the database
-- itself refuse to tie rows of two accounts.
CREATE TABLE taglink (
    account_id BLOB NOT NULL,
    tag_id BLOB NOT NULL,
    link_created_at INTEGER NOT NULL,
    link_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT taglink_account_id_tag_id_link_created_at_link_id_key PRIMARY KEY (account_id, tag_id, link_created_at, link_id),
    CONSTRAINT taglink_account_id_tag_id_fkey FOREIGN KEY (account_id, tag_id) REFERENCES tag (account_id, tag_id),
    CONSTRAINT taglink_account_id_link_created_at_link_id_fkey FOREIGN KEY (account_id, link_created_at, link_id)
        REFERENCES link (account_id, created_at, link_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX taglink_account_id_link_created_at_link_id_tag_id_idx ON taglink (account_id, link_created_at, link_id, tag_id);

-- The terms of links, each once: the links of a term in the order of lists. Without a foreign key, which would need a
-- second index as large as the table.
CREATE TABLE link_term (
    account_id BLOB NOT NULL,
    term TEXT NOT NULL,
    link_created_at INTEGER NOT NULL,
    link_id BLOB NOT NULL,
    CONSTRAINT link_term_account_id_term_link_created_at_link_id_key PRIMARY KEY (account_id, term, link_created_at, link_id)
) STRICT, WITHOUT ROWID;

-- The words of tags. They go with their tag.
CREATE TABLE tag_term (
    account_id BLOB NOT NULL,
    term TEXT NOT NULL,
    tag_id BLOB NOT NULL,
    CONSTRAINT tag_term_account_id_term_tag_id_key PRIMARY KEY (account_id, term, tag_id),
    CONSTRAINT tag_term_account_id_tag_id_fkey FOREIGN KEY (account_id, tag_id)
        REFERENCES tag (account_id, tag_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_term_account_id_tag_id_idx ON tag_term (account_id, tag_id);

-- The change feed: a transaction notes here which link (link_id), tag (tag_id) or taglink (both) it has stored or removed.
-- Whoever reads the feed numbers these rows first.
CREATE TABLE change_pending (
    account_id BLOB NOT NULL,
    id BLOB NOT NULL,
    link_id BLOB NULL,
    tag_id BLOB NULL,
    removed INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    CONSTRAINT change_pending_account_id_id_key PRIMARY KEY (account_id, id),
    CONSTRAINT change_pending_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT change_pending_link_id_tag_id_check CHECK (link_id IS NOT NULL OR tag_id IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- The number of the latest change of each account whose feed was ever read. Apart from the account, so that writers and
-- readers of the feed do not wait for each other.
CREATE TABLE change_head (
    account_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    CONSTRAINT change_head_account_id_key PRIMARY KEY (account_id),
    CONSTRAINT change_head_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
) STRICT, WITHOUT ROWID;

-- The numbered changes. The oldest are removed; the first that is left tells from where on the feed can be followed.
CREATE TABLE change (
    account_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    link_id BLOB NULL,
    tag_id BLOB NULL,
    changed_at INTEGER NOT NULL,
    CONSTRAINT change_account_id_seq_key PRIMARY KEY (account_id, seq),
    CONSTRAINT change_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT change_link_id_tag_id_check CHECK (link_id IS NOT NULL OR tag_id IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- A transaction of many rows on an account locks its row here first, so that two of them do not cross. Apart from the
-- account, whose row the foreign keys of all others share.
CREATE TABLE account_lock (
    account_id BLOB NOT NULL,
    CONSTRAINT account_lock_account_id_key PRIMARY KEY (account_id),
    CONSTRAINT account_lock_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
) STRICT, WITHOUT ROWID;

-- What lets subjects in: sessions with their refresh tokens, API tokens, and from where logins have succeeded. A subject
-- is a user or an account. Secrets are stored as their SHA-256.
CREATE TABLE session (
    session_id BLOB NOT NULL,
    user_id BLOB NULL,
    account_id BLOB NULL,
    scope TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    user_agent TEXT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    CONSTRAINT session_session_id_key PRIMARY KEY (session_id),
    CONSTRAINT session_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user" (user_id),
    CONSTRAINT session_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT session_user_id_account_id_check CHECK ((user_id IS NULL) <> (account_id IS NULL))
) STRICT;
CREATE INDEX session_user_id_created_at_session_id_idx ON session (user_id, created_at, session_id);
CREATE INDEX session_account_id_created_at_session_id_idx ON session (account_id, created_at, session_id);
CREATE INDEX session_expires_at_idx ON session (expires_at);

CREATE TABLE refresh_token (
    token_hash BLOB NOT NULL,
    session_id BLOB NOT NULL,
    predecessor BLOB NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NULL,
    CONSTRAINT refresh_token_token_hash_key PRIMARY KEY (token_hash),
    CONSTRAINT refresh_token_session_id_fkey FOREIGN KEY (session_id) REFERENCES session (session_id)
) STRICT;
CREATE INDEX refresh_token_session_id_used_at_idx ON refresh_token (session_id, used_at);

CREATE TABLE api_token (
    api_token_id BLOB NOT NULL,
    user_id BLOB NULL,
    account_id BLOB NULL,
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    scope TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NULL,
    last_used_at INTEGER NULL,
    CONSTRAINT api_token_api_token_id_key PRIMARY KEY (api_token_id),
    CONSTRAINT api_token_token_hash_key UNIQUE (token_hash),
    CONSTRAINT api_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user" (user_id),
    CONSTRAINT api_token_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT api_token_user_id_account_id_check CHECK ((user_id IS NULL) <> (account_id IS NULL))
) STRICT;
CREATE INDEX api_token_user_id_created_at_api_token_id_idx ON api_token (user_id, created_at, api_token_id);
CREATE INDEX api_token_account_id_created_at_api_token_id_idx ON api_token (account_id, created_at, api_token_id);

CREATE TABLE login_origin (
    origin BLOB NOT NULL,
    last_login_at INTEGER NOT NULL,
    CONSTRAINT login_origin_origin_key PRIMARY KEY (origin)
) STRICT;
CREATE INDEX login_origin_last_login_at_idx ON login_origin (last_login_at);

-- Answers to requests that carried an idempotency key: a request that is sent again gets the same once more.
CREATE TABLE idempotency (
    key_hash BLOB NOT NULL,
    user_id BLOB NULL,
    account_id BLOB NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    location TEXT NULL,
    etag TEXT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT idempotency_key_hash_key PRIMARY KEY (key_hash),
    CONSTRAINT idempotency_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user" (user_id),
    CONSTRAINT idempotency_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT idempotency_user_id_account_id_check CHECK ((user_id IS NULL) <> (account_id IS NULL))
) STRICT;
CREATE INDEX idempotency_user_id_idx ON idempotency (user_id);
CREATE INDEX idempotency_account_id_idx ON idempotency (account_id);
CREATE INDEX idempotency_created_at_idx ON idempotency (created_at);

-- What ANALYZE would find, for the one table that needs it. SQLite never gathers statistics by itself, and without them
-- takes the primary key of taglink, of which only the account is known, for a better way to the taglinks of a link than
-- their index: each link that is removed would cost a look at all taglinks of its account.
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('taglink', 'taglink', '1000000 100000 100 1 1'),
    ('taglink', 'taglink_account_id_link_created_at_link_id_tag_id_idx', '1000000 100000 3 3 1');
