-- Ids are hyphenated UUIDs in lower case; times are UTC with microseconds; a *_key is what names are compared by.
-- Character set and collation are spelled out, because a server's defaults may be latin1 or ignore accents.
-- DDL commits implicitly here: every statement can be run again after an interrupted migration.

CREATE TABLE IF NOT EXISTS account (
    account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    email VARCHAR(255) NULL,
    email_key VARCHAR(255) NULL,
    hashed_password VARCHAR(255) NULL,
    epoch BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    PRIMARY KEY (account_id),
    CONSTRAINT account_email_key_key UNIQUE (email_key)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- The shared account: nobody logs in as it; tokens without a scope act on it.
INSERT INTO account (account_id, epoch, change_seq, created_at, updated_at)
VALUES ('00000000-0000-0000-0000-000000000000', 0, 0, '1970-01-01 00:00:00', '1970-01-01 00:00:00')
ON DUPLICATE KEY UPDATE account_id = account_id;

CREATE TABLE IF NOT EXISTS user (
    user_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
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
    CONSTRAINT user_is_admin_check CHECK (is_admin IN (0, 1)),
    CONSTRAINT user_disabled_check CHECK (disabled IN (0, 1))
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE IF NOT EXISTS link (
    link_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    url VARCHAR(8192) NOT NULL,
    url_hash BINARY(32) NOT NULL,
    version BIGINT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    PRIMARY KEY (link_id),
    CONSTRAINT link_account_id_url_hash_key UNIQUE (account_id, url_hash),
    CONSTRAINT link_account_id_link_id_key UNIQUE (account_id, link_id),
    CONSTRAINT link_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX IF NOT EXISTS link_account_id_created_at_link_id_idx ON link (account_id, created_at, link_id);
CREATE INDEX IF NOT EXISTS link_created_at_link_id_idx ON link (created_at, link_id);

CREATE TABLE IF NOT EXISTS tag (
    tag_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    name VARCHAR(255) NOT NULL,
    name_key VARCHAR(255) NOT NULL,
    version BIGINT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    PRIMARY KEY (tag_id),
    CONSTRAINT tag_account_id_name_key_key UNIQUE (account_id, name_key),
    CONSTRAINT tag_account_id_tag_id_key UNIQUE (account_id, tag_id),
    CONSTRAINT tag_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX IF NOT EXISTS tag_account_id_created_at_tag_id_idx ON tag (account_id, created_at, tag_id);
CREATE INDEX IF NOT EXISTS tag_created_at_tag_id_idx ON tag (created_at, tag_id);

-- The composite foreign keys make the database itself refuse to tie rows of two accounts.
CREATE TABLE IF NOT EXISTS taglink (
    account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    tag_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    link_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    link_created_at DATETIME(6) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (tag_id, link_id),
    CONSTRAINT taglink_account_id_tag_id_fkey
        FOREIGN KEY (account_id, tag_id) REFERENCES tag (account_id, tag_id),
    CONSTRAINT taglink_account_id_link_id_fkey
        FOREIGN KEY (account_id, link_id) REFERENCES link (account_id, link_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX IF NOT EXISTS taglink_tag_id_link_created_at_link_id_idx ON taglink (tag_id, link_created_at, link_id);
CREATE INDEX IF NOT EXISTS taglink_account_id_created_at_tag_id_link_id_idx ON taglink (account_id, created_at, tag_id, link_id);
CREATE INDEX IF NOT EXISTS taglink_account_id_tag_id_created_at_link_id_idx ON taglink (account_id, tag_id, created_at, link_id);
CREATE INDEX IF NOT EXISTS taglink_account_id_link_id_created_at_tag_id_idx ON taglink (account_id, link_id, created_at, tag_id);
