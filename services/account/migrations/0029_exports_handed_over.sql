-- Copies: one that could not be made in time is handed over to a person, and never gone before that.

ALTER TABLE export ADD COLUMN handed_over_at timestamptz;
CREATE INDEX export_to_hand_over ON export (asked_at) WHERE state <> 'ready' AND handed_over_at IS NULL;
COMMENT ON TABLE export IS 'Copies that users asked for. Without a user that of the company. Gone a week after it was ready or withdrawn, and with whom it is about; one that never was ready is gone only once a person has been handed its case.';
COMMENT ON COLUMN export.handed_over_at IS 'no_pii';
