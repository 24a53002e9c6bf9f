-- Answers to requests that carried an idempotency key: a request that is sent again gets the same once more.

CREATE TABLE idempotency (
    key_hash BLOB NOT NULL,
    user_id TEXT NULL,
    account_id TEXT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    location TEXT NULL,
    etag TEXT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT idempotency_key_hash_key PRIMARY KEY (key_hash),
    CONSTRAINT idempotency_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user" (user_id),
    CONSTRAINT idempotency_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT idempotency_user_id_account_id_check CHECK ((user_id IS NULL) <> (account_id IS NULL))
) STRICT;
CREATE INDEX idempotency_user_id_idx ON idempotency (user_id);
CREATE INDEX idempotency_account_id_idx ON idempotency (account_id);
CREATE INDEX idempotency_created_at_idx ON idempotency (created_at);
