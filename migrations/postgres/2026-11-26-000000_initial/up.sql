-- Times are UTC with microseconds, and a *_key is what names are compared by. Text is compared by its bytes only. Keys
-- begin with the account, except those by which operators find one row among all accounts.

CREATE TABLE account (
    account_id uuid NOT NULL,
    email text COLLATE "C" NULL,
    email_key text COLLATE "C" NULL,
    hashed_password text COLLATE "C" NULL,
    epoch bigint NOT NULL,
    created_at timestamp(6) NOT NULL,
    updated_at timestamp(6) NOT NULL,
    CONSTRAINT account_account_id_key PRIMARY KEY (account_id),
    CONSTRAINT account_email_key_key UNIQUE (email_key)
);
CREATE INDEX account_created_at_account_id_idx ON account (created_at, account_id);

-- The shared account: nobody logs in as it; tokens without a scope act on it.
INSERT INTO account (account_id, epoch, created_at, updated_at)
VALUES ('00000000-0000-0000-0000-000000000000', 0, '1970-01-01 00:00:00', '1970-01-01 00:00:00');

CREATE TABLE "user" (
    user_id uuid NOT NULL,
    username text COLLATE "C" NOT NULL,
    username_key text COLLATE "C" NOT NULL,
    hashed_password text COLLATE "C" NOT NULL,
    is_admin boolean NOT NULL,
    disabled boolean NOT NULL,
    epoch bigint NOT NULL,
    created_at timestamp(6) NOT NULL,
    updated_at timestamp(6) NOT NULL,
    CONSTRAINT user_user_id_key PRIMARY KEY (user_id),
    CONSTRAINT user_username_key_key UNIQUE (username_key)
);
CREATE INDEX user_created_at_user_id_idx ON "user" (created_at, user_id);

-- In the order of lists. Title key, text and version of the index are derived by the program: see crates/domain/src/search.
-- Rows of a lower search_version than its own are derived again after the migrations.
CREATE TABLE link (
    account_id uuid NOT NULL,
    created_at timestamp(6) NOT NULL,
    link_id uuid NOT NULL,
    url text COLLATE "C" NOT NULL,
    url_hash bytea NOT NULL,
    title text COLLATE "C" NULL,
    notes text COLLATE "C" NULL,
    version bigint NOT NULL,
    updated_at timestamp(6) NOT NULL,
    title_key text COLLATE "C" NOT NULL,
    search_text text COLLATE "C" NOT NULL,
    search_version bigint NOT NULL,
    CONSTRAINT link_link_id_key UNIQUE (link_id),
    CONSTRAINT link_account_id_url_hash_key UNIQUE (account_id, url_hash),
    CONSTRAINT link_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
);
CREATE INDEX link_account_id_title_key_link_id_idx ON link (account_id, title_key, link_id);
CREATE INDEX link_account_id_updated_at_link_id_idx ON link (account_id, updated_at, link_id);
-- The primary key last: of indexes that cost the same, the planner takes the latest, and without statistics those above
-- cost the same for the foreign key of taglink, although they are read from the beginning of the account to the end.
ALTER TABLE link
    ADD CONSTRAINT link_account_id_created_at_link_id_key PRIMARY KEY (account_id, created_at, link_id);

CREATE TABLE tag (
    account_id uuid NOT NULL,
    tag_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at timestamp(6) NOT NULL,
    updated_at timestamp(6) NOT NULL,
    search_text text COLLATE "C" NOT NULL,
    search_version bigint NOT NULL,
    CONSTRAINT tag_account_id_tag_id_key PRIMARY KEY (account_id, tag_id),
    CONSTRAINT tag_tag_id_key UNIQUE (tag_id),
    CONSTRAINT tag_account_id_name_key_key UNIQUE (account_id, name_key),
    CONSTRAINT tag_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
);
CREATE INDEX tag_account_id_created_at_tag_id_idx ON tag (account_id, created_at, tag_id);

