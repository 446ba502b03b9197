-- When an erasure could be stopped for the last time: a hold or restriction in force then had to be minded.

ALTER TABLE erasure ADD COLUMN begun_at timestamptz;
COMMENT ON COLUMN erasure.begun_at IS 'no_pii';
-- Those asked once began a moment before. When others did is not known.
UPDATE erasure SET begun_at = ordered_at WHERE attempt = 1;
