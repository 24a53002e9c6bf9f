-- The tutorial's tables. The indexes on link.link, tag.tag and taglink.link_id are additions: without them its
-- POST /link/ and its lists read whole tables.
CREATE TABLE user (
  user_id CHAR(36) NOT NULL DEFAULT UUID(),
  username VARCHAR(255),
  hashed_password VARCHAR(255),
  PRIMARY KEY (user_id),
  INDEX (username)
);
CREATE TABLE link (
  link_id CHAR(36) NOT NULL DEFAULT UUID(),
  link VARCHAR(255),
  PRIMARY KEY (link_id),
  INDEX (link)
);
CREATE TABLE tag (
  tag_id CHAR(36) NOT NULL DEFAULT UUID(),
  tag VARCHAR(255),
  PRIMARY KEY (tag_id),
  INDEX (tag)
);
CREATE TABLE taglink (
  tag_id CHAR(36) NOT NULL,
  link_id CHAR(36) NOT NULL,
  PRIMARY KEY (tag_id, link_id),
  INDEX (link_id)
);
