-- What people write about a link. Whoever has neither had none.

ALTER TABLE link ADD COLUMN IF NOT EXISTS title VARCHAR(500) NULL;
ALTER TABLE link ADD COLUMN IF NOT EXISTS notes TEXT NULL;
