-- The change feed: which link, tag or taglink of an account has changed, numbered for each account in the order of the
-- commits, without gaps. What it looks like now stands in its own table, if it is still there. The oldest changes are
-- removed; the first that is left tells from where on the feed can be followed.

CREATE TABLE change (
    account_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    entity TEXT NOT NULL,
    link_id TEXT NULL,
    tag_id TEXT NULL,
    changed_at TEXT NOT NULL,
    CONSTRAINT change_account_id_seq_key PRIMARY KEY (account_id, seq),
    CONSTRAINT change_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT change_entity_check CHECK (entity IN ('link', 'tag', 'taglink')),
    CONSTRAINT change_link_id_check CHECK ((link_id IS NULL) = (entity = 'tag')),
    CONSTRAINT change_tag_id_check CHECK ((tag_id IS NULL) = (entity = 'link'))
) STRICT, WITHOUT ROWID;

-- What is there already counts as a change that is not kept, so nobody takes the feed for the whole story.
UPDATE account SET change_seq = change_seq + 1
WHERE change_seq > 0
    OR EXISTS (SELECT 1 FROM link WHERE link.account_id = account.account_id)
    OR EXISTS (SELECT 1 FROM tag WHERE tag.account_id = account.account_id);
