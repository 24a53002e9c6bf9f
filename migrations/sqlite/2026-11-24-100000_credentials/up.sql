-- What lets subjects in: sessions with their refresh tokens, API tokens, and from where logins have succeeded.
-- A subject is a user or an account. Secrets are stored as their SHA-256.

CREATE TABLE session (
    session_id TEXT NOT NULL,
    user_id TEXT NULL,
    account_id TEXT NULL,
    scope TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    user_agent TEXT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
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
    session_id TEXT NOT NULL,
    predecessor BLOB NULL,
    created_at TEXT NOT NULL,
    used_at TEXT NULL,
    CONSTRAINT refresh_token_token_hash_key PRIMARY KEY (token_hash),
    CONSTRAINT refresh_token_session_id_fkey FOREIGN KEY (session_id) REFERENCES session (session_id)
) STRICT;
CREATE INDEX refresh_token_session_id_used_at_idx ON refresh_token (session_id, used_at);

CREATE TABLE api_token (
    api_token_id TEXT NOT NULL,
    user_id TEXT NULL,
    account_id TEXT NULL,
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    scope TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NULL,
    last_used_at TEXT NULL,
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
    last_login_at TEXT NOT NULL,
    CONSTRAINT login_origin_origin_key PRIMARY KEY (origin)
) STRICT;
CREATE INDEX login_origin_last_login_at_idx ON login_origin (last_login_at);

-- The orders in which accounts and users are listed, and those of the lists that span all accounts.
CREATE INDEX account_created_at_account_id_idx ON account (created_at, account_id);
CREATE INDEX user_created_at_user_id_idx ON "user" (created_at, user_id);
CREATE INDEX taglink_created_at_tag_id_link_id_idx ON taglink (created_at, tag_id, link_id);
CREATE INDEX tag_name_key_created_at_tag_id_idx ON tag (name_key, created_at, tag_id);
