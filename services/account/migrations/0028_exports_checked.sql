-- Copies: what a contributor answers is checked against what it answered before, and one may be withdrawn.

ALTER TABLE export_part ADD COLUMN tables text[] NOT NULL DEFAULT '{}';
ALTER TABLE export_part ADD COLUMN form text;
ALTER TABLE export_part ADD COLUMN bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0);
COMMENT ON COLUMN export_part.tables IS 'no_pii';
COMMENT ON COLUMN export_part.form IS 'no_pii';
COMMENT ON COLUMN export_part.bytes IS 'no_pii';
GRANT DELETE ON export_part TO account;

ALTER TABLE export ADD COLUMN tries integer NOT NULL DEFAULT 0 CHECK (tries >= 0);
ALTER TABLE export ADD COLUMN wished_at timestamptz;
UPDATE export SET wished_at = asked_at;
ALTER TABLE export ALTER COLUMN wished_at SET NOT NULL;
ALTER TABLE export ADD COLUMN withdrawn_at timestamptz;
ALTER TABLE export ADD COLUMN withdrawn_because text CHECK (withdrawn_because IN ('restricted', 'held', 'erased'));
ALTER TABLE export ADD COLUMN renewed_at timestamptz;
ALTER TABLE export DROP CONSTRAINT export_state_check;
ALTER TABLE export ADD CONSTRAINT export_state_check CHECK (state IN ('collecting', 'ready', 'withdrawn'));
ALTER TABLE export ADD CONSTRAINT export_withdrawn_check
    CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (withdrawn_at IS NULL) = (withdrawn_because IS NULL));
CREATE INDEX export_withdrawn ON export (account_id) WHERE state = 'withdrawn';
COMMENT ON TABLE export IS 'Copies that users asked for. Without a user that of the company. Gone a week after it was ready or withdrawn, and with whom it is about.';
COMMENT ON COLUMN export.tries IS 'no_pii';
COMMENT ON COLUMN export.wished_at IS 'no_pii';
COMMENT ON COLUMN export.withdrawn_at IS 'no_pii';
COMMENT ON COLUMN export.withdrawn_because IS 'no_pii';
COMMENT ON COLUMN export.renewed_at IS 'no_pii';
