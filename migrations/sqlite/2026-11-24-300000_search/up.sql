-- What links and tags are found and ordered by, derived from them by the program: see crates/domain/src/search. Rows of
-- a lower search_version than its own are derived anew after the migrations.

ALTER TABLE link ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
ALTER TABLE link ADD COLUMN title_key TEXT NOT NULL DEFAULT '';
ALTER TABLE link ADD COLUMN host_reversed TEXT NOT NULL DEFAULT '';
ALTER TABLE link ADD COLUMN search_version INTEGER NOT NULL DEFAULT 0;
CREATE INDEX link_account_id_title_key_link_id_idx ON link (account_id, title_key, link_id);
CREATE INDEX link_account_id_updated_at_link_id_idx ON link (account_id, updated_at, link_id);
CREATE INDEX link_account_id_host_reversed_idx ON link (account_id, host_reversed);
CREATE INDEX link_search_version_link_id_idx ON link (search_version, link_id);

ALTER TABLE tag ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
ALTER TABLE tag ADD COLUMN search_version INTEGER NOT NULL DEFAULT 0;

-- The words of links: those of link.search_text, each once. Without a foreign key, which would need a second index as
-- large as the table.
CREATE TABLE link_term (
    account_id TEXT NOT NULL,
    term TEXT NOT NULL,
    link_id TEXT NOT NULL,
    CONSTRAINT link_term_account_id_term_link_id_key PRIMARY KEY (account_id, term, link_id)
) STRICT, WITHOUT ROWID;

-- The words of tags. They go with their tag.
CREATE TABLE tag_term (
    account_id TEXT NOT NULL,
    term TEXT NOT NULL,
    tag_id TEXT NOT NULL,
    CONSTRAINT tag_term_account_id_term_tag_id_key PRIMARY KEY (account_id, term, tag_id),
    CONSTRAINT tag_term_account_id_tag_id_fkey
        FOREIGN KEY (account_id, tag_id) REFERENCES tag (account_id, tag_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_term_account_id_tag_id_idx ON tag_term (account_id, tag_id);
