-- What somebody had corrected and a restored backup does not have: the ledger knows that it was, not to what.

CREATE TABLE lost_correction (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL,
    user_id      uuid,
    fields       text[] NOT NULL,
    corrected_at timestamptz NOT NULL
);
CREATE INDEX lost_correction_account ON lost_correction (account_id);
COMMENT ON TABLE lost_correction IS 'Corrections undone by a restore; the person is to be asked again.';
COMMENT ON COLUMN lost_correction.id IS 'no_pii';
COMMENT ON COLUMN lost_correction.account_id IS 'no_pii';
COMMENT ON COLUMN lost_correction.user_id IS 'no_pii';
COMMENT ON COLUMN lost_correction.fields IS 'no_pii';
COMMENT ON COLUMN lost_correction.corrected_at IS 'no_pii';

GRANT SELECT, INSERT, DELETE ON lost_correction TO account;
