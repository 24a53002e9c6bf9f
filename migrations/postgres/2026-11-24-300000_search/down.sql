DROP TABLE tag_term;
DROP TABLE link_term;
DROP INDEX link_account_id_updated_at_link_id_idx;
ALTER TABLE tag DROP COLUMN search_version, DROP COLUMN search_text;
ALTER TABLE link
    DROP COLUMN search_version, DROP COLUMN host_reversed, DROP COLUMN title_key, DROP COLUMN search_text;
