-- Since when a piece of work has been wanted, so that it can be told how long it has waited.

ALTER TABLE job ADD COLUMN wanted_at timestamptz;
UPDATE job SET wanted_at = due_at;
ALTER TABLE job ALTER COLUMN wanted_at SET NOT NULL;
COMMENT ON COLUMN job.wanted_at IS 'no_pii';
