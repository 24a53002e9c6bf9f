-- What people write about a link. Whoever has neither had none.

ALTER TABLE link ADD COLUMN title TEXT NULL;
ALTER TABLE link ADD COLUMN notes TEXT NULL;
