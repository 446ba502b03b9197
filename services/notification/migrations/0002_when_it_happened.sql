-- The instant of what a letter tells, where a date would not do.

ALTER TABLE letter ADD COLUMN happened_at timestamptz;
COMMENT ON COLUMN letter.happened_at IS 'no_pii';