-- Which tag is on which link: the links of a tag in the order of lists. The composite foreign keys make the database
-- itself refuse to tie rows of two accounts.
CREATE TABLE taglink (
    account_id uuid NOT NULL,
    tag_id uuid NOT NULL,
    link_created_at timestamp(6) NOT NULL,
    link_id uuid NOT NULL,
    created_at timestamp(6) NOT NULL,
    CONSTRAINT taglink_account_id_tag_id_link_created_at_link_id_key PRIMARY KEY (account_id, tag_id, link_created_at, link_id),
    CONSTRAINT taglink_account_id_tag_id_fkey FOREIGN KEY (account_id, tag_id) REFERENCES tag (account_id, tag_id),
    CONSTRAINT taglink_account_id_link_created_at_link_id_fkey FOREIGN KEY (account_id, link_created_at, link_id)
        REFERENCES link (account_id, created_at, link_id)
);
CREATE INDEX taglink_account_id_link_created_at_link_id_tag_id_idx ON taglink (account_id, link_created_at, link_id, tag_id);

-- The terms of links, each once: the links of a term in the order of lists. Without a foreign key, which would need a
-- second index as large as the table.
CREATE TABLE link_term (
    account_id uuid NOT NULL,
    term text COLLATE "C" NOT NULL,
    link_created_at timestamp(6) NOT NULL,
    link_id uuid NOT NULL,
    CONSTRAINT link_term_account_id_term_link_created_at_link_id_key PRIMARY KEY (account_id, term, link_created_at, link_id)
);

-- The words of tags. They go with their tag.
CREATE TABLE tag_term (
    account_id uuid NOT NULL,
    term text COLLATE "C" NOT NULL,
    tag_id uuid NOT NULL,
    CONSTRAINT tag_term_account_id_term_tag_id_key PRIMARY KEY (account_id, term, tag_id),
    CONSTRAINT tag_term_account_id_tag_id_fkey FOREIGN KEY (account_id, tag_id)
        REFERENCES tag (account_id, tag_id) ON DELETE CASCADE
);
CREATE INDEX tag_term_account_id_tag_id_idx ON tag_term (account_id, tag_id);

-- The change feed: a transaction notes here which link (link_id), tag (tag_id) or taglink (both) it has stored or removed.
-- Whoever reads the feed numbers these rows first.
CREATE TABLE change_pending (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    link_id uuid NULL,
    tag_id uuid NULL,
    removed boolean NOT NULL,
    changed_at timestamp(6) NOT NULL,
    CONSTRAINT change_pending_account_id_id_key PRIMARY KEY (account_id, id),
    CONSTRAINT change_pending_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT change_pending_link_id_tag_id_check CHECK (link_id IS NOT NULL OR tag_id IS NOT NULL)
);

-- The number of the latest change of each account whose feed was ever read. Apart from the account, so that writers and
-- readers of the feed do not wait for each other.
CREATE TABLE change_head (
    account_id uuid NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT change_head_account_id_key PRIMARY KEY (account_id),
    CONSTRAINT change_head_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
);

-- The numbered changes. The oldest are removed; the first that is left tells from where on the feed can be followed.
CREATE TABLE change (
    account_id uuid NOT NULL,
    seq bigint NOT NULL,
    link_id uuid NULL,
    tag_id uuid NULL,
    changed_at timestamp(6) NOT NULL,
    CONSTRAINT change_account_id_seq_key PRIMARY KEY (account_id, seq),
    CONSTRAINT change_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT change_link_id_tag_id_check CHECK (link_id IS NOT NULL OR tag_id IS NOT NULL)
);

-- A transaction of many rows on an account locks its row here first, so that two of them do not cross. Apart from the
-- account, whose row the foreign keys of all others share.
CREATE TABLE account_lock (
    account_id uuid NOT NULL,
    CONSTRAINT account_lock_account_id_key PRIMARY KEY (account_id),
    CONSTRAINT account_lock_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
);

