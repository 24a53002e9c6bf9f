-- What lets subjects in: sessions with their refresh tokens, API tokens, and from where logins have succeeded.
-- A subject is a user or an account. Secrets are stored as their SHA-256.

CREATE TABLE IF NOT EXISTS session (
    session_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    user_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NULL,
    account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NULL,
    scope VARCHAR(255) NOT NULL,
    epoch BIGINT NOT NULL,
    user_agent VARCHAR(255) NULL,
    created_at DATETIME(6) NOT NULL,
    last_used_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    PRIMARY KEY (session_id),
    CONSTRAINT session_user_id_fkey FOREIGN KEY (user_id) REFERENCES user (user_id),
    CONSTRAINT session_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT session_user_id_account_id_check CHECK ((user_id IS NULL) <> (account_id IS NULL))
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX IF NOT EXISTS session_user_id_created_at_session_id_idx ON session (user_id, created_at, session_id);
CREATE INDEX IF NOT EXISTS session_account_id_created_at_session_id_idx ON session (account_id, created_at, session_id);
CREATE INDEX IF NOT EXISTS session_expires_at_idx ON session (expires_at);

CREATE TABLE IF NOT EXISTS refresh_token (
    token_hash BINARY(32) NOT NULL,
    session_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    predecessor BINARY(32) NULL,
    created_at DATETIME(6) NOT NULL,
    used_at DATETIME(6) NULL,
    PRIMARY KEY (token_hash),
    CONSTRAINT refresh_token_session_id_fkey FOREIGN KEY (session_id) REFERENCES session (session_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX IF NOT EXISTS refresh_token_session_id_used_at_idx ON refresh_token (session_id, used_at);

CREATE TABLE IF NOT EXISTS api_token (
    api_token_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    user_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NULL,
    account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NULL,
    name VARCHAR(255) NOT NULL,
    token_hash BINARY(32) NOT NULL,
    scope VARCHAR(255) NOT NULL,
    epoch BIGINT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NULL,
    last_used_at DATETIME(6) NULL,
    PRIMARY KEY (api_token_id),
    CONSTRAINT api_token_token_hash_key UNIQUE (token_hash),
    CONSTRAINT api_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES user (user_id),
    CONSTRAINT api_token_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT api_token_user_id_account_id_check CHECK ((user_id IS NULL) <> (account_id IS NULL))
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX IF NOT EXISTS api_token_user_id_created_at_api_token_id_idx ON api_token (user_id, created_at, api_token_id);
CREATE INDEX IF NOT EXISTS api_token_account_id_created_at_api_token_id_idx ON api_token (account_id, created_at, api_token_id);

CREATE TABLE IF NOT EXISTS login_origin (
    origin BINARY(32) NOT NULL,
    last_login_at DATETIME(6) NOT NULL,
    PRIMARY KEY (origin)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX IF NOT EXISTS login_origin_last_login_at_idx ON login_origin (last_login_at);

-- The orders in which accounts and users are listed, and those of the lists that span all accounts.
CREATE INDEX IF NOT EXISTS account_created_at_account_id_idx ON account (created_at, account_id);
CREATE INDEX IF NOT EXISTS user_created_at_user_id_idx ON user (created_at, user_id);
CREATE INDEX IF NOT EXISTS taglink_created_at_tag_id_link_id_idx ON taglink (created_at, tag_id, link_id);
CREATE INDEX IF NOT EXISTS tag_name_key_created_at_tag_id_idx ON tag (name_key, created_at, tag_id);
