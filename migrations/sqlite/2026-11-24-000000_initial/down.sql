DROP TABLE taglink;
DROP TABLE tag;
DROP TABLE link;
DROP TABLE "user";
DROP TABLE account;