-- What lets subjects in: sessions with their refresh tokens, API tokens, and from where logins have succeeded. A subject
-- is a user or an account. Secrets are stored as their SHA-256.
CREATE TABLE session (
    session_id uuid NOT NULL,
    user_id uuid NULL,
    account_id uuid NULL,
    scope text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    user_agent text COLLATE "C" NULL,
    created_at timestamp(6) NOT NULL,
    last_used_at timestamp(6) NOT NULL,
    expires_at timestamp(6) NOT NULL,
    CONSTRAINT session_session_id_key PRIMARY KEY (session_id),
    CONSTRAINT session_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user" (user_id),
    CONSTRAINT session_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT session_user_id_account_id_check CHECK ((user_id IS NULL) <> (account_id IS NULL))
);
CREATE INDEX session_user_id_created_at_session_id_idx ON session (user_id, created_at, session_id);
CREATE INDEX session_account_id_created_at_session_id_idx ON session (account_id, created_at, session_id);
CREATE INDEX session_expires_at_idx ON session (expires_at);

CREATE TABLE refresh_token (
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    predecessor bytea NULL,
    created_at timestamp(6) NOT NULL,
    used_at timestamp(6) NULL,
    CONSTRAINT refresh_token_token_hash_key PRIMARY KEY (token_hash),
    CONSTRAINT refresh_token_session_id_fkey FOREIGN KEY (session_id) REFERENCES session (session_id)
);
CREATE INDEX refresh_token_session_id_used_at_idx ON refresh_token (session_id, used_at);

CREATE TABLE api_token (
    api_token_id uuid NOT NULL,
    user_id uuid NULL,
    account_id uuid NULL,
    name text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL,
    scope text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    created_at timestamp(6) NOT NULL,
    expires_at timestamp(6) NULL,
    last_used_at timestamp(6) NULL,
    CONSTRAINT api_token_api_token_id_key PRIMARY KEY (api_token_id),
    CONSTRAINT api_token_token_hash_key UNIQUE (token_hash),
    CONSTRAINT api_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user" (user_id),
    CONSTRAINT api_token_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT api_token_user_id_account_id_check CHECK ((user_id IS NULL) <> (account_id IS NULL))
);
CREATE INDEX api_token_user_id_created_at_api_token_id_idx ON api_token (user_id, created_at, api_token_id);
CREATE INDEX api_token_account_id_created_at_api_token_id_idx ON api_token (account_id, created_at, api_token_id);

CREATE TABLE login_origin (
    origin bytea NOT NULL,
    last_login_at timestamp(6) NOT NULL,
    CONSTRAINT login_origin_origin_key PRIMARY KEY (origin)
);
CREATE INDEX login_origin_last_login_at_idx ON login_origin (last_login_at);

-- Answers to requests that carried an idempotency key: a request that is sent again gets the same once more.
CREATE TABLE idempotency (
    key_hash bytea NOT NULL,
    user_id uuid NULL,
    account_id uuid NULL,
    request_hash bytea NOT NULL,
    status bigint NOT NULL,
    location text COLLATE "C" NULL,
    etag text COLLATE "C" NULL,
    body text COLLATE "C" NOT NULL,
    created_at timestamp(6) NOT NULL,
    CONSTRAINT idempotency_key_hash_key PRIMARY KEY (key_hash),
    CONSTRAINT idempotency_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user" (user_id),
    CONSTRAINT idempotency_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT idempotency_user_id_account_id_check CHECK ((user_id IS NULL) <> (account_id IS NULL))
);
CREATE INDEX idempotency_user_id_idx ON idempotency (user_id);
CREATE INDEX idempotency_account_id_idx ON idempotency (account_id);
CREATE INDEX idempotency_created_at_idx ON idempotency (created_at);
