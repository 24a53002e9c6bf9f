-- Ids are the 16 bytes of UUIDs, times are UTC with microseconds, and a *_key is what names are compared by. Keys begin
-- with the account, except those by which operators find one row among all accounts.
-- Character set and collation are spelled out, because a server's defaults may be latin1 or ignore accents.
-- DDL commits implicitly here: every statement can be run again after an interrupted migration.

CREATE TABLE IF NOT EXISTS account (
    account_id BINARY(16) NOT NULL,
    email VARCHAR(255) NULL,
    email_key VARCHAR(255) NULL,
    hashed_password VARCHAR(255) NULL,
    epoch BIGINT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    PRIMARY KEY (account_id),
    CONSTRAINT account_email_key_key UNIQUE (email_key),
    INDEX account_created_at_account_id_idx (created_at, account_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- The shared account: nobody logs in as it; tokens without a scope act on it.
INSERT INTO account (account_id, epoch, created_at, updated_at)
VALUES (X'00000000000000000000000000000000', 0, '1970-01-01 00:00:00', '1970-01-01 00:00:00')
ON DUPLICATE KEY UPDATE account_id = account_id;

CREATE TABLE IF NOT EXISTS user (
    user_id BINARY(16) NOT NULL,
    username VARCHAR(255) NOT NULL,
    username_key VARCHAR(255) NOT NULL,
    hashed_password VARCHAR(255) NOT NULL,
    is_admin BOOLEAN NOT NULL,
    disabled BOOLEAN NOT NULL,
    epoch BIGINT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    PRIMARY KEY (user_id),
    CONSTRAINT user_username_key_key UNIQUE (username_key),
    INDEX user_created_at_user_id_idx (created_at, user_id),
    CONSTRAINT user_is_admin_check CHECK (is_admin IN (0, 1)),
    CONSTRAINT user_disabled_check CHECK (disabled IN (0, 1))
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- In the order of lists. Title key, text and version of the index are derived by the program: see crates/domain/src/search.
-- Rows of a lower search_version than its own are derived again after the migrations.
CREATE TABLE IF NOT EXISTS link (
    account_id BINARY(16) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    link_id BINARY(16) NOT NULL,
    url VARCHAR(8192) NOT NULL,
    url_hash BINARY(32) NOT NULL,
    title VARCHAR(500) NULL,
    notes TEXT NULL,
    version BIGINT NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    title_key VARCHAR(255) NOT NULL,
    search_text MEDIUMTEXT NOT NULL,
    search_version BIGINT NOT NULL,
    PRIMARY KEY (account_id, created_at, link_id),
    CONSTRAINT link_link_id_key UNIQUE (link_id),
    CONSTRAINT link_account_id_url_hash_key UNIQUE (account_id, url_hash),
    INDEX link_account_id_title_key_link_id_idx (account_id, title_key, link_id),
    INDEX link_account_id_updated_at_link_id_idx (account_id, updated_at, link_id),
    CONSTRAINT link_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS tag (
    account_id BINARY(16) NOT NULL,
    tag_id BINARY(16) NOT NULL,
    name VARCHAR(255) NOT NULL,
    name_key VARCHAR(255) NOT NULL,
    version BIGINT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    search_text TEXT NOT NULL,
    search_version BIGINT NOT NULL,
    PRIMARY KEY (account_id, tag_id),
    CONSTRAINT tag_tag_id_key UNIQUE (tag_id),
    CONSTRAINT tag_account_id_name_key_key UNIQUE (account_id, name_key),
    INDEX tag_account_id_created_at_tag_id_idx (account_id, created_at, tag_id),
    CONSTRAINT tag_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Which tag is on which link: the links of a tag in the order of lists. The composite foreign keys make the database
-- itself refuse to tie rows of two accounts.
CREATE TABLE IF NOT EXISTS taglink (
    account_id BINARY(16) NOT NULL,
    tag_id BINARY(16) NOT NULL,
    link_created_at DATETIME(6) NOT NULL,
    link_id BINARY(16) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (account_id, tag_id, link_created_at, link_id),
    INDEX taglink_account_id_link_created_at_link_id_tag_id_idx (account_id, link_created_at, link_id, tag_id),
    CONSTRAINT taglink_account_id_tag_id_fkey FOREIGN KEY (account_id, tag_id) REFERENCES tag (account_id, tag_id),
    CONSTRAINT taglink_account_id_link_created_at_link_id_fkey FOREIGN KEY (account_id, link_created_at, link_id)
        REFERENCES link (account_id, created_at, link_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- The terms of links, each once: the links of a term in the order of lists. Without a foreign key, which would need a
-- second index as large as the table.
CREATE TABLE IF NOT EXISTS link_term (
    account_id BINARY(16) NOT NULL,
    term VARCHAR(260) NOT NULL,
    link_created_at DATETIME(6) NOT NULL,
    link_id BINARY(16) NOT NULL,
    PRIMARY KEY (account_id, term, link_created_at, link_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- The words of tags. They go with their tag.
CREATE TABLE IF NOT EXISTS tag_term (
    account_id BINARY(16) NOT NULL,
    term VARCHAR(260) NOT NULL,
    tag_id BINARY(16) NOT NULL,
    PRIMARY KEY (account_id, term, tag_id),
    INDEX tag_term_account_id_tag_id_idx (account_id, tag_id),
    CONSTRAINT tag_term_account_id_tag_id_fkey FOREIGN KEY (account_id, tag_id)
        REFERENCES tag (account_id, tag_id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- The change feed: a transaction notes here which link (link_id), tag (tag_id) or taglink (both) it has stored or removed.
-- Whoever reads the feed numbers these rows first.
CREATE TABLE IF NOT EXISTS change_pending (
    account_id BINARY(16) NOT NULL,
    id BINARY(16) NOT NULL,
    link_id BINARY(16) NULL,
    tag_id BINARY(16) NULL,
    removed BOOLEAN NOT NULL,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (account_id, id),
    CONSTRAINT change_pending_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT change_pending_link_id_tag_id_check CHECK (link_id IS NOT NULL OR tag_id IS NOT NULL)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- The number of the latest change of each account whose feed was ever read. Apart from the account, so that writers and
-- readers of the feed do not wait for each other.
CREATE TABLE IF NOT EXISTS change_head (
    account_id BINARY(16) NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (account_id),
    CONSTRAINT change_head_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- The numbered changes. The oldest are removed; the first that is left tells from where on the feed can be followed.
CREATE TABLE IF NOT EXISTS `change` (
    account_id BINARY(16) NOT NULL,
    seq BIGINT NOT NULL,
    link_id BINARY(16) NULL,
    tag_id BINARY(16) NULL,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (account_id, seq),
    CONSTRAINT change_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT change_link_id_tag_id_check CHECK (link_id IS NOT NULL OR tag_id IS NOT NULL)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- A transaction of many rows on an account locks its row here first, so that two of them do not cross. Apart from the
-- account, whose row the foreign keys of all others share.
CREATE TABLE IF NOT EXISTS account_lock (
    account_id BINARY(16) NOT NULL,
    PRIMARY KEY (account_id),
    CONSTRAINT account_lock_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- What lets subjects in: sessions with their refresh tokens, API tokens, and from where logins have succeeded. A subject
-- is a user or an account. Secrets are stored as their SHA-256.
CREATE TABLE IF NOT EXISTS session (
    session_id BINARY(16) NOT NULL,
    user_id BINARY(16) NULL,
    account_id BINARY(16) NULL,
    scope VARCHAR(255) NOT NULL,
    epoch BIGINT NOT NULL,
    user_agent VARCHAR(255) NULL,
    created_at DATETIME(6) NOT NULL,
    last_used_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    PRIMARY KEY (session_id),
    INDEX session_user_id_created_at_session_id_idx (user_id, created_at, session_id),
    INDEX session_account_id_created_at_session_id_idx (account_id, created_at, session_id),
    INDEX session_expires_at_idx (expires_at),
    CONSTRAINT session_user_id_fkey FOREIGN KEY (user_id) REFERENCES user (user_id),
    CONSTRAINT session_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT session_user_id_account_id_check CHECK ((user_id IS NULL) <> (account_id IS NULL))
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS refresh_token (
    token_hash BINARY(32) NOT NULL,
    session_id BINARY(16) NOT NULL,
    predecessor BINARY(32) NULL,
    created_at DATETIME(6) NOT NULL,
    used_at DATETIME(6) NULL,
    PRIMARY KEY (token_hash),
    INDEX refresh_token_session_id_used_at_idx (session_id, used_at),
    CONSTRAINT refresh_token_session_id_fkey FOREIGN KEY (session_id) REFERENCES session (session_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS api_token (
    api_token_id BINARY(16) NOT NULL,
    user_id BINARY(16) NULL,
    account_id BINARY(16) NULL,
    name VARCHAR(255) NOT NULL,
    token_hash BINARY(32) NOT NULL,
    scope VARCHAR(255) NOT NULL,
    epoch BIGINT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NULL,
    last_used_at DATETIME(6) NULL,
    PRIMARY KEY (api_token_id),
    CONSTRAINT api_token_token_hash_key UNIQUE (token_hash),
    INDEX api_token_user_id_created_at_api_token_id_idx (user_id, created_at, api_token_id),
    INDEX api_token_account_id_created_at_api_token_id_idx (account_id, created_at, api_token_id),
    CONSTRAINT api_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES user (user_id),
    CONSTRAINT api_token_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT api_token_user_id_account_id_check CHECK ((user_id IS NULL) <> (account_id IS NULL))
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS login_origin (
    origin BINARY(32) NOT NULL,
    last_login_at DATETIME(6) NOT NULL,
    PRIMARY KEY (origin),
    INDEX login_origin_last_login_at_idx (last_login_at)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Answers to requests that carried an idempotency key: a request that is sent again gets the same once more.
CREATE TABLE IF NOT EXISTS idempotency (
    key_hash BINARY(32) NOT NULL,
    user_id BINARY(16) NULL,
    account_id BINARY(16) NULL,
    request_hash BINARY(32) NOT NULL,
    status BIGINT NOT NULL,
    location VARCHAR(255) NULL,
    etag VARCHAR(255) NULL,
    body MEDIUMTEXT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (key_hash),
    INDEX idempotency_user_id_idx (user_id),
    INDEX idempotency_account_id_idx (account_id),
    INDEX idempotency_created_at_idx (created_at),
    CONSTRAINT idempotency_user_id_fkey FOREIGN KEY (user_id) REFERENCES user (user_id),
    CONSTRAINT idempotency_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT idempotency_user_id_account_id_check CHECK ((user_id IS NULL) <> (account_id IS NULL))
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
