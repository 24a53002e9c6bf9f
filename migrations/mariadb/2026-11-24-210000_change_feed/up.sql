-- The change feed: which link, tag or taglink of an account has changed, numbered for each account in the order of the
-- commits, without gaps. What it looks like now stands in its own table, if it is still there. The oldest changes are
-- removed; the first that is left tells from where on the feed can be followed.

CREATE TABLE IF NOT EXISTS `change` (
    account_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    seq BIGINT NOT NULL,
    entity VARCHAR(16) NOT NULL,
    link_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NULL,
    tag_id CHAR(36) CHARACTER SET ascii COLLATE ascii_nopad_bin NULL,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (account_id, seq),
    CONSTRAINT change_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (account_id),
    CONSTRAINT change_entity_check CHECK (entity IN ('link', 'tag', 'taglink')),
    CONSTRAINT change_link_id_check CHECK ((link_id IS NULL) = (entity = 'tag')),
    CONSTRAINT change_tag_id_check CHECK ((tag_id IS NULL) = (entity = 'link'))
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- What is there already counts as a change that is not kept, so nobody takes the feed for the whole story. Counting it
-- twice would do no harm.
UPDATE account SET change_seq = change_seq + 1
WHERE change_seq > 0
    OR EXISTS (SELECT 1 FROM link WHERE link.account_id = account.account_id)
    OR EXISTS (SELECT 1 FROM tag WHERE tag.account_id = account.account_id);
