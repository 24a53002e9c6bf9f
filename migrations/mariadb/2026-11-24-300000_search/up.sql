-- What links and tags are found and ordered by, derived from them by the program: see crates/domain/src/search. Rows of
-- a lower search_version than its own are derived anew after the migrations.

ALTER TABLE link ADD COLUMN IF NOT EXISTS search_text MEDIUMTEXT NOT NULL DEFAULT '';
ALTER TABLE link ADD COLUMN IF NOT EXISTS title_key VARCHAR(255) NOT NULL DEFAULT '';
ALTER TABLE link ADD COLUMN IF NOT EXISTS host_reversed VARCHAR(255) NOT NULL DEFAULT '';
ALTER TABLE link ADD COLUMN IF NOT EXISTS search_version BIGINT NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS link_account_id_title_key_link_id_idx ON link (account_id, title_key, link_id);
CREATE INDEX IF NOT EXISTS link_account_id_updated_at_link_id_idx ON link (account_id, updated_at, link_id);
CREATE INDEX IF NOT EXISTS link_account_id_host_reversed_idx ON link (account_id, host_reversed);
CREATE INDEX IF NOT EXISTS link_search_version_link_id_idx ON link (search_version, link_id);

ALTER TABLE tag ADD COLUMN IF NOT EXISTS search_text TEXT NOT NULL DEFAULT '';
ALTER TABLE tag ADD COLUMN IF NOT EXISTS search_version BIGINT NOT NULL DEFAULT 0;

-- The words of links: those of link.search_text, each once. Without a foreign key, which would need a second index as
-- large as the table.
CREATE TABLE IF NOT EXISTS link_term (
    account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    term VARCHAR(64) NOT NULL,
    link_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    PRIMARY KEY (account_id, term, link_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- The words of tags. They go with their tag.
CREATE TABLE IF NOT EXISTS tag_term (
    account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    term VARCHAR(64) NOT NULL,
    tag_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    PRIMARY KEY (account_id, term, tag_id),
    INDEX tag_term_account_id_tag_id_idx (account_id, tag_id),
    CONSTRAINT tag_term_account_id_tag_id_fkey
        FOREIGN KEY (account_id, tag_id) REFERENCES tag (account_id, tag_id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
