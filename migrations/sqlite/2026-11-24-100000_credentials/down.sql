DROP INDEX tag_name_key_created_at_tag_id_idx;
DROP INDEX taglink_created_at_tag_id_link_id_idx;
DROP INDEX user_created_at_user_id_idx;
DROP INDEX account_created_at_account_id_idx;
DROP TABLE login_origin;
DROP TABLE api_token;
DROP TABLE refresh_token;
DROP TABLE session;
