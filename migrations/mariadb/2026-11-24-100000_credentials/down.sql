DROP INDEX IF EXISTS tag_name_key_created_at_tag_id_idx ON tag;
DROP INDEX IF EXISTS taglink_created_at_tag_id_link_id_idx ON taglink;
DROP INDEX IF EXISTS user_created_at_user_id_idx ON user;
DROP INDEX IF EXISTS account_created_at_account_id_idx ON account;
DROP TABLE IF EXISTS login_origin;
DROP TABLE IF EXISTS api_token;
DROP TABLE IF EXISTS refresh_token;
DROP TABLE IF EXISTS session;
