-- What people write about a link. Whoever has neither had none.

ALTER TABLE link ADD COLUMN title text COLLATE "C" NULL, ADD COLUMN notes text COLLATE "C" NULL;
