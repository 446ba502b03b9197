-- A dry run may count what is held too: then it says what is stored, not what an erasure would take.
ALTER TABLE dry_run ADD COLUMN with_held boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN dry_run.with_held IS 'no_pii';
