-- Answers to requests that carried an idempotency key: a request that is sent again gets the same once more.

CREATE TABLE IF NOT EXISTS idempotency (
    key_hash BINARY(32) NOT NULL,
    user_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NULL,
    account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NULL,
    request_hash BINARY(32) NOT NULL,
    status BIGINT NOT NULL,
    location VARCHAR(255) NULL,
    etag VARCHAR(255) NULL,
    body MEDIUMTEXT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (key_hash),
    CONSTRAINT idempotency_user_id_fkey FOREIGN KEY (user_id) REFERENCES user (user_id),
    CONSTRAINT idempotency_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT idempotency_user_id_account_id_check CHECK ((user_id IS NULL) <> (account_id IS NULL))
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX IF NOT EXISTS idempotency_user_id_idx ON idempotency (user_id);
CREATE INDEX IF NOT EXISTS idempotency_account_id_idx ON idempotency (account_id);
CREATE INDEX IF NOT EXISTS idempotency_created_at_idx ON idempotency (created_at);
