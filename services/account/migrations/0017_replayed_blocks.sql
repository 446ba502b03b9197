-- A protective block is a fact of the ledger: the last decision on it that was made true again after a restore.

ALTER TABLE replayed ADD COLUMN block_version integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN replayed.block_version IS 'no_pii';
