-- Times are UTC with microseconds; a *_key is what names are compared by. Text is compared by its bytes only.

CREATE TABLE account (
    account_id uuid NOT NULL,
    email text COLLATE "C" NULL,
    email_key text COLLATE "C" NULL,
    hashed_password text COLLATE "C" NULL,
    epoch bigint NOT NULL,
    change_seq bigint NOT NULL,
    created_at timestamp(6) NOT NULL,
    updated_at timestamp(6) NOT NULL,
    CONSTRAINT account_account_id_key PRIMARY KEY (account_id),
    CONSTRAINT account_email_key_key UNIQUE (email_key)
);

-- The shared account: nobody logs in as it; tokens without a scope act on it.
INSERT INTO account (account_id, epoch, change_seq, created_at, updated_at)
VALUES ('00000000-0000-0000-0000-000000000000', 0, 0, '1970-01-01 00:00:00', '1970-01-01 00:00:00');

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

CREATE TABLE link (
    link_id uuid NOT NULL,
    account_id uuid NOT NULL,
    url text COLLATE "C" NOT NULL,
    url_hash bytea NOT NULL,
    version bigint NOT NULL,
    created_at timestamp(6) NOT NULL,
    updated_at timestamp(6) NOT NULL,
    CONSTRAINT link_link_id_key PRIMARY KEY (link_id),
    CONSTRAINT link_account_id_url_hash_key UNIQUE (account_id, url_hash),
    CONSTRAINT link_account_id_link_id_key UNIQUE (account_id, link_id),
    CONSTRAINT link_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
);
CREATE INDEX link_account_id_created_at_link_id_idx ON link (account_id, created_at, link_id);
CREATE INDEX link_created_at_link_id_idx ON link (created_at, link_id);

CREATE TABLE tag (
    tag_id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at timestamp(6) NOT NULL,
    updated_at timestamp(6) NOT NULL,
    CONSTRAINT tag_tag_id_key PRIMARY KEY (tag_id),
    CONSTRAINT tag_account_id_name_key_key UNIQUE (account_id, name_key),
    CONSTRAINT tag_account_id_tag_id_key UNIQUE (account_id, tag_id),
    CONSTRAINT tag_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id)
);
CREATE INDEX tag_account_id_created_at_tag_id_idx ON tag (account_id, created_at, tag_id);
CREATE INDEX tag_created_at_tag_id_idx ON tag (created_at, tag_id);

-- The composite foreign keys make the database itself refuse to tie rows of two accounts.
CREATE TABLE taglink (
    account_id uuid NOT NULL,
    tag_id uuid NOT NULL,
    link_id uuid NOT NULL,
    link_created_at timestamp(6) NOT NULL,
    created_at timestamp(6) NOT NULL,
    CONSTRAINT taglink_tag_id_link_id_key PRIMARY KEY (tag_id, link_id),
    CONSTRAINT taglink_account_id_tag_id_fkey
        FOREIGN KEY (account_id, tag_id) REFERENCES tag (account_id, tag_id),
    CONSTRAINT taglink_account_id_link_id_fkey
        FOREIGN KEY (account_id, link_id) REFERENCES link (account_id, link_id)
);
CREATE INDEX taglink_tag_id_link_created_at_link_id_idx ON taglink (tag_id, link_created_at, link_id);
CREATE INDEX taglink_account_id_created_at_tag_id_link_id_idx ON taglink (account_id, created_at, tag_id, link_id);
CREATE INDEX taglink_account_id_tag_id_created_at_link_id_idx ON taglink (account_id, tag_id, created_at, link_id);
CREATE INDEX taglink_account_id_link_id_created_at_tag_id_idx ON taglink (account_id, link_id, created_at, tag_id);
