-- While an approved act may be carried out, nobody changes or ends its request: what was done would be another thing.

ALTER TABLE approval ADD COLUMN cleared_at timestamptz;
COMMENT ON COLUMN approval.cleared_at IS 'no_pii';
